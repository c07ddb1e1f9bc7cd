"""The night's job: class by class, a few rows in each transaction. Broken off anywhere, it goes on with the next run."""

from datetime import date

from mobility.core import clock
from mobility.core.database import transaction, write_back
from mobility.core.wording import HOME_ZONE
from mobility.retention import messages, operations, queries
from mobility.retention.rules import CLASSES, Class
from mobility.upkeep import runs
from mobility.upkeep.runs import Report


def remove_old_data() -> Report:
    """What is over, once in each night of HOME_ZONE, however many processes run it."""
    day, gone, failed = clock.today(HOME_ZONE), 0, 0
    for kind in CLASSES:
        if runs.STOPPING.is_set():
            break
        try:
            gone += _night_of(kind, day)
        except Exception as error:  # one class never stops the others
            failed += runs.note_failure(f"remove-old-data: {kind.key}", error)
    if gone:
        write_back()
    with transaction():
        told = messages.reported(day)
    said = (f"{gone} rows emptied or removed" if gone else "", f"{told} mails about what would go" if told else "")
    return Report(", ".join(filter(None, said)), failed)


def _night_of(kind: Class, day: date) -> int:
    for earlier in queries.unfinished(kind.key, day):
        with transaction():
            operations.end_earlier(kind, earlier)
    with transaction():
        acts = operations.begin(kind, day)
    gone = after = 0
    while acts and not runs.STOPPING.is_set():
        with transaction():
            ids = operations.step(kind, day, after)
        if not ids:
            break
        gone, after = gone + len(ids), ids[-1]
    return gone
