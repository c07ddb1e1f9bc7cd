"""What may stand in an entry of the audit log."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mobility.audit.acts import GROUPS, LABELS
from mobility.audit.origin import network_of
from mobility.audit.rules import Change, changes, changes_of, plain, without_ibans
from mobility.people.roles import Role


def test_values_are_plain() -> None:
    given = {
        "amount": Decimal("1200.50"),
        "day": date(2027, 3, 1),
        "at": datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
        "role": Role.GUEST,
        "levels": {"b", "a"},
        "share": 0.1,
        "open": True,
        "places": 3,
        "none": None,
        "parts": ({"iban": "DE89 3704 0044 0532 0130 00"},),
    }
    assert plain(given) == {
        "amount": "1200.50",
        "day": "2027-03-01",
        "at": "2027-03-01T09:30:00+00:00",
        "role": "guest",
        "levels": ["a", "b"],
        "share": "0.1",
        "open": True,
        "places": 3,
        "none": None,
        "parts": [{"iban": "DE89 •••• 3000"}],
    }


@pytest.mark.parametrize("name", ["password", "password_hash", "reset_token", "client_secret", "recovery_codes_hash"])
def test_secrets_are_not_kept(name: str) -> None:
    assert plain({"settings": [{name: "x", "days": 3}]}) == {"settings": [{name: "•••", "days": 3}]}


def test_a_thing_of_the_database_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        plain({"by": object()})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("now PT50000201231234567890154.", "now PT50 •••• 0154."),
        ("AT61 1904 3002 3457 3201 AND MORE WORDS", "AT61 •••• 3201 AND MORE WORDS"),
        ("AT61 1904 3002 3457 3201, then DE89370400440532013000", "AT61 •••• 3201, then DE89 •••• 3000"),
        ("mine is at61 1904 3002 3457 3201", "mine is AT61 •••• 3201"),
        ("AT61-1904-3002-3457-3201 or AT61.1904.3002.3457.3201.", "AT61 •••• 3201 or AT61 •••• 3201."),
        ("AT61 1904 3002 3457 3201 OR DE89 3704 0044 0532 0130 00", "AT61 •••• 3201 OR DE89 •••• 3000"),
        ("of no12 3456 7890 1234 AT61 1904 3002 3457 3201", "of no12 3456 7890 1234 AT61 •••• 3201"),
        ("AT61\u00a01904\u00a03002\u00a03457\u00a03201", "AT61 •••• 3201"),  # copied from a page
        ("voucher MV27ABCDEFGHIJKLMNOP", "voucher MV27ABCDEFGHIJKLMNOP"),  # no account's number
    ],
)
def test_account_numbers_are_never_whole(typed: str, kept: str) -> None:
    assert without_ibans(typed) == kept


def test_only_what_differs_is_kept() -> None:
    assert changes({"days": 3, "name": "A"}, {"days": 5, "name": "A", "new": 1}) == (
        {"days": 3, "new": None},
        {"days": 5, "new": 1},
    )


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:7:1::42", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_machine_is_not_kept(address: str, network: str) -> None:
    assert network_of(address) == network


def test_each_act_is_declared_once() -> None:
    names: list[Any] = [name for group in GROUPS for name in group.acts]
    assert len(names) == len(set(names)) == len(LABELS) == len(set(LABELS.values()))


def test_changes_are_told_in_words() -> None:
    before = {"minimum_days": 2, "is_open": True, "rate-card": {"rate": "120.00", "note": "", "unit": "day"}, "BIC": ""}
    after = {"minimum_days": 3, "is_open": False, "months": [6, 12], "BIC": None}
    assert changes_of(before, after) == [
        Change("Minimum days", "2", "3"),
        Change("Is open", "yes", "no"),
        Change("Rate card", "rate: 120.00; unit: day", ""),
        Change("Months", "", "6, 12"),
    ]
