"""The first page: the reader's tasks; for those not signed in, what this is."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, current_app, render_template, request, url_for
from flask_login import current_user

from mobility import subjects
from mobility.core import clock
from mobility.core.access import public, whoever_is_signed_in
from mobility.exchanges import queries as exchanges
from mobility.joining import queries as joining
from mobility.joining.goals import Goal
from mobility.joining.workflow import WORKFLOW as JOINING
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.talking import queries as talking
from mobility.tasks import MESSAGES, most_urgent, sorted_in
from mobility.themes import queries as themes
from mobility.upkeep import queries as upkeep
from mobility.workflows.actions import has_page
from mobility.workflows.history import recent_acts_of

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def index() -> Any:
    if not current_user.is_authenticated:
        return render_template("front.html", themes=themes.latest(6), figures=exchanges.figures())
    reader = whoever_is_signed_in()  # the person, not flask_login's stand-in, as a hundred things are asked of them
    urgent, done = most_urgent(reader), recent_acts_of(reader.id)
    known = subjects.briefly([*urgent.subjects, *((each.subject_type, each.subject_id) for each in done)])
    tasks = sorted_in(reader, [known[each] for each in urgent.subjects if each in known], urgent.elsewhere)
    acts = list(_told(done, known))
    troubles = upkeep.current_troubles() if reader.is_administrator else []
    is_new = all(each.subject.workflow is JOINING for each in acts)
    goal = joining.last_goal(reader) if acts and is_new else None
    nothing = nothing_waits(reader, is_new=is_new, goal=goal)
    unread = talking.unread(reader) if MESSAGES in urgent.elsewhere else []
    return render_template("home.html", tasks=tasks, acts=acts, nothing=nothing, troubles=troubles, unread=unread)


@blueprint.get("/.well-known/security.txt")
@public
def security() -> Response:
    """Whom to tell of a weakness (RFC 9116)."""
    expires = datetime.combine(clock.today() + timedelta(days=180), time(), UTC)
    lines = f"Contact: {current_app.config['SECURITY_CONTACT']}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: en\n"
    return Response(lines, mimetype="text/plain")


class Act(NamedTuple):
    """What the reader did, with what, and when."""

    subject: Any
    told: str
    at: datetime


def _told(done: Sequence[Any], known: Mapping[subjects.Named, Any]) -> Iterator[Act]:
    """Newest first."""
    for each in done:
        subject = known.get((each.subject_type, each.subject_id))
        if subject is not None:
            yield Act(subject, subject.workflow.told(each.action), each.at)


class Nothing(NamedTuple):
    """What the first page says where no task waits: each reader has something else to do."""

    title: str
    text: str
    url: str
    label: str


def nothing_waits(user: User, *, is_new: bool, goal: Goal | None) -> Nothing:
    """For an administrator, for those who only look on, for newcomers, who may have come for a `goal`, and for everybody else."""
    title = "Nothing is waiting for you"
    if user.is_administrator and not user.current_memberships:
        if not programmes.all_programmes():
            text = "Nothing begins without one. You name its first owner, who sets its rules and invites the others."
            return Nothing("There is no programme yet", text, url_for("programmes.administer"), "Create the first programme")
        text = "You look after people and organisations. Other people's tasks are not listed here."
        return Nothing(title, text, url_for("administration.organisations"), "Go to the administration")
    if {each.role for each in user.current_memberships} == {Role.AUDITOR}:
        text = "As an auditor you can look at everything in your programme, and nobody is waiting for you."
        return Nothing(title, text, url_for("desk.show", id=_desks(user)[0]), "Go to the decision desk")
    suggestion, *way = _else_to_do(user, goal)
    if is_new:
        text = "What others ask of you will appear here, with the day by which it is due."
        return Nothing("Welcome: you have no tasks yet", f"{text} {suggestion}", *way)
    if not user.current_memberships:
        return Nothing(title, suggestion, *way)
    return Nothing(title, f"You have done your part everywhere. {suggestion}", *way)


def _else_to_do(user: User, goal: Goal | None) -> tuple[str, str, str]:
    """What somebody could look at, its address, and the words of the button: themes are for those who travel or host."""
    if not user.current_memberships and (asked := joining.open_of(user)):
        words = f"You have asked to join {asked[0].place_name}: the answer comes by mail. Meanwhile you could look at"
        if goal:
            return f"{words} “{goal.title}” again.", goal.path, "See the theme"
        return f"{words} the themes.", url_for("themes.index"), "See the themes"
    if not user.current_memberships and joining.is_open():
        words = "What you do here, you do for an organisation: join yours first."
        return words, url_for("joining.index"), "Join your organisation"
    travels = user.organisation_ids(Role.COORDINATOR, Role.HOST, Role.GUEST)
    if goal and user.organisation_ids(Role.COORDINATOR, Role.GUEST) and not user.roles_in(goal.host_id):
        return f"You came for “{goal.title}”: now you can apply.", goal.path, "Go to the theme"
    if travels or not user.current_memberships:
        words = "You could look for a theme that helps you improve something at home."
        return words, url_for("themes.index"), "See the themes"
    if desks := _desks(user):
        return "The desk shows every voucher.", url_for("desk.show", id=desks[0]), "Go to the decision desk"
    return "Your vouchers show what was ordered from you.", url_for("vouchers.index"), "See the vouchers"


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"navigation": navigation(current_user)})


STORIES: tuple[str, str, dict[str, Any], str] = ("Stories", "stories.index", {}, "journal-text")


def navigation(user: User | Any) -> list[tuple[str, str, str, bool]]:
    """(label, address, icon, current) of what this person can go to."""
    entries: list[tuple[str, str, dict[str, Any], str]]
    if not user.is_authenticated:
        entries = [
            ("Themes", "themes.index", {}, "compass"),
            ("Programmes", "programmes.index", {}, "bank"),
            ("Outcomes", "reviews.index", {}, "graph-up"),
            STORIES,
        ]
    else:
        entries = [
            ("Home", "home.index", {}, "inbox"),
            ("Themes", "themes.index", {}, "compass"),
            ("Applications", "applications.index", {}, "file-earmark-text"),
            ("Exchanges", "exchanges.index", {}, "arrow-left-right"),
            ("Vouchers", "vouchers.index", {}, "ticket-perforated"),
            *(("Overview", "reviews.glance", {"id": id}, "graph-up") for id in _reviewed(user)[:1]),
            *((("Experts", "experts.index", {}, "mortarboard"),) if user.organisation_ids() else ()),
            *(("Decision desk", "desk.show", {"id": id}, "check2-square") for id in _desks(user)[:1]),
            *((("Administration", "administration.organisations", {}, "gear"),) if user.is_administrator else ()),
        ]
    return [
        (label, address := url_for(endpoint, **values), icon, request.path == address)
        for label, endpoint, values, icon in entries
        if has_page(endpoint)
    ]


def _desks(user: User) -> list[int]:
    return user.programme_ids(Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)


def _reviewed(user: User) -> list[int]:
    return user.programme_ids(Role.OWNER, Role.FINANCE_OFFICER, Role.AUDITOR)
