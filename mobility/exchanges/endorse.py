"""What the home organisation says to one version of the agreement (workflows.md, "endorse"; decision 0035)."""

from dataclasses import asdict

from mobility.core.errors import EditConflict
from mobility.exchanges import messages
from mobility.exchanges.endorsing import ENDORSED, OBJECTED, endorser_of
from mobility.exchanges.models import AgreementVersion, Endorsement, Exchange, Names
from mobility.exchanges.workflow import WORKFLOW
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.workflows.table import SYSTEM, By, Done


def endorse(exchange: Exchange, *, by: User, number: int) -> Done:
    """Endorse version `number`, which the person has read. Raises EditConflict if there is a newer version by now."""
    WORKFLOW.check("endorse", exchange, by)
    version = _version(exchange, number)

    def change() -> None:
        _add(exchange, version, by, ENDORSED)
        exchange.objected = False

    done = WORKFLOW.apply("endorse", exchange, by=by, note=f"Version {number}", change=change)
    messages.stay_endorsed(exchange, by)
    return done


def object_to_stay(exchange: Exchange, *, by: User, number: int, reason: str) -> Done:
    """For a reason that guest and host read. Where the endorsement is required, the stay cannot begin like this."""
    WORKFLOW.check("object_to_stay", exchange, by)
    version = _version(exchange, number)

    def change() -> None:
        _add(exchange, version, by, OBJECTED, reason)
        exchange.objected = True

    done = WORKFLOW.apply("object_to_stay", exchange, by=by, note=f"Version {number}. {reason}", change=change)
    messages.stay_objected(exchange, by, reason)
    return done


def pass_on(exchange: Exchange, *, by: By = SYSTEM) -> Done:
    """Nobody at home can endorse any more, or somebody can again: whoever can is asked, with the whole time."""
    note = "" if exchange.endorser == endorser_of(exchange) else _whom(exchange)

    def change() -> None:
        exchange.endorser = endorser_of(exchange)

    done = WORKFLOW.apply("pass_on_endorsement", exchange, by=by, note=note, change=change)
    messages.endorsement_asked(exchange)
    return done


def _whom(exchange: Exchange) -> str:
    if endorser_of(exchange) == "programme":
        return f"To {exchange.programme.name}: nobody at {exchange.guest_organisation.name} can endorse it."
    return f"To {exchange.guest_organisation.name}: somebody there can endorse it now."


def _version(exchange: Exchange, number: int) -> AgreementVersion:
    version = exchange.newest_version
    if version is None or version.number != number:
        raise EditConflict(exchange, exchange.changes_since(0)[-1:])
    return version


def _add(exchange: Exchange, version: AgreementVersion, by: User, kind: str, reason: str = "") -> None:
    at_home = Role.COORDINATOR in by.roles_in(exchange.guest_organisation_id)
    version.signed_names = version.signed_names or asdict(Names.of(exchange))
    given = Endorsement(kind=kind, given_by_id=by.id, name=by.name, for_programme=not at_home, reason=reason)
    version.endorsements.append(given)
