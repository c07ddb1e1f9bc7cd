"""The review of 20,000 exchanges: computing it by night, reading what is kept, the page that shows it, and its files."""

from io import BytesIO
from zipfile import ZipFile

from bench import bare_rows, pages
from bench.bare_rows import BareRows
from bench.browser import Answer, Browser
from bench.cases import Case
from bench.command import Measured, measured
from bench.data import Database
from bench.followed import EXCHANGES, OWNER, Followed, fill, read
from bench.money import empty_file, looking
from bench.processor import largest, postmaster, spent
from bench.promises import (
    FILE,
    FILE_MEMORY,
    REVIEW_COMPUTED,
    REVIEW_MEMORY,
    REVIEW_PAGE,
    REVIEW_PAGE_WAIT,
    REVIEW_READ,
    Promise,
    Result,
)
from bench.servers import BARE_ROWS, ONE_PROCESS, bare_server, server
from tests.support.processes import flask

STATEMENTS = 4
COMMAND = ("run-job", "keep-figures", "--on", "2028-11-15")  # the day of the worked example
ANSWERS, TAKE_OVERS = 200_000, 60_000
OF_PROGRAMME, OF_CALL = 7, 9
FILES = {"xlsx": b"PK", "csv": b"\xef\xbb\xbf", "zip": b"PK", "pdf": b"%PDF"}


def measure(database: Database) -> list[Result]:
    with bare_server(database.url, **ONE_PROCESS) as bare:
        page = looking(bare, postmaster(database))
        page()  # not counted
        seconds = page()
    return [*_on_postgresql(database, seconds), *_on_sqlite(seconds)]


def _on_postgresql(themes: Database, page: float) -> list[Result]:
    """In a database of its own: in that of the themes, programmes are so large that the job has to compute their reviews, too."""
    database = themes.empty("bench_reviews")
    followed = _fill(database.url)
    with database.connect() as connection:
        connection.execute("VACUUM ANALYZE")
    with bare_rows.on_postgresql(database) as bare:
        results = _measured("PostgreSQL", database.url, followed, bare, page)
    shown = pages.measure_cases(database, review_pages(followed), {}, beside=themes)
    return [*results, *shown, *_files("PostgreSQL", database.url, followed, postmaster(database))]


def _on_sqlite(page: float) -> list[Result]:
    with empty_file() as file:
        url = f"sqlite:///{file}"
        flask(url, "db", "upgrade")
        followed = _fill(url)
        with bare_rows.on_sqlite(str(file)) as bare:
            results = _measured("SQLite", url, followed, bare, page)
        return [*results, *_files("SQLite", url, followed)]


def _fill(url: str) -> Followed:
    followed = fill(url)
    print(f"{followed.exchanges:,} exchanges, {followed.answers:,} answers, {followed.take_overs:,} take-overs\n", flush=True)
    assert (followed.exchanges >= EXCHANGES, followed.answers >= ANSWERS, followed.take_overs >= TAKE_OVERS) == (True,) * 3
    return followed


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


def review_pages(followed: Followed) -> list[Case]:
    """As an owner opens them. The bare page has the rows of a list, though these have more figures."""
    programme = f"/programmes/{followed.programme_id}"
    promised = {"mark": "<h1", "rows": BARE_ROWS, "within": REVIEW_PAGE, "wait": REVIEW_PAGE_WAIT}
    return [
        Case("Review of all, an owner", OWNER, f"{programme}/review", queries=OF_PROGRAMME, **promised),
        Case("Review of a call, an owner", OWNER, f"{programme}/calls/{followed.call_id}/review", queries=OF_CALL, **promised),
    ]


def _files(name: str, url: str, followed: Followed, *databases: int) -> list[Result]:
    """Each through a web server of its own, that its memory is told from the others'."""
    return [_file(name, url, f"/programmes/{followed.programme_id}/review.{kind}", kind, databases) for kind in FILES]


def _file(name: str, url: str, path: str, kind: str, databases: tuple[int, ...]) -> Result:
    with server(url, **ONE_PROCESS) as ours:
        owner = Browser(ours.url, patience=600).sign_in(OWNER)
        before = spent(ours.process, *databases)
        answer = see_file(owner, path, kind)
        return file_result(f"{kind.upper()}, {name}", answer, spent(ours.process, *databases) - before, largest(ours.process))


def see_file(owner: Browser, path: str, kind: str) -> Answer:
    """Whole: in the list of take-overs each has its row."""
    answer = owner.get(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    assert answer.content.startswith(FILES[kind]), f"{path} is no {kind}: {answer.content[:20]!r}"
    if kind == "zip":
        rows = ZipFile(BytesIO(answer.content)).read("take-overs.csv").count(b"\n") - 1
        assert rows >= TAKE_OVERS, f"{rows} take-overs in {path}"
    return answer


def file_result(name: str, answer: Answer, seconds: float, megabytes: float) -> Result:
    facts = f"{len(answer.content) / 1e6:.2f} MB, after {answer.seconds:.1f} s by the clock"
    return Result(f"Review as {name}", (FILE.of(seconds), FILE_MEMORY.of(megabytes)), facts)
