"""What the pages take, as multiples of the bare page with as many rows, and how many queries they make."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench.browser import Browser
from bench.cases import Case, cases
from bench.data import Database
from bench.processor import postmaster, spent
from bench.promises import Promise, Result
from bench.servers import ONE_PROCESS, bare_server, look, look_bare, see, server
from bench.turns import Clock, Turns, take_turns

ROUNDS, EACH = 40, 5


@dataclass(frozen=True)
class Look:
    """One person at one page, at the first glance."""

    case: Case
    browser: Browser
    rows: int
    queries: int


def measure(full: Database, small: Database) -> list[Result]:
    """Every page, and that it takes no more queries than with little data."""
    return measure_cases(full, cases(full), _queries(small))


def measure_cases(
    database: Database, chosen: list[Case], queries_of_small: dict[str, int], beside: Database | None = None
) -> list[Result]:
    """The bare pages come from the database `beside`, if its own has no rows for them."""
    with ExitStack() as at_the_end:
        pages = at_the_end.enter_context(server(database.url, "bench.counted:counted", **ONE_PROCESS))
        bare = at_the_end.enter_context(bare_server((beside or database).url, **ONE_PROCESS))
        processor = partial(spent, pages.process, bare.process, postmaster(database))
        nobody = Browser(bare.url)
        people = (_first(case, pages.url) for case in chosen)
        return [_result(person, _turns(person, nobody, processor), queries_of_small.get(person.case.name)) for person in people]


def _turns(person: Look, nobody: Browser, processor: Clock) -> Turns:
    def page() -> int:
        return look(person.browser, person.case.path, EACH)

    def bare() -> int:
        return look_bare(nobody, EACH, person.rows)

    return take_turns(ROUNDS, page, bare, processor)


def _first(case: Case, url: str) -> Look:
    """Signs in, warms up, and looks at the page."""
    address = case.person if isinstance(case.person, str) else f"person{case.person}@example.org"
    browser = Browser(url).sign_in(address)
    look(browser, case.path, EACH)
    answer = see(browser, case.path)
    rows = case.rows or answer.text.count(case.mark)
    assert rows, f"{case.name}: there is no {case.mark} in the page"
    return Look(case, browser, rows, answer.queries)


def _queries(small: Database) -> dict[str, int]:
    """By the case's name."""
    with server(small.url, "bench.counted:counted", **ONE_PROCESS) as pages:
        return {case.name: _first(case, pages.url).queries for case in cases(small)}


def _result(person: Look, turns: Turns, queries_of_small: int | None) -> Result:
    case = person.case
    figures = [case.within.of(turns.times), case.wait.of(turns.times_as_long)] if case.promised else []
    figures.append(Promise(case.queries, "queries").of(person.queries))
    if queries_of_small is not None:
        figures.append(Promise(queries_of_small, "with little data").of(person.queries))
    facts = f"{person.rows} rows, {turns.times:.1f} bare pages, {turns}"
    return Result(case.name, tuple(figures), facts)
