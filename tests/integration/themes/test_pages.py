"""The pages of themes: who may see what, drafts at any stage, stale forms, the same click twice."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.people.topics import TOPICS
from mobility.themes import operations
from mobility.themes.models import Theme
from mobility.themes.rules import Window
from tests.support.factories import (
    make_call,
    make_member,
    make_organisation,
    make_programme,
    make_theme,
    make_user,
    make_window,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("db_session")
BIDI = "‮שלום e\u0301"


@pytest.fixture
def host(db_session: Any) -> Organisation:
    return make_organisation(name="Styria Wood", country="AT", city="Graz")


@pytest.fixture
def coordinator(host: Organisation) -> User:
    return make_member(host, Role.COORDINATOR)


@pytest.fixture
def browser(app: Any) -> Callable[[User | None], Any]:
    """`browser(person)`: a browser of their own, signed in."""

    def open_as(person: User | None) -> Any:
        client = app.test_client()
        if person is not None:
            sign_in(client, person)
        return client

    return open_as


def text_of(answer: Any) -> str:
    return " ".join(etree.HTML(answer.text).xpath("string(//main)").split())


def form_values(answer: Any) -> dict[str, list[str]]:
    """What a browser would send if the form were sent as it stands."""
    page = etree.HTML(answer.text)
    values: dict[str, list[str]] = {}
    for each in page.xpath("//main//form[@method='post']//input | //main//form[@method='post']//textarea"):
        if each.get("type") in ("checkbox", "radio") and each.get("checked") is None:
            continue
        values.setdefault(each.get("name"), []).append(each.get("value") or (each.text or "").lstrip("\n"))
    for each in page.xpath("//main//form[@method='post']//select"):
        values[each.get("name")] = each.xpath("option[@selected]/@value")
    return values


# Who may see a theme


def test_everybody_reads_a_published_theme(client: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host, title="Hubs", benefit_wanted="A look from outside.")

    page = text_of(client.get(f"/themes/{theme.id}"))

    for words in (
        "Hubs",
        "A look from outside.",
        "Styria Wood",
        "Graz, Austria",
        "10 to 23 April 2027",
        "Apply by 21 March 2027",
        "1 of 1 free",
        "2 to 14 days",
        "The host answers within 10 days",
        "Sign in to apply",
        "Austria, Germany, Italy, Portugal",
    ):
        assert words in page


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_what_one_may_not_see_is_not_there(browser: Any, coordinator: User, host: Organisation, state: str) -> None:
    theme = make_theme(by=coordinator, host=host, publish=False)
    if state == "archived":
        operations.archive(theme, by=coordinator)
    stranger = make_member(make_organisation(), Role.COORDINATOR)
    owner = make_member(theme.programme, Role.OWNER)

    assert browser(None).get(f"/themes/{theme.id}").status_code == 404
    assert browser(stranger).get(f"/themes/{theme.id}").status_code == 404
    assert browser(owner).get(f"/themes/{theme.id}").status_code == (404 if state == "draft" else 200)
    assert browser(coordinator).get(f"/themes/{theme.id}").status_code == 200


def test_who_applied_still_sees_an_archived_theme(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host)
    organisation = make_organisation()
    guest = make_member(organisation, Role.GUEST)
    db.session.add(Application(theme_id=theme.id, guest=guest, guest_organisation=organisation, state="declined"))
    operations.close(theme, by=coordinator)
    operations.archive(theme, by=coordinator)

    assert browser(guest).get(f"/themes/{theme.id}").status_code == 200


@pytest.mark.parametrize("action", ["edit", "revise", "publish", "close", "reopen", "archive"])
def test_only_the_host_manages(browser: Any, coordinator: User, host: Organisation, action: str) -> None:
    draft, published = make_theme(by=coordinator, host=host, publish=False), make_theme(by=coordinator, host=host)
    stranger = make_member(make_organisation(), Role.COORDINATOR)
    colleague = make_member(host, Role.HOST)

    for theme in (draft, published):
        assert browser(stranger).get(f"/themes/{theme.id}/{action}").status_code == 404
        assert browser(stranger).post(f"/themes/{theme.id}/{action}").status_code == 404
        assert browser(colleague).get(f"/themes/{theme.id}/{action}").status_code == 403
        assert browser(None).get(f"/themes/{theme.id}/{action}").status_code == 302
    assert browser(coordinator).get(f"/themes/2147483647/{action}").status_code == 404


def test_pages_for_hosts_are_for_hosts(browser: Any, coordinator: User, host: Organisation) -> None:
    guest, colleague = make_member(make_organisation(), Role.GUEST), make_member(host, Role.HOST)

    assert [browser(each).get("/themes/new").status_code for each in (guest, colleague, coordinator)] == [404, 404, 200]
    assert [browser(each).get("/themes/mine").status_code for each in (guest, colleague, coordinator)] == [404, 200, 200]


# The way in


def test_the_way_in_says_why_not(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host, levels=["policy_maker"])
    nobody = make_user()
    finn = make_member(make_organisation(country="FI"), Role.GUEST, level="policy_maker")
    member = make_member(make_organisation(country="PT"), Role.GUEST, level="cluster_member")
    fitting = make_member(make_organisation(country="PT"), Role.GUEST, level="policy_maker")
    address = f"/themes/{theme.id}"

    host_only = make_member(make_organisation(), Role.HOST)

    assert "Join your organisation to apply" in text_of(browser(nobody).get(address))
    assert "You are not a guest of any organisation yet" in text_of(browser(host_only).get(address))
    assert "your organisation is in Finland" in text_of(browser(finn).get(address))
    assert "The host invites policy makers; you chose cluster member." in text_of(browser(member).get(address))
    assert f'href="/themes/{theme.id}/apply"' in browser(fitting).get(address).text
    assert f'href="/themes/{theme.id}/apply"' not in browser(coordinator).get(address).text


def test_a_promise_of_one_day_is_no_plural(client: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host)
    theme.programme.host_answer_days = theme.programme.decision_working_days = 1
    db.session.commit()
    page = text_of(client.get(f"/themes/{theme.id}"))
    assert "The host answers within 1 day." in page
    assert "within 1 working day" in page
    assert "1 working days" not in page


def test_the_way_in_closes(client: Any, coordinator: User, host: Organisation, clock: Any) -> None:
    theme = make_theme(by=coordinator, host=host)
    clock.move(days=21)
    assert "The application deadlines of all hosting windows have passed." in text_of(client.get(f"/themes/{theme.id}"))

    operations.close(theme, by=coordinator)
    assert "This theme is closed: you cannot apply now." in text_of(client.get(f"/themes/{theme.id}"))


def test_a_draft_application_is_gone_on_with(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host)
    organisation = make_organisation()
    guest = make_member(organisation, Role.GUEST)
    db.session.add(Application(theme_id=theme.id, guest=guest, guest_organisation=organisation))
    db.session.flush()

    assert "Continue your application" in text_of(browser(guest).get(f"/themes/{theme.id}"))


# Drafts


def draft_of(coordinator: User, **changes: Any) -> dict[str, Any]:
    programme = make_programme(name="Alps")
    make_call(programme)
    values = {
        "host_id": coordinator.memberships[0].organisation_id,
        "programme_id": programme.id,
        "title": "Lean administration",
        "form_key": "once",
    }
    return values | changes


def test_a_title_makes_a_draft(browser: Any, coordinator: User) -> None:
    client = browser(coordinator)

    answer = client.post("/themes/new", data=draft_of(coordinator))

    theme = db.session.query(Theme).one()
    assert (answer.status_code, answer.location) == (303, f"/themes/{theme.id}")
    page = text_of(client.get(answer.location))
    assert "Before you publish" in page
    assert "Still missing: what guests can learn, what you want in return, who it is for (levels)." in page


def test_the_same_form_twice_is_one_draft(browser: Any, coordinator: User) -> None:
    client, values = browser(coordinator), draft_of(coordinator)

    locations = {client.post("/themes/new", data=values).location for _ in range(3)}

    assert len(locations) == 1
    assert db.session.query(Theme).count() == 1


def test_without_an_open_call_there_is_nothing_to_fill_in(browser: Any, coordinator: User) -> None:
    make_programme()
    client = browser(coordinator)

    assert "No programme has an open call" in text_of(client.get("/themes/new"))
    assert client.post("/themes/new", data={"title": "x"}).status_code == 200
    assert db.session.query(Theme).count() == 0


def test_nobody_offers_a_theme_for_another_organisation(browser: Any, coordinator: User) -> None:
    values = draft_of(coordinator, host_id=make_organisation().id)

    assert browser(coordinator).post("/themes/new", data=values).status_code == 422
    assert db.session.query(Theme).count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Title: Please fill this in."),
        ({"title": "x" * 300}, "Keep this to 200 characters."),
        ({"title": "a\u202eb"}, "a character that cannot be seen"),
        ({"places": "many"}, "Enter a whole number, such as 3."),
        ({"places": "999999999999999999999"}, "Number must be between 1 and 50."),
        ({"places": "9" * 400}, "Number must be between 1 and 50."),
        ({"levels": "emperor"}, "Choose from the list"),
        ({"programme_id": "0"}, "Choose one from the list."),
        ({"host_id": "nonsense"}, "Choose one from the list."),
        ({"maximum_days": "40"}, "Alps pays for 2 to 14 days."),
        ({"windows-0-first_day": "2027-05-03"}, "Fill this in as well, or empty the whole row."),
        ({"windows-0-first_day": "soon"}, "Choose a day, or enter it as year-month-day"),
        (
            {
                "windows-0-first_day": "2027-05-03",
                "windows-0-last_day": "2027-04-03",
                "windows-0-apply_by": "2027-04-01",
            },
            "The last day is before the first day.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(browser: Any, coordinator: User, changes: dict[str, str], said: str) -> None:
    summary = "Still <b>here</b>"

    answer = browser(coordinator).post("/themes/new", data=draft_of(coordinator, summary=summary, **changes))

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert form_values(answer)["summary"] == [summary]
    assert "<b>here</b>" not in answer.text
    assert db.session.query(Theme).count() == 0


def test_more_windows_keep_what_was_typed(browser: Any, coordinator: User) -> None:
    window = {"windows-0-first_day": "2027-05-03", "windows-0-last_day": "", "windows-0-apply_by": "2027-04-01"}

    answer = browser(coordinator).post("/themes/new", data=draft_of(coordinator, more="windows", title="", **window))

    assert answer.status_code == 200
    values = form_values(answer)
    assert values["windows-0-first_day"] == ["2027-05-03"]
    assert "windows-3-first_day" in values
    assert db.session.query(Theme).count() == 0


def test_odd_text_stays_as_it_is(browser: Any, coordinator: User) -> None:
    client = browser(coordinator)
    answer = client.post("/themes/new", data=draft_of(coordinator, title="<script>שלום", summary=f"</p>{BIDI}"))

    page = client.get(answer.location)

    assert db.session.query(Theme).one().title == "<script>שלום"
    assert "&lt;script&gt;שלום" in page.text
    assert "</p>" + BIDI not in page.text


def test_a_draft_is_edited_and_published(browser: Any, coordinator: User) -> None:
    client = browser(coordinator)
    address = client.post("/themes/new", data=draft_of(coordinator)).location
    values = form_values(client.get(f"{address}/edit"))
    assert values["title"] == ["Lean administration"]
    values |= {
        "learning_offered": ["Much"],
        "benefit_wanted": ["A little"],
        "levels": ["policy_maker", "cluster_manager"],
        "sectors": ["food"],
        "windows-0-first_day": ["2027-05-03"],
        "windows-0-last_day": ["2027-05-14"],
        "windows-0-apply_by": ["2027-04-01"],
    }

    assert client.post(f"{address}/edit", data=values).status_code == 303
    publish = client.get(f"{address}/publish")
    assert "3 to 14 May 2027" in text_of(publish)
    assert client.post(f"{address}/publish", data=form_values(publish)).status_code == 303

    theme = db.session.query(Theme).one()
    assert theme.state == "published"
    assert theme.levels == ["policy_maker", "cluster_manager"]
    assert "Lean administration" in browser(None).get("/themes?sector=food").text


def test_a_theme_names_up_to_five_topics(browser: Any, coordinator: User, host: Organisation) -> None:
    """A sixth is refused at the field, and nothing chosen is lost; what it names is shown and found."""
    theme = make_theme(by=coordinator, host=host, title="Lean administration")
    client = browser(coordinator)
    values = form_values(client.get(f"/themes/{theme.id}/revise"))
    five = ["skills", "talent", "startups", "foresight", "evaluation"]

    refused = client.post(f"/themes/{theme.id}/revise", data=values | {"topics": [*five, "clean_energy"]})
    assert refused.status_code in (409, 422)
    assert "Choose at most 5 topics; these are 6." in "".join(etree.HTML(refused.text).xpath("//*[@id='topics-error']//text()"))
    assert form_values(refused)["topics"] == sorted([*five, "clean_energy"], key=list(TOPICS).index)
    assert client.post(f"/themes/{theme.id}/revise", data=values | {"topics": five}).status_code == 303

    assert sorted(theme.topics) == sorted(five)
    assert "Foresight and technology scouting" in text_of(browser(None).get(f"/themes/{theme.id}"))
    for address, found in (("?topic=foresight", True), ("?q=foresight", True), ("?topic=clean_energy", False)):
        assert ("Lean administration" in browser(None).get(f"/themes{address}").text) is found, address


def test_an_unfinished_draft_says_what_is_missing(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host, publish=False, windows=[], benefit_wanted="")

    answer = browser(coordinator).get(f"/themes/{theme.id}/publish")

    assert answer.status_code == 409
    assert "Still missing: what you want in return." in text_of(answer)


def test_a_draft_saves_itself_while_one_types(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host, publish=False)
    client = browser(coordinator)
    values = form_values(client.get(f"/themes/{theme.id}/edit")) | {"title": ["Half a ti"]}

    answer = client.post(f"/themes/{theme.id}/edit", data=values, headers={"Accept": "application/json"})

    db.session.refresh(theme)
    assert answer.json == {"version": theme.version}
    assert theme.title == "Half a ti"
    values["title"] = ["Half another"]
    answer = client.post(f"/themes/{theme.id}/edit", data=values, headers={"Accept": "application/json"})
    assert answer.status_code == 409


# Stale forms and wrong states


def test_windows_in_another_order_are_the_same_and_other_windows_are_shown(
    browser: Any, coordinator: User, host: Organisation
) -> None:
    theme = make_theme(by=coordinator, host=host, publish=False, windows=[make_window(), make_window(90)])
    client, address = browser(coordinator), f"/themes/{theme.id}/edit"
    one, other = form_values(client.get(address)), form_values(client.get(address))
    assert client.post(address, data=one | {"summary": ["Saved."]}).status_code == 303
    swapped = {f"windows-{1 - at}-{name}": other[f"windows-{at}-{name}"] for at in (0, 1) for name in Window._fields}
    assert client.post(address, data=other | {"summary": ["Saved."]} | swapped).status_code == 303

    without = {f"windows-1-{name}": [""] for name in Window._fields}
    conflict = client.post(address, data=other | {"summary": ["Saved."]} | without)

    assert conflict.status_code == 409
    stored = "; ".join(f"{each.first_day}, {each.last_day}, {each.apply_by}" for each in theme.windows)
    assert stored in text_of(conflict)


def test_a_stale_form_keeps_what_was_typed(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host)
    client = browser(coordinator)
    stale = form_values(client.get(f"/themes/{theme.id}/revise")) | {"title": ["Mine"]}
    operations.revise(theme, by=coordinator, title="Theirs")

    answer = client.post(f"/themes/{theme.id}/revise", data=stale)

    assert answer.status_code == 409
    assert "You changed this in another tab" in text_of(answer)
    assert "Changed: title." in text_of(answer)
    values = form_values(answer)
    assert values["title"] == ["Mine"]
    db.session.refresh(theme)
    assert theme.title == "Theirs"
    assert client.post(f"/themes/{theme.id}/revise", data=values).status_code == 303
    db.session.refresh(theme)
    assert theme.title == "Mine"


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999", "１"])
def test_a_version_that_never_was_is_stale(browser: Any, coordinator: User, host: Organisation, version: str) -> None:
    theme = make_theme(by=coordinator, host=host, publish=False)
    values = {"title": "Mine", "programme_id": theme.programme_id, "version": version}

    assert browser(coordinator).post(f"/themes/{theme.id}/edit", data=values).status_code == 409


def test_what_confirmed_guests_rely_on_is_said_at_the_field(browser: Any, coordinator: User, host: Organisation) -> None:
    first, _last, _apply_by = window = make_window()
    theme = make_theme(by=coordinator, host=host, places=2, windows=[window])
    organisation = make_organisation()
    db.session.add(
        Application(
            theme_id=theme.id,
            guest=make_member(organisation, Role.GUEST),
            guest_organisation=organisation,
            state="confirmed",
            offered_first_day=first,
            offered_last_day=first + timedelta(days=2),
        )
    )
    operations.take_place(theme)
    client = browser(coordinator)
    values = form_values(client.get(f"/themes/{theme.id}/revise"))
    for name in ("first_day", "last_day", "apply_by"):
        values[f"windows-0-{name}"] = [""]

    answer = client.post(f"/themes/{theme.id}/revise", data=values)

    assert answer.status_code == 422
    assert "A confirmed application relies on these days" in text_of(answer)


def test_an_action_out_of_state_says_what_is_possible(browser: Any, coordinator: User, host: Organisation) -> None:
    theme = make_theme(by=coordinator, host=host)
    client = browser(coordinator)

    answer = client.post(f"/themes/{theme.id}/edit", data={"title": "Typed before", "version": str(theme.version)})

    assert answer.status_code == 409
    page = text_of(answer)
    assert "This theme is published" in page
    assert "Revise" in page
    assert "Typed before" in answer.text


@pytest.mark.parametrize("action", ["close", "archive"])
def test_actions_have_their_page(browser: Any, coordinator: User, host: Organisation, action: str) -> None:
    theme = make_theme(by=coordinator, host=host, publish=action == "close")
    client = browser(coordinator)
    values = form_values(client.get(f"/themes/{theme.id}/{action}"))

    answer = client.post(f"/themes/{theme.id}/{action}", data=values)

    assert answer.status_code == 303
    db.session.refresh(theme)
    assert theme.state == {"close": "closed", "archive": "archived"}[action]
    assert client.post(f"/themes/{theme.id}/{action}", data=values).status_code in (303, 409)


# My themes


def test_my_themes_are_those_of_my_organisation(browser: Any, coordinator: User, host: Organisation) -> None:
    make_theme(title="Somebody else's")
    make_theme(by=coordinator, host=host, title="A draft", publish=False)
    theme = make_theme(by=coordinator, host=host, title="An open one")
    organisation = make_organisation()
    for state in ("submitted", "accepted", "confirmed", "declined", "draft"):
        guest = make_member(organisation, Role.GUEST)
        db.session.add(Application(theme_id=theme.id, guest=guest, guest_organisation=organisation, state=state))

    page = text_of(browser(coordinator).get("/themes/mine"))

    assert "Somebody else" not in page
    assert re.search(r"2 themes, the newest first Published An open one .* 2 open applications, 1 confirmed", page)
    assert re.search(r"Draft A draft .* No open application, 0 confirmed", page)


def test_my_themes_may_be_none(browser: Any, coordinator: User) -> None:
    assert "You have no theme yet" in text_of(browser(coordinator).get("/themes/mine"))
