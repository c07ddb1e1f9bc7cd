"""Added money is corrected: by a new entry, never under what is bound, with a reason that is told. The tables are by hand."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, InternalError

from mobility.audit.models import AuditEntry
from mobility.budgets.checks import check_ledger
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.programmes import operations as programmes
from mobility.programmes.models import LedgerEntry
from tests.support.cases import Case, make_case
from tests.support.client import Visitor
from tests.support.factories import make_member, make_programme, make_user
from tests.support.html import fields_of, text_of

REASON = "A nought too many."


def first_entry(case: Case) -> int:
    """The 10,000 that the case's line began with."""
    query = select(LedgerEntry.id).where(LedgerEntry.budget_line_id == case.line.id).order_by(LedgerEntry.id)
    return db.session.scalars(query.limit(1)).one()


def path_of(case: Case, entry: int | None = None) -> str:
    return f"/programmes/{case.programme.id}/corrections/{entry or first_entry(case)}"


def send(client: Any, path: str, amount: str, **typed: str) -> Any:
    return client.post(path, data=fields_of(client.get(path)) | {"amount": amount, "reason": REASON} | typed)


def balances(case: Case) -> tuple[str, ...]:
    db.session.expire_all()
    return tuple(str(each) for each in (case.line.available, case.line.committed, case.line.spent))


# 10,000.00 was added; an issued voucher sets 780.00 aside
@pytest.mark.parametrize(
    ("state", "amount", "status", "available", "committed"),
    [
        ("draft", "1,000.00", 303, "1000.00", "0.00"),
        ("draft", "0", 303, "0.00", "0.00"),
        ("draft", "10,000.01", 303, "10000.01", "0.00"),
        ("draft", "10,000.00", 422, "10000.00", "0.00"),  # nothing is different
        ("draft", "-1", 422, "10000.00", "0.00"),
        ("draft", "", 422, "10000.00", "0.00"),
        ("issued", "780.00", 303, "0.00", "780.00"),  # what is bound stays covered, to the cent
        ("issued", "779.99", 422, "9220.00", "780.00"),
        ("issued", "0", 422, "9220.00", "780.00"),
        ("issued", "20,000", 303, "19220.00", "780.00"),
    ],
)
def test_another_amount(
    full: Case, visitor: Visitor, state: str, amount: str, status: int, available: str, committed: str
) -> None:
    full.take_to(state) if state != "draft" else None
    entries = db.session.scalars(select(LedgerEntry.id)).all()
    answer = send(visitor(full.owner), path_of(full), amount)
    assert answer.status_code == status, text_of(answer)
    assert balances(full) == (available, committed, "0.00")
    assert set(db.session.scalars(select(LedgerEntry.id))) >= set(entries)
    assert check_ledger() == []
    if state == "issued" and status == 422:
        assert "it cannot be less than €780.00" in text_of(answer)
        assert 'value="779.99"' in answer.text or amount == "0"


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_it_is_recorded_and_told(full: Case, visitor: Visitor, who: str) -> None:
    by = full.owner if who == "owner" else make_user(is_administrator=True)
    client = visitor(by)
    assert send(client, path_of(full), "1,000").status_code == 303
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "budget_corrected")).one()
    assert (entry.by_id, entry.programme_id) == (by.id, full.programme.id)
    assert entry.about == f"{full.line.name}, {full.line.call.name}"
    assert (entry.before, entry.after) == ({"amount": "€10,000.00"}, {"amount": "€1,000.00", "reason": REASON})
    mails = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "appropriation_corrected")).all()
    people = {full.owner.id, full.other_owner.id, full.finance_officer.id} - {by.id}
    assert {each.recipient_id for each in mails} == people
    assert all("€1,000.00 instead of €10,000.00" in each.subject_line and REASON in each.text for each in mails)
    page = text_of(client.get(f"/programmes/{full.programme.id}/corrections"))
    assert "€1,000.00 first €10,000.00" in page


def test_a_reason_is_needed(full: Case, visitor: Visitor) -> None:
    answer = send(visitor(full.owner), path_of(full), "1,000", reason=" ")
    assert (answer.status_code, 'value="1,000"' in answer.text) == (422, True)
    assert balances(full) == ("10000.00", "0.00", "0.00")


def test_corrected_again_and_with_other_money_on_the_line(full: Case, visitor: Visitor) -> None:
    """10,000 becomes 1,000, then 2,500; the 300 that were added besides stay."""
    programmes.appropriate(full.line, Decimal(300), by=full.owner, note="More")
    owner, path = visitor(full.owner), path_of(full)
    send(owner, path, "1,000")
    assert balances(full)[0] == "1300.00"
    send(owner, path, "2,500")
    assert balances(full)[0] == "2800.00"
    page = text_of(owner.get(f"/programmes/{full.programme.id}/corrections"))
    assert ("€2,500.00 first €10,000.00" in page, "€300.00" in page, "€9,000.00" in page) == (True, True, False)
    assert check_ledger() == []


def test_two_tabs_and_twice(full: Case, visitor: Visitor) -> None:
    owner, path = visitor(full.owner), path_of(full)
    form = fields_of(owner.get(path)) | {"amount": "1,000", "reason": REASON}
    assert [owner.post(path, data=form).status_code for _ in range(2)] == [303, 409]
    again = owner.post(path, data=form | {"amount": "5,000"})
    assert (again.status_code, 'value="5,000"' in again.text, "as saved now: 1000.00" in text_of(again)) == (409, True, True), (
        text_of(again)
    )
    assert balances(full)[0] == "1000.00"


def test_only_money_that_was_added_and_no_correction_itself(full: Case, visitor: Visitor) -> None:
    owner = visitor(full.owner)
    send(owner, path_of(full), "1,000")
    full.take_to("issued")
    ids = db.session.scalars(select(LedgerEntry.id).order_by(LedgerEntry.id)).all()
    assert [owner.get(path_of(full, id)).status_code for id in ids] == [200, 404, 404]  # added, taken out, set aside
    other = make_case("full")
    assert owner.get(path_of(full, first_entry(other))).status_code == 404
    assert owner.get(path_of(other)).status_code == 404


def test_nobody_whose_own_request_waits_for_the_money(full: Case, visitor: Visitor) -> None:
    full.take_to("requested")
    holder = full.holder
    holder.is_administrator = True
    answer = send(visitor(holder), path_of(full), "20,000")
    assert (answer.status_code, full.voucher.reference in text_of(answer)) == (409, True)
    assert balances(full)[0] == "10000.00"


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR, None])
def test_for_others_there_is_no_such_page(full: Case, visitor: Visitor, role: Role | None) -> None:
    somebody = visitor(make_member(full.programme, role) if role else make_member(make_programme(), Role.OWNER))
    assert somebody.get(path_of(full)).status_code == 404
    assert somebody.post(path_of(full), data={"amount": "1", "reason": "x", "seen": "10000.00"}).status_code == 404
    assert balances(full)[0] == "10000.00"


def test_what_corrects_what_is_never_changed(full: Case, visitor: Visitor) -> None:
    send(visitor(full.owner), path_of(full), "1,000")
    db.session.commit()
    for statement in ("UPDATE appropriation_correction SET corrects_id = entry_id", "DELETE FROM appropriation_correction"):
        with pytest.raises((IntegrityError, InternalError)):
            db.session.execute(db.text(statement))
        db.session.rollback()


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_page_asks_the_same_however_much_was_added(
    full: Case, visitor: Visitor, queries: Callable[..., Any], count: int
) -> None:
    for _ in range(count - 1):
        programmes.appropriate(full.line, Decimal(1), by=full.owner)
    owner = visitor(full.owner)
    with queries() as q:
        page = owner.get(f"/programmes/{full.programme.id}/corrections")
    assert page.status_code == 200
    assert q.count == 7, q
