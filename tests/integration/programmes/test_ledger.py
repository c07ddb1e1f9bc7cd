"""The ledger's invariants (money.md): whatever happens in whatever order, they hold; and the check sees what breaks them."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mobility.budgets.checks import check_books, check_ledger
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.programmes import operations
from mobility.programmes.models import Account, BudgetLine, LedgerEntry, Posting
from mobility.programmes.queries import lock_budget_line
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support.cases import make_case
from tests.support.factories import make_agreed_exchange, make_budget_line, make_call, make_programme, make_voucher

AMOUNTS = st.decimals(min_value="0.01", max_value="900.00", places=2)


def balances(line: BudgetLine) -> tuple[Decimal, Decimal, Decimal]:
    return line.available, line.committed, line.spent


def newest_entry() -> LedgerEntry:
    return db.session.scalars(db.select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1)).one()


def test_each_event_moves_money_from_one_account_to_another(db_session: Any) -> None:
    line = make_budget_line(make_call(make_programme()), 1000)
    voucher = make_voucher(make_agreed_exchange())
    assert balances(line) == (1000, 0, 0)
    operations.commit_budget(line, Decimal(780), for_=voucher, by=SYSTEM)
    assert balances(line) == (220, 780, 0)
    operations.release_budget(line, Decimal(80), for_=voucher, by=SYSTEM)
    assert balances(line) == (300, 700, 0)
    operations.spend_budget(line, Decimal(700), for_=voucher, by=SYSTEM)
    assert balances(line) == (300, 0, 700)
    operations.recover_budget(line, Decimal(700), for_=voucher, by=SYSTEM, note="Paid twice.")
    assert balances(line) == (1000, 0, 0)
    assert [(posting.account, posting.amount) for posting in newest_entry().postings] == [
        ("spent", Decimal("-700.00")),
        ("available", Decimal("700.00")),
    ]
    assert check_books() == []


def test_what_is_not_there_is_not_moved(db_session: Any) -> None:
    line = make_budget_line(make_call(make_programme()), 100, name="Mobility")
    voucher = make_voucher(make_agreed_exchange())
    with pytest.raises(GuardRefused) as refusal:
        operations.commit_budget(line, Decimal("100.01"), for_=voucher, by=SYSTEM)
    assert refusal.value.message == "The budget line “Mobility” has €100.00 left; €100.01 is needed."
    with pytest.raises(GuardRefused, match=r"has €0\.00 committed"):
        operations.release_budget(line, Decimal(1), for_=voucher, by=SYSTEM)
    for amount in (Decimal(0), Decimal(-5)):
        with pytest.raises(Refusal, match="greater than zero"):
            operations.appropriate(line, amount, by=SYSTEM)


def test_a_voucher_and_an_event_make_one_entry(db_session: Any) -> None:
    line = make_budget_line(make_call(make_programme()), 1000)
    voucher = make_voucher(make_agreed_exchange())
    operations.commit_budget(line, Decimal(1), for_=voucher, by=SYSTEM)
    with pytest.raises(IntegrityError):
        operations.commit_budget(line, Decimal(1), for_=voucher, by=SYSTEM)
    db.session.rollback()


def test_the_ledger_is_never_changed(db_session: Any) -> None:
    line = make_budget_line(make_call(make_programme()), 1000)
    operations.appropriate(line, Decimal(5), by=SYSTEM)
    newest_entry().note = "Something else"
    with pytest.raises(IntegrityError, match="never changed"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            "INSERT INTO posting (entry_id, account, amount) SELECT min(id), 'funding', 1 FROM ledger_entry",
            "its 3 postings sum to 0.01 instead of zero",
        ),
        ("UPDATE budget_line SET available = available + 500", "available shows 9,225.00, its postings sum to 9,220.00"),
        ("UPDATE budget_line SET spent = 7, committed = 9", "committed shows 0.09, its postings sum to 780.00"),
        ("UPDATE budget_line SET spent = 7, committed = 9", "spent shows 0.07, its postings sum to 0.00"),
        ("UPDATE voucher SET amount = amount + 1", "its amount is 780.01, its lines sum to 780.00"),
        ("UPDATE voucher SET state = 'paid', final_amount = 500", "by its entries 780.00 is set aside instead of 5.00"),
        ("UPDATE voucher SET state = 'paid', final_amount = 500", "by its entries 0.00 is spent instead of 5.00"),
        ("UPDATE voucher SET state = 'withdrawn'", "is withdrawn; by its entries 780.00 is set aside instead of 0.00"),
    ],
)
def test_the_check_names_what_is_wrong(db_session: Any, fault: str, words: str) -> None:
    make_case("light").take_to("issued")
    db.session.flush()
    assert check_ledger() == []
    db.session.execute(text(fault))
    assert any(words in sentence for sentence in check_ledger())


def test_lines_of_odd_cents_add_up(db_session: Any) -> None:
    """Also where the database does it in floating point: 0.10 three times is 0.30000000000000004."""
    voucher = make_case("light").take_to("issued")
    db.session.flush()
    lines = [{**voucher.lines[0], "amount": amount} for amount in ("0.10", "0.10", "0.10", "778.71", "0.99")]
    db.session.execute(db.update(Voucher).values(lines=lines))
    assert check_ledger() == []
    db.session.execute(db.update(Voucher).values(lines=lines[1:]))
    assert check_ledger() == [f"Voucher {voucher.id}: its amount is 780.00, its lines sum to 779.90."]


def test_what_was_done_twice_is_seen_unless_it_was_undone_between(db_session: Any) -> None:
    case = make_case("light")
    line, voucher = case.line, case.take_to("issued")
    operations.release_budget(line, Decimal(80), for_=voucher, by=SYSTEM)
    operations.commit_again(line, Decimal(80), for_=voucher, by=SYSTEM)
    for _ in range(2):
        operations.spend_budget(line, Decimal(300), for_=voucher, by=SYSTEM)
        operations.return_budget(line, Decimal(300), for_=voucher, by=SYSTEM)
    operations.spend_budget(line, Decimal(300), for_=voucher, by=SYSTEM)
    operations.recover_budget(line, Decimal(100), for_=voucher, by=SYSTEM)
    operations.recover_budget(line, Decimal(200), for_=voucher, by=SYSTEM)
    db.session.flush()
    assert check_books() == []
    keys = db.session.scalars(db.select(LedgerEntry.key).where(LedgerEntry.voucher_id == voucher.id).order_by(LedgerEntry.id))
    names = ["commit", "release", "commit:2", "spend", "come_back", "spend:2", "come_back:2", "spend:3", "recover", "recover:2"]
    assert list(keys) == [f"{voucher.id}:{name}" for name in names]
    by_hand = {"budget_line_id": line.id, "event": "spend", "voucher_id": voucher.id, "key": "by hand"}
    db.session.execute(db.insert(LedgerEntry).values(by_hand))
    assert f"Voucher {voucher.id}: 4 entries for spend." in check_books()


def test_a_second_spending_meets_the_key_of_the_first(db_session: Any) -> None:
    case = make_case("light")
    voucher = case.take_to("issued")
    operations.spend_budget(case.line, Decimal(1), for_=voucher, by=SYSTEM)
    with pytest.raises(IntegrityError):
        operations.spend_budget(case.line, Decimal(1), for_=voucher, by=SYSTEM)


def test_money_is_taken_out_as_far_as_it_is_available(db_session: Any) -> None:
    case = make_case("light")
    case.take_to("issued")
    with pytest.raises(GuardRefused, match=r"has €9,220\.00 left; €9,220\.01 is needed"):
        operations.withdraw_budget(case.line, Decimal("9220.01"), by=SYSTEM)
    operations.withdraw_budget(case.line, Decimal("9000.00"), by=SYSTEM, note="Booked to the wrong call.")
    operations.withdraw_budget(case.line, Decimal("220.00"), by=SYSTEM)
    assert (case.line.available, case.line.committed) == (Decimal("0.00"), Decimal("780.00"))
    assert check_books() == []


class Ledger(RuleBasedStateMachine):
    """Any sequence of movements, with what the balances should be kept beside."""

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        self.line = make_budget_line(make_call(make_programme()), 0)
        self.exchange = make_agreed_exchange(programme=self.line.call.programme)
        self.vouchers: list[Voucher] = []
        self.committed: dict[int, Decimal] = {}
        self.spent: dict[int, Decimal] = {}
        self.appropriated = Decimal(0)

    def teardown(self) -> None:
        """The whole check at the end of each sequence."""
        found = check_books()  # its vouchers are none but in name
        db.session.rollback()
        assert found == []

    @initialize(amount=AMOUNTS)
    def begin(self, amount: Decimal) -> None:
        self.appropriate(amount)

    @rule(amount=AMOUNTS)
    def appropriate(self, amount: Decimal) -> None:
        operations.appropriate(self.line, amount, by=SYSTEM)
        self.appropriated += amount

    @property
    def available(self) -> Decimal:
        return self.appropriated - sum(self.committed.values()) - sum(self.spent.values())

    @rule(amount=AMOUNTS)
    def commit(self, amount: Decimal) -> None:
        voucher = self.another_voucher()
        if amount > self.available:
            with pytest.raises(GuardRefused):
                operations.commit_budget(self.line, amount, for_=voucher, by=SYSTEM)
            return
        operations.commit_budget(self.line, amount, for_=voucher, by=SYSTEM)
        self.vouchers.append(voucher)
        self.committed[voucher.id] = amount

    def another_voucher(self) -> Voucher:
        """Made directly: only its id matters here."""
        exchange = self.exchange
        voucher = Voucher(
            kind="mobility",
            programme=exchange.programme,
            holder=exchange.guest,
            holder_organisation=exchange.guest_organisation,
        )
        db.session.add(voucher)
        db.session.flush()
        return voucher

    @precondition(lambda self: self.vouchers)
    @rule(data=st.data(), share=st.integers(1, 4))
    def release_and_spend(self, data: st.DataObject, share: int) -> None:
        """Part of what was set aside goes back, the rest is paid; the last quarter goes back whole."""
        voucher = data.draw(st.sampled_from(self.vouchers))
        self.vouchers.remove(voucher)
        amount = self.committed.pop(voucher.id)
        back = (amount * share / 4).quantize(Decimal("0.01"))
        if back:
            operations.release_budget(self.line, back, for_=voucher, by=SYSTEM)
        if amount > back:
            operations.spend_budget(self.line, amount - back, for_=voucher, by=SYSTEM)
            self.spent[voucher.id] = amount - back

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def recover(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.spent)))
        voucher = db.session.get(Voucher, id)
        operations.recover_budget(self.line, self.spent.pop(id), for_=voucher, by=SYSTEM)

    @invariant()
    def balances_are_what_they_should_be(self) -> None:
        line = lock_budget_line(self.line.id)
        assert line.available == self.available >= 0
        assert line.committed == sum(self.committed.values())
        assert line.spent == sum(self.spent.values())


@pytest.mark.property
def test_any_sequence_of_movements_keeps_the_ledger(app: Flask, db_session: Any) -> None:
    run_state_machine_as_test(Ledger)


def test_postings_of_an_entry_are_two(db_session: Any) -> None:
    make_case("light").take_to("issued")
    for entry in db.session.scalars(db.select(LedgerEntry)):
        assert len(entry.postings) == 2
        assert sum(posting.amount for posting in entry.postings) == 0
    accounts = set(db.session.scalars(db.select(Posting.account)))
    assert accounts == {Account.FUNDING, Account.AVAILABLE, Account.COMMITTED}
