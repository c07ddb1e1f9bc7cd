"""How many files there can be, and what is said of those that are too many or too large. Pure."""

from collections.abc import Sized
from dataclasses import dataclass

from mobility.core.errors import Refusal
from mobility.documents.filetypes import MEGABYTE, MOST_AT_ONCE, MOST_BYTES

FIELD = "files"
TOO_LARGE = (
    f"These files are more than {MOST_AT_ONCE // MEGABYTE} MB in all. "
    f"Each can be up to {MOST_BYTES // MEGABYTE} MB; add them one by one."
)
ONE_TOO_LARGE = f"This file is too large: it can be up to {MOST_BYTES // MEGABYTE} MB. Make it smaller, or split it."
NOT_STORED = "“{name}” could not be stored just now. Please add it again later."


@dataclass(frozen=True)
class Room:
    """For how many of `what` there is room in `whose`, each in words: "A claim", "files"."""

    whose: str
    what: str
    most: int
    instead: str = ""

    def ensure(self, kept: Sized, field: str | None = FIELD) -> None:
        """Raises Refusal if there is no room for another one: before anything is unpacked."""
        if len(kept) >= self.most:
            said = f"{self.whose} takes up to {self.most} {self.what}. Take one out first{self.instead}."
            raise Refusal(said, field)
