"""Each gate of `make check` closes on a planted fault (the other gates are tests, and plant theirs beside themselves)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BESIDE = ("pyproject.toml", "requirements.in", "README.md", "LICENSE", "config.py", "wsgi.py", "gunicorn.conf.py")
IMPORTS = ["-c", "from importlinter.cli import lint_imports_command as check; check()", "--no-cache"]
STYLE, FORM, LIBRARIES = ["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"], ["-m", "deptry", "."]
TYPES = ["-m", "mypy", "--follow-imports=skip", "--no-incremental", "mobility/core/money.py"]


def closes(folder: Path, gate: list[str]) -> bool:
    """Whether a gate does, on the product in this folder."""
    environment = {"PATH": str(BIN), "PYTHONPATH": str(folder), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *gate], cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode != 0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which faults may be planted."""
    folder = tmp_path_factory.mktemp("gates")
    for name in ("mobility", "migrations"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize(
    ("gate", "file", "line"),
    [
        pytest.param(IMPORTS, "themes/rules.py", "from mobility.vouchers.models import Voucher", id="a later feature"),
        pytest.param(IMPORTS, "core/money.py", "import mobility.home", id="the first page from the core"),
        pytest.param(IMPORTS, "rates/rules.py", "from mobility.people.models import User", id="flask_login, two imports away"),
        pytest.param(IMPORTS, "programmes/models.py", "from mobility.programmes import views", id="a view from a model"),
        pytest.param(IMPORTS, "themes/catalogue.py", "from mobility.themes import views", id="a view from another file"),
        pytest.param(IMPORTS, "rates/rules.py", "from mobility.core import clock", id="a rule that asks what day it is"),
        pytest.param(IMPORTS, "documents/text.py", "from mobility.core import clock", id="a paper that asks what day it is"),
        pytest.param(IMPORTS, "vouchers/kinds.py", "from mobility.core import clock", id="kinds that import something of ours"),
        pytest.param(STYLE, "core/money.py", "print(undefined)", id="style"),
        pytest.param(FORM, "core/money.py", "x = { 'a':1 }", id="form"),
        pytest.param(LIBRARIES, "core/money.py", "import attrs", id="an undeclared library"),
        pytest.param(TYPES, "core/money.py", "def f(x): return x", id="types"),
    ],
)
def test_a_planted_fault_closes_the_gate(product: Path, gate: list[str], file: str, line: str) -> None:
    path = product / "mobility" / file
    before = path.read_text("utf-8")
    assert not closes(product, gate)
    path.write_text(f"{before}\n\n{line}\n", "utf-8")
    try:
        assert closes(product, gate)
    finally:
        path.write_text(before, "utf-8")
