"""What waits for me."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing yet."""
