"""The form of answering, made from the items of a version; and those of editing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from mobility.core.errors import Refusal
from mobility.core.fields import NAME_LENGTH, Several, Wanted, choices, long_text, number, text
from mobility.core.forms import MACHINERY, Form
from mobility.core.numbers import whole_number, whole_numbers
from mobility.questionnaires import edits
from mobility.questionnaires.items import (
    DATE,
    FIGURE,
    HIDDEN,
    LONG_TEXT,
    MONEY,
    NUMBER,
    NUMBERS,
    PERCENT,
    ROWS,
    SEEN,
    SEVERAL,
    TAPPED,
    WITH_OPTIONS,
    Item,
    Leaf,
    Lines,
    collect,
    condition_in_words,
    leaves,
    value_at,
)
from mobility.questionnaires.reading import (
    PLAIN,
    Notation,
    read,
    read_several,
)

KEYBOARDS = {NUMBER: "decimal", FIGURE: "text", PERCENT: "decimal", MONEY: "decimal"}  # phones have no minus on the decimal one
NOTHING: Mapping[str, Any] = {}


class Typed(StringField):
    """What is typed, read as its item says; what is wrong stays as it was typed."""

    leaf: Leaf
    notation = PLAIN

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        self.data = read(self.leaf.item, str(valuelist[0]) if valuelist else "", self.notation)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return str(self.data).replace(".", self.notation.mark) if self.leaf.item.kind in KEYBOARDS else str(self.data)


class Remembered(Typed, HiddenField):
    """What the page says of a line when it is shown."""

    widget = HiddenField.widget


class LongTyped(Typed, TextAreaField):
    """The same in several lines."""

    widget = TextAreaField.widget


class Tapped(RadioField):
    """One of a few."""

    leaf: Leaf

    def pre_validate(self, form: Any) -> None:
        _as_error(lambda: read(self.leaf.item, self.data or ""))


class Ticked(Several):
    """Any of a few."""

    leaf: Leaf

    def pre_validate(self, form: Any) -> None:
        _as_error(lambda: read_several(self.leaf.item, self.data or []))


def _as_error(read_it: Callable[[], Any]) -> None:
    try:
        read_it()
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class AnswerForm(Form):
    """The base of each: `version` is that of the draft."""

    version = HiddenField()

    def answers(self) -> dict[str, Any]:
        """What was answered so far, as it is stored (questionnaires/items.py)."""
        return collect({field.leaf: _answer(field) for field in self if hasattr(field, "leaf")})

    def fields_of(self, item: Item) -> list[Any]:
        return [field for field in self if hasattr(field, "leaf") and field.leaf.path[0] == item.key]

    def differing(self, stored: Form) -> list[str]:
        """What the page remembers is not of the answers."""
        return [name for name in super().differing(stored) if not name.endswith(SEEN)]

    def show_now(self, lines: Lines) -> None:
        """The page says how far each take-over is now, whatever it said when it was sent."""
        for field in self:
            if isinstance(field, Remembered):
                field.data, field.raw_data = lines.states[str(field.leaf.path[1]).removesuffix(SEEN)], None


def _answer(field: Any) -> Any:
    """What a field says; nothing of one that is wrong."""
    if field.errors:
        return None
    item = field.leaf.item
    if item.kind == SEVERAL:
        return read_several(item, field.data or [])
    return read(item, str(field.data)) if item.kind in TAPPED and field.data is not None else field.data


class Block(NamedTuple):
    """One item on the page with its fields. `condition` is for the script that hides what is not asked (static/js/onlyif.js),
    `only_if` the same in words."""

    item: Item
    fields: list[Any]
    condition: dict[str, str]
    only_if: str


def blocks(items: Sequence[Item], form: AnswerForm) -> list[Block]:
    """The items that have something to fill in, in their order."""
    found = [Block(item, form.fields_of(item), _condition(item), condition_in_words(item, items)) for item in items]
    return [each for each in found if each.fields]


def _condition(item: Item) -> dict[str, str]:
    return {"item": item.only_if.item, "answers": " ".join(item.only_if.answers)} if item.only_if else {}


def answer_form(
    items: Sequence[Item],
    lines: Lines,
    answers: Mapping[str, Any],
    version: int | None,
    notation: Notation,
    *,
    stored: bool = False,
    base: type[Form] = AnswerForm,
    besides: Mapping[str, Any] = NOTHING,
) -> Any:
    """The form of these items: with what was sent in this request, or (`stored`) with these answers.

    `base` has what is asked besides (AnswerForm: nothing), `besides` what is stored in its fields.
    """
    found = [leaf for item in items for leaf in leaves(item, lines)]
    made = type("MadeAnswerForm", (base,), {leaf.name: _field(leaf, notation) for leaf in found})
    known = {**besides, **{leaf.name: value_at(answers, leaf) for leaf in found}} if stored else {}
    given: dict[str, Any] = {"formdata": None} if stored else {}
    form = made(data={"version": "" if version is None else version} | known, **given)
    for leaf in found:
        form[leaf.name].leaf = leaf
    return form


def _field(leaf: Leaf, notation: Notation) -> Any:
    item = leaf.item
    wanted = [Wanted()] if item.required else []
    if item.kind == SEVERAL:
        return Ticked(leaf.label, choices=_choices(item), validators=wanted, description=item.help)
    if item.kind in TAPPED:
        return Tapped(leaf.label, choices=_choices(item), validators=wanted, description=item.help, coerce=_text)
    kind = {LONG_TEXT: LongTyped, HIDDEN: Remembered}.get(item.kind, Typed)
    render: dict[str, Any] = {"rows": 4} if item.kind == LONG_TEXT else {}
    if item.kind == DATE:
        render["type"] = "date"
    elif item.kind in KEYBOARDS:
        render["inputmode"] = KEYBOARDS[item.kind]
    return _bound_to(kind, leaf, notation)(leaf.label, validators=wanted, description=item.help, render_kw=render)


def _bound_to(kind: type[Typed], leaf: Leaf, notation: Notation) -> Callable[..., Any]:
    """A field reads what was sent while it is made, so it knows its leaf before."""
    return type(kind.__name__, (kind,), {"leaf": leaf, "notation": notation})


def _choices(item: Item) -> list[SelectChoice]:
    return [SelectChoice(each.key, each.label) for each in item.choices]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# Editing


class SeenForm(Form):
    """A form that changes a questionnaire: `seen` is its version when the page was opened."""

    seen = HiddenField()

    def version(self) -> int:
        """As it was sent; 0 if it was not."""
        return whole_number(str(self.seen.raw_data[0])) or 0 if self.seen.raw_data else 0


class ItemForm(SeenForm):
    """One item, of a kind that is chosen already."""

    text_ = text("What you ask", most=300)
    help_ = text("Help", required=False, most=300, help="A sentence under the question.")
    lines = long_text("Options", required=False, most=4000, rows=6, help="One on each line.")
    unit = text("Unit", required=False, most=30, help="Such as hours or km.")
    required = BooleanField("It must be answered")
    opinion = BooleanField(
        "It asks for an opinion", description="Of the guest's claim: the programme reads it once that is paid."
    )
    only_if = SelectField("When it is asked", validate_choice=True)

    @classmethod
    def of(cls, item: Item, items: Sequence[Item], *, fixed: bool, seen: int, reports: bool = False) -> "ItemForm":
        """With what the item says now, or what was sent; fields that make no sense are left out. `reports`: with a claim."""
        known = {"text_": item.text, "help_": item.help, "lines": "\n".join(edits.lines_of(item)), "unit": item.unit}
        ticked = {"required": item.required, "opinion": item.opinion}
        form = cls(data=known | ticked | {"only_if": edits.condition_key(item.only_if), "seen": seen})
        form.only_if.choices = choices(edits.conditions(items, item.key), "Always")
        if fixed or item.kind not in WITH_OPTIONS | {ROWS}:
            del form.lines
        elif item.kind == ROWS:
            form.lines.label.text = "Columns"
        if item.kind not in {NUMBER, PERCENT}:
            del form.unit
        if fixed or not reports:
            del form.opinion
        return form

    def item_from(self, before: Item) -> Item:
        """The item as it was typed. Raises Refusal at its field."""
        item = replace(
            before,
            text=self.text_.data or "",
            help=self.help_.data or "",
            unit=(self.unit.data or "") if self.unit else before.unit,
            required=bool(self.required.data),
            opinion=bool(self.opinion.data) if self.opinion else before.opinion,
            only_if=edits.condition_from(self.only_if.data or ""),
        )
        return edits.with_lines(item, self._lines(item)) if self.lines else item

    def _lines(self, item: Item) -> list[str]:
        found = edits.lines_in(self.lines.data or "")
        fewest = 2 if item.kind in WITH_OPTIONS - {NUMBERS} else 1
        if not fewest <= len(found) <= edits.MOST_OPTIONS:
            raise Refusal(f"Enter {fewest} to {edits.MOST_OPTIONS}, one on each line.", "lines")
        if any(len(each) > NAME_LENGTH for each in found):
            raise Refusal(f"Keep each line to {NAME_LENGTH} characters.", "lines")
        return found


class SettingsForm(SeenForm):
    """Its words, and when it is asked."""

    title = text("Title", help="It is the subject of the mail.")
    introduction = text("Introduction", required=False, most=300)
    days = number("Days after the event", 0, 365)
    months = text(
        "Months after the event", required=False, most=20, help="Such as 6, or 6 and 12 to ask twice. Days come on top."
    )
    answer_days = number("Days to answer", 1, 90, "Empty: as the programme's rules say.", required=False)
    is_asked = BooleanField("It is asked")

    def given(self) -> dict[str, Any]:
        given = {name: value for name, value in super().given().items() if name not in MACHINERY}
        return given | {"months": self._months(), "title": self.title.data, "introduction": self.introduction.data or ""}

    def _months(self) -> list[int]:
        found = whole_numbers(re.findall(r"\d+", self.months.data or ""))
        if re.sub(r"\d+|\band\b|[,;\s]", "", self.months.data or "") or any(not 1 <= each <= 60 for each in found):
            raise Refusal("Enter whole months from 1 to 60, such as 6 and 12.", "months")
        return sorted(set(found))
