"""Which version runs: as released, and the commit of the clone."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def released() -> str:
    """As pyproject.toml says."""
    found = re.search(r'^version = "([^"]+)"', _read(ROOT / "pyproject.toml"), re.MULTILINE)
    return found[1] if found else ""


@cache
def commit() -> str:
    """The first twelve characters; nothing where it is no clone. Read once: a process runs the code it has begun with."""
    return _commit_of(ROOT / ".git")[:12]


def _commit_of(git: Path) -> str:
    if git.is_file():  # a worktree: its own folder is elsewhere
        git = ROOT / _read(git).removeprefix("gitdir:").strip()
    head = _read(git / "HEAD").strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = git / _read(git / "commondir").strip()
    packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _read(common / "packed-refs"), re.MULTILINE)
    return _read(common / name).strip() or (packed[1] if packed else "")


def _read(file: Path) -> str:
    """Nothing where there is none."""
    try:
        return file.read_text("utf-8")
    except OSError:
        return ""
