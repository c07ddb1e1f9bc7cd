"""Putting messages into the outbox, in the transaction of what they tell about. They leave later: delivery.py."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask import current_app
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.core.errors import Refusal
from mobility.core.links import absolute, link_for
from mobility.core.names import ERASED_DOMAIN
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import Letter, write

_INSERT: dict[str, Callable[..., Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True)
class Addressee:
    """Somebody without an account, e.g. a travelling colleague of the applicant."""

    name: str
    email: str
    locale: str = "en_GB"
    active: bool = True
    id: None = None


def post(
    kind: str, to: Iterable[Any], *, about: Any, path: str, calendar: Callable[[Any], str] | None = None, **context: Any
) -> int:
    """Write one message to each of `to` (users or addressees; once each, nobody inactive); returns how many are new.

    `path` is the page the message's one link leads to. The same act on `about` (its type, id and version) never writes
    twice to the same person. In the context, a `link` replaces the link for signed-in readers, `reply_to` is whom answers reach.
    `calendar(person)` is an invitation, or its cancellation, that goes with it.
    """
    db.session.flush()  # so that the version is the one this act has made
    occasion = f"{about.subject_type}:{about.id}:{about.version}" if about is not None else uuid4().hex
    rows = []
    for person in {each.email: each for each in to if each.active}.values():
        link = context.get("link") or address_for(person, path)
        letter = write(kind, **{**context, "person": person, "link": link, "about": about})
        own = {"calendar": calendar(person) if calendar else "", "reply_to": context.get("reply_to", "")}
        rows.append(row(kind, person, letter, occasion, about=about) | own)
    return store(rows)


def drop(kind: str, person: Any, *, about: Any) -> None:
    """What the person has seen by now need not be told by mail any more."""
    waiting = (OutboxMessage.kind == kind, OutboxMessage.recipient_id == person.id, OutboxMessage.state == "waiting")
    of_it = (OutboxMessage.subject_type == about.subject_type, OutboxMessage.subject_id == about.id)
    db.session.execute(update(OutboxMessage).where(*waiting, *of_it).values(state="dropped"))


def address_for(person: Any, path: str) -> str:
    """The link in a person's message; without an account the page itself."""
    return absolute(path) if person.id is None else link_for(person, path)


def row(
    kind: str,
    person: Any,
    letter: Letter,
    occasion: str,
    *,
    about: Any = None,
    promise: str | None = None,
    due_on: date | None = None,
) -> dict[str, Any]:
    """One outbox row for `store`. `occasion` with the kind and the recipient makes it unique."""
    return {
        "kind": kind,
        "recipient_id": person.id,
        "address": person.email,
        "subject_line": letter.subject_line,
        "text": letter.text,
        "parts": letter.parts,
        "calendar": "",
        "reply_to": "",
        "unsubscribe": "",
        "message_id": f"<{uuid4().hex}@{_domain()}>",
        "dedupe_key": dedupe_key(kind, occasion, person),
        "subject_type": about.subject_type if about is not None else None,
        "subject_id": about.id if about is not None else None,
        "promise": promise,
        "due_on": due_on,
    }


def dedupe_key(kind: str, occasion: str, person: Any) -> str:
    return f"{kind}:{occasion}:{person.id or person.email}"


def store(rows: Sequence[dict[str, Any]]) -> int:
    """Add the rows that are not in the outbox yet; whoever else adds the same at this moment, each is there once. Nothing for
    whoever was erased: nobody reads that address."""
    rows = [each for each in rows if not each["address"].endswith(f"@{ERASED_DOMAIN}")]
    if not rows:
        return 0
    done: Any = db.session.execute(_insert_new(db.engine.dialect.name), rows)
    return int(done.rowcount)


@cache
def _insert_new(dialect: str) -> Any:
    """Without RETURNING, which would make one statement of all rows: on PostgreSQL that takes twice as long."""
    statement = _INSERT[dialect](table_of(OutboxMessage)).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return statement.execution_options(preserve_rowcount=True)


def has_mail_server() -> bool:
    return bool(current_app.config.get("MAIL_URL"))


def may_try_again(message: OutboxMessage) -> bool:
    """What could not be sent, and, once there is a mail server, what was kept without one."""
    return message.state == "dead" or (message.state == "kept" and has_mail_server())


def try_again(message: OutboxMessage, *, by: Any) -> None:
    """Send it with the next delivery, with as many tries as a new one."""
    if not may_try_again(message):
        raise Refusal("Only messages that could not be sent can be tried again.")
    message.state, message.tries, message.next_try_at = "waiting", 0, clock.utc_now()
    record("mail_tried_again", by=by, about=f"“{message.subject_line}”", person_id=message.recipient_id)


def _domain() -> str:
    return urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
