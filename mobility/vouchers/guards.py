"""The parts people play towards a voucher, and what can stand against an act (workflows.md, "only if"). Pure."""

from datetime import date, timedelta
from typing import Any

from mobility.core import clock
from mobility.core.money import written
from mobility.core.wording import format_day
from mobility.people.interest import asked_on, travelling
from mobility.people.parts import acts_for, has_left, host_side, members, person, programme_people
from mobility.people.roles import Role
from mobility.vouchers.kinds import keys_of, kind_of
from mobility.vouchers.states import APPROVED, DRAFT, REQUESTED, RETURNED
from mobility.workflows.parts import Actor, Only, Watch, acting_on, actors_on, unless
from mobility.workflows.table import By

# Holder and their coordinators; the host or the provider, as the kind says; the programme's people once it was requested
WITH_HOST = Only("kind", lambda: keys_of(lambda kind: kind.counterpart == "host"))
WITH_PROVIDER = Only("kind", lambda: keys_of(lambda kind: kind.counterpart == "provider"))
EXTENDED_WITHIN = 30  # days after the claim's deadline (workflows.md, extend_claim)
ONCE_REQUESTED = unless(DRAFT)
PARTS = (
    person(Actor.HOLDER, "holder", Watch(states=frozenset({DRAFT})), acts_for("holder_organisation")),
    members(Actor.GUEST_COORDINATOR, "holder_organisation", Role.COORDINATOR),
    *host_side("host", (WITH_HOST,)),
    members(Actor.PROVIDER, "provider", Role.PROVIDER, Role.COORDINATOR, only=(ONCE_REQUESTED, WITH_PROVIDER), watches=Watch()),
    *programme_people("programme", only=(ONCE_REQUESTED,), watches=Watch(promises=frozenset({"decision", "payment", "answer"}))),
)


def may_see_code(person: Any, voucher: Any) -> bool:
    """The holder hands the code over, for their organisation: before that, nobody but their side sees it. Whoever acts for
    somebody else does not: it is worth money."""
    if getattr(person, "stand_in", None):
        return False
    return bool(acting_on(PARTS, person, voucher) & {Actor.HOLDER, Actor.GUEST_COORDINATOR})


def holds(voucher: Any, by: By) -> bool:
    return bool(by.id == voucher.holder_id)


def holder_gone(voucher: Any, by: By) -> str | None:
    if not has_left(voucher.holder, voucher.holder_organisation_id):
        if holds(voucher, by):
            return "You hold it yourself."
        return f"{voucher.holder.name} still acts for {voucher.holder_organisation.name}."
    return None


def budget_suffices(voucher: Any, by: By) -> str | None:
    line = voucher.budget_line
    if line is None:
        return "No open call of this programme has a budget line for this voucher."
    if line.available < voucher.least_amount:
        left, needed = (written(each, voucher.programme.currency) for each in (line.available, voucher.least_amount))
        return f"The budget line has {left} left; this voucher needs {needed}."
    return None


def four_eyes(voucher: Any, by: By) -> str | None:
    if voucher.programme.scheme == "full" and voucher.assessed_by_id == by.id:
        return "You assessed this voucher. In this programme somebody else must approve it."
    return None


def scheme_is_full(voucher: Any, by: By) -> str | None:
    if voucher.programme.scheme != "full":
        return "This programme decides in one step, without an assessment."
    return None


def at_its_turn(voucher: Any, by: By) -> str | None:
    """Scheme `light` approves what is requested, `full` what is recommended."""
    if voucher.programme.scheme == "full" and voucher.state == REQUESTED:
        return "An assessor must recommend this voucher first."
    return None


def agreed_exchange(voucher: Any, by: By) -> str | None:
    if kind_of(voucher.kind).rests_on_stay and (voucher.exchange is None or voucher.exchange.state != "agreed"):
        return "Both sides must have signed the agreement first."
    return None


# What is left to do once the stay has begun, by the voucher's state
_LEFT_TO_DO = {
    DRAFT: "Hold the exchange without a voucher, or cancel it.",
    RETURNED: "Hold the exchange without a voucher, or cancel it.",
    APPROVED: "Revoke it, so that the money goes back to the budget.",
}


def too_late(voucher: Any) -> bool:
    """The stay has begun: nobody requests, approves or issues any more (workflows.md)."""
    return voucher.exchange is not None and clock.today(voucher.timezone) >= voucher.exchange.first_day


def before_the_stay(voucher: Any, by: By) -> str | None:
    if not too_late(voucher):
        return None
    left = _LEFT_TO_DO.get(voucher.state, "Reject it, so that host and guest know where they stand.")
    return f"The stay began on {format_day(voucher.exchange.first_day)}: that is too late for a voucher. {left}"


def described(voucher: Any, by: By) -> str | None:
    """A voucher that rests on a price says what for, from whom and at which price before it is asked for (P10)."""
    if kind_of(voucher.kind).rests_on_price and not (voucher.need and voucher.provider_id and voucher.price is not None):
        return "Describe your need, choose the provider and enter the agreed price first."
    return None


def not_one_s_own(voucher: Any, by: By) -> str | None:
    """The code changes hands: nobody takes it, or files the claim, for one side who has acted for the other since."""
    there = voucher.counterpart.name if voucher.counterpart else "the other side"
    colleague = f"A colleague at {there} must do this: its coordinators can invite one."
    if voucher.holder_id == by.id:
        return f"You hold this voucher. {colleague}"
    if words := travelling(voucher.exchange, by):
        return f"{words} {colleague}"
    home = voucher.holder_organisation_id
    if home in {voucher.host_id, voucher.provider_id}:
        return None
    asked = asked_on(voucher)
    return next((f"{asked.told('You', each)}. {colleague}" for each in by.ever_in({home}) if asked.counts(each)), None)


def within_validity(voucher: Any, by: By) -> str | None:
    today = clock.today(voucher.timezone)
    if voucher.valid_from and today < voucher.valid_from:
        return f"The voucher is valid from {voucher.valid_from:%-d %B %Y}."
    if voucher.valid_until and today > voucher.valid_until:
        return f"The voucher was valid until {voucher.valid_until:%-d %B %Y}."
    return None


def extendable_once(voucher: Any, by: By) -> str | None:
    if voucher.extended:
        return "A voucher can be extended only once, and this one already has been."
    return within_validity(voucher, by)


def confirmable(voucher: Any, by: By) -> str | None:
    """The host or the holder confirms, as the kind says: never the provider."""
    parts = actors_on(PARTS, by, voucher) if by.id is not None else frozenset()
    wanted = Actor(kind_of(voucher.kind).confirms)
    if Actor.PROVIDER in parts and wanted in parts:
        return "You act for the provider, and a provider never confirms its own delivery."
    if voucher.provider_id and voucher.provider_id != voucher.holder_organisation_id and wanted in parts:
        asked, held = asked_on(voucher), by.ever_in({voucher.provider_id})
        if told := next((asked.told("You", each) for each in held if asked.counts(each)), None):
            return f"{told}, and a provider never confirms its own delivery."
    return None if wanted in parts else f"The {wanted.value} confirms the delivery."


def past_validity(voucher: Any, by: By) -> str | None:
    if voucher.valid_until is not None and clock.today(voucher.timezone) > voucher.valid_until:
        return None
    return "The voucher is still valid."


def past_claim_deadline(voucher: Any, by: By) -> str | None:
    if voucher.due_on is not None and clock.today(voucher.timezone) > voucher.due_on:
        return None
    return "There is still time for the claim."


def before_claim_deadline(voucher: Any, by: By) -> str | None:
    return "The deadline for the claim has passed." if past_claim_deadline(voucher, by) is None else None


def extendable_until(voucher: Any) -> date | None:
    """The last day on which the owner may still extend the claim."""
    return None if voucher.claim_due_on is None else voucher.claim_due_on + timedelta(days=EXTENDED_WITHIN)


def claim_extendable(voucher: Any, by: By) -> str | None:
    """Once, before the deadline or soon after it. A voucher that lapsed before anything was delivered has nothing to claim."""
    if voucher.claim_extended:
        return "The claim has been extended already; that is possible once."
    last_day = extendable_until(voucher)
    if last_day is None:
        return "Nothing was confirmed as delivered, so there is nothing to claim."
    if clock.today(voucher.timezone) > last_day:
        return f"The claim could be extended until {last_day:%-d %B %Y}, {EXTENDED_WITHIN} days after its deadline."
    return None


def claimable(voucher: Any, by: By) -> str | None:
    """The holder or the provider claims, as the kind says: a provider's claim is nothing for the holder's side."""
    parts = actors_on(PARTS, by, voucher) if by.id is not None else frozenset()
    wanted = Actor(kind_of(voucher.kind).claims)
    if wanted not in parts:
        return f"The {wanted.value} claims."
    return not_one_s_own(voucher, by) if wanted == Actor.PROVIDER else None


def in_no_batch(voucher: Any, by: By) -> str | None:
    """What has come back, or was taken out of a batch, stands no more."""
    if any(each.outcome in {None, "paid"} for each in voucher.payments):
        return "The claim is in a payment batch. A finance officer must remove it there first."
    return None


def nothing_recovered(voucher: Any, by: By) -> str | None:
    if voucher.recovered_amount:
        back = written(voucher.recovered_amount, voucher.programme.currency)
        return f"{back} was recovered after the payment, so the payment cannot have come back."
    if voucher.paid_elsewhere:
        return "It was paid before it came here. If the money has come back, recover it."
    return None


def not_the_validator(voucher: Any, by: By) -> str | None:
    if voucher.validated_by_id is not None and voucher.validated_by_id == by.id:
        return "You validated this claim. Somebody else must pay it."
    return None
