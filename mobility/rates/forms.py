"""The editor of a rate card as a whole: its parts, its name, and a case to try."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import Optional

from mobility.core.fields import choices, money, number, text
from mobility.core.forms import Form, in_words
from mobility.core.wording import by_name
from mobility.people.roles import KIND_LABELS
from mobility.rates.cards import faults
from mobility.rates.cases import Case
from mobility.rates.components import COMPONENTS, OVER_ALL, components_of
from mobility.rates.examples import weekdays
from mobility.rates.parts import PARTS, CountryRow, Part, blame, is_set, is_typed, kilometres
from mobility.rates.rules import Components, component_of, conditions_of, costs_of, free_key
from mobility.vouchers.kinds import DEFAULT, kind_of

MOST_OF_A_KIND = 5  # more rows than that take more than a second
LEAST_ROWS = 3
PART_OF_FIELD = re.compile(r"([a-z_]+-[2-5])-")  # of a second one of its kind


class TryForm(PlainForm):
    """A case of the owner's own, to look at only."""

    country = SelectField("Host in", validators=[Optional()], validate_choice=False)
    days = number("Days", 1, 366, required=False)
    km = kilometres("Kilometres one way")
    persons = number("Persons", 1, 3, required=False)
    travel_days = number("Travel days", 0, 60, required=False)
    price = money("Agreed price", required=False)
    costs = money("Real costs, of each kind", required=False)
    organisation_kind = SelectField(
        "Kind of organisation", choices=choices(KIND_LABELS, "Any"), validators=[Optional()], validate_choice=False
    )
    green = BooleanField("By train, bus or shared car")
    conditions = BooleanField("All conditions hold")

    def usual(self, rests_on_stay: bool) -> list[Any]:
        return [self[name] for name in ("country", "days", "km", "persons", "travel_days") if rests_on_stay] + [
            self[name] for name in ("price", "costs", "organisation_kind")
        ]

    def ticks(self, rests_on_stay: bool) -> list[Any]:
        return [self.green] * rests_on_stay + [self.conditions]

    def case(self, components: Components) -> Case | None:
        """Nothing typed: no case."""
        asked = (self.days, self.km, self.price, self.persons, self.travel_days, self.costs, self.organisation_kind)
        if not any(map(is_typed, asked)) and not self.conditions.data:
            return None
        days = self.days.data or 1
        return Case(
            self.country.data or "",
            days,
            weekdays(days),
            self.km.data or 0,
            bool(self.green.data),
            self.price.data,
            persons=self.persons.data or 1,
            travel_days=self.travel_days.data or 0,
            conditions=tuple(key for key, _ in conditions_of(components)) if self.conditions.data else (),
            costs={key: self.costs.data or Decimal(0) for key, *_ in costs_of(components)},
            organisation_kind=self.organisation_kind.data if self.organisation_kind.data in KIND_LABELS else "",
            currency=self.price.currency,
        )

    def is_begun(self) -> bool:
        return self.case([]) is not None


class RateCardForm(Form):
    """A whole card. `seen` is the number of the version that was on the page."""

    seen = HiddenField()
    name = text("What to call this version", required=False, most=100, help="Such as Rates 2027. Shown in the list of versions.")
    attempt = FormField(TryForm, "Try a case of your own")

    voucher_kind: str = DEFAULT

    def parts(self) -> dict[str, Any]:
        """By their keys."""
        return {name: field.form for name, field in self._fields.items() if component_of(name) in PARTS}

    def add_rows(self, key: str) -> None:
        if key in self.parts() and self.parts()[key].rows:
            self.parts()[key].on.data = True
            self.parts()[key].more_rows()

    def begin(self, key: str, countries: Iterable[str]) -> None:
        """An empty part that was asked for."""
        part = self.parts()[key]
        part.process(None, data=_first(key, None, countries))
        part.on.data = True
        _room(part)

    def can_repeat(self, key: str) -> bool:
        of_kind = [each for each in self.parts() if component_of(each) == component_of(key)]
        return self.parts()[key].several and key == of_kind[-1] and len(of_kind) < MOST_OF_A_KIND

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field for itself, then the card as a whole: everything wrong is said at its field at once."""
        super().validate(extra_validators)
        for part in self.parts().values():
            if not part.on.data:
                _forget_errors(part)  # what is not ticked is not looked at
        if not any(component_of(key) not in OVER_ALL for key in self.ticked()):
            self.form_errors.append("An empty card pays nothing: choose at least one part besides the limit and the minimum.")
        for fault in faults(self.components(), self.voucher_kind, self.attempt.form.price.currency):
            if fault.place:
                blame(self.parts()[str(fault.place[0])].places()[fault.place[1:]], fault.message)
        for part in self.parts().values():
            _gather_errors(part)
        return not self.errors

    def ticked(self) -> dict[str, Any]:
        return {key: part for key, part in self.parts().items() if part.on.data}

    def was_slower_than(self, number: int, stored: "RateCardForm") -> None:
        """Another version is in force by now: of each part in which it differs, what it says."""
        self.was_slower(str(number))
        for key in [*self.parts(), *(stored.parts().keys() - self.parts().keys())]:
            typed, now = (_said(form.parts().get(key)) for form in (self, stored))
            other = [f"{label} {now.get(label) or 'nothing'}" for label in now | typed if now.get(label) != typed.get(label)]
            if other:
                title = PARTS[component_of(key)].title
                self.form_errors.append(f"{title}, as saved now: {'; '.join(other) if now else 'not in the card'}")

    def components(self) -> list[dict[str, Any]]:
        """The card as it stands in the form, less the parts in which a field is wrong by itself."""
        return [
            {"component": component_of(key), "key": key, **part.settings()}
            for key, part in self.ticked().items()
            if not part.wrong_rows() and not _gather_errors(part)
        ]


def _said(part: Any) -> dict[str, str]:
    """What stands in a part that is ticked, a phrase for each row and field: {"Austria": "640.00"}."""
    if part is None or not part.on.data:
        return {}
    rows = [_row_said(row) for row in part.filled()] if part.rows else []
    single = [each for each in part if not isinstance(each, FieldList) and each.short_name != "on" and is_set(each)]
    return dict([*rows, *((each.label.text, in_words(each)) for each in single)])


def _row_said(row: Any) -> tuple[str, str]:
    if isinstance(row, CountryRow):
        return row.amount.label.text, in_words(row.amount)
    first, *rest = [f"{each.label.text} {in_words(each)}" for each in row if is_typed(each)]
    return first, ", ".join(rest)


def _forget_errors(part: Any) -> None:
    for field in part:
        field.errors = []
        if isinstance(field, FieldList):
            for row in field:
                _forget_errors(row.form)


def _gather_errors(part: Any) -> bool:
    """Whether anything in a part is wrong. Its list of rows learns of the errors inside, for the summary."""
    if part.rows:
        rows = part[part.rows]
        own = [error for error in rows.errors if isinstance(error, str)]
        rows.errors = [*own, *(row.errors for row in rows if row.errors)]
    return any(field.errors for field in part)


def rate_card_form(
    voucher_kind: str,
    countries: Iterable[str],
    components: Components,
    number_seen: int,
    name: str = "",
    typed: Iterable[str] = (),
    **of_the_form: Any,
) -> RateCardForm:
    """The editor for a kind of voucher, with what stands in a card and a row for each country of the programme.

    It has one part of each kind, and more of those of which the card has more, or of which fields were `typed`.
    """
    countries, card = list(countries), {part["key"]: part for part in components}
    keys = _keys(voucher_kind, {*card, *(found[1] for each in typed if (found := PART_OF_FIELD.match(each)))})
    fields = {key: FormField(PARTS[component_of(key)], PARTS[component_of(key)].title) for key in keys}
    data: dict[str, Any] = {"seen": str(number_seen), "name": name}
    data |= {key: _first(key, card.get(key), countries) for key in keys}
    form = type("ThisRateCardForm", (RateCardForm,), fields)(data=data, **of_the_form)
    form.voucher_kind = voucher_kind
    if not kind_of(voucher_kind).rests_on_stay:
        for part in form.parts().values():
            part.forget_stay()
    form.attempt.form.country.choices = choices(by_name(countries))
    if not form.is_submitted():
        for part in form.parts().values():
            _room(part)
    return form


def _keys(voucher_kind: str, wanted: Iterable[str]) -> list[str]:
    """In the order of the page: the first of each kind, and the others that are wanted of it."""
    order = components_of(kind_of(voucher_kind))
    found = {*order, *(key for key in wanted if component_of(key) in order and PARTS[component_of(key)].several)}
    return sorted(found, key=lambda key: (order.index(component_of(key)), key))


def _first(key: str, settings: Any, countries: Iterable[str]) -> dict[str, Any]:
    return {"on": settings is not None, **PARTS[component_of(key)].first(settings or {}, countries)}


def _room(part: Part) -> None:
    """For those who begin: some empty rows, and one more than there are."""
    if part.rows in ("bands", "groups"):
        part.more_rows(max(1, LEAST_ROWS - len(part[part.rows])))


def another_key(component: str, typed: Iterable[str]) -> str:
    """The key for one more of a kind, beside those of which fields were typed; nothing if there are enough."""
    used = {component, *(found[1] for each in typed if (found := PART_OF_FIELD.match(each)))}
    key = free_key(component, used) if component in COMPONENTS and PARTS[component].several else ""
    return key if key and int(key.rpartition("-")[2]) <= MOST_OF_A_KIND else ""
