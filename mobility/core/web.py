"""What every answer has: filters, error pages, the bounded id in addresses, security headers."""

from contextlib import suppress
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any, TypeVar

from babel.numbers import format_decimal
from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    flash,
    g,
    message_flashed,
    render_template,
    request,
    session,
)
from flask_login import current_user
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.routing import IntegerConverter
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from mobility.core import clock
from mobility.core.database import after_commit, db
from mobility.core.errors import Refusal
from mobility.core.money import ENGLISH, currency_name, currency_title, in_notation, written
from mobility.core.wording import (
    counted,
    country_name,
    format_day,
    format_days,
    format_in_days,
    format_instant,
    format_weekday,
    language_name,
    machine_instant,
)
from mobility.running import faults, logs

Found = TypeVar("Found")
NOTICES = 5
YEAR = 31_536_000  # seconds
SECRETS_IN_ADDRESSES = {"token", "code"}
MOST_FIELDS = 10_000  # of a form that is not multipart: the widest rate card has some 7,000
BEGINNING = 500_000  # bytes, as many as all text fields may have (config.py, MAX_FORM_MEMORY_SIZE)


class BoundedRequest(Request):
    """As many fields as a form of ours can have, however it is encoded: the framework counts only those of multipart."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        if self.form and sum(map(len, self.form.listvalues())) > MOST_FIELDS:
            vars(self)["form"] = MultiDict[str, str]()
            raise RequestEntityTooLarge("The form has more fields than any of ours. Send fewer rows at once.")


class Id(IntegerConverter):
    """An id in an address. Larger numbers than the database can hold are nobody's: 404."""

    def __init__(self, map: Any, **options: Any) -> None:
        options["max"] = 2**31 - 1
        super().__init__(map, **options)


def or_404(found: Found | None) -> Found:
    """What is absent and what the reader may not see look the same."""
    if found is None:
        abort(404)
    return found


def reader_locale() -> str:
    """The locale in which the reader wants amounts."""
    return getattr(current_user, "locale", None) or ENGLISH


def format_money(amount: Decimal | None, currency: str, locale: str | None = None) -> str:
    """€1,017.00 or PLN 1,017.00, or as the reader's locale writes it."""
    return "" if amount is None else written(amount, currency, locale or reader_locale())


def format_amounts(sentence: Any) -> Any:
    """What was stored or refused, with its amounts as the reader's locale writes them; markup stays markup."""
    if not sentence or reader_locale() == ENGLISH:
        return sentence
    return type(sentence)(in_notation(str(sentence), reader_locale())) if isinstance(sentence, str) else sentence


def format_number(number: Any) -> str:
    return format_decimal(number, locale=reader_locale())


FILTERS = {
    "date": format_day,
    "weekday": format_weekday,
    "dates": format_days,
    "instant": format_instant,
    "machine": machine_instant,
    "day_in": clock.day_of,
    "today": clock.today,
    "until": format_in_days,
    "money": format_money,
    "amounts": format_amounts,
    "currency": currency_title,
    "currency_name": currency_name,
    "number": format_number,
    "country": country_name,
    "language": language_name,
    "counted": counted,
}


def init_app(app: Flask) -> None:
    app.request_class = BoundedRequest
    logs.init_app(app)
    app.url_map.converters["int"] = Id
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    with suppress(RuntimeError):  # no temporary folder of our own: every process compiles the templates again
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    app.wsgi_app = _HostInLowerCase(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse_nul)
    app.after_request(_secure)
    app.context_processor(lambda: {"csp_nonce": csp_nonce})
    message_flashed.connect(_keep_the_newest_notices, app)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DBAPIError, _database_fault)
    app.register_error_handler(NoConnection, _database_fault)


def csp_nonce() -> str:
    if "nonce" not in g:
        g.nonce = token_urlsafe(16)
    return str(g.nonce)


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """An error page that keeps what was typed (never passwords) in sight."""
    try:
        db.session.rollback()
        return _error_page(status, message)
    except (DBAPIError, NoConnection) as error:  # it would name who is signed in
        return _database_fault(error)


def _error_page(status: int, message: str, *, apart: bool = False) -> tuple[str, int]:
    return render_template("core/error.html", status=status, message=message, typed=_typed(status), apart=apart), status


def say(message: str, category: str) -> None:
    """A notice at the top of the next page: about what is stored, so never before it is."""
    after_commit(lambda: flash(message, category))


def read_beginning() -> None:
    """Of a request that is too large, take the text fields before its first file: a browser sends fields in the page's order."""
    found = MultiDict[str, str]()
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1", "replace")
    if request.mimetype == "multipart/form-data" and boundary:
        found = _fields_in(request.environ["wsgi.input"].read(BEGINNING), boundary)
    vars(request).update(form=found, files=MultiDict())


def _fields_in(beginning: bytes, boundary: bytes) -> MultiDict[str, str]:
    decoder, found, name, parts = MultipartDecoder(boundary), MultiDict[str, str](), "", [b""]
    decoder.receive_data(beginning)
    with suppress(ValueError):  # no more than a beginning
        while not isinstance(event := decoder.next_event(), NeedData | File | Epilogue):
            if isinstance(event, Field):
                name, parts = event.name or "", []
            elif isinstance(event, Data):
                parts.append(event.data)
                if not event.more_data:
                    found.add(name, b"".join(parts).decode("utf-8", "replace"))
    return found


def _typed(status: int) -> list[tuple[str, str]]:
    if request.method != "POST" or status == 413:
        return []
    try:
        sent = request.form
    except HTTPException:  # whoever sent it has gone before all of it was here
        return []
    hidden = {"csrf_token", "version", "seen", "form_key"}
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in sent.items(multi=True)
        if name not in hidden and "password" not in name and "proof" not in name and value.strip()
    ]


def _keep_the_newest_notices(_app: Flask, **_notice: Any) -> None:
    """Notices wait in the cookie for the next page. Whoever acts often without looking at one would outgrow what a cookie holds,
    and be signed out."""
    session["_flashes"] = session["_flashes"][-NOTICES:]


def _refuse_nul() -> None:
    if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
        abort(400, "The address contains an invisible control character. Remove it, or start from the home page.")


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    own_words = error.description if error.description != type(error).description else ""
    page, status = error_page(error.code or 500, own_words or "")
    headers = [header for header in error.get_headers() if header[0] not in {"Content-Type", "Content-Length"}]
    return page, status, headers


def _unknown_host(error: SecurityError) -> Response:
    """In plain text: a page needs links, and at a name that is not ours none can be made."""
    advice = "Whoever runs it should set BASE_URL to its address, or add it to TRUSTED_HOSTS."
    quote = f"The log has this as {logs.request_id()}."
    return Response(f"This site does not answer to this name. {advice} {quote}\n", 400, mimetype="text/plain")


def _refused(refusal: Refusal) -> Any:
    return error_page(refusal.status, refusal.message)


def _stale(error: StaleDataError) -> Any:
    return error_page(409, "This has changed since you opened it. Nothing you typed was saved; you can copy it from this page.")


def _database_fault(error: DBAPIError | NoConnection) -> tuple[str, int]:
    """A known cause is said in words, here and in the log; anything else is a fault of ours, and told as one."""
    cause = faults.cause_of(error)
    if cause is None:
        raise error
    faults.tell(current_app.logger, request.endpoint or "no page", error)
    with suppress(Exception):  # a connection that is dead cannot be rolled back
        db.session.rollback()
    if cause.away:  # who is signed in cannot be asked either
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    return _error_page(503, cause.said, apart=cause.away)


class _HostInLowerCase:
    """A name in capitals is the same host (RFC 4343), which the list of trusted ones does not know."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()
        return self.app(environ, start_response)


def _is_private() -> bool:
    """What only some may read, or has an address that is a secret."""
    secret = request.view_args and SECRETS_IN_ADDRESSES & set(request.view_args)
    return bool(secret or request.method == "POST" or (current_user and current_user.is_authenticated))


def _secure(response: Response) -> Response:
    policy = [
        "default-src 'none'",
        "img-src 'self' data:",
        "style-src 'self'",
        f"script-src 'self' 'nonce-{csp_nonce()}'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    response.headers.setdefault("Content-Security-Policy", "; ".join(policy))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config.get("SESSION_COOKIE_SECURE"):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if "Cache-Control" not in response.headers and _is_private():
        response.headers["Cache-Control"] = "no-store"
    return response
