"""A migration that has landed is never edited: somebody's database was made by it, and would not be what the next one expects.

`landed.txt` keeps the hashes, as `sha256sum` prints them in migrations/versions; when another lands, its line is added.
"""

from hashlib import sha256
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
LANDED = dict(reversed(line.split()) for line in (Path(__file__).parent / "landed.txt").read_text().splitlines())


def test_what_has_landed_is_as_it_landed() -> None:
    now = {name: sha256((VERSIONS / name).read_bytes()).hexdigest() for name in LANDED if (VERSIONS / name).exists()}
    assert now == LANDED


def test_what_is_new_comes_after_what_has_landed() -> None:
    new = {path.name for path in VERSIONS.glob("0*.py")} - set(LANDED)
    assert len(LANDED) >= 23
    assert all(name > max(LANDED) for name in new), new
