"""A kept review is replaced while somebody reads it: the page shows what was kept when it began, and all of that is there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import NoResultFound

from mobility import jobs
from mobility.core.database import db, transaction
from mobility.findings import operations, queries
from mobility.programmes.models import Programme
from mobility.reviews.queries import snapshots
from tests.support.client import Client
from tests.support.factories import sign_in
from tests.support.reviews import reviewed

PAGES = (
    "{at}/review",
    "{at}/review/cases/pipeline.exchanges_completed",
    "{call}/review/cases/levels.mixed",
    "{call}/review/cases/countries.AT.PT",
    "{at}/review/flow",
    "{call}/review/publish",
    "{at}/review.xlsx",
    "{call}/review.csv",
)


@pytest.fixture
def app(fresh_database: str, app_on: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Every programme is large, and kept."""
    monkeypatch.setattr(queries, "SMALL", 0)
    app = app_on(fresh_database)
    with app.app_context():
        yield app


@contextmanager
def replaced_meanwhile(app: Flask, programme_id: int) -> Iterator[list[bool]]:
    """As soon as somebody has read the figures and tables of a kept review, another process keeps a new one."""
    read, done = queries._tables, list[bool]()

    def keep() -> None:
        with app.app_context():
            with transaction():
                begun = operations.begin(db.session.get_one(Programme, programme_id))
            assert begun is not None
            computed = operations.compute(db.session.get_one(Programme, programme_id))
            db.session.rollback()
            with transaction():
                done.append(operations.keep(db.session.get_one(Programme, programme_id), computed, begun))

    def then(*args: Any) -> Any:
        found = read(*args)
        if not done:
            another = Thread(target=keep)
            another.start()
            another.join()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "_tables", then)
        yield done


def test_what_is_read_and_what_is_published_is_of_one_moment(app: Flask) -> None:
    made = reviewed((("AT", "PT", 3),))
    assert str(jobs.run("keep-figures")) == "figures of 1 programmes"
    owner: Client = app.test_client()
    sign_in(owner, made.owner)
    wrong = {}
    for page in PAGES:
        with replaced_meanwhile(app, made.programme.id) as replaced:
            answer = _told(owner, page.format(at=made.at, call=made.of_call))
        if (answer, replaced) != (200, [True]):
            wrong[page] = answer, replaced
    assert wrong == {}
    with replaced_meanwhile(app, made.programme.id) as replaced:
        assert owner.post(f"{made.of_call}/review/publish", data={"seen": "0"}).status_code == 303
    assert replaced == [True]
    [snapshot] = snapshots(made.programme.id)
    assert len(snapshot.exchanges) == 3


def _told(owner: Client, address: str) -> int | str:
    """The status, or what went wrong where a server would answer 500."""
    try:
        answer = owner.get(address)
    except NoResultFound as gone:
        return str(gone)
    return answer.status_code if "/cases/" not in address or "It rests on 3 cases." in answer.text else answer.text
