"""Keeping files: a folder, and any store that speaks S3 (moto's server stands for one)."""

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from mobility.core import files
from mobility.core.files import FileIsGone, Store
from tests.support.smtp import free_port

BUCKET = "evidence"
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a store that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The application's store, of both kinds."""
    url = tmp_path.joinpath("kept here").as_uri() if request.param == "folder" else _bucket(request, monkeypatch)
    app = Flask(__name__)
    app.config["FILES_URL"] = url
    with app.app_context():
        yield files.store()


def _bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    endpoint = request.getfixturevalue("s3")
    for name, value in {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client: Any = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    request.addfinalizer(lambda: _remove(client))
    return f"s3://{BUCKET}/of/tests?endpoint_url={endpoint}"


def _remove(client: Any) -> None:
    for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=each["Key"])
    client.delete_bucket(Bucket=BUCKET)


def test_what_is_kept_comes_back(store: Store) -> None:
    key, other = store.save(b"a ticket\x00"), store.save(b"a ticket\x00")
    assert key != other
    assert store.read(key) == store.read(other) == b"a ticket\x00"


def test_what_was_deleted_is_gone(store: Store) -> None:
    key = store.save(b"a ticket")
    store.delete(key)
    store.delete(key)
    with pytest.raises(FileIsGone):
        store.read(key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 31 + "/", "a" * 33])
def test_nothing_but_a_key_of_ours_becomes_a_path(store: Store, key: str) -> None:
    for act in (store.read, store.delete):
        with pytest.raises(ValueError, match="Not a key of ours"):
            act(key)


def test_files_that_no_row_names_go_after_a_day(store: Store, clock: ModuleType) -> None:
    clock.set_to(None)  # what the stores write down is the real time
    named, orphan = store.save(b"named"), store.save(b"orphan")
    assert files.sweep(lambda keys: {named}) == 0  # its transaction may not be over yet
    clock.set_to(clock.utc_now() + timedelta(days=1, minutes=1))
    young = Store(store.filesystem, store.root)  # as another process would see it
    assert sorted(young.old_keys(clock.utc_now() - timedelta(days=1))) == sorted([named, orphan])
    assert files.sweep(lambda keys: {named}.intersection(keys)) == 1
    assert store.read(named) == b"named"
    with pytest.raises(FileIsGone):
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
