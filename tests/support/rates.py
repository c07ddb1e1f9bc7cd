"""The editor of rate cards, as tests use it."""

from typing import Any

from mobility.programmes.models import Programme
from tests.support.client import Client
from tests.support.html import fields_of, words_of


def of(programme: Programme, kind: str = "mobility", begin: str = "") -> str:
    kind = f"/{kind}" if kind != "mobility" else ""
    return f"/programmes/{programme.id}/rates{kind}{'?begin=' + begin if begin else ''}"


def save(owner: Client, path: str, begin: str = "", **changes: str) -> Any:
    """Open the editor, with an example in it if one is named, type, and save."""
    opened = owner.get(f"{path}?begin={begin}" if begin else path)
    return owner.post(path, data=fields_of(opened) | {"act": "save"} | changes)


def text_of_element(body: str, id: str) -> str:
    assert f'id="{id}"' in body, id
    after = body.partition(f'id="{id}"')[2].partition("</p>")[0]
    return words_of(f"<p {after}")
