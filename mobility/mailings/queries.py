"""Reading mailings: who may, what they would be, what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, lazyload, load_only

from mobility.core import clock
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.lists.columns import Column, Kind, Line, Listing, Place
from mobility.lists.reaching import Reach
from mobility.mailings import rules
from mobility.mailings.models import Mailing, MailingLetter, MailRefusal
from mobility.mailings.rules import Letter, Person
from mobility.notifications.kinds import NONE
from mobility.notifications.models import MailChoice, OutboxMessage
from mobility.notifications.queries import STATES
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Draft:
    """What somebody is about to send, and in whose name. `is_case`: about the addressees' own case. `with_empty`: also to
    those of whom the list does not know every field."""

    place: Place
    subject_line: str
    text: str
    is_case: bool
    with_empty: bool = False

    def digest(self, by: User) -> str:
        return sha256("\n".join([str(by.id), *map(str, self.place), self.subject_line, self.text]).encode()).hexdigest()


# What it would be


def letters(reach: Reach, lines: Sequence[Line], draft: Draft, by: User) -> list[Letter]:
    """One for each person of these rows, and of each that gets no mail why. Four queries."""
    people = _people({line.person_id for line in lines}, draft.place)
    had_it = _had(draft.digest(by))
    about = about_of(reach)
    made = [
        rules.written_to(people[id], theirs, draft.subject_line, draft.text, about)
        for id, theirs in rules.each_once(lines)
        if id in people
    ]
    return [replace(each, left_out=_left_out(each, draft, had_it)) for each in made]


def about_of(reach: Reach) -> str:
    named = [name for name, title in reach.fields.items() if title == reach.reached.about]
    return named[0] if named else rules.about_of(reach.fields, ("name", "guest", "holder", "who_is_asked"))


def names_of_people(ids: Collection[int]) -> dict[int, str]:
    return {row[0]: row[1] for row in db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def _left_out(letter: Letter, draft: Draft, had_it: Collection[int]) -> str:
    person = letter.person
    stands = {
        "closed": not person.active,
        "not_wanted": not draft.is_case and not person.wants,
        "had_it": person.id in had_it,
        "empty": bool(letter.empty) and not draft.with_empty,
    }
    return next((reason for reason, holds in stands.items() if holds), "")


def _people(ids: Collection[int], place: Place) -> dict[int, Person]:
    unwanted = _unwanted(ids, place)
    query = select(User.id, User.name, User.email, User.locale, User.active).where(User.id.in_(ids))
    return {row.id: Person(*row, wants=row.id not in unwanted) for row in db.session.execute(query)}


def _unwanted(ids: Collection[int], place: Place) -> set[int]:
    """Those who want no news from there, or no news at all."""
    refused = select(MailRefusal.person_id).where(MailRefusal.person_id.in_(ids), _column(MailRefusal, place) == place[1])
    no_news = select(MailChoice.person_id).where(MailChoice.person_id.in_(ids), MailChoice.news == NONE)
    return {*db.session.scalars(refused), *db.session.scalars(no_news)}


def _had(digest: str) -> set[int]:
    """Who got exactly this within a day."""
    same = (Mailing.digest == digest, Mailing.sent_at > clock.utc_now() - DAY, MailingLetter.left_out == "")
    query = select(MailingLetter.person_id).join(Mailing, MailingLetter.mailing_id == Mailing.id).where(*same)
    return set(db.session.scalars(query))


def names_of(places: Sequence[Place]) -> Mapping[Place, str]:
    """In whose name one can write: what they are called."""
    found: dict[Place, str] = {}
    models: tuple[tuple[str, type[Programme | Organisation]], ...] = (("programme", Programme), ("organisation", Organisation))
    for kind, model in models:
        if ids := [id for each, id in places if each == kind]:
            rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            found |= {(kind, id): name for id, name in rows}
    return {place: found[place] for place in places if place in found}


def sent_today(user: User) -> tuple[int, int]:
    """(mailings, mails) of a writer within 24 hours."""
    mine = (Mailing.by_id == user.id, Mailing.sent_at > clock.utc_now() - DAY)
    row = db.session.execute(select(func.count(Mailing.id), func.coalesce(func.sum(Mailing.mailed), 0)).where(*mine)).one()
    return row[0], int(row[1])


# What was sent


def may_read(user: Any) -> ColumnElement[bool]:
    """Those of the programmes one owns or audits, and of the organisations one coordinates or hosts for."""
    programmes = user.programme_ids(Role.OWNER, Role.AUDITOR)
    organisations = user.organisation_ids(Role.COORDINATOR, Role.HOST)
    return or_(Mailing.programme_id.in_(programmes), Mailing.organisation_id.in_(organisations))


def listed(user: Any, number: int) -> Page:
    """The newest first."""
    query = select(Mailing).where(may_read(user)).order_by(Mailing.id.desc())
    return paged(query, number, *_with_place())


def find(id: int, user: Any) -> Mailing:
    """404 for whoever may not read it."""
    return or_404(db.session.scalar(select(Mailing).where(Mailing.id == id, may_read(user)).options(*_with_place())))


@dataclass(frozen=True)
class Outcome:
    """Of one person of a mailing."""

    name: str
    about: str
    left_out: str
    state: str | None

    @property
    def words(self) -> str:
        if self.left_out:
            return f"No mail: {rules.REASONS[self.left_out].lower()}"
        return STATES.get(self.state or "", "Its mail is not kept any more")


def outcomes(mailing: Mailing, number: int) -> Page:
    """What became of each, in the order of the list: two queries."""
    letter, message = MailingLetter, OutboxMessage
    of_it = (message.subject_type == "mailing") & (message.subject_id == letter.mailing_id)
    query = (
        select(letter.name, letter.about, letter.left_out, func.max(message.state))
        .outerjoin(message, of_it & (message.recipient_id == letter.person_id))
        .where(letter.mailing_id == mailing.id)
        .group_by(letter.id)
        .order_by(letter.id)
    )
    total = db.session.scalar(select(func.count()).where(letter.mailing_id == mailing.id)) or 0
    return paged(query, number, total=total).made(lambda rows: [Outcome(*row) for row in rows])


def _with_place() -> tuple[Any, ...]:
    return joinedload(Mailing.programme).load_only(Programme.name), joinedload(Mailing.organisation).load_only(Organisation.name)


# Who wants no more


def refused(user: Any) -> list[tuple[str, int, str]]:
    """(kind, id, name) of those from whom somebody wants no news, by name."""
    models: tuple[tuple[str, type[Programme | Organisation], Any], ...] = (
        ("programme", Programme, MailRefusal.programme_id),
        ("organisation", Organisation, MailRefusal.organisation_id),
    )
    found: set[tuple[str, int, str]] = set()
    for kind, model, column in models:
        theirs = select(column).where(MailRefusal.person_id == user.id)
        found |= {(kind, id, name) for id, name in db.session.execute(select(model.id, model.name).where(model.id.in_(theirs)))}
    return sorted(found, key=lambda each: each[2].casefold())


def of_place(person_id: int, place: Place) -> ColumnElement[bool]:
    return (MailRefusal.person_id == person_id) & (_column(MailRefusal, place) == place[1])


def still(person_id: int) -> User | None:
    """The account of a mail's addressee; of one that was merged, the other."""
    query = select(User).options(load_only(User.name, User.merged_into_id), lazyload(User.memberships))
    found = db.session.scalar(query.where(User.id == person_id))
    while found is not None and found.merged_into_id:
        found = db.session.scalar(query.where(User.id == found.merged_into_id))
    return found


def _column(model: type[MailRefusal], place: Place) -> Any:
    return model.programme_id if place[0] == "programme" else model.organisation_id


LIST = Listing(
    "mailings",
    "Mails to lists",
    (
        Column("Subject", "subject_line"),
        Column("In the name of", "place.name"),
        Column("List", "list_title"),
        Column("Mails", "mailed", Kind.NUMBER),
        Column("Sent by", "by_name"),
        Column("Sent", "sent_at", Kind.INSTANT),
    ),
)
LETTERS = Listing(
    "people-of-a-mailing",
    "People of a mail to a list",
    (Column("Name", "name"), Column("About", "about"), Column("What became of it", "words")),
)
