"""One act, one click (workflows.md): an act on the exchange carries its voucher with it, in one transaction and both histories.

The exchange is always locked before its voucher.
"""

from datetime import date
from typing import Any

from mobility.core import clock
from mobility.core.errors import Refusal
from mobility.delegates import messages as delegates
from mobility.delegates.queries import travels_at
from mobility.exchanges import endorse as home
from mobility.exchanges import operations as exchanges
from mobility.exchanges.endorsing import REQUIRED, is_endorsed
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import AGREED
from mobility.people.models import User
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import APPROVED, ISSUED, OPEN, REDEEMED, WITHDRAWABLE
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor


def sign(exchange: Exchange, *, by: User, **given: Any) -> None:
    """Sign for one side; the last signature lets the guest request the voucher, unless the exchange is self-funded."""
    exchanges.sign(exchange, by=by, **given)
    if exchange.newest_version is exchange.agreed_version:
        delegates.agreed(exchange)
    if exchange.state == AGREED and not exchange.self_funded and _voucher(exchange) is None:
        _draft(exchange)
    elif exchange.newest_version is exchange.agreed_version and (voucher := _voucher(exchange)) is not None:
        vouchers.follow_stay(voucher)


def endorse(exchange: Exchange, *, by: User, number: int) -> None:
    """The home organisation says yes: now the guest can request the voucher of what both sides have signed."""
    home.endorse(exchange, by=by, number=number)
    if exchange.state == AGREED and not exchange.self_funded and _voucher(exchange) is None:
        _draft(exchange)


def _draft(exchange: Exchange) -> None:
    """A voucher is asked for what is agreed, and endorsed if the programme asks for that, before the first day."""
    if is_endorsed(exchange) and (exchange.endorsement != REQUIRED or clock.today(exchange.timezone) < exchange.first_day):
        vouchers.draft_for(exchange, by=SYSTEM)


def check_in(exchange: Exchange, *, by: User, code: str = "") -> None:
    """The guest is here: starts the exchange and redeems its voucher with the code.

    Any host starts; redeeming is the coordinator's (workflows.md), who enters the code later if a colleague was at the door.
    """
    voucher = _voucher(exchange)
    exchanges.start(exchange, by=by)
    if voucher is not None and voucher.state == ISSUED and (code or redeems(by, exchange)):
        _redeem(voucher, by, code)


def redeems(by: User, exchange: Exchange) -> bool:
    """Whether the voucher's code is this person's to enter."""
    return Actor.HOST_COORDINATOR in exchange.workflow.actors_on(by, exchange)


def redeem(voucher: Voucher, *, by: User, code: str, provider_link: str = "") -> None:
    """The same from the voucher's page; an exchange that the first day has started already only gets its voucher redeemed."""
    if voucher.exchange is not None and voucher.exchange.state == AGREED:
        exchanges.start(voucher.exchange, by=by)
    _redeem(voucher, by, code, provider_link)


def start(exchange: Exchange, *, by: By = SYSTEM) -> None:
    """The first day has come: the exchange starts by itself; the voucher is redeemed when the host enters its code."""
    exchanges.start(exchange, by=by)


def confirm_attendance(
    exchange: Exchange,
    *,
    by: User,
    first_day: date,
    last_day: date,
    attended: list[int],
    note: str = "",
    code: str = "",
) -> None:
    """Who came, from when to when: completes the exchange and delivers the voucher, redeeming it if that is still to do."""
    voucher = _voucher(exchange)
    if voucher is not None and voucher.state == ISSUED:
        _redeem(voucher, by, code)
    exchanges.confirm_attendance(exchange, by=by, first_day=first_day, last_day=last_day, attended=attended, note=note)
    delegates.attendance(exchange)
    if voucher is not None and voucher.state == REDEEMED:
        vouchers.confirm_delivery(voucher, by=by)


def report_no_show(exchange: Exchange, *, by: User, reason: str) -> None:
    """Nobody came: cancels the exchange and revokes its voucher; the money goes back to the budget."""
    voucher = _voucher(exchange)
    done = exchanges.report_no_show(exchange, by=by, reason=reason)
    delegates.no_show(exchange, by, reason)
    if voucher is not None and voucher.state in {APPROVED, ISSUED, REDEEMED}:
        vouchers.revoke(voucher, by=by, reason=reason, through=done)


def cancel(exchange: Exchange, *, by: User, reason: str) -> None:
    """Called off before it began: an open voucher is withdrawn with it."""
    voucher = _voucher(exchange)
    done = exchanges.cancel(exchange, by=by, reason=reason)
    delegates.cancelled(exchange, by, reason)
    if voucher is not None and voucher.state in WITHDRAWABLE:
        vouchers.withdraw(voucher, by=by, reason=reason, through=done)


def replace_guest(exchange: Exchange, *, by: User, delegate: str, **given: Any) -> None:
    """Somebody else travels; whoever acts in the guest's place holds the voucher, too."""
    voucher, before = _voucher(exchange), travels_at(exchange, delegate)
    done = exchanges.replace_guest(exchange, by=by, delegate=delegate, **given)
    if before is not None:
        delegates.replaced(exchange, before, by)
    if voucher is not None and voucher.state in OPEN and voucher.holder is not exchange.guest:
        vouchers.replace_holder(voucher, holder=exchange.guest, through=done)


def take_over(exchange: Exchange, *, by: User, reason: str) -> Voucher | None:
    """The guest has left: their organisation's coordinator acts in their place, and holds the voucher, which is returned."""
    voucher = _voucher(exchange)
    done = exchanges.take_over(exchange, by=by, reason=reason)
    if voucher is None or voucher.state not in OPEN:
        return None
    vouchers.take_over(voucher, by=by, reason=reason, through=done)
    return voucher


def _voucher(exchange: Exchange) -> Voucher | None:
    """The exchange's voucher, locked."""
    return voucher_queries.lock_of_exchange(exchange.id)


def _redeem(voucher: Voucher, by: User, code: str, provider_link: str = "") -> None:
    if not code.strip():
        raise Refusal("Enter the code of the guest's voucher: it redeems the voucher.", "code")
    vouchers.redeem(voucher, by=by, code=code, provider_link=provider_link)
