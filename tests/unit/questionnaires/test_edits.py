"""What an owner's editing makes of items."""

from mobility.questionnaires import edits
from mobility.questionnaires.items import (
    CHOICE,
    NUMBERS,
    ROWS,
    TEXT,
    Item,
    OnlyIf,
    Option,
)
from mobility.questionnaires.standard import BY_KEY

ONE, TWO, THREE = (Item(key=key, kind=TEXT, text=key.capitalize()) for key in ("one", "two", "three"))
COLOURS = Item(key="colour", kind=CHOICE, text="Colour?", options=(Option("red", "Red"), Option("blue", "Blue")))


def keys(items: list[Item]) -> list[str]:
    return [each.key for each in items]


def test_items_move_by_a_place_and_stay_at_the_ends() -> None:
    items = [ONE, TWO, THREE]
    assert keys(edits.moved(items, "two", -1)) == ["two", "one", "three"]
    assert keys(edits.moved(items, "two", 1)) == ["one", "three", "two"]
    assert keys(edits.moved(items, "one", -1)) == ["one", "two", "three"]
    assert keys(edits.moved(items, "three", 1)) == ["one", "two", "three"]


def test_what_rested_on_an_item_that_is_taken_out_is_asked_always() -> None:
    rests = Item(key="why", kind=TEXT, text="Why?", only_if=OnlyIf("one"))
    [left] = edits.without([ONE, rests], "one")
    assert (left.key, left.only_if) == ("why", None)


def test_an_item_keeps_its_place_and_a_new_one_comes_last() -> None:
    other = Item(key="two", kind=TEXT, text="Other")
    assert edits.placed([ONE, TWO, THREE], other) == [ONE, other, THREE]
    assert edits.placed([ONE], TWO) == [ONE, TWO]


def test_keys_are_plain_and_unique() -> None:
    assert edits.key_for("How many Käse?", ()) == "how_many_kase"
    assert edits.key_for("How many Käse?", ("how_many_kase",)) == "how_many_kase_2"
    assert edits.key_for("3 things", ()) == "item_3_things"
    assert edits.key_for("???", ("item",)) == "item_2"


def test_an_option_that_is_only_reworded_keeps_its_key() -> None:
    assert edits.options_from(["Dark red", "Blue"], COLOURS.options) == (Option("red", "Dark red"), Option("blue", "Blue"))
    assert edits.options_from(["Blue", "Red"], COLOURS.options) == (Option("blue", "Blue"), Option("red", "Red"))
    added = edits.options_from(["Red", "Green", "Blue"], COLOURS.options)
    assert added == (Option("red", "Red"), Option("green", "Green"), Option("blue", "Blue"))
    assert edits.with_lines(Item(key="x", kind=ROWS, text="x"), ["What", "Who"]).columns == (
        Item(key="what", kind=TEXT, text="What"),
        Item(key="who", kind=TEXT, text="Who"),
    )


def test_conditions_are_one_choice_of_a_list() -> None:
    assert edits.conditions([ONE, COLOURS, TWO], "two") == {
        "one": "“One” has an answer",
        "colour": "“Colour?” has an answer",
        "colour=red": "“Colour?” is “Red”",
        "colour=blue": "“Colour?” is “Blue”",
    }
    numbers = Item(key="days", kind=NUMBERS, text="Days?", options=COLOURS.options)
    assert edits.conditions([numbers, TWO], "two") == {"days": "“Days?” has an answer"}  # its options are what is asked
    for condition in (None, OnlyIf("one"), OnlyIf("colour", ("blue",))):
        assert edits.condition_from(edits.condition_key(condition)) == condition


def test_what_was_taken_out_of_the_standard_set() -> None:
    standard = BY_KEY["month_12_host"].items
    assert keys(edits.taken_out("month_12_host", standard[1:])) == ["still_used"]
    assert edits.taken_out("of our own", [ONE]) == []
    assert edits.is_fixed("month_12_host", standard[0])
    assert not edits.is_fixed("month_12_host", ONE)
