"""Who is signed in. The cookie holds a random token, the database its SHA-256: the server decides what it is worth."""

from contextlib import suppress
from datetime import datetime
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from mobility.accounts import devices, oidc, standing
from mobility.accounts.models import FACTOR, SET_UP, SignIn
from mobility.accounts.rules import HALF_WAY, SEEN_EVERY, SIGN_IN_LASTS, idle_limit
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import alone, db
from mobility.core.errors import NotSignedIn
from mobility.core.forms import csrf
from mobility.core.web import error_page
from mobility.people.models import User
from mobility.workflows.actions import has_page

TOKEN = "sign_in"  # noqa: S105
NEVER_SHOWN = ("csrf_token", "password", "proof")
SETTING_UP = {"security.start", "security.new_app", "security.new_passkey", "security.passkey_options"}


class Nobody(AnonymousUserMixin):
    """Who looks at public pages without being signed in."""

    id = None
    is_administrator = False
    stand_in = None
    locale = "en_GB"
    memberships: tuple[Any, ...] = ()
    current_memberships: tuple[Any, ...] = ()


class Here(NamedTuple):
    """The sign-in of the browser that asks."""

    id: int
    seen_at: datetime
    proved_at: datetime
    waits_for: str


def init_app(app: Flask) -> None:
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: people take their time over a form
    app.config["PERMANENT_SESSION_LIFETIME"] = SIGN_IN_LASTS
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # the token is checked in the database, an address may change in a train
    manager.request_loader(_load)
    app.context_processor(lambda: {"account_links": _account_links(current_user)})
    app.jinja_env.globals["has_page"] = has_page
    csrf.init_app(app)
    devices.init_app(app)
    oidc.init_app(app)
    app.after_request(_note_use)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(NotSignedIn, _lead_to_sign_in)


def start(user: User, *, waits_for: str = "") -> None:
    """Sign this browser in, inside a transaction; or half-way, when something is still asked for (accounts/models.py).

    What the session held before is gone, the token of forms too: it may have been planted.
    """
    now = clock.utc_now()
    token = token_urlsafe(32)
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    standing.end_here()
    db.session.add(
        SignIn(
            token_hash=_hashed(token),
            user_id=user.id,
            expires_at=now + (HALF_WAY if waits_for == FACTOR else SIGN_IN_LASTS),
            device=devices.in_words(request.user_agent.string),
            waits_for=waits_for,
        )
    )
    _end_here()
    session.clear()
    session.permanent = True
    session[TOKEN] = token
    if waits_for != FACTOR:
        record("signed_in", by=user, person_id=user.id, about=devices.in_words(request.user_agent.string))
        devices.remember(user.email)


def end() -> None:
    """Sign this browser out, inside a transaction: a copy of its cookie is worth nothing from now on."""
    standing.end_here()
    if current_user.is_authenticated:
        me = current_user.stand_in or current_user._get_current_object()
        record("signed_out", by=me, person_id=me.id)
    _end_here()
    session.clear()


def half_way() -> SignIn | None:
    """The sign-in of this browser that waits for something."""
    if not isinstance(token := session.get(TOKEN), str):
        return None
    mine = select(SignIn).where(SignIn.token_hash == _hashed(token), SignIn.waits_for != "", SignIn.expires_at > clock.utc_now())
    found = db.session.scalar(mine)
    return found if found and found.user.active else None


def here() -> Here | None:
    """The sign-in with which the person came; nothing if nobody is signed in."""
    return g.get("sign_in") if current_user.is_authenticated else None


def proved(at: datetime) -> None:
    """For the rest of this request; the row says it for the next."""
    g.sign_in = g.sign_in._replace(proved_at=at)


def take(name: str) -> str | None:
    """A path that was put into the session under this name, once."""
    kept = session.pop(name, None)
    return own_path(kept) if isinstance(kept, str) else None


def own_path(address: str | None) -> str | None:
    """`address` if it is a path of this application (never another site's), else nothing."""
    if not address or not address.startswith("/") or address.startswith("//") or len(address) > 2000:
        return None
    if "\\" in address or any(ord(character) < 33 or ord(character) == 127 for character in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def fields_sent() -> tuple[list[tuple[str, list[str]]], list[str | None]]:
    """What a form was sent with, but for secrets, and the names of its files: for a page from which it can be sent again.

    Raises `RequestEntityTooLarge` where the protection of forms has not read it yet.
    """
    sent = request.form.lists()
    fields = [(name, values) for name, values in sent if not any(secret in name.lower() for secret in NEVER_SHOWN)]
    return fields, [file.filename for file in request.files.values() if file.filename]


def _lead_to_sign_in(_error: Exception) -> ResponseReturnValue:
    """Reading leads to the sign-in page and back; what was typed is kept on a page from which it can be sent again."""
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for(_next_step(), next=request.full_path.rstrip("?")))
    if _from_elsewhere():
        return error_page(401, "You are not signed in, and this form was sent by another site. Nothing was done.")
    return _to_send_again("accounts/signed_out.html", 401)


def _next_step() -> str:
    """Of signing in, for this browser."""
    waiting = half_way()
    return {FACTOR: "accounts.second", SET_UP: "security.start"}[waiting.waits_for] if waiting else "accounts.sign_in"


def _to_send_again(template: str, status: int) -> ResponseReturnValue:
    try:
        fields, files = fields_sent()
    except RequestEntityTooLarge:
        return error_page(413)
    return render_template(template, fields=fields, files=files), status


def _account_links(user: Any) -> list[tuple[str, str, str]]:
    """(label, address, icon) of the menu under a person's name."""
    if not user.is_authenticated:
        return []
    organisations = [("My organisation", url_for("people.organisation", id=id), "building") for id in user.organisation_ids()[:1]]
    administration = [("People", url_for("administration.people"), "people")] if user.is_administrator else []
    own = [("My account", url_for("accounts.account"), "person"), ("Your roles", url_for("teams.your_roles"), "person-check")]
    return [*own, *organisations, *administration]


def _load(_request: Request) -> User | None:
    """The person whose browser this is, with the memberships: one query. Who is half-way is nobody yet. Where an administrator
    acts for somebody else in it, that person."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    wanted = {"token_hash": _hashed(token), "now": clock.utc_now()}
    found = db.session.execute(_person_of_sign_in(), wanted).unique().first()
    if found is None:
        return None
    user, sign_in = found[0], Here(*found[1:])
    if clock.utc_now() - sign_in.seen_at >= idle_limit(user):
        return None
    if sign_in.waits_for and not (sign_in.waits_for == SET_UP and request.endpoint in SETTING_UP):
        return None
    g.sign_in = sign_in
    return standing.whom(user)


@cache
def _person_of_sign_in() -> Select[User, int, datetime, datetime, str]:
    """Built once, as every request begins with it."""
    return (
        select(User, SignIn.id, SignIn.seen_at, SignIn.proved_at, SignIn.waits_for)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == bindparam("token_hash"), SignIn.expires_at > bindparam("now"), User.active)
        .options(joinedload(User.memberships))
    )


def _note_use(response: Response) -> Response:
    """Once in five minutes. After the answer is made, and of no weight for it: a busy database notes it next time."""
    sign_in, now = g.get("sign_in"), clock.utc_now()
    if sign_in and now - sign_in.seen_at >= SEEN_EVERY:
        with suppress(OperationalError), alone(writing=True) as connection:
            connection.execute(update(SignIn).where(SignIn.id == sign_in.id).values(seen_at=now))
    return response


def _end_here() -> None:
    if isinstance(token := session.get(TOKEN), str):
        db.session.execute(delete(SignIn).where(SignIn.token_hash == _hashed(token)))


def _csrf_failed(error: CSRFError) -> ResponseReturnValue:
    """A form that was opened before signing in has another token. If it surely came from here, it can be sent again."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not current_user.is_authenticated and getattr(view, "access", "public") != "public":
        return _lead_to_sign_in(error)
    if current_user.is_authenticated and _from_here():
        return _to_send_again("accounts/send_again.html", 400)
    return error_page(
        400, "This form was open in another session, or came from another site. Nothing was done; load the page again."
    )


def _from_elsewhere() -> bool:
    """Browsers say where a form comes from: another site's is never shown as if the person had typed it."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _from_here() -> bool:
    """The browser says that one of our pages sent it; of one that says nothing it is not known."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
