"""What of a call and of added money can be corrected; `seen` is what the page was opened with."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from wtforms import HiddenField, ValidationError

from mobility.core.errors import Problem
from mobility.core.fields import day, long_text, money, name_field
from mobility.core.forms import Form
from mobility.mending import queries
from mobility.mending.rules import amount_problem
from mobility.programmes import queries as programmes
from mobility.programmes.rules import call_days_problem

WHO_READS = "It is kept in the audit log, and in the mail to those whom it concerns."


class CallDatesForm(Form):
    call: Any = None

    seen = HiddenField()
    name = name_field("Name")
    opens_on = day("Opens on")
    closes_on = day("Closes on", required=False, help="Its last day; yesterday closes it at once. Empty: a rolling call.")
    reason = long_text("Why is it changed?", rows=3, most=1000, help=WHO_READS)

    def problems(self) -> Iterator[Problem]:
        """Beside the call as it was on the page; one that has changed since is another matter."""
        if self.call is None or self.seen.data != self.call.fingerprint:
            return
        if opens_on := self.right("opens_on"):
            closes_on = self.call.closes_on if self.closes_on.errors else self.closes_on.data
            if words := call_days_problem(opens_on, closes_on):
                yield Problem("closes_on", words)
            yield from queries.days_problems(self.call, opens_on, closes_on)
        name = self.right("name")
        if name and programmes.call_named(self.call.programme_id, name) not in {None, self.call.id}:
            yield Problem("name", programmes.CALL_TAKEN)


class AmountForm(Form):
    row: Any = None  # of queries.appropriation
    currency = ""

    seen = HiddenField()
    amount = money("What should have been added", help="Zero if nothing should have been added to this line.")
    reason = long_text("Why is it corrected?", rows=3, most=1000, help=f"It is shown with the movement. {WHO_READS}")

    def validate_amount(self, field: Any) -> None:
        if field.data is not None and field.data < Decimal(0):
            raise ValidationError("Enter zero or an amount greater than zero.")

    def problems(self) -> Iterator[Problem]:
        """Beside the amount as it was on the page."""
        if self.row is None or self.seen.data != str(self.row.now) or (amount := self.right("amount")) is None:
            return
        if words := amount_problem(amount, self.row.now, self.row.available, self.currency):
            yield Problem("amount", words)
