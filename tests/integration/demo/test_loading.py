"""The demonstration is loaded whole or not at all, and half of one, as earlier versions left it, is told from none."""

from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from mobility import demo, jobs
from mobility.core.database import db
from mobility.people.models import User
from tests.support import factories

NIGHTS = 25  # until applications have been made, in a call of long ago


@pytest.fixture
def breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading ends after some nights, with an error."""
    nights, really = iter(range(NIGHTS)), jobs.run_nightly
    monkeypatch.setattr(jobs, "run_nightly", lambda: really() if next(nights, None) is not None else 1)


def rows() -> dict[str, int]:
    """How many rows there are, for each table that has any."""
    db.session.rollback()
    counts = {name: db.session.scalar(select(func.count()).select_from(table)) for name, table in db.metadata.tables.items()}
    return {name: count for name, count in counts.items() if count}


def run_demo(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["demo", *options])


@pytest.mark.usefixtures("breaks_off")
def test_an_error_in_the_middle_leaves_nothing(app: Flask, db_session: Any) -> None:
    with pytest.raises(RuntimeError, match="failed at 1 objects"):
        demo.load_if_empty()
    assert rows() == {}


@pytest.mark.usefixtures("breaks_off")
def test_half_a_demonstration_is_refused(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "whole", nullcontext)  # as it was in earlier versions
    with pytest.raises(RuntimeError):
        demo.load_if_empty()
    monkeypatch.undo()
    before = rows()
    assert before["application"] > 0
    for options in ([], ["--if-empty"]):
        result = run_demo(app, *options)
        assert result.exit_code == 1
        assert "holds only part of the demonstration" in result.output
        assert "DEMO=0" in result.output
    assert rows() == before


def test_where_somebody_works_nothing_is_loaded(app: Flask, db_session: Any) -> None:
    """Not even where one of the accounts stands at the sign-in page."""
    factories.make_user(name="Ana Zupan", demo_note="Travels.")
    db.session.commit()
    assert run_demo(app, "--if-empty").exit_code == 0
    refused = run_demo(app)
    assert refused.exit_code == 1
    assert "The database is not empty" in refused.output
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
