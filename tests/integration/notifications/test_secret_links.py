"""No page shows a mail's link: every template of a mail is rendered with every sort of link that there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts.operations import make_link
from mobility.core.database import db
from mobility.core.links import absolute, link_for, path_of, signer
from mobility.notifications import rendering
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import row, store
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from tests.support.client import Client
from tests.support.factories import make_user, sign_in

MAILS = Path(__file__).parents[3] / "templates" / "mail"
KINDS = sorted({path.stem for path in MAILS.glob("*.txt") if not path.stem.startswith("_")} - {"base"})
FILTERS = set("date dates instant money amounts number country language weekday day_in until period".split())


class Anything:
    """Stands for whatever a template asks for: has every attribute, and one of everything."""

    def __getattr__(self, name: str) -> "Anything":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "Anything":
        return self

    def __getitem__(self, key: Any) -> "Anything":
        return self

    def __iter__(self) -> Iterator["Anything"]:
        return iter([Anything()])

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return "word"

    def __lt__(self, other: Any) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __add__(self, other: Any) -> "Anything":
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __add__


@pytest.fixture
def everything(db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates find all that they ask for."""
    environment = rendering._environment()
    for cache in ("cache", "bytecode_cache"):  # what is compiled with these filters is of no use to others, nor in later tests
        monkeypatch.setattr(environment, cache, None)
    for name in FILTERS & environment.filters.keys():
        monkeypatch.setitem(environment.filters, name, lambda value, *_, **__: str(value))
    monkeypatch.setitem(environment.filters, "agenda_days", lambda value: value)
    monkeypatch.setattr(environment, "undefined", lambda *_, **__: Anything())


def links_of(person: User) -> dict[str, str]:
    """Each sort that mails have, as the application makes it."""
    return {
        "to a page": link_for(person, "/vouchers/1"),
        "to a password": make_link(person)[1],
        "to a questionnaire": absolute(path_of("followups.by_link", token=signer("answers").dumps([1, "secret words"]))),
        "of another name of the site": link_for(person, "/roles").replace("http://localhost", "https://other.example.org"),
        "without the site": link_for(person, "/roles").removeprefix("http://localhost"),
    }


def written(kind: str, person: User, link: str) -> OutboxMessage:
    """A message of this kind with this link, and its buttons where it has several."""
    context = {"buttons": [("Yes", link), ("No", f"{link}?answer=no")]} if kind == "manager_asked" else {}
    letter = rendering.write(kind, person=person, link=link, about=Anything(), **context)
    store([row(kind, person, letter, link)])
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_shows_the_link_of_a_mail(client: Client, everything: None, db_session: Any, kind: str) -> None:
    sign_in(client, make_user(is_administrator=True))
    person = make_user(password_hash="x")
    secrets = {}
    for sort, link in links_of(person).items():
        message, secrets[sort] = written(kind, person, link), link.rsplit("/", 1)[1]
        assert secrets[sort] in message.text, "else this would test nothing"
        assert secrets[sort] in html_of(message)
        db.session.commit()
        shown = [client.get(f"/outbox/{message.id}").text, client.get(f"/outbox/{message.id}/html").text]
        assert [secrets[sort] in page for page in shown] == [False, False], (kind, sort)
        assert person.email in shown[0]
    page = client.get("/outbox").text
    assert page.count("/outbox/") == 5
    assert not any(secret in page for secret in secrets.values())


@pytest.mark.databases("sqlite")
def test_no_page_follows_the_mail_where_it_was_kept(app: Flask, client: Client, db_session: Any) -> None:
    """Also in the demonstration, where no mail leaves: there the command line prints it."""
    app.config["DEMO"] = True
    try:
        person = make_user(email="noa@example.org", password_hash="x")
        client.post("/password/forgotten", data={"email": person.email})
        sign_in(client, make_user(is_administrator=True))
        message = db.session.scalars(select(OutboxMessage)).one()
        assert "/password/new/" not in client.get(f"/outbox/{message.id}").text
        printed = app.test_cli_runner().invoke(args=["read-mail", "Noa@example.org"])
        assert message.text in printed.output
        nobody = app.test_cli_runner().invoke(args=["read-mail", "nobody@example.org"])
        assert (nobody.exit_code, "No mail was written to nobody@example.org." in nobody.output) == (2, True)
    finally:
        app.config["DEMO"] = False


@pytest.mark.databases("sqlite")
def test_a_secret_link_is_in_no_log(client: Client, db_session: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    person = make_user()
    address = make_link(person)[1].removeprefix("http://localhost")
    assert client.get(address).status_code == 200
    assert client.post(address, data={"password": "short"}).status_code == 422
    assert client.get(f"{address}x").status_code == 404
    assert address.rsplit("/", 1)[1] not in caplog.text
