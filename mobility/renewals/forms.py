"""The form of a copy."""

from collections.abc import Iterator

from wtforms import BooleanField

from mobility.core.errors import Problem
from mobility.core.fields import day, name_field
from mobility.core.forms import CreateForm
from mobility.programmes.rules import call_days_problem


class RenewForm(CreateForm):
    name = name_field("Name of the new programme", help="Such as the old one with the next year.")
    call = name_field("Name of its first call")
    opens_on = day("The call opens on")
    closes_on = day("The call closes on", required=False, help="Empty: it never closes.")
    with_team = BooleanField("Invite the team", default=True, description="Each gets a mail; a role begins when they accept.")

    def problems(self) -> Iterator[Problem]:
        if (opens_on := self.right("opens_on")) and (words := call_days_problem(opens_on, self.right("closes_on"))):
            yield Problem("closes_on", words)
