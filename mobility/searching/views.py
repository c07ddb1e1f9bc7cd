"""The search that stands on every page."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.searching import queries
from mobility.workflows.searching import LONGEST_SEARCH, TOO_LONG

blueprint = Blueprint("searching", __name__)


@blueprint.get("/search")
@signed_in
def index() -> ResponseReturnValue:
    """What the reader may see, by kinds."""
    typed = request.args.get("q", "").strip()
    problem = TOO_LONG if len(typed) > LONGEST_SEARCH else ""
    groups = queries.found(typed, current_user) if typed and not problem else []
    page = render_template("searching/index.html", typed=typed, problem=problem, groups=groups)
    return page, 422 if problem else 200
