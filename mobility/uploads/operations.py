"""Keeping what is handed in: known already, room for it, looked at, stored; in this order, as decoders take time."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, TypeVar

from mobility.core import clock
from mobility.core.errors import Refusal
from mobility.documents import filetypes, pictures
from mobility.uploads import files
from mobility.uploads.rules import FIELD, NOT_STORED, Room

Row = TypeVar("Row")


def add_file(
    make: Callable[..., Row], kept: list[Row], room: Room, *, name: str, content: bytes, by: Any, field: str = FIELD
) -> Row:
    """A PDF or picture as it is, but for what a camera noted of place and person. `make` is given its columns; the row is not in
    `kept` yet, unless it is the same file once more: that one is one. Raises Refusal at `field`, saying what would be right."""
    found = filetypes.recognised(name, content, field)
    if known := same(kept, found.sha256):
        return known
    room.ensure(kept, field)
    found.open(field)
    about = {"name": found.name, "content_type": found.kind, "size": len(found.content), "sha256": found.sha256}
    return make(**about, key=stored(found.content, found.name, field), **_added(by))


def add_picture(
    make: Callable[..., Row], kept: list[Row], room: Room, shown: list[Row], *, name: str, content: bytes, by: Any
) -> Row:
    """A picture made anew, in two sizes. `kept` are all that were ever added, of which those `shown` count."""
    digest = sha256(content).hexdigest()
    known = same(kept, digest)
    if known is not None and known in shown:
        return known
    room.ensure(shown)
    if known is not None:
        return known
    picture = pictures.prepared(name, content, FIELD)
    keys = {"key": stored(picture.large, name), "small_key": stored(picture.small, name)}
    return make(**keys, sha256=digest, width=picture.width, height=picture.height, **_added(by))


def same(kept: Iterable[Any], digest: str) -> Any:
    """The one with this content."""
    return next((each for each in kept if each.sha256 == digest), None)


def stored(content: bytes, name: str, field: str = FIELD) -> str:
    """The key under which it is in the store from now on."""
    try:
        return files.store().save(content)
    except files.Unavailable:
        raise Refusal(NOT_STORED.format(name=filetypes.clean_name(name)), field) from None


def _added(by: Any) -> dict[str, Any]:
    return {"added_by_id": by.id, "added_at": clock.utc_now()}
