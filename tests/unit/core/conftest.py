"""The macros alone, without an application."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mobility.core.web import FILTERS
from tests.support.html import Reader

ROOT = Path(__file__).parents[3]


def url_for(endpoint: str, **values: Any) -> str:
    return f"/{endpoint}?" + "&".join(f"{name}={value}" for name, value in sorted(values.items()))


@pytest.fixture(scope="module")
def render() -> Any:
    """`render("{{ badge('x') }}", ...)` with every macro at hand; what is misspelt is an error."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        url_for=url_for,
        request=SimpleNamespace(path="/exchanges/7"),
        csrf_token=lambda: "token",
        waits_for_me=lambda subject: subject.mine,
        may_read_note=lambda workflow, entry, subject: True,
        actions_for=lambda subject: subject.actions,
        journey_of=lambda subject: subject.journey,
        what_next=lambda step: "",
    )
    homes = {
        name: path.name
        for path in (ROOT / "templates/macros").glob("*.html")
        for name in re.findall(r"{% macro (\w+)\(", path.read_text())
    }

    def read(template: str, **context: Any) -> Reader:
        used = {name for name in re.findall(r"(\w+)\(", template) if name in homes}
        imports = "".join(f'{{% from "macros/{homes[name]}" import {name} %}}' for name in sorted(used))
        return Reader(environment.from_string(imports + template).render(context))

    return read
