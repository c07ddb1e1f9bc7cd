"""Migration 0009: cards from before give the amounts that they gave."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, text

from mobility.core.database import db
from mobility.rates.models import RateCard
from mobility.rates.rules import AmountLine, Case, compute
from mobility.vouchers.models import Voucher
from tests.integration.migrations.test_kept import MADE_AT
from tests.support.cards import card_of
from tests.support.databases import Databases
from tests.support.kept import restore
from tests.support.processes import flask


@pytest.fixture
def kept(database_kind: str, databases_of: Callable[[str], Databases], clock: ModuleType) -> Iterator[str]:
    """The URL of the database of 0008."""
    clock.set_to(MADE_AT)
    with databases_of(database_kind).fresh(None) as url:
        restore(url, "0008")
        yield url


def test_old_cards_give_the_same_amounts(kept: str, app_on: Callable[..., Flask]) -> None:
    flask(kept, "db", "upgrade")
    with app_on(kept).app_context():
        requested = [voucher for voucher in db.session.query(Voucher) if voucher.rate_card is not None]
        assert len(requested) >= 50
        for voucher in requested:
            assert figures(compute(voucher.rate_card.components, Case.from_json(voucher.basis))) == figures(voucher.amount_lines)


def figures(lines: list[AmountLine]) -> list[Any]:
    """As 0008 wrote them: countries had no article."""
    return [
        (line.component, line.label.replace(" the ", " "), line.quantity, line.unit, line.unit_amount, line.amount)
        for line in lines
    ]


def test_components_are_called_after_their_kind_in_the_order_of_lines(kept: str, app_on: Callable[..., Flask]) -> None:
    flask(kept, "db", "upgrade")
    with app_on(kept).app_context():
        cards = [[(part["component"], part["key"]) for part in card.components] for card in db.session.query(RateCard)]
    assert [("distance_band", "distance_band"), ("daily", "daily")] in cards
    assert {len(card) for card in cards} == {1, 2}


def test_on_the_way_down_what_older_versions_do_not_know_is_left_out(kept: str, app_on: Callable[..., Flask]) -> None:
    flask(kept, "db", "upgrade")
    card = card_of(
        fixed=[{"amount": "5.00", "cap": "4.00"}, {"amount": "7.00"}],
        real_costs={"label": "Visa", "share": "0.5"},
        cap={"most": "9.00"},
    )
    with app_on(kept).app_context():
        programme = db.session.query(RateCard).first().programme
        db.session.add(RateCard(programme=programme, number=99, name="New", components=card))
        db.session.commit()
    flask(kept, "db", "downgrade", "0008", "--yes-delete")
    with create_engine(kept, poolclass=NullPool).connect() as connection:
        found = connection.execute(text("SELECT components FROM rate_card WHERE number = 99")).scalar_one()
    settings = json.loads(found) if isinstance(found, str) else found
    assert settings == {"fixed": {"amount": "5.00", "cap": "4.00"}, "cap": {"most": "9.00"}}
