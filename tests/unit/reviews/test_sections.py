"""Every figure has its place on the page, and every picture shows what its table says."""

from decimal import Decimal

import pytest

from mobility.outcomes.figures import Form
from mobility.outcomes.publication import publish
from mobility.outcomes.review import DEFINITIONS, Review
from mobility.reviews.charts import Stack, bars, funnel, grid, rates, stacked, waits
from mobility.reviews.readings import Reading, Readings, from_json, of_figures, of_rows
from mobility.reviews.sections import AT_A_GLANCE, SECTIONS, section_of
from tests.support.outcomes import Reader, example

REVIEW = Review(Reader(example()).read(), "c1")
READINGS = of_figures(REVIEW.figures.values())
FORMS = {each.key: each.form for each in DEFINITIONS}


def reading(key: str, shown: str | None, form: Form = Form.COUNT) -> Reading:
    return Reading(key, key.capitalize(), "", form.value, shown, None if shown is None else 10)


def some(**shown: str | None) -> Readings:
    return {key: reading(key, word, Form.PERCENT if word and "%" in word else Form.COUNT) for key, word in shown.items()}


def test_every_figure_is_in_exactly_one_section() -> None:
    assert {each.key: sum(part.holds(each.key) for part in SECTIONS) for each in DEFINITIONS} == dict.fromkeys(FORMS, 1)
    assert section_of("cost.of_a_take_over").key == "cost"


def test_every_figure_that_a_section_names_exists() -> None:
    drawn = {each.key for part in SECTIONS for picture in part.charts(READINGS) for each in picture.readings}
    named = {key for part in SECTIONS for key in part.main} | set(AT_A_GLANCE) | drawn
    assert named <= set(FORMS)
    assert {"kept.decision", "pipeline.agreements", "take_overs.dropped", "sums.joint.project", "response.manager"} <= drawn


def test_a_reading_is_the_figure_as_it_is_shown() -> None:
    """From review_example.md."""
    cost, rate, none = READINGS["cost.total"], READINGS["objectives_met.yes"], READINGS["additionality.holders"]
    assert (cost.number, cost.n, cost.is_money, rate.number, rate.is_percent) == (Decimal("8125.00"), 7, True, Decimal(62), True)
    assert (none.shown, none.number, none.is_hidden, none.is_known) == ("no figure", None, False, False)
    assert READINGS["hours.guests"].unit == "hours"
    assert READINGS["sums.joint.project"].few_answered
    assert ("month_12", "anyway", 5, 6) in READINGS["additionality.guests"].answers


def test_what_is_stored_of_a_snapshot_comes_back_and_tells_of_no_answers() -> None:
    told = of_rows(publish(REVIEW).rows, FORMS)
    stored = [each.as_json() for each in told.values()]
    assert from_json(stored) == told
    assert all("answers" not in each for each in stored)
    assert (told["win_win"].shown, told["win_win"].n, told["win_win"].is_hidden) == (None, None, True)


# Pictures


def test_a_funnel_is_as_wide_as_its_first_step() -> None:
    """13, 8 and 6: 8/13 = 61.5 %, in the middle."""
    picture = funnel("x", "X", {"a": "A", "b": "B", "c": "C"}, some(a="13", b="8", c="0"))
    assert [[(float(part.start), float(part.width)) for part in bar.parts] for bar in picture.bars] == [
        [(0.0, 100.0)],
        [(19.25, 61.5)],
        [],
    ]


def test_rates_are_of_a_hundred_and_marked_under_the_line() -> None:
    picture = rates("x", "X", {"a": "A", "b": "B", "c": "C"}, some(a="40 %", b="39 %", c=None), mark=(Decimal(40), "40 %"))
    assert [[(float(part.width), part.tone) for part in bar.parts] for bar in picture.bars] == [
        [(40.0, "done")],
        [(39.0, "mine")],
        [],
    ]


def test_shares_that_are_rounded_to_101_fill_the_bar_and_no_more() -> None:
    stack = Stack("S", {"yes": ("done", "Yes"), "partly": ("mine", "Partly"), "no": ("stopped", "No")})
    [bar] = stacked("x", "X", [stack], some(yes="62 %", partly="31 %", no="8 %")).bars
    assert [(float(part.start), float(part.width)) for part in bar.parts] == [(0, 62), (62, 31), (93, 7)]


def test_the_rest_of_a_hundred_is_a_part_of_its_own() -> None:
    stack = Stack("S", {"a": ("done", "Not at all"), "b": ("theirs", "Later")}, ("plain", "The same"))
    [bar] = stacked("x", "X", [stack], some(a="40 %", b="20 %")).bars
    assert [(float(part.width), part.tone) for part in bar.parts] == [(40, "done"), (20, "theirs"), (40, "plain")]


@pytest.mark.parametrize("missing", [None, "no figure"])
def test_a_stack_with_a_hidden_part_has_no_bar_at_all(missing: str | None) -> None:
    """Else the length of what is left would tell it."""
    [bar] = stacked("x", "X", [Stack("S", {"a": ("done", "A"), "b": ("mine", "B")})], some(a="8", b=missing)).bars
    assert bar.parts == ()


def test_a_wait_is_a_dot_and_the_way_to_the_longest() -> None:
    picture = waits("x", "X", {"Decision": ("median", "p90"), "Payment": ("m", "p")}, some(median="12", p90="30", m="15", p="60"))
    first, second = picture.bars
    assert [(float(part.start), float(part.width), part.dot) for part in first.parts] == [(20, 30, False), (20, 0, True)]
    assert [(float(part.start), float(part.width), part.dot) for part in second.parts] == [(25, 75, False), (25, 0, True)]


def test_numbers_beside_each_other_are_drawn_to_the_longest() -> None:
    picture = bars("x", "X", {"a": "A", "b": "B"}, some(a="2", b="8"))
    assert [float(bar.parts[0].width) for bar in picture.bars] == [25, 100]
    assert bars("x", "X", {"a": "A"}, some(a="no figure")).is_empty


def test_squares_are_darker_the_more_and_hidden_ones_have_no_number() -> None:
    numbers = {("AT", "PT"): 10, ("AT", "DE"): 1, ("DE", "PT"): 0, ("AT", "*"): 11}
    table = grid("countries", "Countries", ["AT", "DE"], ["PT", "DE"], numbers, 11)
    assert {cell: (square.number, square.strength) for cell, square in table.squares.items()} == {
        ("AT", "PT"): (10, 5),
        ("AT", "DE"): (1, 1),
        ("DE", "PT"): (0, 0),
        ("DE", "DE"): (None, 0),
    }
    assert (table.row_totals, table.column_totals) == ({"AT": 11, "DE": None}, {"PT": None, "DE": None})
