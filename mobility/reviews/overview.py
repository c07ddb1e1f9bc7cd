"""A programme as it is now: what owners, finance officers and auditors look at first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.money import NOTHING
from mobility.core.paging import Page, paged
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import AGREED, IN_PROGRESS, PLANNING, TOOK_PLACE
from mobility.experts.models import Mentoring
from mobility.followup.models import QuestionnaireRequest
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.notifications.recipients import Directory
from mobility.people.models import Organisation, User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.programmes.rules import Measured, measured
from mobility.stories.models import SuccessStory
from mobility.vouchers.models import Voucher
from mobility.workflows.history import PromiseRecord
from mobility.workflows.parts import Actor
from mobility.workflows.visibility import plays

STAGES = {
    "Being planned": (PLANNING,),
    "Agreed": (AGREED,),
    "Under way": (IN_PROGRESS,),
    "Took place": TOOK_PLACE,
}
MOST_PAIRS = 6
SUBJECTS: tuple[type[Any], ...] = (Application, Exchange, Voucher, QuestionnaireRequest, Mentoring, SuccessStory)
ABOUT: Mapping[str, type[Any]] = {each.workflow.name: each for each in SUBJECTS}


class Pair(NamedTuple):
    """From a guest's country to a host's, and how many exchanges took place."""

    guest: str
    host: str
    exchanges: int


class Money(NamedTuple):
    """Of all budget lines, in the programme's currency."""

    spent: Decimal
    committed: Decimal
    available: Decimal

    @property
    def all(self) -> Decimal:
        return self.spent + self.committed + self.available


@dataclass(frozen=True)
class Overview:
    """`stages`: how many exchanges, by how far they are. `organisations`, `countries`: that took part in those that took place.
    `promises`: kept least first. `overdue`: how many promises are open and late."""

    stages: Mapping[str, int]
    organisations: int
    countries: int
    pairs: Sequence[Pair]
    money: Money
    promises: Sequence[Measured]
    late: Sequence["Late"]
    overdue: int

    @property
    def took_place(self) -> int:
        return self.stages["Took place"]


def of(programme: Programme, user: User) -> Overview:
    """In a constant number of queries; `user` reads it."""
    tallies = programmes.tallies(programme.id, programme.today)
    oldest = late(programme, user, 1, per_page=5)
    lines = programmes.budget_lines(programme.id)
    promises = [each for each in measured(programme, tallies) if each.tally and each.tally.n]
    stays = _took_place(programme.id)
    places = {side for guest, host, _ in stays for side in (guest, host)}
    return Overview(
        _stages(programme.id),
        len({organisation for organisation, _ in places}),
        len({country for _, country in places}),
        _pairs(stays),
        Money(*(sum((getattr(line, part) for line in lines), NOTHING) for part in ("spent", "committed", "available"))),
        sorted(promises, key=lambda each: each.tally.rate if each.tally and each.tally.rate is not None else 1),
        oldest.items,
        oldest.total,
    )


def _stages(programme_id: int) -> dict[str, int]:
    counted = select(Exchange.state, func.count()).where(Exchange.programme_id == programme_id).group_by(Exchange.state)
    by_state = {row[0]: row[1] for row in db.session.execute(counted)}
    return {stage: sum(by_state.get(each, 0) for each in states) for stage, states in STAGES.items()}


Side = tuple[int, str]


def _took_place(programme_id: int) -> list[tuple[Side, Side, int]]:
    """((guest organisation, country), (host, country), how many)"""
    guest, host = aliased(Organisation), aliased(Organisation)
    found = (
        select(guest.id, guest.country, host.id, host.country, func.count())
        .select_from(Exchange)
        .join(guest, Exchange.guest_organisation_id == guest.id)
        .join(host, Exchange.host_id == host.id)
        .where(Exchange.programme_id == programme_id, Exchange.state.in_(TOOK_PLACE))
        .group_by(guest.id, guest.country, host.id, host.country)
    )
    return [((row[0], row[1]), (row[2], row[3]), row[4]) for row in db.session.execute(found)]


def _pairs(rows: Sequence[tuple[Side, Side, int]]) -> list[Pair]:
    counts: dict[tuple[str, str], int] = {}
    for (_, guest), (_, host), count in rows:
        counts[guest, host] = counts.get((guest, host), 0) + count
    return [Pair(*places, count) for places, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_PAIRS]]


# What is late


class Late(NamedTuple):
    """One promise that is open and overdue. `subject`: what it is about; none if the reader may not see that. `kind` of it."""

    record: PromiseRecord
    kind: str
    subject: Any
    owing: "Owing"

    @property
    def people(self) -> Sequence[int]:
        """Those who owe it."""
        return self.owing.of(self.record, self.subject) if self.subject else ()


@dataclass(frozen=True)
class Owing:
    """Who owes some late promises, looked up once they are asked for: four queries."""

    known: Mapping[tuple[str, int], Any]
    records: Sequence[PromiseRecord]

    def of(self, record: PromiseRecord, subject: Any) -> Sequence[int]:
        owing = _owing(record, subject)
        found = self._directory.of(subject, owing) or self._directory.instead(subject, owing)
        return [each.person.id for each in found if each.person.id]

    @cached_property
    def _directory(self) -> Directory:
        told = ((each, self.known.get((each.subject_type, each.subject_id))) for each in self.records)
        return Directory(self.known.values(), {actor for each, subject in told if subject for actor in _owing(each, subject)})


def _owing(record: PromiseRecord, subject: Any) -> tuple[Actor, ...]:
    """Less those who have done their part."""
    owing: tuple[Actor, ...] = subject.workflow.promise(record.promise).owing(subject)
    return owing


def late(programme: Programme, user: User, page: int, **options: Any) -> Page:
    """The oldest first. Two queries, and one for each kind of subject."""
    record = PromiseRecord
    query = select(record).where(record.programme_id == programme.id, record.outcome.is_(None), record.due_on < programme.today)
    found = paged(query.order_by(record.due_on, record.id), page, **options)
    return found.made(lambda records: _with_subjects(records, user))


def _with_subjects(records: Sequence[PromiseRecord], user: User) -> list[Late]:
    known: dict[tuple[str, int], Any] = {}
    for name, model in ABOUT.items():
        if ids := [each.subject_id for each in records if each.subject_type == name]:
            seen = select(model).where(model.id.in_(ids), plays(model, user)).options(*model.brief())
            known |= {(name, each.id): each for each in db.session.scalars(seen).unique()}
    owing = Owing(known, records)
    return [Late(each, _kind(each.subject_type), known.get((each.subject_type, each.subject_id)), owing) for each in records]


def _kind(name: str) -> str:
    return ABOUT[name].workflow.label if name in ABOUT else name


LATE = Listing(
    "late-promises",
    "Late promises",
    (
        Column("What about", "kind"),
        Column("Which", "subject.about"),
        Column("Who", "subject.between"),
        Column("Promise", "record.promise"),
        Column("Since", "record.since", Kind.DAY),
        Column("Due", "record.due_on", Kind.DAY),
    ),
    reached=Reached("people who owe it", "people", "record.programme_id", key="record.id", about="Which", if_any="subject.id"),
)
