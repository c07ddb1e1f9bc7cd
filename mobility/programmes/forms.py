"""The forms of programmes, calls, budgets and rates."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import get_decimal_symbol
from wtforms import FieldList, FormField, HiddenField, IntegerField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from mobility.accounts.forms import address, choices
from mobility.core.forms import CreateForm, Form, Several, at_least_one, day, long_text, text
from mobility.core.money import MOST, example, parse
from mobility.core.pages import country_name, reader_locale
from mobility.people.models import LEVEL_LABELS
from mobility.programmes.models import Programme, ProgrammeLevel, Scheme
from mobility.programmes.rules import PROMISES

EUROPE = (
    "AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MD ME MK MT NL NO PL PT RO RS SE SI SK "
    "TR UA XK"
).split()
LEVELS = {
    ProgrammeLevel.REGIONAL: "Regional",
    ProgrammeLevel.NATIONAL: "National",
    ProgrammeLevel.EUROPEAN: "European",
}
SCHEMES = {
    Scheme.LIGHT: "Light: one decision approves and issues a voucher",
    Scheme.FULL: "Full: an assessor recommends, an owner decides, another pair of eyes",
}
EVENTS = {
    "appropriate": "Money added",
    "commit": "Set aside for",
    "release": "Given back by",
    "spend": "Paid for",
    "recover": "Recovered from",
}
ALL_POINTS = 100
MOST_CRITERIA = 20
KINDS = {"mobility": "Mobility vouchers", "knowledge": "Knowledge vouchers"}


def by_name(countries: Iterable[str]) -> dict[str, str]:
    """code -> name of countries, in the order of the names."""
    return {code: name for name, code in sorted((country_name(code), code) for code in countries)}


def decimal_mark() -> str:
    """As the reader's locale writes decimals: "." or ","."""
    return "," if get_decimal_symbol(reader_locale()) == "," else "."


class Money(StringField):
    """An amount of euro, as a `Decimal`, in the notation of the reader's locale; wrong ones stay as they were typed."""

    def __init__(self, *arguments: Any, most: Decimal = MOST, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.most = most

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        self.data = parse(typed, decimal_mark(), self.most) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:.2f}".replace(".", decimal_mark()) if self.data is not None else ""


def money(label: str, *, required: bool = True, help: str = "") -> Money:
    presence = InputRequired("Write an amount in euro.") if required else Optional()
    return Money(label, description=help, validators=[presence], render_kw={"inputmode": "decimal"})


def more_than_zero(form: Any, field: Money) -> None:
    if field.data is not None and field.data <= 0:
        raise ValidationError(f"Write an amount of more than zero, such as {example(decimal_mark())}.")


def number(label: str, low: int, high: int, help: str = "", required: bool = True) -> IntegerField:
    words = f"Write a whole number from {low} to {high}."
    return WholeNumber(
        label,
        description=help,
        validators=[InputRequired(words) if required else Optional(), NumberRange(low, high, message=words)],
        render_kw={"min": low, "max": high},
    )


class WholeNumber(IntegerField):
    """Says how to write one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        if not typed:
            self.data = None
            return
        digits = typed.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            self.data = None
            raise ValueError("Write a whole number, such as 10.")
        self.data = int(typed)


class CriterionRow(PlainForm):
    """One line of the score sheet; a row left empty is none."""

    criterion = StringField("Criterion", validators=[Length(max=120, message="Keep this to 120 characters.")])
    points = number("Points at most", 1, ALL_POINTS, required=False)

    @property
    def typed(self) -> bool:
        return bool((self.criterion.data or "").strip()) or bool((self.points.raw_data or [""])[0] or self.points.data)


class RulesForm(Form):
    """Everything a programme's owner decides. `seen` tells whether somebody else changed it meanwhile."""

    seen = HiddenField()
    name = text("Name")
    about = long_text("What it funds", help="Everybody reads this on the programme's page.")
    level = SelectField("Level", choices=choices(LEVELS), validators=[InputRequired()])
    scheme = SelectField("Scheme", choices=choices(SCHEMES), validators=[InputRequired()])
    timezone = SelectField("Timezone", description="Deadlines end at midnight there.", validators=[InputRequired()])
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
        "Above this it is flagged: knowledge vouchers are to reach several providers.",
    )
    de_minimis_ceiling = money(
        "Ceiling of de minimis aid",
        required=False,
        help="In euro, over three years; usually 300,000. Empty: the vouchers are no de minimis aid.",
    )
    score_sheet = FieldList(
        FormField(CriterionRow),
        "Criterion",
        max_entries=MOST_CRITERIA,
        description=f"What an assessor gives points for; {ALL_POINTS} in all. To take a row out, empty it.",
    )

    def add_criteria(self, count: int = 2) -> None:
        """Empty rows to write more into."""
        for _ in range(min(count, MOST_CRITERIA - len(self.score_sheet))):
            self.score_sheet.append_entry()

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.de_minimis_ceiling.data is not None and self.de_minimis_ceiling.data <= 0:
            self.de_minimis_ceiling.errors = ["Write an amount of more than zero, or leave it empty."]
        self._look_at_criteria()
        return not self.errors

    def _look_at_criteria(self) -> None:
        rows = [row.form for row in self.score_sheet if row.form.typed]
        seen: set[str] = set()
        for row in rows:
            name = (row.criterion.data or "").strip()
            if not name:
                row.criterion.errors = ["Say what the points are for."]
            elif name in seen:
                row.criterion.errors = ["This criterion stands above already."]
            if row.points.data is None and not row.points.errors:
                row.points.errors = ["Write how many points it gives at most."]
            seen.add(name)
        inside: list[Any] = [row.errors for row in self.score_sheet if row.errors]
        found = sum(row.points.data or 0 for row in rows)
        if found != ALL_POINTS and not inside:
            inside = [f"The points make {found} together; they should make {ALL_POINTS}."]
        self.score_sheet.errors = inside

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = by_name({*EUROPE, *(self.eligible_countries.data or [])})
        self.eligible_countries.choices = choices(countries)
        self.country.choices = choices(countries, first="No country: Monday to Friday")
        zones = sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))
        self.timezone.choices = choices({zone: zone for zone in ["UTC", *zones]})

    def given(self) -> dict[str, Any]:
        values = super().given()
        values.pop("seen", None)
        sheet = [row.form for row in self.score_sheet if row.form.typed]
        criteria = [{"criterion": row.criterion.data.strip(), "points": row.points.data} for row in sheet]
        return {**values, "country": values["country"] or None, "score_sheet": criteria}


for _name, _promise in PROMISES.items():
    setattr(RulesForm, _name, number(_promise.label, 1, 365, _promise.help))


class NewProgrammeForm(CreateForm):
    """What an administrator decides; the rest is the first owner's."""

    name = text("Name")
    about = long_text("What it funds", required=False)
    level = SelectField("Level", choices=choices(LEVELS), validators=[InputRequired()])
    scheme = SelectField("Scheme", choices=choices(SCHEMES), validators=[InputRequired()])
    owner_name = text("Name of the first owner")
    email = address("Mail address of the first owner", autocomplete="off")


class CallForm(CreateForm):
    """A call with the money for each kind of voucher."""

    name = text("Name", help="Such as Spring 2027.")
    opens_on = day("Opens on")
    closes_on = day("Closes on", required=False, help="Leave empty for a rolling call.")
    mobility = money("Money for mobility vouchers", required=False, help="In euro. Empty: this call has none.")
    knowledge = money("Money for knowledge vouchers", required=False, help="In euro. Empty: this call has none.")

    def amounts(self) -> dict[str, Decimal]:
        """kind of voucher -> money, for the kinds that have some."""
        return {kind: self[kind].data for kind in KINDS if self[kind].data is not None}

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for kind, amount in self.amounts().items():
            if amount <= 0:
                self[kind].errors = ["Write an amount of more than zero, or leave it empty."]
        if fine and not self.amounts():
            self.mobility.errors = ["A call needs money for at least one kind of voucher."]
        return not self.errors


class AppropriateForm(CreateForm):
    """More money for a budget line."""

    amount = money("Amount", help="In euro. It becomes available at once.")
    note = text("Note", required=False, help="Such as the decision it rests on.")


def rules_form(programme: Programme) -> RulesForm:
    """The form with the rules as they are."""
    form = RulesForm(obj=programme, seen=programme.fingerprint)
    if not form.is_submitted():
        form.add_criteria()
    return form
