"""The forms of vouchers; an operation's keyword parameters are exactly a form's fields."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, FieldList
from wtforms.validators import InputRequired, NumberRange, Optional

from mobility.core.fields import Money, Several, WholeNumber, at_least_one, choices, day, long_text, money
from mobility.core.forms import ActionForm, Form, ReasonForm
from mobility.core.money import written
from mobility.exchanges.forms import link_field
from mobility.rates.cards import MOST_AMOUNT
from mobility.rates.rules import Components, conditions_of, costs_of, has, travel_days_of
from mobility.vouchers import limits
from mobility.vouchers.rules import (
    Asked,
    claim_extension,
    condition_words,
    latest_extension,
    most_travel_days,
    sheet_of,
)

CODE_HELP = "Seven groups of four letters and digits. Hyphens, spaces and capitals do not matter."


def aid_field() -> Money:
    return money("De minimis aid your organisation received from elsewhere in the last three years")


class CostsForm(Form):
    """What each component of real costs comes to, a field for each; `costs` in `given()` are by their components."""

    costs = FieldList(Money("Costs", most=MOST_AMOUNT, validators=[Optional()], render_kw={"inputmode": "decimal"}), "Real costs")

    def ask_for_costs(self, asked: Sequence[tuple[str, str, Decimal]]) -> None:
        """`asked`: (key, label, share in percent) each."""
        self.cost_keys = [key for key, *_ in asked]
        if not asked:
            del self.costs
            return
        while len(self.costs) > len(asked):
            self.costs.pop_entry()
        while len(self.costs) < len(asked):
            self.costs.append_entry()
        for field, (_, label, _share) in zip(self.costs, asked, strict=True):
            field.label.text = label
            field.flags.required = True

    @property
    def stated_costs(self) -> dict[str, Decimal]:
        """Those with an amount, by their components."""
        found = zip(self.cost_keys, (field.data for field in self.costs), strict=True) if "costs" in self else ()
        return {key: amount for key, amount in found if amount is not None}

    def given(self) -> dict[str, Any]:
        return super().given() | ({"costs": self.stated_costs} if "costs" in self else {})


class RequestForm(CostsForm, ActionForm):
    """`subject.exchange` gives most of the amount; the rates may ask how one travels, what was agreed, what one declares."""

    green_travel = BooleanField(
        "I travel by train, bus or shared car", description="There and back. The programme may ask for the tickets."
    )
    price = Money(
        "Agreed price",
        description="What the host or provider charges in all, in euro. The programme pays a share of it.",
        validators=[
            InputRequired("Enter the agreed price in euro."),
            NumberRange(max=MOST_AMOUNT, message=f"A price is at most {written(MOST_AMOUNT)}."),
        ],
        render_kw={"inputmode": "decimal"},
    )
    travel_days = WholeNumber("Days of travel")
    conditions = Several(
        "Does this hold for you?",
        description="Tick what does. It raises the amount once the programme has confirmed it.",
        validators=[Optional()],
    )
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

    def ask_for(self, components: Components) -> None:
        """Only what these rates look at."""
        travel_days = [travel_days_of(components, manner) for manner in (False, True)]
        if not has(components, "distance_band") and travel_days[0] == travel_days[1]:
            del self.green_travel
        if not has(components, "share_of_cost"):
            del self.price
        if not any(travel_days):
            del self.travel_days
        else:
            words = f"Enter a whole number from 0 to {max(travel_days)}."
            self.travel_days.validators = [InputRequired(words), NumberRange(0, max(travel_days), message=words)]
            self.travel_days.flags.required = True
            self.travel_days.render_kw = {"min": 0, "max": max(travel_days)}
            self.travel_days.description = f"Beside the stay, to get there and back. {most_travel_days(components)}"
        if offered := conditions_of(components):
            self.conditions.choices = choices(dict(offered))
        else:
            del self.conditions
        self.ask_for_costs(costs_of(components))

    @property
    def asked(self) -> Asked:
        """What is typed."""
        return Asked(
            green=bool(self.green_travel and self.green_travel.data),
            price=self.price.data if self.price else None,
            travel_days=self.travel_days.data or 0 if self.travel_days else 0,
            conditions=tuple(self.conditions.data or ()) if self.conditions else (),
            costs=self.stated_costs,
        )

    def ask_to_declare(self, subject: Any) -> None:
        """Only what this programme and this kind of voucher ask for; of a stay the signatures say who is linked."""
        if subject.traits.rests_on_stay:
            del self.holder_link
        elif self.price:
            del self.price  # it stands in the draft
        self.declarations.choices = choices(subject.traits.declarations)
        limits.ask(self, subject)


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

    scores = FieldList(WholeNumber("Points", validators=[InputRequired()]), "Points")
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
            self.confirmed.choices = choices(dict(zip(waiting, condition_words(subject, waiting), strict=True)))
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


class ExtendClaimForm(ReasonForm):
    """A later last day to claim."""

    until = day("Claim by")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"until": _claim_extension(subject)[1]}

    def prepare(self, subject: Any) -> None:
        self.until.description = f"{_claim_extension(subject)[1]:%-d %B %Y} at the latest; a claim can be extended only once."


def _claim_extension(voucher: Any) -> tuple[date, date]:
    return claim_extension(voucher.claim_due_on, voucher.programme.today, voucher.programme.claim_days)


class OptionalReasonForm(ActionForm):
    """An end that the holder need not explain."""

    reason = long_text("Reason", required=False, rows=3, help="The programme reads it.")
