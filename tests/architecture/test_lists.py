"""Every list can be taken away as a file, or says why not. By hand: a new list stands in neither, and fails."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"
A_LIST = re.compile(r"pagination\(|<tbody>|card_list\(\)|class=\"(tasks|board-list|items)\"")
HAS_FILES = re.compile(r"\b(pagination|files)\(")
WITHOUT = {
    "applications/_delegates": "the fields of a form",
    "audit/index": "has files of its own, with their own act in the log",
    "claims/_twins": "a few hints beside one claim",
    "desk/review": "what one ticked a moment ago, to decide on",
    "home": "one's own tasks of today: their lists have files",
    "imports/show": "one file, with what is wrong in it",
    "keyfigures/show": "the values of one figure",
    "merging/merge": "what moves, before it does",
    "payments/_table": "one batch, which has files of its own",
    "programmes/administer": "a form",
    "programmes/show": "one programme: its promises and rates",
    "questionnaires/edit": "a form",
    "rates/_card": "one rate card",
    "rates/_worked_cases": "examples beside a form",
    "rates/versions": "each version is a page",
    "retention/index": "a line for each class of data: what each did is in the audit log, which has files",
    "retention/show": "the newest nights of one class: what they removed is in the audit log, which has files",
    "reviews/_charts": "figures, which have files of their own",
    "reviews/cases": "has a file of its own, with how much of each case counts",
    "reviews/compare": "figures, which have files of their own",
    "reviews/competences": "figures, which have files of their own",
    "teams/_team": "its pages have the files",
    "teams/your_roles": "one's own roles",
    "vouchers/_scores": "the points of one voucher",
}


def lists() -> dict[str, str]:
    found = {
        path.relative_to(TEMPLATES).with_suffix("").as_posix(): path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")
    }
    return {name: text for name, text in found.items() if A_LIST.search(text) and not name.startswith("macros/")}


def test_every_list_has_files_or_says_why_not() -> None:
    without = {name for name, text in lists().items() if not HAS_FILES.search(text)}
    own = {"audit/index", "reviews/cases"}  # their pagination shows no files, as their pages are not made by show_list
    assert without | own == WITHOUT.keys()
