"""The mail to administrators before anything goes."""

from datetime import date

from mobility.core.links import path_of
from mobility.notifications.operations import address_for, row, store
from mobility.notifications.rendering import write
from mobility.people.queries import administrators
from mobility.retention import queries

KIND = "retention_reported"


def reported(day: date) -> int:
    """To each administrator, once a night in which a class has reported for the first or the last time before it acts."""
    found = list(queries.to_tell(day))
    if not found:
        return 0
    rows = []
    for person in administrators():
        link = address_for(person, path_of("retention.index"))
        letter = write(KIND, person=person, link=link, about=None, found=found)
        rows.append(row(KIND, person, letter, f"retention:{day.isoformat()}"))
    return store(rows)
