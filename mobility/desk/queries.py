"""Reads of a programme's decision desk: its list, what is chosen from it, and the vouchers about to be decided on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload, lazyload, load_only

from mobility.core.database import db
from mobility.core.numbers import whole_number
from mobility.core.paging import Page, paged
from mobility.core.searching import has_phrase
from mobility.exchanges.models import Exchange
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.safeguards.queries import state_in_row
from mobility.themes.models import Theme
from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from mobility.vouchers.queries import SORTS
from mobility.vouchers.states import (
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
)

GROUPS = {
    "decide": ("To decide", (REQUESTED, RECOMMENDED, APPROVED)),
    "asked": ("Question asked", (RETURNED,)),
    "running": ("In use", (ISSUED, REDEEMED, DELIVERED)),
    "claims": ("Claims", (CLAIMED, VALIDATED)),
    "paid": ("Paid", (PAID,)),
    "stopped": ("Stopped", (REJECTED, EXPIRED, LAPSED, WITHDRAWN, REVOKED, RECOVERED)),
}


DECIDABLE = (REQUESTED, RECOMMENDED, RETURNED)  # can be approved or rejected
FOR_SEVERAL = (*DECIDABLE, APPROVED)  # what an owner takes on together with others; what is approved can be issued
MOST_AT_ONCE = 1000


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
class Counts:
    """How many vouchers of a programme are in each state, and how many of these await a decision that is late."""

    counts: Mapping[str, int]
    late: int

    def of(self, states: Iterable[str]) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def all(self) -> int:
        return sum(self.counts.values()) - self.counts.get(DRAFT, 0)


def counts(programme_id: int, today: date) -> Counts:
    late = func.count().filter(Voucher.due_on < today)
    rows = db.session.execute(
        select(Voucher.state, func.count(), late).where(Voucher.programme_id == programme_id).group_by(Voucher.state)
    ).all()
    to_decide = GROUPS["decide"][1]
    return Counts({row[0]: row[1] for row in rows}, sum(row[2] for row in rows if row[0] in to_decide))


def desk(programme: Programme, wanted: DeskFilter, page: int, known: Counts) -> Page:
    """One page of a programme's vouchers as plain rows: two queries, and one more to count where `known` cannot tell.

    The page is cut out of the vouchers alone, by their index; only its rows are joined with what they are about. They are
    joined by their ids, so that the database keeps its plan for that: making one takes longer than following it.
    """
    chosen = _chosen(programme.id, wanted)
    sort = wanted.sort if wanted.sort in SORTS else "due"
    ids = paged(select(Voucher.id).where(chosen).order_by(*SORTS[sort]), page, total=_count_known(wanted, known))
    return ids.made(lambda some: db.session.execute(_desk_rows(sort), {"ids": some}).all())


def _count_known(wanted: DeskFilter, known: Counts) -> int | None:
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
def _desk_rows(sort: str) -> Select[Any]:
    """The rows of `ids`, built once for each order. `other` is the host or the provider."""
    home, other = aliased(Organisation), aliased(Organisation)
    return (
        select(
            Voucher.id,
            Voucher.kind,
            Voucher.version,
            Voucher.state,
            Voucher.amount,
            Voucher.due_on,
            Voucher.requested_on,
            Voucher.score,
            Voucher.holder_id,
            User.name.label("holder"),
            home.name.label("organisation"),
            other.name.label("other"),
            other.country.label("country"),
            Theme.title.label("theme"),
            Voucher.need,
            Exchange.first_day,
            Exchange.last_day,
        )
        .join(User, Voucher.holder_id == User.id)
        .join(home, Voucher.holder_organisation_id == home.id)
        .outerjoin(other, func.coalesce(Voucher.host_id, Voucher.provider_id) == other.id)
        .outerjoin(Exchange, Voucher.exchange_id == Exchange.id)
        .outerjoin(Theme, Exchange.theme_id == Theme.id)
        .where(Voucher.id.in_(bindparam("ids", expanding=True)))
        .order_by(*SORTS[sort])
    )


def _late(programme_id: int, today: date) -> ColumnElement[bool]:
    """Undecided after the promised day (workflows.md, service promises)."""
    return and_(Voucher.programme_id == programme_id, Voucher.state.in_(GROUPS["decide"][1]), Voucher.due_on < today)


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
        there = select(Organisation.id).where(Organisation.country == wanted.country)
        conditions.append(or_(Voucher.host_id.in_(there), Voucher.provider_id.in_(there)))
    if wanted.text:
        conditions.append(_about(wanted.text))
    return and_(*conditions)


def _about(text: str) -> ColumnElement[bool]:
    """The text stands in the holder's name, an organisation's, the theme's title or the need; or it is the reference."""
    named = select(Organisation.id).where(has_phrase(text, Organisation.name))
    found = [
        Voucher.holder_id.in_(select(User.id).where(has_phrase(text, User.name))),
        Voucher.holder_organisation_id.in_(named),
        Voucher.host_id.in_(named),
        Voucher.provider_id.in_(named),
        has_phrase(text, Voucher.need),
        Voucher.exchange_id.in_(select(Exchange.id).join(Exchange.theme).where(has_phrase(text, Theme.title))),
    ]
    number = whole_number(text.upper().removeprefix("V-"))
    if number is not None:
        found.append(Voucher.id == number)
    return or_(*found)


# Deciding on several


def to_decide(programme: Programme, wanted: DeskFilter) -> ColumnElement[bool]:
    """What of the desk's list can be approved, issued or rejected."""
    return and_(_chosen(programme.id, wanted), Voucher.state.in_(FOR_SEVERAL))


def count_to_decide(programme: Programme, wanted: DeskFilter, known: Counts) -> int:
    """How many of the whole list can be approved, issued or rejected; no query where the states tell it."""
    if wanted.country or wanted.text or wanted.group == "late":
        return db.session.scalar(select(func.count()).select_from(Voucher).where(to_decide(programme, wanted))) or 0
    listed = (wanted.state,) if wanted.state else wanted.states if wanted.group == "mine" else None
    if listed is None:
        listed = GROUPS[wanted.group][1] if wanted.group in GROUPS else FOR_SEVERAL
    return known.of(state for state in listed if state in FOR_SEVERAL)


def all_to_decide(programme: Programme, wanted: DeskFilter) -> Sequence[int]:
    """The ids of the first `MOST_AT_ONCE` of the list, in its order."""
    order = SORTS.get(wanted.sort, SORTS["due"])
    return db.session.scalars(select(Voucher.id).where(to_decide(programme, wanted)).order_by(*order).limit(MOST_AT_ONCE)).all()


def for_review(programme: Programme, ids: Sequence[int]) -> list[Voucher]:
    """The vouchers with what the review shows, in the order of `ids`. Others' and drafts are left out: one query."""
    found = db.session.scalars(
        select(Voucher)
        .where(Voucher.id.in_(ids[:MOST_AT_ONCE]), Voucher.programme_id == programme.id, Voucher.state != DRAFT)
        .options(
            joinedload(Voucher.holder, innerjoin=True).options(load_only(User.name), lazyload(User.memberships)),
            joinedload(Voucher.holder_organisation, innerjoin=True).load_only(Organisation.name),
            joinedload(Voucher.host).load_only(Organisation.name),
            joinedload(Voucher.provider).load_only(Organisation.name),
            joinedload(Voucher.budget_line),
            joinedload(Voucher.exchange)
            .load_only(Exchange.application_id, Exchange.theme_id, Exchange.first_day, Exchange.endorsement)
            .options(joinedload(Exchange.theme).load_only(Theme.title), joinedload(Exchange.delegates)),
        )
    )
    place = {id: number for number, id in enumerate(ids)}
    return sorted(found.unique(), key=lambda voucher: place[voucher.id])


LIST = Listing(
    "decision-desk",
    "Decision desk",
    (
        Column("Reference", lambda each: f"V-{each.id:06d}"),
        Column("Kind", lambda each: KINDS[each.kind].label),
        Column("Theme or need", lambda each: each.theme or each.need),
        Column("Holder", "holder"),
        Column("Organisation", "organisation"),
        Column("Host or provider", "other"),
        Column("Its country", "country"),
        Column("First day", "first_day", Kind.DAY),
        Column("Last day", "last_day", Kind.DAY),
        Column("Amount", "amount", Kind.MONEY, None),
        Column("Points", "score", Kind.NUMBER),
        Column("State", state_in_row),
        Column("Requested", "requested_on", Kind.DAY),
        Column("Due", "due_on", Kind.DAY),
    ),
    reached=Reached("holders", "holder_id", page="vouchers.show"),
)
