"""The pages of themes: the public catalogue and its feed, a theme's page, and what its host does."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import public, requires, signed_in
from mobility.core.errors import Refusal
from mobility.core.fields import NOT_IN_THE_LIST
from mobility.core.paging import page_number
from mobility.lists.pages import show_list
from mobility.people.roles import LEVEL_LABELS, Role
from mobility.people.sectors import SECTORS
from mobility.themes import catalogue, forms, operations, queries
from mobility.themes.forms import LANGUAGE_NAMES, NewThemeForm, ThemeFields, ThemeForm
from mobility.themes.models import Theme
from mobility.themes.workflow import DRAFT, WORKFLOW, full, goes_on
from mobility.workflows import drafts
from mobility.workflows.actions import ActionPage, add_action_pages
from mobility.workflows.drafts import DraftPage

blueprint = Blueprint("themes", __name__)

coordinator = requires("coordinator of an organisation", lambda user: bool(user.organisation_ids(Role.COORDINATOR)))
host = requires("host", lambda user: bool(user.organisation_ids(Role.COORDINATOR, Role.HOST)))


@blueprint.app_template_filter("level_name")
def _level_name(key: str) -> str:
    return LEVEL_LABELS.get(key, key)  # type: ignore[call-overload]


@blueprint.app_template_filter("sector_name")
def _sector_name(key: str) -> str:
    return SECTORS.get(key, key)


# For everybody


@blueprint.get("/themes")
@public
def index() -> Any:
    countries, programmes = queries.host_countries(), queries.programme_names()
    filters, problems = forms.read_filters(request.args, countries, programmes)
    page = queries.catalogue(filters, page_number())
    return show_list(
        queries.CATALOGUE,
        page,
        "themes/index.html",
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
    waiting = queries.count_waiting(theme) if goes_on(theme) and (part or full(theme)) else 0
    return render_template("themes/show.html", theme=theme, manages=part, can_wait=full(theme), waiting=waiting)


# For hosts


@blueprint.get("/themes/mine")
@host
def mine() -> Any:
    page = queries.themes_of(current_user.organisation_ids(Role.COORDINATOR, Role.HOST), page_number())
    return show_list(queries.OWN, page, "themes/mine.html", workflow=WORKFLOW)


@blueprint.route("/themes/new", methods=["GET", "POST"])
@coordinator
def new() -> Any:
    hosts, programmes = queries.hosts_of(current_user), queries.programmes_with_open_call()
    form = forms.new_form(hosts, programmes)
    if not programmes:
        return render_template(EDIT.template, form=form, **_shown("new", None, form))
    return drafts.begin(NEW, form, lambda: _create(form), partial(_shown, "new", None))


@blueprint.route("/themes/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> Any:
    return drafts.answer(EDIT, id)


@blueprint.route("/themes/<int:id>/revise", methods=["GET", "POST"])
@signed_in
def revise(id: int) -> Any:
    return drafts.answer(REVISE, id)


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
        ActionPage("archive", operations.archive, done="The theme has been archived."),
    ),
)


# Editing a draft or a closed theme, and revising a published one: the same form


def _create(form: NewThemeForm) -> Theme:
    hosts, programmes = queries.hosts_of(current_user), queries.programmes_with_open_call()
    return operations.create(
        by=current_user,
        host=_chosen(form.host_id, hosts),
        programme=_chosen(form.programme_id, programmes),
        **form.content(),
    )


def _chosen(field: Any, offered: list[Any]) -> Any:
    """Of what is offered now: since the form was checked, a call may have closed."""
    for each in offered:
        if each.id == field.data:
            return each
    raise Refusal(NOT_IN_THE_LIST, field.name)


def _form(theme: Theme, *, stored: bool = False) -> ThemeForm:
    programmes = queries.programmes_with_open_call() if theme.state == DRAFT else []
    return forms.form_of(theme, programmes, stored=stored)


def _save(theme: Theme, form: ThemeForm) -> None:
    chosen = form.programme_id.data if "programme_id" in form else None
    programme = next((each for each in queries.programmes_with_open_call() if each.id == chosen), None)
    operations.save(theme, by=current_user, programme=programme, **form.content())


def _shown(action: str, theme: Theme | None, form: ThemeForm) -> dict[str, Any]:
    address = url_for(f".{action}", id=theme.id if theme else None)
    return {"theme": theme, "action": action, "address": address}


EDIT = DraftPage(
    template="themes/edit.html",
    find=queries.find,
    check=lambda theme: operations.check_editable(theme, current_user),
    form=_form,
    stored=partial(_form, stored=True),
    save=_save,
    shown=partial(_shown, "edit"),
    after_saving="themes.show",
    after_sending="themes.show",
    saved="Saved.",
    sends=("publish",),
    more=ThemeFields.add_rows,
)
NEW = replace(EDIT, saved="Your draft is saved. Publish it when it is complete.")
REVISE = replace(
    EDIT,
    check=lambda theme: WORKFLOW.check("revise", theme, current_user),
    save=lambda theme, form: operations.revise(theme, by=current_user, **form.content()),
    shown=partial(_shown, "revise"),
    saved="The theme has been revised; everybody sees the new version.",
    sends=(),
    partly=False,
)
