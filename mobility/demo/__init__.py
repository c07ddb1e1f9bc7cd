"""The demonstration: fictional people, a year of their exchanges and a call finished before, made through the operations.

All dates are relative to today.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Any

from sqlalchemy import ColumnElement, func, select

from mobility import jobs
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db, transaction, whole
from mobility.demo import finished
from mobility.demo.answers import ANSWERING_DAYS, answering
from mobility.demo.cast import DOMAIN, Cast, assemble, publish_theme, read
from mobility.demo.casting import Casting
from mobility.demo.experts import AGREEING_DAY, experts
from mobility.demo.joining import ASKING_DAYS, INVITING_DAY, inviting, joining
from mobility.demo.money import PAYING_DAYS, needs, treasurer
from mobility.demo.stories import Story, tell
from mobility.demo.tales import SERVICE_DAYS, TELLING_DAYS, telling, telling_of_service
from mobility.demo.talks import TALKING_DAY, talks
from mobility.notifications.delivery import keep_all
from mobility.people.models import User
from mobility.themes.models import Theme

BEGINNING = -200  # days from today
HOUR = time(9, 30)
FEWEST_APPLICATIONS = 100  # no version has had fewer in the whole; a part had at most half as many. None is ever deleted


def load_if_empty() -> bool:
    """Play all of it up to now, all of it or, whatever happens, nothing. False if somebody has an account already."""
    with whole():
        if _count(User):
            return False
        _load()
    return True


def is_half() -> bool:
    """Whether only a part is there: earlier versions stored each step by itself, and stopped in the middle on some days."""
    people = _count(User, User.email.endswith(f"@{DOMAIN}"), User.demo_note != "")
    return people > 0 and _count(Application) < FEWEST_APPLICATIONS


def _count(model: type[Any], *where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def _load() -> None:
    today, of_finished = clock.today(), finished.data()
    cast = Cast(today)
    with _on(cast, finished.BEGINNING):
        cast = assemble(today)
        call, past = finished.open_call(cast, of_finished)
    stories = _begun(finished.stories(cast, call, of_finished, past))
    _play(cast, stories, range(finished.BEGINNING, BEGINNING), partial(finished.is_night, cast, of_finished))
    with _on(cast, BEGINNING):
        themes = [publish_theme(cast, entry, today) for entry in read("theme")]
    stories += _begun(_of_the_year(cast, [theme for theme in themes if theme.state == "published"]))
    _play(cast, stories, range(BEGINNING, 1))
    keep_all()  # nobody is to get years of mail at once, least of all people who do not exist


def _of_the_year(cast: Cast, published: list[Theme]) -> Iterator[tuple[int, int, Story]]:
    yield from ((part.submitted, part.number, tell(cast, part)) for part in Casting(cast, published).parts())
    yield from needs(cast)
    yield from ((PAYING_DAYS[0], 1000 + number, treasurer(cast, key)) for number, key in enumerate(cast.programmes))
    yield ANSWERING_DAYS[0], 2000, answering()
    yield AGREEING_DAY, 3000, experts(cast)
    yield ASKING_DAYS[0], 2900, joining(cast)
    yield INVITING_DAY, 2950, inviting(cast)
    yield from ((day, 3001 + number, telling(cast, number)) for number, day in enumerate(TELLING_DAYS))
    yield from ((day, 3003 + number, telling_of_service(cast, number)) for number, day in enumerate(SERVICE_DAYS))
    yield TALKING_DAY, 9000, talks(cast)


def _begun(stories: Iterable[tuple[int, int, Story]]) -> list[tuple[int, int, Story]]:
    """Each on the day of its first act."""
    return [(next(story), number, story) for _, number, story in stories]


def _play(
    cast: Cast, stories: list[tuple[int, int, Story]], days: range, is_night: Callable[[int], bool] = lambda day: True
) -> None:
    """Day by day: first what the scheduler does, on the days before which it `is_night`, then what people do."""
    heapify(stories)
    for day in days:
        if is_night(day):
            with clock.at(_instant(cast, day)):
                _let_the_night_pass()
        while stories and stories[0][0] <= day:
            _, number, story = heappop(stories)
            with _on(cast, day):
                goes_on = next(story, None)
            if goes_on is not None:
                heappush(stories, (goes_on, number, story))


def _let_the_night_pass() -> None:
    if failed := jobs.run_nightly():
        raise RuntimeError(f"The scheduler failed at {failed} objects; the log says which")


@contextmanager
def _on(cast: Cast, day: int) -> Iterator[None]:
    with clock.at(_instant(cast, day)), transaction():
        yield


def _instant(cast: Cast, day: int) -> datetime:
    """In the morning of that day; of today, just now, so that nothing lies in the future."""
    morning = datetime.combine(cast.today + timedelta(days=day), HOUR, UTC)
    return min(morning, clock.utc_now())
