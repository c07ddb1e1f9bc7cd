"""The payment batch's workflow, state by state, action by action, actor by actor: the expected table is written by hand."""

from decimal import Decimal
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core.errors import GuardRefused, NotAllowed, WrongState
from mobility.payments.workflow import WORKFLOW, in_words
from mobility.workflows.table import SYSTEM

PROGRAMME = 4
PEOPLE = ["owner", "assessor", "finance_officer", "auditor", "coordinator", "nobody", "system"]
STATES = ["draft", "approved", "sent", "settled", "discarded"]
ACTIONS = ["approve", "change_day", "send", "record", "settle", "take_out", "discard"]

EXPECTED = """
draft: approve=finance_officer take_out=finance_officer discard=finance_officer
approved: change_day=finance_officer send=finance_officer take_out=finance_officer discard=finance_officer
sent: record=finance_officer settle=finance_officer
settled:
discarded:
"""
TARGETS = {
    "approve": "approved",
    "change_day": None,
    "send": "sent",
    "record": None,  # the state stays
    "settle": "settled",
    "take_out": "draft",
    "discard": "discarded",
}


def person(who: str, id: int | None = None) -> Any:
    if who == "system":
        return SYSTEM
    roles = {who} if who in {"owner", "assessor", "finance_officer", "auditor"} else set()
    return SimpleNamespace(
        id=id or 10 + PEOPLE.index(who),
        roles_in=lambda id: {who},
        roles_in_programme=lambda id: roles if id == PROGRAMME else set(),
        ever_in=lambda ids: [],
        bank_accounts=(),
    )


def payment(validated_by_id: int = 2, problem: str | None = None, outcome: str | None = None, number: int = 12) -> Any:
    sides = {"holder_id": 77, "exchange": None, "holder_organisation_id": 5, "host_id": 6, "provider_id": None}
    voucher = SimpleNamespace(reference=f"V-{number:06d}", validated_by_id=validated_by_id, **sides)
    account = SimpleNamespace(user_id=77, iban="PT50000201231234567890154")
    return SimpleNamespace(voucher=voucher, account=account, problem=problem, outcome=outcome, amount=Decimal(780))


def batch(state: str, *rows: Any) -> Any:
    """Collected by person 1; by default its one claim was validated by person 2, and is paid."""
    return SimpleNamespace(state=state, programme_id=PROGRAMME, collected_by_id=1, rows=list(rows) or [payment(outcome="paid")])


def parse(table: str) -> set[tuple[str, str, str]]:
    allowed = set()
    for line in table.strip().splitlines():
        state, _, cells = line.partition(":")
        for cell in cells.split():
            action, _, people = cell.partition("=")
            allowed |= {(state, action, who) for who in people.split(",")}
    return allowed


def possible() -> set[tuple[str, str, str]]:
    found = set()
    for state, action, who in product(STATES, ACTIONS, PEOPLE):
        try:
            WORKFLOW.check(action, batch(state), person(who))
        except (NotAllowed, WrongState, GuardRefused):
            continue
        found.add((state, action, who))
    return found


def test_the_workflow_is_the_expected_table() -> None:
    assert possible() == parse(EXPECTED)


def test_nothing_else_is_declared() -> None:
    assert [state.name for state in WORKFLOW.states] == STATES
    assert {transition.action: transition.to for transition in WORKFLOW.transitions} == TARGETS


def test_who_sees_a_batch() -> None:
    seen = {who for who in PEOPLE if who != "system" and WORKFLOW.actors_on(person(who), batch("draft"))}
    assert seen == {"owner", "finance_officer", "auditor"}


@pytest.mark.parametrize(
    ("action", "state", "rows", "by", "words"),
    [
        ("approve", "draft", [payment()], 1, "You collected this batch. Another finance officer must approve it."),
        ("approve", "draft", [payment()], 2, "You validated V-000012 in it."),
        (
            "approve",
            "draft",
            [payment(2, number=1), payment(3, number=2), payment(2, number=3)],
            2,
            "You validated V-000001 and V-000003 in it.",
        ),
        ("approve", "draft", [payment(problem="changed.")], 3, "V-000012: changed. Remove it"),
        ("send", "approved", [payment(problem="changed.")], 3, "V-000012: changed. Remove it"),
        ("settle", "sent", [payment(outcome="paid"), payment(number=13)], 3, "The bank has yet to pay V-000013."),
    ],
)
def test_each_guard_says_why(action: str, state: str, rows: list[Any], by: int, words: str) -> None:
    with pytest.raises(GuardRefused) as refusal:
        WORKFLOW.check(action, batch(state, *rows), person("finance_officer", by))
    assert words in refusal.value.message


def test_whoever_neither_collected_nor_validated_approves() -> None:
    WORKFLOW.check("approve", batch("draft", payment(2)), person("finance_officer", 3))


def test_whoever_collected_or_validated_may_send_and_take_out() -> None:
    """Four eyes are for the approval; what the bank did is recorded claim by claim, each with its own guard."""
    for by in (1, 2):
        WORKFLOW.check("send", batch("approved", payment()), person("finance_officer", by))
        WORKFLOW.check("take_out", batch("approved", payment()), person("finance_officer", by))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C", "D"], "A, B, C and D"),
        (["A", "B", "C", "D", "E"], "A, B, C and 2 more"),
    ],
)
def test_names_in_words(names: list[str], words: str) -> None:
    assert in_words(names) == words
