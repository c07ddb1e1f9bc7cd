"""Calendar files (RFC 5545): an exchange to be opened or invited to (RFC 5546), and what somebody subscribes to."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from icalendar import Calendar, Event, vCalAddress

from mobility.documents.text import plain, plain_lines

PRODUCT = "-//Mobility//Exchange//EN"
REQUEST, CANCEL = "REQUEST", "CANCEL"  # what a mail asks of a calendar (RFC 5546)
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)  # whatever people write stands in a line that begins otherwise


class Organiser(NamedTuple):
    """Who answers questions about the stay: a name and a mail address."""

    name: str
    email: str


def exchange_calendar(
    *,
    uid: str,
    title: str,
    first_day: date,
    last_day: date,
    location: str,
    description: str,
    url: str,
    organiser: Organiser,
    sequence: int,
    stamp: datetime,
    cancelled: bool = False,
) -> bytes:
    """One all-day event from the first to the last day, both included.

    `uid` stays the same for all versions of one exchange and `sequence` grows with each, so that a calendar replaces
    the older one; `stamp` is the aware instant of this version; `url` "" for a reader without a page that may be passed on.
    The file is published (RFC 5546): it invites nobody.
    """
    event = Event()
    event.add("uid", plain(uid))
    event.add("dtstamp", stamp)
    event.add("sequence", sequence)
    event.add("summary", plain(title))
    event.add("dtstart", first_day)
    event.add("dtend", last_day + timedelta(days=1))  # the first day after the event (RFC 5545, 3.6.1)
    event.add("location", plain(location))
    event.add("description", plain_lines(description))
    if url:
        event.add("url", plain(url))
    event.add("organizer", _address(organiser))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return _published([event], "PUBLISH")


class Stay(NamedTuple):
    """What an invitation says; `uid` and `sequence` as in `exchange_calendar`. A place without a page of its own has no url."""

    uid: str
    title: str
    first_day: date
    last_day: date
    location: str
    description: str
    sequence: int
    stamp: datetime
    url: str = ""


class Entry(NamedTuple):
    """One thing of a subscription; `busy`: one is away then."""

    uid: str
    title: str
    first_day: date
    last_day: date
    url: str
    location: str = ""
    description: str = ""
    busy: bool = False


def invitation(stay: Stay, organiser: Organiser, attendee: Organiser, *, cancelled: bool = False) -> bytes:
    """A request to one person, or its cancellation, by mail.

    The organiser must be the same in all mails of one `uid`: Outlook and Google take changes from nobody else. No answer is
    asked for (RSVP), as nobody would read it.
    """
    event = Event()
    event.add("uid", plain(stay.uid))
    event.add("dtstamp", stay.stamp)
    event.add("sequence", stay.sequence)
    event.add("summary", plain(stay.title))
    event.add("dtstart", stay.first_day)
    event.add("dtend", stay.last_day + timedelta(days=1))
    event.add("location", plain(stay.location))
    event.add("description", plain_lines(stay.description))
    if stay.url:
        event.add("url", plain(stay.url))
    event.add("organizer", _address(organiser))
    event.add("attendee", _attending(attendee), encode=False)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return _published([event], CANCEL if cancelled else REQUEST)


def method_of(file: str) -> str:
    """What a stored invitation asks for: REQUEST or CANCEL; "" where there is no file."""
    found = _METHOD.search(file)
    return found[1] if found else ""


def events_in(file: str) -> list[tuple[str, date, date]]:
    """(title, first day, last day) of what stands in a file that was made here; of any other, as far as it can be read."""
    with suppress(ValueError, KeyError):
        found: Iterable[Any] = Calendar.from_ical(file).walk("VEVENT") if file else ()
        return [(str(each["summary"]), each["dtstart"].dt, each["dtend"].dt - timedelta(days=1)) for each in found]
    return []


def subscription(name: str, entries: Iterable[Entry], stamp: datetime) -> bytes:
    """All that somebody subscribes to, as it is at the moment `stamp`."""
    return _published([_entry(each, stamp) for each in entries], "PUBLISH", name)


def _entry(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", plain(entry.uid))
    event.add("dtstamp", stamp)
    event.add("summary", plain(entry.title))
    event.add("dtstart", entry.first_day)
    event.add("dtend", entry.last_day + timedelta(days=1))
    if entry.location:
        event.add("location", plain(entry.location))
    event.add("description", plain_lines(f"{entry.description}\n\n{entry.url}".strip()))
    event.add("url", plain(entry.url))
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    return event


def _attending(person: Organiser) -> vCalAddress:
    address = _address(person)
    address.params.update({"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    return address


def _address(organiser: Organiser) -> vCalAddress:
    """A parameter's value cannot hold a double quote at all (RFC 5545, 3.2)."""
    address = vCalAddress(f"mailto:{plain(organiser.email)}")
    address.params["CN"] = plain(organiser.name).replace('"', "'")
    return address


def _published(events: Iterable[Event], method: str, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", plain(name))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())
