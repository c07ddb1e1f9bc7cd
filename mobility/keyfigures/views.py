"""The pages of an organisation's key figures, and of choosing what serves them."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import created
from mobility.core.paging import all_on_one
from mobility.core.web import or_404, say
from mobility.exchanges import queries as exchanges
from mobility.exchanges.states import CANCELLED, CLOSED
from mobility.keyfigures import operations, queries, rules
from mobility.keyfigures.forms import AddForm, CorrectForm, RecordForm, RetireForm, ReviseForm, ServeForm
from mobility.keyfigures.models import KeyFigure
from mobility.keyfigures.workflow import CURRENT, MOST, WORKFLOW
from mobility.lists.pages import show_list
from mobility.people import queries as people
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.vouchers import queries as vouchers
from mobility.vouchers.states import OPEN
from mobility.workflows.actions import ActionPage, add_action_pages
from mobility.workflows.parts import Actor

blueprint = Blueprint("keyfigures", __name__)
blueprint.add_app_template_global(rules.line_of, "line_of_figure")


@blueprint.get("/organisations/<int:id>/keyfigures")
@signed_in
def index(id: int) -> Any:
    """What an organisation measures of itself: for those who work there."""
    organisation = _organisation(id)
    figures = queries.of_organisation(organisation)
    current = [each for each in figures if each.state == CURRENT]
    return show_list(
        queries.LIST,
        all_on_one(figures),
        "keyfigures/index.html",
        organisation=organisation,
        current=current,
        retired=[each for each in figures if each.state != CURRENT],
        leads=_leads(id),
        most=MOST,
        way_gone=_way_gone,
    )


def _organisation(id: int) -> Organisation:
    organisation = or_404(people.organisation(id))
    if not current_user.roles_in(id):
        abort(404)
    return organisation


def _leads(id: int) -> bool:
    return Role.COORDINATOR in current_user.roles_in(id)


def _way_gone(figure: KeyFigure) -> int | None:
    return rules.way_gone(figure.baseline, figure.target, figure.newest.value if figure.newest else None)


@blueprint.route("/organisations/<int:id>/keyfigures/new", methods=["GET", "POST"])
@signed_in
def new(id: int) -> Any:
    organisation = _organisation(id)
    if not _leads(id):
        abort(403, "Only coordinators say what their organisation measures.")
    form = AddForm.offered()

    def create() -> str:
        found = operations.add(organisation, by=current_user, **form.figure())
        say("Added. Enter a value whenever you have measured one.", "success")
        return url_for(".show", id=found.id)

    return created(form, create, "keyfigures/new.html", organisation=organisation)


@blueprint.get("/keyfigures/<int:id>")
@signed_in
def show(id: int) -> Any:
    found = queries.find(id, current_user)
    served = queries.serving(found)
    return render_template("keyfigures/show.html", figure=found, way_gone=_way_gone(found), **served)


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage("record", operations.record, RecordForm, done="Entered."),
        ActionPage("correct", operations.correct, CorrectForm, done="Corrected. What it was is kept in the history."),
        ActionPage("revise", operations.revise, ReviseForm, done="Saved."),
        ActionPage("retire", operations.retire, RetireForm, done="Retired. What was measured stays."),
        ActionPage("take_up", operations.take_up, done="It is measured again."),
    ),
)


# What serves them


@blueprint.route("/exchanges/<int:id>/keyfigures", methods=["GET", "POST"])
@signed_in
def of_exchange(id: int) -> Any:
    """The guest side says which of its key figures an exchange is to serve, until it is closed."""
    return _serving_page(lambda lock: exchanges.find(id, current_user, for_update=lock), "guest_organisation")


@blueprint.route("/vouchers/<int:id>/keyfigures", methods=["GET", "POST"])
@signed_in
def of_voucher(id: int) -> Any:
    """The same of a knowledge voucher, until it is paid."""
    return _serving_page(lambda lock: vouchers.find(id, current_user, for_update=lock), "holder_organisation")


@blueprint.app_template_global("serves_key_figures")
def serves(subject: Any) -> Sequence[KeyFigure]:
    """What an exchange or a voucher is to serve, for its page."""
    return queries.served_by(subject) if subject.id else ()


@blueprint.app_template_global("chooses_key_figures")
def chooses(subject: Any) -> bool:
    """Whether the reader may say so now."""
    parts = subject.workflow.actors_on(current_user, subject)
    if not parts & {Actor.GUEST, Actor.GUEST_COORDINATOR, Actor.HOLDER}:
        return False
    if subject.workflow.name == "voucher":
        return bool(subject.traits.rests_on_price and subject.state in OPEN)
    return subject.state not in {CLOSED, CANCELLED}


def _serving_page(find: Callable[[bool], Any], organisation: str) -> Any:
    """GET shows what can be chosen; POST keeps it. Of two who choose, the slower gets 409 with what they have ticked."""
    subject = find(False)
    if not chooses(subject):
        abort(403, "The guest's side says what this is to serve, until it is closed.")
    form, status = ServeForm(), 200
    if form.is_submitted():
        try:
            return _keep(find, organisation, form)
        except EditConflict:
            subject, status = find(False), 409
            form.was_slower(_seen(subject))
        except Refusal as refusal:
            subject, status = find(False), refusal.status
            form.refuse(refusal)
    return _show_serving(subject, organisation, form, status)


def _keep(find: Callable[[bool], Any], organisation: str, form: ServeForm) -> Any:
    if not form.validate():
        raise Refusal("Send the form again.")
    with transaction():
        subject = find(True)
        if (form.seen.data or "") != _seen(subject):
            raise EditConflict(subject)
        if not chooses(subject):
            raise Refusal("This has been closed meanwhile.")
        place = getattr(subject, organisation)
        operations.serve(subject, chosen=form.ids(), organisation_id=place.id, today=subject.programme.today)
        address = url_for(f"{subject.workflow.name}s.show", id=subject.id)
    flash("Saved. The questionnaire after a year asks how they stand.", "success")
    return redirect(address, 303)


def _seen(subject: Any) -> str:
    return ",".join(str(each.key_figure_id) for each in queries.servings_of(subject))


def _show_serving(subject: Any, organisation: str, form: ServeForm, status: int) -> Any:
    place, served = getattr(subject, organisation), queries.served_by(subject)
    offered = {each.id: each for each in (*queries.current_of(place.id), *served)}
    form.chosen.choices = [(str(id), rules.label(each.name, each.unit)) for id, each in sorted(offered.items())]
    if not form.is_submitted():
        form.seen.data, form.chosen.data = _seen(subject), [str(each.id) for each in served]
    return render_template(
        "keyfigures/serve.html", subject=subject, organisation=place, form=form, leads=_leads(place.id)
    ), status
