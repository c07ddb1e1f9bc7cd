"""What may stand in an entry: plain values, and neither secrets nor account numbers in full. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from stdnum import iban

EMPTY: tuple[Any, ...] = (None, "", [], {})
NOT_KEPT = "•••"
SECRET = re.compile(r"password|token|secret|recovery_code|private_key", re.IGNORECASE)
_between = re.compile(r"[\s.-]")  # the groups of an account number, as people type them
_like_iban = re.compile(r"\b[a-z]{2}[0-9]{2}(?:[\s.-]?[a-z0-9]){11,30}\b", re.IGNORECASE)


def plain(value: Any) -> Any:
    """As JSON keeps it, the same on both databases: amounts, days and shares become words.

    Of what is called like a secret only the name stays.
    """
    if isinstance(value, Mapping):
        return {str(name): NOT_KEPT if SECRET.search(str(name)) else plain(each) for name, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    return without_ibans(_words(value))


def without_ibans(text: str) -> str:
    """Account numbers as pages show them: PT50 •••• 0154. What follows one may be another, or its first word."""
    kept, at = "", 0
    while found := _like_iban.search(text, at):
        start = found.start()
        end = _end_of_number(text, start, found.end())
        number = _between.sub("", text[start:end]).upper()
        kept += text[at:start] + (f"{number[:4]} •••• {number[-4:]}" if number else text[start])
        at = end if number else start + 1
    return kept + text[at:]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of two states the values that differ."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def _words(value: Any) -> str:
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    if isinstance(value, str | Decimal | float):
        return str(value)
    raise TypeError(f"The audit log keeps plain values, not {type(value).__name__}")


def _end_of_number(text: str, start: int, end: int) -> int:
    """Where the longest account number ends that begins at `start`, as words may follow it; `start` if there is none."""
    for at in range(end, start + 14, -1):
        if (at == len(text) or not text[at].isalnum()) and iban.is_valid(_between.sub("", text[start:at])):
            return at
    return start


# What people read


@dataclass(frozen=True)
class Change:
    """One value of a rule: its name, what it was and what it is, in words; nothing for what was not there."""

    name: str
    before: str
    after: str


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Without what is empty in both."""
    names = {**before, **after}
    found = [Change(_label(name), in_words(before.get(name)), in_words(after.get(name))) for name in names]
    return [each for each in found if each.before or each.after]


def _label(name: str) -> str:
    words = re.sub("[_-]", " ", name)
    return words[:1].upper() + words[1:]


def in_words(value: Any) -> str:
    """A value of an entry as text: "3", "yes", "5, 6", "rate: 120.00; unit: day"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {in_words(each)}" for name, each in value.items() if each not in EMPTY)
    if isinstance(value, list):
        return ", ".join(in_words(each) for each in value)
    return str(value)
