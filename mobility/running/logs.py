"""The log: one line each, as text or JSON (LOG_FORMAT), with the request and the person that it belongs to.

A request has an id, which its answer carries and every error page shows: whoever asks for help quotes it. Of an address a line
has the rule and the numbers in it, never words, which may be secret links or codes.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from threading import Lock, local
from typing import Any

from flask import Flask, Response, g, has_app_context, request, request_started
from sqlalchemy import Engine, event, inspect

HEADER = "X-Request-ID"
UNSAID = {"static", "bootstrap.static", "upkeep.healthz", "upkeep.readyz", "upkeep.measured"}  # asked all day, by machines
HOUSEKEEPING = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
EACH = 60.0  # seconds between two lines about the same trouble
QUIET = 5.0  # seconds without it, before an answer ends a trouble

MEASURES: list[Callable[[str, int, float, int], None]] = []  # told of each request: page, status, seconds, queries
log = logging.getLogger("mobility")
_here = local()  # one thread answers a request from its beginning to its end


class Work:
    """A request, or a run of a job: its id, when it began by the monotonic clock, and how many statements it took so far."""

    __slots__ = ("began", "id", "queries")

    def __init__(self) -> None:
        self.id = token_hex(4)
        self.began = time.perf_counter()
        self.queries = 0

    @property
    def milliseconds(self) -> int:
        return round((time.perf_counter() - self.began) * 1000)


def init_app(app: Flask) -> None:
    """First of all: what is registered first sees the finished answer last."""
    request_started.connect(_begin, app)
    app.after_request(_end)
    app.teardown_request(_forget)
    app.jinja_env.globals["request_id"] = request_id


def request_id() -> str:
    """Of the request that is being answered, or the job that runs here; nothing otherwise."""
    work = getattr(_here, "work", None)
    return work.id if work else ""


@contextmanager
def work() -> Iterator[Work]:
    """A run of a job: its lines belong together."""
    _here.work = Work()
    try:
        yield _here.work
    finally:
        _here.work = None


def _begin(_app: Flask, **_rest: Any) -> None:
    _here.work = Work()


def _end(response: Response) -> Response:
    work = getattr(_here, "work", None)
    if work is not None:
        response.headers[HEADER] = work.id
        if request.endpoint not in UNSAID:
            facts = {"status": response.status_code, "ms": work.milliseconds, "queries": work.queries}
            log.info("%s %s", request.method, told_address(), extra={"facts": facts})
            for measure in MEASURES:
                measure(request.endpoint or "none", response.status_code, time.perf_counter() - work.began, work.queries)
        if work.queries and response.status_code < 500:
            tell_what_is_over()
    return response


def _forget(_error: BaseException | None) -> None:
    """What the thread says from now on belongs to no request."""
    _here.work = None


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    work = getattr(_here, "work", None)
    if work is not None and not statement.startswith(HOUSEKEEPING):
        work.queries += 1


def told_address() -> str:
    """`/vouchers/12/approve`: the rule, with what is a number in it. `/answers/<token>` stays as it is."""
    if request.url_rule is None:
        return "(no page)"
    told = request.url_rule.rule
    for name, value in (request.view_args or {}).items():
        if type(value) is int:
            told = told.replace(f"<int:{name}>", str(value))
    return told


def person_id() -> int | None:
    """Of whoever is signed in, where that is known already: a line never asks the database."""
    user = g.get("_login_user") if has_app_context() else None
    state = inspect(user, raiseerr=False) if user is not None else None
    identity = getattr(state, "identity", None)
    return int(identity[0]) if identity else None


# How a line looks


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What is known of a line, in the order in which it is written; nothing empty."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    known = {"time": at, "level": record.levelname, "request": request_id(), "person": person_id()}
    known |= {"message": record.getMessage(), **getattr(record, "facts", {})}
    if record.exc_info and record.exc_info[0] is not None:
        known["error"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
    return {name: value for name, value in known.items() if value not in (None, "")}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """`2027-03-01T09:00:00.123Z INFO a1b2c3d4 person 12: GET /vouchers/12 (status 200, 34 ms, 12 queries)`"""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        person = f" person {facts['person']}" if "person" in facts else ""
        whose = f" {facts['request']}{person}:" if "request" in facts else ""
        rest = f" (status {facts['status']}, {facts['ms']} ms, {facts['queries']} queries)" if "status" in facts else ""
        said = f"{facts['time']} {facts['level']}{whose} {in_one_line(facts.get('message', ''))}{rest}"
        return "\n  ".join([said, *facts.get("error", "").splitlines()])


def in_one_line(text: str) -> str:
    """No line can be made to look like two: whatever ends one is written as what it is."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def write(form: str, level: str) -> None:
    """From now on this process writes its log to its standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.handlers[:] = []  # Flask's own
    log.setLevel(level.upper())
    for name in ("apscheduler", "sqlalchemy.pool"):  # that a job still runs, that a dead connection cannot be rolled back
        logging.getLogger(name).setLevel(logging.CRITICAL)


def formatter(form: str) -> logging.Formatter:
    return JsonLines() if form == "json" else TextLines()


# The same trouble again and again


@dataclass
class Trouble:
    """When it was first and last seen and last written, in seconds; how many lines were left out since."""

    first: float
    seen: float
    written: float
    left_out: int = 0


class Seldom:
    """Which lines about the same trouble are written: the first, and one a minute, with how many were left out.

    A stopped database would make a hundred every five seconds."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._lock = Lock()
        self._troubles: dict[str, Trouble] = {}

    def left_out(self, trouble: str) -> int | None:
        """How many lines were left out before this one; None if this one is left out too."""
        with self._lock:
            now = self.seconds()
            known = self._troubles.setdefault(trouble, Trouble(now, now, now - EACH))
            known.seen = now
            if now - known.written < EACH:
                known.left_out += 1
                return None
            count, known.left_out, known.written = known.left_out, 0, now
            return count

    def over(self) -> dict[str, float]:
        """The troubles that have not been seen for a while, with how many seconds they lasted: they are forgotten.

        A connection of before may still answer while new ones are refused: that alone ends no trouble."""
        if not self._troubles:
            return {}
        with self._lock:
            now = self.seconds()
            ended = {trouble: now - known.first for trouble, known in self._troubles.items() if now - known.seen >= QUIET}
            for trouble in ended:
                del self._troubles[trouble]
            return ended


SELDOM = Seldom()  # of this process


def tell_what_is_over() -> None:
    """The database has answered."""
    for trouble, seconds in SELDOM.over().items():
        log.info("The database answers again: %s for %d seconds", trouble, seconds)
