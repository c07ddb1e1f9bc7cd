"""The pages of claims: the claim's own page with its evidence, return and validation. They are actions of the voucher."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from mobility.accounts.session import csrf
from mobility.claims import operations, queries
from mobility.claims.forms import ClaimForm, ReturnForm, ValidateForm
from mobility.claims.models import Claim, paid_organisation_id
from mobility.claims.operations import NotReady
from mobility.claims.rules import Worth, final_lines, may_see, may_see_account, paid_by, worth
from mobility.core import files
from mobility.core.access import signed_in
from mobility.core.actions import STANDS_AGAINST, ActionPage, add_action_pages, conflict_page
from mobility.core.database import transaction
from mobility.core.errors import GuardRefused, Refusal
from mobility.core.filetypes import MOST_BYTES, clean_name
from mobility.core.pages import format_day
from mobility.vouchers import queries as vouchers
from mobility.vouchers.guards import DELIVERED
from mobility.vouchers.models import Voucher
from mobility.vouchers.views import blueprint as vouchers_blueprint
from mobility.vouchers.workflow import WORKFLOW

blueprint = Blueprint("claims", __name__)

MOST_AT_ONCE = 4 * MOST_BYTES  # enough to say of each file what is wrong with it


@vouchers_blueprint.route("/vouchers/<int:id>/claim", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def claim(id: int) -> Any:
    """Report and claim, all on one page. Each button of it saves the draft; one also files it."""
    if request.method == "POST":
        return _receive(id, _keep_or_file)
    voucher = vouchers.find(id, current_user)
    try:
        WORKFLOW.check("claim", voucher, current_user)
    except STANDS_AGAINST as refusal:
        return conflict_page(refusal, voucher, None)
    return _page(voucher, ClaimForm.of(voucher, queries.claim_of(voucher)))


@blueprint.post("/vouchers/<int:id>/claim/amount")
@signed_in
def amount(id: int) -> Any:
    """The piece of the page with what one gets, by the invoice's total as it was typed. Saves nothing."""
    voucher = vouchers.find(id, current_user)
    WORKFLOW.check("claim", voucher, current_user)
    form = ClaimForm()
    form.prepare(voucher)
    total = form.invoice_total.data if form.invoice_total and form.invoice_total.validate(form) else None
    return render_template("claims/_worth.html", voucher=voucher, **_shown_worth(voucher, total))


@blueprint.post("/vouchers/<int:id>/claim/evidence")
@csrf.exempt
@signed_in
def add_evidence(id: int) -> Any:
    """Add the files that were chosen; what was typed is saved with them."""
    return _receive(id, _expect_files)


@blueprint.post("/vouchers/<int:id>/claim/evidence/<int:evidence_id>/remove")
@csrf.exempt
@signed_in
def remove_evidence(id: int, evidence_id: int) -> Any:
    """Take a file out of the draft; what was typed is saved with it."""

    def remove(voucher: Voucher, form: ClaimForm) -> Any:
        operations.remove_evidence(voucher, by=current_user, id=evidence_id)
        return redirect(url_for("vouchers.claim", id=id, _anchor="evidence"), 303)

    return _receive(id, remove)


@blueprint.get("/vouchers/<int:id>/claim/evidence/<int:evidence_id>")
@signed_in
def evidence(id: int, evidence_id: int) -> Any:
    """A file, to be saved rather than shown: what strangers made is never run here."""
    found = queries.find_evidence(id, evidence_id, current_user)
    try:
        content = files.store().read(found.key)
    except files.Unavailable:
        abort(503, "This file cannot be read at the moment. Please try again later; the administrator finds it in the log.")
    answer = send_file(BytesIO(content), found.content_type, as_attachment=True, download_name=found.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# What every button of the claim's page does first: save the draft, take the files


def _receive(id: int, then: Callable[[Voucher, ClaimForm], Any]) -> Any:
    """Save what was typed and sent in transactions of their own, so that nothing that stands against the rest undoes it.

    The protection of forms reads the form, so it comes here, after the limit is raised and for those who are signed in.
    """
    request.max_content_length = MOST_AT_ONCE
    try:
        csrf.protect()
    except RequestEntityTooLarge:
        return _too_large(id)
    form = ClaimForm()
    try:
        with transaction():
            if answer := _save(id, form):
                return answer
        refused = [refusal for sent in form.sent_files() if (refusal := _take(id, sent))]
        with transaction():
            voucher = vouchers.find(id, current_user, for_update=True)
            return _refused(voucher, refused, form) if refused or form.errors else then(voucher, form)
    except STANDS_AGAINST as refusal:
        return _too_late(refusal, id, form)
    except Refusal as refusal:
        return _refused(vouchers.find(id, current_user), [refusal])


def _save(id: int, form: ClaimForm) -> Any:
    """Keep the draft, but for fields with an error. Returns an answer only if nothing of it can be kept."""
    voucher = vouchers.find(id, current_user, for_update=True)
    WORKFLOW.check("claim", voucher, current_user)
    stored = queries.claim_of(voucher)
    form.prepare(voucher)
    if not form.validate() and _wants_json():
        return _page(voucher, form, 422)
    if form.version.data != str(stored.version if stored else "") and _differs(form, voucher, stored):
        return _page(voucher, form, 409, changed=True)
    fine = {name: value for name, value in form.given().items() if name not in form.errors}
    operations.save(voucher, by=current_user, **fine)
    return None


def _take(id: int, sent: Any) -> Refusal | None:
    """Each file by itself: one that is right is added, of another it is said what is wrong."""
    content = sent.read()
    try:
        with transaction():
            voucher = vouchers.find(id, current_user, for_update=True)
            operations.add_evidence(voucher, by=current_user, name=sent.filename, content=content)
    except STANDS_AGAINST:
        raise
    except Refusal as refusal:
        return refusal
    except files.Unavailable:
        words = f"“{clean_name(sent.filename)}” could not be stored just now. All else is saved; please add it again later."
        return Refusal(words, "files")
    return None


def _differs(form: ClaimForm, voucher: Voucher, stored: Claim | None) -> bool:
    """A form that says what is stored already is no conflict: the same click, twice."""
    return stored is not None and form.given() != ClaimForm.of(voucher, stored).given()


def _keep_or_file(voucher: Voucher, form: ClaimForm) -> Any:
    """What the button that was pressed is for, now that the draft is saved."""
    here = url_for("vouchers.claim", id=voucher.id)
    if request.form.get("act") == "my_account":
        return redirect(url_for("banking.mine", next=here), 303)
    if request.form.get("act") == "organisation_account":
        return redirect(url_for("banking.organisation", id=paid_organisation_id(voucher), next=here), 303)
    return _file(voucher) if _files_it() else _keep(voucher)


def _keep(voucher: Voucher) -> Any:
    stored = queries.claim_of(voucher)
    if _wants_json():
        return jsonify(version=stored.version if stored else None)
    flash("Draft saved. Nobody but you sees it until you send it.", "success")
    return redirect(url_for("vouchers.claim", id=voucher.id), 303)


def _expect_files(voucher: Voucher, form: ClaimForm) -> Any:
    if not form.sent_files():
        return _refused(voucher, [Refusal("Choose a file first.", "files")])
    return redirect(url_for("vouchers.claim", id=voucher.id, _anchor="evidence"), 303)


def _file(voucher: Voucher) -> Any:
    operations.claim(voucher, by=current_user)
    flash(f"Sent to {voucher.programme.name}. You are paid by {format_day(voucher.due_on)}.", "success")
    return redirect(url_for("vouchers.show", id=voucher.id), 303)


# Answers that say what is wrong


def _refused(voucher: Voucher, refused: list[Refusal], typed: ClaimForm | None = None) -> Any:
    """The page as it was saved, with what stands against the rest at its fields; with errors in it, as it was `typed`."""
    stored = queries.claim_of(voucher)
    form = typed if typed and typed.errors else ClaimForm.of(voucher, stored)
    if form is typed and stored is not None:
        form.version.data, form.version.raw_data = stored.version, None
    for refusal in refused:
        for each in refusal.problems if isinstance(refusal, NotReady) else [refusal]:
            form.refuse(GuardRefused(each.message, each.field))
    return _page(voucher, form, 422)


def _too_late(refusal: Refusal, id: int, form: ClaimForm) -> Any:
    """The same click, twice, leads to what it did; an older page of the draft gets everything typed back."""
    voucher = vouchers.find(id, current_user)
    stored = queries.claim_of(voucher)
    sent_by_me = stored is not None and stored.submitted_by_id == current_user.id and voucher.state != DELIVERED
    form.prepare(voucher)
    if sent_by_me and _files_it() and not _differs(form, voucher, stored):
        return redirect(url_for("vouchers.show", id=id), 303)
    return conflict_page(refusal, voucher, form)


def _too_large(id: int) -> Any:
    """Nothing of such a request is read, so the page is shown as it was saved before."""
    voucher = vouchers.find(id, current_user)
    try:
        WORKFLOW.check("claim", voucher, current_user)
    except STANDS_AGAINST as refusal:
        return conflict_page(refusal, voucher, None)
    megabytes = MOST_AT_ONCE // 1024 // 1024
    form = ClaimForm.of(voucher, queries.claim_of(voucher))
    words = f"These files have more than {megabytes} MB in all. A file may have 10 MB; add them one by one."
    form.refuse(Refusal(words, "files"))
    return _page(voucher, form, 413)


def _page(voucher: Voucher, form: ClaimForm, status: int = 200, changed: bool = False) -> Any:
    stored = queries.claim_of(voucher)
    if changed and stored is not None:
        form.version.data, form.version.raw_data = stored.version, None
    page = render_template(
        "claims/edit.html",
        voucher=voucher,
        form=form,
        claim=stored,
        accounts=queries.accounts_of(voucher),
        returned=queries.last_return(voucher) if stored and stored.submitted_at else None,
        changed=changed,
        **_shown_worth(voucher, stored.invoice_total if stored else None),
    )
    return page, status


def _shown_worth(voucher: Voucher, invoiced: Decimal | None) -> dict[str, Any]:
    """What claims/_worth.html says: what one gets and by when, or why nothing."""
    found, refusal = _worth(voucher, invoiced)
    day = paid_by(voucher.programme.today, voucher.programme.payment_days)
    return {"worth": found, "refusal": refusal, "invoiced": invoiced, "paid_by": day}


def _worth(voucher: Voucher, invoiced: Decimal | None) -> tuple[Worth | None, str]:
    try:
        return worth(voucher, invoiced), ""
    except Refusal as refusal:
        return None, refusal.message


def _wants_json() -> bool:
    return bool(request.accept_mimetypes.best == "application/json")


def _files_it() -> bool:
    return request.form.get("act") == "claim"


# Deciding, and what the voucher's page shows of the claim


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


add_action_pages(
    vouchers_blueprint,
    WORKFLOW,
    vouchers.find,
    (
        ActionPage(
            "return_claim",
            operations.return_claim,
            ReturnForm,
            done="The claim is returned. The claimant is told why, and has 14 days more.",
            summary="claims/_decision.html",
        ),
        ActionPage(
            "validate",
            operations.validate,
            ValidateForm,
            done="Validated. It now waits for payment, by somebody else.",
            summary="claims/_decision.html",
            template="claims/validate.html",
        ),
    ),
)
