"""Whose roles count as an interest in a voucher: those that last, and those that lasted since it was asked for.

`vouchers.guards.no_interest` asks it of whoever acts. Here it is asked of the programme's people: who could decide, and who did.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.days import day_in
from mobility.exchanges.models import Exchange
from mobility.people.interest import Asked
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import ROLE_LABELS, Role
from mobility.programmes.models import Programme
from mobility.safeguards.rules import INTEREST, Finding
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from mobility.workflows.parts import Actor

DECIDING = (Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER)
DECIDED_AS = (Actor.OWNER, Actor.ASSESSOR, Actor.FINANCE_OFFICER)

# The same day as `Asked.first`
FIRST_ASKED_ON = case(
    (Application.submitted_on < Voucher.requested_on, Application.submitted_on),
    else_=func.coalesce(Voucher.requested_on, Application.submitted_on),
)


def with_days(query: Select[Any]) -> Select[Any]:
    """Vouchers with the application and the programme, whose days and timezone count."""
    return (
        query.join(Programme, Programme.id == Voucher.programme_id)
        .outerjoin(Exchange, Exchange.id == Voucher.exchange_id)
        .outerjoin(Application, Application.id == Exchange.application_id)
    )


def counts(membership: Any, first: ColumnElement[Any], timezone: ColumnElement[Any]) -> ColumnElement[bool]:
    """As `Asked.counts`."""
    return or_(membership.until.is_(None), day_in(membership.until, timezone) >= first)


def could_decide(programme_id: Any) -> ColumnElement[bool]:
    """A membership with which somebody may decide now in a programme.

    Few are in a programme and have such a role: as both stand in the statement, PostgreSQL finds them by their index.
    """
    roles: BindParameter[Any] = bindparam("deciding", DECIDING, expanding=True, literal_execute=True)
    few = and_(Membership.programme_id.is_not(None), Membership.role.in_(roles))
    return and_(Membership.programme_id == programme_id, Membership.current, few)


def has_decided(voucher_id: Any) -> ColumnElement[bool]:
    """An entry of what was done with a voucher for its programme."""
    on_voucher = (HistoryEntry.subject_type == Voucher.workflow.name, HistoryEntry.subject_id == voucher_id)
    return and_(*on_voucher, HistoryEntry.acted_as.in_(DECIDED_AS))


def findings_of(rows: Sequence[Any]) -> dict[int, list[Finding]]:
    """Of the people who decide or have decided: who has an interest, since when, and whether that came after the request."""
    found: dict[int, dict[int, Finding]] = defaultdict(dict)
    asked = {row.id: Asked(row.timezone, row.submitted_on, row.requested_on) for row in rows}
    rows = db.session.execute(_held(), {"ids": list(asked)}).all() if asked else []
    for held in sorted(rows, key=lambda each: (-each.acted, each.name, each.since, each.id)):
        if asked[held.voucher_id].counts(held):
            who = f"{held.name}, who acted as {held.part}," if held.acted else f"{held.name}, {ROLE_LABELS[held.part].lower()},"
            found[held.voucher_id].setdefault(held.id, Finding(INTEREST, f"{asked[held.voucher_id].told(who, held)}."))
    return {id: list(each.values()) for id, each in found.items()}


@cache
def _held() -> CompoundSelect[Any]:
    """The roles in a voucher's organisations of those who have acted for its programme, and of those who could."""
    deciding = aliased(Membership)
    acted = _roles(HistoryEntry.acted_as, 1).join(HistoryEntry, has_decided(Voucher.id))
    could = _roles(deciding.role, 0).join(
        deciding, and_(deciding.programme_id == Voucher.programme_id, deciding.current, deciding.role.in_(DECIDING))
    )
    return union_all(_of(acted, HistoryEntry.actor_id), _of(could, deciding.user_id).where(User.active))


def _roles(part: Any, acted: int) -> Select[Any]:
    return select(
        Voucher.id.label("voucher_id"),
        Membership.id,
        Membership.role,
        Membership.since,
        Membership.until,
        Organisation.name.label("place_name"),
        User.name,
        part.label("part"),
        literal(acted).label("acted"),
    ).select_from(Voucher)


def _of(query: Select[Any], user_id: Any) -> Select[Any]:
    involved = (Voucher.holder_organisation_id, Voucher.host_id, Voucher.provider_id)
    return (
        query.join(Membership, and_(Membership.user_id == user_id, Membership.organisation_id.in_(involved)))
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(Voucher.id.in_(bindparam("ids", expanding=True)))
    )
