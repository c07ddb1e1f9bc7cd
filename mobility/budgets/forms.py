"""The forms of calls and of money."""

from collections.abc import Iterator
from decimal import Decimal

from mobility.core.errors import Problem
from mobility.core.fields import Money, day, money, name_field, text
from mobility.core.forms import CreateForm
from mobility.programmes.rules import call_days_problem
from mobility.vouchers.kinds import KINDS

EVENTS = {
    "appropriate": "Money added",
    "commit": "Set aside for",
    "release": "Given back by",
    "spend": "Paid for",
    "recover": "Recovered from",
    "come_back": "Came back from the bank for",
    "withdraw": "Money taken out",
}


class CallForm(CreateForm):
    """A call; `call_form` adds a field for the money of each kind of voucher, named by the kind's key."""

    name = name_field("Name", help="Such as Spring 2027.")
    opens_on = day("Opens on")
    closes_on = day("Closes on", required=False, help="Leave empty for a rolling call.")

    def sums(self) -> dict[str, Money]:
        """kind of voucher -> its field."""
        return {kind: self[kind] for kind in KINDS}

    def amounts(self) -> dict[str, Decimal]:
        """kind of voucher -> money, for the kinds that have some."""
        return {kind: field.data for kind, field in self.sums().items() if field.data is not None}

    def problems(self) -> Iterator[Problem]:
        for kind, amount in self.amounts().items():
            if amount <= 0:
                yield Problem(kind, "Enter an amount greater than zero, or leave it empty.")
        if not self.amounts() and not any(field.errors for field in self.sums().values()):
            yield Problem(next(iter(self.sums())), "A call needs money for at least one kind of voucher.")
        if (opens_on := self.right("opens_on")) and (words := call_days_problem(opens_on, self.right("closes_on"))):
            yield Problem("closes_on", words)


def call_form() -> CallForm:
    """The form of a new call, which asks for the money of every kind there is."""
    fields = {
        key: money(f"Money for {kind.plural.lower()}", required=False, help="Empty: this call has none.")
        for key, kind in KINDS.items()
    }
    return type("ThisCallForm", (CallForm,), fields)()


class TakeOutForm(CreateForm):
    """Less money for a budget line."""

    amount = money("Amount", help="At most what is available.")
    note = text("Reason", help="It is shown with the movement.")


class AppropriateForm(CreateForm):
    """More money for a budget line."""

    amount = money("Amount", help="It becomes available at once.")
    note = text("Note", required=False, help="Such as the decision it rests on.")
