"""Delivering the outbox over SMTP, by any number of processes at once.

Rows are claimed with a lease and an owner; the lease is renewed just before each message is handed over; each outcome
is committed right after the server's answer. Who dies in between loses nothing: when the lease has ended, another takes
the row up, with the same Message-ID.
"""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, update

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage, is_held
from mobility.notifications.smtp import Outcome, Server, ServerUnreachable

LEASE = timedelta(minutes=5)  # longer than one message can take with the time limits of smtp.py
MOST_TRIES = 8
LONGEST_WAIT = timedelta(hours=24)
BATCH = 20
# whoever has their link can set a password, or take an account over
SECRET_KINDS = {"invitation", "password_reset", "registration", "address_confirm", "address_asked", "address_moved"}
PERSONAL_LINKS = ("/answers/", "/stays/")  # whoever has one answers in the name of its addressee, or reads their page
FORGOTTEN = "This message held a secret link, so its text was deleted once it was sent, or no longer to be sent."

log = logging.getLogger(__name__)


@dataclass
class Delivered:
    """What one run did."""

    sent: int = 0
    put_off: int = 0
    dead: int = 0
    kept: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in vars(self).items() if count)


def deliver_pending(limit: int | None = None, stop: Callable[[], bool] = lambda: False, kind: str | None = None) -> Delivered:
    """Send what is due, at most `limit`, of all kinds or of one; `stop()` is asked before each message. Without a mail server,
    keep them."""
    done = Delivered()
    if not current_app.config.get("MAIL_URL"):
        done.kept = keep_all()
        return done
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    free_ended_leases()
    with Server(current_app.config["MAIL_URL"], current_app.config["MAIL_FROM"]) as server:
        while not stop() and (ids := claim(worker, min(BATCH, BATCH if limit is None else limit - _handled(done)), kind)):
            try:
                for id in ids:
                    if stop():
                        break
                    _deliver(id, worker, server, done)
            except ServerUnreachable as unreachable:
                log.warning("deliver-outbox: %s", unreachable)
                give_back(worker, str(unreachable))
                break
            give_back(worker)
    return done


def wait_before(tries: int) -> timedelta:
    """After the first failure a minute, then four times as long after each: 1, 4, 16, 64 minutes ... a day."""
    return min(timedelta(minutes=4 ** min(tries - 1, 10)), LONGEST_WAIT)


def keep_all() -> int:
    """Without a mail server messages stay here, to be read at the outbox page."""
    with transaction():
        return _changed(update(OutboxMessage).where(OutboxMessage.state == "waiting", ~is_held()).values(state="kept"))


def free_ended_leases() -> int:
    """Those whose worker died wait again."""
    ended = (OutboxMessage.state == "sending") & (OutboxMessage.leased_until < clock.utc_now())
    with transaction():
        return _changed(update(OutboxMessage).where(ended).values(state="waiting", leased_by="", leased_until=None))


def claim(worker: str, count: int, kind: str | None = None) -> list[int]:
    """Take up to `count` due messages, the longest waiting first. A new one is due whatever the clock said then."""
    due = or_(OutboxMessage.tries == 0, OutboxMessage.next_try_at <= clock.utc_now())
    with transaction():
        ids = db.session.scalars(
            select(OutboxMessage.id)
            .where(OutboxMessage.state == "waiting", due, ~is_held(), *([OutboxMessage.kind == kind] if kind else []))
            .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
            .limit(max(count, 0))
            .with_for_update(skip_locked=True)
        ).all()
        lease = {"state": "sending", "leased_by": worker, "leased_until": clock.utc_now() + LEASE}
        if ids:
            db.session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(ids)).values(lease))
    return list(ids)


def give_back(worker: str, error: str | None = None) -> int:
    """Let go what this worker has claimed and not tried."""
    values: dict[str, Any] = {"state": "waiting", "leased_by": "", "leased_until": None}
    if error:
        values["last_error"] = error
    mine = (OutboxMessage.state == "sending") & (OutboxMessage.leased_by == worker)
    with transaction():
        return _changed(update(OutboxMessage).where(mine).values(values))


def _deliver(id: int, worker: str, server: Server, done: Delivered) -> None:
    server.connect()
    message = _renew(id, worker)
    if message is None:
        return  # the lease had ended, and it is another's now
    outcome = server.send(message)
    with transaction():
        _note(db.session.get_one(OutboxMessage, id, with_for_update=True), worker, outcome, done)


def _renew(id: int, worker: str) -> OutboxMessage | None:
    """Make the lease last, count the try, and read the message, which may have been dropped meanwhile."""
    with transaction():
        renewed = _changed(
            update(OutboxMessage)
            .where(OutboxMessage.id == id, OutboxMessage.state == "sending", OutboxMessage.leased_by == worker)
            .values(leased_until=clock.utc_now() + LEASE, tries=OutboxMessage.tries + 1)
        )
    if not renewed:
        return None
    message = db.session.get_one(OutboxMessage, id, populate_existing=True)
    for each in (message, message.recipient):
        if each is not None:
            db.session.expunge(each)
    db.session.rollback()  # no transaction stays open while the server is waited for
    return message


def is_secret() -> ColumnElement[bool]:
    """Messages with a link that is not for everybody who reads the outbox."""
    return or_(OutboxMessage.kind.in_(SECRET_KINDS), *(OutboxMessage.text.contains(each) for each in PERSONAL_LINKS))


def _note(message: OutboxMessage, worker: str, outcome: Outcome, done: Delivered) -> None:
    if message.leased_by != worker or message.state != "sending":
        return  # took longer than the lease: the other's outcome counts
    message.leased_by, message.leased_until, message.last_error = "", None, outcome.error
    if outcome.sent:
        message.state, message.sent_at = "sent", clock.utc_now()
        if message.kind in SECRET_KINDS or any(each in message.text for each in PERSONAL_LINKS):
            message.forget(FORGOTTEN)
        done.sent += 1
    elif outcome.permanent or message.tries >= MOST_TRIES:
        message.state = "dead"
        done.dead += 1
    else:
        message.state, message.next_try_at = "waiting", clock.utc_now() + wait_before(message.tries)
        done.put_off += 1


def _handled(done: Delivered) -> int:
    return done.sent + done.put_off + done.dead


def _changed(statement: Any) -> int:
    result: Any = db.session.execute(statement)
    return int(result.rowcount)
