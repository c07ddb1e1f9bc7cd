"""The private address: its page in My account, and what a calendar reads there."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts.rules import network_of
from mobility.accounts.throttle import Throttled, ensure_not_throttled, record_attempt, take_attempt
from mobility.calendars import operations, queries
from mobility.calendars.models import CalendarAddress
from mobility.core import clock
from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.links import absolute, path_of
from mobility.core.web import error_page
from mobility.documents.calendar import subscription

blueprint = Blueprint("calendars", __name__)

WRONG, WRONG_MINUTES = 20, 10  # unknown addresses from one network
READS, READ_MINUTES = 30, 10  # of one address


@blueprint.get("/account/calendar")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("calendars/index.html", known=queries.of_person(current_user), address="")


@blueprint.post("/account/calendar/new")
@signed_in
def renew() -> ResponseReturnValue:
    """Told once, in the answer itself: nobody, not even the installation, can read it again."""
    with transaction():
        token = operations.renew(current_user)
    address = absolute(path_of("calendars.feed", token=token))
    page = Response(render_template("calendars/index.html", known=queries.of_person(current_user), address=address))
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/account/calendar/revoke")
@signed_in
def revoke() -> ResponseReturnValue:
    with transaction():
        ended = operations.revoke(current_user)
    flash("The address leads nowhere any more." if ended else "There was no address any more.", "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Without a session: whoever has the address reads what its person may see now."""
    try:
        address = _known(token)
    except Throttled as throttled:
        return error_page(throttled.status, throttled.message)
    if address is None:
        abort(404)
    with transaction():
        operations.note_reading(address)
        entries = queries.entries(address.user)
    answer = Response(subscription("Mobility", entries, clock.utc_now()), mimetype="text/calendar")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = 'inline; filename="mobility.ics"'
    return answer


def _known(token: str) -> CalendarAddress | None:
    """Raises Throttled, for whoever guesses, or asks all the time."""
    network = network_of(request.remote_addr or "")
    ensure_not_throttled("calendar", network, WRONG, WRONG_MINUTES)
    address = queries.by_token(token)
    if address is None:
        record_attempt("calendar", network)
    else:
        take_attempt("calendar read", str(address.id), READS, READ_MINUTES)
    return address
