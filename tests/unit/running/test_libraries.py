"""Large libraries that most processes never need: jobs and commands do without them, web servers have them before they fork."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT, environment

LATE = ("authlib", "openpyxl", "pypdf", "typst")
TELL = "import sys, wsgi; print(*[each for each in sys.argv[1:] if each in sys.modules])"


def test_whoever_reads_no_file_and_signs_nobody_in_does_without(tmp_path: Path) -> None:
    """Together they are 30 MiB of each scheduler."""
    command = [sys.executable, "-c", TELL, *LATE]
    found = subprocess.run(
        command, cwd=ROOT, env=environment(f"sqlite:///{tmp_path}/any.db"), capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []


def test_web_servers_load_them_once_for_all_their_processes() -> None:
    loaded = (ROOT / "gunicorn.conf.py").read_text().split('"""')[3].split()
    assert set(LATE) <= {each.split(".")[0] for each in loaded}
