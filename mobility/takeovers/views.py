"""The board of an organisation, and the page of a take-over with its history and evidence."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user

from mobility.audit.operations import record_alone
from mobility.core.access import signed_in
from mobility.core.forms import created
from mobility.core.numbers import whole_number
from mobility.core.paging import page_number
from mobility.core.web import or_404, say
from mobility.exchanges.models import Exchange
from mobility.lists.pages import show_list
from mobility.people import queries as people
from mobility.people.models import Organisation
from mobility.takeovers import operations, queries
from mobility.takeovers.forms import AddForm, DropForm, EvidenceForm, MoveForm, ReviseForm, TakeOutForm
from mobility.takeovers.models import TakeOver
from mobility.takeovers.operations import CHOICES
from mobility.takeovers.workflow import ALL, MAY_ACT, WORKFLOW
from mobility.uploads import answers as uploads
from mobility.uploads.rules import ONE_TOO_LARGE
from mobility.workflows.actions import ActionPage, add_action_pages

blueprint = Blueprint("takeovers", __name__)
NEXT = {  # what a card of the board offers: the state, and the act that leads on from there
    "planned": ("start", "put_to_use"),
    "started": ("put_to_use",),
    "in_use": (),
    "dropped": ("plan",),
}


@blueprint.get("/organisations/<int:id>/takeovers")
@signed_in
def board(id: int) -> Any:
    """What an organisation has brought home, by state; with `?state=` all of one."""
    organisation = or_404(people.organisation(id))
    state = request.args.get("state", "")
    columns = queries.columns(organisation, current_user)
    acts, total = _acts_for(organisation), sum(each.total for each in columns)
    if not (total or current_user.roles_in(id)):
        abort(404)
    state = state if state in ALL else ""
    chosen = queries.listed(organisation, current_user, state, page_number()) if state else None
    return show_list(
        queries.LIST,
        chosen or queries.for_files(organisation, current_user, total),
        "takeovers/board.html",
        as_name="listed",
        organisation=organisation,
        columns=columns,
        state=state,
        acts=acts,
        next=NEXT,
        workflow=WORKFLOW,
    )


def _acts_for(organisation: Organisation) -> bool:
    return not current_user.roles_in(organisation.id).isdisjoint(MAY_ACT)


@blueprint.route("/organisations/<int:id>/takeovers/new", methods=["GET", "POST"])
@signed_in
def new(id: int) -> Any:
    """One more, by hand."""
    organisation = or_404(people.organisation(id))
    if not _acts_for(organisation):
        abort(404)
    exchanges = {each.id: each for each in queries.exchanges_of(organisation)}
    form = AddForm().offer(exchanges.values(), whole_number(request.args.get("exchange")))

    def create() -> str:
        found = operations.add(exchanges[form.exchange.data], by=current_user, **form.given())
        say("It is on the board.", "success")
        return url_for(".show", id=found.id)

    return created(form, create, "takeovers/new.html", organisation=organisation, exchanges=exchanges)


@blueprint.get("/takeovers/<int:id>")
@signed_in
def show(id: int) -> Any:
    found = queries.find(id, current_user)
    return render_template("takeovers/show.html", take_over=found, acts=_acts_for(found.organisation), said=CHOICES)


@blueprint.get("/takeovers/<int:id>/evidence/<int:evidence_id>")
@signed_in
def evidence(id: int, evidence_id: int) -> Any:
    """A file, to be saved rather than shown: what strangers made is never run here."""
    found = queries.find_evidence(id, evidence_id, current_user)
    answer = uploads.saved(or_404(found.key), found.content_type or "", found.name)
    take_over = found.take_over
    about = f"“{found.name}”, a take-over of {take_over.organisation.name}"
    record_alone("evidence_read", by=current_user, about=about, programme_id=take_over.programme_id)
    return answer


@blueprint.app_template_global("take_overs_from")
def take_overs_from(exchange: Exchange) -> Any:
    """What was taken home from an exchange, for its page: the host reads what and how far, not why (docs/decisions/0020)."""
    return queries.of_exchange(exchange.id) if exchange.state in {"completed", "closed"} else ()


@blueprint.app_template_global("adds_take_overs")
def adds_take_overs(exchange: Exchange) -> bool:
    return exchange.state in {"completed", "closed"} and _acts_for(exchange.guest_organisation)


def _on(take_over: TakeOver) -> str:
    """Back to the board, from its buttons; else to the page."""
    if request.form.get("from") == "board":
        return url_for("takeovers.board", id=take_over.organisation_id)
    return url_for("takeovers.show", id=take_over.id)


def _now(take_over: TakeOver) -> str:
    return f"“{take_over.what}” is {take_over.state_label().lower()} now."


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage("start", operations.start, MoveForm, done=_now, goes_to=_on),
        ActionPage("put_to_use", operations.put_to_use, MoveForm, done=_now, goes_to=_on),
        ActionPage("plan", operations.plan, MoveForm, done=_now, goes_to=_on),
        ActionPage("drop", operations.drop, DropForm, done="Dropped. It stays on the board, and can be taken up again."),
        ActionPage("revise", operations.revise, ReviseForm, done="Saved."),
        ActionPage("add_evidence", operations.add_evidence, EvidenceForm, done="Added.", too_large=("file", ONE_TOO_LARGE)),
        ActionPage("take_out_evidence", operations.take_out_evidence, TakeOutForm, done="Removed."),
    ),
)
