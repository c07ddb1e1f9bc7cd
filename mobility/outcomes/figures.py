"""One figure: what it is, its exact value, how it is shown, and what it rests on (followup.md, "Figures"). Pure.

Nothing is rounded inside a computation; what is shown is rounded half up, away from zero.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

from mobility.outcomes.facts import Case
from mobility.outcomes.scope import Response, Scope

Given = int | Decimal
Number = Given | Fraction
NO_FIGURE = "no figure"
LONGEST_BELOW = 10
"""Under so many cases the 90th percentile is the longest."""


class Form(Enum):
    """How a value is shown."""

    COUNT = "count"
    SUM = "sum"
    """Whole where it is whole."""
    PERCENT = "percent"
    MEDIAN = "median"
    """With a decimal where there is one."""
    MEAN = "mean"
    MONEY = "money"


class Share(NamedTuple):
    """Of the things of a case (itself, its answers, lines, promises) how many count, of how many."""

    counts: int
    of: int


Shares = Mapping[Case, Share]


@dataclass(frozen=True)
class Finding:
    """`value`: exact, none where nobody said anything. `n` is shown beside it; `cases` are what it rests on, each once.

    `paid`: of a sum of money the vouchers whose payments it is the sum of. `shares`: of a share which of the cases count.
    """

    value: Number | None
    n: int
    cases: frozenset[Case]
    paid: frozenset[Case] | None = None
    shares: Shares | None = None


@dataclass(frozen=True, kw_only=True)
class Definition:
    """`name` and `says` stand on the page. `rests_on`: the items of questionnaires that it is made of, (questionnaire, item); the
    item is "" where it is about the whole questionnaire. `with_those_of`: likewise, where anybody has answered it. `bare`: a
    count of the pipeline or a kept rate, which is always public. `adds_up`: figures of the same word add up to their n, which
    all show. `is_said`: made of what people said, also where no questionnaire is named."""

    key: str
    name: str
    says: str
    form: Form
    find: Callable[[Scope], Finding]
    rests_on: tuple[tuple[str, str], ...] = ()
    with_those_of: tuple[tuple[str, str], ...] = ()
    bare: bool = False
    is_percentile: bool = False
    adds_up: str = ""
    is_said: bool = False

    @property
    def tells_answers(self) -> bool:
        """Two of them, of other calls or days, tell a single answer: not for whoever may not read answers one by one."""
        return self.is_said or bool(self.rests_on or self.with_those_of)


@dataclass(frozen=True)
class Figure:
    """A definition, found in a scope."""

    definition: Definition
    finding: Finding
    few_answered: bool = False
    items: tuple[tuple[str, str, Response], ...] = ()
    """How many have answered the items it rests on: (questionnaire, item, response)."""

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def name(self) -> str:
        """Of few cases the 90th percentile is the longest, and is called so."""
        if self.definition.is_percentile and self.finding.n < LONGEST_BELOW:
            return self.definition.name.replace("90th percentile", "longest")
        return self.definition.name

    @property
    def value(self) -> Fraction | None:
        return None if self.finding.value is None else Fraction(self.finding.value)

    @property
    def n(self) -> int:
        return self.finding.n

    @property
    def cases(self) -> frozenset[Case]:
        return self.finding.cases

    @property
    def shares(self) -> Shares | None:
        return self.finding.shares

    @property
    def shown(self) -> str:
        """Without unit and locale: "62 %", "11.5", "8125.00", "no figure"."""
        return shown(self.value, self.definition.form)


def find(definition: Definition, scope: Scope) -> Figure:
    """The figure in this scope. It is marked if it has a value and less than 40 % answered what it rests on."""
    finding = definition.find(scope)
    answered = (each for each in definition.with_those_of if scope.given(*each))
    rests_on = (*definition.rests_on, *answered)
    low = any(scope.response(questionnaire).is_low for questionnaire, _ in rests_on)
    items = tuple((key, item, scope.item_response(key, item)) for key, item in rests_on if item)
    return Figure(definition, finding, few_answered=low and finding.value is not None, items=items)


# Statistics


def share(things: Iterable[tuple[Case, bool]]) -> Finding:
    """How many of the things count, each of a case."""
    shares: dict[Case, Share] = {}
    counting = n = 0
    for case, counts in things:
        before = shares.get(case, _NONE)
        shares[case] = _one_share(before.counts + counts, before.of + 1)
        counting, n = counting + counts, n + 1
    return Finding(Fraction(counting, n) if n else None, n, frozenset(shares), shares=shares)


_NONE = Share(0, 0)
_one_share = lru_cache(1_024)(Share)  # of 20,000 cases nearly all are the same two


def middle(values: Iterable[Given]) -> Fraction | None:
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        return None
    return (Fraction(ordered[half]) + Fraction(ordered[half if len(ordered) % 2 else half - 1])) / 2


def nearest_rank(values: Iterable[Given], percent: int = 90) -> Fraction | None:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return Fraction(ordered[ceil(Fraction(percent, 100) * len(ordered)) - 1]) if ordered else None


# How it is shown


def shown(value: Fraction | None, form: Form) -> str:
    if value is None:
        return NO_FIGURE
    if form is Form.PERCENT:
        return f"{rounded(value * 100, 0)} %"
    return rounded(value, _places(value, form))


def _places(value: Fraction, form: Form) -> int:
    if form is Form.MONEY:
        return 2
    if form is Form.COUNT:
        return 0
    return 1 if form is Form.MEAN or value.denominator > 1 else 0


def rounded(value: Fraction, places: int) -> str:
    """Half up, away from zero: 6.25 gives 6.3, -6.25 gives -6.3, with one decimal place. Nothing is "-0"."""
    units = floor(abs(value) * 10**places + Fraction(1, 2))
    whole, rest = divmod(units, 10**places)
    sign = "-" if value < 0 and units else ""
    return f"{sign}{whole}" + (f".{rest:0{places}d}" if places else "")
