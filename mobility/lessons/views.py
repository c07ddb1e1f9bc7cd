"""The pages of a call's lessons; and what earlier ones say wherever rules and calls are set."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.forms import SeenForm
from mobility.lessons import operations, queries
from mobility.lessons.forms import LessonsForm, ReopenForm
from mobility.lessons.models import Lessons
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call, Programme

blueprint = Blueprint("lessons", __name__)


@blueprint.app_template_global("lessons_for")
def lessons_for(programme: Programme) -> Any:
    """What closed reviews say, for the pages where rules and calls are set (P18); of one call, those of earlier calls."""
    return queries.lessons_for(programme, (request.view_args or {}).get("call_id"))


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/lessons", methods=["GET", "POST"])
@signed_in
def show(id: int, call_id: int) -> Any:
    """What to keep, change and stop; with it the owner closes the review. Others of the programme read it."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    call = programmes.find_call(call_id, id)
    newest = queries.newest_lessons(call_id)
    form = LessonsForm(obj=newest)
    if not form.is_submitted():
        form.open_with(newest.number if newest else 0)
        return _page(programme, call, form)
    programmes.find_as(id, current_user, Role.OWNER)
    if not form.validate():
        return _page(programme, call, form, status=422)
    try:
        with transaction():
            call = programmes.find_call(call_id, id)
            operations.close_review(call, by=current_user, seen=form.seen_number, **form.lessons())
    except Refusal as refusal:
        return _slower(programme, call_id, form, refusal)
    flash("The review is closed. Whoever sets the rules of the next call will see its lessons.", "success")
    return redirect(url_for(".show", id=id, call_id=call_id), 303)


def _slower(programme: Programme, call_id: int, form: SeenForm, refusal: Refusal) -> Any:
    """What was typed stays; what has been saved meanwhile stands in the history on the page."""
    form.refuse(refusal)
    newest = queries.newest_lessons(call_id)
    form.open_with(newest.number if newest else 0)
    return _page(programmes.find(programme.id), programmes.find_call(call_id, programme.id), form, status=409)


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/lessons/reopen", methods=["GET", "POST"])
@signed_in
def reopen(id: int, call_id: int) -> Any:
    """A review that was closed too early, or about which more is known now."""
    programme = programmes.find_as(id, current_user, Role.OWNER)
    call = programmes.find_call(call_id, id)
    form = ReopenForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    seen, reason = form.seen_number, form.reason.data or ""
                    operations.reopen_review(programmes.find_call(call_id, id), by=current_user, seen=seen, reason=reason)
                return redirect(url_for(".show", id=id, call_id=call_id), 303)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    newest = queries.newest_lessons(call_id)
    form.open_with(newest.number if newest else 0)
    return render_template("lessons/reopen.html", programme=programme, call=call, form=form, newest=newest), status


def _page(programme: Programme, call: Call, form: LessonsForm, status: int = 200) -> Any:
    history = queries.history_of_lessons(call.id)
    newest: Lessons | None = history[0] if history else None
    page = render_template(
        "lessons/show.html",
        programme=programme,
        call=call,
        form=form,
        history=history,
        is_closed=newest is not None and newest.is_closed and status == 200,
        owns=Role.OWNER in current_user.roles_in_programme(programme.id),
    )
    return page, status
