"""`whole()`: many transactions that are stored together, or not at all."""

from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db, transaction, whole
from mobility.people.models import User


def add(name: str) -> None:
    db.session.add(User(email=f"{name}@example.org", name=name))
    db.session.flush()


def fail(name: str) -> None:
    with transaction():
        add(name)
        raise KeyError


def names() -> set[str]:
    """What another transaction sees."""
    db.session.rollback()
    return set(db.session.scalars(select(User.name)))


@pytest.fixture(autouse=True)
def _session(db_session: Any) -> None: ...


def test_all_are_stored_at_the_end() -> None:
    with whole():
        with transaction():
            add("Ana")
        with transaction():
            add("Rui")
    assert names() == {"Ana", "Rui"}


def test_after_a_failure_nothing_is_there() -> None:
    def fail_at_the_second() -> None:
        with whole():
            with transaction():
                add("Ana")
            fail("Rui")

    with pytest.raises(KeyError):
        fail_at_the_second()
    assert names() == set()


def test_one_that_fails_and_is_caught_takes_back_only_itself() -> None:
    with whole():
        with transaction():
            add("Ana")
        with pytest.raises(KeyError):
            fail("Rui")
        with transaction():
            add("Eva")
    assert names() == {"Ana", "Eva"}


def test_each_reads_anew_what_the_earlier_ones_changed() -> None:
    with whole():
        with transaction():
            add("Ana")
            user = db.session.scalars(select(User)).one()
        db.session.connection().exec_driver_sql("UPDATE \"user\" SET name = 'Rui'")
        with transaction():
            assert user.name == "Rui"


def test_those_inside_are_still_not_nested() -> None:
    with whole(), transaction(), pytest.raises(RuntimeError, match="opened once"), transaction():
        pass


def test_it_is_not_nested_itself() -> None:
    with transaction(), pytest.raises(RuntimeError, match="opened once"), whole():
        pass


@pytest.mark.parametrize("end", ["rollback", "commit"])
def test_whoever_ends_it_from_inside_is_told(end: str) -> None:
    def end_it() -> None:
        with whole():
            with transaction():
                add("Ana")
            getattr(db.session, end)()
            with transaction():
                add("Rui")

    with pytest.raises(RuntimeError, match="has ended its transaction"):
        end_it()
    assert "Rui" not in names()
