"""Only core/clock.py reads the real clock: whatever else knows what day it is can be tested on any day."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(set((ROOT / "mobility").rglob("*.py")) - {ROOT / "mobility/core/clock.py"})
READS = {"now", "utcnow", "today", "time", "localtime", "gmtime", "current_timestamp"}
OF = {"datetime", "date", "time", "func"}


def real_readings(source: str) -> list[str]:
    """`datetime.now()`, `date.today()`, `time.time()`, `func.now()`: as they stand in the source."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in READS and ast.unparse(node.value).split(".")[-1] in OF
    ]


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_the_real_clock_is_read_in_one_place(path: Path) -> None:
    assert real_readings(path.read_text()) == []


def test_each_way_of_reading_it_is_seen() -> None:
    source = (
        "datetime.now(UTC), datetime.datetime.now(), date.today(), time.time(), func.now(), clock.today(), map(x, date.today)"
    )
    assert len(real_readings(source)) == 6
