"""Kills the web, the scheduler or the database with `kill -9` at random moments under load, and looks what is left.

    python tools/kill.py --runs 100 --on sqlite|postgresql [--seed 1] [--planted]

Everything is its own: the database, the servers, the mail server; nothing is needed but Debian's PostgreSQL. `--planted` runs it
on a web server that acknowledges before it commits: that must be found. Ends with 1 if anything was.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.killing import Drill
from tests.support.postgres import Cluster, running_cluster
from tests.support.processes import flask
from tests.support.smtp import running_smtp_server

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    parser.add_argument("--minutes", type=float, default=600, help="no more runs are begun after that")
    parser.add_argument("--planted", action="store_true")
    given = parser.parse_args()
    sys.stdout.write(f"{given.on}, seed {given.seed}\n")
    begun = time.monotonic()
    with database(given.on) as (url, cluster), running_smtp_server() as mail:
        flask(url, "db", "upgrade")
        program = "tests.support.hasty:app" if given.planted else "wsgi:app"
        with Drill(url, mail, Random(given.seed), cluster, program).ready() as drill:  # noqa: S311 (a drill)
            for number in range(given.runs):
                if time.monotonic() > begun + given.minutes * 60:
                    break
                drill.run()
                sys.stderr.write(f"\r{number + 1} of {given.runs}, {len(drill.faults)} faults")
            drill.finish()
            print("", *drill.faults, drill.told(), f"{time.monotonic() - begun:.0f} seconds", sep="\n")
            return 1 if drill.faults else 0


@contextmanager
def database(kind: str) -> Iterator[tuple[str, Cluster | None]]:
    """An empty one of its own, its server with it."""
    with ExitStack() as ends:
        if kind == "postgresql":
            cluster = ends.enter_context(running_cluster(**DURABLE))
            yield cluster.create_database("drill"), cluster
        else:
            yield f"sqlite:///{ends.enter_context(TemporaryDirectory(prefix='mobility-kill-'))}/drill.db", None


if __name__ == "__main__":
    sys.exit(main())
