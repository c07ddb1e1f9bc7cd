"""What is written to the people of a list, and to whom of them."""

from collections.abc import Iterator, Mapping, Sequence

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import InputRequired

from mobility.core.errors import Problem
from mobility.core.fields import Several, choices, long_text, text
from mobility.core.forms import CreateForm
from mobility.lists.columns import Line, Place
from mobility.lists.reaching import Reach
from mobility.mailings.queries import Draft
from mobility.mailings.rules import LONGEST, LONGEST_SUBJECT, NAME, problems, told

NOBODY_CHOSEN = "Tick the rows of those you write to, or choose all of them."
CASE, NEWS = "case", "news"
WHAT = {
    CASE: "Their own case: a deadline, a question, something that changed. Everybody gets it",
    NEWS: "News or an invitation. Those who want none from you do not get it, and each mail says how to get no more",
}


class MailingForm(CreateForm):
    """`everyone`: to all rows of the list, as it is when it is sent; `seen` tells whether that changed since it was shown."""

    fields_offered: Mapping[str, str] = {}
    nobody_chosen = False
    seen = HiddenField()
    everyone = HiddenField()
    subject = text("Subject", most=LONGEST_SUBJECT, help="What to do, and by when.", dir="auto")
    text = long_text("Text", most=LONGEST, rows=10)
    what = RadioField("What it is about", choices=choices(WHAT), validators=[InputRequired("Say what it is about.")])
    reply = BooleanField("Answers reach me at my own address")
    with_empty = BooleanField("Send it to them as well: the field stays empty")
    rows = Several("To whom")

    def offer(self, reach: Reach, lines: Sequence[Line], names: dict[int, str], about: str) -> "MailingForm":
        """The rows of the list; where they are nobody's case, it can only be news."""
        self.rows.flags.required = True
        self.rows.choices = choices({line.key: _label(line, names, about) for line in lines})
        if not reach.reached.of_case:
            del self.what
        return self

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the fields in the texts, at the text; and that nobody is chosen."""
        for name in ("subject", "text"):
            yield from (Problem(name, words) for words in problems(self[name].data or "", self.fields_offered))
        if self.nobody_chosen:
            yield Problem("rows", NOBODY_CHOSEN)

    def draft(self, place: Place) -> Draft:
        is_case = self.what is not None and self.what.data == CASE
        return Draft(place, self.subject.data or "", self.text.data or "", is_case, bool(self.with_empty.data))


def _label(line: Line, names: dict[int, str], about: str) -> str:
    said = [
        names.get(line.person_id, "Somebody"),
        *(told(line.says[each], "en_GB") for each in (about, "state", "due") if each in line.says),
    ]
    return ", ".join(filter(None, said))


def sample(line: Line, name: str, person: str) -> str:
    """What a field is for one row, as an example."""
    return person if name == NAME else told(line.says[name], "en_GB")
