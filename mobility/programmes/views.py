"""The pages of programmes: for everybody, for their people, and the administrator's."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from mobility.accounts.operations import invite_into_programme
from mobility.core.access import administrator, public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import create_once
from mobility.core.pages import page_number
from mobility.people.models import LEVEL_LABELS, Role
from mobility.programmes import operations, queries
from mobility.programmes.forms import (
    EVENTS,
    KINDS,
    LEVELS,
    AppropriateForm,
    CallForm,
    NewProgrammeForm,
    rates_form,
    rules_form,
)
from mobility.programmes.models import Programme
from mobility.programmes.rules import PROMISES, lump_sums

blueprint = Blueprint("programmes", __name__)

FASTER = "Somebody else was faster: this has changed since you opened it. Look at it again; what you typed is below."


@blueprint.get("/programmes")
@public
def index() -> Any:
    return render_template("programmes/index.html", programmes=queries.all_programmes(), levels=LEVELS)


@blueprint.get("/programmes/<int:id>")
@public
def show(id: int) -> Any:
    """What it funds, for whom, by which rules, and what it promises: to everybody (P8)."""
    programme = queries.find(id)
    card = queries.newest_rate_card(id)
    return render_template(
        "programmes/show.html",
        programme=programme,
        card=card,
        lump=lump_sums(card.components) if card else None,
        promises=[promise.words.format(getattr(programme, name)) for name, promise in PROMISES.items()],
        levels=LEVELS,
        level_labels=LEVEL_LABELS,
        roles=current_user.roles_in_programme(id) if current_user.is_authenticated else set(),
    )


@blueprint.route("/programmes/<int:id>/rules", methods=["GET", "POST"])
@signed_in
def rules(id: int) -> Any:
    """The owner's form of every limit and promise."""
    programme = queries.find_as(id, current_user, Role.OWNER)
    form = rules_form(programme)
    if not form.is_submitted():
        return _rules_page(programme, form)
    if not form.validate():
        return _rules_page(programme, form, 422)
    try:
        with transaction():
            operations.update_programme(
                queries.lock(id), by=current_user, seen=form.seen.data or "", **form.given()
            )
    except EditConflict:
        form.form_errors.append(FASTER)
        form.seen.data, form.seen.raw_data = queries.find(id).fingerprint, None
        return _rules_page(programme, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _rules_page(queries.find(id), form, 422)
    flash("The rules are saved. What waits already keeps its deadline.", "success")
    return redirect(url_for(".show", id=id), 303)


def _rules_page(programme: Programme, form: Any, status: int = 200) -> Any:
    return render_template("programmes/rules.html", programme=programme, form=form, promises=PROMISES), status


@blueprint.get("/programmes/<int:id>/budget")
@signed_in
def budget(id: int) -> Any:
    """Calls, budget lines and every movement: for all people of the programme."""
    programme = queries.find_as(id, current_user)
    return render_template(
        "programmes/budget.html",
        programme=programme,
        calls=queries.calls_with_lines(id),
        movements=queries.movements(id, page_number()),
        kinds=KINDS,
        events=EVENTS,
        owns=Role.OWNER in current_user.roles_in_programme(id),
    )


@blueprint.route("/programmes/<int:id>/calls/new", methods=["GET", "POST"])
@signed_in
def new_call(id: int) -> Any:
    programme = queries.find_as(id, current_user, Role.OWNER)
    form = CallForm()

    def create() -> str:
        call = operations.create_call(
            programme, by=current_user, name=form.name.data, opens_on=form.opens_on.data, closes_on=form.closes_on.data
        )
        operations.create_budget_line(
            call, by=current_user, voucher_kind="mobility", name=f"{call.name}, mobility", amount=form.mobility.data
        )
        return url_for(".budget", id=id)

    return _created(form, create, "programmes/new_call.html", programme=programme)


@blueprint.route("/programmes/<int:id>/budget/<int:line_id>/appropriate", methods=["GET", "POST"])
@signed_in
def appropriate(id: int, line_id: int) -> Any:
    """More money for a budget line."""
    programme = queries.find_as(id, current_user, Role.OWNER)
    line = queries.find_line(line_id, id)
    form = AppropriateForm()

    def create() -> str:
        operations.appropriate(line, form.amount.data, by=current_user, note=form.note.data or "")
        return url_for(".budget", id=id)

    return _created(form, create, "programmes/appropriate.html", programme=programme, line=line)


@blueprint.route("/programmes/<int:id>/rates", methods=["GET", "POST"])
@signed_in
def rates(id: int) -> Any:
    """The lump sums by country; saving makes a new version, and vouchers keep theirs."""
    programme = queries.find_as(id, current_user, Role.OWNER)
    card = queries.newest_rate_card(id)
    before = card.components if card else {}
    form = rates_form(programme.eligible_countries, before, card.number if card else 0)
    if not form.is_submitted():
        return _rates_page(programme, form, card)
    if not form.validate():
        return _rates_page(programme, form, card, 422)
    try:
        with transaction():
            operations.save_rate_card(
                queries.lock(id),
                by=current_user,
                components=form.components(before),
                seen=int(form.seen.data) if (form.seen.data or "").isdecimal() else -1,
            )
    except EditConflict:
        form.form_errors.append(FASTER)
        card = queries.newest_rate_card(id)
        form.seen.data, form.seen.raw_data = str(card.number if card else 0), None
        return _rates_page(programme, form, card, 409)
    flash("A new version of the rates is in force. Vouchers keep the version they were computed with.", "success")
    return redirect(url_for(".show", id=id), 303)


def _rates_page(programme: Programme, form: Any, card: Any, status: int = 200) -> Any:
    return render_template("programmes/rates.html", programme=programme, form=form, card=card), status


@blueprint.route("/admin/programmes", methods=["GET", "POST"])
@administrator
def administer() -> Any:
    """All programmes, and a new one with its first owner."""
    form = NewProgrammeForm()

    def create() -> str:
        given = form.given()
        owner = {"name": given.pop("owner_name"), "email": given.pop("email")}
        programme = operations.create_programme(by=current_user, **given)
        invite_into_programme(programme, by=current_user, role=Role.OWNER, **owner)
        flash(f"{programme.name} is there; {owner['name']} is invited to own it.", "success")
        return url_for(".administer")

    return _created(form, create, "programmes/administer.html", programmes=queries.all_programmes(), levels=LEVELS)


def _created(form: Any, create: Any, template: str, **context: Any) -> Any:
    """A page with a form that makes something new, once however often it is posted."""
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return create_once(form, create)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    return render_template(template, form=form, **context), status
