"""The mails of a mailing: one for each person, through the outbox."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from mobility.core.database import db
from mobility.core.links import absolute, path_of, signer
from mobility.lists.columns import Place
from mobility.mailings.models import Mailing
from mobility.mailings.rules import Letter
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import address_for, row, store
from mobility.notifications.rendering import Letter as Written
from mobility.notifications.rendering import write

CASE, NEWS = "mailing", "mailing_news"


def mail(mailing: Mailing, letters: Sequence[Letter], page: str) -> int:
    """Each once. `page` is the endpoint of what a row is about. Returns how many are new."""
    db.session.flush()
    return store([_row(mailing, letter, page) for letter in letters])


def shown(mailing: Mailing, place: str, letter: Letter, page: str) -> Written:
    """As the person will read it, with links that are nobody's. `mailing` is not stored, so `place` is told."""
    return _written(
        mailing, place, letter, absolute(_path(letter, page)), "" if mailing.is_case else "(the link is theirs alone)"
    )


def stop_address(person_id: int, place: Place) -> str:
    """Where a person says, without a password, that they want no more news from there."""
    return absolute(path_of("mailings.stop", token=signer("mails").dumps([person_id, *place])))


def drop_news(person_id: int, place: Place) -> None:
    """Those from there that have not left yet."""
    waiting = (OutboxMessage.kind == NEWS, OutboxMessage.recipient_id == person_id, OutboxMessage.state == "waiting")
    of_it = OutboxMessage.unsubscribe == stop_address(person_id, place)
    db.session.execute(update(OutboxMessage).where(*waiting, of_it).values(state="dropped"))


def _row(mailing: Mailing, letter: Letter, page: str) -> dict[str, Any]:
    person: Any = letter.person
    place = ("programme", mailing.programme_id) if mailing.programme_id else ("organisation", mailing.organisation_id or 0)
    stop = "" if mailing.is_case else stop_address(person.id, place)
    written = _written(mailing, mailing.place.name, letter, address_for(person, _path(letter, page)), stop)
    kind = CASE if mailing.is_case else NEWS
    return row(kind, person, written, f"mailing:{mailing.id}", about=mailing) | {
        "reply_to": mailing.reply_to,
        "unsubscribe": stop,
    }


def _written(mailing: Mailing, place: str, letter: Letter, link: str, stop: str) -> Written:
    told: dict[str, Any] = {"mailing": mailing, "place": place, "letter": letter, "stop": stop}
    return write(CASE, person=letter.person, link=link, about=mailing, several=len(letter.lines) > 1, **told)


def _path(letter: Letter, page: str) -> str:
    """What the only row is about; of several rows, the first page."""
    if page and len(letter.lines) == 1:
        return path_of(page, id=int(letter.lines[0].key))
    return path_of("home.index")
