"""Somebody with the database's password changes the audit log, its triggers out of the way: check-audit says what and where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from mobility.audit import checks, heads
from mobility.audit.chain import TABLE, hash_of
from mobility.audit.operations import explain_restore, record
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.uploads import files

RENAMED = "UPDATE audit_entry SET about = 'nobody' WHERE id = 3"


@pytest.fixture(autouse=True)
def folder(app: Flask, db_session: Any, tmp_path: Path) -> Path:
    """Where the heads are; entries 1 to 4 are of 1 March, then a head, 5 and 6 of the day after, then another head."""
    app.config["AUDIT_HEADS"] = tmp_path.as_uri()
    write("1", "2", "3", "4")
    heads.write()
    clock.move(days=1)
    write("5", "6")
    heads.write()
    return tmp_path


def write(*abouts: str) -> None:
    for about in abouts:
        with transaction():
            record("role_ended", by=None, about=about)


@pytest.fixture
def tamper(database_kind: str) -> Callable[..., None]:
    """Runs statements that the triggers would refuse, and puts these back: the tables are made once for all tests."""

    def run(*statements: str) -> None:
        db.session.rollback()
        with db.engine.begin() as connection:
            if database_kind == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                triggers: list[Any] = []
            else:
                found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
                triggers = list(connection.execute(text(found)))
            for name, _sql in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                connection.execute(text(statement))
            for _name, sql in triggers:
                connection.execute(text(sql))

    return run


def wrong() -> list[str]:
    db.session.rollback()
    return checks.check().wrong


def hash_it_again(number: int) -> str:
    """The statement that gives an entry the hash of what it is now."""
    db.session.rollback()
    row = db.session.execute(TABLE.select().where(TABLE.c.id == number)).one()
    return f"UPDATE audit_entry SET hash = '{hash_of(row._asdict())}' WHERE id = {number}"


def test_an_untouched_log_is_in_order() -> None:
    found = checks.check()
    assert (found.wrong, found.entries, [head.day for head in found.heads]) == ([], 6, ["2027-03-01", "2027-03-02"])


@pytest.mark.parametrize(
    "change",
    [
        "about = 'nobody'",
        "act = 'role_left'",
        "at = '2027-02-01 09:00:00'",
        "by_id = 7",
        "by_name = 'Ana'",
        "programme_id = 1",
        "organisation_id = 1",
        "person_id = 1",
        "network = '10.0.0.0/24'",
        "before = '{\"days\": 3}'",
        "after = '{\"days\": 3}'",
    ],
)
def test_a_changed_entry_is_named(tamper: Callable[..., None], change: str) -> None:
    tamper(f"UPDATE audit_entry SET {change} WHERE id = 3")
    (problem,) = wrong()
    assert problem.startswith("Entry 3 (2027-0")
    assert problem.endswith("has been changed since it was written.")


def test_the_sentence_says_when_and_what(tamper: Callable[..., None]) -> None:
    tamper(RENAMED)
    assert wrong() == ["Entry 3 (2027-03-01 09:00 UTC, “Ended a role”) has been changed since it was written."]


def test_one_changed_with_its_hash_no_longer_carries_the_next(tamper: Callable[..., None]) -> None:
    tamper(RENAMED)
    tamper(hash_it_again(3))
    assert wrong() == [
        "Entry 4 (2027-03-01 09:00 UTC, “Ended a role”) does not follow entry 3, as it was: "
        "one of the two is in the place of another."
    ]


def test_a_chain_that_was_written_anew_does_not_fit_the_heads(tamper: Callable[..., None]) -> None:
    """What nobody could see in the database alone."""
    tamper(RENAMED)
    tamper(hash_it_again(3))
    for number in (4, 5, 6):
        tamper(
            f"UPDATE audit_entry SET earlier_hash = (SELECT hash FROM audit_entry WHERE id = {number - 1}) WHERE id = {number}"
        )
        tamper(hash_it_again(number))
    assert wrong() == [
        "The head of 2027-03-01 was written with another entry 4: what was there until then has been written anew.",
        "The head of 2027-03-02 was written with another entry 6: what was there until then has been written anew.",
    ]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("id = 3", "Entry 3 is missing: deleted from the database."),
        ("id IN (2, 3)", "Entries 2 to 3 are missing: deleted from the database."),
        ("id = 1", "Entry 1 is missing: deleted from the database."),
    ],
)
def test_deleted_entries_are_missed(tamper: Callable[..., None], where: str, sentence: str) -> None:
    tamper(f"DELETE FROM audit_entry WHERE {where}")
    assert wrong() == [sentence]


def test_a_gap_that_is_numbered_away_is_seen(tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM audit_entry WHERE id = 3", *(f"UPDATE audit_entry SET id = {n - 1} WHERE id = {n}" for n in (4, 5, 6)))
    assert len(found := wrong()) > 3
    assert "Entry 3 (2027-03-01 09:00 UTC, “Ended a role”) does not follow entry 2" in found[0]


def test_a_deleted_end_is_missed_by_the_head(tamper: Callable[..., None]) -> None:
    """Also when others have been written since, under the same numbers."""
    tamper("DELETE FROM audit_entry WHERE id > 4")
    assert wrong() == [
        "The head of 2027-03-02 was written when there were 6 entries; there are 4 now: the newest 2 were deleted, "
        "or an older database was put in this one's place."
    ]
    write("other 5", "other 6", "7")
    assert wrong() == [
        "The head of 2027-03-02 was written with another entry 6: what was there until then has been written anew."
    ]


def test_all_deleted_is_seen(tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM audit_entry")
    assert [each.split(":")[0] for each in wrong()] == [
        "The head of 2027-03-01 was written when there were 4 entries; there are 0 now",
        "The head of 2027-03-02 was written when there were 6 entries; there are 0 now",
    ]


def test_entries_in_each_others_place_are_seen(tamper: Callable[..., None]) -> None:
    tamper(*(f"UPDATE audit_entry SET id = {new} WHERE id = {old}" for old, new in ((2, 99), (3, 2), (99, 3))))
    assert [each.split(" (")[0] for each in wrong() if "changed since" in each] == ["Entry 2", "Entry 3"]


def test_an_entry_put_before_the_first_is_seen(tamper: Callable[..., None]) -> None:
    columns = ", ".join(f'"{column.name}"' for column in TABLE.columns if column.name != "id")
    tamper(f"INSERT INTO audit_entry (id, {columns}) SELECT 0, {columns} FROM audit_entry WHERE id = 1")
    assert wrong() == ["Entry 0 (2027-03-01 09:00 UTC, “Ended a role”) was put in: entries are numbered from 1."]


@pytest.mark.databases("sqlite")  # PostgreSQL has no such value
def test_a_value_that_nobody_can_read_is_said(tamper: Callable[..., None]) -> None:
    tamper("UPDATE audit_entry SET at = 'yesterday' WHERE id = 3")
    assert wrong()[0] == "What follows entry 2 cannot be read: it has a value that nobody wrote."


# The heads


def test_a_day_has_one_head_whose_file_names_nobody(folder: Path) -> None:
    assert heads.write() is None
    assert sorted(each.name for each in folder.iterdir()) == ["audit-head-2027-03-01.json", "audit-head-2027-03-02.json"]
    kept = json.loads((folder / "audit-head-2027-03-02.json").read_text())
    assert sorted(kept) == ["at", "day", "entries", "hash", "signature"]
    assert (kept["day"], kept["entries"]) == ("2027-03-02", 6)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read: it is damaged, or no head at all."),
        (b"\xff\xfe", "cannot be read: it is damaged, or no head at all."),
        (b"[]", "cannot be read: it is damaged, or no head at all."),
        (b'{"day": "2027-03-02", "signature": "0"}', "cannot be read: it is damaged, or no head at all."),
    ],
)
def test_a_damaged_head_is_named(folder: Path, content: bytes, sentence: str) -> None:
    (folder / "audit-head-2027-03-02.json").write_bytes(content)
    assert wrong() == [f"The file audit-head-2027-03-02.json {sentence}"]


NOT_SIGNED = "is not signed with this installation's key: it was changed, or made elsewhere, or the key is another."


def test_a_head_that_was_made_to_fit_is_not_signed(folder: Path, tamper: Callable[..., None]) -> None:
    path = folder / "audit-head-2027-03-02.json"
    tamper("DELETE FROM audit_entry WHERE id = 6")
    head = json.loads(path.read_text())
    db.session.rollback()
    path.write_text(
        json.dumps(head | {"entries": 5, "hash": db.session.scalar(text("SELECT hash FROM audit_entry WHERE id = 5"))})
    )
    assert wrong() == [f"The file {path.name} {NOT_SIGNED}"]


def test_an_old_head_in_the_place_of_a_new_one_is_seen(folder: Path) -> None:
    (folder / "audit-head-2027-03-02.json").write_bytes((folder / "audit-head-2027-03-01.json").read_bytes())
    assert wrong() == ["The file audit-head-2027-03-02.json is the head of 2027-03-01 under another day's name."]


def test_another_key_does_not_fit_but_earlier_ones_do(app: Flask) -> None:
    first = app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another key that is long enough"
    assert [NOT_SIGNED in each for each in wrong()] == [True, True]
    app.config["SECRET_KEY_FALLBACKS"] = [first]
    assert wrong() == []


def test_a_key_of_its_own_signs_what_comes(app: Flask) -> None:
    app.config["AUDIT_KEY"] = "a key that only the audit log has"
    clock.move(days=1)
    assert heads.write() is not None
    assert wrong() == []
    app.config["AUDIT_KEY"] = ""
    assert wrong() == [f"The file audit-head-2027-03-03.json {NOT_SIGNED}"]


# An older database, for a good reason


def test_a_restored_database_is_explained_and_stays_visible(tamper: Callable[..., None]) -> None:
    tamper("DELETE FROM audit_entry WHERE id > 4")
    with transaction():
        assert explain_restore("The disk broke.") == ["2027-03-02"]
    found = checks.check()
    assert found.wrong == []
    assert found.explained == [
        "The head of 2027-03-02 was written when there were 6 entries; there are 5 now: the newest was deleted, "
        "or an older database was put in this one's place. Entry 5 says why."
    ]
    tamper(RENAMED)
    assert [each.split(" (")[0] for each in wrong()] == ["Entry 3"], "only those heads are explained, nothing else"


def test_nothing_is_explained_when_all_fits() -> None:
    with transaction():
        assert explain_restore("Why not.") == []
    assert checks.check().entries == 6


# The command


def test_the_command_ends_with_1_when_something_is_wrong(app: Flask, tamper: Callable[..., None], tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    assert (found := run(args=["check-audit"])).exit_code == 0
    assert found.output == "The audit log is in order: 6 entries, 2 heads, the newest of 2027-03-02.\n"
    (empty := tmp_path / "empty").mkdir()
    found = run(args=["check-audit", "--heads", empty.as_uri()])
    assert found.output == "The audit log is in order: 6 entries, no head yet.\n"
    empty.rmdir()
    tamper(RENAMED)
    found = run(args=["check-audit"])
    assert found.exit_code == 1
    assert "Entry 3 (2027-03-01 09:00 UTC, “Ended a role”) has been changed" in found.output
    assert "The audit log is not in order (6 entries, 2 heads, the newest of 2027-03-02)." in found.output


def test_heads_among_people_s_files_are_not_swept_away(app: Flask) -> None:
    """They lie in the same store unless AUDIT_HEADS says otherwise, and no row names them."""
    app.config["AUDIT_HEADS"] = f"{app.config['FILES_URL']}/audit-heads"
    heads.write()
    files.store().save(b"nobody names this")
    clock.move(days=3)
    assert files.sweep(lambda keys: []) >= 1
    assert [head.day for head in checks.check().heads] == ["2027-03-02"]
