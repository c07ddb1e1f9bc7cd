"""Forms: what every form of ours has in common. Nothing typed is lost, and what is sent twice is done once."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from flask import redirect, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import (
    Field,
    FieldList,
    FormField,
    HiddenField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length

from mobility.core import clock
from mobility.core.database import Model, db, transaction
from mobility.core.errors import Refusal
from mobility.core.fields import TEXT_LENGTH

Made = TypeVar("Made")


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
                    field.errors = [*field.errors, "Remove the invisible control character in this text."]
                    fine = False
        return fine

    def refuse(self, refusal: Refusal) -> None:
        """Show an operation's refusal where the person can correct it."""
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


def created(form: Any, create: Any, template: str, **context: Any) -> Any:
    """A page with a form that makes something new, once however often it is posted."""
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return create_once(form, create)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    return render_template(template, form=form, **context), status


def _made_by(key: str) -> str | None:
    return db.session.scalar(select(FormReceipt.location).where(FormReceipt.key == key))


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


def retried(act: Callable[[], Made]) -> Made:
    """`act()` in a transaction; once more if something unique was taken in the meantime."""
    try:
        return _transacted(act)
    except IntegrityError:
        return _transacted(act)


def create_and_retry(form: CreateForm, create: Callable[[], str]) -> Response:
    """`create_once`, once more if something unique was taken in the meantime."""
    try:
        return create_once(form, create)
    except IntegrityError:
        return create_once(form, create)


def _transacted(act: Callable[[], Made]) -> Made:
    with transaction():
        return act()


class Button(FlaskForm):
    """A form of one button: only its token."""
