"""What the pages take, as multiples of the bare page with as many rows, and how many queries they make."""

from contextlib import ExitStack
from dataclasses import dataclass

from bench.browser import Browser
from bench.cases import Case, cases
from bench.data import Database
from bench.processor import postmaster, spent
from bench.promises import PAGE, PAGE_WAIT, Promise, Result
from bench.servers import ONE_PROCESS, bare_server, look, look_bare, see, server
from bench.turns import Turns, take_turns

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


def measure_cases(database: Database, chosen: list[Case], queries_of_small: dict[str, int]) -> list[Result]:
    with ExitStack() as at_the_end:
        pages = at_the_end.enter_context(server(database.url, "bench.counted:counted", **ONE_PROCESS))
        bare = at_the_end.enter_context(bare_server(database.url, **ONE_PROCESS))
        roots = pages.process, bare.process, postmaster(database)
        nobody = Browser(bare.url)
        results = []
        for case in chosen:
            person = _first(case, pages.url)
            turns = take_turns(
                ROUNDS,
                lambda person=person: look(person.browser, person.case.path, EACH),
                lambda person=person: look_bare(nobody, EACH, person.rows),
                lambda: spent(*roots),
            )
            results.append(_result(person, turns, queries_of_small.get(case.name)))
    return results


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
    figures = [PAGE.of(turns.times), PAGE_WAIT.of(turns.times_as_long)] if person.case.promised else []
    figures.append(Promise(person.case.queries, "queries").of(person.queries))
    if queries_of_small is not None:
        figures.append(Promise(queries_of_small, "with little data").of(person.queries))
    facts = f"{person.rows} rows, {turns.times:.1f} bare pages, {turns}"
    return Result(person.case.name, tuple(figures), facts)
