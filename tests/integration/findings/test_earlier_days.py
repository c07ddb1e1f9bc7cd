"""What was true at the end of an earlier day, as far as the history tells: worked out by hand from review_example.toml."""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db, transaction
from mobility.findings.queries import computed, facts_of
from mobility.outcomes.publication import publish
from mobility.outcomes.review import Reviewed
from mobility.payments.models import RETURNED, Payment
from mobility.vouchers.models import Voucher
from tests.integration.findings.test_example import at_the_end_of
from tests.support.loaded import Loaded
from tests.support.outcomes import example

DATA = example()


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


def told(loaded: Loaded, day: date, scope: str, *keys: str) -> list[tuple[Any, int]]:
    review = computed(facts_of(loaded.programme, day), loaded.ids["c1"] if scope == "call" else None)
    assert review.as_of == day
    return [(review.figures[key].value, review.figures[key].n) for key in keys]


THEN = (  # day, scope, figure, value, n
    (date(2027, 3, 28), "programme", "pipeline.applications_submitted", 8, 8),  # a01 a02 a03 a05 a11 a12 a13 a14
    (date(2027, 3, 28), "programme", "pipeline.applications_confirmed", 7, 7),  # but a14
    (date(2027, 3, 23), "programme", "pipeline.applications_accepted", 7, 7),  # a13 is accepted, and confirmed tomorrow
    (date(2027, 3, 23), "programme", "pipeline.applications_confirmed", 6, 6),
    (date(2027, 3, 11), "programme", "pipeline.agreements", 4, 4),  # x01 x02 x11 x12; x03 is signed tomorrow
    (date(2027, 5, 18), "call", "pipeline.exchanges_completed", 2, 2),  # x01 x02; x03 is confirmed tomorrow
    (date(2027, 5, 19), "call", "pipeline.exchanges_completed", 3, 3),
    (date(2027, 4, 1), "programme", "pipeline.vouchers_requested", 5, 5),  # v01 v02 v03 v05a v11a; k01 is knowledge
    (date(2027, 4, 1), "programme", "pipeline.vouchers_approved", 4, 4),  # v05a is rejected tomorrow
    (date(2027, 4, 20), "call", "pipeline.vouchers_paid", 0, 0),
    (date(2027, 4, 21), "call", "pipeline.vouchers_paid", 1, 1),
    (date(2027, 6, 4), "call", "pipeline.vouchers_paid", 3, 3),  # v03 on the bank's day, not the 7th, when it was recorded
    (date(2027, 8, 31), "call", "cost.total", Fraction("5657.90"), 4),  # 780 + 1437.50 + 1040.40 + 2400 (k01)
    (date(2027, 9, 1), "call", "cost.total", Fraction("5267.75"), 4),  # 390.15 have come back
    (date(2027, 6, 14), "call", "redemption_rate", 1, 5),  # v01 v02 v03 v05b k01
    (date(2027, 6, 15), "call", "redemption_rate", Fraction(5, 6), 6),  # and v09, withdrawn
    (date(2027, 5, 1), "call", "days_to_pay.median", 9, 1),
    (date(2027, 10, 20), "call", "days_to_decide.median", 11, 13),  # without v08b, k02: 4 7 8 9 9 10 11 13 14 15 16 21 35
    (date(2027, 5, 20), "call", "response.end_host", 1, 2),  # x01 x02; x03 is still asked
    (date(2027, 6, 3), "call", "response.end_host", Fraction(2, 3), 3),  # and x03, missed
    (date(2027, 1, 19), "programme", "response.before", 1, 1),  # x12; x01 answers tomorrow
    (date(2027, 4, 11), "call", "objectives_met.yes", 1, 2),  # the first sending of x01
    (date(2027, 4, 12), "call", "objectives_met.yes", Fraction(1, 2), 2),  # its second
    (date(2027, 10, 1), "call", "take_overs.planned", 7, 10),  # t01c t02b t03a t04a t04b t04c t05a
    (date(2027, 10, 1), "call", "take_overs.started", 1, 10),  # t02a
    (date(2027, 10, 1), "call", "take_overs.in_use", 2, 10),  # t01a t01b
    (date(2027, 5, 13), "call", "kept.payment", 1, 1),  # v01; v02 is due today
    (date(2027, 5, 14), "call", "kept.payment", Fraction(1, 2), 2),  # v02 is missed
)


def test_at_the_end_of_a_day(loaded: Loaded) -> None:
    found = [(day, scope, key, *told(loaded, day, scope, key)[0]) for day, scope, key, _, _ in THEN]
    assert [each for each in zip(found, THEN, strict=True) if each[0] != each[1]] == []


def test_before_anything_there_was_nothing(loaded: Loaded) -> None:
    review = computed(facts_of(loaded.programme, date(2026, 11, 1)), None)
    assert {key for key, figure in review.figures.items() if figure.value} == set()
    assert all(not table.numbers for table in review.tables.values())


def test_today_is_the_day_it_is_in_the_programme(loaded: Loaded, clock: ModuleType) -> None:
    """A quarter past eleven in UTC is tomorrow in Brussels."""
    clock.set_to(datetime.fromisoformat("2028-11-15T23:15:00+00:00"))
    assert facts_of(loaded.programme).as_of == date(2028, 11, 16)


def test_a_payment_that_came_back_is_none_any_more_but_was_one(loaded: Loaded, clock: ModuleType) -> None:
    """That of v07, of 3 January 2028, on 1 March."""
    came_back = clock.noon_of(date(2028, 3, 1))
    with transaction():
        voucher = db.session.get_one(Voucher, loaded.ids["v07"])
        [payment] = voucher.payments
        payment.outcome, payment.reason, voucher.paid_on, voucher.state = RETURNED, "Closed account", None, "validated"
        with clock.at(came_back):
            words = {"acted_as": voucher.workflow.parts[0].actor, "from_state": "paid", "to_state": "validated", "note": ""}
            voucher.record("came_back", by=voucher.holder, **words)
    assert db.session.scalars(db.select(Payment.outcome).where(Payment.id == payment.id)).one() == RETURNED
    days = [date(2028, 2, 29), date(2028, 3, 1), DATA["as_of"]]
    assert [told(loaded, day, "call", "pipeline.vouchers_paid") for day in days] == [[(6, 6)], [(5, 5)], [(5, 5)]]


# What is public, and what may be told


def public(snapshots: dict[str, Any], scope: str, key: str) -> str:
    if key in snapshots[scope].figures:
        return str(snapshots[scope].figures[key][1])
    name, *cell = key.split(".")
    table = snapshots[scope].tables[name]
    return "few" if tuple(cell) in table.few else "complement" if tuple(cell) in table.complement else "shown"


def test_the_same_is_public_as_in_the_example(loaded: Loaded) -> None:
    facts = facts_of(loaded.programme)
    reviews: dict[str, Reviewed] = {"call": computed(facts, loaded.ids["c1"]), "programme": computed(facts, None)}
    call = publish(reviews["call"])
    snapshots = {"call": call, "programme": publish(reviews["programme"], [call.trace])}
    found = [(row["scope"], row["key"], public(snapshots, row["scope"], row["key"])) for row in DATA["figure"]]
    assert found == [(row["scope"], row["key"], row["public"]) for row in DATA["figure"]]
    left_out = next(each for each in DATA["table"] if each["key"] == "countries_of_the_call")["left_out"]
    assert snapshots["call"].tables["countries"].left_out == left_out


# In how many statements


def test_a_programme_is_read_in_the_same_number_of_statements(loaded: Loaded, queries: Callable[..., Any]) -> None:
    """One more for what happened since an earlier day."""
    programme, as_of = loaded.programme, DATA["as_of"]
    assert programme.id
    assert programme.timezone
    for day, statements in ((as_of, 16), (date(2027, 5, 1), 17), (date(2020, 1, 1), 17)):
        with queries() as q:
            facts_of(programme, day)
        assert q.count == statements, q
