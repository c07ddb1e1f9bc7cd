"""The programme's decision desk: the queue, the review of several vouchers, and deciding on them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from mobility.aid import queries as aid
from mobility.core.access import signed_in, whoever_is_signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.fields import choices
from mobility.core.numbers import whole_number
from mobility.core.paging import page_number
from mobility.core.wording import by_name
from mobility.desk import operations, queries
from mobility.desk.forms import DecideForm, DeskFilterForm
from mobility.desk.queries import DECIDABLE, FOR_SEVERAL, GROUPS, MOST_AT_ONCE, Counts, DeskFilter
from mobility.desk.rules import RowEffect, effect, grouped, on_its_own
from mobility.lists.pages import show_list
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme, Scheme
from mobility.safeguards import flags
from mobility.safeguards import queries as safeguards
from mobility.vouchers.guards import budget_suffices
from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import states_to_decide, validity
from mobility.vouchers.states import APPROVED
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.searching import refuse_unsearched, search_problems, searched_text

blueprint = Blueprint("desk", __name__)

FILTERS = ("show", "state", "country", "text", "sort")
DECISIONS = {"approve": "Approved", "issue": "Issued", "reject": "Rejected"}


@blueprint.get("/programmes/<int:id>/desk")
@signed_in
def show(id: int) -> Any:
    """The programme's vouchers, the most urgent first: filter, sort, tick several. All its people read; owners decide."""
    programme = programmes.find_as(id, current_user)
    wanted, known = _wanted(programme), queries.counts(programme.id, programme.today)
    page = queries.desk(programme, wanted, page_number(), known)
    return show_list(
        queries.LIST.of(programme),
        page,
        "desk/show.html",
        programme_id=id,
        programme=programme,
        flags=flags.flags_on(page.items),
        groups=grouped(page.items, programme.today) if wanted.sort == "due" else [("", page.items)],
        wanted=wanted,
        chips=_chips(programme, wanted, known),
        filters=_filters(programme, wanted),
        lines=programmes.budget_lines(programme.id),
        decides=_decides(programme),
        decidable=FOR_SEVERAL,
        of_all=queries.count_to_decide(programme, wanted, known),
        most=MOST_AT_ONCE,
        ticked=set(request.args.getlist("chosen")),
        sort_url=lambda sort: url_for("desk.show", id=programme.id, **{**_args(), "sort": sort}),
        args=_args(),
        workflow=WORKFLOW,
        kinds=KINDS,
    )


def _decides(programme: Programme) -> bool:
    return "owner" in current_user.roles_in_programme(programme.id)


def _args() -> dict[str, Any]:
    """The filters in the address, those that say something."""
    given = {name: request.args.get(name, "").strip()[:100] for name in FILTERS} | {"text": searched_text()}
    return {name: value for name, value in given.items() if value}


def _wanted(programme: Programme) -> DeskFilter:
    args = _args()
    states = states_to_decide(current_user.roles_in_programme(programme.id), programme.scheme)
    state = args.get("state", "")
    return DeskFilter(
        group=args.get("show", "" if state else "mine" if states else "decide"),
        states=tuple(states),
        state=state,
        country=args.get("country", ""),
        text=args.get("text", ""),
        sort=args.get("sort", "due"),
        today=programme.today,
    )


def _chips(programme: Programme, wanted: DeskFilter, known: Counts) -> list[tuple[str, str, int, bool]]:
    """(label, address, count, current) of each quick filter."""
    groups = [("mine", "Waiting for you", known.of(wanted.states))] if wanted.states else []
    groups.append(("late", "Late", known.late))
    groups += [(name, label, known.of(states)) for name, (label, states) in GROUPS.items()]
    groups.append(("all", "All", known.all))
    kept = {name: value for name, value in _args().items() if name not in {"show", "state"}}
    return [
        (label, url_for("desk.show", id=programme.id, show=name, **kept), count, wanted.group == name)
        for name, label, count in groups
    ]


def _filters(programme: Programme, wanted: DeskFilter) -> DeskFilterForm:
    filters = DeskFilterForm(data={"state": wanted.state, "country": wanted.country, "text": wanted.text})
    states = {state.name: state.label for state in WORKFLOW.states if state.name != "draft"}
    filters.state.choices = choices(states, first="As chosen with the buttons")
    filters.country.choices = choices(by_name(programme.eligible_countries), first="All")
    if problem := search_problems().get("text"):
        filters.text.data, filters.text.errors = request.args["text"], [problem]
    return filters


# Several at once


@blueprint.get("/programmes/<int:id>/desk/review")
@signed_in
def review(id: int) -> Any:
    """What deciding on the chosen vouchers would do, before it is done. `chosen` are their ids; or all of the filter."""
    programme = programmes.find_as(id, current_user)
    if request.args.get("choice") == "all":
        wanted = _wanted(programme)
        refuse_unsearched()
        ids = list(queries.all_to_decide(programme, wanted))
    else:
        ids = [row[0] for text in request.args.getlist("chosen") if (row := _row(text))]
    return _review_page(programme, ids, DecideForm())


def _review_page(programme: Programme, ids: Sequence[int], form: DecideForm, status: int = 200) -> Any:
    """In two parts, each with its own buttons: what is to be decided, and what is approved and only needs to be issued."""
    found = queries.for_review(programme, ids)
    vouchers = [each for each in found if each.state != APPROVED]
    approved = [each for each in found if each.state == APPROVED]
    known = {each.id: _hindrance(each) for each in vouchers}
    hindrances = {id: words for id, words in known.items() if words}
    undecided = [each for each in vouchers if each.id not in hindrances]
    too_much = aid.passing(programme, [*approved, *undecided])
    return (
        render_template(
            "desk/review.html",
            programme=programme,
            form=form,
            shown=found,
            effect=effect(vouchers, hindrances | too_much),
            to_issue=[RowEffect(each, too_much.get(each.id) or _not_to_issue(each), fits=True) for each in approved],
            valid_until=validity(programme.today, programme.validity_months)[1],
            findings=safeguards.findings(found),
            sent=_form_sent(),
            ticked=set(request.form.getlist("chosen")),
            decides=_decides(programme),
            decidable=DECIDABLE,
            most=MOST_AT_ONCE,
            cut=len(set(ids)) > MOST_AT_ONCE,
            desk_url=url_for("desk.show", id=programme.id, **_args()),
            today=programme.today,
        ),
        status,
    )


def _form_sent() -> str:
    """Which of the review's two forms came back with a fault; none when it is opened."""
    if request.method != "POST":
        return ""
    return "issue" if request.form.get("decision") == "issue" else "decide"


def _hindrance(voucher: Voucher) -> str | None:
    """Why the reader cannot approve this one, leaving the budget aside: that is shown for all of them together."""
    approve = WORKFLOW.transition("approve")
    if voucher.state not in approve.from_:
        return f"This voucher is {voucher.state_label().lower()}."
    return approve.refusal(voucher, current_user, aside=budget_suffices) or on_its_own(voucher)


def _not_to_issue(voucher: Voucher) -> str | None:
    return WORKFLOW.transition("issue").refusal(voucher, current_user)


@blueprint.post("/programmes/<int:id>/desk")
@signed_in
def decide(id: int) -> Any:
    """Several decisions at once: each in a transaction of its own, each with its own result."""
    programme = programmes.find_as(id, current_user, "owner")
    form = DecideForm()
    decision = request.form.get("decision", "")
    chosen = list(dict.fromkeys(row for text in request.form.getlist("chosen") if (row := _row(text))))[:MOST_AT_ONCE]
    if fault := _fault(form, decision, chosen):
        shown = [row[0] for text in request.form.getlist("shown") if (row := _row(text))]
        form.form_errors += [fault] if isinstance(fault, str) else []
        return _review_page(programme, shown or [id for id, _ in chosen], form, 422)
    by = whoever_is_signed_in()
    results = [_decide_one(voucher_id, version, decision, form.reason.data or "", by) for voucher_id, version in chosen]
    return render_template(
        "desk/decided.html",
        programme=programme,
        results=results,
        lines=programmes.budget_lines(id),
        issue_next=decision == "approve" and programme.scheme == Scheme.FULL and any(each["ok"] for each in results),
    )


def _fault(form: DecideForm, decision: str, chosen: Sequence[Any]) -> str | bool:
    """What is wrong with the form as a whole in words; True: it stands at its field."""
    if not form.validate():
        return True
    if decision not in DECISIONS:
        return "Choose what to do with them: approve, issue or reject."
    if not chosen:
        return "Tick at least one voucher."
    if decision == "reject" and not form.reason.data:
        form.reason.errors = ["Give a reason; the holders will read it."]
        return True
    return False


def _row(text: str) -> tuple[int, int] | None:
    """A ticked row's id and version (0 where only the id is asked for), or nothing for nonsense."""
    first, _, second = text.partition(":")
    id, version = whole_number(first), whole_number(second or "0")
    return None if id is None or version is None else (id, version)


def _decide_one(id: int, version: int, decision: str, reason: str, by: User) -> dict[str, Any]:
    result = {"title": f"V-{id:06d}", "url": url_for("vouchers.show", id=id), "ok": False}
    try:
        with transaction():
            operations.decide(id, version, decision, by=by, reason=reason)
        return {**result, "ok": True, "text": DECISIONS[decision]}
    except NotFound:
        return {**result, "text": "There is no such voucher."}
    except EditConflict as conflict:
        return {**result, "text": _who_was_faster(conflict)}
    except Refusal as refusal:
        return {**result, "text": refusal.message}


def _who_was_faster(conflict: EditConflict) -> str:
    if not conflict.changes:
        return "This has changed since you opened it."
    last = conflict.changes[-1]
    name = last.actor_name
    return f"{name} has changed it since. It is now: {conflict.subject.state_label(last.to_state)}."
