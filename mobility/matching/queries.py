"""Reading for matching: as whom a person would come, and what suits them."""

from collections.abc import Sequence
from typing import Any

from mobility.matching.rules import Match, Seeker, best
from mobility.people.models import User
from mobility.people.queries import guest_organisations
from mobility.themes.queries import candidates

CONSIDERED = 24


def suggestions(user: User, count: int = 3) -> Sequence[Match]:
    """Open themes that suit a guest best, with the reasons; none without an organisation and its sectors."""
    organisations = guest_organisations(user)
    sectors = frozenset(sector for each in organisations for sector in each.sectors)
    if not sectors:
        return []
    found: Sequence[Any] = candidates(sectors, user.level, user.organisation_ids(), CONSIDERED)
    seeker = Seeker(organisations[0].country, user.level, sectors, _languages_of(user))
    return best(found, seeker, count)


def _languages_of(user: User) -> frozenset[str]:
    """What the account tells; English is taken for granted."""
    return frozenset({user.locale.split("_")[0]}) - {"en"}
