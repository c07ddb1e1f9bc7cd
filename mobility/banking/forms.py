"""The form of a bank account."""

from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from mobility.banking.rules import read_bic, read_iban
from mobility.core.fields import text
from mobility.core.forms import CreateForm
from mobility.core.numbers import whole_number

NAME_AT_BANK = 70  # as long as a name can be in the file for the bank


def _is_iban(form: Any, field: StringField) -> None:
    try:
        read_iban(field.data or "")
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


def _is_bic(form: Any, field: StringField) -> None:
    """Compared with the IBAN, once that is right."""
    try:
        iban = read_iban(form.iban.data or "")
    except ValueError:
        iban = ""
    try:
        read_bic(field.data or "", iban)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class AccountForm(CreateForm):
    """An account that money is paid to or from. `seen` tells whether somebody else changed it meanwhile.

    The number that is stored is never put into the form.
    """

    seen = HiddenField()
    holder_name = text("Account holder", most=NAME_AT_BANK, help="The name as the bank has it.", autocomplete="name")
    iban = StringField(
        "IBAN",
        description="As on the bank statement. Spaces and capitals do not matter.",
        validators=[
            InputRequired("Enter the IBAN of the account; it is on every bank statement."),
            Length(max=100, message="An IBAN has at most 34 characters."),
            _is_iban,
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    bic = StringField(
        "BIC",
        description="Only if your bank asks for it; 8 or 11 characters.",
        validators=[Length(max=40, message="A BIC has 8 or 11 characters."), _is_bic],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    def was_slower_than(self, seen: Any, holder_name: str, masked_iban: str) -> None:
        """Somebody else has set the account that is in force now: whose it is, and its number as pages show it."""
        stored = {"holder_name": holder_name, "iban": masked_iban, "bic": self.bic.data}
        self.was_slower(str(seen), AccountForm(formdata=None, data=stored))

    def given(self) -> dict[str, Any]:
        seen = whole_number(self.seen.data)
        return {**super().given(), "bic": self.bic.data or "", "seen": -1 if seen is None else seen}
