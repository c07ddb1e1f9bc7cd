"""What of a call and of added money can be corrected; `seen` is what the page was opened with."""

from decimal import Decimal
from typing import Any

from wtforms import HiddenField, ValidationError

from mobility.core.fields import day, long_text, money, name_field
from mobility.core.forms import Form

WHO_READS = "It is kept in the audit log, and in the mail to those whom it concerns."


class CallDatesForm(Form):
    seen = HiddenField()
    name = name_field("Name")
    opens_on = day("Opens on")
    closes_on = day("Closes on", required=False, help="Its last day; yesterday closes it at once. Empty: a rolling call.")
    reason = long_text("Why is it changed?", rows=3, most=1000, help=WHO_READS)


class AmountForm(Form):
    seen = HiddenField()
    amount = money("What should have been added", help="Zero if nothing should have been added to this line.")
    reason = long_text("Why is it corrected?", rows=3, most=1000, help=f"It is shown with the movement. {WHO_READS}")

    def validate_amount(self, field: Any) -> None:
        if field.data is not None and field.data < Decimal(0):
            raise ValidationError("Enter zero or an amount greater than zero.")
