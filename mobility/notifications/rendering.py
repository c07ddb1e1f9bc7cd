"""The words of a message: `templates/mail/<kind>.txt`, in the notation of whoever reads it. Its HTML is made of the same words
when it leaves, so that nobody who acts waits for it (decision 50).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import current_app
from jinja2 import Environment, FileSystemBytecodeCache, pass_context
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.runtime import Context

from mobility.core.money import in_notation
from mobility.core.web import format_money
from mobility.notifications.layout import FIRST_STRONG, POP, as_html, as_text, isolated, pieces_of
from mobility.notifications.models import OutboxMessage

_NO_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ISOLATES = re.compile(f"[{FIRST_STRONG}{POP}]")
_EXTENSION = "mobility mail"


@dataclass(frozen=True)
class Letter:
    """What one person reads."""

    subject_line: str
    text: str
    parts: dict[str, Any]


def write(kind: str, **context: Any) -> Letter:
    """The message of a kind; `context` has `person`, `link`, `about` and whatever the message's own template uses.

    `buttons`, (words, link) each, stand in the place of the one link.
    """
    environment = _environment()
    parts = _parts(environment, kind, context)
    subject, why = one_line(parts["subject"]), one_line(parts["why"])
    buttons = context.get("buttons") or [(one_line(parts["link_words"]), link) for link in [context.get("link")] if link]
    ways = [f"{words}:\n\n{link}" for words, link in buttons]
    reader = context["person"].name
    text = "\n\n".join([as_text(pieces_of(parts["body"])), *ways, f"--\nThis message is for {reader}. {why}"])
    kept = {"body": parts["body"], "buttons": buttons, "reader": reader, "why": why, "stop": context.get("stop")}
    return Letter(subject, f"{text}\n", kept)


def html_of(message: OutboxMessage) -> str:
    """The HTML part of a message."""
    if message.parts is None:
        return message.earlier_html
    frame = _environment().get_template("mail/base.html")
    return frame.render(subject=message.subject_line, pieces=pieces_of(message.parts["body"]), **message.parts)


def _parts(environment: Environment, kind: str, context: dict[str, Any]) -> dict[str, str]:
    """The rendered blocks of a message's template, else those that every message has: subject, body, link_words, why."""
    message = environment.get_template(f"mail/{kind}.txt")
    blocks = {**environment.get_template("mail/base.txt").blocks, **message.blocks}
    words, locale = message.new_context(context), context["person"].locale
    return {name: in_notation(environment.concat(block(words)), locale) for name, block in blocks.items()}


def one_line(text: str) -> str:
    """Fit for a header: whatever could begin another line, or turn the direction of what follows, is a space."""
    return _NO_LINE.sub(" ", _ISOLATES.sub("", text)).strip()


def _environment() -> Environment:
    """The application's templates, with amounts in the reader's notation instead of the signed-in person's."""
    if _EXTENSION not in current_app.extensions:
        pages: Any = current_app.jinja_env.bytecode_cache
        own = FileSystemBytecodeCache(pages.directory, "__jinja2_mail_%s.cache") if pages else None  # `finalize` is compiled in
        environment = current_app.jinja_env.overlay(finalize=isolated, bytecode_cache=own)
        environment.filters = {**environment.filters, "money": _money, "as_html": as_html}
        environment.globals = dict(DEFAULT_NAMESPACE)  # nothing of a request; copied for every message, so few
        current_app.extensions[_EXTENSION] = environment
    return current_app.extensions[_EXTENSION]


@pass_context
def _money(context: Context, amount: Decimal | None, currency: str) -> str:
    return format_money(amount, currency, context["person"].locale)
