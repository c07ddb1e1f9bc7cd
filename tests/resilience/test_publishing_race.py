"""Owners who publish at the same moment: each snapshot is made with all earlier ones at hand, so no two miss each other."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.reviews import operations, queries
from tests.support.reviews import BIG, reviewed

OWNERS = 6


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    options = {"pool_size": OWNERS, "max_overflow": 4} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


def published_at_once(app: Flask, programme_id: int, call_id: int, owner_id: int) -> Counter[str]:
    """Half of them the call, half the programme; all have seen that nothing is published yet."""
    ready = Barrier(OWNERS)

    def one(number: int) -> str:
        with app.app_context():
            programme = db.session.get_one(Programme, programme_id)
            found = queries.of(programme, programmes.find_call(call_id, programme_id) if number % 2 else None)
            ready.wait()
            try:
                with transaction():
                    owner = db.session.get_one(User, owner_id)
                    operations.publish(db.session.get_one(Programme, programme_id), found, by=owner, seen=0)
            except GuardRefused:
                return "told to look again"
            return "published"

    with ThreadPoolExecutor(OWNERS) as threads:
        return Counter(threads.map(one, range(OWNERS)))


def test_of_owners_who_publish_at_once_one_does_and_the_others_look_again(racing_app: Flask) -> None:
    with racing_app.app_context():
        made = reviewed(BIG)
        ids = made.programme.id, made.call.id, made.owner.id
    assert published_at_once(racing_app, *ids) == {"published": 1, "told to look again": OWNERS - 1}
    with racing_app.app_context():
        assert [each.number for each in queries.snapshots(ids[0])] == [1]
