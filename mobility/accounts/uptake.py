"""What somebody without a password was invited to. A later feature knows it (teams/); create_app names it here."""

from collections.abc import Sequence
from typing import Any, Protocol

from mobility.accounts.models import MailedLink
from mobility.people.models import User


class Offers(Protocol):
    """Of roles."""

    def waiting(self, user: User) -> Sequence[Any]:
        """What this person has been invited to and not answered: each has a `place` with a name."""

    def take_up(self, link: MailedLink) -> None:
        """The first password was set by way of this link: what was offered with it begins."""


OFFERS: list[Offers] = []


def set_to(offers: Sequence[Offers]) -> None:
    OFFERS[:] = offers


def waiting(user: User) -> list[Any]:
    return [each for offers in OFFERS for each in offers.waiting(user)]


def take_up(link: MailedLink) -> None:
    for offers in OFFERS:
        offers.take_up(link)
