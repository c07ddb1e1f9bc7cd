"""Forms: what every form of ours has in common. Nothing typed is lost, and what is sent twice is done once."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import uuid4

from flask import flash, redirect, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    TextAreaField,
)
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import DataRequired, Length

from mobility.core import clock
from mobility.core.database import Model, after_commit, db, transaction
from mobility.core.errors import FASTER, NotReady, Problem, Refusal
from mobility.core.fields import TEXT_LENGTH
from mobility.core.names import sent
from mobility.core.numbers import whole_number

Made = TypeVar("Made")


CHOOSE = "Choose one from the list."
CHOOSE_FROM = "Choose from the list; something in your choice is not in it any more."


class Words:
    """WTForms' own sentences, for what no page offers but somebody sends, in ours."""

    SAID = {
        "Not a valid choice.": CHOOSE,
        "Invalid Choice: could not coerce.": CHOOSE,
        "Invalid choice(s): one or more data inputs could not be coerced.": CHOOSE,
        "'%(value)s' is not a valid choice for this field.": CHOOSE_FROM,
        "'%(value)s' are not valid choices for this field.": CHOOSE_FROM,
        "Not a valid integer value.": "Enter a whole number, such as 3.",
        "Not a valid date value.": "Enter a day as year, month and day, such as 2027-03-31.",
    }

    def gettext(self, sentence: str) -> str:
        return self.SAID.get(sentence, sentence)

    def ngettext(self, one: str, several: str, number: int) -> str:
        return self.gettext(one if number == 1 else several)


class Form(FlaskForm):
    """Every form: text as `names.sent` has it, and refusals of the operation shown at their field."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Only what a form sent: a JSON body would bring numbers and lists to fields that expect text."""
            found = super().wrap_formdata(form, formdata) if not request.is_json else formdata
            if found is None:
                return None
            pairs = found.items(multi=True) if isinstance(found, MultiDict) else ()
            return MultiDict([(name, sent(value) if isinstance(value, str) else value) for name, value in pairs])

        def get_translations(self, form: Any) -> Words:
            return Words()

    def problems(self) -> Iterable[Problem]:
        """What is wrong with fields together, or with one beside what is stored: said with all that is wrong with single fields,
        so that nobody is sent back twice. `right` is what a field says that can be looked at."""
        return ()

    def right(self, name: str) -> Any:
        """What a field says; None if it is not asked for, empty, or wrong by itself."""
        return self[name].data if name in self and not self[name].errors else None

    def validate(self, extra_validators: Any = None) -> bool:
        fine, found = bool(super().validate(extra_validators)), list(self.problems())
        for each in found:
            self.refuse(Refusal(each.message, each.field))
        return fine and not found

    def refuse(self, refusal: Refusal) -> None:
        """Show an operation's refusal where the person can correct it; of a draft that is not ready, all that it lacks."""
        problems = refusal.problems if isinstance(refusal, NotReady) else [Problem(refusal.field or "", refusal.message)]
        for problem in problems:
            field = self._fields.get(problem.field)
            if field is None:
                self.form_errors.append(problem.message)
            else:
                field.errors = [*field.errors, problem.message]

    def given(self) -> dict[str, Any]:
        """What was typed, for the operation: everything but the form's own machinery."""
        return {name: value for name, value in self.data.items() if name not in MACHINERY}

    def says(self) -> dict[str, Any]:
        """What the fields say, to compare two forms of the same page: an empty one says None, however it is empty."""
        return {each.name: _plain(each.data) for each in self if each.name not in MACHINERY and not _is_file(each)}

    def differing(self, stored: "Form") -> list[str]:
        """The names of the fields in which saving this form would change what is stored."""
        typed, kept = self.says(), stored.says()
        return [name for name in typed if typed[name] != kept.get(name)]

    def put_back(self, names: Iterable[str | None], stored: "Form") -> None:
        """Fields as they are in another form of the same page."""
        for name in [each for each in names if each in stored]:
            self._fields[name] = stored[name]
            setattr(self, str(name), stored[name])

    def open_at(self, version: str, name: str = "version") -> None:
        """As if the form had been opened at this version of its object."""
        self[name].data, self[name].raw_data = version, None

    def was_slower(self, seen: str, stored: "Form | None" = None) -> None:
        """Somebody else has saved since the form was opened: says so, and what is stored now; sending it again replaces that."""
        self.form_errors.append(FASTER)
        for name in self.differing(stored) if stored else ():
            self.form_errors.append(f"{self[name].label.text}, as saved now: {in_words(stored[name]) or 'nothing'}")  # type: ignore[index]
        self.open_at(seen, "seen")

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

    def rearrange(self, button: str) -> None:
        """Do what a button named ROWS says with the form's rows; nothing is saved by it."""


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


class SeenForm(Form):
    """A form that says what was there when it was opened: `seen` is a count, of versions or of whatever comes one by one."""

    seen = HiddenField()

    @property
    def seen_number(self) -> int:
        """Nonsense is a number that nothing has."""
        return whole_number(self.seen.data) or (0 if self.seen.data == "0" else -1)

    def open_with(self, number: int) -> None:
        self.open_at(str(number), "seen")


class SentBefore(Refusal):
    """The form has made something already, of other content (409)."""

    status = 409

    def __init__(self, form: CreateForm):
        super().__init__(
            "This form was sent before with other content, and that was saved. "
            "What you typed now is still here: send it again if you want to save it as well."
        )
        form.open_at(uuid4().hex, "form_key")


csrf = CSRFProtect()  # a view that is exempt calls `csrf.protect()` itself, as soon as the form may be read

ROWS = "rows"  # the name of buttons that move the rows of a form
MACHINERY = {"csrf_token", "version", "seen", "form_key"}


class FormReceipt(Model):
    """A form that made something: posting the same form again leads to what it made."""

    __tablename__ = "form_receipt"

    key: Mapped[str] = mapped_column(unique=True)
    location: Mapped[str] = mapped_column(default="")
    content: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)


def create_once(form: CreateForm, create: Callable[[], str]) -> Response:
    """Run `create()` in one transaction and go to the address it returns; once, however often the form is posted.

    Raises SentBefore if the form has made something of other content.
    """
    address, made = made_once(form, create)
    if not made and _receipt(form, FormReceipt.content) not in ("", _digest(form)):
        raise SentBefore(form)
    return redirect(address)


def made_once(form: CreateForm, create: Callable[[], str]) -> tuple[str, bool]:
    """The address that `create()` returned, in one transaction; and whether that was just now, or by the same form before.

    Tried once more if something unique was taken in the meantime: then what stands against it is said.
    """
    if location := made_by(form):
        return location, False
    try:
        return _make(form, create), True
    except IntegrityError:
        if location := made_by(form):
            return location, False
        return _make(form, create), True


def _make(form: CreateForm, create: Callable[[], str]) -> str:
    with transaction():
        receipt = FormReceipt(key=_key(form), content=_digest(form))
        db.session.add(receipt)
        db.session.flush()
        receipt.location = create()
        after_commit(lambda: flash(form.form_key.data, "made"))  # static/js/unsaved.js forgets what it kept of the form
        return receipt.location


def number_in(address: str) -> int:
    """The id of the object whose page the address is: the last number in its path; 0 if it has none."""
    return int(["0", *re.findall(r"/(\d+)(?![^/?#])", address)][-1])


def created(form: Any, create: Any, template: str, *, before: Callable[[], None] = lambda: None, **context: Any) -> Any:
    """A page with a form that makes something new, once however often it is posted. `before` may refuse it, outside of its
    transaction."""
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                before()
                return create_once(form, create)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    return render_template(template, form=form, **context), status


def made_by(form: CreateForm) -> str | None:
    """Where what this form has made before is to be found."""
    return _receipt(form, FormReceipt.location)


def _receipt(form: CreateForm, column: InstrumentedAttribute[str]) -> str | None:
    return db.session.scalar(select(column).where(FormReceipt.key == _key(form)))


def _key(form: CreateForm) -> str:
    """Of the reader and the page: a key of another form says nothing here."""
    return f"{current_user.id}:{request.endpoint}:{form.form_key.data}"


def _digest(form: CreateForm) -> str:
    """Of what it says, and where: the same when a form is sent twice as it is."""
    return sha256(f"{request.path} {form.says()!r}".encode()).hexdigest()


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields one types into, also those inside rows and groups."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from _leaves(field)
        else:
            yield field


def _plain(data: Any) -> Any:
    return None if data is None or data is False or data in ("", []) else data


def in_words(field: Field) -> str:
    """What a field says, as a person would read it."""
    if isinstance(field, FieldList | FormField):
        return ("; " if isinstance(field, FieldList) else ", ").join(filter(None, map(in_words, field)))
    if isinstance(field, SelectFieldBase):
        return ", ".join(str(each.label) for each in field.iter_choices() if each.selected and each.value)
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    return str(field._value())


def _is_file(field: Field) -> bool:
    return getattr(field.widget, "input_type", "") == "file"


def _secret(field: Field) -> bool:
    return getattr(field.widget, "input_type", "") in {"password", "hidden"}


def retried(act: Callable[[], Made]) -> Made:
    """`act()` in a transaction; once more if something unique was taken in the meantime."""
    try:
        return _transacted(act)
    except IntegrityError:
        return _transacted(act)


def _transacted(act: Callable[[], Made]) -> Made:
    with transaction():
        return act()


class Button(FlaskForm):
    """A form of one button: only its token."""
