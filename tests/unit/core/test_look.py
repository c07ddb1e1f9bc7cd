"""The look as a whole: contrast in both colour schemes, icons that exist, and templates that a strict content policy allows."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CSS = "".join((ROOT / f"static/css/{name}.css").read_text() for name in ("theme", "pieces", "page"))
SPRITE = (ROOT / "static/img/icons.svg").read_text()
PAGES = [path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.relative_to(ROOT / "templates").parts]


def colours(scheme: str) -> dict[str, str]:
    """The variables that hold a colour; dark ones stand over the light ones."""
    roots = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", root)) for root in roots[:2])
    return light | (dark if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


STATES = ("mine", "theirs", "done", "stopped")
GROUNDS = ("page", "surface", "sunken")
TEXTS = (
    [(text, ground) for text in ("ink", "ink-soft", "accent", "accent-strong") for ground in GROUNDS]
    + [(f"{state}-ink", f"{state}-soft") for state in STATES]
    + [(f"{state}-ink", ground) for state in STATES for ground in ("page", "surface")]
    + [("accent-strong", "accent-soft"), ("on-accent", "accent"), ("on-accent", "accent-strong"), ("ink", "accent-soft")]
    + [("stopped", "surface"), ("stopped", "page"), ("surface", "stopped"), ("surface", "stopped-ink")]
)
SIGNS = [(state, ground) for state in STATES for ground in ("page", "surface")] + [
    ("line-strong", "surface"),
    ("line-strong", "page"),
    ("focus", "page"),
    ("focus", "surface"),
]


def too_faint(scheme: str, pairs: list[tuple[str, str]], least: float) -> dict[tuple[str, str], float]:
    """The pairs of variables whose contrast is below `least`, with what it is."""
    now = colours(scheme)
    contrasts = {(one, other): round(contrast(now[one], now[other]), 2) for one, other in pairs}
    return {pair: value for pair, value in contrasts.items() if value < least}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme: str) -> None:
    assert too_faint(scheme, TEXTS, 4.5) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_can_be_seen(scheme: str) -> None:
    assert too_faint(scheme, SIGNS, 3) == {}


def test_every_variable_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", CSS))
    used = {name for name in re.findall(r"var\(--([\w-]+)", CSS) if not name.startswith("bs-")}
    assert used - defined == set()


def test_every_icon_in_use_is_in_the_sprite() -> None:
    known = set(re.findall(r' id="([^"]+)"', SPRITE))
    text = "".join(page.read_text() for page in PAGES)
    used = set(re.findall(r"""\bicon\(["']([\w-]+)["']""", text))
    assert used - known == set()


def test_the_sprite_is_what_the_tool_makes() -> None:
    spec = importlib.util.spec_from_file_location("icons", ROOT / "tools/icons.py")
    assert spec
    assert spec.loader
    icons = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(icons)
    assert icons.subset(icons.SOURCE.read_text(encoding="utf-8"), icons.NAMES) == SPRITE


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.findall(r"@import|url\([\"']?(?:data:|https?:|//)", CSS) == []
    assert "<script" not in SPRITE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_a_strict_content_policy_allows_the_page(page: Path) -> None:
    tags = re.findall(r"<[a-z][^>]*>", page.read_text())
    assert [tag for tag in tags if re.search(r"\s(style|on[a-z]+)\s*=", tag)] == []
    assert [tag for tag in tags if tag.startswith("<style")] == []
    assert [tag for tag in tags if tag.startswith("<script") and "src=" not in tag and "nonce" not in tag] == []
