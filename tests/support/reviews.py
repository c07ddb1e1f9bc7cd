"""A programme with exchanges that took place, from many countries, as its review tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call, Programme
from mobility.vouchers.models import Voucher
from tests.support.factories import make_agreed_exchange, make_funded_programme, make_member, make_organisation

Stays = Sequence[tuple[str, str, int]]  # from where, to where, how many
BIG: Stays = (("AT", "PT", 9), ("AT", "DE", 7), ("DE", "PT", 8), ("DE", "AT", 6), ("FI", "PT", 2), ("FI", "AT", 1))


@dataclass
class Reviewed:
    """`exchanges` have taken place; each has a voucher of the programme's first call, `call`."""

    programme: Programme
    call: Call
    owner: User
    finance: User
    auditor: User
    assessor: User
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"/programmes/{self.programme.id}"

    @property
    def of_call(self) -> str:
        return f"{self.at}/calls/{self.call.id}"


def reviewed(stays: Stays = (("AT", "PT", 3),), **values: Any) -> Reviewed:
    programme = make_funded_programme(timezone="Europe/Brussels", **values)
    [line, *_] = programmes.budget_lines(programme.id)
    people = (make_member(programme, role) for role in (Role.OWNER, Role.FINANCE_OFFICER, Role.AUDITOR, Role.ASSESSOR))
    made = Reviewed(programme, line.call, *people)
    add(made, stays)
    db.session.commit()
    return made


def add(made: Reviewed, stays: Stays) -> None:
    """More of them: of each pair of countries one guest organisation and one host."""
    places: dict[tuple[str, str], Organisation] = {}
    for guest, host, count in stays:
        for side, country in (("guest", guest), ("host", host)):
            places.setdefault((side, country), make_organisation(country=country))
        for _ in range(count):
            made.exchanges.append(_took_place(made, places["guest", guest], places["host", host]))


def _took_place(made: Reviewed, home: Organisation, host: Organisation) -> Exchange:
    """A stay that ended a week ago, and its voucher."""
    last = clock.today() - timedelta(days=7)
    exchange = make_agreed_exchange(
        programme=made.programme,
        guest_organisation=home,
        host=host,
        state="completed",
        first_day=last - timedelta(days=4),
        last_day=last,
    )
    exchange.actual_first_day, exchange.actual_last_day = exchange.first_day, last
    exchange.attended = [exchange.guest.name]
    db.session.add(_voucher(made, exchange))
    db.session.flush()
    return exchange


def _voucher(made: Reviewed, exchange: Exchange) -> Voucher:
    [line, *_] = programmes.budget_lines(made.programme.id)
    return Voucher(
        kind="mobility",
        state="claimed",
        programme=made.programme,
        exchange=exchange,
        holder=exchange.guest,
        holder_organisation=exchange.guest_organisation,
        host=exchange.host,
        budget_line=line,
        amount=Decimal("780.00"),
        requested_on=exchange.first_day - timedelta(days=30),
    )
