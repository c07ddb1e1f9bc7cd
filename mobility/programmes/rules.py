"""What a programme promises, and for whom it is: eligibility (P6, P8). Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from mobility.core.wording import counted, country_name, joined
from mobility.people.roles import LEVEL_LABELS, Level
from mobility.workflows.promises import Tally

# Those in which the Union's regions live, with their neighbours' (the Atlantic islands, the outermost regions, the overseas
# countries); all others of Europe besides
OVERSEAS = (
    "America/Aruba",
    "America/Cayenne",
    "America/Curacao",
    "America/Guadeloupe",
    "America/Kralendijk",
    "America/Lower_Princes",
    "America/Marigot",
    "America/Martinique",
    "America/Miquelon",
    "America/Nuuk",
    "America/St_Barthelemy",
    "Arctic/Longyearbyen",
    "Asia/Famagusta",
    "Asia/Nicosia",
    "Atlantic/Azores",
    "Atlantic/Canary",
    "Atlantic/Faroe",
    "Atlantic/Madeira",
    "Atlantic/Reykjavik",
    "Africa/Ceuta",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)
TIMEZONES = ("UTC", *sorted([*OVERSEAS, *(zone for zone in available_timezones() if zone.startswith("Europe/"))]))


def stay_limits_problem(least: int | None, most: int | None) -> str | None:
    if least is None or most is None or least <= most:
        return None
    return f"The longest stay cannot be shorter than the shortest ({least} days)."


def call_days_problem(opens_on: date, closes_on: date | None) -> str | None:
    return "The call cannot close before it opens." if closes_on is not None and closes_on < opens_on else None


@dataclass(frozen=True)
class Deadline:
    """A service promise as the programme sets it: `words` is how the public page says it, with {} for the number.

    `promise` is its name in the workflows; none: it is not measured yet.
    """

    label: str
    words: str
    promise: str
    help: str = ""

    def says(self, days: int) -> str:
        return self.words.replace("{} working days", counted(days, "working day")).replace("{} days", counted(days, "day"))


PROMISES = {  # workflows.md, service promises
    "host_answer_days": Deadline("Hosts answer within, in days", "Hosts answer an application within {} days", "host_answer"),
    "guest_confirmation_days": Deadline("Guests confirm within, in days", "Guests confirm within {} days", "guest_confirmation"),
    "signature_days": Deadline("Both sides sign within, in days", "Both sides sign the agreement within {} days", "signatures"),
    "endorsement_days": Deadline(
        "The guest organisation endorses within, in days",
        "The guest organisation endorses a stay within {} days",
        "endorsement",
        "At the latest the day before the stay. Only where an endorsement is required.",
    ),
    "voucher_request_days": Deadline(
        "Guests request the voucher within, in days",
        "Guests request the voucher within {} days of the agreement",
        "voucher_request",
    ),
    "decision_working_days": Deadline(
        "The programme decides within, in working days",
        "The programme decides on a voucher within {} working days",
        "decision",
        "Shown to everybody, and measured.",
    ),
    "answer_days": Deadline("Guests answer a question within, in days", "Holders answer a question within {} days", "answer"),
    "attendance_days": Deadline(
        "Hosts confirm attendance within, in days", "Hosts confirm the attendance within {} days", "attendance"
    ),
    "claim_days": Deadline("Guests claim within, in days", "What was delivered is reported and claimed within {} days", "claim"),
    "payment_days": Deadline("The programme pays within, in days", "The programme pays within {} days of the claim", "payment"),
    "questionnaire_days": Deadline(
        "Questionnaires are open for, in days", "Questionnaires are open for {} days", "questionnaire"
    ),
}
WITHOUT_A_SETTING = {  # measured too; the delivery of a stay is not listed, as the attendance asks for it
    "join_answer": "Coordinators answer who asks to join within 5 working days",
    "join_check": "New organisations are checked within 5 working days",
    "join_check_by_administrator": "Administrators check new organisations within 5 working days",
    "join_question": "Who asked to join answers a question within 14 days",
    "mentor_answer": "Mentors say within 10 working days whether they will be one",
    "first_talk": "Mentors and mentees talk within 10 working days",
    "three_points": "Mentors and mentees agree on three points within 10 working days",
    "looking_back": "Mentors and mentees look back on the day they have agreed",
    "place_offer": "Guests take or refuse a place that became free within 5 days",
    "redemption": "Holders use a voucher while it is valid",
    "service": "Holders confirm the service they received",
    "story_consent": "Both sides say within 14 days whether a success story may be published",
    "story_review": "Reviewers read a success story within 14 days",
    "story_reviewer": "A reviewer is found within 7 days",
}

Tallies = Mapping[tuple[str, str], Tally]  # (promise, owed by) -> how it was kept


class Measured(NamedTuple):
    """A promise in words, and how it was kept; `tally` None: it is not measured yet."""

    words: str
    tally: Tally | None
    owed_by: str = ""


def promised(programme: Any, tallies: Tallies) -> list[Measured]:
    """What a programme promises, and how it is kept by all who owe it: for everybody."""
    return [
        Measured(deadline.says(getattr(programme, setting)), _of(deadline.promise, tallies) if deadline.promise else None)
        for setting, deadline in PROMISES.items()
        if setting != "endorsement_days" or programme.endorsement == "required"
    ]


def _of(promise: str, tallies: Tallies) -> Tally:
    return sum((tally for (name, _), tally in tallies.items() if name == promise), Tally())


def measured(programme: Any, tallies: Tallies) -> list[Measured]:
    """Each promise that was ever made, by each who owes it: for the programme's people."""
    words = {deadline.promise: deadline.says(getattr(programme, setting)) for setting, deadline in PROMISES.items()}
    return [
        Measured(said, tally, owed_by)
        for promise, said in {**words, **WITHOUT_A_SETTING}.items()
        for (name, owed_by), tally in sorted(tallies.items())
        if name == promise
    ]


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
    return f"The host invites {levels_in_words(levels)}; {_level_said(level)}."


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
