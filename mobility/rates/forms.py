"""The editor of a rate card as a whole: its parts (forms_parts.py), its name, and a case to try."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import Optional

from mobility.core.fields import choices, money, number, text
from mobility.core.forms import Form, in_words
from mobility.core.wording import by_name
from mobility.rates.cards import faults
from mobility.rates.examples import weekdays
from mobility.rates.parts import PARTS, CountryRow, blame, is_typed, kilometres
from mobility.rates.rules import Case, components_of
from mobility.vouchers.kinds import DEFAULT, kind_of


class TryForm(PlainForm):
    """A case of the owner's own, to look at only."""

    country = SelectField("Host in", validators=[Optional()], validate_choice=False)
    days = number("Days", 1, 366, required=False)
    km = kilometres("Kilometres one way")
    green = BooleanField("By train, bus or shared car")
    price = money("Agreed price", required=False)

    def case(self) -> Case | None:
        """Nothing typed: no case."""
        if not any(is_typed(field) for field in (self.days, self.km, self.price)):
            return None
        days = self.days.data or 1
        stay = Case(self.country.data or "", days, weekdays(days), self.km.data or 0, bool(self.green.data), self.price.data)
        return replace(stay, currency=self.price.currency)


class RateCardForm(Form):
    """A whole card. `seen` is the number of the version that was on the page."""

    seen = HiddenField()
    name = text("What to call this version", required=False, most=100, help="Such as Rates 2027. Shown in the list of versions.")
    attempt = FormField(TryForm, "Try a case of your own")

    voucher_kind: str = DEFAULT

    def parts(self) -> dict[str, Any]:
        return {name: field.form for name, field in self._fields.items() if name in PARTS}

    def add_rows(self, part: str) -> None:
        if part in self.parts() and self.parts()[part].rows:
            self.parts()[part].on.data = True
            self.parts()[part].more_rows()

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field for itself, then the card as a whole: everything wrong is said at its field at once."""
        super().validate(extra_validators)
        for part in self.parts().values():
            if not part.on.data:
                _forget_errors(part)  # what is not ticked is not looked at
        if not self.ticked().keys() - {"cap"}:
            self.form_errors.append("An empty card pays nothing: choose at least one part besides the limit.")
        for fault in faults(self.components(), self.voucher_kind, self.attempt.form.price.currency):
            if fault.place:
                blame(self.parts()[str(fault.place[0])].places()[fault.place[1:]], fault.message)
        for part in self.parts().values():
            _gather_errors(part)
        return not self.errors

    def ticked(self) -> dict[str, Any]:
        return {name: part for name, part in self.parts().items() if part.on.data}

    def was_slower_than(self, number: int, stored: "RateCardForm") -> None:
        """Another version is in force by now: of each part in which it differs, what it says."""
        self.was_slower(str(number))
        for name, part in self.parts().items():
            typed, now = _said(part), _said(stored.parts()[name])
            other = [f"{label} {now.get(label) or 'nothing'}" for label in now | typed if now.get(label) != typed.get(label)]
            if other:
                self.form_errors.append(f"{part.title}, as saved now: {'; '.join(other) if now else 'not in the card'}")

    def components(self) -> dict[str, dict[str, Any]]:
        """The card as it stands in the form, less the parts in which a field is wrong by itself."""
        found = {}
        for name, part in self.ticked().items():
            if not part.wrong_rows() and not _gather_errors(part):
                found[name] = part.settings()
        return found


def _said(part: Any) -> dict[str, str]:
    """What stands in a part that is ticked, a phrase for each row and field: {"Austria": "640.00"}."""
    rows = [_row_said(row) for row in part.filled()] if part.rows else []
    single = [(each.label.text, in_words(each)) for each in part if not isinstance(each, FieldList) and is_typed(each)]
    return dict([*rows, *single[1:]]) if part.on.data else {}  # the first is the tick itself


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
    components: Mapping[str, Any],
    number_seen: int,
    name: str = "",
    **of_the_form: Any,
) -> RateCardForm:
    """The editor for a kind of voucher, with what stands in a card and a row for each country of the programme."""
    countries = list(countries)
    wanted = components_of(kind_of(voucher_kind))
    fields = {part: FormField(PARTS[part], PARTS[part].title) for part in wanted}
    data: dict[str, Any] = {"seen": str(number_seen), "name": name}
    for part in wanted:
        data[part] = {"on": part in components, **PARTS[part].first(components.get(part, {}), countries)}
    form = type("ThisRateCardForm", (RateCardForm,), fields)(data=data, **of_the_form)
    form.voucher_kind = voucher_kind
    form.attempt.form.country.choices = choices(by_name(countries))
    for each, least in (("distance_band", 3), ("daily", 3)):
        if each in wanted and not form.is_submitted():
            part = form.parts()[each]
            part.more_rows(max(1, least - len(part[part.rows])))
    return form
