"""Who is signed in."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing yet."""
