"""How many vouchers a programme's owners approve in a second, through HTTP, as production runs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

from bench.browser import Browser, token_in
from bench.data import Database
from tests.support.processes import flask, running_server

CLIENTS, A_SECOND = 4, 100
PROGRAMME = 1  # of the scheme light: approving issues at once, and writes to the holder and the host
MOST, WARM_UP = 440, 40  # the first ones are not counted: each process reads and plans its statements once


@dataclass(frozen=True)
class Approvals:
    done: int
    seconds: float
    ledger: str

    @property
    def a_second(self) -> float:
        return self.done / self.seconds

    @property
    def problems(self) -> list[str]:
        return [f"fewer than {A_SECOND} a second"] if self.a_second < A_SECOND else []


def measure(database: Database) -> Approvals:
    """Four owners of one programme, so also of one budget line, approve at the same time what waits for them."""
    vouchers = database.ask(
        "SELECT id, version FROM voucher WHERE programme_id = %s AND state = 'requested' ORDER BY due_on, id LIMIT %s",
        PROGRAMME,
        MOST,
    )
    owners = database.ask(
        "SELECT user_id FROM membership WHERE programme_id = %s AND role = 'owner' ORDER BY 1 LIMIT %s", PROGRAMME, CLIENTS
    )
    with running_server(database.url) as server, ThreadPoolExecutor(CLIENTS) as pool:
        browsers = [Browser(server.url).sign_in(f"person{owner}@example.org") for (owner,) in owners]
        tokens = [token_in(browser.get("/").text) for browser in browsers]

        def approve(some: list[tuple[int, int]]) -> int:
            """Returns how many of them the four have approved; each takes the next, like people at one list."""
            left = iter(some)
            return sum(pool.map(lambda browser, token: _approve(browser, token, left), browsers, tokens))

        warm = approve(vouchers[:WARM_UP])
        begun = perf_counter()
        done = approve(vouchers[WARM_UP:])
        seconds = perf_counter() - begun
    assert warm + done == len(vouchers), f"{warm + done} of {len(vouchers)} were approved"
    return Approvals(done, seconds, _check(database, vouchers))


def _approve(browser: Browser, token: str, vouchers: Iterator[tuple[int, int]]) -> int:
    """Post the form of each voucher as a browser does; returns how many were approved."""
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
