"""How long the pages take, as multiples of the bare page with as many rows, and how many queries they make."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from bench.browser import Browser
from bench.data import Database
from tests.support.processes import running_server

TIMES, QUERIES = 8, 12
ROUNDS, EACH = 20, 10
ONE_PROCESS = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1"}  # how long one request takes, not how many there are at once


@dataclass(frozen=True)
class Case:
    """A page as one person (by number, or by address) sees it. `mark` stands in the page once for each row."""

    name: str
    person: int | str
    path: str
    mark: str
    rows: int | None = None
    promised: bool = True  # the search reads every theme's text, so it is only shown


@dataclass
class Measured:
    """Seconds of each request, of the page and of the bare page with as many rows, taken in turns."""

    case: Case
    rows: int = 0
    queries: int = 0
    queries_of_small: int | None = None
    seconds: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def times(self) -> float:
        return median(self.seconds) / median(self.bare)

    @property
    def problems(self) -> list[str]:
        found = []
        if self.times > TIMES and self.case.promised:
            found.append(f"more than {TIMES} times the bare page")
        if self.queries > QUERIES:
            found.append(f"more than {QUERIES} queries")
        if self.queries_of_small is not None and self.queries > self.queries_of_small:
            found.append(f"only {self.queries_of_small} queries with little data")
        return found


def measure(full: Database, small: Database) -> list[Measured]:
    """Every page, and how many queries it takes with little data."""
    measured = measure_cases(full, cases(full))
    _count_on_small(measured, small)
    return measured


def measure_cases(database: Database, chosen: list[Case]) -> list[Measured]:
    """In turns with the bare page, so that whatever else the machine does falls on both."""
    with _servers(database) as (pages, bare):
        measured = [_first(case, pages) for case in chosen]
        for _ in range(ROUNDS):
            for each, browser in measured:
                each.bare += _seconds(bare, f"/?rows={each.rows}")
                each.seconds += _seconds(browser, each.case.path)
    return [each for each, _ in measured]


@contextmanager
def _servers(database: Database) -> Iterator[tuple[str, Browser]]:
    with ExitStack() as at_the_end:
        pages = at_the_end.enter_context(running_server(database.url, "bench.counted:counted", **ONE_PROCESS))
        bare = at_the_end.enter_context(running_server(database.url, "bench.bare:app", **ONE_PROCESS))
        yield pages.url, Browser(bare.url)


def _first(case: Case, url: str) -> tuple[Measured, Browser]:
    """Signs in, warms up, and looks at the page."""
    address = case.person if isinstance(case.person, str) else f"person{case.person}@example.org"
    browser = Browser(url).sign_in(address)
    answer = [browser.get(case.path) for _ in range(EACH)][-1]
    assert answer.status == 200, f"{case.name}: {answer.status}\n{answer.text[:2000]}"
    rows = case.rows or answer.text.count(case.mark)
    assert rows, f"{case.name}: there is no {case.mark} in the page"
    return Measured(case, rows, answer.queries), browser


def _seconds(browser: Browser, path: str) -> list[float]:
    return [browser.get(path).seconds for _ in range(EACH)]


def _count_on_small(measured: list[Measured], small: Database) -> None:
    with running_server(small.url, "bench.counted:counted", **ONE_PROCESS) as server:
        for each, case in zip(measured, cases(small), strict=True):
            each.queries_of_small = _first(case, server.url)[0].queries


def cases(database: Database) -> list[Case]:
    """Who looks: a host with some 25 tasks, the guest with most to do, an owner with more than a page holds."""
    theme, guest, host = _theme_to_look_at(database)
    owner = database.ask("SELECT min(user_id) FROM membership WHERE programme_id = 1 AND role = 'owner'")[0][0]
    busy_host, busy_guest = _host_with_tasks(database, 25), _busiest_guest(database)
    return [
        Case("Catalogue, a guest", guest, "/themes", 'class="theme-card"'),
        Case("Catalogue, a host", host, "/themes", 'class="theme-card"'),
        Case("Catalogue, searched", guest, "/themes?q=platform&sector=digital&sort=newest", 'class="theme-card"', promised=False),
        Case("Theme, a guest", guest, f"/themes/{theme}", "<h1", rows=25),
        Case("Theme, its host", host, f"/themes/{theme}", "<h1", rows=25),
        Case("Home, a host", busy_host, "/", 'class="task '),
        Case("Home, a guest", busy_guest, "/", 'class="task '),
        Case("Home, an owner", owner, "/", 'class="task '),
        Case("Decision desk, an owner", owner, "/programmes/1/desk", 'name="chosen"'),
    ]


def _theme_to_look_at(database: Database) -> tuple[int, int, int]:
    """An open theme, a guest who has not applied to it, and its host's coordinator."""
    return database.ask(
        """
        SELECT t.id, m.user_id, t.host_id FROM theme t, membership m
        WHERE t.state = 'published' AND m.role = 'guest'
        AND NOT EXISTS (SELECT 1 FROM application a WHERE a.theme_id = t.id AND a.guest_id = m.user_id)
        ORDER BY t.id, m.user_id LIMIT 1
        """
    )[0]


def _host_with_tasks(database: Database, tasks: int) -> int:
    """The coordinator (with the number of the organisation) whose applications and exchanges are nearest to so many."""
    return database.ask(
        """
        SELECT host_id FROM (
            SELECT t.host_id FROM application a JOIN theme t ON t.id = a.theme_id WHERE a.waiting_for IS NOT NULL
            UNION ALL
            SELECT host_id FROM exchange WHERE state IN ('planning', 'agreed', 'in_progress')
        ) waiting GROUP BY host_id ORDER BY abs(count(*) - %s), host_id LIMIT 1
        """,
        tasks,
    )[0][0]


def _busiest_guest(database: Database) -> int:
    return database.ask(
        """
        SELECT guest_id FROM application WHERE waiting_for IS NOT NULL
        GROUP BY guest_id ORDER BY count(*) DESC, guest_id LIMIT 1
        """
    )[0][0]
