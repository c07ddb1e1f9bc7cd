"""The page of the audit log: who reads what, what the filters find, and what is taken away."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from mobility.audit import queries as audit_queries
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support import factories
from tests.support.client import Client, Visitor


@pytest.fixture
def people(db_session: Any) -> dict[str, User]:
    """An administrator, and an owner and an auditor of each of two programmes."""
    found = {"robin": factories.make_user(name="Robin Keller", is_administrator=True)}
    for name in ("Alpine", "Baltic"):
        programme = factories.make_programme(name=name)
        found |= {f"{role.value} of {name}": factories.make_member(programme, role) for role in (Role.OWNER, Role.AUDITOR)}
    db_session.commit()
    return found


def programme_of(person: User) -> int:
    return next(each.programme_id for each in person.current_memberships if each.programme_id)


def write(act: str, by: User | None, about: str, **facts: Any) -> None:
    with transaction():
        record(act, by=by, about=about, **facts)


@pytest.fixture
def written(people: dict[str, User]) -> dict[str, User]:
    robin, alpine = people["robin"], people["auditor of Alpine"]
    write("signed_in", robin, "")
    write(
        "programme_changed",
        alpine,
        "Alpine",
        programme_id=programme_of(alpine),
        before={"minimum_days": 2},
        after={"minimum_days": 3},
    )
    clock.move(days=1)
    write("role_ended", robin, "Žofie Falcão", programme_id=programme_of(people["auditor of Baltic"]))
    write("sign_in_failed", None, "an address without an account")
    return people


def abouts(client: Client, query: str = "") -> list[int]:
    """The numbers of the entries that the page shows, from the first that the test wrote."""
    page = client.get(f"/audit{query}")
    assert page.status_code == 200
    shown = [part.split("<")[0] for part in page.text.split("· no. ")[1:]] or [
        part.split("<")[0] for part in page.text.split("no. ")[1:]
    ]
    before = db.session.scalar(select(AuditEntry.id).where(AuditEntry.act == "signed_in")) or 0
    return [int(number) - before for number in shown if int(number) >= before]


def test_administrators_see_all_and_auditors_their_programmes(written: dict[str, User], visitor: Visitor) -> None:
    assert abouts(visitor(written["robin"])) == [3, 2, 1, 0]
    assert abouts(visitor(written["auditor of Alpine"])) == [1]
    assert abouts(visitor(written["auditor of Baltic"])) == [2]


@pytest.mark.parametrize("path", ["/audit", "/audit.csv", "/audit.xlsx"])
def test_nobody_else_sees_the_page(written: dict[str, User], visitor: Visitor, client: Client, path: str) -> None:
    assert visitor(written["owner of Alpine"]).get(path).status_code == 404
    assert visitor(factories.make_user()).get(path).status_code == 404
    assert client.get(path).status_code == 302


def test_an_auditor_whose_role_has_ended_sees_nothing_more(written: dict[str, User], visitor: Visitor) -> None:
    auditor = written["auditor of Alpine"]
    with transaction():
        auditor.memberships[0].until = clock.utc_now()
    assert visitor(auditor).get("/audit").status_code == 404


def test_another_programme_in_the_address_opens_nothing(written: dict[str, User], visitor: Visitor) -> None:
    other = programme_of(written["auditor of Baltic"])
    assert abouts(visitor(written["auditor of Alpine"]), f"?programme={other}") == []
    assert "Žofie" not in visitor(written["auditor of Alpine"]).get(f"/audit.csv?programme={other}").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?who=keller+ROBIN", [2, 0]),
        ("?who=keller&act=signing_in", [0]),
        ("?act=role_ended", [2]),
        ("?act=nonsense", [3, 2, 1, 0]),
        ("?about=zofie+falcao", [2]),
        ("?first=2027-03-02", [3, 2]),
        ("?last=2027-03-01", [1, 0]),
        ("?first=2027-03-01&last=2027-03-02", [3, 2, 1, 0]),
        ("?first=2027-03-03", []),
        ("?who=%25", []),
        ("?page=99", [3, 2, 1, 0]),
        ("?programme=99999999999999999999", [3, 2, 1, 0]),
        ("?programme=x", [3, 2, 1, 0]),
    ],
)
def test_what_the_filters_find(written: dict[str, User], visitor: Visitor, query: str, shown: list[int]) -> None:
    assert abouts(visitor(written["robin"]), query) == shown


def test_a_day_is_the_house_s_day(people: dict[str, User], visitor: Visitor) -> None:
    """23:30 UTC of 1 March is 2 March in Brussels."""
    with clock.at(datetime(2027, 3, 1, 23, 30, tzinfo=UTC)):
        write("signed_in", people["robin"], "Nachtzug")
    client = visitor(people["robin"])
    assert "Nachtzug" in client.get("/audit?first=2027-03-02").text
    assert "Nachtzug" not in client.get("/audit?last=2027-03-01&act=signed_in").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?first=yesterday", "Write the day like 2027-03-01."),
        ("?last=2027-02-30", "Write the day like 2027-03-01."),
        ("?first=0001-01-01", "Write the day like 2027-03-01."),
        ("?last=9999-12-31", "Write the day like 2027-03-01."),
        ("?first=2027-03-02&last=2027-03-01", "The last day cannot be before the first."),
    ],
)
@pytest.mark.parametrize("path", ["/audit", "/audit.csv"])
def test_a_wrong_day_gets_a_sentence(written: dict[str, User], visitor: Visitor, path: str, query: str, sentence: str) -> None:
    page = visitor(written["robin"]).get(path + query)
    assert page.status_code == 422
    assert sentence in page.text


def test_old_and_new_values_are_shown(written: dict[str, User], visitor: Visitor) -> None:
    page = visitor(written["auditor of Alpine"]).get("/audit?act=programme_changed").text
    assert "Minimum days" in page
    assert "<del>2</del>" in page
    assert "<ins>3</ins>" in page


def test_an_empty_page_says_what_will_be_there(people: dict[str, User], visitor: Visitor) -> None:
    page = visitor(people["auditor of Alpine"]).get("/audit?who=nobody").text
    assert "No entry matches all of this" in page


@pytest.mark.parametrize("entries", [1, 3, 300])
def test_the_page_asks_as_often_for_many_entries(
    people: dict[str, User], visitor: Visitor, queries: Callable[..., Any], entries: int
) -> None:
    with transaction():
        for _ in range(entries):
            record("signed_in", by=people["robin"], programme_id=programme_of(people["auditor of Alpine"]))
    client = visitor(people["auditor of Alpine"])
    client.get("/audit")
    with queries() as asked:
        assert client.get("/audit").status_code == 200
    assert asked.count == 4, asked  # who it is, how many entries, those of this page, the programmes


# Files


def test_what_is_taken_away_has_the_same_entries(written: dict[str, User], visitor: Visitor) -> None:
    client = visitor(written["robin"])
    csv = client.get("/audit.csv?act=programme_changed").text.splitlines()
    assert csv[0].endswith('"Number","When (UTC)","Who","Act","About","Programme","From network","Changes","Hash"')
    assert len(csv) == 2
    assert '"Changed a programme\'s settings","Alpine","Alpine","","Minimum days: 2 → 3"' in csv[1]
    with ZipFile(BytesIO(client.get("/audit.xlsx?about=falcao").data)) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert "Žofie Falcão" in words
    assert "Changed a programme" not in words


def test_that_a_file_was_taken_is_an_entry(written: dict[str, User], visitor: Visitor) -> None:
    auditor = written["auditor of Alpine"]
    visitor(auditor).get("/audit.csv?who=auditor")
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert newest is not None
    assert (newest.act, newest.by_id, newest.programme_id) == ("audit_exported", auditor.id, programme_of(auditor))
    assert (newest.about, newest.after) == ("0 entries as CSV", {"who": "auditor"})


def test_more_than_a_file_takes_is_refused_in_words(
    written: dict[str, User], visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_queries, "MOST_EXPORTED", 1)
    page = visitor(written["robin"]).get("/audit.csv?who=keller")
    assert page.status_code == 422
    assert "These are 2 entries. A file has at most 1: choose fewer days." in page.text
