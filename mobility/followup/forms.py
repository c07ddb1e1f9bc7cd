"""The forms of answering, made from the items of a version; and those of what can come between."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_login import current_user
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from mobility.core.errors import Refusal
from mobility.core.fields import Several, Wanted, choices, long_text
from mobility.core.forms import ActionForm, Form, ReasonForm
from mobility.followup.items import (
    DATE,
    LONG_TEXT,
    MONEY,
    NUMBER,
    PERCENT,
    SEVERAL,
    TAPPED,
    Item,
    Leaf,
    Lines,
    collect,
    leaves,
    read,
    read_several,
    value_at,
)

KEYBOARDS = {NUMBER: "decimal", PERCENT: "decimal", MONEY: "decimal"}


class Typed(StringField):
    """What is typed, read as its item says; what is wrong stays as it was typed."""

    leaf: Leaf
    mark = "."

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        self.data = read(self.leaf.item, str(valuelist[0]) if valuelist else "", self.mark)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return str(self.data).replace(".", self.mark) if self.leaf.item.kind in KEYBOARDS else str(self.data)


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
        """What was answered so far, as it is stored (followup/items.py)."""
        return collect({field.leaf: _answer(field) for field in self if hasattr(field, "leaf")})

    def fields_of(self, item: Item) -> list[Any]:
        return [field for field in self if hasattr(field, "leaf") and field.leaf.path[0] == item.key]


def _answer(field: Any) -> Any:
    """What a field says; nothing of one that is wrong."""
    if field.errors:
        return None
    item = field.leaf.item
    if item.kind == SEVERAL:
        return read_several(item, field.data or [])
    return read(item, str(field.data)) if item.kind in TAPPED and field.data is not None else field.data


def answer_form(
    items: list[Item], lines: Lines, answers: Mapping[str, Any], version: int | None, mark: str, *, stored: bool = False
) -> AnswerForm:
    """The form of these items: with what was sent in this request, or (`stored`) with these answers. `mark`: of decimals."""
    found = [leaf for item in items for leaf in leaves(item, lines)]
    made = type("MadeAnswerForm", (AnswerForm,), {leaf.name: _field(leaf, mark) for leaf in found})
    known = {leaf.name: value_at(answers, leaf) for leaf in found} if stored else {}
    given: dict[str, Any] = {"formdata": None} if stored else {}
    form: AnswerForm = made(data={"version": "" if version is None else version} | known, **given)
    for leaf in found:
        form[leaf.name].leaf = leaf
    return form


def _field(leaf: Leaf, mark: str) -> Any:
    item = leaf.item
    wanted = [Wanted()] if item.required else []
    if item.kind == SEVERAL:
        return Ticked(leaf.label, choices=_choices(item), validators=wanted, description=item.help)
    if item.kind in TAPPED:
        return Tapped(leaf.label, choices=_choices(item), validators=wanted, description=item.help, coerce=_text)
    kind = LongTyped if item.kind == LONG_TEXT else Typed
    render: dict[str, Any] = {"rows": 4} if item.kind == LONG_TEXT else {}
    if item.kind == DATE:
        render["type"] = "date"
    elif item.kind in KEYBOARDS:
        render["inputmode"] = KEYBOARDS[item.kind]
    return _bound_to(kind, leaf, mark)(leaf.label, validators=wanted, description=item.help, render_kw=render)


def _bound_to(kind: type[Typed], leaf: Leaf, mark: str) -> Callable[..., Any]:
    """A field reads what was sent while it is made, so it knows its leaf before."""
    return type(kind.__name__, (kind,), {"leaf": leaf, "mark": mark})


def _choices(item: Item) -> list[SelectChoice]:
    return [SelectChoice(each.key, each.label) for each in item.choices]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# What can come between


class HandOverForm(ActionForm):
    """To whom: the reader, unless they choose another."""

    colleague = RadioField("Who answers", coerce=int)
    note = long_text("Note", required=False, rows=2, help="It stands in the history.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        ids = [each.id for each in subject.colleagues]
        return {"colleague": current_user.id if current_user.id in ids else next(iter(ids), None)}

    def prepare(self, subject: Any) -> None:
        self._colleagues = {each.id: each for each in subject.colleagues}
        self.colleague.choices = choices({each.id: each.name for each in subject.colleagues})

    def given(self) -> dict[str, Any]:
        return super().given() | {"colleague": self._colleagues.get(self.colleague.data)}


class UndeliveredForm(ActionForm):
    """How it came back."""

    reason = long_text("What came back", required=False, rows=2, help="Such as what the mail server wrote.")


class CallOffForm(ReasonForm):
    """Why nobody is asked any more."""


class ChosenForm(Form):
    """The rows that were ticked."""

    chosen = Several("Chosen", coerce=int, validate_choice=False)

    def ids(self) -> list[int]:
        if not self.chosen.data:
            raise Refusal("Tick at least one of them first.", "chosen")
        return list(dict.fromkeys(self.chosen.data))
