"""Reading what both sides of exchanges say about publishing them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from mobility.consents.models import PublishConsent
from mobility.consents.rules import ASKED_IN, LABELS, SPEAKS_FOR, STRICTNESS, TOLD, UNSAID, Said, Word, last_words, leave
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.followup.models import Answer, QuestionnaireRequest
from mobility.people.models import User
from mobility.questionnaires.models import Questionnaire


def words_on_publishing(exchange_ids: Collection[int]) -> Said:
    """What both sides of these exchanges last said about publishing them. Two queries."""
    return last_words([*_answered(exchange_ids), *_changed(exchange_ids)])


def _answered(exchange_ids: Collection[int]) -> Iterator[Word]:
    """In their end questionnaires: of each request the last sending, which replaces the earlier also where it leaves this out."""
    request, sides = QuestionnaireRequest, {key: side for side, key in ASKED_IN.items()}
    found = (
        select(request.id, request.exchange_id, Questionnaire.key, Answer.answers["publish"].as_string(), Answer.sent_at)
        .join(Answer.request)
        .join(request.questionnaire)
        .where(Questionnaire.key.in_(sides), request.exchange_id.in_(exchange_ids))
        .order_by(Answer.id)
    )
    last = {id: Word(about, sides[key], word, at) for id, about, key, word, at in db.session.execute(found)}
    return (each for each in last.values() if each.publish in STRICTNESS)


def _changed(exchange_ids: Collection[int]) -> Iterator[Word]:
    said = PublishConsent
    found = select(said.exchange_id, said.side, said.publish, said.at).where(said.exchange_id.in_(exchange_ids))
    return (Word(*row) for row in db.session.execute(found.order_by(said.id)))


# On the page of an exchange


class Side(NamedTuple):
    """`word` in words, `key` as it is kept; `mine`: the reader speaks for it."""

    name: str
    word: str
    key: str | None
    mine: bool


@dataclass(frozen=True)
class Consent:
    """`told`: what follows from what both sides say."""

    sides: Sequence[Side]
    told: str


def about(exchange: Exchange, user: User) -> Consent | None:
    """None before it has taken place, and for whoever may not know."""
    parts = exchange.workflow.actors_on(user, exchange)
    if exchange.state not in TOOK_PLACE or not parts:
        return None
    said = words_on_publishing([exchange.id])
    sides = []
    for side, speakers in SPEAKS_FOR.items():
        key = said.get((exchange.id, side))
        sides.append(Side(side, LABELS[key] if key else UNSAID, key, bool(parts & set(speakers))))
    return Consent(sides, TOLD[leave(said, exchange.id)])


def said_by(exchange: Exchange, side: str, user: User) -> Side:
    """What the reader's side has said; 404 for whoever does not speak for it."""
    found = about(exchange, user)
    return or_404(next((each for each in found.sides if each.name == side and each.mine), None) if found else None)
