"""Regions with public holidays of their own: ISO 3166-2 codes, such as DE-BY, of those that the `holidays` package knows.

Their names are the package's, in the country's language, but where English has a name of its own.
"""

import re
from functools import lru_cache

import holidays

from mobility.core.names import searchable

CODE = re.compile(r"[A-Z0-9]{1,3}")  # the package knows some cities and school zones, too, which are no regions
SHORTEST_NAME = 4  # what is shorter is an abbreviation

ENGLISH = {
    "AT": {"2": "Carinthia", "3": "Lower Austria", "4": "Upper Austria", "6": "Styria", "7": "Tyrol", "9": "Vienna"},
    "BA": {"BIH": "Federation of Bosnia and Herzegovina", "BRC": "Brčko District"},
    "CH": {
        "AI": "Appenzell Inner Rhodes",
        "AR": "Appenzell Outer Rhodes",
        "BL": "Basel-Country",
        "BS": "Basel-City",
        "FR": "Fribourg",
        "GE": "Geneva",
        "GR": "Grisons",
        "LU": "Lucerne",
        "SG": "St. Gallen",
        "ZH": "Zurich",
    },
    "DE": {
        "BY": "Bavaria",
        "HE": "Hesse",
        "MV": "Mecklenburg-Western Pomerania",
        "NI": "Lower Saxony",
        "NW": "North Rhine-Westphalia",
        "RP": "Rhineland-Palatinate",
        "SN": "Saxony",
        "ST": "Saxony-Anhalt",
        "TH": "Thuringia",
    },
    "ES": {
        "AN": "Andalusia",
        "AR": "Aragon",
        "CL": "Castile and León",
        "CM": "Castilla–La Mancha",
        "CN": "Canary Islands",
        "CT": "Catalonia",
        "IB": "Balearic Islands",
        "NC": "Navarre",
        "PV": "Basque Country",
        "VC": "Valencian Community",
    },
    "FI": {
        "01": "Åland",
        "02": "South Karelia",
        "03": "South Ostrobothnia",
        "04": "South Savo",
        "07": "Central Ostrobothnia",
        "08": "Central Finland",
        "10": "Lapland",
        "12": "Ostrobothnia",
        "13": "North Karelia",
        "14": "North Ostrobothnia",
        "15": "North Savo",
        "19": "Southwest Finland",
    },
    "FR": {
        "973": "French Guiana",
        "974": "Réunion",
        "NC": "New Caledonia",
        "PF": "French Polynesia",
        "PM": "Saint Pierre and Miquelon",
        "TF": "French Southern Territories",
        "WF": "Wallis and Futuna",
    },
    "IT": {
        "BZ": "Bolzano (South Tyrol)",
        "FI": "Florence",
        "FC": "Forlì-Cesena",
        "GE": "Genoa",
        "MB": "Monza and Brianza",
        "MI": "Milan",
        "MN": "Mantua",
        "NA": "Naples",
        "PD": "Padua",
        "PU": "Pesaro and Urbino",
        "RM": "Rome",
        "SR": "Syracuse",
        "SU": "South Sardinia",
        "TO": "Turin",
        "VE": "Venice",
    },
    "NO": {"50": "Trøndelag", "55": "Troms", "56": "Finnmark"},
    "PL": {
        "02": "Lower Silesia",
        "04": "Kuyavia-Pomerania",
        "06": "Lublin",
        "08": "Lubusz",
        "10": "Łódź",
        "12": "Lesser Poland",
        "14": "Mazovia",
        "16": "Opole",
        "18": "Subcarpathia",
        "20": "Podlaskie",
        "22": "Pomerania",
        "24": "Silesia",
        "26": "Świętokrzyskie",
        "28": "Warmia-Masuria",
        "30": "Greater Poland",
        "32": "West Pomerania",
    },
    "PT": {"11": "Lisbon", "20": "Azores", "30": "Madeira"},
}


@lru_cache(maxsize=256)
def regions(country: str | None) -> dict[str, str]:
    """Code -> name of each region of a country, by name; empty where a country has none with holidays of its own."""
    if country not in holidays.list_supported_countries(include_aliases=False):
        return {}
    known = getattr(holidays, country)
    names = _names(getattr(known, "subdivisions_aliases", {})) | ENGLISH.get(country, {})
    found = {f"{country}-{code}": names.get(code, code) for code in known.subdivisions if CODE.fullmatch(code)}
    return dict(sorted(found.items(), key=lambda each: searchable(each[1])))


def region_name(code: str) -> str:
    """What a region is called; "" of one that is not known."""
    return regions(code.partition("-")[0]).get(code, "")


def _names(aliases: dict[str, str]) -> dict[str, str]:
    """Of the several names of a region the first that is no abbreviation, such as Uri, which has no other."""
    by_length = sorted(aliases.items(), key=lambda each: len(each[0]) < SHORTEST_NAME)  # stable: the first stays first
    names: dict[str, str] = {}
    for name, code in by_length:
        names.setdefault(code, name)
    return names
