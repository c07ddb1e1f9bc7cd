"""Tables of the public version, as worked out by hand in review_example.md."""

from typing import Any

import pytest

from mobility.outcomes.facts import EXCHANGE, Case
from mobility.outcomes.hiding import hide
from mobility.outcomes.tables import TOTAL, Cell, Table
from tests.support.outcomes import example

TABLES = example()["table"]


def table_of(rows: dict[str, list[int]], columns: list[str], key: str = "countries") -> Table:
    """Numbers as a table, each number resting on as many exchanges of its own."""
    cells = {
        (row, column): {Case(EXCHANGE, f"{row}>{column} {number}") for number in range(count)}
        for row, counts in rows.items()
        for column, count in zip(columns, counts, strict=True)
    }
    return Table.of(key, cells, n=sum(map(sum, rows.values())), rows=rows, columns=columns)


def named(cells: frozenset[Cell]) -> set[str]:
    return {f"{row}>{column}" for row, column in cells}


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row["key"])
def test_tables_hide_what_the_example_hides(row: dict[str, Any]) -> None:
    public = hide(table_of(row["rows"], row["hosts"]))
    assert (named(public.few), named(public.complement), public.left_out) == (
        set(row["few"]),
        set(row["complement"]),
        row["left_out"],
    )


def test_what_is_shown_is_neither_few_nor_a_complement() -> None:
    """DE>PT 3 is few and DE>AT 8 its complement; FI>AT is a zero, which is shown; Portugal's column is 6 + 3 + 2 + 8."""
    invented = TABLES[1]
    shown = hide(table_of(invented["rows"], invented["hosts"])).shown
    assert {("DE", "PT"), ("DE", "AT")}.isdisjoint(shown)
    assert (shown["FI", "AT"], shown[TOTAL, "PT"]) == (0, 19)


LEVELS = table_of(
    {"cluster_manager": [20, 0, 0], "policy_maker": [3, 0, 0], "cluster_member": [9, 0, 7]},
    ["cluster_manager", "policy_maker", "cluster_member"],
    "levels",
)
MET = frozenset({("cluster_manager", "policy_maker"), ("policy_maker", "cluster_manager")})


def test_a_number_that_a_figure_tells_takes_the_table_with_it() -> None:
    """3 policy makers came to managers, no manager to policy makers (a zero): where both met, 3 of 39, is the hidden number."""
    alone = hide(LEVELS)
    assert named(alone.few) == {"policy_maker>cluster_manager", "policy_maker>*"}
    assert named(alone.complement) == {"cluster_member>cluster_manager", "cluster_member>*"}
    assert hide(LEVELS, tied=MET).left_out


def test_two_hidden_numbers_may_have_a_sum_that_a_figure_tells() -> None:
    """3 and 4 hidden, 7 met: 2 and 5 would show the same. What is hidden is what would be without the figure."""
    table = table_of(
        {"cluster_manager": [20, 4, 9], "policy_maker": [3, 30, 8], "cluster_member": [9, 8, 7]},
        ["cluster_manager", "policy_maker", "cluster_member"],
        "levels",
    )
    assert hide(table, tied=MET) == hide(table)
    assert hide(table).hidden > MET
    assert not hide(table).left_out


def with_more(table: Table, more: dict[Cell, int]) -> Table:
    """The same exchanges and these."""
    cells = {cell: set(table.cases.get(cell, ())) for cell in table.cells}
    for cell, count in more.items():
        cells[cell] |= {Case(EXCHANGE, f"later {cell} {number}") for number in range(count)}
    return Table.of(table.key, cells, n=table.n + sum(more.values()), rows=table.rows, columns=table.columns)


SMALL = table_of({"AT": [3, 20, 30], "DE": [4, 40, 50], "FI": [60, 70, 80]}, ["ES", "FR", "PT"])
"""Few are AT>ES 3 and DE>ES 4, together 7 in column ES. Rows: AT>FR 20 and DE>FR 40 go with them, so column FR has two, too."""


def test_the_programme_after_its_call_hides_what_differs_by_few() -> None:
    """Of FI>PT the programme has 83, the call shows 80: so hidden; with it the row's and the column's next, and a total of each.
    FI>* 213 and *>PT 163 differ from 210 and 160 by 3."""
    call = hide(SMALL)
    assert named(call.hidden) == {"AT>ES", "DE>ES", "AT>FR", "DE>FR"}
    programme = hide(with_more(SMALL, {("FI", "PT"): 3}), [call])
    assert {"FI>PT", "FI>*", "*>PT"} <= named(programme.hidden)
    assert not programme.left_out


def test_the_programme_may_show_what_differs_by_five() -> None:
    """All in one place, 5 more: what was hidden of the call is hidden of the programme, and nothing else."""
    call = hide(SMALL)
    assert hide(with_more(SMALL, {("FI", "PT"): 5}), [call]).hidden == call.hidden


def test_what_was_hidden_earlier_is_not_told_later() -> None:
    """The programme has 8 in AT>ES and 9 in DE>ES, which are enough. But with AT>FR 20 and DE>FR 40 shown the call could not have
    more there, nor fewer in one row without more in the other: the 3 and the 4 would be told. So AT>ES goes, and with it the next
    of its row and column, AT>FR and DE>ES, and of theirs DE>FR."""
    call = hide(SMALL)
    programme = hide(with_more(SMALL, {("AT", "ES"): 5, ("DE", "ES"): 5}), [call])
    assert programme.few == frozenset()
    assert programme.hidden == call.hidden


def test_the_programme_is_shown_whole_where_the_call_stays_hidden() -> None:
    """The call: 4 4, 4 1, all few. With all of the programme's 9 5, 9 6 shown it could still be 5 3, 3 2: less than there in each
    place, with the same totals."""
    call = hide(table_of({"AT": [4, 4], "DE": [4, 1]}, ["ES", "FR"]))
    more = {("AT", "ES"): 5, ("AT", "FR"): 1, ("DE", "ES"): 5, ("DE", "FR"): 5}
    assert named(call.hidden) == {"AT>ES", "AT>FR", "DE>ES", "DE>FR"}
    assert hide(with_more(call.table, more), [call]).hidden == frozenset()


def test_a_call_and_its_programme_may_have_to_be_others_together() -> None:
    """The call: 1 4, 1 30, only the rows' totals, 5 and 31, are shown. The programme: 6 4, 9 30, so 4 is few and the others
    go with it; all totals are shown. It could be 5 5, 10 29 if the call were 1 4, 2 29: not alone, with 30 of the call."""
    call = hide(table_of({"AT": [1, 4], "DE": [1, 30]}, ["ES", "FR"]))
    assert set(call.shown) == {("AT", TOTAL), ("DE", TOTAL)}
    programme = hide(with_more(call.table, {("AT", "ES"): 5, ("DE", "ES"): 8}), [call])
    assert named(programme.few) == {"AT>FR"}
    assert named(programme.complement) == {"AT>ES", "DE>ES", "DE>FR"}


def test_three_tables_tell_of_a_fourth() -> None:
    """9 of one call and 9 of another are shown, each more than 4 away from the programme's 20; but 20 - 9 - 9 = 2."""
    rows = {"AT": [9, 20], "DE": [30, 40]}
    one = hide(table_of(rows, ["ES", "FR"]))
    other = hide(table_of_another(rows))
    both = {cell: set(one.table.cases[cell]) | set(other.table.cases[cell]) for cell in one.table.cells}
    both["AT", "ES"] |= {Case(EXCHANGE, "one more"), Case(EXCHANGE, "and another")}
    programme = hide(Table.of("countries", both, n=200, rows=rows, columns=["ES", "FR"]), [one, other])
    assert one.hidden | other.hidden == frozenset()
    assert {"AT>ES", "AT>*", "*>ES"} <= named(programme.hidden)


def table_of_another(rows: dict[str, list[int]]) -> Table:
    """The same numbers, of other exchanges."""
    found = table_of(rows, ["ES", "FR"])
    cells = {cell: {Case(EXCHANGE, f"of another {case.key}") for case in found.cases[cell]} for cell in found.cells}
    return Table.of("countries", cells, n=found.n, rows=rows, columns=["ES", "FR"])
