"""A call is corrected with a reason: by whom, which days can no longer be, and who is told. The tables are written by
hand; vouchers are requested on 1 March 2027."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.vouchers import operations
from tests.support.cases import Case, make_case, waiting
from tests.support.client import Visitor
from tests.support.factories import make_call, make_member, make_programme, make_user
from tests.support.html import fields_of, text_of
from tests.support.timing import processor_seconds

REASON = "The board extended it on 12 February."


def path_of(case: Case) -> str:
    return f"/programmes/{case.programme.id}/calls/{case.line.call_id}/edit"


def send(client: Any, path: str, **typed: str) -> Any:
    return client.post(path, data=fields_of(client.get(path)) | {"reason": REASON} | typed)


def told(kind: str = "call_corrected") -> list[str]:
    rows = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return [each.address for each in db.session.scalars(rows)]


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_name_and_days_with_the_reason(full: Case, visitor: Visitor, who: str) -> None:
    call, path = full.line.call, path_of(full)
    name, opened = call.name, call.opens_on
    by = full.owner if who == "owner" else make_user(is_administrator=True)
    answer = send(visitor(by), path, name="Spring", closes_on="2027-06-30")
    ways = {"owner": "budget", "administrator": "corrections"}
    assert (answer.status_code, answer.location) == (303, f"/programmes/{full.programme.id}/{ways[who]}")
    db.session.expire_all()
    assert (call.name, call.opens_on, call.closes_on) == ("Spring", opened, date(2027, 6, 30))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "call_changed")).one()
    assert (entry.by_id, entry.about, entry.programme_id) == (by.id, name, full.programme.id)
    assert entry.before == {"name": name, "closes_on": None}
    assert entry.after == {"name": "Spring", "closes_on": "2027-06-30", "reason": REASON}


def test_a_reason_and_a_difference_are_needed(full: Case, visitor: Visitor) -> None:
    owner, path = visitor(full.owner), path_of(full)
    without = send(owner, path, name="Spring", reason="  ")
    assert (without.status_code, 'value="Spring"' in without.text) == (422, True)
    same = send(owner, path)
    assert (same.status_code, "Nothing is different from what is stored." in text_of(same)) == (422, True)
    assert told() == []


@pytest.mark.parametrize(
    ("state", "opens_on", "closes_on", "status", "says"),
    [
        ("requested", "2027-03-02", "", 303, ""),  # nothing is granted yet
        ("requested", "2027-01-01", "2027-02-28", 303, ""),
        ("approved", "2027-03-01", "2027-03-01", 303, ""),  # the day itself
        ("approved", "2027-03-02", "", 422, "was requested on 1 March 2027: the call cannot open after that"),
        ("approved", "2027-01-01", "2027-02-28", 422, "was requested on 1 March 2027: the call cannot end before that"),
        ("issued", "2026-12-01", "2027-12-31", 303, ""),
        ("issued", "2027-05-01", "2027-04-01", 422, "the call cannot open after that"),
    ],
)
def test_what_is_granted_was_requested_while_it_was_open(
    full: Case, visitor: Visitor, state: str, opens_on: str, closes_on: str, status: int, says: str
) -> None:
    full.take_to(state)
    answer = send(visitor(full.owner), path_of(full), opens_on=opens_on, closes_on=closes_on)
    assert answer.status_code == status, text_of(answer)
    assert says in text_of(answer)


def test_what_was_granted_and_given_back_counts_too(full: Case, visitor: Visitor) -> None:
    """It was the call's when it was granted: its history says so."""
    operations.withdraw(full.take_to("issued"), by=full.holder)
    assert send(visitor(full.owner), path_of(full), opens_on="2027-03-02").status_code == 422


def test_other_days_are_told_to_the_team_and_to_who_has_not_requested_yet(full: Case, visitor: Visitor) -> None:
    asked = make_case("full", programme=full.programme, line=full.line)
    asked.take_to("requested")
    make_case("full")  # another programme's
    db.session.execute(OutboxMessage.__table__.delete())
    send(visitor(full.owner), path_of(full), closes_on="2027-04-30")
    team = db.session.scalars(select(User).where(User.id.in_([each.user_id for each in full.programme.team])))
    people = {each.email for each in team if each.roles_in_programme(full.programme.id) != {Role.AUDITOR}}
    assert set(told()) == (people | {full.holder.email}) - {full.owner.email}
    assert len(told()) == len(set(told()))
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient_id == full.holder.id)).one()
    assert mail.subject_line.endswith("closes on 30 April 2027")
    assert REASON in mail.text
    assert "rolling" in mail.text


def test_another_name_is_told_to_the_team_alone(full: Case, visitor: Visitor) -> None:
    send(visitor(full.owner), path_of(full), name="Spring")
    assert full.holder.email not in told()
    assert full.other_owner.email in told()


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR, None])
def test_for_others_there_is_no_such_page(full: Case, visitor: Visitor, role: Role | None) -> None:
    somebody = visitor(make_member(full.programme, role) if role else make_member(make_programme(), Role.OWNER))
    elsewhere = make_call(make_programme())
    for path in (path_of(full), f"/programmes/{full.programme.id}/corrections"):
        assert somebody.get(path).status_code == 404
    assert somebody.post(path_of(full), data={"name": "Mine", "reason": "x"}).status_code == 404
    owner = visitor(full.owner)
    assert owner.get(f"/programmes/{full.programme.id}/calls/{elsewhere.id}/edit").status_code == 404


def test_three_hundred_who_are_told_take_no_second(full: Case, visitor: Visitor) -> None:
    """Each mail is written by itself."""
    for each in waiting(full, 300, "draft"):
        each.requested_on = None
    owner, days = visitor(full.owner), iter(range(1, 20))
    took = processor_seconds(lambda: send(owner, path_of(full), closes_on=f"2027-05-{next(days):02d}"), times=2)
    assert len(told()) > 600
    assert took < 1.0
