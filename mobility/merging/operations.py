"""Making one of two, and closing an organisation. By an administrator, with a reason; nothing of it is undone."""

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import Identity, SignIn
from mobility.accounts.operations import end_links
from mobility.addresses.models import AddressChange
from mobility.audit.operations import record
from mobility.banking.models import BankAccount
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.experts.models import Expert
from mobility.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from mobility.merging import queries
from mobility.merging.models import ORGANISATION, PERSON, Merger
from mobility.merging.rules import both_have, things
from mobility.notifications.models import MailChoice, OutboxMessage
from mobility.people.models import Membership, Organisation, User
from mobility.teams.models import Answer, RoleInvitation

PLACE = ("organisation_id", "programme_id")


def merge_organisations(gone: Organisation, stays: Organisation, *, by: User, reason: str) -> Merger:
    """Both are locked. Raises Refusal with all that stands against it."""
    _refuse(queries.against_organisations(gone, stays))
    moved = queries.counts(ORGANISATION, gone.id)
    _move(ORGANISATION, gone.id, stays.id)
    _take_roles(Membership.organisation_id == gone.id, {"organisation_id": stays.id})
    _take_invitations(RoleInvitation.organisation_id == gone.id, {"organisation_id": stays.id})
    _end_accounts(BankAccount.organisation_id == gone.id)
    gone.merged_into_id, gone.closed_at = stays.id, clock.utc_now()
    told = {"about": f"{gone.name} into {stays.name}: {reason}", "organisation_id": stays.id}
    record("organisations_merged", by=by, **told, before={"id": gone.id}, after=moved)  # type: ignore[arg-type]
    return _kept(ORGANISATION, gone, stays, by, reason, moved)


def merge_people(gone: User, stays: User, *, by: User, reason: str, keep_address: bool) -> Merger:
    """`keep_address`: whoever signs in with, or is invited under, the address of the one that goes is the one that stays."""
    _refuse(queries.against_people(gone, stays))
    moved = queries.counts("user", gone.id)
    _move("user", gone.id, stays.id)
    _take_roles(Membership.user_id == gone.id, {"user_id": stays.id})
    _take_invitations(RoleInvitation.person_id == gone.id, {"person_id": stays.id})
    _end_accounts(BankAccount.user_id == gone.id)
    _end_ways_in(gone)
    _own_things(gone, stays)
    earlier, gone.active = gone.email, False
    if not keep_address:
        gone.email = f"merged-{gone.id}@invalid"
    gone.merged_into_id = stays.id
    about = f"{gone.name}, {earlier} into {stays.name}, {stays.email}: {reason}"
    record("people_merged", by=by, about=about, person_id=stays.id, before={"id": gone.id}, after=moved)
    return _kept(PERSON, gone, stays, by, reason, moved)


def close_organisation(organisation: Organisation, *, by: User, reason: str) -> None:
    """Nobody acts for it any more; what it did stays, and its page says that it is closed."""
    if queries.is_over(organisation):
        raise Refusal(f"{organisation.name} is closed already.")
    _refuse(queries.stands_against_closing(organisation))
    now = clock.utc_now()
    current = (Membership.organisation_id == organisation.id, Membership.until.is_(None))
    _run(update(Membership).where(*current).values(until=now))
    waiting = (RoleInvitation.organisation_id == organisation.id, RoleInvitation.answer.is_(None))
    _run(update(RoleInvitation).where(*waiting).values(answer=Answer.WITHDRAWN.value, answered_at=now))
    organisation.closed_at = now
    record("organisation_closed", by=by, about=f"{organisation.name}: {reason}", organisation_id=organisation.id)


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise Refusal(" ".join(reasons))


def _move(target: str, gone: int, stays: int) -> None:
    """What both have once only stands against it (queries.py); what somebody adds this very moment is told, too."""
    for column in queries.moving(target):
        movable = (column == gone, *(column.table.c.id.not_in(each) for each in queries.twins(column, gone, stays)))
        try:
            with db.session.begin_nested():
                _run(update(column.table).where(*movable).values({column.name: stays, **_raised(column.table)}))
        except IntegrityError:
            raise Refusal(both_have(things(column.table.name), [])) from None


def _raised(table: Any) -> dict[str, Any]:
    """A form that is open on what moves was opened when it was somebody else's."""
    return {"version": table.c.version + 1} if "version" in table.c else {}


def _take_roles(of: Any, values: dict[str, int]) -> None:
    """They end there and last here, since when they did; those that ended are known here, too, for what rests on them."""
    now = clock.utc_now()
    for each in db.session.scalars(select(Membership).where(of).order_by(Membership.id)).unique().all():
        row = {name: getattr(each, name) for name in ("user_id", *PLACE, "role", "since", "until")} | values
        if each.until is None:
            each.until = now
            db.session.flush()
        if row["until"] is not None or not _has_role(row):
            db.session.add(Membership(**row))
            db.session.flush()


def _has_role(row: dict[str, Any]) -> bool:
    same = {name: row[name] for name in ("user_id", *PLACE, "role")}
    return bool(db.session.scalar(select(func.count(Membership.id)).filter_by(**same).where(Membership.until.is_(None))))


def _take_invitations(of: Any, values: dict[str, int]) -> None:
    """Those that wait are made again, under the link that was mailed."""
    copied = ("person_id", *PLACE, "role", "invited_by_id", "sent_at", "expires_at", "link_hash")
    for each in db.session.scalars(select(RoleInvitation).where(of, RoleInvitation.answer.is_(None))).all():
        row = {name: getattr(each, name) for name in copied} | values
        each.answer, each.answered_at = Answer.WITHDRAWN.value, clock.utc_now()
        db.session.flush()
        same = {name: row[name] for name in ("person_id", *PLACE, "role")}
        waits = select(func.count(RoleInvitation.id)).filter_by(**same).where(RoleInvitation.answer.is_(None))
        has = {"user_id": row["person_id"], **{name: row[name] for name in (*PLACE, "role")}}
        if not db.session.scalar(waits) and not _has_role(has):
            db.session.add(RoleInvitation(**row))
            db.session.flush()


def _end_accounts(of: Any) -> None:
    _run(update(BankAccount).where(of, BankAccount.ended_at.is_(None)).values(ended_at=clock.utc_now()))


def _end_ways_in(gone: User) -> None:
    end_links(gone)
    for model in (SignIn, Identity, Passkey, AuthenticatorApp, RecoveryCode):
        _run(delete(model).where(model.user_id == gone.id))
    waits = (AddressChange.person_id == gone.id, AddressChange.confirmed_at.is_(None), AddressChange.ended_at.is_(None))
    _run(update(AddressChange).where(*waits).values(ended_at=clock.utc_now()))


def _own_things(gone: User, stays: User) -> None:
    """What a person has once: theirs who stays, else the other's. Mails that wait follow."""
    for model in (MailChoice, Expert):
        if db.session.scalar(select(func.count(model.id)).where(model.person_id == stays.id)):
            _run(delete(model).where(model.person_id == gone.id))
        _run(update(model).where(model.person_id == gone.id).values(person_id=stays.id))
    waiting = (OutboxMessage.recipient_id == gone.id, OutboxMessage.state == "waiting")
    _run(update(OutboxMessage).where(*waiting).values(recipient_id=stays.id, address=stays.email))


def _kept(kind: str, gone: Any, stays: Any, by: User, reason: str, moved: dict[str, int]) -> Merger:
    merger = Merger(kind=kind, gone_id=gone.id, stays_id=stays.id, reason=reason, moved=moved, by_id=by.id)
    db.session.add(merger)
    db.session.flush()
    db.session.expire_all()
    return merger


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
