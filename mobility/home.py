"""The first page: the reader's tasks; for those not signed in, what this is."""

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask_login import current_user

from mobility import subjects
from mobility.core.access import public
from mobility.exchanges import queries as exchanges
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.tasks import tasks_of
from mobility.themes import queries as themes
from mobility.workflows.actions import has_page
from mobility.workflows.history import recent_acts_of

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def index() -> Any:
    if not current_user.is_authenticated:
        return render_template("front.html", themes=themes.latest(6), figures=exchanges.figures())
    acts = recent_acts_of(current_user.id)
    return render_template("home.html", tasks=tasks_of(current_user), acts=acts, workflows=subjects.workflows())


@blueprint.get("/healthz")
@public
def health() -> Any:
    """For a load balancer: the process answers."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"navigation": navigation(current_user)})


def navigation(user: User | Any) -> list[tuple[str, str, str, bool]]:
    """(label, address, icon, current) of what this person can go to."""
    entries: list[tuple[str, str, dict[str, Any], str]]
    if not user.is_authenticated:
        entries = [("Themes", "themes.index", {}, "compass"), ("Programmes", "programmes.index", {}, "bank")]
    else:
        entries = [
            ("Home", "home.index", {}, "inbox"),
            ("Themes", "themes.index", {}, "compass"),
            ("Applications", "applications.index", {}, "file-earmark-text"),
            ("Exchanges", "exchanges.index", {}, "arrow-left-right"),
            ("Vouchers", "vouchers.index", {}, "ticket-perforated"),
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
