"""Who read evidence, bank details, exports, mails: for administrators all, for auditors what belongs to their programmes."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from mobility.audit.acts import LABELS, READING
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.privacy.readings import EVERY
from tests.support import factories
from tests.support.client import Client, Visitor
from tests.support.html import text_of

PAGE = "/audit/readings"
FILE = "?file=who-read-what.csv"


@pytest.fixture
def people(db_session: Any) -> dict[str, User]:
    found = {"robin": factories.make_user(name="Robin Keller", is_administrator=True)}
    found["ana"] = factories.make_user(name="Ana Zupan")
    for name in ("Alpine", "Baltic"):
        programme = factories.make_programme(name=name)
        for role in (Role.OWNER, Role.AUDITOR, Role.FINANCE_OFFICER):
            found[f"{role.value} of {name}"] = factories.make_member(programme, role, name=f"{role.value.title()} {name}")
    db_session.commit()
    return found


def programme_of(person: User) -> int:
    return next(each.programme_id for each in person.current_memberships if each.programme_id)


@pytest.fixture
def read(people: dict[str, User]) -> dict[str, User]:
    """One of each class; the first a day before, in Alpine; bank details in Baltic; the others nobody's programme."""
    robin, ana = people["robin"], people["ana"]
    for act, by, about, facts in (
        ("evidence_read", "finance_officer of Alpine", "boarding pass", {"person_id": ana.id, "in": "Alpine"}),
        ("bank_details_read", "finance_officer of Baltic", "AT61", {"in": "Baltic"}),
        ("export_taken", "robin", "People as XLSX", {}),
        ("outbox_read", "robin", "a mail", {"person_id": ana.id}),
        ("signed_in", "robin", "no reading", {}),
    ):
        place = facts.pop("in", None)
        programme = programme_of(people[f"owner of {place}"]) if place else None
        with transaction():
            record(act, by=people[by], about=about, programme_id=programme, **facts)
        if act == "evidence_read":
            clock.move(days=1)
    assert robin.is_administrator
    return people


ALL = ["boarding pass", "AT61", "People as XLSX", "a mail"]


def found(client: Client, query: str = "") -> list[str]:
    page = client.get(PAGE + query)
    assert page.status_code == 200
    said = text_of(page)
    assert "no reading" not in said
    return [about for about in ALL if about in said]


def test_what_counts_as_reading_is_in_one_class_each() -> None:
    """Whoever adds an act of reading says what was read."""
    assert set(READING.acts) <= set(EVERY)
    assert len(EVERY) == len(set(EVERY))
    assert set(EVERY) <= set(LABELS)


def test_administrators_see_all_and_auditors_their_programmes(read: dict[str, User], visitor: Visitor) -> None:
    assert found(visitor(read["robin"])) == ALL
    assert found(visitor(read["auditor of Alpine"])) == ["boarding pass"]
    assert found(visitor(read["auditor of Baltic"])) == ["AT61"]


@pytest.mark.parametrize("query", ["", FILE])
def test_nobody_else_sees_it(read: dict[str, User], visitor: Visitor, client: Client, query: str) -> None:
    for name in ("owner of Alpine", "finance_officer of Alpine", "ana"):
        assert visitor(read[name]).get(PAGE + query).status_code == 404
    assert client.get(PAGE + query).status_code == 302


def test_an_auditor_reads_no_other_programme_s_by_its_number(read: dict[str, User], visitor: Visitor) -> None:
    client, other = visitor(read["auditor of Alpine"]), programme_of(read["owner of Baltic"])
    assert found(client, f"?programme={other}") == []
    assert "AT61" not in client.get(f"{PAGE}{FILE}&programme={other}").text
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert newest is not None
    assert newest.programme_id == programme_of(read["owner of Alpine"])  # nor is their taking it told to the other's auditors


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?what=evidence", ["boarding pass"]),
        ("?what=bank", ["AT61"]),
        ("?what=exports", ["People as XLSX"]),
        ("?what=mails", ["a mail"]),
        ("?what=nonsense", ALL),
        ("?who=KELLER", ["People as XLSX", "a mail"]),
        ("?whose=zupan", ["boarding pass", "a mail"]),
        ("?whose=%25", []),
        ("?about=boarding", ["boarding pass"]),
        ("?last=2027-03-01", ["boarding pass"]),
        ("?first=2027-03-02", ["AT61", "People as XLSX", "a mail"]),
        ("?act=signed_in", ALL),
        ("?programme=99999999999999999999", ALL),
        ("?page=99", ALL),
        ("?what=exports&who=nobody", []),
    ],
)
def test_what_the_filters_find(read: dict[str, User], visitor: Visitor, query: str, shown: list[str]) -> None:
    assert found(visitor(read["robin"]), query) == shown


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("first=yesterday", "Write the day like 2027-03-01."),
        ("last=9999-12-31", "Write the day like 2027-03-01."),
        ("first=2027-03-02&last=2027-03-01", "The last day cannot be before the first."),
    ],
)
@pytest.mark.parametrize("file", ["", f"{FILE}&"])
def test_a_wrong_day_gets_a_sentence(read: dict[str, User], visitor: Visitor, query: str, sentence: str, file: str) -> None:
    page = visitor(read["robin"]).get(f"{PAGE}{file or '?'}{query}")
    assert page.status_code == 422
    assert sentence in page.text


def test_the_file_has_the_same_rows_and_that_it_was_taken_is_one_more(read: dict[str, User], visitor: Visitor) -> None:
    client = visitor(read["robin"])
    rows = client.get(f"{PAGE}{FILE}&what=evidence").text.splitlines()
    assert len(rows) == 2
    assert '"Finance_Officer Alpine","Evidence","Read evidence","boarding pass","Ana Zupan","Alpine"' in rows[1]
    with ZipFile(BytesIO(client.get(f"{PAGE}?file=who-read-what.xlsx&what=bank").data)) as book:
        words = book.read("xl/worksheets/sheet1.xml").decode()
    assert "AT61" in words
    assert "boarding pass" not in words
    assert "Who read what as CSV, 1 row" in text_of(client.get(f"{PAGE}?what=exports"))


def test_who_read_most_comes_first(read: dict[str, User], visitor: Visitor) -> None:
    said = text_of(visitor(read["robin"]).get(PAGE)).split("Who read most")[1]
    assert said.index("Robin Keller : 2 times") < said.index("Finance_Officer Alpine : once")


def test_whoever_was_erased_since_is_a_number(read: dict[str, User], visitor: Visitor, db_session: Any) -> None:
    read["ana"].name = f"Person {read['ana'].id}"
    db_session.commit()
    assert f"Person {read['ana'].id}" in text_of(visitor(read["robin"]).get(f"{PAGE}?what=evidence"))


def test_an_empty_page_says_what_will_be_there(people: dict[str, User], visitor: Visitor) -> None:
    assert "Nobody has read anything yet" in text_of(visitor(people["auditor of Alpine"]).get(PAGE))
    assert "Nobody has read anything like this" in text_of(visitor(people["auditor of Alpine"]).get(f"{PAGE}?who=x"))


@pytest.mark.parametrize("entries", [1, 3, 300])
def test_the_page_asks_as_often_for_many(
    people: dict[str, User], visitor: Visitor, queries: Callable[..., Any], entries: int
) -> None:
    with transaction():
        for number in range(entries):
            programme = programme_of(people["auditor of Alpine"])
            person = people["ana"] if number % 2 else people["robin"]
            record("evidence_read", by=people["robin"], programme_id=programme, person_id=person.id)
    client = visitor(people["auditor of Alpine"])
    client.get(PAGE)
    with queries() as asked:
        assert client.get(PAGE).status_code == 200
    assert asked.count == 6, asked  # who it is, the programmes, how many, those of this page, their names, who read most
