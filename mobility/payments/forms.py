"""The forms of payments."""

from collections.abc import Iterator
from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired

from mobility.core.errors import Problem
from mobility.core.fields import Several, at_least_one, choices, day, long_text, money, text
from mobility.core.forms import ActionForm, CreateForm, Form
from mobility.core.numbers import whole_numbers
from mobility.core.web import format_money
from mobility.core.wording import format_day
from mobility.payments.models import BOUNCED, PAID
from mobility.payments.rules import NOTHING_LEFT, day_problem, next_banking_day, recovery_problem


class CollectForm(CreateForm):
    """Ticked claims become a batch; the ticks stand in the table."""

    chosen = Several("Claims", validate_choice=False, validators=[at_least_one("Tick at least one claim.")])

    def ids(self) -> list[int]:
        """The vouchers ticked; nonsense stands for none."""
        return whole_numbers(self.chosen.data or [])


class ApproveForm(ActionForm):
    """When the bank is to pay."""

    execution_on = day("The bank pays on", help="A day on which banks move money: no weekend, no bank holiday.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"execution_on": next_banking_day(subject.programme.today)}


class ChangeDayForm(ApproveForm):
    """When the bank is to pay instead."""


class TakeOutForm(ActionForm):
    """Some payments, and why."""

    chosen = Several("Payments", validators=[at_least_one("Tick what to remove.")])
    reason = text("Reason", most=500, help="Other finance officers read it.")

    def prepare(self, subject: Any) -> None:
        currency = subject.programme.currency
        self.chosen.choices = choices(
            {
                each.id: f"{each.voucher.reference}, {each.payee}, {format_money(each.amount, currency)}"
                + (f": {each.problem}" if each.problem else "")
                for each in subject.rows
            }
        )

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        """Those that cannot be paid are ticked already."""
        return {"chosen": [str(each.id) for each in subject.rows if each.problem]}

    def problems(self) -> Iterator[Problem]:
        if len(set(self.right("chosen") or ())) == len(self.chosen.choices or ()):
            yield Problem("chosen", NOTHING_LEFT)


class RecordForm(Form):
    """What the bank did with the ticked payments."""

    outcome = RadioField(
        "What did the bank do?",
        choices=choices({PAID: "It has paid", BOUNCED: "It sent the money back"}),
        default=PAID,
        validators=[InputRequired("Choose what the bank did.")],
    )
    on = day("On", help="The day on the bank statement.")
    reason = text("What the bank said", required=False, most=500, help="If the money came back. The payee reads it.")


class RecoverForm(ActionForm):
    """How much comes back, and why."""

    amount = money("Amount")
    reason = long_text("Reason", help="The holder reads it.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"amount": subject.unrecovered}

    def prepare(self, subject: Any) -> None:
        left = format_money(subject.unrecovered, subject.programme.currency)
        self.amount.description = f"Up to {left}: what was paid, less what has come back already."
        self.voucher = subject

    def problems(self) -> Iterator[Problem]:
        currency = self.voucher.programme.currency
        if (amount := self.right("amount")) is None:
            return
        if words := recovery_problem(amount, self.voucher.unrecovered, lambda money: format_money(money, currency)):
            yield Problem("amount", words)


class CameBackForm(ActionForm):
    """When the bank has returned a payment, and what it said."""

    on = day("On", help="The day on the bank statement.")
    reason = text("What the bank said", most=500, help="The payee reads it.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"on": subject.programme.today}

    def prepare(self, subject: Any) -> None:
        self.voucher = subject

    def problems(self) -> Iterator[Problem]:
        paid_on, today = self.voucher.paid_on, self.voucher.programme.today
        if (on := self.right("on")) and paid_on and (words := day_problem(on, paid_on, today, format_day)):
            yield Problem("on", words)
