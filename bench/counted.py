"""The application as it is, but each answer says in `X-Queries` how many statements it took."""

from threading import local
from typing import Any

from sqlalchemy import Engine, event

from tests.support.queries import HOUSEKEEPING
from wsgi import app

_this_thread = local()


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not statement.startswith(HOUSEKEEPING):
        _this_thread.queries = getattr(_this_thread, "queries", 0) + 1


class Counted:
    """WSGI middleware: one thread answers a request from its first query to its last."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        _this_thread.queries = 0

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Queries", str(_this_thread.queries))], *rest)

        return self.answer(environ, start)


counted = Counted(app)
