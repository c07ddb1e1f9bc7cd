"""De minimis aid (money.md): what is recorded here and declared, beside the ceiling.

Recorded are the vouchers of an organisation in every programme with a ceiling: what it declares is what came from elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from mobility.aid.rules import COUNTED, GRANTED, Aid, Standing, aid_of, first_day_counted, too_much
from mobility.core.database import Cents, db
from mobility.core.money import NOTHING
from mobility.core.paging import Page, paged
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import APPROVED


def standing(
    organisation: Organisation, programme: Programme, day: date, declared: Decimal = NOTHING, but: int | None = None
) -> Standing:
    """What an organisation has received by `day` under a programme's ceiling; `but` is a voucher that is left out."""
    aid = recorded({organisation.id}, day)[organisation.id]
    others = tuple(each for each in aid if each.voucher_id != but)
    return Standing(programme.de_minimis_ceiling or NOTHING, day, others, declared, programme.currency)


def recorded(organisation_ids: set[int], day: date) -> dict[int, list[Aid]]:
    """The aid of each organisation that counts on `day`; one query for any number."""
    counted = _aid().where(Voucher.holder_organisation_id.in_(organisation_ids), _counts_on(day))
    found: dict[int, list[Aid]] = {id: [] for id in organisation_ids}
    for row in db.session.execute(counted.order_by(Voucher.id)):
        amount = aid_of(row.state, row.amount, row.final_amount, row.recovered_amount)
        found[row.holder_organisation_id].append(Aid(row.id, row.valid_from, amount))
    return found


def standing_of(voucher: Voucher) -> Standing | None:
    """What the holder's organisation has received beside this voucher, as declared with it; None without a ceiling."""
    programme = voucher.programme
    if programme.de_minimis_ceiling is None:
        return None
    declared = voucher.de_minimis_declared or NOTHING
    return standing(voucher.holder_organisation, programme, programme.today, declared, but=voucher.id)


def refusal_of(voucher: Voucher) -> str | None:
    """Why this voucher would pass the ceiling, with the figures; None if it does not, or there is no ceiling."""
    found = standing_of(voucher)
    return too_much(found, voucher.amount) if found else None


def passing(programme: Programme, vouchers: Sequence[Voucher]) -> dict[int, str]:
    """Which undecided vouchers would go beyond the ceiling if all were approved one after the other: one query."""
    if programme.de_minimis_ceiling is None or not vouchers:
        return {}
    known_aid = recorded({each.holder_organisation_id for each in vouchers}, programme.today)
    found = {}
    for voucher in vouchers:
        aid = known_aid[voucher.holder_organisation_id]
        declared = voucher.de_minimis_declared or NOTHING
        others = tuple(each for each in aid if each.voucher_id != voucher.id)
        known = Standing(programme.de_minimis_ceiling, programme.today, others, declared, programme.currency)
        if too_much(known, voucher.amount):
            found[voucher.id] = f"{known.told(known.over(voucher.amount))} above the de minimis ceiling."
        else:
            aid[:] = [*others, Aid(voucher.id, None, voucher.amount)]
    return found


# The programme's page and its register


@dataclass(frozen=True)
class Account:
    """One organisation's line: what is recorded here, and what it declared last, with the day of that."""

    organisation: Organisation
    vouchers: int
    recorded: Decimal
    declared: Decimal
    declared_on: date | None
    ceiling: Decimal
    speakers: "Speakers"

    @property
    def coordinators(self) -> Sequence[int]:
        return self.speakers.of.get(self.organisation.id, ())

    @property
    def together(self) -> Decimal:
        return self.recorded + self.declared

    @property
    def left(self) -> Decimal:
        return max(NOTHING, self.ceiling - self.together)


@dataclass(frozen=True)
class Speakers:
    """The coordinators of some organisations, looked up once they are asked for."""

    ids: Sequence[int]

    @cached_property
    def of(self) -> Mapping[int, Sequence[int]]:
        role = (Membership.role == Role.COORDINATOR, Membership.current, User.active)
        there = Membership.organisation_id.in_(self.ids)
        query = select(Membership.organisation_id, User.id).join(Membership.user).where(there, *role)
        found: dict[int, list[int]] = {}
        for organisation_id, user_id in db.session.execute(query.order_by(User.name, User.id)):
            found.setdefault(organisation_id or 0, []).append(user_id)
        return found


def accounts(programme: Programme, page: int = 1) -> Page:
    """The organisations that hold vouchers of a programme with a ceiling, the largest sums first: four queries."""
    here = select(Voucher.holder_organisation_id).where(Voucher.programme_id == programme.id, Voucher.state.in_(COUNTED))
    counted = and_(_counts_on(programme.today), Voucher.holder_organisation_id.in_(here))
    amount = type_coerce(func.sum(_amount()), Cents())
    sums = (
        _of_all_programmes(select(Voucher.holder_organisation_id, func.count(Voucher.id), amount))
        .where(counted)
        .group_by(Voucher.holder_organisation_id)
    )
    total = db.session.scalar(select(func.count()).select_from(sums.subquery())) or 0
    found = paged(sums.order_by(amount.desc(), Voucher.holder_organisation_id), page, total=total)
    return found.made(lambda rows: _lines(programme, rows))


def _lines(programme: Programme, rows: Sequence[Any]) -> list[Account]:
    ids = [row[0] for row in rows]
    found = {each.id: each for each in db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    declared, speakers = _last_declared(ids), Speakers(ids)
    ceiling = programme.de_minimis_ceiling or NOTHING
    return [
        Account(found[id], count, recorded, *declared.get(id, (NOTHING, None)), ceiling, speakers) for id, count, recorded in rows
    ]


def _last_declared(organisation_ids: Iterable[int]) -> dict[int, tuple[Decimal, date | None]]:
    newest = (
        select(func.max(Voucher.id))
        .where(Voucher.holder_organisation_id.in_(organisation_ids), Voucher.de_minimis_declared.is_not(None))
        .group_by(Voucher.holder_organisation_id)
    )
    rows = db.session.execute(
        select(Voucher.holder_organisation_id, Voucher.de_minimis_declared, Voucher.requested_on).where(Voucher.id.in_(newest))
    )
    return {id: (amount or NOTHING, day) for id, amount, day in rows}


REGISTER = ("Organisation", "Country", "Date granted", "Amount", "Programme", "Reference", "Gross grant equivalent")


def register(programme: Programme) -> list[tuple[Any, ...]]:
    """One row per voucher that was issued and not ended unused. A grant's gross equivalent is its amount."""
    rows = db.session.scalars(
        select(Voucher)
        .where(Voucher.programme_id == programme.id, Voucher.state.in_(GRANTED))
        .options(joinedload(Voucher.holder_organisation, innerjoin=True))
        .order_by(Voucher.valid_from, Voucher.id)
    )
    found = []
    for each in rows:
        home = each.holder_organisation
        amount = aid_of(each.state, each.amount, each.final_amount, each.recovered_amount)
        found.append((home.name, home.country, each.valid_from, amount, programme.name, each.reference, amount))
    return found


def _aid() -> Select[Any]:
    return _of_all_programmes(
        select(
            Voucher.id,
            Voucher.holder_organisation_id,
            Voucher.state,
            Voucher.valid_from,
            Voucher.amount,
            Voucher.final_amount,
            Voucher.recovered_amount,
        )
    )


def _of_all_programmes(query: Any) -> Any:
    """Every programme with a ceiling, not only the one that decides: the ceiling is the organisation's."""
    return query.join(Programme, Voucher.programme_id == Programme.id).where(Programme.de_minimis_ceiling.is_not(None))


def _counts_on(day: date) -> ColumnElement[bool]:
    """A voucher is valid from its day of issue. What is approved counts as of the day itself."""
    return and_(Voucher.state.in_(COUNTED), or_(Voucher.state == APPROVED, Voucher.valid_from >= first_day_counted(day)))


def _amount() -> ColumnElement[Decimal]:
    """As rules.aid_of, of the states that count."""
    return func.coalesce(Voucher.final_amount, Voucher.amount) - func.coalesce(Voucher.recovered_amount, NOTHING)


LIST = Listing(
    "de-minimis-aid",
    "De minimis aid",
    (
        Column("Organisation", "organisation.name"),
        Column("Country", "organisation.country"),
        Column("Vouchers", "vouchers", Kind.NUMBER),
        Column("Recorded here", "recorded", Kind.MONEY, None),
        Column("Declared", "declared", Kind.MONEY, None),
        Column("Declared on", "declared_on", Kind.DAY),
        Column("Together", "together", Kind.MONEY, None),
        Column("Left", "left", Kind.MONEY, None),
    ),
    reached=Reached("organisations' coordinators", "coordinators", key="organisation.id", if_any="organisation.id"),
)
