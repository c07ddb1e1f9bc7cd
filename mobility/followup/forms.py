"""The form of answering, and those of what can come between asking and answering."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_login import current_user
from wtforms import RadioField, SelectMultipleField

from mobility.core.errors import Refusal
from mobility.core.fields import address, choices, decimal_mark, long_text, person_name
from mobility.core.forms import ActionForm, Form, ReasonForm
from mobility.core.numbers import whole_numbers
from mobility.core.web import format_money, reader_locale
from mobility.core.wording import format_day
from mobility.exchanges.rules import manager_of
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.queries import lines_of
from mobility.followup.rules import as_on_the_board
from mobility.questionnaires.forms import NOTHING, AnswerForm, Block, answer_form, blocks
from mobility.questionnaires.items import DATE, MONEY, Lines
from mobility.questionnaires.reading import Notation
from mobility.questionnaires.standard import is_opinion


def answering(
    asked: QuestionnaireRequest, *, stored: bool = False, base: type[Form] = AnswerForm, besides: Mapping[str, Any] = NOTHING
) -> Any:
    """With what was sent in this request; stored: with the draft, else with what was sent the last time.

    `base` and `besides`: questionnaires.forms.answer_form. The version is the draft's, or as `besides` says.
    """
    version = besides.get("version", asked.draft_version)
    more: dict[str, Any] = {"stored": stored, "base": base, "besides": besides}
    lines = lines_of(asked)
    known = as_on_the_board(asked.known, lines.states)
    return answer_form(asked.asked_version.items, lines, known, version, _notation(asked), **more)


def _notation(asked: QuestionnaireRequest) -> Notation:
    """Whoever comes by a link is signed in as nobody, but writes amounts as they always do."""
    by_link = not current_user.is_authenticated and asked.respondent is not None
    locale = asked.respondent.locale if by_link and asked.respondent else reader_locale()
    return Notation(decimal_mark(locale), asked.programme.currency, locale)


def in_words(asked: QuestionnaireRequest, *, opinions: bool = True) -> list[tuple[str, list[str]]]:
    """(what was asked, what was answered) of the last sending, as a person reads it; with or without the opinions."""
    if asked.answer is None:
        return []
    items = [each for each in asked.answer.asked_version.items if opinions or not is_opinion(asked.questionnaire.key, each)]
    notation = Notation(currency=asked.programme.currency)
    form = answer_form(items, Lines(**asked.answer.lines), asked.answer.answers, None, notation, stored=True)
    return [(each.item.text, words) for each in blocks(items, form) if (words := _said(each))]


def _said(block: Block) -> list[str]:
    said = [(field.label.text, text) for field in block.fields if (text := _text_of(field))]
    return [text if len(block.fields) == 1 else f"{label.rstrip('.')}: {text}" for label, text in said]


def _text_of(field: Any) -> str:
    item, given = field.leaf.item, field.data
    if given is None:
        return ""
    if item.kind == DATE:
        return format_day(date.fromisoformat(given))
    if item.kind == MONEY:
        return format_money(Decimal(given), field.notation.currency)
    options = {each.key: each.label for each in item.choices}
    said = ", ".join(str(options.get(str(each), each)) for each in (given if isinstance(given, list) else [given]))
    return f"{said} {item.unit}".strip()


class HandOverForm(ActionForm):
    """To whom: the reader, unless they choose another."""

    colleague = RadioField("Who answers", coerce=int)
    note = long_text("Note", required=False, rows=2, help="It is kept in the history.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        ids = [each.id for each in subject.colleagues]
        return {"colleague": current_user.id if current_user.id in ids else next(iter(ids), None)}

    def prepare(self, subject: Any) -> None:
        self._colleagues = {each.id: each for each in subject.colleagues}
        self.colleague.choices = choices({each.id: each.name for each in subject.colleagues})

    def given(self) -> dict[str, Any]:
        return super().given() | {"colleague": self._colleagues.get(self.colleague.data)}


class NameManagerForm(ActionForm):
    """Who confirms later what is in use."""

    manager_name = person_name("Their name")
    manager_email = address("Their e-mail address", autocomplete="off")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        name, email = manager_of(subject) or ("", "")
        return {"manager_name": name, "manager_email": email}

    def given(self) -> dict[str, Any]:
        return {"name": self.manager_name.data, "email": self.manager_email.data}


class UndeliveredForm(ActionForm):
    """How it came back."""

    reason = long_text("What came back", required=False, rows=2, help="Such as what the mail server wrote.")


class CallOffForm(ReasonForm):
    """Why nobody is asked any more."""


class ChosenForm(Form):
    """The rows that were ticked; as the ticks stand in the rows, what is wrong leads to the whole list."""

    chosen = SelectMultipleField("Chosen", validate_choice=False)

    def ids(self) -> list[int]:
        ids = whole_numbers(self.chosen.data or [])
        if not ids:
            raise Refusal("Tick at least one of them first.", "chosen")
        return ids
