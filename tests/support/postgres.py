"""A PostgreSQL cluster of the tests' own: a few files in /tmp, reached by a unix socket only, gone when the tests are.

Debian's server is used (/usr/lib/postgresql), whatever else is on PATH. PostgreSQL refuses to run as root, so root
runs it as user postgres. The server hangs on a pipe held by the tests: when they end, however abruptly, it stops and
its files go.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

import psycopg

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "400",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "timezone": "Asia/Kathmandu",  # unlike the tests' own: what forgets a timezone shows
}
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}

# The keeper: initdb, start; wait for the pipe's end; stop, clean up. TERM ends a server that has only just begun: a shell's
# child in the background ignores QUIT until it says otherwise.
KEEPER = """
cd "$1" && "$2/initdb" -D data -E UTF8 --locale=C.UTF-8 -U postgres -A trust -N >log 2>&1 || exit 1
shift 2
"$@" >>log 2>&1 &
cat >/dev/null
kill -TERM $! && kill -QUIT $!
wait
folder=$PWD
cd / && rm -rf "$folder"
"""


KEEPER_AGAIN = """
cd "$1" && shift
"$@" >>log 2>&1 &
cat >/dev/null
kill -TERM $! && kill -QUIT $!
wait
"""


@dataclass(frozen=True)
class Cluster:
    """A running server. `folder` holds its socket; `server` is the command that it was started with."""

    folder: Path
    server: tuple[str, ...] = ()

    def url(self, database: str) -> str:
        """For SQLAlchemy and DATABASE_URL."""
        return f"postgresql+psycopg://postgres@:5432/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection in autocommit, past SQLAlchemy."""
        return psycopg.connect(host=str(self.folder), port=5432, user="postgres", dbname=database, autocommit=True)

    def wait(self) -> None:
        """Until it answers. RuntimeError when it does not start."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    log = self.folder / "log"
                    text = log.read_text() if log.exists() else ""
                    raise RuntimeError(f"PostgreSQL did not start:\n{text}") from error
                time.sleep(0.05)

    def create_database(self, name: str, template: str = "template0") -> str:
        """A new database, as fast as files are copied (20 ms); returns its URL."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def signal_all(self, number: int) -> None:
        """To the server's main process and all that it has begun: STOP freezes them, CONT thaws them, QUIT ends them at once."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _processes(self) -> list[int]:
        """The main one first."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/stat")
            if (state := _read(path)) and _parent(state) == main
        ]
        return [main, *children]

    def kill(self) -> None:
        """`kill -9` of all that belongs to the server, and until the last is gone."""
        processes = self._processes()
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, SIGKILL)
        while any(_is_alive(process) for process in processes):
            time.sleep(0.01)

    @contextmanager
    def started_again(self) -> Iterator[None]:
        """After `kill()`, on the same files; it ends with the block."""
        again = ["sh", "-c", KEEPER_AGAIN, "keeper", str(self.folder), *self.server]
        keeper = subprocess.Popen(
            [*_unprivileged(self.folder), *again], stdin=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True
        )
        try:
            self.wait()
            yield
        finally:
            keeper.stdin.close()
            keeper.wait(timeout=30)

    def drop_database(self, name: str) -> None:
        """Whoever is still connected is sent away."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _read(path: Path) -> str:
    """Nothing of a process that has ended meanwhile."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _is_alive(process: int) -> bool:
    state = _read(Path(f"/proc/{process}/stat"))
    return bool(state) and state.rpartition(")")[2].split()[0] != "Z"


def _parent(state: str) -> int:
    return int(state.rpartition(")")[2].split()[1])


@contextmanager
def running_cluster(**settings: str) -> Iterator[Cluster]:
    """Start a cluster (about a second) and stop it at the end of the block, or when this process dies.

    `settings` of the server go before those that suit the tests.
    """
    with starting_cluster(**settings) as cluster:
        cluster.wait()
        yield cluster


@contextmanager
def starting_cluster(**settings: str) -> Iterator[Cluster]:
    """The same for whoever has something else to do until it answers."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="mobility-pg-", dir="/tmp"))  # a socket's path must be short
    options = [part for name, value in (SETTINGS | settings).items() for part in ("-c", f"{name}={value}")]
    server = [str(programs / "postgres"), "-D", "data", "-k", str(folder), *options]
    keeper = subprocess.Popen(
        [*_unprivileged(folder), "sh", "-c", KEEPER, "keeper", str(folder), str(programs), *server],
        stdin=subprocess.PIPE,
        env=ENVIRONMENT,
        start_new_session=True,  # Ctrl-C is for the tests; the keeper notices their end by itself
    )
    try:
        yield Cluster(folder, tuple(server))
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def binaries() -> Path:
    """The folder of the newest server that Debian installed."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda path: float(re.sub("[^0-9.]", "", path.parts[4]) or 0), default=None)
    if newest is None:
        raise RuntimeError("The tests need PostgreSQL's server: apt-get install postgresql")
    return newest.parent


def _unprivileged(folder: Path) -> list[str]:
    """The command that runs another as user postgres, when we are root."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", "postgres", "--"]
