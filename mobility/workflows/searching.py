"""Searching in subjects: each declares what is searched of it (`searched`, `numbered` of Subject), as ways from it to texts."""

from collections.abc import Iterable
from typing import Any

from flask import Response, after_this_request, g, request
from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select, true, union_all

from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.names import search_words
from mobility.core.numbers import whole_number
from mobility.core.searching import has_phrase
from mobility.workflows.visibility import at, plays

Texts = tuple[type[Any], tuple[str, ...]]  # a table, its columns
Named = dict[tuple[type[Any], tuple[str, ...], str], list[int]]  # (table, its columns, word) -> ids

NEWEST = 1000
MOST_NAMED = 300  # ids of one table that are handed to each statement
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


def has_searched(model: type[Any], search: str, person: Any, named: Named | None = None) -> ColumnElement[bool]:
    """Whether each word stands in one of the texts that the subject declares, or is its number.

    Names and titles of what it is connected with are searched in all rows: each such name once, however many rows lead to it;
    once for many subjects if these are given what is `named` so. Its own texts, which are long, in the newest thousand that the
    person may see. `false()` where nothing is `named` so, and there is nowhere else to look.
    """
    words = [_having(model, word, person, named or {}) for word in search_words(search)]
    return and_(true(), *(or_(*places) for places in words)) if all(words) else false()


def named_so(models: Iterable[type[Any]], search: str) -> Named:
    """The ids of what these subjects are connected with and is called so. One query, each table once for each word; where a
    word is in very many names, none, and whoever asks looks for themselves."""
    ways = {_texts_of(model, way, names) for model in models for way, names in _ways(model).items() if way}
    wanted = [(*each, word) for each in sorted(ways, key=str) for word in search_words(search)]
    if not wanted:
        return {}
    found: Named = {each: [] for each in wanted}
    for number, id in db.session.execute(union_all(*map(_asked, range(len(wanted)), wanted))):
        found[wanted[number]].append(id)
    return {each: ids for each, ids in found.items() if len(ids) <= MOST_NAMED}


def _asked(number: int, named: tuple[type[Any], tuple[str, ...], str]) -> Select[*tuple[Any, ...]]:
    target, names, word = named
    few = select(literal(number).label("asked"), target.id).where(_has(target, names, word)).limit(MOST_NAMED + 1)
    return select(few.subquery())


def _having(model: type[Any], word: str, person: Any, named: Named) -> list[ColumnElement[bool]]:
    """The places in which a word can stand."""
    ways = {way: _texts_of(model, way, names) for way, names in _ways(model).items() if way}
    found = [_connected(model, way, texts, word, named) for way, texts in ways.items() if named.get((*texts, word)) != []]
    if own := [getattr(model, name) for name in _ways(model).get("", ())]:
        newest = select(model.id).where(plays(model, person)).order_by(model.id.desc()).limit(NEWEST)
        found.append(and_(model.id.in_(newest), has_phrase(word, *own)))
    if model.numbered and (number := whole_number(word.removeprefix(model.numbered.lower()))) is not None:
        found.append(model.id == number)
    return found


def _ways(model: type[Any]) -> dict[str, list[str]]:
    """The ways to other tables, each with the columns there; "" is the subject's own."""
    found: dict[str, list[str]] = {}
    for each in model.searched:
        way, _, name = each.rpartition(".")
        found.setdefault(way, []).append(name)
    return found


def _connected(model: type[Any], way: str, texts: Texts, word: str, named: Named) -> ColumnElement[bool]:
    target, known = texts[0], named.get((*texts, word))
    return at(model, way, select(target.id).where(_has(*texts, word)) if known is None else known)


def _texts_of(model: type[Any], way: str, names: list[str]) -> Texts:
    """The table to which a way leads, and its columns."""
    target = model
    for step in way.split("."):
        target = getattr(target, step).property.mapper.class_
    return target, tuple(names)


def _has(target: type[Any], names: Iterable[str], word: str) -> ColumnElement[bool]:
    return has_phrase(word, *(getattr(target, name) for name in names))
