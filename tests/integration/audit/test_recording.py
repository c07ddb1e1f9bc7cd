"""An entry is stored with its act or not at all, and each is chained to the one before."""

from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobility.audit import chain
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record, record_alone
from mobility.core.database import db, transaction, whole
from mobility.workflows.table import SYSTEM
from tests.support import factories


@pytest.fixture(autouse=True)
def _session(db_session: Any) -> None: ...


def entries() -> list[AuditEntry]:
    """What another transaction sees."""
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def abouts() -> list[str]:
    return [each.about for each in entries()]


def fail(about: str, outside: Any = transaction) -> None:
    with outside():
        record("role_ended", by=None, about=about)
        raise KeyError


def test_an_entry_keeps_all_that_was_said() -> None:
    with transaction():
        ana = factories.make_user(name="Ana Zupan")
        record(
            "programme_changed", by=ana, about="Alpine exchanges", organisation_id=4, programme_id=5, person_id=6,
            before={"days": 3}, after={"days": 5},
        )  # fmt: skip
    (entry,) = entries()
    assert (entry.id, entry.act, entry.by_id, entry.by_name) == (1, "programme_changed", ana.id, "Ana Zupan")
    assert (entry.about, entry.organisation_id, entry.programme_id, entry.person_id) == ("Alpine exchanges", 4, 5, 6)
    assert (entry.before, entry.after, entry.network) == ({"days": 3}, {"days": 5}, "")
    assert entry.at.isoformat() == "2027-03-01T09:00:00+00:00"


def test_the_name_is_that_of_the_day() -> None:
    with transaction():
        ana = factories.make_user(name="Ana Zupan")
        record("signed_in", by=ana)
    with transaction():
        ana.name = "Ana Novak"
    assert [each.by_name for each in entries()] == ["Ana Zupan"]


def test_the_system_and_nobody_have_no_name() -> None:
    with transaction():
        record("backup_made", by=SYSTEM)
        record("backup_made", by=None)
    assert [(each.by_id, each.by_name) for each in entries()] == [(None, ""), (None, "")]


def test_an_act_that_is_not_declared_is_refused() -> None:
    with transaction(), pytest.raises(ValueError, match=r"'flew_away' is not declared in audit/acts\.py"):
        record("flew_away", by=None)


def test_each_entry_has_the_hash_of_the_one_before() -> None:
    with transaction():
        record("role_left", by=None, about="1")
        record("role_left", by=None, about="2")
    record_alone("export_taken", by=None, about="3")
    found = entries()
    assert [each.id for each in found] == [1, 2, 3]
    assert [each.earlier_hash for each in found] == ["", found[0].hash, found[1].hash]
    for entry in found:
        assert entry.hash == chain.hash_of({column.name: getattr(entry, column.name) for column in chain.TABLE.columns})


def test_the_hash_is_one_that_others_can_compute() -> None:
    """Written out by hand: SHA-256 of JSON with sorted names and without spaces or what is empty."""
    with transaction():
        record("role_left", by=None, about="é", programme_id=5, after={"b": 1, "a": None})
    [entry] = entries()
    content = (
        '{"about":"\\u00e9","act":"role_left","after":{"a":null,"b":1},"at":"2027-03-01T09:00:00+00:00","id":1,"programme_id":5,'
        f'"salt":"{entry.salt}"}}'
    )
    assert (len(entry.salt) >= 16, entry.hash) == (True, sha256(content.encode()).hexdigest())


def test_what_is_rolled_back_leaves_no_entry_and_no_gap() -> None:
    with pytest.raises(KeyError):
        fail("failed")
    with transaction():
        record("role_left", by=None, about="stored")
    assert [(each.id, each.about) for each in entries()] == [(1, "stored")]


def test_what_a_savepoint_takes_back_is_forgotten_with_it() -> None:
    with transaction():
        record("role_left", by=None, about="before")
        with pytest.raises(KeyError):
            fail("inside", db.session.begin_nested)
        with db.session.begin_nested():
            record("role_left", by=None, about="kept")
        record("role_left", by=None, about="after")
    assert abouts() == ["before", "kept", "after"]


def test_a_savepoint_inside_one_that_is_taken_back_goes_with_it() -> None:
    def fail_outside() -> None:
        with db.session.begin_nested():
            with db.session.begin_nested():
                record("role_left", by=None, about="inner")
            raise KeyError

    with transaction():
        with pytest.raises(KeyError):
            fail_outside()
        record("role_left", by=None, about="after")
    assert abouts() == ["after"]


def test_in_a_whole_they_are_stored_at_its_end() -> None:
    with whole():
        for about in ("1", "2"):
            with transaction():
                record("role_left", by=None, about=about)
    assert abouts() == ["1", "2"]


def test_alone_it_stays_when_the_request_fails(app: Flask) -> None:
    """A failed sign-in is told of although nothing else is stored."""
    record_alone("sign_in_failed", by=None, about="somebody")
    with pytest.raises(KeyError):
        fail("role")
    assert abouts() == ["somebody"]


def test_in_a_request_it_says_where_from_and_is_not_forgotten(app: Flask) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.77"}):
        with pytest.raises(RuntimeError, match="record_alone"):
            record("role_left", by=None)
        with transaction():
            record("role_left", by=None)
    assert [each.network for each in entries()] == ["203.0.113.0/24"]


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET about = ''", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_it(statement: str) -> None:
    record_alone("role_left", by=None, about="stays")
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction():
        db.session.connection().exec_driver_sql(statement)
    assert abouts() == ["stays"]
