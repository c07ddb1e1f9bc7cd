"""A line of the log, and how seldom the same trouble makes one."""

import json
import logging
import sys
from typing import Any

from mobility.running.logs import JsonLines, Seldom, TextLines, in_one_line

AT = 1803888000.123  # 1 March 2027, 08:00 UTC


def record(message: str, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("mobility", logging.INFO, __file__, 1, message, (), more.pop("exc_info", None))
    made.created = AT
    vars(made).update(more)
    return made


def test_a_line_of_text_has_the_time_the_level_and_what_the_request_took() -> None:
    line = TextLines().format(record("GET /vouchers/12", facts={"status": 200, "ms": 34, "queries": 12}))
    assert line == "2027-03-01T08:00:00.123Z INFO GET /vouchers/12 (status 200, 34 ms, 12 queries)"


def test_the_same_as_json() -> None:
    line = JsonLines().format(record("GET /vouchers/12", facts={"status": 200, "ms": 34, "queries": 0}))
    assert json.loads(line) == {
        "time": "2027-03-01T08:00:00.123Z",
        "level": "INFO",
        "message": "GET /vouchers/12",
        "status": 200,
        "ms": 34,
        "queries": 0,
    }


def test_nobody_can_write_a_line_of_their_own_into_the_log() -> None:
    forged = "x\n2027-03-01T08:00:00.123Z INFO all is well\r\u2028\x1b[2J"
    assert in_one_line(forged) == r"x\n2027-03-01T08:00:00.123Z INFO all is well\r\u2028\x1b[2J"
    assert "\n" not in TextLines().format(record(forged))
    assert "\n" not in JsonLines().format(record(forged))


def test_a_fault_of_ours_is_told_whole_below_its_line() -> None:
    try:
        raise ValueError("a fault")
    except ValueError:
        made = record("themes.index failed", exc_info=sys.exc_info())
    lines = TextLines().format(made).splitlines()
    assert lines[0].endswith("INFO themes.index failed")
    assert lines[-1] == "  ValueError: a fault"
    assert json.loads(JsonLines().format(made))["error"].endswith("ValueError: a fault")


def test_the_same_trouble_makes_a_line_a_minute_that_counts_the_others() -> None:
    now = 100.0
    seldom = Seldom(lambda: now)
    assert [seldom.left_out("away") for _ in range(4)] == [0, None, None, None]
    assert seldom.left_out("full") == 0, "another trouble"
    now += 59
    assert seldom.left_out("away") is None
    now += 1
    assert seldom.left_out("away") == 4
    now += 60
    assert seldom.left_out("away") == 0
    assert seldom.over() == {"full": 120}, "a connection of before still answers: that ends no trouble"
    now += 4
    assert seldom.left_out("away") is None
    now += 5
    assert seldom.over() == {"away": 129}
    assert seldom.over() == {}
    assert seldom.left_out("away") == 0
