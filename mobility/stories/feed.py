"""The Atom feed of stories. Its entries keep their ids; what is withdrawn is no longer among them."""

from collections.abc import Sequence

from feedgen.feed import FeedGenerator

from mobility.core import clock
from mobility.core.links import absolute, path_of
from mobility.core.names import for_xml
from mobility.people.sectors import SECTORS
from mobility.stories.queries import Told
from mobility.stories.rules import called, slug, summary

NEWEST = 50


def address(told: Told) -> str:
    """Of the page that everybody can read."""
    return absolute(path_of("stories.public", address=slug(told.version.texts["title"], told.id)))


def atom(stories: Sequence[Told]) -> bytes:
    """The newest for feed readers, as RFC 4287 wants them."""
    feed = FeedGenerator()
    here = absolute(path_of("stories.feed"))
    feed.id(here)
    feed.title("Mobility: success stories")
    feed.subtitle("What came of exchanges between regional clusters, and of services, told by both sides")
    feed.link(href=absolute(path_of("stories.index")), rel="alternate", type="text/html")
    feed.link(href=here, rel="self", type="application/atom+xml")
    feed.author(name="Mobility")
    feed.language("en")
    shown = stories[:NEWEST]
    for told in shown:
        _add_entry(feed, told)
    feed.updated(max((at for each in shown if (at := each.story.published_at)), default=clock.utc_now()))
    return bytes(feed.atom_str(pretty=True))


def _add_entry(feed: FeedGenerator, told: Told) -> None:
    version, names = told.version, told.version.names
    entry = feed.add_entry(order="append")
    entry.id(absolute(path_of("stories.show", id=told.id)))  # without the title, which the next version may change
    entry.title(for_xml(version.texts["title"]))
    entry.link(href=address(told), rel="alternate", type="text/html")
    entry.author(name=for_xml(f"{called(names, 'guest', told.publish)}; {called(names, 'host', told.publish)}"))
    entry.published(told.story.published_at)
    entry.updated(told.story.published_at)
    entry.summary(for_xml(summary(version.texts)))
    for sector in names["sectors"]:
        entry.category(term=sector, label=SECTORS.get(sector, sector))
