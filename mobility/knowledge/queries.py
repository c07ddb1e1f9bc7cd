"""What somebody who asks for a voucher that rests on a price can choose from: programmes, their own organisations, providers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mobility.core.database import db
from mobility.people.models import Organisation
from mobility.people.queries import organisations
from mobility.people.roles import OrganisationKind
from mobility.programmes.models import BudgetLine, Call, Programme
from mobility.programmes.rules import country_refusal, programme_level_refusal
from mobility.rates.models import RateCard
from mobility.vouchers.kinds import keys_of
from mobility.vouchers.rules import ASKING_ROLES


@dataclass(frozen=True)
class Offered:
    """The lists of the form, each in the order in which it is shown."""

    programmes: Sequence[Programme]
    organisations: Sequence[Organisation]
    providers: Sequence[Organisation]


def offered_to(user: Any, kind: str) -> Offered:
    """What this person can choose from: the programmes that give vouchers of this kind now, to one of their organisations."""
    homes = homes_of(user)
    return Offered(programmes_for(user, homes).get(kind, []), homes, organisations(kind=OrganisationKind.PROVIDER))


def homes_of(user: Any) -> Sequence[Organisation]:
    """The organisations for which a person may ask, by name."""
    ids = user.organisation_ids(*ASKING_ROLES)
    if not ids:
        return []
    return db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)).all()


def programmes_for(user: Any, homes: Iterable[Organisation]) -> Mapping[str, Sequence[Programme]]:
    """Kind -> the programmes with rates and an open budget line for it, for this person's level and a country of theirs.

    Of the kinds that rest on a price: a stay's voucher begins with its exchange.
    """
    countries = {each.country for each in homes}
    if not countries:
        return {}
    rates = select(RateCard.id).where(RateCard.programme_id == Programme.id, RateCard.voucher_kind == BudgetLine.voucher_kind)
    rows = db.session.execute(
        select(BudgetLine.voucher_kind, Programme, Call)
        .join(Call, Call.programme_id == Programme.id)
        .join(BudgetLine, BudgetLine.call_id == Call.id)
        .where(BudgetLine.voucher_kind.in_(sorted(keys_of(lambda kind: kind.rests_on_price))), rates.exists())
        .order_by(Programme.name, Programme.id)
    )
    found: dict[str, dict[Programme, None]] = {}
    for kind, programme, call in rows:
        if call.is_open(programme.today) and _is_for(programme, user, countries):
            found.setdefault(kind, {})[programme] = None
    return {kind: list(programmes) for kind, programmes in found.items()}


def _is_for(programme: Programme, user: Any, countries: Iterable[str]) -> bool:
    return not programme_level_refusal(user.level, programme.name, programme.eligible_levels) and any(
        not country_refusal(country, programme.name, programme.eligible_countries) for country in countries
    )
