"""Who is signed in. The cookie holds a random token, the database its SHA-256: the server decides what it is worth."""

from datetime import timedelta
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from mobility.accounts import standing
from mobility.accounts.models import SignIn
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotSignedIn
from mobility.core.forms import csrf
from mobility.core.web import error_page
from mobility.people.models import User
from mobility.workflows.actions import has_page

LASTS = timedelta(days=7)
TOKEN = "sign_in"  # noqa: S105
KEPT_OVER_SIGN_IN = ("csrf_token",)  # a form that was open before can still be sent
NEVER_SHOWN = ("csrf_token", "password")


class Nobody(AnonymousUserMixin):
    """Who looks at public pages without being signed in."""

    id = None
    is_administrator = False
    stand_in = None
    locale = "en_GB"
    memberships: tuple[Any, ...] = ()
    current_memberships: tuple[Any, ...] = ()


def init_app(app: Flask) -> None:
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: people take their time over a form
    app.config["PERMANENT_SESSION_LIFETIME"] = LASTS
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # the token is checked in the database, an address may change in a train
    manager.request_loader(_load)
    app.context_processor(lambda: {"account_links": _account_links(current_user)})
    app.jinja_env.globals["has_page"] = has_page
    csrf.init_app(app)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(NotSignedIn, _lead_to_sign_in)


def start(user: User) -> None:
    """Sign this browser in, inside a transaction. What the session held before is gone: it may have been planted."""
    now = clock.utc_now()
    token = token_urlsafe(32)
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    db.session.add(SignIn(token_hash=_hashed(token), user_id=user.id, expires_at=now + LASTS))
    kept = {name: session[name] for name in KEPT_OVER_SIGN_IN if name in session}
    standing.end_here()
    _end_here()
    session.clear()
    session.update(kept)
    session.permanent = True
    session[TOKEN] = token


def end() -> None:
    """Sign this browser out, inside a transaction: a copy of its cookie is worth nothing from now on."""
    standing.end_here()
    _end_here()
    session.clear()


def own_path(address: str | None) -> str | None:
    """`address` if it is a path of this application (never another site's), else nothing."""
    if not address or not address.startswith("/") or address.startswith("//") or len(address) > 2000:
        return None
    if "\\" in address or any(ord(character) < 33 or ord(character) == 127 for character in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def _lead_to_sign_in(_error: Exception) -> ResponseReturnValue:
    """Reading leads to the sign-in page and back; what was typed is kept on a page from which it can be sent again."""
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if _from_elsewhere():
        return error_page(401, "You are not signed in, and this form was sent by another site. Nothing was done.")
    try:
        sent = list(request.form.lists())
    except RequestEntityTooLarge:  # where the protection of forms has not read it yet
        return error_page(413)
    fields = [(name, values) for name, values in sent if not any(secret in name.lower() for secret in NEVER_SHOWN)]
    files = [file.filename for file in request.files.values() if file.filename]
    return render_template("accounts/signed_out.html", fields=fields, files=files), 401


def _account_links(user: Any) -> list[tuple[str, str, str]]:
    """(label, address, icon) of the menu under a person's name."""
    if not user.is_authenticated:
        return []
    organisations = [("My organisation", url_for("people.organisation", id=id), "building") for id in user.organisation_ids()[:1]]
    administration = [("People", url_for("administration.people"), "people")] if user.is_administrator else []
    own = [("My account", url_for("accounts.account"), "person"), ("Your roles", url_for("teams.your_roles"), "person-check")]
    return [*own, *organisations, *administration]


def _load(_request: Request) -> User | None:
    """The person whose browser this is, with the memberships: one query. Or for whom an administrator acts in it."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    wanted = {"token_hash": _hashed(token), "now": clock.utc_now()}
    user = db.session.scalars(_person_of_sign_in(), wanted).unique().first()
    return standing.whom(user) if user else None


@cache
def _person_of_sign_in() -> Select[User]:
    """Built once, as every request begins with it."""
    return (
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == bindparam("token_hash"), SignIn.expires_at > bindparam("now"), User.active)
        .options(joinedload(User.memberships))
    )


def _end_here() -> None:
    if isinstance(token := session.get(TOKEN), str):
        db.session.execute(delete(SignIn).where(SignIn.token_hash == _hashed(token)))


def _csrf_failed(error: CSRFError) -> ResponseReturnValue:
    view = current_app.view_functions.get(request.endpoint or "")
    if not current_user.is_authenticated and getattr(view, "access", "public") != "public":
        return _lead_to_sign_in(error)
    return error_page(
        400, "This form was open in another session, or came from another site. Nothing was done; load the page again."
    )


def _from_elsewhere() -> bool:
    """Browsers say where a form comes from: another site's is never shown as if the person had typed it."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
