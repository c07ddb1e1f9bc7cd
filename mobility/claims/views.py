"""The pages of claims: the claim's own page with its evidence, return and validation. They are actions of the voucher."""

from decimal import Decimal
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from mobility.audit.operations import record_alone
from mobility.claims import operations, queries
from mobility.claims.forms import ClaimForm, ExtendClaimForm, ReturnForm, ValidateForm, claim_form
from mobility.claims.models import paid_organisation_id
from mobility.claims.rules import (
    asked_costs,
    costs_of_claim,
    final_lines,
    may_see,
    may_see_account,
    paid_by,
)
from mobility.claims.worth import (
    Spent,
    Worth,
    worth,
)
from mobility.core.access import signed_in
from mobility.core.errors import Refusal
from mobility.core.forms import ReasonForm, csrf
from mobility.core.wording import format_day
from mobility.exchanges import operations as exchanges
from mobility.exchanges import queries as exchange_queries
from mobility.exchanges.workflow import WORKFLOW as EXCHANGE
from mobility.followup.ends import report_of
from mobility.followup.forms import in_words
from mobility.followup.queries import lines_of
from mobility.questionnaires.forms import blocks
from mobility.uploads import answers as uploads
from mobility.visits.forms import CorrectionForm
from mobility.visits.queries import find_voucher
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows import drafts
from mobility.workflows.actions import ActionPage, action_form, add_action_page, add_action_pages, form_page
from mobility.workflows.drafts import DraftPage, GoTo

blueprint = Blueprint("claims", __name__)
blueprint.add_app_template_global(costs_of_claim)


@blueprint.app_template_global()
def report_shown(voucher: Voucher) -> list[tuple[str, list[str]]]:
    """What was reported with a claim, for all who may read that: the guest's opinions are no part of it."""
    report = report_of(voucher)
    return in_words(report, opinions=False) if report else []


@csrf.exempt
@signed_in
def claim(id: int) -> Any:
    """Report and claim, all on one page. Each button of it saves the draft; one also files it."""
    return drafts.answer(PAGE, id)


@blueprint.post("/vouchers/<int:id>/claim/amount")
@signed_in
def amount(id: int) -> Any:
    """The piece of the page with what the claim will bring, by the invoice's total as typed. Saves nothing."""
    voucher = vouchers.find(id, current_user)
    WORKFLOW.check("claim", voucher, current_user)
    form = claim_form(voucher)
    total = form.invoice_total.data if form.invoice_total and form.invoice_total.validate(form) else None
    twins = queries.twins_of(voucher, form.invoice_number.data if form.invoice_number else None)
    return render_template("claims/_worth.html", voucher=voucher, twins=twins, **_shown_worth(voucher, total, form.spent))


@blueprint.post("/vouchers/<int:id>/claim/evidence")
@csrf.exempt
@signed_in
def add_evidence(id: int) -> Any:
    """Add the files that were chosen; what was typed is saved with them."""
    return drafts.receive(PAGE, id, _expect_files)


@blueprint.post("/vouchers/<int:id>/claim/evidence/<int:evidence_id>/remove")
@csrf.exempt
@signed_in
def remove_evidence(id: int, evidence_id: int) -> Any:
    """Take a file out of the draft; what was typed is saved with it."""

    def remove(voucher: Voucher) -> GoTo:
        operations.remove_evidence(voucher, by=current_user, id=evidence_id)
        return _to_the_evidence(voucher)

    return drafts.receive(PAGE, id, remove)


@blueprint.get("/vouchers/<int:id>/claim/evidence/<int:evidence_id>")
@signed_in
def evidence(id: int, evidence_id: int) -> Any:
    """A file, to be saved rather than shown: what strangers made is never run here."""
    found = queries.find_evidence(id, evidence_id, current_user)
    answer = uploads.saved(found.key, found.content_type, found.name)
    voucher = found.claim.voucher
    about = f"“{found.name}”, voucher {voucher.reference}"
    record_alone("evidence_read", by=current_user, about=about, programme_id=voucher.programme_id, person_id=voucher.holder_id)
    return answer


# The draft


def _version(voucher: Voucher) -> int | None:
    return queries.version_of(queries.claim_of(voucher), report_of(voucher))


def _expect_files(voucher: Voucher) -> GoTo:
    uploads.expect("file")
    return _to_the_evidence(voucher)


def _to_the_evidence(voucher: Voucher) -> GoTo:
    return GoTo(url_for("vouchers.claim", id=voucher.id, _anchor="evidence"))


def _file(voucher: Voucher) -> GoTo:
    operations.claim(voucher, by=current_user)
    words = [f"Sent to {voucher.programme.name}. You are paid by {format_day(voucher.due_on)}."]
    words += [f"{each.words} The programme will look at both." for each in queries.twins_of(voucher)]
    return GoTo(url_for("vouchers.show", id=voucher.id), " ".join(words))


def _to_my_account(voucher: Voucher) -> GoTo:
    return GoTo(url_for("banking.mine", next=url_for("vouchers.claim", id=voucher.id)))


def _to_the_organisation_s_account(voucher: Voucher) -> GoTo:
    here = url_for("vouchers.claim", id=voucher.id)
    return GoTo(url_for("banking.organisation", id=paid_organisation_id(voucher), next=here))


def _shown(voucher: Voucher, form: ClaimForm) -> dict[str, Any]:
    stored, report = queries.claim_of(voucher), report_of(voucher)
    return {
        "voucher": voucher,
        "claim": stored,
        "report": report,
        "blocks": blocks(report.asked_version.items, form) if report else [],
        "lines": lines_of(report) if report else None,
        "accounts": queries.accounts_of(voucher),
        "twins": queries.twins_of(voucher, form.invoice_number.data or "" if form.invoice_number else None),
        "returned": queries.last_return(voucher) if stored and stored.submitted_at else None,
        **_shown_worth(voucher, stored.invoice_total if stored else None, Spent.of(stored)),
    }


PAGE = DraftPage(
    template="claims/edit.html",
    find=find_voucher,
    check=lambda voucher: WORKFLOW.check("claim", voucher, current_user),
    form=claim_form,
    stored=partial(claim_form, stored=True),
    save=lambda voucher, form: operations.save(voucher, by=current_user, **form.given()),
    shown=_shown,
    after_saving="vouchers.claim",
    after_sending="vouchers.show",
    saved="Draft saved. Nobody but you sees it until you send it.",
    finish={"claim": _file, "my_account": _to_my_account, "organisation_account": _to_the_organisation_s_account},
    sends=("claim",),
    version=_version,
    files=uploads.taken_by(partial(operations.add_evidence, by=current_user)),
)


def _shown_worth(voucher: Voucher, invoiced: Decimal | None, spent: Spent) -> dict[str, Any]:
    """What claims/_worth.html says: what the claim will bring and by when, or why nothing."""
    found, refusal, field = _worth(voucher, invoiced, spent)
    unstated = {key for key, *_ in asked_costs(voucher)} - set(spent.costs)
    day = paid_by(voucher.programme.today, voucher.programme.payment_days)
    at_most = invoiced is None if voucher.traits.by_invoice else bool(unstated)
    return {"worth": found, "refusal": refusal, "refused_for": field, "at_most": at_most, "paid_by": day}


def _worth(voucher: Voucher, invoiced: Decimal | None, spent: Spent) -> tuple[Worth | None, str, str]:
    try:
        return worth(voucher, invoiced, spent), "", ""
    except Refusal as refusal:
        return None, refusal.message, refusal.field or ""


# Deciding, and what the voucher's page shows of the claim


@blueprint.app_template_global()
def returned_claim(voucher: Voucher) -> Any:
    """Who returned the claim, and why, for those who may read it; else nothing."""
    return queries.last_return(voucher) if may_see(current_user, voucher) else None


@blueprint.app_template_global()
def claim_shown(voucher: Voucher) -> dict[str, Any] | None:
    """What the reader may see of a voucher's claim: the claim, its final lines, and the account for those it concerns."""
    if not may_see(current_user, voucher):
        return None
    found = queries.claim_of(voucher)
    if found is None or not found.submitted_at:
        return None
    return {
        "claim": found,
        "lines": final_lines(found),
        "sees_account": (sees := may_see_account(current_user, voucher, found.payee)),
        "account": queries.account_of(found) if sees else None,
    }


VALIDATE = ActionPage(
    "validate",
    operations.validate,
    ValidateForm,
    done="Validated. It can now be collected for payment, with other claims or alone.",
    summary="claims/_decision.html",
    template="claims/validate.html",
)


@blueprint.post("/vouchers/<int:id>/validate/result")
@signed_in
def result(id: int) -> Any:
    """The validation with what would be paid by what was typed. Saves nothing; its script fetches only that piece."""
    voucher = vouchers.find(id, current_user)
    WORKFLOW.check("validate", voucher, current_user)
    form = action_form(VALIDATE, voucher)
    if request.args.get("piece"):
        return render_template("claims/_result.html", subject=voucher, form=form)
    form.validate()
    return form_page(VALIDATE, voucher, form, 422 if form.errors else 200)


add_action_page(blueprint, WORKFLOW, "claim", claim)
add_action_pages(
    blueprint,
    WORKFLOW,
    vouchers.find,
    (
        ActionPage(
            "return_claim",
            operations.return_claim,
            ReturnForm,
            done="The claim has been returned. The claimant has been told why, and has 14 more days.",
            summary="claims/_decision.html",
        ),
        VALIDATE,
        ActionPage(
            "extend_claim",
            operations.extend_claim,
            ExtendClaimForm,
            done="Extended. Whoever claims has been told by when.",
            summary="vouchers/_summary.html",
        ),
        ActionPage(
            "take_back_validation",
            operations.take_back_validation,
            ReasonForm,
            done="Taken back. The claim is waiting for validation again.",
            summary="vouchers/_summary.html",
        ),
    ),
)

# Acts on the exchange that what is claimed rests on, or goes with
VISIT = "exchanges/_visit_summary.html"
add_action_pages(
    blueprint,
    EXCHANGE,
    exchange_queries.find,
    (
        ActionPage(
            "correct_attendance",
            operations.correct_attendance,
            CorrectionForm,
            done="Corrected. The guest has been told, and may object.",
            summary=VISIT,
        ),
        ActionPage(
            "take_over",
            operations.take_over,
            ReasonForm,
            done="You act for the guest from now on, and hold the voucher.",
            summary=VISIT,
        ),
        ActionPage(
            "object_to_attendance",
            exchanges.object_to_attendance,
            ReasonForm,
            done="The programme and your host have been told.",
            summary=VISIT,
        ),
    ),
)
add_action_pages(
    blueprint,
    WORKFLOW,
    find_voucher,
    (
        ActionPage(
            "take_over",
            operations.take_over_voucher,
            ReasonForm,
            done="You hold the voucher from now on.",
            summary="vouchers/_summary.html",
        ),
    ),
)
