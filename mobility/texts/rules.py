"""Which pages there are, and how what people write for them is shown: Markdown, of which nothing harmful is left. Pure."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

MOST = 20_000  # characters of a text
MOST_CELLS = 20_000  # of tables: each line gets as many as the widest has, so a short text could ask for millions
LEVELS = (2, 3, 4)  # of headings: the page's own title is the first


class Page(NamedTuple):
    """One page: its key, which is its address, its title, what stands under the title, and what its writer is told."""

    key: str
    title: str
    lead: str
    hint: str


PAGES = {
    each.key: each
    for each in (
        Page(
            "help",
            "Help",
            "What you do first, and where to ask.",
            "What people ask you most often. The first steps of each role follow by themselves.",
        ),
        Page(
            "contact",
            "Contact",
            "Whom to ask about what.",
            "A mail address and a telephone number that somebody answers, and by when.",
        ),
        Page(
            "accessibility",
            "Accessibility statement",
            "How usable this site is for everybody, and whom to tell if it is not.",
            "Public bodies have to say how far they conform to WCAG, what does not, and where one can complain.",
        ),
        Page(
            "privacy",
            "Privacy",
            "What is stored about you, why, for how long, and what you can ask for.",
            "Who is responsible, on what legal basis, who else gets the data, and how to complain (articles 13 and 14 GDPR).",
        ),
        Page(
            "imprint",
            "Imprint",
            "Who runs this site.",
            "Name, address, legal form, who represents it, a mail address.",
        ),
    )
}
OF_PROGRAMME = ("contact", "help")

_TAGS = set("p br hr h2 h3 h4 strong em s code pre blockquote ul ol li a table thead tbody tr th td".split())
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def _reader(markdown: str) -> MarkdownIt:
    """CommonMark with tables; HTML in it is text, and pictures are links: they would be fetched from elsewhere."""
    lines = markdown.splitlines()
    tables = ["table"] if len(lines) * max((each.count("|") for each in lines), default=0) <= MOST_CELLS else []
    return (
        MarkdownIt("commonmark", {"html": False})
        .enable([*tables, "strikethrough"])
        .disable(["image", "html_block", "html_inline"])
    )


@lru_cache(maxsize=64)
def rendered(markdown: str) -> Markup:
    """Safe HTML of what somebody wrote. The same text is read once."""
    reader = _reader(markdown)
    tokens = list(_headed(reader.parse(markdown)))
    html = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow")
    return Markup(clean)  # noqa: S704 (sanitised in the line before)


def _headed(tokens: Iterable[Token]) -> Iterator[Token]:
    """Headings begin under the page's title, and no level is skipped, whatever was typed: those who listen move by them."""
    last = LEVELS[0] - 1
    for each in tokens:
        if each.type == "heading_open":
            last = min(int(each.tag[1:]) + 1, last + 1, LEVELS[-1])
        if each.type in ("heading_open", "heading_close"):
            each.tag = f"h{last}"
        yield each


def beginning(markdown: str, most: int = 200) -> str:
    """The first words without any marks: for search engines and the audit log."""
    words = " ".join(unescape(nh3.clean(str(rendered(markdown)), tags=set())).split())
    return words if len(words) <= most else f"{words[:most].rpartition(' ')[0] or words[:most]} …"
