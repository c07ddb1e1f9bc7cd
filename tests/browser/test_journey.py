"""The whole story of one exchange, by people who sit side by side at browsers of their own."""

from collections.abc import Callable

import pytest

from tests.support import story
from tests.support.browser import Window
from tests.support.world import AUDITOR, GUEST, HOST, OWNER


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_theme_to_the_certificate(window: Callable[..., Window], arrange: story.Arrange, *, javascript: bool) -> None:
    """Each page on the way is looked at; without JavaScript the same pages do the same."""
    settings = {"looks": javascript, "java_script_enabled": javascript}
    host, guest, owner, auditor = (window(name, **settings) for name in (HOST, GUEST, OWNER, AUDITOR))
    title = "Funding cluster services after the grant ends" if javascript else "Digital hubs that members pay for"
    story.publish(host, title)
    application = story.apply(guest, title)
    story.match(host, guest, application, title)
    exchange = story.agree(host, guest)
    voucher = story.request_voucher(guest, exchange)
    story.decide(owner, voucher)
    code = story.open_voucher(guest, voucher)
    story.the_days_pass(arrange, exchange)
    story.visit(host, exchange, code)
    certificate = story.read_certificate(guest, arrange, exchange)
    story.check(window(**settings), code, "voucher", "Attended", title)
    story.check(window(**settings), certificate, "certificate", "Attendance confirmed", title)
    story.look_back(owner, auditor, exchange, voucher)
