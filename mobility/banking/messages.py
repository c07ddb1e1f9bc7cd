"""The mails about bank accounts: whoever is paid hears of every account, so that nobody can put another one in its place."""

from mobility.banking import queries
from mobility.banking.models import BankAccount
from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.queries import people_in
from mobility.people.roles import Role


def account_set(account: BankAccount, former: BankAccount | None) -> None:
    """To the person, or to all coordinators; and to whoever set the one before. Also to whoever did it."""
    kind = "account_changed" if former else "account_added"
    post(
        kind,
        [*_owners(account), *(queries.setters(former) if former else [])],
        about=None,
        path=path_of("banking.index"),
        account=account,
        former=former,
    )


def _owners(account: BankAccount) -> list[User]:
    if account.organisation_id is not None:
        return people_in(account.organisation_id, Role.COORDINATOR)
    return [account.user] if account.user else []
