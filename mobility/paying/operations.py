"""Proposing, confirming and giving up the account a programme pays from. `by` is a finance officer or an owner.

The programme's row is locked first: of two, the second sees what the first has done.
"""

from typing import Any

from mobility.audit.operations import record
from mobility.banking.operations import checked_account
from mobility.banking.rules import read_iban
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused, Refusal, need_reason
from mobility.core.names import one_line
from mobility.paying import messages, queries, rules
from mobility.paying.models import Closed, PayingAccount
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme


def propose(programme: Programme, *, by: User, holder_name: str, iban: str, bic: str = "", seen: int) -> PayingAccount:
    """Another account to pay from; somebody else confirms it. `iban` and `bic` are typed.

    `seen` is the id of the newest account that was on the page, 0 for none: if there is another by now, EditConflict.
    """
    programmes.lock(programme.id)
    newest = next(iter(queries.all_of(programme.id)), None)
    if seen != (newest.id if newest else 0):
        raise EditConflict(programme)
    number, code = checked_account(iban, bic)
    holder_name = one_line(holder_name)
    _refuse_known(programme, (number, code, holder_name))
    account = PayingAccount(programme=programme, holder_name=holder_name, iban=number, bic=code, proposed_by=by)
    db.session.add(account)
    db.session.flush()
    messages.account_proposed(account)
    _record("proposed", account, by)
    return account


def _refuse_known(programme: Programme, values: tuple[str, str, str]) -> None:
    if queries.proposed(programme.id):
        raise GuardRefused("Another account is proposed already. It must be confirmed, declined or withdrawn first.")
    known = queries.newest_confirmed(programme.id)
    if known and (known.iban, known.bic, known.holder_name) == values:
        raise Refusal("The programme pays from this account already: there is nothing to change.", field="iban")


def confirm(programme: Programme, id: int, *, by: User, iban: str) -> PayingAccount:
    """The second pair of eyes. `iban` is typed again, from the bank's own paper: pages show a few of its characters only."""
    account = _locked(programme, id, rules.why_not_confirmed, by)
    try:
        number = read_iban(iban)
    except ValueError as problem:
        raise Refusal(str(problem), field="iban") from None
    if number != account.iban:
        raise Refusal(
            "This is another account than the one that was proposed. Compare it with the bank’s own letter; "
            "if yours is right, decline the proposal.",
            field="iban",
        )
    now = clock.utc_now()
    account.usable_from = rules.usable_from(now, account.iban, queries.newest_confirmed(programme.id))
    account.confirmed_by, account.confirmed_at = by, now
    db.session.flush()
    messages.account_confirmed(account)
    _record("confirmed", account, by)
    return account


def decline(programme: Programme, id: int, *, by: User, reason: str) -> PayingAccount:
    """It is not the right one."""
    return _close(_locked(programme, id, rules.why_not_declined, by), Closed.DECLINED, by, reason)


def withdraw(programme: Programme, id: int, *, by: User, reason: str) -> PayingAccount:
    """A proposal of one's own; or anybody's that is confirmed, before anything is paid from it."""
    return _close(_locked(programme, id, rules.why_not_withdrawn, by), Closed.WITHDRAWN, by, reason)


def _close(account: PayingAccount, how: Closed, by: User, reason: str) -> PayingAccount:
    need_reason(reason, "the other finance officers and owners")
    account.closed_by, account.closed_at, account.closed_as, account.closed_because = by, clock.utc_now(), how, reason
    db.session.flush()
    messages.account_closed(account)
    _record(how.value, account, by, because=reason)
    return account


def _locked(programme: Programme, id: int, why_not: Any, by: User) -> PayingAccount:
    programmes.lock(programme.id)
    account = queries.find(id, programme.id)
    if reason := why_not(account, by):
        raise GuardRefused(reason)
    return account


def _record(act: str, account: PayingAccount, by: User, **more: str) -> None:
    after = {"account": account.masked, "holder": account.holder_name} | more
    record(f"paying_account_{act}", by=by, about=account.programme.name, programme_id=account.programme_id, after=after)
