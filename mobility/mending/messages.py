"""Who is told that a call or an amount was corrected: whoever decides and pays there, and whom a call's days concern."""

from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core.links import path_of
from mobility.mending import queries
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.queries import people_in_programme
from mobility.people.roles import Role
from mobility.programmes.models import Call, Programme

Was = tuple[str, date, date | None]  # a call's name and days


def call_corrected(call: Call, was: Was, *, by: User, reason: str) -> None:
    """Holders hear of other days, as long as they have not requested their voucher yet."""
    team = people_in_programme(call.programme_id, Role.OWNER, Role.FINANCE_OFFICER, Role.ASSESSOR)
    path = path_of("budgets.index", id=call.programme_id)
    said: dict[str, Any] = {"call": call, "was": was, "by": by, "reason": reason}
    post("call_corrected", [each for each in team if each.id != by.id], about=None, path=path, **said)
    if was[1:] != (call.opens_on, call.closes_on):
        told = {by.id, *(each.id for each in team)}
        holders = [each for each in queries.not_yet_requested(call) if each.id not in told]
        post("call_corrected", holders, about=None, path=path_of("programmes.show", id=call.programme_id), **said)


def appropriation_corrected(programme: Programme, row: Any, amount: Decimal, *, by: User, reason: str) -> None:
    people = [each for each in people_in_programme(programme.id, Role.OWNER, Role.FINANCE_OFFICER) if each.id != by.id]
    path = path_of("budgets.line", id=programme.id, line_id=row.line_id)
    said = {"programme": programme, "row": row, "amount": amount, "by": by, "reason": reason}
    post("appropriation_corrected", people, about=None, path=path, **said)
