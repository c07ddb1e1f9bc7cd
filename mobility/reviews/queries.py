"""Reading reviews and snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from mobility.core.database import db
from mobility.core.web import or_404
from mobility.findings import queries as findings
from mobility.findings.queries import KeptReview
from mobility.lessons.queries import READERS as READERS
from mobility.lists.columns import Column, Kind, Listing
from mobility.outcomes.figures import Figure, Form
from mobility.outcomes.tables import Table
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call, Programme
from mobility.reviews.models import PublishedReview
from mobility.reviews.readings import Reading, of_figures

READ_ANSWERS = {Role.OWNER, Role.AUDITOR}
"""Who reads answers one by one (followup/workflow.py, PARTS), so that no two figures together tell them more."""


# Reviews


@dataclass(frozen=True)
class Found:
    """The review of a call, or of the programme, for one reader. `answers`: what is made of people's answers may be read, too."""

    programme: Programme
    call: Call | None
    review: KeptReview
    answers: bool = True

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.review.figures

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.review.tables

    @property
    def as_of(self) -> date:
        return self.review.as_of

    @property
    def scope_call(self) -> int | None:
        """The call's id; none is the programme."""
        return self.review.call

    @property
    def name(self) -> str:
        return self.call.name if self.call else self.programme.name

    @property
    def forms(self) -> dict[str, Form]:
        return {key: each.definition.form for key, each in self.figures.items()}

    @property
    def readings(self) -> dict[str, Reading]:
        return of_figures(self.figures.values(), hidden=() if self.answers else self._told_by_people)

    @property
    def _told_by_people(self) -> set[str]:
        return {each.key for each in self.figures.values() if each.definition.tells_answers}


def find(id: int, call_id: int | None, user: User, *roles: Role, whole: bool = False) -> Found:
    """For those who work with a programme's figures (or these roles of them), or 404. `whole`: findings/queries.py, review_of."""
    programme = programmes.find_as(id, user, *(roles or READERS))
    call = programmes.find_call(call_id, id) if call_id is not None else None
    return of(programme, call, answers=bool(READ_ANSWERS & user.roles_in_programme(id)), whole=whole)


def of(programme: Programme, call: Call | None = None, *, answers: bool = True, whole: bool = False) -> Found:
    return Found(programme, call, findings.review_of(programme, call, whole=whole), answers)


def calls(programme: Programme) -> Sequence[Call]:
    """The newest first."""
    found = select(Call).where(Call.programme_id == programme.id).order_by(Call.opens_on.desc(), Call.id.desc())
    return db.session.scalars(found).all()


# Snapshots


def snapshots(programme_id: int) -> Sequence[PublishedReview]:
    """All of a programme, in the order of publishing, also those that were withdrawn."""
    found = select(PublishedReview).where(PublishedReview.programme_id == programme_id).order_by(PublishedReview.number)
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


def snapshots_listed(programme_id: int) -> Sequence[PublishedReview]:
    """For the owner's list: who published and withdrew which, the newest first."""
    people = (joinedload(each).options(*User.by_name()) for each in (PublishedReview.published_by, PublishedReview.withdrawn_by))
    found = _brief().where(PublishedReview.programme_id == programme_id).options(*people)
    return db.session.scalars(found.order_by(PublishedReview.number.desc())).all()


def public_snapshots(programme_id: int | None = None) -> Select[PublishedReview]:
    """For everybody, the newest first."""
    found = _brief().where(PublishedReview.withdrawn_at.is_(None))
    if programme_id is not None:
        found = found.where(PublishedReview.programme_id == programme_id)
    return found.order_by(PublishedReview.published_at.desc(), PublishedReview.id.desc())


def _brief() -> Select[PublishedReview]:
    heavy = (PublishedReview.readings, PublishedReview.tables, PublishedReview.exchanges, PublishedReview.trace)
    return select(PublishedReview).options(*map(defer, heavy), joinedload(PublishedReview.programme, innerjoin=True))


def find_snapshot(id: int) -> PublishedReview:
    """For everybody; one that was withdrawn is found, too, to say so."""
    whole = joinedload(PublishedReview.programme, innerjoin=True)
    return or_404(db.session.scalar(select(PublishedReview).where(PublishedReview.id == id).options(whole)))


def snapshot_of_owner(id: int, programme_id: int) -> PublishedReview:
    """One of this programme, locked; or 404."""
    found = select(PublishedReview).where(PublishedReview.id == id, PublishedReview.programme_id == programme_id)
    return or_404(db.session.scalar(found.with_for_update().execution_options(populate_existing=True)))


PUBLISHED = Listing(
    "published-outcomes",
    "Published outcomes",
    (
        Column("Programme", "programme_name"),
        Column("What of it", "scope_name"),
        Column("As of", "as_of", Kind.DAY),
        Column("Published", "published_at", Kind.INSTANT),
    ),
)


SNAPSHOTS = Listing(
    "snapshots",
    "Snapshots",
    (
        Column("What of it", "scope_name"),
        Column("As of", "as_of", Kind.DAY),
        Column("Published", "published_at", Kind.INSTANT),
        Column("Published by", "published_by.name"),
        Column("Withdrawn", "withdrawn_at", Kind.INSTANT),
        Column("Withdrawn by", "withdrawn_by.name"),
        Column("Withdrawn because", "withdrawn_because"),
    ),
)
