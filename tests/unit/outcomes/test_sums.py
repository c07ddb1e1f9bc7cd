"""What several sums tell together, by hand."""

import pytest

from mobility.outcomes.sums import gives_away, tells_of_few
from tests.support.timing import processor_seconds


def cases(*spans: tuple[int, int]) -> frozenset[int]:
    """All numbers of these spans, the ends among them."""
    return frozenset(number for first, last in spans for number in range(first, last + 1))


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ([cases((1, 9))], False),
        ([cases((1, 9)), cases((1, 13))], True),  # 10 to 13
        ([cases((1, 9)), cases((1, 14))], False),  # five more
        ([cases((1, 9)), cases((1, 8), (10, 10))], False),  # one more, one less: the difference of two, and nobody's amount
        ([cases((1, 9)), cases((10, 18)), cases((1, 20))], True),  # 20 - 9 - 9
        ([cases((1, 9)), cases((10, 18)), cases((1, 23))], False),
        ([cases((1, 9)), cases((6, 14)), cases((1, 5), (10, 15))], False),
        # the first and the second hold 6 to 9 in common; the third holds all once: both less the third are those four
        ([cases((1, 9)), cases((6, 14)), cases((1, 14))], True),
        # twice one case: (1 to 6) + (1, 7 to 11) - (2 to 11)
        ([cases((1, 6)), cases((1, 1), (7, 11)), cases((2, 11))], True),
    ],
)
def test_sums_tell_of_few_together(sets: list[frozenset[int]], told: bool) -> None:
    assert tells_of_few(sets) == told


def test_one_figure_with_others_is_no_riddle() -> None:
    """The same figure once more tells nothing new; one more and one less would tell that somebody was exchanged for another."""
    assert not gives_away(cases((1, 9)), [cases((1, 9))])
    assert gives_away(cases((1, 8), (10, 10)), [cases((1, 9))])


def test_many_sums_take_no_long_search() -> None:
    """60 sets that overlap in ones: too many to try all, so the next is hidden, at once."""
    sets = [cases((number, number + 30)) for number in range(60)]
    assert tells_of_few(sets)
    assert processor_seconds(lambda: tells_of_few(sets)) < 1
