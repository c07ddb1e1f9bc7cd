"""A test client that behaves like a browser somewhere else, and that notices what a request forgot to commit, and a page
that was rendered, or a notice that was given, while a transaction was open.
"""

from collections.abc import Callable
from contextvars import Context
from hashlib import sha1
from os import urandom
from typing import Any

from flask import Flask, before_render_template, has_app_context, message_flashed, request
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.test import TestResponse

from mobility.core.database import db, is_writing
from mobility.people.models import User

UNCOMMITTED = "uncommitted"
FAULTS = "faults of the request"
TOKEN, HEADER = "csrf_token", "X-CSRFToken"
Visitor = Callable[[User], "Client"]  # the fixture `visitor`


class Client(FlaskClient):
    """Each request has a context of its own: the session, `g` and the signed-in user of the test are not its own.

    What the test's session holds is committed first, so that the request sees it; afterwards it is read again.

    A form is sent with the token that its page had. A test that opened no page, or names no token, sends the one that any page
    of this browser's session would have; without one it sends `csrf_token=""`.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method") == "POST":
            self._add_token(kwargs)
        commit_what_the_test_holds()
        faults: list[str] = self.application.extensions[FAULTS]
        faults.clear()
        response = Context().run(super().open, *args, **kwargs)
        assert not faults, "; ".join(faults)
        assert_forms_have_their_token(response)
        return response

    def token(self) -> str:
        """The token that protects the forms of this browser's session."""
        with self.session_transaction() as cookie:
            secret = cookie.setdefault(TOKEN, sha1(urandom(64)).hexdigest())
        return URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token").dumps(secret)

    def other_tab(self) -> "Client":
        """With the cookies that this one has now."""
        tab: Client = self.application.test_client()
        tab._cookies = dict(self._cookies)
        return tab

    def _add_token(self, sent: dict[str, Any]) -> None:
        """Into the form; where a test wrote the body by itself, where a script would put it."""
        data = sent.get("data")
        if isinstance(data, str | bytes):
            sent["headers"] = {HEADER: self.token(), **(sent.get("headers") or {})}
        elif TOKEN not in (data or {}):
            sent["data"] = data.copy() if data else {}
            sent["data"][TOKEN] = self.token()


def assert_forms_have_their_token(response: TestResponse) -> None:
    """On whatever page a test comes to: without it, nobody could send the form."""
    if response.mimetype == "text/html":
        forms, tokens = (response.text.count(words) for words in ('method="post"', f'name="{TOKEN}"'))
        assert forms == tokens, f"{response.request.path} has {forms} forms to send, and {tokens} tokens"


def commit_what_the_test_holds() -> None:
    if has_app_context():
        db.session.commit()


def watch(app: Flask) -> None:
    """Note each request of `app` that leaves changes in its session, or renders a page inside `transaction()`.

    Mails are no pages: they are written inside on purpose, with an environment of their own (notifications/rendering.py), so
    that one commit stores them with the act. To be called before the first request.
    """
    faults: list[str] = app.extensions.setdefault(FAULTS, [])
    app.test_client_class = Client

    def look_at_page(_app: Flask, template: Any, **_rest: Any) -> None:
        if is_writing():
            faults.append(f"{request.method} {request.path} rendered {template.name} inside a transaction")

    before_render_template.connect(look_at_page, app, weak=False)

    def look_at_notice(_app: Flask, message: str, **_rest: Any) -> None:
        if is_writing():
            faults.append(f"{request.method} {request.path} says before the commit: {message}")

    message_flashed.connect(look_at_notice, app, weak=False)

    @app.teardown_request
    def look(_error: BaseException | None) -> None:
        held = db.session()
        changed = [*held.new, *held.deleted, *(each for each in held.dirty if held.is_modified(each))]
        if changed or held.info.pop(UNCOMMITTED, False):
            what = changed or "flushed, not committed"
            faults.append(f"{request.method} {request.path} changed something outside a transaction ({what})")


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
