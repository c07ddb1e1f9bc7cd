"""What a budget line will have left: after the open requests, and after what usually comes back. Pure.

Issued vouchers are not always used (one scheme: 802 issued, 110 redeemed), and validation may lower an amount. How much of
what is set aside is spent in the end is learned from the line's own vouchers; until it has some, everything counts as spent.
"""

from dataclasses import dataclass
from decimal import Decimal

from mobility.core.money import NOTHING, round_half_up

MOST_HISTORY = 200
PRIOR = 10  # as if so many vouchers had been spent in full before the first: caution while there is little history


@dataclass(frozen=True)
class History:
    """What became of vouchers that were issued and have ended: `spent` of `ended` were paid; of `committed` for them, `final`."""

    ended: int = 0
    spent: int = 0
    committed: Decimal = NOTHING
    final: Decimal = NOTHING

    @property
    def paid_share(self) -> Decimal:
        """What was paid of each euro committed, when it was paid at all."""
        return self.final / self.committed if self.committed else Decimal(1)


@dataclass(frozen=True)
class Forecast:
    """In euro; shares between 0 and 1. `left` may be negative: then the requests ask for more than there is."""

    open_requests: Decimal
    left: Decimal
    spent_share: Decimal
    paid_share: Decimal
    comes_back: Decimal
    left_at_the_end: Decimal
    is_little_known: bool


def forecast(
    available: Decimal, committed: Decimal, open_requests: Decimal, history: History, validated: Decimal = NOTHING
) -> Forecast:
    """If every open request is approved, and all that is set aside is then redeemed as usual.

    `spent_share` of the vouchers are spent, at `paid_share` of what was set aside; the rest comes back. Of what is committed,
    `validated` is certain: its claims are paid as they are, so nothing of it comes back.
    """
    spent_share = Decimal(history.spent + PRIOR) / (history.ended + PRIOR)
    paid_share = (history.paid_share * history.spent + PRIOR) / (history.spent + PRIOR)
    set_aside = committed - validated + open_requests
    comes_back = round_half_up(set_aside * (1 - spent_share * paid_share))
    left = available - open_requests
    return Forecast(open_requests, left, spent_share, paid_share, comes_back, left + comes_back, history.ended < PRIOR)
