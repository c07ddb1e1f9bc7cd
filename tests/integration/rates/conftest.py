"""A programme whose owner writes its rates."""

from typing import Any

import pytest

from mobility.people.roles import Role
from mobility.programmes.models import Programme
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_programme


@pytest.fixture
def programme(db_session: Any) -> Programme:
    """Without rates; for Austria, Germany, Italy and Portugal."""
    return make_programme()


@pytest.fixture
def owner(programme: Programme, visitor: Visitor) -> Client:
    return visitor(make_member(programme, Role.OWNER))
