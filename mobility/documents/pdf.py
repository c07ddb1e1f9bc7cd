"""Papers as PDF: tagged and readable aloud (PDF/UA-1), kept for decades (PDF/A-2a), the same bytes for the same paper.

Typst sets them from the `.typ` files beside this one, with the fonts it carries and none of the machine's. Every value
goes in as data (JSON), never as markup. Both standards refuse a character that no font can draw; so each unusual
character is tried beforehand, and one that cannot be drawn is printed as MISSING, with a note at the foot of the page.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from unicodedata import category

from mobility.core.money import written
from mobility.documents.papers import AgreementPaper, CertificatePaper, ReviewPaper, StoryPaper, VoucherPaper
from mobility.documents.qr import qr_svg
from mobility.documents.text import breakable, clusters, plain_lines

MOST_TRIED = 200  # different unusual characters of one paper: half a second
MISSING = "\N{WHITE SQUARE}"

Draw = Callable[[str], str]  # a character with its marks, as it will be printed

_HERE = Path(__file__).parent
_OURS = {"code", "qr", "verify_url"}  # made by this application, never typed
_PROBE = b'#set document(title: sys.inputs.text)\n#set text(lang: "en")\n#sys.inputs.text'
# Latin, Greek, Cyrillic and the usual punctuation: all of it is in the fonts (a test draws every character).
_COMMON_RANGES = [(0x20, 0x7E), (0xA0, 0x2AF), (0x370, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1FFF), (0x2010, 0x2022)]
_COMMON = frozenset(
    chr(point) for first, last in _COMMON_RANGES for point in range(first, last + 1) if category(chr(point)) != "Cn"
) | {"\n", "…", "€"}


class _Undrawable(Exception):
    """The fonts cannot draw a character of it."""


def voucher_pdf(paper: VoucherPaper) -> bytes:
    """A voucher on one A4 page: the code and its QR, for whom and where, the amount line by line, how to use it."""
    amount = partial(_amount, currency=paper.currency, locale=paper.locale)
    return _typeset("voucher", {**_values(paper, amount), "qr": qr_svg(paper.verify_url)})


def certificate_pdf(paper: CertificatePaper) -> bytes:
    """A certificate of attendance on one A4 page across, with a QR to the page that says whether it is genuine."""
    return _typeset("certificate", {**_values(paper), "qr": qr_svg(paper.verify_url)})


def agreement_pdf(paper: AgreementPaper) -> bytes:
    """One version of an agreement, on as many A4 pages as its agenda needs."""
    return _typeset("agreement", _values(paper))


def review_pdf(paper: ReviewPaper) -> bytes:
    """The figures of a call or a programme, part by part, then its tables."""
    return _typeset("review", _values(paper))


@lru_cache(maxsize=8)
def story_pdf(paper: StoryPaper) -> bytes:
    """A success story with its pictures. Kept for a while: everybody can ask for it, and setting one takes half a second."""
    return _typeset("story", _values(paper))


def _typeset(template: str, values: dict[str, Any]) -> bytes:
    """The PDF of `template`.typ; should the fonts refuse it all the same, again with common characters only."""
    source = (_HERE / f"{template}.typ").read_bytes()
    try:
        return _compile(source, paper=_as_json(values, _Tried()))
    except _Undrawable:
        return _compile(source, paper=_as_json(values, _common))


def _compile(source: bytes, **inputs: str) -> bytes:
    """Raises _Undrawable."""
    typst = import_module("typst")  # large, and few need it
    compiler = typst.Compiler(root=_HERE, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
    try:
        return cast(bytes, compiler.compile(source, format="pdf", pdf_standards=["ua-1", "a-2a"]))
    except typst.TypstError as error:
        raise _Undrawable from error


@cache
def _fonts() -> Any:
    """Those that typst carries."""
    return import_module("typst").Fonts(include_system_fonts=False)


def _values(paper: Any, amount: Callable[[Decimal], str] = str) -> Any:
    """A paper as plain JSON values: days as ISO dates, amounts as `amount` writes them, quantities without trailing zeros."""
    if is_dataclass(paper):
        return {field.name: _value(field.name, getattr(paper, field.name), amount) for field in fields(paper)}
    return paper


def _value(name: str, value: Any, amount: Callable[[Decimal], str]) -> Any:
    if isinstance(value, tuple):
        return [_value(name, member, amount) for member in value]
    if isinstance(value, Decimal):
        return _number(value) if name == "quantity" else amount(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return list(value)  # JSON has no other way to hold a picture
    return _values(value, amount)


def _amount(value: Decimal, currency: str, locale: str) -> str:
    found = written(value, currency, locale)
    return found.replace("-", "\N{MINUS SIGN}") if value < 0 else found


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _as_json(values: dict[str, Any], drawn: Draw) -> str:
    """The values with every text made fit for paper, and whether something in them could not be drawn."""
    printed = {name: value if name in _OURS else _printed(value, drawn) for name, value in values.items()}
    text = json.dumps(printed, ensure_ascii=False)
    return json.dumps({**printed, "missing": MISSING if MISSING in text else ""})


def _printed(value: Any, drawn: Draw) -> Any:
    if isinstance(value, str):
        return breakable("".join(drawn(cluster) for cluster in clusters(plain_lines(value))))
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return [_printed(member, drawn) for member in value]
    if isinstance(value, dict):
        return {name: _printed(member, drawn) for name, member in value.items()}
    return value


class _Tried:
    """Characters as the fonts draw them, the first MOST_TRIED unusual ones of a paper; later ones count as MISSING. By their
    order alone, not by what is known from other papers: the same paper is always the same."""

    def __init__(self) -> None:
        self._tried: set[str] = set()

    def __call__(self, cluster: str) -> str:
        if cluster in _COMMON:
            return cluster
        if cluster not in self._tried and len(self._tried) == MOST_TRIED:
            return MISSING
        self._tried.add(cluster)
        return _drawable(cluster)


@lru_cache(maxsize=10_000)
def _drawable(cluster: str) -> str:
    """The character with its marks, else without them, else MISSING: whatever the fonts can draw (2 ms to find out)."""
    if cluster in _COMMON or _draws(cluster):
        return cluster
    return cluster[0] if len(cluster) > 1 and _drawable(cluster[0]) == cluster[0] else MISSING


def _common(cluster: str) -> str:
    return cluster if cluster in _COMMON else MISSING


def _draws(cluster: str) -> bool:
    try:
        _compile(_PROBE, text=cluster)
    except _Undrawable:
        return False
    return True
