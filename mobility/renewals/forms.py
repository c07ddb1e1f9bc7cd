"""The form of a copy."""

from typing import Any

from wtforms import BooleanField

from mobility.core.errors import Refusal
from mobility.core.fields import day, name_field
from mobility.core.forms import CreateForm


class RenewForm(CreateForm):
    name = name_field("Name of the new programme", help="Such as the old one with the next year.")
    call = name_field("Name of its first call")
    opens_on = day("The call opens on")
    closes_on = day("The call closes on", required=False, help="Empty: it never closes.")
    with_team = BooleanField("Invite the team", default=True, description="Each gets a mail; a role begins when they accept.")

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.closes_on.data and self.opens_on.data and self.closes_on.data < self.opens_on.data:
            self.refuse(Refusal("The call cannot close before it opens.", "closes_on"))
            return False
        return True
