"""The journey line."""

from typing import Any


def journey_of(subject: Any) -> list[Any]:
    return []
