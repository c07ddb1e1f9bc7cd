"""What it takes when a programme's owners approve vouchers at the same time, through HTTP, as production runs."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice

from bench.browser import Browser, token_in
from bench.data import Database
from bench.processor import postmaster, spent
from bench.promises import APPROVAL, APPROVALS_WAIT, Result
from bench.servers import bare_server, look_bare, server
from bench.turns import Turns, take_turns
from tests.support.processes import flask

Work = Callable[[], int]

CLIENTS = 4
PROGRAMME = 1  # of the scheme light: approving issues at once, and writes to the holder and the host
ROUNDS, EACH = 20, 20  # approvals; first twice as many that are not counted: each process reads and plans its statements once
BARE = 12  # pages for each client


def measure(database: Database) -> list[Result]:
    """Four owners of one programme, so also of one budget line, approve what waits for them; others look at as many pages."""
    vouchers = database.ask(
        "SELECT id, version FROM voucher WHERE programme_id = %s AND state = 'requested' ORDER BY due_on, id LIMIT %s",
        PROGRAMME,
        (ROUNDS + 2) * EACH,
    )
    turns = _take_turns(database, iter(vouchers))
    facts = f"{len(vouchers)} by {CLIENTS} people; of each {turns}. {_check(database, vouchers)}"
    figures = APPROVAL.of(turns.times), APPROVALS_WAIT.of(turns.times_as_long)
    return [Result("Approvals by HTTP", figures, facts)]


def _take_turns(database: Database, vouchers: Iterator[tuple[int, int]]) -> Turns:
    with ExitStack() as at_the_end:
        ours, bare = (at_the_end.enter_context(each(database.url)) for each in (server, bare_server))
        pool = at_the_end.enter_context(ThreadPoolExecutor(CLIENTS))
        approve = _approving(pool, _owners(database, ours.url), vouchers)
        look = _looking(pool, bare.url)
        for warm_up in (approve, approve, look):
            warm_up()
        return take_turns(ROUNDS, approve, look, partial(spent, ours.process, bare.process, postmaster(database)))


def _owners(database: Database, url: str) -> list[Browser]:
    owners = database.ask(
        "SELECT user_id FROM membership WHERE programme_id = %s AND role = 'owner' ORDER BY 1 LIMIT %s", PROGRAMME, CLIENTS
    )
    return [Browser(url).sign_in(f"person{owner}@example.org") for (owner,) in owners]


def _approving(pool: ThreadPoolExecutor, owners: list[Browser], vouchers: Iterator[tuple[int, int]]) -> Work:
    tokens = [token_in(owner.get("/").text) for owner in owners]

    def approve() -> int:
        """Each takes the next, like people at one list."""
        some = iter(list(islice(vouchers, EACH)))
        return sum(pool.map(lambda owner, token: _approve(owner, token, some), owners, tokens))

    return approve


def _looking(pool: ThreadPoolExecutor, url: str) -> Work:
    nobodies = [Browser(url) for _ in range(CLIENTS)]
    return lambda: sum(pool.map(lambda nobody: look_bare(nobody, BARE), nobodies))


def _approve(browser: Browser, token: str, vouchers: Iterator[tuple[int, int]]) -> int:
    """Post the form of each voucher as a browser does; returns how many were approved, which must be all."""
    done = 0
    for id, version in vouchers:
        answer = browser.post(f"/vouchers/{id}/approve", csrf_token=token, version=version, note="")
        done += answer.status == 303
    return done


def _check(database: Database, vouchers: list[tuple[int, int]]) -> str:
    """What was measured really happened: every voucher is issued, both sides are written to, the ledger balances."""
    ids = [id for id, _version in vouchers]
    issued = database.ask("SELECT count(*) FROM voucher WHERE id = ANY(%s) AND state = 'issued' AND code IS NOT NULL", ids)
    letters = database.ask("SELECT count(*) FROM outbox_message WHERE kind = 'voucher_issued'")
    assert issued == [(len(ids),)], f"{issued} of {len(ids)} are issued"
    assert letters == [(2 * len(ids),)], f"{letters} letters for {len(ids)} vouchers"
    return flask(database.url, "check-ledger").strip()
