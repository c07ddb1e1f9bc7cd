"""The pages of bank accounts: mine, and those of the organisations I coordinate."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.accounts.session import own_path
from mobility.banking import operations, queries
from mobility.banking.forms import AccountForm
from mobility.banking.models import BankAccount
from mobility.core.access import signed_in
from mobility.core.errors import EditConflict, Refusal
from mobility.core.forms import create_once
from mobility.core.web import say
from mobility.people.models import Organisation, User

blueprint = Blueprint("banking", __name__)


@blueprint.get("/bank-accounts")
@signed_in
def index() -> Any:
    """The reader's bank account, and those of the organisations they coordinate."""
    organisations = queries.coordinated_by(current_user)
    mine, theirs = queries.current_of_many([current_user.id], [each.id for each in organisations])
    return render_template(
        "banking/index.html",
        mine=mine.get(current_user.id),
        organisations=[(each, theirs.get(each.id)) for each in organisations],
    )


@blueprint.route("/bank-accounts/mine", methods=["GET", "POST"])
@signed_in
@asked_again
def mine() -> Any:
    """My own."""
    return _set(current_user, lambda: queries.current(user_id=current_user.id))


@blueprint.route("/bank-accounts/organisations/<int:id>", methods=["GET", "POST"])
@signed_in
@asked_again
def organisation(id: int) -> Any:
    """An organisation's, for its coordinators."""
    owner = queries.find_organisation(id, current_user)
    return _set(owner, lambda: queries.current(organisation_id=id))


def _set(owner: User | Organisation, current: Any) -> Any:
    """The page of one account: GET shows what is in force, masked; POST sets another, once."""
    account: BankAccount | None = current()
    first = {"holder_name": account.holder_name if account else owner.name, "seen": str(account.id if account else 0)}
    form = AccountForm(data=first)
    if not form.is_submitted():
        return _page(owner, account, form)
    if not form.validate():
        return _page(owner, account, form, 422)

    def create() -> str:
        operations.set_account(owner, by=current_user, **form.given())
        say("The account is set. Everybody concerned will get a mail about it.", "success")
        return own_path(request.args.get("next")) or url_for(".index")

    try:
        return create_once(form, create)
    except EditConflict:
        account = current()
        form.was_slower_than(account.id if account else 0, *((account.holder_name, account.masked) if account else ("", "")))
        return _page(owner, account, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(owner, account, form, refusal.status)


def _page(owner: User | Organisation, account: BankAccount | None, form: AccountForm, status: int = 200) -> Any:
    return (
        render_template(
            "banking/set.html",
            owner=owner,
            account=account,
            form=form,
            goes_to=own_path(request.args.get("next")),
        ),
        status,
    )
