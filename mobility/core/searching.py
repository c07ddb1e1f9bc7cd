"""Searching in columns: names.searchable on both databases. SQLite calls it; for PostgreSQL it is put into its own words."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, String, and_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from mobility.core.names import search_words, searchable


class plain(FunctionElement[str]):  # noqa: N801 (read like a function)
    """A column without capitals, accents and typographic marks."""

    type = String()
    inherit_cache = True


def has_words(search: str, *columns: Any) -> ColumnElement[bool]:
    """Whether each word of a search stands in one of the columns."""
    return and_(true(), *(has_phrase(word, *columns) for word in search_words(search)))


def has_phrase(search: str, *columns: Any) -> ColumnElement[bool]:
    """Whether a search stands in one of the columns as a whole."""
    return or_(*(plain(column).contains(searchable(search), autoescape=True) for column in columns))


def _changed() -> tuple[str, str, dict[str, str]]:
    """Of the decomposed Latin, Greek and Cyrillic letters, marks and punctuation: what becomes one other character, or several.

    The first text has those that vanish at its end, as `translate` wants it.
    """
    letters = [chr(number) for block in (range(0x80, 0x530), range(0x2000, 0x2070)) for number in block]
    letters = [each for each in letters if unicodedata.is_normalized("NFKD", each)]
    became = {each: searchable(f"x{each}x")[1:-1] for each in letters}
    one = {each: now for each, now in became.items() if len(now) == 1 and now != each}
    gone = [each for each, now in became.items() if not now]
    several = {each: now for each, now in became.items() if len(now) > 1}
    return "".join([*one, *gone]), "".join(one.values()).replace("'", "''"), several


_FROM, _TO, _SEVERAL = _changed()


@compiles(plain)
def _in_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    column = compiler.process(element.clauses, **more)  # database.py lends it the function, which is asked for the few
    return f"CASE WHEN length(CAST({column} AS BLOB)) = length({column}) THEN lower({column}) ELSE searchable({column}) END"


@compiles(plain, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    column = compiler.process(element.clauses, **more)
    whole = f"translate(normalize(replace({column}, '´', ''''), NFKD), '{_FROM}', '{_TO}')"
    for letter, letters in _SEVERAL.items():
        whole = f"replace({whole}, '{letter}', '{letters}')"
    return f"CASE WHEN octet_length({column}) = char_length({column}) THEN lower({column}) ELSE lower({whole}) END"
