"""Searching in subjects: each declares what is searched of it (`searched`, `numbered` of Subject), as ways from it to texts."""

from typing import Any

from flask import Response, after_this_request, g, request
from sqlalchemy import ColumnElement, and_, false, or_, select

from mobility.core.errors import Refusal
from mobility.core.names import search_words
from mobility.core.numbers import whole_number
from mobility.core.searching import has_phrase
from mobility.workflows.visibility import at, plays

NEWEST = 1000
LONGEST_SEARCH = 200  # characters
TOO_LONG = f"A search has at most {LONGEST_SEARCH} characters. A few words are enough: each must be found."


def searched_text(name: str = "text", otherwise: str = "") -> str:
    """What the address wants a list searched for; nothing if that has no words.

    Too long, it counts as nothing, too: the field says so (macros/forms.html, search_input), the answer is 422, and whatever
    acts on all that was found asks `refuse_unsearched` before.
    """
    text = request.args.get(name, otherwise).strip()
    if len(text) > LONGEST_SEARCH:
        g.setdefault("search_problems", {})[name] = TOO_LONG
        after_this_request(_wrong)
        return ""
    return text if search_words(text) else ""


def search_problems() -> dict[str, str]:
    """What is wrong with what was typed, by the name in the address."""
    return g.get("search_problems", {})


def refuse_unsearched() -> None:
    """Raises Refusal if the list is not narrowed by what was typed."""
    if problems := search_problems():
        raise Refusal(" ".join(sorted(set(problems.values()))))


def _wrong(response: Response) -> Response:
    if response.status_code == 200:
        response.status_code = 422
    return response


def has_searched(model: type[Any], search: str, person: Any) -> ColumnElement[bool]:
    """Whether each word stands in one of the texts that the subject declares, or is its number.

    Names and titles of what it is connected with are searched in all rows: each such name once, however many rows lead to it.
    Its own texts, which are long, in the newest thousand that the person may see.
    """
    return and_(*(_has_word(model, word, person) for word in search_words(search)))


def _has_word(model: type[Any], word: str, person: Any) -> ColumnElement[bool]:
    found = [_connected(model, way, names, word) for way, names in _ways(model).items() if way]
    if own := [getattr(model, name) for name in _ways(model).get("", ())]:
        newest = select(model.id).where(plays(model, person)).order_by(model.id.desc()).limit(NEWEST)
        found.append(and_(model.id.in_(newest), has_phrase(word, *own)))
    if model.numbered and (number := whole_number(word.removeprefix(model.numbered.lower()))) is not None:
        found.append(model.id == number)
    return or_(false(), *found)


def _ways(model: type[Any]) -> dict[str, list[str]]:
    """The ways to other tables, each with the columns there; "" is the subject's own."""
    found: dict[str, list[str]] = {}
    for each in model.searched:
        way, _, name = each.rpartition(".")
        found.setdefault(way, []).append(name)
    return found


def _connected(model: type[Any], way: str, names: list[str], word: str) -> ColumnElement[bool]:
    target = model
    for step in way.split("."):
        target = getattr(target, step).property.mapper.class_
    there = select(target.id).where(has_phrase(word, *(getattr(target, name) for name in names)))
    return at(model, way, there)
