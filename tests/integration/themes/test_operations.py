"""What changes a theme, and every reason why not; each with its own words."""

from datetime import date, timedelta
from typing import Any

import pytest

from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.themes import operations, queries
from mobility.themes.models import Theme
from mobility.workflows.table import SYSTEM
from tests.support.factories import (
    make_call,
    make_member,
    make_organisation,
    make_programme,
    make_theme,
    make_user,
    make_window,
)

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def coordinator(db_session: Any) -> User:
    return make_member(make_organisation(name="Kraków Cluster", city="Kraków", country="PL"), Role.COORDINATOR)


def hosted(by: User, **values: Any) -> Theme:
    return make_theme(by=by, host=by.memberships[0].organisation, **values)


def confirmed(theme: Theme, first: date, last: date) -> Application:
    """A confirmed application that relies on its place and its days."""
    guest_organisation = make_organisation()
    application = Application(
        theme_id=theme.id,
        guest=make_member(guest_organisation, Role.GUEST),
        guest_organisation=guest_organisation,
        state="confirmed",
        offered_first_day=first,
        offered_last_day=last,
    )
    db.session.add(application)
    operations.take_place(theme)
    db.session.flush()
    return application


def opened(theme: Theme) -> None:
    guest_organisation = make_organisation()
    guest = make_member(guest_organisation, Role.GUEST)
    db.session.add(Application(theme_id=theme.id, guest=guest, guest_organisation=guest_organisation, state="submitted"))
    db.session.flush()


# Drafts


def test_a_draft_needs_only_a_title(coordinator: User) -> None:
    programme = make_programme(minimum_days=3, maximum_days=9)

    theme = operations.create(
        by=coordinator, host=coordinator.memberships[0].organisation, programme=programme, title="Digital hubs"
    )

    assert (theme.state, theme.places, theme.minimum_days, theme.maximum_days) == ("draft", 1, 3, 9)
    assert [entry.action for entry in theme.history()] == ["create"]
    assert theme.windows == []


def test_only_a_coordinator_of_the_host_offers_a_theme(coordinator: User) -> None:
    elsewhere = make_organisation(name="Elsewhere")

    with pytest.raises(NotAllowed) as refusal:
        operations.create(by=coordinator, host=elsewhere, programme=make_programme(), title="Hubs")

    assert refusal.value.message == "Only a coordinator of Elsewhere can offer a theme for it."


def test_saving_keeps_what_the_catalogue_searches(coordinator: User) -> None:
    theme = hosted(coordinator, publish=False)
    early, late = make_window(40, 5, 10), make_window(80, 5, 60)

    operations.save(
        theme,
        by=coordinator,
        title="Öffentliche Vergabe",
        levels=["policy_maker"],
        sectors=["food"],
        languages=["de"],
        windows=[late, early, early, (None, None, None)],
    )

    assert theme.search_text.startswith("offentliche vergabe ")
    assert theme.facets == " level:policy_maker sector:food language:de "
    assert (theme.first_day, theme.last_day, theme.apply_by) == (early[0], late[1], late[2])
    assert len(theme.windows) == 2


def test_saving_only_windows_makes_a_new_version(coordinator: User) -> None:
    theme = hosted(coordinator, publish=False)
    before = theme.version

    operations.save(theme, by=coordinator, windows=list(theme.windows))
    db.session.flush()

    assert theme.version == before + 1


def test_windows_that_stay_are_the_same_rows(coordinator: User) -> None:
    theme = hosted(coordinator, publish=False)
    kept = theme.windows[0].id
    known = (theme.windows[0].first_day, theme.windows[0].last_day, theme.windows[0].apply_by)

    operations.save(theme, by=coordinator, windows=[known, make_window(100)])
    db.session.flush()
    operations.save(theme, by=coordinator, windows=[known])
    db.session.flush()

    assert [window.id for window in theme.windows] == [kept]


def test_somebody_else_cannot_save(coordinator: User) -> None:
    theme = hosted(coordinator, publish=False)

    with pytest.raises(NotAllowed, match="Only the host coordinator can edit this theme"):
        operations.save(theme, by=make_user(), title="Mine")


def test_a_published_theme_is_not_edited_as_a_draft(coordinator: User) -> None:
    with pytest.raises(WrongState, match="This theme is published, so it cannot be edited as a draft"):
        operations.save(hosted(coordinator), by=coordinator, title="Other")


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"title": ""}, "title", "Give the theme a title."),
        ({"minimum_days": 1}, "minimum_days", "Alps pays for 2 to 14 days."),
        ({"maximum_days": 30}, "maximum_days", "Alps pays for 2 to 14 days."),
        ({"minimum_days": 9, "maximum_days": 4}, "maximum_days", "The longest stay is shorter than the shortest."),
        ({"places": 0}, "places", "Offer 1 to 50 places."),
        (
            {"windows": [(date(2027, 4, 9), date(2027, 4, 1), date(2027, 3, 9))]},
            "windows",
            "Hosting window 1: The last day is before the first day.",
        ),
        (
            {"windows": [(date(2027, 2, 1), date(2027, 2, 9), date(2027, 1, 9))]},
            "windows",
            "Hosting window 1: The first day has passed; choose one in the future.",
        ),
        (
            {"windows": [(date(2027, 4, 1), None, None)]},
            "windows",
            "A hosting window needs a first day, a last day and an application deadline.",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(coordinator: User, fields: dict[str, Any], field: str, message: str) -> None:
    theme = hosted(coordinator, publish=False, programme=make_programme(name="Alps"))

    with pytest.raises(Refusal) as refusal:
        operations.save(theme, by=coordinator, **fields)

    assert (refusal.value.field, refusal.value.message) == (field, message)


# Publishing


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"learning_offered": ""}, "Still missing: what guests can learn."),
        ({"benefit_wanted": ""}, "Still missing: what you want in return."),
        ({"levels": []}, "Still missing: who it is for (levels)."),
        ({"windows": []}, "Add at least one hosting window in the future."),
    ],
)
def test_an_unfinished_draft_is_not_published(coordinator: User, fields: dict[str, Any], message: str) -> None:
    theme = hosted(coordinator, publish=False, **fields)

    with pytest.raises(GuardRefused) as refusal:
        operations.publish(theme, by=coordinator)

    assert refusal.value.message == message


def test_windows_that_have_passed_do_not_count(coordinator: User, clock: Any) -> None:
    theme = hosted(coordinator, publish=False, windows=[make_window(20, 5, 10)])
    clock.move(days=30)

    with pytest.raises(GuardRefused, match="Add at least one hosting window in the future"):
        operations.publish(theme, by=coordinator)


def test_publishing(coordinator: User) -> None:
    theme = hosted(coordinator)

    assert theme.state == "published"
    assert [(entry.action, entry.acted_as) for entry in theme.history()] == [
        ("publish", "host coordinator"),
        ("create", "host coordinator"),
    ]


# Revising


def test_a_revision_says_what_changed(coordinator: User) -> None:
    theme = hosted(coordinator)

    operations.revise(theme, by=coordinator, title="Better", places=3)

    assert theme.state == "published"
    assert theme.history()[0].note == "Changed: title, places."


def test_a_published_theme_stays_complete(coordinator: User) -> None:
    theme = hosted(coordinator)

    with pytest.raises(Refusal, match=r"Still missing: what guests can learn\. A published theme stays complete"):
        operations.revise(theme, by=coordinator, learning_offered="")


def test_days_that_confirmed_guests_rely_on_stay(coordinator: User) -> None:
    first, last, apply_by = window = make_window(40, 14, 20)
    theme = hosted(coordinator, places=2, windows=[window])
    confirmed(theme, first, first + timedelta(days=4))

    with pytest.raises(Refusal) as refusal:
        operations.revise(theme, by=coordinator, windows=[make_window(100)])
    assert refusal.value.field == "windows"
    assert refusal.value.message == (
        "A confirmed application relies on these days, so a window must keep them: 10 to 14 April 2027."
    )

    db.session.refresh(theme)
    operations.revise(theme, by=coordinator, windows=[(first, last - timedelta(days=7), apply_by)])
    assert theme.last_day == last - timedelta(days=7)


def test_places_that_confirmed_guests_rely_on_stay(coordinator: User) -> None:
    first, last, _apply_by = window = make_window()
    theme = hosted(coordinator, places=3, windows=[window])
    confirmed(theme, first, last)
    confirmed(theme, first, last)

    with pytest.raises(Refusal) as refusal:
        operations.revise(theme, by=coordinator, places=1)

    assert refusal.value.field == "places"
    assert refusal.value.message == "2 confirmed applications rely on a place here, so offer at least 2."


def test_offering_only_the_places_that_are_taken_closes_the_theme(coordinator: User) -> None:
    first, last, _apply_by = window = make_window()
    theme = hosted(coordinator, places=2, windows=[window])
    confirmed(theme, first, last)

    operations.revise(theme, by=coordinator, places=1)

    assert theme.state == "closed"


# Places


def test_the_last_place_closes_the_theme_and_tells_the_host(coordinator: User) -> None:
    theme = hosted(coordinator, title="Hubs", places=2)

    operations.take_place(queries.lock(theme.id))
    assert (theme.state, theme.free_places) == ("published", 1)
    operations.take_place(queries.lock(theme.id))

    assert (theme.state, theme.free_places) == ("closed", 0)
    newest = theme.history()[0]
    assert (newest.action, newest.acted_as, newest.note) == ("close", "system", "All places are taken.")
    [mail] = db.session.query(OutboxMessage).all()
    assert mail.recipient == coordinator
    assert mail.subject_line == "“Hubs” is closed: check whether you can offer more"


def test_there_is_no_place_after_the_last(coordinator: User) -> None:
    theme = hosted(coordinator)
    operations.take_place(theme)

    with pytest.raises(GuardRefused, match="All places of this theme are taken"):
        operations.take_place(theme)


def test_a_place_given_back_does_not_reopen_by_itself(coordinator: User) -> None:
    theme = hosted(coordinator)
    operations.take_place(theme)

    operations.free_place(theme)

    assert (theme.state, theme.free_places) == ("closed", 1)


# Closing, reopening, archiving


def test_the_coordinator_closes_at_any_time(coordinator: User) -> None:
    theme = hosted(coordinator)

    operations.close(theme, by=coordinator)

    assert theme.state == "closed"
    assert db.session.query(OutboxMessage).count() == 0


def test_the_system_closes_only_what_nobody_can_apply_to(coordinator: User, clock: Any) -> None:
    theme = hosted(coordinator, windows=[make_window(40, 5, 10)])
    with pytest.raises(GuardRefused, match="There is still a free place in a hosting window that is open for applications"):
        operations.close(theme, by=SYSTEM)

    clock.move(days=11)
    operations.close(theme, by=SYSTEM)

    assert theme.history()[0].note == "The last application deadline has passed."


def test_reopening_needs_a_place(coordinator: User) -> None:
    theme = hosted(coordinator)
    operations.take_place(theme)

    with pytest.raises(GuardRefused, match="All places are taken; offer more places first"):
        operations.reopen(theme, by=coordinator)

    operations.save(theme, by=coordinator, places=2)
    operations.reopen(theme, by=coordinator)
    assert theme.state == "published"
    assert [entry.action for entry in theme.history()][:2] == ["reopen", "edit"]


def test_reopening_needs_a_window(coordinator: User, clock: Any) -> None:
    theme = hosted(coordinator, windows=[make_window(40, 5, 10)])
    operations.close(theme, by=coordinator)
    clock.move(days=60)

    with pytest.raises(GuardRefused, match="Add a hosting window in the future first"):
        operations.reopen(theme, by=coordinator)

    operations.save(theme, by=coordinator, windows=[make_window(40)])
    operations.reopen(theme, by=coordinator)
    assert theme.state == "published"


def test_archiving_waits_for_open_applications(coordinator: User) -> None:
    theme = hosted(coordinator)
    opened(theme)
    operations.close(theme, by=coordinator)

    with pytest.raises(GuardRefused, match="1 open application must be answered first"):
        operations.archive(theme, by=coordinator)


def test_archiving(coordinator: User) -> None:
    theme = hosted(coordinator, publish=False)

    operations.archive(theme, by=coordinator)

    assert theme.state == "archived"


@pytest.mark.parametrize("action", ["publish", "revise", "close", "reopen", "archive"])
def test_nobody_else_acts_on_a_theme(coordinator: User, action: str) -> None:
    theme = hosted(coordinator)

    with pytest.raises(NotAllowed):
        getattr(operations, action)(theme, by=make_user())


def test_only_programmes_with_an_open_call_are_offered() -> None:
    today = clock.today()
    open_now, closed, ahead = make_programme(name="B"), make_programme(name="A"), make_programme(name="C")
    make_call(open_now)
    make_call(closed, closes_on=today - timedelta(days=1))
    make_call(ahead, opens_on=today + timedelta(days=1))

    assert queries.programmes_with_open_call() == [open_now]
