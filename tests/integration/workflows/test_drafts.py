"""The draft engine (workflows/drafts.py), on each of the pages that it carries: nothing typed is lost, nothing is done twice."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, render_template

from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.claims import operations as claims
from mobility.claims.models import Claim
from mobility.claims.queries import version_of
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.forms import FormReceipt
from mobility.followup import operations as followup
from mobility.followup.ends import report_of
from mobility.followup.models import AnswerDraft
from mobility.people.models import User
from mobility.questionnaires.operations import furnish
from mobility.stories import operations as stories
from mobility.stories.models import StoryPart, StoryReview
from mobility.stories.workflow import STORY
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import ALL, case, make_case
from tests.support.client import FAULTS, Client, Visitor
from tests.support.followups import ask, visited
from tests.support.forms import at_once, values_of
from tests.support.html import text_of
from tests.support.stories import TEXTS, telling

SCRIPT = {"Accept": "application/json"}


@dataclass
class Kind:
    """A page with nothing stored yet. `field` is one of its texts, `needed` what else has to be sent; `wrong` is refused."""

    person: User
    begin: str
    edit: str
    model: type[Any]
    field: str
    needed: dict[str, str]
    wrong: dict[str, str]
    complete: Callable[[Any], Any]
    send: Callable[[Any], Any]
    sending: dict[str, str]
    open_after_sending: bool = False  # the last sending counts

    def stored(self) -> Any:
        db.session.rollback()
        return db.session.query(self.model).populate_existing().one()

    def text(self) -> str:
        return getattr(self.stored(), self.field)

    def version(self) -> int | None:
        return self.stored().version

    def address(self) -> str:
        return self.edit.format(self.stored().id)

    def typed(self, page: Any, text: str, **more: str) -> dict[str, Any]:
        return values_of(page) | self.needed | {self.field: text} | more


def a_theme() -> Kind:
    factories.make_call(factories.make_programme())
    person = factories.make_member(factories.make_organisation(), factories.Role.COORDINATOR)

    def complete(theme: Theme) -> None:
        rest = {"learning_offered": "Much.", "benefit_wanted": "A look from outside.", "levels": ["policy_maker"]}
        themes.save(theme, by=person, windows=[factories.make_window()], **rest)

    def publish(theme: Theme) -> None:
        themes.publish(theme, by=person)

    needed, wrong = {"title": "A title"}, {"places": "many"}
    return Kind(person, "/themes/new", "/themes/{}/edit", Theme, "summary", needed, wrong, complete, publish, {})


def an_application() -> Kind:
    person = factories.make_guest()

    def complete(application: Application) -> None:
        application.first_day = application.theme.windows[0].first_day
        application.last_day = application.first_day + timedelta(days=4)
        application.objectives = application.brings = "Much."

    def submit(application: Application) -> None:
        applications.submit(application, by=person)

    begin, edit = f"/themes/{factories.make_theme().id}/apply", "/applications/{}/edit"
    wrong = {"second_name": "Bo", "second_email": "bo at home"}
    return Kind(person, begin, edit, Application, "motivation", {}, wrong, complete, submit, {"act": "submit"})


def a_knowledge_voucher() -> Kind:
    around = case.__wrapped__(db.session)

    def complete(voucher: Voucher) -> None:
        voucher.provider, voucher.price = around.provider, around.given()["price"]

    def request(voucher: Voucher) -> None:
        vouchers.request(voucher, by=around.holder, declarations=ALL)

    wrong = {"price": "a lot"}
    begin, edit = "/vouchers/new", "/vouchers/{}/edit"
    return Kind(around.holder, begin, edit, Voucher, "need", {}, wrong, complete, request, {"act": "go"})


class Reported(Kind):
    """A claim with its report, a draft each: the text is the report's, and the version that of both."""

    def report(self) -> Any:
        db.session.rollback()
        return report_of(self.stored().voucher)

    def text(self) -> str:
        return self.report().known.get(self.field.removeprefix("q-"), "")

    def version(self) -> int | None:
        return version_of(self.stored(), self.report())


def a_claim() -> Kind:
    around = make_case("light")
    furnish(around.programme)
    around.take_to("delivered")
    address = f"/vouchers/{around.voucher.id}/claim"

    def complete(claim: Claim) -> None:
        report = report_of(claim.voucher)
        assert report is not None
        followup.save_draft(report, {**report.known, "benefit": "yes"})

    def file(claim: Claim) -> None:
        claims.claim(claim.voucher, by=around.holder)

    wrong = {"q-hours": "many"}
    return Reported(around.holder, address, address, Claim, "q-gave", {}, wrong, complete, file, {"act": "claim"})


class Answers(Kind):
    """Of a questionnaire: their texts stand in one column."""

    def text(self) -> str:
        return self.stored().answers.get(self.field.removeprefix("q-"), "")


def answers() -> Kind:
    case = visited(clock.today() - timedelta(days=7))
    ask()
    asked = case.request()

    def complete(draft: AnswerDraft) -> None:
        draft.answers = {**draft.answers, "met": {"o1": "yes", "o2": "yes"}, "benefit": "yes"}

    def send(draft: AnswerDraft) -> None:
        followup.send(draft.request, by=case.guest)

    address, wrong = f"/followups/{asked.id}/answer", {"q-hours": "many"}
    return Answers(case.guest, address, address, AnswerDraft, "q-gave", {}, wrong, complete, send, {"act": "send"}, True)


class Part(Kind):
    """Of a story: both have their texts in one column."""

    name = STORY

    def stored(self) -> Any:
        db.session.rollback()
        return (
            db.session.query(self.model)
            .populate_existing()
            .filter_by(**{"name": self.name} if self.model is StoryPart else {})
            .one()
        )

    def text(self) -> str:
        return self.stored().texts.get(self.field, "")


def a_story() -> Kind:
    case = telling()
    story = case.begin()
    address = f"/stories/{story.id}/edit"

    def complete(part: StoryPart) -> None:
        part.texts = {**part.texts, **{each: "Much." for each in TEXTS if each != "evidence"}}

    def submit(part: StoryPart) -> None:
        case.submit()

    wrong = {"title": "x" * 200}
    return Part(case.guest, address, address, StoryPart, "evidence", {}, wrong, complete, submit, {"act": "submit"})


def a_review() -> Kind:
    case = telling()
    case.begin()
    case.write()
    story = case.submit()
    address = f"/stories/{story.id}/review"

    def review(typed: StoryReview) -> None:
        case.do(stories.review, case.reviewer, recommend=True)

    wrong = {"took": "x" * 6000}
    return Part(
        case.reviewer, address, address, StoryReview, "whole", {}, wrong, lambda typed: None, review, {"act": "recommend"}
    )


def where_to(page: Any) -> str:
    """The address to which the page's form is sent."""
    return re.findall(r'<form method="post" action="([^"]+)"', page.text)[-1]


KINDS = {
    "theme": a_theme,
    "application": an_application,
    "knowledge voucher": a_knowledge_voucher,
    "claim": a_claim,
    "answers": answers,
    "story": a_story,
    "review": a_review,
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, db_session: Any) -> Kind:
    found = KINDS[request.param]()
    db_session.commit()
    return found


@pytest.fixture
def writer(visitor: Visitor, kind: Kind) -> Client:
    return visitor(kind.person)


@pytest.fixture
def begun(writer: Client, kind: Kind) -> str:
    """The draft's address; "First." is stored."""
    sent = writer.post(kind.begin, data=kind.typed(writer.get(kind.begin), "First."))
    assert sent.status_code == 303
    return kind.address()


def test_looking_writes_nothing(kind: Kind, writer: Client, queries: Any) -> None:
    with queries() as seen:
        assert writer.get(kind.begin).status_code == 200
    assert seen.writes == []


def test_of_two_tabs_the_slower_overwrites_nothing_unseen(kind: Kind, writer: Client, begun: str) -> None:
    one, other = writer.get(begun), writer.get(begun)
    assert writer.post(begun, data=kind.typed(one, "In one tab.")).status_code == 303
    by_itself = writer.post(begun, data=kind.typed(other, "In the other."), headers=SCRIPT)
    assert (by_itself.status_code, kind.text()) == (409, "In one tab.")
    conflict = writer.post(begun, data=kind.typed(other, "In the other."))
    assert (conflict.status_code, kind.text()) == (409, "In one tab.")
    assert "What is stored now" in text_of(conflict)
    assert "In one tab." in text_of(conflict)
    assert values_of(conflict)[kind.field] == "In the other."
    assert writer.post(begun, data=values_of(conflict)).status_code == 303
    assert kind.text() == "In the other."


def test_two_tabs_that_save_by_themselves(kind: Kind, writer: Client, begun: str) -> None:
    one, other = writer.get(begun), writer.get(begun)
    first = writer.post(begun, data=kind.typed(one, "O"), headers=SCRIPT)
    second = writer.post(begun, data=kind.typed(one, "On") | first.get_json(), headers=SCRIPT)
    assert second.get_json()["version"] > first.get_json()["version"]
    late = writer.post(begun, data=kind.typed(other, "Other"), headers=SCRIPT)
    assert (late.status_code, kind.text()) == (409, "On")


def test_the_same_click_twice_leads_to_the_same_place(kind: Kind, writer: Client) -> None:
    page = writer.get(kind.begin)
    first = [writer.post(kind.begin, data=kind.typed(page, "Once.")) for _ in range(3)]
    assert len({(each.status_code, each.location) for each in first}) == 1
    page, version = writer.get(kind.address()), None
    for _ in range(3):
        sent = writer.post(kind.address(), data=kind.typed(page, "Again."))
        assert (sent.status_code, kind.text()) == (303, "Again.")
        assert kind.version() == (version := version or kind.version())


def test_saved_by_itself_and_then_by_the_page_it_began_on(kind: Kind, writer: Client) -> None:
    """The back button brings the page as it was before anything was saved."""
    page = writer.get(kind.begin)
    saved = writer.post(kind.begin, data=kind.typed(page, "Typed."), headers=SCRIPT)
    assert saved.get_json() == {"version": kind.version()}
    assert writer.post(kind.begin, data=kind.typed(page, "Typed.")).status_code == 303
    older = writer.post(kind.begin, data=kind.typed(page, "Typed before."))
    assert (older.status_code, values_of(older)[kind.field], kind.text()) == (409, "Typed before.", "Typed.")
    replaced = writer.post(where_to(older), data=values_of(older))
    assert (replaced.status_code, kind.text()) == (303, "Typed before.")


def test_saved_by_itself_and_then_by_its_button(kind: Kind, writer: Client) -> None:
    page = writer.get(kind.begin)
    saved = writer.post(kind.begin, data=kind.typed(page, "Typed."), headers=SCRIPT).get_json()
    on = writer.post(kind.begin, data=kind.typed(page, "Typed on.") | saved)
    assert (on.status_code, kind.text()) == (303, "Typed on.")


def test_what_is_wrong_is_said_and_the_rest_is_stored(kind: Kind, writer: Client, begun: str) -> None:
    page = writer.post(begun, data=kind.typed(writer.get(begun), "Kept.", **kind.wrong))
    assert (page.status_code, kind.text()) == (422, "Kept.")
    assert values_of(page)[kind.field] == "Kept."
    again = writer.post(begun, data=kind.typed(page, "Mended.", **dict.fromkeys(kind.wrong, "")))
    assert (again.status_code, kind.text()) == (303, "Mended.")


def test_so_it_is_on_the_page_it_began_on(kind: Kind, writer: Client) -> None:
    page = writer.get(kind.begin)
    saved = writer.post(kind.begin, data=kind.typed(page, "Saved."), headers=SCRIPT).get_json()
    wrong = writer.post(kind.begin, data=kind.typed(page, "Kept.", **kind.wrong) | saved)
    assert (wrong.status_code, kind.text(), values_of(wrong)[kind.field]) == (422, "Kept.", "Kept.")
    mended = writer.post(where_to(wrong), data=kind.typed(wrong, "Mended.", **dict.fromkeys(kind.wrong, "")))
    assert (mended.status_code, kind.text()) == (303, "Mended.")


def test_a_script_stores_no_half_of_a_form(kind: Kind, writer: Client, begun: str) -> None:
    page = writer.post(begun, data=kind.typed(writer.get(begun), "Half.", **kind.wrong), headers=SCRIPT)
    assert (page.status_code, kind.text()) == (422, "First.")


def test_an_older_page_with_something_wrong_stores_nothing(kind: Kind, writer: Client, begun: str) -> None:
    old = writer.get(begun)
    writer.post(begun, data=kind.typed(old, "Second."))
    page = writer.post(begun, data=kind.typed(old, "Older.", **kind.wrong))
    assert (page.status_code, kind.text()) == (422, "Second.")
    mended = writer.post(begun, data=kind.typed(page, "Older.", **dict.fromkeys(kind.wrong, "")))
    assert (mended.status_code, kind.text()) == (409, "Second."), "it is still the older page"


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in ("theme", "review")], indirect=True)
def test_a_refused_sending_keeps_everything(kind: Kind, writer: Client) -> None:
    """A theme is published on a page of its own; a review needs nothing but its button."""
    page = writer.post(kind.begin, data=kind.typed(writer.get(kind.begin), "Not complete.", **kind.sending))
    assert (page.status_code, kind.text()) == (422, "Not complete.")
    assert values_of(page)[kind.field] == "Not complete."
    again = writer.post(kind.address(), data=kind.typed(page, "Still not.", **kind.sending))
    assert (again.status_code, kind.text()) == (422, "Still not.")


def test_signed_out_meanwhile(kind: Kind, writer: Client, begun: str, client: Client) -> None:
    typed = kind.typed(writer.get(begun), "Signed out.")
    page = client.post(begun, data=typed)
    assert (page.status_code, "Signed out." in page.text, kind.text()) == (401, True, "First.")
    script = client.post(begun, data=typed, headers=SCRIPT)
    assert (script.status_code, kind.text()) == (401, "First.")
    assert writer.post(begun, data=typed).status_code == 303


def test_after_sending_an_older_page_gets_everything_back(kind: Kind, writer: Client, begun: str) -> None:
    old = writer.get(begun)
    kind.complete(kind.stored())
    db.session.commit()
    kind.send(kind.stored())
    late = writer.post(begun, data=kind.typed(old, "Too late."))
    assert (late.status_code, "Too late." in late.text) == (409, True)
    assert kind.text() == "First."
    assert writer.post(begun, data=kind.typed(old, "Too late."), headers=SCRIPT).status_code == 409


def test_after_sending_the_same_page_leads_to_what_it_did(kind: Kind, writer: Client, begun: str) -> None:
    kind.complete(kind.stored())
    page = writer.get(begun)
    kind.send(kind.stored())
    sent = writer.post(begun, data=values_of(page) | kind.sending)
    assert (sent.status_code, sent.location.partition("?")[0]) == (303, re.sub("/(edit|claim|answer|review)$", "", begun))
    by_itself = writer.post(begun, data=values_of(page), headers=SCRIPT)
    assert by_itself.status_code == (200 if kind.open_after_sending else 409), "a script is told, not led to a page"


def test_64_first_savings_at_once_make_one_draft(kind: Kind, writer: Client) -> None:
    typed = kind.typed(writer.get(kind.begin), "Once.")
    answers = at_once(writer, 64, lambda client: client.post(kind.begin, data=typed))
    assert {each.status_code for each in answers} == {303}
    assert len({each.location for each in answers}) == 1
    assert kind.text() == "Once."


@pytest.mark.parametrize("key", ["\x00", "n" * 300, "", "1:2"])
def test_a_form_key_put_together_by_hand(kind: Kind, writer: Client, key: str) -> None:
    sent = writer.post(kind.begin, data=kind.typed(writer.get(kind.begin), "Mine.") | {"form_key": key})
    assert sent.status_code in {303, 422}


@pytest.mark.parametrize("location", ["/programmes/administer", "/themes/2147483647", "/vouchers/1/edit"])
def test_a_form_that_has_made_something_else(kind: Kind, writer: Client, location: str) -> None:
    """Put together by hand: the key of one form with the fields of another."""
    db.session.add(FormReceipt(key=f"{kind.person.id}:another", location=location))
    sent = writer.post(kind.begin, data=kind.typed(writer.get(kind.begin), "Mine.") | {"form_key": "another"})
    assert sent.status_code in {303, 404, 409}
    assert "Mine." in sent.text or sent.status_code == 303


def test_a_page_rendered_inside_a_transaction_is_noticed(app: Flask) -> None:
    faults = app.extensions[FAULTS]
    faults.clear()
    with app.test_request_context("/somewhere"):
        render_template("core/error.html", status=404)
        assert faults == []
        with transaction():
            render_template("core/error.html", status=404)
    assert faults == ["GET /somewhere rendered core/error.html inside a transaction"]
