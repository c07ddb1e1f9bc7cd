"""Waiting for a place (workflows.md, "Ways back"): who stands in the queue, who is offered what, and how it ends.

Today is Monday 1 March 2027, 10:00 in Vienna. One applies until 21 March, where a test does not say otherwise.
"""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility import jobs
from mobility.applications import operations, queries
from mobility.applications.models import Application
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotReady, Refusal
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from tests.support import factories
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_draft,
    make_exchange,
    make_guest,
    make_submitted,
    make_theme,
)
from tests.support.html import fields_of, text_of
from tests.support.promises import Promises, told

pytestmark = pytest.mark.usefixtures("db_session")

WINDOW = (date(2027, 4, 5), date(2027, 4, 30), date(2027, 3, 21))


def full_theme(places: int = 1, windows: Any = (WINDOW,)) -> tuple[Theme, list[Exchange]]:
    """A theme whose places are all taken, so that it is closed; and the exchanges that took them."""
    programme = factories.make_programme(timezone="Europe/Vienna")
    theme = make_theme(programme=programme, places=places, windows=list(windows))
    return theme, [make_exchange(theme) for _ in range(places)]


def waits(theme: Theme, clock: ModuleType, **values: Any) -> Application:
    """Another guest begins to wait, a minute after the one before."""
    clock.move(minutes=1)
    draft = make_draft(theme, **values)
    operations.wait_for_place(draft, by=draft.guest)
    db.session.flush()
    return draft


def cancel(exchange: Exchange) -> None:
    visits.cancel(exchange, by=exchange.guest, reason="Our programme has changed.")
    db.session.flush()


def standing(*applications: Application) -> list[str]:
    """In one word each: offered, or the state."""
    return ["offered" if each.waiting_for == "place_offer" else each.state for each in applications]


def places(theme: Theme) -> tuple[int, int, int]:
    """Taken, offered, and free for a newcomer."""
    return theme.places_taken, theme.places_offered, theme.free_places


def mails(kind: str) -> list[tuple[int | None, str]]:
    rows = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id))
    return [(row.recipient_id, row.subject_line) for row in rows]


def last_act(application: Application) -> tuple[str, str, str]:
    db.session.flush()
    entry = application.history()[0]
    return entry.action, entry.acted_as, entry.note


def run(name: str) -> None:
    db.session.commit()
    assert jobs.run(name).failed == 0
    db.session.expire_all()


# Beginning to wait


def test_a_guest_waits_where_all_places_are_taken(clock: ModuleType) -> None:
    theme, _ = full_theme()
    draft = waits(theme, clock)
    assert (theme.state, standing(draft), draft.waiting_for, draft.due_on) == ("closed", ["waiting"], None, None)
    assert draft.queued_at == datetime(2027, 3, 1, 9, 1, tzinfo=UTC)
    assert last_act(draft) == ("wait_for_place", "guest", "")
    assert mails("place_offered") == []
    assert queries.unfinished(theme, draft.guest) is draft


def test_where_a_place_is_free_one_applies() -> None:
    draft = make_draft()
    with pytest.raises(GuardRefused, match="A place is free: submit your application instead"):
        operations.wait_for_place(draft, by=draft.guest)


def test_nobody_waits_for_what_they_could_not_have() -> None:
    theme, _ = full_theme()
    of_the_host = make_guest(organisation=theme.host)
    draft = make_draft(theme, of_the_host)
    with pytest.raises(NotReady, match="You belong to"):
        operations.wait_for_place(draft, by=of_the_host)


def test_only_who_travels_is_needed_to_wait(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    bare = waits(theme, clock, motivation="", first_day=None, last_day=None)
    cancel(exchange)
    with pytest.raises(NotReady, match="Choose your first day"):
        operations.accept_offer(bare, by=bare.guest)
    assert standing(bare) == ["offered"]


def test_what_one_wrote_can_be_changed_while_one_waits(clock: ModuleType) -> None:
    theme, _ = full_theme()
    draft = waits(theme, clock)
    home = draft.guest_organisation
    operations.save(draft, by=draft.guest, guest_organisation=home, delegates=[("A", "", "cluster_manager")], brings="More.")
    assert (draft.brings, draft.state) == ("More.", "waiting")


# Whose turn it is


def test_a_freed_place_is_offered_to_whoever_has_waited_longest(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first, second = waits(theme, clock), waits(theme, clock)
    cancel(exchange)
    assert (standing(first, second), places(theme)) == (["offered", "waiting"], (0, 1, 0))
    assert (first.due_on, first.place_offered_on) == (date(2027, 3, 6), date(2027, 3, 1))
    assert last_act(first) == ("offer_place", "system", "")
    host = theme.host.name
    assert mails("place_offered") == [(first.guest_id, f"A place is free at {host}: take it by 6 March 2027")]
    assert told(first) == ["place_offer 1 Mar to 6 Mar: open"]


def test_the_order_is_when_they_began_not_when_they_wrote(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    early_draft = make_draft(theme)
    second = waits(theme, clock)
    clock.move(minutes=1)
    operations.wait_for_place(early_draft, by=early_draft.guest)
    cancel(exchange)
    assert standing(second, early_draft) == ["offered", "waiting"]
    assert queries.number_in_queue(early_draft) == 1


def test_two_free_places_are_two_offers(clock: ModuleType) -> None:
    theme, both = full_theme(2)
    queue = [waits(theme, clock) for _ in range(3)]
    for each in both:
        cancel(each)
    assert (standing(*queue), places(theme)) == (["offered", "offered", "waiting"], (0, 2, 0))
    assert len(mails("place_offered")) == 2


def test_the_host_adds_places(clock: ModuleType) -> None:
    theme, _ = full_theme()
    queue = [waits(theme, clock) for _ in range(3)]
    host = coordinator_of(theme)
    themes.save(theme, by=host, places=3)
    assert (standing(*queue), places(theme), theme.state) == (["offered", "offered", "waiting"], (1, 2, 0), "closed")
    with pytest.raises(GuardRefused, match="All places are taken or offered to those who wait; offer more places first"):
        themes.reopen(theme, by=host)
    with pytest.raises(Refusal, match="3 confirmed or waiting applications rely on a place here"):
        themes.save(theme, by=host, places=2)
    themes.save(theme, by=host, places=5)
    assert (standing(*queue), places(theme)) == (["offered"] * 3, (1, 3, 1))
    themes.reopen(theme, by=host)
    assert make_submitted(theme).state == "submitted"


def test_a_published_theme_whose_free_places_are_all_offered_is_waited_for_too(clock: ModuleType) -> None:
    theme, _ = full_theme()
    first = waits(theme, clock)
    themes.save(theme, by=coordinator_of(theme), places=3)
    themes.reopen(theme, by=coordinator_of(theme))
    stranger = make_submitted(theme)  # the second of the two new places
    themes.revise(theme, by=coordinator_of(theme), places=2)
    assert (standing(first), places(theme)) == (["offered"], (1, 1, 0))
    with pytest.raises(GuardRefused, match="All places of this theme are taken"):
        accept(stranger)
    assert standing(waits(theme, clock)) == ["waiting"]


def accept(application: Application) -> None:
    first, last = application.first_day, application.last_day
    assert first
    assert last
    host = coordinator_of(application.theme)
    operations.accept(application, by=host, first_day=first, last_day=last, know_each_other=True)


# Those who had been accepted


def test_whoever_was_accepted_comes_before_the_queue(clock: ModuleType) -> None:
    theme = full_theme()[0]
    themes.save(theme, by=coordinator_of(theme), places=2)
    themes.reopen(theme, by=coordinator_of(theme))
    winner, loser = make_accepted(theme), make_accepted(theme)
    exchange = exchanges.confirm(winner, by=winner.guest)
    host = theme.host.name
    assert mails("last_place_gone") == [(loser.guest_id, f"You cannot confirm for now: the last place at {host} went to another")]
    waiting = waits(theme, clock)
    cancel(exchange)
    assert (standing(waiting), places(theme)) == (["waiting"], (1, 0, 1))
    assert mails("place_free_again") == [(loser.guest_id, f"A place at {host} is free again: confirm by 8 March 2027")]
    exchanges.confirm(loser, by=loser.guest)
    assert (standing(loser, waiting), places(theme)) == (["confirmed", "waiting"], (2, 0, 0))


def test_nobody_is_told_twice_that_the_last_place_went(clock: ModuleType) -> None:
    """It is offered to the queue meanwhile, so it was never free for whoever was told."""
    theme = make_theme(programme=factories.make_programme(timezone="Europe/Vienna"), places=1, windows=[WINDOW])
    hoping = make_submitted(theme)
    exchange = make_exchange(theme)
    first = waits(theme, clock)
    cancel(exchange)
    assert standing(first) == ["offered"]
    assert mails("place_free_again") == []
    clock.move(days=1)
    operations.accept_offer(first, by=first.guest)
    accept(first)
    exchanges.confirm(first, by=first.guest)
    assert places(theme) == (1, 0, 0)
    assert [who for who, _ in mails("last_place_gone")] == [hoping.guest_id]


@pytest.mark.parametrize("how", ["withdraw", "take_back", "lapse"])
def test_what_was_accepted_and_comes_to_nothing_is_the_next_ones(clock: ModuleType, how: str) -> None:
    theme, (exchange,) = full_theme()
    themes.save(theme, by=coordinator_of(theme), places=2)
    themes.reopen(theme, by=coordinator_of(theme))
    winner, loser = make_accepted(theme), make_accepted(theme)
    exchanges.confirm(winner, by=winner.guest)
    first = waits(theme, clock)
    cancel(exchange)
    assert standing(first) == ["waiting"]
    if how == "withdraw":
        operations.withdraw(loser, by=loser.guest)
    elif how == "take_back":
        operations.take_back(loser, by=coordinator_of(theme), reason="The wrong one.")
    else:
        clock.move(days=8)
        run("lapse-applications")
    assert (standing(first), places(theme)) == (["offered"], (1, 1, 0))


def test_an_accepted_guest_without_a_place_did_not_fail_to_confirm(clock: ModuleType) -> None:
    theme = make_theme(places=1)
    winner, loser = make_accepted(theme), make_accepted(theme)
    exchanges.confirm(winner, by=winner.guest)
    promise = loser.workflow.promise("guest_confirmation")
    assert promise.title_for(loser, mine=True).startswith("The last place went")
    clock.move(days=6)
    run("queue-reminders")
    [(_, subject)] = [each for each in mails("reminder") if each[0] == loser.guest_id]
    assert subject.endswith(f"he last place with {theme.host.name} went to another, so look for another theme by 8 March 2027")
    clock.move(days=2)
    operations.lapse(loser)
    assert last_act(loser) == ("lapse", "system", "No place became free by 8 March 2027.")


# What one does with an offer


def taken(theme: Theme, exchange: Exchange, clock: ModuleType) -> Application:
    """The first has waited, was offered the place, and took it."""
    first = waits(theme, clock)
    cancel(exchange)
    operations.accept_offer(first, by=first.guest)
    return first


def test_taking_the_place_submits_and_keeps_it_until_the_match(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first = taken(theme, exchange, clock)
    second = waits(theme, clock)
    assert (first.state, first.waiting_for, first.submitted_on) == ("submitted", "host_answer", date(2027, 3, 1))
    assert told(first) == ["place_offer 1 Mar to 6 Mar: kept_on_time 1 Mar", "host_answer 1 Mar to 11 Mar: open"]
    assert last_act(first) == ("accept_offer", "guest", "")
    assert [recipient for recipient, _ in mails("application_submitted")][-1] == coordinator_of(theme).id
    accept(first)
    assert (places(theme), standing(second)) == ((0, 1, 0), ["waiting"])
    exchanges.confirm(first, by=first.guest)
    assert (places(theme), theme.state, first.place_offered_on, standing(second)) == ((1, 0, 0), "closed", None, ["waiting"])


def test_the_place_stays_kept_when_an_acceptance_is_taken_back(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first = taken(theme, exchange, clock)
    second = waits(theme, clock)
    accept(first)
    operations.take_back(first, by=coordinator_of(theme), reason="The wrong dates.")
    assert (standing(first, second), places(theme)) == (["submitted", "waiting"], (0, 1, 0))


@pytest.mark.parametrize("how", ["decline", "withdraw", "lapse"])
def test_what_comes_to_nothing_goes_to_the_next(clock: ModuleType, how: str) -> None:
    theme, (exchange,) = full_theme()
    first = taken(theme, exchange, clock)
    second = waits(theme, clock)
    if how == "decline":
        operations.decline(first, by=coordinator_of(theme), reason="It does not fit.")
    elif how == "withdraw":
        operations.withdraw(first, by=first.guest)
    else:
        clock.move(days=11)
        run("lapse-applications")
    assert (standing(second), places(theme), first.place_offered_on) == (["offered"], (0, 1, 0), None)


def test_an_offer_that_is_not_taken_goes_to_the_next_at_the_programmes_midnight(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first, second = waits(theme, clock), waits(theme, clock)
    cancel(exchange)
    clock.set_to(datetime(2027, 3, 6, 22, 30, tzinfo=UTC))  # 23:30 in Vienna, still the last day
    run("lapse-applications")
    assert standing(first, second) == ["offered", "waiting"]
    clock.set_to(datetime(2027, 3, 6, 23, 30, tzinfo=UTC))  # 00:30 in Vienna on the 7th
    run("lapse-applications")
    assert (standing(first, second), places(theme)) == (["lapsed", "offered"], (0, 1, 0))
    assert last_act(first) == ("lapse", "system", "The place was not taken by 6 March 2027.")
    assert (second.place_offered_on, second.due_on) == (date(2027, 3, 7), date(2027, 3, 12))
    assert [recipient for recipient, _ in mails("offer_lapsed")] == [first.guest_id]
    assert mails("application_lapsed") == []
    assert told(first) == ["place_offer 1 Mar to 6 Mar: missed 7 Mar"]


def test_two_reminders_are_sent_before_the_place_goes(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first = waits(theme, clock)
    cancel(exchange)
    seen = []
    for day in range(1, 7):
        clock.set_to(datetime(2027, 3, day, 9, tzinfo=UTC))
        run("queue-reminders")
        seen.append(len([recipient for recipient, _ in mails("reminder") if recipient == first.guest_id]))
    assert seen == [0, 0, 0, 1, 1, 2]
    host = theme.host.name
    assert f"Take the place with {host}, or let it go" in mails("reminder")[0][1]


@pytest.mark.parametrize("offered", [False, True])
def test_one_leaves_the_queue_at_any_time(clock: ModuleType, offered: bool) -> None:
    theme, (exchange,) = full_theme()
    first, second = waits(theme, clock), waits(theme, clock)
    if offered:
        cancel(exchange)
    operations.leave_queue(first, by=first.guest)
    assert (first.state, first.queued_at, first.waiting_for) == ("draft", None, None)
    assert standing(second) == ["offered" if offered else "waiting"]
    assert last_act(first) == ("leave_queue", "guest", "")
    clock.move(minutes=1)
    operations.wait_for_place(first, by=first.guest)
    assert [each.id for each in queries.queue_of(theme.id)] == [second.id, first.id]


def test_whoever_begins_to_wait_where_a_place_has_become_free_is_offered_it(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    cancel(exchange)
    assert (theme.state, places(theme)) == ("closed", (0, 0, 1))
    assert standing(waits(theme, clock), waits(theme, clock)) == ["offered", "waiting"]


def test_nobody_is_offered_a_place_who_has_no_account_any_more(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    gone, second = waits(theme, clock), waits(theme, clock)
    gone.guest.active = False
    cancel(exchange)
    assert standing(gone, second) == ["waiting", "offered"]


# The end of the queue


def test_the_queue_ends_with_the_last_day_to_apply(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    waiting = waits(theme, clock)
    clock.set_to(datetime(2027, 3, 18, 9, tzinfo=UTC))
    cancel(exchange)
    assert (standing(waiting), waiting.due_on) == (["offered"], date(2027, 3, 21))  # not 23 March: nobody could apply then
    offered, waiting = waiting, waits(theme, clock)
    clock.set_to(datetime(2027, 3, 21, 22, 30, tzinfo=UTC))  # 23:30 in Vienna
    run("end-queues")
    assert standing(offered, waiting) == ["offered", "waiting"]
    clock.set_to(datetime(2027, 3, 21, 23, 30, tzinfo=UTC))
    run("end-queues")
    assert standing(offered, waiting) == ["offered", "lapsed"]
    assert last_act(waiting) == ("end_waiting", "system", "No place became free.")
    host = theme.host.name
    assert mails("waiting_ended") == [(waiting.guest_id, f"No place became free at {host}: look for another theme")]
    run("lapse-applications")
    assert (standing(offered), places(theme)) == (["lapsed"], (0, 0, 1))
    assert len(mails("waiting_ended")) == 1


def test_the_queue_ends_when_the_host_closes_the_theme_for_good(clock: ModuleType) -> None:
    theme, _ = full_theme()
    first, second = waits(theme, clock), waits(theme, clock)
    themes.save(theme, by=coordinator_of(theme), places=4)
    themes.reopen(theme, by=coordinator_of(theme))
    themes.revise(theme, by=coordinator_of(theme), places=3)
    third = make_draft(theme)
    assert (standing(first, second), places(theme)) == (["offered", "offered"], (1, 2, 0))
    operations.wait_for_place(third, by=third.guest)
    themes.close(theme, by=coordinator_of(theme))
    # What has been offered stands until its day
    assert standing(first, second, third) == ["offered", "offered", "lapsed"]
    assert [recipient for recipient, _ in mails("waiting_ended")] == [third.guest_id]
    operations.leave_queue(first, by=first.guest)
    operations.accept_offer(second, by=second.guest)
    assert second.state == "submitted"


def test_the_queue_ends_when_the_theme_is_put_away(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    first, second = waits(theme, clock), waits(theme, clock)
    cancel(exchange)
    themes.archive(theme, by=coordinator_of(theme))
    assert (standing(first, second), theme.places_offered) == (["lapsed", "lapsed"], 0)
    assert sorted(recipient or 0 for recipient, _ in mails("waiting_ended")) == [first.guest_id, second.guest_id]


def test_a_longer_deadline_keeps_the_queue(clock: ModuleType) -> None:
    theme, _ = full_theme()
    first = waits(theme, clock)
    later = (date(2027, 6, 1), date(2027, 6, 30), date(2027, 5, 1))
    themes.save(theme, by=coordinator_of(theme), windows=[WINDOW, later])
    clock.set_to(datetime(2027, 3, 30, 9, tzinfo=UTC))
    run("end-queues")
    assert standing(first) == ["waiting"]


def test_every_promise_of_the_queue_is_recorded(clock: ModuleType) -> None:
    theme, (exchange,) = full_theme()
    promises = Promises()
    first, second, third = (waits(theme, clock) for _ in range(3))
    cancel(exchange)
    promises.check()
    operations.leave_queue(first, by=first.guest)
    promises.check()
    clock.move(days=6)
    run("lapse-applications")
    promises.check()
    operations.accept_offer(third, by=third.guest)
    promises.check()
    assert (told(first), told(second)) == (
        ["place_offer 1 Mar to 6 Mar: called_off 1 Mar"],
        ["place_offer 1 Mar to 6 Mar: missed 7 Mar"],
    )


# Pages


def test_a_stranger_waits_by_the_page_of_a_full_theme(clock: ModuleType, client: Any, visitor: Any) -> None:
    theme, _ = full_theme()
    waits(theme, clock)
    guest = make_guest()
    db.session.commit()
    assert "Sign in to wait for a place All places are taken; you can wait for a place." in text_of(
        client.get(f"/themes/{theme.id}")
    )
    browser = visitor(guest)
    page = text_of(browser.get(f"/themes/{theme.id}"))
    assert "All places are taken; you can wait for a place." in page
    assert "All taken; 1 waiting for a place" in page
    form = browser.get(f"/themes/{theme.id}/apply")
    assert "1 person is waiting already." in text_of(form)
    sent = browser.post(f"/themes/{theme.id}/apply", data=fields_of(form) | {"act": "wait_for_place", "level": "cluster_manager"})
    assert sent.status_code == 303
    page = text_of(browser.get(sent.location))
    assert "You are number 2 in the queue." in page
    assert "You are waiting for a place" in text_of(browser.get("/"))
    application = queries.unfinished(theme, guest)
    assert application
    db.session.commit()
    host = visitor(coordinator_of(theme))
    assert "2 guests are waiting for a place" in text_of(host.get(f"/themes/{theme.id}"))
    assert "2 waiting for a place" in text_of(host.get("/themes/mine"))
    assert host.get(f"/applications/{application.id}").status_code == 404


def test_taking_the_place_on_the_page(clock: ModuleType, visitor: Any) -> None:
    theme, (exchange,) = full_theme()
    first = waits(theme, clock, brings="")
    cancel(exchange)
    db.session.commit()
    browser = visitor(first.guest)
    assert "Take the place that you are offered" in text_of(browser.get("/"))
    address = f"/applications/{first.id}/edit"
    assert "A place is yours if you take it" in text_of(
        browser.get(f"/applications/{first.id}/accept-offer", follow_redirects=True)
    )
    typed = fields_of(browser.get(address)) | {"act": "accept_offer"}
    refused = browser.post(address, data=typed)
    assert (refused.status_code, "Say what you bring" in text_of(refused)) == (422, True)
    typed = fields_of(refused) | {"act": "accept_offer", "brings": "Ten years."}
    assert browser.post(address, data=typed).status_code == 303
    again = browser.post(address, data=typed)  # the same click, twice
    assert (again.status_code, again.location) == (303, f"/applications/{first.id}")
    db.session.expire_all()
    assert (first.state, first.brings) == ("submitted", "Ten years.")


def test_leaving_the_queue_on_the_page(clock: ModuleType, visitor: Any) -> None:
    first = waits(full_theme()[0], clock)
    db.session.commit()
    browser = visitor(first.guest)
    page = browser.get(f"/applications/{first.id}/leave-queue")
    assert browser.post(f"/applications/{first.id}/leave-queue", data=fields_of(page)).status_code == 303
    db.session.expire_all()
    assert first.state == "draft"
    page = text_of(browser.get(f"/themes/{first.theme_id}"))
    assert "Continue your application All places are taken; you can wait for a place. Your draft is saved." in page


def test_where_there_is_nothing_to_wait_for_the_page_says_so(clock: ModuleType, visitor: Any) -> None:
    theme, _ = full_theme()
    clock.move(days=30)
    guest = make_guest()
    browser = visitor(guest)
    assert "This theme is closed: you cannot apply now." in text_of(browser.get(f"/themes/{theme.id}"))
    assert browser.get(f"/themes/{theme.id}/apply").status_code == 409
