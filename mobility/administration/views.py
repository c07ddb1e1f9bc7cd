"""The administrator's pages: organisations and accounts."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as flask_session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import queries as accounts
from mobility.accounts import standing
from mobility.accounts.operations import create_account
from mobility.accounts.proof import asked_again
from mobility.administration import operations, queries
from mobility.administration.forms import AccountOfOtherForm, ActForForm, MendForm, ResetFactorsForm
from mobility.administration.rules import REFUSED, refused
from mobility.core.access import administrator, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Button, created, retried
from mobility.core.paging import page_number
from mobility.core.web import error_page, or_404, say
from mobility.factors import operations as factors
from mobility.factors.queries import has_factor
from mobility.lists.pages import show_list
from mobility.people import places
from mobility.people.models import User
from mobility.people.queries import locked, locked_to_close, memberships_of
from mobility.people.roles import KIND_LABELS, LEVEL_LABELS, ROLE_LABELS
from mobility.teams.forms import OrganisationForm
from mobility.teams.operations import close_account as close
from mobility.teams.queries import departures
from mobility.workflows.actions import action_endpoints
from mobility.workflows.searching import searched_text

blueprint = Blueprint("administration", __name__, url_prefix="/admin")

ACTS: dict[str, tuple[Callable[..., object], str]] = {  # of an account: what is done, and what is said afterwards
    "open": (operations.open_account, "{} can sign in again. Roles begin with a new invitation."),
    "make-administrator": (operations.make_administrator, "{} is an administrator now."),
    "take-administration": (operations.take_administration, "{} is no longer an administrator."),
    "sign-out": (operations.sign_out, "{} is signed out in every browser, and can sign in again."),
    "send-link": (operations.send_password_link, "{} will get a mail with a link for setting a password."),
}


@blueprint.get("/organisations")
@administrator
def organisations() -> ResponseReturnValue:
    words = searched_text("q")
    page = queries.organisation_list(words, page_number())
    return show_list(queries.ORGANISATIONS, page, "administration/organisations.html", words=words, kind_labels=KIND_LABELS)


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@administrator
def new_organisation() -> ResponseReturnValue:
    form = OrganisationForm()
    del form.region, form.topics  # which are offered depends on country and kind; its page asks for them

    def create() -> str:
        made = operations.create_organisation(by=current_user, **form.given())
        say("The organisation has been created. Now invite its first coordinator.", "success")
        return url_for("teams.organisation_team", id=made.id)

    return created(
        form,
        create,
        "teams/organisation_form.html",
        title="New organisation",
        back_url=url_for(".organisations"),
        cities=places.cities(form.country.data or ""),
    )


@blueprint.get("/people")
@administrator
def people() -> ResponseReturnValue:
    words = searched_text("q")
    page = queries.people_list(words, page_number())
    return show_list(queries.PEOPLE, page, "administration/people.html", words=words, level_labels=LEVEL_LABELS)


@blueprint.route("/people/new", methods=["GET", "POST"])
@administrator
@asked_again
def new_person() -> ResponseReturnValue:
    form = AccountOfOtherForm()

    def create() -> str:
        made = create_account(**form.given(), by=current_user)
        say(f"{made.name} has been invited by mail.", "success")
        return url_for(".person", id=made.id)

    return created(form, create, "administration/new_person.html")


@blueprint.get("/people/<int:id>")
@administrator
def person(id: int) -> ResponseReturnValue:
    return _person_page(or_404(accounts.user(id)), 200)


@blueprint.post("/people/<int:id>/<any('open', 'make-administrator', 'take-administration', 'sign-out', 'send-link'):act>")
@administrator
@asked_again
def act_on_person(id: int, act: str) -> ResponseReturnValue:
    do, said = ACTS[act]
    try:
        retried(lambda: do(or_404(accounts.user(id)), by=current_user))
    except Refusal as refusal:
        flash(refusal.message, "danger")
        return _person_page(or_404(accounts.user(id)), 409)
    flash(said.format(or_404(accounts.user(id)).name), "success")
    return redirect(url_for(".person", id=id), 303)


@blueprint.route("/people/<int:id>/mend", methods=["GET", "POST"])
@administrator
@asked_again
def mend_account(id: int) -> ResponseReturnValue:
    """Name, address or level of somebody, with the reason."""
    user = or_404(accounts.user(id))
    form = MendForm(obj=user, seen=operations.mended_fingerprint(user))
    if not form.validate_on_submit():
        return _mend_page(user, form, 422 if form.is_submitted() else 200)
    try:
        retried(lambda: operations.mend_account(locked(User, id), by=current_user, **form.given(), seen=form.seen.data or ""))
    except EditConflict:
        user = or_404(accounts.user(id))
        form.was_slower(operations.mended_fingerprint(user), MendForm(formdata=None, obj=user))
        return _mend_page(user, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _mend_page(or_404(accounts.user(id)), form, refusal.status)
    flash("Corrected. The person has been told by mail.", "success")
    return redirect(url_for(".person", id=id), 303)


def _mend_page(user: User, form: MendForm, status: int) -> ResponseReturnValue:
    return render_template("administration/mend.html", form=form, person=user), status


@blueprint.route("/people/<int:id>/reset-factors", methods=["GET", "POST"])
@administrator
@asked_again
def reset_factors(id: int) -> ResponseReturnValue:
    """Somebody has lost every second factor; a day after this they can sign in without."""
    user, form = or_404(accounts.user(id)), ResetFactorsForm()
    if not form.validate_on_submit():
        return _reset_page(user, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            user = locked(User, id)
            factors.ask_for_reset(user, by=current_user, reason=form.reason.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _reset_page(or_404(accounts.user(id)), form, refusal.status)
    flash(f"{user.name} has been told by mail, and can sign in without a second factor from this time tomorrow on.", "success")
    return redirect(url_for(".person", id=id), 303)


def _reset_page(user: User, form: ResetFactorsForm, status: int) -> ResponseReturnValue:
    return render_template("administration/reset_factors.html", form=form, person=user), status


@blueprint.route("/people/<int:id>/close", methods=["GET", "POST"])
@administrator
@asked_again
def close_account(id: int) -> ResponseReturnValue:
    """Shows before what is open, and who goes on with it."""
    name = or_404(accounts.user(id)).name
    if not Button().validate_on_submit():
        return _closing_page(id)
    try:
        with transaction():
            close(locked_to_close(id), by=current_user)
    except Refusal as refusal:
        return _closing_page(id, refusal)
    flash(f"{name} is signed out everywhere and cannot sign in any more.", "success")
    return redirect(url_for(".person", id=id), 303)


def _closing_page(id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    person = or_404(accounts.user(id))
    own = person.id == current_user.id
    page = render_template(
        "teams/close_account.html",
        person=person,
        own=own,
        departures=departures(person, own=own),
        role_labels=ROLE_LABELS,
        form=Button(),
        back_url=url_for(".person", id=id),
        refusal=refusal,
    )
    return page, 409 if refusal else 200


# Acting for somebody else


@blueprint.route("/people/<int:id>/act-for", methods=["GET", "POST"])
@administrator
@asked_again
def act_for(id: int) -> ResponseReturnValue:
    person, form = or_404(accounts.user(id)), ActForForm()
    if not form.validate_on_submit():
        return _acting_page(person, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            stand = operations.act_for(or_404(accounts.user(id)), by=current_user, **form.given())
            standing.end_here()
            standing.begin_here(stand.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _acting_page(or_404(accounts.user(id)), form, refusal.status)
    return redirect(url_for("home.index"), 303)


def _acting_page(person: User, form: ActForForm, status: int) -> ResponseReturnValue:
    return render_template("administration/act_for.html", person=person, form=form), status


@blueprint.post("/act-for/end")
@signed_in
def end_acting() -> ResponseReturnValue:
    """By the administrator, whom this request knows as the person acted for."""
    id = current_user.id if current_user.stand_in else None
    with transaction():
        standing.end_here()
    return redirect(url_for(".person", id=id) if id else url_for("home.index"), 303)


@blueprint.before_app_request
def refuse_for_another() -> ResponseReturnValue | None:
    """What cannot be done in somebody's stead; and nothing is done as oneself by whoever still thinks to act for another."""
    if standing.ACTING not in flask_session:
        return None
    if standing.is_over(current_user):
        with transaction():
            standing.end_here()
        return error_page(409, "Acting for somebody else has ended. Nothing was done; go on as yourself.")
    if current_user.stand_in and refused(request.endpoint or "", request.method, action_endpoints()):
        return error_page(403, REFUSED.format(name=current_user.name))
    return None


def _person_page(user: User, status: int) -> ResponseReturnValue:
    page = render_template(
        "administration/person.html",
        person=user,
        memberships=memberships_of(user),
        role_labels=ROLE_LABELS,
        level_labels=LEVEL_LABELS,
        stood_in=queries.stood_in_for(user),
        has_factor=has_factor(user),
    )
    return page, status
