"""A provider's invoice: what its total makes of the claim. By hand from money.md: 60 %, at least 300.00, at most 3,000.00."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from mobility.budgets.checks import check_ledger
from mobility.claims import operations, queries
from mobility.claims.models import Claim
from mobility.core.errors import NotReady, Refusal
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.roles import Role
from mobility.rates import operations as rates
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support import evidence, factories
from tests.support.cards import card_of
from tests.support.cases import Knowledge
from tests.support.cases import case as case
from tests.support.client import Visitor
from tests.support.forms import values_of
from tests.support.html import text_of


def claim_of(voucher: Voucher) -> Claim:
    found = queries.claim_of(voucher)
    assert found is not None
    return found


def delivered(case: Knowledge, price: str = "4000.00") -> tuple[Voucher, str]:
    """Approved with 2,400.00 for a price of 4,000.00. The address is that of the claim's page."""
    voucher = case.take_to("delivered", price=Decimal(price))
    return voucher, f"/vouchers/{voucher.id}/claim"


def claimed(case: Knowledge, invoiced: str, price: str = "4000.00") -> Voucher:
    voucher, _ = delivered(case, price)
    operations.save(voucher, by=case.seller, invoice_number="2027/17", invoice_total=Decimal(invoiced))
    operations.add_evidence(voucher, by=case.seller, name="invoice.pdf", content=evidence.pdf())
    operations.claim(voucher, by=case.seller)
    return voucher


def mail(db_session: Any, kind: str) -> Any:
    db_session.flush()
    return db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).one()


def test_a_lower_invoice_is_paid_by_its_own_price_and_the_rest_goes_back(db_session: Any, case: Knowledge) -> None:
    officer = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    voucher = claimed(case, "3500.00")
    claim = claim_of(voucher)
    words = "Agreed price €4,000.00, invoiced €3,500.00. At the same rates this comes to €2,100.00 instead of €2,400.00."
    assert [(each.amount, each.rule) for each in claim.amount_lines] == [(Decimal("2100.00"), "60 % of the invoiced price")]
    assert (claim.explanation, claim.own_share) == (words, Decimal("1400.00"))
    assert voucher.history()[0].note == words
    sent = mail(db_session, "claim_submitted")
    assert "claims €2,100.00 of the €2,400.00 approved" in sent.text
    for text in (sent.text, html_of(sent)):
        assert "Invoice 2027/17: €3,500.00; the agreed price was €4,000.00." in text
        assert words in text
    operations.validate(voucher, by=officer)
    assert voucher.final_amount == Decimal("2100.00")
    assert voucher.history()[0].note == f"€2,100.00 of €2,400.00 approved. {words}"
    paid = mail(db_session, "claim_validated")
    for text in (paid.text, html_of(paid)):
        assert "Invoice 2027/17: €3,500.00; the agreed price was €4,000.00." in text
        assert words in text
    assert (case.line.available, case.line.committed) == (Decimal("7900.00"), Decimal("2100.00"))
    assert check_ledger() == []


def test_a_higher_invoice_is_paid_with_what_was_approved(db_session: Any, case: Knowledge) -> None:
    claim = claim_of(claimed(case, "4500.00"))
    assert [each.amount for each in claim.amount_lines] == [Decimal("2400.00")]
    assert claim.own_share == Decimal("2100.00")
    assert claim.explanation.endswith("The rates would come to €2,700.00; what was approved is the most that is paid.")


def test_the_agreed_price_is_claimed_as_approved(db_session: Any, case: Knowledge) -> None:
    voucher = claimed(case, "4000.00")
    assert claim_of(voucher).amount_lines == voucher.amount_lines
    assert claim_of(voucher).explanation == ""
    assert "Invoice 2027/17: €4,000.00; the agreed price was €4,000.00." in mail(db_session, "claim_submitted").text


def test_rates_that_changed_meanwhile_do_not_count(db_session: Any, case: Knowledge) -> None:
    voucher, _ = delivered(case)
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(share_of_cost={"share": "0.1"}))
    operations.save(voucher, by=case.seller, invoice_number="1", invoice_total=Decimal(3000))
    operations.add_evidence(voucher, by=case.seller, name="invoice.pdf", content=evidence.pdf())
    claim = operations.claim(voucher, by=case.seller)
    assert [each.amount for each in claim.amount_lines] == [Decimal("1800.00")]


def test_an_invoice_under_the_minimum_cannot_be_claimed(db_session: Any, case: Knowledge) -> None:
    voucher, _ = delivered(case)
    operations.save(voucher, by=case.seller, invoice_number="1", invoice_total=Decimal("499.99"))
    operations.add_evidence(voucher, by=case.seller, name="invoice.pdf", content=evidence.pdf())
    with pytest.raises(Refusal, match=r"€299\.99 is under the minimum of €300\.00\.") as refusal:
        operations.claim(voucher, by=case.seller)
    assert (refusal.value.field, voucher.state) == ("invoice_total", "delivered")


@pytest.mark.parametrize("total", [None, "0.00", "-1.00"])
def test_without_a_total_nothing_is_claimed(db_session: Any, case: Knowledge, total: str | None) -> None:
    voucher, _ = delivered(case)
    operations.save(voucher, by=case.seller, invoice_number="1", invoice_total=None if total is None else Decimal(total))
    operations.add_evidence(voucher, by=case.seller, name="invoice.pdf", content=evidence.pdf())
    with pytest.raises(NotReady) as refusal:
        operations.claim(voucher, by=case.seller)
    assert [each.field for each in refusal.value.problems] == ["invoice_total"]


def test_a_returned_claim_can_be_sent_with_another_total(db_session: Any, case: Knowledge) -> None:
    officer = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    voucher = claimed(case, "3500.00")
    operations.return_claim(voucher, by=officer, reason="The invoice says 3,600.")
    operations.save(voucher, by=case.seller, invoice_total=Decimal(3600))
    assert operations.claim(voucher, by=case.seller).amount_lines[0].amount == Decimal("2160.00")


# The pages


def test_the_page_asks_for_the_total_and_says_what_it_gives(visitor: Visitor, case: Knowledge) -> None:
    _, address = delivered(case)
    seller = visitor(case.seller)
    page = seller.get(address)
    assert "You get at most €2,400.00 by" in text_of(page)
    assert "The agreed price is €4,000.00." in text_of(page)
    saved = seller.post(address, data=values_of(page) | {"invoice_total": "3,500", "act": "save"}, follow_redirects=True)
    assert "You get €2,100.00 by" in text_of(saved)
    assert "Agreed price €4,000.00, invoiced €3,500.00." in text_of(saved)
    assert values_of(saved)["invoice_total"] == "3500.00"
    small = seller.post(address, data=values_of(saved) | {"invoice_total": "400", "act": "save"}, follow_redirects=True)
    assert "This invoice cannot be paid For an invoice of €400.00 this voucher pays nothing" in text_of(small)
    assert "Send the invoice" in small.text


def test_a_refusal_is_written_as_its_reader_writes(visitor: Visitor, case: Knowledge) -> None:
    """60 % of 499.99 are 299.99, under the minimum."""
    case.seller.locale = "de_DE"
    _, address = delivered(case)
    page = visitor(case.seller).post(f"{address}/amount", data={"invoice_total": "499,99"})
    words = "For an invoice of 499,99\xa0€ this voucher pays nothing: 299,99\xa0€ is under the minimum of 300,00\xa0€."
    assert words in page.text


def test_what_one_gets_follows_what_is_typed_and_nothing_is_saved(visitor: Visitor, case: Knowledge) -> None:
    voucher, address = delivered(case)
    seller = visitor(case.seller)
    assert "You get €2,100.00" in re.sub(r"<[^>]+>", "", seller.post(f"{address}/amount", data={"invoice_total": "3500"}).text)
    assert "at most" in seller.post(f"{address}/amount", data={"invoice_total": "-5"}).text
    assert "cannot be paid" in seller.post(f"{address}/amount", data={"invoice_total": "400"}).text
    assert queries.claim_of(voucher) is None
    assert visitor(case.owner).post(f"{address}/amount", data={"invoice_total": "1"}).status_code in (403, 409)
    assert visitor(factories.make_user()).post(f"{address}/amount", data={"invoice_total": "1"}).status_code == 404


def test_saving_while_one_types_keeps_the_total(visitor: Visitor, case: Knowledge) -> None:
    voucher, address = delivered(case)
    seller, json = visitor(case.seller), {"Accept": "application/json"}
    first = seller.post(address, data={"invoice_total": "3,500.5", "version": ""}, headers=json)
    assert (first.get_json(), claim_of(voucher).invoice_total) == ({"version": 1}, Decimal("3500.50"))
    wrong = seller.post(address, data={"invoice_total": "3,50", "version": "1"}, headers=json)
    assert (wrong.status_code, claim_of(voucher).invoice_total) == (422, Decimal("3500.50"))
    emptied = seller.post(address, data={"invoice_total": "", "version": "1"}, headers=json)
    assert (emptied.get_json(), claim_of(voucher).invoice_total) == ({"version": 2}, None)


WRONG = [
    ("en_GB", "-5", "Enter an amount greater than zero, such as 1,000.50."),
    ("en_GB", "0", "Enter an amount greater than zero, such as 1,000.50."),
    ("en_GB", "3500.005", "Enter at most two digits after the “.”, such as 1,000.50."),
    ("en_GB", "3.500,00", "Enter an amount in euro such as 1,000.50."),
    ("en_GB", "1,000,000.01", "This amount is too large. Enter at most €1,000,000.00."),
    ("en_GB", "9" * 40, "This amount is too large. Enter at most €1,000,000.00."),
    ("en_GB", "3500 USD", "Enter the amount in euro; every amount here is."),
    ("en_GB", "about 3500", "Enter an amount in euro such as 1,000.50."),
    ("de_AT", "0,00", "Enter an amount greater than zero, such as 1.000,50."),
    ("de_AT", "3,500.00", "Enter an amount in euro such as 1.000,50."),
    ("de_AT", "2.000.000", "This amount is too large. Enter at most €\xa01.000.000,00."),
]


@pytest.mark.parametrize(("locale", "typed", "words"), WRONG)
def test_a_total_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    visitor: Visitor, case: Knowledge, locale: str, typed: str, words: str
) -> None:
    voucher, address = delivered(case)
    case.seller.locale = locale
    seller = visitor(case.seller)
    file = {"files": (BytesIO(evidence.pdf()), "invoice.pdf")}
    sent = values_of(seller.get(address)) | {"invoice_number": "2027/17", "invoice_total": typed, "act": "claim"}
    page = seller.post(address, data=sent | file)
    assert page.status_code == 422
    error = re.search(r'id="invoice_total-error">(.*?)</p>', page.text, re.DOTALL)
    assert error is not None
    assert re.sub(r"<[^>]+>", "", error[1]).strip() == f"Error: {words}"
    assert values_of(page)["invoice_total"] == typed
    assert values_of(page)["invoice_number"] == "2027/17"
    assert "invoice.pdf" in page.text  # kept, so that it need not be chosen again
    right = values_of(page) | {"invoice_total": "3500", "act": "claim"}
    assert seller.post(address, data=right).status_code == 303
    assert claim_of(voucher).invoice_total == Decimal(3500)


def test_a_reader_s_own_notation(visitor: Visitor, case: Knowledge) -> None:
    voucher, address = delivered(case)
    case.seller.locale = "de_AT"
    seller = visitor(case.seller)
    seller.post(address, data=values_of(seller.get(address)) | {"invoice_total": "3.500,50", "act": "save"})
    assert claim_of(voucher).invoice_total == Decimal("3500.50")
    assert values_of(seller.get(address))["invoice_total"] == "3500,50"


def test_an_invoice_that_is_too_small_is_refused_at_its_field(visitor: Visitor, case: Knowledge) -> None:
    voucher, address = delivered(case)
    seller = visitor(case.seller)
    file = {"files": (BytesIO(evidence.pdf()), "invoice.pdf")}
    sent = values_of(seller.get(address)) | {"invoice_number": "1", "invoice_total": "400", "act": "claim"}
    page = seller.post(address, data=sent | file)
    assert (page.status_code, voucher.state) == (422, "delivered")
    assert "€240.00 is under the minimum of €300.00." in page.text[page.text.index('id="invoice_total-error"') :][:400]


def test_finance_sees_both_prices(visitor: Visitor, case: Knowledge) -> None:
    officer = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    voucher = claimed(case, "3500.00")
    for path in (f"/vouchers/{voucher.id}/validate", f"/vouchers/{voucher.id}/return-claim", f"/vouchers/{voucher.id}"):
        page = text_of(visitor(officer).get(path))
        for words in (
            "Agreed price €4,000.00",
            "Invoiced €3,500.00",
            "Paid by the holder or their organisation €1,400.00",
            "60 % of the invoiced price",
            "At the same rates this comes to €2,100.00 instead of €2,400.00.",
        ):
            assert words in page, (path, words)
    assert "Claimed, based on the invoice" in text_of(visitor(officer).get(f"/vouchers/{voucher.id}/validate"))


def test_a_claim_of_before_has_no_total(visitor: Visitor, case: Knowledge) -> None:
    officer = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    voucher = claimed(case, "4000.00")
    claim_of(voucher).invoice_total = None
    page = text_of(visitor(officer).get(f"/vouchers/{voucher.id}/validate"))
    assert "Invoiced" not in page
    operations.validate(voucher, by=officer)
    assert voucher.final_amount == Decimal("2400.00")


# One invoice, twice


@pytest.mark.parametrize("number", ["2027/17", "2027/ 17", "2027/017", "２０２７/17"])
def test_a_number_that_is_on_another_voucher_is_told_while_it_is_typed(visitor: Visitor, case: Knowledge, number: str) -> None:
    first = claimed(case, "4000.00")
    second, address = delivered(case)
    seller = visitor(case.seller)
    typed = values_of(seller.get(address)) | {"invoice_number": number, "invoice_total": "4000.00"}
    words = f"This number of an invoice is already on voucher {first.reference}."
    assert words in seller.post(f"{address}/amount", data=typed).text
    assert queries.claim_of(second) is None
    seller.post(address, data=typed | {"act": "save"})
    assert words in text_of(seller.get(address))


@pytest.mark.parametrize("number", ["2027/18", "2027/170", "2027/1", "12027/17", ""])
def test_another_number_is_another_invoice(visitor: Visitor, case: Knowledge, number: str) -> None:
    claimed(case, "4000.00")
    second, _ = delivered(case)
    operations.save(second, by=case.seller, invoice_number=number)
    assert queries.twins_of(second) == []


def test_another_provider_may_count_alike(case: Knowledge) -> None:
    claimed(case, "4000.00")
    other = factories.make_organisation(name="Escola", kind="provider", country="PT", city="Porto")
    second = case.draft(provider=other)
    assert queries.twins_of(second, "2027/17") == []


def test_the_same_file_on_two_vouchers_is_told_and_seen_side_by_side(visitor: Visitor, case: Knowledge) -> None:
    officer = factories.make_member(case.programme, Role.FINANCE_OFFICER)
    first = claimed(case, "4000.00")
    second, address = delivered(case)
    operations.save(second, by=case.seller, invoice_number="2027/18", invoice_total=Decimal(4000))
    seller = visitor(case.seller)
    pdf = (BytesIO(evidence.pdf()), "again.pdf")
    added = seller.post(f"{address}/evidence", data=values_of(seller.get(address)) | {"files": pdf}, follow_redirects=True)
    assert f"The file “again.pdf” is already on voucher {first.reference}." in text_of(added)
    sent = seller.post(address, data=values_of(seller.get(address)) | {"act": "claim"}, follow_redirects=True)
    assert "The programme will look at both." in text_of(sent)
    page = visitor(officer).get(f"/vouchers/{second.id}/validate")
    assert "The same invoice on another voucher" in text_of(page)
    assert f'href="/vouchers/{first.id}"' in page.text
    assert "2027/17" in text_of(page)
    assert "The same invoice" in text_of(visitor(officer).get(f"/vouchers/{first.id}/validate"))
