"""Experts, and mentorings on their way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mobility.core import clock
from mobility.core.database import db
from mobility.experts import operations, queries
from mobility.experts.models import Expert, Mentoring
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from tests.support.factories import make_member, make_organisation, make_programme

POINTS = ["A price list on one page", "Two firms that pay", "A talk with our board"]
LOOKED = [
    {"outcome": "done", "words": "In use since May."},
    {"outcome": "partly", "words": "One of them."},
    {"outcome": "not", "words": ""},
]


def make_expert(organisation: Organisation | None = None, person: User | None = None, **said: Any) -> Expert:
    """Somebody in Slovenia who agrees to be asked as both, about start-ups."""
    organisation = organisation or make_organisation(country="SI", city="Ljubljana")
    person = person or make_member(organisation, Role.GUEST, **({"name": said.pop("name")} if "name" in said else {}))
    plausible: dict[str, Any] = {
        "as_reviewer": True,
        "as_mentor": True,
        "topics": ["startups"],
        "sectors": [],
        "languages": ["en"],
        "about": "",
        "not_before": None,
    }
    seen = expert.fingerprint if (expert := queries.of_person(person.id)) else ""
    return operations.agree(person, seen=seen, organisation=organisation, **plausible | said)


class _Something:
    subject_type, id = "story", 1


def asked_on_day(expert: Expert, day: date) -> None:
    """They were asked for something, on some day."""
    operations.note_asked(expert.person, about=_Something, on=day)  # type: ignore[arg-type]


@dataclass
class Case:
    """A mentoring, the two, and a coordinator of the mentee's organisation."""

    mentoring: Mentoring
    mentor: User
    mentee: User
    coordinator: User

    def take_to(self, state: str) -> Mentoring:
        """From the question on, each step by one of the two."""
        mentoring, today = self.mentoring, clock.today()
        steps: dict[str, Callable[[], None]] = {
            "accepted": lambda: operations.accept(mentoring, by=self.mentor),
            "talked": lambda: operations.record_talk(mentoring, by=self.mentee, held_on=today),
            "agreed": lambda: operations.agree_points(
                mentoring, by=self.mentor, points=POINTS, look_back_on=today + timedelta(days=90)
            ),
            "looked_back": lambda: operations.look_back(mentoring, by=self.mentee, looked=LOOKED),
            "ended": lambda: operations.end(mentoring, by=self.mentor),
        }
        for name in list(steps)[: [*steps, ""].index(state) + 1] if state != "asked" else []:
            steps[name]()
        db.session.flush()
        return mentoring


def make_mentoring(state: str = "asked", *, mentee: User | None = None, programme: Programme | None = None) -> Case:
    """Zala Mentor of Ljubljana is asked by Ada Mentee of Graz, where Cara coordinates."""
    expert = make_expert(name="Zala Mentor")
    home = make_organisation(name=f"Home of {expert.id}")
    mentee = mentee or make_member(home, Role.GUEST, name="Ada Mentee")
    [organisation, *_] = queries.organisations_of(mentee)
    coordinator = make_member(organisation, Role.COORDINATOR, name="Cara Coordinator")
    programme = programme or make_programme(timezone="Europe/Vienna")
    words = "We start a fund for young firms."
    mentoring = operations.ask(expert, by=mentee, organisation=organisation, programme=programme, what_for=words)
    case = Case(mentoring, expert.person, mentee, coordinator)
    case.take_to(state)
    return case


def mails(kind: str = "") -> list[tuple[str, str]]:
    """(kind, address) of the mails about mentorings, or their subjects of one kind, oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.subject_type == "mentoring").order_by(OutboxMessage.id)
    found = db.session.scalars(query)
    return [(each.kind.removeprefix("mentoring_"), each.address) for each in found if kind in ("", each.kind)]


def mail(kind: str) -> OutboxMessage:
    """The only one of a kind."""
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).one()
