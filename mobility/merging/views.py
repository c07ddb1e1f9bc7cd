"""The administrator's pages of making one of two, and of closing an organisation: a preview first, and a reason."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.administration import queries as administration
from mobility.core.access import administrator
from mobility.core.database import fingerprint, transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Form
from mobility.core.paging import page_number
from mobility.core.web import or_404
from mobility.merging import operations, queries
from mobility.merging.forms import CloseForm, MergeForm, MergePeopleForm
from mobility.people.models import Organisation, User

blueprint = Blueprint("merging", __name__, url_prefix="/admin")

MODELS: dict[str, type[Any]] = {"organisations": Organisation, "people": User}
TARGETS = {"organisations": "organisation", "people": "user"}
PAGES = {"organisations": "people.organisation", "people": "administration.person"}


@blueprint.get("/<any(organisations, people):kind>/<int:id>/merge")
@administrator
def choose(kind: str, id: int) -> ResponseReturnValue:
    """Which other one it is."""
    found = _found(kind, id)
    words = request.args.get("q", found.name)[:200]
    listed = administration.organisation_list if kind == "organisations" else administration.people_list
    page = listed(words, page_number())
    return render_template("merging/choose.html", kind=kind, gone=found, page=page, words=words, back_url=_page_of(kind, id))


@blueprint.route("/<any(organisations, people):kind>/<int:id>/merge/<int:into>", methods=["GET", "POST"])
@administrator
@asked_again
def merge(kind: str, id: int, into: int) -> ResponseReturnValue:
    """What moves, what stands against it; and doing it."""
    form = (MergeForm if kind == "organisations" else MergePeopleForm)(data={"seen": _seen(kind, id, into)})
    if not form.validate_on_submit():
        return _preview(kind, id, into, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            _merge(kind, id, into, form)
    except EditConflict:
        form.was_slower(_seen(kind, id, into))
        return _preview(kind, id, into, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _preview(kind, id, into, form, refusal.status)
    flash(f"{_found(kind, id).name} is {_found(kind, into).name} from now on.", "success")
    return redirect(_page_of(kind, into), 303)


def _merge(kind: str, id: int, into: int, form: Form) -> None:
    try:
        gone, stays = queries.locked_pair(MODELS[kind], id, into)
    except KeyError:
        or_404(None)
    if form["seen"].data != _seen(kind, id, into):
        raise EditConflict(gone)
    do = operations.merge_organisations if kind == "organisations" else operations.merge_people
    do(gone, stays, by=current_user, **form.given())


def _seen(kind: str, id: int, into: int) -> str:
    """Of what the preview shows."""
    shown = [fingerprint(_found(kind, each)) for each in (id, into)], queries.counts(TARGETS[kind], id)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _preview(kind: str, id: int, into: int, form: Form, status: int) -> ResponseReturnValue:
    gone, stays = _found(kind, id), _found(kind, into)
    against = queries.against_organisations if kind == "organisations" else queries.against_people
    page = render_template(
        "merging/merge.html",
        kind=kind,
        gone=gone,
        stays=stays,
        moves=queries.counts(TARGETS[kind], id),
        against=against(gone, stays),
        form=form,
        back_url=url_for(".choose", kind=kind, id=id),
    )
    return page, status


@blueprint.route("/organisations/<int:id>/close", methods=["GET", "POST"])
@administrator
@asked_again
def close(id: int) -> ResponseReturnValue:
    found = _found("organisations", id)
    form = CloseForm(data={"seen": fingerprint(found)})
    if not form.validate_on_submit():
        return _closing(id, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            _close(id, form)
    except EditConflict:
        form.was_slower(fingerprint(_found("organisations", id)))
        return _closing(id, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _closing(id, form, refusal.status)
    flash(f"{_found('organisations', id).name} is closed. What it did stays.", "success")
    return redirect(_page_of("organisations", id), 303)


def _close(id: int, form: CloseForm) -> None:
    found = or_404(queries.organisation_to_close(id))
    if form.seen.data != fingerprint(found):
        raise EditConflict(found)
    operations.close_organisation(found, by=current_user, **form.given())


def _closing(id: int, form: CloseForm, status: int) -> ResponseReturnValue:
    found = _found("organisations", id)
    against = ["It is closed already."] if queries.is_over(found) else queries.stands_against_closing(found)
    page = render_template(
        "merging/close.html", organisation=found, against=against, form=form, back_url=_page_of("organisations", id)
    )
    return page, status


def _found(kind: str, id: int) -> Any:
    return or_404(queries.find(MODELS[kind], id))


def _page_of(kind: str, id: int) -> str:
    return url_for(PAGES[kind], id=id)
