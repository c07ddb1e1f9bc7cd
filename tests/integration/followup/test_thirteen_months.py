"""Every mail of the thirteen months after a visit, day by day: to the right person, exactly once (followup.md)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import ModuleType

import pytest
from sqlalchemy import select

from mobility import jobs
from mobility.core.clock import day_of
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from tests.support.followups import FOLLOW_UP, Asked, visited
from tests.support.takeovers import answer_end

pytestmark = pytest.mark.usefixtures("db_session")
LAST_DAY = date(2027, 8, 31)
# no scheduler ran in this week, in which half a year is over: 29 February 2028
OUTAGE = (date(2028, 2, 28), date(2028, 3, 5))

ANA, BO, HUGO, MIA = "ana@home.org", "bo@elsewhere.org", "hugo@host.org", "mia@home.org"
EXPECTED = {
    # a week after the last day, for 14 days; Ana answers on the 10th
    (2027, 9, 7): {("questionnaire", ANA), ("questionnaire", BO), ("questionnaire", HUGO)},
    (2027, 9, 14): {("reminder", BO), ("reminder", HUGO)},
    (2027, 9, 20): {("reminder", BO), ("reminder", HUGO)},
    # the month's last day; the clocks went back on 31 October
    (2027, 11, 30): {("questionnaire", ANA)},
    (2027, 12, 7): {("reminder", ANA)},
    (2027, 12, 13): {("reminder", ANA)},
    # due on 29 February, asked when the scheduler ran again, and with all the time from then
    (2028, 3, 6): {("questionnaire", ANA), ("questionnaire", HUGO), ("questionnaire", MIA)},
    (2028, 3, 13): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
    (2028, 3, 19): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
    # a year; the clocks went forward on 26 March
    (2028, 8, 31): {("questionnaire", ANA), ("questionnaire", HUGO), ("questionnaire", MIA)},
    (2028, 9, 7): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
    (2028, 9, 13): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
}


LEAP = date(2028, 2, 20), date(2028, 3, 20)
ON_THE_DAY = {  # half a year is over on 29 February, and the scheduler runs
    (2028, 2, 29): {("questionnaire", ANA), ("questionnaire", HUGO), ("questionnaire", MIA)},
    (2028, 3, 7): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
    (2028, 3, 13): {("reminder", ANA), ("reminder", HUGO), ("reminder", MIA)},
}


@pytest.fixture
def case(clock: ModuleType) -> Asked:
    clock.set_to(datetime(2027, 8, 1, 9, tzinfo=UTC))
    case = visited(LAST_DAY, others=[("Bo Delegate", BO)])
    case.guest.email = case.exchange.delegates[0].email = ANA
    case.host.email = HUGO
    case.exchange.agreed_version.manager_name, case.exchange.agreed_version.manager_email = "Mia Manager", MIA
    db.session.commit()
    return case


def instants(first: date, last: date) -> Iterator[datetime]:
    """In the morning, and before midnight in Brussels."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if not OUTAGE[0] <= day <= OUTAGE[1]:
            yield from (datetime.combine(day, at, UTC) for at in (time(8), time(21, 45)))


def test_each_mail_goes_out_once_to_the_right_person(case: Asked, clock: ModuleType) -> None:
    for instant in instants(date(2027, 9, 1), date(2028, 10, 5)):
        clock.set_to(instant)
        if instant == datetime(2027, 9, 10, 8, tzinfo=UTC):
            answer_end(case, "A price list", "A test plant")
        for name in FOLLOW_UP:
            assert not jobs.run(name).failed, (instant, name)
    assert sent() == listed(EXPECTED)
    assert case.exchange.state == "closed"


def sent() -> list[tuple[date, str, str]]:
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.subject_type == "followup"))
    return sorted((day_of(each.created_at, "Europe/Brussels"), each.kind, each.address) for each in found)


def listed(expected: dict[tuple[int, int, int], set[tuple[str, str]]]) -> list[tuple[date, str, str]]:
    return sorted((date(*day), kind, address) for day, mails in expected.items() for kind, address in mails)


def test_what_is_due_on_29_february_is_asked_on_that_day(case: Asked, clock: ModuleType) -> None:
    """Each day of that month, half past midnight in Vienna included; before it only the days on which something is due."""
    before = [date(*day) for day in EXPECTED if date(*day) < LEAP[0]]
    month = [LEAP[0] + timedelta(days=number) for number in range((LEAP[1] - LEAP[0]).days + 1)]
    for day in [*before, *month]:
        for at in (time(8), time(21, 45), time(23, 30)):
            clock.set_to(datetime.combine(day, at, UTC))
            if (day, at) == (date(2027, 9, 14), time(8)):
                answer_end(case, "A price list", "A test plant")
            for name in FOLLOW_UP:
                assert not jobs.run(name).failed, (day, at, name)
    assert [each for each in sent() if each[0] >= LEAP[0]] == listed(ON_THE_DAY)
    assert len(sent()) == len(set(sent()))
