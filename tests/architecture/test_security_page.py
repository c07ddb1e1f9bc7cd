"""docs/security.md claims nothing without a test: what it names exists, and no requirement of the standard is left out."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+[-0-9., ]*) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")
TEST = re.compile(r"`([^`\s]+)::([^`\s]+)`")
IN_PART, NOT_MET, NO_CASE = "In part: ", "Not met: ", "Does not apply: "
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; in each they are the first ones, numbered without a gap
# (docs/security.md says where the standard is).
SECTIONS = {
    "1": (2, 9, 11, 3, 2),
    "2": (3, 3, 4, 1),
    "3": (0, 2, 4, 6, 5, 0, 2),
    "4": (3, 1, 2, 4),
    "5": (1, 3, 2, 3),
    "6": (3, 12, 4, 4, 5, 3, 0, 4),
    "7": (3, 4, 2, 5, 2, 2),
    "8": (2, 3, 1, 1),
    "9": (3, 4),
    "10": (2, 2, 4, 11, 5, 2, 3),
    "11": (2, 3, 3, 4, 1, 1),
    "12": (3, 2, 4),
    "13": (1, 5, 2, 5),
    "14": (2, 4, 3),
    "15": (3, 3, 7),
    "16": (1, 5, 4, 3, 3),
    "17": (1, 4, 2),
}


class Row(NamedTuple):
    requirements: list[str]
    where: list[str]
    proof: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return TEST.findall(self.proof)


def rows(page: str) -> list[Row]:
    return [Row(numbers(first), NAMED.findall(where), proof.strip()) for first, _asks, where, proof in ROW.findall(page)]


def numbers(cell: str) -> list[str]:
    """`4.4.1-4.4.3, 4.5.1` is four of them."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("-")
        section, _, begin = first.rpartition(".")
        found += [f"{section}.{each}" for each in range(int(begin), int((last or first).rpartition(".")[2]) + 1)]
    return found


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def is_there(file: str, test: str) -> bool:
    return (ROOT / file).is_file() and test.startswith("test_") and test in functions(ROOT / file)


def faults(page: str) -> list[str]:
    """What the page names and is not there, and what it claims without a place and a test."""
    found = [f"{file}::{test} is no test" for file, test in TEST.findall(page) if not is_there(file, test)]
    for row in rows(page):
        found += [f"{name} is no place" for name in row.where if not (ROOT / name).exists()]
        if row.proof.startswith((NOT_MET, NO_CASE)):
            found += [f"{row.requirements} is claimed all the same" for _ in row.tests]
        elif not row.where or not row.tests:
            found.append(f"{row.requirements} is claimed without a place and a test")
        elif (left := TEST.sub("", row.proof.removeprefix(IN_PART)).strip(", ")) and not row.proof.startswith(IN_PART):
            found.append(f"{row.requirements} is claimed with a reserve: {left}")
    return found


def test_everything_it_names_exists_and_nothing_is_claimed_without_a_test() -> None:
    assert faults(PAGE.read_text("utf-8")) == []


def test_the_sum_at_the_top_is_right() -> None:
    page = PAGE.read_text("utf-8")
    told = [(row.proof.partition(": ")[0], len(row.requirements)) for row in rows(page)]
    part, no, none = (sum(count for word, count in told if f"{word}: " == each) for each in (IN_PART, NOT_MET, NO_CASE))
    met = 253 - part - no - none
    assert f"Of the 253, {met} have a test, {part} in part, {no} are not met, and {none} do not apply." in page


def test_no_requirement_is_left_out_or_told_twice() -> None:
    asked = [
        f"{chapter}.{at}.{each + 1}"
        for chapter, counts in SECTIONS.items()
        for at, n in enumerate(counts, 1)
        for each in range(n)
    ]
    assert len(asked) == 253
    assert sorted(each for row in rows(PAGE.read_text("utf-8")) for each in row.requirements) == sorted(asked)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("`config.py` | `tests/architecture/test_gates.py::test_a_planted_fault_closes_the_gate`", ""),
        ("`config.py` | `tests/architecture/test_gates.py::test_nothing_of_the_kind`", "test_nothing_of_the_kind is no test"),
        ("`config.py` | `tests/architecture/test_gates.py::closes`", "closes is no test"),
        ("`config.py` | `tests/architecture/test_none.py::test_a_planted_fault_closes_the_gate`", "is no test"),
        (
            "`mobility/none.py` | `tests/architecture/test_gates.py::test_a_planted_fault_closes_the_gate`",
            "mobility/none.py is no",
        ),
        ("`config.py` | Surely.", "without a place and a test"),
        (" | `tests/architecture/test_gates.py::test_a_planted_fault_closes_the_gate`", "without a place and a test"),
        ("`config.py` | In part: nearly.", "without a place and a test"),
        ("`config.py` | `tests/architecture/test_gates.py::test_a_planted_fault_closes_the_gate`, but not all.", "a reserve"),
        ("`config.py` | Not met: see `tests/architecture/test_gates.py::test_a_planted_fault_closes_the_gate`.", "all the same"),
        ("`config.py` | Not met: nobody has done it.", ""),
    ],
)
def test_such_a_mistake_would_be_seen(row: str, fault: str) -> None:
    found = faults(f"| 1.1.1 | something | {row} |\n")
    assert any(fault in each for each in found) if fault else found == []
