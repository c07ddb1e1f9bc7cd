"""Without the token of its page no form is taken, at any address."""

from typing import Any

from flask import Flask

from tests.support.factories import make_user, sign_in
from tests.support.routes import nowhere, rules

ONE_CLICK = {"mailings.stop"}  # mail programs send it (RFC 8058); the link's own secret is the proof


def test_no_form_is_taken_without_its_token(app: Flask, db_session: Any) -> None:
    client = app.test_client()
    sign_in(client, make_user(is_administrator=True))
    answers = {
        rule.rule: client.post(nowhere(app, rule), data={"csrf_token": ""}).status_code
        for rule in rules(app, "POST")
        if rule.endpoint not in ONE_CLICK
    }
    assert len(answers) > 150
    assert {rule: status for rule, status in answers.items() if status != 400} == {}
