"""The forms of lessons. `seen` is the number of the newest version when the form was opened."""

from collections.abc import Iterator

from mobility.core.errors import Problem
from mobility.core.fields import long_text
from mobility.core.forms import SeenForm


class LessonsForm(SeenForm):
    """What to keep, to change, to stop: at least one of them."""

    keep = long_text("Keep", required=False, help="What worked, and should stay as it is.")
    change = long_text("Change", required=False, help="What should be different next time.")
    stop = long_text("Stop", required=False, help="What was not worth it.")

    def problems(self) -> Iterator[Problem]:
        if not any(self.lessons().values()):
            yield Problem("keep", "Write at least one lesson: to keep, to change, or to stop.")

    def lessons(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("keep", "change", "stop")}


class ReopenForm(SeenForm):
    reason = long_text("Why", help="Whoever reads the lessons later will see it.", rows=3)
