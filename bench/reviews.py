"""The review of 20,000 exchanges: computing it by night, and reading what is kept, on PostgreSQL and on SQLite."""

from bench import bare_rows
from bench.bare_rows import BareRows
from bench.command import Measured, measured
from bench.data import Database
from bench.followed import EXCHANGES, Followed, fill, read
from bench.money import empty_file, looking
from bench.processor import postmaster
from bench.promises import REVIEW_COMPUTED, REVIEW_MEMORY, REVIEW_READ, Promise, Result
from bench.servers import ONE_PROCESS, bare_server
from tests.support.processes import flask

STATEMENTS = 4
COMMAND = ("run-job", "keep-figures", "--on", "2028-11-15")  # the day of the worked example


def measure(database: Database) -> list[Result]:
    print(f"With {EXCHANGES:,} exchanges that were followed up:\n")
    with bare_server(database.url, **ONE_PROCESS) as bare:
        page = looking(bare, postmaster(database))
        page()  # not counted
        seconds = page()
    return [*_on_postgresql(database, seconds), *_on_sqlite(seconds)]


def _on_postgresql(database: Database, page: float) -> list[Result]:
    followed = fill(database.url)
    with database.connect() as connection:
        connection.execute("VACUUM ANALYZE")
    with bare_rows.on_postgresql(database) as bare:
        return _measured("PostgreSQL", database.url, followed, bare, page)


def _on_sqlite(page: float) -> list[Result]:
    with empty_file() as file:
        url = f"sqlite:///{file}"
        flask(url, "db", "upgrade")
        followed = fill(url)
        with bare_rows.on_sqlite(str(file)) as bare:
            return _measured("SQLite", url, followed, bare, page)


def _measured(name: str, url: str, followed: Followed, bare: BareRows, page: float) -> list[Result]:
    """`page` is the processor time of a bare page."""
    found = measured(url, *COMMAND, bare=bare.read_answers, others=bare.others)
    assert "figures of 1 programmes" in found.said, found.said
    seconds, statements = read(url, followed)
    read_in = REVIEW_READ.of(seconds / page), Promise(STATEMENTS, "statements").of(statements)
    facts = f"{seconds * 1000:.1f} ms of processor time, without the page"
    return [_computed(name, found), Result(f"Review, read, {name}", read_in, facts)]


def _computed(name: str, found: Measured) -> Result:
    facts = f"{found.seconds:.1f} s of its own processor time. {found.said}"
    return Result(f"Review, {name}", (REVIEW_COMPUTED.of(found.times), REVIEW_MEMORY.of(found.mebibytes)), facts)
