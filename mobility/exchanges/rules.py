"""The agreement's text: what a version holds, and what differs between two. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from mobility.applications.rules import say

SAME, ADDED, REMOVED = "same", "added", "removed"
MOST_COMPARED = 4000  # words of one text; beyond that the whole text counts as changed, as comparing is quadratic

LABELS = {
    "objectives": "Objectives",
    "guest_benefit": "What the guest gains",
    "host_benefit": "What the host gains",
    "host_contact": "Contact of the host",
    "guest_contact": "Contact of the guest",
    "travellers": "Who travels",
    "self_funded": "How it is paid",
}

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Terms:
    """What the two sides agree on; a version of the agreement is these terms with a number."""

    objectives: str
    guest_benefit: str
    host_benefit: str
    first_day: date
    last_day: date
    agenda: tuple[tuple[date, str], ...]
    host_contact: str = ""
    guest_contact: str = ""
    travellers: str = ""
    self_funded: bool = False

    def __post_init__(self) -> None:
        """A browser ends lines in its own way: the same text is the same text."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, _same_line_ends(value))
        object.__setattr__(self, "agenda", tuple((day, _same_line_ends(plan)) for day, plan in self.agenda))

    @classmethod
    def of(cls, version: Any) -> "Terms":
        """The terms of an `AgreementVersion`, or of anything with the same names."""
        given = {each.name: getattr(version, each.name) for each in fields(cls) if each.name != "agenda"}
        return cls(**given, agenda=agenda_of(version.agenda))

    def written(self) -> dict[str, Any]:
        """What the two sides write themselves; who travels and how it is paid are acts of their own."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in {"travellers", "self_funded"}}


class Part(NamedTuple):
    """A piece of text that is the same, added or removed."""

    kind: str
    text: str


class PlannedDay(NamedTuple):
    """One row of the agenda as it is shown; a day without a plan says so."""

    date: date
    text: str


class Difference(NamedTuple):
    """One thing that two versions say differently, word by word."""

    label: str
    parts: list[Part]


def differences(before: Terms, after: Terms) -> list[Difference]:
    """What `after` says differently, in the order of the page; nothing when the two say the same."""
    found = []
    for name in ("objectives", "guest_benefit", "host_benefit"):
        found += _difference(LABELS[name], getattr(before, name), getattr(after, name))
    found += _difference("Dates", _days(before), _days(after))
    found += _agenda_differences(dict(before.agenda), dict(after.agenda))
    for name in ("host_contact", "guest_contact", "travellers"):
        found += _difference(LABELS[name], getattr(before, name), getattr(after, name))
    return found + _difference(LABELS["self_funded"], paid_by(before.self_funded), paid_by(after.self_funded))


def changed(before: Terms, after: Terms) -> list[str]:
    """The same in a few words, for the history: a day of the agenda is the agenda."""
    return list(dict.fromkeys(each.label.partition(",")[0].lower() for each in differences(before, after)))


def word_difference(before: str, after: str) -> list[Part]:
    """Two texts word by word. Joining what is same or added gives `after`, what is same or removed `before`."""
    if before == after:
        return [Part(SAME, before)] if before else []
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > MOST_COMPARED:
        return [Part(kind, text) for kind, text in ((REMOVED, before), (ADDED, after)) if text]
    parts: list[Part] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(Part(SAME, "".join(old[old_start:old_end])))
            continue
        if old_end > old_start:
            parts.append(Part(REMOVED, "".join(old[old_start:old_end])))
        if new_end > new_start:
            parts.append(Part(ADDED, "".join(new[new_start:new_end])))
    return _joined(parts)


def planned_days(rows: Sequence[Mapping[str, str]]) -> list[PlannedDay]:
    return [PlannedDay(day, plan or "Still open") for day, plan in agenda_of(rows)]


def first_agenda(first_day: date, last_day: date) -> tuple[tuple[date, str], ...]:
    """A row for each day of the stay, still to be filled."""
    return tuple((first_day + timedelta(days=offset), "") for offset in range((last_day - first_day).days + 1))


def agenda_problem(agenda: Sequence[tuple[date, str]], first_day: date, last_day: date) -> str | None:
    """The plan of a day belongs to a day of the stay."""
    outside = [day for day, plan in agenda if not first_day <= day <= last_day]
    if outside:
        return f"{say(outside[0])} is not a day of this stay, {say(first_day)} to {say(last_day)}."
    if len({day for day, _ in agenda}) < len(agenda):
        return "Each day can be in the agenda only once."
    return None


def agenda_of(rows: Sequence[Mapping[str, str]]) -> tuple[tuple[date, str], ...]:
    """The agenda as it is stored, as days and plans."""
    return tuple((date.fromisoformat(row["day"]), row["plan"]) for row in rows)


def stored(agenda: Sequence[tuple[date, str]]) -> list[dict[str, str]]:
    """The agenda as it is stored, in the order of days."""
    return [{"day": day.isoformat(), "plan": plan} for day, plan in sorted(agenda)]


def actual_days_problem(exchange: Any, first_day: date, last_day: date, today: date) -> tuple[str, str] | None:
    """(field, reason) why a visit cannot have been on these days: in order, past, near the agreed days.

    A guest may arrive a day early. Who stays longer is paid for what was agreed, so the last day is free.
    """
    if last_day < first_day:
        return "last_day", "The last day comes before the first."
    if last_day > today:
        return "last_day", "The last day is still to come: confirm once the visit is over."
    earliest = exchange.first_day - timedelta(days=1)
    if first_day < earliest:
        return "first_day", f"The stay was agreed from {say(exchange.first_day)}; the earliest day is {say(earliest)}."
    if first_day > exchange.last_day:
        return "first_day", f"The stay was agreed until {say(exchange.last_day)}; it cannot have begun later."
    return None


def places_attended(exchange: Any) -> list[int]:
    """The places in the delegation of those who came; of two with one name, one is taken for each time it was confirmed."""
    came = Counter(exchange.attended)
    places = []
    for delegate in exchange.delegates:
        if came[delegate.name] > 0:
            came[delegate.name] -= 1
            places.append(delegate.position)
    return places


def paid_by(self_funded: bool) -> str:
    return "The guest organisation pays" if self_funded else "With a mobility voucher"


def attendance_in_words(exchange: Any) -> str:
    """Who came, from when to when."""
    return f"{say(exchange.actual_first_day)} to {say(exchange.actual_last_day)}, {', '.join(exchange.attended)}"


def why_it_cannot_begin(exchange: Any, today: date, *, call_is_open: bool) -> str:
    """Why an agreed exchange cannot begin as things are; empty while it can. `call_is_open`: its request can be sent.

    The voucher that it waits for ends unused, is never asked for, or comes too late.
    """
    voucher = exchange.voucher
    if exchange.state != "agreed" or exchange.self_funded or (voucher and voucher.state in {"issued", "redeemed"}):
        return ""
    if today >= exchange.first_day:
        return "The first day has come, and no voucher was issued: that is too late for one."
    if voucher and voucher.workflow.state(voucher.state).kind == "stopped":
        return f"Its voucher is {voucher.state_label().lower()}. The guest can ask for another until {_eve(exchange.first_day)}."
    if not call_is_open:
        return f"No call of {exchange.programme.name} is open, so its voucher cannot be requested now."
    return ""


def _eve(day: date) -> str:
    return say(day - timedelta(days=1))


def _same_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _difference(label: str, before: str, after: str) -> list[Difference]:
    return [Difference(label, word_difference(before, after))] if before != after else []


def _agenda_differences(before: Mapping[date, str], after: Mapping[date, str]) -> list[Difference]:
    """Day by day; days that came or went are in the difference of the dates, so only their plans are told here."""
    return [
        difference
        for day in sorted({*before, *after})
        for difference in _difference(f"Agenda, {say(day)}", before.get(day, ""), after.get(day, ""))
    ]


def _days(terms: Terms) -> str:
    return f"{say(terms.first_day)} to {say(terms.last_day)}"


def _joined(parts: Sequence[Part]) -> list[Part]:
    """A space between two changes would cut them into many: what was removed and added each stay in one piece."""
    joined: list[Part] = []
    removed = added = ""
    for place, part in enumerate(parts):
        between = part.kind == SAME and not part.text.strip() and 0 < place < len(parts) - 1
        if part.kind == SAME and not (between and (removed or added)):
            joined += _flushed(removed, added)
            removed = added = ""
            joined.append(part)
        else:
            removed += part.text if part.kind != ADDED else ""
            added += part.text if part.kind != REMOVED else ""
    return joined + _flushed(removed, added)


def _flushed(removed: str, added: str) -> list[Part]:
    return [Part(kind, text) for kind, text in ((REMOVED, removed), (ADDED, added)) if text]
