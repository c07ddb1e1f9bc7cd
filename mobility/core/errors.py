"""Every way to refuse. Each `Refusal` has words the person can act on; the error handlers in core/web.py answer them."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class NotSignedIn(Exception):
    """Nobody is signed in, and the page is for people who are (accounts/session.py leads to it)."""


class Refusal(Exception):
    """Something typed cannot be: says what would be right, at the field it concerns (422)."""

    status = 422

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field


def need_reason(reason: str, readers: str = "the others involved") -> None:
    """Raises Refusal."""
    if not reason.strip():
        raise Refusal(f"Give a reason; {readers} will read it.", field="reason")


class NotAllowed(Refusal):
    """The person may see the object but this action is another's (403)."""

    status = 403


class GuardRefused(Refusal):
    """A rule of the workflow stands against the action now (409)."""

    status = 409


class WrongState(Refusal):
    """The object is in a state in which the action does not exist (409)."""

    status = 409

    def __init__(self, message: str, subject: Any):
        super().__init__(message)
        self.subject = subject


class EditConflict(Refusal):
    """Somebody changed it since the page was opened (409). `changes` are the history entries since the person opened the form."""

    status = 409

    def __init__(self, subject: Any, changes: Sequence[Any] = ()):
        super().__init__("This has changed since you opened it.")
        self.subject = subject
        self.changes = changes


class Problem(NamedTuple):
    """What is wrong, and the name of the form's field where it can be corrected; empty: of the whole form."""

    field: str
    message: str


class NotReady(Refusal):
    """A draft that cannot be sent yet: `problems` are all the reasons, each with its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, problems[0].field or None)
        self.problems = problems


# Said at the top of a form whose object somebody else has changed meanwhile
FASTER = "This has changed since you opened it. Check it again; what you typed is still here."
