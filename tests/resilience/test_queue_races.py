"""A freed place is offered once, to whoever has waited longest, whoever does what at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility import jobs
from mobility.applications import operations, queries
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.exchanges import queries as exchanges
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.themes.queries import find as find_theme
from mobility.visits import operations as visits
from tests.resilience.test_budget_races import at_once
from tests.support import factories

WAITING = 5


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask]) -> Flask:
    options = {"pool_size": 16, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options)


class Scene:
    """Two places, both taken; five guests wait, in the order of their ids."""

    def __init__(self, app: Flask) -> None:
        with app.app_context(), transaction():
            theme = factories.make_theme(places=2)
            taken = [factories.make_exchange(theme) for _ in range(2)]
            queue = [factories.make_draft(theme) for _ in range(WAITING)]
            for draft in queue:
                operations.wait_for_place(draft, by=draft.guest)
                clock.move(minutes=1)
            self.theme = theme.id
            self.host = factories.coordinator_of(theme).id
            self.exchanges = [(each.id, each.guest_id) for each in taken]
            self.queue = [(each.id, each.guest_id) for each in queue]
            self.newcomers = [(each.id, each.guest_id) for each in (factories.make_draft(theme) for _ in range(2))]

    def cancel(self, number: int) -> None:
        id, guest = self._found(self.exchanges[number])
        visits.cancel(exchanges.find(id, guest, for_update=True), by=guest, reason="Ill.")

    def of_queue(self, act: Callable[..., Any], number: int) -> None:
        id, guest = self._found(self.queue[number])
        act(queries.find(id, guest, for_update=True), by=guest)

    def join(self, number: int) -> None:
        id, guest = self._found(self.newcomers[number])
        operations.wait_for_place(queries.find(id, guest, for_update=True), by=guest)

    def add_a_place(self) -> None:
        host = db.session.get_one(User, self.host)
        theme = find_theme(self.theme, host, for_update=True)
        themes.save(theme, by=host, places=theme.places + 1)

    def _found(self, ids: tuple[int, int]) -> tuple[int, User]:
        return ids[0], db.session.get_one(User, ids[1])

    def offered(self) -> list[int]:
        """The places in the queue of those who are offered a place; what is counted is what there is."""
        db.session.rollback()
        theme = db.session.get_one(Theme, self.theme)
        ids = list(db.session.scalars(select(Application.id).where(Application.place_offered_on.is_not(None))))
        assert theme.places_offered == len(ids)
        assert theme.places_taken + theme.places_offered <= theme.places
        assert len(ids) <= db.session.scalar(select(func.count()).where(OutboxMessage.kind == "place_offered"))
        return [number for number, (id, _) in enumerate(self.queue) if id in ids]


def test_two_freed_places_and_five_who_wait_are_two_offers(racing_app: Flask) -> None:
    scene = Scene(racing_app)
    assert at_once(racing_app, 2, scene.cancel) == {"done": 2}
    with racing_app.app_context():
        assert scene.offered() == [0, 1]
        assert db.session.scalar(select(func.count()).where(OutboxMessage.kind == "place_offered")) == 2


def test_places_are_freed_and_added_while_people_come_and_go(racing_app: Flask) -> None:
    """Two places become free and one is added, the first leaves and the fourth, and two more begin to wait."""
    scene = Scene(racing_app)
    acts: list[Callable[[], None]] = [
        lambda: scene.cancel(0),
        lambda: scene.of_queue(operations.leave_queue, 0),
        scene.add_a_place,
        lambda: scene.join(0),
        lambda: scene.cancel(1),
        lambda: scene.of_queue(operations.leave_queue, 3),
        lambda: scene.join(1),
    ]
    assert at_once(racing_app, len(acts), lambda number: acts[number]()) == {"done": len(acts)}
    with racing_app.app_context():
        assert scene.offered() == [1, 2, 4]


def test_an_offer_is_taken_in_the_moment_in_which_it_lapses(racing_app: Flask) -> None:
    """Whichever is first, the place is kept for one person, and nobody waits for the other for ever."""
    scene = Scene(racing_app)
    with racing_app.app_context(), transaction():
        scene.cancel(0)
        scene.cancel(1)
    clock.move(days=6)

    def act(number: int) -> None:
        if number < 2:
            scene.of_queue(operations.accept_offer, number)
        else:
            db.session.rollback()
            jobs.LAPSE_APPLICATIONS.run()

    outcomes = at_once(racing_app, 4, act)
    assert all(key == "done" or key.startswith("WrongState") for key in outcomes), outcomes
    with racing_app.app_context():
        db.session.rollback()
        states = [db.session.get_one(Application, id).state for id, _ in scene.queue]
        assert set(states[:2]) <= {"submitted", "lapsed"}
        lapsed = states[:2].count("lapsed")
        kept = [number for number in (0, 1) if states[number] == "submitted"]
        assert scene.offered() == [*kept, *range(2, 2 + lapsed)]
