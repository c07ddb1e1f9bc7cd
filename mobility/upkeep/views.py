"""For the administrator: how the installation runs. For machines: whether it does."""

import hmac
from platform import python_version
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from mobility.core.access import administrator, public
from mobility.core.paging import page_number
from mobility.lists.pages import show_list
from mobility.upkeep import metrics, queries, version

blueprint = Blueprint("upkeep", __name__)
TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@blueprint.get("/admin/upkeep")
@administrator
def index() -> ResponseReturnValue:
    """What is wrong, what ran, which version this is."""
    job = request.args.get("job", "")[:60]
    failed = bool(request.args.get("failed"))
    return show_list(
        queries.LIST,
        queries.runs(job, failed, page_number()),
        "upkeep/index.html",
        troubles=queries.current_troubles(),
        states=queries.states(),
        job=job,
        failed=failed,
        backups=queries.backups(),
        outbox=queries.outbox(),
        about=_about(),
    )


def _about() -> dict[str, Any]:
    """What whoever reports a fault is asked for."""
    return {
        "version": version.released(),
        "commit": version.commit(),
        "tables": ", ".join(sorted(queries.newest_revisions())),
        "database": queries.database(),
        "python": python_version(),
    }


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers; nothing is asked of the database."""
    return "ok\n", 200, TEXT


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """A line for each thing that pages need; 503 if one is missing. A scheduler is none of them, but has its line."""
    checks = queries.checks()
    lines = "".join(f"{each.name}: {'ok' if each.fine else 'NOT OK'}, {each.said}\n" for each in checks)
    return lines, 503 if any(each.stops and not each.fine for each in checks) else 200, TEXT


@blueprint.get("/metrics")
@public
def measured() -> ResponseReturnValue:
    """For Prometheus, to whoever has the token of METRICS_TOKEN; to all others there is no such page."""
    token = current_app.config.get("METRICS_TOKEN")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        abort(404)
    return Response(metrics.written(), content_type=metrics.CONTENT_TYPE)
