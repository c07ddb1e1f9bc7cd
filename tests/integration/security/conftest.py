"""Accounts with passwords, and a telephone."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from mobility.accounts import passwords
from mobility.people.models import User
from tests.support.factories import make_user, sign_in
from tests.support.factors import PASSWORD, Telephone, set_up_app


@pytest.fixture(autouse=True, scope="module")
def _quick_passwords() -> Iterator[None]:
    """argon2id with the least work there is; with what is demanded of it: tests/integration/test_passwords.py."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_of_nobody", hasher.hash("nobody has this password"))
        yield


@pytest.fixture
def ana(db_session: Any) -> User:
    return make_user(email="ana@example.org", name="Ana Kovač", password_hash=passwords.hash_of(PASSWORD))


@pytest.fixture
def telephone(client: Any, ana: User, clock: Any) -> Telephone:
    """Ana's, set up; she is signed out again."""
    sign_in(client, ana)
    found = set_up_app(client)
    client.post("/sign-out")
    clock.move(minutes=1)
    return found
