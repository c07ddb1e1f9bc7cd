"""What an administrator is told of, worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mobility.upkeep.rules import Known, in_words, troubles

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
WELL: dict[str, Any] = {"now": NOW, "last_tick": NOW - timedelta(minutes=9)}


def titles(**known: Any) -> list[str]:
    return [each.title for each in troubles(Known(**WELL | known))]


def test_nothing_while_all_is_well() -> None:
    assert titles() == []
    assert titles(last_tick=NOW - timedelta(minutes=10)) == []


def test_no_tick_for_ten_minutes() -> None:
    assert titles(last_tick=NOW - timedelta(minutes=10, seconds=1)) == ["No scheduler has run for 10 minutes"]
    assert titles(last_tick=NOW - timedelta(hours=49)) == ["No scheduler has run for 2 days"]
    assert titles(last_tick=None) == ["No scheduler has run yet"]


def test_dead_mail_failed_jobs_and_old_backups() -> None:
    assert titles(dead_mail=1, newest_dead=7) == ["A message could not be sent"]
    failing = [("escalate", NOW), ("tidy", NOW)]
    assert titles(dead_mail=3, newest_dead=7, failing=failing) == [
        "The job escalate failed",
        "The job tidy failed",
        "3 messages could not be sent",
    ]
    assert titles(backup_days=2, last_backup=NOW - timedelta(days=2)) == []
    assert titles(backup_days=2, last_backup=NOW - timedelta(days=3)) == ["The last proved backup is 3 days old"]
    assert titles(backup_days=2) == ["There is no backup that was proved"]
    assert titles(backup_days=0) == []


def test_the_same_trouble_is_the_same_occasion_and_a_new_one_another() -> None:
    def occasions(**known: Any) -> list[str]:
        return [each.occasion for each in troubles(Known(**WELL | known))]

    later = {"now": NOW + timedelta(hours=1)}
    silent = {"last_tick": NOW - timedelta(hours=1)}
    assert occasions(**silent) == occasions(**silent, **later)
    assert occasions(**silent) != occasions(last_tick=NOW - timedelta(hours=2))
    assert occasions(dead_mail=1, newest_dead=7) == occasions(dead_mail=2, newest_dead=7)
    assert occasions(dead_mail=1, newest_dead=7) != occasions(dead_mail=2, newest_dead=8)
    assert occasions(failing=[("tidy", NOW)]) == occasions(failing=[("tidy", NOW + timedelta(hours=1))])
    assert occasions(failing=[("tidy", NOW)]) != occasions(failing=[("tidy", NOW + timedelta(days=1))])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (7200, "2 hours"), (172_799, "1 day")],
)
def test_words_for_a_time(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
