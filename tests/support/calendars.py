"""Calendar files as two independent parsers read them, and a calendar that takes in what comes by mail."""

import warnings
from datetime import date
from email.message import EmailMessage
from typing import Any, NamedTuple

from icalendar import Calendar as ICalendar

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own use of pytz and utcnow
    import vobject


class Read(NamedTuple):
    """One event: what both parsers agree on."""

    uid: str
    title: str
    first_day: date
    end: date
    sequence: int
    status: str
    location: str = ""
    description: str = ""
    organiser: str = ""
    attendees: tuple[str, ...] = ()


class File(NamedTuple):
    method: str
    events: list[Read]


def read(content: bytes | str) -> File:
    """As icalendar reads it; fails unless vobject reads the same."""
    raw = content if isinstance(content, bytes) else content.encode()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "a line is longer than 75 octets"
    assert raw.endswith(b"END:VCALENDAR\r\n")
    one, other = _by_icalendar(raw), _by_vobject(raw.decode())
    assert one == other
    return one


def _by_icalendar(raw: bytes) -> File:
    calendar: Any = ICalendar.from_ical(raw)
    return File(str(calendar["method"]), [_event(each) for each in calendar.walk("VEVENT")])


def _event(event: Any) -> Read:
    attendees = event.get("attendee", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    return Read(
        str(event["uid"]),
        str(event["summary"]),
        event["dtstart"].dt,
        event["dtend"].dt,
        int(event.get("sequence", 0)),
        str(event.get("status", "")),
        str(event.get("location", "")),
        str(event.get("description", "")),
        str(event.get("organizer", "")),
        tuple(map(str, attendees)),
    )


def _by_vobject(text: str) -> File:
    calendar: Any = vobject.readOne(text)
    return File(calendar.method.value, [_component(each) for each in calendar.contents.get("vevent", [])])


def _component(event: Any) -> Read:
    def of(name: str, default: Any = "") -> Any:
        return event.contents[name][0].value if name in event.contents else default

    attendees = tuple(each.value for each in event.contents.get("attendee", []))
    days = (of("dtstart"), of("dtend"))
    told = (of("location"), of("description"), of("organizer"), attendees)
    return Read(of("uid"), of("summary"), *days, int(of("sequence", 0)), of("status"), *told)


class Inbox:
    """What a calendar shows that takes in invitations as RFC 5546 asks: by UID, the higher SEQUENCE counts, CANCEL takes out."""

    def __init__(self) -> None:
        self.events: dict[str, Read] = {}
        self._seen: dict[str, int] = {}
        self._organiser: dict[str, str] = {}

    def take(self, mail: EmailMessage) -> None:
        part = next(each for each in mail.walk() if each.get_content_type() == "text/calendar")
        file = read(part.get_payload(decode=True))
        attached = next(each for each in mail.walk() if each.get_content_type() == "application/ics")
        assert attached.get_payload(decode=True) == part.get_payload(decode=True)
        assert part.get_param("method") == file.method
        assert part.get_content_charset() == "utf-8"
        (event,) = file.events
        assert event.sequence > self._seen.get(event.uid, -1), "an older message changes nothing"
        assert self._organiser.setdefault(event.uid, event.organiser) == event.organiser, "another organiser changes nothing"
        self._seen[event.uid] = event.sequence
        if file.method == "CANCEL":
            self.events.pop(event.uid, None)
        else:
            assert file.method == "REQUEST"
            self.events[event.uid] = event
