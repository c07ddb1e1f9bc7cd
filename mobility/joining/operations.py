"""Registering, and the acts of a request to join. `by` is whoever acts: a `User`, or the system."""

from sqlalchemy.exc import IntegrityError

from mobility.accounts.rules import hidden_address
from mobility.audit.keys import unknown_address
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.links import absolute, path_of, signer
from mobility.core.names import name_key
from mobility.joining import messages, queries, rules
from mobility.joining.goals import Goal
from mobility.joining.models import JoinRequest
from mobility.joining.workflow import WORKFLOW, turn_of
from mobility.notifications.operations import Addressee
from mobility.people import operations as people
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import user_by_email
from mobility.people.roles import Role, a_role
from mobility.programmes.models import Programme
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

PURPOSE = "registration"
TAKEN = "There is already an organisation of this name. Pass the request on to it."
NEWER = "An organisation that resembles this one has been added since you opened the page. Look at it first."

# Registering


def ask_to_register(email: str, goal: Goal | None = None) -> None:
    """Mail a link under which an account is made; whoever has one is told so instead. One query, one letter, whoever it is."""
    user = user_by_email(email)
    link = absolute(path_of("joining.confirm", token=token_for(email, goal)))
    record("registration_asked", by=None, about=unknown_address(email), person_id=user.id if user else None)
    nobody = Addressee(hidden_address(email), email)
    if user is None:
        messages.confirm(nobody, link, goal)
    elif user.active:
        messages.known(user, goal)
    else:
        messages.closed(nobody)


def token_for(email: str, goal: Goal | None = None) -> str:
    """Signed, not stored: nothing of somebody who never confirms is kept."""
    return signer(PURPOSE).dumps([email, int((clock.utc_now() + rules.LINK_LASTS).timestamp()), goal.path if goal else ""])


def register(*, email: str, name: str, level: str, password_hash: str) -> User:
    """The account of somebody who has shown that the address is theirs. Raises `Refusal` (409): it has one by now."""
    if user_by_email(email):
        raise Refusal("There is an account for this address by now. Sign in with it.")
    user = people.create_person(email=email, name=name, level=level or None, password_hash=password_hash)
    record("account_registered", by=user, about=user.name, person_id=user.id)
    return user


# Asking


def ask(
    person: User,
    *,
    organisation: Organisation,
    role: str,
    words: str,
    programme: Programme | None = None,
    goal: Goal | None = None,
) -> JoinRequest:
    """Ask an organisation's coordinators for a role there; where nobody coordinates it, whoever checks new ones."""
    _refuse_third(person)
    _refuse_closed(organisation)
    if queries.holds(person, organisation.id, role):
        raise Refusal(f"You are {a_role(role)} of {organisation.name} already.", "role")
    if any(each.organisation_id == organisation.id for each in queries.open_of(person)):
        raise Refusal(f"You have asked {organisation.name} already. Wait for the answer, or withdraw that request first.")
    joining = JoinRequest(person=person, organisation=organisation, role=role, words=words, programme=programme)
    return _opened(joining, person, goal)


def ask_for_new(
    person: User,
    *,
    name: str,
    kind: str,
    country: str,
    city: str,
    website: str,
    words: str,
    programme: Programme | None,
    goal: Goal | None = None,
) -> JoinRequest:
    """Ask for a new organisation, whose first coordinator the person would be. Raises `Refusal` at the field."""
    _refuse_third(person)
    place = people.find_place(country, city)
    if there := queries.by_name_key(name_key(name)):
        _refuse_closed(there, "name")
        raise Refusal(f"{there.name} is here already. Ask to join it instead.", "name")
    if any(each.new_name_key == name_key(name) for each in queries.open_of(person)):
        raise Refusal(
            "You have asked for this organisation already. Wait for the answer, or withdraw that request first.", "name"
        )
    new = {"new_name": name, "new_kind": kind, "new_country": country, "new_city": place.name, "new_website": website}
    return _opened(JoinRequest(person=person, role=Role.COORDINATOR, words=words, programme=programme, **new), person, goal)


def _refuse_third(person: User) -> None:
    if len(queries.open_of(person)) >= rules.MOST_OPEN:
        raise Refusal(f"{rules.MOST_OPEN} of your requests are open. Wait for an answer, or withdraw one first.")


def _refuse_closed(organisation: Organisation, field: str | None = None) -> None:
    if organisation.closed_at:
        raise Refusal(f"{organisation.name} is closed. Write to whoever runs this site if it should be open.", field)


def _opened(joining: JoinRequest, person: User, goal: Goal | None) -> JoinRequest:
    db.session.add(joining)
    db.session.flush()
    note = goal.note if goal else ""
    WORKFLOW.enter(joining, by=person, acted_as=Actor.REQUESTER, state=turn_of(joining), note=note)
    messages.asked(joining)
    return joining


# Deciding


def accept(joining: JoinRequest, *, by: By, note: str = "") -> None:
    """The role that was asked for begins today, no other."""
    WORKFLOW.apply("accept", joining, by=by, note=note, change=lambda: _give_role(joining, by))
    messages.accepted(joining, note)


def admit(joining: JoinRequest, *, by: By, looked_at: str = "", note: str = "") -> None:
    """By whoever checks: a new organisation is made, with its first coordinator. `looked_at` are those that resembled it on the
    page: if there are others by now, they are looked at first."""
    if joining.is_new and looked_at != resembling_ids(joining):
        raise Refusal(NEWER, "looked_at")
    WORKFLOW.apply("admit", joining, by=by, note=note, change=lambda: _make_and_give(joining, by))
    messages.accepted(joining, note)


def resembling_ids(joining: JoinRequest) -> str:
    return ",".join(sorted(str(each.known.id) for each in queries.resembling_request(joining)))


def _make_and_give(joining: JoinRequest, by: By) -> None:
    if joining.is_new:
        joining.organisation = _made(joining)
        db.session.flush()
        record("organisation_opened", by=by, about=joining.place_name, organisation_id=joining.organisation_id)
    _give_role(joining, by)


def _made(joining: JoinRequest) -> Organisation:
    """One, however many are checking requests for the same name at this moment."""
    if queries.by_name_key(joining.new_name_key or ""):
        raise Refusal(TAKEN)
    facts = {"name": joining.new_name, "kind": joining.new_kind, "website": joining.new_website}
    try:
        with db.session.begin_nested():
            return people.create_organisation(country=joining.new_country, city=joining.new_city, **facts)
    except IntegrityError:
        raise Refusal(TAKEN) from None


def _give_role(joining: JoinRequest, by: By) -> None:
    """Once: they may have been invited to it meanwhile, and accept at this moment."""
    organisation = joining.organisation
    assert organisation is not None  # noqa: S101 (made before)
    if queries.holds(joining.person, organisation.id, joining.role):
        return
    try:
        with db.session.begin_nested():
            db.session.add(Membership(user=joining.person, organisation=organisation, role=joining.role))
            db.session.flush()
    except IntegrityError:
        return
    about = f"{joining.person.name}, {joining.a_role} of {organisation.name}, as asked"
    record("role_given", by=by, about=about, person_id=joining.person_id, organisation_id=organisation.id)


def merge(joining: JoinRequest, *, by: By, organisation: Organisation, note: str = "") -> None:
    """It is here already: from now on a request to join that one, which its coordinators answer."""
    _refuse_closed(organisation, "organisation")
    if queries.holds(joining.person, organisation.id, joining.role):
        raise Refusal(f"{joining.person.name} is {joining.a_role} of {organisation.name} already: decline this.", "organisation")
    if any(each.organisation_id == organisation.id for each in queries.open_of(joining.person)):
        raise Refusal(f"{joining.person.name} has asked {organisation.name}, too: decline this one.", "organisation")

    def change() -> None:
        joining.organisation = organisation
        db.session.flush()

    told = f"This is {organisation.name}."
    WORKFLOW.apply("merge", joining, by=by, note=f"{told}\n{note}" if note else told, change=change)
    messages.merged(joining, note)
    messages.asked(joining)


def ask_back(joining: JoinRequest, *, by: By, question: str) -> None:
    WORKFLOW.apply("ask_back", joining, by=by, note=question)
    messages.question(joining, by, question)


def answer(joining: JoinRequest, *, by: By, answer: str, role: str | None = None) -> None:
    """The role asked for may become another one; for a new organisation it is the coordinator's."""

    def change() -> None:
        if role and not joining.is_new:
            joining.role = role

    WORKFLOW.apply("answer", joining, by=by, note=answer, change=change)
    messages.answered(joining, answer)


def decline(joining: JoinRequest, *, by: By, reason: str) -> None:
    WORKFLOW.apply("decline", joining, by=by, note=reason)
    messages.declined(joining, reason)


# Without a decision


def withdraw(joining: JoinRequest, *, by: By, note: str = "") -> None:
    WORKFLOW.apply("withdraw", joining, by=by, note=note)
    messages.withdrawn(joining)


def lapse(joining: JoinRequest, *, by: By = SYSTEM) -> None:
    WORKFLOW.apply("lapse", joining, by=by)
    messages.lapsed(joining)


def pass_on(joining: JoinRequest, *, by: By = SYSTEM) -> None:
    """The last coordinator has gone, or the first one has come."""
    WORKFLOW.apply("pass_on", joining, by=by)
    messages.asked(joining)


def call_off(joining: JoinRequest, *, by: By = SYSTEM) -> None:
    """The account was closed meanwhile: there is nobody to tell."""
    WORKFLOW.apply("call_off", joining, by=by)
