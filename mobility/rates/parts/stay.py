"""The parts that pay a stay: lump sums, travel, days and months."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from wtforms import Field, StringField, TextAreaField
from wtforms import Form as PlainForm

from mobility.core.fields import number
from mobility.core.wording import by_name, country_name
from mobility.rates.cards import MOST_KM, Place, country_code
from mobility.rates.cases import percent_of
from mobility.rates.components import DAY, NIGHT
from mobility.rates.parts.base import (
    LISTED,
    SHORT,
    ForEachPerson,
    amount_of,
    blame,
    chosen,
    kilometres,
    percent,
    rate,
    rows_of,
)


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


class ByCountry(ForEachPerson):
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

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        return {**super().first(settings, countries), "amounts": cls.rows_for(settings.get("amounts", {}), countries)}

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "amounts": {row.code: amount_of(row.amount) for row in self.paid()}}

    def places(self) -> dict[Place, Field]:
        rows: dict[Place, Field] = {("amounts", row.code): row.amount for row in self.paid()}
        return super().places() | rows | {("amounts",): self.amounts}


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
            **super().first(settings, countries),
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


class BandPart(ForEachPerson):
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
        rows = [{**band, **{name: Decimal(band[name]) for name in amounts}} for band in bands]
        return {**super().first(settings, countries), "bands": rows}

    def in_order(self) -> list[Any]:
        return sorted(self.filled(), key=lambda row: MOST_KM + 1 if row.from_km.data is None else row.from_km.data)

    def settings(self) -> dict[str, Any]:
        return {
            **super().settings(),
            "bands": [
                {
                    "from_km": row.from_km.data,
                    "to_km": row.to_km.data,
                    "standard": amount_of(row.standard),
                    "green": amount_of(row.green),
                }
                for row in self.in_order()
            ],
        }

    def places(self) -> dict[Place, Field]:
        places: dict[Place, Field] = {**super().places(), ("bands",): self.bands}
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


class DailyPart(ForEachPerson):
    title = "An amount for each day"
    words = "By the group of the host's country. The first and the last day both count."
    rows = "groups"
    add = "Add a group"
    groups = rows_of(GroupRow, "Group")
    other_group = StringField("Group of all other countries", validators=[SHORT], description="Such as C. May stay empty.")
    full_days = number("In full up to day", 1, 366, "Empty: all days in full.", required=False)
    share_after = percent("From then on, in percent", "Such as 70.")
    unit = chosen("Counted in", {DAY: "Days, the first and the last included", NIGHT: "Nights"})
    travel_days = number("Travel days added, at most", 1, 60, "Empty: travel days are left out.", required=False)
    travel_days_green = number("By green travel, at most", 1, 60, "Empty: as many.", required=False)
    plain = ("travel_days", "travel_days_green", *ForEachPerson.plain)
    more = ("travel_days", "travel_days_green", "unit", *ForEachPerson.more)

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        groups, share = settings.get("groups", {}), settings.get("share_after")
        return {
            **super().first(settings, countries),
            "groups": [
                {"name": name, "amount": Decimal(amount), "countries": ", ".join(map(country_name, groups.get(name, [])))}
                for name, amount in sorted(settings.get("amounts", {}).items())
            ],
            "other_group": settings.get("other_group"),
            "unit": settings.get("unit", DAY),
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
            **super().settings(),
            "amounts": {name: amount_of(row.amount) for name, row in rows.items()},
            "groups": {name: row.codes for name, row in rows.items() if row.codes},
        }
        if other := (self.other_group.data or "").strip():
            found["other_group"] = other
        if self.unit.data not in (None, "", DAY):
            found["unit"] = self.unit.data
        if self.full_days.data is not None or self.share_after.data is not None:
            found |= {"full_days": self.full_days.data, "share_after": self.share_after.share}
        return found

    def places(self) -> dict[Place, Field]:
        places: dict[Place, Field] = {**super().places(), ("amounts",): self.groups}
        for row in self.filled():
            name = (row.name.data or "").strip()
            places |= {("amounts", name): row.amount, ("groups", name): row.countries}
        return places | {(name,): self[name] for name in ("other_group", "full_days", "share_after", "unit")}


class MonthlyPart(ByCountry):
    title = "An amount for each month, by the host's country"
    words = "Whole months of 30 days, then one thirtieth for each further day."
    amounts = rows_of(CountryRow, "Row")
