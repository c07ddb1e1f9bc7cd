"""What is promised, as multiples of something bare that is measured in the same run, and whether it is kept.

A multiple is the same on a slow and on a quick machine, and on one that changes from one to the other meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """At most so many of a unit."""

    most: float
    unit: str

    def of(self, measured: float) -> "Figure":
        return Figure(measured, self)


@dataclass(frozen=True)
class Figure:
    measured: float
    promise: Promise

    @property
    def kept(self) -> bool:
        """Nothing is done in no time: what is not above zero, or not a number, was not measured."""
        return 0 < self.measured <= self.promise.most

    def __str__(self) -> str:
        return f"{self.measured:.3g} of {self.promise.most:g} {self.promise.unit}"


@dataclass(frozen=True)
class Result:
    """What was measured of one thing: `figures` are judged, `facts` are only shown."""

    name: str
    figures: tuple[Figure, ...]
    facts: str

    @property
    def broken(self) -> list[Figure]:
        return [figure for figure in self.figures if not figure.kept]

    def __str__(self) -> str:
        verdict = f"NOT KEPT: {_listed(self.broken)}" if self.broken else "kept"
        return f"{self.name:26} {_listed(self.figures)}  {verdict}\n{'':26} {self.facts}"


def _listed(figures: Iterable[Figure]) -> str:
    return ", ".join(map(str, figures))


def status(results: list[Result]) -> int:
    """For the shell: 0 when all is kept, 1 when something is not or nothing was measured."""
    return 1 if not results or any(result.broken for result in results) else 0


# What is promised to whoever uses it, however much of it is used up today.
PAGE = Promise(8, "bare pages with as many rows")
APPROVAL = Promise(6, "bare pages")

# What was measured (2.1 to 2.5; 7.4 to 9.0; 14.7; 10) and half as much again: it shows what has become dearer. check-ledger
# looks at each voucher since, too (money.md), within what was promised before.
BATCH_APPROVAL = Promise(3.5, "bare pages for each")
NIGHT = Promise(12, "times 1,000 bare INSERTs for 1,000 reminders")
CHECK_POSTGRESQL = Promise(22, "times adding up the postings of each entry")
CHECK_SQLITE = Promise(15, "times adding up the postings of each entry")

# Waiting takes no processor time, so it has a bound too: three times that of the processor time, since what takes longer is
# interrupted more often where others are at work (12 was measured for a page, 9 for approvals).
PAGE_WAIT = Promise(24, "times as long")
APPROVALS_WAIT = Promise(18, "times as long as bare pages by as many people")

NIGHT_MEMORY = Promise(300, "MiB")
CHECK_MEMORY = Promise(300, "MiB")

# The review of 20,000 exchanges: computed, beside reading their 200,000 answers through the driver; what is kept, read; and the
# page that shows it, beside the bare page of a list, though it has six times as many figures as that has rows.
REVIEW_COMPUTED = Promise(60, "times reading all answers")
REVIEW_READ = Promise(8, "bare pages")
REVIEW_MEMORY = Promise(300, "MiB")
REVIEW_PAGE = Promise(20, "bare pages")
REVIEW_PAGE_WAIT = Promise(60, "times as long")

# Its files are promised in seconds, and to whoever waits for one; on any machine, so those of the processor count.
FILE = Promise(10, "s of processor time")
FILE_MEMORY = Promise(300, "MB")

# Lists of 20,000 rows, as measured on SQLite and half as much again: those that follow an index, and those that count and sort.
LIST = Promise(25, "bare pages")
LIST_OF_ALL = Promise(200, "bare pages")
SEARCH = Promise(550, "bare pages")
LIST_QUERIES = Promise(12, "queries")
SEARCH_QUERIES = Promise(21, "queries")  # one for each kind of thing
SECOND = Promise(1, "s of processor time")
