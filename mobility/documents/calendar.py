"""The exchange as a calendar file (RFC 5545), to be opened by whatever calendar somebody keeps."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event, vCalAddress

from mobility.documents.text import plain, plain_lines

PRODUCT = "-//Mobility//Exchange//EN"


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
    the older one; `stamp` is the aware instant of this version. The file is published (RFC 5546): it invites nobody.
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
    event.add("url", plain(url))
    event.add("organizer", _address(organiser))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return _published(event)


def _address(organiser: Organiser) -> vCalAddress:
    """A parameter's value cannot hold a double quote at all (RFC 5545, 3.2)."""
    address = vCalAddress(f"mailto:{plain(organiser.email)}")
    address.params["CN"] = plain(organiser.name).replace('"', "'")
    return address


def _published(event: Event) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
