"""One function for each message about a voucher; its texts are in templates/mail/<kind>/."""

from collections.abc import Iterable
from typing import Any

from mobility.asking.rules import declared
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.notifications.recipients import playing
from mobility.people.models import User
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import Actor
from mobility.workflows.table import By


def voucher_drafted(voucher: Voucher) -> None:
    """Both sides have signed: the holder can ask for the voucher."""
    _post("voucher_drafted", [voucher.holder], voucher)


def voucher_requested(voucher: Voucher) -> None:
    _ask_for_decision("voucher_requested", voucher)


def voucher_question(voucher: Voucher) -> None:
    _post("voucher_question", [voucher.holder], voucher)


def voucher_answered(voucher: Voucher) -> None:
    _ask_for_decision("voucher_answered", voucher)


def voucher_recommended(voucher: Voucher) -> None:
    _post("voucher_recommended", _owners(voucher), voucher)


def voucher_approved(voucher: Voucher) -> None:
    """Scheme `full`: said yes, still to be issued."""
    _post("voucher_approved", [voucher.holder], voucher, said=declared(voucher))


def voucher_issued(voucher: Voucher) -> None:
    _post("voucher_issued", [voucher.holder, *_other_side(voucher)], voucher, said=declared(voucher))


def voucher_rejected(voucher: Voucher, reason: str) -> None:
    _post("voucher_rejected", [voucher.holder], voucher, reason=reason)


def voucher_redeemed(voucher: Voucher, by: By) -> None:
    """The holder always hears of it: vouchers were emptied behind holders' backs elsewhere (product.md)."""
    _post("voucher_redeemed", [voucher.holder], voucher, by=by)


def voucher_delivered(voucher: Voucher) -> None:
    """To whom can claim now."""
    _post("voucher_delivered", claimants(voucher), voucher)


def voucher_extended(voucher: Voucher) -> None:
    _post("voucher_extended", [voucher.holder, *_other_side(voucher)], voucher)


def claim_extended(voucher: Voucher, reason: str) -> None:
    """To whom can claim, and by when."""
    _post("claim_extended", claimants(voucher), voucher, reason=reason)


def voucher_expired(voucher: Voucher) -> None:
    _post("voucher_expired", [voucher.holder, *_owners(voucher)], voucher)


def voucher_lapsed(voucher: Voucher) -> None:
    _post("voucher_lapsed", [voucher.holder, *claimants(voucher), *_owners(voucher)], voucher)


def voucher_withdrawn(voucher: Voucher, by: By, reason: str) -> None:
    """To everybody concerned but the one who did it."""
    told = _other_side(voucher) if voucher.issued_at else []
    _post("voucher_withdrawn", _without(by, [voucher.holder, *_owners(voucher), *told]), voucher, by=by, reason=reason)


def voucher_revoked(voucher: Voucher, by: By, reason: str) -> None:
    people = [voucher.holder, *_other_side(voucher), *_owners(voucher)]
    _post("voucher_revoked", _without(by, people), voucher, by=by, reason=reason)


def voucher_taken_over(voucher: Voucher, before: User, by: User, reason: str) -> None:
    """To the programme once it knows of the voucher, and to the provider who does; a host hears of it with the exchange."""
    told = playing(voucher, Actor.PROVIDER) if voucher.issued_at else []
    owners = _owners(voucher) if voucher.requested_on else []
    _post("voucher_taken_over", _without(by, [*told, *owners]), voucher, before=before, by=by, reason=reason)


def claimants(voucher: Voucher) -> list[User]:
    """Who claims, and hears what becomes of the claim: the holder, or the provider's people."""
    return playing(voucher, Actor(voucher.traits.claims))


def _post(kind: str, to: Iterable[User], voucher: Voucher, **context: Any) -> None:
    post(kind, to, about=voucher, path=path_of("vouchers.show", id=voucher.id), **context)


def _owners(voucher: Voucher) -> list[User]:
    return playing(voucher, Actor.OWNER)


def _ask_for_decision(kind: str, voucher: Voucher) -> None:
    """To those who have the next word; and to the owners, who answer for the deadline, that it is not theirs yet."""
    promise = voucher.workflow.promise("decision")
    act = promise.action_for(voucher)
    _post(kind, playing(voucher, *promise.owing(voucher)), voucher, next=act, mine=True)
    _post(kind, _owners(voucher), voucher, next=act, mine=False)  # whoever got the first gets no second


def _other_side(voucher: Voucher) -> list[User]:
    """Who redeems: the host's coordinators, or the provider's people."""
    return playing(voucher, Actor.HOST_COORDINATOR, Actor.PROVIDER)


def _without(person: Any, people: Iterable[User]) -> list[User]:
    return [each for each in people if each.id != person.id]
