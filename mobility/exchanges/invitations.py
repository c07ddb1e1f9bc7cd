"""The stay in everybody's calendar: invitations by mail that move and take out what earlier ones put there (decision 0035)."""

from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from flask import current_app

from mobility.core import clock
from mobility.core.links import absolute, path_of
from mobility.documents.calendar import Organiser, Stay, invitation
from mobility.exchanges import rules
from mobility.exchanges.models import AgreementVersion, Exchange

Calendar = Callable[[Any], str]


def uid_of(exchange: Exchange) -> str:
    return f"exchange-{exchange.id}@{absolute('/').split('/')[2]}"


def title_of(exchange: Exchange) -> str:
    return f"Exchange: {exchange.theme.title}"


def place_of(exchange: Exchange) -> str:
    return f"{exchange.host.name}, {exchange.host.city}"


def agenda_in_words(version: AgreementVersion) -> str:
    return "\n\n".join(f"{day:%A}: {plan}" for day, plan in rules.agenda_of(version.agenda) if plan)


def request(exchange: Exchange) -> Calendar:
    """For a mail of what is agreed: the stay, or where it is now."""
    return lambda person: _written(exchange, person, cancelled=False)


def cancellation(exchange: Exchange) -> Calendar | None:
    """For a mail that it does not take place, at least not for whoever reads it; None: it was in nobody's calendar."""
    return (lambda person: _written(exchange, person, cancelled=True)) if exchange.agreed_version else None


def _written(exchange: Exchange, person: Any, *, cancelled: bool) -> str:
    version = exchange.agreed_version
    assert version is not None  # noqa: S101 (agreed)
    sees = person.id is not None and exchange.workflow.may_see(person, exchange)  # a personal link goes into no calendar
    stay = Stay(
        uid=uid_of(exchange),
        title=title_of(exchange),
        first_day=exchange.first_day,
        last_day=exchange.last_day,
        location=place_of(exchange),
        description=agenda_in_words(version),
        sequence=2 * version.number + cancelled,
        stamp=clock.utc_now(),
        url=absolute(path_of("exchanges.show", id=exchange.id)) if sees else "",
    )
    attendee = Organiser(person.name, person.email)
    return invitation(stay, organiser_of(exchange), attendee, cancelled=cancelled).decode()


def organiser_of(exchange: Exchange) -> Organiser:
    """Not a coordinator, who may change: the address from which all mail comes."""
    return Organiser(exchange.programme.name, parseaddr(current_app.config["MAIL_FROM"])[1])
