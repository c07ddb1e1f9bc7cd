"""Databases with their demonstration as earlier versions made them: for each migration and kind of database, a dump of its day.

`python -m tests.support.kept` makes those of the newest migration: before another one lands, and never again afterwards.
Those of a day that has passed are made from its checkout, on that day, as tools/test-days.sh sets the clock: with CHECKOUT as
an argument.
"""

import lzma
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import make_url

from tests.support.postgres import Cluster, binaries, running_cluster
from tests.support.processes import ROOT, environment

FOLDER = ROOT / "tests" / "integration" / "migrations" / "kept"
SMALLER = (  # mails are nine tenths of everything otherwise
    "DELETE FROM outbox_message WHERE id % 10 > 0",
    "UPDATE outbox_message SET text = substr(text, 1, 80), html = substr(html, 1, 80)",
)
REVISIONS = sorted({path.name.partition(".")[0] for path in FOLDER.iterdir()})


def dump_of(revision: str, kind: str) -> Path:
    return FOLDER / f"{revision}.{kind}.sql.xz"


def restore(url: str, revision: str) -> None:
    """Fill an empty database with the one that was kept of this revision."""
    address = make_url(url)
    statements = lzma.decompress(dump_of(revision, address.get_backend_name()).read_bytes()).decode()
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(address.database or "")) as file:
            file.executescript(statements)
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(statements)  # type: ignore[call-overload] (they are ours)


# Keeping one


def keep(checkout: Path) -> None:
    """Both kinds, by the code of `checkout`, on the day that the machine's clock says."""
    with TemporaryDirectory() as folder, running_cluster() as cluster:
        file = Path(folder) / "kept.db"
        _make(checkout, f"sqlite:///{file}")
        _write(_newest_revision(checkout), "sqlite", _dumped_sqlite(file))
        _make(checkout, cluster.create_database("kept"))
        _write(_newest_revision(checkout), "postgresql", _dumped_postgres(cluster))


def _make(checkout: Path, url: str) -> None:
    """In a Python of its own: ours has read our code, not that of `checkout`."""
    for arguments in (["db", "upgrade"], ["demo"]):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        subprocess.run(command, cwd=checkout, env=os.environ | environment(url, DEMO="1"), check=True)


def _newest_revision(checkout: Path) -> str:
    return max(path.name.partition("_")[0] for path in (checkout / "migrations" / "versions").glob("*.py"))


def _dumped_sqlite(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        for statement in SMALLER:
            database.execute(statement)
        database.commit()
        return "\n".join(database.iterdump())


def _dumped_postgres(cluster: Cluster) -> str:
    """Without pg_dump's own settings at the beginning, which belong to its version."""
    with cluster.connect("kept") as connection:
        connection.execute(";".join(SMALLER))
    options = ["--inserts", "--rows-per-insert=500", "--no-owner", "--no-comments"]
    command = [binaries() / "pg_dump", *options, "-h", cluster.folder, "-U", "postgres", "kept"]
    written = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return written[written.index("CREATE ") :].partition("\\unrestrict")[0]


def _write(revision: str, kind: str, statements: str) -> None:
    dump_of(revision, kind).write_bytes(lzma.compress(statements.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    keep(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
