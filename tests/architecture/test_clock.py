"""Whether it is a holiday today must not decide whether the tests pass: everybody asks core/clock.py what time it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLOCK = ROOT / "mobility" / "core" / "clock.py"
FOLDERS = ("mobility", "tests", "bench", "tools")
MODULES = sorted([*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
REAL = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime"),
    *("sqlalchemy.func.now", "sqlalchemy.func.current_date", "sqlalchemy.func.current_timestamp"),
}


def reads_of_the_real_clock(source: str) -> list[str]:
    """Every mention of it, e.g. "datetime.datetime.now, line 3": a default that is called later counts as well."""
    tree = ast.parse(source)
    known = dict(imported_names(tree))
    mentions = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    read = [f"{name}, line {node.lineno}" for node in mentions if (name := full_name(node, known)) in REAL]
    return read + [f"the clock runs, line {node.lineno}" for node in ast.walk(tree) if lets_it_run(node)]


def lets_it_run(node: ast.AST) -> bool:
    """`clock.set_to(None)`"""
    match node:
        case ast.Call(func=ast.Attribute(attr="set_to"), args=[ast.Constant(value=None)]):
            return True
    return False


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


@pytest.mark.parametrize("path", [path for path in MODULES if path != CLOCK], ids=lambda path: str(path.relative_to(ROOT)))
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
        "def test_it(clock):\n    clock.set_to(None)",
    ],
)
def test_a_planted_look_at_it_is_seen(planted: str) -> None:
    assert len(reads_of_the_real_clock(planted)) == 1


def test_waiting_is_no_look_at_it() -> None:
    assert reads_of_the_real_clock("import time\ntime.monotonic()\ntime.sleep(1)\ntoday = date = None") == []
