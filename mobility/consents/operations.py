"""Changing one's mind about what may be published."""

from mobility.consents.models import PublishConsent
from mobility.consents.queries import words_about
from mobility.consents.rules import CALLED, LABELS, SPEAKS_FOR
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.vouchers.models import Voucher


def change_consent(subject: Exchange | Voucher, *, side: str, publish: str, by: User) -> None:
    """A side ("guest" or "host") says anew whether the locked exchange, or what the locked voucher bought, may be published; it
    takes effect at once.

    Raises NotAllowed for whoever does not speak for that side, and Refusal at "publish" for a word that is none.
    """
    part = next((each for each in SPEAKS_FOR[side] if subject.workflow.plays(each, by, subject)), None)
    called = side if isinstance(subject, Exchange) else CALLED[side]
    if part is None:
        raise NotAllowed(f"Only the {called}'s side can say this.")
    if publish not in LABELS:
        raise Refusal("Choose one of the answers.", "publish")
    if words_about(subject).get((subject.id, side)) == publish:
        return  # the same click, twice
    about = {"exchange_id" if isinstance(subject, Exchange) else "voucher_id": subject.id}
    db.session.add(PublishConsent(**about, side=side, publish=publish, by_id=by.id))
    state, word = subject.state, LABELS[publish]
    note = f"The {called}'s side: {word[0].lower()}{word[1:]}."
    subject.record("change_consent", by=by, acted_as=part, from_state=state, to_state=state, note=note)
    db.session.flush()
