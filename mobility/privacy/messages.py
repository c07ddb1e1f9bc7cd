"""The mail about an erasure."""

from mobility.core.links import path_of
from mobility.notifications.operations import post
from mobility.privacy.models import Erasure


def asked(erasure: Erasure) -> None:
    """To the person, whoever asked: it can be stopped until the day."""
    post("erasure_asked", [erasure.person], about=None, path=path_of("privacy.mine"), erasure=erasure)
