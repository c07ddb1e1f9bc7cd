"""Which reminder of a promise is due, and in which words (workflows.md, "Service promises"). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mobility.core.workdays import add_working_days
from mobility.workflows.table import Promise, Reminder


@dataclass(frozen=True)
class DueReminder:
    """`number` counts the reminders of the promise from 1; `day` is the day it was to be sent."""

    number: int
    day: date


def day_of(reminder: Reminder, since: date, due: date, country: str | None) -> date:
    """The day of one reminder of a promise that runs from `since` to `due`."""
    if reminder.before is not None:
        return due - timedelta(days=reminder.before)
    after = reminder.after or 0
    return add_working_days(since, after, country) if reminder.working else since + timedelta(days=after)


def current_reminder(promise: Promise, since: date, due: date, today: date, country: str | None = None) -> DueReminder | None:
    """The latest reminder whose day has come, while the promise can still be kept.

    One that counts back from the deadline to the day on which the promise was made, or before, is left out: the message
    that asked for it is that fresh.
    """
    come = [
        DueReminder(number, day)
        for number, reminder in enumerate(promise.reminders, 1)
        if (day := day_of(reminder, since, due, country)) <= today <= due and (reminder.before is None or day > since)
    ]
    return max(come, key=lambda each: each.day, default=None)


def words(promise: Promise, subject: Any, *, owing: bool) -> str:
    """What is to be done, e.g. "Answer the application of Ana Kovač"."""
    owed, others = subject.words_for(promise)
    return str(owed if owing else others).format(**subject.sides)


def afterwards(promise: Promise) -> str:
    """What happens when a promise is not kept."""
    if promise.then == "escalate":
        return f"After that day we tell the {' and the '.join(actor.value for actor in promise.escalates_to)}."
    return promise.afterwards
