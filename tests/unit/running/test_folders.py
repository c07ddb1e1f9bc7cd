"""Folders that cannot be written are named at the start, not when the first person saves something."""

import sqlite3
from pathlib import Path

import pytest

import config

KEY = {"SECRET_KEY": "c2f7a8e19d04b6537f8e2a91d4c05b76"}
READ_ONLY = "/proc/sys"  # nobody writes there, root neither


def refusals(**settings: str) -> str:
    with pytest.raises(config.InvalidSettings) as caught:
        config.from_env(KEY | settings)
    return str(caught.value)


def test_files(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/mobility.db"
    said = refusals(DATABASE_URL=database, FILES_URL=f"file://{READ_ONLY}")
    assert f"FILES_URL: this user cannot write {READ_ONLY}: give it to the user who runs Mobility (chown)" in said
    config.from_env(KEY | {"DATABASE_URL": database, "FILES_URL": f"file://{tmp_path}/not%20there/yet"})
    assert not (tmp_path / "not there").exists(), "it is made when the first file is kept"


def test_database(tmp_path: Path) -> None:
    said = refusals(DATABASE_URL=f"sqlite:///{READ_ONLY}/mobility.db", FILES_URL=f"file://{tmp_path}")
    assert said.endswith(f"DATABASE_URL: this user cannot write {READ_ONLY}: give it to the user who runs Mobility (chown)")


def test_a_file_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mobility.db"
    sqlite3.connect(file).close()
    file.touch()
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != file)
    assert f"this user cannot write {file}" in refusals(DATABASE_URL=f"sqlite:///{file}", FILES_URL=f"file://{tmp_path}")


def test_the_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any setting everything is in instance/."""
    monkeypatch.setattr(config, "INSTANCE", Path(READ_ONLY) / "instance")
    said = config_without_anything()
    assert "SECRET_KEY: is not set, and /proc/sys/instance/secret_key cannot be kept or read" in said
    assert "DATABASE_URL: there is no folder /proc/sys/instance" in said


def config_without_anything() -> str:
    with pytest.raises(config.InvalidSettings) as caught:
        config.from_env({})
    return str(caught.value)
