"""Closing a review with its lessons, and opening it again."""

from typing import Any

from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.lessons import queries
from mobility.lessons.models import Lessons
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call


def close_review(call: Call, *, by: User, seen: int, keep: str = "", change: str = "", stop: str = "") -> Lessons:
    """With what was learned. `seen`: the number of the newest version when the form was opened, 0 if there was none."""
    _not_meanwhile(call, seen)
    return _added(call, by, seen, is_closed=True, keep=keep, change=change, stop=stop)


def reopen_review(call: Call, *, by: User, seen: int, reason: str) -> Lessons:
    """What was written stays, to be changed."""
    newest = _not_meanwhile(call, seen)
    if newest is None or not newest.is_closed:
        raise GuardRefused("The review of this call is open.")
    texts = {"keep": newest.keep, "change": newest.change, "stop": newest.stop}
    return _added(call, by, seen, is_closed=False, reason=reason, **texts)


def _not_meanwhile(call: Call, seen: int) -> Lessons | None:
    """The newest version, if it is still the one that was seen. Locked by the programme: there may be no version yet."""
    programmes.lock(call.programme_id)
    newest = queries.newest_lessons(call.id)
    if (newest.number if newest else 0) != seen:
        raise GuardRefused("Somebody else has saved lessons of this call meanwhile. What you typed is still here.")
    return newest


def _added(call: Call, by: User, seen: int, **values: Any) -> Lessons:
    added = Lessons(call_id=call.id, number=seen + 1, by_id=by.id, **values)
    db.session.add(added)
    db.session.flush()
    return added
