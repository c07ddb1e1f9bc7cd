"""The pages of vouchers: mine, one, its actions, the programme's decision desk, and the public check of a code."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from mobility.accounts.forms import choices
from mobility.core.access import public, signed_in
from mobility.core.actions import ActionPage, add_action_pages
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import ReasonForm
from mobility.core.links import absolute, path_of
from mobility.core.pages import error_page, page_number
from mobility.core.throttle import Throttled, ensure_not_throttled, record_attempt
from mobility.documents.codes import CodeTypo, grouped, normalise
from mobility.documents.qr import qr_svg
from mobility.programmes import queries as programmes
from mobility.programmes.forms import by_name
from mobility.programmes.models import Programme
from mobility.vouchers import operations, queries
from mobility.vouchers.forms import (
    AnswerForm,
    CheckForm,
    DecideForm,
    DeskFilterForm,
    ExtendForm,
    NoteForm,
    OptionalReasonForm,
    QuestionForm,
    RecommendForm,
    RequestForm,
)
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import may_ask_again, states_to_decide
from mobility.vouchers.workflow import WORKFLOW, may_see_code

blueprint = Blueprint("vouchers", __name__)

MOST_AT_ONCE = 100
CODE_TRIES, CODE_MINUTES = 20, 10
SUMMARY = "vouchers/_summary.html"
DECISION = "vouchers/_decision.html"


@blueprint.get("/vouchers")
@signed_in
def index() -> Any:
    """The vouchers I hold, coordinate or receive guests with."""
    page = queries.vouchers_of(current_user, page_number())
    desks = programmes.programmes_of(current_user)
    return render_template("vouchers/index.html", page=page, desks=desks)


@blueprint.get("/vouchers/<int:id>")
@signed_in
def show(id: int) -> Any:
    """One voucher: where it stands, its amount, its code for those who may hand it over, what can be done."""
    voucher = queries.find(id, current_user)
    code = voucher.code if may_see_code(current_user, voucher) else None
    return render_template(
        "vouchers/show.html",
        voucher=voucher,
        preview=queries.preview(voucher.exchange) if voucher.state == "draft" and voucher.exchange else None,
        groups=grouped(code).split("-") if code else [],
        qr=qr_svg(absolute(path_of("vouchers.check_code", code=code)), "QR code of this voucher") if code else None,
        parts=WORKFLOW.actors_on(current_user, voucher),
        may_ask_again=queries.is_newest(voucher) and may_ask_again(voucher, current_user),
    )


@blueprint.post("/vouchers/<int:id>/again")
@signed_in
def again(id: int) -> Any:
    """Ask for another voucher after this one has ended unused."""
    with transaction():
        draft = operations.draft_again(queries.find(id, current_user, for_update=True), by=current_user)
        address = url_for(".show", id=draft.id)
    return redirect(address, 303)


class PreviewForm(RequestForm):
    """The request shows the amount before it is sent; a rule that stands against it is said at once."""

    def prepare(self, subject: Any) -> None:
        self.preview = queries.preview(subject.exchange)


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "request",
            operations.request,
            PreviewForm,
            done="Your request is on its way. The programme now decides; you get a mail.",
            summary="vouchers/_request.html",
        ),
        ActionPage(
            "resubmit",
            operations.resubmit,
            AnswerForm,
            done="Your answer is on its way. The programme now decides.",
            summary="vouchers/_question.html",
        ),
        ActionPage(
            "ask_information",
            operations.ask_information,
            QuestionForm,
            done="Your question is on its way to the holder.",
            summary=DECISION,
        ),
        ActionPage(
            "recommend",
            operations.recommend,
            RecommendForm,
            done="Recommended. An owner now decides.",
            summary=DECISION,
        ),
        ActionPage("approve", operations.approve, NoteForm, done="Approved: the money is set aside.", summary=DECISION),
        ActionPage("issue", operations.issue, done="Issued. Holder and host are told.", summary=SUMMARY),
        ActionPage("reject", operations.reject, ReasonForm, done="Rejected. The holder is told why.", summary=DECISION),
        ActionPage("extend", operations.extend, ExtendForm, done="Extended. Holder and host are told.", summary=SUMMARY),
        ActionPage("withdraw", operations.withdraw, OptionalReasonForm, done="Withdrawn.", summary=SUMMARY),
        ActionPage("revoke", operations.revoke, ReasonForm, done="The voucher is revoked.", summary=SUMMARY),
    ),
)


# The decision desk


@blueprint.get("/programmes/<int:id>/desk")
@signed_in
def desk(id: int) -> Any:
    """The programme's vouchers: filter, sort, tick several, decide. All its people read; owners decide."""
    return _desk_page(programmes.find_as(id, current_user), DecideForm())


def _desk_page(programme: Programme, form: DecideForm, status: int = 200) -> Any:
    wanted = _wanted(programme)
    known = queries.standing(programme.id, programme.today)
    page = queries.desk(programme, wanted, page_number(), known)
    return (
        render_template(
            "vouchers/desk.html",
            programme=programme,
            page=page,
            wanted=wanted,
            chips=_chips(programme, wanted, known),
            filters=_filters(programme, wanted),
            form=form,
            lines=programmes.budget_lines(programme.id),
            decides="owner" in current_user.roles_in_programme(programme.id),
            ticked=set(request.form.getlist("chosen")),
            sort_url=lambda sort: url_for("vouchers.desk", id=programme.id, **{**_args(), "sort": sort}),
            args=_args(),
            here=request.full_path,
            workflow=WORKFLOW,
        ),
        status,
    )


def _args() -> dict[str, str]:
    known = ("show", "state", "country", "text", "sort")
    return {name: value for name in known if (value := request.args.get(name, "").strip()[:100])}


def _wanted(programme: Programme) -> queries.DeskFilter:
    args = _args()
    states = states_to_decide(current_user.roles_in_programme(programme.id), programme.scheme)
    state = args.get("state", "")
    return queries.DeskFilter(
        group=args.get("show", "" if state else "mine" if states else "decide"),
        states=tuple(states),
        state=state,
        country=args.get("country", ""),
        text=args.get("text", ""),
        sort=args.get("sort", "due"),
        today=programme.today,
    )


def _chips(
    programme: Programme, wanted: queries.DeskFilter, known: queries.Standing
) -> list[tuple[str, str, int, bool]]:
    """(label, address, count, current) of each quick filter."""
    groups = [("mine", "Waits for me", known.of(wanted.states))] if wanted.states else []
    groups.append(("late", "Late", known.late))
    groups += [(name, label, known.of(states)) for name, (label, states) in queries.GROUPS.items()]
    groups.append(("all", "All", known.all))
    kept = {name: value for name, value in _args().items() if name not in {"show", "state"}}
    return [
        (label, url_for("vouchers.desk", id=programme.id, show=name, **kept), count, wanted.group == name)
        for name, label, count in groups
    ]


def _filters(programme: Programme, wanted: queries.DeskFilter) -> DeskFilterForm:
    filters = DeskFilterForm(data={"state": wanted.state, "country": wanted.country, "text": wanted.text})
    states = {state.name: state.label for state in WORKFLOW.states if state.name != "draft"}
    filters.state.choices = choices(states, first="As chosen above")
    filters.country.choices = choices(by_name(programme.eligible_countries), first="All")
    return filters


@blueprint.post("/programmes/<int:id>/desk")
@signed_in
def decide(id: int) -> Any:
    """Several decisions at once: each in a transaction of its own, each with its own result."""
    programme = programmes.find_as(id, current_user, "owner")
    form = DecideForm()
    decision = request.form.get("decision", "")
    chosen = [row for text in request.form.getlist("chosen")[:MOST_AT_ONCE] if (row := _row(text))]
    if decision not in {"approve", "reject"} or not form.validate():
        return _desk_page(programme, form, 422)
    if not chosen:
        form.form_errors.append("Tick at least one voucher.")
        return _desk_page(programme, form, 422)
    if decision == "reject" and not form.reason.data:
        form.reason.errors = ["Give a reason; the holders will read it."]
        return _desk_page(programme, form, 422)
    results = [_decide_one(voucher_id, version, decision, form.reason.data or "") for voucher_id, version in chosen]
    lines = programmes.budget_lines(id)
    return render_template("vouchers/decided.html", programme=programme, results=results, lines=lines)


def _row(text: str) -> tuple[int, int] | None:
    """A ticked row's id and version, or nothing for nonsense."""
    id, _, version = text.partition(":")
    fine = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (id, version))
    return (int(id), int(version)) if fine else None


def _decide_one(id: int, version: int, decision: str, reason: str) -> dict[str, Any]:
    result = {"title": f"V-{id:06d}", "url": url_for("vouchers.show", id=id), "ok": False}
    try:
        with transaction():
            operations.decide(id, version, decision, by=current_user, reason=reason)
        return {**result, "ok": True, "text": "Approved" if decision == "approve" else "Rejected"}
    except NotFound:
        return {**result, "text": "There is no such voucher."}
    except EditConflict as conflict:
        return {**result, "text": _who_was_faster(conflict)}
    except Refusal as refusal:
        return {**result, "text": refusal.message}


def _who_was_faster(conflict: EditConflict) -> str:
    if not conflict.changes:
        return "Somebody else was faster."
    last = conflict.changes[-1]
    name = last.actor.name if last.actor else "Mobility"
    return f"{name} was faster: this voucher is now {WORKFLOW.state(last.to_state).label.lower()}."


# The public check of a code


@blueprint.get("/check")
@public
def check() -> Any:
    """Type a code to learn whether it is genuine."""
    text = request.args.get("code", "").strip()
    return _checked(text) if text else render_template("vouchers/check.html", form=CheckForm(), result=None)


@blueprint.get("/check/<code>")
@public
def check_code(code: str) -> Any:
    """Where a QR code leads to."""
    return _checked(code)


def _checked(text: str) -> Any:
    """Whether a code is genuine and its state, and nothing else (issue 2). Wrong codes are counted per address."""
    form = CheckForm(data={"code": text[:200]})
    who = request.remote_addr or ""
    try:
        ensure_not_throttled("code", who, CODE_TRIES, CODE_MINUTES)
        code = normalise(text)
    except Throttled as throttled:
        return error_page(throttled.status, throttled.message)
    except CodeTypo as typo:
        form.code.errors = [str(typo)]
        return render_template("vouchers/check.html", form=form, result=None), 422
    found = queries.by_code(code)
    if found is None:
        record_attempt("code", who)
    page = render_template(
        "vouchers/check.html",
        form=form,
        result=found,
        known=found is not None,
        code=grouped(code),
        own=_own_page(found),
    )
    return page, 200 if found else 404


def _own_page(found: queries.Genuine | None) -> str | None:
    """For those who may see what the code belongs to: the way there."""
    if found is None or not current_user.is_authenticated:
        return None
    subject = found.subject
    if not subject.workflow.may_see(current_user, subject):
        return None
    exchange_id = subject.exchange_id if isinstance(subject, Voucher) else subject.id
    return url_for("exchanges.show", id=exchange_id) if exchange_id else url_for("vouchers.show", id=subject.id)
