"""Somebody with the database's password: what they do is refused, or `check-ledger` names it, however well it is fitted."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mobility.budgets.checks import check_ledger
from mobility.core.database import db
from mobility.payments import operations
from mobility.vouchers import operations as vouchers
from tests.support.cases import make_case
from tests.support.tills import Till


def entry(event: str, voucher: str, source: str, target: str, cents: int, key: str = "") -> list[str]:
    """A movement as the software would book it, with the balances fitted."""
    key = key or ("'line {line}:appropriate:99'" if voucher == "NULL" else f"{voucher} || ':{event}'")
    balances = [
        f"UPDATE budget_line SET {name} = {name} {sign} {cents} WHERE id = {{line}}"
        for name, sign in ((source, "-"), (target, "+"))
        if name in ("available", "committed", "spent")
    ]
    return [
        "INSERT INTO ledger_entry (budget_line_id, event, voucher_id, key, at, note) "
        f"VALUES ({{line}}, '{event}', {voucher}, {key}, '2027-03-01 09:00:00', '')",
        f"INSERT INTO posting (entry_id, account, amount) SELECT max(id), '{source}', -{cents} FROM ledger_entry",
        f"INSERT INTO posting (entry_id, account, amount) SELECT max(id), '{target}', {cents} FROM ledger_entry",
        *balances,
    ]


def voucher(which: str, change: str) -> str:
    return f"UPDATE voucher SET {change} WHERE id = {{{which}}}"


def payment(which: str, change: str) -> str:
    return f"UPDATE payment SET {change} WHERE voucher_id = {{{which}}}"


COMMIT, RELEASE = ("available", "committed"), ("committed", "available")
SPEND, RECOVER = ("committed", "spent"), ("spent", "available")
MORE = "UPDATE posting SET amount = amount * 2 WHERE entry_id IN (SELECT id FROM ledger_entry WHERE voucher_id = {paid})"

TAMPERINGS: dict[str, list[str]] = {
    # the ledger itself
    "all amounts of a voucher's entries": [MORE, "UPDATE budget_line SET spent = spent + 78000, available = available - 78000"],
    "an entry goes to another voucher": ["UPDATE ledger_entry SET voucher_id = {claimed} WHERE voucher_id = {paid}"],
    "an entry's note": ["UPDATE ledger_entry SET note = 'By mistake.'"],
    "an entry's day": ["UPDATE ledger_entry SET at = '2026-01-01 09:00:00'"],
    "an entry is deleted": ["DELETE FROM posting WHERE entry_id IN (SELECT max(id) FROM ledger_entry)"],
    "entries without postings are deleted": ["DELETE FROM ledger_entry"],
    "a posting is replaced by one with its id": [
        "INSERT INTO posting (id, entry_id, account, amount) SELECT min(id), min(entry_id), 'funding', 1 FROM posting"
    ],
    "an entry with one account": entry("appropriate", "NULL", "available", "available", 5000),
    "an account nobody knows": entry("release", "{claimed}", "committed", "pocket", 5000),
    "an event nobody knows": entry("refund", "{claimed}", *RELEASE, 5000),
    "an event the other way round": entry("commit", "{requested}", *RELEASE, 5000),
    "an entry with four postings": [
        *entry("appropriate", "NULL", "funding", "available", 5000),
        *(each for each in entry("appropriate", "NULL", "available", "committed", 5000) if "ledger_entry (" not in each),
    ],
    "an entry with three postings": [
        *entry("appropriate", "NULL", "funding", "available", 5000),
        "INSERT INTO posting (entry_id, account, amount) SELECT max(id), 'funding', 0 FROM ledger_entry",
    ],
    "an entry without postings": entry("appropriate", "NULL", "funding", "available", 5000)[:1],
    "a second entry under another key": entry("commit", "{claimed}", *COMMIT, 5000, "'again'"),
    "a first entry under another key": entry("spend", "{claimed}", *SPEND, 78000, "'mine'"),
    "money for a line booked for a voucher": entry("appropriate", "{claimed}", "funding", "available", 5000),
    "set aside for no voucher": entry("commit", "NULL", *COMMIT, 5000, "'nobody'"),
    "a balance beside its postings": ["UPDATE budget_line SET available = available + 500 WHERE id = {line}"],
    "more spent than was set aside": [
        *entry("spend", "{claimed}", *SPEND, 500000),
        voucher("claimed", "state = 'paid', final_amount = 500000, amount = 500000, paid_on = '2027-03-01'"),
    ],
    # a voucher beside its entries
    "set aside for a request": entry("commit", "{requested}", *COMMIT, 78000),
    "a request becomes approved": [voucher("requested", "state = 'approved'")],
    "a request is approved and booked": [
        *entry("commit", "{requested}", *COMMIT, 78000),
        voucher("requested", "state = 'approved', decided_on = '2027-03-01'"),
    ],
    "a claim is spent": entry("spend", "{claimed}", *SPEND, 78000),
    "a claim becomes paid and is booked": [
        *entry("spend", "{claimed}", *SPEND, 78000),
        voucher("claimed", "state = 'paid', final_amount = amount, paid_on = '2027-03-01'"),
    ],
    "a claim becomes validated": [voucher("claimed", "state = 'validated', final_amount = amount")],
    "a claim is withdrawn and booked": [
        *entry("release", "{claimed}", *RELEASE, 78000),
        voucher("claimed", "state = 'withdrawn'"),
    ],
    "a withdrawn one is claimed again": [voucher("withdrawn", "state = 'claimed'")],
    "what was set aside is given back": entry("release", "{claimed}", *RELEASE, 78000),
    "a payment is recovered, half of it": entry("recover", "{paid}", *RECOVER, 39000),
    "a payment is recovered and booked": [
        *entry("recover", "{paid}", *RECOVER, 39000),
        voucher("paid", "state = 'recovered', recovered_amount = 39000"),
    ],
    "more was approved": [voucher("claimed", "amount = amount + 10000")],
    "less was approved": [voucher("claimed", "amount = amount - 10000")],
    "more is final than approved": [
        voucher("validated", "final_amount = final_amount + 10000"),
        payment("validated", "amount = amount + 10000"),
    ],
    "less is final, and the rest booked": [
        *entry("release", "{validated}", *RELEASE, 10000),
        voucher("validated", "final_amount = final_amount - 10000"),
    ],
    "nothing is final": [voucher("paid", "final_amount = NULL")],
    "more was recovered": [voucher("recovered", "recovered_amount = recovered_amount + 1")],
    "nothing was recovered": [voucher("recovered", "recovered_amount = NULL")],
    "a recovered one is paid again": [voucher("recovered", "state = 'paid', recovered_amount = NULL")],
    "another programme's line": ["UPDATE voucher SET budget_line_id = {other_line} WHERE id = {claimed}"],
    "another kind": [voucher("claimed", "kind = 'knowledge'")],
    "another day of payment": [voucher("paid", "paid_on = '2027-02-01'")],
    "lines beside the amount": [voucher("claimed", "lines = '[]'")],
    # payments and accounts
    "a payment of more": [payment("validated", "amount = amount + 1")],
    "a payment to another account": [payment("validated", "account_id = (SELECT max(id) FROM bank_account)")],
    "an account gets another number": ["UPDATE bank_account SET iban = 'GR1601101250000000012300695'"],
    "an account gets another owner": [
        'UPDATE bank_account SET user_id = (SELECT max(id) FROM "user") WHERE id = (SELECT min(id) FROM bank_account)'
    ],
    "a payment that was made is forgotten": [payment("paid", "outcome = NULL, settled_on = NULL")],
    "a payment that was made was on another day": [
        payment("paid", "settled_on = '2027-02-01'"),
        voucher("paid", "paid_on = '2027-02-01'"),
    ],
    "a payment that was made is deleted": ["DELETE FROM payment WHERE voucher_id = {paid}"],
    "a payment is made up": [
        "INSERT INTO payment (batch_id, voucher_id, account_id, amount, end_to_end_id, outcome, reason, settled_on) "
        "SELECT batch_id, {claimed}, account_id, 78000, 'mine', 'paid', '', '2027-03-01' FROM payment WHERE voucher_id = {paid}"
    ],
    "a payment that waits is made up": [
        "INSERT INTO payment (batch_id, voucher_id, account_id, amount, end_to_end_id, reason) "
        "SELECT batch_id, {claimed}, account_id, 78000, 'mine', '' FROM payment WHERE voucher_id = {validated}"
    ],
    "a payment that waits is paid": [payment("validated", "outcome = 'paid', settled_on = '2027-03-01'")],
    "a payment that waits is paid, and all is booked": [
        payment("validated", "outcome = 'paid', settled_on = '2027-03-01'"),
        *entry("spend", "{validated}", *SPEND, 78000),
        voucher("validated", "state = 'paid', paid_on = '2027-03-01'"),
    ],
    "what was paid came back": [payment("paid", "outcome = 'bounced'")],
    # history and rates
    "who did it": ["UPDATE history_entry SET actor_id = NULL"],
    "what was said": ["UPDATE history_entry SET note = 'All is well.'"],
    "an act is deleted": ["DELETE FROM history_entry WHERE subject_type = 'voucher' AND subject_id = {paid}"],
    "the rates of then": ["UPDATE rate_card SET components = '[]'"],
}


@pytest.fixture
def places(till: Till, db_session: Any) -> dict[str, int]:
    """The ids of a voucher in each state that matters, all of which came there through the software, and of two budget lines."""
    paid, recovered, validated = till.another(), till.another(), till.another()
    till.vouchers += [paid, recovered, validated]
    batch = till.sent(2, 3, 4)
    till.record(batch, 0)
    till.record(batch, 1)
    operations.recover(recovered, by=till.spare, amount=Decimal(100), reason="Paid twice.")
    claimed, withdrawn, requested = till.another("claimed"), make_case("light"), make_case("light")
    vouchers.withdraw(withdrawn.take_to("issued"), by=withdrawn.holder)
    requested.take_to("requested")
    found = {"paid": paid, "recovered": recovered, "validated": validated, "claimed": claimed}
    others = {"withdrawn": withdrawn.voucher, "requested": requested.voucher, "line": till.line, "other_line": requested.line}
    db_session.flush()
    return {name: each.id for name, each in (found | others).items()}


def test_what_is_done_past_the_software_is_refused_or_named(till: Till, places: dict[str, int]) -> None:
    before = check_ledger()
    unseen = [name for name, statements in TAMPERINGS.items() if not noticed(statements, places)]
    assert unseen == []
    assert len(TAMPERINGS) >= 42
    assert (before, check_ledger()) == ([], [])


def noticed(statements: list[str], places: dict[str, int]) -> bool:
    part, connection = db.session.begin_nested(), db.session.connection()
    try:
        for statement in statements:
            assert connection.exec_driver_sql(statement.format(**places)).rowcount, statement
        return bool(check_ledger())
    except IntegrityError:
        return True
    finally:
        part.rollback()
