"""The proof of the audit log: every entry is as it was written and follows the one before; every head still fits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from mobility.audit import heads
from mobility.audit.acts import LABELS
from mobility.audit.chain import TABLE, hash_of
from mobility.audit.heads import Damaged, Head
from mobility.core.database import db

AT_ONCE = 2000  # entries
RESTORED, ERASED = "database_restored", "names_erased"


@dataclass
class Found:
    """`wrong`: a sentence for each thing that is not as it should be. `explained`: what an entry says the reason of."""

    wrong: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    entries: int = 0
    heads: list[Head] = field(default_factory=list)
    unfitting: list[str] = field(default_factory=list)  # the days of heads that do not fit and that nothing explains


def check(url: str = "") -> Found:
    """The whole log, and the heads kept at `url` (AUDIT_HEADS if none is named)."""
    found = Found()
    for name, content in heads.store(url).everything():
        try:
            found.heads.append(heads.read(name, content))
        except Damaged as problem:
            found.wrong.append(f"The file {name} {problem}.")
    _Walk(found).go()
    return found


class _Walk:
    """Through all entries, once."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.hashes: dict[int, str] = {0: ""}  # of those that some head names
        self.named = {each.entries for each in found.heads}
        self.erased = _erased()
        self.restored: dict[str, int] = {}  # the entry that explains a day's head
        self.number, self.hash = 0, ""

    def go(self) -> None:
        if not self._read(AT_ONCE) and not self._read(1):  # the second time one by one, up to the one that it is
            self.found.wrong.append(f"What follows entry {self.number} cannot be read: it has a value that nobody wrote.")
        self.found.entries = self.number
        if self.erased:
            self.found.explained.append(
                f"In {len(self.erased)} entries a name was erased; later entries say which, and what they hold."
            )
        for head in sorted(self.found.heads, key=lambda each: each.day):
            if problem := self._problem(head):
                self._keep(problem, head)

    def _read(self, at_once: int) -> bool:
        """To the end; False if something cannot be read. SQLite keeps whatever is put into a column."""
        try:
            for row in _rows_after(self.number, at_once):
                self._look(row)
        except (ValueError, TypeError):
            return False
        return True

    def _keep(self, problem: str, head: Head) -> None:
        if explains := self.restored.get(head.day):
            self.found.explained.append(f"{problem} Entry {explains} says why.")
        else:
            self.found.wrong.append(problem)
            self.found.unfitting.append(head.day)

    def _look(self, row: Any) -> None:
        entry, missing = row._asdict(), row.id - self.number - 1
        if row.id < 1:
            self.found.wrong.append(f"{_name(entry)} was put in: entries are numbered from 1.")
            return
        if missing:
            span = f"Entry {self.number + 1} is" if missing == 1 else f"Entries {self.number + 1} to {row.id - 1} are"
            self.found.wrong.append(f"{span} missing: deleted from the database.")
        elif row.earlier_hash != self.hash:
            self.found.wrong.append(
                f"{_name(entry)} does not follow entry {self.number}, as it was: one of the two is in the place of another."
            )
        if hash_of(entry) != self.erased.get(row.id, row.hash):
            self.found.wrong.append(f"{_name(entry)} has been changed since it was written.")
        self.number, self.hash = row.id, row.hash
        if row.id in self.named:
            self.hashes[row.id] = row.hash
        if row.act == RESTORED and isinstance(row.before, dict):
            self.restored |= dict.fromkeys(row.before.get("heads", ()), row.id)

    def _problem(self, head: Head) -> str:
        of = f"The head of {head.day}"
        if head.entries > self.number:
            lost = head.entries - self.number
            what = "the newest was deleted" if lost == 1 else f"the newest {lost} were deleted"
            return (
                f"{of} was written when there were {head.entries} entries; there are {self.number} now: {what}, "
                "or an older database was put in this one's place."
            )
        if head.entries not in self.hashes or self.hashes[head.entries] == head.hash:
            return ""  # an entry that is missing has been told of
        return f"{of} was written with another entry {head.entries}: what was there until then has been written anew."


def _erased() -> dict[int, str]:
    """By the number of an entry: the hash of what it holds since a name was erased in it, as the last entry about it says."""
    said = select(TABLE.c.after).where(TABLE.c.act == ERASED).order_by(TABLE.c.id)
    found: dict[int, str] = {}
    for after in db.session.scalars(said):
        entries = after.get("entries") if isinstance(after, dict) else None
        if isinstance(entries, dict):
            found |= {int(number): str(content) for number, content in entries.items()}
    return found


def _name(entry: dict[str, Any]) -> str:
    """Entry 12 (2027-03-01 09:00 UTC, “Ended a role”)"""
    return f"Entry {entry['id']} ({entry['at']:%Y-%m-%d %H:%M} UTC, “{LABELS.get(entry['act'], entry['act'])}”)"


def _rows_after(number: int, at_once: int) -> Iterator[Any]:
    later = select(TABLE).order_by(TABLE.c.id)
    if number:
        later = later.where(TABLE.c.id > number)
    rows = db.session.execute(later.execution_options(yield_per=at_once))
    for some in rows.partitions():
        yield from some
