"""What is a good password."""

import pytest

from mobility.accounts.rules import hidden_address, password_problem

ANA = {"email": "ana.kovac@example.org", "name": "Ana Kovač"}


@pytest.mark.parametrize(
    "password", ["blue kettle on a hill", "длинный пароль тут", "سلام سلام یک دو سه", "x1!yZ-9.qQwE", "p" * 190 + "qwertasdf!"]
)
def test_these_can_be_used(password: str) -> None:
    assert password_problem(password, **ANA) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short words", "at least 12"),
        ("a b c d e f g h" * 20, "at most 200"),
        ("my name is kovač yes", "Leave your name"),
        ("KOVAC loves kettles", "Leave your name"),
        ("ana.kovac@example.org", "Leave your name"),
        ("passwordpassword", "Many people"),
        ("Administrator1", "Many people"),
        ("abababababababab", "Many people"),
    ],
)
def test_these_cannot(password: str, said: str) -> None:
    assert said in (password_problem(password, **ANA) or "")


def test_a_short_name_forbids_nothing() -> None:
    assert password_problem("banana kettle hill", email="al@example.org", name="Li Al") is None


def test_an_address_is_shown_to_others_only_in_part() -> None:
    assert hidden_address("ana.kovac@example.org") == "a…@example.org"
