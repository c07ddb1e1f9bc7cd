"""Counting attempts."""

import threading
from contextlib import suppress
from typing import Any

import pytest

from mobility.accounts import throttle
from mobility.core.database import db, transaction
from mobility.people.models import User
from tests.support.factories import make_user


def attempts(kind: str, key: str) -> int:
    """How many of the last 15 minutes count."""
    for most in range(100, 0, -1):
        with suppress(throttle.Throttled):
            throttle.ensure_not_throttled(kind, key, most=most, minutes=15)
            continue
        return most
    return 0


def test_attempts_are_counted_per_kind_and_key_within_the_time(db_session: Any, clock: Any) -> None:
    for kind, key in (("a", "x"), ("a", "x"), ("a", "y"), ("b", "x")):
        throttle.record_attempt(kind, key)
    assert attempts("a", "x") == 2
    clock.move(minutes=15)
    assert attempts("a", "x") == 0


def test_the_message_says_how_long_to_wait(db_session: Any, clock: Any) -> None:
    throttle.record_attempt("a", "x")
    clock.move(minutes=10)
    throttle.record_attempt("a", "x")
    throttle.ensure_not_throttled("a", "x", most=3, minutes=15)
    with pytest.raises(throttle.Throttled, match="wait 5 minutes"):
        throttle.ensure_not_throttled("a", "x", most=2, minutes=15)
    with pytest.raises(throttle.Throttled, match="wait 15 minutes"):
        throttle.ensure_not_throttled("a", "x", most=1, minutes=15)


def test_an_attempt_stays_when_the_rest_is_rolled_back(db_session: Any) -> None:
    throttle.record_attempt("a", "x")
    with suppress(ZeroDivisionError), transaction():
        make_user()
        _ = 1 / 0
    assert attempts("a", "x") == 1
    assert db_session.query(User).count() == 0


def test_it_is_not_used_inside_a_transaction(db_session: Any) -> None:
    with pytest.raises(RuntimeError), transaction():
        throttle.record_attempt("a", "x")


def test_of_many_at_once_only_so_many_pass(app: Any) -> None:
    start, results = threading.Barrier(12), []

    def attempt() -> None:
        with app.app_context():
            start.wait()
            try:
                throttle.take_attempt("a", "x", most=5, minutes=15)
                results.append("passed")
            except throttle.Throttled:
                results.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["passed"] * 5 + ["refused"] * 7
