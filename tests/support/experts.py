"""Experts, and mentorings on their way."""

from typing import Any

from mobility.experts import operations, queries
from mobility.experts.models import Expert
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from tests.support.factories import make_member, make_organisation


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


def asked_on_day(expert: Expert, day: Any) -> None:
    """They were asked for something, on some day."""
    operations.note_asked(expert.person, about=_Something, on=day)  # type: ignore[arg-type]


class _Something:
    subject_type, id = "story", 1
