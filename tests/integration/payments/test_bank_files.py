"""The files made for the bank: what was changed since makes another, the old one is void by name, and nothing is paid twice."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobility.banking import operations as banking
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.payments import operations, queries
from mobility.payments.models import BankFile, PaymentBatch
from tests.support import factories
from tests.support.client import Visitor
from tests.support.forms import fill
from tests.support.html import text_of
from tests.support.tills import AUSTRIA, GREECE, PORTUGAL, Till, make_till

WEDNESDAY = date(2027, 3, 3)


def references_in(file: Any) -> list[str]:
    """The vouchers that a file pays."""
    content = file.content if isinstance(file, BankFile) else file.text
    return sorted(re.findall(r"<EndToEndId>(V-\d{6})-\d+</EndToEndId>", content))


def message_of(file: Any) -> str:
    return re.findall(r"<MsgId>(.*)</MsgId>", file.text)[0]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2027-03-06", "6 March 2027 is a Saturday: banks move no money then. 8 March 2027 would be right."),
        ("2027-03-07", "7 March 2027 is a Sunday: banks move no money then. 8 March 2027 would be right."),
        ("2027-03-26", "26 March 2027 is Good Friday: banks move no money then. 30 March 2027 would be right."),
        ("2027-03-29", "29 March 2027 is Easter Monday: banks move no money then. 30 March 2027 would be right."),
        ("2027-02-26", "Choose a day from 1 March 2027 to 30 April 2027."),
    ],
)
def test_the_field_says_which_day_would_be_right(till: Till, visitor: Visitor, day: str, words: str) -> None:
    batch = till.collect()
    page = fill(visitor(till.approver), f"/payments/{batch.id}/approve", execution_on=day)
    assert page.status_code == 422
    assert f"Error: {words}" in text_of(page)
    assert f'value="{day}"' in page.text


def test_a_payment_taken_out_makes_another_file(till: Till, visitor: Visitor) -> None:
    batch, client = till.approved(), visitor(till.approver)
    first = client.get(f"/payments/{batch.id}/bank-file.xml")
    one, two = (each.reference for each in till.vouchers)
    assert references_in(first) == sorted([one, two])
    taken = [str(batch.payments[0].id)]
    assert fill(client, f"/payments/{batch.id}/take-out", chosen=taken, reason="The wrong person.").status_code == 303
    assert client.get(f"/payments/{batch.id}/bank-file.xml").status_code == 409
    assert fill(client, f"/payments/{batch.id}/approve", execution_on="2027-03-02").status_code == 303
    second = client.get(f"/payments/{batch.id}/bank-file.xml")
    assert references_in(second) == [two]
    assert message_of(first) != message_of(second)

    void = client.get(f"/payments/{batch.id}/bank-files/{message_of(first)}.xml")
    assert void.status_code == 409
    why = f"{one} was removed: The wrong person."
    assert f"The file {message_of(first)} has been void since 1 March 2027, 10:00, Brussels time. {why}" in text_of(void)
    page = text_of(client.get(f"/payments/{batch.id}"))
    assert f"{message_of(second)} , for 2 March 2027: 1 payment, €780.00" in page
    assert f"{message_of(first)} Void , for 1 March 2027: 2 payments, €1,560.00" in page
    assert f"Void since 1 March 2027, 10:00, Brussels time: {why}" in page
    kept = db.session.scalar(select(BankFile).where(BankFile.message_id == message_of(first)))
    assert kept is not None
    assert kept.content.encode() == first.data  # as it left


def test_another_day_makes_another_file(till: Till, visitor: Visitor) -> None:
    batch, client = till.approved(), visitor(till.approver)
    first = client.get(f"/payments/{batch.id}/bank-file.xml")
    again = fill(client, f"/payments/{batch.id}/change-day", execution_on="2027-03-01")
    assert (again.status_code, "asked for 1 March 2027 already" in text_of(again)) == (422, True)
    assert fill(client, f"/payments/{batch.id}/change-day", execution_on="2027-03-03").status_code == 303
    second = client.get(f"/payments/{batch.id}/bank-file.xml")
    assert message_of(first) != message_of(second)
    assert "<Dt>2027-03-03</Dt>" in second.text
    assert client.get(f"/payments/{batch.id}/bank-file.xml").data == second.data
    page = text_of(client.get(f"/payments/{batch.id}"))
    assert "The bank is to pay on 3 March 2027 instead." in page
    assert client.get(f"/payments/{batch.id}/bank-files/{message_of(first)}.xml").status_code == 409
    assert (
        client.get(f"/payments/{batch.id}/bank-files/{message_of(second)}.xml").location == f"/payments/{batch.id}/bank-file.xml"
    )


def test_whoever_collected_chooses_no_other_day(till: Till) -> None:
    with pytest.raises(GuardRefused, match="You collected this batch"):
        operations.change_day(till.approved(), by=till.collector, execution_on=WEDNESDAY)


def test_a_day_that_has_passed_makes_another_file(till: Till) -> None:
    """Approved for Monday, taken on Monday and again on Saturday: the bank is asked for the Monday after."""
    batch = till.approved()
    first = operations.take_file(batch, by=till.approver)
    assert operations.take_file(batch, by=till.spare) is first
    clock.move(days=5)
    second = operations.take_file(batch, by=till.spare)
    assert (first.voided_because, first.voided_at is None) == ("Its day, 1 March 2027, has passed.", False)
    assert (second.execution_on, second.made_by_id) == (date(2027, 3, 8), till.spare.id)


def test_an_approved_batch_keeps_its_account(till: Till) -> None:
    """Until it is approved anew: for the same day, if need be."""
    batch = till.approved()
    first = operations.take_file(batch, by=till.approver)
    factories.pays_from(till.programme, GREECE)
    assert operations.take_file(batch, by=till.approver) is first
    assert first.payer_iban == AUSTRIA
    operations.change_day(batch, by=till.approver, execution_on=till.programme.today)
    assert batch.history()[0].note == "To be paid on 1 March 2027, from GR16 •••• 0695."
    assert operations.take_file(batch, by=till.approver).payer_iban == GREECE
    assert first.voided_because == "It was approved again, with another account to pay from."


def test_what_the_bank_has_stays(till: Till) -> None:
    """Once it was sent, the day may pass and the account may change: the file is the one that left."""
    batch = till.approved()
    first = operations.take_file(batch, by=till.approver)
    operations.send(batch, by=till.approver)
    assert batch.history()[0].note == f"From AT61 •••• 3201. File {first.message_id}."
    factories.pays_from(till.programme, GREECE)
    clock.move(days=5)
    assert operations.take_file(batch, by=till.approver) is first


def test_the_database_keeps_what_left(till: Till) -> None:
    file = operations.take_file(till.approved(), by=till.approver)
    db.session.commit()
    for column, value in (("content", "another"), ("count", 1), ("message_id", "MOB-0")):
        with pytest.raises(IntegrityError, match="never changed or deleted"):
            db.session.execute(db.update(BankFile).where(BankFile.id == file.id).values({column: value}))
        db.session.rollback()


ACTS = ["collect", "approve", "approve", "file", "file", "take_out", "change_day"]


def standing_files() -> list[BankFile]:
    return list(db.session.scalars(select(BankFile).where(BankFile.voided_at.is_(None))))


def assert_nothing_twice() -> None:
    paid = Counter(each for file in standing_files() for each in references_in(file))
    assert [each for each, times in paid.items() if times > 1] == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_changed_no_two_valid_files_pay_the_same(db_session: Any, seed: int) -> None:
    """Sixty acts in an order that nobody chose, as far as they can be; after each, every claim is in one valid file at most."""
    till, dice = make_till(4), Random(seed)
    taken = 0
    for _ in range(60):
        batches = list(db.session.scalars(select(PaymentBatch).where(PaymentBatch.state != "discarded")))
        batch = dice.choice(batches) if batches else None
        act = dice.choice([*ACTS, *(["discard"] if dice.random() < 0.2 else [])])
        with suppress(Refusal):
            if act == "collect" or batch is None:
                free = [each for each in range(4) if not queries.standing([till.vouchers[each].id])]
                till.collect(*dice.sample(free, min(len(free), dice.randint(1, 3))) or [0])
            elif act == "file":
                taken += bool(operations.take_file(batch, by=till.spare))
            elif act == "approve":
                operations.approve(batch, by=till.approver, execution_on=WEDNESDAY)
            elif act == "change_day":
                operations.change_day(batch, by=till.approver, execution_on=date(2027, 3, dice.randint(2, 5)))
            elif act == "take_out":
                operations.take_out(batch, by=till.collector, chosen=[str(batch.rows[0].id)], reason="No.")
            else:
                operations.discard(batch, by=till.collector, reason="No.")
        assert_nothing_twice()
    assert taken > 0


def test_a_file_taken_while_a_payment_is_taken_out(till: Till, visitor: Visitor) -> None:
    """Whoever comes first: what was taken out is in no valid file, and can be paid by another batch."""
    batch = till.approved()
    tabs = [visitor(till.approver), visitor(till.spare), visitor(till.collector)]
    data = {"version": batch.version, "chosen": [str(batch.payments[0].id)], "reason": "The wrong person."}
    address = f"/payments/{batch.id}"
    db.session.commit()
    acts = [
        lambda: tabs[0].get(f"{address}/bank-file.xml"),
        lambda: tabs[1].get(f"{address}/bank-file.xml"),
        lambda: tabs[2].post(f"{address}/take-out", data=data),
    ]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda act: act(), acts))
    assert answers[2].status_code == 303
    assert {each.status_code for each in answers[:2]} <= {200, 409}
    db.session.expire_all()
    assert standing_files() == []
    other = till.collect(0)
    for each in (batch, other):
        operations.approve(each, by=till.approver, execution_on=WEDNESDAY)
        operations.take_file(each, by=till.spare)
    assert_nothing_twice()
    assert len(standing_files()) == 2


# Other currencies


def test_another_currency_has_no_file_for_the_bank(db_session: Any, visitor: Visitor) -> None:
    till = make_till(1, currency="PLN")
    batch, officer, auditor = till.approved(), visitor(till.spare), visitor(till.auditor)
    page = officer.get(f"/payments/{batch.id}")
    assert "(pain.001) exists for payments in euro only, and these are in Polish zlotys." in text_of(page)
    assert "File for the bank" not in text_of(page)
    assert "No account to pay from" not in text_of(page)
    assert officer.get(f"/payments/{batch.id}/bank-file.xml").status_code == 409
    assert PORTUGAL in officer.get(f"/payments/{batch.id}/payments.csv").text  # or nobody could pay
    assert PORTUGAL not in auditor.get(f"/payments/{batch.id}/payments.csv").text
    assert ',780.00,"PLN",' in officer.get(f"/payments/{batch.id}/payments.csv").text
    said = visitor(till.approver).get(f"/payments/{batch.id}/change-day")
    assert "the file for the bank" not in text_of(said)
    assert fill(officer, f"/payments/{batch.id}/send").status_code == 303
    till.record(batch, 0)
    assert batch.state == "settled"


def test_a_table_to_pay_by_has_no_account_that_was_replaced(db_session: Any, visitor: Visitor) -> None:
    till = make_till(1, currency="PLN")
    batch, officer = till.approved(), visitor(till.spare)
    banking.set_account(till.holder, by=till.holder, holder_name="Ana", iban=GREECE)
    for name in ("payments.csv", "payments.xlsx"):
        answer = officer.get(f"/payments/{batch.id}/{name}")
        assert (answer.status_code, "the payee has changed the account since" in text_of(answer)) == (409, True)
    assert visitor(till.auditor).get(f"/payments/{batch.id}/payments.csv").status_code == 200  # masked


def test_approving_another_currency_promises_no_file(db_session: Any, visitor: Visitor) -> None:
    till = make_till(1, currency="PLN")
    batch, approver = till.collect(0), visitor(till.approver)
    assert fill(approver, f"/payments/{batch.id}/approve", execution_on="2027-03-02").status_code == 303
    page = text_of(approver.get(f"/payments/{batch.id}"))
    assert "Approved. Download the spreadsheet or the CSV, pay by it, and mark the batch as sent." in page
    assert fill(approver, f"/payments/{batch.id}/change-day", execution_on="2027-03-03").status_code == 303
    assert "Approved for this day. Pay on it." in text_of(approver.get(f"/payments/{batch.id}"))


def test_the_void_file_of_a_discarded_batch_names_no_other(till: Till, visitor: Visitor) -> None:
    batch, client = till.approved(), visitor(till.approver)
    first = message_of(client.get(f"/payments/{batch.id}/bank-file.xml"))
    operations.discard(batch, by=till.collector, reason="Wrong day")
    page = text_of(client.get(f"/payments/{batch.id}/bank-files/{first}.xml"))
    assert "Wrong day. The batch was discarded, so there is no other." in page
