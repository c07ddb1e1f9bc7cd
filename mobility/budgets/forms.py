"""The forms of calls and of money."""

from decimal import Decimal
from typing import Any

from mobility.core.fields import day, money, text
from mobility.core.forms import CreateForm
from mobility.vouchers.kinds import KINDS

EVENTS = {
    "appropriate": "Money added",
    "commit": "Set aside for",
    "release": "Given back by",
    "spend": "Paid for",
    "recover": "Recovered from",
}


class CallForm(CreateForm):
    """A call with the money for each kind of voucher."""

    name = text("Name", help="Such as Spring 2027.")
    opens_on = day("Opens on")
    closes_on = day("Closes on", required=False, help="Leave empty for a rolling call.")
    mobility = money("Money for mobility vouchers", required=False, help="In euro. Empty: this call has none.")
    knowledge = money("Money for knowledge vouchers", required=False, help="In euro. Empty: this call has none.")

    def amounts(self) -> dict[str, Decimal]:
        """kind of voucher -> money, for the kinds that have some."""
        return {kind: self[kind].data for kind in KINDS if self[kind].data is not None}

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for kind, amount in self.amounts().items():
            if amount <= 0:
                self[kind].errors = ["Write an amount of more than zero, or leave it empty."]
        if fine and not self.amounts():
            self.mobility.errors = ["A call needs money for at least one kind of voucher."]
        return not self.errors


class AppropriateForm(CreateForm):
    """More money for a budget line."""

    amount = money("Amount", help="In euro. It becomes available at once.")
    note = text("Note", required=False, help="Such as the decision it rests on.")
