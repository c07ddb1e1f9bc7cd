"""The forms of lessons and of publishing. `seen` tells whether somebody has acted since the form was opened."""

from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from mobility.core.fields import choices, long_text
from mobility.core.forms import Form
from mobility.core.numbers import whole_number
from mobility.questionnaires.standard import PUBLISH, PUBLISHED


class SeenForm(Form):
    """`seen` is a count: of versions, or of snapshots."""

    seen = HiddenField()

    @property
    def seen_number(self) -> int:
        """Nonsense is a number that nothing has."""
        return whole_number(self.seen.data) or (0 if self.seen.data == "0" else -1)

    def open_with(self, number: int) -> None:
        self.open_at(str(number), "seen")


class ConsentForm(Form):
    """What one side says about publishing its exchange. `seen` is what it had said when the form was opened."""

    seen = HiddenField()
    publish = RadioField(
        PUBLISHED.text,
        description="It holds at once: on published pages, too. The other side has to agree as well.",
        choices=choices({option.key: option.label for option in PUBLISH}),
        validators=[InputRequired("Choose one of the answers.")],
    )


class LessonsForm(SeenForm):
    """What to keep, to change, to stop: at least one of them."""

    keep = long_text("Keep", required=False, help="What worked, and should stay as it is.")
    change = long_text("Change", required=False, help="What should be different next time.")
    stop = long_text("Stop", required=False, help="What was not worth it.")

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if fine and not any(self.lessons().values()):
            self.keep.errors = ["Write at least one lesson: to keep, to change, or to stop."]
            return False
        return fine

    def lessons(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("keep", "change", "stop")}


class ReopenForm(SeenForm):
    reason = long_text("Why", help="Whoever reads the lessons later will see it.", rows=3)


class PublishForm(SeenForm):
    """Only what was seen: everything else is computed."""


class WithdrawForm(SeenForm):
    reason = long_text(
        "Why", help="It stays in the list of what was published, with this reason, for your programme only.", rows=3
    )
