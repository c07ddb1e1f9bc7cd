"""The fields in which a holder asks for what a programme's rates know; other forms are made of these."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, FieldList
from wtforms.validators import InputRequired, NumberRange, Optional

from mobility.asking.rules import Asked, most_travel_days
from mobility.core.fields import MOST_ENTRIES, AmountRequired, Money, Several, WholeNumber, agreed_price, choices
from mobility.core.forms import Form
from mobility.core.wording import capitalised
from mobility.rates.cards import MOST_AMOUNT
from mobility.rates.rules import Components, conditions_of, costs_of, has, travel_days_of


class CostsForm(Form):
    """What each component of real costs comes to, a field for each; `costs` in `given()` are by their components."""

    costs = FieldList(
        Money("Costs", most=MOST_AMOUNT, validators=[Optional()], render_kw={"inputmode": "decimal"}),
        "Real costs",
        max_entries=MOST_ENTRIES,
    )

    def ask_for_costs(self, asked: Sequence[tuple[str, str]]) -> None:
        """`asked`: (key, label) each."""
        self.cost_keys = [key for key, *_ in asked]
        if not asked:
            del self.costs
            return
        while len(self.costs) > len(asked):
            self.costs.pop_entry()
        while len(self.costs) < len(asked):
            self.costs.append_entry()
        for field, (_, label) in zip(self.costs, asked, strict=True):
            field.label.text = label
            field.flags.required = True

    @property
    def stated_costs(self) -> dict[str, Decimal]:
        """Those with an amount, by their components."""
        found = zip(self.cost_keys, (field.data for field in self.costs), strict=True) if "costs" in self else ()
        return {key: amount for key, amount in found if amount is not None}

    def given(self) -> dict[str, Any]:
        return super().given() | ({"costs": self.stated_costs} if "costs" in self else {})


class AskingForm(CostsForm):
    """How one travels, what was agreed, what one declares: only what the rates look at (`ask_for`)."""

    green_travel = BooleanField(
        "I travel by train, bus or shared car", description="There and back. The programme may ask for the tickets."
    )
    price = agreed_price(
        "What the host or provider charges in all. The programme pays a share of it.",
        MOST_AMOUNT,
        AmountRequired("the agreed price"),
    )
    travel_days = WholeNumber("Days of travel")
    conditions = Several(
        "Does this apply to you?",
        description="Tick what applies. It raises the amount once the programme has confirmed it.",
        validators=[Optional()],
    )

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
            self.conditions.choices = choices({key: capitalised(words) for key, words in dict(offered).items()})
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
