"""Numbers in what a browser sends, and in what people type."""

from collections.abc import Iterable
from decimal import Decimal

from mobility.core.money import example, is_digits, ungrouped


def whole_number(text: str | None) -> int | None:
    """12 of "12"; nothing of anything else, or of more digits than the database has room for."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of what was ticked; nonsense stands for none."""
    return [number for each in texts if (number := whole_number(each)) is not None]


def decimal_number(text: str, mark: str = ".") -> Decimal:
    """What a person typed, such as "1,000.5" (mark ".") or "-1.000,5" (mark ","), with up to two decimals.

    Raises ValueError with a message for the person.
    """
    like = example(mark)
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    sign, plain = ("-", plain[1:].strip()) if plain.startswith("-") else ("", plain)
    whole, point, fraction = plain.partition(mark)
    digits = ungrouped(whole, mark)
    if not is_digits(digits) or (point and not is_digits(fraction)):
        raise ValueError(f"Enter a number, such as 12 or {like}, without a unit.")
    if len(fraction) > 2:
        raise ValueError(f"Enter at most two digits after the “{mark}”, such as {like}.")
    if len(digits.lstrip("0")) > 12:
        raise ValueError("This number is too large. Choose a larger unit, such as thousands.")
    return Decimal(f"{sign}{digits}.{fraction or 0}").quantize(Decimal("0.01"))


def plain_number(number: Decimal, mark: str = ".") -> str:
    """As one types it again: 1250.5, or 12."""
    return format(number.normalize(), "f").replace(".", mark)
