"""Signing in and out, mailed links, the own account."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from itsdangerous import BadSignature

from mobility.accounts import devices, entering, oidc, operations, passwords, queries, session, throttle, uptake
from mobility.accounts.forms import (
    AccountForm,
    AskForPasswordForm,
    ChangePasswordForm,
    FactorForm,
    InvitationForm,
    NewPasswordForm,
    PasskeyForm,
    PersonalPasswordForm,
    SignInForm,
)
from mobility.accounts.models import FACTOR, MailedLink, Purpose, SignIn
from mobility.accounts.rules import hidden_address, network_of
from mobility.core import clock
from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import retried
from mobility.core.links import signer
from mobility.core.web import error_page, or_404
from mobility.factors import operations as factors
from mobility.factors import passkeys
from mobility.factors import queries as factor_queries
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
OLD_ONE = "This is the password you have now. Choose another one."
SHOWN_ORDER = ("Guests", "Hosts", "Providers", "The programme", "Administration")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    addressee, goes_to = _wanted()
    stays = current_app.config["DEMO"] or "again" in request.args
    if request.method != "POST" and current_user.is_authenticated and not stays:
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
        address = entering.enter(user, goes_to)
        if rehashed:
            operations.keep_rehashed(user, rehashed)
    return redirect(address, 303)


@blueprint.get("/sign-in/passkey")
@public
def passkey_options() -> ResponseReturnValue:
    """What a browser needs to use a passkey: alone, or as the second factor of whoever is half-way or signed in."""
    waiting = session.half_way()
    person = waiting.user if waiting else current_user if current_user.is_authenticated else None
    return jsonify(passkeys.options_to_use(person))


@blueprint.post("/sign-in/passkey")
@public
def with_passkey() -> ResponseReturnValue:
    """Without an address or a password: the passkey says who it is, and has asked for a PIN, a finger or a face."""
    goes_to, form = _wanted()[1], PasskeyForm()
    try:
        throttle.take_attempt("passkey from", network_of(request.remote_addr or ""), **passwords.PER_IP)
        with transaction():
            user = factors.use_passkey(None, challenge=form.challenge.data or "", answer=form.answer.data or "")
            if not user.active:
                raise Refusal(passkeys.NOT_KNOWN)
            address = entering.enter(user, goes_to, with_factor=True)
    except Refusal as refusal:
        return _refused_page(refusal, goes_to)
    return redirect(address, 303)


@blueprint.get("/sign-in/with/<key>")
@public
def with_provider(key: str) -> ResponseReturnValue:
    """To an identity provider's page. Reading it changes nothing here but this browser's cookie."""
    goes_to = _wanted()[1]
    or_404(key in dict(oidc.providers()) or None)
    try:
        return oidc.lead_to(key, goes_to)
    except Refusal as refusal:
        return _refused_page(refusal, goes_to)


@blueprint.get("/sign-in/with/<key>/back")
@public
def back_from_provider(key: str) -> ResponseReturnValue:
    """The provider sends people here, with a code that tells us who they are."""
    or_404(key in dict(oidc.providers()) or None)
    goes_to = session.take(oidc.GOES_TO) or url_for("home.index")
    try:
        came = oidc.who_came(key)
        address = retried(lambda: entering.enter(operations.person_known_as(came), goes_to))
    except Refusal as refusal:
        return _refused_page(refusal, goes_to)
    return redirect(address, 303)


def _refused_page(refusal: Refusal, goes_to: str) -> ResponseReturnValue:
    form = SignInForm(formdata=None)
    form.refuse(Refusal(refusal.message))
    return _sign_in_page(form, goes_to, refusal.status)


@blueprint.route("/sign-in/second", methods=["GET", "POST"])
@public
def second() -> ResponseReturnValue:
    """The second factor, after the password. Somebody else's half-way sign-in is nobody's here."""
    goes_to, waiting, form = _wanted()[1], session.half_way(), FactorForm()
    if waiting is None or waiting.waits_for != FACTOR:
        if not current_user.is_authenticated:
            flash("Signing in took too long. Please begin again.", "warning")
        return redirect(url_for(".sign_in", next=goes_to), 303)
    if not form.is_submitted():
        return _second_page(waiting, form, 200)
    user, given = waiting.user, form.factor()
    try:
        if not form.validate() or not (given["code"] or given["answer"]):
            raise Refusal("Enter a code.", "code")
        entering.use_factor(user, **given)
    except Refusal as refusal:
        form.refuse(Refusal(refusal.message, "code"))
        return _second_page(waiting, form, refusal.status)
    with transaction():
        address = entering.enter(user, goes_to, with_factor=True)
    return redirect(address, 303)


def _second_page(waiting: SignIn, form: FactorForm, status: int) -> ResponseReturnValue:
    apps, keys = factor_queries.apps_of(waiting.user), factor_queries.passkeys_of(waiting.user)
    return render_template("accounts/second.html", form=form, person=waiting.user, apps=apps, passkeys=keys), status


def _wanted() -> tuple[User | None, str]:
    """For whom the mail was whose link led here, if one did; and where to go once one is in."""
    addressee, path = _from_mail(request.args.get("link", ""))
    return addressee, path or session.own_path(request.args.get("next")) or url_for("home.index")


def _sign_in_page(form: SignInForm, goes_to: str, status: int) -> ResponseReturnValue:
    groups = _demo_groups() if current_app.config["DEMO"] else []
    return render_template("accounts/sign_in.html", form=form, goes_to=goes_to, groups=groups, providers=oidc.providers()), status


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
    address = form.email.data.lower()
    try:
        throttle.take_attempt("password from", network_of(request.remote_addr or ""), most=20, minutes=60)
        throttle.take_attempt("password for", devices.key_of(address) or address, most=3, minutes=60)
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
        return _link_page(link, form, template, 422 if form.is_submitted() else 200)
    given = form.given()
    password = given.pop("password")
    if passwords.is_right(link.user, password):
        form.refuse(Refusal(OLD_ONE, "password"))
        return _link_page(link, form, template, 422)
    hashed = passwords.hash_of(password)
    try:
        with transaction():
            user = operations.set_password(token, purpose, password_hash=hashed, **given)
            address = entering.enter(user, url_for("home.index"))
    except Refusal:
        return _dead_link(queries.mailed_link(token, purpose), purpose)
    flash("Your password is set.", "success")
    return redirect(address, 303)


def _link_page(link: MailedLink, form: PersonalPasswordForm, template: str, status: int) -> ResponseReturnValue:
    page = render_template(template, form=form, person=link.user, link=link, offers=uptake.waiting(link.user))
    return page, status


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
        entering.take_try("own password", current_user)
        if not passwords.is_right(current_user, form.current_password.data):
            raise Refusal("This is not your current password.", "current_password")
        if form.password.data == form.current_password.data:
            raise Refusal(OLD_ONE, "password")
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/change_password.html", form=form), refusal.status
    hashed = passwords.hash_of(form.password.data)
    with transaction():
        user = locked(User, current_user.id)
        operations.change_password(user, password_hash=hashed)
        session.start(user)
    entering.forget_tries("own password", current_user)
    flash("Your password has been changed. Every other browser has been signed out.", "success")
    return redirect(url_for("accounts.account"), 303)
