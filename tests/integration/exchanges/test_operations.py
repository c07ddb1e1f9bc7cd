"""From the match to the end of the stay: what each act changes, refuses and tells whom."""

from datetime import date
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused, Refusal, WrongState
from mobility.exchanges import operations, queries
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.workflows.table import SYSTEM
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_exchange,
    make_guest,
    make_member,
    make_membership,
    make_theme,
)
from tests.support.lines import typed

pytestmark = pytest.mark.usefixtures("db_session")


def mails(kind: str) -> list[tuple[str, str]]:
    """(address, subject line) of each message of a kind."""
    rows = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.address))
    return [(row.address, row.subject_line) for row in rows]


def host_of(exchange: Exchange) -> User:
    return coordinator_of(exchange.theme)


def last_act(exchange: Exchange) -> tuple[str, str, str, str]:
    db.session.flush()
    entry = exchange.history()[0]
    return entry.action, entry.acted_as, entry.to_state, entry.note


def amend(exchange: Exchange, by: User | None = None, **changes: Any) -> AgreementVersion:
    terms = Terms.of(exchange.newest_version).written() | typed(**changes)
    version = operations.amend(exchange, by=by or exchange.guest, **terms)
    db.session.flush()
    return version


# The match


def test_confirming_makes_the_exchange_from_what_is_known() -> None:
    theme = make_theme(learning_offered="Our fees", benefit_wanted="A look from outside")
    application = make_accepted(theme, objectives="A price list", brings="Ten years of food")
    exchange = operations.confirm(application, by=application.guest)
    version = exchange.newest_version
    assert version
    assert (application.state, theme.places_taken) == ("confirmed", 1)
    assert (exchange.state, exchange.waiting_for, exchange.due_on) == ("planning", "signatures", date(2027, 3, 15))
    assert (exchange.first_day, exchange.last_day) == (date(2027, 4, 10), date(2027, 4, 14))
    assert (version.number, version.objectives) == (1, [{"key": "o1", "text": "A price list"}])
    assert version.guest_benefit == [{"key": "g1", "text": "Our fees"}]
    assert version.host_benefit == [{"key": "h1", "text": "A look from outside"}, {"key": "h2", "text": "Ten years of food"}]
    assert [row["day"] for row in version.agenda] == [f"2027-04-{day}" for day in range(10, 15)]
    assert [row["plan"] for row in version.agenda] == [""] * 5
    host = coordinator_of(theme)
    assert version.host_contact == f"{host.name}, {host.email}"
    assert version.guest_contact == f"{application.guest.name}, {application.guest.email}"
    assert last_act(exchange)[:3] == ("create", "guest", "planning")
    assert mails("exchange_confirmed") == [
        (host.email, f"It is a match: sign the agreement with {application.guest.name} by 15 March 2027")
    ]


def test_the_last_place_is_given_once() -> None:
    theme = make_theme(places=1)
    first, second = make_accepted(theme), make_accepted(theme)
    operations.confirm(first, by=first.guest)
    with pytest.raises(GuardRefused):
        operations.confirm(second, by=second.guest)
    assert db.session.query(Exchange).count() == 1


# Signing


def test_each_side_signs_the_same_version() -> None:
    exchange = make_exchange()
    operations.sign(exchange, by=host_of(exchange), number=1)
    assert (exchange.state, exchange.waiting_for, exchange.agreed_version) == ("planning", "signatures", None)
    assert last_act(exchange) == ("sign", "host coordinator", "planning", "Version 1")
    assert [address for address, _ in mails("agreement_signed")] == [exchange.guest.email]
    operations.sign(exchange, by=exchange.guest, number=1)
    assert (exchange.state, exchange.waiting_for, exchange.due_on) == ("agreed", None, None)
    assert exchange.agreed_version is exchange.newest_version
    assert last_act(exchange) == ("sign", "guest", "agreed", "Version 1")
    assert [address for address, _ in mails("agreement_agreed")] == sorted([exchange.guest.email, host_of(exchange).email])


def test_the_guest_may_be_the_first_to_sign() -> None:
    exchange = make_exchange()
    operations.sign(exchange, by=exchange.guest, number=1)
    assert [address for address, _ in mails("agreement_signed")] == [host_of(exchange).email]


def test_a_side_signs_once_whoever_of_it_signs() -> None:
    exchange = make_exchange()
    operations.sign(exchange, by=host_of(exchange), number=1)
    colleague = make_member(exchange.host, Role.COORDINATOR)
    for person in (host_of(exchange), colleague):
        with pytest.raises(GuardRefused, match="Now it is the other side's turn"):
            operations.sign(exchange, by=person, number=1)


def test_nobody_signs_for_both_sides() -> None:
    exchange = make_exchange()
    make_membership(exchange.guest, exchange.host, Role.COORDINATOR)
    operations.sign(exchange, by=exchange.guest, number=1)
    with pytest.raises(GuardRefused, match="Somebody else signs for the other"):
        operations.sign(exchange, by=exchange.guest, number=1)


def test_an_older_version_is_not_signed() -> None:
    exchange = make_exchange()
    amend(exchange, objectives="More")
    with pytest.raises(EditConflict) as conflict:
        operations.sign(exchange, by=host_of(exchange), number=1)
    assert [entry.action for entry in conflict.value.changes] == ["amend"]
    assert exchange.newest_version
    assert exchange.newest_version.signatures == []


# Amending


def test_an_amendment_is_a_new_unsigned_version() -> None:
    exchange = make_exchange()
    operations.sign(exchange, by=host_of(exchange), number=1)
    clock.move(days=3)
    version = amend(exchange, by=exchange.guest, objectives="Something better", last_day=date(2027, 4, 15))
    assert (version.number, version.signatures, version.written_by) == (2, [], exchange.guest)
    assert exchange.newest_version is version
    assert (exchange.state, exchange.last_day) == ("planning", date(2027, 4, 15))
    assert exchange.due_on == date(2027, 3, 18), "both sides have the whole time again"
    assert last_act(exchange) == ("amend", "guest", "planning", "Changed: objectives, dates.")
    assert mails("agreement_amended") == [(host_of(exchange).email, "Sign version 2 of the agreement by 18 March 2027")]


def test_what_was_agreed_stays_in_force_until_both_have_signed_the_new_version() -> None:
    exchange = make_exchange(signed=True)
    version = amend(exchange, by=host_of(exchange), first_day=date(2027, 4, 11), agenda=())
    assert exchange.agreed_version
    assert (exchange.state, exchange.waiting_for) == ("agreed", "signatures")
    assert (exchange.agreed_version.number, exchange.first_day) == (1, date(2027, 4, 10))
    operations.sign(exchange, by=exchange.guest, number=2)
    assert (exchange.agreed_version.number, exchange.first_day) == (1, date(2027, 4, 10))
    operations.sign(exchange, by=host_of(exchange), number=2)
    assert (exchange.agreed_version, exchange.first_day) == (version, date(2027, 4, 11))
    assert (exchange.state, exchange.waiting_for) == ("agreed", None)


def test_a_version_says_something_new() -> None:
    exchange = make_exchange()
    with pytest.raises(Refusal, match="Nothing has changed: this is version 1 word for word"):
        amend(exchange)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": date(2027, 4, 9)}, "last_day"),
        ({"first_day": date(2027, 4, 9)}, "first_day"),
        ({"first_day": date(2027, 3, 1)}, "first_day"),
        ({"first_day": date(2027, 4, 20), "last_day": date(2027, 4, 24), "agenda": ()}, "first_day"),
        ({"last_day": date(2027, 4, 24)}, "last_day"),
        ({"last_day": date(2027, 4, 10), "agenda": ()}, "last_day"),
        ({"last_day": date(2027, 4, 13)}, "agenda"),
        ({"agenda": ((date(2027, 4, 10), "a"), (date(2027, 4, 10), "b"))}, "agenda"),
    ],
)
def test_dates_and_agenda_fit(changes: dict[str, Any], field: str) -> None:
    exchange = make_exchange()
    with pytest.raises(Refusal) as refusal:
        amend(exchange, **changes)
    assert refusal.value.field == field
    assert len(exchange.versions) == 1


def test_nothing_is_amended_once_the_agreed_days_have_come() -> None:
    exchange = make_exchange(signed=True)
    clock.set_to(clock.noon_of(date(2027, 4, 10)))
    with pytest.raises(GuardRefused, match="The first day has come"):
        amend(exchange, objectives="Too late")


# The visit


def visiting() -> Exchange:
    """A self-funded exchange on its last day, 14 April, with two guests."""
    guest = make_guest(name="Ana")
    delegates = [("Ana", guest.email, "cluster_manager"), ("Bo", "", "cluster_manager")]
    exchange = make_exchange(guest=guest, signed=True, self_funded=True, delegates=delegates)
    clock.set_to(clock.noon_of(date(2027, 4, 10)))
    operations.start(exchange, by=SYSTEM)
    clock.set_to(clock.noon_of(date(2027, 4, 14)))
    return exchange


def confirm_attendance(exchange: Exchange, **values: Any) -> None:
    given = {"first_day": date(2027, 4, 10), "last_day": date(2027, 4, 14), "attended": [1, 2]} | values
    operations.confirm_attendance(exchange, by=host_of(exchange), **given)


def test_it_starts_with_a_voucher_or_self_funded() -> None:
    exchange = make_exchange(signed=True)
    clock.set_to(clock.noon_of(date(2027, 4, 10)))
    with pytest.raises(GuardRefused, match="No voucher was issued before the first day"):
        operations.start(exchange, by=host_of(exchange))


def test_attendance_completes_it_and_makes_the_certificate_possible() -> None:
    exchange = visiting()
    assert (exchange.state, exchange.waiting_for, exchange.due_on) == ("in_progress", "attendance", date(2027, 4, 21))
    confirm_attendance(exchange, attended=[2], last_day=date(2027, 4, 13), note="Ana was ill")
    assert (exchange.state, exchange.waiting_for) == ("completed", None)
    assert (exchange.actual_first_day, exchange.actual_last_day) == (date(2027, 4, 10), date(2027, 4, 13))
    assert (exchange.attended, exchange.confirmed_on) == (["Bo"], date(2027, 4, 14))
    assert exchange.certificate_code
    assert len(exchange.certificate_code) == 28
    assert last_act(exchange) == ("confirm_attendance", "host coordinator", "completed", "Ana was ill")


@pytest.mark.parametrize("attended", [[], [3], [1, 3]])
def test_at_least_one_of_the_guests_came(attended: list[int]) -> None:
    exchange = visiting()
    with pytest.raises(Refusal) as refusal:
        confirm_attendance(exchange, attended=attended)
    assert refusal.value.field == "attended"


def test_the_visit_is_not_confirmed_before_it_is_over() -> None:
    exchange = visiting()
    with pytest.raises(Refusal) as refusal:
        confirm_attendance(exchange, last_day=date(2027, 4, 15))
    assert refusal.value.field == "last_day"


def test_a_no_show_ends_it_and_the_place_stays_taken() -> None:
    exchange = visiting()
    operations.report_no_show(exchange, by=host_of(exchange), reason="Nobody came")
    assert (exchange.state, exchange.theme.places_taken) == ("cancelled", 1)
    assert [address for address, _ in mails("exchange_no_show")] == [exchange.guest.email]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("by_host", [True, False])
def test_cancelling_frees_the_place_and_tells_the_other_side(signed: bool, by_host: bool) -> None:
    exchange = make_exchange(signed=signed)
    by, other = (host_of(exchange), exchange.guest) if by_host else (exchange.guest, host_of(exchange))
    operations.cancel(exchange, by=by, reason="Snow")
    assert (exchange.state, exchange.theme.places_taken, exchange.due_on) == ("cancelled", 0, None)
    assert [address for address, _ in mails("exchange_cancelled")] == [other.email]
    with pytest.raises(WrongState):
        operations.cancel(exchange, by=by, reason="Snow")
    assert exchange.theme.places_taken == 0


def test_closing_is_the_system_s_and_says_why() -> None:
    exchange = visiting()
    with pytest.raises(WrongState):
        operations.close(exchange)
    confirm_attendance(exchange)
    operations.close(exchange, note="Both are in.")
    assert (exchange.state, exchange.history()[0].note) == ("closed", "Both are in.")


# Reading


def test_the_list_has_what_one_may_see() -> None:
    exchange = make_exchange()
    make_exchange()
    for person, side in (
        (exchange.guest, "guest"),
        (make_member(exchange.guest_organisation, Role.COORDINATOR), "guest"),
        (host_of(exchange), "host"),
        (make_member(exchange.host, Role.HOST), "host"),
        (make_member(exchange.programme, Role.AUDITOR), "programme"),
    ):
        assert queries.listed(person, queries.Filters(), 1).items == [exchange]
        assert queries.listed(person, queries.Filters(side=side, state="planning"), 1).items == [exchange]
        assert queries.listed(person, queries.Filters(side=side, state="agreed"), 1).items == []
        assert queries.count_by_state(person, queries.Filters()) == {"planning": 1}
    assert queries.listed(make_guest(), queries.Filters(), 1).items == []
