"""Numbers in what a browser sends."""

from collections.abc import Iterable


def whole_number(text: str | None) -> int | None:
    """12 of "12"; nothing of anything else, or of more digits than the database has room for."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of what was ticked; nonsense stands for none."""
    return [number for each in texts if (number := whole_number(each)) is not None]
