"""Who plays which role in an organisation or a programme: inviting, accepting, ending roles, closing accounts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from mobility.accounts.models import MailedLink
from mobility.accounts.operations import sign_out_everywhere
from mobility.accounts.rules import INVITATION_LASTS
from mobility.audit.operations import record
from mobility.audit.rules import changes
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.core.wording import format_instant
from mobility.people import operations as people
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import locked, user_by_email
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS, Role
from mobility.teams import affairs, messages, queries, rules
from mobility.teams.models import Answer, RoleInvitation

RECORDED = {
    Answer.ACCEPTED: "role_accepted",
    Answer.DECLINED: "role_declined",
    Answer.WITHDRAWN: "role_invitation_withdrawn",
}


def may_lead(user: Any, organisation: Organisation) -> bool:
    """Invite colleagues, end memberships, keep the organisation's page."""
    return bool(user.is_administrator or Role.COORDINATOR in user.roles_in(organisation.id))


def may_lead_programme(user: Any, programme: Any) -> bool:
    return bool(user.is_administrator or Role.OWNER in user.roles_in_programme(programme.id))


def leads(user: Any, held: Membership | RoleInvitation) -> bool:
    """Whether somebody leads the place of a role or an invitation."""
    return may_lead(user, held.organisation) if held.organisation else may_lead_programme(user, held.programme)


# Inviting


def invite_into_organisation(organisation: Organisation, *, by: User, email: str, name: str, role: str) -> RoleInvitation:
    """Offer somebody a role in an organisation, with an account if need be, by mail: it begins when they accept."""
    if not may_lead(by, organisation):
        raise NotAllowed("Only a coordinator of the organisation can invite colleagues.")
    if role not in ORGANISATION_ROLES:
        raise Refusal("Choose one of the roles of an organisation.", "role")
    return _invite(RoleInvitation(organisation=organisation, organisation_id=organisation.id, role=role), email, name, by)


def invite_into_programme(programme: Any, *, by: User, email: str, name: str, role: str) -> RoleInvitation:
    """The same for a programme: owners, assessors, finance officers, auditors."""
    if not may_lead_programme(by, programme):
        raise NotAllowed("Only an owner of the programme can invite people into it.")
    if role not in PROGRAMME_ROLES:
        raise Refusal("Choose one of the roles of a programme.", "role")
    return _invite(RoleInvitation(programme=programme, programme_id=programme.id, role=role), email, name, by)


def send_again(invitation: RoleInvitation, *, by: User) -> None:
    """It was lost, or has expired: another mail, with a new link, and the whole time to answer."""
    _ensure_leads(by, invitation)
    _ensure_open(invitation)
    if not invitation.person.active:
        raise Refusal("This account is closed. Ask the administrator to open it again.")
    _send(invitation, by)


def withdraw(invitation: RoleInvitation, *, by: User) -> None:
    _ensure_leads(by, invitation)
    _ensure_open(invitation)
    _answer(invitation, Answer.WITHDRAWN, by)


def _invite(invitation: RoleInvitation, email: str, name: str, by: User) -> RoleInvitation:
    if invitation.organisation and invitation.organisation.closed_at:
        raise Refusal(f"{invitation.organisation.name} is closed.")
    known = user_by_email(email)
    user = locked(User, known.id) if known else people.create_person(email=email, name=name)
    if not user.active:
        raise Refusal("This account is closed. Ask the administrator to open it again.", "email")
    label = ROLE_LABELS[Role(invitation.role)].lower()
    if _role_of(user, invitation):
        raise Refusal(f"{user.name} is already {label} here.", "email")
    if open_one := queries.open_invitation(user, invitation):
        return _invite_once_more(open_one, label, by)
    invitation.person, invitation.invited_by = user, by
    invitation.expires_at = clock.utc_now() + INVITATION_LASTS
    db.session.add(invitation)
    db.session.flush()
    if invitation.by_oneself:
        _begin(invitation, by)  # whoever invites themselves has said yes
    else:
        _send(invitation, by)
    return invitation


def invite_team(programme: Any, team: Sequence[Membership], *, by: User) -> None:
    """For a programme that was copied from another (renewals/): who owned that one and copied it owns this one, too; all others
    of its `team` are invited to the roles they have there."""
    if not by.is_administrator or any(each.user_id == by.id and each.role == Role.OWNER for each in team):
        _invite(RoleInvitation(programme=programme, programme_id=programme.id, role=Role.OWNER.value), by.email, by.name, by)
    for each in team:
        if (each.user_id, each.role) != (by.id, Role.OWNER):
            invited = RoleInvitation(programme=programme, programme_id=programme.id, role=each.role)
            _invite(invited, each.user.email, each.user.name, by)


def invite_known(person: User, *, by: User, organisation: Organisation | None, programme: Any, role: str) -> bool:
    """Offer somebody with an account a role, by an administrator who moves many in (imports/); False: they have it, or are
    invited already."""
    if not by.is_administrator:
        raise NotAllowed("Only an administrator moves people in.")
    place = {"organisation": organisation, "programme": programme}
    ids = {"organisation_id": organisation and organisation.id, "programme_id": programme and programme.id}
    wanted = RoleInvitation(role=role, person_id=person.id, invited_by_id=by.id, **ids)
    if not person.active or _role_of(person, wanted) or queries.open_invitation(person, wanted):
        return False
    wanted = RoleInvitation(person=person, invited_by=by, role=role, **place)
    wanted.expires_at = clock.utc_now() + INVITATION_LASTS
    db.session.add(wanted)
    db.session.flush()
    _send(wanted, by)
    return True


def _invite_once_more(invitation: RoleInvitation, label: str, by: User) -> RoleInvitation:
    if not invitation.expired:
        sent = f"was sent on {format_instant(invitation.sent_at)}"
        raise Refusal(f"{invitation.person.name} has been invited as {label} already: the mail {sent}.", "email")
    _send(invitation, by)
    return invitation


def invite_anew(user: User, *, by: User) -> list[RoleInvitation]:
    """Everything a person has not answered, as it went to an address that was wrong: what was sent there is withdrawn, and the
    same goes to the address they have now. The person is locked."""
    made = []
    for old in queries.open_ones_of(user):
        _answer(old, Answer.WITHDRAWN, by)
        db.session.flush()
        place = {"organisation": old.organisation, "programme": old.programme}
        new = RoleInvitation(person=user, role=old.role, invited_by=old.invited_by, expires_at=old.expires_at, **place)
        db.session.add(new)
        db.session.flush()
        _send(new, by)
        made.append(new)
    return made


def _send(invitation: RoleInvitation, by: User) -> None:
    """By mail: with an account one answers after signing in, without by choosing a password."""
    _record("role_invited", invitation, by, invitation.person)
    link = messages.offer(invitation, by)
    invitation.sent_at, invitation.asked_on = clock.utc_now(), None
    invitation.expires_at = link.expires_at if link else clock.utc_now() + INVITATION_LASTS
    invitation.link_hash = link.token_hash if link else ""


# Answering


def accept(invitation: RoleInvitation, *, by: User) -> None:
    """The role begins today."""
    _ensure_own(invitation, by)
    _ensure_open(invitation)
    if not invitation.person.active:
        raise Refusal("This account is closed.")
    if invitation.expired:
        raise Refusal(f"This invitation was to be answered by {format_instant(invitation.expires_at)}. Ask for another one.")
    _begin(invitation, by)


def decline(invitation: RoleInvitation, *, by: User) -> None:
    _ensure_own(invitation, by)
    _ensure_open(invitation)
    _answer(invitation, Answer.DECLINED, by)
    messages.answered(invitation)


def ask_again(invitation: RoleInvitation, *, by: User) -> None:
    """It has expired, and the person would like another: those who lead the place are told, once a day."""
    _ensure_own(invitation, by)
    _ensure_open(invitation)
    if not invitation.expired:
        raise Refusal("This invitation can still be accepted.")
    if invitation.asked_on == clock.today():
        raise Refusal("You have asked today. Wait for an answer, or write to them yourself.")
    invitation.asked_on = clock.today()
    messages.asked_again(invitation)


class Offered:
    """Invitations as accounts know them (accounts/uptake.py)."""

    def waiting(self, user: User) -> list[RoleInvitation]:
        return queries.waiting_for(user)

    def take_up(self, link: MailedLink) -> None:
        """Setting the first password accepts what the mail with its link was about, and nothing else."""
        invitation = queries.sent_with(link)
        if invitation and invitation.open and not invitation.expired and invitation.person.active:
            _begin(invitation, invitation.person)


def _begin(invitation: RoleInvitation, by: User) -> None:
    _answer(invitation, Answer.ACCEPTED, by)
    if _role_of(invitation.person, invitation):
        return  # another invitation to the same was quicker
    place = {"organisation": invitation.organisation, "programme": invitation.programme}
    db.session.add(Membership(user=invitation.person, role=invitation.role, **place))
    db.session.flush()
    tell = messages.taken if invitation.by_oneself else messages.answered
    tell(invitation)


def _answer(invitation: RoleInvitation, answer: Answer, by: User) -> None:
    invitation.answer, invitation.answered_at = answer.value, clock.utc_now()
    _record(RECORDED[answer], invitation, by, invitation.person)


def _record(act: str, held: Membership | RoleInvitation, by: User, person: User) -> None:
    """In the audit log: who did it, and whose role it is."""
    place = {"organisation_id": held.organisation_id, "programme_id": held.programme_id}
    where = held.place_name if isinstance(held, Membership) else held.place.name
    about = f"{person.name}, {ROLE_LABELS[Role(held.role)].lower()} of {where}"
    record(act, by=by, about=about, person_id=person.id, **place)  # type: ignore[arg-type]


def _role_of(user: User, wanted: RoleInvitation) -> Membership | None:
    """The same role in the same place, if it lasts."""
    place = {"organisation_id": wanted.organisation_id, "programme_id": wanted.programme_id}
    query = select(Membership).filter_by(user_id=user.id, role=wanted.role, **place).where(Membership.current)
    return db.session.scalar(query)


def _ensure_leads(by: User, invitation: RoleInvitation) -> None:
    if not leads(by, invitation):
        raise NotAllowed("Only a coordinator of the organisation, or an owner of the programme, can do this.")


def _ensure_own(invitation: RoleInvitation, by: User) -> None:
    if invitation.person_id != by.id:
        raise NotAllowed("Only the person who is invited can answer.")


def _ensure_open(invitation: RoleInvitation) -> None:
    if invitation.answer:
        raise Refusal(f"This invitation has been {invitation.answer} meanwhile.")


# Organisations


def edit_organisation(organisation: Organisation, *, by: User, seen: str, **facts: Any) -> None:
    """As people/operations.py does it, by those who lead it. Raises EditConflict if it is not as it was `seen`."""
    if not may_lead(by, organisation):
        raise NotAllowed("Only a coordinator of the organisation can change its page.")
    before = {name: getattr(organisation, name) for name in facts}
    people.edit_organisation(organisation, seen=seen, **facts)
    was, now = changes(before, {name: getattr(organisation, name) for name in facts})
    told = {"about": organisation.name, "organisation_id": organisation.id}
    record("organisation_changed", by=by, **told, before=was, after=now)  # type: ignore[arg-type]


# Ending roles


def end_membership(membership: Membership, *, by: User) -> None:
    """A role ends, by whose it is or by somebody who leads the place, and stays on record.

    An organisation keeps at least one coordinator, a programme one owner. What is open is told to those who go on.
    """
    if by.id != membership.user_id and not leads(by, membership):
        raise NotAllowed("Only a coordinator of the organisation, or an owner of the programme, can end this.")
    if keep_one(membership, by=by):
        cases = _end(membership, by)
        tell = messages.left if by.id == membership.user_id else messages.ended
        tell(membership, cases, by=by)


def _end(membership: Membership, by: User) -> list[Any]:
    """Returns what is open of the person there."""
    cases = affairs.open_cases(membership)
    membership.until = clock.utc_now()
    db.session.flush()
    _record("role_left" if by.id == membership.user_id else "role_ended", membership, by, membership.user)
    return cases


def keep_one(membership: Membership, *, by: User) -> bool:
    """Raises Refusal if nobody else would be left to coordinate the organisation, or own the programme, or if something else
    stands against the end. False: it has ended.

    All roles of the place are locked first, so that of two last coordinators who end each other one stays.
    """
    every = queries.locked_roles(membership)
    if membership not in every:
        return False  # somebody else was first
    own = by.id == membership.user_id
    if reason := rules.nobody_left(membership, every, own=own) or affairs.stands_against(membership):
        raise Refusal(reason)
    return True


# Closing an account


def close_account(user: User, *, by: User) -> None:
    """All roles end, administering too, and the person is signed out everywhere at once. What the person did stays.

    Refused to the last coordinator or owner of anywhere, and to the last administrator.
    """
    if user.is_administrator:
        refuse_last_administrator(user)
    for membership in queries.in_order_of_locking(user):
        if keep_one(membership, by=by):
            messages.left(membership, _end(membership, by), by=by)
    for invitation in queries.open_ones_of(user):
        _answer(invitation, Answer.WITHDRAWN, by)
    messages.closed(user, by=by)
    user.active = user.is_administrator = False
    sign_out_everywhere(user)
    record("account_closed", by=by, about=f"{user.name}, {user.email}", person_id=user.id)


def refuse_last_administrator(user: User) -> None:
    administrators = select(User).where(User.is_administrator, User.active).order_by(User.id).with_for_update(key_share=True)
    if not [each for each in db.session.scalars(administrators) if each.id != user.id]:
        raise Refusal(f"{user.name} is the only administrator left. Make somebody else one first.")
