"""What of a message becomes a link: pages alone, and only where it says where it leads."""

import pytest

from mobility.talking.rules import linked


@pytest.mark.parametrize(
    "text",
    [
        "https://europa.eu@evil.example/pay",
        "https://europa.eu:443@evil.example",
        "https://user:secret@europa.eu/",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:msgbox(1)",
        "//evil.example/x",
        "https:\\\\evil.example",
    ],
)
def test_stays_text(text: str) -> None:
    assert "<a" not in linked(f"See {text} now")


@pytest.mark.parametrize(
    "address",
    ["https://europa.eu/a@b", "https://europa.eu/?to=a@b.c", "https://europa.eu/#x@y", "http://[::1]/x", "https://a.b:80/"],
)
def test_becomes_a_link(address: str) -> None:
    assert f'<a href="{address}"' in linked(f"See {address}.")
