"""The mail about an erasure."""

from mobility.core.links import path_of
from mobility.exchanges.models import Exchange
from mobility.notifications.operations import post
from mobility.notifications.recipients import playing
from mobility.privacy.models import Erasure
from mobility.workflows.workflow import Actor


def asked(erasure: Erasure) -> None:
    """To the person, whoever asked: it can be stopped until the day."""
    post("erasure_asked", [erasure.person], about=None, path=path_of("privacy.mine"), erasure=erasure)


def manager_erased(exchange: Exchange) -> None:
    """To the guest, who can name somebody else; by whom it was and why is nobody's business any more."""
    path = path_of("exchanges.show", id=exchange.id)
    post("manager_erased", playing(exchange, Actor.GUEST), about=exchange, path=path, exchange=exchange)
