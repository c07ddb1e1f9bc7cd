"""What mails somebody gets, and when."""

from datetime import date

from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db, fingerprint
from mobility.core.errors import EditConflict
from mobility.core.wording import HOME_ZONE
from mobility.notifications.digest import MORNING
from mobility.notifications.models import MailChoice
from mobility.people.models import User

SET = ("decisions", "deadlines", "news", "timezone")


def choice_of(user: User, *, for_update: bool = False) -> MailChoice:
    """As it is stored, or what holds for whoever has chosen nothing: all at once."""
    query = select(MailChoice).where(MailChoice.person_id == user.id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    nothing = MailChoice(person_id=user.id, timezone=HOME_ZONE, decisions="at_once", deadlines="at_once", news="at_once")
    return db.session.scalar(query) or nothing


def seen(choice: MailChoice) -> str:
    return fingerprint(choice, *SET)


def choose(user: User, *, seen: str, decisions: str, deadlines: str, news: str, timezone: str) -> None:
    """What waits for a digest that is not wanted any more goes out at once. `user` is locked."""
    choice = choice_of(user, for_update=True)
    if seen != fingerprint(choice, *SET):
        raise EditConflict(choice)
    choice.decisions, choice.deadlines, choice.news, choice.timezone = decisions, deadlines, news, timezone
    choice.digested_on = max(filter(None, (choice.digested_on, _over(timezone))), default=None)
    db.session.add(choice)


def _over(timezone: str) -> date | None:
    """Today, if its morning is over there: the first digest comes tomorrow."""
    now = clock.utc_now().astimezone(clock.zone_of(timezone))
    return now.date() if now.hour >= MORNING else None
