"""The steps of one exchange as people take them in their windows (product.md, the main journey)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

from sqlalchemy import select, update

from mobility.core import clock
from mobility.core.database import db
from mobility.core.wording import format_day, format_days
from mobility.exchanges.models import Exchange
from tests.support.browser import Window
from tests.support.world import GUEST, HOST, OWNER, PROGRAMME

Arrange = Callable[[], AbstractContextManager[None]]
STAY = 7  # days, five of them working days


def in_days(count: int) -> date:
    """Counted where the programme is at home."""
    return clock.today("Europe/Vienna") + timedelta(days=count)


def publish(host: Window, title: str) -> None:
    host.open("/").says("Your tasks")
    host.follow("Themes", within="header").follow("Offer a theme")
    host.type("Title", title).press("Save draft").says("Draft", "Before you publish")
    host.page.get_by_role("link", name="Edit the draft").click()
    host.type("In short", "Our members pay for what they use. It took three years, and two tries that failed.")
    host.type("What guests can learn", "Price list, contracts, and the meeting in which the members said yes.")
    host.type("What you want in return", "Your view of our figures.").tick("Cluster manager")
    host.type("First day", in_days(1).isoformat()).type("Last day", in_days(21).isoformat())
    host.type("Apply by", in_days(0).isoformat()).press("Save draft").says("Ready to publish")
    host.follow("Publish").press("Publish").says("Published")


def apply(guest: Window, title: str) -> int:
    guest.follow("Themes", within="header").type("What would you like to learn?", title.upper().replace("E", "É"))
    guest.press("Show themes").says("1 theme found").follow(title).says("Price list, contracts", PROGRAMME)
    guest.follow("Apply").says("You are the first.")
    guest.type("Why do you want to come?", "Our grant ends in June.").press("Save draft").says("Draft saved.")
    assert guest.value("Why do you want to come?") == "Our grant ends in June."
    guest.press("Submit", status=422).says("There is a problem", "Choose your first day.")
    guest.type("What do you want to learn, and what for?", "A price list of our own by autumn.")
    guest.type("What do you bring?", "Ten years of figures, good and bad.")
    guest.type("First day", in_days(1).isoformat()).type("Last day", in_days(STAY).isoformat())
    guest.press("Submit").says("Sent to Ria Food Cluster.", "Ria Food Cluster answers next")
    return guest.number


def match(host: Window, guest: Window, application: int, title: str) -> None:
    host.open("/").says("Answer the application", title, format_day(in_days(10)))
    host.open(f"/applications/{application}").says("You answer next", "None has been recorded yet")
    guest.open(f"/applications/{application}").follow("Record first contact")
    guest.choose("How?", "Video call").type("What did you talk about?", "The dates fit.").press("Record first contact")
    guest.says("In dialogue", "The dates fit.")
    host.open(f"/applications/{application}").follow("Accept")
    assert host.value("First day you offer") == in_days(1).isoformat()
    host.press("Accept").says("The guest confirms next")
    guest.open("/").says("Confirm your exchange")
    guest.open(f"/applications/{application}").says("You confirm next").follow("Confirm").press("Confirm")
    assert guest.path.startswith("/exchanges/")


def agree(host: Window, guest: Window) -> int:
    """The host signs, the guest amends, both sign what is then the newest version."""
    exchange = guest.says("Planning", "It is a match.", "You sign next").number
    host.open(f"/exchanges/{exchange}/sign").tick("I have read version 1 and sign it for my side").press("Sign")
    host.says("The guest signs next")
    guest.open(f"/exchanges/{exchange}").follow("Amend the agreement")
    guest.type("Benefit of the host 1", "A second pair of eyes on the figures, in writing.").press("Amend the agreement")
    host.open(f"/exchanges/{exchange}").says("You sign next", "Version 2").follow("Sign").says("A second pair of eyes")
    guest.follow("Sign").tick("I have read version 2 and sign it for my side").press("Sign").says("The host coordinator signs")
    host.tick("I have read version 2 and sign it for my side").press("Sign", status=409).says(
        "This has changed since you opened it"
    )
    host.tick("I have read version 2 and sign it for my side").press("Sign").says("Agreed")
    return exchange


def request_voucher(guest: Window, exchange: int) -> int:
    guest.open("/").says("Request your voucher")
    guest.open(f"/exchanges/{exchange}").follow(re.compile(r"^V-\d+$")).says("Draft")
    voucher = guest.number
    guest.follow("Request the voucher").says("What you will get", "€780.00")
    for box in guest.page.get_by_role("checkbox").all():
        box.check()
    guest.press("Request the voucher").says("Requested", "€780.00")
    return voucher


def decide(owner: Window, voucher: int) -> None:
    """In the scheme `light` approving issues at once (P7)."""
    owner.open("/").says("Decide on the voucher")
    owner.follow("Decision desk", within="header").says(GUEST, "€780.00")
    owner.page.get_by_role("checkbox", name=f"Choose the voucher of {GUEST}, number {voucher}").check()
    owner.press("Review selected").says("Available now", "These need", "Would be left", "€780.00")
    owner.press("Approve those ticked").says("Done", "Approved")


def open_voucher(guest: Window, voucher: int) -> str:
    guest.open(f"/vouchers/{voucher}").says("Issued", "Your code")
    code = guest.page.locator(".voucher-groups").inner_text().replace("\n", "")
    assert_pdf(guest, "Voucher as a PDF")
    return code


def the_days_pass(arrange: Arrange, exchange: int) -> None:
    """The server's clock stands still, so the stay moves instead: its last day is today."""
    with arrange():
        days = {"first_day": in_days(1 - STAY), "last_day": in_days(0)}
        db.session.execute(update(Exchange).where(Exchange.id == exchange).values(**days))


def visit(host: Window, exchange: int, code: str) -> None:
    host.open(f"/exchanges/{exchange}").follow("Check in")
    host.type("Code of the voucher", "0" + code[1:] if code[0] != "0" else "1" + code[1:]).press("Check in", status=422)
    host.type("Code of the voucher", code.lower()).press("Check in").says("In progress", "You confirm the attendance next")
    host.open("/").says("Confirm the attendance")
    host.open(f"/exchanges/{exchange}").follow("Confirm attendance").press("Confirm attendance")
    host.says("Completed", f"The visit took place: {format_days((in_days(1 - STAY), in_days(0)))}")


def read_certificate(guest: Window, arrange: Arrange, exchange: int) -> str:
    """The code stands on the paper alone, so here it comes from the database."""
    guest.open(f"/exchanges/{exchange}").says("Completed")
    assert_pdf(guest, "The certificate of attendance")
    with arrange():
        return db.session.scalars(select(Exchange.certificate_code).where(Exchange.id == exchange)).one() or ""


def check(anybody: Window, code: str, paper: str, state: str, title: str) -> None:
    """What the public learns about a code: genuine, its state, and nothing else."""
    anybody.open("/check").type("Code", code).press("Check").says("This code is genuine", paper, state)
    for name in (GUEST, HOST, PROGRAMME, title):
        assert name not in anybody.text


def look_back(owner: Window, auditor: Window, exchange: int, voucher: int) -> None:
    """Each act stands in the history with who did it, and as what."""
    owner.open(f"/vouchers/{voucher}").says("Attended", f"{OWNER}, as programme owner", f"{HOST}, as host coordinator")
    auditor.open(f"/exchanges/{exchange}").says("Completed", f"{GUEST}, as guest")
    assert auditor.page.locator(".actions-now").count() == 0


def assert_pdf(window: Window, link: str) -> None:
    """A link in the page leads to a PDF for this person."""
    address = window.page.get_by_role("link", name=link).get_attribute("href")
    answer = window.context.request.get(f"{window.url}{address}")
    assert answer.ok
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
