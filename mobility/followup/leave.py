"""Which exchanges may be told, and how: each side's last word, and of both the stricter (review_example.md, 18). Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mobility.questionnaires.standard import END_GUEST, END_HOST

WITH_NAMES, WITHOUT, NO = "with_names", "without", "no"
STRICTNESS = {WITH_NAMES: 0, WITHOUT: 1, NO: 2}
GUEST, HOST = "guest", "host"
ASKED_IN = {GUEST: END_GUEST, HOST: END_HOST}

Said = dict[tuple[int, str], str]
"""(exchange, side) -> its last word."""


class Word(NamedTuple):
    """What one side of an exchange has said: in its end questionnaire, on the exchange's page, or agreeing to a story."""

    exchange_id: int
    side: str
    publish: str
    at: datetime


def last_words(words: Iterable[Word]) -> Said:
    return {(each.exchange_id, each.side): each.publish for each in sorted(words, key=lambda word: word.at)}


def leave(said: Said, exchange_id: int) -> str:
    """The stricter word of both sides. One that has said nothing has given no leave."""
    return max((said.get((exchange_id, side), NO) for side in ASKED_IN), key=STRICTNESS.__getitem__)
