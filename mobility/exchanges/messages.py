"""The mails about an exchange and its agreement: one function and one folder of templates/mail for each."""

from collections.abc import Sequence
from typing import Any

from mobility.core.links import path_of
from mobility.exchanges import invitations
from mobility.exchanges.endorsing import able, endorsers
from mobility.exchanges.guards import signed_sides
from mobility.exchanges.models import Exchange
from mobility.exchanges.workflow import WORKFLOW
from mobility.notifications.operations import Addressee, post
from mobility.notifications.recipients import playing
from mobility.people.models import User
from mobility.workflows.workflow import Actor


def exchange_confirmed(exchange: Exchange) -> None:
    """To the host: the guest has said yes; plan together, and sign by."""
    _post("exchange_confirmed", host_coordinators(exchange), exchange)


def agreement_amended(exchange: Exchange, by: User) -> None:
    """To everybody else who signs: there is a new version."""
    _post("agreement_amended", _but(by, both_sides(exchange)), exchange, by=by)


def exchange_unfunded(exchange: Exchange, by: User, reason: str) -> None:
    """To the host: it takes place without a voucher, if they sign that."""
    _post("exchange_unfunded", _but(by, host_coordinators(exchange)), exchange, by=by, reason=reason)


def guest_replaced(exchange: Exchange, by: User, gone: str, newcomer: User | Addressee, reason: str) -> None:
    """To everybody else who signs: there is a new version. Those who travel are told in mobility/delegates."""
    others = [each for each in _but(by, both_sides(exchange)) if each.email != newcomer.email]
    _post("guest_replaced", others, exchange, by=by, gone=gone, newcomer=newcomer, reason=reason)


def agreement_signed(exchange: Exchange, by: User) -> None:
    """To the side that has not signed yet."""
    host_signed = Actor.HOST_COORDINATOR in signed_sides(exchange)
    to = [exchange.guest] if host_signed else host_coordinators(exchange)
    _post("agreement_signed", to, exchange, by=by)


def agreement_agreed(exchange: Exchange) -> None:
    """To both sides: agreed, and what comes next, with the stay for their calendar."""
    _post("agreement_agreed", both_sides(exchange), exchange, calendar=invitations.request(exchange))


def endorsement_asked(exchange: Exchange) -> None:
    """To whoever can endorse it: the programme asks for it before the stay."""
    _post("endorsement_asked", endorsers(exchange, playing(exchange, Actor.OWNER)), exchange)


def endorsement_informed(exchange: Exchange) -> None:
    """To the coordinators of the guest organisation: what was agreed, and that they may object."""
    _post("endorsement_informed", able(exchange), exchange)


def stay_endorsed(exchange: Exchange, by: User) -> None:
    """To both sides: the home organisation says yes, and what comes next."""
    _post("stay_endorsed", _but(by, both_sides(exchange)), exchange, by=by)


def stay_objected(exchange: Exchange, by: User, reason: str) -> None:
    """To both sides, who can amend the agreement, or cancel."""
    _post("stay_objected", _but(by, both_sides(exchange)), exchange, by=by, reason=reason)


def exchange_cancelled(exchange: Exchange, by: User, reason: str) -> None:
    """To the other side, whose calendar it leaves. Everybody else is told in mobility/delegates."""
    others = _but(by, _other_side(exchange, by))
    _post("exchange_cancelled", others, exchange, by=by, reason=reason, calendar=invitations.cancellation(exchange))


def exchange_no_show(exchange: Exchange, reason: str) -> None:
    """To the guest, who may see it differently; it leaves their calendar. Everybody else is told in mobility/delegates."""
    _post("exchange_no_show", [exchange.guest], exchange, reason=reason, calendar=invitations.cancellation(exchange))


def exchange_taken_over(exchange: Exchange, before: User, by: User, reason: str) -> None:
    """To the host: whom to talk to from now on."""
    _post("exchange_taken_over", _but(by, host_coordinators(exchange)), exchange, before=before, by=by, reason=reason)


def attendance_corrected(exchange: Exchange, before: str, after: str, reason: str) -> None:
    """To the guest, who may object."""
    _post("attendance_corrected", [exchange.guest], exchange, before=before, after=after, reason=reason)


def attendance_objected(exchange: Exchange, reason: str) -> None:
    """To the programme, which decides on the claim, and to the host, who can correct."""
    to = playing(exchange, Actor.OWNER, Actor.FINANCE_OFFICER, Actor.HOST_COORDINATOR)
    _post("attendance_objected", to, exchange, reason=reason)


def host_coordinators(exchange: Exchange) -> list[User]:
    return playing(exchange, Actor.HOST_COORDINATOR)


def both_sides(exchange: Exchange) -> list[User]:
    return playing(exchange, Actor.GUEST, Actor.HOST_COORDINATOR)


def _other_side(exchange: Exchange, by: User) -> list[User]:
    by_host = Actor.HOST_COORDINATOR in WORKFLOW.actors_on(by, exchange)
    return [exchange.guest] if by_host else host_coordinators(exchange)


def _but(by: User, people: list[User]) -> list[User]:
    return [person for person in people if person.id != by.id]


def _post(kind: str, to: Sequence[User | Addressee], exchange: Exchange, **context: Any) -> None:
    path = path_of("exchanges.show", id=exchange.id)
    post(kind, to, about=exchange, path=path, exchange=exchange, version=exchange.newest_version, **context)
