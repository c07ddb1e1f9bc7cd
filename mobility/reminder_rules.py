"""Which reminder of a promise is due, and in which words (workflows.md, "Service promises"). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mobility.core.workdays import add_working_days
from mobility.core.workflow import Promise, Reminder
from mobility.vouchers.kinds import KNOWLEDGE

# What is asked, of those who owe it and in the eyes of others
WORDS = {
    "host_answer": ("Answer the application of {guest}", "Answer the application of {guest}"),
    "guest_confirmation": ("Confirm your exchange with {host}", "Confirm the exchange of {guest} with {host}"),
    "signatures": ("Sign the agreement of {guest} and {host}", "Sign the agreement of {guest} and {host}"),
    "attendance": ("Confirm the attendance of {guest}", "Confirm the attendance of {guest}"),
    "voucher_request": ("Request your voucher for {host}", "Request the voucher of {guest}"),
    "decision": ("Decide on the voucher of {guest}", "Decide on the voucher of {guest}"),
    "answer": ("Answer the question about your voucher", "Answer the question about the voucher of {guest}"),
    "redemption": ("Use your voucher", "Redeem the voucher of {guest}"),
    "service": ("Confirm what {host} has delivered", "Confirm what {host} has delivered to {guest}"),
    "claim": ("Report on your exchange and claim the money", "Report and claim for {guest}"),
    "payment": ("Pay the claim of {guest}", "Pay the claim of {guest}"),
}
OF_KNOWLEDGE = {  # the words for knowledge vouchers, where the provider takes the host's or the guest's place
    "service": ("Confirm what you received from {host}", "Confirm what {guest} received from {host}"),
    "claim": ("Claim the amount of the voucher of {guest}", "Claim the amount of the voucher of {guest}"),
    "payment": ("Pay the claim of {host}", "Pay the claim of {host}"),
}


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
    templates = WORDS.get(promise.name, (promise.asks, promise.asks))
    if getattr(subject, "kind", None) == KNOWLEDGE:
        templates = OF_KNOWLEDGE.get(promise.name, templates)
    guest = subject.holder if hasattr(subject, "holder") else subject.guest
    host = subject.host if hasattr(subject, "host") else subject.theme.host
    return templates[0 if owing else 1].format(guest=guest.name, host=(host or subject.provider).name)


def afterwards(promise: Promise) -> str:
    """What happens when a promise is not kept."""
    if promise.then == "escalate":
        return f"After that day we tell the {' and the '.join(actor.value for actor in promise.escalates_to)}."
    if promise.then == "expire":
        return "After that day the voucher expires, and its money goes back to the budget."
    if promise.name in {"claim", "service"}:
        return "After that day the voucher lapses, and nothing can be paid any more."
    return "After that day the application lapses."
