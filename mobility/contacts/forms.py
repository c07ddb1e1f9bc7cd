"""Whom to turn to."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from mobility.core.fields import address, choices, text
from mobility.core.forms import SeenForm
from mobility.core.numbers import whole_number


class ContactForm(SeenForm):
    """Whom to turn to: a person of the team, a role with its address, or whoever coordinates."""

    kind = RadioField("Who", default="team", validators=[InputRequired("Choose one.")])
    person = SelectField("Person", coerce=whole_number, validators=[Optional()])
    shown = BooleanField("Show this person's address to people who are signed in")
    role = text("What it is called", required=False, help="Such as: International office.")
    address = address("Its address", required=False, autocomplete="off")
    public = BooleanField("Show it to everybody, also to people who are not signed in")

    def offer(self, of: Any, team: Any, everybody: str) -> "ContactForm":
        """With what there is, unless something was sent."""
        self.kind.choices = [("team", everybody), ("person", "One person of the team"), ("address", "A role with its address")]
        self.person.choices = choices({each.id: each.name for each in team}, first="Choose")
        if not self.is_submitted():
            self.kind.data = "person" if of.contact_id else "address" if of.contact_address else "team"
            self.person.data, self.shown.data, self.public.data = of.contact_id, of.contact_shown, of.contact_public
            self.role.data, self.address.data = of.contact_role, of.contact_address
        return self

    def given(self) -> dict[str, Any]:
        given = super().given()
        return given | {"role": self.role.data or "", "address": self.address.data or ""}
