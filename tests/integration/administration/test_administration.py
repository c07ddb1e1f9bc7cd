"""The administrator's pages."""

import unicodedata
from typing import Any

import pytest
from sqlalchemy import func, literal, select

from mobility.accounts import operations
from mobility.audit.models import AuditEntry
from mobility.core.errors import Refusal
from mobility.core.names import searchable
from mobility.core.searching import plain
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation, make_user, sign_in
from tests.support.html import fields_of

PAGES = ("/admin/organisations", "/admin/organisations/new", "/admin/people", "/admin/people/new")
PORTO = {
    "name": "Atlantic Food Cluster",
    "kind": "cluster_organisation",
    "country": "PT",
    "city": "oporto",
    "sectors": ["food", "digital"],
    "website": "https://www.example.org",
    "about": "We are nine.",
    "form_key": "a",
}


@pytest.fixture
def petra(client: Any, db_session: Any) -> User:
    """The administrator, signed in at `client`."""
    petra = make_user(name="Petra Novák", is_administrator=True, password_hash="x")
    sign_in(client, petra)
    return petra


@pytest.mark.parametrize("path", PAGES)
def test_for_others_the_pages_do_not_exist(client: Any, db_session: Any, path: str) -> None:
    assert client.get(path).status_code == 302
    sign_in(client, make_member(make_organisation(), Role.COORDINATOR))
    assert client.get(path).status_code == 404
    assert client.post(path, data=PORTO).status_code in {404, 405}


@pytest.mark.parametrize("path", PAGES)
def test_the_administrator_sees_them(client: Any, petra: User, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_new_organisation_leads_to_its_team(client: Any, petra: User, db_session: Any) -> None:
    answer = client.post("/admin/organisations/new", data=PORTO)
    made = db_session.scalar(select(Organisation))
    assert answer.location == f"/organisations/{made.id}/team"
    facts = (made.name, made.city, round(made.latitude, 1), round(made.longitude, 1), made.sectors)
    assert facts == ("Atlantic Food Cluster", "Porto", 41.1, -8.6, ["food", "digital"])
    assert client.post("/admin/organisations/new", data=PORTO).location == answer.location
    answer = client.post("/admin/organisations/new", data=PORTO | {"form_key": "b", "name": "ATLANTIC food cluster"})
    assert answer.status_code == 422
    assert "There is already an organisation with this name." in answer.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"city": "Lisbn"}, "Did you mean Lisbon"),
        ({"country": "DE", "city": "hamm"}, "Enter one of: Hamm near Dortmund; Hamm near Marienthal."),
        ({"city": "Qqqqq"}, "name the nearest larger city"),
        ({"city": "x" * 300}, "Keep this to 100"),
        ({"country": ""}, "Choose a country"),
        ({"country": "XX"}, "Choose one from the list."),
        ({"kind": "x"}, "Choose one from the list."),
        ({"sectors": ["food", "witchcraft"]}, "Choose from the list"),
        ({"name": "n" * 300}, "Keep this to 200"),
        ({"name": " "}, "Please fill this in"),
        ({"website": "javascript:alert(1)"}, "Begin with https://"),
        ({"name": "\u3164"}, "Please fill this in"),
        ({"name": "\u202eretsulC"}, "a character that cannot be seen"),
        ({"name": "Soft\u00adhyphen"}, "a character that cannot be seen"),
        ({"name": "..."}, "Enter a name with letters or digits"),
        ({"name": "MOBILITY "}, "belongs to the site itself"),
        ({"about": "a" * 3001}, "Keep this to 3000"),
    ],
)
def test_bad_organisations(client: Any, petra: User, db_session: Any, change: dict[str, Any], said: str) -> None:
    answer = client.post("/admin/organisations/new", data=PORTO | change)
    assert answer.status_code == 422
    assert said in answer.text
    assert db_session.scalar(select(func.count(Organisation.id))) == 0


@pytest.mark.parametrize(
    "same",
    ["ÖSTERREICHISCHE AGENTUR", "österreichische\u00a0 agentur", "O\u0308sterreichische Agentur", "Österreichische\nAgentur\x07"],
)
def test_names_that_read_the_same_are_the_same(client: Any, petra: User, db_session: Any, same: str) -> None:
    made = make_organisation(name="Österreichische Agentur")
    answer = client.post("/admin/organisations/new", data=PORTO | {"name": same})
    assert (answer.status_code, "There is already an organisation with this name." in answer.text) == (422, True)
    data = PORTO | {"name": same}
    assert client.post(f"/organisations/{made.id}/edit", data=data).status_code == 303  # its own, written otherwise


def test_what_a_paste_brings_along_is_dropped(client: Any, petra: User, db_session: Any) -> None:
    data = PORTO | {"name": " Atlantic\x0b\u00a0 Food\r\n", "about": "One\x00\r\nTwo\x1b" + "a" * 2991 + "e\u0301" * 2}
    assert client.post("/admin/organisations/new", data=data).status_code == 302
    made = db_session.scalar(select(Organisation))
    assert (made.name, made.about[:8], len(made.about)) == ("Atlantic Food", "One\nTwoa", 3000)


def test_the_same_form_with_other_content_is_a_conflict(client: Any, petra: User, db_session: Any) -> None:
    assert client.post("/admin/organisations/new", data=PORTO).status_code == 302
    answer = client.post("/admin/organisations/new", data=PORTO | {"name": "Another Cluster"})
    assert (answer.status_code, "sent before with other content" in answer.text) == (409, True)
    assert db_session.scalar(select(func.count(Organisation.id))) == 1
    again = fields_of(answer) | {"sectors": PORTO["sectors"]}
    assert again["name"] == "Another Cluster"
    assert client.post("/admin/organisations/new", data=again).status_code == 302
    assert db_session.scalar(select(func.count(Organisation.id))) == 2


def test_a_city_that_exists_twice_is_chosen_once(client: Any, petra: User, db_session: Any) -> None:
    data = PORTO | {"country": "DE", "city": "Hamm near Marienthal"}
    assert client.post("/admin/organisations/new", data=data).status_code == 302
    made = db_session.scalar(select(Organisation))
    assert (made.city, round(made.latitude)) == ("Hamm", 54)
    path = f"/organisations/{made.id}/edit"
    assert client.post(path, data=data | {"city": "Hamm", "about": "More"}).status_code == 303  # as it was
    db_session.expire_all()
    assert (made.about, round(made.latitude)) == ("More", 54)
    assert client.post(path, data=data | {"city": "Hamm near Dortmund"}).status_code == 303
    db_session.expire_all()
    assert (made.city, round(made.latitude)) == ("Hamm", 52)


def test_an_organisation_is_edited(client: Any, petra: User, db_session: Any) -> None:
    one, two = make_organisation(name="One"), make_organisation(name="Two")
    assert client.post(f"/organisations/{one.id}/edit", data=PORTO).status_code == 303
    assert client.post(f"/organisations/{two.id}/edit", data=PORTO).status_code == 422
    db_session.expire_all()
    assert (one.name, one.country, two.name) == ("Atlantic Food Cluster", "PT", "Two")


def test_searching(client: Any, petra: User, db_session: Any) -> None:
    make_organisation(name="100 % Wool", city="Kaunas")
    make_organisation(name="Region of Styria")
    assert "Region of Styria" not in client.get("/admin/organisations?q=%25+kaunas").text
    assert "100 % Wool" in client.get("/admin/organisations?q=%25+kaunas").text
    assert "No name or city contains" in client.get("/admin/organisations", query_string={"q": "_<i>"}).text
    assert "Petra" in client.get("/admin/people", query_string={"q": "PETRA"}).text
    assert client.get("/admin/people", query_string={"q": "\u202e" * 200, "page": "9" * 50}).status_code == 200


@pytest.mark.parametrize(
    "typed", ["župan", "ZUPAN", "Žup", "z\u030cupan", "falcão", "FALCÃO", "d'Église", "D’ÉGLISE", "Falcao, Župan", "łódź", "LODZ"]
)
def test_searching_knows_no_capitals_accents_and_apostrophes(client: Any, petra: User, db_session: Any, typed: str) -> None:
    make_organisation(name="Župan & FALCÃO d’Église", city="Łódź")
    make_organisation(name="Another")
    make_user(name="ŽUPAN Falcão d'Église Łódź")
    for path, found in (("organisations", "FALCÃO"), ("people", "ŽUPAN Falcão")):
        page = client.get(f"/admin/{path}", query_string={"q": typed}).text
        assert found in page, path
        assert "Another" not in page


def test_both_databases_search_as_python_does(db_session: Any) -> None:
    """Letters of the alphabets that people here write with, one by one and all together."""
    blocks = [*range(0x20, 0x250), *range(0x370, 0x530), *range(0x2010, 0x2020)]
    letters = [each for each in map(chr, blocks) if unicodedata.category(each)[0] in "LN" or each in "’‘–“”"]
    texts = [*letters, "".join(letters), "Ana Kovač\u00a0d’Or"]
    found = [db_session.scalar(select(plain(literal(text)))) for text in texts]
    assert [" ".join(each.split()) for each in found] == [searchable(text) for text in texts]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_lists_cost_the_same_for_any_number_of_rows(client: Any, petra: User, db_session: Any, queries: Any, rows: int) -> None:
    for _ in range(rows):
        make_member(make_organisation(), Role.GUEST)
    db_session.commit()
    for path in ("/admin/organisations", "/admin/people"):
        with queries() as q:
            assert client.get(path).status_code == 200
        assert q.count == 3, q


def test_an_account_is_made_and_invited(client: Any, petra: User, db_session: Any) -> None:
    data = {"name": "Noa Lind", "email": "noa@example.org", "level": "", "form_key": "a"}
    answer = client.post("/admin/people/new", data=data)
    noa = db_session.scalar(select(User).where(User.email == "noa@example.org"))
    assert answer.location == f"/admin/people/{noa.id}"
    assert (noa.level, noa.is_administrator) == (None, False)
    assert db_session.scalars(select(OutboxMessage.kind)).all() == ["invitation"]
    answer = client.post("/admin/people/new", data=data | {"form_key": "b", "email": "NOA@example.org"})
    assert "There is already an account with this address." in answer.text


def test_closing_an_account_ends_its_sign_ins(client: Any, app: Any, petra: User, db_session: Any) -> None:
    noa = make_user(name="Noa Lind")
    browser = app.test_client()
    sign_in(browser, noa)
    assert browser.get("/account").status_code == 200
    assert client.post(f"/admin/people/{noa.id}/close").status_code == 303
    assert browser.get("/account").status_code == 302
    client.post(f"/admin/people/{noa.id}/open")
    assert browser.get("/account").status_code == 302, "opening it again does not bring the sign-in back"


def test_the_last_administrator_stays(client: Any, petra: User, db_session: Any) -> None:
    make_user(is_administrator=True, active=False)
    for act in ("close", "take-administration"):
        answer = client.post(f"/admin/people/{petra.id}/{act}")
        assert answer.status_code == 409
        assert "is the only administrator left" in answer.text
    other = make_user()
    assert client.post(f"/admin/people/{other.id}/make-administrator").status_code == 303
    assert client.post(f"/admin/people/{petra.id}/take-administration").status_code == 303
    assert client.get("/admin/people").status_code == 404


def test_a_link_is_mailed_again(client: Any, petra: User, db_session: Any) -> None:
    client.post(f"/admin/people/{petra.id}/send-link")
    assert db_session.scalars(select(OutboxMessage.kind)).all() == ["password_reset"]


def test_what_is_so_already_is_not_told_as_done(client: Any, petra: User, db_session: Any) -> None:
    """In the audit log, whoever sends the form twice, or another page's."""
    noa = make_user(name="Noa Lind")
    for act in ("open", "take-administration", "make-administrator", "make-administrator"):
        assert client.post(f"/admin/people/{noa.id}/{act}").status_code == 303
    told = select(AuditEntry.act).where(AuditEntry.person_id == noa.id)
    assert db_session.scalars(told).all() == ["administrator_made"]


def test_a_link_is_in_the_audit_log_and_goes_to_no_closed_account(client: Any, petra: User, db_session: Any) -> None:
    noa = make_user(name="Noa Lind")
    client.post(f"/admin/people/{noa.id}/send-link")
    sent = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "link_sent")).one()
    assert (sent.by_id, sent.person_id) == (petra.id, noa.id)
    noa.active = False
    answer = client.post(f"/admin/people/{noa.id}/send-link")
    assert (answer.status_code, "This account is closed." in answer.text) == (409, True)
    assert db_session.scalar(select(func.count(OutboxMessage.id))) == 1


def test_unknown_people_and_acts(client: Any, petra: User) -> None:
    assert client.get("/admin/people/4711").status_code == 404
    assert client.post("/admin/people/4711/close").status_code == 404
    assert client.post(f"/admin/people/{petra.id}/promote").status_code == 404


def test_an_administrator_from_the_command_line(app: Any, client: Any, db_session: Any) -> None:
    link = operations.create_administrator("Boss@Example.org", "The Boss")
    boss = db_session.scalar(select(User))
    assert (boss.email, boss.is_administrator) == ("boss@example.org", True)
    path = link.removeprefix("http://localhost")
    assert client.post(path, data={"name": "B", "password": "three unrelated words"}).status_code == 303
    assert operations.create_administrator("boss@example.org", "B").startswith("http://localhost/password/new/")
    with pytest.raises(Refusal):
        operations.create_administrator("nonsense", "B")
    with pytest.raises(Refusal, match="Mail cannot be delivered"):
        operations.create_administrator("info@münchen.de", "B")
    with pytest.raises(Refusal, match="belongs to the site itself"):
        operations.create_administrator("b@example.org", "Mobility")
