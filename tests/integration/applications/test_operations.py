"""From the draft to the match, or to another end: what each act changes, refuses and tells whom."""

from datetime import date, timedelta
from typing import Any

import pytest

from mobility.applications import operations, queries
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotAllowed, NotReady, Refusal, WrongState
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.themes import operations as themes
from mobility.workflows.table import SYSTEM
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_draft,
    make_guest,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
)

pytestmark = pytest.mark.usefixtures("db_session")


def mails(kind: str) -> list[tuple[str, str]]:
    """(address, subject line) of each message of a kind."""
    rows = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.address))
    return [(row.address, row.subject_line) for row in rows]


def home_of(person: Any) -> Organisation:
    return db.session.get_one(Organisation, person.organisation_ids()[0])


def last_act(application: Application) -> tuple[str, str, str, str]:
    db.session.flush()
    entry = application.history()[0]
    return entry.action, entry.acted_as, entry.to_state, entry.note


# Beginning


def test_a_draft_begins_with_what_is_known() -> None:
    guest = make_guest(name="Ana Zupan", email="ana@example.org")
    application = operations.start(make_theme(), by=guest, guest_organisation=home_of(guest))
    assert [(each.position, each.name, each.email, each.level) for each in application.delegates] == [
        (1, "Ana Zupan", "ana@example.org", "cluster_manager")
    ]
    assert (application.state, application.guest, application.guest_organisation) == ("draft", guest, home_of(guest))
    assert application.due_on is None


def test_whoever_starts_again_goes_on_with_what_is_there() -> None:
    theme, guest = make_theme(), make_guest()
    draft = operations.start(theme, by=guest, guest_organisation=home_of(guest))
    assert operations.start(theme, by=guest, guest_organisation=home_of(guest)) is draft
    submitted = make_submitted(theme, guest)
    assert operations.start(theme, by=guest, guest_organisation=home_of(guest)) is submitted is draft


def test_one_travels_for_an_organisation_one_belongs_to() -> None:
    with pytest.raises(Refusal) as refusal:
        operations.start(make_theme(), by=make_guest(), guest_organisation=make_organisation())
    assert refusal.value.field == "organisation"


def test_a_draft_is_kept_at_any_stage() -> None:
    draft = make_draft(motivation="", objectives="", brings="", first_day=None, last_day=None)
    assert (draft.motivation, draft.first_day, draft.state) == ("", None, "draft")


def test_delegates_come_and_go() -> None:
    draft = make_draft()
    me = (draft.guest.name, draft.guest.email, "cluster_manager")
    home = draft.guest_organisation
    for others in ([("Bo", "", "policy_maker"), ("Cy", "", "")], [("Bo", "bo@example.org", "policy_maker")], []):
        before = draft.version
        operations.save(draft, by=draft.guest, guest_organisation=home, delegates=[me, *others])
        db.session.expire(draft)
        assert [(each.name, each.email, each.level) for each in draft.delegates] == [me, *others]
        assert draft.version > before


def test_saving_the_same_again_is_no_new_version() -> None:
    draft = make_draft()
    before = draft.version
    make_draft(draft.theme, draft.guest)
    assert draft.version == before


def test_nobody_else_changes_a_draft() -> None:
    draft = make_draft()
    other = make_member(draft.guest_organisation, Role.COORDINATOR)
    with pytest.raises(NotAllowed):
        operations.save(draft, by=other, guest_organisation=draft.guest_organisation, delegates=[])


def test_what_has_been_sent_stays_as_it_is() -> None:
    sent = make_submitted()
    with pytest.raises(WrongState, match="withdraw it and apply again"):
        operations.save(sent, by=sent.guest, guest_organisation=sent.guest_organisation, delegates=[])


# Submitting


def test_submitting_starts_the_hosts_clock_and_tells_its_coordinators() -> None:
    theme = make_theme()
    second = make_member(theme.host, Role.COORDINATOR)
    make_member(theme.host, Role.HOST)
    application = make_submitted(theme)
    assert (application.state, application.waiting_for) == ("submitted", "host_answer")
    assert (application.submitted_on, application.due_on) == (date(2027, 3, 1), date(2027, 3, 11))
    subject = f"Answer {application.guest.name}'s application by 11 March 2027"
    assert mails("application_submitted") == sorted([(coordinator_of(theme).email, subject), (second.email, subject)])
    assert last_act(application) == ("submit", "guest", "submitted", "")


def test_everything_that_is_missing_is_said_at_once() -> None:
    draft = make_draft(motivation="", first_day=None)
    with pytest.raises(NotReady) as refusal:
        operations.submit(draft, by=draft.guest)
    assert [problem.field for problem in refusal.value.problems] == ["first_day", "motivation"]
    assert mails("application_submitted") == []


def test_the_cap_counts_open_applications_in_this_programme() -> None:
    programme = make_programme(open_applications_cap=2)
    guest = make_guest()
    make_submitted(make_theme(), guest)  # another programme
    make_draft(make_theme(programme=programme), guest)  # not sent
    first = make_submitted(make_theme(programme=programme), guest)
    make_submitted(make_theme(programme=programme), guest)
    with pytest.raises(NotReady, match="this programme allows 2 at a time"):
        make_submitted(make_theme(programme=programme), guest)
    operations.withdraw(first, by=guest)
    make_submitted(make_theme(programme=programme), guest)


def test_a_colleague_of_the_host_does_not_apply() -> None:
    draft = make_draft()
    make_membership(draft.guest, draft.theme.host, Role.HOST)
    with pytest.raises(NotReady, match="An exchange is with another organisation"):
        operations.submit(draft, by=draft.guest)


def test_a_theme_closed_meanwhile() -> None:
    draft = make_draft()
    themes.close(draft.theme, by=coordinator_of(draft.theme))
    with pytest.raises(NotReady, match="does not take applications any more"):
        operations.submit(draft, by=draft.guest)


# Talking


@pytest.mark.parametrize("by_host", [True, False])
def test_the_other_side_hears_that_you_talked(by_host: bool) -> None:
    application = make_submitted()
    host = coordinator_of(application.theme)
    by, other = (host, application.guest) if by_host else (application.guest, host)
    operations.record_contact(application, by=by, held_on=clock.today(), kind="video", note="Good talk")
    assert (application.state, application.waiting_for) == ("in_dialogue", "host_answer")
    assert [(each.held_on, each.kind, each.note) for each in application.first_contacts] == [
        (date(2027, 3, 1), "video", "Good talk")
    ]
    assert [address for address, _ in mails("application_contact_recorded")] == [other.email]
    assert last_act(application)[3] == "Video call on 1 March 2027. Good talk"


def test_nobody_has_talked_tomorrow() -> None:
    application = make_submitted()
    with pytest.raises(Refusal) as refusal:
        operations.record_contact(application, by=application.guest, held_on=clock.today() + timedelta(days=1), kind="call")
    assert refusal.value.field == "held_on"


def test_somehow_is_not_how_one_talks() -> None:
    application = make_submitted()
    with pytest.raises(Refusal) as refusal:
        operations.record_contact(application, by=application.guest, held_on=clock.today(), kind="telepathy")
    assert refusal.value.field == "kind"


# Answering


def accept(application: Application, **values: Any) -> None:
    given = {"first_day": application.first_day, "last_day": application.last_day} | values
    operations.accept(application, by=coordinator_of(application.theme), **given)


def test_an_exchange_follows_a_conversation() -> None:
    application = make_submitted()
    with pytest.raises(Refusal, match="Record your first contact before accepting") as refusal:
        accept(application)
    assert refusal.value.field == "know_each_other"


def test_accepting_after_a_talk_offers_dates_and_starts_the_guests_clock() -> None:
    application = make_submitted()
    operations.record_contact(application, by=application.guest, held_on=clock.today(), kind="call")
    assert application.first_day
    later = application.first_day + timedelta(days=1)
    accept(application, first_day=later, note="Bring boots")
    assert (application.state, application.waiting_for, application.due_on) == (
        "accepted",
        "guest_confirmation",
        date(2027, 3, 8),
    )
    assert (application.offered_first_day, application.offered_last_day) == (later, application.last_day)
    host = application.theme.host.name
    assert mails("application_accepted") == [
        (application.guest.email, f"{host} has accepted: confirm your exchange by 8 March 2027")
    ]
    text = db.session.scalars(db.select(OutboxMessage.text).where(OutboxMessage.kind == "application_accepted")).one()
    assert "Bring boots" in text
    assert "You asked for 10 to 14 April 2027." in text


def test_those_who_know_each_other_say_so() -> None:
    application = make_submitted()
    accept(application, know_each_other=True)
    assert (application.state, application.know_each_other) == ("accepted", True)


@pytest.mark.parametrize(
    ("shift_first", "shift_last", "field"), [(0, -5, "last_day"), (-100, -100, "first_day"), (20, 20, "first_day")]
)
def test_offered_days_fit_the_theme(shift_first: int, shift_last: int, field: str) -> None:
    application = make_submitted()
    assert application.first_day
    assert application.last_day
    with pytest.raises(Refusal) as refusal:
        accept(
            application,
            first_day=application.first_day + timedelta(days=shift_first),
            last_day=application.last_day + timedelta(days=shift_last),
            know_each_other=True,
        )
    assert refusal.value.field == field
    assert application.state == "submitted"


def test_offering_after_the_application_deadline_is_fine() -> None:
    """The deadline is for those who apply; the host may take the days it has promised to answer."""
    theme = make_theme(windows=[(date(2027, 4, 10), date(2027, 4, 20), date(2027, 3, 1))])
    application = make_submitted(theme)
    clock.move(days=5)
    accept(application, know_each_other=True)
    assert application.state == "accepted"


def test_declining_gives_a_reason() -> None:
    application = make_submitted()
    operations.decline(application, by=coordinator_of(application.theme), reason="We move house.")
    assert (application.state, application.due_on) == ("declined", None)
    assert last_act(application) == ("decline", "host coordinator", "declined", "We move house.")
    assert [address for address, _ in mails("application_declined")] == [application.guest.email]


# Ending


def test_withdrawing_a_draft_tells_nobody() -> None:
    draft = make_draft()
    operations.withdraw(draft, by=draft.guest)
    assert draft.state == "withdrawn"
    assert mails("application_withdrawn") == []


def test_withdrawing_what_was_sent_tells_the_host() -> None:
    application = make_accepted()
    operations.withdraw(application, by=application.guest, reason="Ill")
    assert application.state == "withdrawn"
    assert [address for address, _ in mails("application_withdrawn")] == [coordinator_of(application.theme).email]


def test_after_the_end_one_can_apply_again() -> None:
    application = make_submitted()
    operations.withdraw(application, by=application.guest)
    again = make_submitted(application.theme, application.guest)
    assert again is not application


@pytest.mark.parametrize(
    ("make", "note"),
    [
        (make_submitted, "The host did not answer by 11 March 2027."),
        (make_accepted, "The guest did not confirm by 8 March 2027."),
    ],
)
def test_nobody_acted_in_time(make: Any, note: str) -> None:
    application = make()
    with pytest.raises(GuardRefused):
        operations.lapse(application)
    clock.move(days=11)
    operations.lapse(application)
    assert last_act(application) == ("lapse", "system", "lapsed", note)
    both = sorted([application.guest.email, coordinator_of(application.theme).email])
    assert [address for address, _ in mails("application_lapsed")] == both


def test_what_lapsed_cannot_be_confirmed() -> None:
    application = make_accepted()
    clock.move(days=8)
    operations.lapse(application, by=SYSTEM)
    with pytest.raises(WrongState, match="this application is lapsed"):
        operations.confirm(application, by=application.guest)


# The match


def test_confirming_takes_a_place_once() -> None:
    theme = make_theme(places=1)
    first, second = make_accepted(theme), make_accepted(theme)
    operations.confirm(first, by=first.guest)
    assert (first.state, theme.places_taken, theme.state) == ("confirmed", 1, "closed")
    with pytest.raises(GuardRefused, match="All places of this theme are taken"):
        operations.confirm(second, by=second.guest)
    assert theme.places_taken == 1


# Reading


def test_the_list_has_ones_own_side_and_what_one_may_see() -> None:
    theme = make_theme()
    mine = make_submitted(theme)
    make_draft(theme)
    make_submitted()
    host = coordinator_of(theme)
    assert queries.listed(host, queries.Filters(), 1).items == [mine]
    assert queries.listed(host, queries.Filters(side="guest"), 1).items == []
    assert queries.listed(mine.guest, queries.Filters(side="guest"), 1).items == [mine]
    assert queries.listed(make_guest(), queries.Filters(), 1).items == []
    owner = make_member(theme.programme, Role.OWNER)
    assert queries.listed(owner, queries.Filters(side="programme"), 1).items == [mine]
    colleague = make_member(mine.guest_organisation, Role.COORDINATOR)
    assert queries.listed(colleague, queries.Filters(), 1).items == [mine]
    assert queries.listed(make_member(mine.guest_organisation, Role.GUEST), queries.Filters(), 1).items == []


def test_the_list_is_narrowed() -> None:
    theme = make_theme(places=5)
    submitted, accepted = make_submitted(theme), make_accepted(theme)
    host = coordinator_of(theme)
    assert queries.listed(host, queries.Filters(state="accepted"), 1).items == [accepted]
    assert queries.listed(host, queries.Filters(), 1).items == [accepted, submitted]  # the sooner deadline first
    assert queries.listed(host, queries.Filters(theme_id=theme.id + 1), 1).total == 0
    assert queries.count_by_state(host, queries.Filters(state="accepted")) == {"submitted": 1, "accepted": 1}
