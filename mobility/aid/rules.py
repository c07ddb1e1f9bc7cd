"""How much de minimis aid an organisation may have, and what counts as such (money.md); pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from mobility.core.money import EURO, NOTHING, written
from mobility.vouchers.states import APPROVED, CLAIMED, DELIVERED, ISSUED, PAID, RECOVERED, REDEEMED, VALIDATED

YEARS = 3
GRANTED = frozenset({ISSUED, REDEEMED, DELIVERED, CLAIMED, VALIDATED, PAID, RECOVERED})
COUNTED = GRANTED | {APPROVED}  # it will be issued: two approvals must not promise the same room twice


@dataclass(frozen=True)
class Aid:
    """A voucher as aid to an organisation: `granted_on` is the day of issue, None as long as it is only approved."""

    voucher_id: int
    granted_on: date | None
    amount: Decimal


@dataclass(frozen=True)
class Standing:
    """What an organisation has received by one day, in the programme's `currency`: recorded here, and declared from elsewhere."""

    ceiling: Decimal
    day: date
    aid: tuple[Aid, ...] = field(default=())
    declared: Decimal = NOTHING
    currency: str = EURO

    @property
    def recorded(self) -> Decimal:
        return sum((each.amount for each in self.aid), NOTHING)

    @property
    def together(self) -> Decimal:
        return self.declared + self.recorded

    def told(self, amount: Decimal) -> str:
        return written(amount, self.currency)

    @property
    def left(self) -> Decimal:
        return max(NOTHING, self.ceiling - self.together)

    def over(self, amount: Decimal) -> Decimal:
        """By how much a voucher of this amount goes beyond the ceiling; zero or less if it does not."""
        return self.together + amount - self.ceiling


def first_day_counted(day: date) -> date:
    """The earliest day of issue that still counts on `day`.

    A voucher counts from its day of issue up to and including the same day three years later; from the day after it does
    not. Issued on 29 February, it counts up to 28 February three years later.
    """
    first = day - relativedelta(years=YEARS)
    return first if last_day_counted(first) >= day else first + timedelta(days=1)


def last_day_counted(granted_on: date) -> date:
    return granted_on + relativedelta(years=YEARS)


def counts(state: str, granted_on: date | None, day: date) -> bool:
    """Whether a voucher in this state counts on a day: what is only approved has not been issued yet."""
    return state == APPROVED or (state in GRANTED and granted_on is not None and granted_on >= first_day_counted(day))


def aid_of(state: str, amount: Decimal, final_amount: Decimal | None, recovered: Decimal | None) -> Decimal:
    """What a voucher counts: its amount, what validation left of it, less what was recovered; nothing if it ended unused."""
    if state not in COUNTED:
        return NOTHING
    return max(NOTHING, (amount if final_amount is None else final_amount) - (recovered or NOTHING))


def too_much(standing: Standing, amount: Decimal) -> str | None:
    """Why a voucher of this amount would pass the ceiling, with the figures and what would be right; else nothing."""
    over = standing.over(amount)
    if over <= NOTHING:
        return None
    told = standing.told
    figures = (
        f"{told(standing.declared)} declared, {told(standing.recorded)} recorded here and "
        f"{told(amount)} for this voucher make {told(standing.together + amount)}. In "
        f"{YEARS} years an organisation can have at most {told(standing.ceiling)} of "
        f"de minimis aid in this programme: this is {told(over)} too much."
    )
    return f"{figures} {_what_would_be_right(standing, amount)}"


def beyond(standing: Standing, name: str, amount: Decimal = NOTHING) -> str:
    """What an organisation would have with what was granted elsewhere, and what it may."""
    told, over = standing.told, standing.over(amount)
    had = f"{name} would have {told(standing.together + amount)} of de minimis aid in {YEARS} years"
    return f"{had}, with what is here: {told(over)} more than the ceiling of {told(standing.ceiling)}."


def _what_would_be_right(standing: Standing, amount: Decimal) -> str:
    room = standing.ceiling - standing.recorded - amount
    if room > NOTHING:
        return f"At most {standing.told(room)} may come from elsewhere."
    if standing.left > NOTHING:
        return f"There is room for a voucher of at most {standing.told(standing.left)}."
    day = room_from(standing, amount)
    return f"There will be room from {day:%-d %B %Y} on." if day else "There is no room for another voucher."


def room_from(standing: Standing, amount: Decimal) -> date | None:
    """The first day on which enough of what is recorded here no longer counts, if only that changes."""
    over = standing.over(amount)
    issued = sorted((each.granted_on, each.amount) for each in standing.aid if each.granted_on)
    for granted_on, freed in issued:
        over -= freed
        if over <= NOTHING:
            return last_day_counted(granted_on) + timedelta(days=1)
    return None
