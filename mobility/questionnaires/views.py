"""The owner's pages of questionnaires: their items with buttons, how each looks to whoever is asked, publishing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import StaleDataError, transaction
from mobility.core.errors import FASTER, EditConflict, Refusal
from mobility.core.paging import all_on_one
from mobility.core.web import or_404
from mobility.lists.pages import show_list
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.questionnaires import edits, operations, queries
from mobility.questionnaires.forms import ItemForm, SeenForm, SettingsForm, answer_form, blocks
from mobility.questionnaires.items import (
    KINDS,
    NUMBER,
    Item,
    Lines,
    condition_in_words,
    problems_of,
)
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.reading import (
    Notation,
)
from mobility.questionnaires.standard import AUDIENCES, END_GUEST, EVENTS, figures_of, is_opinion

blueprint = Blueprint("questionnaires", __name__)

SAMPLE = Lines(
    {"o1": "The first objective of the agreement", "o2": "The second objective of the agreement"},
    {"t1": "What the guest took home"},
    key_figures={"k1": "A key figure of the organisation"},
)


@blueprint.get("/programmes/<int:id>/questionnaires")
@signed_in
def index(id: int) -> Any:
    programme = programmes.find_as(id, current_user, Role.OWNER, Role.AUDITOR)
    page = all_on_one(queries.questionnaires(programme))
    return show_list(
        queries.LIST.of(programme),
        page,
        "questionnaires/index.html",
        programme_id=id,
        programme=programme,
        audiences=AUDIENCES,
        when=when_of,
    )


def when_of(asked: Questionnaire) -> str:
    """When it is asked, in words: "7 days after the last day of the visit"."""
    spans = [_some(months, "month") for months in asked.months]
    spans = [" and ".join(spans)] if spans else []
    if asked.days or not spans:
        spans.append(_some(asked.days, "day") if asked.days else "")
    span = " and ".join(filter(None, spans))
    return f"{span} after {EVENTS[asked.event]}" if span else f"on the day on which {_on(asked.event)}"


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _on(event: str) -> str:
    return {"signature": "both have signed", "stay": "the visit ends", "delivery": "it is delivered"}[event]


@blueprint.get("/programmes/<int:id>/questionnaires/<key>")
@signed_in
def show(id: int, key: str) -> Any:
    return _page(*_find(id, key, Role.OWNER, Role.AUDITOR))


def _find(id: int, key: str, *roles: str) -> tuple[Programme, Questionnaire]:
    programme = programmes.find_as(id, current_user, *roles or (Role.OWNER,))
    return programme, queries.questionnaire(programme, key)


def _page(programme: Programme, asked: Questionnaire, status: int = 200, refused: str = "") -> Any:
    items = asked.edited
    return (
        render_template(
            "questionnaires/edit.html",
            programme=programme,
            asked=asked,
            items=items,
            kinds=KINDS,
            conditions={each.key: condition_in_words(each, items) for each in items},
            figures={each.key: figures_of(asked.key, each.key) for each in items},
            opinions={each.key for each in items if asked.key == END_GUEST and is_opinion(asked.key, each)},
            taken_out=edits.taken_out(asked.key, items),
            problems=problems_of(items) if asked.draft is not None else [],
            audience=AUDIENCES[asked.asked_of],
            when=when_of(asked),
            owns=Role.OWNER in current_user.roles_in_programme(programme.id),
            refused=refused,
        ),
        status,
    )


@blueprint.get("/programmes/<int:id>/questionnaires/<key>/preview")
@signed_in
def preview(id: int, key: str) -> Any:
    """As whoever is asked will see it, with objectives made up."""
    programme, asked = _find(id, key, Role.OWNER, Role.AUDITOR)
    items = asked.edited
    form = answer_form(items, SAMPLE, {}, None, Notation(currency=programme.currency), stored=True)
    shown = {"programme": programme, "asked": asked, "form": form, "audience": AUDIENCES[asked.asked_of]}
    return render_template("questionnaires/preview.html", blocks=blocks(items, form), **shown)


# Buttons


@blueprint.post("/programmes/<int:id>/questionnaires/<key>/move")
@signed_in
def move(id: int, key: str) -> Any:
    """One item a place up or down."""
    item, step = request.form.get("item", ""), -1 if request.form.get("to") == "up" else 1
    return _press(id, key, lambda asked, seen: _move(asked, item, step, seen), anchor=f"item-{item}")


def _move(asked: Questionnaire, item: str, step: int, seen: int) -> None:
    _item(asked, item)
    operations.edit_items(asked, edits.moved(asked.edited, item, step), by=current_user, seen=seen)


@blueprint.post("/programmes/<int:id>/questionnaires/<key>/add-back")
@signed_in
def add_back(id: int, key: str) -> Any:
    """An item of the standard set that was taken out."""
    item = request.form.get("item", "")

    def add(asked: Questionnaire, seen: int) -> None:
        found = next((each for each in edits.taken_out(asked.key, asked.edited) if each.key == item), None)
        operations.edit_items(asked, [*asked.edited, or_404(found)], by=current_user, seen=seen)

    return _press(id, key, add, anchor=f"item-{item}")


@blueprint.post("/programmes/<int:id>/questionnaires/<key>/publish")
@signed_in
def publish(id: int, key: str) -> Any:
    said = "Published. Whoever is asked from now on is asked this; who was asked already answers what they were asked."
    return _press(id, key, lambda asked, seen: operations.publish(asked, by=current_user, seen=seen), said)


@blueprint.post("/programmes/<int:id>/questionnaires/<key>/discard")
@signed_in
def discard(id: int, key: str) -> Any:
    said = "Your changes are gone: these are the items of the newest version."
    return _press(id, key, lambda asked, seen: operations.discard(asked, by=current_user, seen=seen), said)


def _press(id: int, key: str, act: Callable[[Questionnaire, int], Any], said: str = "", anchor: str = "") -> Any:
    """Do what a button is for; the page again with 409 if somebody else has changed it."""
    programme, _ = _find(id, key)
    try:
        with transaction():
            act(queries.questionnaire(programme, key, for_update=True), SeenForm().version())
    except (EditConflict, StaleDataError):
        return _page(*_find(id, key), 409, FASTER)
    except Refusal as refusal:
        return _page(*_find(id, key), refusal.status, refusal.message)
    if said:
        flash(said, "success")
    return redirect(url_for(".show", id=id, key=key, _anchor=anchor or None), 303)


# Pages with a form


@blueprint.route("/programmes/<int:id>/questionnaires/<key>/items/<item>", methods=["GET", "POST"])
@signed_in
def edit(id: int, key: str, item: str) -> Any:
    """Reword an item, or say when it is asked."""
    _, asked = _find(id, key)
    return _item_page(id, key, _item(asked, item), is_new=False)


@blueprint.route("/programmes/<int:id>/questionnaires/<key>/new", methods=["GET", "POST"])
@signed_in
def add(id: int, key: str) -> Any:
    """A new item: first its kind, then what it asks."""
    programme, asked = _find(id, key)
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        return render_template("questionnaires/new_item.html", programme=programme, asked=asked, kinds=KINDS)
    return _item_page(id, key, Item(key="", kind=kind, text="", whole=kind != NUMBER), is_new=True)


def _item_page(id: int, key: str, item: Item, *, is_new: bool) -> Any:
    programme, asked = _find(id, key)
    items, fixed = asked.edited, edits.is_fixed(asked.key, item)
    form = ItemForm.of(item, items, fixed=fixed, seen=asked.version, reports=asked.key == END_GUEST)

    def keep(asked: Questionnaire) -> str:
        made = form.item_from(item)
        if is_new:
            made = replace(made, key=edits.key_for(made.text, {each.key for each in asked.edited}))
        operations.edit_items(asked, edits.placed(asked.edited, made), by=current_user, seen=form.version())
        return f"item-{made.key}"

    shown = {"item": item, "fixed": fixed, "is_new": is_new, "kinds": KINDS, "figures": figures_of(asked.key, item.key)}
    return _form_page("questionnaires/item.html", programme, asked, form, keep, **shown)


@blueprint.route("/programmes/<int:id>/questionnaires/<key>/items/<item>/take-out", methods=["GET", "POST"])
@signed_in
def take_out(id: int, key: str, item: str) -> Any:
    """Asks once more, naming the figures that go with it."""
    programme, asked = _find(id, key)
    found = _item(asked, item)
    form = SeenForm(data={"seen": asked.version})

    def without(asked: Questionnaire) -> str:
        operations.edit_items(asked, edits.without(asked.edited, item), by=current_user, seen=form.version())
        return ""

    shown = {"item": found, "figures": figures_of(asked.key, item)}
    return _form_page("questionnaires/take_out.html", programme, asked, form, without, **shown)


@blueprint.route("/programmes/<int:id>/questionnaires/<key>/settings", methods=["GET", "POST"])
@signed_in
def settings(id: int, key: str) -> Any:
    """Its title, and when it is asked."""
    programme, asked = _find(id, key)
    names = ("title", "introduction", "days", "answer_days", "is_asked")
    known = {name: getattr(asked, name) for name in names} | {"months": " and ".join(map(str, asked.months))}
    form = SettingsForm(data=known | {"seen": asked.version})

    def keep(asked: Questionnaire) -> str:
        operations.describe(asked, by=current_user, seen=form.version(), **form.given())
        return ""

    return _form_page("questionnaires/settings.html", programme, asked, form, keep, event=EVENTS[asked.event])


def _form_page(
    template: str, programme: Programme, asked: Questionnaire, form: SeenForm, keep: Callable[[Questionnaire], str], **shown: Any
) -> Any:
    """GET shows a form; POST keeps what it says. Of two who edit, the slower gets 409 with everything typed."""
    status, key = 200, asked.key
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    anchor = keep(queries.questionnaire(programmes.find(programme.id), key, for_update=True))
                return redirect(url_for(".show", id=request.view_args["id"], key=key, _anchor=anchor or None), 303)  # type: ignore[index]
            except (EditConflict, StaleDataError):
                status = 409
                programme, asked = _find(request.view_args["id"], key)  # type: ignore[index]
                form.was_slower(str(asked.version))
            except Refusal as refusal:
                status = refusal.status
                programme, asked = _find(request.view_args["id"], key)  # type: ignore[index]
                form.refuse(refusal)
    return render_template(template, programme=programme, asked=asked, form=form, **shown), status


def _item(asked: Questionnaire, key: str) -> Item:
    found: Item = or_404(next((each for each in asked.edited if each.key == key), None))
    return found
