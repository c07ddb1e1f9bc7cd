"""Writing the public texts."""

from sqlalchemy.exc import IntegrityError

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.texts import queries
from mobility.texts.models import PublicText
from mobility.texts.rules import PAGES


class TextChanged(Refusal):
    """Somebody else has saved the text since the form was opened."""

    status = 409

    def __init__(self, words: queries.Words):
        self.words = words
        who = f"{words.text.changed_by.name} has" if words.text else "Somebody else has"
        super().__init__(
            f"{who} changed this text since you opened it. What you typed is still here: send it again to replace theirs."
        )


def write(key: str, *, by: User, body: str, seen: int, programme: Programme | None = None) -> None:
    """`body` from now on; "" gives our own text back. Raises TextChanged unless `seen` is the version that is there."""
    text, before = queries.find(key, programme, for_update=True), queries.words_of(key, programme)
    if (text.version if text else 0) != seen:
        raise TextChanged(before)
    if text is None and body:
        text = PublicText(key=key, programme=programme, body=body, changed_by_id=by.id)
        _add(text)
    elif text is not None and not body:
        db.session.delete(text)
    elif text is not None and text.body != body:
        text.body, text.changed_by_id, text.changed_at = body, by.id, clock.utc_now()
    db.session.flush()
    _record(key, by, programme, before.body, queries.words_of(key, programme).body)


def _add(text: PublicText) -> None:
    """Two who write the first one at the same moment: the second is slower."""
    try:
        with db.session.begin_nested():
            db.session.add(text)
    except IntegrityError:
        raise TextChanged(queries.words_of(text.key, text.programme)) from None


def _record(key: str, by: User, programme: Programme | None, before: str, after: str) -> None:
    if before != after:
        about = f"{PAGES[key].title}{f' of {programme.name}' if programme else ''}"
        id = programme.id if programme else None
        record("text_changed", by=by, about=about, programme_id=id, before={"text": before}, after={"text": after})
