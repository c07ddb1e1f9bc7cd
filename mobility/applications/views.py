"""The pages of applications."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.applications import operations, queries
from mobility.applications.apply import not_open, way_in, would_pay
from mobility.applications.forms import AcceptForm, ApplicationForm, ContactForm, WithdrawForm
from mobility.applications.models import Application
from mobility.applications.rules import CONTACT_KINDS, asked_later, stay_preview
from mobility.applications.workflow import DRAFT, LAPSED, WAITING, WITHDRAWN, WORKFLOW, WRITABLE
from mobility.core.access import signed_in
from mobility.core.errors import EditConflict, GuardRefused, NotAllowed
from mobility.core.forms import ReasonForm
from mobility.core.paging import page_number
from mobility.core.wording import format_day
from mobility.lists.pages import show_list
from mobility.people.models import Organisation
from mobility.rates.queries import newest_rate_card
from mobility.themes.models import Theme
from mobility.themes.queries import count_waiting, public_theme
from mobility.themes.workflow import PUBLISHED, full
from mobility.workflows import drafts
from mobility.workflows.actions import ActionPage, add_action_pages
from mobility.workflows.drafts import DraftPage, GoTo
from mobility.workflows.searching import searched_text

blueprint = Blueprint("applications", __name__)
blueprint.add_app_template_global(way_in)
blueprint.add_app_template_global(would_pay)


@blueprint.get("/applications")
@signed_in
def index() -> ResponseReturnValue:
    """The reader's applications as a guest, and those to their organisations' themes."""
    filters = _filters()
    return show_list(
        queries.LIST,
        queries.listed(current_user, filters, page_number()),
        "applications/index.html",
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
    return render_template(
        "applications/show.html",
        application=application,
        parts={part.value for part in WORKFLOW.acting_on(current_user, application)},
        contact_kinds=CONTACT_KINDS,
        number=queries.number_in_queue(application) if application.state == WAITING else None,
        can_wait=full(application.theme),
        can_apply=application.state in (LAPSED, WITHDRAWN) and not not_open(application.theme),
    )


@blueprint.route("/themes/<int:id>/apply", methods=["GET", "POST"])
@signed_in
def apply(id: int) -> ResponseReturnValue:
    """The page to apply on. Looking at it writes nothing; the first saving makes the draft."""
    theme = public_theme(id, current_user)
    organisations = _organisations(theme)
    if request.method != "POST":
        if unfinished := queries.unfinished(theme, current_user):
            return redirect(url_for(".show", id=unfinished.id))
        _refuse_closed(theme)
    form = ApplicationForm(data={"organisation": organisations[0].id, "level": current_user.level or ""})
    form.prepare(organisations)
    return drafts.begin(PAGE, form, lambda: _start(theme, form), lambda form: _shown(theme, None, form))


@blueprint.route("/applications/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> ResponseReturnValue:
    """The draft, on the same page as it began."""
    if request.method != "POST" and queries.find(id, current_user).state not in WRITABLE:
        return redirect(url_for(".show", id=id))
    return drafts.answer(PAGE, id)


@blueprint.route("/applications/<int:id>/submit", methods=["GET", "POST"])
@signed_in
def submit(id: int) -> ResponseReturnValue:
    """Submitting is done on the draft's own page, where everything that goes out is in sight."""
    return _by_the_drafts_page(id, _submit)


@blueprint.route("/applications/<int:id>/wait-for-place", methods=["GET", "POST"])
@signed_in
def wait_for_place(id: int) -> ResponseReturnValue:
    return _by_the_drafts_page(id, _wait)


@blueprint.route("/applications/<int:id>/accept-offer", methods=["GET", "POST"])
@signed_in
def accept_offer(id: int) -> ResponseReturnValue:
    return _by_the_drafts_page(id, _accept_offer)


def _by_the_drafts_page(id: int, act: Callable[[Application], GoTo]) -> ResponseReturnValue:
    return drafts.receive(PAGE, id, act) if request.method == "POST" else redirect(url_for(".edit", id=id))


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
        return {"preview": None, "green": None, "asked_later": []}
    card = newest_rate_card(theme.programme_id)
    components = card.components if card else None
    days = form.first_day.data, form.last_day.data
    found, green = (stay_preview(components, theme, home, *days, manner, form.persons) for manner in (False, True))
    differs = found and green and not green.refusal and green.total != found.total
    return {"preview": found, "green": green if differs else None, "asked_later": asked_later(components)}


# The draft


def _start(theme: Theme, form: ApplicationForm) -> Application:
    """Only one is unfinished at a time: another page may have made it meanwhile."""
    given = form.given_by(current_user)
    queries.lock_guest(current_user.id)
    if found := queries.unfinished(theme, current_user):
        raise EditConflict(found)
    application = operations.start(theme, by=current_user, guest_organisation=given["guest_organisation"])
    operations.save(application, by=current_user, **given)
    return application


def _form(application: Application) -> ApplicationForm:
    form = ApplicationForm()
    form.prepare(_organisations(application.theme))
    return form


def _save(application: Application, form: ApplicationForm) -> None:
    given = form.given_by(current_user)
    given["guest_organisation"] = given["guest_organisation"] or application.guest_organisation
    operations.save(application, by=current_user, **given)


def _submit(application: Application) -> GoTo:
    operations.submit(application, by=current_user)
    return _sent(application)


def _accept_offer(application: Application) -> GoTo:
    operations.accept_offer(application, by=current_user)
    return _sent(application)


def _wait(application: Application) -> GoTo:
    operations.wait_for_place(application, by=current_user)
    return GoTo(
        url_for(".show", id=application.id), "You are waiting for a place. When one is yours, we tell you by mail and here."
    )


def _sent(application: Application) -> GoTo:
    words = f"Sent to {application.theme.host.name}. They answer by {format_day(application.due_on)}."
    return GoTo(url_for(".show", id=application.id), words)


def _shown(theme: Theme, application: Application | None, form: ApplicationForm) -> dict[str, Any]:
    today = theme.programme.today
    return {
        "theme": theme,
        "application": application,
        "address": url_for(".edit", id=application.id) if application else url_for(".apply", id=theme.id),
        "today": today,
        "answer_by": today + timedelta(days=theme.programme.host_answer_days),
        "can_wait": full(theme),
        "waiting": count_waiting(theme) if full(theme) else 0,
        **_amount(theme, form),
    }


PAGE = DraftPage(
    template="applications/edit.html",
    find=queries.find,
    check=lambda application: operations.check_draft(application, current_user),
    form=_form,
    stored=lambda application: ApplicationForm.of(application, _organisations(application.theme)),
    save=_save,
    shown=lambda application, form: _shown(application.theme, application, form),
    after_saving="applications.show",
    after_sending="applications.show",
    saved="Draft saved. Nobody but you sees it until you submit it.",
    finish={"submit": _submit, "wait_for_place": _wait, "accept_offer": _accept_offer},
    sends=("submit", "wait_for_place", "accept_offer"),
)


def _organisations(theme: Theme) -> Sequence[Organisation]:
    """Those for which the person may travel, the likeliest first. Raises if there is none."""
    found = queries.organisations_of(current_user)
    if not found:
        raise NotAllowed("To apply you need an organisation. Ask its coordinator to add you as a guest.")
    return sorted(found, key=lambda each: each.id == theme.host_id)


def _refuse_closed(theme: Theme) -> None:
    if theme.state != PUBLISHED and not full(theme):
        raise GuardRefused("This theme does not take applications any more.")
    if current_user.roles_in(theme.host_id):
        raise GuardRefused(f"You belong to {theme.host.name} yourself. An exchange is with another organisation.")


def _filters() -> queries.Filters:
    """The filters in the address; nonsense counts as no filter."""
    state, side, theme = (request.args.get(name, "") for name in ("state", "side", "theme"))
    return queries.Filters(
        side if side in queries.sides_of(current_user) else "",
        state if state in {each.name for each in WORKFLOW.states} else "",
        int(theme) if theme.isascii() and theme.isdigit() and len(theme) < 10 else None,
        text=searched_text(),
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
            done="Recorded. The other side has been told.",
            summary="applications/_summary.html",
        ),
        ActionPage(
            "accept",
            operations.accept,
            AcceptForm,
            done="Accepted. The guest confirms next, and has been told by when.",
            summary="applications/_summary.html",
        ),
        ActionPage(
            "decline",
            operations.decline,
            ReasonForm,
            done="Declined. The guest has been given your reason.",
            summary="applications/_summary.html",
        ),
        ActionPage(
            "take_back",
            operations.take_back,
            ReasonForm,
            done="Taken back. The guest has been told; your answer is due again.",
            summary="applications/_summary.html",
        ),
        ActionPage("withdraw", operations.withdraw, WithdrawForm, done="The application has been withdrawn."),
        ActionPage("leave_queue", operations.leave_queue, done="You are no longer waiting for a place. Your draft is kept."),
    ),
)
