"""Suggestions with reasons, for pages of themes."""

from collections.abc import Sequence

from flask import Flask
from flask_login import current_user

from mobility.matching import queries
from mobility.matching.rules import Match


def suggested_themes() -> Sequence[Match]:
    """For a signed-in reader; nobody else is known well enough."""
    return queries.suggestions(current_user) if current_user.is_authenticated else ()


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(suggested_themes=suggested_themes)
