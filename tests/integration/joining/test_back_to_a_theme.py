"""Whoever registers from the page of a theme is led back to it: by the mail, in another browser, and once they have joined."""

import re
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.core.links import signer
from mobility.joining import operations
from mobility.joining.goals import Goal, goal_at
from mobility.joining.models import JoinRequest
from mobility.joining.operations import PURPOSE
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from tests.support.client import Visitor
from tests.support.factories import make_member, make_organisation, make_theme, make_user
from tests.support.forms import values_of
from tests.support.html import text_of

ME = {"name": "Ana Zupan", "level": "cluster_manager", "password": "three unrelated words"}
ELSEWHERE = (
    "https://evil.example/themes/1",
    "//evil.example/themes/1",
    "/\\evil.example/themes/1",
    "javascript:x",
    "/admin",
    "/themes/0",
)


@pytest.fixture
def theme(db_session: Any) -> Theme:
    host = make_organisation(name="Mur Cluster")
    made = make_theme(by=make_member(host, Role.COORDINATOR), host=host, title="Audits that help")
    db.session.commit()
    return made


def mail(kind: str) -> str:
    return db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.kind == kind)).one()


def link_on(page: Any, words: str) -> str:
    """The address behind these words."""
    found = re.search(rf'href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?\s*{words}', page.text, re.DOTALL)
    assert found, page.text
    return found[1].replace("&amp;", "&")


def test_from_a_themes_page_and_back_to_it(theme: Theme, app: Any, clock: ModuleType) -> None:
    here, home = f"/themes/{theme.id}", make_organisation(name="Drau Cluster", country="PT")
    coordinator = make_member(home, Role.COORDINATOR)
    db.session.commit()
    stranger = app.test_client()
    sign_in = stranger.get(link_on(stranger.get(here), "Sign in to apply"))
    form = stranger.get(link_on(sign_in, "Register"))
    assert "leads you back to “Audits that help”" in text_of(form)
    clock.move(seconds=10)
    stranger.post(form.request.full_path, data=values_of(form) | {"email": "ana@drau.pt"})
    letter = mail("registration")
    assert "Audits that help" in letter
    address = re.search(r"http://localhost(/register/\S+)", letter)
    assert address
    another = app.test_client()  # the mail is read in another browser
    page = another.get(address[1])
    found = another.get(another.post(address[1], data=values_of(page) | ME).location)
    assert "You came for “Audits that help”" in text_of(found)
    assert f'href="{here}"' in found.text
    searched = another.get(f"{found.request.full_path}&q=drau")
    ask = link_on(searched, "Ask to join")
    another.post(ask, data=values_of(another.get(ask)) | {"role": "guest"})
    asked = db.session.scalars(select(JoinRequest)).one()
    assert link_on(another.get("/"), "See the theme") == here
    assert f"You have asked to join {home.name}" in text_of(another.get(here))
    operations.accept(asked, by=coordinator)
    db.session.commit()
    told = mail("join_accepted")
    assert "You came for “Audits that help”: now you can apply." in told
    link = re.search(r"http://localhost(/go/\S+)", told)
    assert link
    assert another.get(link[1]).location == here
    assert link_on(another.get("/"), "Go to the theme") == here
    assert link_on(another.get(f"/joinings/{asked.id}"), "Go to “Audits that help”") == here
    assert link_on(another.get(here), "Apply") == f"{here}/apply"


def test_a_known_address_is_led_back_by_signing_in(theme: Theme) -> None:
    person = make_user(email="ana@drau.pt")
    operations.ask_to_register("ana@drau.pt", goal_at(f"/themes/{theme.id}/apply"))
    db.session.commit()
    token = mail("registration_known").split("/go/")[1].split()[0]
    assert signer("link").loads(token) == [person.id, f"/sign-in?next=/themes/{theme.id}"]


def test_somebody_who_is_nowhere_yet_is_led_to_joining(theme: Theme, visitor: Visitor) -> None:
    person = make_user()
    db.session.commit()
    way = link_on(visitor(person).get(f"/themes/{theme.id}"), "Join your organisation to apply")
    assert "You came for “Audits that help”" in text_of(visitor(person).get(way))


@pytest.mark.parametrize("address", ELSEWHERE)
def test_it_never_leads_anywhere_else(theme: Theme, client: Any, address: str) -> None:
    assert goal_at(address) is None
    page = client.get("/register", query_string={"next": address})
    assert (page.status_code, "evil" in page.text.split("<main")[1]) == (200, False)
    token = signer(PURPOSE).dumps(["ana@drau.pt", 4_000_000_000, address])  # even if it were signed
    answer = client.post(f"/register/{token}", data=values_of(client.get(f"/register/{token}")) | ME)
    assert (answer.status_code, answer.location) == (303, "/join")


def test_a_link_mailed_by_the_earlier_release_still_opens(theme: Theme, client: Any) -> None:
    token = signer(PURPOSE).dumps(["ana@drau.pt", 4_000_000_000])
    assert client.get(f"/register/{token}").status_code == 200


def test_a_theme_put_away_meanwhile_is_not_named(theme: Theme) -> None:
    home = make_organisation(name="Drau Cluster")
    coordinator, person = make_member(home, Role.COORDINATOR), make_user()
    goal = Goal(f"/themes/{theme.id}", theme.title)
    asked = operations.ask(person, organisation=home, role=Role.GUEST, words="", goal=goal)
    by = db.session.scalars(select(User).where(User.id.in_([each.id for each in theme.host.coordinators()]))).one()
    themes.close(theme, by=by)
    themes.archive(theme, by=by)
    operations.accept(asked, by=coordinator)
    db.session.commit()
    assert "You can look for a theme, and apply." in mail("join_accepted")


def accepted_at(organisation: Any, theme: Theme, role: Role = Role.GUEST) -> User:
    coordinator, person = make_member(organisation, Role.COORDINATOR), make_user()
    asked = operations.ask(person, organisation=organisation, role=role, words="", goal=goal_at(f"/themes/{theme.id}"))
    operations.accept(asked, by=coordinator)
    db.session.commit()
    return person


def test_nobody_is_told_to_apply_to_a_theme_of_their_own_organisation(theme: Theme, visitor: Visitor) -> None:
    person = accepted_at(theme.host, theme)
    assert "You can look for a theme, and apply." in mail("join_accepted")
    assert "now you can apply" not in text_of(visitor(person).get("/"))


def test_whoever_joined_only_to_host_is_not_told_to_apply(theme: Theme, visitor: Visitor) -> None:
    person = accepted_at(make_organisation(), theme, Role.HOST)
    assert "now you can apply" not in text_of(visitor(person).get("/"))


def test_a_theme_closed_meanwhile_is_not_named_as_one_to_apply_to(theme: Theme) -> None:
    home, here = make_organisation(), goal_at(f"/themes/{theme.id}")
    coordinator = make_member(home, Role.COORDINATOR)
    asked = operations.ask(make_user(), organisation=home, role=Role.GUEST, words="", goal=here)
    by = db.session.scalars(select(User).where(User.id.in_([each.id for each in theme.host.coordinators()]))).one()
    themes.close(theme, by=by)
    operations.accept(asked, by=coordinator)
    db.session.commit()
    assert "now you can apply" not in mail("join_accepted")
