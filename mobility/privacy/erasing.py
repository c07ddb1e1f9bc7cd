"""Erasing a person: traces in all tables, and files. In one transaction, in which alone kept records let names be replaced."""

from base64 import b64decode
from collections.abc import Collection
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update

from mobility.accounts.models import Identity, MailedLink, SignIn
from mobility.addresses.models import AddressChange
from mobility.audit import chain
from mobility.audit.checks import ERASED
from mobility.audit.operations import record
from mobility.banking.models import BankAccount
from mobility.calendars.models import CalendarAddress
from mobility.claims.models import Claim, Evidence
from mobility.core import clock
from mobility.core.database import after_commit, db
from mobility.delegates.models import DelegateLink
from mobility.experts.models import Expert
from mobility.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from mobility.followup.models import QuestionnaireRequest
from mobility.mailings.models import MailRefusal
from mobility.notifications.models import MailChoice, OutboxMessage, saying_only
from mobility.notifications.readdressing import NOT_SENT
from mobility.people.models import User
from mobility.privacy.models import Erasure
from mobility.privacy.queries import Cases, accounts_of, cases_of, rows_with, searched, traces
from mobility.privacy.rules import GONE, Traces
from mobility.stories.models import StoryPicture
from mobility.takeovers.models import TakeOverEvidence
from mobility.talking.models import MessageFile
from mobility.uploads import files
from mobility.vouchers.models import Voucher

GOES = (SignIn, MailedLink, Identity, Passkey, AuthenticatorApp, RecoveryCode, CalendarAddress)
AUDIT_AT_ONCE = 1000  # entries named by one
GREY = b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/"
    "yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
)
INSTEAD = b"This file was erased with the person whom it was about.\n"


def erase(erasure: Erasure) -> int:
    """Returns in how many rows something was replaced. The account is closed already; `erasure` is locked."""
    chain.settle()  # nobody writes the name into the log meanwhile
    person = erasure.person
    known, ids = traces(person), {each.id for each in accounts_of(person)}
    _at_work(erasure, True)
    for id in ids:
        _files(id)
        _own(id)
    _addressed(known.addresses)
    cases = cases_of(ids, known.addresses)
    changed = sum(_replace(table, columns, known, ids, cases) for table, columns in searched() if table.name != "audit_entry")
    for id in ids:
        _account(id)
    redacted = _redact(ids, known)
    erasure.done_at = clock.utc_now()
    _at_work(erasure, False)
    for start in range(0, max(len(redacted), 1), AUDIT_AT_ONCE):
        some = dict(list(redacted.items())[start : start + AUDIT_AT_ONCE])
        record(ERASED, by=None, about=known.pseudonym, person_id=person.id, after={"entries": some})
    db.session.expire_all()
    return changed + len(redacted)


def _at_work(erasure: Erasure, working: bool) -> None:
    erasure.working = working
    db.session.flush()


def _own(id: int) -> None:
    """What nobody needs without the person."""
    for model in GOES:
        _run(delete(model).where(model.user_id == id))
    _run(
        update(OutboxMessage)
        .where(OutboxMessage.kind == "address_confirm", _wanted_by(id))
        .values(address=Traces(id, (), ()).address)
    )
    for other in (MailChoice, MailRefusal, Expert, AddressChange):
        _run(delete(other).where(other.person_id == id))
    theirs = OutboxMessage.recipient_id == id
    _run(update(OutboxMessage).where(theirs).values(**saying_only(GONE), subject_line=GONE, calendar="", reply_to=""))
    _run(update(OutboxMessage).where(theirs, OutboxMessage.state.in_(NOT_SENT)).values(state="dropped"))
    accounts = update(BankAccount).where(BankAccount.user_id == id)
    _run(accounts.values(holder_name=f"Person {id}", iban=GONE, bic=""))


def _addressed(addresses: Collection[str]) -> None:
    """Links that open without an account, and mails to one of the addresses, also from before there was an account. A link's row
    stays, as the next one's number counts on it."""
    links = update(DelegateLink).where(DelegateLink.email.in_(addresses))
    _run(links.values(email="", ended_at=func.coalesce(DelegateLink.ended_at, clock.utc_now())))
    asked = (QuestionnaireRequest.respondent_id.is_(None), func.lower(QuestionnaireRequest.email).in_(addresses))
    _run(update(QuestionnaireRequest).where(*asked).values(link=QuestionnaireRequest.link + 1))
    theirs = (OutboxMessage.recipient_id.is_(None), func.lower(OutboxMessage.address).in_(addresses))
    _run(update(OutboxMessage).where(*theirs).values(**saying_only(GONE), subject_line=GONE, calendar="", reply_to=""))
    _run(update(OutboxMessage).where(*theirs, OutboxMessage.state.in_(NOT_SENT)).values(state="dropped"))


def _wanted_by(id: int) -> ColumnElement[bool]:
    return OutboxMessage.address.in_(select(AddressChange.wanted).where(AddressChange.person_id == id))


def _account(id: int) -> None:
    known = Traces(id, (), ())
    gone = {"name": known.pseudonym, "email": known.address, "password_hash": "", "level": None, "demo_note": "", "active": False}
    _run(update(User).where(User.id == id).values(gone))


def _replace(table: Table, columns: list[Any], known: Traces, ids: set[int], cases: Cases) -> int:
    """In all rows that name the person."""
    done = 0
    for id, own, case, values in rows_with(table, columns, known, ids, cases):
        now = {column.name: known.replaced(value, own=own, case=case) for column, value in zip(columns, values, strict=True)}
        different = {
            column.name: now[column.name] for column, value in zip(columns, values, strict=True) if now[column.name] != value
        }
        if different:
            _run(update(table).where(table.c.id == id).values(different))
            done += 1
    return done


def _redact(ids: set[int], known: Traces) -> dict[str, str]:
    """Entries of the audit log keep their hash, so that the chain holds; what they hold now is told by an entry of its own, with
    the hash of that. Without the salt nobody can try names against the hash."""
    redacted: dict[str, str] = {}
    for (entry,) in rows_of_log():
        now = _without(entry, ids, known)
        if any(now[name] != entry[name] for name in ("by_name", "about", "network", "before", "after")):
            now["salt"] = ""
            changed = {name: now[name] for name in ("by_name", "about", "network", "before", "after", "salt")}
            _run(update(chain.TABLE).where(chain.TABLE.c.id == entry["id"]).values(changed))
            redacted[str(entry["id"])] = chain.hash_of(now)
    return redacted


def rows_of_log() -> Any:
    last = 0
    while found := db.session.execute(
        select(chain.TABLE).where(chain.TABLE.c.id > last).order_by(chain.TABLE.c.id).limit(500)
    ).all():
        for each in found:
            yield (each._asdict(),)
        last = found[-1].id


def _without(entry: dict[str, Any], ids: set[int], known: Traces) -> dict[str, Any]:
    told = {name: entry[name] for name in ("by_name", "about", "before", "after")}
    own = entry["by_id"] in ids or entry["person_id"] in ids or known.addressed_in(told)
    now = entry | {name: known.replaced(value, own=own) for name, value in told.items()}
    return now | {"network": ""} if entry["by_id"] in ids else now


# Files


def _files(id: int) -> None:
    """Evidence of the person's claims and whatever they handed in becomes a file that says so: its row stays, as the books rest
    on it. The files go after the commit; what is left by a crash is swept, as no row names it."""
    mine = or_(Evidence.added_by_id == id, Voucher.holder_id == id)
    claimed = (
        select(Evidence).join(Claim, Evidence.claim_id == Claim.id).join(Voucher, Claim.voucher_id == Voucher.id).where(mine)
    )
    for each in db.session.scalars(claimed).all():
        _instead(each)
    for proof in db.session.scalars(select(TakeOverEvidence).where(TakeOverEvidence.added_by_id == id)).all():
        if proof.key:
            _instead(proof)
    for sent in db.session.scalars(select(MessageFile).where(MessageFile.added_by_id == id)).all():
        _instead(sent)
        sent.size = len(INSTEAD) + len(str(sent.id))
    for picture in db.session.scalars(select(StoryPicture).where(StoryPicture.added_by_id == id)).all():
        _unseen(picture)
    db.session.flush()


def _instead(row: Any) -> None:
    store, gone = files.store(), row.key
    content = INSTEAD + str(row.id).encode()
    row.key, row.sha256, row.content_type, row.name = (
        store.save(content),
        sha256(content).hexdigest(),
        "text/plain",
        f"erased-{row.id}.txt",
    )
    after_commit(lambda: store.delete(gone))


def _unseen(picture: StoryPicture) -> None:
    """A grey picture of the same size takes its place."""
    store, gone = files.store(), (picture.key, picture.small_key)
    picture.key, picture.small_key = store.save(GREY), store.save(GREY)
    for each in gone:
        after_commit(partial(store.delete, each))


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
