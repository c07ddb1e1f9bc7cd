"""A message's words: `templates/mail/<kind>/{subject.txt,text.txt,html.html}`, in the notation of whoever reads it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import current_app
from jinja2 import Environment, pass_context
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.runtime import Context

from mobility.core.speed import rendered
from mobility.core.web import format_money

_NO_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_EXTENSION = "mobility mail"


@dataclass(frozen=True)
class Letter:
    """What one person reads."""

    subject_line: str
    text: str
    html: str


def write(kind: str, **context: Any) -> Letter:
    """The message of a kind; `context` has `person`, `link`, `about` and whatever the message's own templates use."""
    environment = _environment()
    words = {**environment.globals, **context}  # one for all three parts: the nightly job writes a hundred thousand letters

    def part(name: str) -> str:
        return rendered(environment.get_template(f"mail/{kind}/{name}"), words)

    words["subject_line"] = one_line(part("subject.txt"))
    text = _BLANK_LINES.sub("\n\n", part("text.txt")).strip() + "\n"
    return Letter(words["subject_line"], text, part("html.html"))


def one_line(text: str) -> str:
    """Fit for a header: whatever could begin another line is a space."""
    return _NO_LINE.sub(" ", text).strip()


def _environment() -> Environment:
    """The application's templates, with amounts in the reader's notation instead of the signed-in person's."""
    if _EXTENSION not in current_app.extensions:
        environment = current_app.jinja_env.overlay()
        environment.filters = {**environment.filters, "money": _money}
        environment.globals = dict(DEFAULT_NAMESPACE)  # nothing of a request; copied for every message, so few
        current_app.extensions[_EXTENSION] = environment
    return current_app.extensions[_EXTENSION]


@pass_context
def _money(context: Context, amount: Decimal | None, currency: str = "EUR") -> str:
    return format_money(amount, currency, context["person"].locale)
