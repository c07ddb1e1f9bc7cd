"""What a programme promises, and for whom it is: eligibility (P6, P8). Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from mobility.core.wording import country_name, joined
from mobility.people.roles import LEVEL_LABELS, Level


@dataclass(frozen=True)
class Deadline:
    """A service promise as the programme sets it: `words` is how the public page says it, with {} for the number."""

    label: str
    words: str
    help: str = ""


PROMISES = {  # workflows.md, service promises
    "host_answer_days": Deadline("Hosts answer within, in days", "Hosts answer an application within {} days"),
    "guest_confirmation_days": Deadline("Guests confirm within, in days", "Guests confirm within {} days"),
    "signature_days": Deadline("Both sides sign within, in days", "Both sides sign the agreement within {} days"),
    "voucher_request_days": Deadline(
        "Guests request the voucher within, in days", "Guests request the voucher within {} days of the agreement"
    ),
    "decision_working_days": Deadline(
        "The programme decides within, in working days",
        "The programme decides on a voucher within {} working days",
        "Shown to everybody, and measured.",
    ),
    "answer_days": Deadline("Guests answer a question within, in days", "Guests answer a question within {} days"),
    "attendance_days": Deadline("Hosts confirm attendance within, in days", "Hosts confirm the attendance within {} days"),
    "claim_days": Deadline("Guests claim within, in days", "Guests report and claim within {} days after the visit"),
    "payment_days": Deadline("The programme pays within, in days", "The programme pays within {} days of the claim"),
    "questionnaire_days": Deadline("Questionnaires are open for, in days", "Questionnaires are open for {} days"),
}


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
        programme_level_refusal(level, programme.name, programme.eligible_levels) or theme_level_refusal(level, theme.levels)
        for level in dict.fromkeys(levels)
    ]
    return [refusal for refusal in (of_country, *of_levels) if refusal]


def levels_in_words(levels: Collection[str]) -> str:
    """cluster managers and policy makers"""
    return joined(f"{LEVEL_LABELS[level].lower()}s" for level in LEVEL_LABELS if level in levels)


def _level_said(level: str | None) -> str:
    if level is None or level not in set(LEVEL_LABELS):
        return "your account names no level yet"
    return f"you chose {LEVEL_LABELS[Level(level)].lower()}"
