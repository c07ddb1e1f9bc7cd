"""QR codes as SVG, for a page and for paper: one path, no style, black on its own white ground also in dark mode."""

from html import escape

import segno
from markupsafe import Markup

from mobility.documents.text import plain

QUIET_ZONE = 4


def qr_svg(text: str, title: str = "QR code") -> Markup:
    """A QR code of `text` (at most about 2,000 characters) as inline SVG; `title` is what a screen reader says.

    It scales to whatever box its class `qr` is given. The four modules of white around it belong to the standard.
    """
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    side = len(rows) + 2 * QUIET_ZONE
    name = escape(plain(title))
    return Markup(  # noqa: S704 (the name is escaped, the rest is numbers)
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{name}" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><title>{name}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{_path(rows)}"/></svg>'
    )


def _path(rows: list[bytes]) -> str:
    """Each run of dark modules in a row as one rectangle."""
    runs = []
    for y, row in enumerate(rows, QUIET_ZONE):
        x = 0
        while (start := row.find(1, x)) >= 0:
            end = row.find(0, start)
            x = len(row) if end < 0 else end
            runs.append(f"M{start + QUIET_ZONE} {y}h{x - start}v1h-{x - start}z")
    return "".join(runs)
