"""The mails about the account a programme pays from: all finance officers and owners hear of each step, whoever did it too."""

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.paying import queries
from mobility.paying.models import PayingAccount


def account_proposed(account: PayingAccount) -> None:
    _tell("paying_account_proposed", account)


def account_confirmed(account: PayingAccount) -> None:
    _tell("paying_account_confirmed", account)


def account_closed(account: PayingAccount) -> None:
    """Withdrawn or declined."""
    _tell("paying_account_closed", account)


def _tell(kind: str, account: PayingAccount) -> None:
    programme = account.programme
    former = queries.in_use(programme.id)
    post(
        kind,
        queries.told(programme),
        about=None,
        path=path_of("paying.show", id=programme.id),
        account=account,
        programme=programme,
        former=former if former and former.id != account.id else None,
    )
