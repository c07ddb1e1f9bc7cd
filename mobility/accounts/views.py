"""Signing in and out, mailed links, the own account."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadSignature

from mobility.accounts import operations, passwords, queries, session, throttle
from mobility.accounts.forms import (
    AccountForm,
    AskForPasswordForm,
    ChangePasswordForm,
    InvitationForm,
    NewPasswordForm,
    PersonalPasswordForm,
    SignInForm,
)
from mobility.accounts.models import MailedLink, Purpose
from mobility.accounts.rules import hidden_address
from mobility.core import clock
from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.links import signer
from mobility.core.web import error_page, or_404
from mobility.people.models import User
from mobility.people.queries import demo_people, locked, memberships_of
from mobility.people.roles import Role

blueprint = Blueprint("accounts", __name__)

PARTS = (  # of the demo's sign-in page: the first that fits
    ("Administration", "Runs the installation: organisations, accounts, outgoing mail.", ()),
    ("The programme", "Sets the rules, assesses, approves, and watches the budget.",
     (Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)),
    ("Hosts", "Have something to show, and receive colleagues for a few days.", (Role.HOST,)),
    ("Guests", "Want to see how others do it, and travel with a voucher.",
     (Role.GUEST,)),
    ("Providers", "Sell training and services that are paid with a knowledge voucher.", (Role.PROVIDER,)),
)  # fmt: skip
SHOWN_ORDER = ("Guests", "Hosts", "Providers", "The programme", "Administration")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    addressee, path = _from_mail(request.args.get("link", ""))
    goes_to = path or session.own_path(request.args.get("next")) or url_for("home.index")
    if request.method != "POST" and current_user.is_authenticated and not current_app.config["DEMO"]:
        return redirect(goes_to)
    form = SignInForm(data={"email": addressee.email} if addressee else None)
    if not form.validate_on_submit():
        return _sign_in_page(form, goes_to, 422 if form.is_submitted() else 200)
    try:
        user = passwords.recognise(form.email.data, form.password.data, request.remote_addr or "")
    except Refusal as refusal:
        form.refuse(refusal)
        return _sign_in_page(form, goes_to, refusal.status)
    rehashed = passwords.hash_of(form.password.data) if passwords.is_outdated(user) else None
    with transaction():
        session.start(user)
        if rehashed:
            operations.keep_rehashed(user, rehashed)
    return redirect(goes_to, 303)


def _sign_in_page(form: SignInForm, goes_to: str, status: int) -> ResponseReturnValue:
    groups = _demo_groups() if current_app.config["DEMO"] else []
    return render_template("accounts/sign_in.html", form=form, goes_to=goes_to, groups=groups), status


@blueprint.post("/sign-in/demo")
@public
def be_demo_person() -> ResponseReturnValue:
    """In demo mode anybody may be one of the demo people."""
    if not current_app.config["DEMO"]:
        abort(404)
    wanted = request.form.get("person", "")
    person = next((each for each in demo_people() if str(each.id) == wanted), None)
    if person is None:
        abort(404)
    with transaction():
        session.start(person)
    return redirect(session.own_path(request.form.get("next")) or url_for("home.index"), 303)


def _demo_groups() -> list[tuple[str, str, list[Any]]]:
    """(part, what it does, people) in the order in which the parts are met."""
    grouped: dict[str, list[Any]] = {title: [] for title in SHOWN_ORDER}
    for person in demo_people():
        roles = {each.role for each in person.current_memberships}
        title = next((title for title, _what, of_it in PARTS if roles.intersection(of_it)), "Guests")
        grouped["Administration" if person.is_administrator else title].append(person)
    words = {title: what for title, what, _roles in PARTS}
    return [(title, words[title], people) for title, people in grouped.items() if people]


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    with transaction():
        session.end()
    flash("You are signed out.", "success")
    return _leaving(url_for("accounts.sign_in"))


# Links in mails


@blueprint.get("/go/<token>")
@public
def go(token: str) -> ResponseReturnValue:
    """Every mail's link: its addressee gets to the page, nobody to signing in, others to a page that explains."""
    addressee, path = _from_mail(token)
    if addressee is None or path is None:
        return error_page(404, "This link is not complete. Copy the whole address from the mail.")
    if path.startswith(_paths_with_token()) or current_user.id == addressee.id:
        return redirect(path)
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in", link=token))
    return render_template("accounts/for_another.html", addressee=addressee, address=hidden_address(addressee.email), token=token)


@blueprint.post("/go/<token>")
@public
def switch(token: str) -> ResponseReturnValue:
    """Sign out, and in as the person a mail was for."""
    with transaction():
        session.end()
    return _leaving(url_for("accounts.sign_in", link=token))


def _leaving(address: str) -> ResponseReturnValue:
    """What was typed and kept in this browser goes with whoever leaves, even if its script does not run."""
    answer = redirect(address, 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _from_mail(token: str) -> tuple[User | None, str | None]:
    """For whom a mail's link is and where it leads; nothing if we did not make it."""
    try:
        user_id, path = signer("link").loads(token)
    except (BadSignature, TypeError, ValueError):
        return None, None
    if not isinstance(user_id, int) or not isinstance(path, str):
        return None, None
    return queries.user(user_id), session.own_path(path)


def _paths_with_token() -> tuple[str, ...]:
    """Pages that are opened by their own token, whoever is signed in."""
    return tuple(url_for(name, token="") for name in ("accounts.invitation", "accounts.new_password"))


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    form = AskForPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 422 if form.is_submitted() else 200
    try:
        throttle.take_attempt("password from", request.remote_addr or "", most=20, minutes=60)
        throttle.take_attempt("password for", form.email.data.lower(), most=3, minutes=60)
    except throttle.Throttled as refusal:
        form.refuse(refusal)
        return render_template("accounts/forgotten.html", form=form), refusal.status
    with transaction():
        operations.ask_for_password(form.email.data)
    return render_template("accounts/forgotten_sent.html", email=form.email.data)


@blueprint.route("/password/new/<token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> ResponseReturnValue:
    return _use_link(token, Purpose.PASSWORD, NewPasswordForm, "accounts/new_password.html")


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    return _use_link(token, Purpose.INVITATION, InvitationForm, "accounts/invitation.html")


def _use_link(token: str, purpose: Purpose, form_class: type[PersonalPasswordForm], template: str) -> ResponseReturnValue:
    """Reading never uses a link up (mail scanners read every link); sending the form does."""
    link = queries.mailed_link(token, purpose)
    if link is None or link.used_at or link.expires_at <= clock.utc_now() or not link.user.active:
        return _dead_link(link, purpose)
    form = form_class(data={"name": link.user.name, "level": link.user.level}).for_person(link.user)
    if not form.validate_on_submit():
        memberships = memberships_of(link.user)
        page = render_template(template, form=form, person=link.user, link=link, memberships=memberships)
        return page, 422 if form.is_submitted() else 200
    given = form.given()
    hashed = passwords.hash_of(given.pop("password"))
    try:
        with transaction():
            user = operations.set_password(token, purpose, password_hash=hashed, **given)
            session.start(user)
    except Refusal:
        return _dead_link(queries.mailed_link(token, purpose), purpose)
    flash("Your password is set, and you are signed in.", "success")
    return redirect(url_for("home.index"), 303)


def _dead_link(link: MailedLink | None, purpose: Purpose) -> ResponseReturnValue:
    state = "unknown" if link is None else "used" if link.used_at else "expired"
    status = 404 if link is None else 410
    return render_template("accounts/dead_link.html", state=state, purpose=purpose.value), status


# The own account


@blueprint.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> ResponseReturnValue:
    form = AccountForm(data=_account_values())
    if not form.validate_on_submit():
        return _account_page(form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            user = locked(User, current_user.id)
            operations.change_account(user, seen=form.seen.data or "", **form.given())
    except EditConflict:
        now = _account_values()
        form.was_slower(now["seen"], AccountForm(formdata=None, data=now))
        return _account_page(form, 409)
    flash("Your account has been changed.", "success")
    return redirect(url_for("accounts.account"), 303)


def _account_values() -> dict[str, str]:
    user = or_404(queries.user(current_user.id))
    return {"name": user.name, "level": user.level or "", "locale": user.locale, "seen": operations.account_fingerprint(user)}


def _account_page(form: AccountForm, status: int) -> ResponseReturnValue:
    return render_template("accounts/account.html", form=form, memberships=memberships_of(current_user)), status


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm().for_person(current_user)
    if not form.validate_on_submit():
        return render_template("accounts/change_password.html", form=form), 422 if form.is_submitted() else 200
    try:
        throttle.take_attempt("own password", str(current_user.id), **passwords.PER_ADDRESS)
        if not passwords.is_right(current_user, form.current_password.data):
            raise Refusal("This is not your current password.", "current_password")
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/change_password.html", form=form), refusal.status
    hashed = passwords.hash_of(form.password.data)
    with transaction():
        operations.change_password(current_user, password_hash=hashed)
        session.start(current_user)
    throttle.forget_attempts("own password", str(current_user.id))
    flash("Your password has been changed. Every other browser has been signed out.", "success")
    return redirect(url_for("accounts.account"), 303)
