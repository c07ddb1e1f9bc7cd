"""Who is eligible, and how well a theme suits a person; pure. A refusal says its rule, a score its reasons."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale

from mobility.people.models import LEVEL_LABELS, Level
from mobility.people.sectors import SECTORS

WORDS = Locale("en", "GB")
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


# Eligibility (P8: open to all participating countries; P6: each theme names the levels it addresses)


def country_refusal(country: str, programme_name: str, eligible_countries: Collection[str]) -> str | None:
    """Why guests from a country cannot come; a programme that names no country is open to all."""
    if not eligible_countries or country in eligible_countries:
        return None
    return (
        f"{programme_name} is open to guests from {joined(map(country_name, eligible_countries))}; "
        f"your organisation is in {country_name(country)}."
    )


def programme_level_refusal(level: str | None, programme_name: str, eligible_levels: Collection[str]) -> str | None:
    """Why a colleague of this level cannot take part in the programme; one that names no level takes all."""
    if not eligible_levels or level in eligible_levels:
        return None
    return f"{programme_name} is open to {levels_in_words(eligible_levels)}; {_level_said(level)}."


def theme_level_refusal(level: str | None, levels: Collection[str]) -> str | None:
    """Why a colleague of this level is not whom the host addresses."""
    if not levels or level in levels:
        return None
    return f"The host addresses {levels_in_words(levels)}; {_level_said(level)}."


def refusals(theme: Any, country: str, levels: Iterable[str | None]) -> list[str]:
    """All that stands against guests of a country and of these levels (one for each who travels)."""
    programme = theme.programme
    of_country = country_refusal(country, programme.name, programme.eligible_countries)
    of_levels = [
        programme_level_refusal(level, programme.name, programme.eligible_levels)
        or theme_level_refusal(level, theme.levels)
        for level in dict.fromkeys(levels)
    ]
    return [refusal for refusal in (of_country, *of_levels) if refusal]


def country_name(code: str) -> str:
    return WORDS.territories.get(code, code)


def levels_in_words(levels: Collection[str]) -> str:
    """cluster managers and policy makers"""
    return joined(f"{LEVEL_LABELS[level].lower()}s" for level in LEVEL_LABELS if level in levels)


def joined(words: Iterable[str]) -> str:
    """a, b and c"""
    *first, last = sorted(words)
    return f"{', '.join(first)} and {last}" if first else last


def _level_said(level: str | None) -> str:
    if level is None or level not in set(LEVEL_LABELS):
        return "your account names no level yet"
    return f"you chose {LEVEL_LABELS[Level(level)].lower()}"


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
