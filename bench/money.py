"""Money in large numbers: the page of a budget line, 1,000 approvals in one batch, and `check-ledger` over all of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from bench import bare_rows, pages
from bench.browser import Answer, Browser, token_in
from bench.cases import Case
from bench.command import SLICE, Measured, measured
from bench.data import Database
from bench.many import BATCH, ENTRIES, OWNER, VOUCHERS, Many, fill
from bench.processor import postmaster, spent
from bench.promises import BATCH_APPROVAL, CHECK_MEMORY, CHECK_POSTGRESQL, CHECK_SQLITE, Promise, Result
from bench.servers import ONE_PROCESS, Server, bare_server, look_bare, server
from bench.turns import in_slices
from tests.support.processes import flask

BARE = 50  # pages, each time the batch is halted


def measure(database: Database) -> list[Result]:
    print(f"With {VOUCHERS:,} vouchers and {ENTRIES:,} ledger entries more:\n")
    return [*_on_postgresql(database), *_on_sqlite(database)]


def _on_postgresql(database: Database) -> list[Result]:
    many = fill(database.url)
    with database.connect() as connection:
        connection.execute("VACUUM ANALYZE")
    path = f"/programmes/{many.programme_id}/budget/{many.line_id}"
    line = Case("Budget line, an owner", OWNER, path, 'href="/vouchers/', 6)
    results = pages.measure_cases(database, [line], {})
    with bare_rows.on_postgresql(database) as bare:
        found = measured(database.url, "check-ledger", bare=bare.add_up, others=bare.others)
    return [*results, _checked("PostgreSQL", found, CHECK_POSTGRESQL)]


def _checked(name: str, found: Measured, promise: Promise) -> Result:
    facts = f"{found.seconds:.1f} s of its own processor time. {found.said}"
    return Result(f"check-ledger, {name}", (promise.of(found.times), CHECK_MEMORY.of(found.mebibytes)), facts)


def _on_sqlite(database: Database) -> list[Result]:
    """The bare pages come from the database that has the rows."""
    with empty_file() as file:
        url = f"sqlite:///{file}"
        flask(url, "db", "upgrade")
        many = fill(url)
        batch = _batch(url, many, database)
        with bare_rows.on_sqlite(str(file)) as bare:
            found = measured(url, "check-ledger", bare=bare.add_up, others=bare.others)
    return [batch, _checked("SQLite", found, CHECK_SQLITE)]


@contextmanager
def empty_file() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mobility-bench-") as folder:
        yield Path(folder) / "bench.db"


def _batch(url: str, many: Many, database: Database) -> Result:
    """Through the web server, as an owner sends it from the review page."""
    with ExitStack() as at_the_end:
        ours = at_the_end.enter_context(server(url, **ONE_PROCESS))
        bare = at_the_end.enter_context(bare_server(database.url, **ONE_PROCESS))
        pool = at_the_end.enter_context(ThreadPoolExecutor(1))
        look = looking(bare, postmaster(database))
        look()  # not counted
        sent = _send(ours, many, pool)
        times = in_slices(ours.process, lambda: bool(wait([sent], SLICE).done), partial(spent, ours.process), look)
    answer = sent.result()
    assert f"{BATCH} of {BATCH} done" in answer.text, answer.text[:3000]
    return Result(f"{BATCH:,} approvals at once", (BATCH_APPROVAL.of(times / BATCH),), "On SQLite, in one request.")


def looking(bare: Server, cluster: int) -> Callable[[], float]:
    """Says what processor time one bare page takes."""
    nobody = Browser(bare.url)

    def look() -> float:
        begun = spent(bare.process, cluster)
        look_bare(nobody, BARE)
        return (spent(bare.process, cluster) - begun) / BARE

    return look


def _send(ours: Server, many: Many, pool: ThreadPoolExecutor) -> Future[Answer]:
    owner = Browser(ours.url, patience=600).sign_in(OWNER)
    page = owner.get(f"/programmes/{many.programme_id}/desk/review?choice=all&show=decide").text
    chosen = [part.partition('"')[0] for part in page.split('name="chosen" value="')[1:]]
    assert len(chosen) == BATCH, f"{len(chosen)} of {BATCH} are on the review page"
    body = urlencode([("csrf_token", token_in(page)), ("decision", "approve"), *(("chosen", each) for each in chosen)])
    return pool.submit(owner._send, "POST", f"/programmes/{many.programme_id}/desk", body)
