"""What changes programmes and calls, and every movement of money."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from mobility.audit.operations import record
from mobility.audit.rules import changes
from mobility.core.database import Cents, db, fingerprint, table_of
from mobility.core.errors import EditConflict, GuardRefused, Refusal
from mobility.core.money import CURRENCIES, written
from mobility.programmes import queries
from mobility.programmes.models import Account, BudgetLine, Call, LedgerEntry, LedgerEvent, Programme
from mobility.programmes.rules import call_days_problem, stay_limits_problem
from mobility.workflows.table import By

FROM_TO = {
    LedgerEvent.APPROPRIATE: (Account.FUNDING, Account.AVAILABLE),
    LedgerEvent.COMMIT: (Account.AVAILABLE, Account.COMMITTED),
    LedgerEvent.RELEASE: (Account.COMMITTED, Account.AVAILABLE),
    LedgerEvent.SPEND: (Account.COMMITTED, Account.SPENT),
    LedgerEvent.RECOVER: (Account.SPENT, Account.AVAILABLE),
    LedgerEvent.COME_BACK: (Account.SPENT, Account.COMMITTED),
    LedgerEvent.WITHDRAW: (Account.AVAILABLE, Account.FUNDING),
}

FURNISHING: list[Callable[[Programme], None]] = []  # what later features give a new programme: create_app names it

_ADD_ENTRY = insert(table_of(LedgerEntry))
_ADD_POSTINGS = text(  # one statement: two runs of one take the driver twice as long
    "INSERT INTO posting (entry_id, account, amount) VALUES (:entry_id, :source, :out), (:entry_id, :target, :in)"
).bindparams(bindparam("out", type_=Cents), bindparam("in", type_=Cents))


def create_programme(*, by: By, name: str, level: str, scheme: str, **rules: Any) -> Programme:
    """A programme with the default rules and promises of workflows.md, unless `rules` say otherwise."""
    _refuse_taken_name(name, None)
    programme = Programme(name=name, level=level, scheme=scheme)
    _set_rules(programme, rules)
    db.session.add(programme)
    db.session.flush()
    for furnish in FURNISHING:
        furnish(programme)
    record("programme_opened", by=by, about=name, programme_id=programme.id, after={"level": level, "scheme": scheme, **rules})
    return programme


def update_programme(programme: Programme, *, by: By, seen: str | None = None, **rules: Any) -> None:
    """Change the rules. What already waits keeps the deadline it was given.

    `seen` is the fingerprint of the rules that were on the page: if they are others now, EditConflict.
    """
    if seen is not None and seen != fingerprint(programme):
        raise EditConflict(programme)
    if "name" in rules:
        _refuse_taken_name(rules["name"], programme.id)
    before, after = changes({name: getattr(programme, name, None) for name in rules}, rules)
    called = programme.name
    _set_rules(programme, rules)
    if after:
        record("programme_changed", by=by, about=called, programme_id=programme.id, before=before, after=after)


def _set_rules(programme: Programme, rules: Mapping[str, Any]) -> None:
    columns = Programme.__table__.columns.keys()
    if "currency" in rules and rules["currency"] != programme.currency:
        _ensure_currency_can_be(programme, rules["currency"])
    for name, value in rules.items():
        if name not in columns:
            raise TypeError(f"A programme has no {name}")
        setattr(programme, name, value)
    if problem := stay_limits_problem(programme.minimum_days, programme.maximum_days):
        raise Refusal(problem, field="maximum_days")


def _ensure_currency_can_be(programme: Programme, currency: str) -> None:
    """Another one as long as nobody has asked for money or got it: what an amount is in is never changed afterwards."""
    if currency not in CURRENCIES:
        raise Refusal("Choose one of the currencies in the list.", field="currency")
    if programme.id is not None and (reason := queries.why_currency_stays(programme)):
        raise Refusal(reason, field="currency")


def _refuse_taken_name(name: str, own_id: int | None) -> None:
    if queries.programme_named(name) not in {None, own_id}:
        raise Refusal(queries.PROGRAMME_TAKEN, field="name")


def create_call(programme: Programme, *, by: By, name: str, opens_on: date, closes_on: date | None = None) -> Call:
    """An intake of a programme; rolling without `closes_on`."""
    _refuse_impossible_call(programme.id, None, name, opens_on, closes_on)
    call = Call(programme_id=programme.id, name=name, opens_on=opens_on, closes_on=closes_on)
    db.session.add(call)
    db.session.flush()
    record("call_opened", by=by, about=name, programme_id=programme.id, after={"opens_on": opens_on, "closes_on": closes_on})
    return call


def edit_call(call: Call, *, by: By, seen: str, name: str, opens_on: date, closes_on: date | None = None, reason: str) -> None:
    """Another name, or other dates: a later last day extends it, one that has passed closes it. What was requested stays.

    `seen` is the call's fingerprint on the page: if it is another by now, EditConflict.
    """
    queries.lock(call.programme_id)
    db.session.refresh(call)
    if seen != call.fingerprint:
        raise EditConflict(call)
    _refuse_impossible_call(call.programme_id, call.id, name, opens_on, closes_on)
    was = {"name": call.name, "opens_on": call.opens_on, "closes_on": call.closes_on}
    before, after = changes(was, {"name": name, "opens_on": opens_on, "closes_on": closes_on})
    if after:
        after = {**after, "reason": reason}
        record("call_changed", by=by, about=call.name, programme_id=call.programme_id, before=before, after=after)
    call.name, call.opens_on, call.closes_on = name, opens_on, closes_on


def _refuse_impossible_call(programme_id: int, own_id: int | None, name: str, opens_on: date, closes_on: date | None) -> None:
    if problem := call_days_problem(opens_on, closes_on):
        raise Refusal(problem, field="closes_on")
    if queries.call_named(programme_id, name) not in {None, own_id}:
        raise Refusal(queries.CALL_TAKEN, field="name")


def create_budget_line(call: Call, *, by: By, voucher_kind: str, name: str, amount: Decimal | None = None) -> BudgetLine:
    """Money for one kind of voucher in a call; `amount` is appropriated at once. A call has at most one line for each kind."""
    queries.lock(call.programme_id)
    if db.session.scalar(select(BudgetLine.id).where(BudgetLine.call_id == call.id, BudgetLine.voucher_kind == voucher_kind)):
        raise GuardRefused(f"This call already has a budget line for {voucher_kind} vouchers. Add money to that one.")
    line = BudgetLine(call_id=call.id, voucher_kind=voucher_kind, name=name)
    db.session.add(line)
    db.session.flush()
    about = f"{name}, {call.name}"
    record("budget_line_opened", by=by, about=about, programme_id=call.programme_id, after={"kind": voucher_kind})
    if amount is not None:
        appropriate(line, amount, by=by)
    return line


# The ledger (money.md): balanced entries, never changed; the line's row is locked first


def appropriate(line: BudgetLine, amount: Decimal, *, by: By, note: str = "") -> None:
    """Money from the funding becomes available."""
    _move(LedgerEvent.APPROPRIATE, line, amount, by, key=_key_of_line(line, LedgerEvent.APPROPRIATE), note=note)
    _record_budget("budget_appropriated", line, amount, by, note)


def withdraw_budget(line: BudgetLine, amount: Decimal, *, by: By, note: str = "") -> None:
    """Money goes back to the funding, as far as it is available. GuardRefused, with the figures, when it is not."""
    _move(LedgerEvent.WITHDRAW, line, amount, by, key=_key_of_line(line, LedgerEvent.WITHDRAW), note=note)
    _record_budget("budget_withdrawn", line, amount, by, note)


def _record_budget(act: str, line: BudgetLine, amount: Decimal, by: By, note: str) -> None:
    call = line.call
    after = {"amount": written(amount, call.programme.currency), **({"note": note} if note else {})}
    record(act, by=by, about=f"{line.name}, {call.name}", programme_id=call.programme_id, after=after)


def _key_of_line(line: BudgetLine, event: LedgerEvent) -> str:
    queries.lock_budget_line(line.id)
    return f"line {line.id}:{event.value}:{queries.entries_of_line(line.id, event) + 1}"


def commit_budget(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """Set money aside for a voucher. GuardRefused, with the figures, when the line has not enough."""
    _move(LedgerEvent.COMMIT, line, amount, by, for_=for_, note=note)


def commit_again(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """Set aside again what was released, as far as it is available: a validation or a lapse was taken back."""
    time = queries.entries_of_voucher(for_.id, LedgerEvent.RELEASE) + 1
    _move(LedgerEvent.COMMIT, line, amount, by, for_=for_, time=time, note=note)


def release_budget(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """What was set aside for a voucher, or the rest of it, goes back."""
    time = queries.entries_of_voucher(for_.id, LedgerEvent.COMMIT)
    _move(LedgerEvent.RELEASE, line, amount, by, for_=for_, time=time, note=note)


def spend_budget(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """A voucher was paid."""
    time = queries.entries_of_voucher(for_.id, LedgerEvent.COME_BACK) + 1
    _move(LedgerEvent.SPEND, line, amount, by, for_=for_, time=time, note=note)


def return_budget(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """A payment came back from the bank: what was spent is set aside again."""
    time = queries.entries_of_voucher(for_.id, LedgerEvent.SPEND)
    _move(LedgerEvent.COME_BACK, line, amount, by, for_=for_, time=time, note=note)


def recover_budget(line: BudgetLine, amount: Decimal, *, for_: Any, by: By, note: str = "") -> None:
    """Money that was paid comes back, all or another part of it."""
    time = queries.entries_of_voucher(for_.id, LedgerEvent.RECOVER) + 1
    _move(LedgerEvent.RECOVER, line, amount, by, for_=for_, time=time, note=note)


def _move(
    event: LedgerEvent,
    line: BudgetLine,
    amount: Decimal,
    by: By,
    for_: Any = None,
    key: str = "",
    time: int = 1,
    note: str = "",
) -> None:
    """One balanced entry, and the balances with it.

    A voucher and an event make at most one each `time` it can be: the second commitment follows the first release, the second
    payment the first that came back (`key` is unique).
    """
    if amount <= 0:
        raise Refusal("The amount must be greater than zero.", field="amount")
    source, target = FROM_TO[event]
    balances = _balances_after(line, source, target, amount)
    for account, balance in balances.items():  # a rollback of the transaction forgets them, one to a savepoint would not
        set_committed_value(line, account, balance)
    entry = {
        "budget_line_id": line.id,
        "event": event.value,
        "voucher_id": for_.id if for_ is not None else None,
        "key": key or f"{for_.id}:{event.value}{f':{time}' if time > 1 else ''}",
        "by_id": by.id,
        "note": note or "",
    }
    added: Any = db.session.execute(_ADD_ENTRY, entry)
    (id,) = added.inserted_primary_key
    postings = {"entry_id": id, "source": source.value, "out": -amount, "target": target.value, "in": amount}
    db.session.execute(_ADD_POSTINGS, postings)


def _balances_after(line: BudgetLine, source: Account, target: Account, amount: Decimal) -> RowMapping:
    """Moves it, in one statement past the session: others wait for the line from here until the transaction ends."""
    move, moved = _from_to(source, target), {"line_id": line.id, "moved": amount}
    balances = db.session.execute(move, moved).mappings().one_or_none()
    if balances is None:
        _refuse_shortage(line, queries.lock_budget_line(line.id), source, amount)
        balances = db.session.execute(move, moved).mappings().one()  # just now somebody else has given some back
    return balances


@cache
def _from_to(source: Account, target: Account) -> Any:
    """The statement that moves what is there, or nothing, and returns the new balances."""
    line, moved = table_of(BudgetLine).c, bindparam("moved", type_=Cents)
    balances = [line[at.value] for at in Account if at is not Account.FUNDING]
    move = update(table_of(BudgetLine)).where(line.id == bindparam("line_id")).returning(*balances)
    if source is not Account.FUNDING:
        move = move.where(line[source.value] >= moved).values({source.value: line[source.value] - moved})
    if target is not Account.FUNDING:
        move = move.values({target.value: line[target.value] + moved})
    return move


def _refuse_shortage(line: BudgetLine, now: Any, source: Account, amount: Decimal) -> None:
    balance = getattr(now, source.value)
    if balance < amount:
        words = "left" if source is Account.AVAILABLE else source.value
        there, needed = (written(each, line.call.programme.currency) for each in (balance, amount))
        raise GuardRefused(f"The budget line “{now.name}” has {there} {words}; {needed} is needed.")
