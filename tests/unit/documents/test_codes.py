"""Codes: never guessed, forgiving to read and type, and no likely mistake goes unnoticed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.documents import codes
from mobility.documents.codes import ALPHABET, LENGTH, CodeTypo, grouped, new_code, normalise

A_CODE = "VGC8JQC7FWK2SGTR01NGW0KK9HE6"  # fixed: parallel workers must collect the same tests
MISTAKE = "There seems to be a typing mistake in this code: please compare it with the paper."


def test_a_code_has_26_random_symbols_and_two_check_symbols():
    assert len(A_CODE) == 28
    assert set(A_CODE) <= set(ALPHABET)
    assert normalise(A_CODE) == A_CODE


def test_the_alphabet_has_32_symbols_none_of_which_looks_like_another():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_each_code_takes_130_bits_from_the_secret_source(monkeypatch):
    asked = []
    monkeypatch.setattr(codes.secrets, "randbits", lambda bits: asked.append(bits) or 2**130 - 1)
    assert new_code()[:26] == "Z" * 26
    assert asked == [130]


def test_a_thousand_codes_are_all_different_and_use_every_symbol_everywhere():
    made = [new_code() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(len({code[place] for code in made}) == 32 for place in range(LENGTH))


def test_grouped_is_seven_groups_of_four():
    assert grouped("0123456789ABCDEFGHJKMNPQRSTV") == "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"


@pytest.mark.parametrize(
    "typed",
    [
        grouped(A_CODE),
        grouped(A_CODE).lower(),
        f"  {grouped(A_CODE).replace('-', ' ')}\n",
        grouped(A_CODE).replace("-", "\N{EN DASH}"),
        grouped(A_CODE).replace("-", "\N{NON-BREAKING HYPHEN}"),
        grouped(A_CODE).replace("-", "\N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}"),
        A_CODE.replace("0", "O").replace("1", "I"),
        A_CODE.replace("0", "o").replace("1", "l"),
        "".join(chr(ord(symbol) + 0xFEE0) for symbol in A_CODE),
        f"https://mobility.example.org/check/{grouped(A_CODE)}",
        f" http://localhost:5000/some/where/check/{A_CODE.lower()}?utm=1#top\n",
        f"mobility.example.org/check?code={grouped(A_CODE).replace('-', '%2D')}",
    ],
    ids=[
        "hyphens",
        "lower case",
        "spaces",
        "dashes",
        "other hyphens",
        "pasted",
        "O and I",
        "o and l",
        "full width",
        "link",
        "other link",
        "link of the form",
    ],
)
def test_what_people_type_for_a_code_is_understood(typed):
    assert normalise(typed) == A_CODE


def test_every_mistake_in_one_symbol_is_noticed():
    for place, symbol in enumerate(A_CODE):
        for other in set(ALPHABET) - {symbol}:
            with pytest.raises(CodeTypo, match="typing mistake"):
                normalise(A_CODE[:place] + other + A_CODE[place + 1 :])


def test_every_swap_of_neighbours_is_noticed():
    """The check is linear, and swapping a and b adds a + b at both places: each sum at each place is all codes."""
    for place in range(LENGTH - 1):
        for added in range(1, 32):
            first, second = (ALPHABET[ALPHABET.index(symbol) ^ added] for symbol in A_CODE[place : place + 2])
            with pytest.raises(CodeTypo, match="typing mistake"):
                normalise(A_CODE[:place] + first + second + A_CODE[place + 2 :])


@given(
    places=st.lists(st.integers(0, LENGTH - 1), min_size=2, max_size=2, unique=True),
    symbols=st.text(ALPHABET, min_size=2, max_size=2),
)
def test_any_two_wrong_symbols_are_noticed(places, symbols):
    wrong = list(A_CODE)
    for place, symbol in zip(places, symbols, strict=True):
        wrong[place] = symbol
    if "".join(wrong) != A_CODE:
        with pytest.raises(CodeTypo) as caught:
            normalise("".join(wrong))
        assert str(caught.value) == MISTAKE


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "A code has 28 letters and digits; this text has 0."),
        (A_CODE[:-1], "A code has 28 letters and digits; this text has 27."),
        (A_CODE + "0", "A code has 28 letters and digits; this text has 29."),
        ("0" * 1_000_000, "A code has 28 letters and digits; this text has more than 200."),
        (A_CODE[:-1] + "U", "A code never contains the character “U”: please compare it with the paper."),
        (A_CODE[:-1] + "ß", "A code never contains the character “ß”: please compare it with the paper."),
        ("<script>", "A code never contains the character “<”: please compare it with the paper."),
    ],
)
def test_what_is_wrong_is_said(typed, message):
    with pytest.raises(CodeTypo) as caught:
        normalise(typed)
    assert str(caught.value) == message


@given(st.text())
def test_any_text_is_a_code_or_a_typo(text):
    with suppress(CodeTypo):
        code = normalise(text)
        assert normalise(grouped(code)) == code
