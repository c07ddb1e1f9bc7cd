"""Your account, security: what one signs in with, recovery codes, where one is signed in."""

from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts import entering, operations, queries, session
from mobility.accounts.models import SET_UP
from mobility.accounts.proof import asked_again
from mobility.accounts.rules import idle_limit
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.web import or_404
from mobility.documents.qr import qr_svg
from mobility.factors import operations as factors
from mobility.factors import passkeys
from mobility.factors import queries as factor_queries
from mobility.factors.rules import in_groups
from mobility.factors.sealing import unseal
from mobility.people.models import User
from mobility.people.queries import locked
from mobility.security.forms import NewAppForm, NewPasskeyForm

blueprint = Blueprint("security", __name__, url_prefix="/account/security")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What I sign in with, and where I am signed in."""
    here = session.here()
    return render_template(
        "security/index.html",
        passkeys=factor_queries.passkeys_of(current_user),
        apps=factor_queries.apps_of(current_user),
        codes_left=factor_queries.codes_left(current_user),
        needs_factor=queries.needs_factor(current_user),
        identities=queries.identities_of(current_user),
        provider_names={each["issuer"]: each["name"] for each in current_app.config.get("OIDC_PROVIDERS") or ()},
        sign_ins=queries.sign_ins_of(current_user),
        here=here.id if here else 0,
        idle=idle_limit(current_user),
    )


@blueprint.get("/start")
@signed_in
def start() -> ResponseReturnValue:
    """Where somebody who needs a second factor and has none comes to after signing in; what they were about is kept."""
    here = session.here()
    return render_template(
        "security/start.html",
        must=here is not None and here.waits_for == SET_UP,
        due_at=current_user.factor_due_at,
        goes_to=_goes_to(),
    )


# Adding


@blueprint.route("/apps/new", methods=["GET", "POST"])
@signed_in
@asked_again
def new_app() -> ResponseReturnValue:
    form = NewAppForm()
    if not form.is_submitted() or unseal(form.sealed.data or "") is None:
        form.sealed.data, form.sealed.raw_data = factors.new_secret(), None
    if not form.validate_on_submit():
        return _app_page(form, 422 if form.is_submitted() else 200)
    try:
        entering.take_try("own app", current_user)
        with transaction():
            user = _me()
            codes = factors.add_app(user, name=form.name.data, sealed=form.sealed.data, code=form.code.data)
            _let_in(user)
    except Refusal as refusal:
        form.refuse(refusal)
        return _app_page(form, refusal.status)
    return _added(codes, f"“{form.name.data}” is set up. From now on you are asked for its code when you sign in.")


def _app_page(form: NewAppForm, status: int) -> ResponseReturnValue:
    secret = unseal(form.sealed.data or "") or ""
    code = qr_svg(factors.address_of(current_user, secret), "QR code for your authenticator app")
    page = render_template("security/new_app.html", form=form, qr=code, secret=in_groups(secret), goes_to=_goes_to())
    return page, status


@blueprint.get("/passkeys/options")
@signed_in
def passkey_options() -> ResponseReturnValue:
    """For the script of the page that adds one."""
    return jsonify(passkeys.options_to_add(current_user))


@blueprint.route("/passkeys/new", methods=["GET", "POST"])
@signed_in
@asked_again
def new_passkey() -> ResponseReturnValue:
    form = NewPasskeyForm()
    if not form.validate_on_submit():
        return _passkey_page(form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            user = _me()
            codes = factors.add_passkey(user, **form.given())
            _let_in(user)
    except Refusal as refusal:
        form.refuse(refusal)
        return _passkey_page(form, refusal.status)
    return _added(codes, f"“{form.name.data}” is set up. You can sign in with it, without a password.")


def _passkey_page(form: NewPasskeyForm, status: int) -> ResponseReturnValue:
    return render_template("security/new_passkey.html", form=form, goes_to=_goes_to()), status


def _let_in(user: User) -> None:
    """Whoever was waiting to set one up is in now."""
    here = session.here()
    if here is not None and here.waits_for == SET_UP:
        session.start(user)


def _added(codes: list[str], said: str) -> ResponseReturnValue:
    """The recovery codes, this once; then on to where the person was going."""
    if codes:
        return render_template("security/codes.html", codes=codes, said=said, goes_to=_goes_to())
    flash(said, "success")
    return redirect(_goes_to(), 303)


# Taking away


@blueprint.post("/<any(passkey, app):factor>/<int:id>/remove")
@signed_in
@asked_again
def remove(factor: str, id: int) -> ResponseReturnValue:
    try:
        with transaction():
            user = _me()
            name = factors.remove(user, factor, id, needed=queries.needs_factor(user))
    except Refusal as refusal:
        flash(refusal.message, "danger")
    else:
        flash(f"“{name}” is removed." if name else "This had been removed already.", "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/recovery-codes")
@signed_in
@asked_again
def renew_codes() -> ResponseReturnValue:
    or_404(factor_queries.has_factor(current_user) or None)
    with transaction():
        codes = factors.renew_codes(_me())
    return _added(codes, "These are your new recovery codes. Those before do not work any more.")


@blueprint.post("/keep")
@signed_in
def keep() -> ResponseReturnValue:
    """Stop the reset that an administrator was asked for."""
    with transaction():
        factors.stop_reset(_me())
    flash("Your second factors stay. If somebody else asked for this, change your password, too.", "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/identities/<int:id>/remove")
@signed_in
@asked_again
def unlink(id: int) -> ResponseReturnValue:
    with transaction():
        removed = operations.unlink(_me(), id)
    flash("The link is removed." if removed else "This had been removed already.", "success")
    return redirect(url_for(".index"), 303)


# Where one is signed in


@blueprint.post("/browsers/<int:id>/end")
@signed_in
@asked_again
def end_sign_in(id: int) -> ResponseReturnValue:
    with transaction():
        ended = operations.end_sign_in(_me(), id)
    flash("Signed out there." if ended else "This browser had been signed out already.", "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/browsers/end")
@signed_in
@asked_again
def end_others() -> ResponseReturnValue:
    """All but this one."""
    here = session.here()
    with transaction():
        count = operations.end_other_sign_ins(_me(), but=here.id if here else 0)
    flash(f"Signed out in {count} other browser{'' if count == 1 else 's'}. Only this one is still signed in.", "success")
    return redirect(url_for(".index"), 303)


def _me() -> User:
    """Locked, so that what the person does in two tabs comes one after the other."""
    return locked(User, current_user.id)


def _goes_to() -> Any:
    return session.own_path(request.args.get("next")) or url_for(".index")
