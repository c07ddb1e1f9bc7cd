"""Reading the outbox, for the administrator."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import defer, joinedload, lazyload

from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.searching import has_phrase
from mobility.core.web import or_404
from mobility.documents.calendar import CANCEL, REQUEST
from mobility.lists.columns import Column, Kind, Listing
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User

STATES = {
    "waiting": "Waiting",
    "sending": "Being sent",
    "sent": "Sent",
    "kept": "Kept here",
    "dead": "Could not be sent",
    "dropped": "No longer needed",
    "digested": "In a daily digest",
}
CALENDAR = {  # what a calendar file does with the stay: in the list, and on the page of its message
    REQUEST: ("Invitation", "Invitation, which puts it into the calendar or moves it there"),
    CANCEL: ("Cancellation", "Cancellation, which takes it out of the calendar"),
}


@dataclass(frozen=True)
class OutboxFilter:
    """What the administrator wants to see; empty is everything."""

    state: str = ""
    kind: str = ""
    search: str = ""

    def conditions(self, *, but_state: bool = False) -> list[ColumnElement[bool]]:
        where: list[ColumnElement[bool]] = []
        if self.state and not but_state:
            where.append(OutboxMessage.state == self.state)
        if self.kind:
            where.append(OutboxMessage.kind == self.kind)
        if self.search:
            where.append(has_phrase(self.search, OutboxMessage.address, OutboxMessage.subject_line))
        return where


def messages(wanted: OutboxFilter, page: int) -> Page:
    """Newest first."""
    return paged(
        select(OutboxMessage).where(*wanted.conditions()).order_by(OutboxMessage.id.desc()),
        page,
        defer(OutboxMessage.text),
        defer(OutboxMessage.parts),
        defer(OutboxMessage.earlier_html),
        joinedload(OutboxMessage.recipient).lazyload(User.memberships),
    )


def counts_by_state(wanted: OutboxFilter) -> Mapping[str, int]:
    """How many there are in each state, under the other filters."""
    query = select(OutboxMessage.state, func.count()).where(*wanted.conditions(but_state=True))
    return dict(db.session.execute(query.group_by(OutboxMessage.state)).all())


def kinds() -> list[str]:
    """The kinds of message there are."""
    return list(db.session.scalars(select(OutboxMessage.kind).distinct().order_by(OutboxMessage.kind)))


def find(id: int, *, for_update: bool = False) -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.id == id)
    query = query.options(joinedload(OutboxMessage.recipient).options(lazyload(User.memberships)))
    if for_update:
        query = query.with_for_update(of=OutboxMessage).execution_options(populate_existing=True)
    return or_404(db.session.scalar(query))


def newest_to(address: str) -> OutboxMessage | None:
    """For the command line."""
    mine = select(OutboxMessage).where(OutboxMessage.address == address.strip().lower())
    return db.session.scalar(mine.order_by(OutboxMessage.id.desc()).limit(1))


LIST = Listing(
    "outbox",
    "Outbox",
    (
        Column("Number", "id", Kind.NUMBER),
        Column("Made", "created_at", Kind.INSTANT),
        Column("To", "address"),
        Column("Name", "recipient.name"),
        Column("Kind", "kind"),
        Column("Subject", "subject_line"),
        Column("Calendar", lambda each: CALENDAR.get(each.carries, ("",))[0]),
        Column("State", "state"),
        Column("Tries", "tries", Kind.NUMBER),
        Column("Sent", "sent_at", Kind.INSTANT),
        Column("Last error", "last_error"),
    ),
)
