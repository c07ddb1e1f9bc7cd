"""Where secrets come from, and that what is sealed cannot be changed."""

import secrets
from typing import Any

import pytest

from mobility.accounts import operations
from mobility.factors import operations as factors
from mobility.factors.rules import new_recovery_codes
from mobility.factors.sealing import new_challenge, seal, unseal
from tests.support.factors import enter

BITS_128 = 16  # bytes


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were taken from the system's source, each time."""
    sizes: list[int] = []
    real = secrets.token_bytes

    def draw(size: int | None = None) -> bytes:
        sizes.append(size or 0)
        return real(size)

    monkeypatch.setattr(secrets, "token_bytes", draw)
    return sizes


def test_a_session_a_link_and_a_question_to_a_passkey_have_128_bits(
    client: Any, ana: Any, db_session: Any, drawn: list[int]
) -> None:
    enter(client, ana)
    assert max(drawn) >= BITS_128, "the session"
    for make in (lambda: operations.make_link(ana), lambda: new_challenge("sign in", ana.id)):
        drawn.clear()
        make()
        assert max(drawn) >= BITS_128


def test_an_app_s_secret_and_recovery_codes_come_from_the_system(
    app: Any, db_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dry(Exception):
        pass

    def dry(*_: Any) -> Any:
        raise Dry

    monkeypatch.setattr("os.urandom", dry)
    monkeypatch.setattr("random._urandom", dry)
    for make in (factors.new_secret, new_recovery_codes):
        with pytest.raises(Dry):
            make()


def test_what_is_sealed_cannot_be_changed(app: Any, db_session: Any) -> None:
    """Version 0x80 is AES-128-CBC with HMAC-SHA-256; whatever sign is another, it opens no more."""
    sealed = seal("JBSWY3DPEHPK3PXP")
    assert sealed.startswith("gAAAA")
    assert unseal(sealed) == "JBSWY3DPEHPK3PXP"
    whole = sealed.rstrip("=")
    for place in range(0, len(whole) - 1, 7):
        changed = "A" if whole[place] != "A" else "B"
        assert unseal(sealed[:place] + changed + sealed[place + 1 :]) is None, place
    assert unseal(sealed[:-8]) is None
    assert seal("JBSWY3DPEHPK3PXP") != sealed, "a vector of its own each time"
