"""Somebody with the database's password at the batches: what `check-ledger` says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.payments import operations
from mobility.payments.checks import check_batches
from tests.support.tills import AUSTRIA, Till


@pytest.fixture
def tamper(database_kind: str) -> Callable[..., None]:
    """Past the triggers, which the test's rollback brings back."""

    def run(statement: str) -> None:
        connection = db.session.connection()
        if database_kind == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))
        db.session.expire_all()

    return run


@pytest.fixture
def batch(till: Till, db_session: Any) -> Any:
    """Approved, with its file for two payments of 780.00."""
    till.programme.account_holder, till.programme.account_iban = "Alpine Exchange Fund", AUSTRIA
    batch = till.approved(0, 1)
    operations.take_file(batch, by=till.approver)
    db_session.flush()
    return batch


def test_what_the_software_did_is_in_order(till: Till, batch: Any) -> None:
    assert list(check_batches()) == []
    operations.send(batch, by=till.approver)
    till.record(batch, 0)
    till.record(batch, 1, "bounced")
    db.session.flush()
    assert (batch.state, list(check_batches())) == ("settled", [])


def test_after_a_payment_was_taken_out_the_next_file_is_in_order(till: Till, batch: Any) -> None:
    operations.take_out(batch, by=till.collector, chosen=[str(batch.payments[0].id)], reason="Wrong account.")
    db.session.flush()
    assert list(check_batches()) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE payment_batch SET state = 'sent'", ["is sent, but its history ends with approved."]),
        (
            "UPDATE payment_batch SET state = 'settled'",
            [
                "is settled, but its history ends with approved.",
                "is settled, but of 2 of its payments nobody knows how they ended.",
            ],
        ),
        ("DELETE FROM history_entry WHERE subject_type = 'payment'", ["is approved, but its history is gone."]),
        (
            "UPDATE bank_file SET count = 3",
            ["asks for 3 payments of 1,560.00; it has 2 of 1,560.00.", "asks for something else."],
        ),
        ("UPDATE bank_file SET total = 1", ["asks for 2 payments of 0.01; it has 2 of 1,560.00.", "asks for something else."]),
        ("UPDATE payment SET amount = amount + 1", ["asks for 2 payments of 1,560.00; it has 2 of 1,560.02."]),
        ("UPDATE bank_file SET content = replace(content, '>780.00<', '>980.00<')", ["asks for something else."]),
        ("UPDATE bank_file SET content = ''", ["asks for something else."]),
    ],
)
def test_what_somebody_changed_is_named(batch: Any, tamper: Callable[..., None], statement: str, said: list[str]) -> None:
    tamper(statement)
    found = list(check_batches())
    assert all(each.startswith(f"Batch {batch.id}: ") for each in found)
    assert [next((end for end in said if each.endswith(end)), each) for each in found] == said
    db.session.rollback()


def test_taking_the_file_stands_in_the_audit_log(till: Till, batch: Any) -> None:
    """Each time: it has whole account numbers."""
    operations.take_file(batch, by=till.spare)
    db.session.commit()
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "bank_file_taken").order_by(AuditEntry.id)).all()
    assert [each.by_id for each in told] == [till.approver.id, till.spare.id]
    assert {(each.about, each.programme_id) for each in told} == {
        (f"{batch.reference}, {batch.file.message_id}", till.programme.id)
    }
