"""What stands in somebody's calendar: the stays they have a part in, or travel to, and what they have to do until when."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from mobility.applications.models import Delegate
from mobility.calendars.models import CalendarAddress
from mobility.core import clock
from mobility.core.database import db
from mobility.core.links import absolute, path_of
from mobility.documents.calendar import Entry
from mobility.exchanges.invitations import place_of, title_of, uid_of
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.people.models import Organisation, User
from mobility.tasks import Task, tasks_of
from mobility.workflows.visibility import plays
from mobility.workflows.workflow import Actor

MOST = 500  # stays; those that come last are kept
BACK = timedelta(days=366)
PARTS = (Actor.GUEST, Actor.HOST_COORDINATOR, Actor.HOST)


def hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def of_person(user: User) -> CalendarAddress | None:
    return db.session.scalar(select(CalendarAddress).where(CalendarAddress.user_id == user.id))


def by_token(token: str) -> CalendarAddress | None:
    """The address that somebody who still has an account subscribes by."""
    query = select(CalendarAddress).join(CalendarAddress.user).where(CalendarAddress.token_hash == hashed(token), User.active)
    return db.session.scalar(query)


def entries(user: User) -> list[Entry]:
    """What they may see today: stays, the earliest first, then tasks."""
    return [*(_stay(each, user) for each in _stays(user)), *_tasks(user)]


def _stays(user: User) -> list[Exchange]:
    """One's own, and those of an organisation one works for now. Of a delegation by the address: a namesake is somebody else."""
    travelled = select(Delegate.application_id).where(Delegate.email == user.email)
    query = (
        select(Exchange)
        .where(or_(plays(Exchange, user, *PARTS), Exchange.application_id.in_(travelled)))
        .where(Exchange.agreed_version_id.is_not(None), Exchange.state != CANCELLED)
        .where(Exchange.last_day >= clock.today() - BACK)
        .options(*Exchange.brief(), joinedload(Exchange.host, innerjoin=True).load_only(Organisation.name, Organisation.city))
        .order_by(Exchange.last_day.desc(), Exchange.id.desc())
        .limit(MOST)
    )
    return list(reversed(db.session.scalars(query).unique().all()))


def _stay(exchange: Exchange, user: User) -> Entry:
    """Whoever only travels along has a page of their own."""
    page = "exchanges.show" if exchange.workflow.may_see(user, exchange) else "delegates.own"
    return Entry(
        uid=uid_of(exchange),
        title=title_of(exchange),
        first_day=exchange.first_day,
        last_day=exchange.last_day,
        url=absolute(path_of(page, id=exchange.id)),
        location=place_of(exchange),
        description=exchange.between,
        busy=True,
    )


def _tasks(user: User) -> Iterator[Entry]:
    seen: set[str] = set()
    for task in tasks_of(user).mine:
        if task.until and (uid := _uid(task)) not in seen:
            seen.add(uid)
            title = f"{task.title}: {task.subject_title}"
            yield Entry(uid, title, task.until, task.until, absolute(task.url), description=task.who)


def _uid(task: Task) -> str:
    """The same as long as the same is asked for, whatever its deadline moves to."""
    place = sha256(f"{task.url} {task.title}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"task-{place}@{absolute('/').split('/')[2]}"
