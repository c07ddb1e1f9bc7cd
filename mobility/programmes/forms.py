"""The forms of programmes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length

from mobility.core.database import fingerprint
from mobility.core.errors import Problem
from mobility.core.fields import (
    Several,
    address,
    at_least_one,
    choices,
    in_currency,
    long_text,
    money,
    name_field,
    number,
    person_name,
)
from mobility.core.forms import CreateForm, Form
from mobility.core.money import CURRENCIES, EURO, currency_name, currency_title
from mobility.core.names import name_key
from mobility.core.web import format_money
from mobility.core.wording import by_name
from mobility.people.places import EUROPE
from mobility.people.roles import LEVEL_LABELS
from mobility.programmes import queries
from mobility.programmes.models import EndorsementRule, Programme, ProgrammeLevel, Scheme, SecondFactor
from mobility.programmes.rules import PROMISES, TIMEZONES, stay_limits_problem

LEVELS = {
    ProgrammeLevel.REGIONAL: "Regional",
    ProgrammeLevel.NATIONAL: "National",
    ProgrammeLevel.EUROPEAN: "European",
}
SCHEMES = {
    Scheme.LIGHT: "Light: one decision approves and issues a voucher",
    Scheme.FULL: "Full: an assessor recommends, an owner decides as a second pair of eyes",
}
SECOND_FACTORS = {
    SecondFactor.MONEY: "Owners and finance officers",
    SecondFactor.TEAM: "Everybody in the team",
    SecondFactor.NOBODY: "Nobody",
}
ENDORSEMENTS = {
    EndorsementRule.OFF: "It is not asked",
    EndorsementRule.INFORMED: "It is told, and may object",
    EndorsementRule.REQUIRED: "It endorses the agreement before the voucher",
}
CURRENCY_CHOICES = choices(dict(sorted(((code, currency_title(code)) for code in CURRENCIES), key=lambda each: each[1])))
UNIONS_CEILING = Decimal(300_000)  # Regulation (EU) 2023/2831, article 3(2)
ALL_POINTS = 100
MOST_CRITERIA = 20


class CriterionRow(PlainForm):
    """One line of the score sheet; a row left empty is none."""

    criterion = StringField("Criterion", validators=[Length(max=120, message="Keep this to 120 characters.")])
    points = number("Most points", 1, ALL_POINTS, required=False)

    @property
    def typed(self) -> bool:
        return bool((self.criterion.data or "").strip()) or bool((self.points.raw_data or [""])[0] or self.points.data)


class RulesForm(Form):
    """Everything a programme's owner decides. `seen` tells whether somebody else changed it meanwhile."""

    own_id: int | None = None  # of the programme whose name may stay as it is
    seen = HiddenField()
    name = name_field("Name")
    about = long_text("What it funds", help="Everybody can read this on the programme's page.")
    level = SelectField("Level", choices=choices(LEVELS), validators=[InputRequired()])
    scheme = SelectField("Scheme", choices=choices(SCHEMES), validators=[InputRequired()])
    timezone = SelectField("Timezone", description="Deadlines end at midnight there.", validators=[InputRequired()])
    currency = SelectField("Currency", choices=CURRENCY_CHOICES, validators=[InputRequired()])
    country = SelectField("Public holidays of", description="Working days leave them out.")
    eligible_countries = Several("Eligible countries", validators=[at_least_one("Tick at least one country.")])
    eligible_levels = Several(
        "For",
        choices=choices(LEVEL_LABELS),
        validators=[at_least_one("Tick at least one.")],
    )
    minimum_days = number("Shortest stay, in days", 1, 60)
    maximum_days = number("Longest stay, in days", 1, 365)
    open_applications_cap = number("Open applications a guest may have", 1, 50)
    validity_months = number("A voucher is valid for, in months", 1, 36)
    extension_months = number("It can be extended once by, in months", 0, 24)
    provider_share_limit = number(
        "One provider's share of all redemptions, in percent",
        1,
        100,
        "A larger share is flagged, because knowledge vouchers should reach several providers.",
    )
    de_minimis_ceiling = money(
        "Ceiling of de minimis aid",
        required=False,
        help="Over three years. Leave it empty if the vouchers are not de minimis aid.",
    )
    second_factor = SelectField(
        "Who needs a second factor to sign in",
        description="Beside the password: a passkey, or a code from an app. Who has none sets one up within 14 days.",
        choices=choices(SECOND_FACTORS),
        validators=[InputRequired()],
    )
    endorsement = SelectField(
        "The guest's own organisation",
        description="Its coordinators, before a stay. An exchange keeps the rule that it began with.",
        choices=choices(ENDORSEMENTS),
        validators=[InputRequired()],
    )
    score_sheet = FieldList(
        FormField(CriterionRow),
        "Criterion",
        max_entries=MOST_CRITERIA,
        description=f"What an assessor gives points for; {ALL_POINTS} in all. To remove a row, empty it.",
    )

    def add_criteria(self, count: int = 2) -> None:
        """Empty rows to write more into."""
        for _ in range(min(count, MOST_CRITERIA - len(self.score_sheet))):
            self.score_sheet.append_entry()

    def problems(self) -> Iterator[Problem]:
        if words := stay_limits_problem(self.minimum_days.data, self.maximum_days.data):
            yield Problem("maximum_days", words)
        if (name := self.right("name")) and queries.programme_named(name) not in {None, self.own_id}:
            yield Problem("name", queries.PROGRAMME_TAKEN)

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.de_minimis_ceiling.data is not None and self.de_minimis_ceiling.data <= 0:
            self.de_minimis_ceiling.errors = ["Enter an amount greater than zero, or leave it empty."]
        self._look_at_criteria()
        return not self.errors

    def _look_at_criteria(self) -> None:
        rows = [row.form for row in self.score_sheet if row.form.typed]
        seen: set[str] = set()
        for row in rows:
            name = name_key(row.criterion.data or "")
            if not name:
                row.criterion.errors = ["Say what the points are for."]
            elif name in seen:
                row.criterion.errors = ["This criterion is already listed earlier."]
            if row.points.data is None and not row.points.errors:
                row.points.errors = ["Enter the most points it can give."]
            seen.add(name)
        inside: list[Any] = [row.errors for row in self.score_sheet if row.errors]
        found = sum(row.points.data or 0 for row in rows)
        if found != ALL_POINTS and not inside:
            inside = [f"The points add up to {found}; they should add up to {ALL_POINTS}."]
        self.score_sheet.errors = inside

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = by_name({*EUROPE, *filter(None, self.eligible_countries.data or [])})
        self.eligible_countries.choices = choices(countries)
        self.country.choices = choices(countries, first="No country: Monday to Friday")
        self.timezone.choices = choices({zone: zone for zone in TIMEZONES})
        self.de_minimis_ceiling.description += f" {_ceiling(self.de_minimis_ceiling.currency)}"

    def given(self) -> dict[str, Any]:
        values = super().given()
        sheet = [row.form for row in self.score_sheet if row.form.typed]
        criteria = [{"criterion": row.criterion.data.strip(), "points": row.points.data} for row in sheet]
        return {**values, "country": values["country"] or None, "score_sheet": criteria}


for _name, _promise in PROMISES.items():
    setattr(RulesForm, _name, number(_promise.label, 1, 365, _promise.help))


class NewProgrammeForm(CreateForm):
    """What an administrator decides; the rest is the first owner's."""

    name = name_field("Name")
    about = long_text("What it funds", required=False)
    level = SelectField("Level", choices=choices(LEVELS), validators=[InputRequired()])
    scheme = SelectField("Scheme", choices=choices(SCHEMES), validators=[InputRequired()])
    owner_name = person_name("Name of the first owner")
    email = address("E-mail address of the first owner", autocomplete="off")


def _ceiling(currency: str) -> str:
    if currency == EURO:
        return f"The Union's is {format_money(UNIONS_CEILING, EURO)}."
    return f"The Union's is in euro: enter what your programme takes that for in {currency_name(currency)}."


def rules_form(programme: Programme, fixed: str | None) -> RulesForm:
    """The form with the rules as they are, or with what was sent. `fixed` says why the currency stays."""
    sent = request.form.get("currency")
    in_currency(sent if sent in CURRENCIES else programme.currency)
    form = RulesForm(obj=programme, seen=fingerprint(programme))
    form.own_id = programme.id
    form.currency.description = fixed or "Rate cards, budgets and the ceiling keep their figures when you choose another one."
    if not form.is_submitted():
        form.add_criteria()
    return form


def stored_rules(programme: Programme) -> RulesForm:
    """The form with the rules as they are, whatever was sent."""
    in_currency(programme.currency)
    return RulesForm(formdata=None, obj=programme)
