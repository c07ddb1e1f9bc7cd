"""The stay in everybody's calendar: what mail puts there, moves and takes out again."""

import email
from datetime import timedelta
from email import policy
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges import operations
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.notifications.smtp import compose
from mobility.visits import operations as visits
from tests.support.calendars import Inbox
from tests.support.factories import coordinator_of, make_exchange, make_guest, make_theme
from tests.support.lines import typed

pytestmark = pytest.mark.usefixtures("db_session")


def agreed(**values: Any) -> Exchange:
    guest = make_guest(name="Gil")
    delegates = [(guest.name, guest.email, "cluster_manager"), ("Bia Ünal", "bia@elsewhere.example", "cluster_manager")]
    exchange = make_exchange(guest=guest, delegates=delegates, **values)
    sign(exchange)
    return exchange


def sign(exchange: Exchange) -> None:
    for by in (coordinator_of(exchange.theme), exchange.guest):
        visits.sign(exchange, by=by, number=exchange.newest_version.number)
    db.session.flush()


def inboxes() -> dict[str, Inbox]:
    """The calendars of all who have had mail, as they are after it; each mail is written as it is sent, and read again."""
    found: dict[str, Inbox] = {}
    for row in db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.calendar != "").order_by(OutboxMessage.id)):
        sent = compose(row, "Mobility <mobility@fund.example>").as_bytes()
        found.setdefault(row.address, Inbox()).take(email.message_from_bytes(sent, policy=policy.default))
    return found


def days(inbox: Inbox) -> list[tuple[Any, Any]]:
    return [(each.first_day, each.end - timedelta(days=1)) for each in inbox.events.values()]


def test_what_is_agreed_comes_to_both_sides_and_all_who_travel() -> None:
    exchange = agreed()
    found = inboxes()
    assert set(found) == {exchange.guest.email, coordinator_of(exchange.theme).email, "bia@elsewhere.example"}
    for inbox in found.values():
        assert days(inbox) == [(exchange.first_day, exchange.last_day)]


def test_nothing_comes_before_it_is_agreed() -> None:
    exchange = make_exchange()
    visits.sign(exchange, by=exchange.guest, number=1)
    visits.cancel(exchange, by=exchange.guest, reason="Too far.")
    db.session.flush()
    assert inboxes() == {}


def test_other_days_move_it() -> None:
    exchange = agreed()
    before = exchange.first_day
    terms = Terms.of(exchange.newest_version).written()
    moved = {"first_day": before + timedelta(days=1), "last_day": exchange.last_day + timedelta(days=1)}
    agenda = [(day + timedelta(days=1), plan) for day, plan in terms["agenda"]]
    operations.amend(exchange, by=exchange.guest, **terms | moved | {"agenda": agenda})
    assert all(days(each)[0][0] == before for each in inboxes().values()), "until both have signed"
    sign(exchange)
    for inbox in inboxes().values():
        assert days(inbox) == [(before + timedelta(days=1), exchange.last_day)]


@pytest.mark.parametrize("by_host", [True, False])
def test_cancelling_takes_it_out_of_every_calendar(by_host: bool) -> None:
    exchange = agreed()
    visits.cancel(exchange, by=coordinator_of(exchange.theme) if by_host else exchange.guest, reason="A fire.")
    db.session.flush()
    found = inboxes()
    assert len(found) == 3
    assert all(inbox.events == {} for inbox in found.values())


def test_a_no_show_takes_it_out_of_every_calendar() -> None:
    exchange = agreed(self_funded=True)
    clock.set_to(clock.noon_of(exchange.first_day))
    visits.start(exchange)
    clock.set_to(clock.noon_of(exchange.last_day))
    visits.report_no_show(exchange, by=coordinator_of(exchange.theme), reason="Nobody came.")
    db.session.flush()
    found = inboxes()
    assert set(found) == {exchange.guest.email, coordinator_of(exchange.theme).email, "bia@elsewhere.example"}
    assert all(inbox.events == {} for inbox in found.values())


def test_words_that_look_like_a_cancellation_are_none() -> None:
    exchange = agreed(theme=make_theme(title="METHOD:CANCEL"))
    terms = Terms.of(exchange.newest_version).written()
    plan = "METHOD:CANCEL\r\nMETHOD:CANCEL\n METHOD:CANCEL"
    operations.amend(exchange, by=exchange.guest, **terms | {"agenda": [(exchange.first_day, plan)]})
    sign(exchange)
    assert {each.carries for each in db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.calendar != ""))} == {
        "REQUEST"
    }
    visits.cancel(exchange, by=exchange.guest, reason="METHOD:REQUEST")
    db.session.flush()
    assert all(inbox.events == {} for inbox in inboxes().values())


def test_who_is_replaced_loses_it_and_the_newcomer_gets_it() -> None:
    exchange = agreed()
    visits.replace_guest(
        exchange, by=exchange.guest, delegate="2", name="Noa", email="noa@new.example", level="cluster_manager", reason="Ill."
    )
    sign(exchange)
    found = inboxes()
    assert found["bia@elsewhere.example"].events == {}
    assert days(found["noa@new.example"]) == [(exchange.first_day, exchange.last_day)]


def test_whoever_has_no_page_of_it_gets_no_link_to_one() -> None:
    exchange = agreed()
    rows = {row.address: row.calendar for row in db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.calendar != ""))}
    assert f"/exchanges/{exchange.id}" in rows[exchange.guest.email]
    assert "URL:" not in rows["bia@elsewhere.example"]


def test_names_in_any_script_are_read_as_they_are() -> None:
    title = "Gebühren; מחירים, “価格” 🎉 " + "länger " * 20
    exchange = agreed()
    exchange.theme.title = title.strip()
    terms = Terms.of(exchange.newest_version).written() | typed(host_contact="Ask")
    operations.amend(exchange, by=exchange.guest, **terms)
    sign(exchange)
    for inbox in inboxes().values():
        assert [each.title for each in inbox.events.values()] == [f"Exchange: {title.strip()}"]
