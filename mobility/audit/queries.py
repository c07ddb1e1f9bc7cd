"""Reading the audit log: administrators all of it, auditors the entries of their programmes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from mobility.audit.acts import GROUPS, LABELS
from mobility.audit.models import AuditEntry
from mobility.core.clock import zone_of
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.paging import Page, paged
from mobility.core.searching import has_words
from mobility.core.wording import HOME_ZONE
from mobility.people.models import Membership, User
from mobility.people.roles import Role

MOST_EXPORTED = 5000
_OF_GROUP = {group.name: tuple(group.acts) for group in GROUPS}


def may_read(user: User) -> bool:
    return bool(user.is_administrator or user.programme_ids(Role.AUDITOR))


@dataclass(frozen=True)
class AuditFilter:
    """What somebody wants to see; empty is everything. `act` is an act or a group of acts, `acts` some of which it must be one;
    `whose` is a name of the person it is about; days are those of HOME_ZONE."""

    who: str = ""
    act: str = ""
    about: str = ""
    programme: int | None = None
    first: date | None = None
    last: date | None = None
    whose: str = ""
    acts: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict, compare=False)

    def conditions(self) -> list[ColumnElement[bool]]:
        where: list[ColumnElement[bool]] = [AuditEntry.act.in_(self.acts)] if self.acts else []
        if self.who:
            where.append(has_words(self.who, AuditEntry.by_name))
        if self.act:
            where.append(AuditEntry.act.in_(_OF_GROUP.get(self.act, (self.act,))))
        if self.about:
            where.append(has_words(self.about, AuditEntry.about))
        if self.whose:
            where.append(AuditEntry.person_id.in_(select(User.id).where(has_words(self.whose, User.name))))
        if self.programme:
            where.append(AuditEntry.programme_id == self.programme)
        if self.first:
            where.append(AuditEntry.at >= _beginning(self.first))
        if self.last:
            where.append(AuditEntry.at < _beginning(self.last + timedelta(days=1)))
        return where


def is_act(name: str) -> bool:
    return name in LABELS or name in _OF_GROUP


def entries(user: User, wanted: AuditFilter, number: int) -> Page:
    """Newest first."""
    return paged(seen_by(user, wanted), number)


def to_export(user: User, wanted: AuditFilter) -> Sequence[AuditEntry]:
    """All that match, newest first. Raises Refusal if they are more than a file can take."""
    statement = seen_by(user, wanted)
    if (count := db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0) > MOST_EXPORTED:
        raise Refusal(f"These are {count:,} entries. A file has at most {MOST_EXPORTED:,}: choose fewer days.")
    return db.session.scalars(statement).all()


def count_since(user: User, act: str, since: datetime, most: int) -> int:
    """How often somebody has done this, counted no further than `most`."""
    by = (user.stand_in or user).id
    found = select(AuditEntry.id).where(AuditEntry.by_id == by, AuditEntry.act == act, AuditEntry.at >= since).limit(most)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def programmes(user: User) -> dict[int, str]:
    """Those whose entries this person reads, by name."""
    model = Membership.programme.property.mapper.class_
    names = select(model.id, model.name).order_by(model.name)
    if not user.is_administrator:
        names = names.where(model.id.in_(user.programme_ids(Role.AUDITOR)))
    return dict(db.session.execute(names).all())


def programme_of(user: User, wanted: AuditFilter, mine: Mapping[int, str]) -> int | None:
    """Whose other auditors are to see that a file was taken (of `mine`, see programmes()); an administrator's file of everything
    is no programme's."""
    return wanted.programme if wanted.programme in mine else next(iter([] if user.is_administrator else mine), None)


def seen_by(user: User, wanted: AuditFilter) -> Select[Any]:
    """Newest first: for an administrator all, for an auditor what belongs to their programmes."""
    statement = select(AuditEntry).where(*wanted.conditions()).order_by(AuditEntry.id.desc())
    if user.is_administrator:
        return statement
    return statement.where(AuditEntry.programme_id.in_(user.programme_ids(Role.AUDITOR)))


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), zone_of(HOME_ZONE))
