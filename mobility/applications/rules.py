"""What an application must be before it is sent, and which days a stay may have. Pure; workflows.md, "Application"."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from mobility.core.errors import Problem
from mobility.programmes.rules import country_refusal, programme_level_refusal, theme_level_refusal
from mobility.rates.rules import Case, Estimate, distance_km, estimate
from mobility.themes.rules import stay_problem
from mobility.themes.workflow import PUBLISHED, full

MOST_DELEGATES = 3
LEVEL_FIELDS = ("level", "second_level", "third_level")
NAME_FIELDS = ("name", "second_name", "third_name")
CONTACT_KINDS = {"call": "Phone call", "video": "Video call", "message": "Messages", "meeting": "Meeting in person"}
ANYWHERE = ""  # a problem that no single field can put right


class Circumstances(NamedTuple):
    """What an application is judged by besides itself: the day, and what else the guest has open in the programme."""

    today: date
    open_elsewhere: int
    open_to_this_theme: bool
    guest_works_for_host: bool


Rule = Callable[[Any, Circumstances], Iterable[Problem]]


def problems(application: Any, circumstances: Circumstances) -> list[Problem]:
    """Everything that stands against submitting, in the order of the page, so that one look shows it all."""
    return [problem for rule in SUBMIT_RULES for problem in rule(application, circumstances)]


def problems_of_waiting(application: Any, circumstances: Circumstances) -> list[Problem]:
    """What stands against waiting for a place: nobody waits for what they could not have. Days and reasons can come later."""
    return [problem for rule in WAIT_RULES for problem in rule(application, circumstances)]


def theme_is_open(application: Any, now: Circumstances) -> Iterable[Problem]:
    """Whoever was offered a place from the queue has it, also of a theme that its last place closed."""
    if application.place_offered_on is not None:
        return
    if full(application.theme, now.today):
        yield Problem(ANYWHERE, "All places of this theme are taken. Your draft is kept, and you can wait for a place.")
    elif application.theme.state != PUBLISHED:
        yield Problem(ANYWHERE, "This theme does not take applications any more. Your draft is kept.")
    elif application.theme.free_places < 1:
        yield Problem(ANYWHERE, "All places of this theme are taken. Your draft is kept.")


def one_at_a_time(application: Any, now: Circumstances) -> Iterable[Problem]:
    """The programme's cap, and one open application to a theme."""
    cap = application.theme.programme.open_applications_cap
    if now.open_to_this_theme:
        yield Problem(ANYWHERE, "You already have an open application to this theme.")
    if now.open_elsewhere >= cap:
        yield Problem(
            ANYWHERE,
            f"You have {now.open_elsewhere} open applications, and this programme allows {cap} at a time. "
            "Wait for an answer, or withdraw one.",
        )


def two_sides(application: Any, now: Circumstances) -> Iterable[Problem]:
    """P1: an exchange has two sides, and the guest comes from the other."""
    organisation, theme = application.guest_organisation, application.theme
    if organisation.id == theme.host_id or now.guest_works_for_host:
        yield Problem("organisation", f"You belong to {theme.host.name} yourself. An exchange is with another organisation.")
        return
    programme = theme.programme
    if refusal := country_refusal(organisation.country, programme.name, programme.eligible_countries):
        yield Problem("organisation", refusal)


def delegation_fits(application: Any, now: Circumstances) -> Iterable[Problem]:
    """1 to 3 guests, each with a level that the programme and the theme address (P1, P6)."""
    if not application.delegates:
        yield Problem(NAME_FIELDS[0], "Say who travels.")
    if len(application.delegates) > MOST_DELEGATES:
        yield Problem(NAME_FIELDS[-1], f"At most {MOST_DELEGATES} people travel together.")
    for place, delegate in enumerate(application.delegates[:MOST_DELEGATES]):
        if not delegate.name:
            yield Problem(NAME_FIELDS[place], "Give the name of this guest.")
        yield from level_fits(delegate.level, application.theme, LEVEL_FIELDS[place])


def level_fits(level: str, theme: Any, field: str) -> Iterable[Problem]:
    if not level:
        yield Problem(field, "Choose the level of this guest.")
        return
    programme = theme.programme
    of_programme = programme_level_refusal(level, programme.name, programme.eligible_levels)
    if refusal := of_programme or theme_level_refusal(level, theme.levels):
        yield Problem(field, refusal)


def reasons_are_given(application: Any, now: Circumstances) -> Iterable[Problem]:
    for field, message in (
        ("motivation", "Say why you want to come."),
        ("objectives", "Say what you want to learn, and what for."),
        ("brings", "Say what you bring: the host wants to gain from it too."),
    ):
        if not getattr(application, field).strip():
            yield Problem(field, message)


def preferred_days_fit(application: Any, now: Circumstances) -> Iterable[Problem]:
    first_day, last_day = application.first_day, application.last_day
    if first_day is None:
        yield Problem("first_day", "Choose your first day.")
    if last_day is None:
        yield Problem("last_day", "Choose your last day.")
    if first_day and last_day and (problem := days_problem(application.theme, first_day, last_day, now.today, True)):
        yield problem


SUBMIT_RULES: tuple[Rule, ...] = (
    theme_is_open,
    one_at_a_time,
    two_sides,
    delegation_fits,
    preferred_days_fit,
    reasons_are_given,
)
WAIT_RULES: tuple[Rule, ...] = (two_sides, delegation_fits)


def days_problem(theme: Any, first_day: date, last_day: date, today: date, applying: bool = False) -> Problem | None:
    """Why a stay cannot be on these days: it is in the future, inside one window, of a length within the limits (P3).

    `applying`: the window's application deadline must not have passed, either.
    """
    if first_day <= last_day and first_day <= today:
        return Problem("first_day", "The first day must be in the future.")
    return stay_problem(theme, first_day, last_day, today if applying else None)


def say(day: date) -> str:
    """3 March 2027"""
    return f"{day.day} {day:%B %Y}"


LONGEST_SHOWN = 366  # days; what is longer is a slip of the pen


def stay_preview(
    components: Mapping[str, Any] | None, theme: Any, home: Any, first_day: date | None, last_day: date | None, green: bool
) -> Estimate | None:
    """What a voucher for these days would amount to, by the programme's rates; nothing before the days are known."""
    if first_day is None or last_day is None or not 0 <= (last_day - first_day).days < LONGEST_SHOWN:
        return None
    host = theme.host
    distance = distance_km(home.latitude, home.longitude, host.latitude, host.longitude)
    stay = Case.of_stay(host.country, first_day, last_day, distance, green)
    return estimate(components, replace(stay, currency=theme.programme.currency))
