"""Somebody reads all that was ever published and works out what was hidden; with calls that hypothesis makes up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, islice, product
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mobility.outcomes import facts
from mobility.outcomes.facts import EXCHANGE, Case, Facts
from mobility.outcomes.hiding import PublicTable, hide
from mobility.outcomes.publication import Snapshot, publish
from mobility.outcomes.review import Review
from mobility.outcomes.tables import TOTAL, Cell, Table
from mobility.people.roles import Level, OrganisationKind

pytestmark = pytest.mark.property
made_up = settings(phases=[Phase.generate])  # a failure is shown as found: to make it smaller takes minutes

FIRST = date(2027, 1, 4)
PRIME = 2**61 - 1
KINDS = (OrganisationKind.CLUSTER_ORGANISATION, OrganisationKind.PUBLIC_AUTHORITY, OrganisationKind.CLUSTER_MEMBER)
COUNTRIES = ("AT", "DE", "PT")
PLACES = list(product(COUNTRIES, COUNTRIES))


# Calls made up


@dataclass(frozen=True)
class Stay:
    """An exchange of a made-up programme: from where to where, of which call (none: self-funded), when it came to be known."""

    guest: str
    host: str
    kind: OrganisationKind
    levels: frozenset[Level]
    call: str | None
    paid: int | None
    answers: Mapping[str, Any] = field(default_factory=dict)
    late: bool = False


stays = st.builds(
    Stay,
    guest=st.sampled_from(COUNTRIES),
    host=st.sampled_from(COUNTRIES),
    kind=st.sampled_from(KINDS),
    levels=st.frozensets(st.sampled_from(Level), min_size=1, max_size=2),
    call=st.sampled_from(["c1", "c1", "c2", None]),
    paid=st.none() | st.integers(100, 999),
    answers=st.fixed_dictionaries({}, optional={"members_served": st.integers(0, 9), "anyway": st.just("later")}),
    late=st.booleans(),
)
clusters = st.tuples(stays, st.integers(1, 9)).map(lambda drawn: [drawn[0]] * drawn[1])
programmes = st.lists(clusters, min_size=1, max_size=12).map(lambda drawn: [stay for group in drawn for stay in group])


def facts_of(stays: Iterable[tuple[int, Stay]]) -> Facts:
    """A programme in which all of these are over."""
    stays = list(stays)
    organisations = {
        f"{country} {kind}": facts.Organisation(key=f"{country} {kind}", kind=kind, country=country)
        for country, kind in product(COUNTRIES, OrganisationKind)
    }
    funded = [(number, stay) for number, stay in stays if stay.call]
    return Facts(
        as_of=date(2028, 12, 31),
        calls=(facts.Call(key="c1", opens_on=FIRST), facts.Call(key="c2", opens_on=FIRST)),
        organisations=organisations,
        exchanges=tuple(exchange(number, stay) for number, stay in stays),
        vouchers=tuple(voucher(number, stay) for number, stay in funded),
        claims=tuple(facts.Claim(voucher=number, filed_on=FIRST, paid_on=FIRST) for number, stay in funded if stay.paid),
        requests=tuple(
            facts.Request(key=n, questionnaire="month_12", about=Case(EXCHANGE, n), due_on=FIRST, state="answered")
            for n, _ in stays
        ),
        sendings=tuple(facts.Sending(request=number, sent_on=FIRST, answers=stay.answers) for number, stay in stays),
    )


def exchange(number: int, stay: Stay) -> facts.Exchange:
    day = FIRST + timedelta(number)
    delegates = tuple(facts.Delegate(level=level, attended=True) for level in sorted(stay.levels))
    guest, host = f"{stay.guest} {KINDS[0]}", f"{stay.host} {stay.kind}"
    return facts.Exchange(
        key=number, guest=guest, host=host, first_day=day, last_day=day, completed=True, agreed_on=FIRST, delegates=delegates
    )


def voucher(number: int, stay: Stay) -> facts.Voucher:
    days = dict.fromkeys(("first_requested_on", "requested_on", "decided_on", "issued_on", "redeemed_on"), FIRST)
    amount = None if stay.paid is None else Decimal(stay.paid)
    return facts.Voucher(key=number, call=stay.call, exchange=number, approved=True, amount=amount, **days)


def published(programme: Sequence[Stay]) -> list[Snapshot]:
    """One call, the programme, the other call; and once more when the late ones are over, too."""
    numbered = list(enumerate(programme))
    snapshots: list[Snapshot] = []
    for known in ([each for each in numbered if not each[1].late], numbered):
        for call in ("c1", None, "c2"):
            review = Review(facts_of(known), call)
            snapshots.append(publish(review, [each.trace for each in snapshots]))
    return snapshots


# Sums: whatever is added up and subtracted, no sum over 1 to 4 cases comes out


def rank(rows: Iterable[Sequence[int]]) -> int:
    """Of a matrix of whole numbers, modulo a large prime."""
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        lead = next((number for number in range(found, len(rows)) if rows[number][column] % PRIME), None)
        if lead is None:
            continue
        rows[found], rows[lead] = rows[lead], rows[found]
        inverse = pow(rows[found][column], -1, PRIME)
        for number in range(found + 1, len(rows)):
            factor = rows[number][column] * inverse
            rows[number] = [(each - factor * one) % PRIME for each, one in zip(rows[number], rows[found], strict=True)]
        found += 1
    return found


def told(sets: Iterable[frozenset[Any]]) -> list[frozenset[Any]]:
    """The groups of 1 to 4 cases whose sum follows from the sums over these sets."""
    sets = list(set(sets))
    holders: dict[frozenset[int], set[Any]] = {}
    for case in frozenset[Any]().union(*sets):
        holders.setdefault(frozenset(number for number, cases in enumerate(sets) if case in cases), set()).add(case)
    parts = list(holders.values())  # who is told apart by no set is told together
    matrix = [[int(part <= cases) for part in parts] for cases in sets]
    base = rank(matrix)
    small = [number for number, part in enumerate(parts) if len(part) < 5]
    groups = (group for size in range(1, 5) for group in combinations(small, size) if sum(len(parts[each]) for each in group) < 5)
    return [
        frozenset().union(*(parts[each] for each in group))
        for group in groups
        if rank([*matrix, [int(number in group) for number in range(len(parts))]]) == base
    ]


@made_up
@given(programmes)
def test_no_sum_over_fewer_than_five_follows_from_what_was_published(programme: list[Stay]) -> None:
    snapshots = published(programme)
    keys = {key for snapshot in snapshots for key, figure in snapshot.shown.items() if not figure.definition.bare}
    for key in keys:
        assert told(snapshot.shown[key].cases for snapshot in snapshots if key in snapshot.shown) == [], key


@made_up
@given(programmes)
def test_no_sum_of_money_over_fewer_than_five_payments_follows(programme: list[Stay]) -> None:
    figures = [figure for snapshot in published(programme) for figure in snapshot.shown.values()]
    assert told(each.finding.paid for each in figures if each.finding.paid) == []


@made_up
@given(programmes)
def test_no_difference_of_tables_tells_of_fewer_than_five(programme: list[Stay]) -> None:
    snapshots = published(programme)
    for key in ("countries", "levels"):
        shown = [each.tables[key] for each in snapshots]
        for cell in {cell for each in shown for cell in each.shown}:
            assert told(each.table.cases.get(cell, frozenset()) for each in shown if cell in each.shown) == [], (key, cell)


# Tables: there is another programme that publishes the very same, with another number there


@dataclass(frozen=True)
class Known:
    """What is public of one table, and of which of the parts its numbers are sums."""

    public: PublicTable
    parts: tuple[int, ...]


PARTS = (("c1", False), ("c1", True), ("c2", False), ("c2", True), (None, False), (None, True))
"""Of which call, known late: each exchange is of one part, and each table adds up some."""


def parts_of(snapshot: Snapshot, late: bool) -> tuple[int, ...]:
    return tuple(n for n, (call, of_late) in enumerate(PARTS) if snapshot.call in (None, call) and of_late <= late)


def tables_of(key: str, snapshots: Sequence[Snapshot]) -> list[Known]:
    return [Known(each.tables[key], parts_of(each, late=number >= 3)) for number, each in enumerate(snapshots)]


Counts = dict[tuple[int, Cell], int]


def counts_of(programme: Sequence[Stay]) -> Counts:
    """The countries' numbers, in parts."""
    counts: Counts = {}
    for stay in programme:
        at = (PARTS.index((stay.call, stay.late)), (stay.guest, stay.host))
        counts[at] = counts.get(at, 0) + 1
    return counts


def number(counts: Counts, parts: Iterable[int], cell: Cell) -> int:
    row, column = cell
    return sum(
        count for (part, at), count in counts.items() if part in parts and row in (TOTAL, at[0]) and column in (TOTAL, at[1])
    )


def is_possible(counts: Counts, known: Sequence[Known]) -> bool:
    """Would this programme publish the same? Hidden numbers are 1 or more, the total of all is always known."""
    if min(counts.values()) < 0:
        return False
    for each in known:
        table = each.public.table
        if number(counts, each.parts, (TOTAL, TOTAL)) != sum(table.cells.values()):
            return False
        if any(number(counts, each.parts, cell) != shown for cell, shown in each.public.shown.items()):
            return False
        if not each.public.left_out and any(number(counts, each.parts, cell) < 1 for cell in each.public.hidden):
            return False
    return True


Part = tuple[int, ...]
"""Those of PARTS that the same tables count, of the tables that were not left out."""


def told_apart(known: Sequence[Known]) -> list[Part]:
    apart: dict[tuple[bool, ...], list[int]] = {}
    for part in range(len(PARTS)):
        apart.setdefault(tuple(part in each.parts for each in known if not each.public.left_out), []).append(part)
    return [tuple(parts) for parts in apart.values()]


def directions(parts: Sequence[Part]) -> list[dict[Part, int]]:
    """How parts may grow and shrink at the same time, the simplest first."""
    found = [each for each in product((-1, 0, 1), repeat=len(parts)) if any(each) and next(filter(None, each)) > 0]
    return [dict(zip(parts, each, strict=True)) for each in sorted(found, key=lambda each: sum(map(abs, each)))]


def effect(direction: Mapping[Part, int], each: Known) -> int:
    """By how much a number of this table grows."""
    return sum(way for part, way in direction.items() if part[0] in each.parts)


def changes(direction: Mapping[Part, int], known: Sequence[Known]) -> Iterator[dict[Cell, int]]:
    """All changes by one that keep what is shown in the tables in which the direction can be seen."""
    seen = [each for each in known if not each.public.left_out and effect(direction, each)]
    free = [cell for cell in PLACES if all(cell in each.public.hidden for each in seen)]
    kept = {total for each in seen for total in each.public.shown if TOTAL in total}
    yield from _changes(free, {}, kept) if seen else ()


def changed(counts: Counts, change: Mapping[Cell, int], direction: Mapping[Part, int]) -> Counts | None:
    """The programme after the change, if there is enough of each part: what leaves it in one place comes back in another."""
    after = dict(counts)
    for part, way in direction.items():
        taken = []
        for place in (place for place, units in change.items() if units * way < 0):
            found = next((one for one in part if after[one, place] > 0), None)
            if found is None:
                return None
            after[found, place] -= 1
            taken.append(found)
        for place in (place for place, units in change.items() if units * way > 0):
            after[taken.pop(), place] += 1
    return after


def _changes(free: Sequence[Cell], change: dict[Cell, int], kept: set[Cell]) -> Iterator[dict[Cell, int]]:
    """Row by row; a row whose total is kept changes by nothing in all."""
    if not free:
        if sum(change.values()) == 0 and all(
            not sum(change.get((row, column), 0) for row in COUNTRIES) for row_, column in kept if row_ == TOTAL
        ):
            yield change
        return
    row = [cell for cell in free if cell[0] == free[0][0]]
    for values in product((-1, 0, 1), repeat=len(row)):
        if (row[0][0], TOTAL) not in kept or sum(values) == 0:
            yield from _changes(free[len(row) :], {**change, **dict(zip(row, values, strict=True))}, kept)


@made_up
@given(programmes)
def test_no_hidden_number_of_a_table_has_only_one_possible_value(programme: list[Stay]) -> None:
    known = tables_of("countries", published(programme))
    counts = {(part, place): 0 for part in range(len(PARTS)) for place in PLACES} | counts_of(programme)
    assert is_possible(counts, known)
    told = {(n, cell) for n, each in enumerate(known) if not each.public.left_out for cell in each.public.hidden}
    for other in worlds(counts, known) if told else ():
        told -= differing(other, counts, known, told)
    for world in islice(worlds(counts, known), 200) if told else ():  # what needs room that another world has
        for other in worlds(world, known) if told else ():
            told -= differing(other, counts, known, told)
    assert told == set()


def worlds(counts: Counts, known: Sequence[Known]) -> Iterator[Counts]:
    """Programmes that would publish the same, a change away from this one."""
    for direction in directions(told_apart(known)):
        for change in changes(direction, known):
            other = changed(counts, change, direction)
            if other is not None and is_possible(other, known):
                yield other


Number = tuple[int, Cell]


def differing(other: Counts, counts: Counts, known: Sequence[Known], told: set[Number]) -> set[Number]:
    parts = [each.parts for each in known]
    return {(n, cell) for n, cell in told if number(other, parts[n], cell) != number(counts, parts[n], cell)}


# Levels: where managers and policy makers met is the sum of two numbers of the table

LEVELS = ("cluster_manager", "policy_maker", "cluster_member")
AT = list(product(LEVELS, LEVELS))
MET = frozenset({(LEVELS[0], LEVELS[1]), (LEVELS[1], LEVELS[0])})


@made_up
@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 20]), min_size=9, max_size=9))
def test_no_hidden_number_of_levels_follows_from_who_met(drawn: list[int]) -> None:
    counts = dict(zip(AT, drawn, strict=True))
    cells = {cell: {Case(EXCHANGE, f"{cell} {each}") for each in range(count)} for cell, count in counts.items()}
    public = hide(Table.of("levels", cells, n=sum(drawn), rows=LEVELS, columns=LEVELS), tied=MET)
    told = set() if public.left_out else set(public.hidden)
    free = [cell for cell in AT if cell in public.hidden]
    for most in (1, 2):  # a number that takes the difference of both who met differs by two
        for other in others(counts, free, most) if told else ():
            if sum(other[cell] for cell in MET) == sum(counts[cell] for cell in MET) and shows(other, public):
                told -= {cell for cell in told if of(other, cell) != of(counts, cell)}
    assert told == set()


def others(counts: Mapping[Cell, int], free: Sequence[Cell], most: int) -> Iterator[dict[Cell, int]]:
    """Tables of the same total that differ in these places, by so much."""
    for ways in product(range(-most, most + 1), repeat=len(free)):
        if sum(ways) == 0:
            yield {**counts, **{cell: counts[cell] + way for cell, way in zip(free, ways, strict=True)}}


def of(counts: Mapping[Cell, int], cell: Cell) -> int:
    return sum(count for place, count in counts.items() if _is_in(place, cell))


def _is_in(place: Cell, cell: Cell) -> bool:
    return cell[0] in (TOTAL, place[0]) and cell[1] in (TOTAL, place[1])


def shows(counts: Mapping[Cell, int], public: PublicTable) -> bool:
    """The same numbers, and no hidden one that is none."""
    same = all(of(counts, cell) == shown for cell, shown in public.shown.items())
    return same and all(of(counts, cell) >= 1 for cell in public.hidden)
