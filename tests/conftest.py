"""What all tests share. A test in tests/integration or tests/resilience runs on SQLite and on PostgreSQL."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as profiles

import config
from mobility import create_app
from mobility.core import clock as core_clock
from mobility.core.database import db
from mobility.people.models import User
from tests.support import factories
from tests.support import queries as support_queries
from tests.support.client import Client, Visitor, watch
from tests.support.databases import KINDS, Databases, PostgresStore, SqliteStore, Store
from tests.support.postgres import Cluster, running_cluster, starting_cluster
from tests.support.processes import SECRET_KEY, LiveServer, running_server
from tests.support.smtp import SmtpServer, running_smtp_server

BEGINNING = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday, and no holiday is near
ON_BOTH = {"integration", "resilience"}
LONG = "test_days test_markup test_bad_input test_thirteen_months test_kept test_visibility test_drafts test_journeys".split()
PATIENT = 120  # seconds: of threads that wait for one another on a busy machine none gives up; see test_database_away.py for that

profiles.register_profile("default", max_examples=25, stateful_step_count=25, deadline=None, derandomize=True)
profiles.register_profile("long", max_examples=500, stateful_step_count=50, deadline=None, database=None)
profiles.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

for _name in [name for name in os.environ if name.startswith(("PG", "FLASK_"))]:
    del os.environ[_name]  # the developer's own settings stay outside

core_clock.set_to(BEGINNING)  # at once, as it is the time of all that fixtures of a whole session make, too


def _part(path: Path) -> str:
    """unit, integration, architecture, browser or resilience."""
    return path.relative_to(Path(__file__).parent).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, and what mostly waits goes beside it, so that the workers end together."""
    order = {name: at for at, name in enumerate([*LONG, "browser", "resilience"])}
    items.sort(key=lambda item: min(order.get(name, len(order)) for name in (item.path.stem, _part(item.path))))


def pytest_collection_finish() -> None:
    """What is there now stays until the end, and what comes is looked through more rarely: that took six in a hundred."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        kinds = marker.args if marker else KINDS if _part(metafunc.definition.path) in ON_BOTH else ("sqlite",)
        metafunc.parametrize("database_kind", kinds, scope="session", indirect=True)


# Databases


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """sqlite or postgresql."""
    return request.param


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """One cluster for all pytest workers. They begin while it starts."""
    config = node.config
    if not hasattr(config, "cluster"):
        at_the_end = ExitStack()
        config.cluster = at_the_end.enter_context(starting_cluster())
        config.add_cleanup(at_the_end.close)
    node.workerinput["cluster"] = str(config.cluster.folder)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A running cluster."""
    if theirs := getattr(request.config, "workerinput", {}).get("cluster"):
        cluster = Cluster(Path(theirs))
        cluster.wait()
        yield cluster
    else:
        with running_cluster() as cluster:
            yield cluster


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for all pytest workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def databases_of(request: pytest.FixtureRequest, shared_folder: Path) -> Iterator[Callable[[str], Databases]]:
    """The databases of a kind; PostgreSQL is waited for when first asked for."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    stores: dict[str, Callable[[], Store]] = {
        "sqlite": lambda: SqliteStore(shared_folder),
        "postgresql": lambda: PostgresStore(request.getfixturevalue("postgres")),
    }
    with ExitStack() as at_the_end:

        @cache
        def find(kind: str) -> Databases:
            store = stores[kind]()
            at_the_end.callback(store.close)
            return Databases(store, shared_folder, worker)

        yield find


@pytest.fixture
def fresh_database(database_kind: str, databases_of: Callable[[str], Databases]) -> Iterator[str]:
    """The URL of a migrated, empty database for this test alone: for several processes at once."""
    with databases_of(database_kind).fresh() as url:
        yield url


@pytest.fixture(scope="module")
def demo_url(database_kind: str, databases_of: Callable[[str], Databases]) -> Iterator[str]:
    """The URL of a database with the whole demonstration, for this module alone."""
    with databases_of(database_kind).fresh("demo") as url:
        yield url


# The application


@pytest.fixture(scope="session")
def files_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of all applications that bring none of their own."""
    return tmp_path_factory.mktemp("files").as_uri()


@pytest.fixture(scope="session")
def lasting_app_on(files_url: str) -> Iterator[Callable[..., Flask]]:
    """As `app_on`, for fixtures of many tests: they end with the last of all."""
    with _applications(files_url) as make:
        yield make


@pytest.fixture
def app_on(files_url: str) -> Iterator[Callable[..., Flask]]:
    """Makes an application on a database: `app_on(url)`, with changed settings `app_on(url, DEMO=True)`. It ends with the test:
    kept, fifty of them were 2.5 million objects, through which the collector went again and again."""
    with _applications(files_url) as make:
        yield make


@contextmanager
def _applications(files_url: str) -> Iterator[Callable[..., Flask]]:
    with ExitStack() as at_the_end:

        def make(database_url: str, **settings: Any) -> Flask:
            environment = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "BASE_URL": "http://localhost"}
            environment |= {"FILES_URL": files_url, "DATABASE_TIMEOUT": str(PATIENT)}
            app = create_app(config.from_env(environment) | {"TESTING": True} | settings)
            watch(app)
            at_the_end.callback(_dispose, app)
            return app

        yield make


def _dispose(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def shared_app_of(databases_of: Callable[[str], Databases], lasting_app_on: Callable[..., Flask]) -> Callable[[str], Flask]:
    """By the kind of database. Not a fixture for each kind: pytest would make it anew with each file."""

    @cache
    def make(kind: str) -> Flask:
        databases = databases_of(kind)
        app = lasting_app_on(databases.shared_url)
        databases.build_schema(app)
        return app

    return make


@pytest.fixture(scope="session")
def shared_app(database_kind: str, shared_app_of: Callable[[str], Flask]) -> Flask:
    """One application for all tests on a kind of database: making one costs more than most tests."""
    return shared_app_of(database_kind)


@pytest.fixture
def empty_database(shared_app: Flask, database_kind: str, databases_of: Callable[[str], Databases]) -> Callable[[], None]:
    """Leaves the application's tables without a row: at once, for tests that begin again many times."""
    return lambda: databases_of(database_kind).empty(shared_app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def app(shared_app: Flask, empty_database: Callable[[], None]) -> Iterator[Flask]:
    """The application on an empty database. The test may change `app.config`; both are as before afterwards."""
    before = dict(shared_app.config)
    yield shared_app
    shared_app.config.clear()
    shared_app.config.update(before)
    empty_database()


@pytest.fixture
def database_url(app: Flask) -> str:
    return app.config["SQLALCHEMY_DATABASE_URI"]


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """`db.session` in a pushed application context; what it holds is committed before each request of `client`."""
    with app.app_context():
        yield db.session


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript. `app.test_client()` makes another one."""
    return app.test_client()


@pytest.fixture
def visitor(app: Flask, db_session: Any) -> Visitor:
    """A browser in which somebody is signed in: `visitor(user).get(...)`."""

    def open_for(user: User) -> Client:
        client = app.test_client()
        factories.sign_in(client, user)
        return client

    return open_for


@pytest.fixture
def queries() -> Callable[..., Any]:
    """`with queries() as q: ...` and then `assert q.count == 7, q`."""
    return support_queries.queries


# Time


@pytest.fixture(autouse=True)
def clock() -> Iterator[ModuleType]:
    """The clock, stopped on Monday 1 March 2027 at 09:00 UTC; `clock.move(days=1)`, `clock.set_to(...)`.

    Processes that a test starts begin, and stay, at the instant that it has then.
    """
    yield core_clock
    core_clock.set_to(BEGINNING)


# Servers


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server; `smtp_server.url` is for MAIL_URL, `smtp_server.behave("break off")` makes it a bad one."""
    with running_smtp_server() as server:
        yield server


@pytest.fixture(scope="session")
def live_server(database_kind: str, databases_of: Callable[[str], Databases]) -> Iterator[LiveServer]:
    """gunicorn in demo mode on a migrated, empty database, for all browser tests of this worker."""
    with databases_of(database_kind).fresh() as url, running_server(url, DEMO="1", WEB_CONCURRENCY="2") as server:
        yield server


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium without its windows, which is to speak to nobody but us."""
    flags = ["no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync"]
    return browser_type_launch_args | {
        "executable_path": shutil.which("chromium-headless-shell") or "/usr/bin/chromium",
        "args": [f"--{flag}" for flag in [*flags, "disable-quic"]],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"locale": "en-GB", "timezone_id": "Europe/Lisbon"}


@pytest.fixture(scope="session")
def base_url() -> None:
    """pytest-playwright's own is declared in a way that pytest warns of; tests write `live_server.url`."""
