"""The page of the account a programme pays from, and what can be done about one that was proposed."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.accounts.session import own_path
from mobility.banking.forms import AccountForm
from mobility.core.access import signed_in, whoever_is_signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import Form, create_once
from mobility.core.web import say
from mobility.paying import operations, queries, rules
from mobility.paying.forms import CloseForm, ConfirmForm
from mobility.paying.models import PayingAccount
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme

blueprint = Blueprint("paying", __name__)

READERS = (*rules.MAY, Role.AUDITOR)


@blueprint.route("/programmes/<int:id>/paying-account", methods=["GET", "POST"])
@signed_in
@asked_again
def show(id: int) -> Any:
    """The account in use, what waits, every earlier one; finance officers and owners propose another."""
    programme = programmes.find_as(id, current_user, *READERS)
    if request.method == "POST":
        programmes.find_as(id, current_user, *rules.MAY)
    form = AccountForm(data={"holder_name": programme.name, "seen": str(_newest(id))})
    if not form.is_submitted():
        return _page(programme, form)
    if not form.validate():
        return _page(programme, form, 422)

    def create() -> str:
        operations.propose(programme, by=whoever_is_signed_in(), **form.given())
        say("Proposed. Another finance officer or owner must confirm it; all of them get a mail.", "success")
        return own_path(request.args.get("next")) or url_for(".show", id=id)

    try:
        return create_once(form, create)
    except EditConflict:
        newest = queries.all_of(id)[0]
        form.was_slower_than(newest.id, newest.holder_name, newest.masked)
        return _page(programmes.find(id), form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(programmes.find(id), form, refusal.status)


def _newest(id: int) -> int:
    return next((each.id for each in queries.all_of(id)), 0)


def _page(programme: Programme, form: AccountForm, status: int = 200) -> Any:
    accounts = queries.all_of(programme.id)
    proposes = bool(current_user.roles_in_programme(programme.id).intersection(rules.MAY))
    others = [each for each in queries.told(programme) if each.id != current_user.id]
    return (
        render_template(
            "paying/show.html",
            programme=programme,
            form=form,
            accounts=accounts,
            in_use=queries.in_use(programme.id),
            open=[each for each in accounts if each.is_proposed or each.waits],
            can=_can if proposes else lambda account: [],
            proposes=proposes,
            others=others,
            goes_to=own_path(request.args.get("next")) or url_for("payments.index", id=programme.id),
        ),
        status,
    )


ACTS: dict[str, tuple[str, Callable[[Any, Any], str | None], type[Form], Callable[..., Any], str]] = {
    "confirm": (
        "Confirm",
        rules.why_not_confirmed,
        ConfirmForm,
        operations.confirm,
        "Confirmed. All finance officers and owners get a mail that says from when on it is in use.",
    ),
    "decline": ("Decline", rules.why_not_declined, CloseForm, operations.decline, "Declined. All concerned get a mail."),
    "withdraw": ("Withdraw", rules.why_not_withdrawn, CloseForm, operations.withdraw, "Withdrawn. All concerned get a mail."),
}


def _can(account: PayingAccount) -> list[tuple[str, str]]:
    """(address, button) of what the reader can do about an account."""
    return [
        (url_for(f".{act}", id=account.programme_id, account_id=account.id), button)
        for act, (button, why_not, *_) in ACTS.items()
        if why_not(account, current_user) is None
    ]


@blueprint.route("/programmes/<int:id>/paying-account/<int:account_id>/confirm", methods=["GET", "POST"])
@signed_in
@asked_again
def confirm(id: int, account_id: int) -> Any:
    return _act("confirm", id, account_id)


@blueprint.route("/programmes/<int:id>/paying-account/<int:account_id>/decline", methods=["GET", "POST"])
@signed_in
def decline(id: int, account_id: int) -> Any:
    return _act("decline", id, account_id)


@blueprint.route("/programmes/<int:id>/paying-account/<int:account_id>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(id: int, account_id: int) -> Any:
    return _act("withdraw", id, account_id)


def _act(act: str, id: int, account_id: int) -> Any:
    """What stands against it is said with the page of all accounts at hand."""
    programme = programmes.find_as(id, current_user, *rules.MAY)
    account = queries.find(account_id, id)
    _, why_not, form_class, operation, done = ACTS[act]
    form = form_class()
    if reason := why_not(account, current_user):
        return _act_page(act, programme, account, form, reason, 409)
    if not form.is_submitted():
        return _act_page(act, programme, account, form)
    if not form.validate():
        return _act_page(act, programme, account, form, status=422)
    try:
        with transaction():
            operation(programmes.find(id), account_id, by=whoever_is_signed_in(), **form.given())
    except Refusal as refusal:
        if refusal.field:
            form.refuse(refusal)
        words = "" if refusal.field else refusal.message
        return _act_page(act, programmes.find(id), queries.find(account_id, id), form, words, refusal.status)
    flash(done, "success")
    return redirect(url_for(".show", id=id), 303)


def _act_page(act: str, programme: Programme, account: PayingAccount, form: Form, refusal: str = "", status: int = 200) -> Any:
    context = {"programme": programme, "account": account, "form": form, "refusal": refusal, "button": ACTS[act][0]}
    return render_template("paying/act.html", act=act, **context), status
