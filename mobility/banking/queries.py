"""Reads of bank accounts."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, lazyload

from mobility.banking.models import BankAccount
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.people.models import Organisation, User
from mobility.people.roles import Role


def current(*, user_id: int | None = None, organisation_id: int | None = None) -> BankAccount | None:
    """The account of a person or of an organisation that is in force."""
    if (user_id is None) == (organisation_id is None):
        raise ValueError("An account belongs to a person or to an organisation")
    owner = BankAccount.user_id == user_id if user_id is not None else BankAccount.organisation_id == organisation_id
    return db.session.scalar(_in_force().where(owner))


def current_of_many(
    user_ids: Collection[int], organisation_ids: Collection[int]
) -> tuple[dict[int, BankAccount], dict[int, BankAccount]]:
    """The accounts in force by person and by organisation: one query for any number."""
    owned = or_(BankAccount.user_id.in_(user_ids), BankAccount.organisation_id.in_(organisation_ids))
    found = db.session.scalars(_in_force().where(owned)).all()
    return (
        {each.user_id: each for each in found if each.user_id is not None},
        {each.organisation_id: each for each in found if each.organisation_id is not None},
    )


def _in_force() -> Select[Any]:
    return (
        select(BankAccount)
        .where(BankAccount.ended_at.is_(None))
        .options(joinedload(BankAccount.added_by, innerjoin=True).lazyload(User.memberships))
    )


def coordinated_by(user: User) -> Sequence[Organisation]:
    """The organisations whose account this person looks after, by name."""
    ids = user.organisation_ids(Role.COORDINATOR)
    return db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)).all()


def find_organisation(id: int, user: User) -> Organisation:
    """An organisation this person coordinates, or 404."""
    return or_404(db.session.get(Organisation, id) if Role.COORDINATOR in user.roles_in(id) else None)


def lock_owner(owner: User | Organisation) -> None:
    """Whoever sets an account of this owner comes here first: of two, the second sees what the first has set."""
    model = User if isinstance(owner, User) else Organisation
    statement = select(model.id).where(model.id == owner.id).with_for_update(key_share=True)
    db.session.execute(statement)


def setters(account: BankAccount) -> list[User]:
    """Who set an account, for the message that it was replaced."""
    query = select(User).where(User.id == account.added_by_id).options(lazyload(User.memberships))
    return list(db.session.scalars(query))
