"""The page of a draft: saved while one types and by each of its buttons, and sent at last.

A feature declares its `DraftPage`; the rest is the same for all. What was typed is stored first, in a transaction of its own.
Then the button does what it is for, so that nothing which stands against that undoes the saving. An older page of the draft
gets 409 with what is stored and everything typed; if it says the same, it is the same click, twice, and leads to the same place.
Pages are rendered when no transaction is open.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from mobility.core.database import StaleDataError, db, transaction
from mobility.core.errors import EditConflict, Refusal, WrongState
from mobility.core.forms import MACHINERY, CreateForm, Form, csrf, in_words, made_by, made_once, number_in
from mobility.core.web import read_beginning
from mobility.workflows.actions import STANDS_AGAINST, conflict_page, sent_version

Address = str | Callable[[Any], str]

MORE = "more"  # the name of the button that adds empty rows
TOO_MANY = "These are {sent} files. The first {most} have been looked at; add the others afterwards."


class GoTo(NamedTuple):
    """Where a button leads, and what is said there."""

    address: str
    said: str = ""


@dataclass(frozen=True)
class Files:
    """Files that go with the draft: `add(subject, name=, content=)` takes one, or raises Refusal at the field "files"."""

    add: Callable[..., Any]
    most_bytes: int
    too_large: str
    at_once: int


@dataclass(frozen=True)
class DraftPage:
    """What differs from draft to draft. The subject is the draft, or what it belongs to (a claim's voucher).

    `find(id, user, for_update=False)` returns it or aborts with 404; `check(subject)` raises what stands against writing now.
    `form(subject)` has what was sent in this request, `stored(subject)` what is stored; `save(subject, form)` stores a form.
    `finish` is what the buttons do once all is saved, by their name; those that send do one of `sends` in the workflow.
    `shown(subject, form)` is what the template wants besides. `after_saving` and `after_sending` are endpoints, or make an
    address of the id. `partly`: with a field that is wrong, the others are stored. `more` adds empty rows. `version(subject)` is
    the draft's, if not the subject's. `refused` makes the page about what stands against it, as `actions.conflict_page` does.
    """

    template: str
    find: Callable[..., Any]
    check: Callable[[Any], Any]
    form: Callable[[Any], Form]
    stored: Callable[[Any], Form]
    save: Callable[[Any, Any], Any]
    shown: Callable[[Any, Any], dict[str, Any]]
    after_saving: Address
    after_sending: Address
    saved: str
    finish: Mapping[str, Callable[[Any], GoTo]] = field(default_factory=dict)
    sends: Collection[str] = ()
    version: Callable[[Any], int | None] | None = None
    partly: bool = True
    more: Callable[[Any], None] | None = None
    files: Files | None = None
    refused: Callable[..., Any] = conflict_page


def answer(page: DraftPage, id: int) -> Any:
    """GET shows the draft as it is stored; POST receives it."""
    return receive(page, id) if request.method == "POST" else _look(page, id)


def receive(page: DraftPage, id: int, then: Callable[[Any], GoTo] | None = None) -> Any:
    """Store what was sent; then do what the button is for, or `then` at an address of its own."""
    return _answered(page, id, partial(_received, page, id, then))


def begin(page: DraftPage, form: CreateForm, start: Callable[[], Any], shown: Callable[[Any], dict[str, Any]]) -> Any:
    """The page before there is a draft. The first saving makes it, once however often it arrives: `start()` returns it."""
    if request.method != "POST" or _wants_more(page, form):
        return _page(page, form, shown(form))
    fine = form.validate()
    if "form_key" not in form.errors and (address := made_by(form)):
        return receive(page, number_in(address))
    if not fine:
        return _page(page, form, shown(form), 422)
    version = ""

    def make() -> str:
        nonlocal version
        subject = start()
        db.session.flush()
        version = _version(page, subject)
        return _address(page.after_saving, subject.id)

    try:
        address, made = made_once(form, make)
    except EditConflict as another:  # begun on another page meanwhile
        return receive(page, another.subject.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(page, form, shown(form), 422)
    id = number_in(address)
    return _answered(page, id, partial(_go_on, page, id, version, None)) if made else receive(page, id)


def _answered(page: DraftPage, id: int, act: Callable[[], Any]) -> Any:
    """What `act()` answers, or a page about what stands against it; by then its transaction is rolled back."""
    try:
        return act()
    except RequestEntityTooLarge:
        return _too_large(page, id)
    except (EditConflict, StaleDataError):
        return _changed(page, id)
    except STANDS_AGAINST as refusal:
        return _too_late(page, id, refusal)
    except Refusal as refusal:
        return _again(page, id, [refusal])


# Storing, then going on


def _received(page: DraftPage, id: int, then: Callable[[Any], GoTo] | None) -> Any:
    if page.files:  # the protection of forms reads the form, so its views are exempt until the limit is raised
        request.max_content_length = page.files.most_bytes
        csrf.protect()
    if MORE in request.form and page.more:
        return _with_more(page, id)
    with transaction():
        fine, version = _keep(page, id)
    refused = _take_files(page, id)
    if refused or not fine:
        return _again(page, id, refused, version)
    return _go_on(page, id, version, then)


def _keep(page: DraftPage, id: int) -> tuple[bool, str]:
    """Store what was typed; whether no field was wrong, and the version from now on. Raises EditConflict on an older page."""
    subject = _writable(page, id, for_update=True)
    form = page.form(subject)
    fine = form.validate()
    if (sent := request.form.get("version", "")) != _version(page, subject):
        if not fine:
            return False, sent
        if form.differing(page.stored(subject)):
            raise EditConflict(subject)
    elif fine:
        page.save(subject, form)
    elif page.partly and not _wants_json() and "csrf_token" not in form.errors:
        form.put_back(form.errors, page.stored(subject))
        page.save(subject, form)
    db.session.flush()
    return fine, _version(page, subject)


def _go_on(page: DraftPage, id: int, version: str, then: Callable[[Any], GoTo] | None) -> Any:
    """All is stored: what the button was for."""
    if _wants_json():
        return {"version": int(version) if version else None}
    goes = GoTo(_address(page.after_saving, id), page.saved)
    if act := then or page.finish.get(request.form.get("act", "")):
        try:
            with transaction():
                goes = act(page.find(id, current_user, for_update=True))
        except STANDS_AGAINST:
            raise
        except Refusal as refusal:
            return _again(page, id, [refusal], version)
    if goes.said:
        flash(goes.said, "success")
    return redirect(goes.address, 303)


def _take_files(page: DraftPage, id: int) -> list[Refusal]:
    """Each file in a transaction of its own: one that is right is added, of another it is said what is wrong."""
    if page.files is None or _wants_json():
        return []
    sent = [each for each in request.files.getlist("files") if each.filename]
    most = page.files.at_once
    refused = [refusal for each in sent[:most] if (refusal := _take(page, page.files, id, each))]
    return [*refused, *([Refusal(TOO_MANY.format(sent=len(sent), most=most), "files")] if len(sent) > most else [])]


def _take(page: DraftPage, taken: Files, id: int, sent: Any) -> Refusal | None:
    content = sent.read()
    try:
        with transaction():
            taken.add(page.find(id, current_user, for_update=True), name=sent.filename, content=content)
    except STANDS_AGAINST:
        raise
    except Refusal as refusal:
        return refusal
    return None


# Answers


def _look(page: DraftPage, id: int) -> Any:
    subject = page.find(id, current_user)
    try:
        page.check(subject)
    except STANDS_AGAINST as refusal:
        return page.refused(refusal, subject, None)
    form = page.stored(subject)
    return _page(page, form, page.shown(subject, form))


def _with_more(page: DraftPage, id: int) -> Any:
    """Nothing is stored, everything typed stays, and there are empty rows again."""
    subject = _writable(page, id)
    form = page.form(subject)
    _wants_more(page, form)
    return _page(page, form, page.shown(subject, form))


def _again(page: DraftPage, id: int, refused: list[Refusal], version: str = "", status: int = 422) -> Any:
    """The form with everything typed, and what stands against the rest at its fields."""
    subject = page.find(id, current_user)
    form = page.form(subject)
    form.validate()
    for refusal in refused:
        form.refuse(refusal)
    if version:
        form.open_at(version)
    return _page(page, form, page.shown(subject, form), status)


def _changed(page: DraftPage, id: int) -> Any:
    """Saved since, perhaps in another tab: what is stored now, and what was typed, ready to replace it."""
    try:
        subject = _writable(page, id)
    except STANDS_AGAINST as refusal:
        return _too_late(page, id, refusal)
    form, stored = page.form(subject), page.stored(subject)
    form.validate()
    form.open_at(_version(page, subject))
    elsewhere = [(stored[name].label.text, in_words(stored[name])) for name in form.differing(stored) if name in stored]
    more = {"changed": True, "elsewhere": elsewhere, "changes": _changes(page, subject), "subject": subject}
    return _page(page, form, page.shown(subject, form) | more, 409)


def _too_late(page: DraftPage, id: int, refusal: Refusal) -> Any:
    """It is a draft no longer. The same click, twice, leads to what it did; an older page gets everything typed back."""
    subject = page.find(id, current_user)
    form = page.form(subject)
    if _wants_json():
        return {"saved": False}, refusal.status
    if isinstance(refusal, WrongState) and _sent_by_reader(page, subject):
        form.validate()
        if not form.differing(page.stored(subject)):
            return redirect(_address(page.after_sending, id), 303)
    return page.refused(refusal, subject, form, _changes(page, subject))


def _too_large(page: DraftPage, id: int) -> Any:
    """Of such a request the beginning alone is read, where the text fields are: what was typed is shown again, not stored."""
    read_beginning()
    subject = page.find(id, current_user)
    try:
        page.check(subject)
    except STANDS_AGAINST as refusal:
        return page.refused(refusal, subject, None)
    form, stored = page.form(subject), page.stored(subject)
    form.put_back([each.name for each in form if each.name not in request.form and each.name not in MACHINERY], stored)
    form.refuse(Refusal(page.files.too_large if page.files else "", "files"))
    return _page(page, form, page.shown(subject, form), 413)


def _page(page: DraftPage, form: Form, shown: dict[str, Any], status: int = 200) -> Any:
    if status >= 400 and _wants_json():
        return {"saved": False}, status
    return render_template(page.template, form=form, **shown), status


# What is asked several times


def _address(where: Address, id: Any) -> str:
    return where(id) if callable(where) else url_for(where, id=id)


def _writable(page: DraftPage, id: int, for_update: bool = False) -> Any:
    subject = page.find(id, current_user, for_update=for_update)
    page.check(subject)
    return subject


def _version(page: DraftPage, subject: Any) -> str:
    """Of the draft; "" before its first saving."""
    version = page.version(subject) if page.version else subject.version
    return "" if version is None else str(version)


def _changes(page: DraftPage, subject: Any) -> Any:
    """What was done since the page was opened, by the subject's history; nothing of a draft with a version of its own."""
    since = sent_version() if page.version is None else 0
    return [each for each in subject.changes_since(since) if each.action != "create"] if since else []


def _sent_by_reader(page: DraftPage, subject: Any) -> bool:
    return any(each.action in page.sends and each.actor_id == current_user.id for each in subject.history())


def _wants_more(page: DraftPage, form: Form) -> bool:
    if page.more is None or MORE not in request.form:
        return False
    page.more(form)
    return True


def _wants_json() -> bool:
    """Sent by static/js/autosave.js while one types."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
