"""What the page of a theme says to its reader: the way to apply, or why there is none."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_login import current_user

from mobility.applications.rules import Prospect, prospect
from mobility.core import clock
from mobility.joining import queries as joining
from mobility.people import queries as people
from mobility.people.models import Organisation, User
from mobility.programmes.rules import refusals
from mobility.rates.queries import newest_rate_card
from mobility.themes.models import Theme
from mobility.themes.queries import application_of
from mobility.themes.workflow import PUBLISHED, applicable_windows, full

APPLY = "applications.apply"
TAKEN = "All places are taken; you can wait for a place."
COMES_BACK = "You will come back to this page, also if you register first."
IN_TURN = "A place that becomes free is offered to those who wait, in turn."
TAKEN_WITH_DRAFT = f"{TAKEN} Your draft is saved."


@dataclass(frozen=True)
class WayIn:
    """The one thing a reader can do next with a theme: a link, or the reasons why there is none. `begins`: an application."""

    label: str = ""
    url: str = ""
    reasons: tuple[str, ...] = ()
    note: str = ""
    begins: bool = False


def way_in(theme: Theme) -> WayIn:
    """For whoever reads the page now."""
    if current_user.is_authenticated and (known := _application_link(theme, current_user)):
        return known
    if reason := not_open(theme):
        return WayIn(reasons=(reason,))
    if not current_user.is_authenticated:
        url = _address("accounts.sign_in", next=request.path)
        does = "wait for a place" if full(theme) else "apply"
        return WayIn(f"Sign in to {does}", url, note=f"{TAKEN if full(theme) else ''} {COMES_BACK}".strip())
    return _way_of(current_user, theme)


def would_pay(theme: Theme) -> Prospect | None:
    """What a visit would pay whoever reads the page now; nothing to the host, and while nobody can come."""
    if theme.state != PUBLISHED:
        return None
    homes = _homes(current_user) if current_user.is_authenticated else []
    home = next((each for each in homes if each.id != theme.host_id), None)
    card = newest_rate_card(theme.programme_id)
    return prospect(card.components if card else None, theme, home, clock.today(theme.timezone))


def _homes(user: User) -> list[Organisation]:
    """For which the reader could travel; asked for once, as the page says two things by it."""
    if "homes" not in g:
        g.homes = people.guest_organisations(user)
    found: list[Organisation] = g.homes
    return found


def _application_link(theme: Theme, user: User) -> WayIn | None:
    application = application_of(theme.id, user.id)
    if application is None or application.state in ("declined", "lapsed"):
        return None
    url = _address("applications.show", id=application.id)
    if application.state == "draft":
        return WayIn("Continue your application", url, note=TAKEN_WITH_DRAFT if full(theme) else "Your draft is saved.")
    if application.state == "waiting":
        return WayIn("See your place in the queue", url, note="You are waiting for a place.")
    return WayIn("See your application", url)


def not_open(theme: Theme) -> str | None:
    """Why nobody can apply, nor wait for a place."""
    if full(theme):
        return None
    if theme.state != PUBLISHED:
        return f"This theme is {theme.workflow.state(theme.state).label.lower()}: you cannot apply now."
    if theme.free_places < 1:
        return "All places are taken."
    if not applicable_windows(theme, clock.today(theme.timezone)):
        return "The application deadlines of all hosting windows have passed."
    return None


def _way_of(user: User, theme: Theme) -> WayIn:
    if user.roles_in(theme.host_id):
        return WayIn(reasons=("This is a theme of your own organisation.",))
    organisations = _homes(user)
    if not organisations and not user.current_memberships and not user.is_administrator:
        return _way_to_join(user)
    if not organisations:
        reason = "You are not a guest of any organisation yet. Ask your organisation's coordinator to make you one."
        return WayIn(reasons=(reason,))
    levels = [user.level] if user.level else []  # without one, the application asks for it
    against = [refusals(theme, organisation.country, levels) for organisation in organisations]
    if all(against):
        return WayIn(reasons=tuple(against[0]))
    if full(theme):
        return WayIn("Wait for a place", _address(APPLY, id=theme.id), note=f"{TAKEN} {IN_TURN}", begins=True)
    return WayIn("Apply", _address(APPLY, id=theme.id), note="One page, saved while you write.", begins=True)


def _way_to_join(user: User) -> WayIn:
    """Of somebody who is nowhere yet."""
    if asked := joining.open_of(user):
        return WayIn(reasons=(f"You have asked to join {asked[0].place_name}. You can apply once you are accepted.",))
    if not joining.is_open():
        return WayIn(reasons=("Guests travel for an organisation. Ask yours to invite you.",))
    note = "Guests travel for an organisation. Once yours has accepted you, you are led back to this page."
    return WayIn("Join your organisation to apply", _address("joining.index", next=request.path), note=note)


def _address(endpoint: str, **values: Any) -> str:
    """Empty while no feature has that page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
