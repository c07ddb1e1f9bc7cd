"""The parts that are one sum: a fixed amount, the least and the most of a voucher."""

from typing import Any

from mobility.rates.components import DAY, NIGHT
from mobility.rates.parts.base import ForEachPerson, Part, chosen, rate, short_text


class FixedPart(ForEachPerson):
    title = "One fixed amount"
    words = "The same for every voucher, such as a host contribution or an accessibility supplement."
    amount = rate("Amount")
    label = short_text("What it is called", "Shown on the voucher's amount line.")
    unit = chosen("Paid for", {"": "The whole voucher", DAY: "Each day of the stay", NIGHT: "Each night of the stay"})
    needed = ("amount", "label")
    plain = ("unit", *ForEachPerson.plain)
    by_stay = ("unit", "per_person")
    more = ("unit", *ForEachPerson.more)

    def settings(self) -> dict[str, Any]:
        found = super().settings()
        return found | {"label": found["label"] or "Fixed amount"}


class FloorPart(Part):
    title = "A minimum"
    words = "If all other parts come to less, the voucher is topped up to this instead of being refused."
    least = rate("At least per voucher")
    needed = ("least",)
    several = False


class CapPart(Part):
    title = "A limit"
    words = "Whatever the other parts come to, a voucher is never more than this."
    most = rate("At most per voucher")
    needed = ("most",)
    several = False
