"""A review as files: a spreadsheet with the rows that its figures can be worked out from again, a list, a paper; of a snapshot
only what everybody may read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mobility.core.web import reader_locale
from mobility.documents.papers import ReviewFigure, ReviewPaper, ReviewSection, ReviewTable
from mobility.documents.pdf import review_pdf
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, Sheet, as_book, as_csv, as_zip
from mobility.outcomes.tables import TOTAL, Cell
from mobility.reviews import grids, rows
from mobility.reviews.charts import Grid
from mobility.reviews.models import PublishedReview
from mobility.reviews.queries import Found
from mobility.reviews.readings import Reading, Readings
from mobility.reviews.sections import SECTIONS, section_of
from mobility.reviews.words import told

TYPES = {"xlsx": XLSX_TYPE, "csv": f"{CSV_TYPE}; charset=utf-8", "pdf": "application/pdf", "zip": "application/zip"}
PUBLIC = ("Part", "Key", "Figure", "Value", "Unit", "n", "Few answered")
OWN = (*PUBLIC, "Exact value", "Rests on, answered of asked")
DEFINED = ("Key", "Figure", "Definition")
ALL = "All"
TOO_MANY = Sheet("Rows", ["The rows are in the ZIP file beside this one: there are more than a spreadsheet opens with ease."], ())


def of_review(found: Found, kind: str) -> bytes:
    """For the programme's people: all of it."""
    readings, tables = found.readings, grids.of_review(found)
    if kind == "pdf":
        return review_pdf(_paper(found, found.programme.name, found.programme.currency, readings, tables))
    listed = [(*row, *_own(found, readings[row[1]])) for row in _figures(readings, found.programme.currency)]
    if kind == "zip":
        return as_zip(rows.sheets(found))
    if kind == "csv":
        return as_csv(OWN, [*listed, *_cells(tables)])
    sheets = [Sheet("Figures", OWN, listed, (28, 34, 44, 14, 10, 8, 12, 16, 60)), *_sheets(readings, tables)]
    return as_book([*sheets, *([TOO_MANY] if rows.are_many(found) else rows.sheets(found))])


def of_snapshot(snapshot: PublishedReview, kind: str) -> bytes:
    """For everybody: what the page shows, and nothing else."""
    readings, tables = snapshot.told, grids.of_snapshot(snapshot)
    if kind == "pdf":
        return review_pdf(_paper(snapshot, snapshot.programme_name, snapshot.currency, readings, tables))
    listed = list(_figures(readings, snapshot.currency))
    if kind == "csv":
        return as_csv(PUBLIC, [*listed, *_cells(tables)])
    return as_book([Sheet("Figures", PUBLIC, listed, (28, 34, 44, 14, 10, 8, 12)), *_sheets(readings, tables)])


# Rows


def _figures(readings: Readings, currency: str) -> Iterator[tuple[Any, ...]]:
    """A hidden one has neither value nor n."""
    for each in readings.values():
        value = each.number if not each.is_hidden else None
        word = None if value is not None else ("not shown" if each.is_hidden else each.shown)
        unit = currency if each.is_money else "%" if each.is_percent else each.unit
        marked = "few answered" if each.few_answered else ""
        yield section_of(each.key).title, each.key, each.name, _plain(value, each) if word is None else word, unit, each.n, marked


def _plain(value: Any, reading: Reading) -> Any:
    """Counts as whole numbers, money with two places."""
    return value if reading.is_money or value != int(value) else int(value)


def _own(found: Found, reading: Reading) -> tuple[Any, ...]:
    """What only the programme's people read."""
    if reading.is_hidden:
        return None, ""
    answers = "; ".join(f"{questionnaire} {item}: {n} of {asked}" for questionnaire, item, n, asked in reading.answers)
    return found.figures[reading.key].value, answers


def _cells(tables: Iterable[Grid]) -> Iterator[tuple[Any, ...]]:
    """The numbers of tables as figures, their totals too."""
    for table in tables:
        for (row, column), number in _numbers(table).items():
            key = f"{table.key}.{row}.{column}"
            yield "Who met whom", key, grids.name_of(key), "not shown" if number is None else number, "", table.n, ""


def _numbers(table: Grid) -> dict[Cell, int | None]:
    inside: dict[Cell, int | None] = {cell: square.number for cell, square in table.squares.items()}
    totals = {(row, TOTAL): number for row, number in table.row_totals.items()}
    return {**inside, **totals, **{(TOTAL, column): number for column, number in table.column_totals.items()}}


def _sheets(readings: Readings, tables: Sequence[Grid]) -> Iterator[Sheet]:
    for table in tables:
        names = [grids.label(table.key, each) for each in table.columns]
        yield Sheet(table.title.partition(":")[0], ["Guests from, to hosts in", *names, ALL], _table(table), (34,))
    defined = ((each.key, each.name, each.says) for each in readings.values())
    yield Sheet("Definitions", DEFINED, defined, (34, 44, 120))


def _table(table: Grid) -> Iterator[list[Any]]:
    numbers = _numbers(table)
    for row in (*table.rows, TOTAL):
        name = ALL if row == TOTAL else grids.label(table.key, row)
        found = [numbers.get((row, column)) for column in (*table.columns, TOTAL) if (row, column) != (TOTAL, TOTAL)]
        yield [name, *("not shown" if each is None else each for each in found)]


# Paper


def _paper(found: Any, programme: str, currency: str, readings: Readings, tables: Sequence[Grid]) -> ReviewPaper:
    """`found` is a review or a snapshot."""
    is_snapshot = isinstance(found, PublishedReview)
    scope = found.scope_name if is_snapshot else found.name
    return ReviewPaper(
        programme=programme,
        scope=scope if scope != programme else "All calls",
        as_of=found.as_of,
        audience="Published figures" if is_snapshot else "For the programme's people",
        sections=tuple(_paper_section(each, readings, currency) for each in SECTIONS if each.readings(readings)),
        tables=tuple(_paper_table(each) for each in tables if not each.is_empty),
        locale=reader_locale(),
    )


def _paper_section(section: Any, readings: Readings, currency: str) -> ReviewSection:
    figures = (
        ReviewFigure(
            name=each.name,
            shown=told(each, currency),
            n="" if each.n is None else str(each.n),
            says=each.says,
            marked=each.few_answered,
            percent=int(each.number) if each.is_percent and each.number is not None else -1,
        )
        for each in section.readings(readings)
    )
    return ReviewSection(title=section.title, lead=section.lead, figures=tuple(figures))


def _paper_table(table: Grid) -> ReviewTable:
    header = ("", *(grids.label(table.key, each) for each in table.columns), ALL)
    body = tuple(tuple("–" if each == "not shown" else str(each) for each in row) for row in _table(table))
    return ReviewTable(title=table.title, header=header, rows=tuple((*row, *[""] * (len(header) - len(row))) for row in body))
