"""Heads: how long the audit log was on a day and how it ended, signed, in files that can be kept elsewhere (AUDIT_HEADS).

Whoever has the database and everything in it could write the whole chain anew; a head, as long as its file is out of their
reach, says that it was another. It holds no name and nothing of what was done.
"""

import hmac
import json
from dataclasses import asdict, dataclass
from hashlib import sha256

from flask import current_app
from sqlalchemy import select

from mobility.audit import keys
from mobility.audit.chain import TABLE, canonical
from mobility.core import clock
from mobility.core.database import db
from mobility.uploads import files


class Damaged(Exception):
    """The file of a head is not one that we wrote; the message says why."""


@dataclass(frozen=True)
class Head:
    """`entries` is how many there were, and the number of the last; `hash` is that one's."""

    day: str
    at: str
    entries: int
    hash: str

    def signed(self, key: bytes) -> str:
        return hmac.new(key, canonical(asdict(self)), sha256).hexdigest()


def write() -> Head | None:
    """The head of today, in UTC; None if it is there already. Raises files.Unavailable."""
    day = clock.today().isoformat()
    kept = store()
    if kept.has(_name(day)):
        return None
    head = _now(day)
    content = json.dumps({**asdict(head), "signature": head.signed(keys.signing()[0])}, indent=1)
    kept.write(_name(day), content.encode() + b"\n")
    return head


def read(name: str, content: bytes) -> Head:
    """Raises Damaged."""
    try:
        given = json.loads(content)
        signature = str(given.pop("signature"))
        head = Head(**given)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Damaged("cannot be read: it is damaged, or no head at all") from None
    if not any(hmac.compare_digest(head.signed(key).encode(), signature.encode()) for key in keys.signing()):
        raise Damaged("is not signed with this installation's key: it was changed, or made elsewhere, or the key is another")
    if name != _name(head.day):
        raise Damaged(f"is the head of {head.day} under another day's name")
    return head


def store(url: str = "") -> files.Store:
    return files.opened(url or current_app.config["AUDIT_HEADS"])


def _now(day: str) -> Head:
    last = db.session.execute(select(TABLE.c.id, TABLE.c.hash).order_by(TABLE.c.id.desc()).limit(1)).first()
    number, hash = last or (0, "")
    return Head(day, clock.utc_now().isoformat(), number, hash)


def _name(day: str) -> str:
    return f"audit-head-{day}.json"
