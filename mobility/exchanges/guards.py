"""The parts people play towards it, and what can stand against an act. Pure."""

from typing import Any

from mobility.core import clock
from mobility.exchanges.endorsing import PROGRAMME
from mobility.exchanges.states import AGREED, ENDED, RUNNING
from mobility.people.interest import travelling
from mobility.people.parts import acts_for, has_left, host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.workflows.parts import Actor, Only, Watch, acting_on
from mobility.workflows.table import By

ENDORSEMENT = Watch(promises=frozenset({"endorsement"}))

PARTS = (
    *host_side("host", watches=Watch(frozenset(), RUNNING)),
    person(Actor.GUEST, "guest", Watch(frozenset(), RUNNING), acts_for("guest_organisation")),
    members(Actor.GUEST_COORDINATOR, "guest_organisation", Role.COORDINATOR, watches=ENDORSEMENT),
    *programme_people("programme"),
    *programme_people("programme", Actor.OWNER, only=(Only("endorser", lambda: (PROGRAMME,)),), watches=ENDORSEMENT),
)


def before_the_start(exchange: Any, by: By) -> str | None:
    """A plan that was never agreed cannot have begun: its days are simply moved."""
    if left_behind(exchange):
        return "The first day has come, so the agreement stays as it is."
    return None


def unsigned_by(exchange: Any, by: By) -> str | None:
    """A side signs a version once."""
    if by.id is None or exchange.newest_version is None:
        return None
    if len(signed_sides(exchange)) == 2:
        return f"Both sides have signed version {exchange.newest_version.number}."
    parts = acting_on(PARTS, by, exchange) & {Actor.HOST_COORDINATOR, Actor.GUEST}
    if parts and not parts - signed_sides(exchange):
        return f"You have signed version {exchange.newest_version.number}. Now it is the other side's turn."
    return None


def one_side_each(exchange: Any, by: By) -> str | None:
    """Nobody signs for both sides."""
    version = exchange.newest_version
    if version is not None and any(signature.signed_by_id == by.id for signature in version.signatures):
        return "You have signed for one side. Somebody else signs for the other."
    return None


def days_ahead(exchange: Any, by: By) -> str | None:
    """Nobody agrees to days that are over."""
    if days_are_over(exchange):
        return f"The days of version {exchange.newest_version.number} are over: amend the dates first."
    return None


def days_are_over(exchange: Any) -> bool:
    """Those of the newest version."""
    return exchange.newest_version is not None and exchange.newest_version.last_day < clock.today(exchange.timezone)


def left_behind(exchange: Any) -> bool:
    """Agreed, but its first day has come without what it needs to begin."""
    return exchange.state == AGREED and clock.today(exchange.timezone) >= exchange.first_day


def signed_sides(exchange: Any) -> frozenset[Actor]:
    """The sides that have signed the newest version, here or elsewhere, as the actors who sign for them."""
    if exchange.newest_version is None:
        return frozenset()
    sides = {"host": Actor.HOST_COORDINATOR, "guest": Actor.GUEST}
    if exchange.newest_version.agreed_elsewhere_on:
        return frozenset(sides.values())
    return frozenset(sides[signature.side] for signature in exchange.newest_version.signatures)


def state_after_signing(exchange: Any) -> str:
    """The last signature makes the agreement; an amendment in force stays agreed."""
    return AGREED if len(signed_sides(exchange)) == 2 else exchange.state


def voucher_in_hand(exchange: Any, by: By) -> str | None:
    if exchange.self_funded or (exchange.voucher is not None and exchange.voucher.state in {"issued", "redeemed"}):
        if clock.today(exchange.timezone) < exchange.first_day:
            return "The exchange can be started from its first day."
        return None
    return "No voucher was issued before the first day." if left_behind(exchange) else "The voucher has not been issued yet."


def host_may_confirm(exchange: Any, by: By) -> str | None:
    if clock.today(exchange.timezone) < exchange.first_day:
        return "The exchange has not begun yet."
    return None


def not_one_s_own(exchange: Any, by: By) -> str | None:
    """What is paid rests on it: whoever travels does not say for the host that they came."""
    words = "You are the guest." if by.id == exchange.guest_id else travelling(exchange, by) if by.id is not None else None
    return f"{words} A colleague at {exchange.host.name} must do this: its coordinators can invite one." if words else None


def no_voucher_open(exchange: Any, by: By) -> str | None:
    if exchange.to_go_unfunded:
        return "The agreement says already that the guest organisation pays."
    if exchange.voucher is not None and exchange.voucher.state not in ENDED:
        return "Withdraw the voucher first."
    return None


def not_begun(exchange: Any, by: By) -> str | None:
    if clock.today(exchange.timezone) >= exchange.first_day:
        return "The first day has come: guests are replaced before it."
    return None


def guest_gone(exchange: Any, by: By) -> str | None:
    if not has_left(exchange.guest, exchange.guest_organisation_id):
        if by.id == exchange.guest_id:
            return "You act for the guests yourself."
        return f"{exchange.guest.name} still acts for {exchange.guest_organisation.name}."
    return None


def not_validated(exchange: Any, by: By) -> str | None:
    """What was paid for, or is about to be, rests on the attendance."""
    if exchange.voucher is not None and exchange.voucher.state in {"validated", "paid", "recovered"}:
        return "The claim has been validated on this attendance. Ask the programme to take the validation back first."
    return None
