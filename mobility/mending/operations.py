"""Correcting, with the reason in the audit log and told to whom it concerns."""

from datetime import date
from decimal import Decimal
from typing import Any

from mobility.audit.operations import record
from mobility.budgets.operations import refuse_interest
from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.core.money import written
from mobility.mending import messages, queries, rules
from mobility.mending.models import AppropriationCorrection
from mobility.people.models import User
from mobility.programmes import operations as programmes
from mobility.programmes import queries as programme_queries
from mobility.programmes.models import Call, Programme


def correct_call(
    call: Call, *, by: User, seen: str, name: str, opens_on: date, closes_on: date | None = None, reason: str
) -> None:
    """Another name, or other dates. What was requested stays; days on which was requested what is granted stay within.

    `seen` is the call's fingerprint on the page: if it is another by now, EditConflict.
    """
    programme_queries.lock(call.programme_id)
    db.session.refresh(call)
    if seen == call.fingerprint:
        for problem in queries.days_problems(call, opens_on, closes_on):
            raise Refusal(problem.message, field=problem.field)
    was = (call.name, call.opens_on, call.closes_on)
    programmes.edit_call(call, by=by, seen=seen, name=name, opens_on=opens_on, closes_on=closes_on, reason=reason)
    if was == (call.name, call.opens_on, call.closes_on):
        raise Refusal(rules.SAME)
    messages.call_corrected(call, was, by=by, reason=reason)


def correct_appropriation(programme: Programme, id: int, *, by: User, seen: str, amount: Decimal, reason: str) -> None:
    """The money that was added was another amount; nothing at all: it should not have been added here.

    A new entry moves the difference. `seen` is the amount on the page: if it is another by now, EditConflict.
    """
    available = queries.lock_line(queries.appropriation(id, programme.id))
    db.session.expire_all()
    row = queries.appropriation(id, programme.id)
    if seen != str(row.now):
        raise EditConflict(row)
    line = programme_queries.find_line(row.line_id, programme.id)
    refuse_interest(line, by)
    if problem := rules.amount_problem(amount, row.now, available, programme.currency):
        raise Refusal(problem, field="amount")
    if amount > row.now:
        programmes.appropriate(line, amount - row.now, by=by, note=reason)
    else:
        programmes.withdraw_budget(line, row.now - amount, by=by, note=reason)
    db.session.add(AppropriationCorrection(entry_id=queries.newest_entry(line.id), corrects_id=id))
    _record(programme, row, amount, by, reason)
    messages.appropriation_corrected(programme, row, amount, by=by, reason=reason)


def _record(programme: Programme, row: Any, amount: Decimal, by: User, reason: str) -> None:
    was, becomes = (written(each, programme.currency) for each in (row.now, amount))
    about, after = f"{row.line}, {row.call}", {"amount": becomes, "reason": reason}
    record("budget_corrected", by=by, about=about, programme_id=programme.id, before={"amount": was}, after=after)
