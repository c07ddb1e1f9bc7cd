"""Links are found in any text, in a time that grows with its length alone."""

from time import process_time

import pytest

from mobility.notifications.rules import NO_LINK, without_links, without_targets

TOKEN = "WzQyXQ.ab-c_" + "x" * 38  # what core/links.py signs: forty-three letters after a point


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"see {TOKEN} now", f"see {NO_LINK} now"),
        (f"/go/{TOKEN}?next=1", NO_LINK),
        (f"a.{'b' * 43}", NO_LINK),
        (f"a.{'b' * 44}", f"a.{'b' * 44}"),
        ("https://example.org/x now", f"{NO_LINK} now"),
        ("nothing.to see", "nothing.to see"),
    ],
)
def test_without_links(before: str, after: str) -> None:
    assert without_links(before) == after


@pytest.mark.parametrize("piece", ["a", "a-", "a.", "x." + "a" * 42, " href", '<a href="', "a:/"])
def test_words_without_end_cost_nothing(piece: str) -> None:
    begun = process_time()
    without_targets(piece * (50_000 // len(piece)))
    assert process_time() - begun < 1
