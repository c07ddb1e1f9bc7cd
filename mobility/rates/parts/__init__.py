"""The parts of the editor of a rate card: one for each component of money.md, with rows instead of a language.

A part has a tick ("Travel by distance"), its fields, and knows how its settings are read from them, and which field a
fault belongs to (`places`). Rows that are left empty are none.
"""

from mobility.rates.parts.base import Part as Part
from mobility.rates.parts.base import blame as blame
from mobility.rates.parts.base import is_set as is_set
from mobility.rates.parts.base import is_typed as is_typed
from mobility.rates.parts.base import kilometres as kilometres
from mobility.rates.parts.shares import CostsPart, SharePart
from mobility.rates.parts.stay import BandPart, DailyPart, LumpPart, MonthlyPart
from mobility.rates.parts.stay import CountryRow as CountryRow
from mobility.rates.parts.sums import CapPart, FixedPart, FloorPart

PARTS: dict[str, type[Part]] = {
    "lump_by_country": LumpPart,
    "distance_band": BandPart,
    "daily": DailyPart,
    "monthly": MonthlyPart,
    "share_of_cost": SharePart,
    "real_costs": CostsPart,
    "fixed": FixedPart,
    "floor": FloorPart,
    "cap": CapPart,
}
