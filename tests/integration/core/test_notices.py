"""Notices wait in the session's cookie until a page shows them (core/web.py)."""

from secrets import token_hex

import pytest
from flask import Flask, flash, get_flashed_messages, session

from mobility.core.web import NOTICES

COOKIE = 4093  # bytes that every browser keeps


@pytest.mark.databases("sqlite")  # no database is asked
def test_whoever_acts_often_without_looking_at_a_page_keeps_the_session(app: Flask) -> None:
    told = [token_hex(100) for _ in range(60)]  # no two alike, so that compressing does not help
    with app.test_request_context():
        for each in told:
            flash(each)
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        assert len(serializer.dumps(dict(session))) < COOKIE
        assert get_flashed_messages() == told[-NOTICES:]
