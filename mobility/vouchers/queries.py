"""Reads of vouchers: one with all its page needs, the lists of people and programmes, and codes."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from mobility.core.database import db, table_of
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.lists.columns import Column, Kind, Listing, Reached, days, state_of, texts
from mobility.lists.loading import only
from mobility.people.models import User
from mobility.programmes.models import BudgetLine
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.parts import Actor
from mobility.workflows.searching import has_searched
from mobility.workflows.visibility import plays

SORTS = {
    "due": (Voucher.due_on.asc().nulls_last(), Voucher.id),
    "-due": (Voucher.due_on.desc().nulls_last(), Voucher.id.desc()),
    "amount": (Voucher.amount, Voucher.id),
    "-amount": (Voucher.amount.desc(), Voucher.id.desc()),
    "requested": (Voucher.requested_on, Voucher.id),
    "-requested": (Voucher.requested_on.desc(), Voucher.id.desc()),
}

# The parts through which a voucher is somebody's own, not the programme's
THEIR_OWN = (Actor.HOLDER, Actor.GUEST_COORDINATOR, Actor.HOST_COORDINATOR, Actor.HOST, Actor.PROVIDER)


def find(id: int, user: Any, for_update: bool = False) -> Voucher:
    """The voucher with what its page needs, or 404 if this person may not see it.

    `for_update` locks its row first and then reads everything again, so that of two people the second sees what the first
    did.
    """
    voucher = lock(id) if for_update else _whole(id)
    return or_404(voucher if voucher is not None and WORKFLOW.may_see(user, voucher) else None)


def find_to_act(id: int, user: Any, for_update: bool = False) -> Voucher:
    """As `find`, for acts that go by the version their form was opened at (workflows/actions.py).

    `for_update` locks the row in the statement that reads: whoever had to wait for it may see what belongs to the voucher as it
    was before, but the voucher itself as it is, so with another version if anything was done to it.
    """
    if not for_update:
        return find(id, user)
    found = db.session.scalars(_locking_to_act(), {"id": id}).unique().one_or_none()
    voucher = found or lock(id)  # its holder has just become one with somebody else, so the two did not fit together
    return or_404(voucher if voucher is not None and WORKFLOW.may_see(user, voucher) else None)


@cache
def _locking_to_act() -> Select[Voucher]:
    return to_act_on().with_for_update(of=Voucher, key_share=True)


def lock(id: int) -> Voucher | None:
    """The voucher, locked until the transaction ends."""
    db.session.execute(_locking(), {"id": id})
    return db.session.scalars(to_act_on(), {"id": id}).unique().one_or_none()


@cache
def _locking() -> Select[int]:
    voucher = table_of(Voucher)
    return select(voucher.c.id).where(voucher.c.id == bindparam("id")).with_for_update(key_share=True)


def lock_of_exchange(exchange_id: int) -> Voucher | None:
    """The newest voucher of an exchange, locked; none if it has none."""
    id = db.session.scalar(select(Voucher.id).where(Voucher.exchange_id == exchange_id).order_by(Voucher.id.desc()).limit(1))
    return lock(id) if id is not None else None


def newest_of_exchange(exchange_id: int) -> Voucher | None:
    """The one that counts of an exchange's; none if it has none."""
    return db.session.scalar(select(Voucher).where(Voucher.exchange_id == exchange_id).order_by(Voucher.id.desc()).limit(1))


def is_newest(voucher: Voucher) -> bool:
    """No later voucher has followed it for the same exchange."""
    later = select(Voucher.id).where(Voucher.exchange_id == voucher.exchange_id, Voucher.id > voucher.id)
    return voucher.exchange_id is not None and db.session.scalar(later.limit(1)) is None


def _whole(id: int) -> Voucher | None:
    return db.session.scalars(_with_all(), {"id": id}).unique().one_or_none()


@cache
def _with_all() -> Select[Voucher]:
    """With everything the voucher's page shows."""
    exchange = joinedload(Voucher.exchange)
    return to_act_on().options(
        joinedload(Voucher.rate_card),
        joinedload(Voucher.assessed_by).lazyload(User.memberships),
        exchange.joinedload(Exchange.guest_organisation),
    )


@cache
def to_act_on() -> Select[Voucher]:
    """With what nearly every act and its messages need. Whatever else is needed is loaded when it is asked for."""
    exchange = joinedload(Voucher.exchange)
    return (
        select(Voucher)
        .where(Voucher.id == bindparam("id"))
        .options(
            joinedload(Voucher.programme, innerjoin=True),
            joinedload(Voucher.holder, innerjoin=True).lazyload(User.memberships),
            joinedload(Voucher.holder_organisation, innerjoin=True),
            joinedload(Voucher.host),
            joinedload(Voucher.budget_line).joinedload(BudgetLine.call),
            exchange.joinedload(Exchange.theme),
            exchange.joinedload(Exchange.delegates),
        )
        .execution_options(populate_existing=True)
    )


def vouchers_of(user: User, page: int = 1, text: str = "") -> Page:
    """Those a person holds, and those of the organisations they coordinate, receive or provide for; what waits longest first."""
    mine = plays(Voucher, user, *THEIR_OWN)
    mine = mine & has_searched(Voucher, text, user) if text else mine
    return paged(
        select(Voucher).where(mine).order_by(*SORTS["due"]),
        page,
        *(joinedload(each, innerjoin=True) for each in (Voucher.programme, Voucher.holder)),
        *map(joinedload, (Voucher.host, Voucher.provider, Voucher.claim)),  # a claim that was returned names the state
        joinedload(Voucher.exchange).joinedload(Exchange.theme),
        whole=only(Voucher, LIST.ways),
    )


_SIDES = ("host.name", "provider.name")
LIST = Listing(
    "vouchers",
    "Vouchers",
    (
        *texts(Reference="reference", Kind="traits.label", What_for="what_for", Programme="programme.name", Holder="holder.name"),
        *texts(Host_or_provider="counterpart.name", State=state_of),
        Column("Amount", lambda each: each.amount if each.lines else None, Kind.MONEY),
        *days(Due="due_on", Requested="requested_on", Valid_from="valid_from", Valid_until="valid_until", Paid="paid_on"),
    ),
    reached=Reached("holders", "holder_id", "programme_id", "counterpart.id", page="vouchers.show"),
    needs=("advised_against", "amount", "claim.submitted_at", "exchange.theme.title", *_SIDES, "kind", "lines", "state"),
)
