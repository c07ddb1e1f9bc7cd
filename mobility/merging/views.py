"""The administrator's pages of making one of two, and of closing an organisation: a preview first, and a reason."""

from hashlib import sha256
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
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
from mobility.workflows.searching import searched_text

blueprint = Blueprint("merging", __name__, url_prefix="/admin")

MODELS: dict[str, type[Any]] = {"organisations": Organisation, "people": User}
TARGETS = {"organisations": "organisation", "people": "user"}
PAGES = {"organisations": "people.organisation", "people": "administration.person"}


@blueprint.get("/<any(organisations, people):what>/<int:id>/merge")
@administrator
def choose(what: str, id: int) -> ResponseReturnValue:
    """Which other one it is."""
    found = _found(what, id)
    words = searched_text("q", otherwise=found.name)
    listed = administration.organisation_list if what == "organisations" else administration.people_list
    page = listed(words, page_number())
    return render_template("merging/choose.html", what=what, gone=found, page=page, words=words, back_url=_page_of(what, id))


@blueprint.route("/<any(organisations, people):what>/<int:id>/merge/<int:into>", methods=["GET", "POST"])
@administrator
@asked_again
def merge(what: str, id: int, into: int) -> ResponseReturnValue:
    """What moves, what stands against it; and doing it."""
    form = (MergeForm if what == "organisations" else MergePeopleForm)(data={"seen": _seen(what, id, into)})
    if not form.validate_on_submit():
        return _preview(what, id, into, form, 422 if form.is_submitted() else 200)
    try:
        with transaction():
            _merge(what, id, into, form)
    except EditConflict:
        form.was_slower(_seen(what, id, into))
        return _preview(what, id, into, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _preview(what, id, into, form, refusal.status)
    flash(f"{_found(what, id).name} is {_found(what, into).name} from now on.", "success")
    return redirect(_page_of(what, into), 303)


def _merge(what: str, id: int, into: int, form: Form) -> None:
    try:
        gone, stays = queries.locked_pair(MODELS[what], id, into)
    except KeyError:
        or_404(None)
    if form["seen"].data != _seen(what, id, into):
        raise EditConflict(gone)
    do = operations.merge_organisations if what == "organisations" else operations.merge_people
    do(gone, stays, by=current_user, **form.given())


def _seen(what: str, id: int, into: int) -> str:
    """Of what the preview shows."""
    shown = [fingerprint(_found(what, each)) for each in (id, into)], queries.counts(TARGETS[what], id)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _preview(what: str, id: int, into: int, form: Form, status: int) -> ResponseReturnValue:
    gone, stays = _found(what, id), _found(what, into)
    against = queries.against_organisations if what == "organisations" else queries.against_people
    page = render_template(
        "merging/merge.html",
        what=what,
        gone=gone,
        stays=stays,
        moves=queries.counts(TARGETS[what], id),
        against=against(gone, stays),
        form=form,
        back_url=url_for(".choose", what=what, id=id),
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


def _found(what: str, id: int) -> Any:
    return or_404(queries.find(MODELS[what], id))


def _page_of(what: str, id: int) -> str:
    return url_for(PAGES[what], id=id)
