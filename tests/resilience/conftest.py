"""What races and kills begin with."""

import pytest

from mobility.running.patience import PATIENCE


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of threads that wait for one another on a machine with much else to do, none gives up. How long a request waits is looked
    at in processes of their own (test_database_away.py)."""
    monkeypatch.setattr(PATIENCE, "seconds", 120.0)
