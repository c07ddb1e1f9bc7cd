"""QR codes as SVG."""

import re
from xml.etree import ElementTree

import pytest
import segno

from mobility.documents.qr import QUIET_ZONE, qr_svg

URL = "https://mobility.example/check/0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"
SVG = "{http://www.w3.org/2000/svg}"


def _modules(svg):
    """The dark modules that the path draws, as a set of (x, y)."""
    path = ElementTree.fromstring(svg).findall(f"{SVG}path")[-1].attrib["d"]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{n}v1h-{m}z" for x, y, n, m in runs) == path
    return {(int(x) + step, int(y)) for x, y, n, _ in runs for step in range(int(n))}


@pytest.mark.parametrize("text", [URL, "x", "Köln " * 50])
def test_the_path_draws_exactly_the_modules_of_the_code(text):
    rows = segno.make_qr(text, error="m").matrix
    dark = {(x + QUIET_ZONE, y + QUIET_ZONE) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert _modules(qr_svg(text)) == dark


def test_it_stands_in_a_page_without_style_or_script_and_has_a_name():
    svg = qr_svg(URL, title='Check "MV-1" <now>')
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.find(f"{SVG}title").text == 'Check "MV-1" <now>'
    assert not re.search(r"style|script|\bon\w+=", svg)
    assert svg.__html__() == svg


def test_the_white_margin_of_four_modules_is_drawn():
    side = len(segno.make_qr(URL, error="m").matrix) + 8
    svg = qr_svg(URL)
    assert f'viewBox="0 0 {side} {side}"' in svg
    assert f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>' in svg
