"""Accounts with passwords, many of them."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from mobility.accounts import passwords


@pytest.fixture(autouse=True, scope="module")
def _quick_passwords() -> Iterator[None]:
    """argon2id with the least work there is; with what is demanded of it: tests/integration/test_passwords.py."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_of_nobody", hasher.hash("nobody has this password"))
        yield
