"""Everybody wanders about for a moment, as tools/crawl.py lets them do for hours; and what would fail is noticed."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from mobility.people.roles import Role
from tests.support import factories
from tests.support.crawling import Crawl

SECONDS = 4.0


@pytest.mark.databases("sqlite")
def test_nothing_fails_and_what_would_is_noticed(shared_app: Flask, app_on: Callable[..., Flask], db_session: Any) -> None:
    theme = factories.make_theme()
    person = factories.make_member(theme.host, Role.COORDINATOR, demo_note="Coordinates a host.")
    db_session.commit()
    app = app_on(shared_app.config["SQLALCHEMY_DATABASE_URI"], DEMO=True, TESTING=False)
    crawl = Crawl(app, [person.id], seed=1)
    crawl.run(SECONDS)
    assert crawl.faults == {}
    assert len(crawl.asked) >= 5, crawl.told()
    assert f"/themes/{theme.id}" in crawl.wanderers[1].known or crawl.asked["/themes/{id}"], "as the person"

    def broken() -> None:
        raise ZeroDivisionError("planted")

    app.view_functions["themes.index"] = broken
    crawl.wanderers[0].known = {"/themes": None}
    crawl.run(SECONDS)
    assert "planted" in crawl.faults["GET /themes 500"]
