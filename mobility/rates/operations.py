"""What changes rate cards."""

from typing import Any

from mobility.audit.operations import record
from mobility.audit.rules import changes
from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.rates import queries
from mobility.rates.cards import faults
from mobility.rates.models import RateCard
from mobility.rates.rules import Components, keyed
from mobility.teams.queries import lock_programme
from mobility.vouchers.kinds import DEFAULT
from mobility.workflows.table import By


def save_rate_card(
    programme: Any,
    *,
    by: By,
    components: Components,
    voucher_kind: str = DEFAULT,
    name: str = "Rates",
    seen: int | None = None,
) -> RateCard:
    """A new version of the rates for a kind of voucher; vouchers keep the version they were computed with.

    Components without a key get one. `seen` is the number of the version that was on the page: if it is no longer the newest,
    EditConflict.
    """
    components = keyed(components)
    if found := faults(components, voucher_kind, programme.currency):
        raise Refusal(found[0].message)
    lock_programme(programme.id)
    newest = queries.newest_rate_card(programme.id, voucher_kind)
    number = newest.number if newest else 0
    if seen is not None and seen != number:
        raise EditConflict(programme)
    card = RateCard(
        programme_id=programme.id,
        voucher_kind=voucher_kind,
        number=number + 1,
        name=name or "Rates",
        components=components,
    )
    db.session.add(card)
    db.session.flush()
    _record(card, newest, by)
    return card


def _record(card: RateCard, former: RateCard | None, by: By) -> None:
    """The parts that are others than before."""
    before, after = changes(_parts(former), _parts(card))
    about = f"{card.name}, version {card.number}, for {card.voucher_kind} vouchers"
    record("rate_card_published", by=by, about=about, programme_id=card.programme_id, before=before, after=after)


def _parts(card: RateCard | None) -> dict[str, Any]:
    return {part["key"]: {name: part[name] for name in part if name != "key"} for part in card.components} if card else {}
