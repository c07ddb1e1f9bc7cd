"""Agreeing to be asked, pausing and stopping; and the list of those who agree."""

from typing import Any

import pytest

from mobility.core.database import db
from mobility.experts import queries
from mobility.experts.models import Expert
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.experts import make_expert
from tests.support.factories import end_roles, make_member, make_membership, make_organisation, make_programme, make_user
from tests.support.forms import values_in
from tests.support.html import text_of
from tests.support.queries import queries as counted

HERE = "/account/expert"
SAID: dict[str, Any] = {
    "roles": ["reviewer", "mentor"],
    "topics": ["startups", "talent"],
    "sectors": ["food"],
    "languages": ["de", "en"],
    "about": "Шест года смо градили 🏗",
}


@pytest.fixture
def person(db_session: Any) -> User:
    return make_member(make_organisation(name="Mur Cluster"), Role.GUEST, name="Ada Novak")


@pytest.fixture
def hers(visitor: Visitor, person: User) -> Client:
    return visitor(person)


def filled(page: Any) -> dict[str, Any]:
    """What the page's form would send (the button to stop is in a form of its own, after it)."""
    return values_in(page.text.partition("What it means")[0])


def send(hers: Client, **typed: Any) -> Any:
    """Several boxes of one name are ticked as in SAID."""
    boxes = {name: SAID[name] for name in ("roles", "topics", "sectors", "languages")}
    return hers.post(HERE, data=filled(hers.get(HERE)) | boxes | typed)


def found(hers: Client, address: str = "/experts") -> str:
    page = hers.get(address)
    assert page.status_code == 200
    return text_of(page).replace(" ,", ",")


def test_agree_then_change_then_stop(hers: Client, person: User, visitor: Visitor) -> None:
    assert send(hers, **SAID).status_code == 303
    expert = queries.of_person(person.id)
    assert expert
    assert (expert.as_reviewer, expert.as_mentor, expert.topics) == (True, True, ["startups", "talent"])
    assert (sorted(expert.languages), expert.about) == (["de", "en"], SAID["about"])
    page = hers.get(HERE)
    assert "You are in the list of experts" in page.text
    assert filled(page)["about"] == SAID["about"]
    other = visitor(make_user())
    words = found(other)
    for each in ("Ada Novak", "Mur Cluster, Austria", "Start-ups and entrepreneurship", "Food and drink", "English, German", "🏗"):
        assert each in words
    assert person.email not in other.get("/experts").text
    assert send(hers, roles=["mentor"]).status_code == 303
    db.session.expire_all()
    assert (expert.as_reviewer, expert.as_mentor) == (False, True)
    for _ in range(2):
        assert hers.post(f"{HERE}/stop").status_code == 303
    assert queries.of_person(person.id) is None
    assert "Nobody is listed yet" in found(other)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"roles": []}, "Choose at least one. If you do not want"),
        ({"topics": [], "sectors": []}, "Choose at least one topic or sector"),
        ({"topics": ["startups", "talent", "skills", "foresight", "evaluation", "governance_bodies"]}, "at most 5; these are 6"),
        ({"sectors": ["food", "wood", "water", "metal", "media", "sport"]}, "at most 5; these are 6"),
        ({"topics": ["<script>"]}, "Choose from the list"),
        ({"languages": []}, "Choose at least one language"),
        ({"languages": ["xx"]}, "Choose from the list"),
        ({"about": "n" * 601}, "Keep this to 600 characters"),
        ({"not_before": "2027-03-01"}, "Choose a day to come"),
        ({"not_before": "soon"}, "Choose a day, or enter it as"),
        ({"organisation_id": "999"}, ""),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    hers: Client, person: User, typed: dict[str, Any], message: str
) -> None:
    answer = send(hers, **SAID | typed)
    if not message:  # of one organisation there is nothing to choose
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert (typed.get("about") or SAID["about"]) in answer.text
    assert queries.of_person(person.id) is None


def test_a_pause_is_told_and_passes(hers: Client, person: User, visitor: Visitor, clock: Any) -> None:
    send(hers, **SAID, not_before="2027-04-01")
    assert "Not before 1 April 2027" in found(hers)
    assert filled(hers.get(HERE))["not_before"] == "2027-04-01"
    clock.move(days=31)
    hers = visitor(person)
    assert "Not before" not in found(hers)
    assert filled(hers.get(HERE))["not_before"] == ""
    assert send(hers).status_code == 303


def test_two_tabs_do_not_overwrite_each_other(hers: Client, person: User) -> None:
    first = filled(hers.get(HERE)) | SAID
    assert hers.post(HERE, data=first).status_code == 303
    slower = hers.post(HERE, data=first | {"about": "Something else"})
    assert slower.status_code == 409
    assert "Something else" in slower.text
    assert f"In your own words, as saved now: {SAID['about']}" in text_of(slower)
    assert hers.post(HERE, data=first | filled(slower)).status_code == 303
    db.session.expire_all()
    expert = queries.of_person(person.id)
    assert expert
    assert expert.about == "Something else"


def test_who_acts_for_several_organisations_chooses(visitor: Visitor, person: User) -> None:
    other = make_organisation(name="Raab Cluster", country="HU", city="Győr")
    make_membership(person, other, Role.HOST)
    db.session.commit()
    hers = visitor(person)
    assert send(hers, **SAID, organisation_id=str(other.id)).status_code == 303
    assert "Raab Cluster, Hungary" in found(hers)
    assert send(hers, organisation_id="7777").status_code == 422


def test_who_has_left_is_not_listed_and_reads_why(hers: Client, person: User) -> None:
    send(hers, **SAID)
    left = person.current_memberships[0].organisation
    end_roles(person)
    assert "Nobody is listed yet" in found(hers)
    assert "You act for no organisation" in hers.get(HERE).text
    assert hers.post(HERE, data={"roles": ["mentor"]}).status_code == 200  # nothing is stored
    make_membership(person, make_organisation(), Role.GUEST)
    assert left
    assert "You act for Mur Cluster no longer, so you are not in the list now" in text_of(hers.get(HERE))
    assert send(hers).status_code == 303
    assert "1 expert" in found(hers)


def test_a_closed_account_is_not_listed(hers: Client, db_session: Any) -> None:
    make_expert(name="Gone").person.active = False
    db_session.commit()
    assert "Gone" not in found(hers)


def test_nobody_without_an_organisation_is_listed(visitor: Visitor, db_session: Any) -> None:
    owner = make_member(make_programme(), Role.OWNER)
    assert "You act for no organisation" in visitor(owner).get(HERE).text


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("", ["Ada", "Bo", "Cleo"]),
        ("?topic=talent", ["Bo"]),
        ("?sector=food", ["Cleo"]),
        ("?language=sl", ["Cleo"]),
        ("?place=SI", ["Ada", "Bo"]),
        ("?place=AT-6", ["Cleo"]),
        ("?place=AT", ["Cleo"]),
        ("?role=mentor", ["Ada", "Bo"]),
        ("?role=reviewer&place=SI", ["Ada"]),
        ("?topic=nothing&role=king&place=XX&language=xx&sector=<b>&page=-1", ["Ada", "Bo", "Cleo"]),
        ("?topic=talent&place=AT", []),
    ],
)
def test_the_list_is_searched_by_the_address(visitor: Visitor, db_session: Any, address: str, names: list[str]) -> None:
    make_expert(name="Ada")
    make_expert(name="Bo", topics=["talent"], as_reviewer=False)
    styria = make_organisation(region="AT-6")
    make_expert(styria, name="Cleo", sectors=["food"], languages=["en", "sl"], as_mentor=False)
    page = found(visitor(make_user()), f"/experts{address}")
    assert [name for name in ("Ada", "Bo", "Cleo") if f"{name} Organisation" in " ".join(page.split())] == names
    assert ("No expert matches" in page) is (not names)


def test_strangers_sign_in_first(client: Client, db_session: Any) -> None:
    for address in ("/experts", HERE):
        assert client.get(address).location.startswith("/sign-in")
    assert client.post(f"{HERE}/stop").status_code in {302, 303, 401}


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_needs_a_constant_number_of_queries(visitor: Visitor, db_session: Any, count: int) -> None:
    hers = visitor(make_user())
    for number in range(count):
        make_expert(name=f"Expert {number}")
    db_session.commit()
    with counted() as seen:
        page = hers.get("/experts")
    assert page.status_code == 200
    assert seen.count == 5, seen
    assert db.session.query(Expert).count() == count
