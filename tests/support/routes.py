"""The addresses that the application has."""

from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter

NOWHERE = 4711_0000


def rules(app: Flask, method: str) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and not rule.endpoint.endswith("static")]


def nowhere(app: Flask, rule: Any) -> str:
    """An address of nothing there is: what is refused there was refused before anything was looked for."""
    values = {}
    for name, converter in rule._converters.items():
        one_of = min(converter.items) if isinstance(converter, AnyConverter) else ""
        values[name] = one_of or (NOWHERE if "Id" in type(converter).__name__ else "mobility" if name == "kind" else "x")
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))
