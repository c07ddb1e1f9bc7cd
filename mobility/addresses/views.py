"""My account, address: asking, confirming from the new mailbox, stopping from the one before."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import session, throttle
from mobility.accounts.proof import asked_again
from mobility.accounts.rules import hidden_address
from mobility.addresses import operations, queries
from mobility.addresses.forms import AddressForm
from mobility.addresses.models import AddressChange
from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Button, retried
from mobility.core.web import or_404
from mobility.people.models import User
from mobility.people.queries import locked

blueprint = Blueprint("addresses", __name__, url_prefix="/account/address")

A_DAY = {"most": 5, "minutes": 24 * 60}


@blueprint.route("", methods=["GET", "POST"])
@signed_in
@asked_again
def change() -> ResponseReturnValue:
    form = AddressForm(data={"seen": current_user.email})
    if not form.validate_on_submit():
        return _page(form, 422 if form.is_submitted() else 200)
    try:
        throttle.take_attempt("address change by", str(current_user.id), **A_DAY)
        throttle.take_attempt("address change to", form.email.data or "", **A_DAY)
        with transaction():
            _ask(form)
    except EditConflict:
        form.was_slower(current_user.email, AddressForm(formdata=None, data={"email": current_user.email}))
        return _page(form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, refusal.status)
    flash("Look into the mailbox of the new address: the link there confirms it.", "success")
    return redirect(url_for(".change"), 303)


def _ask(form: AddressForm) -> None:
    user = _me()
    if form.seen.data != user.email:
        raise EditConflict(user)
    operations.ask(user, email=form.email.data or "")


def _page(form: AddressForm, status: int) -> ResponseReturnValue:
    return render_template("addresses/change.html", form=form, waiting=queries.open_change(current_user)), status


@blueprint.post("/call-off")
@signed_in
def call_off() -> ResponseReturnValue:
    with transaction():
        done = operations.call_off(_me())
    flash("Your address stays as it is." if done else "Nothing was waiting to be confirmed.", "success")
    return redirect(url_for(".change"), 303)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@signed_in
def confirm(token: str) -> ResponseReturnValue:
    """Reading changes nothing (mail scanners read every link). Only for who asked: a mistyped address is somebody else's."""
    found = _own(token)
    if not Button().validate_on_submit():
        return _confirming(found)
    here = session.here()
    try:
        retried(lambda: operations.confirm(_locked_change(token), sign_in_id=here.id if here else 0))
    except Refusal as refusal:
        return _confirming(_own(token), refusal)
    flash("Your address has been changed. From now on, sign in with it.", "success")
    return redirect(url_for("accounts.account"), 303)


def _own(token: str) -> AddressChange:
    found = or_404(queries.by_token(token, queries.CONFIRM))
    return or_404(found if found.person_id == current_user.id else None)


def _locked_change(token: str) -> AddressChange:
    """The person first, as everywhere."""
    _me()
    found = or_404(queries.by_token(token, queries.CONFIRM, for_update=True))
    return or_404(found if found.person_id == current_user.id else None)


def _confirming(change: AddressChange, refusal: Refusal | None = None) -> ResponseReturnValue:
    status = refusal.status if refusal else 200 if change.can_be_confirmed else 410
    return render_template("addresses/confirm.html", change=change, refusal=refusal, form=Button()), status


@blueprint.route("/stop/<token>", methods=["GET", "POST"])
@public
def stop(token: str) -> ResponseReturnValue:
    """For whoever reads the earlier address, and perhaps cannot sign in any more."""
    found = or_404(queries.by_token(token, queries.STOP))
    if not Button().validate_on_submit():
        return _stopping(found)
    try:
        retried(lambda: _stop(token, found.person_id))
    except Refusal as refusal:
        return _stopping(or_404(queries.by_token(token, queries.STOP)), refusal)
    return _stopping(or_404(queries.by_token(token, queries.STOP)), done=True)


def _stop(token: str, person_id: int) -> None:
    locked(User, person_id)
    operations.stop(or_404(queries.by_token(token, queries.STOP, for_update=True)))


def _stopping(change: AddressChange, refusal: Refusal | None = None, *, done: bool = False) -> ResponseReturnValue:
    status = refusal.status if refusal else 200 if done or change.can_be_stopped else 410
    hidden = hidden_address(change.wanted)
    page = render_template("addresses/stop.html", change=change, wanted=hidden, refusal=refusal, done=done, form=Button())
    return page, status


def _me() -> User:
    return locked(User, current_user.id)
