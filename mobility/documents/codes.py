"""Voucher codes: 28 symbols that can be read aloud, typed from paper and never guessed.

26 symbols carry 130 random bits; the last two are check symbols. The symbols are Crockford's base 32 (no I, L, O or
U), read as the elements of the field GF(32), and the check symbols are those of a Reed-Solomon code over it. Two valid
codes differ in at least three places, so every mistake in one or two symbols is noticed: a wrong symbol, two wrong
symbols, any two symbols swapped, next to each other or not.
"""

import re
import secrets
import unicodedata
from urllib.parse import unquote

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 26
LENGTH = RANDOM_SYMBOLS + 2
GROUP = 4

_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_MISREAD = {"O": "0", "I": "1", "L": "1"}
_MOST_TYPED = 200
_LINK = re.compile(r"/check(?:/|/?\?(?:\S*&)?code=)(?P<code>[^\s/?#&]+)", re.IGNORECASE)


class CodeTypo(ValueError):
    """The text cannot be a code; `str()` of it is a sentence for the person who typed it."""


def new_code() -> str:
    """A new code: 130 bits from the operating system's randomness and the check symbols, in the form one stores."""
    bits = secrets.randbits(5 * RANDOM_SYMBOLS)
    values = [(bits >> 5 * place) & 31 for place in range(RANDOM_SYMBOLS)]
    return "".join(ALPHABET[value] for value in (*values, *_check_symbols(values)))


def grouped(code: str) -> str:
    """A stored code as people read it: seven groups of four with hyphens."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def normalise(text: str) -> str:
    """What somebody typed, as the stored form: 28 symbols, no hyphens.

    Upper and lower case, spaces, every kind of hyphen, and O, I, L for 0, 1, 1 are all the same; so is the link of its QR code.
    Raises CodeTypo, whose message says what is wrong with the text.
    """
    symbols = [_symbol(character) for character in _essence(_of_link(text))]
    if len(symbols) != LENGTH:
        raise CodeTypo(f"A code has {LENGTH} letters and digits; this text has {_count(len(symbols))}.")
    if any(_syndromes([_VALUE[symbol] for symbol in symbols])):
        raise CodeTypo("There seems to be a typing mistake in this code: please compare it with the paper.")
    return "".join(symbols)


def _of_link(text: str) -> str:
    """The code in the address of the page that checks it, pasted as a whole; any other text as it is."""
    found = _LINK.search(text[: 2 * _MOST_TYPED])
    return unquote(found["code"]) if found else text


def _essence(text: str) -> str:
    """The text without what only separates or cannot be seen. NFKC turns full-width letters into plain ones."""
    folded = unicodedata.normalize("NFKC", text[: 2 * _MOST_TYPED])
    return "".join(character for character in folded if not _separates(character))


def _separates(character: str) -> bool:
    """Spaces, hyphens and dashes, and what cannot be seen."""
    category = unicodedata.category(character)
    return category[0] in "ZC" or category == "Pd" or character == "\N{MINUS SIGN}"


def _symbol(character: str) -> str:
    upper = character.upper()
    symbol = _MISREAD.get(upper, upper)
    if symbol not in _VALUE:
        raise CodeTypo(f"A code never contains the character “{character}”: please compare it with the paper.")
    return symbol


def _count(length: int) -> str:
    return f"more than {_MOST_TYPED}" if length > _MOST_TYPED else str(length)


# GF(32) with the primitive polynomial x^5 + x^2 + 1: addition is XOR, multiplication adds logarithms to the base x.
_POWER = [1]
for _ in range(30):
    _POWER.append((_POWER[-1] << 1) ^ (0b100101 if _POWER[-1] & 16 else 0))
_LOG = {power: exponent for exponent, power in enumerate(_POWER)}


def _times(a: int, b: int) -> int:
    return _POWER[(_LOG[a] + _LOG[b]) % 31] if a and b else 0


def _syndromes(values: list[int]) -> tuple[int, int]:
    """The code word as a polynomial, at x^0 and at x^1; both are zero for a valid code (Horner's scheme)."""
    at_one = at_x = 0
    for value in values:
        at_one ^= value
        at_x = _times(at_x, 2) ^ value
    return at_one, at_x


def _check_symbols(values: list[int]) -> tuple[int, int]:
    """The two values p, q that make both syndromes of [*values, p, q] zero: p + q = s and x*p + q = t."""
    s, t = _syndromes([*values, 0, 0])
    p = _times(s ^ t, _inverse_of_x_plus_one)
    return p, s ^ p


_inverse_of_x_plus_one = _POWER[-_LOG[2 ^ 1] % 31]
