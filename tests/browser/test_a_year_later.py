"""From the mail after a visit to a take-over that is in use a year later, and to the figure that counts it.

The days go by one by one: on each the scheduled jobs run and their mail reaches a mail server. Nobody arranges an answer: all
that guest, host and manager say, they say through the links in their mails, signed in as nobody.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from mobility.vouchers import operations as vouchers
from tests.browser.conftest import windows_on
from tests.browser.test_questionnaires import TAPPED, TYPED, Thumb, objectives
from tests.support import world
from tests.support.browser import NARROW, Met, Window
from tests.support.days import Days, Windows
from tests.support.smtp import SmtpServer
from tests.support.world import GUEST, HOST, OWNER

FIGURE = "Take-overs in use after a year"
TITLE, TAKEN_HOME = "A year with a price list", "A price list on one page"
SIGNED, LAST_DAY = date(2027, 3, 1), date(2027, 4, 14)
AT_THE_END = date(2027, 4, 21)
ANA, HUGO, MIA = "anton@mur.example.org", "ines@ria.example.org", "mia@mur.example.org"
BEFORE, END, END_HOST = "Before your visit: where do you stand?", "How was your exchange?", "How was it with your guests?"
THREE = "Three months later: how far are you?"
SIX, SIX_HOST = "Six months later: what has changed?", "Six months later: what has changed at your organisation?"
YEAR, YEAR_HOST = "A year later: what came of it?", "A year later: is it still in use?"
IN_USE = f"Is it in use? “{TAKEN_HOME}”"
ASKED = [  # whom, on which day, what: nobody is asked twice, and nobody reminded who has answered
    (SIGNED + timedelta(days=1), ANA, BEFORE),
    (AT_THE_END, ANA, END),
    (AT_THE_END, HUGO, END_HOST),
    (date(2027, 7, 14), ANA, THREE),
    (date(2027, 10, 14), ANA, SIX),
    (date(2027, 10, 14), HUGO, SIX_HOST),
    (date(2027, 10, 14), MIA, IN_USE),
    (date(2028, 4, 14), ANA, YEAR),
    (date(2028, 4, 14), HUGO, YEAR_HOST),
    (date(2028, 4, 14), MIA, IN_USE),
]


@pytest.fixture
def days(
    fresh_database: str,
    app_on: Callable[..., Flask],
    smtp_server: SmtpServer,
    new_context: Callable[..., BrowserContext],
    met: Met,
) -> Days:
    return Days(fresh_database, app_on(fresh_database), smtp_server, lambda server: windows_on(server, new_context, met))


def approved() -> tuple[int, int, int, str]:
    """Agreed with two objectives and a manager who confirms; its voucher is issued: (exchange, organisation, voucher, code)."""
    world.settle()
    programme = world.offered(TITLE).programme
    world.ask_in(programme)
    for name, email in ((GUEST, ANA), (HOST, HUGO)):
        world.person(name).email = email
    voucher = world.asked_for(TITLE)
    exchange = voucher.exchange
    objectives(exchange)
    exchange.manager_name, exchange.manager_email = "Mia Manager", MIA
    vouchers.approve(voucher, by=world.person(OWNER))
    return exchange.id, exchange.guest_organisation_id, voucher.id, voucher.code or ""


def visit(host: Window, exchange: int, code: str) -> None:
    """Its last day: it began by itself, and the host says who came."""
    host.open(f"/exchanges/{exchange}").says("In progress").follow("Confirm attendance").type("Code of the voucher", code)
    host.press("Confirm attendance").says("Completed")


def follow_every_link(days: Days, windows: Windows) -> None:
    """What scanners of mail do."""
    scanner = windows(looks=False).context.request
    for letter in days.letters:
        for link in letter.links:
            scanner.get(link)


def telephone(windows: Windows, link: str) -> Window:
    """Nobody is signed in on it."""
    found = windows(looks=False, has_touch=True)
    found.page.set_viewport_size(NARROW)
    return found.open(link)


def answer(days: Days, windows: Windows, to: str, title: str, taps: Sequence[str], typed: Sequence[tuple[str, str]] = ()) -> None:
    """From the mail of the day, by thumb."""
    letter = days.letter(to)
    assert letter.subject.startswith(title)
    windows().open(letter.answers[0]).look_everywhere().says(title)
    mine = telephone(windows, letter.answers[0])
    thumb = Thumb(mine)
    for selector in taps:
        thumb.tap(selector)
    for selector, words in typed:
        thumb.type(selector, words)
    mine.press("Send").says("Thank you, your answers are sent")


def one_form_two_ways_in(windows: Windows, voucher: int, link: str) -> None:
    """What was answered by the link stands in the claim; once that is sent, the link changes nothing any more."""
    guest = windows(GUEST).says("Report and claim").open(f"/vouchers/{voucher}").follow("Report and claim")
    guest.says("Your report was sent on 21 April 2027").page.get_by_text("Your report", exact=True).click()
    guest.says("A price list by autumn")
    assert guest.page.locator("#q-hours").input_value() == "5.5"
    assert guest.page.locator("#q-met-o2-1").is_checked()
    assert guest.page.locator("#q-take_overs-1-what").input_value() == TAKEN_HOME
    guest.press("Send report and claim").says("Claimed")
    windows().open(link, status=409).says("Your report went to the programme with your claim")


def confirm(days: Days, windows: Windows) -> None:
    """The manager: one tap in the mail, one on its page."""
    letter = days.letter(MIA)
    assert len(letter.answers) == 3
    mine = telephone(windows, letter.answers[0]).says(TAKEN_HOME, "Nothing has been sent yet")
    mine.press("Confirm: in use").says("Thank you, your answers are sent")


def board(windows: Windows, organisation: int) -> Window:
    return windows(GUEST).open(f"/organisations/{organisation}").follow("Take-overs").look_everywhere()


def stands_in_use(windows: Windows, organisation: int) -> None:
    """On the board of those who went, with its way there and what the manager said."""
    found = board(windows, organisation).says("Planned 0", "Started 0", "In use 1", "Dropped 0")
    found.follow(TAKEN_HOME).says("In use", "The manager, after half a year In use", "The manager, after a year In use")


def figure(windows: Windows) -> tuple[Window, str]:
    """The owner's review, and what it says of take-overs after a year."""
    owner = windows(OWNER).follow("Overview", within="header").follow("Review of the programme").look_everywhere()
    return owner, " ".join(
        owner.page.locator(".figure-tile", has_text="Take-overs in use after a year").first.inner_text().split()
    )


def counted(windows: Windows) -> None:
    """The figure, and the case that it leads to."""
    owner, says = figure(windows)
    assert says == f"100 % {FIGURE} based on 1"
    owner.follow(FIGURE).look_everywhere().says("It rests on 1 case.", "1 of 1 count", TITLE, "Counts")


def test_from_the_mail_to_a_take_over_in_use_a_year_later(days: Days) -> None:
    with days.arranging():
        exchange, home, voucher, code = approved()
    days.until(SIGNED + timedelta(days=1))
    with days.sitting() as windows:
        answer(days, windows, ANA, BEFORE, ["#q-practice-o1-0", "#q-practice-o2-1"])
    days.until(LAST_DAY)
    with days.sitting() as windows:
        visit(windows(HOST), exchange, code)
    days.until(AT_THE_END)
    with days.sitting() as windows:
        follow_every_link(days, windows)
        answer(days, windows, ANA, END, TAPPED, TYPED)
        one_form_two_ways_in(windows, voucher, days.letter(ANA).answers[0])
        board(windows, home).says("Planned 1", "In use 0")
        answer(days, windows, HUGO, END_HOST, ["#q-benefit-0", "#q-worked-4"])
    days.until(date(2027, 7, 14))
    with days.sitting() as windows:
        windows(GUEST).open(f"/exchanges/{exchange}").says("Closed")
        answer(days, windows, ANA, THREE, ["#q-take_over_states-t1-1", "#q-practice-o1-1", "#q-practice-o2-1"])
        board(windows, home).says("Planned 0", "Started 1")
    days.until(date(2027, 10, 14))
    with days.sitting() as windows:
        follow_every_link(days, windows)
        answer(days, windows, ANA, SIX, ["#q-take_over_states-t1-2"])
        answer(days, windows, HUGO, SIX_HOST, [], [("#q-joint-project", "1")])
        confirm(days, windows)
        assert figure(windows)[1] == f"no figure {FIGURE} nothing to go by yet"
    days.until(date(2028, 4, 14))
    with days.sitting() as windows:
        answer(days, windows, ANA, YEAR, ["#q-take_over_states-t1-2", "#q-practice-o1-3", "#q-practice-o2-2", "#q-anyway-3"])
        answer(days, windows, HUGO, YEAR_HOST, ["#q-still_used-0", "#q-anyway-3"])
        follow_every_link(days, windows)
        confirm(days, windows)
        stands_in_use(windows, home)
        counted(windows)
    days.until(date(2028, 5, 15))  # nobody is asked or reminded any more
    assert [(each.day, each.to, each.subject.split(" Please answer by ")[0]) for each in days.letters if each.answers] == ASKED
