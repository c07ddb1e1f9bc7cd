"""What is wrong, and what to do about it: from what is known, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LATEST_TICK = timedelta(minutes=10)


@dataclass(frozen=True)
class Known:
    """What the database says at the instant `now`. `failing` are the jobs whose last run failed, each with when it was.
    `backup_days`: after how many days without a proved backup somebody is told; 0 is never."""

    now: datetime
    last_tick: datetime | None = None
    dead_mail: int = 0
    newest_dead: int = 0
    failing: Sequence[tuple[str, datetime]] = ()
    last_backup: datetime | None = None
    backup_days: int = 0


@dataclass(frozen=True)
class Trouble:
    """`occasion` is the same as long as it is the same trouble: it is mailed once. `endpoint` has the page that shows more."""

    name: str
    title: str
    advice: str
    occasion: str
    endpoint: str = "upkeep.index"


def troubles(known: Known) -> list[Trouble]:
    """All that somebody should see to, the worst first."""
    return [*_silence(known), *_failing(known), *_dead_mail(known), *_backups(known)]


def _silence(known: Known) -> Iterator[Trouble]:
    if known.last_tick is None:
        yield Trouble("no_tick", "No scheduler has run yet", f"Without one, {NOTHING_HAPPENS} {START}", "never")
    elif known.now - known.last_tick > LATEST_TICK:
        title = f"No scheduler has run for {in_words(known.now - known.last_tick)}"
        yield Trouble("no_tick", title, f"Without one, {NOTHING_HAPPENS} {START}", known.last_tick.isoformat())


NOTHING_HAPPENS = "no mail leaves, no reminder is written and nothing happens by itself."
START = "Start it: flask --app wsgi scheduler."


def _failing(known: Known) -> Iterator[Trouble]:
    for job, at in known.failing:
        advice = "Its run and its lines in the log say why. It is tried again by itself."
        yield Trouble("failed_job", f"The job {job} failed", advice, f"{job}:{at.date()}")


def _dead_mail(known: Known) -> Iterator[Trouble]:
    if known.dead_mail:
        title = "A message could not be sent" if known.dead_mail == 1 else f"{known.dead_mail} messages could not be sent"
        advice = "The mail server refused them, or did not take them for a day. Put right what its words say, and try again."
        yield Trouble("dead_mail", title, advice, str(known.newest_dead), "notifications.outbox")


def _backups(known: Known) -> Iterator[Trouble]:
    longest = timedelta(days=known.backup_days)
    if not longest:
        return
    if known.last_backup is None:
        yield Trouble("old_backup", "There is no backup that was proved", f"{MAKE_ONE}", "never")
    elif known.now - known.last_backup > longest:
        title = f"The last proved backup is {in_words(known.now - known.last_backup)} old"
        yield Trouble("old_backup", title, MAKE_ONE, known.last_backup.isoformat())


MAKE_ONE = "Make one, every night: flask --app wsgi backup FOLDER. Whoever backs up in another way sets BACKUP_DAYS=0."


def in_words(time: timedelta) -> str:
    """The largest unit that fits, rounded down: 12 minutes, 3 hours, 2 days."""
    seconds = int(time.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            return f"{seconds // size} {unit}{'' if seconds // size == 1 else 's'}"
    return "0 seconds"
