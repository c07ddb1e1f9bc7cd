"""Regions with public holidays of their own: ISO 3166-2 codes, such as DE-BY, of those that the `holidays` package knows.

Their names are the package's, in the country's language, but where English has a name of its own.
"""

import re
from functools import lru_cache

from mobility.core.names import searchable
from mobility.core.workdays import regions_of

CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")  # the package knows some cities and school zones, too, which are no regions

ENGLISH = {
    "AT-2": "Carinthia",
    "AT-3": "Lower Austria",
    "AT-4": "Upper Austria",
    "AT-6": "Styria",
    "AT-7": "Tyrol",
    "AT-9": "Vienna",
    "BA-BIH": "Federation of Bosnia and Herzegovina",
    "BA-BRC": "Brčko District",
    "CH-AI": "Appenzell Inner Rhodes",
    "CH-AR": "Appenzell Outer Rhodes",
    "CH-BL": "Basel-Country",
    "CH-BS": "Basel-City",
    "CH-FR": "Fribourg",
    "CH-GE": "Geneva",
    "CH-GR": "Grisons",
    "CH-LU": "Lucerne",
    "CH-SG": "St. Gallen",
    "CH-ZH": "Zurich",
    "DE-BY": "Bavaria",
    "DE-HE": "Hesse",
    "DE-MV": "Mecklenburg-Western Pomerania",
    "DE-NI": "Lower Saxony",
    "DE-NW": "North Rhine-Westphalia",
    "DE-RP": "Rhineland-Palatinate",
    "DE-SN": "Saxony",
    "DE-ST": "Saxony-Anhalt",
    "DE-TH": "Thuringia",
    "ES-AN": "Andalusia",
    "ES-AR": "Aragon",
    "ES-CL": "Castile and León",
    "ES-CM": "Castilla–La Mancha",
    "ES-CN": "Canary Islands",
    "ES-CT": "Catalonia",
    "ES-IB": "Balearic Islands",
    "ES-NC": "Navarre",
    "ES-PV": "Basque Country",
    "ES-VC": "Valencian Community",
    "FI-01": "Åland",
    "FI-02": "South Karelia",
    "FI-03": "South Ostrobothnia",
    "FI-04": "South Savo",
    "FI-07": "Central Ostrobothnia",
    "FI-08": "Central Finland",
    "FI-10": "Lapland",
    "FI-12": "Ostrobothnia",
    "FI-13": "North Karelia",
    "FI-14": "North Ostrobothnia",
    "FI-15": "North Savo",
    "FI-19": "Southwest Finland",
    "FR-971": "Guadeloupe",
    "FR-972": "Martinique",
    "FR-973": "French Guiana",
    "FR-974": "Réunion",
    "FR-976": "Mayotte",
    "FR-NC": "New Caledonia",
    "FR-PF": "French Polynesia",
    "FR-PM": "Saint Pierre and Miquelon",
    "FR-TF": "French Southern Territories",
    "FR-WF": "Wallis and Futuna",
    "IT-BZ": "Bolzano (South Tyrol)",
    "IT-FI": "Florence",
    "IT-FC": "Forlì-Cesena",
    "IT-GE": "Genoa",
    "IT-MB": "Monza and Brianza",
    "IT-MI": "Milan",
    "IT-MN": "Mantua",
    "IT-NA": "Naples",
    "IT-PD": "Padua",
    "IT-PU": "Pesaro and Urbino",
    "IT-RM": "Rome",
    "IT-SR": "Syracuse",
    "IT-SU": "South Sardinia",
    "IT-TO": "Turin",
    "IT-VE": "Venice",
    "NO-50": "Trøndelag",
    "NO-55": "Troms",
    "NO-56": "Finnmark",
    "PL-02": "Lower Silesia",
    "PL-04": "Kuyavia-Pomerania",
    "PL-06": "Lublin",
    "PL-08": "Lubusz",
    "PL-10": "Łódź",
    "PL-12": "Lesser Poland",
    "PL-14": "Mazovia",
    "PL-16": "Opole",
    "PL-18": "Subcarpathia",
    "PL-20": "Podlaskie",
    "PL-22": "Pomerania",
    "PL-24": "Silesia",
    "PL-26": "Świętokrzyskie",
    "PL-28": "Warmia-Masuria",
    "PL-30": "Greater Poland",
    "PL-32": "West Pomerania",
    "PT-11": "Lisbon",
    "PT-20": "Azores",
    "PT-30": "Madeira",
}


@lru_cache(maxsize=256)
def regions(country: str | None) -> dict[str, str]:
    """Code -> name of each region of a country, by name; empty where a country has none with holidays of its own."""
    found = {code: ENGLISH.get(code, name) for code, name in regions_of(country).items() if CODE.fullmatch(code)}
    return dict(sorted(found.items(), key=lambda each: searchable(each[1])))


def region_name(code: str) -> str:
    """What a region is called; "" of one that is not known."""
    return regions(code.partition("-")[0]).get(code, "")
