"""The pages of exchanges and their agreements. The acts of the visit have theirs in mobility/visits."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.applications import queries as application_queries
from mobility.applications.models import Application
from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.core.access import signed_in
from mobility.core.errors import GuardRefused
from mobility.core.forms import ReasonForm
from mobility.core.links import absolute
from mobility.core.paging import page_number
from mobility.documents.calendar import Organiser, exchange_calendar
from mobility.exchanges import invitations, operations, queries, rules
from mobility.exchanges.endorsing import ENDORSED, OBJECTED, PROGRAMME, REQUIRED, answer
from mobility.exchanges.forms import AmendForm
from mobility.exchanges.guards import days_are_over
from mobility.exchanges.messages import host_coordinators
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.rules import Difference, Terms
from mobility.exchanges.states import CANCELLED
from mobility.exchanges.workflow import WORKFLOW
from mobility.lists.pages import show_list
from mobility.programmes.queries import open_budget_lines
from mobility.workflows.actions import ActionPage, add_action_pages
from mobility.workflows.searching import searched_text
from mobility.workflows.workflow import Actor

blueprint = Blueprint("exchanges", __name__)


@blueprint.get("/exchanges")
@signed_in
def index() -> ResponseReturnValue:
    """The reader's exchanges on either side, and those of their programmes."""
    filters = _filters()
    return show_list(
        queries.LIST,
        queries.listed(current_user, filters, page_number()),
        "exchanges/index.html",
        counts=queries.count_by_state(current_user, filters),
        filters=filters,
        sides=application_queries.sides_of(current_user),
        states=WORKFLOW.states,
    )


@blueprint.get("/exchanges/<int:id>")
@signed_in
def show(id: int) -> ResponseReturnValue:
    exchange = queries.find(id, current_user)
    version = exchange.agreed_version or exchange.newest_version
    return render_template(
        "exchanges/show.html",
        exchange=exchange,
        version=version,
        parts=_parts(exchange),
        stuck=_stuck(exchange),
        days_are_over=days_are_over(exchange),
        objection=answer(exchange.newest_version, OBJECTED) if exchange.objected else None,
    )


def _stuck(exchange: Exchange) -> str:
    programme, voucher = exchange.programme, exchange.voucher
    call_is_open = True
    if voucher is not None and voucher.state == "draft":
        call_is_open = bool(open_budget_lines(programme.id, voucher.kind, programme.today))
    return rules.why_it_cannot_begin(exchange, programme.today, call_is_open=call_is_open)


@blueprint.get("/exchanges/<int:id>/agreement/<int:number>")
@signed_in
def version(id: int, number: int) -> ResponseReturnValue:
    """A version of the agreement, and what it says differently from the earlier one."""
    exchange = queries.find(id, current_user)
    this, before = queries.version(exchange, number)
    return render_template("exchanges/version.html", exchange=exchange, version=this, before=before)


@blueprint.get("/exchanges/<int:id>/calendar.ics")
@signed_in
def calendar(id: int) -> ResponseReturnValue:
    """The agreed stay for the reader's calendar; a cancelled one takes itself out again."""
    exchange = queries.find(id, current_user)
    if exchange.agreed_version is None:
        raise GuardRefused("There is a calendar file once both sides have signed the agreement.")
    answer = Response(_calendar(exchange, exchange.agreed_version), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="exchange-{exchange.id}.ics"'
    return answer


blueprint.add_app_template_filter(rules.who_came, "who_came")


@blueprint.app_template_filter("agenda_days")
def agenda_days(version: AgreementVersion) -> list[rules.PlannedDay]:
    return rules.planned_days(version.agenda)


@blueprint.app_template_global("agreement_changes")
def agreement_changes(exchange: Exchange, number: int) -> list[Difference]:
    """What version `number` says differently from the earlier one; nothing for the first."""
    by_number = {each.number: each for each in exchange.versions}
    if number - 1 not in by_number:
        return []
    found = rules.differences(Terms.of(by_number[number - 1]), Terms.of(by_number[number]))
    return found if reads_manager_address(exchange) else rules.without_address(found)


@blueprint.app_template_test("read_with_manager_address")
def reads_manager_address(exchange: Exchange) -> bool:
    """It is for the guests, who gave it, and for the mails that go there."""
    return bool(_parts(exchange) & {Actor.GUEST.value, Actor.GUEST_COORDINATOR.value})


@blueprint.app_template_filter("signature_rows")
def signature_rows(version: AgreementVersion) -> list[dict[str, Any]]:
    """Who has signed a version and when, the host first."""
    signed, before = {each.side: each for each in version.signatures}, version.agreed_elsewhere_on
    organisations = {"host": version.names.host, "guest": version.names.guest_organisation}
    rows = [
        {
            "side": f"For the {side}, {name}",
            "name": signed[side].name if side in signed else "",
            "at": signed[side].signed_at if side in signed else before,
            "word": "Agreed elsewhere" if before else "Signed",
        }
        for side, name in organisations.items()
    ]
    return [*rows, *_endorsement_rows(version)]


def _endorsement_rows(version: AgreementVersion) -> list[dict[str, Any]]:
    """The third signature, where the programme asks for one; and what the home organisation has objected."""
    exchange = version.exchange
    given, objection = answer(version, ENDORSED), answer(version, OBJECTED)
    if exchange.endorsement != REQUIRED and not (given or objection):
        return []
    said = given or objection
    return [
        {
            "side": endorsed_for(exchange, version, said),
            "name": said.name if said else "",
            "at": given.given_at if given else None,
            "word": "Endorsed",
            "objection": None if given else objection,
        }
    ]


def endorsed_for(exchange: Exchange, version: AgreementVersion, said: Any) -> str:
    """Whose endorsement it is, or will be."""
    home = version.names.guest_organisation
    by_programme = said.for_programme if said else exchange.endorser == PROGRAMME
    return f"Endorsement by {version.names.programme}, in place of {home}" if by_programme else f"Endorsement by {home}"


def _calendar(exchange: Exchange, version: AgreementVersion) -> bytes:
    organiser = next(iter(host_coordinators(exchange)), exchange.guest)
    cancelled = exchange.state == CANCELLED
    return exchange_calendar(
        uid=invitations.uid_of(exchange),
        title=invitations.title_of(exchange),
        first_day=exchange.first_day,
        last_day=exchange.last_day,
        location=invitations.place_of(exchange),
        description=invitations.agenda_in_words(version),
        url=absolute(url_for(".show", id=exchange.id)),
        organiser=Organiser(organiser.name, organiser.email),
        sequence=2 * version.number + cancelled,
        stamp=max((each.signed_at for each in version.signatures), default=version.written_at),
        cancelled=cancelled,
    )


def _parts(exchange: Exchange) -> set[str]:
    return {part.value for part in WORKFLOW.actors_on(current_user, exchange)}


def _filters() -> queries.Filters:
    """The filters in the address; nonsense counts as no filter."""
    state, side = (request.args.get(name, "") for name in ("state", "side"))
    return queries.Filters(
        side if side in application_queries.sides_of(current_user) else "",
        state if state in {each.name for each in WORKFLOW.states} else "",
        text=searched_text(),
    )


def _to_the_exchange(application: Application) -> str:
    return url_for("exchanges.show", id=queries.of_application(application).id)


# Confirming an application makes the exchange, so its page stands here, at the application's address.
add_action_pages(
    blueprint,
    APPLICATION,
    application_queries.find,
    (
        ActionPage(
            "confirm",
            operations.confirm,
            done="It is a match. Look at the agreement together, add what is missing, and sign it.",
            summary="exchanges/_confirm_summary.html",
            goes_to=_to_the_exchange,
        ),
    ),
)
add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "amend",
            operations.amend,
            AmendForm,
            done="The new version is written. Both sides sign it next.",
            template="exchanges/amend.html",
        ),
        ActionPage(
            "go_unfunded",
            operations.go_unfunded,
            ReasonForm,
            done="The new version is written: your organisation pays. Both sides sign it next.",
            summary="exchanges/_visit_summary.html",
        ),
    ),
)
