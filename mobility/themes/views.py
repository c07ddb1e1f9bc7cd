"""The pages of themes: the public catalogue and its feed, a theme's page, and what its host does."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core import clock
from mobility.core.access import public, requires, signed_in
from mobility.core.actions import ActionPage, add_action_pages, conflict_page
from mobility.core.database import StaleDataError, transaction
from mobility.core.errors import EditConflict, GuardRefused, NotAllowed, Refusal, WrongState
from mobility.core.forms import create_once
from mobility.core.paging import page_number
from mobility.people.roles import LEVEL_LABELS, Role
from mobility.people.sectors import SECTORS
from mobility.themes import catalogue, forms, operations, queries
from mobility.themes.forms import LANGUAGE_NAMES, NewThemeForm, ThemeForm
from mobility.themes.models import Theme
from mobility.themes.workflow import WORKFLOW

blueprint = Blueprint("themes", __name__)

coordinator = requires("coordinator of an organisation", lambda user: bool(user.organisation_ids(Role.COORDINATOR)))
host = requires("host", lambda user: bool(user.organisation_ids(Role.COORDINATOR, Role.HOST)))


@blueprint.app_template_filter("level_name")
def _level_name(key: str) -> str:
    return LEVEL_LABELS.get(key, key)  # type: ignore[call-overload]


@blueprint.app_template_filter("sector_name")
def _sector_name(key: str) -> str:
    return SECTORS.get(key, key)


@blueprint.app_template_filter("days_left")
def _days_left(day: date | None) -> int:
    """Whole days until a deadline; a missing one is far away."""
    return (day - clock.today()).days if day else 9999


# For everybody


@blueprint.get("/themes")
@public
def index() -> Any:
    countries, programmes = queries.host_countries(), queries.programme_names()
    filters, problems = forms.read_filters(request.args, countries, programmes)
    page = queries.catalogue(filters, page_number())
    return render_template(
        "themes/index.html",
        page=page,
        filters=filters,
        problems=problems,
        choices=catalogue.choices(filters, countries, programmes, LANGUAGE_NAMES),
        chips=catalogue.chips(filters, {each.id: each.name for each in programmes}),
        kept=catalogue.address(filters),
    )


@blueprint.get("/themes.atom")
@public
def feed() -> Any:
    response = Response(catalogue.atom(queries.feed()), mimetype="application/atom+xml")
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/themes/<int:id>")
@public
def show(id: int) -> Any:
    theme = queries.public_theme(id, current_user)
    part = current_user.is_authenticated and WORKFLOW.may_see(current_user, theme)
    return render_template("themes/show.html", theme=theme, manages=part)


# For hosts


@blueprint.get("/themes/mine")
@host
def mine() -> Any:
    page = queries.themes_of(current_user.organisation_ids(Role.COORDINATOR, Role.HOST), page_number())
    return render_template("themes/mine.html", page=page, workflow=WORKFLOW)


@blueprint.route("/themes/new", methods=["GET", "POST"])
@coordinator
def new() -> Any:
    hosts, programmes = queries.hosts_of(current_user), queries.programmes_with_open_call()
    form = forms.new_form(hosts, programmes)
    if request.method != "POST" or not programmes:
        return render_template("themes/edit.html", form=form, theme=None)
    if _wants_rows(form) or not form.validate():
        return _again(form)
    chosen_host = next(each.id for each in hosts if each.id == form.host_id.data)
    try:
        return create_once(form, lambda: _create(form, chosen_host))
    except Refusal as refusal:
        form.refuse(refusal)
        return _again(form)


def _create(form: NewThemeForm, host_id: int) -> str:
    theme = operations.create(
        by=current_user,
        host=next(each for each in queries.hosts_of(current_user) if each.id == host_id),
        programme=next(each for each in queries.programmes_with_open_call() if each.id == form.programme_id.data),
        **form.content(),
    )
    flash("Your draft is saved. Publish it when it is complete.", "success")
    return url_for("themes.show", id=theme.id)


@blueprint.route("/themes/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> Any:
    return _edit_page(id, "edit", "Saved.")


@blueprint.route("/themes/<int:id>/revise", methods=["GET", "POST"])
@signed_in
def revise(id: int) -> Any:
    return _edit_page(id, "revise", "The theme is revised; everybody sees it as it is now.")


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "publish",
            operations.publish,
            done="The theme is published. You are told by mail when a guest applies.",
            summary="themes/_preview.html",
        ),
        ActionPage("close", operations.close, done="The theme is closed; nobody can apply any more."),
        ActionPage("reopen", operations.reopen, done="The theme is open again; guests can apply."),
        ActionPage("archive", operations.archive, done="The theme is put away."),
    ),
)


# Editing a draft or a closed theme, and revising a published one: the same form


def _edit_page(id: int, action: str, done: str) -> Any:
    if request.method != "POST":
        theme = queries.find(id, current_user)
        try:
            _check(theme, action)
        except (WrongState, NotAllowed, GuardRefused) as refusal:
            return conflict_page(refusal, theme, None)
        return render_template("themes/edit.html", form=_form(theme), theme=theme, action=action)
    return _save(id, action, done)


def _save(id: int, action: str, done: str) -> Any:
    form = None
    try:
        with transaction():
            theme = queries.find(id, current_user, for_update=True)
            form = _form(theme)
            _check(theme, action)
            if form.version.data != str(theme.version):
                raise EditConflict(theme)
            if _wants_rows(form) or not form.validate():
                return _again(form, theme, action)
            _operate(theme, action, form)
    except (EditConflict, StaleDataError):
        return _faster(queries.find(id, current_user), form, action)
    except (WrongState, NotAllowed, GuardRefused) as refusal:
        return conflict_page(refusal, queries.find(id, current_user), form)
    except Refusal as refusal:
        theme = queries.find(id, current_user)
        form = _form(theme)
        form.validate()
        form.refuse(refusal)
        return _again(form, theme, action)
    if _wants_json():
        return {"version": queries.find(id, current_user).version}
    flash(done, "success")
    return redirect(url_for("themes.show", id=id), 303)


def _operate(theme: Theme, action: str, form: ThemeForm) -> None:
    if action == "revise":
        operations.revise(theme, by=current_user, **form.content())
        return
    chosen = form.programme_id.data if "programme_id" in form else None
    programme = next((each for each in queries.programmes_with_open_call() if each.id == chosen), None)
    operations.save(theme, by=current_user, programme=programme, **form.content())


def _form(theme: Theme) -> ThemeForm:
    return forms.form_of(theme, queries.programmes_with_open_call() if theme.state == "draft" else [])


def _check(theme: Theme, action: str) -> None:
    if action == "revise":
        WORKFLOW.check("revise", theme, current_user)
    else:
        operations.check_editable(theme, current_user)


def _wants_rows(form: Any) -> bool:
    """The button "More windows": nothing is saved, everything typed stays, and there are empty rows again."""
    if "more" not in request.form:
        return False
    form.add_rows()
    return True


def _again(form: Any, theme: Theme | None = None, action: str = "new") -> Any:
    """The form once more with everything typed; 422 unless only more rows were asked for."""
    status = 200 if "more" in request.form else 422
    if _wants_json():
        return {"errors": form.errors}, 422
    return render_template("themes/edit.html", form=form, theme=theme, action=action), status


def _faster(theme: Theme, form: Any, action: str) -> Any:
    """409: what was typed stays in the form, which now carries the new version. The same click twice is one."""
    text = str(form.version.data or "") if form else ""
    changes = theme.changes_since(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else []
    try:
        _check(theme, action)
    except (WrongState, NotAllowed, GuardRefused) as refusal:
        return conflict_page(refusal, theme, form, changes)
    form = _form(theme)
    form.validate()
    form.version.data = theme.version
    if _wants_json():
        return {"errors": {"version": ["Somebody else was faster."]}}, 409
    return render_template(
        "themes/edit.html", form=form, theme=theme, action=action, changes=changes, subject=theme, faster=True
    ), 409


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
