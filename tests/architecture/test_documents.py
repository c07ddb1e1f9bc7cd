"""What is written about the project leads somewhere: links, names of pages, places; and a README that one reads to its end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mobility"
NOT_OURS = {"node_modules", "instance", "build", "test-results"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
PAGE = re.compile(r"[\w./-]*\w\.md\b")
DATA = re.compile(r"`((?:data/|\.\./)[\w./-]+|\w+\.toml)`")
PLACE = re.compile(r"`(\w+/[\w./]*(?:\.py|/))`")
FEATURE = re.compile(r"^  (\w+)/ ", re.MULTILINE)


def files(*endings: str) -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        if path.suffix in endings and not any(part in NOT_OURS or part.startswith(".") for part in inside):
            yield path


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


DOCUMENTS = list(files(".md"))
CODE = list(files(".py", ".html", ".txt", ".toml", ".css", ".js", ".sh", ".typ"))
NAMES = {path.name for path in (*DOCUMENTS, *CODE)}
DESIGN = [path for path in DOCUMENTS if path.parent == ROOT / "docs" / "design"]
GUIDES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/deploy.md")]


def headings(document: Path) -> set[str]:
    """The anchors of a page, as they are made from its headings."""
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def leads_nowhere(document: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    path = (document.parent / target).resolve() if target else document
    if not path.is_relative_to(ROOT) or not path.exists():
        return True
    return bool(anchor) and anchor not in headings(path)


def is_there(name: str, *folders: Path) -> bool:
    """A bare name may lie anywhere in the clone, a path leads on from one of the folders."""
    return any((folder / name).exists() for folder in folders) if "/" in name else name in NAMES


@pytest.mark.parametrize("document", DOCUMENTS, ids=named(DOCUMENTS))
def test_links_lead_to_files_and_headings_of_the_clone(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text()) if not link.startswith(("http:", "https:"))]
    assert [link for link in links if leads_nowhere(document, link)] == []


def test_pages_that_code_names_are_there() -> None:
    """money.md in a docstring is a page of docs/design."""
    names = {(str(path.relative_to(ROOT)), name) for path in CODE for name in PAGE.findall(path.read_text())}
    assert [(where, name) for where, name in sorted(names) if not is_there(name, ROOT)] == []


@pytest.mark.parametrize("document", DESIGN, ids=named(DESIGN))
def test_data_that_the_design_names_is_there(document: Path) -> None:
    assert [name for name in DATA.findall(document.read_text()) if not is_there(name, document.parent)] == []


def test_places_that_the_guides_name_are_there() -> None:
    names = {(path.name, name) for path in GUIDES for name in PLACE.findall(path.read_text())}
    assert [(where, name) for where, name in sorted(names) if not is_there(name, ROOT, PACKAGE)] == []


def test_the_readme_maps_every_feature() -> None:
    features = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(FEATURE.findall((ROOT / "README.md").read_text())) == features


def test_the_readme_is_read_to_its_end() -> None:
    assert len((ROOT / "README.md").read_text().split()) < 1000
