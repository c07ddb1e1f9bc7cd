"""The own account, and input of every bad kind on every form of ours."""

from typing import Any

import pytest
from sqlalchemy import select

from mobility.accounts import passwords
from mobility.audit.models import AuditEntry
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation, make_programme, sign_in
from tests.support.html import fields_of, text_of

OLD, NEW = "blue kettle on a hill", "three unrelated words"


@pytest.fixture
def ana(client: Any, db_session: Any) -> User:
    ana = make_member(make_organisation(name="Baltic Textile"), Role.GUEST, password_hash=passwords.hash_of(OLD))
    sign_in(client, ana)
    return ana


def test_name_level_and_figures_are_changed(client: Any, ana: User, db_session: Any) -> None:
    data = {"name": "عائشة Kovač", "level": "", "locale": "de_DE"}
    assert client.post("/account", data=data).status_code == 303
    db_session.expire_all()
    assert (ana.name, ana.level, ana.locale) == ("عائشة Kovač", None, "de_DE")
    assert "Baltic Textile" in client.get("/account").text


def test_another_name_is_in_the_audit_log(client: Any, ana: User, db_session: Any) -> None:
    """Others know somebody by it, and it tells whether somebody travels under another address."""
    was = ana.name
    client.post("/account", data={"name": was, "level": ana.level or "", "locale": "de_DE"})
    client.post("/account", data={"name": "Rita Sequeira", "level": ana.level or "", "locale": "de_DE"})
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "account_changed")).one()
    assert (entry.by_id, entry.about, entry.before, entry.after) == (ana.id, was, {"name": was}, {"name": "Rita Sequeira"})


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "x" * 300}, {"name": "a\u202eb"}, {"name": "Mobility"}, {"level": "king"}, {"locale": "xx_XX"}],
)
def test_bad_values_are_refused_and_kept(client: Any, ana: User, db_session: Any, change: dict[str, str]) -> None:
    before = ana.name
    answer = client.post("/account", data={"name": "Ana", "level": "", "locale": "en_GB"} | change)
    assert answer.status_code == 422
    db_session.expire_all()
    assert ana.name == before


def test_of_two_tabs_the_slower_is_told_what_the_other_saved(client: Any, ana: User, db_session: Any) -> None:
    opened = fields_of(client.get("/account"))
    assert client.post("/account", data=opened | {"locale": "de_DE"}).status_code == 303
    answer = client.post("/account", data=opened | {"name": "Ana Kovač"})
    assert answer.status_code == 409
    assert "Write amounts as in, as saved now: German (Germany)" in text_of(answer)
    assert 'value="Ana Kovač"' in answer.text
    assert client.post("/account", data=fields_of(answer)).status_code == 303
    db_session.expire_all()
    assert ana.name == "Ana Kovač"


def test_the_password_is_changed_with_the_present_one(client: Any, app: Any, ana: User, db_session: Any) -> None:
    other = app.test_client()
    sign_in(other, ana)
    data = {"current_password": "wrong words here", "password": NEW}
    answer = client.post("/account/password", data=data)
    assert answer.status_code == 422
    assert "not your current password" in answer.text
    assert NEW not in answer.text
    assert client.post("/account/password", data=data | {"current_password": OLD}).status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    db_session.expire_all()
    assert passwords.is_right(ana, NEW)


def test_guessing_the_present_password_is_slowed_down(client: Any, ana: User) -> None:
    data = {"current_password": "wrong words here", "password": NEW}
    statuses = [client.post("/account/password", data=data).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert client.post("/account/password", data=data | {"current_password": OLD}).status_code == 429


FORMS = ("/sign-in", "/password/forgotten", "/account", "/account/password", "/admin/organisations/new", "/admin/people/new")
HORRORS = [
    "x" * 300,
    "\u202eابج e\u0301\u0301\u0301",
    "a\x00b",
    "<script>alert(1)</script>",
    "'; DROP TABLE x",
    "\ud800",
    "💥" * 80,
]
NAMES = ("email", "password", "name", "level", "locale", "current_password", "kind", "country", "city", "sectors", "website",
         "about", "role", "form_key", "version", "person", "next")  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("horror", HORRORS, ids=range(len(HORRORS)))
def test_nothing_typed_breaks_a_page(client: Any, ana: User, path: str, horror: str) -> None:
    ana.is_administrator = True
    data = {name: horror.encode("utf-8", "surrogatepass") for name in NAMES}
    answer = client.post(path, data=data)
    assert answer.status_code in {200, 303, 422}
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "image/png; a"])
@pytest.mark.parametrize("path", [*FORMS, "/sign-out", "/sign-in/demo", "/go/x"])
def test_wrong_content_types(client: Any, ana: User, path: str, content_type: str) -> None:
    ana.is_administrator = True
    answer = client.post(path, data=b'{"email": 1}', content_type=content_type)
    assert answer.status_code in {303, 400, 404, 415, 422}


@pytest.mark.parametrize("path", ["/account", "/account/password", "/organisations/{}/team", "/organisations/{}", "/sign-in"])
def test_long_names_and_foreign_scripts_are_shown(client: Any, ana: User, db_session: Any, path: str) -> None:
    ana.name = "<i>\u202eابج " + "e\u0301" * 150
    organisation = ana.memberships[0].organisation
    organisation.name = "<u>" + "O" * 300
    make_programme()
    answer = client.get(path.format(organisation.id))
    assert answer.status_code in {200, 302}
    assert "<i>\u202e" not in answer.text
    assert "<u>O" not in answer.text
