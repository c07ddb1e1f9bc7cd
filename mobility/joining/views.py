"""Registering, finding one's organisation, asking to join it, and the requests with their decisions."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadSignature
from werkzeug.exceptions import HTTPException

from mobility.accounts import entering, passwords, throttle
from mobility.accounts.rules import network_of
from mobility.core import clock
from mobility.core.access import public, signed_in, whoever_is_signed_in
from mobility.core.clock import day_of
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.forms import ReasonForm, created, retried
from mobility.core.links import signer
from mobility.core.paging import page_number
from mobility.core.web import say
from mobility.core.wording import format_day
from mobility.joining import operations, queries
from mobility.joining.forms import (
    AcceptForm,
    AdmitForm,
    AnswerForm,
    ConfirmForm,
    JoinForm,
    MergeForm,
    NewOrganisationForm,
    QuestionForm,
    RegisterForm,
    WithdrawForm,
)
from mobility.joining.goals import Goal, goal_at
from mobility.joining.models import JoinRequest
from mobility.joining.rules import steps_of, throttle_key
from mobility.joining.workflow import RETURNED, WORKFLOW
from mobility.people import places
from mobility.people.models import User
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.workflows.actions import ActionPage, add_action_pages, waits_for_me
from mobility.workflows.searching import searched_text

joining, joinings = Blueprint("joining", __name__), Blueprint("joinings", __name__)

PER_ADDRESS = {"most": 3, "minutes": 60}
PER_NETWORK = {"most": 20, "minutes": 60}
OF_ALL = {"most": 300, "minutes": 60}  # mails to strangers: what is sent in an hour spoils the sender's name for weeks
PER_PERSON = {"most": 10, "minutes": 24 * 60}
CLOSED = "joining/closed.html"


def _goal() -> Goal | None:
    """What the reader came for, and is led back to. A page that says that a form cannot be read asks this, too."""
    try:
        return goal_at(request.values.get("next"))
    except HTTPException:
        return None


@joining.context_processor
def _led_back() -> dict[str, Any]:
    goal = _goal()
    return {"goal": goal, "next": goal.path if goal else None}


# Registering


@joining.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """An address, to which a link is mailed; the answer is the same whether there is an account or not."""
    if not queries.is_open():
        return _closed()
    form = RegisterForm()
    if not form.validate_on_submit():
        return render_template("joining/register.html", form=form), 422 if form.is_submitted() else 200
    try:
        _take_registration(form.email.data)
    except throttle.Throttled as refusal:
        form.refuse(refusal)
        return render_template("joining/register.html", form=form), refusal.status
    with transaction():
        operations.ask_to_register(form.email.data, _goal())
    return render_template("joining/register_sent.html", email=form.email.data)


def _take_registration(email: str) -> None:
    """So many from a network, for a mailbox, and in all. Raises `Throttled`."""
    throttle.take_attempt("registration from", network_of(request.remote_addr or ""), **PER_NETWORK)
    throttle.take_attempt("registration for", throttle_key(email), **PER_ADDRESS)
    throttle.take_attempt("registration", "", **OF_ALL)


@joining.route("/register/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The mailed link. Opening it changes nothing; the form makes the account."""
    if not queries.is_open():
        return _closed()
    email, state, path = _address_in(token)
    goal = goal_at(path)
    led = {"goal": goal, "next": goal.path if goal else None}
    if state or _has_account(email):
        return render_template("joining/dead_link.html", state=state or "used", **led), 404 if state == "unknown" else 410
    form = ConfirmForm().for_person(User(email=email, name=request.form.get("name", "")[:200], memberships=[]))
    if not form.validate_on_submit():
        return render_template("joining/confirm.html", form=form, email=email, **led), 422 if form.is_submitted() else 200
    given = form.given()
    hashed = passwords.hash_of(given.pop("password"))
    try:
        address = retried(lambda: _register(email, hashed, given, goal.path if goal else None))
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("joining/dead_link.html", state="used", **led), 410
    flash("Welcome. Your account is ready.", "success")
    return redirect(address, 303)


def _register(email: str, password_hash: str, given: dict[str, Any], back_to: str | None) -> str:
    person = operations.register(email=email, password_hash=password_hash, **given)
    return entering.enter(person, url_for(".index", next=back_to))


def _address_in(token: str) -> tuple[str, str, str]:
    """The address that a link was mailed to; what is wrong with it: "unknown", "expired" or nothing; and the path it leads back
    to, which a link mailed by an earlier release does not name."""
    try:
        email, until, *path = signer(operations.PURPOSE).loads(token)
    except (BadSignature, TypeError, ValueError):
        return "", "unknown", ""
    return email, "expired" if until <= clock.utc_now().timestamp() else "", path[0] if path else ""


def _has_account(email: str) -> bool:
    return queries.account_of(email) is not None


def _closed() -> ResponseReturnValue:
    return render_template(CLOSED), 200 if request.method == "GET" else 409


# Finding one's organisation


@joining.get("/join")
@signed_in
def index() -> ResponseReturnValue:
    """One's open requests, organisations that one's address hints at, and a search."""
    words = searched_text("q")
    page = queries.requests_of(current_user, page_number())
    if not queries.is_open():
        return render_template(CLOSED, page=page)
    return render_template(
        "joining/index.html",
        words=words,
        found=queries.found(words),
        most=queries.MOST_FOUND,
        hinted=[] if words else queries.hinted(current_user),
        page=page,
        decides=queries.decides_somewhere(current_user),
    )


@joining.route("/join/<int:id>", methods=["GET", "POST"])
@signed_in
def join(id: int) -> ResponseReturnValue:
    """Asking one organisation for a role."""
    if not queries.is_open():
        return _closed()
    organisation, coordinated = queries.organisation(id), queries.coordinated(id)
    form = JoinForm().offer_programmes([] if coordinated else queries.checking_programmes())

    def create() -> str:
        asked = operations.ask(whoever_is_signed_in(), organisation=queries.organisation(id), goal=_goal(), **form.given())
        return _asked(asked)

    context = {"organisation": organisation, "coordinated": coordinated, "kind": KIND_LABELS[OrganisationKind(organisation.kind)]}
    return created(form, create, "joining/join.html", before=_take_request, **context)


@joining.route("/join/new", methods=["GET", "POST"])
@signed_in
def new() -> ResponseReturnValue:
    """Registering an organisation that is not here yet; those that resemble it are shown before."""
    if not queries.is_open():
        return _closed()
    form = NewOrganisationForm().offer_programmes(queries.checking_programmes())

    def resembling() -> list[Any]:
        return _resembling(form) if form.name.data else []

    def before() -> None:
        if resembling() and not form.none_of_these.data:
            raise Refusal(
                "Is it one of these? Then ask to join it. If not, tick the box, and send it once more.", "none_of_these"
            )
        _take_request()

    def create() -> str:
        return _asked(operations.ask_for_new(whoever_is_signed_in(), goal=_goal(), **form.given()))

    cities = places.cities(form.country.data or "")
    return created(form, create, "joining/new.html", before=before, resembling=resembling, cities=cities)


@joining.get("/join/resembling")
@signed_in
def resembling() -> ResponseReturnValue:
    """What a script shows while one types a new organisation: the same list as the form's."""
    form = NewOrganisationForm(formdata=request.args).offer_programmes([])
    found = _resembling(form) if form.name.data else []
    return render_template("joining/_resembling.html", resembling=found)


def _resembling(form: NewOrganisationForm) -> list[Any]:
    said = {name: (form[name].data or "")[:300] for name in ("name", "country", "city", "website")}
    return queries.resembling(email=current_user.email, **said)


def _take_request() -> None:
    throttle.take_attempt("joining", str(current_user.id), **PER_PERSON)


def _asked(asked: JoinRequest) -> str:
    say(f"You have asked. You read the answer here by {format_day(asked.due_on)}, and in a mail.", "success")
    return url_for("joinings.show", id=asked.id)


# Requests


@joinings.get("/joinings", endpoint="index")
@signed_in
def queue() -> ResponseReturnValue:
    """For coordinators, owners and administrators: what they decide about."""
    if not queries.decides_somewhere(current_user):
        abort(404)
    over = request.args.get("state") == "over"
    return render_template("joining/queue.html", page=queries.queue(current_user, page_number(), over=over), over=over)


@joinings.get("/joinings/<int:id>")
@signed_in
def show(id: int) -> ResponseReturnValue:
    found = queries.find(id, current_user)
    own = found.person_id == current_user.id
    deciding = not own and found.is_new and found.workflow.state(found.state).kind == "open"
    asked_on, today = day_of(found.created_at, found.timezone), clock.today(found.timezone)
    return render_template(
        "joining/show.html",
        joining=found,
        own=own,
        goal=queries.came_for(found) if own else None,
        kind=KIND_LABELS[OrganisationKind(found.new_kind)] if found.new_kind else "",
        steps=steps_of(found, asked_on=asked_on, who=_whose_turn(found), mine=waits_for_me(found), today=today),
        resembling=queries.resembling_request(found) if deciding else [],
        others=queries.other_requests(found) if deciding else [],
    )


def _whose_turn(found: JoinRequest) -> str:
    """In words: who decides now."""
    if found.waiting_for is None:
        return ""
    if found.state == RETURNED:
        return found.person.name
    if found.organisation and found.has_coordinator:
        return f"the coordinators of {found.organisation.name}"
    return f"the owners of {found.programme.name}" if found.programme else "the administrator"


add_action_pages(
    joinings,
    WORKFLOW,
    queries.find,
    (
        ActionPage("accept", operations.accept, AcceptForm, done=lambda each: _welcomed(each), summary="joining/_summary.html"),
        ActionPage("admit", operations.admit, AdmitForm, done=lambda each: _welcomed(each), template="joining/admit.html"),
        ActionPage(
            "merge",
            operations.merge,
            MergeForm,
            done=lambda each: f"Passed on. {_whose_turn(each).capitalize()} answer next.",
            template="joining/merge.html",
            goes_to=lambda each: url_for("joinings.index"),
        ),
        ActionPage(
            "ask_back",
            operations.ask_back,
            QuestionForm,
            done=lambda each: f"{each.person.name} has been asked, and answers here.",
            summary="joining/_summary.html",
        ),
        ActionPage(
            "answer",
            operations.answer,
            AnswerForm,
            done="Sent. You read here how it goes on.",
            summary="joining/_question.html",
        ),
        ActionPage(
            "decline",
            operations.decline,
            ReasonForm,
            done=lambda each: f"Declined. {each.person.name} has been given your reason.",
            summary="joining/_summary.html",
        ),
        ActionPage("withdraw", operations.withdraw, WithdrawForm, done="The request has been withdrawn."),
    ),
)


def _welcomed(asked: JoinRequest) -> str:
    return f"{asked.person.name} is {asked.a_role} of {asked.place_name} from today, and has been told."
