"""Invented calls counted anew from their bare rows, by loops that share nothing with the code under test (followup.md)."""

from fractions import Fraction
from typing import Any

import pytest

from mobility.outcomes.review import Review
from tests.support.invented import invented
from tests.support.outcomes import Reader

COMPLETED = ("completed", "closed")


def last_answers(data: Any, questionnaire: str) -> dict[str, Any]:
    """Exchange -> what was sent last by whoever was asked, as the file lists sendings."""
    newest: dict[str, Any] = {}
    for row in sorted(data["sending"], key=lambda each: each["at"]):
        if row["key"] == questionnaire:
            newest[row["of"]] = row["answers"]
    return newest


def share(found: int, of: int) -> Fraction | None:
    return Fraction(found, of) if of else None


SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_of_the_whole_programme(seed: int) -> None:
    data = invented(seed)
    figures = Review(Reader(data).read(), None).figures
    wanted = counted(data)
    assert {key: (figures[key].value, figures[key].n) for key in wanted} == wanted


def test_each_of_these_figures_rests_on_something_somewhere() -> None:
    every = [counted(invented(seed)) for seed in SEEDS]
    assert [key for key in every[0] if not any(found[key][1] > 1 for found in every)] == []


def counted(data: Any) -> dict[str, tuple[Fraction | None, int]]:
    """Value and n of some figures, by hand."""
    guests, hosts = last_answers(data, "end_guest"), last_answers(data, "end_host")
    over = [row["key"] for row in data["exchange"] if row["state"] in COMPLETED]
    wanted: dict[str, tuple[Fraction | None, int]] = {}

    said = [word for key in guests for word in (guests[key].get("met") or {}).values()]
    for word in ("yes", "partly", "no"):
        wanted[f"objectives_met.{word}"] = share(said.count(word), len(said)), len(said)

    both = [key for key in over if (guests.get(key) or {}).get("benefit") and (hosts.get(key) or {}).get("benefit")]
    won = [key for key in both if guests[key]["benefit"] == "yes" and hosts[key]["benefit"] == "yes"]
    wanted["win_win"] = share(len(won), len(both)), len(both)

    wanted["pipeline.exchanges_completed"] = Fraction(len(over)), len(over)

    hours = sorted(Fraction(str(each["hours"])) for each in guests.values() if each.get("hours") is not None)
    middle = hours[(len(hours) - 1) // 2 : len(hours) // 2 + 1]
    wanted["hours.guests"] = sum(middle, Fraction()) / len(middle) if middle else None, len(hours)

    year = last_answers(data, "month_12")
    served = [each["members_served"] for each in year.values() if each.get("members_served") is not None]
    wanted["sums.members_served"] = Fraction(sum(served)) if served else None, len(served)

    ends = [each["anyway"] for each in year.values() if each.get("anyway")]
    wanted["additionality.guests"] = share(ends.count("not_at_all"), len(ends)), len(ends)

    for key in ("end_guest", "end_host", "month_3", "month_12"):
        states = [row["state"] for row in data["request"] if row["key"] == key]
        answered, missed = states.count("answered"), states.count("missed")
        wanted[f"response.{key}"] = share(answered, answered + missed), answered + missed

    records = [row for row in data["record"] if row["promise"] == "decision"]
    kept, late, lost = (sum(row["outcome"] == word for row in records) for word in ("kept_on_time", "kept_late", "missed"))
    overdue = sum(row["outcome"] == "open" and row["due"] < data["as_of"] for row in records)
    wanted["kept.decision"] = share(kept, kept + late + lost + overdue), kept + late + lost + overdue

    return wanted
