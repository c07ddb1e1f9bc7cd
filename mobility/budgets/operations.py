"""An owner moves a budget line's money: nobody for a request in which they have a part themselves (issue 13)."""

from decimal import Decimal

from mobility.budgets import queries
from mobility.core.errors import GuardRefused
from mobility.people.interest import interest_in, somebody_else
from mobility.people.models import User
from mobility.programmes import operations as programmes
from mobility.programmes.models import BudgetLine
from mobility.workflows.workflow import Actor


def appropriate(line: BudgetLine, amount: Decimal, *, by: User, note: str = "") -> None:
    """Money from the funding becomes available."""
    refuse_interest(line, by)
    programmes.appropriate(line, amount, by=by, note=note)


def take_out(line: BudgetLine, amount: Decimal, *, by: User, note: str = "") -> None:
    """Too much was added: money goes back to the funding, as far as it is available."""
    refuse_interest(line, by)
    programmes.withdraw_budget(line, amount, by=by, note=note)


def refuse_interest(line: BudgetLine, by: User) -> None:
    """Raises GuardRefused if a request in which `by` has a part waits for money of this line."""
    for voucher in queries.waiting_with(line.id, by):
        if reason := interest_in(voucher, by):
            owners = (Actor.OWNER,)
            others = somebody_else(voucher.programme, owners, lambda person: _has_part(line.id, person), "move this money")
            raise GuardRefused(f"{voucher.reference} waits for money of this line. {reason} {others}")


def _has_part(line_id: int, person: User) -> bool:
    return any(interest_in(each, person) for each in queries.waiting_with(line_id, person))
