"""What can no longer be corrected, because granted money rests on it. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mobility.core.money import NOTHING, written

SAME = "Nothing is different from what is stored."


@dataclass(frozen=True)
class Granted:
    """The first and the last day on which vouchers were requested that a call has granted; None: it has granted none."""

    first: date | None = None
    last: date | None = None


def opens_too_late(was: date, opens_on: date, granted: Granted) -> date | None:
    """The day on which the call must be open, if it were not any more."""
    return granted.first if granted.first is not None and opens_on > max(was, granted.first) else None


def closes_too_early(was: date | None, closes_on: date | None, granted: Granted) -> date | None:
    """The same at its other end. A call that had ended before may still be given a later last day."""
    if granted.last is None or closes_on is None or closes_on >= granted.last:
        return None
    return granted.last if was is None or closes_on < was else None


def amount_problem(amount: Decimal, now: Decimal, available: Decimal, currency: str) -> str | None:
    """Why what was added cannot be `amount` instead of what it is `now`."""
    if amount == now:
        return SAME
    if amount < (lowest := least(now, available)):
        return f"Vouchers rest on the money of this line: it cannot be less than {written(lowest, currency)}."
    return None


def least(amount: Decimal, available: Decimal) -> Decimal:
    """What an appropriation of `amount` can be lowered to: what its line has committed or paid stays covered."""
    return max(NOTHING, amount - available)
