"""Reading what both sides of exchanges, and of knowledge vouchers, say about publishing them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from mobility.consents.models import PublishConsent
from mobility.consents.rules import (
    AFTERWARDS,
    ASKED_IN,
    CALLED,
    LABELS,
    SERVED,
    SPEAKS_FOR,
    STRICTNESS,
    TOLD,
    UNSAID,
    Said,
    Word,
    last_words,
    leave,
)
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.followup.models import Answer, QuestionnaireRequest
from mobility.people.models import User
from mobility.questionnaires.models import Questionnaire
from mobility.vouchers.models import Voucher


def words_on_publishing(exchange_ids: Collection[int]) -> Said:
    """What both sides of these exchanges last said about publishing them. Two queries."""
    return last_words([*_answered(exchange_ids), *_changed(exchange_ids)])


def words_on_services(voucher_ids: Collection[int]) -> Said:
    """The same of vouchers, by their ids: no questionnaire asks for it. One query."""
    said = PublishConsent
    found = select(said.voucher_id, said.side, said.publish, said.at).where(said.voucher_id.in_(voucher_ids))
    return last_words(Word(*row) for row in db.session.execute(found.order_by(said.id)))


def words_about(subject: Exchange | Voucher) -> Said:
    return words_on_publishing([subject.id]) if isinstance(subject, Exchange) else words_on_services([subject.id])


def can_be_told(subject: Exchange | Voucher) -> bool:
    """The visit has taken place; or what the voucher bought was delivered."""
    if isinstance(subject, Exchange):
        return subject.state in TOOK_PLACE
    return subject.traits.rests_on_price and subject.state in SERVED


def _was_told(subject: Exchange | Voucher) -> bool:
    """It can be told no more, but a word on it has been said before."""
    return isinstance(subject, Voucher) and subject.state in AFTERWARDS and bool(words_about(subject))


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


# On the page of an exchange or voucher


class Side(NamedTuple):
    """`word` in words, `key` as it is kept; `mine`: the reader speaks for it. `called`: the host, of a voucher the provider."""

    name: str
    called: str
    word: str
    key: str | None
    mine: bool


@dataclass(frozen=True)
class Consent:
    """`told`: what follows from what both sides say."""

    sides: Sequence[Side]
    told: str


def about(subject: Exchange | Voucher, user: User) -> Consent | None:
    """None before there is anything to tell, and for whoever may not know."""
    parts = subject.workflow.actors_on(user, subject)
    if not parts or not (can_be_told(subject) or _was_told(subject)):
        return None
    said, service = words_about(subject), isinstance(subject, Voucher)
    sides = []
    for side, speakers in SPEAKS_FOR.items():
        key, mine = said.get((subject.id, side)), bool(parts & set(speakers))
        sides.append(Side(side, CALLED[side] if service else side, LABELS[key] if key else UNSAID, key, mine))
    this = "this service" if service else "this exchange"
    return Consent(sides, TOLD[leave(said, subject.id)].format(this=this))


def said_by(subject: Exchange | Voucher, side: str, user: User) -> Side:
    """What the reader's side has said; 404 for whoever does not speak for it."""
    found = about(subject, user)
    return or_404(next((each for each in found.sides if each.name == side and each.mine), None) if found else None)
