"""The demonstration: fictional people and a year of their exchanges, made through the operations, dates relative to today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from heapq import heapify, heappop, heappush

from flask import current_app
from sqlalchemy import func, select

from mobility import jobs
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.demo.cast import Cast, assemble, publish_theme, read
from mobility.demo.casting import Casting
from mobility.demo.money import PAYING_DAYS, needs, treasurer
from mobility.demo.stories import Story, tell
from mobility.notifications.delivery import keep_all
from mobility.people.models import User

BEGINNING = -200  # days from today
HOUR = time(9, 30)


def is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not db.session.scalar(select(func.count()).select_from(User))


def load() -> None:
    """Play the whole year into an empty database, up to now."""
    today = clock.today()
    cast = Cast(today)
    with _on(cast, BEGINNING):
        cast = assemble(today)
        themes = [publish_theme(cast, entry, today) for entry in read("theme")]
    published = [theme for theme in themes if theme.state == "published"]
    stories = [(part.submitted, part.number, tell(cast, part)) for part in Casting(cast, published).parts()]
    stories += needs(cast)
    stories += [(PAYING_DAYS[0], 1000 + number, treasurer(cast, key)) for number, key in enumerate(cast.programmes)]
    _play(cast, stories)
    keep_all()  # nobody is to get a year's mail at once, least of all people who do not exist


def _play(cast: Cast, stories: list[tuple[int, int, Story]]) -> None:
    """Day by day: first what the scheduler does, then what people do."""
    for _, _, story in stories:
        next(story)
    heapify(stories)
    for day in range(min(stories)[0], 1):
        with clock.at(_instant(cast, day)), current_app.app_context():  # with a session of their own
            jobs.run_nightly()
        while stories and stories[0][0] <= day:
            _, number, story = heappop(stories)
            with _on(cast, day):
                goes_on = next(story, None)
            if goes_on is not None:
                heappush(stories, (goes_on, number, story))


@contextmanager
def _on(cast: Cast, day: int) -> Iterator[None]:
    with clock.at(_instant(cast, day)), transaction():
        yield


def _instant(cast: Cast, day: int) -> datetime:
    """In the morning of that day; of today, just now, so that nothing lies in the future."""
    morning = datetime.combine(cast.today + timedelta(days=day), HOUR, UTC)
    return min(morning, clock.utc_now())
