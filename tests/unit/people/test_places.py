"""Cities and where they are."""

import pytest

from mobility.people import places
from mobility.people.sectors import SECTORS, sector_names


@pytest.mark.parametrize(
    ("country", "city", "name"),
    [
        ("PT", "Porto", "Porto"),
        ("PT", "  oporto ", "Porto"),
        ("DE", "Köln", "Köln"),
        ("DE", "cologne", "Köln"),
        ("PL", "Lodz", "Łódź"),
        ("PL", "Łódź", "Łódź"),
        ("ES", "malaga", "Málaga"),
        ("BG", "София", "Sofia"),
    ],
)
def test_a_city_is_found_however_it_is_spelt(country: str, city: str, name: str) -> None:
    place = places.find(country, city)
    assert place is not None
    assert (place.name, place.country) == (name, country)


def test_coordinates_are_degrees() -> None:
    place = places.find("AT", "Graz")
    assert place is not None
    assert (round(place.latitude), round(place.longitude)) == (47, 15)


@pytest.mark.parametrize("city", ["", "Atlantis", "x" * 300, "\u202eotroP", "<b>"])
def test_an_unknown_city_is_nothing(city: str) -> None:
    assert places.find("PT", city) is None


def test_similar_names_are_offered() -> None:
    assert "Lisbon" in places.similar("PT", "Lisbn")
    assert places.similar("PT", "qqqqqqqq") == []
    assert places.similar("XX", "Lisbon") == []


def test_sectors_are_shown_by_name() -> None:
    assert sector_names(["food", "digital", "gone"]) == ["Digital and software", "Food and drink"]
    assert len(SECTORS) == 27
