"""The forecast of a budget line, worked by hand."""

from decimal import Decimal

import pytest

from mobility.budgets.rules import Forecast, History, forecast


def of(available: int, committed: int, asked: int, history: History) -> Forecast:
    return forecast(Decimal(available), Decimal(committed), Decimal(asked), history)


def test_without_any_history_everything_is_spent_in_full() -> None:
    found = of(10_000, 4_000, 3_000, History())
    assert (found.left, found.comes_back, found.left_at_the_end) == (7_000, 0, 7_000)
    assert found.is_little_known


@pytest.mark.parametrize(
    ("history", "spent_share", "paid_share", "comes_back"),
    [
        # (20 + 10) / (30 + 10) used, (20 x 0.9 + 10) / (20 + 10) of the amount: 0.75 x 0.9333 = 0.70 of 7,000 is spent
        (History(30, 20, Decimal(20_000), Decimal(18_000)), "0.7500", "0.9333", "2100.00"),
        # 802 issued, 110 redeemed (product.md), but only as many as are looked at: (69 + 10) / (500 + 10)
        (History(500, 69, Decimal(5_000), Decimal(5_000)), "0.1549", "1.0000", "5915.69"),
        # nobody ever used one: (0 + 10) / (90 + 10)
        (History(90, 0), "0.1000", "1.0000", "6300.00"),
        # all used, all in full
        (History(40, 40, Decimal(900), Decimal(900)), "1.0000", "1.0000", "0.00"),
    ],
)
def test_usual_redemption_gives_money_back(history: History, spent_share: str, paid_share: str, comes_back: str) -> None:
    found = of(10_000, 4_000, 3_000, history)
    assert round(found.spent_share, 4) == Decimal(spent_share)
    assert round(found.paid_share, 4) == Decimal(paid_share)
    assert found.comes_back == Decimal(comes_back)
    assert found.left_at_the_end == 7_000 + Decimal(comes_back)
    assert not found.is_little_known


def test_requests_may_ask_for_more_than_there_is() -> None:
    found = of(1_000, 0, 3_000, History(10, 0))
    assert (found.left, found.comes_back, found.left_at_the_end) == (-2_000, 1_500, -500)


def test_nothing_set_aside_gives_nothing_back() -> None:
    found = of(500, 0, 0, History(90, 0))
    assert (found.comes_back, found.left_at_the_end) == (0, 500)


def test_validated_claims_are_certain() -> None:
    """Nobody ever used one but for these: (0 + 10) / (90 + 10) of the other 1,000.00 + 3,000.00 is spent, 3,600.00 comes back."""
    found = forecast(Decimal(10_000), Decimal(4_000), Decimal(3_000), History(90, 0), validated=Decimal(3_000))
    assert (found.comes_back, found.left_at_the_end) == (3_600, 10_600)
    found = forecast(Decimal(10_000), Decimal(4_000), Decimal(0), History(90, 0), validated=Decimal(4_000))
    assert (found.comes_back, found.left_at_the_end) == (0, 10_000)
