"""`python -m bench.speed`: what each piece of mobility/running/speed.py saves, measured with it and without, in turns."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import psycopg
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, dependency
from werkzeug.routing import Map, Rule

from bench.data import Database, small_database
from mobility import create_app
from mobility.running.speed import DescribesLater, KeepsPlans, LaterRule, LooksForChanges
from mobility.vouchers.queries import to_act_on

ROUNDS = 30
Pair = tuple[Callable[[], Any], Callable[[], Any]]


def main() -> None:
    with small_database() as database:
        app = create_app({"SQLALCHEMY_DATABASE_URI": database.url, "SECRET_KEY": "of the bench", "TESTING": True})
        print(f"{'Microseconds, and of these in this process':46}{'with':>18}{'without':>18}")
        with app.test_request_context("/"), reading(database) as pairs, storing(database) as stored:
            pairs |= {"a voucher stored that was read with eight tables": stored}
            pairs |= {"a hundred addresses on a page": addresses(app), "a hundred routes at the start": routes()}
            for name, (ours, theirs) in pairs.items():
                figures = "".join(f"{all:9.1f}{own:9.1f}" for all, own in in_turns(ours, theirs))
                print(f"{name:46}{figures}", flush=True)


def in_turns(*ways: Callable[[], Any], each: int = 40) -> list[tuple[float, float]]:
    """Microseconds of a call of each way, by the clock and of this process's own: medians of rounds taken in turns, so that
    whatever else the machine does falls on all.
    """
    found: list[list[tuple[float, float]]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for taken, way in zip(found, ways, strict=True):
            begun, own = perf_counter(), process_time()
            for _ in range(each):
                way()
            taken.append((perf_counter() - begun, process_time() - own))
    return [tuple(1_000_000 / each * median(times) for times in zip(*taken, strict=True)) for taken in found]


@contextmanager
def reading(database: Database) -> Iterator[dict[str, Pair]]:
    """A voucher with all that an act needs: eight tables; afterwards a rollback, as after every request that reads."""
    with ExitStack() as at_the_end:

        def reads(connection: type[psycopg.Connection], cursor: type[psycopg.Cursor]) -> Callable[[], Any]:
            url = database.url.replace("postgresql+psycopg://", "postgresql://")
            engine = create_engine(database.url, creator=lambda: connection.connect(url, cursor_factory=cursor))
            at_the_end.callback(engine.dispose)
            session = at_the_end.enter_context(Session(engine))

            def read() -> None:
                assert session.scalar(to_act_on(), {"id": 1})
                session.rollback()

            return read

        both = reads(KeepsPlans, DescribesLater)
        yield {
            "a voucher with eight tables: plans kept": (both, reads(psycopg.Connection, DescribesLater)),
            "a voucher with eight tables: columns told late": (both, reads(KeepsPlans, psycopg.Cursor)),
        }


@contextmanager
def storing(database: Database) -> Iterator[Pair]:
    """One column of a voucher that was read with all that an act needs."""
    with Session(create_engine(database.url)) as session:
        voucher = session.scalar(to_act_on(), {"id": 1})
        assert voucher

        def store_by(look: Callable[..., bool]) -> Callable[[], None]:
            def store() -> None:
                with patch.object(LooksForChanges, "prop_has_changes", look):
                    voucher.extended = not voucher.extended
                    session.flush()

            return store

        yield store_by(LooksForChanges.prop_has_changes), store_by(dependency._ManyToOneDP.prop_has_changes)
        session.rollback()


def addresses(app: Flask) -> Pair:
    """As templates make them."""
    ids = range(1, 101)
    return (
        lambda: [app.url_for("vouchers.show", id=id) for id in ids],
        lambda: [Flask.url_for(app, "vouchers.show", id=id) for id in ids],
    )


def routes() -> Pair:
    """As the application has them."""
    return lambda: _map_of(LaterRule), lambda: _map_of(Rule)


def _map_of(rule: type[Rule]) -> Map:
    return Map([rule(f"/vouchers/<int:id>/{number}", endpoint=str(number)) for number in range(100)])


if __name__ == "__main__":
    main()
