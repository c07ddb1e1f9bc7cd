"""Reading imports, and what is here already that their rows may name."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Row, exists, func, select, union
from sqlalchemy.orm import defer, joinedload, lazyload

from mobility.audit.models import AuditEntry
from mobility.core.database import db, table_of
from mobility.core.names import name_key
from mobility.core.paging import Page, paged
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.imports.kinds import KINDS, OF_COORDINATORS, OF_OWNERS, ORGANISATIONS, PEOPLE, THEMES
from mobility.imports.models import OVER, WORKING, Import, ImportedRow
from mobility.movingin import queries as exchanges
from mobility.movingin.kinds import EXCHANGES
from mobility.people import places
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.spreadsheets.columns import Kind
from mobility.teams.models import RoleInvitation
from mobility.themes.models import Theme
from mobility.themes.workflow import goes_on
from mobility.workflows.history import HistoryEntry

CHUNK = 400


def may_import(user: User) -> bool:
    return user.is_administrator or bool(user.programme_ids(Role.OWNER) or user.organisation_ids(Role.COORDINATOR))


def may_go_on(user: User, batch: Import) -> bool:
    """Whoever has the role in which a file was handed in."""
    if batch.organisation_id:
        return Role.COORDINATOR in user.roles_in(batch.organisation_id)
    if batch.as_owner:
        return Role.OWNER in user.roles_in_programme(batch.programme_id)
    return user.is_administrator


def find(id: int, user: User, *, for_update: bool = False) -> Import | None:
    """An administrator's any, an owner's those of the own programme, a coordinator's those of the own organisation."""
    statement = select(Import).where(Import.id == id).options(joinedload(Import.by).options(*User.by_name()))
    if for_update:
        statement = statement.with_for_update(of=Import).execution_options(populate_existing=True)
    found = db.session.scalar(statement)
    if found is None or user.is_administrator:
        return found
    return found if may_go_on(user, found) else None


def imports_of(user: User, number: int) -> Page:
    """Newest first."""
    query = select(Import).options(
        defer(Import.sheets),
        defer(Import.report),
        joinedload(Import.by).options(*User.by_name()),
        joinedload(Import.programme),
        joinedload(Import.organisation).load_only(Organisation.name),
    )
    if not user.is_administrator:
        as_owner = Import.as_owner & Import.programme_id.in_(user.programme_ids(Role.OWNER))
        query = query.where(as_owner | Import.organisation_id.in_(user.organisation_ids(Role.COORDINATOR)))
    return paged(query.order_by(Import.id.desc()), number)


def handed_in_before(user: User, sha256: str) -> Import | None:
    """The same file by the same person, which is not over."""
    query = select(Import).where(Import.by_id == user.id, Import.sha256 == sha256, Import.stage.not_in(OVER))
    return db.session.scalar(query.options(defer(Import.sheets)).order_by(Import.id.desc()).limit(1))


def waiting() -> list[int]:
    """Those that go on by themselves."""
    return list(db.session.scalars(select(Import.id).where(Import.stage.in_(WORKING)).order_by(Import.id)))


def locked(id: int) -> Import | None:
    """For a job; nothing if another process is at it."""
    query = select(Import).where(Import.id == id, Import.stage.in_(WORKING)).with_for_update(skip_locked=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of the store's files that some import names."""
    return set(db.session.scalars(select(Import.key).where(Import.key.in_(keys))))


# What is here already


def known_organisations() -> dict[str, Row[Any]]:
    """Name key -> (id, name, country, closed_at)."""
    columns = (Organisation.name_key, Organisation.id, Organisation.name, Organisation.country, Organisation.closed_at)
    query = select(*columns)
    rows: Iterable[Row[Any]] = db.session.execute(query)
    return {str(each.name_key): each for each in rows}


def known_programmes() -> dict[str, int]:
    return dict(db.session.execute(select(Programme.name_key, Programme.id)).all())


def known_accounts(addresses: Collection[str]) -> dict[str, Row[Any]]:
    """Address -> (id, name, active) of those that have an account."""
    found: dict[str, Row[Any]] = {}
    for chunk in chunks(sorted(addresses)):
        rows = db.session.execute(select(User.email, User.id, User.name, User.active).where(User.email.in_(chunk)))
        found |= {each.email: each for each in rows}
    return found


def known_themes(programme_id: int | None) -> set[tuple[str, str]]:
    """(name key of the host, that of the title) of a programme's themes."""
    query = select(Organisation.name_key, Theme.title).join(Theme.host).where(Theme.programme_id == programme_id)
    return {(host, name_key(title)) for host, title in db.session.execute(query)}


def taking_part(user: User) -> set[int]:
    """The organisations that have offered a theme themselves, or sent or received somebody, in a programme that the user owns."""
    mine = user.programme_ids(Role.OWNER)
    own_acts = (HistoryEntry.subject_type == "theme", HistoryEntry.subject_id == Theme.id, HistoryEntry.action != "move_in")
    offered = select(Theme.host_id).where(Theme.programme_id.in_(mine), select(HistoryEntry.id).where(*own_acts).exists())
    sides = (select(side).where(Exchange.programme_id.in_(mine)) for side in (Exchange.host_id, Exchange.guest_organisation_id))
    return set(db.session.scalars(union(offered, *sides)))


def has_role(user_id: int, organisation_id: int | None, programme_id: int | None, role: str) -> bool:
    """It lasts, or waits to be accepted."""
    if organisation_id is None and programme_id is None:
        return False
    place = {"organisation_id": organisation_id, "programme_id": programme_id, "role": role}
    lasts = select(Membership.id).filter_by(user_id=user_id, **place).where(Membership.current)
    waits = select(RoleInvitation.id).filter_by(person_id=user_id, **place).where(RoleInvitation.open)
    return db.session.scalar(lasts) is not None or db.session.scalar(waits) is not None


def is_city(country: str, city: str) -> bool:
    return places.find(country, city) is not None and not places.namesakes(country, city)


# What a batch has made


def made(batch: Import, kind: str) -> list[ImportedRow]:
    query = select(ImportedRow).where(ImportedRow.import_id == batch.id, ImportedRow.kind == kind)
    return list(db.session.scalars(query.order_by(ImportedRow.id)))


def fills_untold(theme: Theme) -> bool:
    """Its last places went to exchanges that were moved in, and nobody has been told yet: it stays open until then, and once it
    is undone."""
    if not (theme.all_taken and goes_on(theme)):
        return False
    untold = (ImportedRow.kind == "exchanges", ~ImportedRow.done, ImportedRow.made_id == Exchange.id)
    return bool(db.session.scalar(select(exists().where(*untold, Exchange.theme_id == theme.id, Exchange.state != CANCELLED))))


def tally(batch: Import) -> dict[str, int]:
    """Kind -> how many rows."""
    query = select(ImportedRow.kind, func.count()).where(ImportedRow.import_id == batch.id).group_by(ImportedRow.kind)
    return dict(db.session.execute(query).all())


def roles_to_offer(batch: Import, count: int) -> list[ImportedRow]:
    query = select(ImportedRow).where(ImportedRow.import_id == batch.id, ImportedRow.kind == "roles", ~ImportedRow.done)
    return list(db.session.scalars(query.order_by(ImportedRow.id).limit(count)))


def users(ids: Collection[int]) -> dict[int, User]:
    return {
        each.id: each for each in db.session.scalars(select(User).where(User.id.in_(ids)).options(lazyload(User.memberships)))
    }


def rests_on(batch: Import) -> list[str]:
    """What stands against undoing it, in words: anything that names what it has made and is not of this batch."""
    made_ids = {kind.key: [each.made_id for each in made(batch, kind.key)] for kind in (ORGANISATIONS, PEOPLE, THEMES)}
    own = {"theme": set(made_ids[THEMES.key])}
    reasons = []
    for kind, model, words in (
        (ORGANISATIONS, Organisation, "organisations"),
        (PEOPLE, User, "people"),
        (THEMES, Theme, "themes"),
    ):
        counted = _references(model, made_ids[kind.key], own)
        reasons += [f"{_of(column)}: {count} of its {words}" for column, count in counted if count]
    reasons += exchanges.rests_on([each.made_id for each in made(batch, EXCHANGES.key)])
    signed_in = _count(User.password_hash != "", User.id, made_ids[PEOPLE.key])
    changed, told = _changed_themes(batch), _told(AuditEntry.person_id, made_ids[PEOPLE.key], batch)
    told += _told(AuditEntry.organisation_id, made_ids[ORGANISATIONS.key], batch)
    reasons += [f"{signed_in} of its people have set a password"] if signed_in else []
    reasons += [f"{changed} of its themes have been changed or published"] if changed else []
    reasons += [f"the audit log names them {told} times" if told > 1 else "the audit log names them once"] if told else []
    return reasons


def _told(column: Any, ids: list[int], batch: Import) -> int:
    """Entries of the audit log about what it made: an id that they name is not given to somebody else."""
    return _count(AuditEntry.at >= batch.entered_at, column, ids)


NOT_IN_THE_WAY = {"imported_row", "hosting_window", "import"}


def _references(model: Any, ids: list[int], own: dict[str, set[int]]) -> Iterator[tuple[str, int]]:
    """Every foreign key to the model -> how many rows elsewhere name one of the ids."""
    target = table_of(model)
    for table in target.metadata.sorted_tables:
        if table.name in NOT_IN_THE_WAY:
            continue
        for column in table.columns:
            if not any(key.column.table is target for key in column.foreign_keys):
                continue
            found = 0
            for chunk in chunks(ids):
                query = select(table.c.id).where(column.in_(chunk))
                found += len(set(db.session.scalars(query)) - own.get(table.name, set()))
            yield table.name, found


def _of(table: str) -> str:
    return TABLES.get(table, table.replace("_", " "))


TABLES = {
    "membership": "Somebody has a role",
    "role_invitation": "Somebody has been invited",
    "theme": "There are other themes",
    "application": "There are applications",
    "exchange": "There are exchanges",
    "voucher": "There are vouchers",
    "history_entry": "Something was done",
    "sign_in": "Somebody has signed in",
    "mailed_link": "A link was mailed",
    "outbox_message": "A mail was written",
    "bank_account": "There are bank accounts",
}


def _count(condition: Any, column: Any, ids: list[int]) -> int:
    return sum(db.session.scalar(select(func.count()).where(condition, column.in_(chunk))) or 0 for chunk in chunks(ids))


def _changed_themes(batch: Import) -> int:
    versions = {each.made_id: each.seen_version for each in made(batch, THEMES.key)}
    changed = 0
    for chunk in chunks(list(versions)):
        rows = db.session.execute(select(Theme.id, Theme.version).where(Theme.id.in_(chunk))).all()
        acts = select(HistoryEntry.subject_id).where(HistoryEntry.subject_type == "theme", HistoryEntry.subject_id.in_(chunk))
        acted = set(db.session.scalars(acts))
        changed += sum(version != versions[id] or id in acted for id, version in rows)
    return changed


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Of a size that every database takes in one statement."""
    each = iter(values)
    while found := list(islice(each, CHUNK)):
        yield found


def kinds_of(user: User) -> list[Kind]:
    """What somebody may import, in one of the roles that they have."""
    found: dict[str, Kind] = dict(KINDS) if user.is_administrator else {}
    found |= OF_OWNERS if user.programme_ids(Role.OWNER) else {}
    found |= OF_COORDINATORS if user.organisation_ids(Role.COORDINATOR) else {}
    return list(found.values())


def kinds_for(batch: Import) -> dict[str, Kind]:
    """What may be in it."""
    return OF_OWNERS if batch.as_owner else OF_COORDINATORS if batch.organisation_id else KINDS
