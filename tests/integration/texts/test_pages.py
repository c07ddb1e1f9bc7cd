"""The public pages: for everybody from the first day on, written in the browser by those who may."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.texts.models import PublicText
from mobility.texts.rules import MOST, PAGES
from mobility.texts.steps import GUIDES
from tests.support.client import Client, Visitor, commit_what_the_test_holds
from tests.support.factories import make_guest, make_member, make_organisation, make_programme, make_theme, make_user
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.queries import queries as counted

OF_PROGRAMME = ("contact", "help")


@pytest.fixture
def administrator(db_session: Any) -> User:
    return make_user(is_administrator=True)


@pytest.fixture
def programme(db_session: Any) -> Programme:
    return make_programme(name="Alpine *Bridges*")


def entries() -> list[AuditEntry]:
    return db.session.query(AuditEntry).filter_by(act="text_changed").order_by(AuditEntry.id).all()


def write(client: Client, path: str, body: str, **typed: Any) -> Any:
    return client.post(path, data=values_of(client.get(path)) | {"body": body, "act": "save"} | typed)


@pytest.mark.parametrize("key", PAGES)
def test_everybody_reads_it_from_the_first_day_on(db_session: Any, client: Client, key: str) -> None:
    with counted() as asked:
        page = client.get(f"/{key}")
    assert page.status_code == 200
    assert PAGES[key].title in text_of(page)
    assert "Edit this text" not in page.text
    assert asked.count == 1  # the text; nothing else is asked


@pytest.mark.parametrize("path", ["/", "/themes", "/sign-in", "/stories", "/nothing/here", "/check"])
def test_every_page_leads_to_them(db_session: Any, client: Client, path: str) -> None:
    page = client.get(path).text
    for key in PAGES:
        assert f'href="/{key}"' in page


def test_an_administrator_writes_and_everybody_reads(administrator: User, visitor: Visitor, client: Client) -> None:
    browser = visitor(administrator)
    assert "Ours" in browser.get("/admin/texts").text
    assert write(browser, "/admin/texts/imprint", "# Cluster Agency\n\nHauptplatz 1, **Graz**").location == "/imprint"
    page = client.get("/imprint").text
    assert "<h2>Cluster Agency</h2>" in page
    assert "Hauptplatz 1, <strong>Graz</strong>" in page
    assert 'content="Cluster Agency Hauptplatz 1, Graz"' in page
    assert "Yours" in browser.get("/admin/texts").text
    [entry] = entries()
    assert (entry.about, entry.by_id, entry.programme_id) == ("Imprint", administrator.id, None)
    assert entry.after == {"text": "# Cluster Agency\n\nHauptplatz 1, **Graz**"}
    assert entry.before["text"].startswith("Whoever runs this installation")


def test_every_version_stands_in_the_audit_log(administrator: User, visitor: Visitor, client: Client) -> None:
    browser = visitor(administrator)
    for body in ("One", "Two", "Two"):
        write(browser, "/admin/texts/help", body)
    assert [(each.before["text"][:3], each.after["text"]) for each in entries()] == [("## ", "One"), ("One", "Two")]
    write(browser, "/admin/texts/help", "whatever", act="default")
    assert db.session.query(PublicText).count() == 0
    assert "If you are new" in client.get("/help").text
    assert entries()[-1].before == {"text": "Two"}


def test_an_empty_text_gives_ours_back(administrator: User, visitor: Visitor, client: Client) -> None:
    write(visitor(administrator), "/admin/texts/contact", "Call us.")
    write(visitor(administrator), "/admin/texts/contact", "  \n ")
    assert "About a weakness in the security" in client.get("/contact").text


def test_a_preview_saves_nothing_and_loses_nothing(administrator: User, visitor: Visitor, client: Client) -> None:
    sent = write(visitor(administrator), "/admin/texts/privacy", "# Mine\n\n[x](javascript:alert(1))", act="preview")
    assert sent.status_code == 200
    assert "<h2>Mine</h2>" in sent.text
    assert 'href="javascript' not in sent.text
    assert values_of(sent)["body"] == "# Mine\n\n[x](javascript:alert(1))"
    assert "<h2>Mine</h2>" not in client.get("/privacy").text
    assert entries() == []


def test_two_tabs_lose_nothing(administrator: User, visitor: Visitor, client: Client) -> None:
    first, second = visitor(administrator), visitor(make_user(name="Olga Other", is_administrator=True))
    page = second.get("/admin/texts/imprint")
    write(first, "/admin/texts/imprint", "Theirs")
    slower = second.post("/admin/texts/imprint", data=values_of(page) | {"body": "Mine", "act": "save"})
    assert slower.status_code == 409
    assert "changed this text since you opened it" in text_of(slower)
    assert "Theirs" in text_of(slower)
    assert values_of(slower)["body"] == "Mine"
    assert "Theirs" in client.get("/imprint").text
    assert second.post("/admin/texts/imprint", data=values_of(slower) | {"act": "save"}).status_code == 303
    assert "Mine" in client.get("/imprint").text


def test_too_long_is_said_at_the_field(administrator: User, visitor: Visitor) -> None:
    sent = write(visitor(administrator), "/admin/texts/imprint", "x" * (MOST + 1))
    assert sent.status_code == 422
    assert f"Keep this to {MOST} characters." in text_of(sent)
    assert len(values_of(sent)["body"]) == MOST + 1
    assert write(visitor(administrator), "/admin/texts/imprint", "x" * MOST).status_code == 303


@pytest.mark.parametrize("typed", [{"seen": "x"}, {"seen": "-1"}, {"seen": ""}, {"seen": "9" * 400}])
def test_a_version_that_there_never_was(administrator: User, visitor: Visitor, typed: dict[str, str]) -> None:
    assert write(visitor(administrator), "/admin/texts/imprint", "x", **typed).status_code == 409
    assert db.session.query(PublicText).count() == 0


def test_an_owner_writes_a_programme_s_own(programme: Programme, visitor: Visitor, client: Client) -> None:
    owner, there = visitor(make_member(programme, Role.OWNER)), f"/programmes/{programme.id}"
    ours = client.get(f"{there}/contact")
    assert "Alpine *Bridges* has not entered an address of its own yet." in text_of(ours)
    assert f'href="{there}/contact"' in client.get(there).text
    for key in OF_PROGRAMME:
        assert "Edit this text" in owner.get(f"{there}/{key}").text
        assert write(owner, f"{there}/texts/{key}", f"Our {key}").location == f"{there}/{key}"
        assert f"Our {key}" in client.get(f"{there}/{key}").text
        assert f"Our {key}" not in client.get(f"/{key}").text
    assert [(each.about, each.programme_id) for each in entries()] == [
        ("Contact of Alpine *Bridges*", programme.id),
        ("Help of Alpine *Bridges*", programme.id),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/programmes/{id}/imprint",
        "/programmes/{id}/texts/privacy",
        "/admin/texts/nothing",
        "/programmes/999999/contact",
        "/help/first-steps/king",
    ],
)
def test_pages_that_are_none(programme: Programme, visitor: Visitor, administrator: User, path: str) -> None:
    for person in (administrator, make_member(programme, Role.OWNER)):
        assert visitor(person).get(path.format(id=programme.id)).status_code == 404


def test_who_may_write(programme: Programme, administrator: User, visitor: Visitor, client: Client) -> None:
    """By role and by text: nobody else finds the page, or changes anything without it."""
    other, place = make_programme(), make_organisation()
    people: dict[str, tuple[User, set[str]]] = {
        "administrator": (administrator, {"installation"}),
        "owner": (make_member(programme, Role.OWNER), {"programme"}),
        "owner of another": (make_member(other, Role.OWNER), set()),
        "assessor": (make_member(programme, Role.ASSESSOR), set()),
        "finance officer": (make_member(programme, Role.FINANCE_OFFICER), set()),
        "auditor": (make_member(programme, Role.AUDITOR), set()),
        "coordinator": (make_member(place, Role.COORDINATOR), set()),
        "guest": (make_guest(), set()),
        "nobody's": (make_user(), set()),
    }
    paths = {
        "installation": [f"/admin/texts/{key}" for key in PAGES],
        "programme": [f"/programmes/{programme.id}/texts/{key}" for key in OF_PROGRAMME],
    }
    for path in [*paths["installation"], *paths["programme"]]:
        assert client.post(path, data={"body": "x", "seen": "0", "act": "save"}).status_code == 401
    for name, (person, may) in people.items():
        browser = visitor(person)
        for place_of, found in paths.items():
            for path in found:
                wanted = 200 if place_of in may else 404
                assert browser.get(path).status_code == wanted, (name, path)
                if place_of not in may:
                    assert browser.post(path, data={"body": "x", "seen": "0", "act": "save"}).status_code == 404, (name, path)
        assert browser.get("/admin/texts").status_code == (200 if name == "administrator" else 404), name
    assert db.session.query(PublicText).count() == 0


@pytest.mark.parametrize("role", GUIDES)
def test_first_steps_of_each_role(db_session: Any, client: Client, role: str) -> None:
    page = client.get(f"/help/first-steps/{role}")
    assert page.status_code == 200
    for step in GUIDES[role].steps:
        assert step.title in text_of(page)
    assert f'href="/help/first-steps/{role}"' in client.get("/help").text


def test_the_first_page_leads_to_one_s_own(programme: Programme, administrator: User, visitor: Visitor) -> None:
    for person, keys in (
        (make_guest(), {"guest"}),
        (administrator, {"administrator"}),
        (make_member(programme, Role.OWNER, Role.FINANCE_OFFICER), {"owner", "finance_officer"}),
    ):
        page = visitor(person).get("/").text
        assert {key for key in GUIDES if f'"/help/first-steps/{key}"' in page} == keys


def test_what_is_shared_elsewhere(db_session: Any, visitor: Visitor, client: Client) -> None:
    """Everybody's pages have a title, words and a picture; what is not everybody's has none of them."""
    theme = make_theme(title="Sell hours of a test plant", summary="Prices by the hour.")
    front, shown = client.get("/").text, client.get(f"/themes/{theme.id}").text
    assert 'property="og:title" content="Sell hours of a test plant"' in shown
    assert 'property="og:description" content="Prices by the hour."' in shown
    for page in (front, shown):
        assert 'property="og:image" content="http://localhost/static/img/shared.png' in page
    assert Path("static/img/shared.png").is_file()
    draft = make_theme(publish=False)
    host = make_member(draft.host, Role.COORDINATOR)
    for path in (f"/themes/{draft.id}", "/", "/applications"):
        assert "og:" not in visitor(host).get(path).text, path


def test_the_front_page_leads_to_the_check_of_a_code(db_session: Any, client: Client) -> None:
    assert 'href="/check"' in client.get("/").text


@pytest.mark.databases("postgresql")
def test_many_save_the_first_text_at_once(administrator: User, visitor: Visitor) -> None:
    """One of them is stored; the others read that they were slower."""
    browser = visitor(administrator)
    sent = values_of(browser.get("/admin/texts/imprint"))
    commit_what_the_test_holds()
    start = Barrier(6)

    def save(number: int) -> int:
        start.wait()
        return browser.other_tab().post("/admin/texts/imprint", data=sent | {"body": f"By {number}", "act": "save"}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(save, range(6)))
    db.session.rollback()
    assert statuses == [303, 409, 409, 409, 409, 409]
    assert db.session.query(PublicText).count() == 1
    assert len(entries()) == 1
