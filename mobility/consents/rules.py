"""Which exchanges may be told, and how: each side's last word, and of both the stricter (review_example.md, 18). Pure.

A leave withdrawn changes no figure: it takes the exchange out of what is told with names or without.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mobility.questionnaires.standard import END_GUEST, END_HOST, PUBLISH
from mobility.workflows.parts import Actor

WITH_NAMES, WITHOUT, NO = "with_names", "without", "no"
STRICTNESS = {WITH_NAMES: 0, WITHOUT: 1, NO: 2}
GUEST, HOST = "guest", "host"
ASKED_IN = {GUEST: END_GUEST, HOST: END_HOST}
SPEAKS_FOR = {  # side -> who says it
    GUEST: (Actor.GUEST, Actor.GUEST_COORDINATOR),
    HOST: (Actor.HOST_COORDINATOR, Actor.HOST),
}
LABELS = {option.key: option.label for option in PUBLISH}
UNSAID = "Not said yet, so: no"
TOLD = {
    WITH_NAMES: "The programme may tell others about this exchange, with names.",
    WITHOUT: "The programme may tell others about this exchange, but name nobody.",
    NO: "The programme tells nobody else about this exchange.",
}

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
