"""The pages of payments: claims that wait, batches and their files, what the bank did; and recovering."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mobility.accounts.proof import asked_again
from mobility.audit.operations import record_alone
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.core.forms import ReasonForm, create_once
from mobility.core.numbers import whole_numbers
from mobility.core.paging import page_number
from mobility.core.web import or_404, say
from mobility.core.wording import format_instant
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from mobility.lists.pages import show_lists
from mobility.paying import queries as paying
from mobility.payments import exports, operations, queries
from mobility.payments.forms import ApproveForm, CameBackForm, ChangeDayForm, CollectForm, RecordForm, RecoverForm, TakeOutForm
from mobility.payments.models import BOUNCED, PaymentBatch
from mobility.payments.rules import no_file_for, stopped
from mobility.payments.workflow import APPROVED, DISCARDED, SENT, WORKFLOW, all_payable, interest_in_batch
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.vouchers import queries as vouchers
from mobility.vouchers.workflow import WORKFLOW as VOUCHER
from mobility.workflows.actions import ActionPage, add_action_pages, conflict_page

blueprint = Blueprint("payments", __name__)

READERS = (Role.FINANCE_OFFICER, Role.OWNER, Role.AUDITOR)
SUMMARY = "payments/_summary.html"
STANDS_AGAINST = (WrongState, GuardRefused, NotAllowed)


# Claims that wait, and the batches of a programme


@blueprint.get("/programmes/<int:id>/payments")
@signed_in
def index(id: int) -> Any:
    """What could be paid, and what is on its way. Finance officers collect; owners and auditors read."""
    return _index_page(programmes.find_as(id, current_user, *READERS), CollectForm())


@blueprint.post("/programmes/<int:id>/payments")
@signed_in
@asked_again
def collect(id: int) -> Any:
    """Make a batch of the ticked claims, once however often the form is sent."""
    programme = programmes.find_as(id, current_user, Role.FINANCE_OFFICER)
    form = CollectForm()
    if not form.validate():
        return _index_page(programme, form, 422)

    def create() -> str:
        batch = operations.collect(programme, by=current_user, chosen=form.ids())
        say("Collected. Another finance officer must approve the batch.", "success")
        return url_for(".show", id=batch.id)

    try:
        return create_once(form, create)
    except Refusal as refusal:
        form.refuse(refusal)
        return _index_page(programmes.find(id), form, refusal.status)


def _index_page(programme: Programme, form: CollectForm, status: int = 200) -> Any:
    collects = Role.FINANCE_OFFICER in current_user.roles_in_programme(programme.id)
    return (
        show_lists(
            [
                ("waiting", queries.WAITING.of(programme), queries.waiting(programme.id, page_number())),
                ("batches", queries.BATCHES.of(programme), queries.batches(programme.id, page_number("batches"))),
            ],
            "payments/index.html",
            programme_id=programme.id,
            programme=programme,
            form=form,
            amount_waiting=queries.amount_waiting(programme.id),
            why_not=lambda row: operations.why_not_collected(row, current_user),
            ticked=set(form.chosen.data or ()),
            collects=collects,
            account=paying.in_use(programme.id),
            no_file=no_file_for(programme.currency),
            workflow=WORKFLOW,
        ),
        status,
    )


# One batch


@blueprint.get("/payments/<int:id>")
@signed_in
def show(id: int) -> Any:
    """Its payments with their totals, who has seen it, its files, and what can be done."""
    batch = queries.find(id, current_user)
    return render_template(
        "payments/show.html",
        batch=batch,
        approvers=queries.approvers(batch) if batch.state == "draft" else [],
        account=batch.paying_account or (paying.in_use(batch.programme_id) if batch.state == "draft" else None),
        no_file=no_file_for(batch.programme.currency),
        parts=WORKFLOW.actors_on(current_user, batch),
    )


def _approved(batch: PaymentBatch) -> str:
    what = (
        "the spreadsheet or the CSV, pay by it"
        if no_file_for(batch.programme.currency)
        else "the file for the bank, hand it over"
    )
    return f"Approved. Download {what}, and mark the batch as sent."


def _day_changed(batch: PaymentBatch) -> str:
    if no_file_for(batch.programme.currency):
        return "Approved for this day. Pay on it."
    return "Approved for this day. Download the new file; do not hand over one that was made before."


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "approve",
            operations.approve,
            ApproveForm,
            done=_approved,
            summary=SUMMARY,
            asked_again=asked_again,
        ),
        ActionPage(
            "change_day",
            operations.change_day,
            ChangeDayForm,
            done=_day_changed,
            summary=SUMMARY,
            asked_again=asked_again,
        ),
        ActionPage("send", operations.send, done="Sent. Record what the bank did as soon as you know.", summary=SUMMARY),
        ActionPage(
            "take_out",
            operations.take_out,
            TakeOutForm,
            done="Removed. The batch is waiting for approval again.",
        ),
        ActionPage(
            "discard",
            operations.discard,
            ReasonForm,
            done="Discarded. All its claims can be collected again.",
            summary=SUMMARY,
        ),
    ),
)


@blueprint.route("/payments/<int:id>/record", methods=["GET", "POST"])
@signed_in
def record(id: int) -> Any:
    """What the bank did with each payment: one, several or all at once, each with its own result."""
    batch = queries.find(id, current_user)
    try:
        WORKFLOW.check("record", batch, current_user)
    except STANDS_AGAINST as refusal:
        return conflict_page(refusal, batch, RecordForm() if request.method == "POST" else None)
    form = RecordForm(data={"on": batch.programme.today})
    if not form.is_submitted():
        return _record_page(batch, form)
    chosen = whole_numbers(request.form.getlist("chosen"))
    if not form.validate() or not _complete(form, chosen):
        return _record_page(batch, form, 422)
    results = [_record_one(id, payment_id, form.given()) for payment_id in dict.fromkeys(chosen)]
    return render_template("payments/recorded.html", batch=queries.find(id, current_user), results=results)


def _complete(form: RecordForm, chosen: list[int]) -> bool:
    if not chosen:
        form.form_errors.append("Tick at least one payment.")
    if form.outcome.data == BOUNCED and not form.reason.data:
        form.reason.errors = ["Say what the bank said; the payee will read it."]
    return not form.form_errors and not form.errors


def _record_page(batch: PaymentBatch, form: RecordForm, status: int = 200) -> Any:
    ticked = set(request.form.getlist("chosen")) if request.method == "POST" else {str(each.id) for each in batch.rows}
    return render_template("payments/record.html", batch=batch, form=form, ticked=ticked), status


def _record_one(id: int, payment_id: int, given: dict[str, Any]) -> dict[str, Any]:
    """In a transaction of its own, so that one refusal leaves the others done."""
    result: dict[str, Any] = {"title": "Payment", "url": url_for(".show", id=id), "ok": False}
    try:
        with transaction():
            batch = queries.find(id, current_user, for_update=True)
            payment = next((each for each in batch.rows if each.id == payment_id), None)
            if payment is not None:
                result["title"] = f"{payment.voucher.reference}, {payment.payee}"
                result["url"] = url_for("vouchers.show", id=payment.voucher_id)
            operations.record(batch, payment_id, by=current_user, **given)
        return {**result, "ok": True, "text": "Paid" if given["outcome"] != BOUNCED else "Came back; the payee has been told"}
    except Refusal as refusal:
        return {**result, "text": refusal.message}


# Files


@blueprint.get("/payments/<int:id>/bank-file.xml")
@signed_in
def bank_file(id: int) -> Any:
    """For finance officers alone: it has the whole account numbers. The first of them to take it makes it."""
    batch = queries.find(id, current_user)
    if "finance officer" not in WORKFLOW.actors_on(current_user, batch):
        raise NotAllowed("Only a finance officer can take the file for the bank: it contains whole account numbers.")
    if problem := no_file_for(batch.programme.currency):
        raise GuardRefused(problem)
    with transaction():
        content = operations.take_file(queries.find(id, current_user, for_update=True), by=current_user).content.encode()
    return _download(content, "application/xml", f"{batch.reference}.xml")


@blueprint.get("/payments/<int:id>/bank-files/<message_id>.xml")
@signed_in
def one_bank_file(id: int, message_id: str) -> Any:
    """A file by its name. One that is void stays a record, and is not given out again."""
    batch = queries.find(id, current_user)
    file = or_404(next((each for each in batch.files if each.message_id == message_id), None))
    if file.voided_at is not None:
        when = format_instant(file.voided_at, batch.timezone)
        why = stopped(file.voided_because)
        instead = (
            "The batch was discarded, so there is no other." if batch.state == DISCARDED else "Take the batch's present file."
        )
        raise GuardRefused(f"The file {message_id} has been void since {when}. {why} {instead}")
    return redirect(url_for(".bank_file", id=id))


@blueprint.get("/payments/<int:id>/payments.csv")
@signed_in
def csv(id: int) -> Any:
    batch = queries.find(id, current_user)
    whole = _whole(batch)
    content = as_csv(exports.HEADER, exports.table(batch, whole))
    return _table(batch, whole, content, CSV_TYPE, "csv")


@blueprint.get("/payments/<int:id>/payments.xlsx")
@signed_in
def xlsx(id: int) -> Any:
    batch = queries.find(id, current_user)
    whole = _whole(batch)
    content = as_xlsx(batch.reference, exports.HEADER, exports.table(batch, whole))
    return _table(batch, whole, content, XLSX_TYPE, "xlsx")


def _table(batch: PaymentBatch, whole: bool, content: bytes, content_type: str, kind: str) -> Response:
    name = f"{batch.reference}.{kind}"
    act = "bank_details_read" if whole else "export_taken"
    record_alone(act, by=current_user, about=f"the payments of {name}", programme_id=batch.programme_id)
    return _download(content, content_type, name)


def _whole(batch: PaymentBatch) -> bool:
    """Whether the reader pays by the table: a finance officer, where there is no file for the bank.

    Raises GuardRefused if an account has changed since, as that file does.
    """
    officer = "finance officer" in WORKFLOW.actors_on(current_user, batch)
    whole = officer and batch.state in {APPROVED, SENT} and no_file_for(batch.programme.currency) is not None
    if interest_in_batch(batch, current_user):
        return False
    if whole and batch.state == APPROVED and (problem := all_payable(batch, None)):
        raise GuardRefused(problem)
    return whole


def _download(content: bytes, content_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=content_type, headers=headers)


# What happens after the payment are acts on the voucher


add_action_pages(
    blueprint,
    VOUCHER,
    vouchers.find,
    (
        ActionPage(
            "recover",
            operations.recover,
            RecoverForm,
            done="Recovered: the money is available again, and the holder has been told.",
            summary="vouchers/_summary.html",
        ),
        ActionPage(
            "came_back",
            operations.came_back,
            CameBackForm,
            done="Recorded. The claim can be collected again, and the payee has been told.",
            summary="vouchers/_summary.html",
        ),
    ),
)
