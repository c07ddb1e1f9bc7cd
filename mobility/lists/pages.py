"""A list's page, and its files: the same route, the same query, with `?file=exchanges.xlsx` all of it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.audit import queries as log
from mobility.audit.operations import record_alone
from mobility.core import clock
from mobility.core.access import whoever_is_signed_in
from mobility.core.errors import Refusal
from mobility.core.paging import Page
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, Sheet, as_book, as_csv
from mobility.lists import reaching
from mobility.lists.columns import Listing
from mobility.workflows.searching import refuse_unsearched, search_problems

MOST_ROWS = 50_000
MOST_FILES = 60  # of lists, that one person takes in an hour
TYPES = {"xlsx": XLSX_TYPE, "csv": f"{CSV_TYPE}; charset=utf-8"}
TAKEN = "export_taken"
TOO_LONG = f"A file has at most {MOST_ROWS:,} rows, and this list has more. Choose fewer with its filters."


class TooMany(Refusal):
    """For now (429)."""

    status = 429


def show_list(
    listing: Listing, page: Page, template: str, *, as_name: str = "page", programme_id: int | None = None, **context: Any
) -> ResponseReturnValue:
    """The page of a list, which `template` knows as `as_name`; or the file of it that the address asks for.

    `programme_id`: whose auditors are to see in the log that a file was taken.
    """
    return show_lists([(as_name, listing, page)], template, programme_id=programme_id, **context)


def show_lists(
    lists: Sequence[tuple[str, Listing, Page]], template: str, *, programme_id: int | None = None, **context: Any
) -> ResponseReturnValue:
    """The same of a page with several lists: how `template` knows each, what it is, and its page."""
    for _, listing, page in lists:
        if file := file_of(listing, page, programme_id):
            return file
    return render_template(template, **{name: offered(listing, page) for name, listing, page in lists}, **context)


def file_of(listing: Listing, page: Page, programme_id: int | None = None) -> Response | None:
    """The file, if the address asks for it; for views that have other ways to make a page."""
    reaching.give(listing, page)
    kind = _wanted(listing)
    return take(listing, page, kind, programme_id) if kind else None


def offered(listing: Listing, page: Page) -> Page:
    """With the addresses of its files, for whoever is signed in and looks at the list."""
    if not page.total or not current_user.is_authenticated or request.method == "POST" or search_problems():
        return page
    files = [(kind, _address(f"{listing.name}.{kind}")) for kind in TYPES]
    return page.with_files(files, reaching.way_from(listing, page))


def take(listing: Listing, page: Page, kind: str, programme_id: int | None = None) -> Response:
    """All rows of the list, as a file. That it was taken stands in the audit log. Raises Refusal."""
    person = whoever_is_signed_in()
    refuse_unsearched()
    if page.total > MOST_ROWS:
        raise Refusal(TOO_LONG)
    if log.count_since(person, TAKEN, clock.utc_now() - timedelta(hours=1), MOST_FILES) >= MOST_FILES:
        raise TooMany(f"You have taken {MOST_FILES} files within an hour. Wait a while, then take this one.")
    counted = _Counted(page.rows())
    rows = listing.table(counted)
    if kind == "csv":
        content = as_csv(listing.header, rows)
    else:
        content = as_book([Sheet(listing.title, listing.header, rows, listing.widths)])
    about = f"{listing.title} as {kind.upper()}, {counted.count} row{'' if counted.count == 1 else 's'}"
    record_alone(TAKEN, by=person, about=about, programme_id=programme_id, after=reaching.filters())
    headers = {"Content-Disposition": f'attachment; filename="{listing.name}.{kind}"', "Cache-Control": "no-store"}
    return Response(content, content_type=TYPES[kind], headers=headers)


class _Counted:
    """Rows, and how many went by. Raises Refusal at one too many: not every list is counted before."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Any]:
        for each in self.rows:
            self.count += 1
            if self.count > MOST_ROWS:
                raise Refusal(TOO_LONG)
            yield each


def _wanted(listing: Listing) -> str:
    name, _, kind = request.args.get("file", "").rpartition(".") if request.method == "GET" else ("", "", "")
    return kind if name == listing.name and kind in TYPES else ""


def _address(file: str) -> str:
    """This page's, with its filters. Not by url_for: a reader can write anything into it, also what that has a meaning for."""
    return f"{quote(request.script_root + request.path)}?{urlencode({**reaching.in_address(), 'file': file}, doseq=True)}"
