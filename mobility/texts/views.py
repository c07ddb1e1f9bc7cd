"""The public pages, the first steps, and their writing by administrators and owners."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import administrator, public, signed_in
from mobility.core.database import transaction
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.texts import operations, queries
from mobility.texts.forms import TextForm
from mobility.texts.operations import TextChanged
from mobility.texts.rules import OF_PROGRAMME, PAGES, Page, beginning, rendered
from mobility.texts.steps import GUIDES, Guide, guides_of, what_next

blueprint = Blueprint("texts", __name__)
KEYS, OF = ",".join(PAGES), ",".join(OF_PROGRAMME)

blueprint.add_app_template_global(what_next)


@blueprint.app_template_global("public_pages")
def _public_pages() -> list[Page]:
    """For the foot of every page."""
    return list(PAGES.values())


# For everybody


@blueprint.get(f"/<any({KEYS}):key>")
@public
def show(key: str) -> Any:
    words = queries.words_of(key)
    return render_template(
        "texts/show.html",
        page=PAGES[key],
        html=rendered(words.body),
        summary=beginning(words.body),
        text=words.text,
        programme=None,
        guides=list(GUIDES.values()) if key == "help" else [],
        writable=current_user.is_authenticated and current_user.is_administrator,
    )


@blueprint.get(f"/programmes/<int:id>/<any({OF}):key>")
@public
def of_programme(id: int, key: str) -> Any:
    """A programme's own contact and help."""
    programme = programmes.find(id)
    words = queries.words_of(key, programme)
    owns = current_user.is_authenticated and Role.OWNER in current_user.roles_in_programme(id)
    return render_template(
        "texts/show.html",
        page=PAGES[key],
        html=rendered(words.body),
        summary=beginning(words.body),
        text=words.text,
        programme=programme,
        guides=[],
        writable=owns,
    )


@blueprint.get("/help/first-steps/<role>")
@public
def first_steps(role: str) -> Any:
    guide = GUIDES.get(role) or abort(404)
    leads = current_user.is_authenticated and guide in _first_steps()
    return render_template("texts/first_steps.html", guide=guide, guides=list(GUIDES.values()), leads=leads)


@blueprint.app_template_global("first_steps")
def _first_steps() -> list[Guide]:
    """Those of the reader's roles, for the first page."""
    roles = {each.role for each in current_user.current_memberships}
    return guides_of(roles, administers=current_user.is_administrator)


# Writing


@blueprint.get("/admin/texts")
@administrator
def administer() -> Any:
    return render_template("texts/administer.html", pages=list(PAGES.values()), written=queries.written())


@blueprint.route(f"/admin/texts/<any({KEYS}):key>", methods=["GET", "POST"])
@administrator
def edit(key: str) -> Any:
    return _answer(key, None)


@blueprint.route(f"/programmes/<int:id>/texts/<any({OF}):key>", methods=["GET", "POST"])
@signed_in
def edit_of_programme(id: int, key: str) -> Any:
    return _answer(key, programmes.find_as(id, current_user, Role.OWNER))


def _answer(key: str, programme: Programme | None) -> Any:
    words, form = queries.words_of(key, programme), TextForm()
    if not form.is_submitted():
        form.body.data = words.body
        form.open_with(words.version)
        return _page(key, programme, form)
    if not form.validate():
        return _page(key, programme, form, 422)
    act = request.form.get("act")
    if act == "preview":
        return _page(key, programme, form)
    try:
        with transaction():
            body = "" if act == "default" else form.body.data or ""
            operations.write(key, by=current_user, body=body, seen=form.seen_number, programme=programme)
    except TextChanged as changed:
        form.refuse(changed)
        form.open_with(changed.words.version)
        return _page(key, programme, form, 409, theirs=changed.words.body)
    flash("Saved. Everybody reads it from now on." if body else "Our own text is shown again.", "success")
    return redirect(_there(key, programme), 303)


def _there(key: str, programme: Programme | None) -> str:
    return url_for(".of_programme", id=programme.id, key=key) if programme else url_for(".show", key=key)


def _page(key: str, programme: Programme | None, form: TextForm, status: int = 200, theirs: str = "") -> Any:
    previewed = request.form.get("act") == "preview" and not form.errors
    shown = rendered(form.body.data or "") if previewed else None
    there = _there(key, programme)
    return (
        render_template(
            "texts/edit.html",
            page=PAGES[key],
            programme=programme,
            form=form,
            shown=shown,
            theirs=theirs,
            there=there,
            written=queries.find(key, programme),
        ),
        status,
    )
