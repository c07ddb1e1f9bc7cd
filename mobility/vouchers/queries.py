"""Reads of vouchers: one with all its page needs, the lists of people and programmes, and codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.errors import EditConflict
from mobility.core.pages import PER_PAGE, Page, or_404
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, Role, User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import Preview
from mobility.vouchers.rules import preview as preview_by
from mobility.vouchers.workflow import (
    APPROVED,
    CLAIMED,
    DELIVERED,
    DRAFT,
    EXPIRED,
    ISSUED,
    LAPSED,
    PAID,
    RECOMMENDED,
    RECOVERED,
    REDEEMED,
    REJECTED,
    REQUESTED,
    RETURNED,
    REVOKED,
    VALIDATED,
    WITHDRAWN,
    WORKFLOW,
)

GROUPS = {
    "decide": ("To decide", (REQUESTED, RECOMMENDED, APPROVED)),
    "asked": ("Question asked", (RETURNED,)),
    "running": ("In use", (ISSUED, REDEEMED, DELIVERED)),
    "claims": ("Claims", (CLAIMED, VALIDATED)),
    "paid": ("Paid", (PAID,)),
    "stopped": ("Stopped", (REJECTED, EXPIRED, LAPSED, WITHDRAWN, REVOKED, RECOVERED)),
}
SORTS = {
    "due": (Voucher.due_on.asc().nulls_last(), Voucher.id),
    "-due": (Voucher.due_on.desc().nulls_last(), Voucher.id.desc()),
    "amount": (Voucher.amount, Voucher.id),
    "-amount": (Voucher.amount.desc(), Voucher.id.desc()),
    "requested": (Voucher.requested_on, Voucher.id),
    "-requested": (Voucher.requested_on.desc(), Voucher.id.desc()),
}


def find(id: int, user: Any, for_update: bool = False) -> Voucher:
    """The voucher with what its page needs, or 404 if this person may not see it.

    `for_update` locks its row first and then reads everything anew, so that of two people the second sees what the first
    did.
    """
    voucher = lock(id) if for_update else _whole(id)
    return or_404(voucher if voucher is not None and WORKFLOW.may_see(user, voucher) else None)


def lock(id: int) -> Voucher | None:
    """The voucher, locked until the transaction ends."""
    db.session.execute(_locking(), {"id": id})
    return db.session.scalar(_to_act_on(), {"id": id})


@cache
def _locking() -> Select[tuple[int]]:
    return select(Voucher.id).where(Voucher.id == bindparam("id")).with_for_update(key_share=True)


def lock_of_exchange(exchange_id: int) -> Voucher | None:
    """The newest voucher of an exchange, locked; none if it has none."""
    id = db.session.scalar(
        select(Voucher.id).where(Voucher.exchange_id == exchange_id).order_by(Voucher.id.desc()).limit(1)
    )
    return lock(id) if id is not None else None


def is_newest(voucher: Voucher) -> bool:
    """No later voucher has followed it for the same exchange."""
    later = select(Voucher.id).where(Voucher.exchange_id == voucher.exchange_id, Voucher.id > voucher.id)
    return voucher.exchange_id is not None and db.session.scalar(later.limit(1)) is None


def _whole(id: int) -> Voucher | None:
    return db.session.scalar(_with_all(), {"id": id})


@cache
def _with_all() -> Select[tuple[Voucher]]:
    """With everything the voucher's page shows."""
    exchange = joinedload(Voucher.exchange)
    return _to_act_on().options(
        joinedload(Voucher.provider),
        joinedload(Voucher.rate_card),
        joinedload(Voucher.assessed_by).lazyload(User.memberships),
        exchange.joinedload(Exchange.guest_organisation),
        exchange.joinedload(Exchange.application).selectinload(Application.delegates),
    )


@cache
def _to_act_on() -> Select[tuple[Voucher]]:
    """With what nearly every act and its messages need. What else one needs is loaded when it is asked for."""
    exchange = joinedload(Voucher.exchange)
    return (
        select(Voucher)
        .where(Voucher.id == bindparam("id"))
        .options(
            joinedload(Voucher.programme, innerjoin=True),
            joinedload(Voucher.holder, innerjoin=True).lazyload(User.memberships),
            joinedload(Voucher.holder_organisation, innerjoin=True),
            joinedload(Voucher.host),
            joinedload(Voucher.budget_line),
            exchange.joinedload(Exchange.theme),
            exchange.joinedload(Exchange.host),
        )
        .execution_options(populate_existing=True)
    )


def faster(voucher: Voucher, version: int) -> EditConflict:
    """Somebody else was faster: with what was done since `version`."""
    return EditConflict(voucher, voucher.changes_since(version))


def preview(exchange: Exchange) -> Preview:
    """What a voucher for this exchange would amount to today, by the programme's newest rates."""
    card = programmes.newest_rate_card(exchange.programme_id)
    return preview_by(card.components if card else None, exchange)


def vouchers_of(user: User, page: int = 1) -> Page:
    """Those a person holds, and those of the organisations they coordinate or receive for; what waits longest first."""
    coordinating = user.organisation_ids(Role.COORDINATOR)
    receiving = user.organisation_ids(Role.COORDINATOR, Role.HOST)
    mine = or_(
        Voucher.holder_id == user.id,
        Voucher.holder_organisation_id.in_(coordinating),
        Voucher.host_id.in_(receiving),
    )
    count = db.session.scalar(select(func.count()).select_from(Voucher).where(mine)) or 0
    rows = db.session.scalars(
        select(Voucher)
        .where(mine)
        .options(
            joinedload(Voucher.programme, innerjoin=True),
            joinedload(Voucher.holder, innerjoin=True),
            joinedload(Voucher.host),
            joinedload(Voucher.exchange).joinedload(Exchange.theme),
        )
        .order_by(*SORTS["due"])
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Page(rows, page, count)


# The decision desk


@dataclass(frozen=True)
class DeskFilter:
    """What the desk shows. `group` is a key of GROUPS, "mine", "late" or "all"; `states` wait for the reader."""

    group: str = "decide"
    states: tuple[str, ...] = ()
    state: str = ""
    country: str = ""
    text: str = ""
    sort: str = "due"
    today: date = field(default=date.min)


@dataclass(frozen=True)
class Standing:
    """How many vouchers of a programme are in each state, and how many of these await a decision that is late."""

    counts: Mapping[str, int]
    late: int

    def of(self, states: Iterable[str]) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def all(self) -> int:
        return sum(self.counts.values()) - self.counts.get(DRAFT, 0)


def standing(programme_id: int, today: date) -> Standing:
    late = func.count().filter(Voucher.due_on < today)
    rows = db.session.execute(
        select(Voucher.state, func.count(), late).where(Voucher.programme_id == programme_id).group_by(Voucher.state)
    ).all()
    to_decide = GROUPS["decide"][1]
    return Standing({row[0]: row[1] for row in rows}, sum(row[2] for row in rows if row[0] in to_decide))


def desk(programme: Programme, wanted: DeskFilter, page: int, known: Standing) -> Page:
    """One page of a programme's vouchers as plain rows: two queries, and one more to count where `known` cannot tell.

    The page is cut out of the vouchers alone, by their index; only its rows are joined with what they are about. They are
    joined by their ids, so that the database keeps its plan for that: making one takes longer than following it.
    """
    chosen = _chosen(programme.id, wanted)
    count = _count_known(wanted, known)
    if count is None:
        count = db.session.scalar(select(func.count()).select_from(Voucher).where(chosen)) or 0
    order = SORTS.get(wanted.sort, SORTS["due"])
    cut = select(Voucher.id).where(chosen).order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    ids = db.session.scalars(cut).all()
    rows = db.session.execute(_desk_rows().where(Voucher.id.in_(ids)).order_by(*order)).all()
    return Page(rows, page, count)


def _count_known(wanted: DeskFilter, known: Standing) -> int | None:
    if wanted.country or wanted.text:
        return None
    if wanted.state:
        return known.of([wanted.state])
    if wanted.group == "late":
        return known.late
    if wanted.group == "mine":
        return known.of(wanted.states)
    return known.of(GROUPS[wanted.group][1]) if wanted.group in GROUPS else known.all


@cache
def _desk_rows() -> Select[Any]:
    home, host = aliased(Organisation), aliased(Organisation)
    return (
        select(
            Voucher.id,
            Voucher.version,
            Voucher.state,
            Voucher.amount,
            Voucher.due_on,
            Voucher.requested_on,
            Voucher.score,
            Voucher.assessed_by_id,
            Voucher.holder_organisation_id,
            Voucher.host_id,
            Voucher.provider_id,
            User.name.label("holder"),
            home.name.label("organisation"),
            host.name.label("host"),
            host.country.label("country"),
            Theme.title.label("theme"),
            Exchange.first_day,
            Exchange.last_day,
        )
        .join(User, Voucher.holder_id == User.id)
        .join(home, Voucher.holder_organisation_id == home.id)
        .outerjoin(host, Voucher.host_id == host.id)
        .outerjoin(Exchange, Voucher.exchange_id == Exchange.id)
        .outerjoin(Theme, Exchange.theme_id == Theme.id)
    )


def _late(programme_id: int, today: date) -> ColumnElement[bool]:
    """Undecided after the promised day (workflows.md, service promises)."""
    return and_(
        Voucher.programme_id == programme_id, Voucher.state.in_(GROUPS["decide"][1]), Voucher.due_on < today
    )


def _chosen(programme_id: int, wanted: DeskFilter) -> ColumnElement[bool]:
    conditions = [Voucher.programme_id == programme_id, Voucher.state != DRAFT]
    if wanted.state:
        conditions.append(Voucher.state == wanted.state)
    elif wanted.group == "mine":
        conditions.append(Voucher.state.in_(wanted.states))
    elif wanted.group == "late":
        conditions.append(_late(programme_id, wanted.today))
    elif wanted.group in GROUPS:
        conditions.append(Voucher.state.in_(GROUPS[wanted.group][1]))
    if wanted.country:
        conditions.append(Voucher.host_id.in_(select(Organisation.id).where(Organisation.country == wanted.country)))
    if wanted.text:
        conditions.append(_about(wanted.text))
    return and_(*conditions)


def _about(text: str) -> ColumnElement[bool]:
    """The text stands in the holder's name, an organisation's, or the theme's title; or it is the reference."""
    named = select(Organisation.id).where(Organisation.name.icontains(text, autoescape=True))
    found = [
        Voucher.holder_id.in_(select(User.id).where(User.name.icontains(text, autoescape=True))),
        Voucher.holder_organisation_id.in_(named),
        Voucher.host_id.in_(named),
        Voucher.exchange_id.in_(
            select(Exchange.id).join(Exchange.theme).where(Theme.title.icontains(text, autoescape=True))
        ),
    ]
    number = text.upper().removeprefix("V-")
    if number.isascii() and number.isdigit() and len(number) < 10:
        found.append(Voucher.id == int(number))
    return or_(*found)


# Codes


@dataclass(frozen=True)
class Genuine:
    """What the public page says of a code, and nothing else: what kind of paper, and its state in words."""

    paper: str
    state: str
    good: bool
    subject: Any


def by_code(code: str) -> Genuine | None:
    """What a code (in its stored form) belongs to: a voucher or a certificate of attendance."""
    voucher = db.session.scalar(
        select(Voucher).where(Voucher.code == code).options(joinedload(Voucher.programme, innerjoin=True))
    )
    if voucher is not None:
        state = WORKFLOW.state(EXPIRED if _is_over(voucher) else voucher.state)
        return Genuine("voucher", state.label, state.kind != "stopped", voucher)
    exchange = db.session.scalar(select(Exchange).where(Exchange.certificate_code == code))
    return Genuine("certificate of attendance", "Attendance confirmed", True, exchange) if exchange else None


def _is_over(voucher: Voucher) -> bool:
    """Its last day has passed, even if the nightly job has not been there yet."""
    return voucher.state == ISSUED and voucher.valid_until is not None and voucher.valid_until < voucher.programme.today


def due(state: str, before: date) -> Sequence[int]:
    """The ids of the vouchers in a state whose deadline has passed, for jobs."""
    return db.session.scalars(
        select(Voucher.id).where(Voucher.state == state, Voucher.due_on < before).order_by(Voucher.id)
    ).all()
