"""Migration 0016: the texts of agreements become numbered lines, and texts again on the way down."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, text

from mobility.agreements.lines import PREFIXES, split, stored
from mobility.core.database import db
from mobility.exchanges.models import AgreementVersion
from tests.integration.migrations.test_kept import MADE_AT
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.lines import SPLIT
from tests.support.processes import flask

TEXTS = {number: words for number, (words, _) in enumerate(SPLIT, 1)}
COLUMNS = ", ".join(PREFIXES)


@pytest.fixture
def before(database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType) -> Iterator[str]:
    """The URL of a database of 0015, in which some agreements say what nobody would have thought of."""
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0008")
        flask(url, "db", "upgrade", "0015")
        with create_engine(url, poolclass=NullPool).begin() as connection:
            change = text("UPDATE agreement_version SET objectives = :words, guest_benefit = :words WHERE id = :id")
            connection.execute(change, [{"id": id, "words": words} for id, words in TEXTS.items()])
        yield url


def texts(url: str) -> dict[int, Any]:
    """The three columns of each version as they stand in the database."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        rows = connection.execute(text(f"SELECT id, {COLUMNS} FROM agreement_version ORDER BY id")).all()
        return {row.id: [each if isinstance(each, list) else str(each) for each in row[1:]] for row in rows}


def test_texts_become_lines_with_keys_by_their_place(before: str, app_on: Callable[..., Flask]) -> None:
    old = texts(before)
    assert len(old) > len(TEXTS) + 40
    flask(before, "db", "upgrade", "0016")
    new = {id: [json.loads(each) if isinstance(each, str) else each for each in row] for id, row in texts(before).items()}
    for id, (_, found) in enumerate(SPLIT, 1):
        objectives, benefit, _ = new[id]
        assert objectives == [{"key": f"o{number}", "text": line} for number, line in enumerate(found, 1)]
        assert [line["key"] for line in benefit] == [f"g{number}" for number in range(1, len(found) + 1)]
    for id, row in old.items():
        for name, was, now in zip(PREFIXES, row, new[id], strict=True):
            assert now == stored(split(was, PREFIXES[name])), "as what is written from now on is split"


def test_on_the_way_down_no_word_is_lost_and_up_again_the_lines_are_the_same(before: str, app_on: Callable[..., Flask]) -> None:
    old = texts(before)
    flask(before, "db", "upgrade", "0016")
    lines = texts(before)
    flask(before, "db", "downgrade", "0015", "--yes-delete")
    again = texts(before)
    for id in set(old) - set(TEXTS):
        assert again[id] == old[id]
    for id, (_, found) in enumerate(SPLIT, 1):
        assert again[id][0] == "\n\n".join(found)
    flask(before, "db", "upgrade", "0016")
    assert texts(before) == lines
    flask(before, "db", "upgrade")
    with app_on(before).app_context():
        assert db.session.query(AgreementVersion).filter(AgreementVersion.manager_name != "").count() == 0
