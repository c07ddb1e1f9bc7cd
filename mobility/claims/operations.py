"""From the draft of a claim to its validation (workflows.md, claim to validate). `by` is a `User`.

The voucher's row has been locked by `vouchers.queries.find(..., for_update=True)`: whoever changes a claim comes that way.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mobility.claims import messages, queries
from mobility.claims.models import ORGANISATION, Claim, Evidence
from mobility.claims.rules import (
    MOST_FILES,
    RETURNED_DAYS,
    Correction,
    correct,
    decision_in_words,
    problems,
    sum_problem,
)
from mobility.claims.worth import (
    NOTHING_LEFT,
    Spent,
    told_to_all,
    worth,
)
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotReady, Refusal, need_reason
from mobility.delegates import messages as delegates
from mobility.delegates.rules import attested
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.followup import operations as followup
from mobility.followup.ends import report_of
from mobility.people.models import User
from mobility.programmes import operations as programmes
from mobility.rates.rules import total
from mobility.uploads import operations as uploads
from mobility.uploads.rules import Room
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import CLAIMED
from mobility.vouchers.workflow import WORKFLOW

ROOM = Room("A claim", "files", MOST_FILES, instead=", or put several pages into one PDF")


def save(
    voucher: Voucher,
    *,
    by: User,
    costs: Mapping[str, Decimal] | None = None,
    answers: Mapping[str, Any] | None = None,
    **given: Any,
) -> Claim:
    """Keep the draft: `given` are the claim's fields, `costs` what was spent, `answers` the report. The first saving makes it."""
    if costs is not None:
        given["actual_costs"] = {key: str(amount) for key, amount in costs.items()}
    WORKFLOW.check("claim", voucher, by)
    claim = queries.claim_of(voucher)
    if claim is None:
        claim = Claim(voucher=voucher)
        db.session.add(claim)
    changed = {name: value for name, value in given.items() if getattr(claim, name) != value}
    for name, value in changed.items():
        setattr(claim, name, value)
    if changed:
        claim.saved_at = clock.utc_now()
    if answers is not None and (report := report_of(voucher, for_update=True)):
        followup.save_draft(report, answers)
    db.session.flush()
    return claim


def add_evidence(voucher: Voucher, *, by: User, name: str, content: bytes) -> Evidence:
    """Add a file to the draft. The same file twice is one. Raises Refusal at "files", in words about what would be right."""
    claim = save(voucher, by=by)
    evidence = uploads.add_file(Evidence, claim.evidence, ROOM, name=name, content=content, by=by)
    if evidence not in claim.evidence:
        claim.evidence.append(evidence)
    db.session.flush()
    return evidence


def remove_evidence(voucher: Voucher, *, by: User, id: int) -> None:
    """Take a file out of the draft; what is not there any more does not matter. The file itself goes with the next sweep."""
    claim = save(voucher, by=by)
    claim.evidence[:] = [each for each in claim.evidence if each.id != id]
    db.session.flush()


def claim(voucher: Voucher, *, by: User) -> Claim:
    """File the claim, and send its report. Its amount is computed from the days that the host has confirmed (money.md), or from
    the invoice.

    Raises NotReady with all that it lacks, and Refusal if the rates give nothing for such a stay or invoice.
    """
    draft, report = save(voucher, by=by), report_of(voucher, for_update=True)
    if found := [*(followup.lacks(report) if report else []), *problems(voucher, draft)]:
        raise NotReady(found)
    _compute(draft)
    if report:
        followup.send(report, by=by)
    draft.submitted_at, draft.submitted_by = clock.utc_now(), by
    WORKFLOW.apply("claim", voucher, by=by, note=told_to_all(draft), change=lambda: _claimed(voucher))
    messages.claim_submitted(draft)
    return draft


def _compute(claim: Claim) -> None:
    found = worth(claim.voucher, claim.invoice_total, Spent.of(claim))
    claim.lines = [line.as_json() for line in found.lines]
    claim.explanation, claim.corrections = found.explanation, []


def _claimed(voucher: Voucher) -> None:
    voucher.claimed_on = voucher.programme.today


def correct_attendance(exchange: Exchange, *, by: User, **given: Any) -> None:
    """The host's act on the exchange; a claim that has been filed is computed again. The exchange is locked before."""
    voucher, before = voucher_queries.lock_of_exchange(exchange.id), attested(exchange)
    done = exchanges.correct_attendance(exchange, by=by, **given)
    delegates.attendance(exchange, before)
    if voucher is None or voucher.state != CLAIMED:
        return
    claim = _filed(voucher)
    try:
        _compute(claim)
    except Refusal as refusal:
        why = "By these days the claim comes to nothing." if refusal.message.endswith(NOTHING_LEFT) else refusal.message
        raise Refusal(f"{why} Ask the programme to return the claim first.", "last_day") from None
    state = voucher.state
    voucher.record(
        "attendance_corrected", by=by, acted_as=done.acted_as, from_state=state, to_state=state, note=told_to_all(claim)
    )


def take_over(exchange: Exchange, *, by: User, reason: str) -> None:
    """The guest has left; with the exchange goes its voucher, and what they claimed for themselves."""
    if voucher := visits.take_over(exchange, by=by, reason=reason):
        _pay_organisation(voucher)
        followup.follow_holder(voucher, by=by)


def take_over_voucher(voucher: Voucher, *, by: User, reason: str) -> None:
    """The same from the voucher's page. The exchange is locked before."""
    if voucher.exchange is not None:
        take_over(voucher.exchange, by=by, reason=reason)
    else:
        vouchers.take_over(voucher, by=by, reason=reason)


def _pay_organisation(voucher: Voucher) -> None:
    """Whoever takes over gets no money of another's: it goes to the organisation, unless they choose otherwise in a draft."""
    claim = queries.claim_of(voucher)
    if claim is not None and voucher.traits.pays_holder:
        claim.pay_to = ORGANISATION


def return_claim(voucher: Voucher, *, by: User, reason: str) -> None:
    """Back to the claimant, who gets 14 days more."""
    need_reason(reason, "the claimant")
    claim = _filed(voucher)

    def move() -> None:
        today = voucher.programme.today
        voucher.claim_due_on = max(voucher.claim_due_on or today, today) + timedelta(days=RETURNED_DAYS)
        voucher.claimed_on = None

    WORKFLOW.apply("return_claim", voucher, by=by, note=reason, change=move)
    followup.follow_claim(voucher)
    messages.claim_returned(claim, reason)


def extend_claim(voucher: Voucher, *, by: User, until: date, reason: str) -> None:
    """A later last day to claim, and for the report that goes with it."""
    vouchers.extend_claim(voucher, by=by, until=until, reason=reason)
    followup.follow_claim(voucher)


def validate(voucher: Voucher, *, by: User, corrections: Iterable[Correction] = (), note: str = "") -> None:
    """Say what is paid: what was claimed, or less with a reason for each line. The rest goes back to the budget."""
    WORKFLOW.check("validate", voucher, by)
    claim, corrections = _filed(voucher), list(corrections)
    before = claim.amount_lines
    lines = correct(before, corrections, voucher.programme.currency)
    final = total(lines)
    if problem := sum_problem(voucher, final):
        raise Refusal(problem, field="lines")
    claim.corrections = [each.as_json() for each in corrections]
    words = decision_in_words(voucher, final, told_to_all(claim), [(before[each.line], each) for each in corrections])

    def decide() -> None:
        voucher.final_amount = final
        voucher.validated_by_id, voucher.validated_on = by.id, voucher.programme.today

    WORKFLOW.apply("validate", voucher, by=by, note=f"{words} {note}".strip(), change=decide)
    messages.claim_validated(claim, lines)
    rest = voucher.amount - final
    if rest > 0 and voucher.budget_line is not None:  # last: the line's row stays locked until the end
        programmes.release_budget(voucher.budget_line, rest, for_=voucher, by=by)


def take_back_validation(voucher: Voucher, *, by: User, reason: str) -> None:
    """A mistake, before the claim is in a batch: it is looked at again, and all that was approved is set aside again."""
    WORKFLOW.check("take_back_validation", voucher, by)
    claim = _filed(voucher)
    rest = voucher.amount - (voucher.final_amount or voucher.amount)
    claim.corrections = []

    def undo() -> None:
        voucher.final_amount = voucher.validated_by_id = voucher.validated_on = None

    WORKFLOW.apply("take_back_validation", voucher, by=by, note=reason, change=undo)
    messages.validation_taken_back(claim, reason)
    if rest > 0 and voucher.budget_line is not None:
        programmes.commit_again(voucher.budget_line, rest, for_=voucher, by=by)


def _filed(voucher: Voucher) -> Claim:
    claim = queries.claim_of(voucher)
    if claim is None:
        raise Refusal("There is no claim to look at.")
    return claim
