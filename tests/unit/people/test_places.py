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


def test_cities_of_one_name_are_told_apart() -> None:
    assert places.namesakes("DE", "HAMM") == ["Hamm near Dortmund", "Hamm near Marienthal"]
    assert [round(found.latitude) for each in places.namesakes("DE", "Hamm") if (found := places.find("DE", each))] == [52, 54]
    assert places.namesakes("DE", "Munster") == ["Münster near Dortmund", "Munster near Soltau"]
    assert places.namesakes("DE", "Münster") == places.namesakes("DE", "Berlin") == []
    assert places.namesakes("DE", "Hamm near Dortmund") == []
    assert "Hamm near Marienthal" in places.cities("DE")
    assert "Hamm" not in places.cities("DE")


def test_every_label_leads_to_a_city_of_its_own() -> None:
    for country in places.EUROPE:
        labels = [each for each in places.cities(country) if " near " in each]
        assert len({places.find(country, each) for each in labels}) == len(labels), country
