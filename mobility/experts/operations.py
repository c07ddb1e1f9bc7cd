"""Agreeing to be asked, and the acts of a mentoring. `by` is whoever acts: a `User`, or the system."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.core.wording import format_day
from mobility.exchanges.models import Exchange
from mobility.experts import messages, queries, rules
from mobility.experts.models import Expert, ExpertAsked, Mentoring
from mobility.experts.workflow import WORKFLOW
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.workflows.history import Subject
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

NOBODY_LEFT = "{name} no longer acts for an organisation."

# Being asked


def agree(person: User, *, seen: str, organisation: Organisation, **said: Any) -> Expert:
    """Set what a person agrees to: `as_reviewer`, `as_mentor`, `topics`, `sectors`, `languages`, `about`, `not_before`.

    `seen` is the fingerprint of what was on the page, "" if there was nothing: if it is another by now, EditConflict.
    """
    expert = queries.of_person(person.id, for_update=True)
    if seen != (expert.fingerprint if expert else ""):
        raise EditConflict(expert)
    if expert is None:
        expert = Expert(person_id=person.id)
        db.session.add(expert)
    expert.organisation = organisation
    for name, value in said.items():
        setattr(expert, name, value)
    expert.facets = rules.facets_of(expert.topics, expert.sectors, expert.languages)
    db.session.flush()
    return expert


def stop(person: User) -> None:
    """Nobody is asked any more; what runs already goes on. Done before, it is done."""
    if expert := queries.of_person(person.id, for_update=True):
        db.session.delete(expert)
        db.session.flush()


def note_asked(person: User, *, about: Subject, on: date) -> None:
    """That an expert was asked for something today: nobody proposes them again for three months."""
    row = ExpertAsked(person_id=person.id, asked_on=on, subject_type=about.subject_type, subject_id=about.id)
    db.session.add(row)
    db.session.flush()


# Asking for a mentoring


def ask(
    expert: Expert, *, by: User, organisation: Organisation, programme: Programme, what_for: str, exchange: Exchange | None = None
) -> Mentoring:
    """A member of an organisation asks an expert, who is locked. About an exchange, its programme counts."""
    if reason := queries.why_not(expert, by):
        raise Refusal(reason)
    mentoring = Mentoring(
        programme=exchange.programme if exchange else programme,
        mentor=expert.person,
        mentor_organisation=expert.organisation,
        mentee=by,
        organisation=organisation,
        exchange=exchange,
        what_for=what_for,
    )
    mentoring.asked_on = mentoring.programme.today
    db.session.add(mentoring)
    db.session.flush()
    WORKFLOW.enter(mentoring, by=by, acted_as=Actor.MENTEE)
    note_asked(expert.person, about=mentoring, on=mentoring.asked_on)
    messages.asked(mentoring)
    return mentoring


def accept(mentoring: Mentoring, *, by: By, note: str = "") -> None:
    """From now on the two see each other's address."""

    def change() -> None:
        mentoring.accepted_on = mentoring.programme.today

    WORKFLOW.apply("accept", mentoring, by=by, note=note, change=change)
    messages.accepted(mentoring, note)


def decline(mentoring: Mentoring, *, by: By, reason: str) -> None:
    WORKFLOW.apply("decline", mentoring, by=by, note=reason)
    messages.declined(mentoring, reason)


def withdraw(mentoring: Mentoring, *, by: By, reason: str) -> None:
    WORKFLOW.apply("withdraw", mentoring, by=by, note=reason)
    messages.ended(mentoring, by, reason)


def lapse(mentoring: Mentoring, *, by: By = SYSTEM) -> None:
    WORKFLOW.apply("lapse", mentoring, by=by)
    messages.lapsed(mentoring)


# Going on


def record_talk(mentoring: Mentoring, *, by: By, held_on: date, note: str = "") -> None:
    """Refuses a day to come, or before the question."""
    today = mentoring.programme.today
    if held_on > today:
        raise Refusal(f"Choose a day up to today, {format_day(today)}: a talk is recorded once it was held.", "held_on")
    if held_on < mentoring.asked_on:
        raise Refusal(f"Choose a day from {format_day(mentoring.asked_on)} on, when you asked.", "held_on")

    def change() -> None:
        mentoring.talked_on = held_on

    WORKFLOW.apply("record_talk", mentoring, by=by, note=note, change=change)
    messages.talked(mentoring, by)


def agree_points(mentoring: Mentoring, *, by: By, points: Sequence[str], look_back_on: date) -> None:
    """Three points, and the day to look back at them."""
    _set_points("agree_points", mentoring, by, points, look_back_on)


def change_points(mentoring: Mentoring, *, by: By, points: Sequence[str], look_back_on: date) -> None:
    """The earlier ones stay in the history."""
    _set_points("change_points", mentoring, by, points, look_back_on)


def _set_points(action: str, mentoring: Mentoring, by: By, points: Sequence[str], look_back_on: date) -> None:
    _check_day(mentoring, look_back_on)

    def change() -> None:
        mentoring.points = [{"text": text} for text in points]
        mentoring.look_back_on = look_back_on

    told = [f"{number}. {text}" for number, text in enumerate(points, 1)]
    note = "\n".join([*told, f"We look back on {format_day(look_back_on)}."])
    WORKFLOW.apply(action, mentoring, by=by, note=note, change=change)
    messages.agreed(mentoring, by)


def _check_day(mentoring: Mentoring, look_back_on: date) -> None:
    if problem := rules.look_back_problem(look_back_on, mentoring.programme.today):
        raise Refusal(problem, "look_back_on")


def look_back(mentoring: Mentoring, *, by: By, looked: Sequence[Mapping[str, str]]) -> None:
    """`looked` has {"outcome", "words"} of each point."""

    def change() -> None:
        mentoring.points = [{**point, **each} for point, each in zip(mentoring.points, looked, strict=True)]
        mentoring.looked_back_on = mentoring.programme.today

    WORKFLOW.apply("look_back", mentoring, by=by, change=change)
    messages.looked_back(mentoring, by)


# The end


def end(mentoring: Mentoring, *, by: By = SYSTEM, note: str = "") -> None:
    WORKFLOW.apply("end", mentoring, by=by, note=note)
    messages.ended(mentoring, by, note)


def cancel(mentoring: Mentoring, *, by: By, reason: str) -> None:
    WORKFLOW.apply("cancel", mentoring, by=by, note=reason)
    messages.ended(mentoring, by, reason)


def leave(mentoring: Mentoring, *, by: By = SYSTEM) -> None:
    """Somebody has left: whoever is still there is told."""
    note = NOBODY_LEFT.format(name=mentoring.who_left)
    WORKFLOW.apply("leave", mentoring, by=by, note=note)
    messages.ended(mentoring, by, note)
