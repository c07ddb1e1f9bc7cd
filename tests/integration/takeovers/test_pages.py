"""The board, the page of a take-over, its evidence: who may what, two tabs, and what is typed wrongly."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from mobility import jobs
from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.takeovers import operations
from mobility.takeovers.models import TakeOver
from mobility.uploads import files
from tests.support import evidence as samples
from tests.support.client import Client, Visitor
from tests.support.factories import end_roles, make_member, make_user
from tests.support.followups import Asked, visited
from tests.support.forms import values_of
from tests.support.queries import queries
from tests.support.stored import newest
from tests.support.takeovers import board, taken


@pytest.fixture
def case(db_session: Any) -> Asked:
    return visited()


@pytest.fixture
def found(case: Asked) -> TakeOver:
    return taken(case.exchange, by=case.guest)


def organisation(case: Asked) -> Organisation:
    return case.exchange.guest_organisation


PEOPLE: dict[str, Callable[[Asked], User]] = {
    "guest": lambda case: case.guest,
    "coordinator": lambda case: case.coordinator,
    "colleague": lambda case: make_member(organisation(case), Role.GUEST),
    "other colleague": lambda case: make_member(organisation(case), Role.HOST),
    "owner": lambda case: case.owner,
    "auditor": lambda case: make_member(case.programme, Role.AUDITOR),
    "finance officer": lambda case: make_member(case.programme, Role.FINANCE_OFFICER),
    "host": lambda case: case.host,
    "who left": lambda case: _left(case),
    "stranger": lambda case: make_user(),
}
ACTS = {"guest", "coordinator", "colleague"}
READS = ACTS | {"other colleague", "owner", "auditor"}


def _left(case: Asked) -> User:
    person = make_member(organisation(case), Role.COORDINATOR)
    end_roles(person, organisation(case))
    return person


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_what(case: Asked, found: TakeOver, visitor: Visitor, who: str) -> None:
    client = visitor(PEOPLE[who](case))
    reads, acts = who in READS, who in ACTS
    pages = {
        f"/takeovers/{found.id}": 200 if reads else 404,
        f"/organisations/{organisation(case).id}/takeovers": 200 if reads else 404,
        f"/organisations/{organisation(case).id}/takeovers/new": 200 if acts else 404,
        f"/takeovers/{found.id}/evidence/1": 404,
        **{
            f"/takeovers/{found.id}/{act}": 200 if acts else 403 if reads else 404
            for act in ("start", "put-to-use", "drop", "revise", "add-evidence")
        },
    }
    assert {page: client.get(page).status_code for page in pages} == pages
    sent = client.post(f"/takeovers/{found.id}/start", data={"version": found.version})
    assert sent.status_code == (303 if acts else 403 if reads else 404)
    assert board(case.exchange)["t1"][1] == ("started" if acts else "planned")


def test_nobody_signed_in_sees_none_of_it(case: Asked, found: TakeOver, client: Client) -> None:
    for page in (f"/takeovers/{found.id}", f"/organisations/{organisation(case).id}/takeovers"):
        assert "/sign-in" in client.get(page).location


def test_the_host_reads_on_the_exchange_what_and_how_far_but_not_why(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    operations.drop(found, by=case.guest, reason="Our director does not want it")
    db.session.commit()
    page = visitor(case.host).get(f"/exchanges/{case.exchange.id}").text
    assert "The price list" in page
    assert "Dropped" in page
    assert "director" not in page
    assert f"/takeovers/{found.id}" not in page
    assert f"/takeovers/{found.id}" in visitor(case.guest).get(f"/exchanges/{case.exchange.id}").text


def test_from_planned_to_in_use_with_two_buttons_of_the_board(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    client, here = visitor(case.coordinator), f"/organisations/{organisation(case).id}/takeovers"
    for button, state in (("start", "started"), ("put-to-use", "in_use")):
        page = client.get(here).text
        assert f'action="/takeovers/{found.id}/{button}"' in page
        sent = client.post(f"/takeovers/{found.id}/{button}", data={"version": found.version, "from": "board"})
        assert (sent.status_code, sent.location) == (303, here)
        assert board(case.exchange)["t1"] == ("The price list", state)
    assert "“The price list” is in use now." in client.get(here).text
    told = [(each.action, each.actor_name, each.acted_as) for each in found.history()]
    assert told[0] == ("put_to_use", "Cara Coordinator", "guest")


def test_dropped_says_why_and_can_be_taken_up_again(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    client, page = visitor(case.guest), f"/takeovers/{found.id}/drop"
    refused = client.post(page, data={"version": found.version, "reason": " "})
    assert refused.status_code == 422
    assert "Please fill this in." in refused.text
    assert client.post(page, data={"version": found.version, "reason": "No money"}).status_code == 303
    assert "No money" in client.get(f"/takeovers/{found.id}").text
    db.session.expire_all()
    assert client.post(f"/takeovers/{found.id}/plan", data={"version": found.version}).status_code == 303
    db.session.expire_all()
    assert (found.state, found.reason) == ("planned", "")


def test_two_tabs_move_the_same_one(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    """The slower is told what has changed; what they typed is still there."""
    first, second, version = visitor(case.guest), visitor(case.coordinator), found.version
    assert first.post(f"/takeovers/{found.id}/start", data={"version": version, "note": "At last"}).status_code == 303
    slower = second.post(f"/takeovers/{found.id}/drop", data={"version": version, "reason": "Too dear"})
    assert slower.status_code == 409
    for words in ("Started", "Ana Guest", "Too dear"):
        assert words in slower.text
    assert board(case.exchange)["t1"][1] == "started"
    again = second.post(f"/takeovers/{found.id}/drop", data=values_of(slower) | {"reason": "Too dear"})
    assert again.status_code == 303
    assert board(case.exchange)["t1"][1] == "dropped"


def test_the_same_click_twice_is_one(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    client, sent = visitor(case.guest), {"version": found.version}
    assert [client.post(f"/takeovers/{found.id}/start", data=sent).status_code for _ in range(2)] == [303, 303]
    assert [each.action for each in found.history()] == ["start", "create"]


def test_whoever_stays_goes_on(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    end_roles(case.guest, organisation(case))
    assert visitor(case.guest).get(f"/takeovers/{found.id}").status_code == 404
    sent = visitor(case.coordinator).post(f"/takeovers/{found.id}/put-to-use", data={"version": found.version})
    assert sent.status_code == 303


def test_one_is_added_by_hand_once(case: Asked, visitor: Visitor) -> None:
    client, page = visitor(case.coordinator), f"/organisations/{organisation(case).id}/takeovers/new?exchange={case.exchange.id}"
    form = values_of(client.get(page))
    assert form["exchange"] == str(case.exchange.id)
    typed = form | {"what": "Ein Preisblatt für Gäste 🌱", "who": "Ümit", "by_when": "2027-13-01"}
    wrong = client.post(page, data=typed)
    assert wrong.status_code == 422
    assert "year-month-day" in wrong.text
    assert "Ein Preisblatt für Gäste 🌱" in wrong.text
    for _ in range(2):
        assert client.post(page, data=typed | {"by_when": "2027-12-01"}).status_code in (302, 303)
    assert board(case.exchange) == {"t1": ("Ein Preisblatt für Gäste 🌱", "planned")}


def test_of_another_s_exchange_none_is_added(case: Asked, visitor: Visitor) -> None:
    other = visited()
    page = f"/organisations/{organisation(case).id}/takeovers/new"
    client = visitor(case.coordinator)
    sent = client.post(page, data=values_of(client.get(page)) | {"exchange": str(other.exchange.id), "what": "Theirs"})
    assert sent.status_code == 422
    assert board(other.exchange) == {}


# Evidence


def add(client: Client, found: TakeOver, **typed: Any) -> Any:
    db.session.expire_all()
    return client.post(
        f"/takeovers/{found.id}/add-evidence", data={"version": found.version, **typed}, content_type="multipart/form-data"
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("javascript:alert(1)", "begins with https://"),
        ("data:text/html,x", "begins with https://"),
        ("ftp://example.org/x", "begins with https://"),
        ("example.org/prices", "begins with https://"),
        ("https://", "whole address"),
        ("https://localhost/x", "whole address"),
        ("https://exa mple.org", "whole address"),
        ("https://ana:secret@example.org", "user name"),
        ("https://example.org:port/", "whole address"),
        ("https://[1::2", "whole address"),
        ("", "Enter a link, or choose a file."),
    ],
)
def test_a_link_that_is_none_is_told_at_its_field(case: Asked, found: TakeOver, visitor: Visitor, url: str, words: str) -> None:
    sent = add(visitor(case.guest), found, url=url, name="Our prices")
    assert sent.status_code == 422
    assert words in sent.text
    assert 'id="url-error"' in sent.text
    assert "Our prices" in sent.text


def test_links_and_files_are_read_and_taken_out_again(case: Asked, found: TakeOver, visitor: Visitor, clock: Any) -> None:
    client = visitor(case.guest)
    assert add(client, found, url="https://example.org/preise?jahr=2027#ö", name="Prices").status_code == 303
    assert add(client, found, file=(BytesIO(samples.pdf()), "list.pdf"), name="The list").status_code == 303
    db.session.expire_all()
    link, file = found.evidence
    page = client.get(f"/takeovers/{found.id}").text
    assert 'href="https://example.org/preise?jahr=2027#ö"' in page
    assert 'rel="noopener noreferrer nofollow"' in page
    answer = visitor(case.owner).get(f"/takeovers/{found.id}/evidence/{file.id}")
    assert answer.data == samples.pdf()
    assert "attachment; filename=" in answer.headers["Content-Disposition"]
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "evidence_read")).one()
    assert (told.by_id, told.programme_id, told.about.startswith(f"“{file.name}”, ")) == (case.owner.id, found.programme_id, True)
    assert visitor(case.host).get(f"/takeovers/{found.id}/evidence/{file.id}").status_code == 404
    assert client.get(f"/takeovers/{found.id}/evidence/{link.id}").status_code == 404
    sweep(clock)
    key = file.key
    assert files.store().read(key)
    sent = client.post(f"/takeovers/{found.id}/take-out-evidence", data={"version": found.version, "chosen": file.id})
    assert sent.status_code == 303
    sweep(clock)
    with pytest.raises(files.Unavailable):
        files.store().read(key)


def sweep(clock: Any) -> None:
    """Files are kept for a day, whatever names them."""
    clock.set_to(newest(files.store()) + timedelta(days=2))
    jobs.run("sweep-files")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.exe", b"MZ\x90\x00", "neither a PDF nor a picture"),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither a PDF nor a picture"),
        ("empty.pdf", b"", "is empty"),
    ],
)
def test_a_file_that_is_none_of_ours(
    case: Asked, found: TakeOver, visitor: Visitor, name: str, content: bytes, words: str
) -> None:
    sent = add(visitor(case.guest), found, file=(BytesIO(content), name))
    assert (sent.status_code, words in sent.text) == (422, True)


def test_the_same_evidence_twice_is_one(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    client = visitor(case.guest)
    for status in (303, 422):
        assert add(client, found, url="https://example.org/x").status_code == status
        assert add(client, found, file=(BytesIO(samples.pdf()), "a.pdf")).status_code == status
    db.session.expire_all()
    assert len(found.evidence) == 2


def test_the_board_asks_as_often_for_one_as_for_thirty(case: Asked, found: TakeOver, visitor: Visitor) -> None:
    client, here = visitor(case.coordinator), f"/organisations/{organisation(case).id}/takeovers"
    for move in (operations.start, operations.put_to_use):
        move(taken(case.exchange, by=case.guest), by=case.guest)
    operations.drop(taken(case.exchange, by=case.guest), by=case.guest, reason="No time")
    client.get(here)
    with queries() as one:
        client.get(here)
    for number in range(29):
        taken(case.exchange, by=case.guest, what=f"Thing {number}")
    with queries() as thirty:
        page = client.get(here).text
    assert (one.count, thirty.count) == (11, 11), thirty
    assert "All 30" in page
    assert "25 of 30" in client.get(f"{here}?state=planned").text
    assert client.get(f"{here}?state=planned&page=2").text.count('class="board-card"') == 5
