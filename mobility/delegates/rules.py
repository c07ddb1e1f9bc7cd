"""How long a personal link opens, and what its page says comes next. Pure."""

from datetime import date, timedelta
from enum import Enum
from typing import Any, NamedTuple

from mobility.core.wording import format_day, format_days
from mobility.exchanges.endorsing import PROGRAMME, is_endorsed
from mobility.exchanges.states import AGREED, CANCELLED, IN_PROGRESS, PLANNING, TOOK_PLACE

OPENS = timedelta(days=366)  # after the stay, for the certificate
OPENS_CANCELLED = timedelta(days=60)


class Ended(Enum):
    """Why a link opens nothing any more."""

    RENEWED = "There is a newer link. It is in the newest message that we have sent to your address."
    REVOKED = "Whoever acts for the guests has ended it, or your address here has changed."
    TAKEN_OFF = "The person it was made for is no longer travelling. We have told them by mail."
    OVER = "The stay has been over for some time."


class Next(NamedTuple):
    """`tone` as a notice has it."""

    tone: str
    title: str
    text: str


class Attested(NamedTuple):
    """The days, and by place in the delegation whether somebody came."""

    days: tuple[date | None, date | None]
    came: dict[int, bool | None]


def last_day_of_link(exchange: Any) -> date:
    last: date = exchange.actual_last_day or exchange.last_day
    return last + (OPENS_CANCELLED if exchange.state == CANCELLED else OPENS)


def why_ended(link: Any, newest: Any, exchange: Any, delegate: Any, today: date) -> Ended | None:
    """`newest` is the last link made for its address; `delegate` is who travels under it now, if anybody does."""
    if not link.email:  # its time is over (retention/), or whoever it was made for was erased
        return Ended.OVER
    if delegate is None:
        return Ended.TAKEN_OFF
    if link.ended_at is not None:
        return Ended.REVOKED if newest.id == link.id else Ended.RENEWED
    return Ended.OVER if today > last_day_of_link(exchange) else None


def agreed_before(exchange: Any) -> Any | None:
    """The version that was in force before the one that is."""
    agreed = exchange.agreed_version
    if agreed is None:
        return None
    earlier = [each for each in exchange.versions if each.number < agreed.number and len(each.signatures) == 2]
    return earlier[-1] if earlier else None


def days_before(exchange: Any) -> tuple[date, date] | None:
    """The days of what was agreed before, if they were other ones."""
    earlier = agreed_before(exchange)
    days = (earlier.first_day, earlier.last_day) if earlier else None
    return days if days != (exchange.first_day, exchange.last_day) else None


def proposed_days(exchange: Any) -> tuple[date, date] | None:
    """Other days than agreed, which both sides would have to sign."""
    newest = exchange.newest_version
    if exchange.state != AGREED or newest is None or newest is exchange.agreed_version:
        return None
    days = (newest.first_day, newest.last_day)
    return days if days != (exchange.first_day, exchange.last_day) else None


def came(exchange: Any, delegate: Any) -> bool | None:
    """Whether the host has confirmed that they were there; None before that, and, of a stay confirmed by names alone, where
    these cannot tell two of them apart."""
    if exchange.state not in TOOK_PLACE:
        return None
    if exchange.attended_places:
        return delegate.position in exchange.attended_places
    names = [name for name, _ in exchange.names_on_certificate.guests]
    place = exchange.delegates.index(delegate)
    name = names[place] if place < len(names) else delegate.name
    there = exchange.attended.count(name)
    if there == 0:
        return False
    return True if there >= names.count(name) else None


def attested(exchange: Any) -> Attested:
    """What the host has confirmed so far."""
    days = (exchange.actual_first_day, exchange.actual_last_day)
    return Attested(days, {each.position: came(exchange, each) for each in exchange.delegates})


def is_news(before: Attested | None, now: Attested, place: int) -> bool:
    """Whether what was confirmed says something else of who travels at this place; days are news to those who were there."""
    if before is None or before.came[place] != now.came[place]:
        return True
    return bool(now.came[place]) and before.days != now.days


def name_on_certificate(exchange: Any, delegate: Any) -> str:
    """What they were called when the host confirmed it."""
    names = exchange.names_on_certificate.guests
    place = exchange.delegates.index(delegate)
    return str(names[place][0]) if place < len(names) else str(delegate.name)


def next_step(exchange: Any, delegate: Any, today: date, *, no_show: bool) -> Next:
    """What whoever travels does, or waits for."""
    if exchange.state == CANCELLED:
        return _cancelled(exchange, no_show)
    if exchange.state == PLANNING:
        text = f"It is planned for {_days(exchange)}. Do not book anything yet: we write to you once both sides have signed."
        return Next("theirs", "Not agreed yet", text)
    if exchange.state == AGREED:
        return _agreed(exchange, today)
    if exchange.state == IN_PROGRESS:
        return _under_way(exchange, today)
    return _over(exchange, delegate)


def _cancelled(exchange: Any, no_show: bool) -> Next:
    if no_show:
        text = f"{exchange.host.name} has reported that nobody came. If you were there, tell {exchange.guest.name} at once."
        return Next("stopped", "Reported as a no-show", text)
    return Next("stopped", "This stay does not take place", "It was cancelled. Please cancel what you have booked.")


def _agreed(exchange: Any, today: date) -> Next:
    if days := proposed_days(exchange):
        text = f"Other days are proposed: {format_days(days)}. The days of now count until both sides have signed those."
        return Next("mine", "The days may change: ask before you book", text)
    if not is_endorsed(exchange):
        return _unendorsed(exchange)
    if today >= exchange.first_day:
        text = f"Its first day has come, and it has not begun here. Ask {exchange.guest.name} whether it takes place."
        return Next("mine", "Ask before you travel", text)
    text = f"On {format_day(exchange.first_day)} {exchange.host.name} expects you. If you cannot travel, say so at once."
    return Next("done", f"Agreed: {_days(exchange)}", text)


def _unendorsed(exchange: Any) -> Next:
    if exchange.objected:
        home = exchange.guest_organisation.name
        text = f"{home} objects to it, and the two sides have to agree on what happens. Ask before you book."
        return Next("mine", "It may not take place", text)
    who = exchange.programme.name if exchange.endorser == PROGRAMME else exchange.guest_organisation.name
    return Next("theirs", "Nearly settled", f"Both sides have signed, and {who} has yet to say yes. Ask before you book.")


def _under_way(exchange: Any, today: date) -> Next:
    if today <= exchange.last_day:
        text = f"{exchange.host.name} confirms afterwards who came. Then your certificate is here."
        return Next("done", f"You are expected until {format_day(exchange.last_day)}", text)
    by = f" by {format_day(exchange.due_on)}" if exchange.waiting_for == "attendance" and exchange.due_on else ""
    text = f"Who came, from which day to which{by}. We write to you then, and your certificate is here."
    return Next("theirs", f"{exchange.host.name} confirms the attendance next", text)


def _over(exchange: Any, delegate: Any) -> Next:
    days = format_days((exchange.actual_first_day, exchange.actual_last_day))
    there = came(exchange, delegate)
    if there:
        return Next("done", f"You were there: {days}", "Your certificate is ready.")
    if there is None:
        text = f"Two of you have the same name, and one of you came. Ask {exchange.host.name} to correct who it was."
        return Next("mine", f"The stay took place: {days}", text)
    text = f"{exchange.host.name} has confirmed the stay without you. If you were there, tell {exchange.guest.name} at once."
    return Next("stopped", "You are not among those who came", text)


def _days(exchange: Any) -> str:
    return format_days((exchange.first_day, exchange.last_day))
