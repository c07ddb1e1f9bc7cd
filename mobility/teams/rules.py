"""Who has to stay, and who goes on. Pure."""

from collections.abc import Sequence
from typing import Any

from mobility.people.roles import ROLE_LABELS, Role


def nobody_left(membership: Any, every: Sequence[Any], *, own: bool) -> str | None:
    """Why a role cannot end: nobody else would coordinate the organisation, or own the programme.

    `every` are the roles that last in its place; `own`: it is told to the person whose role it is.
    """
    keeper = Role.OWNER if membership.programme_id else Role.COORDINATOR
    keepers = {each.user_id for each in every if each.role == keeper and each.user.active}
    if membership.role != keeper or keepers - {membership.user_id}:
        return None
    who = "you are" if own else f"{membership.user.name} is"
    then = " You can leave once they have accepted." if own else ""
    return f"At {membership.place_name} {who} the only {ROLE_LABELS[keeper].lower()} left. Invite another one first.{then}"
