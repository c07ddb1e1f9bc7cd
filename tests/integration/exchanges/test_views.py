"""The pages of exchanges and agreements as a browser without JavaScript uses them."""

from datetime import date
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges import operations
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.workflows.table import SYSTEM
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_exchange,
    make_guest,
    make_member,
    make_theme,
    sign_in,
)
from tests.support.forms import at_once, fill, values_of
from tests.support.html import fields_of, text_of
from tests.support.lines import typed

pytestmark = pytest.mark.usefixtures("db_session")


def count(model: Any, **values: Any) -> int:
    return db.session.query(model).filter_by(**values).count()


def amend(exchange: Exchange, **changes: Any) -> None:
    operations.amend(exchange, by=exchange.guest, **Terms.of(exchange.newest_version).written() | typed(**changes))
    db.session.commit()


# The match


def test_confirming_shows_what_one_says_yes_to_and_leads_to_the_exchange(client: Any) -> None:
    application = make_accepted()
    sign_in(client, application.guest)
    page = client.get(f"/applications/{application.id}/confirm").text
    for words in ("10 to 14 April 2027", application.theme.host.name, application.guest.name, "within 14 days"):
        assert words in page
    answer = fill(client, f"/applications/{application.id}/confirm")
    exchange = db.session.query(Exchange).one()
    assert (answer.status_code, answer.location) == (303, f"/exchanges/{exchange.id}")
    assert "It is a match" in client.get(answer.location).text


def test_eight_confirmations_at_once_make_one_exchange_and_one_mail(client: Any) -> None:
    application = make_accepted()
    sign_in(client, application.guest)
    address = f"/applications/{application.id}/confirm"
    values = values_of(client.get(address))
    answers = at_once(client, 8, lambda browser: browser.post(address, data=values))
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert 303 in {answer.status_code for answer in answers}
    assert (count(Exchange), count(AgreementVersion), count(OutboxMessage, kind="exchange_confirmed")) == (1, 1, 1)
    db.session.refresh(application.theme)
    assert application.theme.places_taken == 1


# The page


def test_the_page_reads_as_a_document(client: Any) -> None:
    exchange = make_exchange(objectives="A price list by autumn")
    for person, words in ((exchange.guest, "Both sides sign next"), (coordinator_of(exchange.theme), "You sign next")):
        sign_in(client, person)
        page = client.get(f"/exchanges/{exchange.id}").text
        assert "A price list by autumn" in page
        assert "Day 5" in page
        assert 'by <time datetime="2027-03-15">15 March 2027</time>' in page
        assert "You sign next" in page, words
        assert f"/exchanges/{exchange.id}/sign" in page


def test_readers_read_and_do_nothing(client: Any) -> None:
    exchange = make_exchange()
    for reader in (
        make_member(exchange.programme, Role.AUDITOR),
        make_member(exchange.guest_organisation, Role.COORDINATOR),
        make_member(exchange.host, Role.HOST),
    ):
        sign_in(client, reader)
        page = client.get(f"/exchanges/{exchange.id}")
        assert page.status_code == 200
        assert "Both sides sign next" in page.text
        assert f'href="/exchanges/{exchange.id}/sign"' not in page.text
        assert client.post(f"/exchanges/{exchange.id}/sign", data={"version": exchange.version}).status_code == 403


ADDRESSES = [
    "",
    "/sign",
    "/amend",
    "/cancel",
    "/start",
    "/confirm-attendance",
    "/report-no-show",
    "/agreement/1",
    "/calendar.ics",
]


@pytest.mark.parametrize("rest", ADDRESSES)
def test_what_one_may_not_see_is_not_there(client: Any, rest: str) -> None:
    exchange = make_exchange(signed=True)
    sign_in(client, make_guest())
    for number in (exchange.id, 99999):
        assert client.get(f"/exchanges/{number}{rest}").status_code == 404


# Signing


def test_one_signs_what_one_has_read(client: Any) -> None:
    exchange = make_exchange(objectives="A price list by autumn")
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/sign"
    page = client.get(address).text
    assert "A price list by autumn" in page
    assert "What is different" not in page, "it is the first version"
    unread = fill(client, address)
    assert (unread.status_code, "Tick this once you have read the agreement" in unread.text) == (422, True)
    assert fill(client, address, number="1").status_code == 303
    assert count(Signature, side="guest") == 1


def test_whoever_saw_an_older_version_sees_what_has_changed(client: Any) -> None:
    exchange = make_exchange(objectives="A price list by autumn")
    host = coordinator_of(exchange.theme)
    sign_in(client, host)
    address = f"/exchanges/{exchange.id}/sign"
    values = values_of(client.get(address)) | {"number": "1"}
    amend(exchange, objectives="A price list by spring")
    conflict = client.post(address, data=values)
    assert conflict.status_code == 409
    assert "This has changed since you opened it" in conflict.text
    assert "[removed: </span>autumn<" in conflict.text
    assert "[added: </span>spring<" in conflict.text
    assert "I have read version 2 and sign it" in conflict.text
    assert "checked" not in conflict.text, "nobody ticks it for me"
    assert count(Signature) == 0
    client.post(address, data=values_of(conflict) | {"number": "1"})
    assert count(Signature) == 0, "the number that one has seen counts"
    assert client.post(address, data=values_of(conflict) | {"number": "2"}).status_code == 303
    assert count(Signature) == 1


def test_eight_signatures_at_once_are_one(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/sign"
    values = values_of(client.get(address)) | {"number": "1"}
    answers = at_once(client, 8, lambda browser: browser.post(address, data=values))
    assert {answer.status_code for answer in answers} == {303}, "the same click, eight times"
    assert (count(Signature), count(OutboxMessage, kind="agreement_signed")) == (1, 1)


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "²", "9" * 40, "<b>"])
def test_nonsense_is_no_version(client: Any, number: str) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    assert fill(client, f"/exchanges/{exchange.id}/sign", number=number).status_code in {409, 422}
    assert count(Signature) == 0


# Amending


def test_amending_begins_with_what_there_is_and_moves_the_agenda_with_the_dates(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    values = values_of(client.get(address))
    assert values["first_day"] == "2027-04-10"
    assert values["objectives-0"] == "A price list for our services by autumn."
    typed = {"first_day": "2027-04-12", "last_day": "2027-04-14", "agenda-0": "Plant", "agenda-2": "Members"}
    assert client.post(address, data=values | typed).status_code == 303
    version = db.session.query(AgreementVersion).filter_by(number=2).one()
    assert version.agenda == [
        {"day": "2027-04-12", "plan": "Plant"},
        {"day": "2027-04-13", "plan": ""},
        {"day": "2027-04-14", "plan": "Members"},
    ]
    page = client.get(f"/exchanges/{exchange.id}/agreement/2").text
    assert "What is different from version 1" in page
    assert "Agenda, 12 April 2027" in page


def test_a_plan_beyond_the_stay_is_refused_at_the_agenda(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    page = fill(client, f"/exchanges/{exchange.id}/amend", **{"agenda-6": "Late"})
    assert page.status_code == 422
    assert "16 April 2027 is not a day of this stay" in page.text
    assert values_of(page)["agenda-6"] == "Late"


def test_an_amendment_that_says_nothing_new(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    page = fill(client, f"/exchanges/{exchange.id}/amend")
    assert (page.status_code, "Nothing has changed" in page.text) == (422, True)


def test_two_who_amend_at_once_do_not_overwrite_each_other(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, coordinator_of(exchange.theme))
    address = f"/exchanges/{exchange.id}/amend"
    values = values_of(client.get(address))
    amend(exchange, objectives="The guest was faster")
    conflict = client.post(address, data=values | {"host_benefit-0": "The host's long text"})
    assert conflict.status_code == 409
    assert "This has changed since you opened it" in conflict.text
    assert values_of(conflict)["host_benefit-0"] == "The host's long text"
    assert count(AgreementVersion) == 2


# Versions and the calendar


def test_a_version_that_is_not_there(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    assert client.get(f"/exchanges/{exchange.id}/agreement/1").status_code == 200
    assert client.get(f"/exchanges/{exchange.id}/agreement/2").status_code == 404
    assert client.get(f"/exchanges/{exchange.id}/agreement/0").status_code == 404


def test_what_is_agreed_goes_into_a_calendar(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/calendar.ics"
    assert client.get(address).status_code == 409
    operations.sign(exchange, by=coordinator_of(exchange.theme), number=1)
    operations.sign(exchange, by=exchange.guest, number=1)
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "DTSTART;VALUE=DATE:20270410" in answer.text
    assert "DTEND;VALUE=DATE:20270415" in answer.text
    assert "STATUS:CONFIRMED" in answer.text
    operations.cancel(exchange, by=exchange.guest, reason="Snow")
    assert "STATUS:CANCELLED" in client.get(address).text


def test_every_state_has_a_page(client: Any) -> None:
    exchange = make_exchange(signed=True, self_funded=True)
    sign_in(client, exchange.guest)
    host = coordinator_of(exchange.theme)
    address = f"/exchanges/{exchange.id}"
    assert "Agreed: 10 to 14 April 2027" in client.get(address).text
    clock.set_to(clock.noon_of(date(2027, 4, 10)))
    operations.start(exchange, by=host)
    sign_in(client, exchange.guest)
    assert "confirms the attendance next" in client.get(address).text
    clock.set_to(clock.noon_of(date(2027, 4, 14)))
    operations.confirm_attendance(
        exchange,
        by=host,
        first_day=date(2027, 4, 10),
        last_day=date(2027, 4, 14),
        attended=[exchange.delegates[0].position],
    )
    sign_in(client, exchange.guest)
    page = client.get(address).text
    assert "The visit took place: 10 to 14 April 2027" in page
    clock.set_to(clock.noon_of(date(2027, 5, 8)))
    operations.close(exchange)
    sign_in(client, exchange.guest)
    assert "Closed" in client.get(address).text


# The list


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_list_takes_the_same_queries_however_long(client: Any, queries: Any, rows: int) -> None:
    theme = make_theme(places=40)
    for number in range(rows):
        make_exchange(theme, signed=number % 2 == 1)
    sign_in(client, coordinator_of(theme))
    client.get("/exchanges")
    with queries() as seen:
        page = client.get("/exchanges")
    assert page.status_code == 200
    assert page.text.count('class="task-title"') == min(rows, 25)
    assert seen.count == 9, seen


@pytest.mark.parametrize("versions", [1, 4])
def test_the_page_takes_the_same_queries_however_many_versions(client: Any, queries: Any, versions: int) -> None:
    exchange = make_exchange()
    for number in range(1, versions):
        amend(exchange, objectives=f"Version {number + 1}")
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}"
    client.get(address)
    with queries() as seen:
        assert client.get(address).status_code == 200
    assert seen.count == 13, seen


@pytest.mark.parametrize("nonsense", ["state=x", "side=x", "page=0", "page=x", "_external=1", "state=agreed&side=host"])
def test_nonsense_in_the_address_is_no_filter(client: Any, nonsense: str) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    assert client.get(f"/exchanges?{nonsense}").status_code == 200


def test_of_two_guests_with_one_name_the_one_who_came_is_ticked(client: Any, db_session: Any) -> None:
    guest = make_guest(name="Ana Kovač")
    delegates = [("Ana Kovač", guest.email, "cluster_manager"), ("Ana KOVAČ", "", "cluster_manager")]
    exchange = make_exchange(guest=guest, signed=True, self_funded=True, delegates=delegates)
    clock.set_to(clock.noon_of(date(2027, 4, 10)))
    operations.start(exchange, by=SYSTEM)
    clock.set_to(clock.noon_of(date(2027, 4, 14)))
    sign_in(client, coordinator_of(exchange.theme))
    address = f"/exchanges/{exchange.id}/confirm-attendance"
    page = client.get(address)
    assert f"Ana Kovač, {guest.email} " in text_of(page)
    assert "Ana KOVAČ, guest 2 " in text_of(page)
    assert client.post(address, data=fields_of(page) | {"attended": ["2"]}).status_code == 303
    db_session.expire_all()
    assert exchange.attended == ["Ana KOVAČ"]
