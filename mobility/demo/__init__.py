"""The demonstration: fictional people and a year of their exchanges, made through the operations, dates relative to today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from sqlalchemy import ColumnElement, func, select

from mobility import jobs
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db, transaction, whole
from mobility.demo.answers import ANSWERING_DAYS, answering
from mobility.demo.cast import DOMAIN, Cast, assemble, publish_theme, read
from mobility.demo.casting import Casting
from mobility.demo.experts import AGREEING_DAY, experts
from mobility.demo.money import PAYING_DAYS, needs, treasurer
from mobility.demo.stories import Story, tell
from mobility.demo.tales import TELLING_DAYS, telling
from mobility.notifications.delivery import keep_all
from mobility.people.models import User

BEGINNING = -200  # days from today
HOUR = time(9, 30)
FEWEST_APPLICATIONS = 100  # no version has had fewer in the whole; a part had at most half as many. None is ever deleted


def load_if_empty() -> bool:
    """Play the whole year up to now, all of it or, whatever happens, nothing. False if somebody has an account already."""
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
    today = clock.today()
    cast = Cast(today)
    with _on(cast, BEGINNING):
        cast = assemble(today)
        themes = [publish_theme(cast, entry, today) for entry in read("theme")]
    published = [theme for theme in themes if theme.state == "published"]
    stories = [(part.submitted, part.number, tell(cast, part)) for part in Casting(cast, published).parts()]
    stories += needs(cast)
    stories += [(PAYING_DAYS[0], 1000 + number, treasurer(cast, key)) for number, key in enumerate(cast.programmes)]
    stories.append((ANSWERING_DAYS[0], 2000, answering()))
    stories.append((AGREEING_DAY, 3000, experts(cast)))
    stories += [(day, 3000 + number, telling(cast, number)) for number, day in enumerate(TELLING_DAYS)]
    _play(cast, stories)
    keep_all()  # nobody is to get a year's mail at once, least of all people who do not exist


def _play(cast: Cast, stories: list[tuple[int, int, Story]]) -> None:
    """Day by day: first what the scheduler does, then what people do."""
    for _, _, story in stories:
        next(story)
    heapify(stories)
    for day in range(min(stories)[0], 1):
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
