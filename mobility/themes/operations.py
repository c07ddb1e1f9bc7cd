"""What changes a theme. Operations never commit; who acts is `by`, a person or SYSTEM."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotAllowed, NotReady, Problem, Refusal, WrongState
from mobility.core.names import searchable
from mobility.core.wording import format_days
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.themes import messages, queue, rules
from mobility.themes.models import HostingWindow, Theme
from mobility.themes.rules import Window
from mobility.themes.workflow import CLOSED, DRAFT, PUBLISHED, WORKFLOW, goes_on, publishable
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

TEXTS = ("title", "summary", "learning_offered", "benefit_wanted", "practical")
LISTS = ("levels", "sectors", "topics", "languages")
NUMBERS = ("minimum_days", "maximum_days", "places")
ALL_TAKEN = "All places are taken."
DEADLINE_PASSED = "The last application deadline has passed."

WORDS = {
    "learning_offered": "what guests can learn",
    "benefit_wanted": "what you want in return",
    "practical": "good to know",
    "minimum_days": "shortest stay",
    "maximum_days": "longest stay",
    "windows": "hosting windows",
}


def create(*, by: User, host: Organisation, programme: Programme, title: str, **fields: Any) -> Theme:
    """A draft of a host organisation's theme; everything but the title may come later."""
    if Role.COORDINATOR not in by.roles_in(host.id):
        raise NotAllowed(f"Only a coordinator of {host.name} can offer a theme for it.")
    theme = enter(host=host, programme=programme, title=title, **fields)
    theme.record("create", by=by, acted_as=Actor.HOST_COORDINATOR, from_state=DRAFT, to_state=DRAFT, note="")
    return theme


def enter(*, host: Organisation, programme: Programme, title: str, **fields: Any) -> Theme:
    """A draft without a history yet: one that is moved in (imports/) is handed to its host later, by `hand_over`."""
    theme = Theme(host=host, programme=programme, title=title, state=DRAFT, places=1, places_taken=0, places_offered=0)
    theme.minimum_days, theme.maximum_days = programme.minimum_days, programme.maximum_days
    db.session.add(theme)
    _write(theme, {"title": title, **fields})
    return theme


def hand_over(theme: Theme, *, by: User, note: str) -> None:
    """A theme that was moved in is its host's from now on, who publishes it."""
    owner = Actor.OWNER if Role.OWNER in by.roles_in_programme(theme.programme_id) else Actor.SYSTEM
    acted_as = Actor.HOST_COORDINATOR if Role.COORDINATOR in by.roles_in(theme.host_id) else owner
    theme.record("move_in", by=by, acted_as=acted_as, from_state=theme.state, to_state=theme.state, note=note)


def save(theme: Theme, *, by: User, programme: Programme | None = None, **fields: Any) -> None:
    """Keep what was typed into a draft, at any stage of completeness; or correct a closed theme before it is reopened."""
    check_editable(theme, by)
    if theme.state == DRAFT and programme is not None:
        theme.programme = programme
    changed = _write(theme, fields)
    flag_modified(theme, "title")  # a new version even when only the windows have changed
    if changed and theme.state == CLOSED:
        _record_edit(theme, by, changed)
        _move_queue(theme)


def check_editable(theme: Theme, by: User) -> None:
    """Raises NotAllowed or WrongState: only the host's coordinator edits, and what guests can apply to is revised."""
    if Actor.HOST_COORDINATOR not in WORKFLOW.actors_on(by, theme):
        raise NotAllowed("Only the host coordinator can edit this theme.")
    if theme.state not in (DRAFT, CLOSED):
        label = WORKFLOW.state(theme.state).label.lower()
        raise WrongState(f"This theme is {label}, so it cannot be edited as a draft.", theme)


def publish(theme: Theme, *, by: User) -> None:
    """Everybody sees the theme from now on, and guests can apply."""
    problem = rules.days_problem(theme.minimum_days, theme.maximum_days, theme.programme)
    if problem and theme.state == DRAFT:
        raise GuardRefused(" ".join(filter(None, (publishable(theme, by), problem.message))))
    WORKFLOW.apply("publish", theme, by=by)
    _refresh(theme)


def revise(theme: Theme, *, by: User, **fields: Any) -> None:
    """Change a published theme; the windows and places that confirmed applications rely on are kept."""
    WORKFLOW.check("revise", theme, by)
    changed = _write(theme, fields)
    if missing := publishable(theme, by):
        raise Refusal(f"{missing} A published theme stays complete; close it first to remove something.")
    WORKFLOW.apply("revise", theme, by=by, note=_changes(changed))
    if theme.all_taken:
        close(theme, by=SYSTEM, note=ALL_TAKEN)
    else:
        _move_queue(theme)


def close(theme: Theme, *, by: By, note: str = "") -> None:
    """Nobody can apply any more. The system closes when all places are taken or the last deadline has passed.

    After the last place one may still wait for another; closed for any other reason, the theme's queue ends.
    """
    if by is SYSTEM and not note:
        note = ALL_TAKEN if theme.all_taken else DEADLINE_PASSED
    WORKFLOW.apply("close", theme, by=by, note=note)
    theme.closed_full = by is SYSTEM and theme.all_taken
    if by is SYSTEM:
        messages.theme_closed(theme, note)
    _move_queue(theme)


def reopen(theme: Theme, *, by: User) -> None:
    """Guests can apply again; whoever has waited is offered a place first."""
    WORKFLOW.apply("reopen", theme, by=by)
    theme.closed_full = False
    _move_queue(theme)


def archive(theme: Theme, *, by: User) -> None:
    WORKFLOW.apply("archive", theme, by=by)
    theme.closed_full = False
    _move_queue(theme)


def take_place(theme: Theme, *, told: bool = True) -> None:
    """One delegation is confirmed; the last one closes the theme. `theme` is locked by the caller (`queries.lock`). Not `told`:
    nobody hears of it yet, and the theme stays as it is (movingin/)."""
    if theme.free_places < 1:
        raise GuardRefused("All places of this theme are taken.")
    theme.places_taken += 1
    if told:
        close_if_full(theme)


def close_if_full(theme: Theme) -> None:
    if theme.all_taken:
        if theme.state == PUBLISHED:
            close(theme, by=SYSTEM, note=ALL_TAKEN)
        queue.all_taken(theme)


def free_place(theme: Theme) -> None:
    """A confirmed exchange is off. A closed theme stays closed: its host decides whether to look for others; but whoever
    waits is offered the place."""
    theme.places_taken = max(0, theme.places_taken - 1)
    _move_queue(theme)


def hold_place(theme: Theme) -> None:
    """It is offered to somebody who waits: nobody else is given it meanwhile. `theme` is locked, as for `take_place`."""
    theme.places_offered += 1


def let_go(theme: Theme, *, held: bool) -> None:
    """Somebody gives up a place that was `held` for them, or an acceptance, or joins the queue: the next one is offered it."""
    if held:
        theme.places_offered -= 1
    _move_queue(theme)


def _move_queue(theme: Theme) -> None:
    """What is free is offered to those who wait, as long as a place may still become free for them."""
    if goes_on(theme):
        queue.offer(theme)
    else:
        queue.end(theme)


# Writing the fields


def _write(theme: Theme, fields: Mapping[str, Any]) -> list[str]:
    """Set the given fields, keep what the catalogue searches, and say which changed. Raises Refusal at the field."""
    changed = [name for name in TEXTS if name in fields and _set(theme, name, fields[name] or "")]
    changed += [name for name in LISTS if name in fields and _set(theme, name, list(fields[name] or []))]
    changed += [name for name in NUMBERS if fields.get(name) is not None and _set(theme, name, fields[name])]
    windows = _windows_of(fields["windows"]) if "windows" in fields else []
    _refuse([*_wrong_fields(theme), *_wrong_windows(theme, windows)])
    if "windows" in fields and _set_windows(theme, windows):
        changed.append("windows")
    _keep_what_is_relied_on(theme)
    _refresh(theme)
    return changed


def _set(theme: Theme, name: str, value: Any) -> bool:
    if getattr(theme, name) == value:
        return False
    setattr(theme, name, value)
    return True


def _refuse(problems: Sequence[Problem]) -> None:
    """All that is wrong at once. Raises Refusal or, of several problems, NotReady."""
    if len(problems) > 1:
        raise NotReady(problems)
    if problems:
        raise Refusal(problems[0].message, field=problems[0].field)


def _wrong_fields(theme: Theme) -> Iterator[Problem]:
    if not theme.title:
        yield Problem("title", "Give the theme a title.")
    if problem := rules.days_problem(theme.minimum_days, theme.maximum_days, theme.programme):
        yield problem
    if problem := rules.topics_problem(theme.topics or []):
        yield problem
    if not 1 <= theme.places <= rules.MOST_PLACES:
        yield Problem("places", f"Offer 1 to {rules.MOST_PLACES} places.")


def _wrong_windows(theme: Theme, wanted: Sequence[Window]) -> Iterator[Problem]:
    before = {_window(each) for each in theme.windows}
    today = clock.today(theme.timezone)
    for number, window in enumerate(wanted, 1):
        if problem := rules.window_problem(window, theme.minimum_days, today, known=window in before):
            yield Problem("windows", f"Hosting window {number}: {problem.message}")


def _windows_of(given: Iterable[Any]) -> list[Window]:
    """Two of the same are one."""
    return list(dict.fromkeys(filter(None, map(_window, given))))


def _set_windows(theme: Theme, wanted: Sequence[Window]) -> bool:
    """Keep the windows that stay, add and take out the others."""
    before = {_window(each): each for each in theme.windows}
    if set(wanted) == set(before):
        return False
    theme.windows = [before.get(window) or HostingWindow(**window._asdict()) for window in sorted(wanted)]
    return True


def _window(given: Any) -> Window | None:
    """A window from a row of the form, a tuple or a model; None for a row left empty."""
    if isinstance(given, Mapping):
        given = tuple(given.get(name) for name in Window._fields)
    elif isinstance(given, HostingWindow):
        given = (given.first_day, given.last_day, given.apply_by)
    if not any(given):
        return None
    if not all(given):
        raise Refusal("A hosting window needs a first day, a last day and an application deadline.", field="windows")
    return Window(*given)


def confirmed_stays(theme: Theme) -> list[tuple[date, date]]:
    """First and last day of each stay that is agreed on; a cancelled exchange no longer counts."""
    stays = []
    for application in theme.applications:
        exchange = application.exchange
        if application.state != "confirmed" or (exchange is not None and exchange.state == "cancelled"):
            continue
        if application.moved_in:  # agreed elsewhere, whatever the windows were there
            continue
        of = exchange or application
        first, last = (of.first_day, of.last_day) if exchange else (of.offered_first_day, of.offered_last_day)
        if first and last:
            stays.append((first, last))
    return stays


def _keep_what_is_relied_on(theme: Theme) -> None:
    """Confirmed guests keep their place and their days (workflows.md, revise)."""
    needed = theme.places_taken + theme.places_offered
    if theme.places < needed:
        sort = "confirmed or waiting" if theme.places_offered else "confirmed"
        count = f"{needed} {sort} application{'s rely' if needed > 1 else ' relies'}"
        raise Refusal(f"{count} on a place here, so offer at least {needed}.", field="places")
    if not theme.places_taken:
        return
    lost = rules.unsupported_stays(theme.windows, confirmed_stays(theme))
    if lost:
        days = "; ".join(format_days(stay) for stay in lost)
        message = f"A confirmed application relies on these days, so a window must keep them: {days}."
        raise Refusal(message, field="windows")


def _refresh(theme: Theme) -> None:
    """Keep what the catalogue searches and filters by."""
    texts = (theme.title, theme.summary, theme.learning_offered)
    theme.search_text = searchable(" ".join(text or "" for text in texts))
    theme.facets = rules.facets_of(theme.levels or [], theme.sectors or [], theme.topics or [], theme.languages or [])
    theme.first_day = min((each.first_day for each in theme.windows), default=None)
    theme.last_day = max((each.last_day for each in theme.windows), default=None)
    theme.apply_by = max((each.apply_by for each in theme.windows), default=None)


def _record_edit(theme: Theme, by: User, changed: list[str]) -> None:
    state = theme.state
    theme.record("edit", by=by, acted_as=Actor.HOST_COORDINATOR, from_state=state, to_state=state, note=_changes(changed))


def _changes(names: list[str]) -> str:
    return f"Changed: {', '.join(WORDS.get(name, name) for name in names)}." if names else ""
