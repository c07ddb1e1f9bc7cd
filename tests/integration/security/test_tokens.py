"""Without the token of its page no form is taken, at any address; nor one that is too large to be read."""

from typing import Any

import pytest
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


def test_a_request_that_is_too_large_is_told_so_at_every_address(app: Flask, db_session: Any) -> None:
    client = app.test_client()
    sign_in(client, make_user(is_administrator=True))
    too_large = {"CONTENT_LENGTH": str(10**12)}
    answers = {rule.rule: client.post(nowhere(app, rule), environ_overrides=too_large).status_code for rule in rules(app, "POST")}
    assert {rule: status for rule, status in answers.items() if status not in {404, 413}} == {}
    assert answers["/register"] == answers["/join/new"] == 413


@pytest.mark.parametrize("address", ["/register", "/sign-in"])
def test_whoever_goes_before_all_was_sent_is_no_fault_of_ours(app: Flask, db_session: Any, address: str) -> None:
    answer = app.test_client().post(address, environ_overrides={"CONTENT_LENGTH": "50000"})
    assert answer.status_code == 400
