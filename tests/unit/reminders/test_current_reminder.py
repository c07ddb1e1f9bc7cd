"""Which reminder is due: every promise of workflows.md ("Service promises"), written out by hand."""

from datetime import date

import pytest

from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.exchanges.workflow import WORKFLOW as EXCHANGE
from mobility.followup.workflow import WORKFLOW as FOLLOWUP
from mobility.vouchers.workflow import WORKFLOW as VOUCHER
from mobility.workflows.reminding import current_reminder, day_of
from mobility.workflows.table import Promise, Reminder, once
from mobility.workflows.workflow import Actor

WORKFLOWS = {"application": APPLICATION, "exchange": EXCHANGE, "voucher": VOUCHER, "followup": FOLLOWUP}


def day(text: str) -> date:
    return date.fromisoformat(text)


# From the day it began to the last day: today -> the number of the reminder and its day, or nothing
EXPECTED = [
    # host's answer: 10 days; 5 and 2 days before, on the day
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-05", None),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-06", (1, "2027-03-06")),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-08", (1, "2027-03-06")),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-09", (2, "2027-03-09")),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-10", (2, "2027-03-09")),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-11", (3, "2027-03-11")),
    ("application", "host_answer", "2027-03-01", "2027-03-11", "2027-03-12", None),
    # guest's confirmation: 7 days; 3 and 1 days before
    ("application", "guest_confirmation", "2027-03-01", "2027-03-08", "2027-03-04", None),
    ("application", "guest_confirmation", "2027-03-01", "2027-03-08", "2027-03-05", (1, "2027-03-05")),
    ("application", "guest_confirmation", "2027-03-01", "2027-03-08", "2027-03-07", (2, "2027-03-07")),
    ("application", "guest_confirmation", "2027-03-01", "2027-03-08", "2027-03-08", (2, "2027-03-07")),
    ("application", "guest_confirmation", "2027-03-01", "2027-03-08", "2027-03-09", None),
    # a place that became free: 5 days; 2 days before, on the day
    ("application", "place_offer", "2027-03-01", "2027-03-06", "2027-03-03", None),
    ("application", "place_offer", "2027-03-01", "2027-03-06", "2027-03-04", (1, "2027-03-04")),
    ("application", "place_offer", "2027-03-01", "2027-03-06", "2027-03-06", (2, "2027-03-06")),
    ("application", "place_offer", "2027-03-01", "2027-03-06", "2027-03-07", None),
    # questionnaires: 14 days; 7 and 1 days before
    ("followup", "questionnaire", "2027-03-01", "2027-03-15", "2027-03-07", None),
    ("followup", "questionnaire", "2027-03-01", "2027-03-15", "2027-03-08", (1, "2027-03-08")),
    ("followup", "questionnaire", "2027-03-01", "2027-03-15", "2027-03-14", (2, "2027-03-14")),
    ("followup", "questionnaire", "2027-03-01", "2027-03-15", "2027-03-15", (2, "2027-03-14")),
    ("followup", "questionnaire", "2027-03-01", "2027-03-15", "2027-03-16", None),
    # signatures: 14 days; 7 and 2 days before
    ("exchange", "signatures", "2027-03-01", "2027-03-15", "2027-03-07", None),
    ("exchange", "signatures", "2027-03-01", "2027-03-15", "2027-03-08", (1, "2027-03-08")),
    ("exchange", "signatures", "2027-03-01", "2027-03-15", "2027-03-13", (2, "2027-03-13")),
    ("exchange", "signatures", "2027-03-01", "2027-03-15", "2027-03-16", None),
    # attendance: 7 days after the last day; on the day, 3 days after
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-04", None),
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-05", (1, "2027-03-05")),
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-07", (1, "2027-03-05")),
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-08", (2, "2027-03-08")),
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-12", (2, "2027-03-08")),
    ("exchange", "attendance", "2027-03-05", "2027-03-12", "2027-03-13", None),
    # decision: 10 working days; at 5 and 8 (Monday 1 March 2027 and two weeks without a holiday)
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-07", None),
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-08", (1, "2027-03-08")),
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-10", (1, "2027-03-08")),
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-11", (2, "2027-03-11")),
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-15", (2, "2027-03-11")),
    ("voucher", "decision", "2027-03-01", "2027-03-15", "2027-03-16", None),
    # redemption: 12 months; 60, 30 and 7 days before
    ("voucher", "redemption", "2027-03-01", "2028-02-29", "2027-12-30", None),
    ("voucher", "redemption", "2027-03-01", "2028-02-29", "2027-12-31", (1, "2027-12-31")),
    ("voucher", "redemption", "2027-03-01", "2028-02-29", "2028-01-30", (2, "2028-01-30")),
    ("voucher", "redemption", "2027-03-01", "2028-02-29", "2028-02-22", (3, "2028-02-22")),
    ("voucher", "redemption", "2027-03-01", "2028-02-29", "2028-03-01", None),
    # service of a provider: as long as the voucher is valid; after 14 days, then 30, 7 and 1 days before
    ("voucher", "service", "2027-03-01", "2028-02-29", "2027-03-14", None),
    ("voucher", "service", "2027-03-01", "2028-02-29", "2027-03-15", (1, "2027-03-15")),
    ("voucher", "service", "2027-03-01", "2028-02-29", "2028-01-30", (2, "2028-01-30")),
    ("voucher", "service", "2027-03-01", "2028-02-29", "2028-02-28", (4, "2028-02-28")),
    # endorsement: 7 days; 3 and 1 before
    ("exchange", "endorsement", "2027-03-01", "2027-03-08", "2027-03-04", None),
    ("exchange", "endorsement", "2027-03-01", "2027-03-08", "2027-03-05", (1, "2027-03-05")),
    ("exchange", "endorsement", "2027-03-01", "2027-03-08", "2027-03-07", (2, "2027-03-07")),
    ("exchange", "endorsement", "2027-03-01", "2027-03-08", "2027-03-09", None),
    # claim: 30 days; 14, 7 and 1 days before
    ("voucher", "claim", "2027-03-01", "2027-03-31", "2027-03-16", None),
    ("voucher", "claim", "2027-03-01", "2027-03-31", "2027-03-17", (1, "2027-03-17")),
    ("voucher", "claim", "2027-03-01", "2027-03-31", "2027-03-24", (2, "2027-03-24")),
    ("voucher", "claim", "2027-03-01", "2027-03-31", "2027-03-30", (3, "2027-03-30")),
    ("voucher", "claim", "2027-03-01", "2027-03-31", "2027-04-01", None),
    # payment: 10 days; at 7
    ("voucher", "payment", "2027-03-01", "2027-03-11", "2027-03-07", None),
    ("voucher", "payment", "2027-03-01", "2027-03-11", "2027-03-08", (1, "2027-03-08")),
    ("voucher", "payment", "2027-03-01", "2027-03-11", "2027-03-11", (1, "2027-03-08")),
    ("voucher", "payment", "2027-03-01", "2027-03-11", "2027-03-12", None),
    # the voucher's request and the answer to a question: 14 days; 7 and 2 days before
    ("voucher", "voucher_request", "2027-03-01", "2027-03-15", "2027-03-08", (1, "2027-03-08")),
    ("voucher", "voucher_request", "2027-03-01", "2027-03-15", "2027-03-13", (2, "2027-03-13")),
    ("voucher", "answer", "2027-03-01", "2027-03-15", "2027-03-08", (1, "2027-03-08")),
    ("voucher", "answer", "2027-03-01", "2027-03-15", "2027-03-14", (2, "2027-03-13")),
]


@pytest.mark.parametrize(("workflow", "name", "since", "due", "today", "expected"), EXPECTED)
def test_the_current_reminder_of_each_promise(
    workflow: str, name: str, since: str, due: str, today: str, expected: tuple[int, str] | None
) -> None:
    promise = WORKFLOWS[workflow].promise(name)
    found = current_reminder(promise, day(since), day(due), day(today))
    assert (found and (found.number, found.day.isoformat())) == expected


def test_every_promise_that_reminds_is_in_the_table_and_has_words() -> None:
    reminding = [promise for workflow in WORKFLOWS.values() for promise in workflow.promises if promise.reminders]
    assert {row[1] for row in EXPECTED} == {promise.name for promise in reminding}
    assert [promise.name for promise in reminding if not promise.reminds] == []
    assert [promise.name for promise in reminding if promise.then != "escalate" and not promise.afterwards] == []


@pytest.mark.parametrize(
    ("country", "expected"),
    [(None, "2027-03-29"), ("AT", "2027-03-30"), ("PT", "2027-03-30"), ("DE", "2027-03-31")],
)
def test_working_days_leave_out_the_holidays_of_the_programmes_country(country: str | None, expected: str) -> None:
    """Five after Monday 22 March 2027: Good Friday (DE, PT) is the 26th, Easter Monday (AT, DE) the 29th."""
    assert day_of(Reminder(after=5, working=True), day("2027-03-22"), day("2027-04-10"), country) == day(expected)


def test_a_reminder_that_falls_on_the_day_of_the_request_is_left_out() -> None:
    """A host with five days to answer gets the request and, on the same day, no reminder of it."""
    promise = APPLICATION.promise("host_answer")
    assert current_reminder(promise, day("2027-03-01"), day("2027-03-06"), day("2027-03-01")) is None
    found = current_reminder(promise, day("2027-03-01"), day("2027-03-06"), day("2027-03-04"))
    assert found is not None
    assert found.number == 2


def test_a_voucher_of_a_month_is_not_reminded_sixty_days_before() -> None:
    promise = VOUCHER.promise("redemption")
    assert current_reminder(promise, day("2027-03-10"), day("2027-04-09"), day("2027-03-11")) is None
    found = current_reminder(promise, day("2027-03-10"), day("2027-04-09"), day("2027-04-02"))
    assert found is not None
    assert found.number == 3


def test_after_three_missed_nights_only_the_latest_is_sent() -> None:
    promise = Promise(
        "p",
        states=frozenset(),
        owed_by=(Actor.GUEST,),
        action="act",
        asks="Act",
        period=lambda subject, today: (today, today),
        reminders=(Reminder(before=3), Reminder(before=2), Reminder(before=1)),
        then="lapse",
        kept_on=once(),
    )
    found = current_reminder(promise, day("2027-03-01"), day("2027-03-10"), day("2027-03-09"))
    assert found is not None
    assert (found.number, found.day) == (3, day("2027-03-09"))
