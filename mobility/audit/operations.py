"""Writing the audit log. What is to be in it is recorded beside the act itself, in its transaction."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any, TypedDict, Unpack

from mobility.audit import chain, checks, origin
from mobility.audit.acts import LABELS
from mobility.audit.keys import unknown_address as unknown_address  # for `about`
from mobility.audit.rules import plain, without_ibans
from mobility.core import clock
from mobility.core.database import alone, is_writing
from mobility.people.models import User


class Facts(TypedDict, total=False):
    """`about` says in words what or whom, with the names of the day. `programme_id` shows the entry to that programme's
    auditors. `before` and `after` are plain values, e.g. the settings that changed (rules.changes)."""

    about: str
    organisation_id: int | None
    programme_id: int | None
    person_id: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def record(act: str, *, by: Any, **facts: Unpack[Facts]) -> None:
    """`by` (a user; None or the system: nobody) did `act` (acts.py). Inside `transaction()`: stored with it, at its end."""
    if origin.is_known() and not is_writing():  # it would be forgotten with the request
        raise RuntimeError("record() belongs in the transaction of its act; for reading there is record_alone()")
    chain.wait(_entry(act, by, facts))


def record_alone(act: str, *, by: Any, **facts: Unpack[Facts]) -> None:
    """The same for what changes nothing else: reading, exports, failed sign-ins. Stored at once, outside `transaction()`.

    What the session has read is read anew afterwards; so it is called first or last in a view.
    """
    entry = _entry(act, by, facts)
    with alone(writing=True) as connection:
        chain.append(connection, [entry])


def _entry(act: str, by: Any, facts: Facts) -> dict[str, Any]:
    if act not in LABELS:
        raise ValueError(f"{act!r} is not declared in audit/acts.py")
    known = isinstance(by, User)
    return {
        "at": clock.utc_now(),
        "act": act,
        "by_id": (by.stand_in or by).id if known else None,
        "by_name": by.acting_name if known else "",
        "about": without_ibans(facts.get("about", "")),
        "organisation_id": facts.get("organisation_id"),
        "programme_id": facts.get("programme_id"),
        "person_id": facts.get("person_id"),
        "network": origin.network(),
        "before": plain(facts.get("before") or {}),
        "after": plain(facts.get("after") or {}),
        "salt": token_hex(16),
    }


def explain_restore(because: str) -> list[str]:
    """An older database is in place: the days of the heads that do not fit it any more. They stay visible, with the reason."""
    days = checks.check().unfitting
    if days:
        record(checks.RESTORED, by=None, about=because, before={"heads": days})
    return days
