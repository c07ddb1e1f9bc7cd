"""A test client that behaves like a browser somewhere else, and that notices what a request forgot to commit."""

from collections.abc import Callable
from contextvars import Context
from typing import Any

from flask import Flask, has_app_context, request
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.test import TestResponse

from mobility.core.database import db
from mobility.people.models import User

UNCOMMITTED = "uncommitted"
Visitor = Callable[[User], "Client"]  # the fixture `visitor`


class Client(FlaskClient):
    """Each request has a context of its own: the session, `g` and the signed-in user of the test are not its own.

    What the test's session holds is committed first, so that the request sees it; afterwards it is read again.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        commit_what_the_test_holds()
        left: list[str] = self.application.extensions[UNCOMMITTED]
        left.clear()
        response = Context().run(super().open, *args, **kwargs)
        assert not left, f"These requests changed something outside a transaction: {', '.join(left)}"
        return response


def commit_what_the_test_holds() -> None:
    if has_app_context():
        db.session.commit()


def watch(app: Flask) -> None:
    """Note each request of `app` that leaves changes in its session. To be called before the first request."""
    left: list[str] = app.extensions.setdefault(UNCOMMITTED, [])
    app.test_client_class = Client

    @app.teardown_request
    def look(_error: BaseException | None) -> None:
        held = db.session()
        changed = [*held.new, *held.deleted, *(each for each in held.dirty if held.is_modified(each))]
        if changed or held.info.pop(UNCOMMITTED, False):
            left.append(f"{request.method} {request.path} ({changed or 'flushed, not committed'})")


def _note(held: Session, *_rest: Any) -> None:
    held.info[UNCOMMITTED] = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _note(state.session)


def _forget(held: Session) -> None:
    held.info.pop(UNCOMMITTED, None)


LISTENERS: dict[str, Callable[..., None]] = {
    "after_flush": _note,
    "do_orm_execute": _note_statement,
    "after_commit": _forget,
    "after_rollback": _forget,
}
for name, listener in LISTENERS.items():
    event.listen(Session, name, listener)
