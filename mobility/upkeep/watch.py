"""Each web process looks once a minute whether a scheduler runs. Where none does nobody else could tell: so the mail about it is
written here, once whichever process is first, and sent from here.
"""

import threading

from flask import Flask

from mobility.core.database import db, transaction
from mobility.notifications.delivery import deliver_pending
from mobility.notifications.operations import has_mail_server
from mobility.running import faults, logs
from mobility.upkeep.operations import tell_administrators
from mobility.upkeep.queries import OURS, current_troubles

EVERY = 60.0  # seconds
PATIENT = 600.0  # seconds after the start of a process, in which a scheduler may still be starting


def begin(app: Flask) -> None:
    """In the background, until the process ends."""
    threading.Thread(target=_watch, args=[app], name="watch", daemon=True).start()


def _watch(app: Flask) -> None:
    never = threading.Event()
    never.wait(PATIENT)
    while True:
        with app.app_context(), logs.work():
            try:
                look()
            except Exception as error:  # e.g. the database is away: told by the pages, too
                faults.tell(logs.log, "watch", error)
            finally:
                db.session.remove()
        never.wait(EVERY)


def look() -> int:
    """Tell administrators that no scheduler runs, if none does; how many mails are new."""
    silent = [each for each in current_troubles() if each.name == "no_tick"]
    if not silent:
        return 0
    with transaction():
        told = tell_administrators(silent)
    if told and has_mail_server():
        deliver_pending(kind=OURS)
    return told
