"""The forms of a visit."""

from typing import Any

from flask_login import current_user
from wtforms import StringField
from wtforms.validators import Length

from mobility.core.fields import Several, at_least_one, choices, day, long_text, text
from mobility.core.forms import ActionForm, ReasonForm
from mobility.exchanges.forms import link_field
from mobility.visits.operations import redeems

CODE_HELP = "On the guest's voucher: seven groups of four characters. Hyphens, spaces and capitals do not matter."


class CodeForm(ActionForm):
    """A form that redeems the voucher on the way, where there is one to redeem."""

    code = StringField("Code of the voucher", description=CODE_HELP, validators=[Length(max=60)])

    def prepare(self, subject: Any) -> None:
        voucher = subject.voucher
        if voucher is None or voucher.state != "issued" or not redeems(current_user, subject):
            del self.code


class RedeemForm(ActionForm):
    """The code, from the voucher's own page; where no agreement was signed, a link with the holder is declared."""

    code = text("Code of the voucher", most=60, help=CODE_HELP)
    provider_link = link_field("redemption")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"provider_link": subject.provider_link}

    def prepare(self, subject: Any) -> None:
        if subject.traits.rests_on_stay:
            del self.provider_link
        else:
            self.code.description = CODE_HELP.replace("the guest's voucher", "the paper of the voucher")


class CheckInForm(CodeForm):
    """Checking a guest in."""


class StayForm(ActionForm):
    """Who came, and from when to when."""

    attended = Several("Who came", validators=[at_least_one("Tick who came. If nobody came, report a no-show instead.")])
    first_day = day("First day", help="The first day your guest was actually there.")
    last_day = day("Last day", help="The last day your guest was actually there.")

    def prepare(self, subject: Any) -> None:
        super().prepare(subject)
        self.attended.choices = choices({delegate.name: delegate.name for delegate in subject.delegates})


class AttendanceForm(StayForm, CodeForm):
    """Confirming the attendance."""

    note = long_text("Note", required=False, rows=3, help="Anything the programme should know, such as why the stay was shorter.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {
            "first_day": subject.first_day,
            "last_day": subject.last_day,
            "attended": [delegate.name for delegate in subject.delegates],
        }


class CorrectionForm(StayForm, ReasonForm):
    """Correcting it, from what was confirmed."""

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {
            "first_day": subject.actual_first_day,
            "last_day": subject.actual_last_day,
            "attended": subject.attended,
        }
