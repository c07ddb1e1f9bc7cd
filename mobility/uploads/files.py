"""Files that people hand in: kept outside the web root under random names, in a folder or in an S3-compatible store.

FILES_URL says where: `file:///var/lib/mobility/files`, or `s3://bucket/prefix?endpoint_url=https://...` with the usual AWS_*
variables. A file is written before the row that names it and is never changed; one that no row names (the transaction was
rolled back, the evidence taken out again) is deleted by a job a day later. So a row never lacks its file.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import fsspec
from flask import current_app

from mobility.core import clock

log = logging.getLogger(__name__)

PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}  # somebody waits for the answer
ORPHAN_AFTER = timedelta(days=1)  # longer than any transaction that has yet to name its file


class Unavailable(Exception):
    """The store does not have the file, has no room for it, or does not answer. The log says which."""


@dataclass(frozen=True)
class Store:
    """A place for files: `root` inside a filesystem of fsspec."""

    filesystem: Any
    root: str

    def path(self, key: str) -> str:
        """A folder for each first two letters: no folder grows beyond what tools can list."""
        if not _is_key(key):
            raise ValueError("Not a key of ours")
        return f"{self.root}/{key[:2]}/{key}"

    def save(self, content: bytes) -> str:
        """Keep it under a new random key, which is returned. Raises Unavailable."""
        key = token_hex(16)
        with _logged("written", key):
            self.filesystem.pipe_file(self.path(key), content)
        return key

    def read(self, key: str) -> bytes:
        """The file's content. Raises Unavailable."""
        path = self.path(key)
        with _logged("read", key):
            return bytes(self.filesystem.cat_file(path))

    def delete(self, key: str) -> None:
        """Take it away; it does not matter whether it is still there."""
        try:
            self.filesystem.rm_file(self.path(key))
        except FileNotFoundError:
            log.info("The file %s was gone already", key)

    def old_keys(self, before: datetime) -> list[str]:
        """The keys of all files written before an instant."""
        found = self.filesystem.find(self.root, detail=True) if self.filesystem.exists(self.root) else {}
        keys = ((path.rpartition("/")[2], about) for path, about in found.items())
        return sorted(key for key, about in keys if _is_key(key) and _written(about) < before)

    # Files under names that we choose (audit/heads.py), beside those of people

    def has(self, name: str) -> bool:
        with _logged("looked for", name):
            return bool(self.filesystem.exists(f"{self.root}/{name}"))

    def write(self, name: str, content: bytes) -> None:
        """Raises Unavailable."""
        with _logged("written", name):
            self.filesystem.pipe_file(f"{self.root}/{name}", content)

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """(name, content) of all files, by name. Raises Unavailable."""
        with _logged("listed", self.root):
            paths = sorted(self.filesystem.find(self.root)) if self.filesystem.exists(self.root) else []
        for path in paths:
            with _logged("read", path):
                content = bytes(self.filesystem.cat_file(path))
            yield path.rpartition("/")[2], content


@contextmanager
def _logged(done: str, key: str) -> Iterator[None]:
    """Each store has exceptions of its own: a folder's are OSErrors, S3 adds those of three libraries."""
    try:
        yield
    except Exception as fault:
        log.error("The file %s cannot be %s: %s", key, done, fault)
        raise Unavailable from fault


def store() -> Store:
    """The store of this application."""
    return opened(current_app.config["FILES_URL"])


def sweep(known: Callable[[Collection[str]], Iterable[str]]) -> int:
    """Delete the files, a day old or more, that no row names; `known(keys)` returns those that some row does. How many went."""
    files = store()
    old = files.old_keys(clock.utc_now() - ORPHAN_AFTER)
    count = 0
    for start in range(0, len(old), 500):
        chunk = old[start : start + 500]
        for key in sorted(set(chunk) - set(known(chunk))):
            files.delete(key)
            count += 1
    return count


@lru_cache(maxsize=8)
def opened(url: str) -> Store:
    """The store at an address like that of FILES_URL."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        root = Path(unquote(parts.path))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on this machine reads them
        return Store(fsspec.filesystem("file", auto_mkdir=True), str(root))
    options = dict(parse_qsl(parts.query))
    # what another process has written must be seen at once, so nothing is remembered of the store's lists
    filesystem = fsspec.filesystem(parts.scheme, use_listings_cache=False, config_kwargs=PATIENCE, **options)
    return Store(filesystem, f"{parts.netloc}{parts.path}".rstrip("/"))


def _is_key(name: str) -> bool:
    return len(name) == 32 and set(name) <= set("0123456789abcdef")


def _written(about: dict[str, Any]) -> datetime:
    """A folder says it in seconds, S3 as an instant."""
    when = about["LastModified"] if "LastModified" in about else about["mtime"]
    return when.astimezone(UTC) if isinstance(when, datetime) else datetime.fromtimestamp(when, UTC)
