"""Who read what: every opening of evidence, of bank details, of mails and messages, and every file that was taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from mobility.audit.acts import LABELS, READING
from mobility.audit.filters import asked
from mobility.audit.models import AuditEntry
from mobility.audit.queries import AuditFilter, seen_by
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import User
from mobility.workflows.searching import searched_text


@dataclass(frozen=True)
class Class:
    """`label` is what was read, `acts` how the log calls it."""

    label: str
    acts: tuple[str, ...]


CLASSES = {
    "evidence": Class("Evidence", ("evidence_read",)),
    "bank": Class("Bank details", ("bank_details_read", "bank_file_taken")),
    "exports": Class("Exports", ("export_taken", "audit_exported", "data_taken", "import_read")),
    "mails": Class("Mails and messages", ("outbox_read", "reported_message_read")),
}
EVERY = tuple(act for each in CLASSES.values() for act in each.acts)
_CLASS_OF = {act: each.label for each in CLASSES.values() for act in each.acts}
MOST = 5  # readers that are named first
_SHOWN: tuple[InstrumentedAttribute[Any], ...] = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.by_name,
    AuditEntry.act,
    AuditEntry.about,
    AuditEntry.person_id,
    AuditEntry.programme_id,
    AuditEntry.network,
)


@dataclass(frozen=True)
class Reading:
    """One row of the page and of its file."""

    entry: Any
    whose: str
    programme: str

    @property
    def what(self) -> str:
        return _CLASS_OF[self.entry.act]

    @property
    def did(self) -> str:
        return LABELS[self.entry.act]


def wanted(args: Mapping[str, str]) -> tuple[str, AuditFilter]:
    """(a key of CLASSES or nothing, the rest): what the address asks for; a class there is none of is no filter."""
    what = args.get("what", "")
    acts = CLASSES[what].acts if what in CLASSES else EVERY
    whose = searched_text("whose")  # first, as what is wrong with it is among the problems of the rest
    return what if what in CLASSES else "", replace(asked(args), act="", acts=acts, whose=whose)


def readings(user: User, filters: AuditFilter, number: int, names: Mapping[int, str]) -> Page:
    """Newest first; `names` of programmes."""
    return paged(_found(user, filters), number).made(_Told(names))


def readers(user: User, filters: AuditFilter) -> Sequence[Any]:
    """(name, how often, last): the few who read most, of what the filters find."""
    entries = seen_by(user, filters).order_by(None)
    count = func.count().label("times")
    grouped = entries.with_only_columns(AuditEntry.by_name, count, func.max(AuditEntry.at).label("last"))
    return db.session.execute(grouped.group_by(AuditEntry.by_id, AuditEntry.by_name).order_by(count.desc()).limit(MOST)).all()


def _found(user: User, filters: AuditFilter) -> Select[Any]:
    return seen_by(user, filters).with_only_columns(*_SHOWN, maintain_column_froms=True)


class _Told:
    """Some entries with the names of those whom they are about, asked for all of them at once."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.programmes = names

    def __call__(self, entries: Sequence[Any]) -> list[Reading]:
        ids = {each.person_id for each in entries if each.person_id}
        people = dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all()) if ids else {}
        return [Reading(each, people.get(each.person_id, ""), self.programmes.get(each.programme_id, "")) for each in entries]


def of_person(person: User, number: int) -> Page:
    """What others have read of the person's evidence, bank details and mails, newest first."""
    about = (AuditEntry.person_id == person.id, AuditEntry.act.in_(tuple(READING.acts)))
    others = or_(AuditEntry.by_id.is_(None), AuditEntry.by_id != person.id)
    return paged(select(AuditEntry).where(*about, others).order_by(AuditEntry.id.desc()), number)


LIST = Listing(
    "who-read-what",
    "Who read what",
    (
        Column("Number", "entry.id", Kind.NUMBER),
        Column("When", "entry.at", Kind.INSTANT),
        Column("Who", lambda each: each.entry.by_name or "Nobody known"),
        Column("What", "what"),
        Column("Did", "did"),
        Column("About", "entry.about"),
        Column("Whose", "whose"),
        Column("Programme", "programme"),
        Column("From network", "entry.network"),
    ),
)
