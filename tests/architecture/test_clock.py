"""Whether it is a holiday today must not decide whether the tests pass: everybody asks core/clock.py what time it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLOCK = ROOT / "mobility" / "core" / "clock.py"
FOLDERS = ("mobility", "tests", "bench", "tools")
EXEMPT = {CLOCK, Path(__file__)}  # this file plants faults
MODULES = sorted([*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
REAL = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime"),
    *("email.utils.localtime", "email.utils.formatdate"),
    *("sqlalchemy.func.now", "sqlalchemy.func.current_date", "sqlalchemy.func.current_timestamp"),
}
SQL = re.compile(r"\bselect\b.*(\bcurrent_(date|time|timestamp)\b|\bnow\(\)|'now')", re.IGNORECASE | re.DOTALL)


def reads_of_the_real_clock(source: str) -> list[str]:
    """Every mention of it, e.g. "datetime.datetime.now, line 3": a default that is called later counts as well."""
    tree = ast.parse(source)
    known = dict(imported_names(tree))
    mentions = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    read = [f"{name}, line {node.lineno}" for node in mentions if (name := full_name(node, known)) in REAL]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    read += [f"called, line {node.lineno}" for node in calls if asks(node, known) and full_name(node.func, known) not in REAL]
    read += [
        f"in SQL, line {node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.Constant) and asks_in_sql(node.value)
    ]
    return read + [f"the clock runs, line {node.lineno}" for node in calls if lets_it_run(node)]


def asks(call: ast.Call, known: dict[str, str]) -> bool:
    """`D.today()` whatever D is, but the clock; `time.strftime("%Y")`, without a time."""
    match call:
        case ast.Call(func=ast.Attribute(value=whom, attr="today" | "now" | "utcnow")):
            return ast.unparse(whom) != "clock" and full_name(whom, known) != "mobility.core.clock"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="time"), attr="strftime"), args=[_]):
            return True
    return False


def asks_in_sql(value: object) -> bool:
    return isinstance(value, str) and bool(SQL.search(value))


def lets_it_run(call: ast.Call) -> bool:
    """`clock.set_to(None)`"""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "set_to"):
        return False
    return any(isinstance(each, ast.Constant) and each.value is None for each in [*call.args, *(k.value for k in call.keywords)])


def imported_names(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name in the file, full name)"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def full_name(node: ast.AST, known: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{full_name(node.value, known)}.{node.attr}"
    return known.get(node.id, "") if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", [path for path in MODULES if path not in EXEMPT], ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_reads_the_real_clock(path: Path) -> None:
    assert reads_of_the_real_clock(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import date\n\ndef test_it():\n    assert date.today()",
        "from datetime import UTC, datetime\nNOW = datetime.now(UTC)",
        "from datetime import datetime as moment\nmoment.utcnow()",
        "import datetime\ndatetime.date.today()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from dataclasses import field\nfrom datetime import date\nday = field(default_factory=date.today)",
        "import time\ntime.time()",
        "from time import time\ntime()",
        "from sqlalchemy import func\nfunc.now()",
        "from datetime import date\nDAY = date(2027, 3, 1)\nDAY.today()",
        "from datetime import date\ntype(date.max).today()",
        "import datetime as dt\nnow = dt.datetime\nnow.now()",
        "import time\ntime.strftime('%Y')",
        "from email.utils import localtime\nlocaltime()",
        "from sqlalchemy import text\ntext('SELECT CURRENT_DATE')",
        "from sqlalchemy import text\ntext(\"SELECT date('now')\")",
        "def test_it(clock):\n    clock.set_to(None)",
        "def test_it(clock):\n    clock.set_to(instant=None)",
    ],
)
def test_a_planted_look_at_it_is_seen(planted: str) -> None:
    assert len(reads_of_the_real_clock(planted)) == 1


def test_waiting_is_no_look_at_it() -> None:
    assert reads_of_the_real_clock("import time\ntime.monotonic()\ntime.sleep(1)\ntoday = date = None") == []
