"""The ceiling of de minimis aid, kept (money.md): declared with the request, asked again at approval and at issue."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from mobility.aid import rules
from mobility.aid.queries import refusal_of, standing, standing_of
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.core.money import currency_name
from mobility.core.web import format_money
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher

FIELD = "de_minimis_declared"


class DeMinimis:
    """The ceiling as one of the limits of a grant (programmes/limits.py)."""

    def ask(self, form: Any, voucher: Voucher) -> None:
        """Only in programmes with a ceiling; says what is known here, so that nothing is declared twice."""
        known = standing_of(voucher)
        if known is None:
            del form.de_minimis_declared
            return
        recorded, ceiling = (format_money(each, voucher.programme.currency) for each in (known.recorded, known.ceiling))
        form.de_minimis_declared.description = (
            f"In {currency_name(voucher.programme.currency)}; 0 if there was none. "
            f"Leave out what came through Mobility: {recorded} is already known here. "
            f"Together with this voucher, all aid can be at most {ceiling}."
        )

    def declare(self, voucher: Voucher, declared: Decimal | None) -> None:
        declare(voucher, declared)

    def ensure_within(self, voucher: Voucher) -> None:
        ensure_below_ceiling(voucher)


def declare(voucher: Voucher, declared: Decimal | None) -> None:
    """Keep what the holder declares with the request. Refusal at its field if it is missing or passes the ceiling."""
    if voucher.programme.de_minimis_ceiling is None:
        voucher.de_minimis_declared = None
        return
    if declared is None:
        raise Refusal("Enter what your organisation received from elsewhere, or 0 if it received nothing.", field=FIELD)
    voucher.de_minimis_declared = declared
    if reason := refusal_of(voucher):
        raise Refusal(reason, field=FIELD)


def ensure_below_ceiling(voucher: Voucher) -> None:
    """At approval and at issue. GuardRefused, with the figures, if the voucher passes the ceiling.

    Locks the organisation's row until the transaction ends, so that of two approvals at once the second counts the first.
    Locked after the voucher and before the budget line.
    """
    if voucher.programme.de_minimis_ceiling is None:
        return
    lock_organisation(voucher.holder_organisation_id)
    if reason := refusal_of(voucher):
        raise GuardRefused(reason)


def ensure_together_below_ceiling(programme: Programme, organisation_ids: Collection[int]) -> None:
    """Of what was granted elsewhere and moved in (movingin/). GuardRefused if an organisation has more than it may; all of them
    are locked, so that two files at once count each other."""
    if programme.de_minimis_ceiling is None:
        return
    for id in sorted(organisation_ids):
        lock_organisation(id)
    for id in sorted(organisation_ids):
        organisation = db.session.get_one(Organisation, id)
        known = standing(organisation, programme, programme.today)
        if known.together > known.ceiling:
            raise GuardRefused(rules.beyond(known, organisation.name))


def lock_organisation(id: int) -> None:
    db.session.execute(select(Organisation.id).where(Organisation.id == id).with_for_update(key_share=True))
