"""Several decisions at once."""

from mobility.core.errors import EditConflict, Refusal
from mobility.desk.rules import on_its_own
from mobility.vouchers import queries
from mobility.vouchers.operations import approve, issue, reject
from mobility.workflows.table import By


def decide(id: int, version: int, decision: str, *, by: By, reason: str = "") -> None:
    """One of several decisions of the desk, in a transaction of its own. `decision` is "approve", "issue" or "reject".

    Raises EditConflict if the voucher has changed since the desk was shown, and as the decision itself.
    """
    voucher = queries.find_to_act(id, by, for_update=True)
    if voucher.version != version:
        raise EditConflict(voucher, voucher.changes_since(version))
    if decision == "approve":
        if hindrance := on_its_own(voucher):
            raise Refusal(hindrance)
        approve(voucher, by=by)
    elif decision == "issue":
        issue(voucher, by=by)
    else:
        reject(voucher, by=by, reason=reason)
