"""Reminders and escalations of every promise in the workflows' tables (workflows.md, "Service promises").

What is due is worked out from the database, in each programme's own day, and queued under a key that is unique: running
it again, or in several processes at once, adds nothing; a missed night is caught up. Which day a reminder has, and its words,
says workflows/reminding.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, literal, or_, select, update

from mobility import subjects as every
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.links import path_of
from mobility.core.wording import format_in_days
from mobility.followup.messages import MAIL as ASKING
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.workflow import ASKED
from mobility.notifications.delivery import FORGOTTEN, is_secret
from mobility.notifications.models import OutboxMessage, saying_only
from mobility.notifications.operations import address_for, dedupe_key, row, store
from mobility.notifications.recipients import Directory, Recipient
from mobility.notifications.rendering import write
from mobility.people.models import User
from mobility.programmes import queries as programmes
from mobility.workflows.history import Subject
from mobility.workflows.reminding import DueReminder, afterwards, current_reminder, words
from mobility.workflows.table import Promise
from mobility.workflows.workflow import Actor

CHUNK = 1000  # subjects in memory and in one transaction
ORDINALS = ("", "", "Second", "Third", "Fourth", "Fifth")
REALLY_WRITTEN = ("waiting", "sending", "sent", "kept", "digested")


# Subjects that promise something


def _promising() -> Iterator[type[Subject]]:
    return (model for model in every.SUBJECTS if model.workflow.promises)


def _promises() -> Iterator[tuple[type[Subject], Promise]]:
    return ((model, promise) for model in _promising() for promise in model.workflow.promises)


def _chunks(model: type[Any], *where: ColumnElement[bool]) -> Iterator[list[Any]]:
    """The subjects that meet the conditions, some at a time: nobody holds the earlier ones, so their memory is freed."""
    ids = db.session.scalars(select(model.id).where(*where).order_by(model.id)).all()
    for start in range(0, len(ids), CHUNK):
        chosen = ids[start : start + CHUNK]
        yield list(db.session.scalars(select(model).where(model.id.in_(chosen)).options(*model.brief())).unique())


# Reminders


def queue_due() -> int:
    """Queue the reminders whose day has come; returns how many are new."""
    earliest, latest = programmes.todays()
    return sum(
        _queue(promise, subjects)
        for model, promise in _promises()
        if promise.reminders
        for subjects in _chunks(model, *_may_be_due(model, promise, earliest, latest))
    )


def _may_be_due(model: type[Any], promise: Promise, earliest: date, latest: date) -> tuple[ColumnElement[bool], ...]:
    """Wide enough for each programme's day; `current_reminder` decides."""
    before = [reminder.before for reminder in promise.reminders if reminder.before is not None]
    after = [reminder.after for reminder in promise.reminders if reminder.after is not None]
    come = []
    if before:
        come.append(model.due_on <= latest + timedelta(days=max(before)))
    if after:
        come.append(model.waiting_since <= latest - timedelta(days=min(after)))
    return model.waiting_for == promise.name, model.due_on >= earliest, or_(*come)


def _queue(promise: Promise, subjects: list[Any]) -> int:
    rows = _reminders(promise, subjects)
    subjects.clear()  # nobody looks at them again: nothing to bring up to date after the commit
    with transaction():
        return store(rows)


def _reminders(promise: Promise, subjects: Sequence[Any]) -> list[dict[str, Any]]:
    """The outbox rows that are not there yet."""
    directory = _directory(promise, subjects)
    earlier = _Earlier(promise, subjects)
    rows: list[dict[str, Any]] = []
    for subject in subjects:
        due = _due_now(promise, subject)
        if due is None:
            continue
        for recipient, part in _reminded(promise, subject, directory):
            if recipient.since is None or recipient.since <= due.day:
                rows += _reminder(promise, subject, due, recipient, earlier, part)
    return rows


def _directory(promise: Promise, subjects: Sequence[Any]) -> Directory:
    """All whom a promise may concern; owners too, as somebody must hear of what nobody can do."""
    actors = {*promise.owed_by, *promise.also_reminded, *promise.escalates_to, Actor.OWNER}
    return Directory(subjects, actors, with_roles=bool(promise.not_for))


def _able(promise: Promise, subject: Any, directory: Directory) -> list[Recipient]:
    """Those who owe it and may do it themselves: not whoever has an interest, or did the step before."""
    able = [each for each in directory.of(subject, promise.owing(subject)) if promise.is_for(subject, each.person)]
    return [*able, *map(Recipient, subject.without_account(promise))]


def _responsible(promise: Promise, subject: Any, directory: Directory) -> list[Recipient]:
    """Who hears of what was not done, or what nobody can do: the programme's owners where nobody else is there."""
    return directory.of(subject, promise.escalates_to) or directory.of(subject, (Actor.OWNER,))


def _reminded(promise: Promise, subject: Any, directory: Directory) -> Iterator[tuple[Recipient, str]]:
    """Whom a reminder reaches, each once: who is "owing" it, or "finding" somebody where nobody can, or one of
    them has left; and who is "involved"."""
    told: set[Any] = set()
    able = _able(promise, subject, directory)
    finding = directory.instead(subject, promise.owing(subject)) or ([] if able else _responsible(promise, subject, directory))
    asked = [*((each, "owing") for each in able), *((each, "finding") for each in finding)]
    for recipient, part in (*asked, *((each, "involved") for each in directory.of(subject, promise.also_reminded))):
        if recipient.person not in told:
            told.add(recipient.person)
            yield recipient, part


def _due_now(promise: Promise, subject: Any) -> DueReminder | None:
    today = clock.today(subject.timezone)
    return current_reminder(promise, subject.waiting_since, subject.due_on, today, subject.holidays_of)


def _reminder(
    promise: Promise, subject: Any, due: DueReminder, recipient: Recipient, earlier: "_Earlier", part: str
) -> list[dict[str, Any]]:
    """The outbox row, or nothing when it is there already."""
    person = recipient.person
    occasion = f"{promise.name}:{subject.subject_type}:{subject.id}:{subject.due_on}:{due.number}"
    if dedupe_key("reminder", occasion, person) in earlier.keys:
        return []
    count = earlier.written(subject, person) + 1
    letter = write(
        "reminder",
        **_context(promise, subject, person, owing=part == "owing"),
        finding=part == "finding",
        ordinal=ORDINALS[min(count, len(ORDINALS) - 1)],
        afterwards=afterwards(promise),
    )
    return [row("reminder", person, letter, occasion, about=subject, promise=promise.name, due_on=subject.due_on)]


def _context(promise: Promise, subject: Any, person: Any, *, owing: bool) -> dict[str, Any]:
    """What the templates of reminders and escalations use."""
    return {
        "person": person,
        "link": subject.own_link(person) or address_for(person, path_of(f"{subject.workflow.things}.show", id=subject.id)),
        "about": subject,
        "promise": promise,
        "what": words(promise, subject, owing=owing),
        "owing": owing,
        "since": subject.waiting_since,
        "due": subject.due_on,
        "until": format_in_days(subject.due_on, clock.today(subject.timezone)),
        "programme": subject.programme,
        "theme": getattr(subject, "theme", None),
    }


class _Earlier:
    """The reminders of a promise that some subjects have had: their keys, and how many really went to a person."""

    def __init__(self, promise: Promise, subjects: Sequence[Any]) -> None:
        self.keys: set[str] = set()
        self._counts: dict[tuple[int | None, date | None, int | None], int] = {}
        if not subjects:
            return
        columns = (
            OutboxMessage.dedupe_key,
            OutboxMessage.subject_id,
            OutboxMessage.due_on,
            OutboxMessage.recipient_id,
            OutboxMessage.state,
        )
        # the numbers stand in the statement, so that it is planned again: this very job makes the table grow
        ids = [subject.id for subject in subjects]
        query = select(*columns).where(
            OutboxMessage.subject_type == subjects[0].subject_type,
            OutboxMessage.subject_id.between(literal(min(ids), literal_execute=True), literal(max(ids), literal_execute=True)),
            OutboxMessage.promise == promise.name,
            OutboxMessage.kind == "reminder",
        )
        for key, subject_id, due_on, recipient_id, state in db.session.execute(query):
            self.keys.add(key)
            at = (subject_id, due_on, recipient_id)
            self._counts[at] = self._counts.get(at, 0) + (state in REALLY_WRITTEN)

    def written(self, subject: Any, person: Any) -> int:
        return self._counts.get((subject.id, subject.due_on, person.id), 0)


def _persons(recipients: Iterable[Recipient]) -> set[Any]:
    return {each.person for each in recipients}


# Escalations


def escalate() -> int:
    """After the deadline, tell those whom the promise names, once for each deadline; the programme's owners if nobody
    is there to be told. Returns how many messages are new."""
    _, latest = programmes.todays()
    return sum(
        _escalate(promise, subjects)
        for model, promise in _promises()
        if promise.then == "escalate"
        for subjects in _chunks(model, model.waiting_for == promise.name, model.due_on < latest, ~_escalated(model, promise))
    )


def _escalated(model: type[Any], promise: Promise) -> ColumnElement[bool]:
    return exists().where(
        OutboxMessage.kind == "escalation",
        OutboxMessage.subject_type == model.workflow.name,
        OutboxMessage.subject_id == model.id,
        OutboxMessage.promise == promise.name,
        OutboxMessage.due_on == model.due_on,
    )


def _escalate(promise: Promise, subjects: Sequence[Any]) -> int:
    late = [each for each in subjects if each.due_on < clock.today(each.timezone)]
    directory = _directory(promise, late)
    rows = []
    for subject in late:
        late_ones = _persons(_able(promise, subject, directory))
        told = _responsible(promise, subject, directory)
        for person in (each.person for each in told):
            others = sorted(each.name for each in late_ones - {person})
            owes = person in late_ones
            letter = write("escalation", **_context(promise, subject, person, owing=owes), others=others)
            occasion = f"{promise.name}:{subject.subject_type}:{subject.id}:{subject.due_on}"
            rows.append(row("escalation", person, letter, occasion, about=subject, promise=promise.name, due_on=subject.due_on))
    with transaction():
        return store(rows)


# What is no longer true


def drop_settled() -> int:
    """Take back what waits in the outbox though its promise was kept or moved, or its reader is no longer active."""
    count = _drop(OutboxMessage.recipient_id.in_(select(User.id).where(~User.active)))
    count += _drop(*_report_is_in())
    for model in _promising():
        still = exists().where(
            model.id == OutboxMessage.subject_id,
            model.waiting_for == OutboxMessage.promise,
            model.due_on == OutboxMessage.due_on,
        )
        of_these = and_(OutboxMessage.subject_type == model.workflow.name, OutboxMessage.promise.is_not(None))
        count += _drop(of_these, ~still)
    return count + sum(_drop_not_theirs(model, promise) for model, promise in _promises() if promise.reminders)


def _report_is_in() -> tuple[ColumnElement[bool], ...]:
    """The report of a claim has no promise of its own: it was sent, or is over, or somebody else writes it."""
    request, mail = QuestionnaireRequest, OutboxMessage
    awaited = exists().where(request.id == mail.subject_id, request.state == ASKED, request.respondent_id == mail.recipient_id)
    return mail.kind == ASKING, mail.subject_type == request.workflow.name, mail.promise.is_(None), ~awaited


def _undelivered() -> ColumnElement[bool]:
    abandoned = and_(OutboxMessage.state == "sending", OutboxMessage.leased_until < clock.utc_now())
    return or_(OutboxMessage.state == "waiting", abandoned)


def _drop(*where: ColumnElement[bool]) -> int:
    words = saying_only(FORGOTTEN)
    forgotten = {name: case((is_secret(), words[name]), else_=getattr(OutboxMessage, name)) for name in words}
    changes: dict[str, Any] = {"state": "dropped", "leased_by": "", **forgotten}
    statement = update(OutboxMessage).where(_undelivered(), *where).values(changes)
    with transaction():
        return db.session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore


def _drop_not_theirs(model: type[Any], promise: Promise) -> int:
    """Somebody has done their part, may not do it, or has left: the host has signed, the guest has not; or a questionnaire
    was handed over."""
    mine = and_(
        _undelivered(),
        OutboxMessage.kind.in_(("reminder", "questionnaire")),
        OutboxMessage.subject_type == model.workflow.name,
        OutboxMessage.promise == promise.name,
    )
    count = 0
    for subjects in _chunks(model, model.id.in_(select(OutboxMessage.subject_id).where(mine))):
        directory = _directory(promise, subjects)
        theirs = {(each.id, who.person.id) for each in subjects for who, _ in _reminded(promise, each, directory)}
        of_these = OutboxMessage.subject_id.in_([each.id for each in subjects])
        columns = (OutboxMessage.id, OutboxMessage.subject_id, OutboxMessage.recipient_id)
        waiting = db.session.execute(select(*columns).where(mine, of_these))
        if ids := [id for id, subject_id, person_id in waiting if (subject_id, person_id) not in theirs]:
            count += _drop(OutboxMessage.id.in_(ids))
    return count
