"""What is asked for is kept with the voucher, and counted as far as it is confirmed."""

from collections.abc import Sequence
from typing import Any

from mobility.asking.rules import Asked, asked_problem, confirmation
from mobility.core.errors import Refusal
from mobility.rates.rules import Components, conditions_of, costs_of


def keep(voucher: Any, components: Components, asked: Asked) -> None:
    """What is asked for, as far as the rates know it. Raises Refusal."""
    if problem := asked_problem(asked, components) if components else None:
        raise Refusal(problem.message, field=problem.field)
    voucher.green_travel, voucher.price, voucher.travel_days = asked.green, asked.price, asked.travel_days
    voucher.conditions_declared = [key for key, _ in conditions_of(components) if key in asked.conditions]
    voucher.expected_costs = {key: str(asked.costs[key]) for key, _ in costs_of(components)}


def confirm(voucher: Any, confirmed: Sequence[str]) -> str:
    """The amount counts no condition that is not confirmed. Returns the history's words."""
    before, left_out = voucher.amount, len(set(voucher.unconfirmed) - set(confirmed))
    found = voucher.estimate_with(confirmed)
    if found.refusal:
        raise Refusal(f"Without this it cannot be approved: {found.refusal}", field="confirmed")
    counted = [each for each in voucher.conditions_declared if each in confirmed]
    voucher.basis, voucher.conditions_confirmed = voucher.basis | {"conditions": counted}, counted
    voucher.lines, voucher.amount = [line.as_json() for line in found.lines], found.total
    return confirmation(before, found.total, left_out, voucher.programme.currency)
