"""How long data is kept: what each night would remove or has removed, and the periods, set by administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mobility.core.access import administrator, whoever_is_signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.web import or_404
from mobility.retention import operations, queries
from mobility.retention.forms import PeriodForm, period_form
from mobility.retention.queries import State
from mobility.retention.rules import CLASSES, NIGHTS, Class, in_words, reasons

blueprint = Blueprint("retention", __name__, url_prefix="/admin/retention")
KEYS = ",".join(f"'{each.key}'" for each in CLASSES)

blueprint.add_app_template_filter(in_words, "period")


@blueprint.get("")
@administrator
def index() -> ResponseReturnValue:
    return render_template("retention/index.html", states=queries.states(), nights=NIGHTS, reasons=reasons())


@blueprint.route(f"/<any({KEYS}):key>", methods=["GET", "POST"])
@administrator
def show(key: str) -> ResponseReturnValue:
    """One class: its nights, and another period."""
    state = or_404(queries.state_of(key))
    form = period_form(state.kind, state.days)
    if not form.is_submitted():
        form.open_with(_version(state))
    if not form.validate_on_submit():
        return _page(state, form, 422 if form.is_submitted() else 200)
    try:
        _set(state.kind, form)
    except EditConflict:
        state = or_404(queries.state_of(key))
        form.open_with(_version(state))
        return _page(state, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(or_404(queries.state_of(key)), form, refusal.status)
    flash("Noted.", "success")
    return redirect(url_for(".show", key=key), 303)


def _set(kind: Class, form: PeriodForm) -> None:
    with transaction():
        by, reason = whoever_is_signed_in(), form.reason.data or ""
        operations.set_period(kind, by=by, days=form.days.data, reason=reason, seen=form.seen_number)


def _version(state: State) -> int:
    return state.period.version if state.period else 1


def _page(state: State, form: PeriodForm, status: int) -> ResponseReturnValue:
    nights = queries.nights(state.kind.key)
    page = render_template("retention/show.html", state=state, form=form, nights=nights, slower=status == 409, most=NIGHTS)
    return page, status
