"""Changing one's mind about what may be published."""

from mobility.consents.models import PublishConsent
from mobility.consents.queries import words_on_publishing
from mobility.consents.rules import LABELS, SPEAKS_FOR
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.exchanges.models import Exchange
from mobility.people.models import User


def change_consent(exchange: Exchange, *, side: str, publish: str, by: User) -> None:
    """A side ("guest" or "host") says anew whether the locked exchange may be published; it takes effect at once.

    Raises NotAllowed for whoever does not speak for that side, and Refusal at "publish" for a word that is none.
    """
    part = next((each for each in SPEAKS_FOR[side] if exchange.workflow.plays(each, by, exchange)), None)
    if part is None:
        raise NotAllowed(f"Only the {side}'s side can say this.")
    if publish not in LABELS:
        raise Refusal("Choose one of the answers.", "publish")
    if words_on_publishing([exchange.id]).get((exchange.id, side)) == publish:
        return  # the same click, twice
    db.session.add(PublishConsent(exchange_id=exchange.id, side=side, publish=publish, by_id=by.id))
    state, word = exchange.state, LABELS[publish]
    note = f"The {side}'s side: {word[0].lower()}{word[1:]}."
    exchange.record("change_consent", by=by, acted_as=part, from_state=state, to_state=state, note=note)
    db.session.flush()
