"""What makes an IBAN or a BIC right, each mistake in words that can be acted on (money.md, issue 3). Pure.

Beyond python-stdnum: its answers say only that something is wrong, and `clean` would take letters of other alphabets along.
"""

import re
import unicodedata
from datetime import datetime, timedelta

from babel import Locale
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum import numdb
from stdnum.exceptions import InvalidChecksum, ValidationError

WAIT = timedelta(hours=24)  # a changed account cannot be paid before (issue 3)
WORDS = Locale("en", "GB")

# Where a SEPA credit transfer reaches (European Payments Council, EPC409-09): by the letters an IBAN begins with.
SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI "
    "SK SM VA".split()
)
# Banks of these countries and territories use another country's IBANs.
IBANS_OF = {"GG": "GB", "IM": "GB", "JE": "GB"} | dict.fromkeys(
    ("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"
)

CHARACTERS = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
_part = re.compile(r"(\d+)!([nac])")
_registry = numdb.get("iban")


def read_iban(typed: str) -> str:
    """An IBAN as it was typed (capitals, spaces, hyphens and a leading "IBAN" do not matter), without its spaces.

    Raises ValueError with a message for the person.
    """
    number = _plain(typed, "IBAN")
    number = number.removeprefix("IBAN")
    if not number:
        raise ValueError("Enter the IBAN of the account; it is on every bank statement.")
    country = number[:2]
    if not country.isalpha():
        raise ValueError("An IBAN begins with the two letters of its country, such as PT50 or AT61.")
    parts = _parts(country)
    if not parts:
        raise ValueError(f"No country's IBANs begin with {country}. Compare the first two letters with your bank statement.")
    name = WORDS.territories.get(country, country)
    if country not in SEPA:
        raise ValueError(
            f"This is an account in {name}. Payments go to accounts in SEPA countries only: give one in the European Union, "
            "in the United Kingdom, in Switzerland, or in another SEPA country."
        )
    length = 4 + sum(count for count, _ in parts)
    if len(number) != length:
        raise ValueError(f"An IBAN of {name} has {length} characters; this one has {len(number)}.")
    _refuse_wrong_digits(number, name)
    return number


def _parts(country: str) -> list[tuple[int, str]]:
    """What follows country and check digits: so many characters of a kind, each; nothing for a country without IBANs."""
    structure = _registry.info(country + "00")[0][1].get("bban", "")
    return [(int(count), CHARACTERS[kind]) for count, kind in _part.findall(structure)]


def _refuse_wrong_digits(number: str, country: str) -> None:
    """First a letter where a digit belongs, because it would also spoil the check digits."""
    pattern = "".join(f"{kind}{{{count}}}" for count, kind in [(2, CHARACTERS["n"]), *_parts(number[:2])])
    if not re.fullmatch(pattern, number[2:]):
        raise ValueError(
            f"This has a letter where an IBAN of {country} has a digit, or the other way round. "
            "Look for an O that should be a zero, or an I that should be a one."
        )
    if not _checks_out(number):
        raise ValueError(
            "The check digits do not fit: two digits may be swapped, or one mistyped. Compare it with your bank statement."
        )


def _checks_out(number: str) -> bool:
    """ISO 7064, and the country's own check digits where there are some. A bank that the library does not know is no mistake."""
    if ibans.calc_check_digits(number) != number[2:4]:  # 00, 01 and 99 would leave the right remainder too
        return False
    try:
        ibans.validate(number)
    except InvalidChecksum:
        return False
    except ValidationError:
        return True
    return True


def read_bic(typed: str, iban: str = "") -> str:
    """A BIC as it was typed, without spaces, or "" for none; it must be of the IBAN's country, if that is given.

    Raises ValueError with a message for the person.
    """
    code = _plain(typed, "BIC")
    if not code:
        return ""
    if len(code) not in (8, 11):
        raise ValueError(f"A BIC has 8 or 11 characters, such as CGDIPTPL; this one has {len(code)}. You can leave it empty.")
    try:
        bics.validate(code)
    except ValidationError:
        raise ValueError(
            "A BIC has four letters for the bank, two for its country, then two or five letters or digits, such as CGDIPTPL. "
            "You can leave it empty."
        ) from None
    country = IBANS_OF.get(code[4:6], code[4:6])
    if iban and country != iban[:2]:
        bank, account = (WORDS.territories.get(each, each) for each in (country, iban[:2]))
        raise ValueError(
            f"This BIC belongs to a bank in {bank}, the IBAN to an account in {account}. You can leave the BIC empty."
        )
    return code


def _plain(typed: str, what: str) -> str:
    """Capitals and digits only. Letters that merely look right are named, not guessed at."""
    kept = [each for each in typed if not _separates(each)]
    for each in kept:
        if each.isascii() and each.isalnum():
            continue
        if each.isalnum():
            alphabet = unicodedata.name(each, "foreign").split()[0].capitalize()
            raise ValueError(
                f"“{each}” is a {alphabet} character that only looks like one of ours. "
                f"Type the {what} again with the letters A to Z and the digits 0 to 9."
            )
        raise ValueError(f"Remove “{each}”: {what}s have the letters A to Z and the digits 0 to 9 only.")
    return "".join(kept).upper()


def _separates(character: str) -> bool:
    """Spaces, hyphens, points, and the invisible marks that come along when copying from a PDF."""
    return character in ".:" or character.isspace() or unicodedata.category(character) in {"Cf", "Pd"}


def usable_from(now: datetime, *, iban: str, former_iban: str | None, former_usable_from: datetime | None) -> datetime:
    """The first account can be paid at once, another number a day later; a corrected name changes nothing."""
    if former_iban is None or former_usable_from is None:
        return now
    return former_usable_from if iban == former_iban else now + WAIT
