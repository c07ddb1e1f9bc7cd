"""Reading exchanges: one, and the lists of them."""

from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from mobility.applications.models import Application, Delegate
from mobility.applications.queries import SIDES
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.documents.calendar import REQUEST
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.lists.columns import Column, Kind, Listing, Reached, state_of
from mobility.lists.loading import only
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import Addressee
from mobility.people.models import Organisation, User
from mobility.themes.models import Theme
from mobility.workflows.searching import has_searched
from mobility.workflows.visibility import plays


def find(id: int, user: Any, for_update: bool = False) -> Exchange:
    """The exchange with all that its page needs, or 404 if the person may not see it.

    `for_update` locks it first and then reads all again: of two people the second sees what the first did.
    """
    if for_update:
        db.session.execute(select(Exchange.id).where(Exchange.id == id).with_for_update())
    query = select(Exchange).where(Exchange.id == id).options(*_whole())
    exchange = db.session.scalar(query.execution_options(populate_existing=True))
    if exchange is None or not exchange.workflow.may_see(user, exchange):
        abort(404)
    return _linked(exchange)


def of_application(application: Application) -> Exchange:
    """The exchange that a confirmed application became."""
    return db.session.scalars(select(Exchange).where(Exchange.application_id == application.id)).one()


def version(exchange: Exchange, number: int) -> tuple[AgreementVersion, AgreementVersion | None]:
    """A version of the agreement, and the one before it; 404 if there is none of that number."""
    by_number = {each.number: each for each in exchange.versions}
    if number not in by_number:
        abort(404)
    return by_number[number], by_number.get(number - 1)


def _whole() -> tuple[Any, ...]:
    versions = selectinload(Exchange.versions)
    return (
        *_row(),
        joinedload(Exchange.theme).selectinload(Theme.windows),
        versions.selectinload(AgreementVersion.signatures),
        versions.selectinload(AgreementVersion.endorsements),
        versions.joinedload(AgreementVersion.written_by),
    )


def _row() -> tuple[Any, ...]:
    """The newest version and the one in force are among the versions, so they need no query of their own."""
    return (
        joinedload(Exchange.theme).joinedload(Theme.programme),
        joinedload(Exchange.programme),
        joinedload(Exchange.host),
        joinedload(Exchange.guest),
        joinedload(Exchange.guest_organisation),
        joinedload(Exchange.application),
        selectinload(Exchange.delegates),
        selectinload(Exchange.vouchers),
        selectinload(Exchange.versions),
    )


def _linked(exchange: Exchange) -> Exchange:
    """Its application leads back to it without a query: the journey line goes both ways."""
    set_committed_value(exchange.application, "exchange", exchange)
    return exchange


@dataclass(frozen=True)
class Filters:
    """What a list shows, as it stands in the address."""

    side: str = ""
    state: str = ""
    text: str = ""


def listed(user: Any, filters: Filters, page: int) -> Page:
    """A person's exchanges, those that wait for somebody first, by their deadline, then by their days."""
    query = _visible(user, filters)
    if filters.state:
        query = query.where(Exchange.state == filters.state)
    order = (Exchange.due_on.is_(None), Exchange.due_on, Exchange.first_day.desc(), Exchange.id.desc())
    found = paged(query.order_by(*order), page, *_row(), whole=only(Exchange, LIST.ways))
    for each in found.items:
        _linked(each)
    return found


def count_by_state(user: Any, filters: Filters) -> dict[str, int]:
    query = _visible(user, filters).with_only_columns(Exchange.state, func.count()).group_by(Exchange.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _visible(user: Any, filters: Filters) -> Select[Exchange]:
    seen = select(Exchange).where(plays(Exchange, user, *SIDES.get(filters.side, ())))
    return seen.where(has_searched(Exchange, filters.text, user)) if filters.text else seen


def invited(exchange: Exchange) -> list[User | Addressee]:
    """Who has the stay in their calendar by a mail of ours: the last one to their address invited them."""
    of_this = (OutboxMessage.subject_type == exchange.subject_type, OutboxMessage.subject_id == exchange.id)
    query = select(OutboxMessage).where(*of_this, OutboxMessage.calendar != "").order_by(OutboxMessage.id)
    last = {row.address: row for row in db.session.scalars(query.options(joinedload(OutboxMessage.recipient)))}
    asked = [row for row in last.values() if row.carries == REQUEST]
    return [row.recipient or Addressee(row.address, row.address) for row in asked]


def figures() -> list[tuple[int, str]]:
    """What has come of it so far, for the front page: (number, what it counts)."""
    host, home = aliased(Organisation), aliased(Organisation)
    took_place = Exchange.state.in_(TOOK_PLACE)
    exchanges, people, pairs = db.session.execute(
        select(
            func.count(func.distinct(Exchange.id)),
            func.count(Delegate.id),
            func.count(func.distinct(host.country + home.country)),
        )
        .select_from(Exchange)
        .join(Delegate, Delegate.application_id == Exchange.application_id)
        .join(host, Exchange.host_id == host.id)
        .join(home, Exchange.guest_organisation_id == home.id)
        .where(took_place)
    ).one()
    if not exchanges:
        return []
    return [
        (exchanges, "exchanges took place"),
        (people, "colleagues travelled"),
        (pairs, "pairs of countries learnt from each other"),
    ]


LIST = Listing(
    "exchanges",
    "Exchanges",
    (
        Column("Theme", "theme.title"),
        Column("Programme", "programme.name"),
        Column("Guest", "guest.name"),
        Column("Guest organisation", "guest_organisation.name"),
        Column("Guest country", "guest_organisation.country"),
        Column("Host", "host.name"),
        Column("Host country", "host.country"),
        Column("First day", lambda each: each.actual_first_day or each.first_day, Kind.DAY),
        Column("Last day", lambda each: each.actual_last_day or each.last_day, Kind.DAY),
        Column("Persons", lambda each: len(each.delegates), Kind.NUMBER),
        Column("State", state_of),
        Column("Due", "due_on", Kind.DAY),
        Column("Self-funded", "self_funded", Kind.YES_NO),
    ),
    reached=Reached("guests", "guest_id", "programme_id", "host_id", page="exchanges.show"),
    needs=("actual_first_day", "actual_last_day", "delegates", "first_day", "last_day", "state"),
)
