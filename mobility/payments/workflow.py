"""The payment batch's workflow: four eyes between collecting and the bank (money.md, "Claim and payment")."""

from collections.abc import Sequence
from typing import Any

from mobility.people.interest import interest_in_payment, somebody_else
from mobility.people.parts import programme_people
from mobility.workflows.parts import Watch
from mobility.workflows.table import By, Guard, State, Transition, Unpromised
from mobility.workflows.workflow import Actor, Workflow

DRAFT, APPROVED, SENT, SETTLED, DISCARDED = "draft", "approved", "sent", "settled", "discarded"

OPEN = frozenset({DRAFT, APPROVED, SENT})
FINANCE = (Actor.FINANCE_OFFICER,)
# The programme's people who have to do with money; assessors have not
PARTS = (
    *programme_people("programme", Actor.OWNER, Actor.AUDITOR),
    *programme_people("programme", Actor.FINANCE_OFFICER, watches=Watch(frozenset(), OPEN)),
)


def other_than_the_collector(batch: Any, by: By) -> str | None:
    if by.id == batch.collected_by_id:
        return "You collected this batch. Another finance officer must approve it."
    return None


def validated_none(batch: Any, by: By) -> str | None:
    """Approved by a finance officer who validated none of its claims (money.md)."""
    mine = [each.voucher.reference for each in batch.rows if each.voucher.validated_by_id == by.id]
    if mine:
        own = f"You validated {in_words(mine)} in it."
        return f"{own} Another finance officer must approve it: one who validated none of its claims."
    return None


def interest_in_batch(batch: Any, by: By) -> str | None:
    """In one of its payments; nothing if in none."""
    own = [(each.voucher.reference, words) for each in batch.rows if (words := interest_in_payment(each, by))]
    if not own:
        return None
    others = f" The same or the like goes for {in_words([reference for reference, _ in own[1:]])}." if own[1:] else ""
    return f"{own[0][0]}: {own[0][1]}{others}"


def no_interest(batch: Any, by: By) -> str | None:
    """None in any of its payments. Where nobody else can act, the way on is to pay these by themselves."""
    reason = interest_in_batch(batch, by)
    return reason and f"{reason} {somebody_else(batch.programme, FINANCE, lambda person: _stands_back(batch, person), 'do this')}"


def _stands_back(batch: Any, person: Any) -> str | None:
    guards = (other_than_the_collector, validated_none) if batch.state == DRAFT else ()
    return next(filter(None, (guard(batch, person) for guard in (interest_in_batch, *guards))), None)


def all_payable(batch: Any, by: By | None) -> str | None:
    """The account has not changed since the claim was collected."""
    reasons = [f"{each.voucher.reference}: {each.problem}" for each in batch.rows if each.problem]
    return f"{' '.join(reasons)} Remove it; it can be collected again." if reasons else None


def everything_is_settled(batch: Any, by: By) -> str | None:
    waiting = [each.voucher.reference for each in batch.rows if each.outcome is None]
    return f"The bank has yet to pay {in_words(waiting)}." if waiting else None


def in_words(names: Sequence[str]) -> str:
    """V-000001, V-000002, V-000003 and 5 more"""
    shown = list(names) if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _asked(state: str, asks: str, button: str, not_for: Sequence[Guard] = ()) -> Unpromised:
    """Due when the first of its claims is."""
    return Unpromised(
        state=state,
        asks=asks,
        button=button,
        of_whom=lambda batch: batch.between,
        until=lambda batch: batch.first_due_on,
        not_for=not_for,
        others="another finance officer",
    )


WORKFLOW = Workflow(
    name="payment",
    label="payment batch",
    states=(
        State(DRAFT, "To be approved"),
        State(APPROVED, "Approved"),
        State(SENT, "Sent to the bank"),
        State(SETTLED, "Settled", "done"),
        State(DISCARDED, "Discarded", "stopped"),
    ),
    transitions=(
        Transition(
            "approve",
            from_={DRAFT},
            to=APPROVED,
            by=FINANCE,
            button="Approve",
            past="Approved",
            only_if=[other_than_the_collector, validated_none, no_interest, all_payable],
            hint="Then the bank can be told to pay.",
        ),
        Transition(
            "change_day",
            from_={APPROVED},
            to=None,
            by=FINANCE,
            button="Choose another day",
            past="Day changed",
            tone="secondary",
            only_if=[other_than_the_collector, validated_none, no_interest, all_payable],
            hint="A file made for the earlier day is then no longer valid.",
        ),
        Transition(
            "send",
            from_={APPROVED},
            to=SENT,
            by=FINANCE,
            button="Mark as sent",
            past="Sent to the bank",
            only_if=[no_interest, all_payable],
            hint="Once the bank has been told to pay. Nothing can be removed after that.",
        ),
        Transition(
            "record",
            from_={SENT},
            to=None,
            by=FINANCE,
            button="Record what the bank did",
            past="Bank’s answer recorded",
            hint="Each payment is paid, or came back. The last one settles the batch.",
        ),
        Transition(
            "settle",
            from_={SENT},
            to=SETTLED,
            by=FINANCE,
            button="Settle",
            past="Settled",
            only_if=[everything_is_settled],
            through={"record"},
        ),
        Transition(
            "take_out",
            from_={DRAFT, APPROVED},
            to=DRAFT,
            by=FINANCE,
            button="Remove payments",
            past="Payments removed",
            only_if=[no_interest],
            tone="secondary",
            hint="An approved batch must be approved again. Claims that are removed can be collected again.",
        ),
        Transition(
            "discard",
            from_={DRAFT, APPROVED},
            to=DISCARDED,
            by=FINANCE,
            button="Discard",
            past="Discarded",
            only_if=[no_interest],
            tone="danger",
            hint="All its claims can be collected again.",
        ),
    ),
    unpromised=(
        _asked(DRAFT, "Approve the payments", "Look at them", [other_than_the_collector]),
        _asked(APPROVED, "Send the payments to the bank", "Go to the bank file"),
        _asked(SENT, "Record what the bank did", "Record"),
    ),
    parts=PARTS,
)
