"""Figures of what happened, how long it took and what it cost; and of promises kept. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction

from mobility.core.money import NOTHING
from mobility.outcomes.facts import APPLICATION, EXCHANGE, Case, Exchange, Voucher
from mobility.outcomes.figures import Definition, Finding, Form, middle, nearest_rank, share
from mobility.outcomes.scope import Scope
from mobility.workflows.promises import Outcome


def counted(cases: Iterable[Case]) -> Finding:
    """As many as there are cases."""
    found = frozenset(cases)
    return Finding(len(found), len(found), found)


# Pipeline: a step counts what ever reached it, whatever became of it later


def _applications(reached: Callable[..., date | None]) -> Callable[[Scope], Finding]:
    return lambda scope: counted(Case(APPLICATION, each.key) for each in scope.applications if reached(each) is not None)


def _exchanges(reached: Callable[[Exchange], bool]) -> Callable[[Scope], Finding]:
    return lambda scope: counted(Case(EXCHANGE, each.key) for each in scope.exchanges.values() if reached(each))


def _vouchers(reached: Callable[[Scope, Voucher], bool], *, of_stays: bool) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        of_kind = (each for each in scope.vouchers.values() if (each.exchange is not None) == of_stays)
        return counted(each.case for each in of_kind if reached(scope, each))

    return find


VOUCHER_STEPS: Sequence[tuple[str, Callable[[Scope, Voucher], bool]]] = (
    ("requested", lambda _, voucher: voucher.first_requested_on is not None),
    ("approved", lambda _, voucher: voucher.approved),
    ("issued", lambda _, voucher: voucher.issued_on is not None),
    ("redeemed", lambda _, voucher: voucher.redeemed_on is not None),
    ("paid", lambda scope, voucher: voucher.key in scope.spent),
)


def _step(key: str, name: str, says: str, find: Callable[[Scope], Finding]) -> Definition:
    return Definition(key=key, name=name, says=says, form=Form.COUNT, find=find, bare=True)


def _voucher_steps(prefix: str, kind: str, *, of_stays: bool) -> list[Definition]:
    return [
        _step(
            f"{prefix}.vouchers_{step}",
            f"{kind} vouchers {step}",
            f"{kind} vouchers that were ever {step}, whatever became of them later.",
            _vouchers(reached, of_stays=of_stays),
        )
        for step, reached in VOUCHER_STEPS
    ]


PIPELINE = (
    _step(
        "pipeline.applications_submitted",
        "Applications submitted",
        "Applications that were ever sent. One belongs to the call on which its exchange's newest voucher draws; without a "
        "voucher to the call that was open on the day it was sent; a self-funded one to none.",
        _applications(lambda application: application.submitted_on),
    ),
    _step(
        "pipeline.applications_accepted",
        "Applications accepted",
        "Applications that a host ever accepted, also those that lapsed later.",
        _applications(lambda application: application.accepted_on),
    ),
    _step(
        "pipeline.applications_confirmed",
        "Applications confirmed",
        "Applications that the guest confirmed after the host had accepted.",
        _applications(lambda application: application.confirmed_on),
    ),
    _step(
        "pipeline.agreements",
        "Agreements",
        "Exchanges whose agreement both sides signed, also those that were cancelled later.",
        _exchanges(lambda exchange: exchange.agreed_on is not None),
    ),
    *_voucher_steps("pipeline", "Mobility", of_stays=True),
    _step(
        "pipeline.exchanges_completed",
        "Exchanges completed",
        "Exchanges whose host confirmed that they took place.",
        _exchanges(lambda exchange: exchange.completed),
    ),
    *_voucher_steps("pipeline_knowledge", "Knowledge", of_stays=False),
)


# Days


def _days(pairs: Iterable[tuple[Voucher, date | None, date | None]]) -> dict[Case, int]:
    """Calendar days from one to the other, of the vouchers that have both."""
    return {voucher.case: (end - start).days for voucher, start, end in pairs if start is not None and end is not None}


def _to_decide(scope: Scope) -> dict[Case, int]:
    return _days((each, each.requested_on, each.decided_on) for each in scope.vouchers.values())


def _to_decide_from_first(scope: Scope) -> dict[Case, int]:
    return _days((each, each.first_requested_on, each.decided_on) for each in scope.vouchers.values())


def _to_pay(scope: Scope) -> dict[Case, int]:
    claimed = ((voucher, *scope.claims[key]) for key, voucher in scope.vouchers.items() if key in scope.claims)
    return _days((voucher, last.filed_on, last.paid_on) for voucher, _, last in claimed)


def _to_pay_from_first(scope: Scope) -> dict[Case, int]:
    claimed = ((voucher, *scope.claims[key]) for key, voucher in scope.vouchers.items() if key in scope.claims)
    return _days((voucher, first.filed_on, last.paid_on) for voucher, first, last in claimed)


def _waits(key: str, name: str, says: str, days: Callable[[Scope], dict[Case, int]]) -> tuple[Definition, Definition]:
    """The median and the 90th percentile of a wait, in calendar days."""

    def median(scope: Scope) -> Finding:
        found = days(scope)
        return Finding(middle(found.values()), len(found), frozenset(found))

    def ninth(scope: Scope) -> Finding:
        found = days(scope)
        return Finding(nearest_rank(found.values()), len(found), frozenset(found))

    percentile = f"{says} The 90th percentile by nearest rank; of fewer than 10 that is the longest."
    return (
        Definition(key=f"{key}.median", name=f"{name}: median", says=f"{says} The median.", form=Form.MEDIAN, find=median),
        Definition(
            key=f"{key}.p90", name=f"{name}: 90th percentile", says=percentile, form=Form.MEDIAN, find=ninth, is_percentile=True
        ),
    )


DAYS = (
    *_waits(
        "days_to_decide",
        "Days to decide",
        "Calendar days from the request (the last, if the voucher was requested again with the answer to a question) to the "
        "approval or the rejection.",
        _to_decide,
    ),
    *_waits(
        "days_to_decide_from_first",
        "Days to decide, from the first request",
        "Calendar days from the first request to the approval or the rejection, with the time that questions took.",
        _to_decide_from_first,
    ),
    *_waits(
        "days_to_pay",
        "Days to pay",
        "Calendar days from the claim (the last, if it was returned and sent again) to the day on which the bank paid.",
        _to_pay,
    ),
    *_waits(
        "days_to_pay_from_first",
        "Days to pay, from the first claim",
        "Calendar days from the first claim to the day on which the bank paid, with the time that returns took.",
        _to_pay_from_first,
    ),
)


# Redemption and cost


def redemption_rate(scope: Scope) -> Finding:
    issued = (each for each in scope.vouchers.values() if each.issued_on is not None)
    known = (each for each in issued if each.redeemed_on is not None or each.ended)
    return share((each.case, each.redeemed_on is not None) for each in known)


def total_cost(scope: Scope) -> Finding:
    paid = frozenset(each.case for each in scope.vouchers.values() if each.key in scope.spent)
    return Finding(money(scope, paid), len(paid), paid, paid)


def cost_per_exchange(scope: Scope) -> Finding:
    with_voucher = [each for each in scope.completed if each.key in scope.newest_voucher]
    paid = paid_for(scope, (each.key for each in with_voucher))
    value = money(scope, paid) / len(with_voucher) if with_voucher else None
    return Finding(value, len(with_voucher), frozenset(Case(EXCHANGE, each.key) for each in with_voucher), paid)


def paid_for(scope: Scope, exchanges: Iterable[int | str]) -> frozenset[Case]:
    """The paid vouchers of these exchanges, on whatever call they draw."""
    vouchers = (voucher for key in exchanges for voucher in scope.vouchers_of_exchange.get(key, ()))
    return frozenset(each.case for each in vouchers if each.key in scope.spent)


def money(scope: Scope, paid: Iterable[Case]) -> Fraction:
    """What these vouchers cost, in the programme's currency: spent less recovered."""
    return Fraction(sum((scope.spent[each.key] for each in paid), NOTHING))


COST = (
    Definition(
        key="redemption_rate",
        name="Redemption rate",
        says="Vouchers ever redeemed, of those ever issued whose fate is known: redeemed, expired, withdrawn or revoked after "
        "issue. One that lapsed after it was redeemed counts as redeemed.",
        form=Form.PERCENT,
        find=redemption_rate,
    ),
    Definition(
        key="cost.total",
        name="Cost",
        says="What was paid for vouchers of all kinds, less what was recovered; based on the paid vouchers.",
        form=Form.MONEY,
        find=total_cost,
    ),
    Definition(
        key="cost.per_exchange",
        name="Cost of a completed exchange",
        says="What was paid for the vouchers of completed exchanges, less what was recovered, for each completed exchange with a "
        "voucher, also where nothing has been paid.",
        form=Form.MONEY,
        find=cost_per_exchange,
    ),
)


# Promises


def kept(promise: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        records = [each for each in scope.promise_records.get(promise, ()) if each.outcome != Outcome.CALLED_OFF]
        known = (each for each in records if each.outcome is not None or each.due_on < scope.as_of)
        return share((each.about, each.outcome == Outcome.KEPT_ON_TIME) for each in known)

    return find


def kept_definition(promise: str, name: str) -> Definition:
    return Definition(
        key=f"kept.{promise}",
        name=f"Promise kept: {name}",
        says="Kept on time, of those kept on time, kept late, missed, or open and overdue. Called off and not yet due count on "
        "neither side; on the due day nothing is overdue yet.",
        form=Form.PERCENT,
        find=kept(promise),
        bare=True,
    )


PROMISES = tuple(
    kept_definition(promise, name)
    for promise, name in (
        ("host_answer", "a host's answer to an application"),
        ("guest_confirmation", "a guest's confirmation"),
        ("signatures", "signatures on an agreement"),
        ("voucher_request", "request of a voucher"),
        ("decision", "decision on a voucher"),
        ("answer", "answer to a question"),
        ("redemption", "redemption of a voucher"),
        ("attendance", "confirmation of attendance"),
        ("service", "delivery of a service"),
        ("delivery", "confirmation of a delivery"),
        ("claim", "claim"),
        ("payment", "payment of a claim"),
    )
)
