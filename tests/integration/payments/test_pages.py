"""The pages of payments: who may do what, what is never shown, one form sent twice, and how many queries a page takes."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.banking import operations as banking
from mobility.paying.models import PayingAccount
from mobility.payments.models import Payment, PaymentBatch
from tests.support.client import Client, Visitor
from tests.support.forms import at_once, fill, values_of
from tests.support.html import text_of
from tests.support.tills import AUSTRIA, GREECE, PORTUGAL, Till, make_till


def collect_form(client: Client, till: Till, *numbers: int) -> dict[str, Any]:
    page = client.get(f"/programmes/{till.programme.id}/payments")
    assert page.status_code == 200
    chosen = [till.vouchers[number].id for number in numbers or range(len(till.vouchers))]
    return {"form_key": values_of(page)["form_key"], "chosen": [str(each) for each in chosen]}


def act(client: Client, batch: PaymentBatch, action: str, **typed: Any) -> Any:
    return client.post(f"/payments/{batch.id}/{action}", data={"version": batch.version, **typed})


def paths_of(till: Till, batch: PaymentBatch) -> list[str]:
    return [
        f"/programmes/{till.programme.id}/payments",
        f"/payments/{batch.id}",
        f"/payments/{batch.id}/payments.csv",
        f"/payments/{batch.id}/payments.xlsx",
    ]


# Who may do what


ROLES = {
    # reads batches, proposes the account, collects and acts
    "spare": (True, True, True),
    "owner": (True, True, False),
    "auditor": (True, False, False),
    "assessor": (False, False, False),
    "holder": (False, False, False),
    "host_coordinator": (False, False, False),
    "guest_coordinator": (False, False, False),
    "stranger": (False, False, False),
}


def test_who_may_open_what(till: Till, visitor: Visitor) -> None:
    batch, draft = till.sent(0), till.collect(1)
    for who, rights in ROLES.items():
        look_around(till, batch, draft, visitor(getattr(till, who)), *rights)
    assert draft.state == "draft"


def look_around(till: Till, batch: Any, draft: Any, client: Client, reads: bool, sets: bool, acts: bool) -> None:
    """Each page and each act answers as this person's rights say."""
    for path in paths_of(till, batch):
        assert client.get(path).status_code == (200 if reads else 404), path
    account = f"/programmes/{till.programme.id}/paying-account"
    assert client.get(account).status_code == (200 if reads else 404)
    assert client.post(account).status_code == (422 if sets else 404)
    bank_file = client.get(f"/payments/{batch.id}/bank-file.xml")
    assert bank_file.status_code == (200 if acts else 403 if reads else 404)
    assert (PORTUGAL.encode() in bank_file.data) == acts
    for subject, actions in ((draft, ("approve", "take-out", "discard")), (batch, ("record",))):
        for action in actions:
            answer = client.get(f"/payments/{subject.id}/{action}").status_code
            assert answer == (200 if acts else 403 if reads else 404), action
    if not acts:
        collected = client.post(f"/programmes/{till.programme.id}/payments", data={"chosen": [str(till.vouchers[0].id)]})
        assert collected.status_code == 404
        for action in ("approve", "take-out", "discard", "send", "record"):
            assert act(client, draft, action).status_code == (403 if reads else 404), action


def test_another_programme_s_officer_finds_nothing(till: Till, visitor: Visitor) -> None:
    batch = till.sent()
    client = visitor(make_till(1).collector)
    account, file = f"/programmes/{till.programme.id}/paying-account", f"/payments/{batch.id}/bank-file.xml"
    for path in [*paths_of(till, batch), file, account]:
        assert client.get(path).status_code == 404, path
    for action in ("approve", "take-out", "discard", "send", "record"):
        assert client.get(f"/payments/{batch.id}/{action}").status_code == 404
        assert act(client, batch, action).status_code == 404
    assert client.get("/payments/999999").status_code == 404


def test_signing_in_is_asked_for(till: Till, client: Client) -> None:
    batch = till.collect()
    for path in [*paths_of(till, batch), f"/payments/{batch.id}/bank-file.xml", f"/payments/{batch.id}/record"]:
        assert client.get(path).status_code in {302, 303}, path


def test_recovering_is_the_finance_officer_s(till: Till, visitor: Visitor) -> None:
    till.record(till.sent(0), 0)
    path = f"/vouchers/{till.vouchers[0].id}/recover"
    assert visitor(till.stranger).get(path).status_code == 404
    for person in (till.holder, till.owner, till.auditor, till.assessor):
        assert visitor(person).get(path).status_code == 403
        assert visitor(person).post(path, data={"amount": "1", "reason": "x"}).status_code in {403, 409}
    assert visitor(till.spare).get(path).status_code == 200
    assert till.vouchers[0].state == "paid"


def test_nobody_sees_a_whole_iban_in_any_page(till: Till, visitor: Visitor) -> None:
    batch, settled = till.sent(0), till.sent(1)
    till.record(settled, 0)
    paths = [
        *paths_of(till, batch),
        f"/payments/{batch.id}/record",
        f"/payments/{settled.id}",
        f"/programmes/{till.programme.id}/paying-account",
        f"/vouchers/{till.vouchers[0].id}",
        f"/vouchers/{till.vouchers[1].id}",
        f"/vouchers/{till.vouchers[1].id}/recover",
        "/bank-accounts",
        "/bank-accounts/mine",
        "/account",
        "/",
    ]
    for person in (till.collector, till.approver, till.owner, till.auditor, till.holder, till.guest_coordinator):
        client = visitor(person)
        for path in paths:
            body = _all_text(client.get(path))
            for number in (PORTUGAL, AUSTRIA):
                assert number[4:-4] not in body.replace(" ", ""), (person.name, path)


def _all_text(response: Any) -> str:
    if response.data[:2] == b"PK":
        with ZipFile(BytesIO(response.data)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return response.get_data(as_text=True)


# The whole way, by its pages


def test_from_collecting_to_settled(visitor: Visitor, db_session: Any) -> None:
    till = make_till(pays=False)
    collector, approver = visitor(till.collector), visitor(till.approver)
    address = f"/programmes/{till.programme.id}/payments"
    page = text_of(collector.get(address))
    assert "2 claims, €1,560.00 in total" in page
    assert "No account to pay from" in page
    there = collector.post(address, data=collect_form(collector, till))
    batch = db_session.scalars(select(PaymentBatch)).one()
    assert there.location == f"/payments/{batch.id}"
    assert "Approve: You collected this batch" in text_of(collector.get(there.location))
    too_early = fill(approver, f"/payments/{batch.id}/approve")
    assert (too_early.status_code, "This programme has no account to pay from yet." in text_of(too_early)) == (409, True)
    account = f"/programmes/{till.programme.id}/paying-account"
    there = fill(
        approver, f"{account}?next=/payments/{batch.id}", holder_name="Alpine Exchange Fund", iban="at61 1904 3002 3457 3201"
    )
    assert (there.status_code, there.location) == (302, f"/payments/{batch.id}")
    proposed = db_session.scalars(select(PayingAccount)).one()
    assert fill(visitor(till.spare), f"{account}/{proposed.id}/confirm", iban=AUSTRIA).status_code == 303
    assert fill(approver, f"/payments/{batch.id}/approve").status_code == 303
    db_session.refresh(batch)
    assert (batch.state, batch.execution_on.isoformat()) == ("approved", "2027-03-02")

    file = approver.get(f"/payments/{batch.id}/bank-file.xml")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{batch.reference}.xml"'
    assert file.headers["Cache-Control"] == "no-store"
    document = ElementTree.fromstring(file.data)
    name = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
    assert [each.text for each in document.iter(f"{name}CtrlSum")] == ["1560.00", "1560.00"]
    assert [each.text for each in document.iter(f"{name}MsgId")] == [batch.message_id]
    assert approver.get(f"/payments/{batch.id}/bank-file.xml").data == file.data

    assert fill(approver, f"/payments/{batch.id}/send").status_code == 303
    first, second = (str(each.id) for each in batch.payments)
    done = text_of(fill(approver, f"/payments/{batch.id}/record", chosen=[first], outcome="paid"))
    assert "1 of 1 done" in done
    assert text_of(fill(approver, f"/payments/{batch.id}/record", chosen=[first, second], outcome="paid")).count("Done") == 1
    db_session.expire_all()
    assert batch.state == "settled"
    assert {each.state for each in till.vouchers} == {"paid"}
    assert "Every validated claim is paid or on its way" in text_of(collector.get(address))
    assert "Paid €780.00" in text_of(visitor(till.holder).get(f"/vouchers/{till.vouchers[0].id}"))


def test_each_row_has_its_own_result(till: Till, visitor: Visitor) -> None:
    batch = till.sent()
    voucher = till.vouchers[1]
    voucher.validated_by_id = till.approver.id  # as if this person had validated one of the two
    page = text_of(fill(visitor(till.approver), f"/payments/{batch.id}/record", chosen=[str(each.id) for each in batch.payments]))
    assert "1 of 2 done; the others say why not" in page
    assert "You validated this claim. Somebody else must pay it." in page
    assert [each.outcome for each in batch.payments] == ["paid", None]
    assert batch.state == "sent"


def test_a_bounce_is_recorded_with_what_the_bank_said(till: Till, visitor: Visitor) -> None:
    batch = till.sent(0)
    client = visitor(till.approver)
    chosen = [str(batch.payments[0].id)]
    page = fill(client, f"/payments/{batch.id}/record", chosen=chosen, outcome="bounced")
    assert page.status_code == 422
    assert 'id="reason-error"' in page.get_data(as_text=True)
    fill(client, f"/payments/{batch.id}/record", chosen=chosen, outcome="bounced", reason="AC04 Account closed")
    assert (batch.payments[0].outcome, batch.payments[0].reason) == ("bounced", "AC04 Account closed")
    waiting = text_of(client.get(f"/programmes/{till.programme.id}/payments"))
    assert "Came back on 1 March 2027: AC04 Account closed" in waiting
    assert "AC04 Account closed" in text_of(visitor(till.holder).get(f"/vouchers/{till.vouchers[0].id}"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"on": ""}, "on"),
        ({"on": "2027-02-28", "chosen": "1"}, None),
        ({"on": "nonsense"}, "on"),
        ({"outcome": "stolen"}, "outcome"),
        ({"chosen": []}, None),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_cannot_be_recorded(till: Till, visitor: Visitor, typed: dict[str, Any], field: str | None) -> None:
    batch = till.sent(0)
    fine = {"chosen": [str(batch.payments[0].id)], "outcome": "paid"}
    page = fill(visitor(till.approver), f"/payments/{batch.id}/record", **fine | typed)
    assert page.status_code in {200, 422}
    assert batch.payments[0].outcome is None
    if field:
        assert f'id="{field}-error"' in page.get_data(as_text=True)


def test_the_slower_of_two_approvers_is_told(till: Till, visitor: Visitor) -> None:
    batch = till.collect()
    slow = visitor(till.spare)
    typed = values_of(slow.get(f"/payments/{batch.id}/approve"))
    fill(visitor(till.approver), f"/payments/{batch.id}/approve")
    page = slow.post(f"/payments/{batch.id}/approve", data=typed)
    assert page.status_code == 409
    assert batch.approved_by_id == till.approver.id


def test_taking_out_by_the_page(till: Till, visitor: Visitor) -> None:
    batch = till.approved()
    holder = till.holder
    banking.set_account(holder, by=holder, holder_name="Ana", iban=GREECE)
    client = visitor(till.approver)
    assert "The payee has changed the account since." in text_of(client.get(f"/payments/{batch.id}"))
    page = client.get(f"/payments/{batch.id}/take-out").get_data(as_text=True)
    assert re.search(rf'checked[^>]*value="{batch.payments[0].id}"', page)
    assert fill(client, f"/payments/{batch.id}/take-out", chosen=[str(batch.payments[0].id)]).status_code == 422
    chosen = [str(batch.payments[0].id)]
    assert fill(client, f"/payments/{batch.id}/take-out", chosen=chosen, reason="Changed account").status_code == 303
    assert [each.outcome for each in batch.payments] == ["taken_out", None]


# Once, however often; and never in two batches


def test_one_form_sent_eight_times_makes_one_batch(till: Till, visitor: Visitor, db_session: Any) -> None:
    browser = visitor(till.collector)
    typed = collect_form(browser, till)
    address = f"/programmes/{till.programme.id}/payments"
    answers = at_once(browser, 8, lambda tab: tab.post(address, data=typed))
    assert {each.status_code for each in answers} == {302}
    assert len({each.location for each in answers}) == 1
    assert db_session.scalar(select(func.count()).select_from(PaymentBatch)) == 1


def test_one_claim_is_never_in_two_batches_even_if_three_collect_it_at_once(
    app: Flask, till: Till, visitor: Visitor, db_session: Any
) -> None:
    officers = [till.collector, till.approver, till.spare]
    clients = [visitor(officer) for officer in officers]
    forms = [collect_form(client, till) for client in clients]
    address = f"/programmes/{till.programme.id}/payments"
    db_session.commit()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda pair: pair[0].post(address, data=pair[1]), zip(clients, forms, strict=True)))
    assert sorted(each.status_code for each in answers) == [302, 422, 422]
    assert db_session.scalar(select(func.count()).select_from(Payment)) == 2
    refused = next(each for each in answers if each.status_code == 422)
    assert f"{till.vouchers[0].reference} is already in P-" in text_of(refused)


def test_nonsense_is_refused_in_words(till: Till, visitor: Visitor, db_session: Any) -> None:
    client = visitor(till.collector)
    fine = collect_form(client, till)
    for chosen in ([], ["x"], ["-1"], ["9" * 30], ["1' OR 1=1"], ["\x00"], ["１"], ["999999"]):
        page = client.post(f"/programmes/{till.programme.id}/payments", data=fine | {"chosen": chosen})
        assert page.status_code == 422, chosen
        assert "There is a problem" in text_of(page)
    assert db_session.scalar(select(func.count()).select_from(PaymentBatch)) == 0


# Amounts


RIGHT = [("en_GB", "100.50", "100.50"), ("de_DE", "1,5", "1.50"), ("en_GB", "€780", "780.00"), ("fr_FR", "780,00 €", "780.00")]
WRONG = [
    ("en_GB", "780.01"),
    ("en_GB", "0"),
    ("en_GB", "0.00"),
    ("en_GB", "-5"),
    ("en_GB", "1.234"),
    ("en_GB", "100,50"),
    ("de_DE", "100.50"),
    ("en_GB", "999999999999999999999"),
    ("en_GB", "$100"),
    ("en_GB", "1e2"),
    ("en_GB", ""),
    ("en_GB", "all of it"),
]


def test_a_wrong_amount_is_refused_at_its_field(till: Till, visitor: Visitor, db_session: Any) -> None:
    till.record(till.sent(0), 0)
    voucher = till.vouchers[0]
    client = visitor(till.spare)
    for locale, amount in WRONG:
        till.spare.locale = locale
        db_session.commit()
        page = fill(client, f"/vouchers/{voucher.id}/recover", amount=amount, reason="A night was refunded.")
        assert page.status_code == 422, (locale, amount)
        html = page.get_data(as_text=True)
        assert 'id="amount-error"' in html, (locale, amount)
        assert f'value="{amount}"' in html
        assert "A night was refunded." in html
    assert (voucher.state, voucher.recovered_amount) == ("paid", None)


@pytest.mark.parametrize(("locale", "typed", "amount"), RIGHT)
def test_recovering_by_the_reader_s_notation(till: Till, visitor: Visitor, locale: str, typed: str, amount: str) -> None:
    till.record(till.sent(0), 0)
    till.spare.locale = locale
    voucher = till.vouchers[0]
    page = fill(visitor(till.spare), f"/vouchers/{voucher.id}/recover", amount=typed, reason="A night was refunded.")
    assert page.status_code == 303
    left = Decimal("780.00") - Decimal(amount)
    assert (voucher.state, voucher.recovered_amount) == ("paid" if left else "recovered", Decimal(amount))


# Tables to take away


def test_what_people_typed_is_no_formula_in_the_tables(till: Till, visitor: Visitor) -> None:
    holder = till.holder
    holder.name = "=cmd|'/C calc'!A0"
    banking.set_account(holder, by=holder, holder_name="@SUM(A1)", iban=PORTUGAL)
    batch = till.collect(0)
    client = visitor(till.auditor)
    text = client.get(f"/payments/{batch.id}/payments.csv").data.decode("utf-8-sig")
    heading, row = text.splitlines()
    reference = till.vouchers[0].reference
    assert heading.startswith('"Batch","Voucher","End-to-end reference","Holder",')
    assert row.startswith(
        ",".join(f'"{each}"' for each in (batch.reference, reference, f"{reference}-1", "'=cmd|'/C calc'!A0", "'@SUM(A1)"))
    )
    assert '"PT50 •••• 0154",780.00,"EUR","2027-03-01","2027-03-11","Open"' in row
    book = _all_text(client.get(f"/payments/{batch.id}/payments.xlsx"))
    assert "<f>" not in book
    assert "'=cmd|" in book


# How many queries


def test_a_page_takes_as_many_queries_for_many_claims_as_for_one(visitor: Visitor, queries: Any, db_session: Any) -> None:
    small, large = make_till(1), make_till(6)
    # with the account paid from, and what tells whether who collects or may approve has a part in a claim
    assert [_queries_for(visitor, queries, till) for till in (small, large)] == [(13, 9)] * 2


def _queries_for(visitor: Visitor, queries: Any, till: Till) -> tuple[int, int]:
    """For the programme's payments, and for one batch."""
    client = visitor(till.spare)
    with queries() as listed:
        assert client.get(f"/programmes/{till.programme.id}/payments").status_code == 200
    batch = till.collect()
    with queries() as shown:
        assert client.get(f"/payments/{batch.id}").status_code == 200
    return listed.count, shown.count


def test_when_nobody_can_approve_the_page_says_so(till: Till, visitor: Visitor, db_session: Any) -> None:
    lonely = make_till(1)
    batch = lonely.collect()
    for officer in (lonely.approver, lonely.spare):
        officer.active = False
    assert "Nobody can approve this batch" in text_of(visitor(lonely.collector).get(f"/payments/{batch.id}"))
