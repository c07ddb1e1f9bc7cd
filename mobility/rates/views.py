"""The pages of rate cards: the owner's editor with its worked cases, and every version for everybody to read."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.routing import UnicodeConverter, ValidationError

from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.fields import in_currency
from mobility.core.numbers import whole_number
from mobility.core.wording import by_name
from mobility.people.places import EUROPE
from mobility.people.roles import Role
from mobility.rates import operations, queries
from mobility.rates.cards import faults, readable
from mobility.rates.components import OVER_ALL
from mobility.rates.examples import WorkedCase, example_cards, examples_for, named, uncovered, worked_cases
from mobility.rates.forms import RateCardForm, another_key, rate_card_form
from mobility.rates.models import RateCard
from mobility.rates.rules import Components, estimate
from mobility.teams import queries as teams
from mobility.vouchers.kinds import DEFAULT, KINDS

blueprint = Blueprint("rates", __name__)


class KindOfVoucher(UnicodeConverter):
    """The key of a kind in an address; of one that nobody knows there are no pages: 404."""

    def to_python(self, value: str) -> str:
        if value not in KINDS:
            raise ValidationError
        return value


@blueprint.route("/programmes/<int:id>/rates", methods=["GET", "POST"], defaults={"kind": DEFAULT})
@blueprint.route("/programmes/<int:id>/rates/<kind:kind>", methods=["GET", "POST"])
@signed_in
def edit(id: int, kind: str) -> Any:
    """The editor of a card. Saving makes a new version; adding rows and looking at worked cases save nothing."""
    programme = teams.programme_as(id, current_user, Role.OWNER)
    in_currency(programme.currency)
    card = queries.newest_rate_card(id, kind)
    act, _, of = request.form.get("act", "save").partition(":")
    form = _form(programme, kind, card, another_key(of, request.form) if act == "another" else "")
    if act == "add":
        form.add_rows(of)
    if not form.is_submitted() or act in ("add", "another"):
        return _editor(programme, kind, form, card)
    fine = form.validate()
    if not fine or act == "preview":
        return _editor(programme, kind, form, card, 200 if fine else 422)
    return _save(programme, kind, form)


def _form(programme: Any, kind: str, card: RateCard | None, another: str = "") -> RateCardForm:
    """The editor with the newest version in it, or with an example or an older version to begin with.

    `another` is the key of a part to begin.
    """
    components, name = (card.components, card.name) if card else ([], "")
    begin = request.args.get("begin", "")
    if begin in examples_for(kind):
        components = example_cards()[begin]["components"]
        name = example_cards()[begin]["title"]
    elif (number := whole_number(begin)) is not None:
        older = queries.rate_card(programme.id, kind, number)
        components, name = older.components, older.name
    countries = programme.eligible_countries
    form = rate_card_form(kind, countries, components, card.number if card else 0, name, [*request.form, f"{another}-"])
    if another in form.parts():
        form.begin(another, countries)
    return form


def _stored(programme: Any, kind: str, card: RateCard | None) -> RateCardForm:
    """The editor with what is in force, whatever was sent."""
    components, number = (card.components, card.number) if card else ([], 0)
    return rate_card_form(kind, programme.eligible_countries, components, number, formdata=None)


def _save(programme: Any, kind: str, form: RateCardForm) -> Any:
    seen = whole_number(form.seen.data)
    try:
        with transaction():
            operations.save_rate_card(
                programme,
                by=current_user,
                components=form.components(),
                voucher_kind=kind,
                name=form.name.data or "",
                seen=-1 if seen is None else seen,
            )
    except EditConflict:
        card = queries.newest_rate_card(programme.id, kind)
        form.was_slower_than(card.number if card else 0, _stored(programme, kind, card))
        return _editor(teams.programme(programme.id), kind, form, card, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _editor(teams.programme(programme.id), kind, form, queries.newest_rate_card(programme.id, kind), 422)
    flash("A new version of the rates is in force. Vouchers keep the version they were computed with.", "success")
    return redirect(url_for("programmes.show", id=programme.id, _anchor="rates"), 303)


def _editor(programme: Any, kind: str, form: RateCardForm, card: RateCard | None, status: int = 200) -> Any:
    page = render_template(
        "rates/edit.html",
        programme=programme,
        kind=kind,
        kinds=KINDS,
        form=form,
        card=card,
        examples=examples_for(kind),
        countries=by_name(EUROPE).values(),
        **_at_work(form, programme),
    )
    return page, status


@blueprint.post("/programmes/<int:id>/rates/<kind:kind>/worked-cases")
@signed_in
def work_out(id: int, kind: str) -> Any:
    """The worked cases for what stands in the editor: fetched by its script while one types. Saves nothing."""
    programme = teams.programme_as(id, current_user, Role.OWNER)
    in_currency(programme.currency)
    form = rate_card_form(kind, programme.eligible_countries, [], 0, typed=request.form)
    form.validate()
    return render_template("rates/_worked_cases.html", programme=programme, form=form, **_at_work(form, programme))


def _at_work(form: RateCardForm, programme: Any) -> dict[str, Any]:
    """The worked cases of what stands in the form, as far as it can be computed with: rows are added to unfinished parts."""
    if form.is_submitted() and form.errors:
        return {"cases": [], "uncovered": [], "waits": True}
    components = form.components()
    unfinished = {fault.place[0] for fault in faults(components, form.voucher_kind, programme.currency) if fault.place}
    components = [part for part in components if part["key"] not in unfinished]
    paying = any(part["component"] not in OVER_ALL for part in components)
    cases = worked_cases(components, programme.eligible_countries, programme.currency) if paying else []
    own = form.attempt.form.case(components) if paying else None
    found = [(case.words, estimate(components, case.case)) for case in [*_own(own, components), *cases]]
    return {"cases": found, "uncovered": uncovered(components, programme.eligible_countries), "waits": False}


def _own(case: Any, components: Components) -> list[WorkedCase]:
    return [named(case, components)] if case else []


@blueprint.get("/programmes/<int:id>/rates/<kind:kind>/versions")
@public
def versions(id: int, kind: str) -> Any:
    """All versions of the rates with their days: vouchers keep theirs, so everybody may read the old ones."""
    programme = teams.programme(id)
    cards = queries.rate_cards(id, kind)
    return render_template("rates/versions.html", programme=programme, kind=kind, kinds=KINDS, cards=cards)


@blueprint.get("/programmes/<int:id>/rates/<kind:kind>/versions/<int:number>")
@public
def version(id: int, kind: str, number: int) -> Any:
    """One version as plain tables."""
    programme, card = teams.programme(id), queries.rate_card(id, kind, number)
    newest = queries.newest_rate_card(id, kind)
    return render_template(
        "rates/version.html",
        programme=programme,
        kind=kind,
        kinds=KINDS,
        card=card,
        components=readable(card.components),
        is_newest=newest is not None and newest.id == card.id,
        owns=current_user.is_authenticated and Role.OWNER in current_user.roles_in_programme(id),
    )
