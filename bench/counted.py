"""The application as it is, but each answer says in `X-Queries` how many statements it took."""

from threading import local
from typing import Any

from flask import Flask, Response
from sqlalchemy import Engine, event

from tests.support.queries import HOUSEKEEPING
from wsgi import app as app

_here = local()


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not statement.startswith(HOUSEKEEPING):
        _here.queries = getattr(_here, "queries", 0) + 1


class Counted:
    """WSGI: one request is one thread's from the first query to the last."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        _here.queries = 0

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Queries", str(_here.queries))], *rest)

        return self.inner(environ, start)


assert isinstance(app, Flask)
app.wsgi_app = Counted(app.wsgi_app)  # type: ignore[method-assign]
_ = Response
