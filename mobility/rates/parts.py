"""The parts of the editor of a rate card: one for each component of money.md, with rows instead of a language.

A part has a tick ("Travel by distance"), its fields, and knows how its settings are read from them, and which field a
fault belongs to (`places`). Rows that are left empty are none.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from wtforms import BooleanField, Field, FieldList, FormField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length, Optional

from mobility.core.fields import decimal_mark, money, number
from mobility.core.money import parse
from mobility.core.names import one_line
from mobility.core.wording import by_name, country_name
from mobility.rates.cards import MOST_AMOUNT, MOST_KM, Place, country_code, percent_of

MOST_ROWS = 80
SHORT = Length(max=60, message="Keep this to 60 characters.")
LISTED = Length(max=1000, message="Keep this to 1,000 characters.")


def _single_spaced(value: str | None) -> str | None:
    return one_line(value) if value else value


class Percent(StringField):
    """A percentage as a `Decimal`: 70, "70 %", "66.67" or, by the reader's locale, "66,67"."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (valuelist[0] if valuelist else "").strip().removesuffix("%").strip()
        self.data = None
        if not typed:
            return
        try:
            found = parse(typed, decimal_mark())
        except ValueError:
            raise ValueError("Enter a percentage from 0 to 100, such as 70.") from None
        if 0 < found < 1:
            raise ValueError("Enter it in percent: 60 is 60 %.")
        self.data = found

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.normalize():f}".replace(".", decimal_mark()) if self.data is not None else ""

    @property
    def share(self) -> str | None:
        """0.7 for 70, as a card keeps it."""
        return None if self.data is None else f"{(self.data / 100).normalize():f}"


def percent(label: str, help: str = "") -> Percent:
    return Percent(label, description=help, validators=[Optional()], render_kw={"inputmode": "decimal"})


def rate(label: str, help: str = "") -> Any:
    return money(label, required=False, help=help, most=MOST_AMOUNT)


def kilometres(label: str) -> Any:
    return number(label, 0, MOST_KM, required=False)


def amount_of(field: Field) -> str | None:
    return None if field.data is None else f"{field.data:.2f}"


class Part(PlainForm):
    """One component. `title` is what it pays, `words` explain it to somebody who comes twice a year."""

    title: ClassVar[str]
    words: ClassVar[str]
    rows: ClassVar[str] = ""  # the name of its list of rows
    add: ClassVar[str] = ""  # what the button for more rows says
    on = BooleanField()

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        """The values of the fields for what stands in a card; `countries` are the programme's."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """What stands in the fields, as a card keeps it; None for what is missing."""
        raise NotImplementedError

    def places(self) -> dict[Place, Field]:
        """The field for each place of the settings that can be wrong."""
        raise NotImplementedError

    def wrong_rows(self) -> bool:
        """Say what cannot be put into a card at all: then its settings are not looked at. True if there is any."""
        return False

    def filled(self) -> list[Any]:
        """The rows in which something is typed."""
        return [row.form for row in self[self.rows] if any(map(is_typed, row.form))]

    def more_rows(self, count: int = 3) -> None:
        for _ in range(min(count, MOST_ROWS - len(self[self.rows]))):
            self[self.rows].append_entry()


def rows_of(row: type[PlainForm], label: str) -> FieldList:
    return FieldList(FormField(row), label, max_entries=MOST_ROWS)


def is_typed(field: Field) -> bool:
    """Something stands in it, be it nonsense."""
    return bool(str(field.raw_data[0]).strip()) if field.raw_data else field.data not in (None, "")


def blame(field: Field, message: str) -> bool:
    if message not in field.errors:
        field.errors = [*field.errors, message]
    return True


class CountryRow(PlainForm):
    """An amount for a country; one without an amount says nothing. The amount's label is the country's name."""

    country = StringField("Country", validators=[SHORT], render_kw={"list": "countries", "autocomplete": "off"})
    amount = rate("Amount")

    def process(self, *args: Any, **kwargs: Any) -> None:
        super().process(*args, **kwargs)
        if self.code:
            self.amount.label.text = country_name(self.code)

    @property
    def code(self) -> str | None:
        return country_code(self.country.data or "")

    @property
    def is_known(self) -> bool:
        """The country needs no field of its own: its name stands beside the amount."""
        return self.code is not None and not self.country.errors


class ByCountry(Part):
    """What lump sums and monthly amounts have in common."""

    rows = "amounts"
    add = "Add a country"

    @staticmethod
    def rows_for(amounts: Mapping[str, str], countries: Iterable[str]) -> list[dict[str, Any]]:
        listed = by_name({*countries, *amounts})
        return [{"country": name, "amount": Decimal(amounts[code]) if code in amounts else None} for code, name in listed.items()]

    def paid(self) -> list[Any]:
        return [row for row in self.filled() if row.amount.data is not None]

    def wrong_rows(self) -> bool:
        seen: set[str] = set()
        wrong = False
        for row in self.filled():
            typed = (row.country.data or "").strip()
            if row.code is None and (typed or row.amount.data is not None):
                words = f"“{typed}” is not a country we know. " if typed else ""
                wrong = blame(row.country, f"{words}Enter a name or two letters, such as Austria or AT.")
            elif row.code in seen:
                wrong = blame(row.country, f"{country_name(row.code)} is already listed earlier.")
            seen.add(row.code or "")
        return wrong

    def settings(self) -> dict[str, Any]:
        return {"amounts": {row.code: amount_of(row.amount) for row in self.paid()}}

    def places(self) -> dict[Place, Field]:
        return {("amounts",): self.amounts, **{("amounts", row.code): row.amount for row in self.paid()}}


class LumpPart(ByCountry):
    title = "A lump sum by the host's country"
    words = "One amount for the whole stay. Without an amount, vouchers for hosts in that country cannot be requested."
    amounts = rows_of(CountryRow, "Row")
    minimum_working_days = number("At least, in working days", 0, 60, "Shorter stays are refused.", required=False)
    percent = percent("Reduced to, in percent", "Applies once, even when both conditions hold.")
    if_working_days_under = number("if under so many working days", 0, 60, required=False)
    or_km_under = number("or under so many kilometres", 0, MOST_KM, required=False)

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        reduction = settings.get("reduction") or {}
        return {
            "amounts": cls.rows_for(settings.get("amounts", {}), countries),
            "minimum_working_days": settings.get("minimum_working_days") or None,
            "percent": percent_of(reduction["factor"]) if reduction else None,
            "if_working_days_under": reduction.get("if_working_days_under") or None,
            "or_km_under": reduction.get("or_km_under") or None,
        }

    def settings(self) -> dict[str, Any]:
        found = {**super().settings(), "minimum_working_days": self.minimum_working_days.data or 0}
        days, km = self.if_working_days_under.data or 0, self.or_km_under.data or 0
        if self.percent.data is not None or days or km:
            found["reduction"] = {"factor": self.percent.share, "if_working_days_under": days, "or_km_under": km}
        return found

    def places(self) -> dict[Place, Field]:
        under: dict[Place, Field] = {("reduction", name): self[name] for name in ("if_working_days_under", "or_km_under")}
        return {**super().places(), ("reduction", "factor"): self.percent, **under}


class BandRow(PlainForm):
    """Travel of so many kilometres one way."""

    from_km = kilometres("From, in km")
    to_km = kilometres("To, in km")
    standard = rate("Standard")
    green = rate("Green travel")


class BandPart(Part):
    title = "Travel by distance"
    words = (
        "One amount for the way there and back, by the distance between both cities. Each band begins where the earlier one "
        "ends; the last one may be left open. Green is train, bus or shared car."
    )
    rows = "bands"
    add = "Add a band"
    bands = rows_of(BandRow, "Band")

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        amounts = ("standard", "green")
        bands = settings.get("bands", [])
        return {"bands": [{**band, **{name: Decimal(band[name]) for name in amounts}} for band in bands]}

    def in_order(self) -> list[Any]:
        return sorted(self.filled(), key=lambda row: MOST_KM + 1 if row.from_km.data is None else row.from_km.data)

    def settings(self) -> dict[str, Any]:
        return {
            "bands": [
                {
                    "from_km": row.from_km.data,
                    "to_km": row.to_km.data,
                    "standard": amount_of(row.standard),
                    "green": amount_of(row.green),
                }
                for row in self.in_order()
            ]
        }

    def places(self) -> dict[Place, Field]:
        places: dict[Place, Field] = {("bands",): self.bands}
        for index, row in enumerate(self.in_order()):
            places |= {("bands", index, field.short_name): field for field in row}
        return places


class GroupRow(PlainForm):
    """A group of countries with the same amount a day."""

    name = StringField("Group", validators=[SHORT])
    amount = rate("A day")
    countries = TextAreaField("Countries", validators=[LISTED], render_kw={"rows": 1})

    @property
    def codes(self) -> list[str]:
        """Two letters for each; what is no country stays as it was typed."""
        typed = [part.strip() for part in (self.countries.data or "").replace(";", ",").split(",")]
        return [country_code(part) or part for part in typed if part]


class DailyPart(Part):
    title = "An amount for each day"
    words = "By the group of the host's country. The first and the last day both count."
    rows = "groups"
    add = "Add a group"
    groups = rows_of(GroupRow, "Group")
    other_group = StringField("Group of all other countries", validators=[SHORT], description="Such as C. May stay empty.")
    full_days = number("In full up to day", 1, 366, "Empty: all days in full.", required=False)
    share_after = percent("From then on, in percent", "Such as 70.")

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        groups, share = settings.get("groups", {}), settings.get("share_after")
        return {
            "groups": [
                {"name": name, "amount": Decimal(amount), "countries": ", ".join(map(country_name, groups.get(name, [])))}
                for name, amount in sorted(settings.get("amounts", {}).items())
            ],
            "other_group": settings.get("other_group"),
            "full_days": settings.get("full_days"),
            "share_after": percent_of(share) if share is not None else None,
        }

    def wrong_rows(self) -> bool:
        seen: set[str] = set()
        wrong = False
        for row in self.filled():
            name = (row.name.data or "").strip()
            if not name or name in seen:
                words = f"There is already a group “{name}” earlier in the list." if name else "Give the group a name, such as A."
                wrong = blame(row.name, words)
            seen.add(name)
        return wrong

    def settings(self) -> dict[str, Any]:
        rows = {(row.name.data or "").strip(): row for row in self.filled()}
        found: dict[str, Any] = {
            "amounts": {name: amount_of(row.amount) for name, row in rows.items()},
            "groups": {name: row.codes for name, row in rows.items() if row.codes},
        }
        if other := (self.other_group.data or "").strip():
            found["other_group"] = other
        if self.full_days.data is not None or self.share_after.data is not None:
            found |= {"full_days": self.full_days.data, "share_after": self.share_after.share}
        return found

    def places(self) -> dict[Place, Field]:
        places: dict[Place, Field] = {("amounts",): self.groups}
        for row in self.filled():
            name = (row.name.data or "").strip()
            places |= {("amounts", name): row.amount, ("groups", name): row.countries}
        return places | {(name,): self[name] for name in ("other_group", "full_days", "share_after")}


class MonthlyPart(ByCountry):
    title = "An amount for each month, by the host's country"
    words = "Whole months of 30 days, then one thirtieth for each further day."
    amounts = rows_of(CountryRow, "Row")

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        return {"amounts": cls.rows_for(settings.get("amounts", {}), countries)}


class SharePart(Part):
    title = "A share of the price"
    words = "Co-funding: the programme pays a percentage of the agreed price, the holder pays the rest."
    share = percent("The programme pays, in percent", "Such as 60.")
    minimum = rate("Nothing below", help="If the share comes to less, the voucher cannot be requested.")
    cap = rate("At most")

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        amounts = {name: Decimal(settings[name]) for name in ("minimum", "cap") if settings.get(name) is not None}
        return {"share": percent_of(settings["share"]) if settings else None, **amounts}

    def settings(self) -> dict[str, Any]:
        limits = {name: amount_of(self[name]) for name in ("minimum", "cap") if self[name].data is not None}
        return {"share": self.share.share, **limits}

    def places(self) -> dict[Place, Field]:
        return {(name,): self[name] for name in ("share", "minimum", "cap")}


class FixedPart(Part):
    title = "One fixed amount"
    words = "The same for every voucher, such as a host contribution or an accessibility supplement."
    amount = rate("Amount")
    label = StringField(
        "What it is called",
        filters=[_single_spaced],
        validators=[SHORT],
        description="Shown on the voucher's amount line.",
    )

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        amount = Decimal(settings["amount"]) if settings else None
        return {"amount": amount, "label": settings.get("label", "Fixed amount")}

    def settings(self) -> dict[str, Any]:
        return {"amount": amount_of(self.amount), "label": (self.label.data or "").strip() or "Fixed amount"}

    def places(self) -> dict[Place, Field]:
        return {("amount",): self.amount}


class CapPart(Part):
    title = "A limit"
    words = "Whatever the other parts come to, a voucher is never more than this."
    most = rate("At most per voucher")

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        return {"most": Decimal(settings["most"]) if settings else None}

    def settings(self) -> dict[str, Any]:
        return {"most": amount_of(self.most)}

    def places(self) -> dict[Place, Field]:
        return {("most",): self.most}


PARTS: dict[str, type[Part]] = {
    "lump_by_country": LumpPart,
    "distance_band": BandPart,
    "daily": DailyPart,
    "monthly": MonthlyPart,
    "share_of_cost": SharePart,
    "fixed": FixedPart,
    "cap": CapPart,
}
