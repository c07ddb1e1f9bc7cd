"""The pages of programmes: for everybody, for their people, and the administrator's."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import administrator, public, signed_in
from mobility.core.database import fingerprint, transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import created
from mobility.core.paging import all_on_one
from mobility.core.web import say
from mobility.lists.pages import show_list
from mobility.people.roles import LEVEL_LABELS, Role
from mobility.programmes import operations, queries
from mobility.programmes.forms import LEVELS, NewProgrammeForm, rules_form, stored_rules
from mobility.programmes.models import Programme
from mobility.programmes.rules import PROMISES, measured, promised
from mobility.rates import queries as rate_queries
from mobility.rates.cards import readable
from mobility.teams import queries as teams
from mobility.teams.operations import invite_into_programme
from mobility.vouchers.kinds import KINDS

blueprint = Blueprint("programmes", __name__)


@blueprint.get("/programmes")
@public
def index() -> Any:
    programmes = all_on_one(queries.all_programmes())
    return show_list(queries.LIST, programmes, "programmes/index.html", levels=LEVELS)


@blueprint.get("/programmes/<int:id>")
@public
def show(id: int) -> Any:
    """What it funds, for whom, by which rules, and what it promises: to everybody (P8)."""
    programme = queries.find(id)
    roles = current_user.roles_in_programme(id) if current_user.is_authenticated else set()
    tallies = queries.tallies(id, programme.today)
    cards = [(kind, rate_queries.newest_rate_card(id, kind)) for kind in KINDS]
    return render_template(
        "programmes/show.html",
        programme=programme,
        cards=[(kind, card, readable(card.components)) for kind, card in cards if card],
        kinds=KINDS,
        promises=promised(programme, tallies),
        measured=measured(programme, tallies) if roles else [],
        taken=teams.taken_by_themselves(id) if roles else [],
        levels=LEVELS,
        level_labels=LEVEL_LABELS,
        roles=roles,
    )


@blueprint.route("/programmes/<int:id>/rules", methods=["GET", "POST"])
@signed_in
def rules(id: int) -> Any:
    """The owner's form of every limit and promise."""
    programme = queries.find_as(id, current_user, Role.OWNER)
    form = rules_form(programme, queries.why_currency_stays(programme))
    if request.form.get("act") == "add":
        form.add_criteria()
        return _rules_page(programme, form)
    if not form.is_submitted():
        return _rules_page(programme, form)
    if not form.validate():
        return _rules_page(programme, form, 422)
    try:
        with transaction():
            operations.update_programme(queries.lock(id), by=current_user, seen=form.seen.data or "", **form.given())
    except EditConflict:
        programme = queries.find(id)
        form.was_slower(fingerprint(programme), stored_rules(programme))
        return _rules_page(programme, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _rules_page(queries.find(id), form, 422)
    flash("The rules are saved. What is already waiting keeps its deadline.", "success")
    return redirect(url_for(".show", id=id), 303)


def _rules_page(programme: Programme, form: Any, status: int = 200) -> Any:
    return render_template("programmes/rules.html", programme=programme, form=form, promises=PROMISES), status


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
        say(f"{programme.name} has been created; {owner['name']} has been invited to own it.", "success")
        return url_for(".administer")

    return created(form, create, "programmes/administer.html", programmes=queries.all_programmes(), levels=LEVELS)
