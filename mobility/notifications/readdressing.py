"""What waits in the outbox, when its reader has another address."""

from sqlalchemy import update

from mobility.core.database import db
from mobility.notifications.delivery import FORGOTTEN, SECRET_KINDS
from mobility.notifications.models import OutboxMessage, saying_only
from mobility.people.models import User

NOT_SENT = ("waiting", "kept", "dead")


def readdress(user: User, earlier: str) -> None:
    """It follows to the new address; links that were made for the earlier one open nothing any more, and are not sent."""
    waiting = (OutboxMessage.recipient_id == user.id, OutboxMessage.address == earlier, OutboxMessage.state.in_(NOT_SENT))
    secret = OutboxMessage.kind.in_(SECRET_KINDS)
    gone = update(OutboxMessage).where(*waiting, secret).values(state="dropped", **saying_only(FORGOTTEN))
    follows = update(OutboxMessage).where(*waiting, ~secret).values(address=user.email)
    for statement in (gone, follows):
        db.session.execute(statement.execution_options(synchronize_session=False))
