"""The daily digest: one mail with what came since the last, on the morning of whoever reads it.

Each person is one transaction: who dies in between leaves every message waiting for the next run. Days are those of the
reader's timezone, so that a change of the clocks neither doubles a digest nor leaves one out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.links import absolute, path_of
from mobility.notifications.delivery import FORGOTTEN, is_secret
from mobility.notifications.kinds import AT_ONCE, NONE
from mobility.notifications.models import MailChoice, OutboxMessage, is_held
from mobility.notifications.operations import address_for, row, store
from mobility.notifications.rendering import write

MORNING = 7  # o'clock
_WAY = re.compile(r"\n\n[^\n]+:\n\n(https?://\S+)\Z")


@dataclass(frozen=True)
class Item:
    """One message of the day."""

    subject: str
    text: str
    link: str


def due() -> list[int]:
    """Whose morning has come, by the ids of their choices."""
    later = or_(*(column != AT_ONCE for column in (MailChoice.decisions, MailChoice.deadlines, MailChoice.news)))
    chosen = db.session.scalars(select(MailChoice).where(later).order_by(MailChoice.id)).all()
    return [each.id for each in chosen if is_due(each)]


def make(ids: Sequence[int], stop: Callable[[], bool] = lambda: False) -> int:
    """Returns how many are new."""
    done = 0
    for id in ids:
        if stop():
            break
        with transaction():
            done += _make(id)
    return done


def is_due(choice: MailChoice) -> bool:
    now = clock.utc_now().astimezone(clock.zone_of(choice.timezone))
    return now.hour >= MORNING and (choice.digested_on is None or choice.digested_on < now.date())


def _make(id: int) -> int:
    """Locked, so that of two processes one makes it."""
    query = select(MailChoice).where(MailChoice.id == id).with_for_update(of=MailChoice, skip_locked=True)
    choice = db.session.scalar(query.execution_options(populate_existing=True))
    if choice is None or not is_due(choice):
        return 0
    choice.digested_on = clock.today(choice.timezone)
    wanted = _split(choice)
    if not wanted:
        return 0
    person, items = choice.person, [_item(each) for each in wanted]
    buttons = [(f"{number}. {each.subject}", each.link) for number, each in enumerate(items, 1) if each.link]
    link = address_for(person, path_of("notifications.choose"))
    letter = write("digest", person=person, about=None, items=items, buttons=[*buttons, ("Choose which mails you get", link)])
    return store([row("digest", person, letter, str(choice.digested_on))])


def _split(choice: MailChoice) -> Sequence[OutboxMessage]:
    """What goes into the digest; what is not wanted at all is dropped."""
    mine = (OutboxMessage.recipient_id == choice.person_id, OutboxMessage.state == "waiting", is_held())
    query = select(OutboxMessage, is_secret()).where(*mine).order_by(OutboxMessage.id)
    wanted = []
    for message, secret in db.session.execute(query.with_for_update(of=OutboxMessage, skip_locked=True)).all():
        if choice.wants(message.kind) == NONE:
            message.state = "dropped"
        else:
            message.state, message.sent_at = "digested", clock.utc_now()
            wanted.append((message, secret))
    return [_copied(message, secret) for message, secret in wanted]


def _copied(message: OutboxMessage, secret: bool) -> OutboxMessage:
    """As it was written: of one with a secret link the row keeps nothing."""
    copy = OutboxMessage(subject_line=message.subject_line, text=message.text)
    if secret:
        message.forget(FORGOTTEN)
    return copy


def _item(message: OutboxMessage) -> Item:
    """Its words without what is the same in every mail. The button is the last, and leads to us: what stands before may be words
    of somebody else, made to look like one."""
    text, link = message.text.rpartition("\n\n--\n")[0] or message.text, ""
    if (way := _WAY.search(text)) and way[1].startswith(absolute("/")):
        text, link = text[: way.start()], way[1]
    return Item(message.subject_line, text.strip(), link)
