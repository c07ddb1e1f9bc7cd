"""Reading HTML in tests, with nothing but the standard library."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class Reader(HTMLParser):
    """Collects the elements of a piece of HTML, each with all the text inside it."""

    EMPTY = frozenset({"input", "br", "use", "rect"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.elements.append(element)
        if tag not in self.EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(value in (element.attributes.get(name) or "").split() for name, value in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [" ".join(element.text.split()) for element in self.all(tag, **attributes)]


def text_of(response: Any) -> str:
    """What one reads in the main part of a page, with single spaces."""
    return words_of("<main" + response.get_data(as_text=True).partition("<main")[2])


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def fields_of(response: Any) -> dict[str, Any]:
    """Every field of the page's form with what stands in it, as a browser would send it."""
    body = response.get_data(as_text=True)
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "checkbox":
            if " checked" in tag:
                found.setdefault(attributes["name"], []).append(attributes["value"])
        elif "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    for name, inner in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.findall(r'<option selected value="([^"]*)"', inner) or re.findall(r'value="([^"]*)"', inner)
        found[name] = chosen[0]
    for name, inner in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>(.*?)</textarea>', body, re.S):
        found[name] = inner.strip()
    return found
