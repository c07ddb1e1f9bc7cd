"""The forms of a visit."""

from typing import Any

from flask import request
from flask_login import current_user

from mobility.applications.models import Delegate
from mobility.core.fields import Several, at_least_one, choices, day, long_text, text
from mobility.core.forms import ActionForm, ReasonForm
from mobility.core.names import name_key
from mobility.exchanges.forms import link_field
from mobility.exchanges.rules import places_attended
from mobility.visits.operations import redeems

CODE_HELP = "On the guest's voucher: seven groups of four characters. Hyphens, spaces and capitals do not matter."
MOST_CODE = 300  # characters: the whole link of its QR code may be pasted


class CodeForm(ActionForm):
    """A form that redeems the voucher on the way, where there is one to redeem."""

    code = text("Code of the voucher", required=False, most=MOST_CODE, help=CODE_HELP)

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        """The code of the paper that was scanned comes along (papers/views.py)."""
        return {"code": request.args.get("code", "")}

    def prepare(self, subject: Any) -> None:
        voucher = subject.voucher
        if voucher is None or voucher.state != "issued" or not redeems(current_user, subject):
            del self.code


class RedeemForm(ActionForm):
    """The code, from the voucher's own page; where no agreement was signed, a link with the holder is declared."""

    code = text("Code of the voucher", most=MOST_CODE, help=CODE_HELP)
    provider_link = link_field("redemption")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"provider_link": subject.provider_link, "code": request.args.get("code", "")}

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
        self.attended.choices = choices({delegate.position: _told_apart(delegate) for delegate in subject.delegates})

    def given(self) -> dict[str, Any]:
        return super().given() | {"attended": [int(position) for position in self.attended.data or []]}


class AttendanceForm(StayForm, CodeForm):
    """Confirming the attendance."""

    note = long_text("Note", required=False, rows=3, help="Anything the programme should know, such as why the stay was shorter.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        attended = [str(delegate.position) for delegate in subject.delegates]
        days = {"first_day": subject.first_day, "last_day": subject.last_day}
        return super().first_values(subject) | days | {"attended": attended}


class CorrectionForm(StayForm, ReasonForm):
    """Correcting it, from what was confirmed."""

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        days = {"first_day": subject.actual_first_day, "last_day": subject.actual_last_day}
        return days | {"attended": [str(place) for place in places_attended(subject)]}


def _told_apart(delegate: Delegate) -> str:
    """Two travellers may have one name: then the address, or the place in the delegation, says who is meant."""
    others = [each for each in delegate.application.delegates if each is not delegate]
    if all(name_key(each.name) != name_key(delegate.name) for each in others):
        return delegate.name
    distinct = delegate.email and all(each.email != delegate.email for each in others)
    return f"{delegate.name}, {delegate.email if distinct else f'guest {delegate.position}'}"
