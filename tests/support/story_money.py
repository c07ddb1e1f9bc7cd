"""The steps from the request of a voucher to the file for the bank, in a programme of the scheme `full`, as people take them."""

import re
from xml.etree import ElementTree

from sqlalchemy import update

from mobility.core.database import db
from mobility.core.wording import format_day
from mobility.exchanges.models import Exchange
from tests.support import evidence
from tests.support.browser import Window
from tests.support.story import Arrange, in_days
from tests.support.world import DECIDER, FINANCE, FULL_PROGRAMME, GUEST, HOST

IBAN, MASKED = "AT61 1904 3002 3457 3201", "AT61 •••• 3201"
PAYING_IBAN = "DE89 3704 0044 0532 0130 00"
CONFIRM = "Confirm the account we pay from"
STAY = 5
GAVE = "What did you give your host?"


def request(guest: Window, voucher: int) -> None:
    guest.open(f"/vouchers/{voucher}").follow("Request the voucher").says("€780.00")
    for box in guest.page.get_by_role("checkbox", name=re.compile("^(Nobody|What I|I will)")).all():
        box.check()
    guest.press("Request the voucher").says("Requested", "€780.00")


def assess(assessor: Window, voucher: int) -> None:
    assessor.open("/").says("Assess the request")
    assessor.open(f"/vouchers/{voucher}").follow("Recommend")
    for field in assessor.page.get_by_role("spinbutton").all():
        field.fill("20")
    assessor.type("Why", "Both sides gain.").press("Recommend").says("Recommended", "80 of 100 points")


def approve(owner: Window, voucher: int) -> None:
    """The owner sees what it does to the budget before deciding."""
    owner.open(f"/vouchers/{voucher}").follow("Approve").says("Available now", "After approval")
    assert owner.amount_after("Available now") - owner.amount_after("After approval") == 780  # others may have had some before
    owner.press("Approve").says("Approved").follow("Issue").press("Issue").says("Issued")


def the_visit_is_over(arrange: Arrange, host: Window, guest: Window, exchange: int, voucher: int) -> None:
    """The server's clock is the real one, so the stay moves instead: its last day is today."""
    guest.open(f"/vouchers/{voucher}").says("Your code")
    code = guest.page.locator(".voucher-groups").inner_text().replace("\n", "")
    with arrange():
        days = {"first_day": in_days(1 - STAY), "last_day": in_days(0)}
        db.session.execute(update(Exchange).where(Exchange.id == exchange).values(**days))
    host.open(f"/exchanges/{exchange}").follow("Check in").type("Code of the voucher", code).press("Check in")
    host.open(f"/exchanges/{exchange}").follow("Confirm attendance").press("Confirm attendance").says("Completed")


def claim(guest: Window, voucher: int) -> None:
    """One page: what the claim brings and when, report, evidence, account; nothing is lost on the way."""
    guest.open("/").says("Report and claim")
    guest.open(f"/vouchers/{voucher}").follow("Report and claim").says(f"You get €780.00 by {format_day(in_days(10))}")
    guest.press("Send report and claim", status=422).says("Choose an answer.", "Add at least one file")
    for choice in guest.page.locator('[id^="q-met-"][id$="-0"], #q-benefit-0').all():
        choice.check()
    guest.type(GAVE, "Four days with our accounts open.").type("What", "The price list")
    _choose(guest, "boarding pass.pdf", b"This is no PDF at all.")
    guest.press("Add", status=422).says("boarding pass.pdf")
    assert guest.value(GAVE) == "Four days with our accounts open."
    _choose(guest, "boarding pass.pdf", evidence.pdf())
    guest.press("Add").says("boarding pass.pdf")
    guest.press(f"Add the account of {GUEST}").type("Account holder", GUEST).type("IBAN", "AT61 1904 3002 3457 3210")
    guest.press("Set the bank account", status=422).says("check digits")
    guest.type("IBAN", IBAN).press("Set the bank account").says(MASKED)
    assert guest.value("What") == "The price list"
    guest.press("Send report and claim").says("Claimed")


def _choose(window: Window, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    window.page.get_by_label("Add files").set_input_files(file)  # type: ignore[arg-type]


def validate_lower(owner: Window, voucher: int) -> None:
    owner.open("/").says("Check the claim")
    owner.open(f"/vouchers/{voucher}").follow("Validate").says("boarding pass.pdf", MASKED)
    owner.type("To pay", "700.00").press("Validate", status=422).says("Say why less is paid")
    owner.type("Why less", "One night less, by the hotel's invoice.").press("Validate").says("Validated", "€700.00")


def pay(collector: Window, other: Window, voucher: int) -> None:
    """Four eyes: one collects, the other approves. The file for the bank is what the bank wants."""
    collector.open("/").says("Collect the claim for payment").follow(re.compile("^Go to the payments")).says(MASKED, "€700.00")
    _agree_on_the_account(collector, other)
    collector.open("/").follow(re.compile("^Go to the payments")).says("Paid from DE89 •••• 3000")
    collector.press("Create a payment batch").says("To be approved", "€700.00", f"Can be approved by {FINANCE}")
    batch = collector.number
    assert collector.page.get_by_role("link", name="Approve", exact=True).count() == 0
    other.open("/").says("Approve the payments").open(f"/payments/{batch}").follow("Approve").press("Approve").says("Approved")
    _read_bank_file(other, batch)
    other.follow("Mark as sent").press("Mark as sent").says("Sent to the bank")
    other.follow("Record what the bank did").press("Record").says("1 of 1 done")
    other.follow("Back to the batch").says("Settled", "Paid €700.00")


def _agree_on_the_account(one: Window, other: Window) -> None:
    """One proposes the account to pay from, another types its number again."""
    one.follow("see what is missing").type("Account holder", FULL_PROGRAMME).type("IBAN", PAYING_IBAN)
    one.press("Propose this account").says("To be confirmed", "DE89 •••• 3000")
    other.open("/").says("Confirm the account to pay from").follow("Confirm the account to pay from").follow("Confirm")
    other.type("IBAN", "AT61 1904 3002 3457 3201").press(CONFIRM, status=422).says("This is another account than the one")
    other.type("IBAN", PAYING_IBAN).press(CONFIRM).says("In use", "DE89 •••• 3000")


def _read_bank_file(officer: Window, batch: int) -> None:
    answer = officer.context.request.get(f"{officer.url}/payments/{batch}/bank-file.xml")
    assert answer.ok
    assert "attachment" in answer.headers["content-disposition"]
    found = {each.tag.rpartition("}")[2]: each.text for each in ElementTree.fromstring(answer.body()).iter()}
    assert (found["CtrlSum"], found["InstdAmt"], found["NbOfTxs"]) == ("700.00", "700.00", "1")
    ibans = [each.text for each in ElementTree.fromstring(answer.body()).iter() if each.tag.endswith("}IBAN")]
    assert ibans == [PAYING_IBAN.replace(" ", ""), IBAN.replace(" ", "")]


def look_back(guest: Window, owner: Window, voucher: int) -> None:
    """Everybody sees what was paid and why; every euro stands on the budget line's page."""
    guest.open(f"/vouchers/{voucher}").says("Paid", "€700.00", "One night less", FINANCE)
    owner.open(f"/vouchers/{voucher}").says(f"{DECIDER}, as programme owner", f"{HOST}, as host coordinator")
