"""The competence map by hand: who stands in which square, and what its mark says."""

from typing import Any

import pytest

from mobility.people.topics import topics_of
from mobility.reviews.competences import KINDS, Knower, Mark, Offer, drawn


def offer(id: int, sectors: list[str], topics: list[str], asked: int = 0, missed: int = 0) -> Offer:
    return Offer(id, f"Theme {id}", "A host", sectors, topics, asked, missed)


def knower(id: int, sectors: list[str], topics: list[str]) -> Knower:
    return Knower(id, f"Expert {id}", "A place", sectors, topics)


@pytest.mark.parametrize(
    ("asked", "experts", "mark"),
    [
        # (asked, missed) of each theme of the square
        ([(0, 0)], 0, "Offered, not asked for"),
        ([(0, 0)], 2, "Offered, not asked for"),
        ([(3, 0)], 0, "Meets"),
        ([(3, 0), (0, 0)], 1, "Meets"),
        ([(3, 1)], 0, "Asked for, not enough places"),
        ([(3, 0), (1, 1)], 1, "Asked for, not enough places"),
        ([], 1, "Known, no theme yet"),
    ],
)
def test_what_a_mark_says(asked: list[Any], experts: int, mark: str) -> None:
    themes = [offer(number, ["food"], ["clean_energy"], *counts) for number, counts in enumerate(asked)]
    known = [knower(number, ["food"], ["clean_energy"]) for number in range(experts)]
    [square] = drawn(themes, known).squares.values()
    assert square.mark == Mark(mark)
    assert (square.asked, square.missed) == (sum(a for a, _ in asked), sum(m for _, m in asked))


def test_each_stands_in_every_square_of_its_sectors_and_topics() -> None:
    """Skills are of another group, and what is no longer in the lists has no square."""
    themes = [
        offer(1, ["food", "wood"], ["bioeconomy", "skills"], 2),
        offer(2, ["wood", "gone"], ["internationalisation", "bioeconomy", "gone"], 1, 1),
        offer(3, [], ["bioeconomy"]),
        offer(4, ["metal"], ["skills"]),
    ]
    found = drawn(themes, [knower(7, ["digital"], ["internationalisation"]), knower(8, ["food"], [])])
    assert {place: ([each.id for each in square.themes], square.asked) for place, square in found.squares.items()} == {
        ("food", "bioeconomy"): ([1], 2),
        ("wood", "bioeconomy"): ([1, 2], 3),
        ("wood", "internationalisation"): ([2], 1),
        ("", "bioeconomy"): ([3], 0),
        ("digital", "internationalisation"): ([], 0),
    }
    assert [*found.rows.values()] == ["Digital and software", "Food and drink", "Wood, furniture and paper", "No sector named"]
    assert found.kinds == {
        "Emerging industries": {"bioeconomy": "Bioeconomy"},
        "Cross-cutting issues": {"internationalisation": "Internationalisation"},
    }
    assert [*found.marked.values()] == [1, 2, 1, 1]


def test_the_columns_are_two_groups_of_the_list() -> None:
    assert [(kind, len(topics)) for kind, topics in KINDS.items()] == [("Emerging industries", 10), ("Cross-cutting issues", 6)]
    assert "skills" not in topics_of("industries", "crosscutting")


def test_nothing_is_an_empty_map() -> None:
    found = drawn([], [])
    assert (found.squares, found.rows, found.kinds) == ({}, {}, {})
