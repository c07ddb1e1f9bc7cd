"""No link of the overview and the review leads its reader to a page that is not there for them."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.core.database import db
from mobility.people.models import User
from mobility.programmes.models import Programme
from tests.support.client import Client
from tests.support.factories import sign_in
from tests.support.html import Reader

READERS = {"Camille Laurent": "owner", "Pieter Claes": "finance officer", "Irene Bauer": "auditor", "Eva Brandt": "assessor"}
PAGES = "overview late review review/compare review/flow review/competences review/publish published budget".split()


@pytest.fixture
def site(demo_url: str, app_on: Callable[..., Flask]) -> Iterator[Flask]:
    app = app_on(demo_url, DEMO=True)
    with app.app_context():
        yield app


def person(app: Flask, name: str) -> Client:
    browser: Client = app.test_client()
    sign_in(browser, db.session.scalars(select(User).where(User.name == name)).one())
    return browser


def links(page: Any) -> set[str]:
    """Of the page's own part: what leads to a page of ours."""
    main = "<main>" + page.text.partition("<main")[2].partition(">")[2].partition("</main>")[0] + "</main>"
    found = (each.attributes.get("href", "").partition("#")[0] for each in Reader(main).all("a"))
    return {each for each in found if each.startswith("/")}


@pytest.mark.databases("sqlite")  # which links there are is the same on both
@pytest.mark.parametrize("name", READERS)
def test_every_link_answers(site: Flask, clock: ModuleType, name: str) -> None:
    clock.move(days=45)  # when much is late
    browser = person(site, name)
    european = db.session.scalars(select(Programme).where(Programme.level == "european")).one()
    at, wrong, seen = f"/programmes/{european.id}", dict[str, int](), set[str]()
    pages = [at, *(f"{at}/{page}" for page in PAGES)]
    begun = {page: browser.get(page) for page in pages}
    assert begun[f"{at}/overview"].status_code == (200 if READERS[name] != "assessor" else 404)
    for page in (each for each in begun.values() if each.status_code == 200):
        for link in links(page) - seen:
            seen.add(link)
            if (answer := browser.get(link).status_code) != 200:
                wrong[link] = answer
    assert wrong == {}
    assert len(seen) > (100 if READERS[name] != "assessor" else 10)
    if READERS[name] != "assessor":
        assert "days late" in begun[f"{at}/late"].text
