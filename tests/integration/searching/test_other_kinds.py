"""What else the search finds: payment batches, questionnaires that were asked, success stories of others, experts."""

import pytest
from flask import Flask

from mobility.consents import operations as consents
from mobility.core.database import db
from mobility.followup.models import QuestionnaireRequest
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.searching import queries as searching
from tests.support.client import Visitor
from tests.support.experts import make_expert
from tests.support.factories import coordinator_of, make_guest, make_member, make_organisation, make_user
from tests.support.html import text_of
from tests.support.queries import queries
from tests.support.stories import telling
from tests.support.tills import make_till

pytestmark = pytest.mark.usefixtures("db_session")


def finds(person: User, search: str) -> dict[str, list[str]]:
    return {group.label: [hit.title for hit in group.hits] for group in searching.found(search, person)}


# Payment batches


def test_a_payment_batch_is_found_by_those_who_have_to_do_with_money() -> None:
    till = make_till()
    till.programme.name = "Alpine Money"
    batch = till.collect()
    elsewhere = make_till().collector
    db.session.commit()
    title = f"Payment batch {batch.reference}"
    for person in (till.collector, till.approver, till.owner, till.auditor):
        for search in (batch.reference, batch.reference.lower(), "alpine money", batch.collected_by.name):
            assert title in finds(person, search).get("Payment batches", []), (person.name, search)
    for person in (till.assessor, elsewhere, till.holder, make_user(is_administrator=True)):
        assert "Payment batches" not in finds(person, batch.reference), person.name
        assert title not in finds(person, "alpine").get("Payment batches", []), person.name


# Questionnaires that were asked


def test_a_questionnaire_is_found_by_whom_it_is_asked_of_and_by_those_who_follow_up() -> None:
    told = telling()
    told.asked.exchange.theme.title = "Heat from rivers"
    told.answered("month_12", story="yes")
    asked = db.session.query(QuestionnaireRequest).filter_by(respondent_id=told.guest.id)
    request = asked.order_by(QuestionnaireRequest.id.desc()).first()
    title = request.questionnaire.title
    coordinator = make_member(request.organisation, Role.COORDINATOR)
    db.session.commit()
    for person in (told.guest, coordinator, told.owner):
        for search in ("heat rivers", "river Danube", title):
            assert title in finds(person, search)["Questionnaires"], (person.name, search)
    for person in (told.reviewer, told.host, make_guest(), make_user(is_administrator=True)):
        assert "Questionnaires" not in finds(person, "river Danube"), person.name


def test_what_is_beside_a_questionnaire_says_about_what_and_of_whom() -> None:
    told = telling()
    told.answered("month_12", story="yes")
    group = next(each for each in searching.found("danube", told.guest) if each.label == "Questionnaires")
    theme, home = told.asked.exchange.theme.title, told.asked.exchange.guest_organisation.name
    assert [hit.beside for hit in group.hits] == [f"{theme}: {told.guest.name}, {home}"] * len(group.hits)


# Success stories


def test_a_public_story_is_found_by_everybody_by_its_title_and_its_names(visitor: Visitor) -> None:
    told = telling()
    story = told.published()
    reader = make_user()
    db.session.commit()
    for search in ("price list", "Mur Valley", "graz", "danube tech", "Bratislava plant"):
        assert finds(reader, search)["Success stories"] == ["A price list for the test plant"], search
    page = visitor(reader).get("/search?q=danube+price")
    assert f'href="/stories/a-price-list-for-the-test-plant-{story.id}"' in page.text
    assert "Danube Tech, Bratislava, Slovakia; Mur Valley Cluster, Graz, Austria" in text_of(page)


def test_whoever_has_a_part_in_a_story_finds_it_once() -> None:
    told = telling()
    told.published()
    for person in (told.guest, told.host, told.reviewer, told.owner):
        found = finds(person, "price list plant")
        assert found["Your success stories"] == ["A price list for the test plant"], person.name
        assert "Success stories" not in found, person.name


def test_a_story_without_names_is_not_found_by_them(visitor: Visitor) -> None:
    told = telling()
    told.recommended()
    told.agree(told.guest, "without")
    told.agree(told.host, "with_names")
    reader = make_user()
    db.session.commit()
    assert finds(reader, "price list")["Success stories"] == ["A price list for the test plant"]
    for search in ("Mur Valley", "graz", "danube", "Bratislava", "price Danube", told.asked.exchange.theme.title):
        assert "Success stories" not in finds(reader, search), search
    page = text_of(visitor(reader).get("/search?q=price+list"))
    assert "Slovakia" in page
    for name in ("Danube", "Mur Valley", "Graz", "Bratislava"):
        assert name not in page


def test_a_story_that_is_not_public_is_found_by_nobody_else() -> None:
    told = telling()
    told.recommended()
    told.agree(told.guest)
    assert "Success stories" not in finds(make_user(), "price list")
    told.agree(told.host)
    assert "Success stories" in finds(make_user(), "price list")
    consents.change_consent(told.asked.exchange, side="host", publish="no", by=told.host)
    assert "Success stories" not in finds(make_user(), "price list")


# Experts


def test_experts_are_found_by_name_place_and_what_they_say_of_themselves(visitor: Visitor) -> None:
    expert = make_expert(make_organisation(name="Kranj Hub", country="SI", city="Kranj"), name="Žiga Novak")
    expert.about = "Twenty years of financing test plants."
    reader = make_user()
    db.session.commit()
    for search in ("ziga", "Kranj novak", "hub", "financing plants"):
        assert finds(reader, search)["Experts"] == ["Žiga Novak"], search
    page = visitor(reader).get("/search?q=ziga")
    assert f'href="/experts?text=ziga#expert-{expert.id}"' in page.text
    listed = visitor(reader).get("/experts?text=ziga")
    assert f'id="expert-{expert.id}"' in listed.text
    assert "No expert matches" in visitor(reader).get("/experts?text=nobody").text
    assert expert.person.email not in page.text + listed.text
    expert.person.active = False
    db.session.commit()
    assert "Experts" not in finds(reader, "ziga")


# How many queries


def test_as_many_queries_for_one_of_each_as_for_thirty(app: Flask, visitor: Visitor) -> None:
    told = telling()
    told.published()
    reader, counts = visitor(make_member(make_organisation(), Role.GUEST)), []
    for more in (1, 2, 27):
        for _ in range(more):
            make_expert(name="Plant Expert")
        db.session.commit()
        with queries() as asked:
            assert "A price list" in reader.get("/search?q=plant").text
        counts.append(asked.count)
    assert counts == [18, 18, 18]  # two more than where there is no story: what both sides say of it


# Too long a search, in each list


LONG = "a" * 10_000
LISTS = {  # by hand: address -> the field
    "/applications": "text",
    "/exchanges": "text",
    "/vouchers": "text",
    "/experts": "text",
    "/themes": "q",
    "/join": "q",
    "/admin/organisations": "q",
    "/admin/people": "q",
    "/outbox": "search",
    "/audit": "who",
    "/audit?": "about",
    "/audit/readings": "who",
    "/audit/readings?": "whose",
    "/programmes/{programme}/desk": "text",
    "/admin/organisations/{organisation}/merge": "q",
}


@pytest.mark.parametrize("address", LISTS)
def test_too_long_a_search_is_said_at_its_field(visitor: Visitor, address: str) -> None:
    till, name = make_till(), LISTS[address]
    person = make_member(till.programme, Role.OWNER, is_administrator=True)
    db.session.commit()
    path = address.rstrip("?").format(programme=till.programme.id, organisation=make_organisation().id)
    db.session.commit()
    answer = visitor(person).get(path, query_string={name: LONG})
    assert answer.status_code == 422, path
    assert "A search has at most 200 characters" in text_of(answer)
    assert f'aria-describedby="{name}-error"' in answer.text or f'{name}-error"' in answer.text
    assert LONG in answer.text  # nothing typed is lost
    assert answer.text.count(LONG) == 1  # nor carried along by links
    assert visitor(person).get(path, query_string={name: "a" * 200}).status_code == 200


@pytest.mark.parametrize(("address", "file"), [("/exchanges", "exchanges.csv"), ("/experts", "experts.xlsx")])
def test_no_file_of_everything_comes_of_too_long_a_search(visitor: Visitor, address: str, file: str) -> None:
    answer = visitor(make_user()).get(address, query_string={"text": LONG, "file": file})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_too_long_a_search_decides_on_nothing(visitor: Visitor) -> None:
    """All that a filter finds can be decided on: not all there is, since the filter was refused."""
    till = make_till()
    owner = visitor(till.owner)
    address = f"/programmes/{till.programme.id}/desk/review"
    assert owner.get(address, query_string={"choice": "all", "show": "all"}).status_code == 200
    answer = owner.get(address, query_string={"choice": "all", "show": "all", "text": LONG})
    assert answer.status_code == 422
    assert "at most 200 characters" in text_of(answer)


def test_a_host_is_not_troubled_by_it(visitor: Visitor) -> None:
    """The list stands below, whole, as with a day that is none."""
    told = telling()
    title = told.asked.exchange.theme.title
    answer = visitor(coordinator_of(told.asked.exchange.theme)).get("/exchanges", query_string={"text": LONG})
    assert title in answer.text
