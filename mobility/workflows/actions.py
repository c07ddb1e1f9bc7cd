"""One page for each action of a workflow: GET shows what is needed to decide and the form, POST does it.

A feature's views list their actions; the rest is the same for all: object the person may see (else 404), version (else 409 with
what changed, everything typed kept), fields (422), state (409 with what is possible now), one operation, one commit.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from mobility.core.access import whoever_is_signed_in
from mobility.core.database import StaleDataError, db, transaction
from mobility.core.errors import EditConflict, GuardRefused, NotAllowed, Refusal, WrongState
from mobility.core.fields import in_currency
from mobility.core.forms import ROWS, ActionForm, Form, csrf
from mobility.core.numbers import whole_number
from mobility.core.web import or_404, read_beginning
from mobility.workflows.workflow import Workflow

STANDS_AGAINST = (WrongState, GuardRefused, NotAllowed)


@dataclass(frozen=True)
class ActionLink:
    """A button: where it leads, or why it cannot be used yet."""

    name: str
    label: str
    hint: str
    tone: str
    url: str
    refusal: str | None


@dataclass(frozen=True)
class ActionPage:
    """`operation(subject, by=..., **form.given())` does it; `done` is said afterwards, naming who is next.

    `done` may depend on the object. `summary` is a template with what is needed to decide; `template` is the page, if its
    form needs its own layout. `too_large` is the field that takes files, and what is said there of too many bytes. `asked_again`
    is put around the view where the person must prove once more who they are (accounts/proof.py).
    """

    action: str
    operation: Callable[..., Any]
    form: type[ActionForm] = ActionForm
    done: str | Callable[[Any], str] = ""
    summary: str | None = None
    goes_to: Callable[[Any], str] | None = None
    template: str = "core/act.html"
    too_large: tuple[str, str] | None = None
    asked_again: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None


def add_action_pages(blueprint: Blueprint, workflow: Workflow, find: Callable[..., Any], pages: tuple[ActionPage, ...]) -> None:
    """Give each action its page, whichever feature it belongs to: a visit's feature has acts of the exchange and the voucher.

    `find(id, user, for_update=False)` returns the object if the person may see it, or aborts with 404.
    """
    for page in pages:
        act: Callable[..., Any] = _Act(workflow, find, page)
        act = csrf.exempt(act) if page.too_large else act
        add_action_page(blueprint, workflow, page.action, page.asked_again(act) if page.asked_again else act)


def add_action_page(blueprint: Blueprint, workflow: Workflow, action: str, view: Callable[..., Any]) -> None:
    """The address `/<things>/<id>/<action>`, and the endpoint "<things>.<action>", which buttons and tasks lead to."""
    rule, endpoint = f"/{workflow.things}/<int:id>/{action.replace('_', '-')}", f"{workflow.things}.{action}"
    blueprint.record(lambda state: state.app.add_url_rule(rule, endpoint, view, methods=["GET", "POST"]))


def actions_for(subject: Any, user: Any = None) -> list[ActionLink]:
    """The buttons of a person on an object, from the workflow's table; acts without a page are carried by others."""
    user = user or current_user
    if not user.is_authenticated:
        return []
    return [
        ActionLink(
            each.action,
            each.transition.button,
            each.transition.hint,
            each.transition.tone,
            url_for(endpoint, id=subject.id),
            each.refusal,
        )
        for each in subject.workflow.available(subject, user)
        if has_page(endpoint := action_endpoint(subject, each.action)) and not each.transition.carried(subject)
    ]


def waits_for_me(subject: Any) -> bool:
    """Whether the reader is the one who must act: for the colour of a state."""
    if not current_user.is_authenticated:
        return False
    if subject.waiting_for is None:
        return subject.state == subject.workflow.states[0].name and subject.workflow.may_see(current_user, subject)
    return bool(subject.workflow.waits_for(current_user, subject))


def may_read_note(workflow: Workflow, entry: Any, subject: Any) -> bool:
    """Whether the reader may read what was noted with an act in the history of a subject."""
    return workflow.may_read_note(current_user, entry.action, subject)


def action_endpoint(subject: Any, action: str) -> str:
    return f"{subject.workflow.things}.{action}"


def has_page(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def action_endpoints() -> set[str]:
    """The pages that ask for one act each."""
    return {name for name, view in current_app.view_functions.items() if isinstance(inspect.unwrap(view), _Act)}


class _Act:
    """The view of one action: GET opens its page, POST does it."""

    access = "signed in"

    def __init__(self, workflow: Workflow, find: Callable[..., Any], page: ActionPage) -> None:
        self.workflow, self.find, self.page = workflow, find, page
        self.show_endpoint = f"{workflow.things}.show"
        self.__name__ = page.action  # views have one; flask_wtf looks for it

    def __call__(self, id: int) -> Any:
        if request.method == "POST" and self.page.too_large:
            try:
                csrf.protect()  # reads the form
            except RequestEntityTooLarge:
                return self._too_large(id, *self.page.too_large)
        return self._do(id) if request.method == "POST" and ROWS not in request.form else self._open(id)

    def _open(self, id: int) -> Any:
        """The page of the form; again, with what was typed, when one of its rows is to stand elsewhere."""
        person = whoever_is_signed_in()
        subject = self._found(id, person)
        try:
            self.workflow.check(self.page.action, subject, person)
        except STANDS_AGAINST as refusal:
            return conflict_page(refusal, subject, self.page.form() if request.method == "POST" else None)
        form = action_form(self.page, subject)
        form.rearrange(request.form.get(ROWS, ""))
        return form_page(self.page, subject, form)

    def _do(self, id: int) -> Any:
        """Everything inside one transaction; whatever is refused is rolled back first and said afterwards."""
        try:
            with transaction():
                address, said = self._within(id)
        except (StaleDataError, EditConflict):
            return self._faster(id)
        except STANDS_AGAINST as refusal:
            return conflict_page(refusal, self.find(id, current_user), self.page.form())
        except Refusal as refusal:
            return self._refused(id, refusal)
        if said:
            flash(said, "success")
        return redirect(address, 303)

    def _found(self, id: int, person: Any, for_update: bool = False) -> Any:
        """The object if the person may see it and this act has a page of its own there, else 404."""
        subject = self.find(id, person, for_update=for_update)
        return or_404(None if self.workflow.transition(self.page.action).carried(subject) else subject)

    def _within(self, id: int) -> tuple[str, str]:
        """The act itself, on the locked object. Returns where to go next, and what to say there."""
        person = whoever_is_signed_in()  # read again, in the same transaction as all else
        subject = self._found(id, person, for_update=True)
        if sent_version() != subject.version:
            raise EditConflict(subject)
        self.workflow.check(self.page.action, subject, person)
        form = action_form(self.page, subject, meta={"csrf": False})  # looked at before: this one is never shown
        if not form.validate():
            raise _Invalid
        self.page.operation(subject, by=person, **form.given())
        address = self.page.goes_to(subject) if self.page.goes_to else url_for(self.show_endpoint, id=id)
        return address, self.page.done(subject) if callable(self.page.done) else self.page.done

    def _refused(self, id: int, refusal: Refusal) -> Any:
        """The form again with everything typed, and what would be right at its field."""
        subject = self.find(id, current_user)
        form = action_form(self.page, subject)
        form.validate()
        if not isinstance(refusal, _Invalid):
            form.refuse(refusal)
        return form_page(self.page, subject, form, refusal.status)

    def _too_large(self, id: int, field: str, said: str) -> Any:
        """Of such a request the beginning alone is read, where the text fields are."""
        read_beginning()
        subject = self._found(id, person := whoever_is_signed_in())
        try:
            self.workflow.check(self.page.action, subject, person)
        except STANDS_AGAINST as refusal:
            return conflict_page(refusal, subject, self.page.form())
        form = action_form(self.page, subject)
        form.refuse(Refusal(said, field))
        return form_page(self.page, subject, form, 413)

    def _faster(self, id: int) -> Any:
        """Somebody else has acted since the form was opened; or the same person, in another tab or by clicking twice."""
        subject = self.find(id, current_user)
        changes = subject.changes_since(sent_version())
        mine = any(each.action == self.page.action and each.actor_id == current_user.id for each in changes[:1])
        there = redirect(url_for(self.show_endpoint, id=id), 303)
        try:
            self.workflow.check(self.page.action, subject, current_user)
        except STANDS_AGAINST as refusal:
            return there if mine else conflict_page(refusal, subject, self.page.form(), changes)
        form = action_form(self.page, subject)
        if mine and form.validate() and form.given() == _known(self.page, subject).given():
            return there  # the same click, twice: what was typed is what is stored
        form.version.data = subject.version
        form.version.raw_data = None
        return form_page(self.page, subject, form, 409, changes)


class _Invalid(Refusal):
    """A field of the form says what is wrong; rolls the transaction back."""

    def __init__(self) -> None:
        super().__init__("")


def action_form(page: ActionPage, subject: Any, **settings: Any) -> ActionForm:
    """The form of an action: with what was sent in this request, else with what is known."""
    _speak_of(subject)
    form = page.form(data={"version": subject.version, **page.form.first_values(subject)}, **settings)
    form.prepare(subject)
    return form


def _speak_of(subject: Any) -> None:
    """Amounts in its forms are in the currency of its programme."""
    if programme := getattr(subject, "programme", None):
        in_currency(programme.currency)


def _known(page: ActionPage, subject: Any) -> ActionForm:
    """The form as it opens now, with what is known and nothing typed."""
    _speak_of(subject)
    form = page.form(formdata=None, data={"version": subject.version, **page.form.first_values(subject)})
    form.prepare(subject)
    return form


def sent_version() -> int:
    """The version that the object had when the form was opened; 0 if that was not sent."""
    return whole_number(request.form.get("version")) or 0


def form_page(page: ActionPage, subject: Any, form: ActionForm, status: int = 200, changes: Any = None) -> Any:
    """The page of an action with its form, for the views that only look; with `changes`, even none, somebody was faster."""
    return (
        render_template(
            page.template,
            subject=subject,
            action=subject.workflow.transition(page.action),
            form=form,
            back_url=url_for(f"{subject.workflow.things}.show", id=subject.id),
            summary=page.summary,
            changes=changes or (),
            faster=changes is not None,
        ),
        status,
    )


def conflict_page(refusal: Refusal, subject: Any, form: Form | None, changes: Any = ()) -> Any:
    """Why the action cannot be, the present state, what is possible now, and what was typed."""
    db.session.rollback()
    return (
        render_template(
            "core/conflict.html",
            message=refusal.message,
            subject=subject,
            typed=form.typed() if form else [],
            changes=changes,
        ),
        refusal.status,
    )
