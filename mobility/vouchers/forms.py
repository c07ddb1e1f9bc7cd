"""The forms of vouchers; an operation's keyword parameters are exactly a form's fields."""

from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, FieldList
from wtforms.validators import InputRequired, NumberRange, Optional

from mobility.asking.forms import AskingForm
from mobility.asking.rules import condition_words
from mobility.core.errors import Problem
from mobility.core.fields import MOST_ENTRIES, Money, Several, WholeNumber, at_least_one, choices, day, long_text, money
from mobility.core.forms import ActionForm
from mobility.core.wording import capitalised
from mobility.exchanges.forms import link_field
from mobility.programmes import limits
from mobility.vouchers.rules import latest_extension, sheet_of

CODE_HELP = "Seven groups of four letters and digits. Hyphens, spaces and capitals do not matter."


def aid_field() -> Money:
    return money("De minimis aid your organisation received from elsewhere in the last three years")


class RequestForm(AskingForm, ActionForm):
    """`subject.exchange` gives most of the amount; the rates may ask how one travels, what was agreed, what one declares."""

    de_minimis_declared = aid_field()
    holder_link = link_field("request")
    declarations = Several(
        "I declare",
        validators=[at_least_one("Tick each declaration; without them the programme cannot pay.")],
    )

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        names = ("green_travel", "price", "travel_days", "de_minimis_declared", "holder_link")
        return {name: getattr(subject, name) for name in names}

    def ask_to_declare(self, subject: Any) -> None:
        """Only what this programme and this kind of voucher ask for; of a stay the signatures say who is linked."""
        if subject.traits.rests_on_stay:
            del self.holder_link
        elif self.price:
            del self.price  # it stands in the draft
        self.declarations.choices = choices(subject.traits.declarations)
        limits.ask(self, subject)

    def problems(self) -> Iterator[Problem]:
        if self.right("declarations"):
            missing = (each.label for each in self.declarations.iter_choices() if not each.selected)
            yield from (Problem("declarations", f"Confirm this too: {label}") for label in missing)


class QuestionForm(ActionForm):
    """What the programme wants to know before it decides."""

    question = long_text("Your question", help="The holder gets it by mail. The decision waits for the answer.")


class AnswerForm(ActionForm):
    """The holder's answer, and what they declared, to be put right if the question was about that."""

    answer = long_text("Your answer", help="The programme reads it and decides.")
    de_minimis_declared = aid_field()

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"de_minimis_declared": subject.de_minimis_declared}

    def prepare(self, subject: Any) -> None:
        limits.ask(self, subject)


class RecommendForm(ActionForm):
    """The assessor's view: a number for each criterion of the programme's score sheet."""

    scores = FieldList(WholeNumber("Points", validators=[InputRequired()]), "Points", max_entries=MOST_ENTRIES)
    note = long_text("Why", help="The owner reads it before deciding.")

    def prepare(self, subject: Any) -> None:
        sheet = sheet_of(subject.programme)
        while len(self.scores) > len(sheet):
            self.scores.pop_entry()
        while len(self.scores) < len(sheet):
            self.scores.append_entry()
        for field, line in zip(self.scores, sheet, strict=True):
            words = f"Enter a whole number from 0 to {line['points']}."
            field.label.text, field.description = line["criterion"], f"0 to {line['points']} points"
            field.validators = [InputRequired(words), NumberRange(0, line["points"], message=words)]
            field.render_kw = {"min": 0, "max": line["points"]}


class NoteForm(ActionForm):
    """A decision that may be commented."""

    note = long_text("Note", required=False, rows=3, help="Shown in the history; everybody involved can read it.")


class ApproveForm(NoteForm):
    """Of the conditions that the holder declared, the programme confirms those that it has seen proof of."""

    confirmed = Several(
        "Which of the declared conditions do you confirm?",
        description="One that is not ticked is not paid for; the holder is told.",
        validators=[Optional()],
    )

    def prepare(self, subject: Any) -> None:
        waiting = subject.unconfirmed
        if waiting:
            self.confirmed.choices = choices(dict(zip(waiting, map(capitalised, condition_words(subject, waiting)), strict=True)))
        else:
            del self.confirmed
        ticked = (self.confirmed.data or ()) if self.confirmed else ()
        self.estimate = subject.estimate_with(ticked) if waiting else None


class DeliveryForm(ActionForm):
    """The holder of a knowledge voucher says that it was worth its name: nobody else can."""

    received = BooleanField(
        "I have received what the voucher was for",
        validators=[InputRequired("Tick this once you have it. If it never came, tell the programme; it can revoke it.")],
    )
    note = long_text("What you received", required=False, rows=3, help="The provider and the programme read it.")

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in super().given().items() if name != "received"}


class ExtendForm(ActionForm):
    """A later last day."""

    until = day("Valid until")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"until": latest_extension(subject.valid_until, subject.programme.extension_months)}

    def prepare(self, subject: Any) -> None:
        latest = latest_extension(subject.valid_until, subject.programme.extension_months)
        self.until.description = f"{latest:%-d %B %Y} at the latest; a voucher can be extended only once."


class OptionalReasonForm(ActionForm):
    """An end that the holder need not explain."""

    reason = long_text("Reason", required=False, rows=3, help="The programme reads it.")
