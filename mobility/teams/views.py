"""Who works in an organisation or a programme: inviting colleagues, ending roles, keeping the organisation's page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import fingerprint, transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Button, created, retried
from mobility.core.web import or_404
from mobility.core.wording import HOME_ZONE
from mobility.people import operations as people
from mobility.people import places
from mobility.people.models import Membership, Organisation
from mobility.people.queries import earlier_members, locked, members, organisation, programme_members
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS, Role
from mobility.teams import operations, queries
from mobility.teams.forms import InviteForm, OrganisationForm

blueprint = Blueprint("teams", __name__)
blueprint.add_app_template_global(queries.invitations_of)


@blueprint.route("/organisations/<int:id>/team", methods=["GET", "POST"])
@signed_in
def organisation_team(id: int) -> ResponseReturnValue:
    """Everybody who works there sees the page; coordinators and the administrator invite, and see who was there."""
    found = _organisation(id)
    may_lead = operations.may_lead(current_user, found)
    form = InviteForm().offer(ORGANISATION_ROLES)
    if form.is_submitted() and not may_lead:
        abort(404)
    earlier = earlier_members(organisation_id=id) if may_lead else []
    page = {"organisation": found, "may_lead": may_lead, "members": members(id), "earlier": earlier}
    said = {"role_labels": ROLE_LABELS, "home_zone": HOME_ZONE}
    return created(
        form, _invites(form, operations.invite_into_organisation, found), "teams/organisation_team.html", **page, **said
    )


@blueprint.route("/programmes/<int:id>/team", methods=["GET", "POST"])
@signed_in
def programme_team(id: int) -> ResponseReturnValue:
    """The same for a programme: its people see it, its owners and the administrator invite; these and auditors see who was."""
    found = queries.programme(id)
    may_lead = operations.may_lead_programme(current_user, found)
    form = InviteForm().offer(PROGRAMME_ROLES)
    if not may_lead and (form.is_submitted() or not current_user.roles_in_programme(id)):
        abort(404)
    dated = may_lead or Role.AUDITOR in current_user.roles_in_programme(id)
    earlier = earlier_members(programme_id=id) if dated else []
    page = {"programme": found, "may_lead": may_lead, "members": programme_members(id), "dated": dated, "earlier": earlier}
    return created(
        form,
        _invites(form, operations.invite_into_programme, found),
        "teams/programme_team.html",
        role_labels=ROLE_LABELS,
        **page,
    )


def _invites(form: InviteForm, invite: Any, place: Any) -> Callable[[], str]:
    """What the form does when it is sent, and where that leads: to the same page."""
    address = request.path

    def create() -> str:
        user = invite(place, by=current_user, **form.given())
        flash(f"{user.name} has been told by mail.", "success")
        return address

    return create


@blueprint.route("/memberships/<int:id>/end", methods=["GET", "POST"])
@signed_in
def end_membership(id: int) -> ResponseReturnValue:
    membership = or_404(queries.membership(id))
    if not _may_end(membership):
        abort(404)
    name, role = membership.user.name, ROLE_LABELS[Role(membership.role)].lower()
    back_url = _team_of(membership)
    if not membership.current:
        flash(f"This had ended already: {name} is no longer {role} here.", "warning")
        return redirect(back_url, 303)
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


@blueprint.post("/memberships/<int:id>/invite-again")
@signed_in
def invite_again(id: int) -> ResponseReturnValue:
    """For who sees that an invitation was not answered, or has expired."""
    membership = or_404(queries.membership(id))
    if not _may_end(membership):
        abort(404)
    try:
        with transaction():
            operations.invite_again(or_404(queries.membership(id)), by=current_user)
    except Refusal as refusal:
        flash(refusal.message, "danger")
    else:
        flash(f"{membership.user.name} has been invited again, with a new link.", "success")
    return redirect(_team_of(membership), 303)


@blueprint.route("/organisations/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit_organisation(id: int) -> ResponseReturnValue:
    found = _organisation(id)
    if not operations.may_lead(current_user, found):
        abort(404)
    form = _offered(OrganisationForm(obj=found, seen=fingerprint(found)), found)
    if not form.validate_on_submit():
        return _organisation_page(form, found, 422 if form.is_submitted() else 200)
    try:
        retried(lambda: _change_organisation(id, form))
    except EditConflict:
        found = _organisation(id)
        form.was_slower(fingerprint(found), _offered(OrganisationForm(formdata=None, obj=found), found))
        return _organisation_page(form, found, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _organisation_page(form, _organisation(id), refusal.status)
    flash("The organisation has been changed.", "success")
    return redirect(url_for("people.organisation", id=id), 303)


def _offered(form: OrganisationForm, found: Organisation) -> OrganisationForm:
    return form.offer_regions(form.country.data or found.country).for_kind(form.kind.data or found.kind).for_reader(current_user)


def _change_organisation(id: int, form: OrganisationForm) -> None:
    found = _organisation(id)
    if not operations.may_lead(current_user, found):
        abort(404)
    people.edit_organisation(locked(Organisation, id), seen=form.seen.data or "", **form.given())


def _organisation_page(form: OrganisationForm, found: Organisation, status: int) -> ResponseReturnValue:
    page = render_template(
        "teams/organisation_form.html",
        form=form,
        title=found.name,
        back_url=url_for("people.organisation", id=found.id),
        cities=places.cities(found.country),
    )
    return page, status


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
