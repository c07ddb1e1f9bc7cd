"""What is typed into a questionnaire is read as it is meant, or refused with what would be right (followup.md)."""

from typing import Any

import pytest

from mobility.questionnaires import items, reading
from mobility.questionnaires.items import (
    Item,
    Leaf,
    Lines,
    OnlyIf,
    Option,
)
from mobility.questionnaires.reading import (
    Notation,
)
from mobility.questionnaires.standard import BY_KEY, FIGURES, STANDARD, figures_of, standard_item

TWO = Lines({"o1": "A price list", "o2": "A test plant"}, {"t1": "The price list"})
YES_PARTLY = (Option("yes", "Yes"), Option("partly", "Partly"))


def item(kind: str, key: str = "x", **more: Any) -> Item:
    return Item(key=key, kind=kind, text="What?", **more)


@pytest.mark.parametrize(
    ("asked", "typed", "mark", "read"),
    [
        (item(items.SCALE_5), "1", ".", 1),
        (item(items.SCALE_5), "5", ".", 5),
        (item(items.SCALE_10), "0", ".", 0),
        (item(items.SCALE_10), "10", ".", 10),
        (item(items.YES_NO), "no", ".", "no"),
        (item(items.CHOICE, options=YES_PARTLY), "partly", ".", "partly"),
        (item(items.CHOICE, options=(Option("3", "Usually"),)), "3", ".", 3),
        (item(items.NUMBER), " 12 ", ".", "12"),
        (item(items.NUMBER), "0", ".", "0"),
        (item(items.NUMBER, whole=False), "5.50", ".", "5.5"),
        (item(items.NUMBER, whole=False), "5,5", ",", "5.5"),
        (item(items.NUMBER), "1000000", ".", "1000000"),
        (item(items.PERCENT), "80 %", ".", "80"),
        (item(items.PERCENT), "62,5", ",", "62.5"),
        (item(items.MONEY), "1,000.50", ".", "1000.50"),
        (item(items.MONEY), "1.000,50", ",", "1000.50"),
        (item(items.MONEY), "€ 780", ".", "780.00"),
        (item(items.DATE), "2028-02-29", ".", "2028-02-29"),
        (item(items.TEXT), "  two   words ", ".", "two words"),
        (item(items.LONG_TEXT), "a\nb", ".", "a\nb"),
        (item(items.LONG_TEXT), "x" * 5000, ".", "x" * 5000),
        (item(items.TEXT), "   ", ".", None),
        (item(items.SCALE_5), "", ".", None),
    ],
)
def test_what_is_typed_is_read(asked: Item, typed: str, mark: str, read: Any) -> None:
    assert reading.read(asked, typed, Notation(mark)) == read


@pytest.mark.parametrize(
    ("asked", "typed", "mark", "words"),
    [
        (item(items.SCALE_5), "0", ".", "Choose one from the list."),
        (item(items.SCALE_5), "6", ".", "Choose one from the list."),
        (item(items.SCALE_10), "11", ".", "Choose one from the list."),
        (item(items.YES_NO), "maybe", ".", "Choose one from the list."),
        (item(items.NUMBER), "5.5", ".", "Enter a whole number"),
        (item(items.NUMBER), "-1", ".", "at least zero"),
        (item(items.NUMBER), "many", ".", "Enter a number, such as 10"),
        (item(items.NUMBER, whole=False), "5,5", ".", "such as 10 or 2.5"),
        (item(items.NUMBER, whole=False), "5.5", ",", "such as 10 or 2,5"),
        (item(items.NUMBER, whole=False), "1.234", ".", "at most two digits"),
        (item(items.NUMBER), "1000001", ".", "at most 1,000,000"),
        (item(items.NUMBER), "1" * 40, ".", "Enter a number"),
        (item(items.NUMBER), "٣", ".", "Enter a number"),
        (item(items.PERCENT), "101", ".", "from 0 to 100"),
        (item(items.MONEY), "1.000,50", ".", "such as 1,000.50"),
        (item(items.MONEY), "1,000.50", ",", "such as 1.000,50"),
        (item(items.MONEY), "$5", ".", "in euro"),
        (item(items.DATE), "31.8.2027", ".", "2027-03-03"),
        (item(items.DATE), "2027-02-29", ".", "2027-03-03"),
        (item(items.DATE), "1027-02-28", ".", "between 2000 and 2100"),
        (item(items.TEXT), "x" * 201, ".", "200 characters; these are 201"),
        (item(items.LONG_TEXT), "x" * 10_000, ".", "5000 characters; these are 10000"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(asked: Item, typed: str, mark: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        reading.read(asked, typed, Notation(mark))
    assert words in str(refused.value)


def test_several_are_kept_in_their_order() -> None:
    several = item(items.SEVERAL, options=YES_PARTLY)
    assert reading.read_several(several, ["partly", "yes"]) == ["yes", "partly"]
    assert reading.read_several(several, []) is None
    with pytest.raises(ValueError, match="from the list"):
        reading.read_several(several, ["never"])


# Lines and rows

MET = item(items.PER_OBJECTIVE, "met", options=YES_PARTLY, required=True)
TAKEN = item(
    items.ROWS,
    "taken",
    columns=(Item(key="what", kind="text", text="What", required=True), Item(key="which", kind="objective", text="Which")),
    most=2,
)


def fields(asked: Item, lines: Lines, **values: Any) -> dict[Leaf, Any]:
    return {leaf: values.get(leaf.name.removeprefix("q-").replace("-", "_")) for leaf in items.leaves(asked, lines)}


def test_a_line_for_each_objective() -> None:
    found = items.leaves(MET, TWO)
    assert [(leaf.name, leaf.label) for leaf in found] == [("q-met-o1", "A price list"), ("q-met-o2", "A test plant")]
    assert items.leaves(MET, Lines()) == []
    answers = items.collect(fields(MET, TWO, met_o1="yes", met_o2="partly"))
    assert answers == {"met": {"o1": "yes", "o2": "partly"}}
    assert [items.value_at(answers, leaf) for leaf in found] == ["yes", "partly"]


def test_rows_that_are_empty_are_none() -> None:
    names = [leaf.name for leaf in items.leaves(TAKEN, TWO)]
    assert names == ["q-taken-1-what", "q-taken-1-which", "q-taken-2-what", "q-taken-2-which"]
    assert items.collect(fields(TAKEN, TWO)) == {}
    answers = items.collect(fields(TAKEN, TWO, taken_1_what="List", taken_1_which="o2"))
    assert answers == {"taken": [{"what": "List", "which": "o2"}]}
    assert [items.value_at(answers, leaf) for leaf in items.leaves(TAKEN, TWO)] == ["List", "o2", None, None]


def test_of_one_objective_there_is_nothing_to_choose() -> None:
    assert [leaf.name for leaf in items.leaves(TAKEN, Lines({"o1": "One"}))] == ["q-taken-1-what", "q-taken-2-what"]


def test_several_numbers_and_words_beside_a_take_over() -> None:
    joint = item(items.NUMBERS, "joint", options=(Option("project", "Projects"), Option("proposal", "Proposals")))
    assert items.collect(fields(joint, TWO, joint_project="2")) == {"joint": {"project": "2"}}
    states = item(items.PER_TAKE_OVER, "states", options=YES_PARTLY, why=True)
    assert [leaf.name for leaf in items.leaves(states, TWO)] == ["q-states-t1", "q-states-t1_why"]


# What is asked, and what is missing

FRUIT = item(items.SEVERAL, "fruit", options=(Option("apple", "Apple"), Option("other", "Other")))
WHICH = item(items.TEXT, "which", required=True, only_if=OnlyIf("fruit", ("other",)))
HOW = item(items.TEXT, "how", required=True, only_if=OnlyIf("which"))
CHAIN = [FRUIT, WHICH, HOW]


@pytest.mark.parametrize(
    ("answers", "missed", "sent"),
    [
        ({}, [], {}),
        ({"fruit": ["apple"], "which": "Pear"}, [], {"fruit": ["apple"]}),
        ({"fruit": ["apple", "other"]}, ["q-which"], {"fruit": ["apple", "other"]}),
        ({"fruit": ["other"], "which": "Pear"}, ["q-how"], {"fruit": ["other"], "which": "Pear"}),
        ({"fruit": ["apple"], "which": "Pear", "how": "Raw"}, [], {"fruit": ["apple"]}),
        (
            {"fruit": ["other"], "which": "Pear", "how": "Raw"},
            [],
            {"fruit": ["other"], "which": "Pear", "how": "Raw"},
        ),
    ],
)
def test_an_item_is_asked_only_if_another_has_an_answer(answers: dict[str, Any], missed: list[str], sent: dict[str, Any]) -> None:
    assert [problem.field for problem in items.missing(CHAIN, TWO, answers)] == missed
    assert items.to_send(CHAIN, Lines(), answers) == sent


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"t1": "no"}, True),
        ({"t1": "yes", "t2": "no"}, True),  # one line is enough
        ({"t1": "yes", "t2": "yes"}, False),
        ({"t1": "yes", "t1_why": "no"}, False),  # words beside a choice are no choice
        (None, False),
    ],
)
def test_what_is_answered_by_line_is_an_answer(given: Any, asked: bool) -> None:
    options = (Option("yes", "Yes"), Option("no", "No"))
    kept = item(items.PER_TAKE_OVER, "kept", options=options, why=True)
    story = item(items.TEXT, "story", only_if=OnlyIf("kept", ("no",)))
    answers = {"story": "It broke."} | ({"kept": given} if given else {})
    assert ("story" in items.to_send([kept, story], Lines(), answers)) == asked


def test_answers_about_lines_that_are_gone_are_not_sent() -> None:
    """The agreement was amended since the draft was saved."""
    answers = {"met": {"o1": "yes", "o3": "no", "o3_why": "Taken out."}}
    assert items.to_send([MET], TWO, answers) == {"met": {"o1": "yes"}}
    assert items.to_send([MET], Lines(), answers) == {}


def test_every_line_must_be_answered_and_a_row_says_what() -> None:
    assert [problem.field for problem in items.missing([MET], TWO, {"met": {"o1": "yes"}})] == ["q-met-o2"]
    assert [problem.field for problem in items.missing([TAKEN], TWO, {"taken": [{"which": "o1"}]})] == ["q-taken-1-what"]
    assert items.missing([TAKEN], TWO, {}) == []


def test_a_condition_in_words() -> None:
    assert items.condition_in_words(WHICH, CHAIN) == "Only if you answered “What?” with “Other”."
    assert items.condition_in_words(HOW, CHAIN) == "Only if you answered “What?”."
    assert items.condition_in_words(FRUIT, CHAIN) == ""


def test_what_stands_against_publishing() -> None:
    assert items.problems_of(CHAIN) == []
    assert items.problems_of([]) == ["Add at least one item: an empty questionnaire asks nothing."]
    assert items.problems_of([item(items.CHOICE)]) == ["“What?” has no options."]
    assert len(items.problems_of([WHICH, FRUIT])) == 1


def test_an_answer_on_which_something_rests_stays_among_the_options() -> None:
    without = item(items.SEVERAL, "fruit", options=(Option("apple", "Apple"),))
    [problem] = items.problems_of([without, WHICH])
    assert problem == "“What?” is asked only if “What?” has an answer that is not among its options. Choose another one."
    numbers = item(items.NUMBERS, "fruit", options=FRUIT.options)
    assert len(items.problems_of([numbers, WHICH])) == 1
    scale = item(items.SCALE_5, "fruit")
    assert items.problems_of([scale, item(items.TEXT, "why", only_if=OnlyIf("fruit", ("1", "2")))]) == []


# The standard set


def test_items_come_back_from_their_json() -> None:
    for standard in STANDARD:
        for each in standard.items:
            assert Item.of(each.stored()) == each


def test_the_standard_set_is_that_of_the_specification() -> None:
    """The table of followup.md, by hand: key, of whom, event, days, months, items in their order."""
    states, changes = "take_over_states", "changes"
    yearly = "members_served leveraged label policy anyway key_figures story"
    assert [
        (each.key, each.asked_of, each.event, each.days, each.months, " ".join(item.key for item in each.items))
        for each in STANDARD
    ] == [
        ("before", "guest", "signature", 0, (), "practice"),
        (
            "end_guest",
            "guest",
            "stay",
            7,
            (),
            "met benefit take_overs effort_worth length relevance trust apply met_managers met_policy_makers met_members hours "
            "covered recommend repeat gave publish",
        ),
        ("end_delegate", "delegate", "stay", 7, (), "relevance trust apply length recommend words"),
        (
            "end_host",
            "host",
            "stay",
            7,
            (),
            "prepared worked learned adopted benefit effort_worth hours contacts again change_theme publish",
        ),
        ("month_3", "guest", "stay", 0, (3,), f"{states} practice shared obstacles obstacles_other contacts support"),
        ("month_6", "guest", "stay", 0, (6,), f"{states} {changes} joint"),
        ("month_6_host", "host", "stay", 0, (6,), f"{changes} joint"),
        (
            "month_12",
            "guest",
            "stay",
            0,
            (12,),
            f"{states} practice {yearly}",
        ),
        ("month_12_host", "host", "stay", 0, (12,), "still_used anyway"),
        ("manager", "manager", "stay", 0, (6, 12), "confirmed"),
        ("delivery", "holder", "delivery", 0, (), "quality fit answer_days certificate"),
        ("applied", "holder", "delivery", 0, (6,), f"applied {changes} bought_more anyway"),
    ]
    assert all(items.problems_of(each.items) == [] for each in STANDARD)


def test_figures_rest_on_items_that_are_there() -> None:
    assert all(standard_item(*each) for each in FIGURES)
    assert figures_of("month_12", "anyway") == ("Additionality",)
    assert figures_of("month_12", "story") == ()
    assert standard_item("month_12", "nothing") is None
    assert [str(each.key) for each in BY_KEY["month_12"].items[1].options] == ["0", "1", "2", "3", "4"]


def test_rows_that_were_left_empty_say_that_there_is_nothing() -> None:
    """Where they were not asked, nothing was said."""
    column = item(items.TEXT, "what")
    changes = item(items.ROWS, "changes", columns=(column,))
    more = item(items.ROWS, "more", columns=(column,), only_if=OnlyIf("fit", ("yes",)))
    asked = [item(items.YES_NO, "fit"), changes, more]
    assert items.to_send(asked, Lines(), {"fit": "no"}) == {"fit": "no", "changes": []}
    assert items.to_send(asked, Lines(), {"fit": "yes", "changes": [{"what": "A tool"}]}) == {
        "fit": "yes",
        "changes": [{"what": "A tool"}],
        "more": [],
    }
