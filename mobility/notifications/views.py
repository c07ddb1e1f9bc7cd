"""The outbox: what Mobility has written to whom, for the administrator."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobility.core.access import administrator
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.paging import page_number
from mobility.notifications import operations, queries
from mobility.notifications.queries import STATES, OutboxFilter
from mobility.notifications.rules import without_links, without_targets

blueprint = Blueprint("notifications", __name__)
blueprint.add_app_template_filter(without_links)

TONES = {"waiting": "theirs", "sending": "theirs", "sent": "done", "kept": "plain", "dead": "stopped", "dropped": "plain"}
ONLY_THE_MESSAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


@blueprint.get("/outbox")
@administrator
def outbox() -> ResponseReturnValue:
    wanted = _wanted()
    counts = queries.counts_by_state(wanted)
    return render_template(
        "notifications/outbox.html",
        page=queries.messages(wanted, page_number()),
        wanted=wanted,
        address=_address(wanted),
        choices=_choices(wanted, counts),
        kinds=queries.kinds(),
        states=STATES,
        tones=TONES,
        delivers=operations.has_mail_server(),
    )


@blueprint.get("/outbox/<int:id>")
@administrator
def message(id: int) -> ResponseReturnValue:
    return render_template(
        "notifications/message.html",
        message=queries.find(id),
        states=STATES,
        tones=TONES,
        may_retry=operations.may_try_again(queries.find(id)),
        delivers=operations.has_mail_server(),
    )


@blueprint.get("/outbox/<int:id>/html")
@administrator
def html_part(id: int) -> ResponseReturnValue:
    """The HTML part as a mail reader would show it, alone, without any power over the site, its buttons leading nowhere."""
    response = Response(without_targets(queries.find(id).html), mimetype="text/html")
    response.headers["Content-Security-Policy"] = ONLY_THE_MESSAGE
    return response


@blueprint.post("/outbox/<int:id>/try-again")
@administrator
def try_again(id: int) -> ResponseReturnValue:
    try:
        with transaction():
            operations.try_again(queries.find(id, for_update=True))
    except Refusal as refusal:
        flash(refusal.message, "warning")
    else:
        flash("The message is waiting to be sent again.", "success")
    return redirect(url_for(".message", id=id), 303)


def _wanted() -> OutboxFilter:
    """The filters of the address; a state there is none of is no filter."""
    state = request.args.get("state", "")
    return OutboxFilter(
        state=state if state in STATES else "",
        kind=request.args.get("kind", "")[:60],
        search=request.args.get("search", "").strip()[:200],
    )


def _address(wanted: OutboxFilter) -> dict[str, Any]:
    return {name: value for name, value in vars(wanted).items() if value}


def _choices(wanted: OutboxFilter, counts: Any) -> list[tuple[str, str, int, bool]]:
    """The states as links, with how many there are under the other filters."""
    others = {name: value for name, value in _address(wanted).items() if name != "state"}
    everything = ("Everything", url_for(".outbox", **others), sum(counts.values()), not wanted.state)
    return [
        everything,
        *(
            (label, url_for(".outbox", state=state, **others), counts.get(state, 0), wanted.state == state)
            for state, label in STATES.items()
            if counts.get(state) or wanted.state == state
        ),
    ]
