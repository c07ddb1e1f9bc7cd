"""Somebody subtracts: a call from its programme, yesterday from today, one file from another, to learn what one person wrote.

Finance officers read no answers of single people, owners and auditors may. So the attack finds nothing where a finance officer
makes it, and the same attack made by an owner finds what each answer was, or else it could not see anything.
"""

import csv
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from itertools import combinations
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest

from mobility.core.database import db
from mobility.followup.models import Answer, Asking, QuestionnaireRequest
from mobility.outcomes.review import DEFINITIONS
from mobility.people.models import User
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import furnish
from mobility.takeovers import operations as take_overs
from tests.integration.reviews.test_pages import shown
from tests.support.client import Visitor
from tests.support.reviews import Reviewed, reviewed

SAID = {
    "before": {"practice": {"o1": 1}},
    "end_guest": {"met": {"o1": "yes"}, "benefit": "yes", "hours": "3"},
    "end_host": {"benefit": "yes", "hours": "2"},
    "month_6": {"changes": [{"kind": "tool"}], "joint": {"project": 1}},
    "month_12": {"practice": {"o1": 3}, "members_served": "12", "leveraged": "500", "anyway": "later"},
    "month_12_host": {"anyway": "later"},
}
OTHER = {
    "end_guest": {"met": {"o1": "no"}, "benefit": "no", "hours": "40"},
    "month_12": {"practice": {"o1": 0}, "members_served": "90", "leveraged": "9000", "anyway": "not_at_all"},
    "month_12_host": {"anyway": "not_at_all"},
}
OPINIONS = {each.key for each in DEFINITIONS if each.tells_answers}
Views = dict[str, tuple[str, str]]


def answered(made: Reviewed, number: int, **others: Any) -> None:
    """Everything is answered about one of the exchanges."""
    exchange = made.exchanges[number]
    for key, answers in {**SAID, **others}.items():
        questionnaire = db.session.query(Questionnaire).filter_by(programme_id=made.programme.id, key=key).one()
        of = {"round": questionnaire.rounds[0], "exchange_id": exchange.id, "asked_on": date(2027, 2, 1)}
        request = QuestionnaireRequest(
            state="answered",
            programme=made.programme,
            asking=Asking(questionnaire_id=questionnaire.id, **of),
            questionnaire=questionnaire,
            asked_version=questionnaire.newest,
            exchange=exchange,
            organisation=exchange.guest_organisation,
            respondent=exchange.guest,
            name=exchange.guest.name,
            email=exchange.guest.email,
            answer_by=date(2027, 3, 1),
        )
        request.answers.append(Answer(asked_version=questionnaire.newest, answers=answers, by_name=exchange.guest.name))
        db.session.add(request)
    take_overs.add(exchange, by=exchange.guest, what="A price list")
    db.session.commit()


@pytest.fixture
def made(db_session: Any) -> Reviewed:
    """Five of the call have answered on the first day, and one that has no voucher and so is the programme's alone."""
    made = reviewed((("AT", "PT", 7),))
    furnish(made.programme)
    db.session.delete(made.exchanges[5].voucher)
    for number in range(6):
        answered(made, number, **(OTHER if number == 5 else {}))
    return made


def seen_by(person: User, made: Reviewed, visitor: Visitor) -> Iterator[Views]:
    """All that is shown of figures, by key: the pages of the call and of the programme, and their lists."""
    browser = visitor(person)
    for address in (made.of_call, made.at):
        yield shown(browser.get(f"{address}/review"))
        rows = csv.DictReader(StringIO(browser.get(f"{address}/review.csv").get_data().decode("utf-8-sig")))
        yield {row["Key"]: (row["Value"], row["n"]) for row in rows}


def told(views: list[Views]) -> set[str]:
    """The figures of which two views differ by one to four cases, and both are known."""
    found = set()
    for one, other in combinations(views, 2):
        for key in one.keys() & other.keys():
            (value, n), (second, m) = one[key], other[key]
            if "not shown" not in value + second and n and m and 0 < abs(int(n) - int(m)) < 5:
                found.add(key)
    return found


def attacked_by(role: str, made: Reviewed, visitor: Visitor, clock: ModuleType) -> list[Views]:
    person = getattr(made, role)
    views = list(seen_by(person, made, visitor))
    clock.move(days=1)
    answered(made, 6, **OTHER)
    return [*views, *seen_by(person, made, visitor)]


def test_a_finance_officer_learns_no_answer_by_subtracting(made: Reviewed, visitor: Visitor, clock: ModuleType) -> None:
    views = attacked_by("finance", made, visitor, clock)
    assert told(views) & OPINIONS == set()
    assert {view[key][0] for view in views for key in OPINIONS & view.keys()} == {"not shown"}


@pytest.mark.parametrize("role", ["owner", "auditor"])
def test_whoever_may_read_each_answer_reads_the_figures(made: Reviewed, visitor: Visitor, clock: ModuleType, role: str) -> None:
    """So the attack sees what there is to see: the sixth has served 90 members, of 12 each that the others have."""
    views = attacked_by(role, made, visitor, clock)
    assert told(views) >= {
        *("objectives_met.yes", "win_win", "hours.guests", "sums.members_served", "additionality.guests", "take_overs.planned"),
    }
    assert [int(view["sums.members_served"][0]) for view in views] == [60, 60, 150, 150, 150, 150, 240, 240]
    request = db.session.query(QuestionnaireRequest).filter_by(exchange_id=made.exchanges[5].id).first()
    assert visitor(getattr(made, role)).get(f"/followups/{request.id}").status_code == 200
    assert visitor(made.finance).get(f"/followups/{request.id}").status_code == 404


def test_no_way_leads_a_finance_officer_to_answers(made: Reviewed, visitor: Visitor) -> None:
    finance = visitor(made.finance)
    for key in OPINIONS:
        for address in (f"{made.at}/review/cases/{key}", f"{made.of_call}/review/cases/{key}/cases.csv"):
            assert finance.get(address).status_code == 404, address
    with ZipFile(BytesIO(finance.get(f"{made.at}/review.zip").get_data())) as archive:
        files = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert files.keys() == {
        f"{name}.csv" for name in ("exchanges", "applications", "vouchers", "promises", "requests", "which-count")
    }
    assert {row["Figure"] for row in csv.DictReader(StringIO(files["which-count.csv"]))} & OPINIONS == set()
