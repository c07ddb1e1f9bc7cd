"""My data as a file; erasing me; the administrator's list of erasures."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import throttle
from mobility.accounts.proof import asked_again
from mobility.audit.acts import LABELS
from mobility.audit.filters import address_of
from mobility.audit.operations import record_alone
from mobility.audit.queries import may_read, programme_of, programmes
from mobility.core.access import administrator, requires, signed_in, whoever_is_signed_in
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.forms import Button, retried
from mobility.core.paging import page_number, page_of
from mobility.core.web import or_404
from mobility.lists.pages import show_list
from mobility.merging.queries import find
from mobility.people.models import User
from mobility.people.queries import locked
from mobility.privacy import export, operations, queries, readings
from mobility.privacy.forms import EraseForm, StrangerForm
from mobility.privacy.rules import GRACE_DAYS

blueprint = Blueprint("privacy", __name__)

reader = requires("administrator or auditor", may_read)
WHO_READ = "privacy/who_read.html"
A_DAY = {"most": 10, "minutes": 24 * 60}


@blueprint.get("/account/data")
@signed_in
def mine() -> ResponseReturnValue:
    """What one can do with one's own data."""
    return _page(200)


@blueprint.post("/account/data/file")
@signed_in
@asked_again
def own_file() -> ResponseReturnValue:
    """Made for the person alone, now; nothing of it is kept."""
    try:
        throttle.take_attempt("own data", str(current_user.id), **A_DAY)
    except Refusal as refusal:
        return _page(refusal.status, refusal)
    me = current_user._get_current_object()
    made = export.as_file(me)
    record_alone("data_taken", by=me, about=me.name, person_id=me.id)
    headers = {"Content-Disposition": f'attachment; filename="{export.stamp()}"', "Cache-Control": "no-store"}
    return Response(made, content_type="application/zip", headers=headers | {"Content-Length": str(made.size)})


@blueprint.route("/account/erase", methods=["GET", "POST"])
@signed_in
@asked_again
def erase_me() -> ResponseReturnValue:
    form = Button()
    if not form.validate_on_submit():
        return _erasing(current_user, form, 200)
    try:
        retried(lambda: operations.ask(locked(User, current_user.id), by=current_user))
    except Refusal as refusal:
        return _erasing(current_user, form, refusal.status, refusal)
    flash(
        f"Noted. In {GRACE_DAYS} days at the earliest everything that tells of you is erased; you can stop it before.", "success"
    )
    return redirect(url_for(".mine"), 303)


@blueprint.post("/account/erase/stop")
@signed_in
def stop_mine() -> ResponseReturnValue:
    with transaction():
        done = operations.stop(locked(User, current_user.id), by=current_user)
    flash("Nothing is erased." if done else "There was nothing to stop.", "success")
    return redirect(url_for(".mine"), 303)


@blueprint.get("/account/data/readings")
@signed_in
def own_readings() -> ResponseReturnValue:
    """Who has read one's evidence and bank details, and when."""
    return render_template("privacy/readings.html", page=readings.of_person(current_user, page_number()), labels=LABELS)


def _page(status: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    erasure = queries.open_erasure(current_user)
    return render_template("privacy/mine.html", erasure=erasure, refusal=refusal), status


def _erasing(person: User, form: Button | EraseForm, status: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    own = person.id == current_user.id and not isinstance(form, EraseForm)
    page = render_template(
        "privacy/erase.html",
        person=person,
        own=own,
        against=queries.stands_against(person, own=own),
        kept_until=queries.kept_until(person),
        erasure=queries.open_erasure(person),
        erased=queries.was_erased(person),
        form=form,
        refusal=refusal,
        grace=GRACE_DAYS,
    )
    return page, status


# For those who watch


@blueprint.get("/audit/readings")
@reader
def who_read() -> ResponseReturnValue:
    """Evidence, bank details, exports, mails: who opened or took them. For administrators all, for auditors their programmes'."""
    what, wanted = readings.wanted(request.args)
    me = whoever_is_signed_in()
    mine = programmes(me)
    kept = address_of(wanted) | ({"what": what} if what else {})
    context: dict[str, Any] = {"wanted": wanted, "what": what, "kept": kept, "classes": readings.CLASSES, "programmes": mine}
    if wanted.problems:
        return render_template(WHO_READ, page=page_of((), 1), readers=(), **context), 422
    found = readings.readings(me, wanted, page_number(), mine)
    of = programme_of(me, wanted, mine)
    return show_list(readings.LIST, found, WHO_READ, programme_id=of, readers=readings.readers(me, wanted), **context)


# The administrator's


@blueprint.get("/admin/erasures")
@administrator
def erasures() -> ResponseReturnValue:
    waiting = [
        (each, queries.reasons(each.person), queries.known_names(each), queries.confirms_in(each.person))
        for each in queries.waiting()
    ]
    return render_template("privacy/erasures.html", waiting=waiting)


@blueprint.route("/admin/erasures/address", methods=["GET", "POST"])
@administrator
@asked_again
def erase_address() -> ResponseReturnValue:
    """Of somebody who was asked, invited along or mailed, and has no account."""
    form = StrangerForm()
    if not form.validate_on_submit():
        return render_template("privacy/address.html", form=form), 422 if form.is_submitted() else 200
    typed = {"email": form.email.data or "", "name": form.name.data or "", "reason": form.reason.data or ""}
    try:
        retried(lambda: operations.ask_for_address(by=current_user, **typed))
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("privacy/address.html", form=form), refusal.status
    flash("Noted. Next night it is looked for everywhere, and erased.", "success")
    return redirect(url_for(".erasures"), 303)


@blueprint.route("/admin/people/<int:id>/erase", methods=["GET", "POST"])
@administrator
@asked_again
def erase(id: int) -> ResponseReturnValue:
    person, form = or_404(find(User, id)), EraseForm()
    if not form.validate_on_submit():
        return _erasing(person, form, 422 if form.is_submitted() else 200)
    try:
        retried(lambda: operations.ask(locked(User, id), by=current_user, reason=form.reason.data or ""))
    except Refusal as refusal:
        form.refuse(refusal)
        return _erasing(or_404(find(User, id)), form, refusal.status)
    flash("Noted. The person is told, and can stop it.", "success")
    return redirect(url_for(".erasures"), 303)


@blueprint.post("/admin/people/<int:id>/erase/stop")
@administrator
def stop(id: int) -> ResponseReturnValue:
    or_404(find(User, id))
    with transaction():
        done = operations.stop(locked(User, id), by=current_user)
    flash("Nothing is erased." if done else "There was nothing to stop.", "success")
    return redirect(url_for(".erasures"), 303)
