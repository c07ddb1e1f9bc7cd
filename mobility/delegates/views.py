"""The page of whoever travels, by a personal link without a password or signed in; and for whoever acts for them, their links."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts.throttle import take_attempt
from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import GuardRefused, Refusal
from mobility.core.links import absolute
from mobility.delegates import entering, operations, queries, rules
from mobility.delegates.entering import LinkEnded
from mobility.delegates.queries import Stay
from mobility.documents.calendar import exchange_calendar
from mobility.exchanges import invitations
from mobility.exchanges import queries as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.workflows.parts import Actor

blueprint = Blueprint("delegates", __name__)

SENDS, SEND_MINUTES = 5, 24 * 60  # new links to one address
ACTING = {Actor.GUEST, Actor.GUEST_COORDINATOR}


# By a personal link


@blueprint.get("/stays/<token>")
@public
def by_link(token: str) -> ResponseReturnValue:
    """Whoever has the link reads the page of whom it was made for. Looking changes nothing: mail scanners do it, too."""
    stay = entering.stay_of(token)
    places = {"calendar": url_for(".calendar_by_link", token=token), "new": url_for(".another", token=token)}
    return private(_page(stay, **places, certificate=url_for("papers.certificate_by_link", token=token)))


@blueprint.get("/stays/<token>/calendar.ics")
@public
def calendar_by_link(token: str) -> ResponseReturnValue:
    return private(_calendar(entering.stay_of(token), ""))


@blueprint.route("/stays/<token>/another", methods=["GET", "POST"])
@public
def another(token: str) -> ResponseReturnValue:
    """For whoever has passed it on: a new link to the same address, after which this one opens nothing."""
    stay, sent = entering.stay_of(token), False
    if request.method == "POST":
        take_attempt("delegate link", f"{stay.exchange.id}:{stay.delegate.email}", SENDS, SEND_MINUTES)
        with transaction():
            stay = entering.locked(token)
            operations.renew(stay)
        sent = True
    back = "" if sent else url_for(".by_link", token=token)
    return private(render_template("delegates/another.html", stay=stay, sent=sent, back_url=back), has_form=True)


@blueprint.app_errorhandler(LinkEnded)
def ended(error: LinkEnded) -> ResponseReturnValue:
    """Why, and nothing of what it led to."""
    return private(render_template("delegates/ended.html", why=error.why), 410)


def private(page: Any, status: int = 200, *, has_form: bool = False) -> Response:
    """A page whose address is a secret goes into no cache and no index, and no site learns it, this one neither: its requests for
    styles are logged with their Referer in many a place. Where a form is to be sent over HTTPS, its protection wants the origin.
    """
    answer: Response = page if isinstance(page, Response) else Response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "strict-origin" if has_form or current_user.is_authenticated else "no-referrer"
    return answer


# Signed in


@blueprint.get("/exchanges/<int:id>/stay")
@signed_in
def own(id: int) -> ResponseReturnValue:
    """The same for somebody with an account, whose address is one of the delegation."""
    stay = queries.own(id, current_user)
    certificate = url_for("papers.own_certificate", id=id)
    return _page(stay, calendar=url_for(".own_calendar", id=id), certificate=certificate, new="")


@blueprint.get("/exchanges/<int:id>/stay.ics")
@signed_in
def own_calendar(id: int) -> ResponseReturnValue:
    return _calendar(queries.own(id, current_user), absolute(url_for(".own", id=id)))


@blueprint.app_template_global("travels_along")
def travels_along() -> Any:
    """The stays that the reader travels to without acting for the guests."""
    return queries.along(current_user)


# What both show


def _page(stay: Stay, **places: str) -> str:
    exchange, today = stay.exchange, stay.exchange.programme.today
    return render_template(
        "delegates/stay.html",
        stay=stay,
        exchange=exchange,
        version=exchange.agreed_version or exchange.newest_version,
        next=rules.next_step(exchange, stay.delegate, today, no_show=queries.was_no_show(exchange)),
        moved_from=rules.days_before(exchange),
        came=rules.came(exchange, stay.delegate),
        host_contact=queries.host_contact(exchange),
        programme_contact=queries.contact_of(exchange.programme),
        opens_until=rules.last_day_of_link(exchange),
        places=places,
    )


def _calendar(stay: Stay, url: str) -> Response:
    """As the invitation by mail has it, so that the next mail moves what this file has put there."""
    exchange, version = stay.exchange, stay.exchange.agreed_version
    if version is None:
        raise GuardRefused("There is a calendar file once both sides have signed the agreement.")
    cancelled = exchange.state == CANCELLED
    content = exchange_calendar(
        uid=invitations.uid_of(exchange),
        title=invitations.title_of(exchange),
        first_day=exchange.first_day,
        last_day=exchange.last_day,
        location=invitations.place_of(exchange),
        description=invitations.agenda_in_words(version),
        url=url,
        organiser=invitations.organiser_of(exchange),
        sequence=2 * version.number + cancelled,
        stamp=max((each.signed_at for each in version.signatures), default=version.written_at),
        cancelled=cancelled,
    )
    answer = Response(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="exchange-{exchange.id}.ics"'
    return answer


# For whoever acts for the guests


@blueprint.get("/exchanges/<int:id>/travellers")
@signed_in
def index(id: int) -> ResponseReturnValue:
    exchange = _acted_for(id)
    return render_template("delegates/index.html", exchange=exchange, going=queries.going(exchange))


@blueprint.post("/exchanges/<int:id>/travellers/<int:place>/<any(send,end):act>")
@signed_in
def change(id: int, place: int, act: str) -> ResponseReturnValue:
    """A new link by mail, or no link any more. Pressed twice, or in two tabs, it is done once: the page names the link it saw."""
    try:
        if act == "send":
            take_attempt("delegate link", f"{_acted_for(id).id}:{place}", SENDS, SEND_MINUTES)
        with transaction():
            exchange = _acted_for(id, for_update=True)
            said = _change(exchange, place, act)
    except Refusal as refusal:
        flash(refusal.message, "warning")
    else:
        flash(said, "success")
    return redirect(url_for(".index", id=id), 303)


def _change(exchange: Exchange, place: int, act: str) -> str:
    seen = request.form.get("seen", "")
    if act == "send":
        name = operations.send(exchange, by=current_user, place=place, seen=seen)
        return f"{name} has been sent a new link. It is the only one that opens."
    return f"The link of {operations.end(exchange, by=current_user, place=place, seen=seen)} opens nothing any more."


def _acted_for(id: int, for_update: bool = False) -> Exchange:
    """404 for whoever sees it from another side."""
    exchange = exchanges.find(id, current_user, for_update)
    if not exchange.workflow.actors_on(current_user, exchange) & ACTING:
        abort(404)
    return exchange
