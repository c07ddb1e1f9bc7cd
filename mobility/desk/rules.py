"""What deciding on several vouchers would do to the budget, and how the queue is grouped; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from mobility.core.money import NOTHING

SOON = timedelta(days=7)


def waits(due: date | None, today: date) -> str:
    """Under which heading a voucher stands in the queue: by the day until which something was promised."""
    if due is None:
        return "Without a deadline"
    if due < today:
        return "Late"
    if due == today:
        return "Promised for today"
    return "Promised within a week" if due <= today + SOON else "Promised for later"


def grouped(rows: Iterable[Any], today: date) -> list[tuple[str, list[Any]]]:
    """Rows in the order of their deadlines, under headings."""
    return [(heading, list(group)) for heading, group in groupby(rows, key=lambda row: waits(row.due_on, today))]


@dataclass
class LineEffect:
    """What approving would do to one budget line. `needed` is what all ask for that can be approved, `granted` what it covers."""

    line: Any
    needed: Decimal = NOTHING
    granted: Decimal = NOTHING
    asked: int = 0
    covered: int = 0

    @property
    def left(self) -> Decimal:
        """What would be left if there were enough for all; negative: so much is missing."""
        return Decimal(self.line.available) - self.needed


@dataclass(frozen=True)
class RowEffect:
    """One voucher of several. `hindrance` says why this person cannot approve it; `fits`: the budget covers it in its turn."""

    voucher: Any
    hindrance: str | None
    fits: bool
    first_short: bool = False


@dataclass
class Effect:
    """What approving several vouchers one after the other would do."""

    rows: list[RowEffect] = field(default_factory=list)
    lines: list[LineEffect] = field(default_factory=list)

    @property
    def can(self) -> Sequence[RowEffect]:
        """Those that this person can approve, if there is money."""
        return [row for row in self.rows if row.hindrance is None]

    @property
    def total(self) -> Decimal:
        return sum((row.voucher.amount for row in self.can), NOTHING)


def effect(vouchers: Sequence[Any], hindrances: Mapping[int, str]) -> Effect:
    """Approving `vouchers` in this order: each takes what its budget line still has, or nothing.

    `hindrances` (voucher -> reason) are those that cannot be approved anyway: they take no money.
    """
    found, lines = Effect(), dict[int, LineEffect]()
    for voucher in vouchers:
        hindrance = hindrances.get(voucher.id)
        if hindrance is not None or voucher.budget_line is None:
            found.rows.append(RowEffect(voucher, hindrance or NO_LINE, fits=False))
            continue
        line = lines.setdefault(voucher.budget_line.id, LineEffect(voucher.budget_line))
        fits = voucher.amount <= line.line.available - line.granted
        found.rows.append(RowEffect(voucher, None, fits, first_short=not fits and line.asked == line.covered))
        line.asked, line.needed = line.asked + 1, line.needed + voucher.amount
        if fits:
            line.covered, line.granted = line.covered + 1, line.granted + voucher.amount
    found.lines = sorted(lines.values(), key=lambda each: each.line.id)
    return found


def on_its_own(voucher: Any) -> str | None:
    """Why this one cannot be approved together with others: somebody has to look at what its holder declares."""
    if not voucher.unconfirmed:
        return None
    what = "a condition" if len(voucher.unconfirmed) == 1 else f"{len(voucher.unconfirmed)} conditions"
    return f"The holder declares {what}: open the voucher, confirm that or not, and approve it there."


NO_LINE = "No open call of this programme has a budget line for this voucher."
