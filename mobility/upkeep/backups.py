"""Backups with both parts, the database and the files, made while everything runs; and the proof that one can be restored.

    FOLDER/2027-03-01T090000Z/   mobility.db (SQLite) or mobility.dump (PostgreSQL), backup.json
    FOLDER/files/                each file once, for all backups: they never change, and none is deleted here

First the database, then the files: so no row of the backup lacks its file.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path
from secrets import token_hex

import psycopg
from sqlalchemy import URL

from mobility.core import clock
from mobility.uploads import files

ROOT = Path(__file__).parents[2]
ABOUT = "backup.json"
INSTALL = "apt-get install postgresql-client, of the server's version or newer"
GRANT = "ALTER ROLE {user} CREATEDB"


class CannotBackUp(Exception):
    """Says what is missing, and what to do."""


@dataclass(frozen=True)
class Made:
    """`place` holds the database; `files` are in the folder in all, of which `new` were copied just now."""

    place: Path
    database: Path
    files: int
    new: int

    @property
    def copies(self) -> Path:
        return self.place.parent / "files"


def make(folder: Path, database: URL) -> Made:
    """A whole backup in `folder`. Until it is whole it has another name. Raises CannotBackUp."""
    at = clock.utc_now().strftime("%Y-%m-%dT%H%M%SZ")
    place, draft = folder / at, folder / f"unfinished-{at}"
    try:
        (folder / "files").mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        file = _copy_database(draft, database)
        new = _copy_files(folder / "files")
        count = sum(1 for each in (folder / "files").glob("??/*") if len(each.name) == 32)
        with file.open("rb") as content:
            about = {"made_at": at, "database": file.name, "sha256": file_digest(content, "sha256").hexdigest(), "files": count}
        (draft / ABOUT).write_text(json.dumps(about, indent=2))
        draft.rename(place)
    except OSError as error:
        raise CannotBackUp(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # whole, it has its name
    return Made(place, place / file.name, count, new)


def _copy_database(draft: Path, database: URL) -> Path:
    if database.get_backend_name() == "sqlite":
        file = draft / "mobility.db"
        with closing(sqlite3.connect(database.database or "")) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
    else:
        file = draft / "mobility.dump"
        _run("pg_dump", database, "--format=custom", f"--file={file}")
    file.chmod(0o600)
    return file


def _copy_files(copies: Path) -> int:
    """Those that are not there yet; how many they are."""
    store, new = files.store(), 0
    for key in store.old_keys(clock.utc_now() + timedelta(days=1)):
        copy = copies / key[:2] / key
        if not copy.exists():
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            with suppress(files.Unavailable):  # swept meanwhile; one that a row names is missed by the proof
                content = store.read(key)
                draft = copy.with_name(f"{key}.{token_hex(4)}")
                draft.write_bytes(content)
                draft.rename(copy)
                new += 1
    return new


def forget_older(folder: Path, keep: int) -> int:
    """Delete all but the newest `keep` databases that are backups of ours; never a file. How many went."""
    ours = sorted(each.parent for each in folder.glob(f"2*Z/{ABOUT}"))
    for old in ours[:-keep]:
        shutil.rmtree(old)
    return len(ours[:-keep])


# The proof


def prove(made: Made, database: URL) -> str:
    """Restore it into a scratch database and check there the ledger and all files, as they are in the copy.

    Returns what is wrong; nothing if it is right. Raises CannotBackUp where it cannot be tried."""
    about = json.loads((made.place / ABOUT).read_text())
    with made.database.open("rb") as content:
        if file_digest(content, "sha256").hexdigest() != about["sha256"]:
            return "The file of the database is not what was written."
    with _restored(made, database) as scratch:
        return _faults(scratch, made.copies)


@contextmanager
def _restored(made: Made, database: URL) -> Iterator[URL]:
    """A scratch database of the same kind, gone afterwards."""
    name = f"proof_{token_hex(4)}"
    if database.get_backend_name() == "sqlite":
        scratch = made.place.parent / f"{name}.db"
        try:
            shutil.copy(made.database, scratch)
            yield database.set(database=str(scratch))
        finally:
            for each in made.place.parent.glob(f"{name}.db*"):
                each.unlink()
    else:
        _create(database, name)
        try:
            scratch_url = database.set(database=name)
            _run("pg_restore", scratch_url, "--exit-on-error", "--single-transaction", "--no-owner", str(made.database))
            yield scratch_url
        finally:
            with _maintaining(database) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _create(database: URL, name: str) -> None:
    try:
        with _maintaining(database) as connection:
            connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    except psycopg.errors.InsufficientPrivilege:
        grant = GRANT.format(user=database.username)
        raise CannotBackUp(
            f"the user of DATABASE_URL may not create databases, so it cannot be restored into one: `{grant}`, or --without-proof"
        ) from None


def _maintaining(database: URL) -> psycopg.Connection:
    address = database.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=10)


def _faults(scratch: URL, copies: Path) -> str:
    """What `check-ledger` says of it, in a process of its own with these settings."""
    settings = {"DATABASE_URL": scratch.render_as_string(hide_password=False), "FILES_URL": copies.resolve().as_uri()}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "check-ledger"]
    run = subprocess.run(  # noqa: S603 (ourselves)
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    return "" if run.returncode == 0 else (run.stdout + run.stderr).strip()


def _run(program: str, database: URL, *arguments: str) -> None:
    """One of PostgreSQL's own. The password goes by the environment: a command line can be read by everybody on the machine."""
    found = shutil.which(program) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{program}")), default=None)
    if found is None:
        raise CannotBackUp(f"{program} is missing: {INSTALL}")
    address = database.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": database.password} if database.password else {})
    run = subprocess.run(  # noqa: S603 (arguments of our own)
        [found, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise CannotBackUp(f"{program} ended with {run.returncode}: {run.stderr.strip()}")
