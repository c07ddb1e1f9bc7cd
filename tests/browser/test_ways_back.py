"""The table of ways back (workflows.md), row by row in the browser: each with its mail and its line in the history."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from mobility.accounts.models import MailedLink
from mobility.core import clock
from mobility.core.database import db
from mobility.core.wording import format_day
from mobility.notifications.models import OutboxMessage
from mobility.people.queries import user_by_email
from mobility.people.roles import Role
from mobility.teams.models import RoleInvitation
from tests.support import factories, world
from tests.support.browser import Window
from tests.support.cases import Case, make_case
from tests.support.story import Arrange, in_days
from tests.support.story_back import act, has_missed_the_deadline, known, visited, wrote
from tests.support.tills import make_till
from tests.support.world import DECIDER, GUEST, HOST

Open = Callable[..., Window]


@pytest.fixture
def look(window: Open) -> Open:
    """Windows that look at a page only where the test says so: every page of an act is looked at once."""
    return lambda name: window(name, looks=False)


def acting(case: Case) -> None:
    known(case.holder, case.guest_coordinator, case.host_coordinator, case.owner, case.assessor, case.finance_officer)


# Applications and places


def test_the_host_accepted_the_wrong_one(look: Open, arrange: Arrange) -> None:
    with arrange():
        accepted = factories.make_accepted()
        host, guest, path = factories.coordinator_of(accepted.theme), accepted.guest, f"/applications/{accepted.id}"
        known(host, guest)
        names, guest_id = (host.name, guest.name), guest.id
    host_window = act(look(names[0]), path, "Take the acceptance back", Reason="It was meant for somebody else.").look()
    host_window.says(
        "Acceptance taken back", "It was meant for somebody else.", "You answer next", f"{names[0]}, as host coordinator"
    )
    wrote(arrange, "acceptance_taken_back", guest_id, "Do not confirm yet", "It was meant for somebody else.")
    look(names[1]).open(path).says("answers next", "Acceptance taken back")


def test_the_last_place_went_to_another_and_one_waits(look: Open, arrange: Arrange) -> None:
    """Two are accepted for the last place; a third waits; when the place is given back the one who was accepted comes first, and
    then the one who waits."""
    title = "What a full house teaches"
    with arrange():
        theme = factories.make_theme(places=1, title=title)
        winner, loser = factories.make_accepted(theme), factories.make_accepted(theme)
        third, host = factories.make_guest(), factories.coordinator_of(theme)
        known(winner.guest, loser.guest, third, host)
        people, ids = [each.name for each in (winner.guest, loser.guest, third, host)], (loser.guest_id, third.id)
        paths, address, last_day = [f"/applications/{each.id}" for each in (winner, loser)], f"/themes/{theme.id}", theme.apply_by
    first, second, waiting, hosting = (look(name) for name in people)
    exchange = first.open(paths[0]).follow("Confirm").press("Confirm").path
    wrote(arrange, "last_place_gone", ids[0], "the last place at", "you can confirm it before anybody in the queue")
    second.open("/").says("The last place went to another: look elsewhere, or wait and see")
    second.open(paths[1]).look().says("The last place went to another")

    waiting.open(address).look().says("All places are taken; you can wait for a place.").follow("Wait for a place").look()
    waiting.says("Nobody is waiting yet: you would be the first.").choose("Your level", "Cluster manager").press(
        "Wait for a place"
    ).look()
    waiting.says("You are waiting for a place", "You are the first in the queue.", f"until {format_day(last_day)}")
    application = waiting.path
    waiting.open("/").look().says("Coming up", "You are waiting for a place", title)
    hosting.open(address).look().says("1 guest is waiting for a place")

    act(second, paths[1], "Withdraw").says("has withdrawn")
    act(first, exchange, "Cancel the exchange", Reason="Our programme has changed.").says("Cancelled")
    wrote(arrange, "place_offered", ids[1], f"take it by {format_day(in_days(5))}", "you are the first of those who wait")
    waiting.open("/").says("Take the place that you are offered", format_day(in_days(5))).follow(
        re.compile("^Take the place")
    ).look()
    waiting.says("A place is yours if you take it").press("Take the place and submit", status=422).says("Choose your first day.")
    waiting.type("First day", in_days(40).isoformat()).type("Last day", in_days(44).isoformat())
    waiting.type("Why do you want to come?", "A.").type("What do you want to learn, and what for?", "B.").type(
        "What do you bring?", "C."
    )
    waiting.press("Take the place and submit").look().says(
        "Submitted", "Joined the queue for a place", "Place offered", "Place taken"
    )
    assert waiting.path == application
    hosting.open("/").says("Answer the application", people[2])


# The visit


def test_the_attendance_was_confirmed_with_the_wrong_day(look: Open, arrange: Arrange) -> None:
    with arrange():
        exchange = visited("What a wrong day teaches", world.person(GUEST))
        path, guest_id, owner_id = f"/exchanges/{exchange.id}", exchange.guest_id, world.person(DECIDER).id
    host = look(HOST).open(path).follow("Correct the attendance").look().type("Last day", in_days(-2).isoformat())
    host.type("Reason", "They left a day earlier.").press("Correct the attendance")
    host.says("Attendance corrected", "They left a day earlier.", f"{HOST}, as host coordinator")
    wrote(arrange, "attendance_corrected", guest_id, "They left a day earlier.")
    guest = look(GUEST).open(path).says("Attendance corrected").follow("Object to the attendance").look()
    guest.type("Reason", "I stayed until the end.").press("Object to the attendance").says("I stayed until the end.")
    wrote(arrange, "attendance_objected", owner_id, "I stayed until the end.")


def test_a_traveller_falls_ill(look: Open, arrange: Arrange) -> None:
    with arrange():
        exchange = factories.make_exchange(signed=True)
        colleague = factories.make_member(exchange.guest_organisation, Role.GUEST, name="Petra Horvat")
        known(exchange.guest, colleague, factories.coordinator_of(exchange.theme))
        ill, path, newcomer = exchange.guest.name, f"/exchanges/{exchange.id}", (colleague.name, colleague.email, colleague.id)
    guest = look(ill).open(path).follow("Replace a guest").look().tick(ill)
    guest.type("Who travels instead", newcomer[0]).type("Their e-mail address", newcomer[1]).choose(
        "Their level", "Cluster manager"
    )
    guest.type("Reason", "I have the flu.").press("Replace a guest").says("Your tasks")
    wrote(arrange, "guest_newcomer", newcomer[2])
    look(newcomer[0]).open(path).says("Guest replaced", "I have the flu.", f"Petra Horvat instead of {ill}", "You sign next")


def test_the_holder_has_left(look: Open, arrange: Arrange) -> None:
    with arrange():
        holder = factories.make_guest()
        exchange = visited("What somebody who left had learnt", holder)
        coordinator = factories.make_member(exchange.guest_organisation, Role.COORDINATOR)
        known(coordinator)
        holder.active = False
        path, names, host_id = f"/vouchers/{exchange.voucher.id}", (coordinator.name, holder.name), world.person(HOST).id
    window = look(names[0]).open(path).follow("Take it over").look()
    window.type("Reason", "She has another job.").press("Take it over")
    window.says("Taken over", f"{names[1]} has left. She has another job.", f"{names[0]}, as guest coordinator")
    window.open("/").says("Report and claim")
    wrote(arrange, "exchange_taken_over", host_id, "She has another job.")


def test_the_last_coordinator_cannot_go(look: Open, arrange: Arrange) -> None:
    with arrange():
        home = factories.make_organisation()
        alone = factories.make_member(home, Role.COORDINATOR)
        known(alone)
        name, path = alone.name, f"/organisations/{home.id}/team"
    window = look(name).open(path).follow(re.compile("^End: ")).look()
    window.says("This role cannot end yet.").press("Leave this role", status=409)
    window.says("you are the only coordinator left. Invite another one first.")


# Decisions and money


def test_the_assessor_is_against(look: Open, arrange: Arrange) -> None:
    with arrange():
        case = make_case("full")
        acting(case)
        path, names, owner_id = f"/vouchers/{case.take_to('requested').id}", (case.assessor.name, case.owner.name), case.owner.id
    assessor = look(names[0]).open(path).follow("Recommend against").look()
    for field in assessor.page.get_by_role("spinbutton").all():
        field.fill("5")
    assessor.type("Why", "The need is not clear.").press("Recommend against").says("Recommended against", "20 of 100 points")
    wrote(arrange, "voucher_recommended", owner_id, "which the assessor recommends against")
    look(names[1]).open(path).says("Recommended against", f"{names[0]}, as assessor", "The need is not clear.")


def test_the_claims_deadline_was_missed_for_a_reason(look: Open, arrange: Arrange) -> None:
    with arrange():
        case = make_case("full")
        acting(case)
        path, names, holder_id = (
            f"/vouchers/{has_missed_the_deadline(case).id}",
            (case.owner.name, case.holder.name),
            case.holder.id,
        )
    asks = look(names[1]).open(path)
    asks.says("Lapsed", "The deadline for the claim has passed", f"it can extend the claim once, until {format_day(in_days(29))}")
    owner = look(names[0]).open(path).follow("Extend the claim").look().type("Claim by", in_days(14).isoformat())
    owner.type("Reason", "She was in hospital.").press("Extend the claim").says("Claim extended", "She was in hospital.")
    wrote(arrange, "claim_extended", holder_id, "She was in hospital.", format_day(in_days(14)))
    look(names[1]).open(path).says("Claim extended").follow("Report and claim")


def test_a_validation_was_a_mistake(look: Open, arrange: Arrange) -> None:
    with arrange():
        case = make_case("full")
        acting(case)
        path, names, holder_id = f"/vouchers/{case.take_to('validated').id}", (case.owner.name, case.holder.name), case.holder.id
    owner = look(names[0]).open(path).follow("Take the validation back").look().type("Reason", "It was another claim's night.")
    owner.press("Take the validation back").says("Validation taken back", "It was another claim's night.", "Claimed")
    wrote(arrange, "validation_taken_back", holder_id, "It was another claim's night.")
    owner.follow("Validate").press("Validate").says("Validated")


def test_what_was_paid_comes_back_and_is_recovered_in_parts(look: Open, arrange: Arrange) -> None:
    with arrange():
        till = make_till()
        known(till.spare, till.holder, till.collector)
        batch = till.sent(0, 1)
        for number in range(2):
            till.record(batch, number)
        paths, name, holder_id = [f"/vouchers/{each.id}" for each in till.vouchers], till.spare.name, till.holder.id
        other_id, payments = till.vouchers[1].holder_id, f"/programmes/{till.programme.id}/payments"
    officer = look(name).open(paths[0]).follow("Record that it came back").look()
    officer.type("What the bank said", "AC04 Account closed").press("Record that it came back")
    officer.says("Validated", "AC04 Account closed", f"{name}, as finance officer")
    wrote(arrange, "payment_bounced", holder_id, "AC04 Account closed")
    officer.open(payments).says("€780.00")
    for part, state in (("80.50", "Paid"), ("699.50", "Recovered")):
        officer.open(paths[1]).follow("Recover").type("Amount", part).type("Reason", "Nights were refunded.")
        officer.press("Recover").says(state, "Nights were refunded.")
        wrote(arrange, "voucher_recovered", other_id, "Nights were refunded.")


def test_money_and_dates_of_a_call(look: Open, arrange: Arrange) -> None:
    with arrange():
        case = make_case("full")
        acting(case)
        voucher, line, programme = case.take_to("requested"), case.line, case.programme
        budget, name = f"/programmes/{programme.id}/budget", case.owner.name
        path, call, request = (
            f"{budget}/{line.id}",
            f"/programmes/{programme.id}/calls/{line.call_id}/edit",
            f"/vouchers/{voucher.id}",
        )
    owner = look(name).open(path).follow("Take money out").look().type("Amount", "10,000.01").type("Reason", "Added twice.")
    owner.press("Take the money out", status=409).says("€10,000.00 left")
    owner.type("Amount", "9,000.00").press("Take the money out").says("Money taken out", "Added twice.", "€1,000.00")
    owner.open(call).look().type("Name", "Spring").type("Closes on", in_days(-1).isoformat())
    owner.type("Why is it changed?", "The board closed it.").press("Save the changes")
    owner.open(budget).says("Spring", "losed")
    owner.open(request).says("Requested")


def test_an_invitation_died(look: Open, arrange: Arrange) -> None:
    with arrange():
        home = factories.make_organisation()
        coordinator = factories.make_member(home, Role.COORDINATOR)
        coordinator.password_hash = "Set long ago."
        known(coordinator)
        name, path = coordinator.name, f"/organisations/{home.id}/team"
    window = look(name).open(path)
    window.type("Name", "Jana Novak").type("E-mail address", "jana.novak@example.org").choose("Role", "Guest")
    window.press("Invite").says("Jana Novak", "Waits for an answer", "It can be accepted until")
    with arrange():
        yesterday = clock.utc_now() - timedelta(days=1)
        db.session.execute(update(MailedLink).values(expires_at=yesterday))
        db.session.execute(update(RoleInvitation).where(RoleInvitation.open).values(expires_at=yesterday))
        invited = user_by_email("jana.novak@example.org")
        assert invited
        invited_id = invited.id
    window.open(path).look().says("Expired", "Nobody answered by").press("Send again").look()
    window.says("Waits for an answer", "It can be accepted until")
    with arrange():
        letters = select(func.count()).where(OutboxMessage.kind == "invitation", OutboxMessage.recipient_id == invited_id)
        assert db.session.scalar(letters) == 2
