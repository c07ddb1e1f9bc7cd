"""The owner's editor: add, reword, move, take out, only if, preview, publish; and two who edit at once."""

from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.questionnaires.items import (
    KINDS,
)
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import furnish
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_programme
from tests.support.forms import values_of


@pytest.fixture
def programme(db_session: Any) -> Programme:
    programme = make_programme()
    furnish(programme)
    db_session.commit()
    return programme


@pytest.fixture
def owner(programme: Programme, visitor: Visitor) -> Client:
    return visitor(make_member(programme, Role.OWNER, name="Olga Owner"))


def of(programme: Programme, key: str = "month_3", rest: str = "") -> str:
    return f"/programmes/{programme.id}/questionnaires/{key}{rest}"


def questionnaire(key: str = "month_3") -> Questionnaire:
    db.session.expire_all()
    return db.session.scalars(select(Questionnaire).where(Questionnaire.key == key)).one()


def keys(key: str = "month_3") -> list[str]:
    return [each.key for each in questionnaire(key).edited]


def press(owner: Client, programme: Programme, button: str, key: str = "month_3", **hidden: Any) -> Any:
    seen = {"seen": questionnaire(key).version}
    return owner.post(of(programme, key, f"/{button}"), data=seen | hidden)


def send(owner: Client, address: str, **typed: Any) -> Any:
    page = owner.get(address)
    assert page.status_code == 200, page.text
    return owner.post(address, data=values_of(page) | typed)


def test_from_a_new_item_to_the_published_version(owner: Client, programme: Programme) -> None:
    assert "Three months later" in owner.get(f"/programmes/{programme.id}/questionnaires").text
    assert all(label in owner.get(of(programme, rest="/new")).text for label in KINDS.values())
    added = send(
        owner,
        of(programme, rest="/new?kind=choice"),
        text_="Which room did you like?",
        lines="The lab\nThe hall\n\nThe lab",
        only_if="obstacles=other",
    )
    assert added.location == of(programme, rest="#item-which_room_did_you")
    item = questionnaire().edited[-1]
    assert [each.label for each in item.options] == ["The lab", "The hall"]
    assert item.only_if is not None
    assert (item.only_if.item, item.only_if.answers) == ("obstacles", ("other",))
    page = owner.get(of(programme)).text
    assert "Changed, not published" in page
    assert "Only if you answered “What stands in the way?” with “Something else”." in page
    assert questionnaire().newest.number == 1
    shown = owner.get(of(programme, rest="/preview")).text
    for words in ("This is how the guest will see it", "Which room did you like?", "The first objective of the agreement"):
        assert words in shown
    assert press(owner, programme, "publish").status_code == 303
    found = questionnaire()
    assert (found.newest.number, found.draft, len(found.versions)) == (2, None, 2)
    assert found.newest.published_by is not None
    assert found.newest.published_by.name == "Olga Owner"
    assert found.newest.items[-1] == item
    assert "Nothing has changed" in press(owner, programme, "publish").text


def test_items_are_moved_with_buttons(owner: Client, programme: Programme) -> None:
    before = keys()
    assert press(owner, programme, "move", item=before[1], to="up").status_code == 303
    assert keys() == [before[1], before[0], *before[2:]]
    assert press(owner, programme, "move", item=before[1], to="down").status_code == 303
    assert keys() == before
    assert press(owner, programme, "move", item="nothing", to="up").status_code == 404
    assert press(owner, programme, "discard").status_code == 303
    assert questionnaire().draft is None


def test_what_rests_on_a_later_item_is_not_published(owner: Client, programme: Programme) -> None:
    press(owner, programme, "move", item="obstacles_other", to="up")
    assert "that does not come before it" in owner.get(of(programme)).text
    refused = press(owner, programme, "publish")
    assert refused.status_code == 422
    assert "that does not come before it" in refused.text
    assert questionnaire().newest.number == 1


def test_taking_out_names_the_figures_that_go_with_it(owner: Client, programme: Programme) -> None:
    address = of(programme, "month_12", "/items/anyway/take-out")
    page = owner.get(address).text
    assert "These figures go with it" in page
    assert "Additionality" in page
    assert "No figure rests on it" in owner.get(of(programme, "month_12", "/items/story/take-out")).text
    assert send(owner, address).status_code == 303
    assert "anyway" not in keys("month_12")
    assert "Add it again" in owner.get(of(programme, "month_12")).text
    assert press(owner, programme, "add-back", "month_12", item="anyway").status_code == 303
    assert keys("month_12")[-1] == "anyway"
    assert press(owner, programme, "add-back", "month_12", item="anyway").status_code == 404


def test_a_standard_item_is_reworded_but_keeps_its_options(owner: Client, programme: Programme) -> None:
    address = of(programme, "month_12", "/items/anyway")
    page = owner.get(address)
    assert "Figures rest on its answers: Additionality" in page.text
    assert 'name="lines"' not in page.text
    assert send(owner, address, text_="And without us?", lines="Yes\nNo").status_code == 303
    [item] = [each for each in questionnaire("month_12").edited if each.key == "anyway"]
    assert (item.text, [each.key for each in item.options]) == ("And without us?", ["same", "later", "smaller", "not_at_all"])


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("choice", {"text_": "Which?", "lines": "One"}, "Enter 2 to 20, one on each line."),
        ("choice", {"text_": "Which?", "lines": "\n".join(map(str, range(21)))}, "Enter 2 to 20, one on each line."),
        ("choice", {"text_": "Which?", "lines": "a\n" + "b" * 201}, "Keep each line to 200 characters."),
        ("text", {"text_": ""}, "Please fill this in."),
        ("text", {"text_": "x" * 301}, "Keep this to 300 characters."),
        ("text", {"text_": "What?", "only_if": "nothing"}, "from the list"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    owner: Client, programme: Programme, kind: str, typed: dict[str, str], words: str
) -> None:
    answer = send(owner, of(programme, rest=f"/new?kind={kind}"), **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert questionnaire().draft is None


def test_of_two_tabs_the_slower_gets_409_with_everything_typed(owner: Client, programme: Programme) -> None:
    address = of(programme, rest="/items/shared")
    first, second = values_of(owner.get(address)), values_of(owner.get(address))
    assert owner.post(address, data=first | {"text_": "First words"}).status_code == 303
    late = owner.post(address, data=second | {"text_": "Second words"})
    assert late.status_code == 409
    assert "Second words" in late.text
    assert "This has changed since you opened it." in late.text
    assert owner.post(address, data=values_of(late)).status_code == 303
    assert "Second words" in owner.get(of(programme)).text
    old = {"seen": second["seen"], "item": "shared", "to": "up"}
    for button in ("move", "publish", "discard", "add-back"):
        assert owner.post(of(programme, rest=f"/{button}"), data=old).status_code in (404, 409), button
    assert owner.post(of(programme, rest="/publish"), data={"seen": "x"}).status_code == 409


def test_title_and_days(owner: Client, programme: Programme) -> None:
    address = of(programme, rest="/settings")
    assert send(owner, address, months="3, 9 and 18", days="2", answer_days="", is_asked="").status_code == 303
    found = questionnaire()
    assert (found.months, found.days, found.answer_days, found.days_to_answer) == ([3, 9, 18], 2, None, 14)
    assert "3 months and 9 months and 18 months and 2 days after the last day of the visit" in owner.get(of(programme)).text
    assert send(owner, address, months="1", days="1", answer_days="1").status_code == 303
    when = "1 month and 1 day after the last day of the visit"
    assert when in owner.get(of(programme)).text
    assert f"Asked of the guest {when}, with 1 day to answer." in owner.get(f"/programmes/{programme.id}/questionnaires").text
    for wrong in ("soon", "0", "61", "-3"):
        assert send(owner, address, months=wrong).status_code == 422, wrong
    assert send(owner, address, answer_days="91").status_code == 422
    assert send(owner, address, answer_days="21", title="  ").status_code == 422


def test_only_the_programme_s_owner_edits(programme: Programme, visitor: Visitor, clock: ModuleType) -> None:
    auditor, other = visitor(make_member(programme, Role.AUDITOR)), visitor(make_member(make_programme(), Role.OWNER))
    assessor = visitor(make_member(programme, Role.ASSESSOR))
    pages = ("", "/preview", "/settings", "/new", "/items/shared", "/items/shared/take-out")
    assert [auditor.get(of(programme, rest=each)).status_code for each in pages] == [200, 200, 404, 404, 404, 404]
    for stranger in (other, assessor):
        assert {stranger.get(of(programme, rest=each)).status_code for each in pages} == {404}
    version = questionnaire().version
    for person in (auditor, other, assessor):
        for button in ("move", "publish", "discard", "add-back", "settings"):
            sent = {"seen": version, "item": "shared", "to": "up"}
            assert person.post(of(programme, rest=f"/{button}"), data=sent).status_code == 404
    assert questionnaire().draft is None


def test_a_list_of_questionnaires_takes_the_same_queries(owner: Client, programme: Programme, queries: Any) -> None:
    address = f"/programmes/{programme.id}/questionnaires"
    owner.get(address)
    with queries() as q:
        owner.get(address)
    assert q.count == 4, q
