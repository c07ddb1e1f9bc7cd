"""The fields of a text, what is wrong with them, and what they become for one person. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from mobility.core.money import written
from mobility.core.names import one_line
from mobility.core.wording import format_day
from mobility.lists.columns import Kind, Line, Said

NAME = "name"  # of whoever reads it: every list has it
LONGEST_SUBJECT, LONGEST = 150, 5000  # characters, before the fields are filled
MOST_A_DAY, MOST_PEOPLE_A_DAY = 20, 2000  # mailings of one writer within 24 hours, and the mails of these
SHOWN = 3  # real letters before sending
NOTHING = "–"  # one of several rows says nothing of a field
REASONS = {
    "not_wanted": "Wants no news from here",
    "closed": "The account is closed",
    "empty": "A field of the text is empty",
    "had_it": "Has had exactly this mail within a day",
}
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}\n]{0,80})\}|[{}]")


@dataclass(frozen=True)
class Person:
    """Whom a letter is for. `wants`: takes news from here."""

    id: int
    name: str
    email: str
    locale: str
    active: bool
    wants: bool = True


@dataclass(frozen=True)
class Letter:
    """What one person gets, for all their rows; `empty` are the fields of which a row of theirs says nothing. `left_out` is a
    key of REASONS: then no mail goes."""

    person: Person
    lines: Sequence[Line]
    subject_line: str
    text: str
    about: str
    empty: Sequence[str] = ()
    left_out: str = ""


def problems(text: str, fields: Mapping[str, str]) -> list[str]:
    """What is wrong with the fields of a text, each with what would be right."""
    return list(dict.fromkeys(filter(None, (_problem(found, fields) for found in _FIELD.finditer(text)))))[:5]


def used(*texts: str) -> list[str]:
    """The names of the fields in these texts, each once."""
    names = (found[1] for text in texts for found in _FIELD.finditer(text) if found[1] is not None)
    return list(dict.fromkeys(_plain(name) for name in names))


def fill(text: str, values: Mapping[str, str]) -> str:
    """With the values in the place of the fields. What stands in a value is not looked through again."""

    def put(found: re.Match[str]) -> str:
        return values.get(_plain(found[1]), "") if found[1] is not None else found[0][0]

    return _FIELD.sub(put, text)


def written_to(person: Person, lines: Sequence[Line], subject: str, text: str, about: str) -> Letter:
    """One letter for all rows about a person: a field on which they differ has each value, in the order of the rows."""
    names, values, empty = used(subject, text), {NAME: one_line(person.name)}, []
    for name in names:
        if name != NAME:
            each = [told(line.says[name], person.locale) for line in lines]
            values[name] = together(each)
            empty += [name] * (not all(each))
    return Letter(person, lines, one_line(fill(subject, values)), fill(text, values), together_about(lines, about), empty)


def told(said: Said, locale: str) -> str:
    """In the notation of whoever reads it; a name or a title is one line, whatever it holds."""
    if said.value is None or said.value == "":
        return ""
    if said.kind is Kind.MONEY:
        return written(said.value, said.currency, locale)
    return one_line(_plainly(said.value))


def together(values: Sequence[str]) -> str:
    """The one value on which the rows agree, else each of them: the first values of two fields belong together, and so on."""
    if len(set(values)) < 2:
        return values[0] if values else ""
    *first, last = [each or NOTHING for each in values]
    mark = "; " if any(", " in each for each in values) else ", "
    return f"{mark.join(first)} and {last}"


def together_about(lines: Sequence[Line], about: str) -> str:
    """What the rows are about, for the record."""
    return "; ".join(dict.fromkeys(filter(None, (told(line.says[about], "en_GB") for line in lines if about in line.says))))[:500]


def about_of(fields: Mapping[str, str], people: Sequence[str]) -> str:
    """The field that tells one row from the others: the first that is not the person's name."""
    return next((name for name in fields if name not in people), next(iter(fields), ""))


def _problem(found: re.Match[str], fields: Mapping[str, str]) -> str:
    known = [NAME, *(name for name in fields if name != NAME)]
    offered = ", ".join(f"{{{name}}}" for name in known)
    if found[0] in {"{{", "}}"}:
        return ""
    if found[1] is None:
        return f"A “{found[0]}” stands alone. A field has both, as in {{name}}; for the sign itself, write it twice."
    name = _plain(found[1])
    if name in known:
        return ""
    if not name:
        return f"“{found[0]}” names no field. This list has {offered}."
    near = get_close_matches(name, known, 1)
    return f"This list has no field “{found[0]}”. " + (f"Do you mean {{{near[0]}}}?" if near else f"It has {offered}.")


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _plainly(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{format_day(value.date())}, {value:%H:%M} UTC"
    return format_day(value) if isinstance(value, date) else str(value)


def each_once(lines: Sequence[Line]) -> Iterator[tuple[int, list[Line]]]:
    """(person, their rows), in the order of the list."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.person_id, []).append(line)
    return iter(found.items())
