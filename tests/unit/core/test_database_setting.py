"""DATABASE_URL: what opens no database is refused in words, before anything starts."""

from pathlib import Path

import pytest

import config

REST = {"SECRET_KEY": "of the tests, and of nothing else"}


def test_a_fresh_clone_gets_the_folder_of_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where SECRET_KEY is set, so that no key is kept in that folder."""
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")
    assert config.from_env(REST)["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/instance/mobility.db"
    assert (tmp_path / "instance").stat().st_mode & 0o777 == 0o700  # it holds bank accounts


def test_a_folder_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    """A disk that is not mounted must not look like an empty database."""
    folder = tmp_path / "not" / "mounted"
    with pytest.raises(config.InvalidSettings, match=f"DATABASE_URL: there is no folder {folder} that this user may enter"):
        config.from_env(REST | {"DATABASE_URL": f"sqlite:///{folder}/mobility.db"})
    assert not folder.exists()


def test_a_file_in_a_folder_that_is_there_is_taken(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mobility.db"
    assert config.from_env(REST | {"DATABASE_URL": url})["SQLALCHEMY_DATABASE_URI"] == url


def test_the_driver_of_postgresql_is_ours_to_name() -> None:
    settings = config.from_env(REST | {"DATABASE_URL": "postgresql://user:password@host/name"})
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://user:password@host/name"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql://", "mobility.db"])
def test_what_is_no_database(url: str) -> None:
    with pytest.raises(config.InvalidSettings, match=r"DATABASE_URL: must be like sqlite:////var/lib/mobility\.db or"):
        config.from_env(REST | {"DATABASE_URL": url})


@pytest.mark.parametrize("url", ["sqlite:///{folder}/mobility.db", "postgresql://host/name"])
def test_a_free_connection_is_waited_for_as_long_as_a_statement(tmp_path: Path, url: str) -> None:
    settings = config.from_env(REST | {"DATABASE_URL": url.format(folder=tmp_path), "DATABASE_TIMEOUT": "7"})
    assert (settings["DATABASE_TIMEOUT"], settings["SQLALCHEMY_ENGINE_OPTIONS"]["pool_timeout"]) == (7, 7)
