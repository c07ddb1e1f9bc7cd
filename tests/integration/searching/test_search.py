"""Searching everything one may see: what is found, by whom, and what never is."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.searching import queries as searching
from mobility.vouchers.models import Voucher
from tests.support.factories import (
    coordinator_of,
    make_agreed_exchange,
    make_exchange,
    make_guest,
    make_member,
    make_organisation,
    make_programme,
    make_theme,
    make_user,
    make_voucher,
    sign_in,
)
from tests.support.html import text_of
from tests.support.queries import queries

world = pytest.mark.usefixtures("db_session")


def finds(person: User, search: str) -> dict[str, list[str]]:
    return {group.label: [hit.title for hit in group.hits] for group in searching.found(search, person)}


@pytest.fixture
def in_lodz(db_session: Any) -> Any:
    host = make_organisation(name="Łódź Żelazo Cluster", city="Łódź")
    exchange = make_exchange(make_theme(title="Größe der Fabrik", host=host, places=3), make_guest(name="Zoë Ångström"))
    db.session.commit()
    return exchange


@pytest.mark.parametrize(
    "search",
    [
        "Łódź",
        "lodz zelazo",
        "LODZ",
        "Größe",
        "grosse fabrik",
        "ångström",
        "Angstrom Zoe",
        "zoe\u0308",
        "ＬＯＤＺ",
        "lodz, fabrik",
        "Fab",
    ],
)
def test_a_guest_finds_their_exchange_however_it_is_written(in_lodz: Any, search: str) -> None:
    found = finds(in_lodz.guest, search)
    assert (found["Exchanges"], found["Applications"]) == (["Größe der Fabrik"], ["Größe der Fabrik"])


def test_the_other_side_finds_it_and_nobody_else(in_lodz: Any) -> None:
    assert finds(coordinator_of(in_lodz.theme), "angstrom")["Exchanges"] == ["Größe der Fabrik"]
    assert finds(make_user(), "angstrom") == {}
    assert finds(make_guest(), "lodz") == {"Themes": ["Größe der Fabrik"], "Organisations": ["Łódź Żelazo Cluster"]}


@world
def test_each_word_must_be_found(in_lodz: Any) -> None:
    assert "Exchanges" not in finds(in_lodz.guest, "lodz elsewhere")
    for nothing in ("", "  ", "...", "\u200b", "%", "_", "' OR 1=1 --"):
        assert "Exchanges" not in finds(in_lodz.guest, nothing), nothing


@world
def test_one_finds_colleagues_and_an_administrator_everybody() -> None:
    home = make_organisation()
    one, two = make_member(home, Role.GUEST, name="Une Collègue"), make_member(home, Role.HOST, name="Deux Collègue")
    db.session.commit()
    assert finds(one, "collegue") == {"People": ["Deux Collègue", "Une Collègue"]}
    assert finds(make_guest(), "collegue") == {}
    assert finds(make_user(is_administrator=True), two.email)["People"] == ["Deux Collègue"]
    assert "People" not in finds(one, two.email)
    two.active = False
    db.session.commit()
    assert finds(one, "deux") == {}


@world
def test_a_programme_is_found_by_its_calls() -> None:
    programme = make_programme(name="Blue Growth")
    db.session.commit()
    assert finds(make_user(), "blue") == {"Programmes": ["Blue Growth"]}
    assert programme.name


def with_code() -> Voucher:
    voucher = make_voucher(make_agreed_exchange())
    make_member(voucher.exchange.host, Role.COORDINATOR)
    voucher.code = "ABCD2345EFGH6789JKMN0000PQRS"
    db.session.commit()
    return voucher


@world
def test_a_voucher_is_found_by_its_number_and_by_part_of_its_code_where_that_is_shown() -> None:
    voucher = with_code()
    for search in (voucher.reference, voucher.reference.lower(), str(voucher.id), "EFGH-6789", "efgh6789", "6789"):
        assert len(finds(voucher.holder, search)["Vouchers"]) == 1, search
    host = coordinator_of(voucher.exchange.theme)
    assert len(finds(host, voucher.reference)["Vouchers"]) == 1
    assert "Vouchers" not in finds(host, "EFGH-6789")
    assert "Vouchers" not in finds(voucher.holder, "FGH")
    assert "Vouchers" not in finds(make_guest(), voucher.reference)


@world
def test_whoever_acts_for_the_holder_does_not_find_it_by_its_code() -> None:
    voucher = with_code()
    voucher.holder.stand_in = make_user(is_administrator=True)
    assert "Vouchers" not in finds(voucher.holder, "EFGH-6789")


# The page


@world
@pytest.mark.parametrize("path", ["/search?q=", "/applications?text=", "/exchanges?text=", "/vouchers?text="])
def test_a_search_too_long_is_refused_in_words(app: Flask, path: str) -> None:
    client = app.test_client()
    sign_in(client, make_user())
    answer = client.get(path + "a" * 10_000)
    assert answer.status_code == 422
    assert "A search has at most 200 characters" in text_of(answer)


@world
@pytest.mark.parametrize(
    "search", ["<script>", "'\"", "\u202e", "🦊", "\ud7ff", "a" * 200, " ".join("abcdefghijkl"), "V-", "V-99999999999999999999"]
)
def test_odd_searches_get_a_page(app: Flask, search: str) -> None:
    client = app.test_client()
    sign_in(client, make_user())
    for path in ("/search?q=", "/exchanges?text=", "/vouchers?text=", "/applications?text="):
        answer = client.get(path.split("?")[0], query_string={path.split("?")[1][:-1]: search})
        assert (path, answer.status_code, "<script>alert" in answer.text) == (path, 200, False)


@world
def test_it_asks_for_signing_in(app: Flask) -> None:
    assert app.test_client().get("/search?q=a").status_code in {302, 303}


def test_lists_are_searched_and_their_files_too(app: Flask, in_lodz: Any) -> None:
    client = app.test_client()
    sign_in(client, in_lodz.guest)
    for path in ("/exchanges", "/applications"):
        assert "Größe der Fabrik" in client.get(f"{path}?text=lodz").text
        assert "Nothing matches" in client.get(f"{path}?text=elsewhere").text
    assert client.get("/exchanges?text=lodz&file=exchanges.csv").text.count("\n") == 2
    assert client.get("/exchanges?text=elsewhere&file=exchanges.csv").text.count("\n") == 1


@world
def test_the_queries_of_a_search_are_few(app: Flask) -> None:
    theme, counts = make_theme(title="Heat pumps", places=40), []
    client = app.test_client()
    sign_in(client, coordinator_of(theme))
    for more in (1, 2, 27):
        for _ in range(more):
            make_exchange(theme)
        db.session.commit()
        with queries() as asked:
            assert client.get("/search?q=heat").status_code == 200
        counts.append(asked.count)
    assert counts == [16, 16, 16]  # one for each kind of which one can see any, and one for what all of them are connected with


# Nothing that one may not open


@pytest.fixture(scope="module")
def demo(demo_url: str, lasting_app_on: Callable[..., Flask]) -> Flask:
    return lasting_app_on(demo_url, DEMO=True)


def test_everything_that_is_found_can_be_opened(demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SHOWN", 400)
    with demo.app_context():
        people = list(db.session.scalars(select(User).where(User.demo_note != "").order_by(User.id)))
        for person in people:
            hits = [hit for search in ("a", "e", "cluster") for group in searching.found(search, person) for hit in group.hits]
            assert all(
                hit.subject.workflow.may_see(person, hit.subject) for hit in hits if hit.subject and hit.endpoint != "themes.show"
            )
            client = demo.test_client()
            sign_in(client, person)
            for kind in {hit.endpoint for hit in hits}:
                newest = next(hit for hit in hits if hit.endpoint == kind)
                with demo.test_request_context():
                    address = demo.url_for(kind, **newest.values)
                answer = client.get(address)
                assert (person.name, address, answer.status_code) == (person.name, address, 200)


def test_everything_one_may_see_is_found_by_its_number_of_all(demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a letter that every name has: as many exchanges and vouchers as `may_see` allows, counted in Python."""
    monkeypatch.setattr(searching, "SHOWN", 1)
    with demo.app_context():
        for name in ("Ana Zupan", "Marta Nogueira", "Rita Sequeira", "Irene Bauer"):
            person = db.session.scalars(select(User).where(User.name == name)).one()
            totals = {group.label: group.total for group in searching.found("a", person)}
            for model in (Application, Exchange):
                label = model.workflow.things.capitalize()
                seen = [each for each in db.session.scalars(select(model)).unique() if model.workflow.may_see(person, each)]
                assert (name, label, totals.get(label, 0)) == (name, label, len(seen))
