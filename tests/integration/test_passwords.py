"""How passwords are kept."""

from mobility.accounts import passwords


def test_argon2id_as_decided() -> None:
    assert passwords.hash_of("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
