"""From the mail to the sent answers on a telephone of 320 px, and the owner who edits what is asked."""

import re
from collections.abc import Callable

from sqlalchemy import select

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.followup import operations, queries
from mobility.followup.models import QuestionnaireRequest
from mobility.notifications.models import OutboxMessage
from mobility.programmes.models import Programme
from mobility.questionnaires.items import (
    TEXT,
    Item,
    OnlyIf,
)
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import edit_items
from mobility.questionnaires.queries import questionnaire
from mobility.workflows.table import SYSTEM
from tests.support import world
from tests.support.browser import NARROW, Window
from tests.support.lines import lined
from tests.support.story import Arrange, in_days
from tests.support.world import GUEST, OWNER

Windows = Callable[..., Window]
MOST_TAPS, MOST_TYPED = 30, 80  # what a stranger does in far less than six minutes (issue 12)
FINGER = 44  # px


def ended(title: str) -> Exchange:
    """The stay ended a week ago, and everybody has been asked."""
    exchange = world.agreed(title)
    objectives(exchange)
    exchange.state, exchange.actual_last_day, exchange.self_funded = "completed", in_days(-7), True
    exchange.attended = [GUEST]
    world.ask_in(exchange.programme)
    for one in list(queries.due()):
        operations.ask(one)
    return exchange


def objectives(exchange: Exchange) -> None:
    agreed = lined(objectives="A price list by autumn\nTwo firms that pay")["objectives"]
    exchange.agreed_version.objectives = agreed  # type: ignore[union-attr]


def mailed_link(exchange: Exchange, key: str = "end_guest") -> str:
    asked = select(QuestionnaireRequest.id).join(QuestionnaireRequest.questionnaire)
    id = db.session.scalar(asked.where(Questionnaire.key == key, QuestionnaireRequest.exchange_id == exchange.id))
    mail = select(OutboxMessage.text).where(OutboxMessage.kind == "questionnaire", OutboxMessage.subject_id == id)
    found = re.search(r"/answers/\S+", db.session.scalar(mail) or "")
    assert found
    return found[0]


class Thumb:
    """Taps and types, and counts both."""

    def __init__(self, window: Window) -> None:
        self.page = window.page
        self.taps = self.typed = 0

    def tap(self, selector: str) -> None:
        box = self.page.locator(selector).bounding_box()
        assert box is not None
        assert box["height"] >= FINGER, (selector, box)
        assert box["width"] >= FINGER, (selector, box)
        self.page.locator(selector).click()
        self.taps += 1

    def type(self, selector: str, words: str) -> None:
        self.tap(selector)
        self.page.locator(selector).press_sequentially(words)
        self.typed += len(words)


TAPPED = (
    "#q-met-o1-0", "#q-met-o2-1", "#q-benefit-0", "#q-take_overs-1-objective-0", "#q-effort_worth-0", "#q-length-1",
    "#q-relevance-4", "#q-trust-3", "#q-apply-3", "#q-recommend-9", "#q-repeat-0", "#q-publish-0",
)  # fmt: skip
TYPED = (
    ("#q-take_overs-1-what", "A price list on one page"),
    ("#q-take_overs-1-who", "Eva"),
    ("#q-met_managers", "4"),
    ("#q-met_policy_makers", "1"),
    ("#q-met_members", "3"),
    ("#q-hours", "5.5"),
    ("#q-covered", "80"),
)


def test_from_the_mail_to_the_answers_with_one_hand(window: Windows, arrange: Arrange) -> None:
    with arrange():
        link = mailed_link(ended("One hand"))
    nobody = window()
    nobody.open(link).look_everywhere()
    nobody.says("How was your exchange?", f"For {GUEST}", "A price list by autumn", "Two firms that pay")
    telephone = window(looks=False, has_touch=True)
    telephone.page.set_viewport_size(NARROW)
    telephone.open(link)
    thumb = Thumb(telephone)
    for selector in TAPPED:
        thumb.tap(selector)
    for selector, words in TYPED:
        thumb.type(selector, words)
    telephone.page.locator(".saved", has_text="Saved at").wait_for()  # by itself
    thumb.taps += 1
    telephone.press("Send").says("Thank you, your answers are sent")
    assert thumb.taps <= MOST_TAPS
    assert thumb.typed <= MOST_TYPED
    telephone.follow("change your answers").says("You have sent your answers.")
    assert telephone.page.locator("#q-hours").input_value() == "5.5"
    assert telephone.page.locator("#q-recommend-9").is_checked()
    nobody.open("/", look=False)


def test_a_light_claim_with_one_hand(window: Windows, arrange: Arrange) -> None:
    """Its report is the whole claim: 20 taps and 35 typed characters, as many as by the link."""
    with arrange():
        voucher = world.to_claim("A claim with one hand")
        objectives(voucher.exchange)
        address = f"/vouchers/{voucher.id}/claim"
    guest = window(GUEST).open(address).says("Your report", "A price list by autumn", "You get")
    telephone = window(GUEST, looks=False, has_touch=True)
    telephone.page.set_viewport_size(NARROW)
    telephone.open(address)
    thumb = Thumb(telephone)
    for selector in TAPPED:
        thumb.tap(selector)
    for selector, words in TYPED:
        thumb.type(selector, words)
    telephone.page.locator(".saved", has_text="Saved at").wait_for()
    thumb.taps += 1
    telephone.press("Send report and claim").says("Claimed")
    assert (thumb.taps, thumb.typed) == (20, 35)
    guest.open(address.removesuffix("/claim")).says("A price list on one page", "Claimed")


def test_without_javascript(window: Windows, arrange: Arrange) -> None:
    with arrange():
        link = mailed_link(ended("Without a script"), "end_host")
    plain = window(looks=False, java_script_enabled=False)
    plain.page.set_viewport_size(NARROW)
    plain.open(link)
    plain.page.locator("#q-worked-4").click()
    plain.press("Send", status=422).says("There is a problem", "Choose an answer.")
    assert plain.page.locator("#q-worked-4").is_checked()
    plain.page.locator("#q-benefit-2").click()
    plain.press("Send").says("Thank you, your answers are sent")


def test_the_owner_edits_with_the_keyboard_and_reminds(window: Windows, arrange: Arrange) -> None:
    with arrange():
        exchange = ended("Edited by its owner")
        programme = exchange.programme_id
    owner = window(OWNER).open(f"/programmes/{programme}").follow("Follow-up").says("Edited by its owner", GUEST)
    owner.follow("Questionnaires").follow("A year later: is it still in use?")
    owner.follow("Add an item").follow("Any of several options").type("What you ask", "Who uses it?")
    owner.type("Options", "Our board\nOur members").choose(
        "When it is asked", "“Do you still use what your guests brought you?” is “Yes”"
    )
    owner.press("Save the item").says("Changed, not published", "Only if you answered", "Our board, Our members")
    button = owner.page.get_by_role("button", name=re.compile(r"^Up ?: Who uses it\?$"))
    button.focus()
    with owner.page.expect_navigation():
        owner.page.keyboard.press("Enter")
    items = owner.page.locator(".item-row h3").all_inner_texts()
    assert items[1] == "Who uses it?"
    owner.follow(re.compile(r"^Take out ?: Would this have happened")).says("These figures go with it", "Additionality")
    owner.press("Take it out").says("Add it again")
    owner.follow("Preview").look_everywhere().says("This is how the host will see it")
    owner.page.locator("#q-still_used-0").click()
    owner.says("Who uses it?")
    owner.follow("Back to its items").press("Publish version 2").says("Published.", "Version 2")


def test_what_is_asked_only_if_appears_when_it_is(window: Windows, arrange: Arrange) -> None:
    with arrange():
        programme = ended("Only if").programme_id
    owner = window(OWNER, looks=False).open(f"/programmes/{programme}/questionnaires/month_3/preview")
    question = owner.page.get_by_role("heading", name="What else stands in the way?")
    assert not question.is_visible()
    owner.page.get_by_label("Something else").check()
    assert question.is_visible()
    owner.page.get_by_label("Something else").uncheck()
    assert not question.is_visible()


def test_of_what_is_answered_by_line_one_line_is_enough(window: Windows, arrange: Arrange) -> None:
    """As the server counts it (test_items.py); words beside a choice are no choice."""
    with arrange():
        programme = ended("By line").programme_id
        asked = questionnaire(db.session.get_one(Programme, programme), "month_3", for_update=True)
        rests = Item(key="rests", kind=TEXT, text="What came of it?", only_if=OnlyIf("take_over_states", ("started",)))
        edit_items(asked, [*asked.edited, rests], by=SYSTEM, seen=asked.version)
        address = f"/programmes/{asked.programme_id}/questionnaires/month_3/preview"
    owner = window(OWNER, looks=False).open(address)
    question = owner.page.get_by_role("heading", name="What came of it?")
    assert not question.is_visible()
    owner.page.locator('[name="q-take_over_states-t1_why"]').fill("started")
    assert not question.is_visible()
    owner.page.locator('[name="q-take_over_states-t1"][value="started"]').check()
    assert question.is_visible()
