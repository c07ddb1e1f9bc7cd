"""Keeping files: a folder, and any store that speaks S3 (moto's server stands for one)."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

from mobility.uploads import files
from mobility.uploads.files import Store, Unavailable
from tests.support.s3 import running_bucket
from tests.support.stored import newest


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The application's store, of both kinds."""
    app = Flask(__name__)
    with ExitStack() as at_the_end:
        if request.param == "folder":
            app.config["FILES_URL"] = tmp_path.joinpath("kept here").as_uri()
        else:
            app.config["FILES_URL"], _ = at_the_end.enter_context(running_bucket(monkeypatch))
        at_the_end.enter_context(app.app_context())
        yield files.store()


def test_what_is_kept_comes_back(store: Store) -> None:
    key, other = store.save(b"a ticket\x00"), store.save(b"a ticket\x00")
    assert key != other
    assert store.read(key) == store.read(other) == b"a ticket\x00"


def test_what_was_deleted_is_gone(store: Store) -> None:
    key = store.save(b"a ticket")
    store.delete(key)
    store.delete(key)
    with pytest.raises(Unavailable):
        store.read(key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 31 + "/", "a" * 33])
def test_nothing_but_a_key_of_ours_becomes_a_path(store: Store, key: str) -> None:
    for act in (store.read, store.delete):
        with pytest.raises(ValueError, match="Not a key of ours"):
            act(key)


def test_files_that_no_row_names_go_after_a_day(store: Store, clock: ModuleType) -> None:
    named, orphan = store.save(b"named"), store.save(b"orphan")
    clock.set_to(newest(store))
    assert files.sweep(lambda keys: {named}) == 0  # its transaction may not be over yet
    clock.set_to(clock.utc_now() + timedelta(days=1, minutes=1))
    young = Store(store.filesystem, store.root)  # as another process would see it
    assert sorted(young.old_keys(clock.utc_now() - timedelta(days=1))) == sorted([named, orphan])
    assert files.sweep(lambda keys: {named}.intersection(keys)) == 1
    assert store.read(named) == b"named"
    with pytest.raises(Unavailable):
        store.read(orphan)
    assert files.sweep(lambda keys: {named}) == 0


def test_sweeping_an_empty_store_is_no_fault(store: Store) -> None:
    assert files.sweep(lambda keys: ()) == 0


def test_nobody_else_on_the_machine_looks_into_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    app = Flask(__name__)
    app.config["FILES_URL"] = folder.as_uri()
    with app.app_context():
        files.store()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_store_that_does_not_answer_is_said_to_be_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask(__name__)
    with running_bucket(monkeypatch) as (url, _):
        app.config["FILES_URL"] = url
        with app.app_context():
            key = files.store().save(b"a ticket")
    with app.app_context():  # the server is gone
        with pytest.raises(Unavailable):
            files.store().save(b"another")
        with pytest.raises(Unavailable):
            files.store().read(key)
