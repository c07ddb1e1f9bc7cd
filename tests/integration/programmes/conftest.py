"""What the tests of the programmes' pages share."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from mobility.people.models import User
from tests.factories import sign_in
from tests.support.client import Client


@pytest.fixture
def visitor(app: Flask, db_session: Any) -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def open_for(user: User) -> Client:
        client = app.test_client()
        sign_in(client, user)
        return client

    return open_for
