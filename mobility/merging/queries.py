"""What would move, and what stands against it."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from sqlalchemy import Column, Select, Table, and_, func, or_, select
from sqlalchemy.orm import aliased

from mobility.applications.models import Application
from mobility.core.database import Model, db
from mobility.merging.clashes import clashing, told
from mobility.merging.rules import MOVES, OF_ORGANISATIONS, OF_PEOPLE, STAYS, STAYS_TWO, things, with_each_other
from mobility.payments.models import Payment, PaymentBatch
from mobility.people.models import Organisation, User
from mobility.people.roles import OrganisationKind
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry

STAFF = ("owner", "assessor", "finance_officer")


def naming(target: str) -> Iterator[Column[Any]]:
    """Every column that names a row of a table, as its foreign keys say."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == target for key in column.foreign_keys):
                yield column


def treatment(column: Column[Any]) -> str:
    name = f"{column.table.name}.{column.name}"
    is_person = next(iter(column.foreign_keys)).column.table.name == "user"
    return OF_PEOPLE.get(name, STAYS) if is_person else OF_ORGANISATIONS.get(name, MOVES)


def moving(target: str) -> list[Column[Any]]:
    return [each for each in naming(target) if treatment(each) == MOVES]


def twins(column: Column[Any], gone: int, stays: int) -> list[Select[Any]]:
    """Rows that stay with the one that goes, as the other has the same (rules.STAYS_TWO)."""
    return list(clashing(column, gone, stays)) if f"{column.table.name}.{column.name}" in STAYS_TWO else []


def _clashes(target: str, gone: int, stays: int) -> list[str]:
    """What both have once only, in words."""
    columns = [each for each in moving(target) if f"{each.table.name}.{each.name}" not in STAYS_TWO]
    return [sentence for column in columns for sentence in told(column, gone, stays)]


def counts(target: str, id: int) -> dict[str, int]:
    """How many rows of which kind would move or begin anew."""
    found: dict[str, int] = {}
    for column in naming(target):
        if treatment(column) == MOVES or column.table.name in ("membership", "role_invitation"):
            number = db.session.scalar(select(func.count()).where(column == id, *_lasting(column.table))) or 0
            if number:
                found[things(column.table.name)] = found.get(things(column.table.name), 0) + number
    return found


def _lasting(table: Table) -> list[Any]:
    if table.name == "membership":
        return [table.c.until.is_(None)]
    return [table.c.answer.is_(None)] if table.name == "role_invitation" else []


def against_organisations(gone: Organisation, stays: Organisation) -> list[str]:
    """In words, each thing that stands against it; nothing if nothing does."""
    found = _against_any(gone, stays)
    providers = [each.kind == OrganisationKind.PROVIDER for each in (gone, stays)]
    if providers[0] != providers[1]:
        found.append("One is a provider and the other is not: what they may do differs.")
    ids = (gone.id, stays.id)
    for table, one, other in _pairs("organisation"):
        if db.session.scalar(select(func.count()).where(one == ids[0], other == ids[1])):
            found.append(with_each_other(gone.name, stays.name, things(table.name)))
    between = select(func.count()).select_from(Application).join(Theme, Application.theme_id == Theme.id)
    sides = or_(*(and_(Theme.host_id == one, Application.guest_organisation_id == two) for one, two in permutations(ids)))
    if db.session.scalar(between.where(sides)):
        found.append(with_each_other(gone.name, stays.name, "applications"))
    found += _clashes("organisation", *ids)
    return list(dict.fromkeys(found))


def against_people(gone: User, stays: User) -> list[str]:
    """Whoever took part as two people in one decision cannot become one: four eyes would have been two."""
    found = _against_any(gone, stays)
    found += [f"{each.name} was erased: nobody is behind this account any more." for each in (gone, stays) if each.was_erased]
    if gone.is_administrator:
        found.append(f"{gone.name} is an administrator. End that first.")
    ids = (gone.id, stays.id)
    for table, one, other in _pairs("user"):
        if table.name != "merger" and db.session.scalar(select(func.count()).where(one == ids[0], other == ids[1])):
            found.append(f"Both took part in the same {things(table.name)}, as two people.")
    if _decided_together(ids):
        found.append("Both acted in one case, in different parts or both for the programme: that needed two people.")
    found += _clashes("user", *ids)
    return list(dict.fromkeys(found))


def _against_any(gone: Any, stays: Any) -> list[str]:
    if gone.id == stays.id:
        return ["These are one already."]
    return [f"{each.name} is closed." for each in (gone, stays) if is_over(each)]


def is_over(found: Any) -> bool:
    """Closed, or merged into another. A closed account can be made one with another: it is why there is a second."""
    return bool(found.merged_into_id or getattr(found, "closed_at", None))


def _pairs(target: str) -> Iterator[tuple[Table, Column[Any], Column[Any]]]:
    """Tables that name two of a kind in one row."""
    by_table: dict[Table, list[Column[Any]]] = {}
    for column in naming(target):
        by_table.setdefault(column.table, []).append(column)
    for table, columns in by_table.items():
        for one, other in permutations(columns, 2):
            yield table, one, other


def _decided_together(ids: tuple[int, int]) -> bool:
    first, second = aliased(HistoryEntry), aliased(HistoryEntry)
    same = and_(first.subject_type == second.subject_type, first.subject_id == second.subject_id)
    both = (first.actor_id == ids[0], second.actor_id == ids[1])
    parts = or_(first.acted_as != second.acted_as, first.acted_as.in_(STAFF))
    if db.session.scalar(select(func.count()).select_from(first).join(second, same).where(*both, parts)):
        return True
    paid = select(func.count()).select_from(Payment).join(PaymentBatch).join(Voucher, Payment.voucher_id == Voucher.id)
    hands = (PaymentBatch.collected_by_id, PaymentBatch.approved_by_id)
    eyes = or_(*(and_(Voucher.validated_by_id == a, hand == b) for a, b in permutations(ids) for hand in hands))
    return bool(db.session.scalar(paid.where(eyes)))


def locked_pair(model: type[Model], gone: int, stays: int) -> tuple[Any, Any]:
    """Both, locked in the order of their ids: of many at once one comes first. LookupError if one is not there."""
    query = select(model).where(model.id.in_((gone, stays))).order_by(model.id).with_for_update(of=model)
    found = {each.id: each for each in db.session.scalars(query.execution_options(populate_existing=True)).unique()}
    return found[gone], found[stays]


def find(model: type[Model], id: int) -> Any:
    return db.session.get(model, id)


def organisation_to_close(id: int) -> Organisation | None:
    """Locked, as it is now."""
    return db.session.get(Organisation, id, with_for_update=True, populate_existing=True)


def undeclared() -> list[str]:
    """Columns that name people and of which merging/rules.py says nothing."""
    names = (f"{each.table.name}.{each.name}" for each in naming("user"))
    return [each for each in names if each not in OF_PEOPLE]


def stands_against_closing(organisation: Organisation) -> list[str]:
    """Cases that are not over."""
    found = []
    for column in moving("organisation"):
        table = column.table
        if "waiting_for" not in table.c:
            continue
        number = db.session.scalar(select(func.count()).where(column == organisation.id, table.c.waiting_for.is_not(None)))
        if number:
            found.append(f"{number} {things(table.name)} wait for something to be done.")
    shown = (Theme.host_id == organisation.id, Theme.state == "published")
    if db.session.scalar(select(func.count()).where(*shown)):
        found.append("It has published themes. Close them first.")
    return list(dict.fromkeys(found))
