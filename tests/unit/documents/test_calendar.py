"""The calendar file of an exchange."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mobility.documents.calendar import Organiser, exchange_calendar

EXCHANGE = {
    "uid": "exchange-42@mobility.example",
    "title": "Visit to Baden Packaging Cluster",
    "first_day": date(2027, 3, 3),
    "last_day": date(2027, 3, 7),
    "location": "Baden-Baden, Germany",
    "description": "Day 1: welcome; tour, dinner\nDay 2: workshop",
    "url": "https://mobility.example/exchanges/42",
    "organiser": Organiser("Dr. Katharina Groß", "k.gross@packaging.example"),
    "sequence": 3,
    "stamp": datetime(2027, 2, 1, 12, 30, tzinfo=UTC),
}


def _event(file):
    calendar = Calendar.from_ical(file)
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_whole_file():
    assert exchange_calendar(**EXCHANGE).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Mobility//Exchange//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "SUMMARY:Visit to Baden Packaging Cluster",
        "DTSTART;VALUE=DATE:20270303",
        "DTEND;VALUE=DATE:20270308",
        "DTSTAMP:20270201T123000Z",
        "UID:exchange-42@mobility.example",
        "SEQUENCE:3",
        "DESCRIPTION:Day 1: welcome\\; tour\\, dinner\\nDay 2: workshop",
        "LOCATION:Baden-Baden\\, Germany",
        'ORGANIZER;CN="Dr. Katharina Groß":mailto:k.gross@packaging.example',
        "STATUS:CONFIRMED",
        "URL:https://mobility.example/exchanges/42",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancelled_exchange_is_taken_out_of_the_calendar():
    assert _event(exchange_calendar(**EXCHANGE, cancelled=True))["status"] == "CANCELLED"


def test_long_lines_are_folded_at_75_octets_and_read_back_whole():
    title = "Überblick über die Förderung der Zusammenarbeit " * 10
    file = exchange_calendar(**{**EXCHANGE, "title": title})
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    assert str(_event(file)["summary"]) == title.strip()


@given(text=st.text(st.characters()))
def test_no_text_breaks_out_of_its_line(text):
    organiser = Organiser(text, "k.gross@packaging.example")
    typed = {"title": text, "location": text, "description": text, "organiser": organiser}
    file = exchange_calendar(**{**EXCHANGE, **typed})
    names = [line.split(":")[0].split(";")[0] for line in exchange_calendar(**EXCHANGE).decode().split("\r\n")]
    unfolded = file.decode().replace("\r\n ", "").split("\r\n")
    assert [line.split(":")[0].split(";")[0] for line in unfolded] == names
    assert Calendar.from_ical(file).walk("VEVENT")[0]["sequence"] == 3
