"""The money's way, by everybody whose hands it goes through: from the request to the file for the bank."""

from collections.abc import Callable

from tests.support import story_money as story
from tests.support import world
from tests.support.browser import Window
from tests.support.story import Arrange
from tests.support.world import ASSESSOR, DECIDER, FINANCE, FULL_PROGRAMME, GUEST, HOST, OTHER_FINANCE


def test_from_the_request_to_the_bank_file(window: Callable[..., Window], arrange: Arrange) -> None:
    with arrange():
        agreed = world.agreed("What a member survey changes", FULL_PROGRAMME)
        exchange, voucher = agreed.id, agreed.voucher.id
        world.ask_in(agreed.programme)
    guest, host, assessor, owner = (window(name) for name in (GUEST, HOST, ASSESSOR, DECIDER))
    story.request(guest, voucher)
    story.assess(assessor, voucher)
    story.approve(owner, voucher)
    story.the_visit_is_over(arrange, host, guest, exchange, voucher)
    story.claim(guest, voucher)
    story.validate_lower(owner, voucher)
    story.pay(window(OTHER_FINANCE), window(FINANCE), voucher)
    story.look_back(guest, owner, voucher)
