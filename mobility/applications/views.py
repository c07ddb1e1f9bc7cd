"""The pages of applications."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.applications import operations, queries
from mobility.applications.apply import way_in
from mobility.applications.forms import AcceptForm, ApplicationForm, ContactForm, WithdrawForm
from mobility.applications.models import Application
from mobility.applications.rules import CONTACT_KINDS, stay_preview
from mobility.applications.workflow import DRAFT, WORKFLOW
from mobility.core.access import signed_in
from mobility.core.actions import ActionPage, add_action_pages
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, GuardRefused, NotAllowed, NotReady
from mobility.core.forms import ReasonForm, create_once
from mobility.core.paging import page_number
from mobility.core.wording import format_day
from mobility.people.models import Organisation
from mobility.rates.queries import newest_rate_card
from mobility.themes.models import Theme
from mobility.themes.queries import public_theme

blueprint = Blueprint("applications", __name__)
blueprint.add_app_template_global(way_in)


@blueprint.get("/applications")
@signed_in
def index() -> ResponseReturnValue:
    """One's applications as a guest, and those to the themes of one's organisations."""
    filters = _filters()
    return render_template(
        "applications/index.html",
        page=queries.listed(current_user, filters, page_number()),
        counts=queries.count_by_state(current_user, filters),
        filters=filters,
        sides=queries.sides_of(current_user),
        themes=queries.hosted_themes(current_user),
        states=WORKFLOW.states,
    )


@blueprint.get("/applications/<int:id>")
@signed_in
def show(id: int) -> ResponseReturnValue:
    application = queries.find(id, current_user)
    if application.state == DRAFT:
        return redirect(url_for(".edit", id=id))
    parts = {part.value for part in WORKFLOW.actors_on(current_user, application)}
    return render_template("applications/show.html", application=application, parts=parts, contact_kinds=CONTACT_KINDS)


@blueprint.route("/themes/<int:id>/apply", methods=["GET", "POST"])
@signed_in
def apply(id: int) -> ResponseReturnValue:
    """The page to apply on. Looking at it writes nothing; the first saving makes the draft."""
    theme = public_theme(id, current_user)
    unfinished = queries.unfinished(theme, current_user)
    organisations = _organisations(theme)
    if request.method != "POST":
        if unfinished:
            return redirect(url_for(".show", id=unfinished.id))
        _refuse_closed(theme)
        form = ApplicationForm(organisation=organisations[0].id, level=current_user.level or "")
        form.prepare(organisations)
        return _page(form, theme, None)
    if unfinished and request.form.get("version"):
        return _send(unfinished.id, _submitting())
    return _create(theme, organisations)


@blueprint.route("/applications/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> ResponseReturnValue:
    """The draft, on the same page as it began."""
    if request.method == "POST":
        return _send(id, _submitting())
    application = queries.find(id, current_user)
    if application.state != DRAFT:
        return redirect(url_for(".show", id=id))
    form = ApplicationForm.of(application, _organisations(application.theme))
    return _page(form, application.theme, application)


@blueprint.route("/applications/<int:id>/submit", methods=["GET", "POST"])
@signed_in
def submit(id: int) -> ResponseReturnValue:
    """Submitting is done on the draft's own page, where everything that goes out is in sight."""
    return _send(id, True) if request.method == "POST" else redirect(url_for(".edit", id=id))


@blueprint.post("/themes/<int:id>/apply/amount")
@signed_in
def amount(id: int) -> ResponseReturnValue:
    """What one would get for the days in the form: fetched by its script while one picks them. Saves nothing."""
    theme = public_theme(id, current_user)
    form = ApplicationForm()
    form.prepare(_organisations(theme))
    return render_template("applications/_amount.html", theme=theme, form=form, **_amount(theme, form))


def _amount(theme: Theme, form: ApplicationForm) -> dict[str, Any]:
    """The preview of the amount, and how it would be with green travel if that makes a difference."""
    home = form.organisations.get(form.organisation.data)
    if form.self_funded.data or home is None:
        return {"preview": None, "green": None}
    card = newest_rate_card(theme.programme_id)
    components = card.components if card else None
    days = form.first_day.data, form.last_day.data
    found, green = (stay_preview(components, theme.host, home, *days, manner) for manner in (False, True))
    differs = found and green and not green.refusal and green.total != found.total
    return {"preview": found, "green": green if differs else None}


def _create(theme: Theme, organisations: Sequence[Organisation]) -> ResponseReturnValue:
    """The draft's first saving: once, however often the form arrives."""
    form = ApplicationForm()
    form.prepare(organisations)
    if not form.validate():
        return _page(form, theme, None, 422)
    try:
        answer = create_once(form, lambda: _make(theme, form, _submitting()))
    except EditConflict:
        return _not_the_first(theme, form)
    except NotReady as refusal:
        create_once(form, lambda: _make(theme, form, False))
        return _show_problems(theme, form, refusal)
    if _wants_json():
        application = queries.unfinished(theme, current_user)
        return jsonify(version=application.version if application else None)
    _say_saved(queries.unfinished(theme, current_user))
    return answer


def _make(theme: Theme, form: ApplicationForm, submitting: bool) -> str:
    given = form.given_by(current_user)
    if found := queries.unfinished(theme, current_user):
        raise EditConflict(found)
    application = operations.start(theme, by=current_user, guest_organisation=given["guest_organisation"])
    operations.save(application, by=current_user, **given)
    if submitting:
        operations.submit(application, by=current_user)
    return url_for(".show", id=application.id)


def _send(id: int, submitting: bool) -> ResponseReturnValue:
    """Save the draft, and submit it if that was asked. What stands against submitting does not undo the saving."""
    try:
        with transaction():
            application = queries.find(id, current_user, for_update=True)
            form = ApplicationForm()
            form.prepare(_organisations(application.theme))
            if application.state != DRAFT:
                return _sent_already(application, form)
            if not form.validate():
                return _page(form, application.theme, application, 422)
            if form.version.data != str(application.version) and _differs(form, application):
                return _conflict(form, application)
            operations.save(application, by=current_user, **form.given_by(current_user))
            if submitting:
                operations.submit(application, by=current_user)
    except NotReady as refusal:
        with transaction():
            application = queries.find(id, current_user, for_update=True)
            if application.state == DRAFT:
                operations.save(application, by=current_user, **form.given_by(current_user))
        return _show_problems(application.theme, form, refusal)
    if _wants_json():
        return jsonify(version=application.version)
    _say_saved(application)
    return redirect(url_for(".show", id=id), 303)


def _differs(form: ApplicationForm, application: Application) -> bool:
    """A form that says what is stored already is no conflict: the same click, twice."""
    stored = ApplicationForm.of(application, form.organisations.values())
    return form.given_by(current_user) != stored.given_by(current_user)


def _sent_already(application: Application, form: ApplicationForm) -> ResponseReturnValue:
    """The same click, twice, leads to what it made; an older page of the draft gets everything typed back."""
    if not _wants_json() and not _differs(form, application):
        return redirect(url_for(".show", id=application.id), 303)
    message = "This application has been sent, and stays as it was sent. You can withdraw it and apply again."
    page = render_template("core/conflict.html", message=message, subject=application, typed=form.typed(), changes=())
    return page, 409


def _not_the_first(theme: Theme, form: ApplicationForm) -> ResponseReturnValue:
    """Another page has made a draft meanwhile: nothing typed is lost, nothing overwritten unseen."""
    application = queries.unfinished(theme, current_user)
    if application is None:
        abort(409)
    if application.state != DRAFT:
        return _sent_already(application, form)
    return _conflict(form, application)


def _conflict(form: ApplicationForm, application: Application) -> ResponseReturnValue:
    _set_version(form, application)
    stored = ApplicationForm.of(application, form.organisations.values())
    return _page(form, application.theme, application, 409, stored=stored)


def _show_problems(theme: Theme, form: ApplicationForm, refusal: NotReady) -> ResponseReturnValue:
    application = queries.unfinished(theme, current_user)
    for problem in refusal.problems:
        form.refuse(GuardRefused(problem.message, problem.field))
    if application:
        _set_version(form, application)
    return _page(form, theme, application, 422)


def _set_version(form: ApplicationForm, application: Application) -> None:
    form.version.data, form.version.raw_data = application.version, None


def _page(
    form: ApplicationForm, theme: Theme, application: Application | None, status: int = 200, **more: Any
) -> ResponseReturnValue:
    address = url_for(".edit", id=application.id) if application else url_for(".apply", id=theme.id)
    today = theme.programme.today
    page = render_template(
        "applications/edit.html",
        form=form,
        theme=theme,
        application=application,
        address=address,
        today=today,
        answer_by=today + timedelta(days=theme.programme.host_answer_days),
        **_amount(theme, form),
        **more,
    )
    return page, status


def _organisations(theme: Theme) -> Sequence[Organisation]:
    """Those for which the person may travel, the likeliest first. Raises if there is none."""
    found = queries.organisations_of(current_user)
    if not found:
        raise NotAllowed("To apply you need an organisation. Ask its coordinator to add you as a guest.")
    return sorted(found, key=lambda each: each.id == theme.host_id)


def _refuse_closed(theme: Theme) -> None:
    if theme.state != "published":
        raise GuardRefused("This theme does not take applications any more.")
    if current_user.roles_in(theme.host_id):
        raise GuardRefused(f"You belong to {theme.host.name} yourself. An exchange is with another organisation.")


def _say_saved(application: Application | None) -> None:
    if application is None or application.state == DRAFT:
        flash("Draft saved. Nobody but you sees it until you submit it.", "success")
    else:
        until = format_day(application.due_on)
        flash(f"Sent to {application.theme.host.name}. They answer by {until}.", "success")


def _submitting() -> bool:
    return request.form.get("act") == "submit"


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _filters() -> queries.Filters:
    """The filters in the address; nonsense counts as no filter."""
    state, side, theme = (request.args.get(name, "") for name in ("state", "side", "theme"))
    return queries.Filters(
        side if side in queries.sides_of(current_user) else "",
        state if state in {each.name for each in WORKFLOW.states} else "",
        int(theme) if theme.isascii() and theme.isdigit() and len(theme) < 10 else None,
    )


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "record_contact",
            operations.record_contact,
            ContactForm,
            done="Recorded. The other side is told.",
            summary="applications/_summary.html",
        ),
        ActionPage(
            "accept",
            operations.accept,
            AcceptForm,
            done="Accepted. The guest confirms next, and is told until when.",
            summary="applications/_summary.html",
        ),
        ActionPage(
            "decline",
            operations.decline,
            ReasonForm,
            done="Declined. The guest has your reason.",
            summary="applications/_summary.html",
        ),
        ActionPage("withdraw", operations.withdraw, WithdrawForm, done="The application is withdrawn."),
    ),
)
