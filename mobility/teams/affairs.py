"""What a role leaves behind when it ends. Later features know it; create_app names them here."""

from collections.abc import Sequence
from typing import Any, Protocol

from mobility.people.models import Membership


class Affairs(Protocol):
    """Of whoever has a role."""

    def open_cases(self, membership: Membership) -> Sequence[Any]:
        """What names the person there and is not over, most urgent first: each has a `title`, a `subject_title` and a `url`."""

    def stands_against(self, membership: Membership) -> str | None:
        """Why the role cannot end yet, and what to do first. The roles of the place are locked."""


AFFAIRS: list[Affairs] = []


def set_to(affairs: Sequence[Affairs]) -> None:
    AFFAIRS[:] = affairs


def open_cases(membership: Membership) -> list[Any]:
    return [case for each in AFFAIRS for case in each.open_cases(membership)]


def stands_against(membership: Membership) -> str | None:
    return next((reason for each in AFFAIRS if (reason := each.stands_against(membership))), None)
