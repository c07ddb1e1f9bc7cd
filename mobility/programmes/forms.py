"""The forms of programmes, calls, budgets and rates."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from mobility.accounts.forms import address, choices
from mobility.core.forms import CreateForm, Form, Several, at_least_one, day, long_text, text
from mobility.core.money import parse
from mobility.core.pages import country_name
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
KINDS = {"mobility": "Mobility vouchers", "knowledge": "Knowledge vouchers"}


def by_name(countries: Iterable[str]) -> dict[str, str]:
    """code -> name of countries, in the order of the names."""
    return {code: name for name, code in sorted((country_name(code), code) for code in countries)}


class Money(StringField):
    """An amount of euro, as a `Decimal`; wrong ones stay in the field as they were typed."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = parse(typed) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:.2f}" if self.data is not None else ""


def money(label: str, *, required: bool = True, help: str = "") -> Money:
    presence = InputRequired(f"{label}: write an amount such as 780.00.") if required else Optional()
    return Money(label, description=help, validators=[presence], render_kw={"inputmode": "decimal"})


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
        return {**values, "country": values["country"] or None}


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
    mobility = money("Money for mobility vouchers", help="In euro.")


class AppropriateForm(CreateForm):
    """More money for a budget line."""

    amount = money("Amount", help="In euro. It becomes available at once.")
    note = text("Note", required=False, help="Such as the decision it rests on.")


class _RatesForm(Form):
    """A rate card with lump sums by country (money.md)."""

    seen = HiddenField()
    minimum_working_days = number("At least, in working days", 0, 60, "Shorter stays are refused.")
    percent = number("Reduced to, in percent", 0, 100, "Applies once, even when both conditions hold.", required=False)
    if_working_days_under = number("if under so many working days", 0, 60, required=False)
    or_km_under = number("or under so many kilometres", 0, 20000, required=False)
    most = money("At most per voucher", required=False, help="Leave empty for no limit.")

    def components(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The card's components with what was typed; those that this form does not show stay as they are."""
        amounts = {field.name[-2:]: str(field.data) for field in self.countries() if field.data is not None}
        lump: dict[str, Any] = {"amounts": amounts, "minimum_working_days": self.minimum_working_days.data}
        if self.percent.data is not None:
            lump["reduction"] = {
                "factor": str(Decimal(self.percent.data) / 100),
                "if_working_days_under": self.if_working_days_under.data or 0,
                "or_km_under": self.or_km_under.data or 0,
            }
        kept = {name: value for name, value in before.items() if name not in {"lump_by_country", "cap"}}
        capped = {"cap": {"most": str(self.most.data)}} if self.most.data is not None else {}
        return {**kept, "lump_by_country": lump, **capped}

    def countries(self) -> list[Any]:
        """The fields of the amounts, in the order of the countries' names."""
        return [field for name, field in self._fields.items() if _is_amount(name)]


def rates_form(countries: Iterable[str], components: Mapping[str, Any], number_seen: int) -> _RatesForm:
    """The form of a card, with a field for each country of the programme and of the card."""
    lump = components.get("lump_by_country", {})
    reduction = lump.get("reduction") or {}
    amounts = lump.get("amounts", {})
    fields = {f"amount_{code}": money(name, required=False) for code, name in by_name({*countries, *amounts}).items()}
    data: dict[str, Any] = {
        "seen": str(number_seen),
        "minimum_working_days": lump.get("minimum_working_days", 0),
        "percent": int(Decimal(reduction["factor"]) * 100) if reduction else None,
        "if_working_days_under": reduction.get("if_working_days_under"),
        "or_km_under": reduction.get("or_km_under"),
        "most": Decimal(components["cap"]["most"]) if "cap" in components else None,
        **{f"amount_{code}": Decimal(amount) for code, amount in amounts.items()},
    }
    return type("RatesForm", (_RatesForm,), fields)(data=data)


def _is_amount(name: str) -> bool:
    return name.startswith("amount_")


def rules_form(programme: Programme) -> RulesForm:
    """The form with the rules as they are."""
    return RulesForm(obj=programme, seen=programme.fingerprint)
