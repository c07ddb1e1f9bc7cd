"""The agreement's text: what a version holds, and what differs between two. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, NamedTuple, NotRequired, TypedDict

from rapidfuzz.distance import Indel

from mobility.agreements import lines
from mobility.agreements.lines import Line
from mobility.applications.rules import say
from mobility.core.errors import Problem
from mobility.core.names import is_erased
from mobility.exchanges.endorsing import OBJECTED, answer, is_endorsed, missing

SAME, ADDED, REMOVED = "same", "added", "removed"
LONGEST_AGENDA = 30_000  # ten pages: its PDF takes less than a second of the processor
MOST_COMPARED = 4000  # words of one text; beyond that the whole text counts as changed, as comparing is quadratic

LABELS = {
    "objectives": "Objectives",
    "guest_benefit": "What the guest gains",
    "host_benefit": "What the host gains",
    "host_contact": "Contact of the host",
    "guest_contact": "Contact of the guest",
    "manager_name": "Who can confirm later what is in use",
    "manager_email": "Their e-mail address",
    "travellers": "Who travels",
    "self_funded": "How it is paid",
}
LINE_LABELS = {"objectives": "Objective", "guest_benefit": "Benefit of the guest", "host_benefit": "Benefit of the host"}

_KINDS = {"equal": SAME, "delete": REMOVED, "insert": ADDED}  # rapidfuzz's words
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Terms:
    """What the two sides agree on; a version of the agreement is these terms with a number."""

    objectives: tuple[Line, ...]
    guest_benefit: tuple[Line, ...]
    host_benefit: tuple[Line, ...]
    first_day: date
    last_day: date
    agenda: tuple[tuple[date, str], ...]
    host_contact: str = ""
    guest_contact: str = ""
    manager_name: str = ""
    manager_email: str = ""
    travellers: str = ""
    self_funded: bool = False

    def __post_init__(self) -> None:
        """A browser ends lines in its own way: the same text is the same text."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, same_line_ends(value))
            elif each.name in LINE_LABELS:
                object.__setattr__(self, each.name, tuple(Line(key, same_line_ends(text)) for key, text in value))
        object.__setattr__(self, "agenda", tuple((day, same_line_ends(plan)) for day, plan in self.agenda))

    @classmethod
    def of(cls, version: Any) -> "Terms":
        """The terms of an `AgreementVersion`, or of anything with the same names."""
        given = {each.name: getattr(version, each.name) for each in fields(cls)}
        read = {name: lines.read(given[name]) for name in LINE_LABELS}
        return cls(**given | read | {"agenda": agenda_of(version.agenda)})

    def written(self) -> Any:
        """What the two sides write themselves; who travels and how it is paid are acts of their own."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in {"travellers", "self_funded"}}


class Written(TypedDict):
    """What of the terms the two sides write. A line without a key is new; another is known by its text, or else by its key."""

    objectives: Sequence[Line]
    guest_benefit: Sequence[Line]
    host_benefit: Sequence[Line]
    first_day: date
    last_day: date
    agenda: Sequence[tuple[date, str]]
    host_contact: str
    guest_contact: str
    manager_name: NotRequired[str]
    manager_email: NotRequired[str]


class Part(NamedTuple):
    """A piece of text that is the same, added or removed."""

    kind: str
    text: str


class PlannedDay(NamedTuple):
    """One row of the agenda as it is shown; a day without a plan says so."""

    date: date
    text: str


class Difference(NamedTuple):
    """One thing that two versions say differently, word by word; `about` is what it belongs to, if the label says more."""

    label: str
    parts: list[Part]
    about: str = ""


def differences(before: Terms, after: Terms) -> list[Difference]:
    """What `after` says differently, in the order of the page; nothing when the two say the same."""
    found: list[Difference] = []
    for name in LINE_LABELS:
        found += _line_differences(name, getattr(before, name), getattr(after, name))
    found += _difference("Dates", _days(before), _days(after))
    found += _agenda_differences(dict(before.agenda), dict(after.agenda))
    for name in ("host_contact", "guest_contact", "manager_name", "manager_email", "travellers"):
        found += _difference(LABELS[name], getattr(before, name), getattr(after, name))
    return found + _difference(LABELS["self_funded"], paid_by(before.self_funded), paid_by(after.self_funded))


def without_address(found: Sequence[Difference]) -> list[Difference]:
    """For who need not know the manager's address: that it is another one, not which."""
    label = LABELS["manager_email"]
    return [each._replace(parts=[Part(SAME, "Changed")]) if each.label == label else each for each in found]


def changed(before: Terms, after: Terms) -> list[str]:
    """The same in a few words, for the history: a day of the agenda is the agenda, an objective the objectives."""
    return list(dict.fromkeys((each.about or each.label).lower() for each in differences(before, after)))


def word_difference(before: str, after: str) -> list[Part]:
    """Two texts word by word. Joining what is same or added gives `after`, what is same or removed `before`."""
    if before == after:
        return [Part(SAME, before)] if before else []
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > MOST_COMPARED:
        return [Part(kind, text) for kind, text in ((REMOVED, before), (ADDED, after)) if text]
    parts: list[Part] = []
    for step in Indel.opcodes(old, new):  # difflib takes a minute for 1,000 exclamation marks
        words = new[step.dest_start : step.dest_end] if step.tag == "insert" else old[step.src_start : step.src_end]
        parts.append(Part(_KINDS[step.tag], "".join(words)))
    return _joined(parts)


def manager_problem(name: str, email: str, guest: Any) -> Problem | None:
    """Why they cannot confirm later what is in use: whoever does is reached by mail, and is not the guest who tells of it."""
    if bool(name) != bool(email):
        missing = "manager_email" if name else "manager_name"
        return Problem(missing, "Enter both the name and the e-mail address, or leave both empty.")
    if email and is_manager(guest, email):
        return Problem("manager_email", "This is your own address. Somebody else confirms it, such as your manager.")
    if name and name.casefold() == guest.name.casefold():
        return Problem("manager_name", "This is your own name. Somebody else confirms it, such as your manager.")
    return None


def is_manager(guest: Any, email: str) -> bool:
    return bool(email) and email.lower() == guest.email.lower()


def manager_of(exchange: Any) -> tuple[str, str] | None:
    """(name, address) of who can confirm what is in use: as named since, or by the agreement in force; None if nobody can but
    who tells of it."""
    named = exchange if exchange.manager_email else exchange.agreed_version
    if named is None or not named.manager_email or cannot_confirm(exchange.guest, named.manager_email):
        return None
    return named.manager_name, named.manager_email


def without_own_manager(terms: Terms, guest: Any) -> Terms:
    """Whoever acts for the guests by now does not confirm what they tell themselves; whoever was erased is asked no more."""
    return replace(terms, manager_name="", manager_email="") if cannot_confirm(guest, terms.manager_email) else terms


def cannot_confirm(guest: Any, email: str) -> bool:
    return is_manager(guest, email) or is_erased(email)


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
    if (length := sum(len(plan) for _, plan in agenda)) > LONGEST_AGENDA:
        return f"The agenda has {length:,} characters; keep it to {LONGEST_AGENDA:,} in all."
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
    """The places in the delegation of those who came. Confirmed before places were kept, names say so: of two with one name, one
    is taken for each time it was confirmed."""
    if exchange.attended_places:
        return list(exchange.attended_places)
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
    return f"{say(exchange.actual_first_day)} to {say(exchange.actual_last_day)}, {', '.join(who_came(exchange))}"


def who_came(exchange: Any) -> list[str]:
    """Their names; of two with one name also the place in the delegation, once it is known which of them came."""
    names = Counter(each.name for each in exchange.delegates)
    if len(exchange.attended_places) != len(exchange.attended):
        return list(exchange.attended)
    came = zip(exchange.attended, exchange.attended_places, strict=True)
    return [f"{name} (guest {place})" if names[name] > 1 else name for name, place in came]


def why_it_cannot_begin(exchange: Any, today: date, *, call_is_open: bool) -> str:
    """Why an agreed exchange cannot begin as things are; empty while it can. `call_is_open`: its request can be sent.

    The voucher that it waits for ends unused, is never asked for, or comes too late.
    """
    voucher = exchange.voucher
    if against := _home_against(exchange, today):
        return against
    if exchange.state != "agreed" or exchange.self_funded or (voucher and voucher.state in {"issued", "redeemed"}):
        return ""
    if today >= exchange.first_day:
        return "The first day has come, and no voucher was issued: that is too late for one."
    if voucher and voucher.workflow.state(voucher.state).kind == "stopped":
        return f"Its voucher is {voucher.state_label().lower()}. The guest can ask for another until {_eve(exchange.first_day)}."
    if not call_is_open:
        return f"No call of {exchange.programme.name} is open, so its voucher cannot be requested now."
    return ""


def _home_against(exchange: Any, today: date) -> str:
    """The home organisation's yes is needed, and it has objected, or said nothing in time."""
    if exchange.state != "agreed" or is_endorsed(exchange):
        return ""
    if answer(exchange.agreed_version, OBJECTED):
        return f"{exchange.guest_organisation.name} objects to the stay, and {exchange.programme.name} asks for its endorsement."
    return f"The first day has come. {missing(exchange)}" if today >= exchange.first_day else ""


def _eve(day: date) -> str:
    return say(day - timedelta(days=1))


def same_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _difference(label: str, before: str, after: str, about: str = "") -> list[Difference]:
    return [Difference(label, word_difference(before, after), about)] if before != after else []


def _agenda_differences(before: Mapping[date, str], after: Mapping[date, str]) -> list[Difference]:
    """Day by day; days that came or went are in the difference of the dates, so only their plans are told here."""
    return [
        difference
        for day in sorted({*before, *after})
        for difference in _difference(f"Agenda, {say(day)}", before.get(day, ""), after.get(day, ""), "Agenda")
    ]


def _line_differences(name: str, before: Sequence[Line], after: Sequence[Line]) -> Iterator[Difference]:
    """Line by line, as they are known by their keys; each has the number that it has where it stands."""
    one, about, old, new = LINE_LABELS[name], LABELS[name], dict(before), dict(after)
    for number, (key, text) in enumerate(after, 1):
        if old.get(key) != text:
            yield Difference(
                f"{one} {number}, {'reworded' if key in old else 'added'}", word_difference(old.get(key, ""), text), about
            )
    for number, (key, text) in enumerate(before, 1):
        if key not in new:
            yield Difference(f"{one} {number}, removed", word_difference(text, ""), about)
    if [key for key in old if key in new] != [key for key in new if key in old]:
        in_order = "\n".join(f"{number}. {text}" for number, text in enumerate(new.values(), 1))
        yield Difference(f"{about}, in another order", [Part(SAME, in_order)], about)


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
