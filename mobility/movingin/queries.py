"""What is here already that a row of a running exchange may name; and what rests on one that was moved in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import lazyload

from mobility.applications.models import Application
from mobility.core.database import db, table_of
from mobility.core.names import name_key
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.notifications.models import OutboxMessage
from mobility.payments.models import Payment
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Call, Programme
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.standard import STAY
from mobility.teams.models import RoleInvitation
from mobility.themes.models import Theme
from mobility.themes.workflow import ARCHIVED
from mobility.vouchers.kinds import keys_of
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry

CHUNK = 400
GUEST_ROLES = (Role.GUEST, Role.COORDINATOR)


@dataclass(frozen=True)
class Stay:
    """One that is here."""

    guest_id: int
    first_day: date
    last_day: date
    host_id: int
    programme: str


def organisations() -> dict[str, Organisation]:
    """Name key -> organisation."""
    return {each.name_key: each for each in db.session.scalars(select(Organisation))}


def themes(programme_id: int) -> dict[tuple[int, str], Row[Any]]:
    """(host, name key of the title) -> (id, title, free), those that are archived apart."""
    free = (Theme.places - Theme.places_taken - Theme.places_offered).label("free")
    query = select(Theme.id, Theme.host_id, Theme.title, free)
    rows = db.session.execute(query.where(Theme.programme_id == programme_id, Theme.state != ARCHIVED).order_by(Theme.id.desc()))
    return {(each.host_id, name_key(each.title)): each for each in rows}


def accounts(addresses: Collection[str]) -> dict[str, User]:
    found: dict[str, User] = {}
    for chunk in chunks(sorted(addresses)):
        found |= {each.email: each for each in db.session.scalars(select(User).where(User.email.in_(chunk)))}
    return found


def acting_for(ids: Collection[int]) -> dict[tuple[int, int], bool]:
    """(person, organisation) -> whether they act for it as a guest or coordinator now, or only are invited to."""
    found: dict[tuple[int, int], bool] = {}
    for chunk in chunks(ids):
        waits = select(RoleInvitation.person_id, RoleInvitation.organisation_id)
        waits = waits.where(RoleInvitation.open, RoleInvitation.role.in_(GUEST_ROLES), RoleInvitation.person_id.in_(chunk))
        lasts = select(Membership.user_id, Membership.organisation_id)
        lasts = lasts.where(Membership.current, Membership.role.in_(GUEST_ROLES), Membership.user_id.in_(chunk))
        for query, now in ((waits, False), (lasts, True)):
            found |= {(person, place): now for person, place in db.session.execute(query) if place}
    return found


def lines(programme_id: int) -> dict[str, BudgetLine | None]:
    """Name key of a call -> its budget line for stays; None: it has none."""
    of_stays = (BudgetLine.call_id == Call.id) & BudgetLine.voucher_kind.in_(keys_of(lambda kind: kind.rests_on_stay))
    query = select(Call.name_key, BudgetLine).outerjoin(BudgetLine, of_stays).where(Call.programme_id == programme_id)
    return dict(db.session.execute(query.order_by(Call.id)).all())


def stays(guests: Collection[int]) -> dict[int, list[Stay]]:
    """Guest -> the exchanges that are not cancelled, of every programme."""
    found: dict[int, list[Stay]] = defaultdict(list)
    columns = (Exchange.guest_id, Exchange.first_day, Exchange.last_day, Exchange.host_id, Programme.name)
    for chunk in chunks(guests):
        query = select(*columns).join(Programme, Exchange.programme_id == Programme.id)
        for row in db.session.execute(query.where(Exchange.guest_id.in_(chunk), Exchange.state != CANCELLED)):
            found[row[0]].append(Stay(*row))
    return found


def payments(references: Collection[str]) -> set[str]:
    """Those by which something was paid already, here or elsewhere."""
    found: set[str] = set()
    for chunk in chunks(references):
        for column in (Voucher.paid_elsewhere, Payment.end_to_end_id):
            found |= set(db.session.scalars(select(column).where(column.in_(chunk))))
    return found


def about_stays(programme_id: int) -> list[Questionnaire]:
    """What is asked about a stay since it ended."""
    query = select(Questionnaire).where(Questionnaire.programme_id == programme_id, Questionnaire.event == STAY)
    return list(db.session.scalars(query.order_by(Questionnaire.id)))


def moved_in(ids: Collection[int]) -> list[Exchange]:
    found: list[Exchange] = []
    for chunk in chunks(ids):
        query = select(Exchange).where(Exchange.id.in_(chunk)).order_by(Exchange.id)
        found += db.session.scalars(query.options(lazyload(Exchange.guest)))
    return found


# What rests on them

OWN = {
    Exchange: {"agreement_version", "voucher", "asking", "imported_row"},
    Application: {"delegate", "exchange"},
    Voucher: {"ledger_entry"},
}


def rests_on(exchange_ids: Collection[int]) -> list[str]:
    """Anything that was done with them since, or names them."""
    ids = _ids(exchange_ids)
    acts = mails = named = 0
    for model, found in ids.items():
        type_ = model.workflow.name
        for chunk in chunks(found):
            of_them = (HistoryEntry.subject_type == type_, HistoryEntry.subject_id.in_(chunk))
            acts += _count(HistoryEntry, *of_them, HistoryEntry.action != "move_in")
            mails += _count(OutboxMessage, OutboxMessage.subject_type == type_, OutboxMessage.subject_id.in_(chunk))
            named += sum(_count(table, column.in_(chunk)) for table, column in _references(model))
    reasons = [f"{acts} acts on its exchanges, applications or vouchers since"] if acts else []
    reasons += [f"{mails} mails about its exchanges"] if mails else []
    return [*reasons, *([f"{named} things that were written to its exchanges"] if named else [])]


def _ids(exchange_ids: Collection[int]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {Exchange: [], Application: [], Voucher: []}
    for chunk in chunks(exchange_ids):
        for id, application_id in db.session.execute(select(Exchange.id, Exchange.application_id).where(Exchange.id.in_(chunk))):
            found[Exchange].append(id)
            found[Application].append(application_id)
        found[Voucher] += db.session.scalars(select(Voucher.id).where(Voucher.exchange_id.in_(chunk)))
    return found


def _references(model: Any) -> Iterator[tuple[Any, Any]]:
    """Every foreign key to it from what did not come with it: a feature that is written tomorrow is not forgotten."""
    target = table_of(model)
    for table in target.metadata.sorted_tables:
        if table.name not in OWN[model]:
            for column in table.columns:
                if any(key.column.table is target for key in column.foreign_keys):
                    yield table, column


def _count(what: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(what).where(*conditions)) or 0


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Of a size that every database takes in one statement."""
    each = iter(values)
    while found := list(islice(each, CHUNK)):
        yield found
