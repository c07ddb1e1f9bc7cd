"""Which stories may be told, and how: the last word of each side, and of both the stricter one (review_example.md, 18). Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

WITH_NAMES, WITHOUT, NO = "with_names", "without", "no"
STRICTNESS = {WITH_NAMES: 0, WITHOUT: 1, NO: 2}
SIDES = ("guest", "host")


class Word(NamedTuple):
    """What one side of an exchange has said: in a questionnaire, on the exchange's page, or agreeing to a story."""

    exchange_id: int
    side: str
    publish: str
    at: datetime


def leave(words: Iterable[Word]) -> dict[int, str]:
    """By the exchange: with_names, without or no. A side that has said nothing has given no leave."""
    said = {(each.exchange_id, each.side): each.publish for each in sorted(words, key=lambda word: word.at)}
    return {id: max((said.get((id, side), NO) for side in SIDES), key=STRICTNESS.__getitem__) for id, _ in said}
