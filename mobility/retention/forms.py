"""The form of a period."""

from wtforms import IntegerField

from mobility.core.fields import long_text, number
from mobility.core.forms import SeenForm
from mobility.retention.rules import MOST_DAYS, Class


class PeriodForm(SeenForm):
    """How many days; nothing is for ever."""

    days: IntegerField
    reason = long_text("Why", most=1000, rows=3, help="Kept in the audit log.")


def period_form(kind: Class, days: int | None) -> PeriodForm:
    """That of one class, with the period there is."""
    help = f"At least {kind.least:,}. Leave it empty, and it is kept for ever."

    class Form(PeriodForm):
        days = number("Days it is kept", kind.least, MOST_DAYS, help, required=False)

    return Form(data={"days": days})
