"""Who works in an organisation or a programme: inviting colleagues, ending roles, keeping the organisation's page."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.errors import Refusal
from mobility.core.forms import Button, create_and_retry, retried
from mobility.core.web import or_404
from mobility.people import operations as people
from mobility.people import places
from mobility.people.models import Membership, Organisation
from mobility.people.queries import members, organisation, programme_members
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS, Role
from mobility.teams import operations, queries
from mobility.teams.forms import InviteForm, OrganisationForm

blueprint = Blueprint("teams", __name__)


@blueprint.route("/organisations/<int:id>/team", methods=["GET", "POST"])
@signed_in
def organisation_team(id: int) -> ResponseReturnValue:
    """Everybody who works there sees the page; coordinators and the administrator invite."""
    found = _organisation(id)
    may_lead = operations.may_lead(current_user, found)
    form = InviteForm().offer(ORGANISATION_ROLES)
    if may_lead and form.validate_on_submit():
        answer = _invited(form, url_for(".organisation_team", id=id), operations.invite_into_organisation, found)
        if answer is not None:
            return answer
    elif form.is_submitted() and not may_lead:
        abort(404)
    page = render_template(
        "teams/organisation_team.html",
        organisation=found,
        members=members(id),
        form=form if may_lead else None,
        role_labels=ROLE_LABELS,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/programmes/<int:id>/team", methods=["GET", "POST"])
@signed_in
def programme_team(id: int) -> ResponseReturnValue:
    """The same for a programme: its people see it, its owners and the administrator invite."""
    found = queries.programme(id)
    may_lead = operations.may_lead_programme(current_user, found)
    form = InviteForm().offer(PROGRAMME_ROLES)
    if not may_lead and (form.is_submitted() or not current_user.roles_in_programme(id)):
        abort(404)
    if may_lead and form.validate_on_submit():
        answer = _invited(form, url_for(".programme_team", id=id), operations.invite_into_programme, found)
        if answer is not None:
            return answer
    page = render_template(
        "teams/programme_team.html",
        programme=found,
        members=programme_members(id),
        form=form if may_lead else None,
        role_labels=ROLE_LABELS,
    )
    return page, 422 if form.is_submitted() else 200


def _invited(form: InviteForm, address: str, invite: Any, place: Any) -> ResponseReturnValue | None:
    """Invite, once however often it is posted; nothing when the form has to be shown again."""

    def create() -> str:
        user = invite(place, by=current_user, **form.given())
        flash(f"{user.name} has been told by mail.", "success")
        return address

    try:
        return create_and_retry(form, create)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


@blueprint.route("/memberships/<int:id>/end", methods=["GET", "POST"])
@signed_in
def end_membership(id: int) -> ResponseReturnValue:
    membership = or_404(queries.membership(id))
    if not _may_end(membership):
        abort(404)
    name, role = membership.user.name, ROLE_LABELS[Role(membership.role)].lower()
    back_url = _team_of(membership)
    form = Button()
    if not form.validate_on_submit():
        return render_template("teams/end_membership.html", membership=membership, role=role, form=form, back_url=back_url)
    try:
        retried(lambda: operations.end_membership(or_404(queries.membership(id)), by=current_user))
    except Refusal as refusal:
        flash(refusal.message, "danger")
    else:
        flash(f"{name} is no longer {role} here.", "success")
    return redirect(back_url, 303)


@blueprint.route("/organisations/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit_organisation(id: int) -> ResponseReturnValue:
    found = _organisation(id)
    if not operations.may_lead(current_user, found):
        abort(404)
    form = OrganisationForm(obj=found)
    if not current_user.is_administrator:
        form.for_coordinator()
    if form.validate_on_submit():
        try:
            retried(lambda: people.edit_organisation(_organisation(id), **form.given()))
            flash("The organisation has been changed.", "success")
            return redirect(url_for("people.organisation", id=id), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template(
        "teams/organisation_form.html",
        form=form,
        title=found.name,
        back_url=url_for("people.organisation", id=id),
        cities=places.cities(found.country),
    )
    return page, 422 if form.is_submitted() else 200


def _organisation(id: int) -> Organisation:
    """Of which the person is a member, or which they administer."""
    found = or_404(organisation(id))
    if not current_user.is_administrator and not current_user.roles_in(id):
        abort(404)
    return found


def _may_end(membership: Membership) -> bool:
    if membership.organisation is not None:
        return operations.may_lead(current_user, membership.organisation)
    return operations.may_lead_programme(current_user, membership.programme)


def _team_of(membership: Membership) -> str:
    if membership.organisation_id:
        return url_for(".organisation_team", id=membership.organisation_id)
    return url_for(".programme_team", id=membership.programme_id)
