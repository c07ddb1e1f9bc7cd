"""What would be dangerous is refused before anything starts."""

import os
from pathlib import Path

import pytest

import config

REST = {"SECRET_KEY": "of the tests, and of nothing else", "DATABASE_URL": "postgresql://localhost/any"}
PUBLIC = REST | {"BASE_URL": "https://mobility.example.org"}


@pytest.mark.parametrize(
    "key",
    [
        "changemechangeme",
        "password12345678",
        "my-secret-key-1234",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "qwertyuiopasdfgh",
        "development-key!",
        "short",
    ],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_a_key_that_can_be_guessed_is_refused(name: str, key: str) -> None:
    with pytest.raises(config.InvalidSettings, match=f"{name}: must have at least 16 characters that nobody guesses"):
        config.from_env(REST | {name: key})


@pytest.mark.parametrize("key", ["bf51d982c5df1d11", "00a59a28a26225d3f57b1718f1f959884dec0498ba4759670c57257ee6acc5b4"])
def test_a_key_by_chance_is_taken(key: str) -> None:
    assert config.from_env(REST | {"SECRET_KEY": key})["SECRET_KEY"] == key


def test_a_demonstration_in_public_is_said_twice() -> None:
    with pytest.raises(
        config.InvalidSettings, match=r"DEMO: at https://mobility\.example\.org everybody could sign in as anybody"
    ):
        config.from_env(PUBLIC | {"DEMO": "1"})
    assert config.from_env(PUBLIC | {"DEMO": "1", "DEMO_IN_PUBLIC": "1"})["DEMO"] is True
    assert config.from_env(REST | {"DEMO": "1"})["DEMO"] is True
    assert config.from_env(PUBLIC | {"DEMO_IN_PUBLIC": "1"})["DEMO"] is False


def test_the_cookie_of_a_public_site_is_its_hosts_alone() -> None:
    public, local = config.from_env(PUBLIC), config.from_env(REST)
    assert (public["SESSION_COOKIE_NAME"], public["SESSION_COOKIE_SECURE"]) == ("__Host-mobility", True)
    assert (local["SESSION_COOKIE_NAME"], local["SESSION_COOKIE_SECURE"]) == ("mobility", False)


def test_hosts_are_known_in_lower_case() -> None:
    assert config.from_env(REST | {"TRUSTED_HOSTS": "Mobility.Example.ORG"})["TRUSTED_HOSTS"] == ["mobility.example.org"]


def test_who_is_told_of_a_weakness() -> None:
    assert config.from_env(PUBLIC)["SECURITY_CONTACT"] == "mailto:security@mobility.example.org"
    assert (
        config.from_env(PUBLIC | {"SECURITY_CONTACT": "https://example.org/report"})["SECURITY_CONTACT"]
        == "https://example.org/report"
    )
    for wrong in ("security@example.org", "http://example.org", "mailto:a\nb"):
        with pytest.raises(config.InvalidSettings, match="SECURITY_CONTACT: must be like"):
            config.from_env(PUBLIC | {"SECURITY_CONTACT": wrong})


def test_a_database_that_is_there_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing it would take the locks of this process's connections, and two writers would spoil it."""
    path = tmp_path / "mobility.db"
    path.touch()
    opened: list[str] = []
    opens = os.open

    def watched(name: str, *rest: int) -> int:
        descriptor = opens(name, *rest)
        opened.append(str(name))
        return descriptor

    monkeypatch.setattr(os, "open", watched)
    config.from_env(REST | {"DATABASE_URL": f"sqlite:///{path}"})
    assert str(path) not in opened


def test_nobody_else_on_the_machine_reads_the_database(tmp_path: Path) -> None:
    earlier = os.umask(0o022)
    try:
        config.from_env(REST | {"DATABASE_URL": f"sqlite:///{tmp_path}/mobility.db"})
    finally:
        os.umask(earlier)
    assert (tmp_path / "mobility.db").stat().st_mode & 0o777 == 0o600
