"""Accounts that came to nothing: nobody ever had a role by one, or has a part in anything."""

from datetime import date, datetime

from sqlalchemy import Column, ColumnElement, and_, exists, not_, or_, select

from mobility.applications.models import Delegate
from mobility.audit.models import AuditEntry
from mobility.core.names import ERASED_DOMAIN
from mobility.joining.models import JoinRequest
from mobility.merging.queries import naming
from mobility.people.models import User
from mobility.privacy.models import Erasure
from mobility.teams.models import RoleInvitation
from mobility.workflows.history import HistoryEntry

# What such an account may have: the rest of what names somebody says that they have a part in something
OF_ITSELF = frozenset(
    """
    address_change.person_id authenticator_app.user_id calendar_address.user_id history_entry.actor_id identity.user_id
    join_request.person_id mail_choice.person_id mail_refusal.person_id mailed_link.user_id mailing_letter.person_id
    outbox_message.recipient_id passkey.user_id recovery_code.user_id role_invitation.person_id sign_in.user_id
    erasure.person_id erasure.asked_by_id
    """.split()
)


def came_to_nothing(before: datetime, day: date) -> ColumnElement[bool]:
    """The last sign of life was before: it was made, an invitation ended, a request was decided, or the person did anything."""
    plain = and_(User.created_at < before, User.is_administrator.is_(False), User.merged_into_id.is_(None), User.demo_note == "")
    gone = User.email.endswith(f"@{ERASED_DOMAIN}", autoescape=True)
    return and_(plain, not_(gone), not_(_has_a_part()), not_(_lives(before)), not_(_is_decided(before)))


def _has_a_part() -> ColumnElement[bool]:
    """Each list of ids is made once, however many accounts there are."""
    columns = [each for each in naming("user") if not _is_of_itself(each)]
    travels = User.email.in_(select(Delegate.email))
    return or_(*(User.id.in_(select(each).where(each.is_not(None))) for each in columns), travels)


def _is_of_itself(column: Column[object]) -> bool:
    return f"{column.table.name}.{column.name}" in OF_ITSELF


def _lives(before: datetime) -> ColumnElement[bool]:
    invited = and_(RoleInvitation.person_id == User.id, RoleInvitation.answer.is_(None), RoleInvitation.expires_at >= before)
    answered = and_(RoleInvitation.person_id == User.id, RoleInvitation.answered_at >= before)
    decided = exists().where(
        HistoryEntry.subject_type == JoinRequest.workflow.name,
        HistoryEntry.subject_id == JoinRequest.id,
        HistoryEntry.at >= before,
    )
    asks = and_(JoinRequest.person_id == User.id, or_(JoinRequest.waiting_for.is_not(None), decided))
    did = and_(AuditEntry.by_id == User.id, AuditEntry.at >= before)
    return or_(*(exists().where(each) for each in (invited, answered, asks, did)))


def _is_decided(before: datetime) -> ColumnElement[bool]:
    """It is to be erased already, or was, or somebody has stopped that lately."""
    stopped = Erasure.stopped_at.is_not(None)
    return exists().where(Erasure.person_id == User.id, or_(not_(stopped), Erasure.stopped_at >= before))
