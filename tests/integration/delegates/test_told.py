"""What those who travel along are told by mail, with which way to their page, and what it does to their calendar."""

from datetime import date
from typing import Any

import pytest

from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.roles import Role
from mobility.visits import operations as visits
from tests.support.calendars import read
from tests.support.delegates import BIA, amend, begin, confirm, link_in, link_of, mails, make_stay, sign
from tests.support.factories import coordinator_of, make_member, make_organisation

pytestmark = pytest.mark.usefixtures("db_session")
NOA = "noa@new.example"


def told(kind: str) -> list[str]:
    return [each.address for each in mails(kind)]


def replace(exchange: Exchange, **changes: Any) -> None:
    given = {"delegate": "2", "name": "Noa Levi", "email": NOA, "level": "cluster_manager", "reason": "Ill."}
    visits.replace_guest(exchange, by=exchange.guest, **given | changes)
    db.session.commit()


def asks(mail: Any) -> tuple[str, int]:
    file = read(mail.calendar)
    return file.method, file.events[0].sequence


def test_agreed_and_moved() -> None:
    exchange = make_stay()
    assert told("stay_agreed") == [BIA]
    amend(exchange, last_day=date(2027, 4, 15), agenda=[])
    assert told("stay_agreed") == [BIA], "nothing before both sides have signed"
    sign(exchange)
    first, moved = mails("stay_agreed")
    assert first.subject_line.startswith("Put it in your calendar: you travel to ")
    assert moved.subject_line.startswith("Move it in your calendar: you now travel to ")
    assert "Earlier it was 10 to 14 April 2027" in moved.text
    assert [asks(first), asks(moved)] == [("REQUEST", 2), ("REQUEST", 4)]
    assert link_in(first) == link_in(moved) != ""
    amend(exchange, host_contact="Ask Ines")
    sign(exchange)
    assert mails("stay_agreed")[-1].subject_line.startswith("Read what has changed: you travel to ")


def test_cancelled() -> None:
    exchange = make_stay()
    visits.cancel(exchange, by=coordinator_of(exchange.theme), reason="A fire.")
    assert set(told("stay_cancelled")) == {BIA, coordinator_of(exchange.theme).email}
    (mail,) = [each for each in mails("stay_cancelled") if each.address == BIA]
    assert asks(mail) == ("CANCEL", 3)
    assert link_in(mail) == link_of()


def test_of_a_plan_of_which_they_never_heard_they_hear_no_end() -> None:
    exchange = make_stay(agreed=False)
    visits.cancel(exchange, by=exchange.guest, reason="Too far.")
    assert told("stay_cancelled") == []


def test_of_a_plan_of_which_they_know_they_hear_the_end() -> None:
    exchange = make_stay(agreed=False)
    replace(exchange)
    visits.cancel(exchange, by=exchange.guest, reason="Too far.")
    (mail,) = mails("stay_cancelled")
    assert (mail.address, mail.calendar) == (NOA, "")
    assert "calendar" not in mail.text


@pytest.mark.parametrize("others", [1, 2])
def test_a_no_show_takes_it_out_of_every_calendar(others: int) -> None:
    addresses = [f"o{n}@elsewhere.example" for n in range(others)]
    exchange = make_stay(*[(f"Other {n}", address) for n, address in enumerate(addresses)])
    begin(exchange)
    host = coordinator_of(exchange.theme)
    visits.report_no_show(exchange, by=host, reason="Nobody came.")
    (to_guest,) = mails("exchange_no_show")
    assert (to_guest.address, asks(to_guest)) == (exchange.guest.email, ("CANCEL", 3))
    assert sorted(told("stay_no_show")) == sorted([*addresses, host.email])
    for mail in mails("stay_no_show"):
        assert asks(mail) == ("CANCEL", 3)
        travels = mail.address in addresses
        assert bool(link_in(mail)) == travels
        assert ("If you were there, tell Gil Prado at once" in mail.text) == travels


def test_who_is_replaced_and_who_comes_instead() -> None:
    exchange = make_stay()
    replace(exchange)
    (gone,), (newcomer,) = mails("stay_replaced"), mails("guest_newcomer")
    assert (gone.address, asks(gone), link_in(gone)) == (BIA, ("CANCEL", 3), "")
    assert "Noa Levi" not in gone.text
    assert newcomer.address == NOA
    assert link_in(newcomer)
    sign(exchange)
    assert told("stay_not_yours") == [], "they were told already"
    assert asks(next(each for each in mails("stay_agreed") if each.address == NOA)) == ("REQUEST", 4)


def test_who_is_replaced_and_never_heard_of_it_is_not_written_to() -> None:
    replace(make_stay(agreed=False))
    assert told("stay_replaced") == []


def test_a_colleague_who_acts_instead_is_led_to_the_exchange() -> None:
    exchange = make_stay()
    colleague = make_member(exchange.guest_organisation, Role.GUEST, name="Noa Levi")
    before = exchange.guest
    replace(exchange, delegate="1", email=colleague.email)
    (newcomer,), (gone,) = mails("guest_newcomer"), mails("stay_replaced")
    assert (newcomer.recipient_id, gone.recipient_id) == (colleague.id, before.id)
    assert "See the exchange" in newcomer.text


def test_the_certificate_is_ready_or_they_were_not_seen() -> None:
    exchange = make_stay(("Bia Ünal", BIA), ("Cem", "cem@other.example"))
    begin(exchange)
    confirm(exchange, 1, 2)
    assert (told("stay_confirmed"), told("stay_without_you")) == ([BIA], ["cem@other.example"])
    (ready,), (missed,) = mails("stay_confirmed"), mails("stay_without_you")
    assert ready.subject_line.startswith("Save your certificate: you were at ")
    assert link_in(ready)
    assert "If you were there, tell Gil Prado at once" in missed.text


def correct(exchange: Exchange, *places: int, last_day: date | None = None) -> None:
    days = {"first_day": exchange.first_day, "last_day": last_day or exchange.last_day}
    host = coordinator_of(exchange.theme)
    claims.correct_attendance(exchange, by=host, attended=list(places), reason="A slip.", **days)
    db.session.commit()


def test_corrected_it_is_told_to_whom_it_is_news() -> None:
    exchange = make_stay(("Bia Ünal", BIA), ("Cem", "cem@other.example"))
    begin(exchange)
    confirm(exchange, 1, 2)
    correct(exchange, 1, 3)
    assert told("stay_confirmed") == [BIA, "cem@other.example"]
    assert told("stay_without_you") == ["cem@other.example", BIA]
    correct(exchange, 1, 3, last_day=date(2027, 4, 13))
    assert told("stay_confirmed") == [BIA, "cem@other.example", "cem@other.example"]
    assert told("stay_without_you") == ["cem@other.example", BIA]
    assert mails("stay_confirmed")[-1].subject_line.startswith("Save your corrected certificate")


def test_somebody_with_an_account_is_led_to_their_page_and_has_no_link() -> None:
    along = make_member(make_organisation(), Role.GUEST, name="Bia Ünal")
    exchange = make_stay((along.name, along.email))
    (mail,) = mails("stay_agreed")
    assert (mail.recipient_id, link_in(mail)) == (along.id, "")
    assert "sign in to see it" in mail.text
    begin(exchange)
    confirm(exchange, 1, 2)
    assert [each.recipient_id for each in mails("stay_confirmed")] == [along.id]


def test_without_an_address_nobody_is_written_to() -> None:
    exchange = make_stay(("Bia Ünal", ""))
    begin(exchange)
    confirm(exchange, 1, 2)
    for kind in ("stay_agreed", "stay_confirmed", "stay_without_you"):
        assert mails(kind) == []
