"""docs/workflows.md is what the workflows' tables say."""

from pathlib import Path

from mobility.documents.diagrams import as_markdown
from mobility.subjects import workflows

ROOT = Path(__file__).parents[3]


def test_the_page_is_current() -> None:
    """If this fails: flask --app wsgi workflow-docs > docs/workflows.md"""
    page = as_markdown(workflows().values())
    assert (ROOT / "docs" / "workflows.md").read_text() == page


def test_where_the_object_decides_both_ways_are_drawn() -> None:
    page = (ROOT / "docs" / "workflows.md").read_text()
    assert "    planning --> planning: sign\n    planning --> agreed: sign\n    agreed --> agreed: sign\n" in page
    assert "agreed --> planning" not in page
