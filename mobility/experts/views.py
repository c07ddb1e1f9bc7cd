"""The pages of experts: agreeing to be asked, the list of those who do, and mentorings."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in, whoever_is_signed_in
from mobility.core.errors import EditConflict
from mobility.core.forms import Button, ReasonForm, created, retried
from mobility.core.paging import page_number
from mobility.core.web import say
from mobility.core.wording import country_name, format_day
from mobility.experts import operations, queries
from mobility.experts.forms import (
    LANGUAGE_NAMES,
    AskForm,
    ExpertForm,
    LookBackForm,
    PointsForm,
    TalkForm,
    WordForm,
    read_filters,
    values_of,
)
from mobility.experts.models import Expert, Mentoring
from mobility.experts.rules import OUTCOMES, steps_of
from mobility.experts.workflow import WORKFLOW
from mobility.lists.pages import show_list
from mobility.people.models import Organisation
from mobility.people.regions import region_name
from mobility.people.sectors import SECTORS, sector_names
from mobility.people.topics import GROUPS
from mobility.workflows.actions import ActionPage, add_action_pages, waits_for_me

experts, mentorings = Blueprint("experts", __name__), Blueprint("mentorings", __name__)
experts.add_app_template_filter(sector_names)
ROLE_WORDS = {"reviewer": "Reviewers", "mentor": "Mentors"}


# Agreeing to be asked


@experts.route("/account/expert", methods=["GET", "POST"])
@signed_in
def agree() -> ResponseReturnValue:
    """What the reader agrees to be asked for."""
    expert, organisations = queries.of_person(current_user.id), queries.organisations_of(current_user)
    if not organisations:
        return render_template("experts/agree.html", form=None, expert=expert)
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
    return render_template("experts/agree.html", form=form, expert=expert), status


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
    return show_list(
        queries.LIST,
        queries.listed(filters, page_number()),
        "experts/index.html",
        filters=filters,
        kept={name: value for name, value in vars(filters).items() if value},
        places=places,
        groups=GROUPS,
        sectors=SECTORS,
        languages=LANGUAGE_NAMES,
        roles=ROLE_WORDS,
        mentors=queries.mentors_of(current_user.id),
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


# Asking for a mentoring


@experts.route("/experts/<int:id>/ask", methods=["GET", "POST"])
@signed_in
def ask(id: int) -> ResponseReturnValue:
    """What the reader asks this expert, or why they cannot."""
    expert, organisations = queries.find_mentor(id), queries.organisations_of(current_user)
    programmes = queries.programmes_for(organisations)
    reason = queries.why_not(expert, current_user) or ("" if programmes else "There is no programme yet.")
    if reason and (request.method != "POST" or not (organisations and programmes)):
        return render_template(
            "experts/ask.html", expert=expert, form=None, reason=reason
        ), 200 if request.method != "POST" else 409
    form = AskForm().offer(organisations, queries.exchanges_of(current_user), programmes)
    return created(form, lambda: _ask(id, form), "experts/ask.html", expert=expert, reason="")


def _ask(id: int, form: AskForm) -> str:
    """In one transaction, with the expert locked: they may just stop."""
    mentoring = operations.ask(queries.find_mentor(id, for_update=True), by=whoever_is_signed_in(), **form.given())
    say(f"{mentoring.mentor.name} has been asked, and has time to answer until {format_day(mentoring.due_on)}.", "success")
    return url_for("mentorings.show", id=mentoring.id)


# Mentorings


@mentorings.get("/mentorings", endpoint="index")
@signed_in
def mentorings_index() -> ResponseReturnValue:
    """The reader's own, and those of the organisations they coordinate."""
    return show_list(queries.MENTORINGS, queries.mentorings_of(current_user, page_number()), "experts/mentorings.html")


@mentorings.get("/mentorings/<int:id>")
@signed_in
def show(id: int) -> ResponseReturnValue:
    mentoring = queries.find(id, current_user)
    mine = waits_for_me(mentoring)
    return render_template(
        "experts/mentoring.html",
        mentoring=mentoring,
        steps=steps_of(mentoring, mine=mine, today=mentoring.programme.today),
        is_one_of_the_two=current_user.id in (mentoring.mentor_id, mentoring.mentee_id),
        outcomes=OUTCOMES,
        exchange=queries.seen_exchange(mentoring, current_user),
    )


def _write_to(mentoring: Mentoring) -> str:
    mentee = mentoring.mentee
    return f"Accepted. Write to {mentee.name} to arrange the first talk: {mentee.email}"


add_action_pages(
    mentorings,
    WORKFLOW,
    queries.find,
    (
        ActionPage("accept", operations.accept, WordForm, done=_write_to),
        ActionPage("decline", operations.decline, ReasonForm, done=lambda each: f"{each.mentee.name} has been told."),
        ActionPage(
            "withdraw", operations.withdraw, ReasonForm, done=lambda each: f"Withdrawn. {each.mentor.name} has been told."
        ),
        ActionPage("record_talk", operations.record_talk, TalkForm, done="Next: agree on three points, and write them down."),
        ActionPage(
            "agree_points",
            operations.agree_points,
            PointsForm,
            done=lambda each: f"Written down. You look back on {format_day(each.look_back_on)}; both of you are reminded.",
        ),
        ActionPage("change_points", operations.change_points, PointsForm, done="Changed. The other one has been told."),
        ActionPage(
            "look_back",
            operations.look_back,
            LookBackForm,
            done=lambda each: (
                f"The other one can read it, and end the mentoring. It ends by itself after {format_day(each.ends_on)}."
            ),
        ),
        ActionPage("end", operations.end, WordForm, done="The mentoring has ended. Thank you both."),
        ActionPage("cancel", operations.cancel, ReasonForm, done="The mentoring has ended. The other one has been told."),
    ),
)
