"""Invitations and subscriptions as two independent parsers read them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.documents.calendar import Entry, Organiser, Stay, events_in, invitation, method_of, subscription
from mobility.documents.text import plain, plain_lines
from tests.support.calendars import read

STAMP = datetime(2027, 2, 1, 12, 30, tzinfo=UTC)
FUND, ANA = Organiser("Mobility Fund", "mobility@fund.example"), Organiser("Ana Kovač", "ana@home.example")


def stay(**values: Any) -> Stay:
    plausible: dict[str, Any] = {
        "uid": "exchange-42@mobility.example",
        "title": "Exchange: Fees",
        "first_day": date(2027, 3, 3),
        "last_day": date(2027, 3, 7),
        "location": "Baden Cluster, Baden-Baden",
        "description": "Wednesday: welcome",
        "sequence": 2,
        "stamp": STAMP,
    }
    return Stay(**plausible | values)


def test_the_whole_request() -> None:
    lines = invitation(stay(url="https://mobility.example/exchanges/42"), FUND, ANA).decode().replace("\r\n ", "").split("\r\n")
    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Mobility//Exchange//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "SUMMARY:Exchange: Fees",
        "DTSTART;VALUE=DATE:20270303",
        "DTEND;VALUE=DATE:20270308",
        "DTSTAMP:20270201T123000Z",
        "UID:exchange-42@mobility.example",
        "SEQUENCE:2",
        'ATTENDEE;CN="Ana Kovač";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ana@home.example',
        "DESCRIPTION:Wednesday: welcome",
        "LOCATION:Baden Cluster\\, Baden-Baden",
        'ORGANIZER;CN="Mobility Fund":mailto:mobility@fund.example',
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://mobility.example/exchanges/42",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancellation_names_the_same_event() -> None:
    request, cancel = read(invitation(stay(), FUND, ANA)), read(invitation(stay(sequence=3), FUND, ANA, cancelled=True))
    assert (request.method, cancel.method) == ("REQUEST", "CANCEL")
    assert request.events[0].uid == cancel.events[0].uid
    assert (request.events[0].status, cancel.events[0].status) == ("CONFIRMED", "CANCELLED")
    assert cancel.events[0].attendees == ("mailto:ana@home.example",)


@pytest.mark.parametrize(
    ("first", "last", "end"),
    [
        ("2028-02-28", "2028-02-29", "2028-03-01"),
        ("2028-02-29", "2028-02-29", "2028-03-01"),
        ("2027-02-28", "2027-02-28", "2027-03-01"),
        ("2027-03-27", "2027-03-29", "2027-03-30"),  # over the change of the clocks
        ("2027-12-30", "2028-01-02", "2028-01-03"),
    ],
)
def test_days_are_days_in_every_time_zone(first: str, last: str, end: str) -> None:
    file = invitation(stay(first_day=date.fromisoformat(first), last_day=date.fromisoformat(last)), FUND, ANA)
    (event,) = read(file).events
    assert (event.first_day.isoformat(), event.end.isoformat()) == (first, end)
    assert b"TZID" not in file
    assert type(event.first_day) is date


ANYTHING = st.text(st.characters(codec="utf-8"), max_size=300)


@given(title=ANYTHING, location=ANYTHING, description=ANYTHING, name=ANYTHING)
def test_whatever_is_typed_is_read_back_by_both(title: str, location: str, description: str, name: str) -> None:
    file = invitation(stay(title=title, location=location, description=description), FUND, Organiser(name, "ana@home.example"))
    (event,) = read(file).events
    assert (event.title, event.location) == (plain(title), plain(location))
    assert event.description.split() == plain_lines(description).split()
    assert event.attendees == ("mailto:ana@home.example",)


@given(st.lists(st.tuples(ANYTHING, st.dates(date(2000, 1, 1), date(2099, 1, 1))), max_size=4))
def test_a_subscription_is_read_by_both(rows: list[tuple[str, date]]) -> None:
    entries = [Entry(f"task-{n}@m.example", title, day, day, "https://m.example/") for n, (title, day) in enumerate(rows)]
    file = read(subscription("Mobility", entries, STAMP))
    assert file.method == "PUBLISH"
    assert [(each.title, each.first_day) for each in file.events] == [(plain(title), day) for title, day in rows]


WORDS = "METHOD:CANCEL"


@pytest.mark.parametrize("cancelled", [True, False])
@pytest.mark.parametrize("words", [WORDS, f"\r\n{WORDS}\r\n", f"\n{WORDS}", f"{'x' * 63}\r\n{WORDS}", f"{'ü' * 40} {WORDS}"])
def test_what_it_asks_for_is_read_from_its_own_line(words: str, cancelled: bool) -> None:
    file = invitation(stay(title=words, description=words, location=words), FUND, ANA, cancelled=cancelled).decode()
    assert method_of(file) == ("CANCEL" if cancelled else "REQUEST")


def test_what_stands_in_it() -> None:
    assert events_in(invitation(stay(title="Fees; and more"), FUND, ANA).decode()) == [
        ("Fees; and more", date(2027, 3, 3), date(2027, 3, 7))
    ]
    assert (events_in(""), method_of("")) == ([], "")
