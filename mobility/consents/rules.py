"""Which exchanges and services may be told, and how: each side's last word, of both the stricter (review_example.md, 18). Pure.

A leave withdrawn changes no figure: it takes the exchange out of what is told with names or without.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mobility.questionnaires.standard import END_GUEST, END_HOST, PUBLISH
from mobility.vouchers.states import CLAIMED, DELIVERED, LAPSED, PAID, RECOVERED, VALIDATED
from mobility.workflows.parts import Actor

WITH_NAMES, WITHOUT, NO = "with_names", "without", "no"
STRICTNESS = {WITH_NAMES: 0, WITHOUT: 1, NO: 2}
GUEST, HOST = "guest", "host"
ASKED_IN = {GUEST: END_GUEST, HOST: END_HOST}
SPEAKS_FOR = {  # side -> who says it
    GUEST: (Actor.GUEST, Actor.HOLDER, Actor.GUEST_COORDINATOR),
    HOST: (Actor.HOST_COORDINATOR, Actor.HOST, Actor.PROVIDER),
}
LABELS = {option.key: option.label for option in PUBLISH}
CALLED = {GUEST: "holder", HOST: "provider"}  # the sides of a voucher's service
SERVED = frozenset({DELIVERED, CLAIMED, VALIDATED, PAID})  # the states of a voucher whose service one can tell of
AFTERWARDS = frozenset({LAPSED, RECOVERED})  # nobody begins to tell of it any more; what was said can be taken back
UNSAID = "Not said yet, so: no"
TOLD = {
    WITH_NAMES: "The programme may tell others about {this}, with names.",
    WITHOUT: "The programme may tell others about {this}, but name nobody.",
    NO: "The programme tells nobody else about {this}.",
}

Said = dict[tuple[int | None, str], str]
"""(exchange, side) -> its last word; or (voucher, side): never both in one."""


class Word(NamedTuple):
    """What one side has said of an exchange or voucher: in its end questionnaire, on its page, or agreeing to a story."""

    about_id: int | None
    side: str
    publish: str
    at: datetime


def last_words(words: Iterable[Word]) -> Said:
    return {(each.about_id, each.side): each.publish for each in sorted(words, key=lambda word: word.at)}


def leave(said: Said, about_id: int) -> str:
    """The stricter word of both sides. One that has said nothing has given no leave."""
    return max((said.get((about_id, side), NO) for side in ASKED_IN), key=STRICTNESS.__getitem__)
