"""What the catalogue shows around its themes: choices of the filters, chips to take one away, and the Atom feed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from feedgen.feed import FeedGenerator
from flask import url_for
from markupsafe import Markup

from mobility.core import clock
from mobility.core.links import absolute, path_of
from mobility.core.names import for_xml
from mobility.core.wording import by_name, country_name, format_day, format_days, language_name
from mobility.people.roles import LEVEL_LABELS
from mobility.people.sectors import SECTORS
from mobility.people.topics import TOPICS
from mobility.themes.queries import SORTS, Filters

NAMES = {"words": "q", "first_day": "from", "last_day": "to"}


class Chip(NamedTuple):
    """A filter that is set, and the address without it."""

    label: str
    url: str


def address(filters: Filters) -> dict[str, str]:
    """The filters as they stand in the address; what is not set is left out."""
    found = {}
    for name, value in asdict(filters).items():
        if value and (name, value) != ("sort", "deadline"):
            found[NAMES.get(name, name)] = value.isoformat() if isinstance(value, date) else str(value)
    return found


def chips(filters: Filters, programmes: Mapping[int, str]) -> list[Chip]:
    """One for each filter that is set, in the order of the form."""
    labels = {
        "q": f"“{filters.words}”",
        "country": country_name(filters.country),
        "level": LEVEL_LABELS.get(filters.level, ""),  # type: ignore[call-overload]
        "sector": SECTORS.get(filters.sector, ""),
        "topic": TOPICS.get(filters.topic, ""),
        "language": f"Speaks {language_name(filters.language)}",
        "programme": programmes.get(filters.programme or 0, ""),
        "from": f"From {format_day(filters.first_day)}",
        "to": f"Until {format_day(filters.last_day)}",
    }
    kept = address(filters)
    return [Chip(label, url_for("themes.index", **_without(name, kept))) for name, label in labels.items() if name in kept]


def _without(name: str, kept: Mapping[str, str]) -> dict[str, Any]:
    return {each: value for each, value in kept.items() if each != name}


def choices(
    filters: Filters, countries: Iterable[str], programmes: Iterable[Any], languages: Iterable[tuple[str, str]]
) -> dict[str, Markup]:
    """The options of each filter with a choice, the chosen one marked."""
    return {
        "country": options((("", "Any country"), *by_name(countries).items()), filters.country),
        "level": options((("", "Everybody"), *((key.value, name) for key, name in LEVEL_LABELS.items())), filters.level),
        "sector": options((("", "Any sector"), *SECTORS.items()), filters.sector),
        "topic": options((("", "Any topic"), *sorted(TOPICS.items(), key=itemgetter(1))), filters.topic),
        "language": options((("", "Any language"), *languages), filters.language),
        "programme": options((("", "Any programme"), *map(tuple, programmes)), filters.programme),
        "sort": options(tuple(SORTS.items()), filters.sort),
    }


@lru_cache(maxsize=256)
def options(pairs: tuple[tuple[Any, str], ...], chosen: Any) -> Markup:
    """<option>s of (value, words). Kept: a hundred of them on each page, and seldom different."""
    return Markup("\n").join(
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == chosen else "", words)
        for value, words in pairs
    )


def atom(themes: Iterable[tuple[Any, datetime, datetime]]) -> bytes:
    """The newest themes for feed readers, as RFC 4287 wants them."""
    feed = FeedGenerator()
    feed.id(absolute(path_of("themes.feed")))
    feed.title("Mobility: themes open for applications")
    feed.subtitle("What regional clusters offer to share with guests from other clusters")
    feed.link(href=absolute(path_of("themes.index")), rel="alternate", type="text/html")
    feed.link(href=absolute(path_of("themes.feed")), rel="self", type="application/atom+xml")
    feed.author(name="Mobility")
    feed.language("en")
    latest = None
    for theme, first, last in themes:
        latest = max(latest or last, last)
        _add_entry(feed, theme, first, last)
    feed.updated(latest or clock.utc_now())
    return feed.atom_str(pretty=True)


def _add_entry(feed: FeedGenerator, theme: Any, first: datetime, last: datetime) -> None:
    link = absolute(path_of("themes.show", id=theme.id))
    entry = feed.add_entry(order="append")
    entry.id(link)
    entry.title(for_xml(theme.title))
    entry.link(href=link, rel="alternate", type="text/html")
    entry.author(name=for_xml(theme.host_name))
    entry.published(first)
    entry.updated(last)
    entry.summary(for_xml(_summary(theme)))
    for sector in theme.sectors:
        entry.category(term=sector, label=SECTORS.get(sector, sector))


def _summary(theme: Any) -> str:
    place = f"{theme.host_name}, {theme.host_city}, {country_name(theme.host_country)}."
    days = f"Visits {format_days((theme.first_day, theme.last_day))}; apply by {format_day(theme.apply_by)}."
    return " ".join(filter(None, (theme.summary, place, days)))
