"""A few kills at random moments under load, as tools/kill.py does a hundred; and what would be lost is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from tests.support.killing import Drill
from tests.support.postgres import Cluster, running_cluster
from tests.support.processes import flask
from tests.support.smtp import SmtpServer

RUNS = 3  # one of each victim


@contextmanager
def drilled(kind: str, fresh_database: str, mail: SmtpServer, program: str = "wsgi:app") -> Iterator[Drill]:
    """On SQLite, a database of the tests; PostgreSQL is killed, so it is a server of this drill's own."""
    if kind == "sqlite":
        with Drill(fresh_database, mail, Random(1), None, program).ready() as drill:
            yield drill
        return
    cluster: Cluster
    with running_cluster(synchronous_commit="on") as cluster:
        url = cluster.create_database("drill")
        flask(url, "db", "upgrade")
        with Drill(url, mail, Random(1), cluster, program).ready() as drill:
            yield drill


def test_what_is_acknowledged_survives(database_kind: str, fresh_database: str, smtp_server: SmtpServer) -> None:
    with drilled(database_kind, fresh_database, smtp_server) as drill:
        for victim in ("web", "scheduler", "database")[:RUNS]:
            drill.run(victim)
        drill.finish()
        assert drill.faults == [], drill.told()
        assert sum(act.acknowledged for act in drill.acts) >= RUNS, drill.told()
        assert smtp_server.messages


@pytest.mark.databases("sqlite")
def test_what_is_acknowledged_before_it_is_stored_is_found(
    database_kind: str, fresh_database: str, smtp_server: SmtpServer
) -> None:
    with drilled(database_kind, fresh_database, smtp_server, "tests.support.hasty:app") as drill:
        drill.run("web")
        assert any("kind='appropriate'" in fault and "left (0, 0)" in fault for fault in drill.faults), drill.told()
