"""Lists of 20,000 rows, their files, and the search, on both databases: a request of each, beside bare pages of 25 rows."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench.browser import Browser
from bench.data import Database
from bench.grown import PROGRAMME, ROWS, Grown, grow
from bench.money import empty_file
from bench.processor import largest, postmaster, spent
from bench.promises import FILE, FILE_MEMORY, LIST, LIST_OF_ALL, LIST_QUERIES, SEARCH, SEARCH_QUERIES, SECOND, Promise, Result
from bench.servers import ONE_PROCESS, bare_server, look, look_bare, see, server
from bench.turns import take_turns

ROUNDS = 7


@dataclass(frozen=True)
class List:
    """A page as somebody reads it; `file` is the name of its spreadsheet, if it is measured too."""

    name: str
    reader: str
    path: str
    within: Promise = LIST
    queries: Promise = LIST_QUERIES
    file: str = ""


def lists(grown: Grown) -> list[List]:
    of = f"/programmes/{PROGRAMME}"
    found = [
        List("Exchanges", "owner", "/exchanges", LIST_OF_ALL, file="exchanges"),
        List("Exchanges", "host", "/exchanges", LIST_OF_ALL),
        List("Exchanges, searched", "owner", "/exchanges?text=cluster", LIST_OF_ALL),
        List("Applications", "owner", "/applications", LIST_OF_ALL, file="applications"),
        List("Decision desk", "owner", f"{of}/desk?show=all", LIST_OF_ALL, file="decision-desk"),
        List("De minimis aid", "owner", f"{of}/de-minimis", LIST_OF_ALL),
        List("Movements of a line", "owner", f"{of}/budget/{grown.line}", file="movements"),
        List("Payments", "finance", f"{of}/payments", LIST_OF_ALL),
        List("Vouchers", "host", "/vouchers", LIST_OF_ALL),
        List("Experts", "host", "/experts", LIST_OF_ALL, file="experts"),
        List("Themes", "guest", "/themes", LIST_OF_ALL, file="themes"),
        List("Organisations", "administrator", "/admin/organisations", file="organisations"),
        List("Outbox", "administrator", "/outbox", LIST_OF_ALL, file="outbox"),
        List("Audit log", "administrator", "/audit"),
        List("Mailings", "writer", "/mailings", file="mailings"),
        List("Home", "owner", "/"),
        List("Home", "host", "/", LIST_OF_ALL),
    ]
    for reader in ("owner", "host", "guest", "administrator", "finance"):
        found += [List("Search", reader, f"/search?q={word}", SEARCH, SEARCH_QUERIES) for word in ("cluster", "zzzxq")]
    return found


def measure(database: Database) -> list[Result]:
    other = database.empty("bench_lists")
    found = _measured("PostgreSQL", other.url, postmaster(database))
    with empty_file() as file:
        return [*found, *_measured("SQLite", f"sqlite:///{file}")]


def _measured(name: str, url: str, *databases: int) -> list[Result]:
    grown = grow(url)
    print(f"Lists of some {ROWS:,} rows, {name}\n", flush=True)
    found = lists(grown)
    pages = _pages(name, url, grown, found, databases)
    return [*pages, *(_file(name, url, grown, each, kind, databases) for each in found if each.file for kind in ("xlsx", "csv"))]


def _pages(name: str, url: str, grown: Grown, chosen: list[List], databases: tuple[int, ...]) -> list[Result]:
    with ExitStack() as at_the_end:
        ours = at_the_end.enter_context(server(url, "bench.counted:counted", **ONE_PROCESS))
        bare = at_the_end.enter_context(bare_server(url, **ONE_PROCESS))
        processor = partial(spent, ours.process, bare.process, *databases)
        people = {reader: Browser(ours.url).sign_in(address) for reader, address in grown.people.items()}
        return [_page(name, each, people[each.reader], Browser(bare.url), processor) for each in chosen]


def _page(name: str, one: List, reader: Browser, nobody: Browser, processor: partial) -> Result:
    queries = see(reader, one.path).queries
    turns = take_turns(ROUNDS, lambda: look(reader, one.path, 1), lambda: look_bare(nobody, 5), processor)
    longest = max(each.processor for each in turns.ours)
    figures = one.within.of(turns.times), one.queries.of(queries), SECOND.of(longest)
    return Result(f"{one.name}, {one.reader}, {name}", figures, f"{one.path}: {turns}")


def _file(name: str, url: str, grown: Grown, one: List, kind: str, databases: tuple[int, ...]) -> Result:
    """Through a web server of its own, that its memory is told from the others'."""
    with server(url, **ONE_PROCESS) as ours:
        reader = Browser(ours.url, patience=600).sign_in(grown.people[one.reader])
        before = spent(ours.process, *databases)
        answer = see(reader, f"{one.path}{'&' if '?' in one.path else '?'}file={one.file}.{kind}")
        figures = FILE.of(spent(ours.process, *databases) - before), FILE_MEMORY.of(largest(ours.process))
        return Result(f"{one.name} as {kind.upper()}, {name}", figures, f"{len(answer.content) / 1e6:.2f} MB")
