"""The pages of a programme's money: the overview, one line with its movements and forecast, more money."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from mobility.budgets.queries import asked, redemption
from mobility.budgets.rules import History
from mobility.core import clock
from mobility.core.database import db
from mobility.people.roles import Role
from mobility.programmes import operations
from mobility.programmes.models import BudgetLine, LedgerEntry, Posting, Programme
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support.cases import make_case
from tests.support.client import Visitor
from tests.support.factories import make_budget_line, make_call, make_funded_programme, make_member, make_programme
from tests.support.html import fields_of, text_of
from tests.support.tills import Till


def one_line(db_session: Any) -> BudgetLine:
    return db_session.scalars(select(BudgetLine)).one()


def address(programme: Programme, line: BudgetLine, more: str = "") -> str:
    return f"/programmes/{programme.id}/budget/{line.id}{more}"


def test_a_call_may_have_money_for_both_kinds(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme()
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/calls/new"
    typed = {"name": "Spring", "opens_on": "2027-03-01", "mobility": "12,000", "knowledge": "3,000.50"}
    assert owner.post(path, data=fields_of(owner.get(path)) | typed).status_code == 302
    lines = db_session.scalars(select(BudgetLine).order_by(BudgetLine.id)).all()
    assert [(line.voucher_kind, line.name, line.available) for line in lines] == [
        ("mobility", "Spring, mobility", Decimal("12000.00")),
        ("knowledge", "Spring, knowledge", Decimal("3000.50")),
    ]
    page = text_of(owner.get(f"/programmes/{programme.id}/budget"))
    assert "Mobility vouchers" in page
    assert "Paid €0.00 Committed €0.00 Available €12,000.00 Total €12,000.00" in page
    assert "Paid €0.00 Committed €0.00 Available €3,000.50 Total €3,000.50" in page
    zero = owner.post(path, data=fields_of(owner.get(path)) | typed | {"name": "Autumn", "knowledge": "0"})
    assert (zero.status_code, "Enter an amount greater than zero" in text_of(zero)) == (422, True)


def test_a_call_gets_money_for_the_other_kind_later_and_once(visitor: Visitor, db_session: Any) -> None:
    programme = make_funded_programme()
    call = one_line(db_session).call
    owner = visitor(make_member(programme, Role.OWNER))
    assert "Money for knowledge vouchers" in text_of(owner.get(f"/programmes/{programme.id}/budget"))
    path = f"/programmes/{programme.id}/calls/{call.id}/knowledge-money"
    form = fields_of(owner.get(path)) | {"amount": "2,000"}
    zero = owner.post(path, data=form | {"amount": "0"})
    assert (zero.status_code, "greater than zero" in text_of(zero)) == (422, True)
    assert {owner.post(path, data=form).status_code for _ in range(3)} == {302}
    lines = db_session.scalars(select(BudgetLine).order_by(BudgetLine.id)).all()
    assert [(line.voucher_kind, line.available) for line in lines] == [("mobility", 10_000), ("knowledge", 2_000)]
    again = owner.post(path, data=fields_of(owner.get(path)) | {"amount": "1"})
    assert (again.status_code, "already has a budget line for knowledge vouchers" in text_of(again)) == (409, True)
    assert "Money for knowledge vouchers" not in text_of(owner.get(f"/programmes/{programme.id}/budget"))
    for somebody in (make_member(programme, Role.FINANCE_OFFICER), make_member(make_programme(), Role.OWNER)):
        assert visitor(somebody).get(path).status_code == 404


def test_more_money(visitor: Visitor, db_session: Any) -> None:
    programme = make_funded_programme(1000)
    line = one_line(db_session)
    owner = visitor(make_member(programme, Role.OWNER, name="Rita"))
    path = address(programme, line, "/appropriate")
    assert owner.post(path, data=fields_of(owner.get(path)) | {"amount": "500.50", "note": "Board, May"}).status_code == 302
    assert line.available == Decimal("1500.50")
    zero = owner.post(path, data=fields_of(owner.get(path)) | {"amount": "0"})
    assert (zero.status_code, "greater than zero" in text_of(zero)) == (422, True)
    page = text_of(owner.get(address(programme, line)))
    assert "Money added Board, May €500.50 funding to available 1 March 2027, 10:00, Brussels time Rita" in page


def test_a_line_shows_its_bar_its_forecast_and_its_movements(visitor: Visitor, db_session: Any) -> None:
    case = make_case("light")
    case.take_to("issued")
    other = make_case("light", programme=case.programme, line=case.line)
    other.take_to("requested")
    auditor = visitor(case.auditor)
    page = text_of(auditor.get(address(case.programme, case.line)))
    assert "Paid €0.00 Committed €780.00 Available €9,220.00 Total €10,000.00" in page
    assert f"Set aside for V-{case.voucher.id:06d}" in page
    assert "1 open request Requested, returned with a question, or recommended -€780.00" in page
    assert "Left if all are approved €8,440.00" in page
    assert "No issued voucher of this line has ended yet. That is little to go by" in page
    assert "Add money" not in page
    overview = text_of(auditor.get(f"/programmes/{case.programme.id}/budget"))
    assert "1 open request asks for €780.00." in overview


def test_a_line_is_its_programme_s(visitor: Visitor, db_session: Any) -> None:
    programme, other = make_funded_programme(), make_programme()
    line = make_budget_line(make_call(other))
    owner = visitor(make_member(programme, Role.OWNER))
    assert owner.get(address(programme, line)).status_code == 404
    assert owner.get(address(other, line)).status_code == 404
    assert visitor(make_member(other, Role.AUDITOR)).get(address(other, line)).status_code == 200


def many_entries(line: BudgetLine, count: int) -> None:
    """Movements that only the list sees."""
    operations.appropriate(line, Decimal(1), by=SYSTEM)
    rows = [
        {"budget_line_id": line.id, "event": "appropriate", "key": f"many:{n}", "note": f"number {n}", "at": clock.utc_now()}
        for n in range(count)
    ]
    ids = db.session.scalars(insert(LedgerEntry).returning(LedgerEntry.id), rows).all()
    db.session.execute(insert(Posting), [{"entry_id": id, "account": "available", "amount": Decimal(1)} for id in ids])


def test_movements_are_paged_from_entry_to_entry(visitor: Visitor, db_session: Any) -> None:
    programme = make_funded_programme(0)
    line = one_line(db_session)
    many_entries(line, 60)
    auditor = visitor(make_member(programme, Role.AUDITOR))
    seen, path = [], address(programme, line)
    while path:
        body = auditor.get(path).get_data(as_text=True)
        seen.append([number for number in range(60) if f"number {number}<" in body])
        older = body.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        path = older.partition("#")[0]
        last = body
    assert [len(numbers) for numbers in seen] == [25, 25, 10]
    assert sorted(number for numbers in seen for number in numbers) == list(range(60))
    newer = last.partition('rel="prev" href="')[2].partition('"')[0].partition("#")[0]
    back = auditor.get(newer).get_data(as_text=True)
    assert [number for number in range(60) if f"number {number}<" in back] == seen[1]
    for nonsense in ("?before=x", "?before=-1", "?after=" + "9" * 40, "?before=1", "?after=999999999"):
        assert auditor.get(address(programme, line, nonsense)).status_code == 200


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_line_takes_the_same_queries_however_much_has_moved(
    visitor: Visitor, db_session: Any, queries: Callable[..., Any], count: int
) -> None:
    programme = make_funded_programme()
    line = one_line(db_session)
    many_entries(line, count)
    auditor = visitor(make_member(programme, Role.AUDITOR))
    with queries() as q:
        assert auditor.get(address(programme, line)).status_code == 200
    assert q.count == 8, q


@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_takes_the_same_queries_for_any_number_of_calls(
    visitor: Visitor, db_session: Any, queries: Callable[..., Any], count: int
) -> None:
    programme = make_programme()
    for _ in range(count):
        call = make_call(programme)
        make_budget_line(call)
        make_budget_line(call, voucher_kind="knowledge")
    auditor = visitor(make_member(programme, Role.AUDITOR))
    with queries() as q:
        assert auditor.get(f"/programmes/{programme.id}/budget").status_code == 200
    assert q.count == 6, q


def test_usual_redemption_is_learned_from_the_line_s_own_vouchers(db_session: Any) -> None:
    case = make_case("light")
    exchange = case.exchange
    ended = [
        ("paid", "1000.00", "800.00", True), ("paid", "1000.00", "1000.00", True), ("recovered", "500.00", "250.00", True),
        ("expired", "500.00", None, True), ("lapsed", "500.00", None, True), ("revoked", "500.00", None, False),
        ("rejected", "500.00", None, False), ("issued", "500.00", None, True), ("withdrawn", "500.00", None, False),
    ]  # fmt: skip
    for state, amount, final, issued in ended:
        voucher = Voucher(
            kind="mobility",
            programme=exchange.programme,
            holder=exchange.guest,
            holder_organisation=exchange.guest_organisation,
            budget_line_id=case.line.id,
            amount=Decimal(amount),
            final_amount=Decimal(final) if final else None,
            issued_at=clock.utc_now() if issued else None,
        )
        setattr(voucher, "state", state)  # noqa: B010 (no operation leads there by itself)
        db_session.add(voucher)
    db_session.flush()
    found = redemption(case.line.id)
    assert found == History(ended=5, spent=3, committed=Decimal(2500), final=Decimal(2050))
    assert redemption(case.line.id + 1) == History()


def test_what_is_validated_is_not_expected_back(till: Till) -> None:
    assert asked([till.line.id]) == {till.line.id: (0, 0, Decimal(1560))}
    requested = make_case("full", programme=till.programme, line=till.line)
    requested.take_to("requested")
    assert asked([till.line.id]) == {till.line.id: (1, Decimal(780), Decimal(1560))}
