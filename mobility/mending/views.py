"""Correcting calls and added money, by the programme's owners and by administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.budgets.queries import calls_with_lines
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.fields import in_currency
from mobility.core.paging import page_number
from mobility.mending import operations, queries
from mobility.mending.forms import AmountForm, CallDatesForm
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme

blueprint = Blueprint("mending", __name__)


@blueprint.get("/programmes/<int:id>/corrections")
@signed_in
def index(id: int) -> Any:
    """What can be corrected: the calls, and the money that was added."""
    programme = queries.find(id, current_user)
    calls, added = calls_with_lines(id), queries.appropriations(id, page_number())
    owns = Role.OWNER in current_user.roles_in_programme(id)
    return render_template("mending/index.html", programme=programme, calls=calls, added=added, owns=owns)


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/edit", methods=["GET", "POST"])
@signed_in
def call(id: int, call_id: int) -> Any:
    """A call's name and dates: extended, closed, opened again, with the reason."""
    programme = queries.find(id, current_user)
    call = programmes.find_call(call_id, id)
    form = CallDatesForm(obj=call, seen=call.fingerprint)
    form.call = call
    if not form.validate_on_submit():
        return _call_page(programme, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            given = form.given() | {"seen": form.seen.data or ""}
            operations.correct_call(programmes.find_call(call_id, id), by=current_user, **given)
    except EditConflict:
        call = programmes.find_call(call_id, id)
        form.was_slower(call.fingerprint, CallDatesForm(formdata=None, obj=call, reason=form.reason.data))
        return _call_page(programmes.find(id), form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _call_page(programmes.find(id), form, refusal.status)
    flash("The call has been changed. What was requested before stays as it is.", "success")
    return redirect(_back(id), 303)


def _back(id: int) -> str:
    """Administrators do not see a programme's budget."""
    owns = Role.OWNER in current_user.roles_in_programme(id)
    return url_for("budgets.index" if owns else ".index", id=id)


def _call_page(programme: Programme, form: CallDatesForm, status: int) -> Any:
    return render_template("mending/call.html", programme=programme, form=form, back_url=_back(programme.id)), status


@blueprint.route("/programmes/<int:id>/corrections/<int:entry_id>", methods=["GET", "POST"])
@signed_in
@asked_again
def appropriation(id: int, entry_id: int) -> Any:
    """Money that was added: another amount, or none."""
    programme = queries.find(id, current_user)
    in_currency(programme.currency)
    row = queries.appropriation(entry_id, id)
    form = AmountForm(amount=row.now, seen=str(row.now))
    form.row, form.currency = row, programme.currency
    if not form.validate_on_submit():
        return _amount_page(id, row, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            given = form.given() | {"seen": form.seen.data or ""}
            operations.correct_appropriation(programmes.lock(id), entry_id, by=current_user, **given)
    except EditConflict:
        row = queries.appropriation(entry_id, id)
        form.was_slower(str(row.now), AmountForm(formdata=None, amount=row.now, reason=form.reason.data))
        return _amount_page(id, row, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _amount_page(id, queries.appropriation(entry_id, id), form, refusal.status)
    flash("Corrected. Owners and finance officers have been told by mail.", "success")
    return redirect(url_for(".index", id=id), 303)


def _amount_page(id: int, row: Any, form: AmountForm, status: int) -> Any:
    return render_template("mending/appropriation.html", programme=programmes.find(id), row=row, form=form), status
