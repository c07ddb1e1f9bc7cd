"""The administrator's pages: organisations and accounts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import queries as accounts
from mobility.accounts.operations import create_account, send_link
from mobility.administration import operations, queries
from mobility.administration.forms import AccountOfOtherForm
from mobility.core.access import administrator
from mobility.core.errors import Refusal
from mobility.core.forms import created, retried
from mobility.core.paging import page_number
from mobility.core.web import or_404
from mobility.people import places
from mobility.people.models import User
from mobility.people.operations import create_organisation
from mobility.people.queries import memberships_of
from mobility.people.roles import KIND_LABELS, LEVEL_LABELS, ROLE_LABELS
from mobility.teams.forms import OrganisationForm

blueprint = Blueprint("administration", __name__, url_prefix="/admin")

ACTS = {  # of an account: what is done, and what is said afterwards
    "close": (operations.close_account, "{} is signed out everywhere and cannot sign in any more."),
    "open": (operations.open_account, "{} can sign in again."),
    "make-administrator": (operations.make_administrator, "{} is an administrator now."),
    "take-administration": (operations.take_administration, "{} is no longer an administrator."),
    "send-link": (send_link, "{} will get a mail with a link for setting a password."),
}


@blueprint.get("/organisations")
@administrator
def organisations() -> ResponseReturnValue:
    words = request.args.get("q", "")[:200]
    page = queries.organisation_list(words, page_number())
    return render_template("administration/organisations.html", page=page, words=words, kind_labels=KIND_LABELS)


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@administrator
def new_organisation() -> ResponseReturnValue:
    form = OrganisationForm()
    del form.region, form.topics  # which are offered depends on country and kind; its page asks for them

    def create() -> str:
        made = create_organisation(**form.given())
        flash("The organisation has been created. Now invite its first coordinator.", "success")
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
    words = request.args.get("q", "")[:200]
    page = queries.people_list(words, page_number())
    return render_template("administration/people.html", page=page, words=words, level_labels=LEVEL_LABELS)


@blueprint.route("/people/new", methods=["GET", "POST"])
@administrator
def new_person() -> ResponseReturnValue:
    form = AccountOfOtherForm()

    def create() -> str:
        made = create_account(**form.given(), by=current_user)
        flash(f"{made.name} has been invited by mail.", "success")
        return url_for(".person", id=made.id)

    return created(form, create, "administration/new_person.html")


@blueprint.get("/people/<int:id>")
@administrator
def person(id: int) -> ResponseReturnValue:
    return _person_page(or_404(accounts.user(id)), 200)


@blueprint.post("/people/<int:id>/<any('close', 'open', 'make-administrator', 'take-administration', 'send-link'):act>")
@administrator
def act_on_person(id: int, act: str) -> ResponseReturnValue:
    do, said = ACTS[act]
    try:
        retried(lambda: do(or_404(accounts.user(id))))
    except Refusal as refusal:
        flash(refusal.message, "danger")
        return _person_page(or_404(accounts.user(id)), 409)
    flash(said.format(or_404(accounts.user(id)).name), "success")
    return redirect(url_for(".person", id=id), 303)


def _person_page(user: User, status: int) -> ResponseReturnValue:
    page = render_template(
        "administration/person.html",
        person=user,
        memberships=memberships_of(user),
        role_labels=ROLE_LABELS,
        level_labels=LEVEL_LABELS,
    )
    return page, status
