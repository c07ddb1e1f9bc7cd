"""What happens to a voucher, from the draft to its end (workflows.md, "Voucher"). `by` is a `User`, or SYSTEM in jobs.

The voucher's row has been locked by `queries.find(..., for_update=True)`; money moves after that, so the order of locks
is always voucher, programme (a request keeps its currency), the holder's organisation (where its aid is counted), then
budget line. Claim to recover are the claims feature's.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mobility.asking.operations import confirm, keep
from mobility.asking.queries import estimate_of
from mobility.asking.rules import Asked, case_again, case_for, days_asked_for
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotReady, Refusal, need_reason
from mobility.documents.codes import CodeTypo, new_code, normalise
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.programmes import limits
from mobility.programmes import operations as programmes
from mobility.programmes import queries as programme_queries
from mobility.programmes.models import Scheme
from mobility.rates import queries as rate_queries
from mobility.rates.models import RateCard
from mobility.rates.rules import Case, estimate
from mobility.vouchers import messages, queries
from mobility.vouchers.kinds import MOBILITY
from mobility.vouchers.models import Voucher, VoucherNames
from mobility.vouchers.rules import (
    claim_extension,
    claim_extension_problem,
    latest_extension,
    may_ask_again,
    problems,
    scored,
    sheet_of,
    undeclared,
    validity,
)
from mobility.vouchers.states import ISSUED, LAPSED
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.table import SYSTEM, By, Done
from mobility.workflows.workflow import Actor


def draft_for(exchange: Exchange, *, by: By) -> Voucher:
    """The draft that waits for the guest's request, made when both sides have signed."""
    voucher = Voucher(
        kind=MOBILITY,
        programme=exchange.programme,
        exchange_id=exchange.id,
        holder=exchange.guest,
        holder_organisation=exchange.guest_organisation,
        host=exchange.host,
    )
    db.session.add(voucher)
    db.session.flush()
    db.session.refresh(voucher, ["exchange"])
    WORKFLOW.enter(voucher, by=by, acted_as=Actor.SYSTEM if by is SYSTEM else Actor.HOLDER)
    messages.voucher_drafted(voucher)
    return voucher


def draft_again(voucher: Voucher, *, by: By) -> Voucher:
    """Another draft for an exchange whose voucher was rejected, withdrawn or has expired, as long as it has not begun."""
    newest = queries.lock_of_exchange(voucher.exchange_id) if voucher.exchange_id else None
    if newest is None or not may_ask_again(newest, by):
        raise GuardRefused("Only the holder can ask again, after a voucher has ended and before the exchange begins.")
    if voucher.exchange is None:
        raise ValueError("A voucher without an exchange is asked for by its offer")
    return draft_for(voucher.exchange, by=by)


def request(
    voucher: Voucher,
    *,
    by: By,
    declarations: Sequence[str],
    de_minimis_declared: Decimal | None = None,
    holder_link: str = "",
    **asked: Any,
) -> None:
    """Ask for the voucher: the amount is computed with the programme's newest rates, which stay with the voucher.

    `asked` is what `Asked.given` takes. `de_minimis_declared` is the aid from elsewhere (money.md), `holder_link` a link with
    the provider; empty: there is none.
    """
    WORKFLOW.check("request", voucher, by)
    wanted = voucher.traits.declarations
    if missing := [words for key, words in wanted.items() if key not in declarations]:
        raise Refusal(f"Confirm this too: {missing[0]}", field="declarations")
    if voucher.traits.rests_on_price:
        ensure_ready(voucher)
        ensure_declared(voucher, holder_link)
    programme_queries.keep_currency(voucher.programme)
    card = rate_queries.newest_rate_card(voucher.programme_id, voucher.kind)
    keep(voucher, card.components if card else (), Asked.given(**{"price": voucher.price} | asked))
    _compute(voucher, card, case_for(voucher))
    limits.declare(voucher, de_minimis_declared)
    voucher.holder_link = holder_link
    voucher.declarations = list(wanted.values())
    voucher.requested_on = voucher.programme.today
    WORKFLOW.apply("request", voucher, by=by)
    messages.voucher_requested(voucher)


def _compute(voucher: Voucher, card: RateCard | None, case: Case) -> None:
    """The amount lines of a case by a rate card, and the budget line that pays them. Raises Refusal."""
    found = estimate(card.components if card else None, case)
    if found.refusal:
        raise Refusal(found.refusal, field=found.field)
    voucher.rate_card, voucher.basis = card, case.as_json()
    voucher.lines = [line.as_json() for line in found.lines]
    voucher.amount = found.total
    asked = (voucher.amount, voucher.least_amount)  # the least is what is left if nothing of it is confirmed
    with db.session.no_autoflush:
        line = programme_queries.line_with_enough(voucher.programme, voucher.kind, asked, first=voucher.budget_line)
    if line is None:
        raise Refusal("No call of this programme is open for this kind of voucher at the moment.")
    voucher.budget_line = line


def ask_information(voucher: Voucher, *, by: By, question: str) -> None:
    """Ask the holder something; the decision waits for the answer."""
    WORKFLOW.apply("ask_information", voucher, by=by, note=question)
    voucher.question, voucher.answer = question, ""
    messages.voucher_question(voucher)


def resubmit(voucher: Voucher, *, by: By, answer: str, de_minimis_declared: Decimal | None = None) -> None:
    """Answer the question. The amount is computed again for the days that are agreed now; all else stays as it was asked for.

    `de_minimis_declared` puts right what the request declared; None leaves it.
    """
    WORKFLOW.check("resubmit", voucher, by)
    voucher.answer = answer
    if not voucher.granted_elsewhere:  # else it stays as it was asked for there, as long as the stay does
        _compute(voucher, voucher.rate_card, case_again(voucher))
    elif days_asked_for(voucher):
        answer = f"{answer} ({_compute_here(voucher)})"
    limits.declare(voucher, voucher.de_minimis_declared if de_minimis_declared is None else de_minimis_declared)
    _forget_assessment(voucher)
    WORKFLOW.apply("resubmit", voucher, by=by, note=answer)
    messages.voucher_answered(voucher)


def _compute_here(voucher: Voucher) -> str:
    """Other days are agreed here than were asked for elsewhere: by the rates here, if these give anything."""
    try:
        _compute(voucher, rate_queries.newest_rate_card(voucher.programme_id, voucher.kind), case_again(voucher))
    except Refusal as refusal:
        return f"The amount stays as it was asked for elsewhere, for other days. {refusal.message}"
    voucher.granted_elsewhere = ""
    return "The amount is computed anew, by the rates here, for the days that are agreed now."


def _forget_assessment(voucher: Voucher) -> None:
    """The answer may change the assessment, so it is made again; the first one stays in the history."""
    voucher.scores, voucher.score, voucher.assessment, voucher.assessed_by = [], None, "", None
    voucher.advised_against = False


def recommend(voucher: Voucher, *, by: User, scores: Sequence[int | None], note: str) -> None:
    """The assessor's view, scheme `full`: points for each criterion of the programme's score sheet, and why."""
    _assess("recommend", voucher, by, scores, note)


def recommend_against(voucher: Voucher, *, by: User, scores: Sequence[int | None], note: str) -> None:
    """The same sheet, and the assessor is against. An owner decides, and sees it first."""
    _assess("recommend_against", voucher, by, scores, note)


def _assess(action: str, voucher: Voucher, by: User, scores: Sequence[int | None], note: str) -> None:
    WORKFLOW.check(action, voucher, by)
    lines = scored(sheet_of(voucher.programme), scores)
    if not note.strip():
        raise Refusal("Say in a few words why.", field="note")
    given, most = sum(line["points"] for line in lines), sum(line["most"] for line in lines)
    WORKFLOW.apply(action, voucher, by=by, note=f"{given} of {most} points. {note}")
    voucher.scores, voucher.score, voucher.assessment, voucher.assessed_by = lines, given, note, by
    voucher.advised_against = action == "recommend_against"
    messages.voucher_recommended(voucher)


def approve(voucher: Voucher, *, by: By, note: str = "", confirmed: Sequence[str] = ()) -> None:
    """Set the money aside. In the scheme `light` the voucher is issued with it (workflows.md, one act, one click).

    Of the conditions that the holder declared, the amount counts those that are `confirmed`.
    """
    with db.session.no_autoflush:  # both acts are one UPDATE
        if voucher.unconfirmed:
            WORKFLOW.check("approve", voucher, by)
            note = f"{confirm(voucher, confirmed)} {note}".strip()
        WORKFLOW.apply("approve", voucher, by=by, note=note, change=lambda: limits.ensure_within(voucher))
        voucher.decided_on = voucher.programme.today
        if voucher.programme.scheme == Scheme.LIGHT:
            issue(voucher, by=by)
        else:
            messages.voucher_approved(voucher)
    # last, as the line's row stays locked until the end: other approvals on it wait no longer than for this
    assert voucher.budget_line is not None  # noqa: S101 (the guard has seen it)
    programmes.commit_budget(voucher.budget_line, voucher.amount, for_=voucher, by=by)


def issue(voucher: Voucher, *, by: By) -> None:
    """Give the code and the validity; holder and host are told."""

    def give() -> None:
        limits.ensure_within(voucher)
        voucher.code = new_code()
        voucher.issued_at = clock.utc_now()
        voucher.issued_names = asdict(VoucherNames.of(voucher))
        last_day = voucher.exchange.last_day if voucher.exchange else None
        programme = voucher.programme
        voucher.valid_from, voucher.valid_until = validity(programme.today, programme.validity_months, last_day)

    WORKFLOW.apply("issue", voucher, by=by, change=give)
    messages.voucher_issued(voucher)


def reject(voucher: Voucher, *, by: By, reason: str) -> None:
    """Say no, with a reason."""
    need_reason(reason)
    WORKFLOW.apply("reject", voucher, by=by, note=reason)
    voucher.decided_on = voucher.programme.today
    messages.voucher_rejected(voucher, reason)


def redeem(voucher: Voucher, *, by: By, code: str, provider_link: str = "") -> None:
    """Hand the code over: it must be this voucher's, within its validity, and it works once.

    `provider_link` is the link with the holder that the provider of a knowledge voucher declares; empty: there is none.
    """
    WORKFLOW.check("redeem", voucher, by)
    try:
        right = normalise(code) == voucher.code
    except CodeTypo as typo:
        raise Refusal(str(typo), field="code") from None
    if not right:
        raise Refusal("This is the code of another voucher: please compare it with the paper.", field="code")
    WORKFLOW.apply("redeem", voucher, by=by)
    voucher.redeemed_on, voucher.provider_link = voucher.programme.today, provider_link
    messages.voucher_redeemed(voucher, by)


def confirm_delivery(voucher: Voucher, *, by: By, note: str = "") -> None:
    """What the voucher was for has happened; the claim's clock starts. `note` is what was received."""

    def deliver() -> None:
        voucher.delivered_on = voucher.programme.today
        voucher.claim_due_on = voucher.delivered_on + timedelta(days=voucher.programme.claim_days)

    WORKFLOW.apply("confirm_delivery", voucher, by=by, note=note, change=deliver)
    messages.voucher_delivered(voucher)


def extend(voucher: Voucher, *, by: By, until: date) -> None:
    """A later last day, once, at most the programme's limit, before expiry."""
    WORKFLOW.check("extend", voucher, by)
    if voucher.valid_until is None or until <= voucher.valid_until:
        raise Refusal(f"Choose a day after {voucher.valid_until:%-d %B %Y}.", field="until")
    latest = latest_extension(voucher.valid_until, voucher.programme.extension_months)
    if until > latest:
        raise Refusal(f"This programme extends until {latest:%-d %B %Y} at the latest.", field="until")

    def move() -> None:
        voucher.valid_until, voucher.extended = until, True

    WORKFLOW.apply("extend", voucher, by=by, note=f"Valid until {until:%-d %B %Y}.", change=move)
    messages.voucher_extended(voucher)


def follow_stay(voucher: Voucher) -> None:
    """Other days are agreed: the validity still covers them, and what is asked for before the stay is due before it."""
    stay = voucher.exchange
    if stay is None or voucher.due_on is None:
        return
    if voucher.state == ISSUED and voucher.valid_until and voucher.valid_until < stay.last_day:
        voucher.valid_until = stay.last_day
        _move(voucher, stay.last_day, f"Valid until {stay.last_day:%-d %B %Y}, to cover the stay.")
    elif voucher.waiting_for in {"voucher_request", "decision"} and voucher.due_on >= stay.first_day:
        eve = max(voucher.programme.today, stay.first_day - timedelta(days=1))
        _move(voucher, eve, f"Due by {eve:%-d %B %Y}, before the stay.")


def _move(voucher: Voucher, due_on: date, note: str) -> None:
    WORKFLOW.move_deadline(voucher, due_on)
    state = voucher.state
    voucher.record("follow_stay", by=SYSTEM, acted_as=Actor.SYSTEM, from_state=state, to_state=state, note=note)


def extend_claim(voucher: Voucher, *, by: By, until: date, reason: str) -> None:
    """A later last day to claim, once; after it has lapsed the money is set aside again, if there is enough."""
    WORKFLOW.check("extend_claim", voucher, by)
    need_reason(reason)
    today = voucher.programme.today
    earliest, latest = claim_extension(voucher.claim_due_on or today, today, voucher.programme.claim_days)
    if problem := claim_extension_problem(until, earliest, latest):
        raise Refusal(problem, field="until")
    lapsed = voucher.state == LAPSED

    def move() -> None:
        if lapsed:
            limits.ensure_within(voucher)
        voucher.claim_due_on, voucher.claim_extended = until, True

    WORKFLOW.apply("extend_claim", voucher, by=by, note=f"Until {until:%-d %B %Y}. {reason}", change=move)
    messages.claim_extended(voucher, reason)
    if lapsed and voucher.budget_line is not None:
        programmes.commit_again(voucher.budget_line, voucher.amount, for_=voucher, by=by)


def expire(voucher: Voucher, *, by: By = SYSTEM) -> None:
    """The day after the last valid one; the money goes back."""
    WORKFLOW.apply("expire", voucher, by=by)
    _release(voucher, by)
    messages.voucher_expired(voucher)


def lapse(voucher: Voucher, *, by: By = SYSTEM) -> None:
    """Nobody claimed in time; the money goes back."""
    WORKFLOW.apply("lapse", voucher, by=by)
    _release(voucher, by)
    messages.voucher_lapsed(voucher)


def withdraw(voucher: Voucher, *, by: By, reason: str = "", through: Done | None = None) -> None:
    """The holder does not want it any more, or its exchange was cancelled; what was set aside goes back."""
    committed = voucher.is_committed
    requested = voucher.requested_on is not None
    WORKFLOW.apply("withdraw", voucher, by=by, note=reason, through=through)
    if committed:
        _release(voucher, by)
    if requested:
        messages.voucher_withdrawn(voucher, by, reason)


def take_over(voucher: Voucher, *, by: User, reason: str, through: Done | None = None) -> None:
    """The holder has left: a coordinator of their organisation holds it from now on."""
    need_reason(reason)
    note = f"{voucher.holder.name} has left. {reason}"
    WORKFLOW.apply("take_over", voucher, by=by, note=note, through=through)
    messages.voucher_taken_over(voucher, voucher.holder, by, reason)
    _hand_over(voucher, by)


def replace_holder(voucher: Voucher, *, holder: User, through: Done) -> None:
    """A colleague travels instead, and holds it from now on."""
    note = f"{holder.name} instead of {voucher.holder.name}."
    state = voucher.state
    voucher.record("holder_replaced", by=through.by, acted_as=through.acted_as, from_state=state, to_state=state, note=note)
    _hand_over(voucher, holder)


def _hand_over(voucher: Voucher, holder: User) -> None:
    """From now on the paper names somebody else; all other names on it stay."""
    voucher.holder = holder
    if voucher.issued_names:
        voucher.issued_names = voucher.issued_names | {"holder": holder.name}


def revoke(voucher: Voucher, *, by: By, reason: str, through: Done | None = None) -> None:
    """The programme takes it back, or nobody came; the money goes back."""
    need_reason(reason)
    WORKFLOW.apply("revoke", voucher, by=by, note=reason, through=through)
    _release(voucher, by)
    messages.voucher_revoked(voucher, by, reason)


def _release(voucher: Voucher, by: By) -> None:
    if voucher.budget_line is not None:
        programmes.release_budget(voucher.budget_line, voucher.amount, for_=voucher, by=by)


def ensure_ready(voucher: Voucher) -> None:
    """Raises NotReady with everything that stands against requesting this voucher."""
    if found := problems(voucher, estimate_of(voucher)):
        raise NotReady(found)


def ensure_declared(voucher: Voucher, link: str) -> None:
    """Raises Refusal if the provider is the holder's own organisation and `link` does not say so."""
    if refusal := undeclared(voucher, link):
        raise Refusal(refusal, field="holder_link")
