"""Regions with holidays of their own, by their English names."""

import pytest

from mobility.people.regions import region_name, regions


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("DE-BY", "Bavaria"),
        ("DE-HH", "Hamburg"),
        ("CH-ZH", "Zurich"),
        ("CH-UR", "Uri"),
        ("AT-6", "Styria"),
        ("ES-CT", "Catalonia"),
        ("FR-971", "Guadeloupe"),
        ("PT-20", "Azores"),
        ("GB-SCT", "Scotland"),
        ("DE-Augsburg", ""),  # a city
        ("SE-AB", ""),  # all of Sweden has the same
        ("", ""),
    ],
)
def test_their_names(code: str, name: str) -> None:
    assert region_name(code) == name


@pytest.mark.parametrize(("country", "count"), [("DE", 16), ("CH", 26), ("AT", 9), ("NL", 0), ("SE", 0), ("XX", 0)])
def test_school_zones_and_cities_are_none(country: str, count: int) -> None:
    assert len(regions(country)) == count


def test_they_are_offered_by_name() -> None:
    assert [*regions("CH").values()][-2:] == ["Zug", "Zurich"]
