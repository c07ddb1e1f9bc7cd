"""The programme at a glance: what is late leads to where its reader may go, and few promises are no percentage."""

from datetime import date
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.followup.models import QuestionnaireRequest
from mobility.questionnaires.operations import furnish
from mobility.workflows.history import PromiseRecord
from tests.integration.reviews.test_subtraction import answered
from tests.support.client import Visitor
from tests.support.experts import make_mentoring
from tests.support.html import text_of
from tests.support.reviews import Reviewed, reviewed


def promised(made: Reviewed, promise: str, subject: tuple[str, int], outcome: str | None = None) -> None:
    ended = date(2027, 2, 1) if outcome else None
    about = {"subject_type": subject[0], "subject_id": subject[1], "promise": promise, "owed_by": "respondent"}
    days = {"since": date(2027, 1, 1), "due_on": date(2027, 1, 15), "ended_on": ended}
    db.session.add(PromiseRecord(programme_id=made.programme.id, outcome=outcome, **about, **days))


@pytest.mark.parametrize("page", ["overview", "late"])
def test_what_is_late_has_a_link_where_its_reader_may_go(visitor: Visitor, db_session: Any, clock: ModuleType, page: str) -> None:
    """A mentoring is for the two alone, a questionnaire for the programme's owners and auditors; that both are late all read."""
    made = reviewed()
    furnish(made.programme)
    answered(made, 0)
    request = db.session.query(QuestionnaireRequest).first()
    promised(made, "questionnaire", ("followup", request.id))
    mentoring = make_mentoring(programme=made.programme).mentoring
    db.session.commit()
    clock.move(days=60)
    for role, leads in (("owner", True), ("auditor", True), ("finance", False)):
        shown = visitor(getattr(made, role)).get(f"{made.at}/{page}")
        assert (f'href="/followups/{request.id}"' in shown.text) is leads, role
        assert (request.asked_name in text_of(shown)) is (leads and page == "late"), role
        assert f"/mentorings/{mentoring.id}" not in shown.text
        assert "Mentoring" in text_of(shown)
        assert "Zala Mentor" not in text_of(shown)


def test_few_promises_are_counted_and_have_no_bar(visitor: Visitor, db_session: Any) -> None:
    """One of three looks like a third, and is chance."""
    made = reviewed()
    for number, outcome in enumerate(["kept_on_time", "missed", "kept_late"], 1):
        promised(made, "questionnaire", ("followup", number), outcome)
    for number in range(10, 20):
        promised(made, "decision", ("voucher", number), "kept_on_time")
    db.session.commit()
    kept = visitor(made.owner).get(f"{made.at}/overview").text.partition('class="kept-list"')[2].partition("</ul>")[0]
    [few, many] = kept.split("<li>")[1:]
    assert ("1 of 3" in few, "<svg" in few) == (True, False)
    assert ("100 %" in many, "<svg" in many) == (True, True)
