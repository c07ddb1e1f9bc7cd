"""What a voucher would amount to today."""

from typing import Any

from mobility.asking.rules import case_for
from mobility.rates.queries import newest_rate_card
from mobility.rates.rules import Estimate, estimate


def estimate_of(voucher: Any) -> Estimate:
    """By the programme's newest rates for this kind of voucher; before it has set any, of nothing."""
    card = newest_rate_card(voucher.programme_id, voucher.kind)
    return estimate(card.components if card else None, case_for(voucher))
