"""What the HTML standard asks of a page, as far as no browser tells: what the Nu checker would say of pages like ours."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

REFERRING = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "form", "list")
OBSOLETE = {"align", "valign", "bgcolor", "border", "cellpadding", "cellspacing", "width", "height", "nowrap"}
TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "col", "p", "div", "hr"}
TYPED = {"text", "search", "url", "tel", "email", "password"}
TIMED = {"date", "month", "week", "time", "datetime-local", "number", "range"}
FITS: dict[str, set[str]] = {  # attribute of <input>: the types that know it (HTML standard, "The input element")
    "list": (TYPED - {"password"}) | TIMED | {"color"},
    "maxlength": TYPED,
    "minlength": TYPED,
    "pattern": TYPED,
    "size": TYPED,
    "placeholder": TYPED | {"number"},
    "readonly": TYPED | TIMED - {"range"},
    "required": (TYPED | TIMED | {"checkbox", "radio", "file"}) - {"range"},
    "min": TIMED,
    "max": TIMED,
    "step": TIMED,
    "multiple": {"email", "file"},
    "checked": {"checkbox", "radio"},
    "accept": {"file"},
    "autocomplete": TYPED | TIMED | {"color", "hidden"},
    "inputmode": TYPED | {"number"},
    "aria-invalid": TYPED | TIMED | {"checkbox", "radio", "file", "color"},
    "aria-describedby": TYPED | TIMED | {"checkbox", "radio", "file", "color", "submit", "button"},
}
INSIDE = {  # an element: the only children it may have
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"div", "dt", "dd"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"td", "th"},
    "select": {"option", "optgroup", "hr"},
}
HEADINGS = {"h1", "h2", "h3", "h4"}
PHRASING = HEADINGS | set("p span strong em small label button dt summary legend time abbr".split())
FLOW = HEADINGS | set("address article aside blockquote details div dl fieldset figure footer form header hr".split())
FLOW |= set("main nav ol p pre section table ul".split())
PHRASING_WITH = {"summary": HEADINGS, "legend": HEADINGS}
INTERACTIVE = set("a button input select textarea label details summary iframe".split())
IMPLICIT = {  # the role that an element has by itself
    **dict.fromkeys(("h1", "h2", "h3"), "heading"),
    **dict.fromkeys(("ul", "ol"), "list"),
    **dict.fromkeys(("fieldset", "details"), "group"),
    **{same: same for same in ("main", "table", "button", "form", "article", "option", "dialog")},
    "nav": "navigation",
    "li": "listitem",
    "aside": "complementary",
    "textarea": "textbox",
    "hr": "separator",
}
NAMELESS = set("div span p strong em small time dd dt td code b i".split())  # without a role, nothing is named
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{4}-\d\d|\d\d:\d\d|P\S+|\d{4}"
)


def faults_of(page: str) -> list[str]:
    """What is wrong with a page's HTML, each in one line; nothing, if all is well."""
    parser = HTMLParser(namespace_html_elements=False)
    root = parser.parse(page)
    parents = {child: parent for parent in root.iter() for child in parent}
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    broken = [f"{code} {facts} at line {at[0]}" for at, code, facts in parser.errors]
    whole = [*_of_ids(elements), *_of_headings(elements)]
    return broken + whole + [f"{fault}: {shown(each)}" for each in elements for fault in _of_one(each, parents)]


def shown(element: Any) -> str:
    """Its start tag, for whoever looks for it."""
    given = " ".join(f'{name}="{value}"' for name, value in element.attrib.items())
    return f"<{element.tag} {given[:160]}>"


def _of_ids(elements: list[Element]) -> Iterator[str]:
    ids = Counter(each.get("id") for each in elements if "id" in each.attrib)
    yield from (f"the id {id!r} stands {times} times" for id, times in ids.items() if times > 1 or not id or " " in id)
    for each in elements:
        named = {name: each.attrib[name].split() for name in REFERRING if name in each.attrib}
        yield from (
            f"{name} leads to no id: {shown(each)}" for name, found in named.items() for id in found or [""] if id not in ids
        )
        if (target := each.get("href", "")).startswith("#") and each.tag == "a" and target[1:] not in ids:
            yield f"leads nowhere in the page: {shown(each)}"


def _of_headings(elements: list[Element]) -> Iterator[str]:
    levels = [int(each.tag[1]) for each in elements if re.fullmatch("h[1-6]", each.tag)]
    if levels.count(1) != any(each.tag == "main" for each in elements):  # a mail is no page
        yield f"{levels.count(1)} headings of the first level"
    yield from (f"h{after} follows h{before}" for before, after in pairwise(levels) if after > before + 1)


def _of_one(element: Any, parents: dict[Any, Any]) -> Iterator[str]:
    if element.tag in SPECIAL:
        yield from SPECIAL[element.tag](element)
    yield from _of_attributes(element)
    yield from _of_places(element, parents)


def _of_attributes(element: Any) -> Iterator[str]:
    given = element.attrib
    yield from (f"{name} is obsolete" for name in OBSOLETE & given.keys() if element.tag in TABLES)
    if given.get("role") == IMPLICIT.get(element.tag, "none of these"):
        yield "the role is its own already"
    if element.tag in NAMELESS and "role" not in given and {"aria-label", "aria-labelledby"} & given.keys():
        yield "a name for what has no role"
    yield from (f"{name} is empty" for name in ("href", "action", "src", "for", "aria-label") if given.get(name, " ") == "")


def _of_places(element: Any, parents: dict[Any, Any]) -> Iterator[str]:
    around = []
    while (element_or_parent := parents.get(around[-1] if around else element)) is not None:
        around.append(element_or_parent)
    if not around:
        return
    parent = around[0].tag
    if parent in INSIDE and element.tag not in INSIDE[parent]:
        yield f"may not stand in <{parent}>"
    if parent in PHRASING and element.tag in FLOW - PHRASING_WITH.get(parent, set()):
        yield f"may not stand in <{parent}>"
    outer = {each.tag for each in around}
    if element.tag in INTERACTIVE and outer & {"a", "button"} and element.get("type") != "hidden":
        yield "something to click in something to click"


def _of_input(element: Any) -> Iterator[str]:
    kind = element.get("type", "text")
    yield from (
        f"{name} means nothing at type={kind}" for name, kinds in FITS.items() if name in element.attrib and kind not in kinds
    )


def _of_select(element: Any) -> Iterator[str]:
    options, one = list(element.iter("option")), "multiple" not in element.attrib
    if one and "required" in element.attrib and (not options or options[0].get("value", options[0].text) != ""):
        yield "required, but its first choice is not empty"
    if one and sum("selected" in each.attrib for each in options) > 1:
        yield "more than one choice is selected"
    if not all("".join(each.itertext()).strip() or each.get("label") for each in options):
        yield "a choice without words"


def _of_time(element: Any) -> Iterator[str]:
    if not INSTANT.fullmatch(element.get("datetime", "".join(element.itertext()))):
        yield "no machine reads this instant"


def _of_image(element: Any) -> Iterator[str]:
    if "alt" not in element.attrib:
        yield "a picture without a text"


def _of_section(element: Any) -> Iterator[str]:
    if not any(re.fullmatch("h[1-6]", str(each.tag)) for each in element.iter()):
        yield "a section without a heading"


def _of_table(element: Any) -> Iterator[str]:
    widths = [sum(int(cell.get("colspan", 1)) for cell in row) for row in element.iter("tr")]
    if "rowspan" not in {name for each in element.iter() for name in each.attrib} and len(set(widths)) > 1:
        yield f"rows of {sorted(set(widths))} cells"


SPECIAL: dict[str, Any] = {
    "input": _of_input,
    "select": _of_select,
    "time": _of_time,
    "img": _of_image,
    "section": _of_section,
    "article": _of_section,
    "table": _of_table,
}
