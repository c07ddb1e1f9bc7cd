"""Windows of a real browser on a real server. A fault that any window met fails its test, whatever else the test said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from mobility.core.database import transaction
from tests.support import world
from tests.support.browser import Met, Window
from tests.support.processes import LiveServer
from tests.support.story import Arrange


@pytest.fixture(scope="session")
def arrange(live_server: LiveServer, lasting_app_on: Callable[..., Flask]) -> Arrange:
    """`with arrange(): ...` does things on the server's database that the test is not about."""
    app = lasting_app_on(live_server.database_url, BASE_URL=live_server.url)

    @contextmanager
    def arranging() -> Iterator[None]:
        with app.app_context(), transaction():
            yield

    return arranging


@pytest.fixture(scope="session")
def site(live_server: LiveServer, arrange: Arrange) -> LiveServer:
    """The server with a small world on it (tests/support/world.py)."""
    with arrange():
        world.settle()
    return live_server


@pytest.fixture(scope="session")
def met(shared_folder: Path) -> Met:
    return Met(shared_folder)


@pytest.fixture
def window(site: LiveServer, new_context: Callable[..., BrowserContext], met: Met) -> Iterator[Callable[..., Window]]:
    """`window("Anton Gruber")`: a browser of that person's own, signed in; `window()` is nobody's."""
    yield from windows_on(site, new_context, met)


def windows_on(server: LiveServer, new_context: Callable[..., BrowserContext], met: Met) -> Iterator[Callable[..., Window]]:
    """Opens windows, and reads their faults at the end."""
    opened: list[Window] = []

    def open_window(name: str = "", *, looks: bool = True, **of_the_context: Any) -> Window:
        window = Window(new_context(reduced_motion="reduce", **of_the_context), server.url, met, looks=looks)
        opened.append(window)
        return window.arrive_as(name) if name else window

    yield open_window
    faults = [fault for window in opened for fault in window.faults]
    assert not faults, "\n".join([*dict.fromkeys(faults), server.written()[-4000:]])
