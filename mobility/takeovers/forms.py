"""The forms of take-overs."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField

from mobility.core.errors import Refusal
from mobility.core.fields import choices, day, long_text, text
from mobility.core.forms import ActionForm, CreateForm
from mobility.core.wording import format_days
from mobility.documents.filetypes import LIMITS
from mobility.takeovers.rules import link_problem


class MoveForm(ActionForm):
    """How far it is now, and what there is to say about it."""

    note = long_text("Note", required=False, rows=3, help="Such as what it took. It is kept in the history.")


class DropForm(ActionForm):
    """Why nothing comes of it."""

    reason = long_text("Why", rows=3, help="Your colleagues and the programme read it: others meet the same obstacles.")


class ReviseForm(ActionForm):
    """What it is, who does it, by when."""

    what = text("What you take over")
    who = text("Who does it", required=False)
    by_when = day("By when", required=False)

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {name: getattr(subject, name) for name in ("what", "who", "by_when")}

    def given(self) -> dict[str, Any]:
        return super().given() | {"who": self.who.data or ""}


class AddForm(CreateForm):
    """One more, and from which stay it comes."""

    exchange = SelectField("From which exchange", coerce=int)
    what = text("What you take over", help="One thing that can be begun, used, or dropped.")
    who = text("Who does it", required=False)
    by_when = day("By when", required=False)

    def offer(self, exchanges: Any, chosen: int | None) -> "AddForm":
        """The stays to choose from; `chosen` is the one whose page led here."""
        labels = {each.id: f"{each.theme.title}, {each.host.name}, {_days(each)}" for each in exchanges}
        self.exchange.choices = choices(labels)
        if not self.is_submitted() and chosen in labels:
            self.exchange.data = chosen
        return self

    def given(self) -> dict[str, Any]:
        given = super().given() | {"who": self.who.data or ""}
        given.pop("exchange")
        return given


def _days(exchange: Any) -> str:
    return format_days((exchange.first_day, exchange.last_day))


class EvidenceForm(ActionForm):
    """A link or a file; last the file, as of a request that is too large only what stands before it is read."""

    name = text("What it shows", required=False, help="Such as: the price list of 2027.")
    url = text("Link", required=False, most=500, help="A page that shows it, such as https://example.org/prices.", type="url")
    file = FileField("Or a file", description=LIMITS)

    def validate(self, extra_validators: Any = None) -> bool:
        fine, problem = super().validate(extra_validators), self._problem()
        if problem:
            self.refuse(problem)
        return fine and problem is None

    def _problem(self) -> Refusal | None:
        url, file = self.url.data, self._file()
        if not url and file is None:
            return Refusal("Enter a link, or choose a file.", "url")
        if url and file is not None:
            return Refusal("Add the link and the file one after the other.", "file")
        wrong = link_problem(url) if url else None
        return Refusal(wrong, "url") if wrong else None

    def _file(self) -> Any:
        """What was uploaded: a browser sends an empty part where no file was chosen."""
        return self.file.data if self.file.data and getattr(self.file.data, "filename", "") else None

    def given(self) -> dict[str, Any]:
        return {"url": self.url.data or "", "file": self._file(), "name": self.name.data or ""}


class TakeOutForm(ActionForm):
    """Which piece."""

    chosen = RadioField("Which one", coerce=int)

    def prepare(self, subject: Any) -> None:
        self.chosen.choices = choices({each.id: each.name for each in subject.evidence})
