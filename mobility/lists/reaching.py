"""The people in a list, for writing to them (mailings/): read through its own page, so that its guard and its filters hold."""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote, urlencode

from flask import abort, current_app, request, url_for
from flask_login import current_user
from itsdangerous import BadData

from mobility.core.access import whoever_is_signed_in
from mobility.core.errors import Refusal
from mobility.core.links import signer
from mobility.core.paging import Page
from mobility.core.wording import country_name
from mobility.lists.columns import Column, Line, Listing, Place, Reached, Said, value_of
from mobility.people.roles import Role

MOST_LINES = 500  # rows that one mailing can be written to
TOO_MANY = f"One can write to at most {MOST_LINES} rows of a list at once, and this list has more. Choose fewer with its filters."
HIDDEN = {"e_mail"}  # addresses are no text to write


@dataclass(frozen=True)
class Reach:
    """A list with its people. `fields` are the names that a text can use, and the titles of their columns."""

    name: str
    title: str
    reached: Reached
    fields: Mapping[str, str]
    lines: Sequence[Line]
    address: str
    filters: Mapping[str, str]

    def places(self) -> list[Place]:
        return list(dict.fromkeys(place for line in self.lines for place in line.places))


class _Given(Exception):
    """Ends the page of the list once its people are known."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach


_wanted: ContextVar[str] = ContextVar("wanted", default="")


def way_from(listing: Listing, page: Page) -> tuple[str, str] | None:
    """Where the reader writes to the people of this list, and what these are called; None if to nobody on this page."""
    if listing.reached is None or current_user.stand_in:
        return None
    if not any(_has_somebody(listing.reached, row, current_user) for row in page.items):
        return None
    at = signer("list").dumps([_path(), listing.name])
    return url_for("mailings.new", at=at), listing.reached.who


def read(at: str) -> Reach:
    """The list behind a way: what its page has for the reader now. 404 where that page is not theirs; Refusal of a long one."""
    try:
        address, name = signer("list").loads(at)
        copy_context().run(_show, address, name)
    except _Given as given:
        return given.reach
    except (BadData, ValueError):
        abort(404)
    return abort(404)


def give(listing: Listing, page: Page) -> None:
    """Where its people are wanted, the page of a list goes no further than this."""
    if _wanted.get() != listing.name:
        return
    if listing.reached is None:
        abort(404)
    raise _Given(reach_of(listing, page, whoever_is_signed_in(), _path(), filters()))


def reach_of(listing: Listing, page: Page, user: Any, address: str = "", filters: Mapping[str, str] | None = None) -> Reach:
    """The rows with somebody to whom `user` may write. Raises Refusal if there are too many."""
    assert listing.reached is not None  # noqa: S101 (for the type)
    fields, lines = fields_of(listing), []
    for row in page.rows():
        lines += _lines(listing, listing.reached, fields, row, user)
        if len(lines) > MOST_LINES:
            raise Refusal(TOO_MANY)
    titles = {name: column.title for name, column in fields.items()}
    return Reach(listing.name, listing.title, listing.reached, titles, lines, address, filters or {})


def fields_of(listing: Listing) -> dict[str, Column]:
    """By the names that a text can use: "First day" is {first_day}."""
    named = {re.sub(r"[^a-z0-9]+", "_", column.title.lower()).strip("_"): column for column in listing.columns}
    return {name: column for name, column in named.items() if name not in HIDDEN}


def in_address() -> dict[str, Sequence[str]]:
    """The filters of a list's page."""
    return {name: values for name, values in request.args.to_dict(flat=False).items() if name not in {"page", "file"}}


def filters() -> dict[str, str]:
    """What the list was narrowed by, for records."""
    return {name: ", ".join(values)[:200] for name, values in sorted(in_address().items())[:10] if any(values)}


def _has_somebody(reached: Reached, row: Any, user: Any) -> bool:
    return bool(_places(reached, row, user) and (value_of(reached.if_any, row) if reached.if_any else _people(reached, row)))


def _lines(listing: Listing, reached: Reached, fields: Mapping[str, Column], row: Any, user: Any) -> list[Line]:
    """One for each person; none where there is nobody, or nobody to whom `user` may write."""
    places = tuple(_places(reached, row, user))
    if not places or not (people := _people(reached, row)):
        return []
    says = {name: _said(column, row, listing.currency) for name, column in fields.items()}
    key = str(value_of(reached.key, row))
    return [Line(key if len(people) == 1 else f"{key}-{id}", id, places, says) for id in people]


def _people(reached: Reached, row: Any) -> Sequence[int]:
    found = value_of(reached.person, row)
    if isinstance(found, int):
        return [found]
    return list(found or ())


def _places(reached: Reached, row: Any, user: Any) -> list[Place]:
    programme_id = value_of(reached.programme, row) if reached.programme else None
    host_id = value_of(reached.host, row) if reached.host else None
    found: list[Place] = []
    if reached.any_owner:
        found += [("programme", id) for id in sorted(user.programme_ids(Role.OWNER))]
    if programme_id and Role.OWNER in user.roles_in_programme(programme_id):
        found.append(("programme", programme_id))
    if host_id and user.roles_in(host_id) & {Role.COORDINATOR, Role.HOST}:
        found.append(("organisation", host_id))
    return found


def _said(column: Column, row: Any, currency: str) -> Said:
    value, *more = column.cells(row, currency)
    if value and "country" in column.title.lower():
        value = country_name(value)
    return Said(value, column.kind, more[0] if more and more[0] else "")


def _path() -> str:
    """This page, with its filters."""
    return f"{quote(request.path)}?{urlencode(in_address(), doseq=True)}".rstrip("?")


def _show(address: str, name: str) -> None:
    """Call the list's page as the browser of this request would, in a copied context: nothing of it stays."""
    path, _, query = address.partition("?")
    environ = {key: value for key, value in request.environ.items() if not key.startswith(("werkzeug.", "flask."))}
    environ |= {"PATH_INFO": unquote(path).encode().decode("latin-1"), "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    environ |= {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"}
    _wanted.set(name)
    current_app.request_context(environ).push()
    if request.endpoint is None:
        abort(404)
    current_app.view_functions[request.endpoint](**(request.view_args or {}))
