"""A figure as its reader writes numbers: €8,125.00, 62 %, 11.5 days."""

from mobility.core.web import format_money, format_number
from mobility.outcomes.figures import NO_FIGURE
from mobility.outcomes.publication import Public
from mobility.reviews.readings import Reading

HIDDEN = "not shown"
WHY = {
    Public.FEW: "Rests on fewer than five exchanges or vouchers",
    Public.COMPLEMENT: "Would give away, with what else is public, a number that does",
}


def told(reading: Reading, currency: str) -> str:
    if reading.number is None:
        return HIDDEN if reading.is_hidden else NO_FIGURE
    if reading.is_money:
        return format_money(reading.number, currency)
    number = format_number(reading.number)
    if reading.is_percent:
        return f"{number} %"
    return f"{number} {reading.unit.removesuffix('s') if reading.number == 1 else reading.unit}".strip()
