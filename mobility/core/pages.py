"""What every page has: filters, error pages, paging, the bounded id in addresses, security headers."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_decimal
from flask import Flask, Response, abort, current_app, g, message_flashed, render_template, request, session
from flask_login import current_user
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import IntegerConverter

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.money import written

Found = TypeVar("Found")
WORDS = Locale("en", "GB")
PER_PAGE = 25
NOTICES = 5


class Id(IntegerConverter):
    """An id in an address. Larger numbers than the database can hold are nobody's: 404."""

    def __init__(self, map: Any, **options: Any) -> None:
        options["max"] = 2**31 - 1
        super().__init__(map, **options)


def or_404(found: Found | None) -> Found:
    """What is absent and what one may not see look the same."""
    if found is None:
        abort(404)
    return found


@dataclass(frozen=True)
class Page:
    """One page of a list. `number` counts from 1; `total` is of all pages."""

    items: Sequence[Any]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.per_page)


def page_number() -> int:
    """`?page=` of this request, 1 if it is missing or nonsense."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 7 else 1


def format_day(day: date | None) -> str:
    """3 March 2027"""
    return _written(day, "d MMMM y") if day else ""


def format_days(span: tuple[date | None, date | None]) -> str:
    """3 to 7 March 2027; 30 March to 2 April 2027"""
    first, last = span
    if not first or not last:
        return format_day(first or last)
    if first == last:
        return format_day(first)
    pattern = "d" if (first.year, first.month) == (last.year, last.month) else "d MMMM"
    pattern = "d MMMM y" if first.year != last.year else pattern
    return f"{_written(first, pattern)} to {format_day(last)}"


@lru_cache(maxsize=8192)
def _written(day: date, pattern: str) -> str:
    """Kept: a list page writes a hundred days, and Babel takes its time over each."""
    return format_date(day, pattern, locale=WORDS)


@lru_cache(maxsize=8192)
def format_instant(instant: datetime | None, timezone: str = "Europe/Brussels") -> str:
    """3 March 2027, 14:05"""
    return format_datetime(instant, "d MMMM y, HH:mm", get_timezone(timezone), WORDS) if instant else ""


def format_in_days(day: date | None, today: date | None = None) -> str:
    """today, tomorrow, in 5 days, 2 days late"""
    if day is None:
        return ""
    distance = (day - (today or clock.today())).days
    if distance in (0, 1):
        return ("today", "tomorrow")[distance]
    if distance > 0:
        return f"in {distance} days"
    return f"{-distance} day{'s' if distance < -1 else ''} late"


def reader_locale() -> str:
    """The locale in which the reader wants amounts."""
    return getattr(current_user, "locale", None) or "en_GB"


def format_money(amount: Decimal | None, currency: str = "EUR", locale: str | None = None) -> str:
    """€1,017.00, or as the reader's locale writes it."""
    return "" if amount is None else written(amount, currency, locale or reader_locale())


def format_number(number: Any) -> str:
    return format_decimal(number, locale=reader_locale())


@lru_cache(maxsize=512)
def country_name(code: str | None) -> str:
    return WORDS.territories.get(code or "", code or "")


@lru_cache(maxsize=512)
def language_name(code: str | None) -> str:
    return WORDS.languages.get(code or "", code or "")


FILTERS = {
    "date": format_day,
    "dates": format_days,
    "instant": format_instant,
    "until": format_in_days,
    "money": format_money,
    "number": format_number,
    "country": country_name,
    "language": language_name,
}


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = Id
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    with suppress(RuntimeError):  # no temporary folder of our own: every process compiles the templates anew
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    app.before_request(_refuse_nul)
    app.after_request(_secure)
    app.context_processor(lambda: {"csp_nonce": csp_nonce})
    message_flashed.connect(_keep_the_newest_notices, app)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _busy)


def csp_nonce() -> str:
    if "nonce" not in g:
        g.nonce = token_urlsafe(16)
    return str(g.nonce)


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """An error page that keeps what was typed (never passwords) in sight."""
    db.session.rollback()
    return render_template("core/error.html", status=status, message=message, typed=_typed(status)), status


def _typed(status: int) -> list[tuple[str, str]]:
    if request.method != "POST" or status == 413:
        return []
    hidden = {"csrf_token", "version", "form_key"}
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in request.form.items(multi=True)
        if name not in hidden and "password" not in name and value.strip()
    ]


def _keep_the_newest_notices(_app: Flask, **_notice: Any) -> None:
    """Notices wait in the cookie for the next page. Whoever acts often without looking at one would outgrow what a cookie holds,
    and be signed out."""
    session["_flashes"] = session["_flashes"][-NOTICES:]


def _refuse_nul() -> None:
    if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
        abort(400, "The address contains an invisible control character. Take it out, or start from the home page.")


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    own_words = error.description if error.description != type(error).description else ""
    page, status = error_page(error.code or 500, own_words or "")
    headers = [header for header in error.get_headers() if header[0] not in {"Content-Type", "Content-Length"}]
    return page, status, headers


def _unknown_host(error: SecurityError) -> Response:
    """In plain text: a page needs links, and at a name that is not ours none can be made."""
    words = "This site does not answer to this name. Who runs it sets BASE_URL to its address, or adds it to TRUSTED_HOSTS.\n"
    return Response(words, 400, mimetype="text/plain")


def _refused(refusal: Refusal) -> Any:
    return error_page(refusal.status, refusal.message)


def _stale(error: StaleDataError) -> Any:
    return error_page(409, "Somebody else was faster. Nothing of yours was saved; what you typed is below.")


def _busy(error: OperationalError) -> Any:
    """Mostly a lock that took too long. The log also says what no waiting mends: no server, no tables, no room."""
    current_app.logger.error("%s: the database: %s", request.endpoint, error.orig)  # a path may hold a secret link
    return error_page(503, "The database is busy. Nothing was saved; please try again in a moment.")


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
    if response.mimetype == "text/html" and (request.method == "POST" or (current_user and current_user.is_authenticated)):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
