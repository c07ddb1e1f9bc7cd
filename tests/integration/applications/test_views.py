"""The pages of applications as a browser without JavaScript uses them."""

from typing import Any

import pytest

from mobility.applications import operations
from mobility.applications.models import Application
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.themes.models import Theme
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_draft,
    make_exchange,
    make_guest,
    make_member,
    make_membership,
    make_submitted,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.forms import at_once, fill, values_of

pytestmark = pytest.mark.usefixtures("db_session")

COMPLETE = {
    "motivation": "Why",
    "objectives": "What for",
    "brings": "Much",
    "first_day": "2027-04-10",
    "last_day": "2027-04-14",
}


@pytest.fixture
def theme() -> Theme:
    return make_theme()


@pytest.fixture
def guest(client: Any) -> User:
    guest = make_guest(name="Ana Zupan")
    sign_in(client, guest)
    return guest


def applications() -> list[Application]:
    return list(db.session.scalars(db.select(Application).order_by(Application.id)))


def count_mails(kind: str) -> int:
    return db.session.query(OutboxMessage).filter_by(kind=kind).count()


# Applying


def test_looking_writes_nothing(client: Any, guest: User, theme: Theme, queries: Any) -> None:
    with queries() as seen:
        page = client.get(f"/themes/{theme.id}/apply")
    assert page.status_code == 200
    assert seen.writes == []
    assert "if you submit today, by <strong>11 March 2027</strong>" in page.text
    assert "10 to 23 April 2027" in page.text
    assert "apply by 21 March 2027" in page.text
    assert values_of(page)["level"] == "cluster_manager"
    assert values_of(page)["organisation"] == str(guest.organisation_ids()[0])


def test_a_draft_is_saved_at_any_stage_and_found_again(client: Any, guest: User, theme: Theme) -> None:
    answer = fill(client, f"/themes/{theme.id}/apply", motivation="Half a thou", act="save")
    (draft,) = applications()
    assert (answer.status_code, answer.location) == (303, f"/applications/{draft.id}")
    assert (draft.state, draft.motivation) == ("draft", "Half a thou")
    assert client.get(f"/themes/{theme.id}/apply").location == f"/applications/{draft.id}"
    assert client.get(f"/applications/{draft.id}").location == f"/applications/{draft.id}/edit"
    page = client.get(f"/applications/{draft.id}/edit")
    assert "Draft saved. Nobody but you sees it" in page.text
    assert values_of(page)["motivation"] == "Half a thou"


def test_the_whole_application_in_one_go(client: Any, guest: User, theme: Theme) -> None:
    answer = fill(client, f"/themes/{theme.id}/apply", **COMPLETE, second_name="Bo", second_level="cluster_manager", act="submit")
    (sent,) = applications()
    assert answer.location == f"/applications/{sent.id}"
    assert [(each.name, each.level) for each in sent.delegates] == [
        ("Ana Zupan", "cluster_manager"),
        ("Bo", "cluster_manager"),
    ]
    page = client.get(answer.location).text
    assert f"Sent to {theme.host.name}. They answer by 11 March 2027." in page
    assert 'by <time datetime="2027-03-11">11 March 2027</time>' in page


def test_what_stands_against_submitting_does_not_lose_the_draft(client: Any, guest: User, theme: Theme) -> None:
    typed = COMPLETE | {"objectives": "", "last_day": "2027-04-09", "third_name": "Cy", "act": "submit"}
    page = fill(client, f"/themes/{theme.id}/apply", **typed)
    (draft,) = applications()
    assert page.status_code == 422
    assert "Say what you want to learn, and what for." in page.text
    assert "The last day is before the first day." in page.text
    assert "Choose the level of this guest." in page.text
    assert (draft.state, draft.motivation) == ("draft", "Why")
    assert values_of(page)["second_name"] == "Cy", "a third guest without a second is the second"
    mended = values_of(page) | {"objectives": "x", "last_day": "2027-04-14", "second_level": "cluster_manager"}
    answer = client.post(f"/applications/{draft.id}/edit", data=mended | {"act": "submit"})
    assert answer.status_code == 303
    db.session.refresh(draft)
    assert draft.state == "submitted"


def test_typing_is_saved_by_itself(client: Any, guest: User, theme: Theme) -> None:
    """What static/js/autosave.js does: the same address, the same fields, a version back; then the form is sent."""
    address, script = f"/themes/{theme.id}/apply", {"Accept": "application/json"}
    values = values_of(client.get(address))
    first = client.post(address, data=values | {"motivation": "W"}, headers=script)
    second = client.post(address, data=values | {"motivation": "Wh", "version": first.json["version"]}, headers=script)
    assert second.json["version"] > first.json["version"]
    answer = client.post(address, data=values | COMPLETE | {"version": second.json["version"], "act": "submit"})
    (sent,) = applications()
    assert (answer.location, sent.state) == (f"/applications/{sent.id}", "submitted")


def test_a_draft_changed_in_another_window_is_not_overwritten_unseen(client: Any, guest: User, theme: Theme) -> None:
    draft = make_draft(theme, guest)
    address = f"/applications/{draft.id}/edit"
    values = values_of(client.get(address))
    fill(client, address, motivation="From the other window")
    conflict = client.post(address, data=values | {"motivation": "From this window"})
    assert conflict.status_code == 409
    assert "Your draft has changed in another window" in conflict.text
    assert values_of(conflict)["motivation"] == "From this window"
    assert client.post(address, data=values_of(conflict)).status_code == 303
    db.session.refresh(draft)
    assert draft.motivation == "From this window"


def test_a_second_new_page_does_not_overwrite_the_draft_of_the_first(client: Any, guest: User, theme: Theme) -> None:
    address = f"/themes/{theme.id}/apply"
    one, other = values_of(client.get(address)), values_of(client.get(address))
    client.post(address, data=one | {"motivation": "One"})
    conflict = client.post(address, data=other | {"motivation": "Other"})
    assert conflict.status_code == 409
    assert values_of(conflict)["motivation"] == "Other"
    assert [each.motivation for each in applications()] == ["One"]


def test_a_draft_sent_in_another_window_gives_back_what_was_typed(client: Any, guest: User, theme: Theme) -> None:
    draft = make_draft(theme, guest)
    values = values_of(client.get(f"/applications/{draft.id}/edit"))
    operations.submit(draft, by=guest)
    answer = client.post(f"/applications/{draft.id}/edit", data=values | {"motivation": "Later thought"})
    assert answer.status_code == 409
    assert "Later thought" in answer.text
    assert client.post(f"/applications/{draft.id}/submit", data=values).status_code == 303, "the same click, twice"


@pytest.mark.parametrize("act", ["save", "submit"])
def test_eight_posts_at_once_make_one_application_and_one_mail(guest: User, theme: Theme, client: Any, act: str) -> None:
    address = f"/themes/{theme.id}/apply"
    typed = values_of(client.get(address)) | COMPLETE | {"act": act}
    answers = at_once(client, 8, lambda browser: browser.post(address, data=typed))
    (application,) = applications()
    assert {answer.location for answer in answers} == {f"/applications/{application.id}"}
    assert count_mails("application_submitted") == (1 if act == "submit" else 0)


def test_eight_windows_at_once_make_one_application(guest: User, theme: Theme, client: Any) -> None:
    address = f"/themes/{theme.id}/apply"
    typed = values_of(client.get(address)) | COMPLETE | {"act": "submit"}
    keys = iter(range(8))
    answers = at_once(client, 8, lambda browser: browser.post(address, data=typed | {"form_key": f"k{next(keys)}"}))
    assert len(applications()) == 1
    assert {answer.status_code for answer in answers} <= {302, 303, 409}
    assert count_mails("application_submitted") == 1


def test_the_cap_holds_when_all_are_sent_at_once(guest: User, client: Any) -> None:
    programme = make_theme().programme
    programme.open_applications_cap = 2
    drafts = [make_draft(make_theme(programme=programme), guest) for _ in range(6)]
    numbers = iter([draft.id for draft in drafts])

    def send(browser: Any) -> Any:
        number = next(numbers)
        return browser.post(
            f"/applications/{number}/edit",
            data=values_of(browser.get(f"/applications/{number}/edit")) | {"act": "submit"},
        )

    answers = at_once(client, 6, send)
    assert sorted(answer.status_code for answer in answers) == [303, 303, 422, 422, 422, 422]
    assert sum(each.state == "submitted" for each in applications()) == 2


def test_one_who_cannot_apply_learns_why(client: Any, theme: Theme) -> None:
    lonely = make_user()
    sign_in(client, lonely)
    page = client.get(f"/themes/{theme.id}/apply")
    assert (page.status_code, "To apply you need an organisation" in page.text) == (403, True)
    make_membership(lonely, theme.host, Role.HOST)
    page = client.get(f"/themes/{theme.id}/apply")
    assert (page.status_code, "An exchange is with another organisation" in page.text) == (409, True)
    theme.state = "closed"
    page = client.get(f"/themes/{theme.id}/apply")
    assert (page.status_code, "does not take applications any more" in page.text) == (409, True)


def test_a_mail_address_looks_like_one(client: Any, guest: User, theme: Theme) -> None:
    draft = make_draft(theme, guest)
    page = fill(client, f"/applications/{draft.id}/edit", second_name="Bo", second_email="bo at home")
    assert page.status_code == 422
    assert "Enter an e-mail address such as ana.kovac@example.org." in page.text


# Answering


def test_the_host_talks_and_accepts(client: Any) -> None:
    application = make_submitted()
    sign_in(client, coordinator_of(application.theme))
    address = f"/applications/{application.id}"
    page = client.get(address).text
    assert "You answer next" in page
    assert 'href="/applications/1/accept"'.replace("1", str(application.id)) in page
    refused = fill(client, f"{address}/accept")
    assert refused.status_code == 422
    assert "Record your first contact before accepting" in refused.text
    future = fill(client, f"{address}/record-contact", kind="call", held_on="2027-03-02")
    assert (future.status_code, "it cannot be in the future" in future.text) == (422, True)
    assert fill(client, f"{address}/record-contact", kind="call").status_code == 303
    offer = client.get(f"{address}/accept")
    assert values_of(offer)["first_day"] == "2027-04-10", "what is known is filled in"
    assert "know_each_other" not in offer.text
    assert fill(client, f"{address}/accept", last_day="2027-04-13").status_code == 303
    db.session.refresh(application)
    assert (application.state, str(application.offered_last_day)) == ("accepted", "2027-04-13")


def test_declining_needs_a_reason(client: Any) -> None:
    application = make_submitted()
    sign_in(client, coordinator_of(application.theme))
    assert fill(client, f"/applications/{application.id}/decline").status_code == 422
    assert fill(client, f"/applications/{application.id}/decline", reason="Too early").status_code == 303


def test_both_sides_see_the_promise(client: Any) -> None:
    application = make_accepted()
    for person, words in (
        (application.guest, "You confirm next"),
        (coordinator_of(application.theme), "confirms next"),
    ):
        sign_in(client, person)
        page = client.get(f"/applications/{application.id}").text
        assert words in page
        assert '<time datetime="2027-03-08">8 March 2027</time>' in page


def test_out_of_state_is_409_with_what_can_be_done(client: Any) -> None:
    application = make_submitted()
    sign_in(client, application.guest)
    page = client.get(f"/applications/{application.id}/confirm")
    assert page.status_code == 409
    assert "this application is submitted" in page.text
    assert f"/applications/{application.id}/withdraw" in page.text


# Who may

ADDRESSES = ["", "/edit", "/submit", "/record-contact", "/accept", "/decline", "/withdraw", "/confirm"]


@pytest.mark.parametrize("rest", ADDRESSES)
def test_what_one_may_not_see_is_not_there(client: Any, rest: str) -> None:
    draft, sent = make_draft(), make_submitted()
    for stranger, application in (
        (make_guest(), sent),
        (coordinator_of(draft.theme), draft),
        (make_member(sent.guest_organisation, Role.GUEST), sent),
        (make_guest(), None),
    ):
        sign_in(client, stranger)
        number = application.id if application else 99999
        answers = [client.post(f"/applications/{number}{rest}")] if rest else [client.get(f"/applications/{number}")]
        if rest not in {"", "/submit"}:
            answers.append(client.get(f"/applications/{number}{rest}"))
        assert {answer.status_code for answer in answers} == {404}


def test_signed_out_people_sign_in_first(client: Any, theme: Theme) -> None:
    for address in ("/applications", f"/themes/{theme.id}/apply", "/applications/1"):
        answer = client.get(address)
        assert (answer.status_code, "/sign-in" in answer.location) == (302, True)


def test_readers_read_and_do_nothing(client: Any) -> None:
    application = make_submitted()
    for reader in (
        make_member(application.theme.programme, Role.AUDITOR),
        make_member(application.guest_organisation, Role.COORDINATOR),
        make_member(application.theme.host, Role.HOST),
    ):
        sign_in(client, reader)
        page = client.get(f"/applications/{application.id}")
        assert page.status_code == 200
        assert f"/applications/{application.id}/accept" not in page.text
        answer = client.post(f"/applications/{application.id}/accept", data={"version": application.version})
        assert answer.status_code == 403


# The list


@pytest.mark.parametrize("rounds", [1, 3, 10])
def test_the_list_takes_the_same_queries_however_long(client: Any, queries: Any, rounds: int) -> None:
    theme = make_theme(places=40)
    for _ in range(rounds):
        make_submitted(theme)
        make_accepted(theme)
        make_exchange(theme, signed=True)
    sign_in(client, coordinator_of(theme))
    client.get("/applications")
    with queries() as seen:
        page = client.get("/applications")
    assert page.status_code == 200
    assert page.text.count('class="task-title"') == min(3 * rounds, 25)
    assert seen.count == 10, seen


@pytest.mark.parametrize(
    "nonsense",
    [
        "state=x",
        "side=x",
        "theme=x",
        "theme=99999999999999",
        "page=0",
        "page=x",
        "_external=1",
        "state=draft&side=host&theme=1",
    ],
)
def test_nonsense_in_the_address_is_no_filter(client: Any, guest: User, nonsense: str) -> None:
    make_submitted(None, guest)
    assert client.get(f"/applications?{nonsense}").status_code == 200


def test_an_empty_list_says_what_one_could_do(client: Any, guest: User) -> None:
    assert "Find a theme" in client.get("/applications").text


def test_who_may_apply_again_is_told_so_only_while_one_can(client: Any, guest: User, theme: Theme, clock: Any) -> None:
    """The application ended; a fortnight later the last deadline has passed, though the theme is still published."""
    application = make_submitted(theme, guest)
    operations.withdraw(application, by=guest)
    db.session.commit()
    page = f"/applications/{application.id}"
    assert f'<a href="/themes/{theme.id}/apply">apply again</a>' in client.get(page).text
    clock.move(days=21)
    sign_in(client, guest)
    later = client.get(page).text
    assert "apply again" not in later
    assert "look at other themes" in later


def test_asking_before_applying_is_offered_to_who_has_not_applied(client: Any, guest: User, theme: Theme) -> None:
    assert "Before you apply." in client.get(f"/themes/{theme.id}").text
    make_submitted(theme, guest)
    db.session.commit()
    page = client.get(f"/themes/{theme.id}").text
    assert "Ask the host" in page
    assert "Before you apply." not in page
