"""What the home organisation says to a stay, and who says it for it (workflows.md, "endorse"; decision 0035). Pure."""

from collections.abc import Iterable
from typing import Any

from mobility.core import clock
from mobility.core.wording import either
from mobility.people.interest import somebody_else, travelling
from mobility.people.roles import Role
from mobility.workflows.parts import Actor
from mobility.workflows.table import By

OFF, INFORMED, REQUIRED = "off", "informed", "required"  # the programme's rule, as it was when both sides said yes
HOME, PROGRAMME = "home", "programme"  # who endorses: a coordinator of the guest organisation, or for want of one an owner
ENDORSED, OBJECTED = "endorsed", "objected"
MOST_NAMED = 3


def answer(version: Any, kind: str) -> Any | None:
    """The endorsement of a version, or the objection to it."""
    return next((each for each in version.endorsements if each.kind == kind), None)


def is_endorsed(exchange: Any) -> bool:
    """Nothing of the home organisation's stands against beginning: the version in force has its yes, or needs none."""
    if exchange.endorsement != REQUIRED:
        return True
    return exchange.agreed_version is not None and answer(exchange.agreed_version, ENDORSED) is not None


def endorsed_if_asked(exchange: Any, by: By) -> str | None:
    return None if is_endorsed(exchange) else missing(exchange)


def endorsed_stay(voucher: Any, by: By) -> str | None:
    """Of a voucher: no money is promised before the home organisation has said yes to what is in force."""
    return endorsed_if_asked(voucher.exchange, by) if voucher.exchange is not None else None


def missing(exchange: Any) -> str:
    """That it is missing, and of which version."""
    number = f" {exchange.agreed_version.number}" if exchange.agreed_version else ""
    return f"{exchange.guest_organisation.name} has not endorsed version{number} of the agreement yet."


def stands_back(exchange: Any, person: By) -> str | None:
    """Nobody endorses their own stay, or what they have signed for one of the sides."""
    if person.id == exchange.guest_id:
        return "You are the guest."
    if words := travelling(exchange, person):
        return words
    if person.roles_in(exchange.host_id):
        return "You belong to the host."
    version = exchange.newest_version
    if version is not None and any(each.signed_by_id == person.id for each in version.signatures):
        return "You have signed for one side."
    return None


def able(exchange: Any) -> list[Any]:
    """The coordinators of the guest organisation who can endorse it, by their names."""
    found = [each for each in exchange.guest_organisation.coordinators() if not stands_back(exchange, each)]
    return sorted(found, key=lambda each: (each.name, each.id))


def endorser_of(exchange: Any) -> str:
    """Who endorses now: the home organisation, as long as somebody there can."""
    return HOME if able(exchange) else PROGRAMME


def theirs_to_endorse(exchange: Any, by: By) -> str | None:
    """A coordinator at home; an owner only where nobody at home can. Each refusal says who."""
    reason = stands_back(exchange, by)
    if reason is None and Role.COORDINATOR in by.roles_in(exchange.guest_organisation_id):
        return None
    if at_home := able(exchange):
        return _joined(
            reason, f"This is for {either([each.name for each in at_home[:MOST_NAMED]])}, {exchange.guest_organisation.name}."
        )
    if Role.OWNER not in by.roles_in_programme(exchange.programme_id):
        return _joined(
            reason, f"Nobody else at {exchange.guest_organisation.name} can: an owner of {exchange.programme.name} does it."
        )
    if reason is None:
        return None
    return _joined(reason, somebody_else(exchange.programme, [Actor.OWNER], lambda each: stands_back(exchange, each), "do it"))


def _joined(*sentences: str | None) -> str:
    return " ".join(filter(None, sentences))


def asked_to_endorse(exchange: Any, by: By) -> str | None:
    if exchange.endorsement != REQUIRED:
        return f"{exchange.programme.name} did not ask for an endorsement when this exchange was agreed on."
    return None


def asked_at_all(exchange: Any, by: By) -> str | None:
    if exchange.endorsement == OFF:
        return f"{exchange.programme.name} did not ask the guest organisation when this exchange was agreed on."
    return None


def not_endorsed(exchange: Any, by: By) -> str | None:
    """A version is endorsed once, and what was endorsed is not objected to: the next version can be."""
    version = exchange.newest_version
    if version is not None and (given := answer(version, ENDORSED)):
        return f"{given.name} has endorsed version {version.number}."
    return None


def not_objected(exchange: Any, by: By) -> str | None:
    version = exchange.newest_version
    if version is not None and (given := answer(version, OBJECTED)):
        return f"{given.name} has objected to version {version.number}."
    return None


def still_ahead(exchange: Any, by: By) -> str | None:
    """Nobody endorses days that are over."""
    version = exchange.newest_version
    if version is not None and version.last_day < clock.today(exchange.timezone):
        return f"The days of version {version.number} are over."
    return None


def changed_hands(exchange: Any, by: By) -> str | None:
    """Of those who could endorse somebody has come, or nobody is left."""
    if exchange.waiting_for != "endorsement" or exchange.endorser == endorser_of(exchange):
        return "It waits for the right people."
    return None


def endorsers(exchange: Any, owners: Iterable[Any]) -> list[Any]:
    """Who is asked: those at home who can, else the owners who can; if there is none of these, all owners, to find somebody."""
    if at_home := able(exchange):
        return at_home
    found = list(owners)
    return [each for each in found if not stands_back(exchange, each)] or found
