"""Reading stays for those who travel: one by a personal link, one's own, and who of them has a link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from mobility.applications.models import Delegate
from mobility.contacts import queries as contacts
from mobility.contacts.queries import Shown
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.delegates.models import DelegateLink
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.states import CANCELLED
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import Addressee
from mobility.people.models import User
from mobility.people.queries import user_by_email
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.workflows.history import HistoryEntry


class Traveller:
    """As whom somebody without an account reads a contact: their own programme tells them what it tells its people."""

    is_authenticated = True


@dataclass(frozen=True)
class Stay:
    """One of those who travel, and to what."""

    exchange: Exchange
    delegate: Delegate


@dataclass(frozen=True)
class Before:
    """Who travelled at a place before somebody else took it."""

    delegate: Delegate
    name: str
    person: User | Addressee | None


@dataclass(frozen=True)
class Going:
    """One of those who travel, as whoever acts for them sees it; `person` None: no address is known."""

    delegate: Delegate
    person: User | Addressee | None
    link: DelegateLink | None

    @property
    def has_account(self) -> bool:
        return isinstance(self.person, User)

    @property
    def opens(self) -> bool:
        return self.link is not None and self.link.ended_at is None

    @property
    def seen(self) -> str:
        """What its page has shown: two tabs do not do the same twice."""
        return f"{self.link.number}-{'open' if self.opens else 'ended'}" if self.link else "none"


def hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def by_token(token: str) -> DelegateLink | None:
    query = select(DelegateLink).where(DelegateLink.token_hash == hashed(token))
    return db.session.scalar(query.execution_options(populate_existing=True))


def newest(exchange: Exchange, email: str) -> DelegateLink | None:
    """The link that counts of an address."""
    query = select(DelegateLink).where(DelegateLink.exchange_id == exchange.id, DelegateLink.email == email.lower())
    return db.session.scalar(query.order_by(DelegateLink.number.desc()).limit(1))


def count(exchange: Exchange) -> int:
    """How many links were made for it."""
    return db.session.scalar(select(func.count(DelegateLink.id)).where(DelegateLink.exchange_id == exchange.id)) or 0


def whole(id: int, for_update: bool = False) -> Exchange:
    """The exchange with all that the page of a traveller shows; nothing of money."""
    if for_update:
        db.session.execute(select(Exchange.id).where(Exchange.id == id).with_for_update())
    versions = selectinload(Exchange.versions)
    query = select(Exchange).where(Exchange.id == id)
    query = query.options(
        joinedload(Exchange.theme, innerjoin=True),
        joinedload(Exchange.programme, innerjoin=True),
        joinedload(Exchange.host, innerjoin=True),
        joinedload(Exchange.guest, innerjoin=True).lazyload(User.memberships),
        joinedload(Exchange.guest_organisation, innerjoin=True),
        joinedload(Exchange.application, innerjoin=True),
        selectinload(Exchange.delegates),
        versions.selectinload(AgreementVersion.signatures),
        versions.selectinload(AgreementVersion.endorsements),
    )
    return or_404(db.session.scalar(query.execution_options(populate_existing=True)))


def under(exchange: Exchange, email: str) -> Delegate | None:
    """Who travels under an address."""
    return next((each for each in exchange.delegates if each.email and each.email == email.lower()), None)


def own(id: int, user: User) -> Stay:
    """The stay that a signed-in person travels to, by their address (or one of an account that became theirs); else 404."""
    if db.session.scalar(select(exists().where(Exchange.id == id))):
        exchange = whole(id)
        accounts = _accounts(exchange)
        for each in exchange.delegates:
            if accounts.get(each.email) == user:
                return Stay(exchange, each)
    return or_404(None)


def along(user: User) -> Sequence[Exchange]:
    """The stays that somebody travels to without acting for the guests, the next last; a namesake is somebody else."""
    query = (
        select(Exchange)
        .join(Delegate, Delegate.application_id == Exchange.application_id)
        .where(Delegate.email == user.email, Exchange.guest_id != user.id, Exchange.state != CANCELLED)
        .options(
            load_only(Exchange.first_day, Exchange.last_day, Exchange.actual_first_day, Exchange.actual_last_day),
            joinedload(Exchange.theme, innerjoin=True).load_only(Theme.title),
            joinedload(Exchange.host, innerjoin=True),
            joinedload(Exchange.programme, innerjoin=True).load_only(*Programme.told()),
        )
    )
    return db.session.scalars(query.order_by(Exchange.first_day.desc(), Exchange.id.desc()).limit(20)).all()


def people(exchange: Exchange) -> list[User | Addressee]:
    """Those who travel and have given an address, by their account if they have one."""
    return [person for _, person in _with_people(exchange) if person is not None]


def _with_people(exchange: Exchange) -> list[tuple[Delegate, User | Addressee | None]]:
    accounts, delegates = _accounts(exchange), exchange.delegates
    return [(each, (accounts.get(each.email) or Addressee(each.name, each.email)) if each.email else None) for each in delegates]


def _accounts(exchange: Exchange) -> dict[str, User]:
    """Those who travel and have an account, by the address they travel under."""
    addresses = [each.email for each in exchange.delegates if each.email]
    found = db.session.scalars(select(User).where(User.email.in_(addresses)).options(lazyload(User.memberships))).all()
    return {each.email: user_by_email(each.email) or each if each.merged_into_id else each for each in found}


def person_of(delegate: Delegate) -> User | Addressee | None:
    if not delegate.email:
        return None
    return user_by_email(delegate.email) or Addressee(delegate.name, delegate.email)


def going(exchange: Exchange) -> list[Going]:
    """Who travels, and who of them has a link."""
    made = select(DelegateLink).where(DelegateLink.exchange_id == exchange.id).order_by(DelegateLink.number)
    links = {each.email: each for each in db.session.scalars(made)}
    return [Going(each, person, links.get(each.email)) for each, person in _with_people(exchange)]


def travels_at(exchange: Exchange, place: str) -> Before | None:
    """Who travels at a place of the delegation, as a form names it."""
    found = next((each for each in exchange.delegates if str(each.position) == place), None)
    return Before(found, found.name, person_of(found)) if found else None


def who_knows(exchange: Exchange, people: Iterable[User | Addressee]) -> list[User | Addressee]:
    """Those to whom we have written of it: nobody hears of the end of a plan of which they never heard."""
    of_it = (OutboxMessage.subject_type == exchange.subject_type, OutboxMessage.subject_id == exchange.id)
    known = set(db.session.scalars(select(func.lower(OutboxMessage.address)).where(*of_it).distinct()))
    return [each for each in people if each.email.lower() in known]


def was_no_show(exchange: Exchange) -> bool:
    """Cancelled because nobody came."""
    if exchange.state != CANCELLED:
        return False
    act = (HistoryEntry.subject_type == exchange.subject_type, HistoryEntry.subject_id == exchange.id)
    return bool(db.session.scalar(select(exists().where(*act, HistoryEntry.action == "report_no_show"))))


def contact_of(programme: Programme) -> Shown | None:
    """Whom a traveller turns to at the programme."""
    return contacts.shown(programme, Traveller())


def host_contact(exchange: Exchange) -> Any:
    """What the agreement says, else whom the theme names."""
    version = exchange.agreed_version or exchange.newest_version
    if version is not None and version.host_contact.strip():
        return version.host_contact
    return contacts.shown(exchange.theme, Traveller())
