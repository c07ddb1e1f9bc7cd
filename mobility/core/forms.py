"""Forms: what every form of ours has in common. Errors say what would be right; nothing typed is lost."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from flask import redirect, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import (
    DateField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from mobility.core import clock
from mobility.core.database import Model, db, transaction
from mobility.core.errors import Refusal

NAME_LENGTH = 200
TEXT_LENGTH = 5000
YEARS = range(2000, 2101)


class Form(FlaskForm):
    """Every form: no control characters, and refusals of the operation shown at their field."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Only what a form sent: a JSON body would bring numbers and lists to fields that expect text."""
            found = super().wrap_formdata(form, formdata) if not request.is_json else formdata
            return found if found is None or isinstance(found, MultiDict) else MultiDict()

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for field in _leaves(self):
            for value in field.raw_data or []:
                if isinstance(value, str) and _has_control_character(value):
                    field.errors = [*field.errors, "Take out the invisible control character in this text."]
                    fine = False
        return fine

    def refuse(self, refusal: Refusal) -> None:
        """Show an operation's refusal where the person can mend it."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]

    def given(self) -> dict[str, Any]:
        """What was typed, for the operation: everything but the form's own machinery."""
        return {name: value for name, value in self.data.items() if name not in MACHINERY}

    def typed(self) -> list[tuple[str, str]]:
        """(label, text) of each field a person typed into: shown when the form itself cannot be."""
        return [
            (field.label.text, ", ".join(str(value) for value in field.raw_data))
            for field in _leaves(self)
            if field.raw_data and field.name not in MACHINERY and not _secret(field)
        ]


class ActionForm(Form):
    """The form of one action on one object. `version` is the object's when the form was opened."""

    version = HiddenField()

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        """What is known already is never asked again: first values of the fields."""
        return {}

    def prepare(self, subject: Any) -> None:
        """Set choices and labels that depend on the object."""


class ReasonForm(ActionForm):
    """An action that needs a reason, not an "are you sure"."""

    reason = TextAreaField(
        "Reason",
        description="The others involved will read it.",
        validators=[DataRequired("Give a reason; the others involved will read it."), Length(max=TEXT_LENGTH)],
    )


class CreateForm(Form):
    """A form that makes something new: `form_key` makes eight clicks one row."""

    form_key = HiddenField(default=lambda: uuid4().hex, validators=[Length(max=64)])


MACHINERY = {"csrf_token", "version", "form_key"}


def text(label: str, *, required: bool = True, most: int = NAME_LENGTH, help: str = "", **render: Any) -> StringField:
    """One line of text."""
    return StringField(
        label,
        description=help,
        filters=[_stripped],
        validators=[_text_presence(required, label), Length(max=most, message=f"Keep this to {most} characters.")],
        render_kw={"maxlength": most, **render},
    )


def long_text(label: str, *, required: bool = True, most: int = TEXT_LENGTH, help: str = "", rows: int = 5) -> TextAreaField:
    """Some paragraphs."""
    return TextAreaField(
        label,
        description=help,
        filters=[_stripped],
        validators=[_text_presence(required, label), Length(max=most, message=f"Keep this to {most} characters.")],
        render_kw={"rows": rows},
    )


class Day(DateField):
    """A calendar day; the error says how to write one."""

    data: date | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Choose a day, or write it as year-month-day, such as 2027-03-03.") from None
        if self.data is not None and self.data.year not in YEARS:  # so that adding days never leaves the calendar
            self.data = None
            raise ValueError(f"Choose a day between {YEARS[0]} and {YEARS[-1]}.")


def day(label: str, *, required: bool = True, help: str = "") -> Day:
    return Day(label, description=help, validators=[_presence(required, label)])


def choices(labels: Mapping[Any, str], first: str = "") -> list[SelectChoice]:
    """The choices of a select field; `first` are the words of the empty one."""
    return [SelectChoice("", first)] * bool(first) + [SelectChoice(str(key), label) for key, label in labels.items()]


class Several(SelectMultipleField):
    """Several of a few: a list of checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def at_least_one(message: str) -> Callable[[Any, Any], None]:
    def check(form: Any, field: Field) -> None:
        if not field.data:
            raise ValidationError(message)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


class FormReceipt(Model):
    """A form that made something: posting the same form again leads to what it made."""

    __tablename__ = "form_receipt"

    key: Mapped[str] = mapped_column(unique=True)
    location: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)


def create_once(form: CreateForm, create: Callable[[], str]) -> Response:
    """Run `create()` in one transaction and go to the address it returns; once, however often the form is posted."""
    key = f"{current_user.id}:{form.form_key.data}"
    if location := _made_by(key):
        return redirect(location)
    try:
        with transaction():
            receipt = FormReceipt(key=key)
            db.session.add(receipt)
            db.session.flush()
            receipt.location = location = create()
    except IntegrityError:
        location = _made_by(key)
        if not location:
            raise
    return redirect(location)


def _made_by(key: str) -> str | None:
    return db.session.scalar(select(FormReceipt.location).where(FormReceipt.key == key))


def _presence(required: bool, label: str) -> Any:
    return InputRequired(f"{label}: please fill this in.") if required else Optional()


def _text_presence(required: bool, label: str) -> Any:
    """Spaces alone are nothing."""
    return DataRequired(f"{label}: please fill this in.") if required else Optional()


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields one types into, also those inside rows and groups."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from _leaves(field)
        else:
            yield field


def _has_control_character(value: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t" for character in value)


def _secret(field: Field) -> bool:
    return getattr(field.widget, "input_type", "") in {"password", "hidden"}
