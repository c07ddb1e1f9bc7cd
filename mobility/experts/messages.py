"""The mails of mentorings. Addresses of one to the other are only in the mail about the acceptance."""

from typing import Any

from mobility.core.links import path_of
from mobility.experts.models import Mentoring
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.workflows.table import By


def asked(mentoring: Mentoring) -> None:
    _post("mentoring_asked", mentoring, mentoring.mentor)


def accepted(mentoring: Mentoring, note: str) -> None:
    _post("mentoring_accepted", mentoring, mentoring.mentee, note=note)


def declined(mentoring: Mentoring, reason: str) -> None:
    _post("mentoring_declined", mentoring, mentoring.mentee, reason=reason)


def lapsed(mentoring: Mentoring) -> None:
    _post("mentoring_lapsed", mentoring, mentoring.mentee)


def talked(mentoring: Mentoring, by: By) -> None:
    _post("mentoring_talked", mentoring, *_others(mentoring, by), by=by)


def agreed(mentoring: Mentoring, by: By) -> None:
    _post("mentoring_agreed", mentoring, *_others(mentoring, by), by=by)


def looked_back(mentoring: Mentoring, by: By) -> None:
    _post("mentoring_looked_back", mentoring, *_others(mentoring, by), by=by)


def ended(mentoring: Mentoring, by: By, note: str) -> None:
    """To whoever of the two has not ended it."""
    _post("mentoring_ended", mentoring, *_others(mentoring, by), by=by, note=note)


def _others(mentoring: Mentoring, by: By) -> list[User]:
    return [each for each in (mentoring.mentor, mentoring.mentee) if each.id != by.id]


def _post(kind: str, mentoring: Mentoring, *to: User, **context: Any) -> None:
    path = path_of("mentorings.show", id=mentoring.id)
    post(kind, to, about=mentoring, path=path, mentoring=mentoring, **context)
