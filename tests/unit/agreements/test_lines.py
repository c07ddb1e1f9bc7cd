"""The numbered lines of an agreement: a text's, and their keys through amendments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.agreements import lines
from mobility.agreements.lines import Line
from tests.support.lines import SPLIT


@pytest.mark.parametrize(("text", "found"), SPLIT)
def test_a_text_is_split_by_its_lines(text: str, found: list[str]) -> None:
    assert lines.split(text, "o") == tuple(Line(f"o{number}", each) for number, each in enumerate(found, 1))


@given(st.text(alphabet="ab 1.-\n\r\u2028é", max_size=60))
def test_no_word_is_lost(text: str) -> None:
    found = lines.split(text, "o")
    assert len(found) <= lines.MOST_LINES
    kept = "\n".join(each.text for each in found)
    assert [each for each in kept if each in "abé"] == [each for each in text if each in "abé"]
    assert all(each.text.strip() == each.text for each in found)


A, B, C = Line("o1", "A"), Line("o2", "B"), Line("o3", "C")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ([A, B, C], ["o1", "o2", "o3"]),
        ([Line("o1", "A, better"), B], ["o1", "o2"]),
        ([C, A, B], ["o3", "o1", "o2"]),
        ([B, Line("", "D")], ["o2", ""]),
        ([Line("o1", "B"), Line("o2", "A"), C], ["o2", "o1", "o3"]),  # cut and pasted into each other's row
        ([Line("", "A")], ["o1"]),  # removed, and typed again at once
        ([Line("o7", "D"), Line("<b>", "E")], ["", ""]),  # keys that nobody gave
        ([Line("o1", "D"), Line("o1", "E")], ["o1", ""]),
        ([Line("o1", "A"), Line("o1", "A")], ["o1", ""]),
    ],
)
def test_lines_are_recognised(typed: list[Line], found: list[str]) -> None:
    assert [line.key for line in lines.recognised(typed, [A, B, C])] == found


def test_lines_that_say_the_same_stay_apart() -> None:
    same = [Line("o1", "A"), Line("o2", "A")]
    assert lines.recognised(same, same) == tuple(same)
    assert lines.recognised(same[::-1], same) == tuple(same[::-1])


def test_a_number_is_used_once() -> None:
    given = [Line("", "D"), B, Line("", "E")]
    assert lines.numbered(given, "o", {"o1", "o2", "o11"}) == (Line("o12", "D"), B, Line("o13", "E"))
    assert lines.numbered([Line("", "D")], "g", set()) == (Line("g1", "D"),)


@pytest.mark.parametrize(
    ("act", "place", "order"),
    [
        ("up", 1, "BAC"),
        ("down", 1, "ACB"),
        ("remove", 0, "BC"),
        ("up", 0, "ABC"),
        ("down", 2, "ABC"),
        ("down", 9, "ABC"),
        ("remove", 9, "ABC"),
        ("remove", -1, "ABC"),
        ("sideways", 1, "ABC"),
    ],
)
def test_rows_are_moved_and_removed(act: str, place: int, order: str) -> None:
    assert "".join(line.text for line in lines.rearranged([A, B, C], act, place)) == order


# Any sequence of amendments


words = st.text(alphabet="abcde", min_size=1, max_size=3)


@st.composite
def amendments(draw: st.DrawFn) -> list[list[tuple[str, int, str]]]:
    """Of each, what is done with the rows: add (words), reword (row, words), move (row) or remove (row)."""
    act = st.tuples(st.sampled_from(["add", "reword", "up", "down", "remove"]), st.integers(0, 4), words)
    return draw(st.lists(st.lists(act, max_size=4), max_size=8))


def done(rows: list[Line], act: str, place: int, text: str) -> list[Line]:
    if act == "add":
        return [*rows, Line("", text)][: lines.MOST_LINES]
    if act == "reword" and place < len(rows):
        return [*rows[:place], Line(rows[place].key, text), *rows[place + 1 :]]
    return lines.rearranged(rows, act, place)


@given(amendments())
def test_an_untouched_line_keeps_its_key_and_no_key_is_used_twice(history: list[list[tuple[str, int, str]]]) -> None:
    version, used, gone = lines.split("first\nsecond", "o"), {"o1", "o2"}, set[str]()
    for acts in history:
        rows, touched = list(version), set[str]()
        for act, place, text in acts:
            touched |= {rows[place].key} if act in {"reword", "remove"} and place < len(rows) else set()
            rows = done(rows, act, place, text)
        if not rows:
            continue
        following = lines.numbered(lines.recognised(rows, version), "o", used)
        assert [line.text for line in following] == [row.text for row in rows]
        keys = [line.key for line in following]
        assert len({*keys}) == len(keys)
        assert not gone & {*keys}, "a key that was given up comes back"
        for line in version:
            if line.key not in touched and [each.text for each in (*version, *rows)].count(line.text) == 2:
                assert line in following
        gone |= {line.key for line in version} - {*keys}
        used |= {*keys}
        version = following
