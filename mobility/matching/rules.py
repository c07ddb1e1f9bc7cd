"""Which themes suit whom, with the reasons (P2: the theme is the matchmaker). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mobility.core.wording import WORDS, country_name, joined
from mobility.people.sectors import SECTORS
from mobility.programmes.rules import country_refusal, levels_in_words, programme_level_refusal, theme_level_refusal

SECTOR_POINTS, LEVEL_POINTS, LANGUAGE_POINTS, DATES_POINTS, ABROAD_POINTS = 3, 2, 1, 2, 1


@dataclass(frozen=True)
class Seeker:
    """Somebody looking for a theme: where from, of which level, working in what, speaking what, free when."""

    country: str
    level: str | None = None
    sectors: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Match:
    """How well a theme suits: more points, better; every point has its reason."""

    theme: Any
    score: int
    reasons: tuple[str, ...]


# Suggestions (P2: the theme is the matchmaker)


def match(theme: Any, seeker: Seeker) -> Match:
    """The score of one theme's card (with `levels`, `sectors`, `languages`, `host_country`, days) for a person."""
    shared = sorted(SECTORS[sector] for sector in seeker.sectors.intersection(theme.sectors) if sector in SECTORS)
    spoken = sorted(WORDS.languages.get(code, code) for code in seeker.languages.intersection(theme.languages))
    points: list[tuple[int, str]] = []
    if shared:
        points.append((SECTOR_POINTS * len(shared), f"You both work in {joined(_lower(name) for name in shared)}"))
    if seeker.level and seeker.level in theme.levels:
        points.append((LEVEL_POINTS, f"Made for {levels_in_words([seeker.level])}"))
    if spoken:
        points.append((LANGUAGE_POINTS, f"The host speaks {joined(spoken)}"))
    if _days_meet(theme, seeker):
        points.append((DATES_POINTS, "The host can receive you on your days"))
    if theme.host_country != seeker.country:
        points.append((ABROAD_POINTS, f"A view from {country_name(theme.host_country)}"))
    return Match(theme, sum(each for each, _ in points), tuple(reason for _, reason in points))


def best(themes: Iterable[Any], seeker: Seeker, count: int) -> Sequence[Match]:
    """The themes that suit best, for which the person is eligible; of equals the first given."""
    matches = [match(theme, seeker) for theme in themes if _eligible(theme, seeker)]
    return sorted(matches, key=lambda each: -each.score)[:count]


def _eligible(theme: Any, seeker: Seeker) -> bool:
    return (
        country_refusal(seeker.country, "", theme.eligible_countries)
        or programme_level_refusal(seeker.level, "", theme.eligible_levels)
        or theme_level_refusal(seeker.level, theme.levels)
    ) is None


def _days_meet(theme: Any, seeker: Seeker) -> bool:
    if not (seeker.first_day and seeker.last_day and theme.first_day and theme.last_day):
        return False
    return bool(theme.first_day <= seeker.last_day and seeker.first_day <= theme.last_day)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
