"""Reading the public texts: what was written, else what we say."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.core.database import db
from mobility.programmes.models import Programme
from mobility.texts.defaults import default_of, default_of_programme
from mobility.texts.models import PublicText


class Words(NamedTuple):
    """`text` is None where ours is shown."""

    body: str
    text: PublicText | None

    @property
    def version(self) -> int:
        return self.text.version if self.text else 0


def find(key: str, programme: Programme | None = None, *, for_update: bool = False) -> PublicText | None:
    """What was written for a page."""
    place = PublicText.programme_id == programme.id if programme else PublicText.programme_id.is_(None)
    query = select(PublicText).where(PublicText.key == key, place)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def words_of(key: str, programme: Programme | None = None) -> Words:
    """What a page says now."""
    text = find(key, programme)
    if text is not None:
        return Words(text.body, text)
    return Words(default_of_programme(key, programme.id, programme.name) if programme else default_of(key), None)


def written() -> dict[str, PublicText]:
    """Those of the installation that were written, by key."""
    query = select(PublicText).where(PublicText.programme_id.is_(None)).options(joinedload(PublicText.changed_by))
    return {each.key: each for each in db.session.scalars(query)}
