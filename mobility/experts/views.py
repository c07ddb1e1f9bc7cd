"""The pages of experts: agreeing to be asked, and the list of those who do."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.errors import EditConflict
from mobility.core.forms import Button, retried
from mobility.core.paging import page_number
from mobility.core.wording import country_name
from mobility.experts import operations, queries
from mobility.experts.forms import LANGUAGE_NAMES, ExpertForm, read_filters, values_of
from mobility.experts.models import Expert
from mobility.people.models import Organisation
from mobility.people.regions import region_name
from mobility.people.sectors import SECTORS, sector_names
from mobility.people.topics import GROUPS, topic_names

experts = Blueprint("experts", __name__)
experts.add_app_template_filter(topic_names)
experts.add_app_template_filter(sector_names)
ROLE_WORDS = {"reviewer": "Reviewers", "mentor": "Mentors"}


# Agreeing to be asked


@experts.route("/account/expert", methods=["GET", "POST"])
@signed_in
def agree() -> ResponseReturnValue:
    """What the reader agrees to be asked for."""
    expert, organisations = queries.of_person(current_user.id), queries.organisations_of(current_user)
    if not organisations:
        return render_template("experts/agree.html", form=None, expert=expert, groups=GROUPS)
    form = ExpertForm(data=values_of(expert)).offer(organisations)
    if not form.validate_on_submit():
        return _agree_page(form, expert, 422 if form.is_submitted() else 200)
    try:
        retried(lambda: operations.agree(current_user, **form.given()))
    except EditConflict:
        return _was_slower(form, organisations)
    flash("Saved. You are in the list of experts, and can change this or stop at any time.", "success")
    return redirect(url_for(".agree"), 303)


def _was_slower(form: ExpertForm, organisations: list[Organisation]) -> ResponseReturnValue:
    """Saved in another tab meanwhile: what is stored now, and everything typed."""
    expert = queries.of_person(current_user.id)
    now = values_of(expert)
    form.was_slower(now["seen"], ExpertForm(formdata=None, data=now).offer(organisations))
    return _agree_page(form, expert, 409)


def _agree_page(form: ExpertForm, expert: Expert | None, status: int) -> ResponseReturnValue:
    return render_template("experts/agree.html", form=form, expert=expert, groups=GROUPS), status


@experts.post("/account/expert/stop")
@signed_in
def stop() -> ResponseReturnValue:
    """Nobody is asked any more; done twice, it is done."""
    if Button().validate_on_submit():
        retried(lambda: operations.stop(current_user))
        flash("You are not asked any more, and not in the list. Mentorings that run go on until one of you ends them.", "success")
    return redirect(url_for(".agree"), 303)


# The list


@experts.get("/experts")
@signed_in
def index() -> ResponseReturnValue:
    """Everybody who agrees to be asked. Addresses are nobody's here."""
    places = _places()
    filters = read_filters(request.args, places)
    return render_template(
        "experts/index.html",
        page=queries.listed(filters, page_number()),
        filters=filters,
        kept={name: value for name, value in vars(filters).items() if value},
        places=places,
        groups=GROUPS,
        sectors=SECTORS,
        languages=LANGUAGE_NAMES,
        roles=ROLE_WORDS,
    )


def _places() -> dict[str, str]:
    """Code -> name of the countries in which there are experts, each followed by its regions."""
    found: dict[str, str] = {}
    for country, region in sorted(queries.places(), key=_place_name):
        found.setdefault(country, country_name(country))
        if name := region_name(region):
            found[region] = f"{country_name(country)}: {name}"
    return found


def _place_name(place: Any) -> tuple[str, str]:
    return country_name(place.country), region_name(place.code)
