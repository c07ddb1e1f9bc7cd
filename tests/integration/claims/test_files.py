"""The check of evidence: a file that is missing, or is another by now, is named; in a folder and in an S3 store."""

from typing import Any

import pytest
from flask import Flask

from mobility.claims.checks import check_files
from mobility.uploads import files
from tests.support.cases import make_case
from tests.support.s3 import running_bucket


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_missing_and_changed_files_are_named(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    if kind == "folder":
        _named()
        return
    with running_bucket(monkeypatch) as (url, _):
        monkeypatch.setitem(app.config, "FILES_URL", url)
        _named()


def _named() -> None:
    whole, gone, other = (make_case("full").take_to("claimed") for _ in range(3))
    assert list(check_files()) == []
    store = files.store()
    (lost,), (changed,) = gone.claim.evidence, other.claim.evidence
    store.delete(lost.key)
    content = store.read(changed.key)
    store.filesystem.pipe_file(store.path(changed.key), bytes([content[0] ^ 1]) + content[1:])  # as long as before
    name = "“boarding pass.pdf”"
    assert list(check_files()) == [
        f"Voucher {gone.id}: its evidence {lost.id}, {name}, is not in the store, or cannot be read there: {lost.key}.",
        f"Voucher {other.id}: its evidence {changed.id}, {name}, has changed since it was handed in: {changed.key}.",
    ]
    store.filesystem.pipe_file(store.path(changed.key), content)
    store.filesystem.pipe_file(store.path(lost.key), store.read(whole.claim.evidence[0].key))
    assert list(check_files()) == []


def test_the_command_names_them_and_ends_with_1(app: Flask, db_session: Any) -> None:
    voucher = make_case("full").take_to("claimed")
    db_session.commit()
    (file,) = voucher.claim.evidence
    files.store().delete(file.key)
    found = app.test_cli_runner().invoke(args=["check-ledger"])
    assert (found.exit_code, f"its evidence {file.id}" in found.output) == (1, True)
    found = app.test_cli_runner().invoke(args=["check-ledger", "--without-files"])
    assert (found.exit_code, found.output) == (0, "The ledger is in order.\n")
