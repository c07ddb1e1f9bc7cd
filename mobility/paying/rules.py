"""Who may do what about the account a programme pays from. Pure."""

from datetime import datetime, timedelta
from typing import Any

from mobility.people.roles import Role

WAIT = timedelta(hours=24)  # as for those who are paid (banking/rules.py)
MAY = (Role.FINANCE_OFFICER, Role.OWNER)


def usable_from(now: datetime, iban: str, former: Any | None) -> datetime:
    """The first one at once; another number a day later; a corrected name when the number could be."""
    if former is None:
        return now
    return max(now, former.usable_from) if former.iban == iban else now + WAIT


def why_not_confirmed(account: Any, person: Any) -> str | None:
    if reason := _not_proposed(account):
        return reason
    if person.id == account.proposed_by_id:
        return "You proposed this account. Another finance officer or owner must confirm it."
    return None


def why_not_declined(account: Any, person: Any) -> str | None:
    if reason := _not_proposed(account):
        return reason
    return "You proposed this account: withdraw it instead." if person.id == account.proposed_by_id else None


def why_not_withdrawn(account: Any, person: Any) -> str | None:
    """A proposal by whoever made it; what is confirmed, by everybody, as long as nothing is paid from it."""
    if account.is_proposed:
        return None if person.id == account.proposed_by_id else f"{_name(account.proposed_by)} proposed it: decline it instead."
    if account.closed_at is not None:
        return _closed(account)
    return None if account.waits else "The programme pays from this account already. Propose another one instead."


def _not_proposed(account: Any) -> str | None:
    if account.closed_at is not None:
        return _closed(account)
    return f"{_name(account.confirmed_by)} has confirmed this account already." if account.confirmed_at else None


def _closed(account: Any) -> str:
    return f"{_name(account.closed_by)} has {account.closed_as} this account already."


def _name(person: Any) -> str:
    return person.name if person else "Somebody"
