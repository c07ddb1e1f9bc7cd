"""What changes key figures, their values, and what serves them."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.core.numbers import plain_number
from mobility.core.wording import format_day
from mobility.keyfigures import queries, rules
from mobility.keyfigures.models import KeyFigure, KeyFigureValue, Serving
from mobility.keyfigures.workflow import MOST, WORKFLOW
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.workflows.history import Subject
from mobility.workflows.table import By, Done
from mobility.workflows.workflow import Actor


def add(organisation: Organisation, *, by: User, **given: Any) -> KeyFigure:
    """A new one: `given` are the fields of `KeyFigure`. Raises Refusal at the eighth, and at its field what cannot be."""
    if Role.COORDINATOR not in by.roles_in(organisation.id):
        raise NotAllowed("Only coordinators say what their organisation measures.")
    queries.lock_organisation(organisation.id)
    if len(queries.current_of(organisation.id)) >= MOST:
        raise Refusal(f"You have {MOST} key figures already: what is always measured is looked at. Retire one first.")
    _refuse_impossible(**given)
    figure = KeyFigure(organisation=organisation, **given)
    db.session.add(figure)
    db.session.flush()
    WORKFLOW.enter(figure, by=by, acted_as=Actor.COORDINATOR)
    return figure


def _refuse_impossible(*, target: Decimal | None, target_on: date | None, baseline_on: date, **_rest: Any) -> None:
    _refuse_future(baseline_on, "baseline_on")
    for problem in rules.target_problems(target, target_on, baseline_on):
        raise Refusal(problem.message, problem.field)


def revise(figure: KeyFigure, *, by: User, **given: Any) -> None:
    """Its name, unit, baseline, target or strategy; what they were stands in the history."""
    WORKFLOW.check("revise", figure, by)
    _refuse_impossible(**given)
    changed = {name: value for name, value in given.items() if getattr(figure, name) != value}
    if not changed:
        return
    note = "Before: " + ", ".join(_said(name, getattr(figure, name)) for name in changed)

    def change() -> None:
        for name, value in changed.items():
            setattr(figure, name, value)

    WORKFLOW.apply("revise", figure, by=by, note=f"{note}.", change=change)


def _said(name: str, value: Any) -> str:
    """What a field said, for the history: "target 12"."""
    shown = plain_number(value) if isinstance(value, Decimal) else format_day(value) if isinstance(value, date) else value
    return f"{name.replace('_on', ' on').replace('_', ' ')} {shown or 'none'}"


def retire(figure: KeyFigure, *, by: User, reason: str = "") -> None:
    WORKFLOW.apply("retire", figure, by=by, note=reason)


def take_up(figure: KeyFigure, *, by: User) -> None:
    """Current again, if there is room."""
    queries.lock_organisation(figure.organisation_id)
    WORKFLOW.apply("take_up", figure, by=by)


# Values


def record(figure: KeyFigure, *, by: User, value: Decimal, on: date, note: str = "") -> None:
    """What was measured. Of a day on which there is a value already, this one counts from now on."""
    _refuse_future(on)
    WORKFLOW.apply("record", figure, by=by, note=_in_words(figure, value, on), change=lambda: _enter(figure, by, value, on, note))


def correct(figure: KeyFigure, *, by: User, chosen: int, value: Decimal | None, on: date | None = None, note: str = "") -> None:
    """Another value, or another day, in the place of one that was wrong; without a value it is taken out."""
    wrong = next((each for each in figure.measured if each.id == chosen), None)
    if wrong is None:
        raise Refusal("Choose one of the values.", "chosen")
    if value is not None:
        _refuse_future(on or wrong.on)
    now = _in_words(figure, value, on or wrong.on) if value is not None else "Taken out"

    def change() -> None:
        _end(wrong, by)
        if value is not None:
            _enter(figure, by, value, on or wrong.on, note, wrong.request_id)

    WORKFLOW.apply("correct", figure, by=by, note=f"{now}; before: {_in_words(figure, wrong.value, wrong.on)}.", change=change)


def record_from_answer(subject: Subject, said: Mapping[str, str], *, request_id: int, on: date, through: Done) -> None:
    """The values that were answered about what the subject serves, by the keys of the lines; as of the day of the answer.

    Answered again, the last sending counts: a value that is not in it any more is taken out.
    """
    for key, figure in queries.asked_of(subject).items():
        before = queries.value_from(figure, request_id)
        value = Decimal(said[key]) if key in said else None
        if (before.value if before else None) == value:
            continue
        _answer(figure, before, value, request_id, on, through)


def _answer(
    figure: KeyFigure, before: KeyFigureValue | None, value: Decimal | None, request_id: int, on: date, through: Done
) -> None:
    def change() -> None:
        if before is not None:
            _end(before, through.by)
        if value is not None:
            _enter(figure, through.by, value, on, "", request_id)

    note = _in_words(figure, value, on) if value is not None else "Taken out again."
    WORKFLOW.apply("record", figure, by=through.by, note=note, through=through, change=change)


def _enter(figure: KeyFigure, by: By, value: Decimal, on: date, note: str, request_id: int | None = None) -> None:
    for each in figure.measured:
        if each.on == on:
            _end(each, by)
    figure.values.append(KeyFigureValue(value=value, on=on, note=note, by_id=by.id, by_name=by.name, request_id=request_id))


def _end(value: KeyFigureValue, by: By) -> None:
    value.ended_at, value.ended_by_name = clock.utc_now(), by.name


def _in_words(figure: KeyFigure, value: Decimal, on: date) -> str:
    return f"{plain_number(value)} {figure.unit}".strip() + f" on {format_day(on)}"


def _refuse_future(on: date, field: str = "on") -> None:
    """A day that has begun somewhere: whoever enters a value may be east of us."""
    if on > clock.today("Pacific/Kiritimati"):
        raise Refusal("Choose a day that has come: values are what was measured.", field)


# What serves them


def serve(subject: Subject, *, chosen: Collection[int], organisation_id: int, today: date) -> list[KeyFigure]:
    """From now on the subject serves these; returns those. Raises Refusal at "chosen" for one that is not the organisation's.

    One that it serves already may stay, even if it has been retired since.
    """
    kept = {each.key_figure_id: each for each in queries.servings_of(subject)}
    known = {each.id: each for each in (*queries.current_of(organisation_id), *queries.served_by(subject))}
    if set(chosen) - set(known):
        raise Refusal("Choose from the list; a key figure in your choice is not in it any more.", "chosen")
    for id, serving in kept.items():
        if id not in chosen:
            db.session.delete(serving)
    for id in sorted(set(chosen) - set(kept)):
        db.session.add(Serving(key_figure_id=id, subject_type=subject.subject_type, subject_id=subject.id, chosen_on=today))
    db.session.flush()
    return [known[id] for id in sorted(chosen)]
