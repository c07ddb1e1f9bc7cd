"""The forms of what can come between asking and answering."""

from typing import Any

from flask_login import current_user
from wtforms import RadioField, SelectMultipleField

from mobility.core.errors import Refusal
from mobility.core.fields import address, choices, long_text, name_field
from mobility.core.forms import ActionForm, Form, ReasonForm
from mobility.core.numbers import whole_numbers
from mobility.exchanges.rules import manager_of


class HandOverForm(ActionForm):
    """To whom: the reader, unless they choose another."""

    colleague = RadioField("Who answers", coerce=int)
    note = long_text("Note", required=False, rows=2, help="It stands in the history.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        ids = [each.id for each in subject.colleagues]
        return {"colleague": current_user.id if current_user.id in ids else next(iter(ids), None)}

    def prepare(self, subject: Any) -> None:
        self._colleagues = {each.id: each for each in subject.colleagues}
        self.colleague.choices = choices({each.id: each.name for each in subject.colleagues})

    def given(self) -> dict[str, Any]:
        return super().given() | {"colleague": self._colleagues.get(self.colleague.data)}


class NameManagerForm(ActionForm):
    """Who confirms later what is in use."""

    manager_name = name_field("Their name")
    manager_email = address("Their e-mail address", autocomplete="off")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        name, email = manager_of(subject) or ("", "")
        return {"manager_name": name, "manager_email": email}

    def given(self) -> dict[str, Any]:
        return {"name": self.manager_name.data, "email": self.manager_email.data}


class UndeliveredForm(ActionForm):
    """How it came back."""

    reason = long_text("What came back", required=False, rows=2, help="Such as what the mail server wrote.")


class CallOffForm(ReasonForm):
    """Why nobody is asked any more."""


class ChosenForm(Form):
    """The rows that were ticked; as the ticks stand in the rows, what is wrong leads to the whole list."""

    chosen = SelectMultipleField("Chosen", validate_choice=False)

    def ids(self) -> list[int]:
        ids = whole_numbers(self.chosen.data or [])
        if not ids:
            raise Refusal("Tick at least one of them first.", "chosen")
        return ids
