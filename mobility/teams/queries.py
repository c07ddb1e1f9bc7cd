"""Reading places and the roles in them.

A programme's model comes later in the order of features, so it is reached through the membership.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mobility.accounts.models import MailedLink
from mobility.core import clock
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership, User


def programme(id: int) -> Any:
    """A programme, or 404. Programmes are public."""
    return or_404(db.session.get(_programme_model(), id))


def programme_as(id: int, user: User, *roles: str) -> Any:
    """A programme in which this person holds one of `roles` (any if none is named), or 404."""
    held = user.roles_in_programme(id)
    return or_404(programme(id) if held and (not roles or held.intersection(roles)) else None)


def lock_programme(id: int) -> Any:
    """A programme's row, locked and read again: for changing its rules and rates."""
    model = _programme_model()
    wanted = select(model).where(model.id == id).with_for_update(key_share=True)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def membership(id: int) -> Membership | None:
    return db.session.get(Membership, id)


def invitations_of(members: Iterable[tuple[User, Any]]) -> dict[int, datetime | None]:
    """Of those who were invited and have never set a password: by person, until when they can; None if that is over."""
    ids = [person.id for person, _ in members if not person.password_hash]
    if not ids:
        return {}
    newest = select(MailedLink.user_id, func.max(MailedLink.expires_at)).group_by(MailedLink.user_id)
    alive = newest.where(MailedLink.user_id.in_(ids), MailedLink.used_at.is_(None), MailedLink.expires_at > clock.utc_now())
    sent = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == "invitation", OutboxMessage.recipient_id.in_(ids))
    found: dict[int, datetime | None] = dict.fromkeys(id for id in db.session.scalars(sent) if id)
    found.update(db.session.execute(alive).all())
    return found


def _programme_model() -> Any:
    return Membership.programme.property.mapper.class_
