"""What stands against an erasure, what names a person, and where."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import JSON, Column, String, Table, exists, func, or_, select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import Identity
from mobility.addresses.models import AddressChange
from mobility.applications.models import Delegate
from mobility.audit.models import AuditEntry
from mobility.banking.models import BankAccount
from mobility.core import clock
from mobility.core.database import db
from mobility.core.names import searchable
from mobility.core.wording import HOME_ZONE, format_day
from mobility.exchanges.models import Exchange, Signature
from mobility.factors.models import Passkey
from mobility.followup.models import QuestionnaireRequest
from mobility.joining.models import JoinRequest
from mobility.merging import queries as merging
from mobility.merging.rules import things
from mobility.payments.models import BankFile, Payment
from mobility.people.models import Membership, Organisation, User
from mobility.privacy import strangers
from mobility.privacy.models import Erasure
from mobility.privacy.register import NOTHING
from mobility.privacy.rules import Ordinary, Traces, is_common, last_day_kept, texts_in
from mobility.programmes.models import Programme
from mobility.subjects import SUBJECTS
from mobility.teams.models import RoleInvitation
from mobility.teams.queries import departures
from mobility.vouchers.models import Voucher

AT_ONCE = 500  # rows
MADE_OF_NAMES = {"search_text", "name_key", "new_name_key", "dedupe_key", "address", "email"}  # small letters there mean nothing
SUBJECT_TABLES = {each.workflow.name: each.__tablename__ for each in SUBJECTS}
Cases = dict[str, set[int]]  # ids by table


def open_erasure(person: User) -> Erasure | None:
    """Asked for, neither stopped nor done."""
    mine = (Erasure.person_id == person.id, Erasure.stopped_at.is_(None), Erasure.done_at.is_(None))
    return db.session.scalar(select(Erasure).where(*mine))


def can_sign_in(person: User) -> bool:
    """By a password, by another service, or by a passkey."""
    others = or_(*(exists().where(each.user_id == person.id) for each in (Identity, Passkey)))
    return bool(person.password_hash or db.session.scalar(select(others)))


def has_come_back(erasure: Erasure) -> bool:
    """Since it was asked for by rule: a role or an invitation to one, a request to join, anything they did."""
    person, asked_at = erasure.person_id, erasure.asked_at
    signs = (
        exists().where(Membership.user_id == person),
        exists().where(RoleInvitation.person_id == person, RoleInvitation.open, RoleInvitation.expires_at > clock.utc_now()),
        exists().where(JoinRequest.person_id == person, JoinRequest.waiting_for.is_not(None)),
        exists().where(AuditEntry.by_id == person, AuditEntry.at > asked_at),
    )
    return bool(db.session.scalar(select(or_(*signs))))


def was_erased(person: User) -> bool:
    done = (Erasure.person_id == person.id, Erasure.done_at.is_not(None))
    return bool(db.session.scalar(select(func.count(Erasure.id)).where(*done)))


def waiting() -> list[Erasure]:
    """For the administrator, the next first."""
    query = select(Erasure).where(Erasure.stopped_at.is_(None), Erasure.done_at.is_(None))
    people = (joinedload(each).lazyload(User.memberships) for each in (Erasure.person, Erasure.asked_by))
    return list(db.session.scalars(query.options(*people).order_by(Erasure.due_on, Erasure.id)))


def due() -> list[int]:
    today = clock.today(HOME_ZONE)
    query = select(Erasure.id).where(Erasure.stopped_at.is_(None), Erasure.done_at.is_(None), Erasure.due_on <= today)
    return list(db.session.scalars(query.order_by(Erasure.id)))


def locked(id: int) -> Erasure | None:
    """Nothing if another process is at it."""
    query = select(Erasure).where(Erasure.id == id).with_for_update(of=Erasure, skip_locked=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def known_names(erasure: Erasure) -> list[str]:
    """Of somebody without an account: what goes with the address."""
    if not erasure.is_of_stranger:
        return []
    return sorted(strangers.names(erasure.person.email) | ({erasure.person.name} if erasure.person.name else set()))


# What stands against it


def stands_against(person: User, *, own: bool = False) -> list[str]:
    """In words: what has to end before, by somebody's doing; `own`: told to the person."""
    found = [each.reason for each in departures(person, own=own) if each.reason] if person.active else []
    if person.merged_into_id:
        found.append(f"The account was made one with number {person.merged_into_id}. Whoever erases that one erases this, too.")
    if person.is_administrator:
        found.append(f"{'You are' if own else f'{person.name} is'} an administrator. That has to end first.")
    found += strangers.travels_to({each.email for each in accounts_of(person)}, but_of={person.id})
    for column in merging.moving("user"):
        if "waiting_for" in column.table.c:
            waits = (column == person.id, column.table.c.waiting_for.is_not(None))
            if number := db.session.scalar(select(func.count()).where(*waits)):
                found.append(f"{number} {things(column.table.name)} wait for something to be done.")
    return found


def kept_until(person: User) -> date | None:
    """How long the records of money paid to somebody have to be kept; None if there was none, or that is over."""
    theirs = or_(Voucher.holder_id == person.id, BankAccount.user_id == person.id)
    paid = select(func.max(Payment.settled_on)).join(Voucher, Payment.voucher_id == Voucher.id)
    last = db.session.scalar(paid.join(BankAccount, Payment.account_id == BankAccount.id).where(theirs))
    until = last_day_kept(last) if last else None
    return until if until and until >= clock.today(HOME_ZONE) else None


def reasons(person: User) -> list[str]:
    """All of it, for the pages."""
    until = kept_until(person)
    kept = [f"Money was paid: its records have to be kept until {format_day(until)}, and are erased then."] if until else []
    return [*stands_against(person), *kept]


def confirms_in(person: User) -> list[int]:
    """Exchanges that lose with the person whoever confirms later what is in use."""
    accounts = accounts_of(person)
    return strangers.confirms_in({each.email for each in accounts} | _earlier_addresses([each.id for each in accounts]))


def bereft_of(person: User) -> set[int]:
    """Exchanges that have lost whoever confirms with them, by whichever address they were named."""
    return set(strangers.confirms_in({Traces(person.id, (), ()).address}))


def exchanges(ids: Collection[int]) -> list[Exchange]:
    return list(db.session.scalars(select(Exchange).where(Exchange.id.in_(ids)).order_by(Exchange.id)))


# What names somebody


def accounts_of(person: User) -> list[User]:
    """The person's, and those that became one with it."""
    found = [person]
    for each in found:  # it grows meanwhile
        found += db.session.scalars(select(User).where(User.merged_into_id == each.id, User.id != each.id))
    return found


def traces(person: User) -> Traces:
    """All names and addresses under which the person is known here, also earlier ones; nothing that is somebody else's."""
    accounts = accounts_of(person)
    ids = [each.id for each in accounts]
    stranger = open_erasure(person)
    addresses = {each.email for each in accounts} | _earlier_addresses(ids)
    names = {each.name for each in accounts} | set(_names_by_address(addresses))
    if stranger and stranger.is_of_stranger:
        names |= strangers.names(person.email)
    names |= set(db.session.scalars(select(Signature.name).where(Signature.signed_by_id.in_(ids))))
    asked = select(QuestionnaireRequest.name, QuestionnaireRequest.email).where(QuestionnaireRequest.respondent_id.in_(ids))
    mended = AuditEntry.act.in_(("account_changed", "address_changed"))
    told = select(AuditEntry.before, AuditEntry.after).where(AuditEntry.person_id.in_(ids), mended)
    said = [(each.get("name"), each.get("email")) for pair in db.session.execute(told) for each in pair]
    for name, address in [*db.session.execute(asked), *said]:
        names.add(str(name or ""))
        addresses.add(str(address or ""))
    addresses -= set(db.session.scalars(select(User.email).where(User.id.not_in(ids)))) | {""}
    others = _names_of_others(ids)
    common = {each for each in names if each and is_common(each, others)}
    names -= common | {""}
    ordinary = _ordinary(names, set(ids))
    first = Traces(person.id, names - ordinary, addresses, common=common, ordinary=ordinary)
    return Traces(person.id, first.names, first.addresses, _numbers(first, set(ids)), common, ordinary)


def _ordinary(names: set[str], ids: set[int]) -> set[str]:
    """Those of which every word is one that others write, too, with another meaning."""
    words = Ordinary(names)
    for table, columns in searched():
        told = [each for each in columns if each.name not in MADE_OF_NAMES]
        for _, own, _, values in rows_with(table, told, Traces(0, (), ()), ids, {}) if told else ():
            for text in texts_in(values) if not own else ():
                words.look(text)
        if words.is_settled:
            break
    return words.names


def _earlier_addresses(ids: list[int]) -> set[str]:
    """One that was wanted and never confirmed may be a stranger's."""
    mine = AddressChange.person_id.in_(ids)
    confirmed = select(AddressChange.wanted).where(mine, AddressChange.confirmed_at.is_not(None))
    return set(db.session.scalars(select(AddressChange.earlier).where(mine).union(confirmed)))


def _names_by_address(addresses: set[str]) -> set[str]:
    return set(db.session.scalars(select(Delegate.name).where(Delegate.email.in_(addresses))))


def _names_of_others(ids: list[int]) -> set[str]:
    people = select(User.name).where(User.id.not_in(ids))
    places = (select(each.name) for each in (Organisation, Programme))
    return {searchable(name) for query in (people, *places) for name in db.session.scalars(query)}


def _numbers(known: Traces, ids: set[int]) -> set[str]:
    found: set[str] = set()
    cases = cases_of(ids, known.addresses)
    for table, columns in searched():
        for _, own, case, values in rows_with(table, columns, known, ids, cases):
            for value in values:
                found |= known.numbers_in(value, own=own, case=case)
    return found


# Where


def searched() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Every table with what of its text may name somebody: whatever is not declared to hold nothing. Accounts are not searched:
    the person's is known, and the others are others'."""
    for table in db.metadata.sorted_tables:
        columns = [each for each in table.columns if holds_text(each) and f"{table.name}.{each.name}" not in NOTHING]
        if columns and table.name != "user":
            yield table, columns


def rows_with(
    table: Table, columns: list[Column[Any]], known: Traces, ids: set[int], cases: Cases
) -> Iterator[tuple[int, bool, bool, list[Any]]]:
    """(id, whether it is the person's own, whether it is of a case of theirs, its values): their accounts (`ids`) have a part in
    it, or an address stands there."""
    naming = [each for each in table.columns if any(key.column.table.name == "user" for key in each.foreign_keys)]
    about = [table.c.subject_type, table.c.subject_id] if "subject_type" in table.c else []
    for id, *found in rows(table, [*naming, *about, *columns]):
        values = found[len(naming) + len(about) :]
        own = not ids.isdisjoint(found[: len(naming)]) or known.addressed_in(values)
        subject = tuple(found[len(naming) : len(naming) + len(about)])
        case = id in cases.get(table.name, ()) or (
            bool(subject) and subject[1] in cases.get(SUBJECT_TABLES.get(subject[0], ""), ())
        )
        yield id, own, case, values


def cases_of(ids: set[int], addresses: Collection[str]) -> Cases:
    """What the person has a part in, or travels with, and all that belongs to it, by the database's own foreign keys."""
    found: Cases = {}
    travels = select(Delegate.application_id).where(Delegate.email.in_(addresses))
    found["application"] = set(db.session.scalars(travels))
    for column in merging.moving("user"):
        if column.name != "contact_id":
            mine = select(column.table.c.id).where(column.in_(ids))
            found.setdefault(column.table.name, set()).update(db.session.scalars(mine))
    for table in db.metadata.sorted_tables:  # what is named comes before what names it
        for column in table.columns:
            for key in column.foreign_keys:
                if theirs := found.get(key.column.table.name):
                    below = select(table.c.id).where(column.in_(theirs))
                    found.setdefault(table.name, set()).update(db.session.scalars(below))
    batches = select(Payment.batch_id).where(Payment.id.in_(found.get("payment", ())))
    found["bank_file"] = set(db.session.scalars(select(BankFile.id).where(BankFile.batch_id.in_(batches))))
    return found


def holds_text(column: Column[Any]) -> bool:
    return isinstance(column.type, String | JSON)


def rows(table: Table, columns: list[Column[Any]]) -> Iterator[Any]:
    """(id, values), some at a time."""
    last = None
    while True:
        query = select(table.c.id, *columns).order_by(table.c.id).limit(AT_ONCE)
        found = db.session.execute(query if last is None else query.where(table.c.id > last)).all()
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1][0]
