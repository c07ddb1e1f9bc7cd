"""Setting the account payments go to."""

from mobility.audit.operations import record
from mobility.banking import messages, queries
from mobility.banking.models import BankAccount
from mobility.banking.rules import read_bic, read_iban, usable_from
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.people.models import Organisation, User
from mobility.workflows.table import By


def set_account(
    owner: User | Organisation, *, by: By, holder_name: str, iban: str, bic: str = "", seen: int | None = None
) -> BankAccount:
    """The account a person or an organisation is paid to from now on; the one before is ended, and everybody is told.

    Another IBAN cannot be paid for 24 hours (issue 3), so that the message about it comes before the money. `seen` is the id
    of the account that was on the page, 0 for none: if another is in force by now, EditConflict.
    """
    number, code = checked_account(iban, bic)
    queries.lock_owner(owner)
    former = queries.current(**_of(owner))
    if seen is not None and seen != (former.id if former else 0):
        raise EditConflict(owner)
    holder_name = " ".join(holder_name.split())
    if former and (former.iban, former.bic, former.holder_name) == (number, code, holder_name):
        raise Refusal("This account is already in use: there is nothing to change.", field="iban")
    account = _replace(former, owner, by, holder_name=holder_name, iban=number, bic=code)
    messages.account_set(account, former)
    _record(account, former, owner, by)
    return account


def _record(account: BankAccount, former: BankAccount | None, owner: User | Organisation, by: By) -> None:
    record(
        "bank_account_changed" if former else "bank_account_added",
        by=by,
        about=owner.name,
        person_id=account.user_id,
        organisation_id=account.organisation_id,
        before=_said(former) if former else None,
        after=_said(account),
    )


def _said(account: BankAccount) -> dict[str, str]:
    return {"holder": account.holder_name, "account": account.masked, "BIC": account.bic}


def checked_account(iban: str, bic: str) -> tuple[str, str]:
    """An IBAN and a BIC as they are stored. Raises Refusal at the field that is wrong."""
    try:
        number = read_iban(iban)
    except ValueError as problem:
        raise Refusal(str(problem), field="iban") from None
    try:
        return number, read_bic(bic, number)
    except ValueError as problem:
        raise Refusal(str(problem), field="bic") from None


def _replace(former: BankAccount | None, owner: User | Organisation, by: By, **values: str) -> BankAccount:
    now = clock.utc_now()
    if former:
        former.ended_at = now
        db.session.flush()  # at most one of an owner is in force
    account = BankAccount(
        **_of(owner),
        **values,
        added_by_id=by.id,
        added_at=now,
        usable_from=usable_from(
            now,
            iban=values["iban"],
            former_iban=former.iban if former else None,
            former_usable_from=former.usable_from if former else None,
        ),
    )
    db.session.add(account)
    db.session.flush()
    return account


def _of(owner: User | Organisation) -> dict[str, int]:
    return {"user_id" if isinstance(owner, User) else "organisation_id": owner.id}
