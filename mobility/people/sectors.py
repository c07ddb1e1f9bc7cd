"""The sectors organisations and themes name: a fixed list, so that they can be matched and counted."""

SECTORS = {
    "aerospace": "Aerospace",
    "agriculture": "Agriculture and forestry",
    "automotive": "Automotive and mobility",
    "bioeconomy": "Bioeconomy and biotechnology",
    "circular_economy": "Circular economy and waste",
    "construction": "Construction and building",
    "creative": "Creative and cultural industries",
    "digital": "Digital and software",
    "education": "Education and skills",
    "electronics": "Electronics and photonics",
    "energy": "Energy and renewables",
    "finance": "Finance and business services",
    "food": "Food and drink",
    "health": "Health and life sciences",
    "logistics": "Logistics and transport",
    "manufacturing": "Manufacturing and machinery",
    "maritime": "Maritime and blue economy",
    "materials": "Materials, chemicals and plastics",
    "media": "Media and communication",
    "metal": "Metal and foundry",
    "security": "Security and defence",
    "smart_cities": "Smart cities and housing",
    "sport": "Sport and wellbeing",
    "textiles": "Textiles and fashion",
    "tourism": "Tourism and hospitality",
    "water": "Water and environment",
    "wood": "Wood, furniture and paper",
}


def sector_names(keys: list[str]) -> list[str]:
    """What people read, in alphabetical order; keys that no longer exist are left out."""
    return sorted(SECTORS[key] for key in keys if key in SECTORS)
