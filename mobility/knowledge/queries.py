"""What somebody who asks for a knowledge voucher can choose from: programmes, their own organisations, providers."""

from collections.abc import Iterable, Sequence
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
from mobility.vouchers.kinds import KNOWLEDGE
from mobility.vouchers.rules import ASKING_ROLES


@dataclass(frozen=True)
class Offered:
    """The lists of the form, each in the order in which it is shown."""

    programmes: Sequence[Programme]
    organisations: Sequence[Organisation]
    providers: Sequence[Organisation]


def offered_to(user: Any) -> Offered:
    """What this person can choose from: the programmes that give knowledge vouchers now, to one of their organisations."""
    homes = homes_of(user)
    return Offered(programmes_for(user, homes), homes, organisations(kind=OrganisationKind.PROVIDER))


def homes_of(user: Any) -> Sequence[Organisation]:
    """The organisations for which a person may ask, by name."""
    ids = user.organisation_ids(*ASKING_ROLES)
    if not ids:
        return []
    return db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)).all()


def programmes_for(user: Any, homes: Iterable[Organisation], kind: str = KNOWLEDGE) -> Sequence[Programme]:
    """Those with rates and an open budget line for this kind of voucher, for this person's level and a country of theirs."""
    countries = {each.country for each in homes}
    if not countries:
        return []
    rows = db.session.execute(
        select(Programme, Call)
        .join(Call, Call.programme_id == Programme.id)
        .join(BudgetLine, BudgetLine.call_id == Call.id)
        .where(
            BudgetLine.voucher_kind == kind,
            Programme.id.in_(select(RateCard.programme_id).where(RateCard.voucher_kind == kind)),
        )
        .order_by(Programme.name, Programme.id)
    )
    return list(
        dict.fromkeys(
            programme
            for programme, call in rows
            if call.is_open(programme.today)
            and not programme_level_refusal(user.level, programme.name, programme.eligible_levels)
            and any(not country_refusal(country, programme.name, programme.eligible_countries) for country in countries)
        )
    )
