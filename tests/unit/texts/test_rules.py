"""What people write for the public pages is shown as meant, and can do no harm."""

from time import process_time

import pytest
from lxml.html import fromstring

from mobility.people.roles import Role
from mobility.texts.defaults import DEFAULTS, default_of_programme
from mobility.texts.rules import MOST, PAGES, beginning, rendered
from mobility.texts.steps import GUIDES, guides_of

HARMFUL = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](java\nscript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox)",
    "<javascript:alert(1)>",
    '[a](https://example.org "x\\" onmouseover=alert(1) y=\\"")',
    "![tracked](https://example.org/pixel.gif)",
    "<iframe src=https://example.org></iframe>",
    "<style>body { display: none }</style>",
    '<a href="javascript:alert(1)">x</a>',
    "[ref]\n\n[ref]: javascript:alert(1)",
    "<form action=https://example.org><input name=password></form>",
    "`<script>`",
    "<!-- --><svg onload=alert(1)>",
    "| a |\n|---|\n| <b onclick=alert(1)>x</b> |",
)


@pytest.mark.parametrize("written", HARMFUL)
def test_hostile_text_is_harmless(written: str) -> None:
    shown = str(rendered(written)).lower()
    for tag in ("<script", "<img", "<iframe", "<style", "<form", "<input", "<svg", "<b "):
        assert tag not in shown, shown
    for each in fromstring(f"<div>{shown}</div>").iter():
        assert set(each.attrib) <= {"href", "title", "rel", "align", "start"}, shown
        assert each.get("href", "/").startswith(("http://", "https://", "mailto:", "tel:", "/")), shown


def test_what_is_meant_is_shown() -> None:
    shown = rendered(
        "# Us\n\nWrite to **us**:\n\n- <office@example.org>\n- [the form](/contact)\n\n| Day | Time |\n|---|---|\n| Monday | 9 |"
    )
    assert "<h2>Us</h2>" in shown
    assert "<strong>us</strong>" in shown
    assert '<a href="mailto:office@example.org"' in shown
    assert '<a href="/contact"' in shown
    assert "<td>Monday</td>" in shown


@pytest.mark.parametrize(
    ("written", "levels"),
    [("# a\n\n# b", "22"), ("### a\n\n# b\n\n#### c", "223"), ("# a\n\n## b\n\n### c\n\n#### d", "2344"), ("a\n=\n\nb\n-", "23")],
)
def test_headings_skip_no_level(written: str, levels: str) -> None:
    shown = str(rendered(written))
    assert "".join(part[0] for part in shown.split("<h")[1:]) == levels


@pytest.mark.parametrize(
    "piece", ["[", "![", "*a", "_", "> ", "- ", "`", "<", "&", "[a](", "~~", "|", "\\", "[a]: b\n", "a\n=\n", "((", "*a**b"]
)
def test_no_text_takes_long(piece: str) -> None:
    written = (piece * MOST)[:MOST]
    began = process_time()
    rendered(written)
    assert process_time() - began < 1


@pytest.mark.parametrize("key", PAGES)
def test_no_page_of_a_fresh_installation_is_empty(key: str) -> None:
    assert len(beginning(DEFAULTS[key])) > 80
    assert "href=" in rendered(DEFAULTS[key]) or key == "imprint"


def test_a_programme_s_name_marks_nothing() -> None:
    shown = rendered(default_of_programme("contact", 7, "[x](https://evil.example) *<b>*"))
    assert "evil.example</a>" not in shown
    assert "[x](https://evil.example) *&lt;b&gt;*" in shown


def test_beginning_is_words_alone() -> None:
    assert beginning("# Who\n\nWe **are** [us](/x) & <them>.") == "Who We are us & <them>."  # whoever shows it escapes it, once
    assert len(beginning("word " * 500)) <= 202


def test_each_role_has_its_first_steps() -> None:
    assert {each for role in Role for each in [guide.key for guide in guides_of([role])]} | {"administrator"} == set(GUIDES)
    assert [each.key for each in guides_of([])] == ["guest"]
    assert [each.key for each in guides_of([Role.OWNER, Role.GUEST], administers=True)] == ["guest", "owner", "administrator"]
    assert all(len(each.steps) >= 4 and each.then for each in GUIDES.values())


def test_a_table_of_millions_of_cells_is_text() -> None:
    written = ("|a" * 2500 + "|\n" + "|-" * 2500 + "|\n" + "|x\n" * 3000)[:MOST]
    began = process_time()
    assert "<td" not in rendered(written)
    assert process_time() - began < 0.5
    assert "<td" in rendered("|a|b|\n|-|-|\n" + "|x|y|\n" * 2000)
