"""What is loaded for the file of a list: what its columns say, some rows at a time, and nothing for each row by itself."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.applications import queries as applications
from mobility.core import paging
from mobility.core.database import db
from mobility.core.paging import Page
from mobility.exchanges import queries as exchanges
from mobility.followup import queries as followup
from mobility.lists.columns import Listing
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.vouchers import queries as vouchers
from tests.integration.lists.test_files import LISTS, addresses, holder
from tests.support.factories import sign_in
from tests.support.queries import queries

AT_ONCE = 2
LONG = ["applications", "exchanges", "follow-up", "vouchers"]  # a row of a page shows much more than that of their files


@pytest.fixture(scope="module")
def demo(demo_url: str, lasting_app_on: Callable[..., Flask]) -> Flask:
    return lasting_app_on(demo_url, DEMO=True)


def opened(name: str) -> tuple[Listing, Page]:
    """A list with many rows, nothing of it in the session."""
    programme = db.session.scalars(select(Programme).where(Programme.de_minimis_ceiling.is_not(None))).first()
    owner = holder(Role.OWNER, programme.id)
    host = db.session.scalars(select(User).where(User.name == "Marta Nogueira")).one()
    found = {
        "applications": lambda: (applications.LIST, applications.listed(owner, applications.Filters(), 1)),
        "exchanges": lambda: (exchanges.LIST, exchanges.listed(owner, exchanges.Filters(), 1)),
        "follow-up": lambda: (followup.LIST, followup.listed(programme, followup.Filters(), 1)),
        "vouchers": lambda: (vouchers.LIST, vouchers.vouchers_of(host)),
    }[name]()
    db.session.expunge_all()
    return found[0], replace(found[1], items=())


@contextmanager
def nothing_collected() -> Iterator[None]:
    """What points to each other stays in memory: of the many objects of a long list it does so for long."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize("name", LONG)
def test_rows_go_out_of_memory_as_the_next_ones_come(demo: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(paging, "AT_ONCE", AT_ONCE)
    with demo.app_context():
        listing, page = opened(name)
        alive, most, count = WeakSet[Any](), 0, 0
        with nothing_collected():
            for row in page.rows():
                list(listing.table([row]))
                alive.add(row)
                count, most = count + 1, max(most, len(alive))
        assert count >= 3 * AT_ONCE
        assert most <= 2 * AT_ONCE


@pytest.mark.parametrize(("name", "few"), [("applications", 1), ("exchanges", 2), ("follow-up", 1), ("vouchers", 1)])
def test_nothing_is_loaded_that_no_column_says(demo: Flask, name: str, few: int) -> None:
    """The exchanges' second query is for those who travel."""
    with demo.app_context():
        listing, page = opened(name)
        with queries() as asked:
            table = list(listing.table(page.rows()))
        assert len(table) >= 3 * AT_ONCE
        assert asked.count == few, asked


def test_no_file_asks_for_each_row(demo: Flask) -> None:
    """Not even of a list whose functions look at something that nobody has thought of."""
    with demo.app_context():
        for endpoint, (address, person) in addresses().items():
            client = demo.test_client()
            sign_in(client, person)
            with queries() as of_page:
                client.get(address)
            for file in LISTS[endpoint]:
                with queries() as asked:
                    client.get(f"{address}{'&' if '?' in address else '?'}file={file}.csv")
                more = Counter(asked.statements) - Counter(of_page.statements)
                often = [each for each, times in more.items() if times > 1]
                assert (file, often) == (file, [])
