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
from mobility.joining.models import JoinRequest
from mobility.joining.workflow import WORKFLOW, turn_of
from mobility.notifications.operations import Addressee
from mobility.people import operations as people
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import user_by_email
from mobility.people.roles import ROLE_LABELS, Role
from mobility.programmes.models import Programme
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

PURPOSE = "registration"
TAKEN = "There is already an organisation of this name. Pass the request on to it."
NEWER = "An organisation that resembles this one has been added since you opened the page. Look at it first."

# Registering


def ask_to_register(email: str) -> None:
    """Mail a link under which an account is made; whoever has one is told so instead. One query, one letter, whoever it is."""
    user = user_by_email(email)
    link = absolute(path_of("joining.confirm", token=token_for(email)))
    record("registration_asked", by=None, about=unknown_address(email), person_id=user.id if user else None)
    nobody = Addressee(hidden_address(email), email)
    if user is None:
        messages.confirm(nobody, link)
    elif user.active:
        messages.known(user)
    else:
        messages.closed(nobody)


def token_for(email: str) -> str:
    """Signed, not stored: nothing of somebody who never confirms is kept."""
    return signer(PURPOSE).dumps([email, int((clock.utc_now() + rules.LINK_LASTS).timestamp())])


def register(*, email: str, name: str, level: str, password_hash: str) -> User:
    """The account of somebody who has shown that the address is theirs. Raises `Refusal` (409): it has one by now."""
    if user_by_email(email):
        raise Refusal("There is an account for this address by now. Sign in with it.")
    user = people.create_person(email=email, name=name, level=level or None, password_hash=password_hash)
    record("account_registered", by=user, about=user.name, person_id=user.id)
    return user


# Asking


def ask(person: User, *, organisation: Organisation, role: str, words: str, programme: Programme | None = None) -> JoinRequest:
    """Ask an organisation's coordinators for a role there; where nobody coordinates it, whoever checks new ones."""
    _refuse_third(person)
    if queries.holds(person, organisation.id, role):
        raise Refusal(f"You are {ROLE_LABELS[Role(role)].lower()} of {organisation.name} already.", "role")
    if any(each.organisation_id == organisation.id for each in queries.open_of(person)):
        raise Refusal(f"You have asked {organisation.name} already. Wait for the answer, or withdraw that request first.")
    return _opened(JoinRequest(person=person, organisation=organisation, role=role, words=words, programme=programme), person)


def ask_for_new(
    person: User, *, name: str, kind: str, country: str, city: str, website: str, words: str, programme: Programme | None
) -> JoinRequest:
    """Ask for a new organisation, whose first coordinator the person would be. Raises `Refusal` at the field."""
    _refuse_third(person)
    place = people.find_place(country, city)
    if there := queries.by_name_key(name_key(name)):
        raise Refusal(f"{there.name} is here already. Ask to join it instead.", "name")
    if any(each.new_name_key == name_key(name) for each in queries.open_of(person)):
        raise Refusal(
            "You have asked for this organisation already. Wait for the answer, or withdraw that request first.", "name"
        )
    new = {"new_name": name, "new_kind": kind, "new_country": country, "new_city": place.name, "new_website": website}
    return _opened(JoinRequest(person=person, role=Role.COORDINATOR, words=words, programme=programme, **new), person)


def _refuse_third(person: User) -> None:
    if len(queries.open_of(person)) >= rules.MOST_OPEN:
        raise Refusal(f"{rules.MOST_OPEN} of your requests are open. Wait for an answer, or withdraw one first.")


def _opened(request: JoinRequest, person: User) -> JoinRequest:
    db.session.add(request)
    db.session.flush()
    WORKFLOW.enter(request, by=person, acted_as=Actor.REQUESTER, note=request.words, state=turn_of(request))
    messages.asked(request)
    return request


# Deciding


def accept(request: JoinRequest, *, by: By, note: str = "") -> None:
    """The role that was asked for begins today, no other."""
    WORKFLOW.apply("accept", request, by=by, note=note, change=lambda: _give_role(request, by))
    messages.accepted(request, note)


def admit(request: JoinRequest, *, by: By, looked_at: str = "", note: str = "") -> None:
    """By whoever checks: a new organisation is made, with its first coordinator. `looked_at` are those that resembled it on the
    page: if there are others by now, they are looked at first."""
    if request.is_new and looked_at != resembling_ids(request):
        raise Refusal(NEWER, "looked_at")
    WORKFLOW.apply("admit", request, by=by, note=note, change=lambda: _make_and_give(request, by))
    messages.accepted(request, note)


def resembling_ids(request: JoinRequest) -> str:
    return ",".join(sorted(str(each.known.id) for each in queries.resembling_request(request)))


def _make_and_give(request: JoinRequest, by: By) -> None:
    if request.is_new:
        request.organisation = _made(request)
        db.session.flush()
        record("organisation_opened", by=by, about=request.place_name, organisation_id=request.organisation_id)
    _give_role(request, by)


def _made(request: JoinRequest) -> Organisation:
    """One, however many are checking requests for the same name at this moment."""
    if queries.by_name_key(request.new_name_key or ""):
        raise Refusal(TAKEN)
    facts = {"name": request.new_name, "kind": request.new_kind, "website": request.new_website}
    try:
        with db.session.begin_nested():
            return people.create_organisation(country=request.new_country, city=request.new_city, **facts)
    except IntegrityError:
        raise Refusal(TAKEN) from None


def _give_role(request: JoinRequest, by: By) -> None:
    """Once: they may have been invited to it meanwhile, and accept at this moment."""
    organisation = request.organisation
    assert organisation is not None  # noqa: S101 (made before)
    if queries.holds(request.person, organisation.id, request.role):
        return
    try:
        with db.session.begin_nested():
            db.session.add(Membership(user=request.person, organisation=organisation, role=request.role))
            db.session.flush()
    except IntegrityError:
        return
    about = f"{request.person.name}, {request.role_label} of {organisation.name}, as asked"
    record("role_given", by=by, about=about, person_id=request.person_id, organisation_id=organisation.id)


def merge(request: JoinRequest, *, by: By, organisation: Organisation, note: str = "") -> None:
    """It is here already: from now on a request to join that one, which its coordinators answer."""
    if queries.holds(request.person, organisation.id, request.role):
        raise Refusal(
            f"{request.person.name} is {request.role_label} of {organisation.name} already: decline this.", "organisation"
        )
    if any(each.organisation_id == organisation.id for each in queries.open_of(request.person)):
        raise Refusal(f"{request.person.name} has asked {organisation.name}, too: decline this one.", "organisation")

    def change() -> None:
        request.organisation = organisation
        db.session.flush()

    told = f"This is {organisation.name}."
    WORKFLOW.apply("merge", request, by=by, note=f"{told}\n{note}" if note else told, change=change)
    messages.merged(request, note)
    messages.asked(request)


def ask_back(request: JoinRequest, *, by: By, question: str) -> None:
    WORKFLOW.apply("ask_back", request, by=by, note=question)
    messages.question(request, by, question)


def answer(request: JoinRequest, *, by: By, answer: str, role: str | None = None) -> None:
    """The role asked for may become another one; for a new organisation it is the coordinator's."""

    def change() -> None:
        if role and not request.is_new:
            request.role = role

    WORKFLOW.apply("answer", request, by=by, note=answer, change=change)
    messages.answered(request, answer)


def decline(request: JoinRequest, *, by: By, reason: str) -> None:
    WORKFLOW.apply("decline", request, by=by, note=reason)
    messages.declined(request, reason)


# Without a decision


def withdraw(request: JoinRequest, *, by: By, note: str = "") -> None:
    WORKFLOW.apply("withdraw", request, by=by, note=note)
    messages.withdrawn(request)


def lapse(request: JoinRequest, *, by: By = SYSTEM) -> None:
    WORKFLOW.apply("lapse", request, by=by)
    messages.lapsed(request)


def pass_on(request: JoinRequest, *, by: By = SYSTEM) -> None:
    """The last coordinator has gone, or the first one has come."""
    WORKFLOW.apply("pass_on", request, by=by)
    messages.asked(request)


def call_off(request: JoinRequest, *, by: By = SYSTEM) -> None:
    """The account was closed meanwhile: there is nobody to tell."""
    WORKFLOW.apply("call_off", request, by=by)
