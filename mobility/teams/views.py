"""Who works in an organisation or a programme: inviting, accepting, ending roles, keeping the organisation's page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import session, throttle
from mobility.accounts.proof import asked_again
from mobility.core.access import signed_in
from mobility.core.database import fingerprint, transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Button, created, retried
from mobility.core.paging import all_on_one
from mobility.core.web import or_404, say
from mobility.core.wording import HOME_ZONE
from mobility.lists.pages import file_of, offered
from mobility.people import places
from mobility.people.models import Membership, Organisation
from mobility.people.queries import earlier_members, locked, locked_to_close, members, organisation, programme_members
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS, Role, a_role
from mobility.teams import operations, queries
from mobility.teams.forms import InviteForm, OrganisationForm
from mobility.teams.models import RoleInvitation

blueprint = Blueprint("teams", __name__)

ACTS: dict[str, tuple[Callable[..., None], str, bool]] = {  # of an invitation: what is done, said afterwards, by who leads
    "accept": (operations.accept, "You are {what} from today.", False),
    "decline": (operations.decline, "You have declined to become {what}.", False),
    "ask-again": (operations.ask_again, "They have been asked to send you the invitation again.", False),
    "send-again": (operations.send_again, "{name} has been invited again, with a new link.", True),
    "withdraw": (operations.withdraw, "The invitation of {name} is withdrawn.", True),
}


PER_INVITER = {"most": 40, "minutes": 24 * 60}
PER_INVITED = {"most": 10, "minutes": 24 * 60}


@blueprint.route("/organisations/<int:id>/team", methods=["GET", "POST"])
@signed_in
@asked_again
def organisation_team(id: int) -> ResponseReturnValue:
    """Everybody who works there sees the page; coordinators and the administrator invite, and see who was there."""
    found = _organisation(id)
    may_lead = operations.may_lead(current_user, found)
    form = InviteForm().offer(ORGANISATION_ROLES)
    if form.is_submitted() and not may_lead:
        abort(404)
    listing, people = queries.LED if may_lead else queries.TEAM, all_on_one(members(id))
    if file := file_of(listing, people):
        return file
    page = {"organisation": found, "may_lead": may_lead, "members": people.items, "people": offered(listing, people)}
    page |= _before_and_after(may_lead, organisation_id=id)
    said = {"role_labels": ROLE_LABELS, "home_zone": HOME_ZONE}
    return created(
        form,
        _invites(form, operations.invite_into_organisation, found),
        "teams/organisation_team.html",
        before=lambda: _take_one(form.email.data or ""),
        **page,
        **said,
    )


@blueprint.route("/programmes/<int:id>/team", methods=["GET", "POST"])
@signed_in
@asked_again
def programme_team(id: int) -> ResponseReturnValue:
    """The same for a programme: its people see it, its owners and the administrator invite; these and auditors see who was."""
    found = queries.programme(id)
    may_lead = operations.may_lead_programme(current_user, found)
    form = InviteForm().offer(PROGRAMME_ROLES)
    if not may_lead and (form.is_submitted() or not current_user.roles_in_programme(id)):
        abort(404)
    dated = may_lead or Role.AUDITOR in current_user.roles_in_programme(id)
    listing, people = queries.LED if may_lead else queries.TEAM, all_on_one(programme_members(id))
    if file := file_of(listing, people, id):
        return file
    page = {"programme": found, "may_lead": may_lead, "members": people.items, "dated": dated}
    page["people"] = offered(listing, people)
    page |= _before_and_after(dated, programme_id=id) | {"taken": queries.taken_by_themselves(id)}
    return created(
        form,
        _invites(form, operations.invite_into_programme, found),
        "teams/programme_team.html",
        before=lambda: _take_one(form.email.data or ""),
        role_labels=ROLE_LABELS,
        **page,
    )


def _before_and_after(told: bool, **place: int) -> dict[str, Any]:
    """Who was there, and who is invited: for those who lead, and auditors."""
    return {
        "earlier": earlier_members(**place) if told else [],
        "invitations": queries.open_invitations(**place) if told else [],
    }


def _invites(form: InviteForm, invite: Any, place: Any) -> Callable[[], str]:
    """What the form does when it is sent, and where that leads: to the same page."""
    address = request.path

    def create() -> str:
        invitation = invite(place, by=current_user, **form.given())
        told = "You are {what} from today." if invitation.answer else "{name} has been told by mail, and can accept or decline."
        say(told.format(name=invitation.person.name, what=invitation.what), "success")
        return address

    return create


def _take_one(email: str) -> None:
    """An invitation is a mail that nobody has asked for: a person sends, and an address gets, so many a day. Raises Refusal."""
    try:
        throttle.take_attempt("invitation to", email.strip().lower(), **PER_INVITED)
    except throttle.Throttled as refusal:
        refusal.message = f"This address has been sent {PER_INVITED['most']} invitations within a day. Try again tomorrow."
        raise
    try:
        throttle.take_attempt("invitation by", str(current_user.id), **PER_INVITER)
    except throttle.Throttled as refusal:
        refusal.message = f"You have sent {PER_INVITER['most']} invitations within a day. Go on tomorrow."
        raise


# Invitations


@blueprint.get("/role-invitations/<int:id>")
@signed_in
def role_invitation(id: int) -> ResponseReturnValue:
    """For whoever is invited: what it is, and two buttons. Opening it changes nothing."""
    return _invitation_page(_own_invitation(id))


@blueprint.post("/role-invitations/<int:id>/<any('accept', 'decline', 'ask-again', 'send-again', 'withdraw'):act>")
@signed_in
def act_on_invitation(id: int, act: str) -> ResponseReturnValue:
    do, said, by_leader = ACTS[act]
    found = _led_invitation(id) if by_leader else _own_invitation(id)
    name, what = found.person.name, found.what
    goes_to = _team_of(found) if by_leader else url_for(".your_roles")
    try:
        if act == "send-again":
            _take_one(found.person.email)
        retried(lambda: do(or_404(queries.invitation(id, for_update=True)), by=current_user))
    except Refusal as refusal:
        if not by_leader:
            return _invitation_page(_own_invitation(id), refusal)
        flash(refusal.message, "danger")
    else:
        flash(said.format(name=name, what=what), "success")
    return redirect(goes_to, 303)


def _invitation_page(found: RoleInvitation, refusal: Refusal | None = None) -> ResponseReturnValue:
    leaders = queries.leaders(found)
    page = render_template("teams/role_invitation.html", invitation=found, leaders=leaders, refusal=refusal)
    return page, refusal.status if refusal else 200


def _own_invitation(id: int) -> RoleInvitation:
    found = or_404(queries.invitation(id))
    return or_404(found if found.person_id == current_user.id else None)


def _led_invitation(id: int) -> RoleInvitation:
    found = or_404(queries.invitation(id))
    return or_404(found if operations.leads(current_user, found) else None)


# Ending roles


@blueprint.get("/roles")
@signed_in
def your_roles() -> ResponseReturnValue:
    """What one is, was, and is invited to be; with the way to leave."""
    current, ended = queries.roles_of(current_user)
    invitations = queries.waiting_for(current_user, expired=True)
    words = {"role_labels": ROLE_LABELS, "home_zone": HOME_ZONE}
    return render_template("teams/your_roles.html", current=current, ended=ended, invitations=invitations, **words)


@blueprint.route("/memberships/<int:id>/end", methods=["GET", "POST"])
@signed_in
@asked_again
def end_membership(id: int) -> ResponseReturnValue:
    """By whose role it is, or by who leads the place. Shows before what is open, and who goes on with it."""
    membership = or_404(queries.membership(id))
    own = membership.user_id == current_user.id
    if not own and not operations.leads(current_user, membership):
        abort(404)
    back_url = url_for(".your_roles") if own else _team_of(membership)
    if not membership.current:
        flash(f"This had ended already: {_no_longer(membership, own)}", "warning")
        return redirect(back_url, 303)
    if not Button().validate_on_submit():
        return _ending_page(membership, own, back_url)
    try:
        retried(lambda: operations.end_membership(or_404(queries.membership(id)), by=current_user))
    except Refusal as refusal:
        return _ending_page(or_404(queries.membership(id)), own, back_url, refusal)
    flash(_no_longer(or_404(queries.membership(id)), own), "success")
    return redirect(back_url, 303)


def _ending_page(membership: Membership, own: bool, back_url: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    page = render_template(
        "teams/end_membership.html",
        membership=membership,
        own=own,
        departure=queries.departure(membership, own=own),
        role=a_role(membership.role),
        form=Button(),
        back_url=back_url,
        refused=refusal is not None,
    )
    return page, 409 if refusal else 200


@blueprint.route("/account/close", methods=["GET", "POST"])
@signed_in
@asked_again
def close_account() -> ResponseReturnValue:
    """One's own, with what is open, and who goes on with it."""
    if not Button().validate_on_submit():
        return _closing_page()
    try:
        with transaction():
            operations.close_account(locked_to_close(current_user.id), by=current_user)
            session.end()
    except Refusal as refusal:
        return _closing_page(refusal)
    flash("Your account is closed. Thank you for what you did.", "success")
    return redirect(url_for("accounts.sign_in"), 303)


def _closing_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    page = render_template(
        "teams/close_account.html",
        person=current_user,
        own=True,
        departures=queries.departures(current_user, own=True),
        role_labels=ROLE_LABELS,
        form=Button(),
        back_url=url_for("accounts.account"),
        refusal=refusal,
    )
    return page, 409 if refusal else 200


def _no_longer(membership: Membership, own: bool) -> str:
    who, role = "you are" if own else f"{membership.user.name} is", a_role(membership.role)
    said = f"{who} no longer {role} of {membership.place_name}."
    return said if not own else said[0].upper() + said[1:]


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
    operations.edit_organisation(locked(Organisation, id), by=current_user, seen=form.seen.data or "", **form.given())


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


def _team_of(held: Membership | RoleInvitation) -> str:
    if held.organisation_id:
        return url_for(".organisation_team", id=held.organisation_id)
    return url_for(".programme_team", id=held.programme_id)
