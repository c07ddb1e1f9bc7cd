"""Who waits for a place of a theme. A later feature knows them (applications/); create_app names it here."""

from collections.abc import Sequence
from typing import Any, Protocol


class Queue(Protocol):
    """Those who wait for a place of a theme. The theme is locked by whoever calls."""

    def offer(self, theme: Any) -> None:
        """A place may have become free: offer what there is to those who have waited longest."""

    def all_taken(self, theme: Any) -> None:
        """The last place went: tell those who had applied for it."""

    def end(self, theme: Any) -> None:
        """No place becomes free any more: tell those who wait."""


QUEUES: list[Queue] = []


def set_to(queues: Sequence[Queue]) -> None:
    QUEUES[:] = queues


def offer(theme: Any) -> None:
    for queue in QUEUES:
        queue.offer(theme)


def all_taken(theme: Any) -> None:
    for queue in QUEUES:
        queue.all_taken(theme)


def end(theme: Any) -> None:
    for queue in QUEUES:
        queue.end(theme)
