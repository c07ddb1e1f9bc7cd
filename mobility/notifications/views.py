"""The outbox: what Mobility has written to whom, for the administrator."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.audit.operations import record_alone
from mobility.core.access import administrator, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.paging import page_number
from mobility.lists.pages import show_list
from mobility.notifications import choosing, operations, queries
from mobility.notifications.forms import MailsForm
from mobility.notifications.models import OutboxMessage
from mobility.notifications.queries import CALENDAR, STATES, OutboxFilter
from mobility.notifications.rendering import html_of
from mobility.notifications.rules import without_links, without_targets
from mobility.people.models import User
from mobility.people.queries import locked
from mobility.workflows.searching import searched_text

blueprint = Blueprint("notifications", __name__)
blueprint.add_app_template_filter(without_links)

TONES = {"waiting": "theirs", "sending": "theirs", "sent": "done", "digested": "done", "dead": "stopped"} | dict.fromkeys(
    ("kept", "dropped"), "plain"
)
ONLY_THE_MESSAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


@blueprint.get("/outbox")
@administrator
def outbox() -> ResponseReturnValue:
    wanted = _wanted()
    counts = queries.counts_by_state(wanted)
    shown = show_list(
        queries.LIST,
        queries.messages(wanted, page_number()),
        "notifications/outbox.html",
        wanted=wanted,
        address=_address(wanted),
        choices=_choices(wanted, counts),
        kinds=queries.kinds(),
        states=STATES,
        tones=TONES,
        calendar_words=CALENDAR,
        delivers=operations.has_mail_server(),
    )
    record_alone("outbox_read", by=current_user, about="the list of messages")
    return shown


@blueprint.get("/outbox/<int:id>")
@administrator
def message(id: int) -> ResponseReturnValue:
    found = queries.find(id)
    shown = render_template(
        "notifications/message.html",
        message=found,
        states=STATES,
        tones=TONES,
        calendar_words=CALENDAR,
        may_retry=operations.may_try_again(found),
        delivers=operations.has_mail_server(),
    )
    _tell_of_reading(found)
    return shown


@blueprint.get("/outbox/<int:id>/html")
@administrator
def html_part(id: int) -> ResponseReturnValue:
    """The HTML part as a mail reader would show it, alone, without any power over the site, its buttons leading nowhere."""
    found = queries.find(id)
    response = Response(without_targets(html_of(found)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = ONLY_THE_MESSAGE
    _tell_of_reading(found)
    return response


def _tell_of_reading(found: OutboxMessage) -> None:
    to = found.recipient.name if found.recipient else found.address
    about = f"“{found.subject_line}”, to {to}"
    record_alone("outbox_read", by=current_user, about=about, person_id=found.recipient_id)


@blueprint.post("/outbox/<int:id>/try-again")
@administrator
def try_again(id: int) -> ResponseReturnValue:
    try:
        with transaction():
            operations.try_again(queries.find(id, for_update=True), by=current_user)
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
        search=searched_text("search"),
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


# What mails I get


@blueprint.route("/account/mails", methods=["GET", "POST"])
@signed_in
def choose() -> ResponseReturnValue:
    """When, and which."""
    form = MailsForm(data=_chosen())
    if not form.validate_on_submit():
        return _choosing(form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            choosing.choose(locked(User, current_user.id), seen=form.seen.data or "", **form.given())
    except EditConflict:
        now = _chosen()
        form.was_slower(now["seen"], MailsForm(formdata=None, data=now))
        return _choosing(form, 409)
    flash("From now on your mails come as you have chosen.", "success")
    return redirect(url_for(".choose"), 303)


def _chosen() -> dict[str, str]:
    choice = choosing.choice_of(current_user)
    return {name: getattr(choice, name) for name in choosing.SET} | {"seen": choosing.seen(choice)}


def _choosing(form: MailsForm, status: int) -> ResponseReturnValue:
    return render_template("notifications/choose.html", form=form), status
