"""What an application must be before it is sent, and which days a stay may have. Pure; workflows.md, "Application"."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from mobility.core.errors import Problem
from mobility.core.wording import counted
from mobility.programmes.rules import country_refusal, programme_level_refusal, theme_level_refusal
from mobility.rates.rules import Case, Components, Estimate, conditions_of, costs_of, distance_km, estimate, travel_days_of
from mobility.themes.rules import stay_problem
from mobility.themes.workflow import PUBLISHED, full

MOST_DELEGATES = 3
LEVEL_FIELDS = ("level", "second_level", "third_level")
NAME_FIELDS = ("name", "second_name", "third_name")
NOT_TALKED_YET = "Choose the day on which you talked; it cannot be in the future."
OR_KNOWN = "Or say here that you know each other."
CONTACT_KINDS = {"call": "Phone call", "video": "Video call", "message": "Messages", "meeting": "Meeting in person"}
ANYWHERE = ""  # a problem that no single field can put right


class Circumstances(NamedTuple):
    """What an application is judged by besides itself: the day, and what else the guest has open in the programme."""

    today: date
    open_elsewhere: int
    open_to_this_theme: bool
    guest_works_for_host: bool
    guest_belongs: bool = True


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
            f"You have {counted(now.open_elsewhere, 'open application')}, and this programme allows {cap} at a time. "
            "Wait for an answer, or withdraw one.",
        )


def two_sides(application: Any, now: Circumstances) -> Iterable[Problem]:
    """P1: an exchange has two sides, and the guest comes from the other."""
    organisation, theme = application.guest_organisation, application.theme
    if organisation.id == theme.host_id or now.guest_works_for_host:
        yield Problem("organisation", f"You belong to {theme.host.name} yourself. An exchange is with another organisation.")
        return
    if not now.guest_belongs:
        yield Problem("organisation", f"You have no role in {organisation.name} any more. Choose an organisation you belong to.")
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
    components: Components | None,
    theme: Any,
    home: Any,
    first_day: date | None,
    last_day: date | None,
    green: bool,
    persons: int = 1,
) -> Estimate | None:
    """What a voucher for these days would amount to, by the programme's rates; nothing before the days are known."""
    if first_day is None or last_day is None or not 0 <= (last_day - first_day).days < LONGEST_SHOWN:
        return None
    case = _case(theme, home, _kilometres(theme.host, home))
    return estimate(components, replace(case, green=green, persons=max(persons, 1)).on(first_day, last_day))


def _kilometres(host: Any, home: Any) -> int:
    return distance_km(home.latitude, home.longitude, host.latitude, host.longitude)


def _case(theme: Any, home: Any | None, kilometres: int) -> Case:
    """Of one person, still without days."""
    host, currency = theme.host, theme.programme.currency
    kind = home.kind if home is not None else ""
    return Case(host.country, distance_km=kilometres, organisation_kind=kind, region=host.region, currency=currency)


def asked_later(components: Components | None) -> list[str]:
    """What is asked for with the voucher, and may make it more: an application does not say it yet."""
    parts = components or ()
    days = ["days of travel"] if any(travel_days_of(parts, manner) for manner in (False, True)) else []
    costs = [label for _, label in costs_of(parts)]
    return [*days, *costs, *(f"a supplement if you declare “{words.rstrip('.')}”" for _, words in conditions_of(parts))]


# Before anybody applies (P2, P8): what a visit would pay


@dataclass(frozen=True)
class Stay:
    """A stay of a theme as it could be, and what one guest would get for it, by plane or car and by train."""

    first_day: date
    last_day: date
    least: Decimal
    most: Decimal

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True)
class Prospect:
    """What a visit would pay, for the shortest and the longest stay of a window, as far as the rates pay for it.

    `city` and `kilometres` are of the reader's organisation. Of a stranger nothing is known: amounts are then those of all
    distances. `refusal` says why there are none; `by_price`: the programme pays a share of a price that is still to be agreed;
    `depends`: it pays only for what is `asked_later`.
    """

    stays: tuple[Stay, ...] = ()
    city: str = ""
    kilometres: int | None = None
    refusal: str = ""
    by_price: bool = False
    depends: bool = False
    asked_later: tuple[str, ...] = ()

    @property
    def least(self) -> Decimal:
        return min(each.least for each in self.stays)

    @property
    def most(self) -> Decimal:
        return max(each.most for each in self.stays)


def prospect(components: Components | None, theme: Any, home: Any | None, today: date) -> Prospect | None:
    """By the programme's rates, in the first window that is still open for applications; None without one."""
    window = next((each for each in theme.windows if each.apply_by >= today), None)
    if window is None:
        return None
    if components is None:
        return Prospect(refusal=f"{theme.programme.name} has not set its rates yet.")
    where = [_kilometres(theme.host, home)] if home is not None else _distances(components)
    known = Prospect(city=home.city, kilometres=where[0]) if home is not None else Prospect()
    against = None
    for start in _starts(window, theme.minimum_days):
        lengths = range(theme.minimum_days, min(theme.maximum_days, (window.last_day - start).days + 1) + 1)
        stays = [_stay(components, _case(theme, home, 0).on(start, start + timedelta(days=each - 1)), where) for each in lengths]
        shortest, longest = _first_paid(stays), _first_paid(reversed(stays))
        if isinstance(shortest, Stay) and isinstance(longest, Stay):
            both = tuple(dict.fromkeys((shortest, longest)))
            return replace(known, stays=both, asked_later=tuple(asked_later(components)))
        against = against or shortest
    return _unpaid(known, against, components) if isinstance(against, Estimate) else None


def _starts(window: Any, days: int) -> list[date]:
    """When so many days could begin: on one of the first two Mondays, as people come, or else on the window's first day.

    A window that opens on a Friday, or in the week of Christmas, would otherwise seem to pay nothing."""
    monday = window.first_day + timedelta(days=-window.first_day.weekday() % 7)
    mondays = [monday, monday + timedelta(days=7)]
    return [*(each for each in mondays if each + timedelta(days=days - 1) <= window.last_day), window.first_day]


def _unpaid(known: Prospect, why: Estimate, components: Components) -> Prospect:
    later = tuple(asked_later(components)) if why.depends else ()
    return replace(known, refusal=why.refusal or "", by_price=why.field == "price", depends=why.depends, asked_later=later)


def _first_paid(stays: Iterable[Stay | Estimate]) -> Stay | Estimate | None:
    """The first that the rates pay for; if there is none, why not: the first that depends on what is asked later, or of all."""
    against = None
    for each in stays:
        if isinstance(each, Stay):
            return each
        against = each if against is None or (each.depends and not against.depends) else against
    return against


def _stay(components: Components, case: Case, kilometres: Sequence[int]) -> Stay | Estimate:
    """What a case comes to from so far away, in either manner of travelling; if that is nothing, why."""
    cases = [replace(case, distance_km=each, green=green) for each in kilometres for green in (False, True)]
    found = [estimate(components, each) for each in cases]
    totals = [each.total for each in found if not each.refusal]
    if not totals or case.first_day is None or case.last_day is None:
        return found[0]
    return Stay(case.first_day, case.last_day, min(totals), max(totals))


def _distances(components: Components) -> list[int]:
    """Where the amounts of these rates change, in kilometres: a distance in each part of them."""
    bands = {band["from_km"] for part in components for band in part.get("bands", ())}
    reductions = {(part.get("reduction") or {}).get("or_km_under", 0) for part in components}
    return sorted({0, *bands, *reductions})
