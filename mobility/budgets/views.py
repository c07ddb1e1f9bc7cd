"""The pages of a programme's money: its calls and budget lines, one line with its movements and forecast, more money."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from mobility.budgets import operations as budgets
from mobility.budgets import queries
from mobility.budgets.forms import EVENTS, AppropriateForm, CallForm, TakeOutForm, call_form
from mobility.budgets.rules import MOST_HISTORY, PRIOR, forecast
from mobility.core.access import signed_in
from mobility.core.fields import in_currency
from mobility.core.forms import created
from mobility.core.money import NOTHING
from mobility.core.numbers import whole_number
from mobility.core.paging import all_on_one
from mobility.lists.pages import show_list
from mobility.people.roles import Role
from mobility.programmes import operations
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call, Programme
from mobility.vouchers.kinds import KINDS

blueprint = Blueprint("budgets", __name__)


@blueprint.get("/programmes/<int:id>/budget")
@signed_in
def index(id: int) -> Any:
    """Calls with their budget lines, for all people of the programme."""
    programme = programmes.find_as(id, current_user)
    calls = queries.calls_with_lines(id)
    lines = all_on_one([line for call in calls for line in call.budget_lines])
    return show_list(
        queries.LINES.of(programme),
        lines,
        "budgets/index.html",
        as_name="lines",
        programme_id=id,
        programme=programme,
        calls=calls,
        asked=queries.asked([line.id for line in lines.items]),
        kinds=KINDS,
        owns=Role.OWNER in current_user.roles_in_programme(id),
    )


@blueprint.get("/programmes/<int:id>/budget/<int:line_id>")
@signed_in
def line(id: int, line_id: int) -> Any:
    """One budget line: what is paid, committed and available, what it comes to, and every movement."""
    programme = programmes.find_as(id, current_user)
    line = programmes.find_line(line_id, id)
    asked = queries.asked([line_id]).get(line_id, queries.Asked())
    history = queries.redemption(line_id)
    return show_list(
        queries.MOVEMENTS.of(programme),
        queries.all_movements(line_id),
        "budgets/line.html",
        as_name="all_movements",
        programme_id=id,
        programme=programme,
        line=line,
        kind=KINDS[line.voucher_kind],
        movements=queries.movements(line_id, _entry("before"), _entry("after")),
        events=EVENTS,
        from_to=operations.FROM_TO,
        asking=asked.requests,
        history=history,
        forecast=forecast(line.available, line.committed, asked.amount, history, asked.validated),
        prior=PRIOR,
        most_history=MOST_HISTORY,
        owns=Role.OWNER in current_user.roles_in_programme(id),
    )


def _of_owner(id: int) -> Programme:
    """The programme whose money its owner moves: the forms are in its currency."""
    programme = programmes.find_as(id, current_user, Role.OWNER)
    in_currency(programme.currency)
    return programme


def _entry(name: str) -> int | None:
    """The movement to go on from; nonsense is none."""
    return whole_number(request.args.get(name))


@blueprint.route("/programmes/<int:id>/calls/new", methods=["GET", "POST"])
@signed_in
def new_call(id: int) -> Any:
    programme = _of_owner(id)
    form = call_form()

    def create() -> str:
        call = operations.create_call(
            programme, by=current_user, **{name: form[name].data for name in ("name", "opens_on", "closes_on")}
        )
        _open_lines(call, form)
        return url_for(".index", id=id)

    return created(form, create, "budgets/new_call.html", programme=programme)


def _open_lines(call: Call, form: CallForm) -> None:
    for kind, amount in form.amounts().items():
        name = f"{call.name}, {kind}"
        operations.create_budget_line(call, by=current_user, voucher_kind=kind, name=name, amount=amount)


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/<kind:kind>-money", methods=["GET", "POST"])
@signed_in
def new_line(id: int, call_id: int, kind: str) -> Any:
    """Money for a kind of voucher that a call has no budget line for yet."""
    programme = _of_owner(id)
    call = programmes.find_call(call_id, id)
    form = AppropriateForm()
    del form.note

    def create() -> str:
        name = f"{call.name}, {kind}"
        line = operations.create_budget_line(call, by=current_user, voucher_kind=kind, name=name, amount=form.amount.data)
        return url_for(".line", id=id, line_id=line.id)

    return created(form, create, "budgets/new_line.html", programme=programme, call=call, kind=KINDS[kind])


@blueprint.route("/programmes/<int:id>/budget/<int:line_id>/appropriate", methods=["GET", "POST"])
@signed_in
def appropriate(id: int, line_id: int) -> Any:
    """More money for a budget line."""
    programme = _of_owner(id)
    line = programmes.find_line(line_id, id)
    form = AppropriateForm()

    def create() -> str:
        budgets.appropriate(line, form.amount.data or NOTHING, by=current_user, note=form.note.data or "")
        return url_for(".line", id=id, line_id=line_id)

    return created(form, create, "budgets/appropriate.html", programme=programme, line=line)


@blueprint.route("/programmes/<int:id>/budget/<int:line_id>/take-out", methods=["GET", "POST"])
@signed_in
def take_out(id: int, line_id: int) -> Any:
    """Too much was added: money goes back, as far as it is available."""
    programme = _of_owner(id)
    line = programmes.find_line(line_id, id)
    form = TakeOutForm()

    def create() -> str:
        budgets.take_out(line, form.amount.data or NOTHING, by=current_user, note=form.note.data or "")
        return url_for(".line", id=id, line_id=line_id)

    return created(form, create, "budgets/take_out.html", programme=programme, line=line)
