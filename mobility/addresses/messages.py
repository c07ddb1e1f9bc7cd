"""The mails about a change of address: to the new one, to the one there was, and to whoever has it already."""

from typing import Any

from mobility.addresses import queries
from mobility.addresses.models import AddressChange
from mobility.core.links import absolute, path_of
from mobility.notifications.operations import Addressee, post
from mobility.people.models import User


def confirm(change: AddressChange) -> None:
    """A link for whoever reads the new address."""
    _post("address_confirm", change, change.wanted, "addresses.confirm", queries.CONFIRM)


def asked(change: AddressChange) -> None:
    """The address there is: so that somebody else's asking is noticed."""
    _post("address_asked", change, change.earlier, "addresses.stop", queries.STOP)


def moved(change: AddressChange) -> None:
    """The last that the earlier address gets."""
    _post("address_moved", change, change.earlier, "addresses.stop", queries.STOP)


def taken(user: User) -> None:
    """Somebody asked for an address that is this person's: nobody else is told that it is."""
    post("address_taken", [user], about=None, path=path_of("addresses.change"))


def _post(kind: str, change: AddressChange, email: str, page: str, purpose: str, **more: Any) -> None:
    to = Addressee(change.person.name, email, change.person.locale)
    link = absolute(path_of(page, token=queries.token(change, purpose)))
    post(kind, [to], about=None, path="", link=link, change=change, **more)
