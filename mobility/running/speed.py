"""What makes libraries quicker than they come. Each piece overrides one, so it says what it saves and when it can go.

`python -m bench.speed` measures them, with and without; the figures here are of late 2026. What saves nothing goes.
"""

from collections.abc import Callable, Sequence
from functools import cache, cached_property, lru_cache, partial
from typing import Any

import psycopg
from flask import Flask, has_request_context, request
from psycopg.errors import _WaitTimeout as WaitTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect
from sqlalchemy.orm import dependency
from sqlalchemy.orm.interfaces import RelationshipDirection
from werkzeug.routing import Map, Rule

from mobility.running.patience import PATIENCE

ANY_ID = 2_147_483_646  # fits the addresses' bounded ids


# PostgreSQL


class KeepsPlans(psycopg.Connection[Any]):
    """PostgreSQL keeps the plans of repeated statements beyond a rollback, with which every request ends that only reads.

    The driver forgets them there, in case tables were dropped or changed and that was rolled back; requests do neither.

    A voucher with its eight tables, on a busy machine: 6.4 ms instead of 18.8. Remove when psycopg has a setting for it.
    """

    def rollback(self) -> None:
        with self.lock:
            if self.pgconn.transaction_status != TransactionStatus.IDLE:
                self.wait(self._exec_command(b"ROLLBACK"))

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """No longer than this process has patience; then we hang up (running/patience.py)."""
        return PATIENCE.ask(lambda: self._wait(gen, interval, timeout)) if PATIENCE.silent else self._wait(gen, interval, timeout)

    def _wait(self, gen: Any, interval: float, timeout: float | None) -> Any:
        try:
            return super().wait(gen, interval, timeout or PATIENCE.ours)
        except WaitTimeout:
            self.pgconn.finish()
            raise PATIENCE.lost() from None


class _Columns(Sequence[tuple[str, int]]):
    """Name and type of each column of a result."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def __len__(self) -> int:
        return int(self.result.nfields)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(len(self))[at]]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.result.fname(at).decode(), self.result.ftype(at)


class DescribesLater(psycopg.Cursor[Any]):
    """Tells of columns what is asked. SQLAlchemy wants to know that there are some, and more only of a new statement; the
    driver looks up ten things about each.

    The same voucher: 1.00 ms of this process instead of 1.14. Remove when psycopg looks when it is asked.
    """

    @property
    def description(self) -> Any:
        return _Columns(self.pgresult) if self.pgresult and self.pgresult.nfields else None


def quick_connection(dialect: Dialect, _record: Any, args: Any, values: Any) -> Any:
    """For SQLAlchemy's event "do_connect". None leaves it to SQLAlchemy."""
    if dialect.driver != "psycopg":
        return None
    more = PATIENCE.at_connection() | values
    return PATIENCE.ask(lambda: _connected(args, more))


def _connected(args: Any, values: Any) -> KeepsPlans:
    try:
        return KeepsPlans.connect(*args, cursor_factory=DescribesLater, **values)
    except psycopg.errors.ConnectionTimeout:
        raise PATIENCE.lost() from None


# What is stored


class LooksForChanges(dependency._ManyToOneDP):
    """With a row to be stored, SQLAlchemy puts every table in order to which it leads, if the other row has been read, though
    only another one, or a changed one, has to be stored first.

    A voucher that was read with eight tables: 0.64 ms of this process instead of 0.99. Remove when SQLAlchemy leaves out what
    has not changed.
    """

    def prop_has_changes(self, uowcommit: Any, states: Any, isdelete: bool) -> bool:
        beside = self.mapper in uowcommit.mappers  # rows of the other table are stored, too: SQLAlchemy orders them
        if isdelete or beside or self.post_update or self.cascade.delete_orphan:
            return bool(super().prop_has_changes(uowcommit, states, isdelete))
        histories = (uowcommit.get_attribute_history(state, self.key) for state in states)
        return any(history.added or history.deleted for history in histories if history)


dependency._direction_to_processor[RelationshipDirection.MANYTOONE] = LooksForChanges  # before any model is


# Addresses


class LaterRule(Rule):
    """Compiles what makes its addresses when one is asked for: werkzeug does so twice for each of some 380 routes at the start,
    and a command asks for none.

    A hundred routes: 5 ms instead of 39. Remove when werkzeug waits for the first address.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        compiled = cache(lambda: super(LaterRule, self)._compile_builder(append_unknown))
        return lambda rule, *values, **named: compiled()(rule, *values, **named)


class Site(Flask):
    """Flask with quick addresses: a page has a hundred of them, nearly all of a page, a static file, or an object's id.

    A hundred of them: 0.11 ms instead of 0.29. Remove when werkzeug takes a microsecond for one.
    """

    url_rule_class = LaterRule

    @cached_property
    def around(self) -> Callable[..., tuple[str, str]]:
        """(script root, endpoint): what stands before and after the only value in the addresses of an endpoint."""
        return lru_cache(maxsize=1024)(partial(_around, self.url_map))

    @cached_property
    def _address(self) -> Callable[..., str]:
        return lru_cache(maxsize=1024)(lambda _script_root, endpoint, **values: super(Site, self).url_for(endpoint, **values))

    def url_for(self, endpoint: str, **values: Any) -> str:
        if has_request_context() and not endpoint.startswith("."):
            if type(id := values.get("id")) is int and len(values) == 1:
                before, after = self.around(request.script_root, endpoint)
                return f"{before}{id}{after}"
            if not values or endpoint == "static":
                return self._address(request.script_root, endpoint, **values)
        return super().url_for(endpoint, **values)

    def log_exception(self, exc_info: Any) -> None:
        """Without the path, which may hold a secret link."""
        self.logger.error("Exception at %s [%s]", request.endpoint, request.method, exc_info=exc_info)


def _around(urls: Map, script_root: str, endpoint: str, name: str = "id", any_value: Any = ANY_ID) -> tuple[str, str]:
    address = urls.bind("", script_name=script_root or "/").build(endpoint, {name: any_value})
    before, _, after = address.rpartition(str(any_value))
    return before, after
