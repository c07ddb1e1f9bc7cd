"""The pages of a visit: they are actions of the exchange, and carry its voucher with them."""

from flask import Blueprint, url_for
from flask_login import current_user

from mobility.core.forms import ReasonForm
from mobility.exchanges import queries
from mobility.exchanges.endorse import object_to_stay
from mobility.exchanges.endorsing import is_endorsed
from mobility.exchanges.forms import EndorseForm, ObjectForm, ReplaceForm, SignForm
from mobility.exchanges.models import Exchange
from mobility.exchanges.workflow import WORKFLOW
from mobility.visits import operations
from mobility.visits.forms import AttendanceForm, CheckInForm, RedeemForm
from mobility.visits.queries import find_voucher
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW as VOUCHER
from mobility.workflows.actions import ActionPage, add_action_pages

blueprint = Blueprint("visits", __name__)


def _signed(exchange: Exchange) -> str:
    """What the signature has done, and what comes next."""
    version = exchange.newest_version
    if version is None or version is not exchange.agreed_version:
        return "You have signed. It is in force once the other side has signed, too."
    if not is_endorsed(exchange):
        return f"You have signed: both sides have. {exchange.guest_organisation.name} endorses it next."
    if exchange.self_funded or (exchange.voucher is not None and exchange.voucher.requested_on):
        return f"You have signed: both sides have, and version {version.number} is in force."
    return "You have signed: both sides have, and the guest can request the voucher."


def _endorsed(exchange: Exchange) -> str:
    if exchange.newest_version is not exchange.agreed_version:
        return "You have endorsed it. It is in force once both sides have signed it."
    if exchange.self_funded or (exchange.voucher is not None and exchange.voucher.requested_on):
        return "You have endorsed it. The visit can begin on its first day."
    return "You have endorsed it, and the guest can request the voucher."


def _where_it_is_seen(exchange: Exchange) -> str:
    """Whoever has handed the exchange over to a colleague sees it no longer."""
    sees = WORKFLOW.may_see(current_user, exchange)
    return url_for("exchanges.show", id=exchange.id) if sees else url_for("home.index")


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "sign",
            operations.sign,
            SignForm,
            done=_signed,
            summary="exchanges/_sign_summary.html",
        ),
        ActionPage(
            "endorse",
            operations.endorse,
            EndorseForm,
            done=_endorsed,
            summary="exchanges/_sign_summary.html",
        ),
        ActionPage(
            "object_to_stay",
            object_to_stay,
            ObjectForm,
            done="Guest and host have been told. They can amend the agreement, or cancel.",
            summary="exchanges/_sign_summary.html",
        ),
        ActionPage(
            "start",
            operations.check_in,
            CheckInForm,
            done="Your guest is checked in. Confirm the attendance when the visit is over.",
            summary="exchanges/_visit_summary.html",
        ),
        ActionPage(
            "confirm_attendance",
            operations.confirm_attendance,
            AttendanceForm,
            done="Attendance confirmed. The certificate is ready, and the guest can report and claim.",
            summary="exchanges/_visit_summary.html",
        ),
        ActionPage(
            "report_no_show",
            operations.report_no_show,
            ReasonForm,
            done="The exchange is cancelled and its voucher revoked.",
            summary="exchanges/_visit_summary.html",
        ),
        ActionPage(
            "replace_guest",
            operations.replace_guest,
            ReplaceForm,
            done="Replaced. The newcomer has been told what is agreed; both sides sign the new version.",
            summary="exchanges/_visit_summary.html",
            goes_to=_where_it_is_seen,
        ),
        ActionPage(
            "cancel",
            operations.cancel,
            ReasonForm,
            done="The exchange is cancelled. The place is free again.",
            summary="exchanges/_visit_summary.html",
        ),
    ),
)


def _redeemed(voucher: Voucher) -> str:
    return voucher.traits.words.redeemed


add_action_pages(
    blueprint,
    VOUCHER,
    find_voucher,
    (
        ActionPage(
            "redeem",
            operations.redeem,
            RedeemForm,
            done=_redeemed,
            summary="vouchers/_summary.html",
        ),
    ),
)
