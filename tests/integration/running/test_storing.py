"""What is stored goes to the tables in which something has changed, and no other is put in order with it (running/speed.py)."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import dependency

from mobility.core.database import db, table_of
from mobility.people.models import Organisation
from mobility.running.speed import LooksForChanges
from mobility.themes.models import Theme
from tests.support import factories

LIBRARY = dependency._ManyToOneDP.prop_has_changes


@pytest.fixture
def theme(db_session: Any) -> Theme:
    """Read with its host and its programme, as pages read it."""
    theme = factories.make_theme()
    db_session.commit()
    assert theme.host.name
    assert theme.programme.name
    return theme


def stored_host(theme: Theme) -> int:
    return db.session.execute(text("SELECT host_id FROM theme WHERE id = :id"), {"id": theme.id}).scalar_one()


def led_to(theme: Theme, look: Callable[..., bool]) -> set[str]:
    """The ways from a theme whose title is stored that are put in order with it."""
    found = set()

    def looks(self: Any, work: Any, states: Any, isdelete: bool) -> bool:
        if has := look(self, work, states, isdelete):
            found.add(self.key)
        return has

    theme.title = f"{theme.title}, again"
    with patch.object(LooksForChanges, "prop_has_changes", looks):
        db.session.flush()
    return found


def test_what_has_not_changed_is_left_out(theme: Theme) -> None:
    assert led_to(theme, LooksForChanges.prop_has_changes) == set()


def test_the_library_alone_puts_all_in_order_that_was_read(theme: Theme) -> None:
    """The control: without ours the earlier test would be for nothing."""
    assert {"host", "programme"} <= led_to(theme, LIBRARY)


def test_another_one_is_stored(theme: Theme) -> None:
    other = factories.make_organisation(name="The other")
    theme.host = other
    db.session.flush()
    assert stored_host(theme) == other.id


def test_a_new_one_is_stored_first(theme: Theme) -> None:
    theme.title, theme.host = "With a new host", Organisation(**_values_of(theme.host), name="Newly there")
    db.session.flush()
    assert stored_host(theme) == db.session.scalar(select(Organisation.id).where(Organisation.name == "Newly there"))


def _values_of(host: Organisation) -> dict[str, Any]:
    keys = {column.key for column in table_of(Organisation).columns} - {"id", "name", "name_key"}
    return {key: getattr(host, key) for key in keys}


def test_of_two_that_change_both_are_stored(theme: Theme) -> None:
    theme.title, theme.host.city = "Both", "Elsewhere"
    db.session.commit()
    assert (theme.title, theme.host.city) == ("Both", "Elsewhere")
