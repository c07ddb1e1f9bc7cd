"""What waits for me: read from the workflows' promises, most urgent first (look.md). A constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from mobility.applications.models import Application
from mobility.core.actions import action_endpoint, has_page
from mobility.core.database import db
from mobility.core.pages import format_days
from mobility.core.workflow import Actor, Promise
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.people.models import Role, User
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher

MOST = 25
PROGRAMME_PROMISES = ("decision", "payment", "answer")
WHO = {
    Actor.HOST_COORDINATOR: lambda subject: _host(subject).name,
    Actor.GUEST: lambda subject: subject.guest.name,
    Actor.HOLDER: lambda subject: subject.holder.name,
    Actor.OWNER: lambda subject: subject.programme.name,
    Actor.ASSESSOR: lambda subject: f"an assessor of {subject.programme.name}",
    Actor.FINANCE_OFFICER: lambda subject: f"finance at {subject.programme.name}",
}


@dataclass(frozen=True)
class Task:
    """One row of the home page: what, about what, who must act, until when, and one button."""

    title: str
    subject_title: str
    who: str
    until: date | None
    url: str
    label: str = ""
    promise: str | None = None
    journey: Any = None


@dataclass
class Tasks:
    """`mine` wait for the reader, `theirs` for others; `coming` are agreed visits with their first day."""

    mine: list[Task] = field(default_factory=list)
    theirs: list[Task] = field(default_factory=list)
    coming: list[Task] = field(default_factory=list)


def tasks_of(user: User) -> Tasks:
    """Everything that waits, across all parts the person plays; at most `MOST` of each source, most urgent first."""
    tasks = Tasks()
    hosting = user.organisation_ids(Role.COORDINATOR)
    for subject in _subjects(user, hosting):
        _sort_in(tasks, subject, user)
    for theme in _draft_themes(hosting):
        tasks.mine.append(
            Task("Publish your theme", theme.title, "", None, url_for("themes.show", id=theme.id), "Go on writing")
        )
    for rows in (tasks.mine, tasks.theirs, tasks.coming):
        rows.sort(key=lambda task: (task.until or date.max, task.title))
    return tasks


def _subjects(user: User, hosting: list[int]) -> Iterable[Any]:
    yield from _all(_applications().where(Application.guest_id == user.id, _waiting_or_draft()))
    yield from _all(_exchanges().where(Exchange.guest_id == user.id, Exchange.state.in_(("planning", "agreed", "in_progress"))))
    yield from _all(_vouchers().where(Voucher.holder_id == user.id, Voucher.waiting_for.is_not(None)))
    if hosting:
        yield from _all(_applications().where(Theme.host_id.in_(hosting), Application.waiting_for.is_not(None)))
        yield from _all(
            _exchanges().where(Exchange.host_id.in_(hosting), Exchange.state.in_(("planning", "agreed", "in_progress")))
        )
    if programmes := user.programme_ids(Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR):
        yield from _all(
            _vouchers().where(Voucher.programme_id.in_(programmes), Voucher.waiting_for.in_(PROGRAMME_PROMISES))
        )


def _all(statement: Select[Any]) -> list[Any]:
    return list(db.session.scalars(statement.limit(MOST)).unique())


def _waiting_or_draft() -> Any:
    return Application.waiting_for.is_not(None) | (Application.state == "draft")


def _applications() -> Select[Any]:
    return (
        select(Application)
        .join(Application.theme)
        .options(
            contains_eager(Application.theme).joinedload(Theme.host),
            contains_eager(Application.theme).joinedload(Theme.programme),
            joinedload(Application.guest).raiseload("*"),
            joinedload(Application.guest_organisation),
        )
        .order_by(Application.due_on, Application.id)
    )


def _exchanges() -> Select[Any]:
    return (
        select(Exchange)
        .options(
            joinedload(Exchange.theme),
            joinedload(Exchange.host),
            joinedload(Exchange.programme),
            joinedload(Exchange.guest).raiseload("*"),
            joinedload(Exchange.guest_organisation),
            joinedload(Exchange.newest_version).selectinload(AgreementVersion.signatures),
            selectinload(Exchange.vouchers),
        )
        .order_by(Exchange.due_on, Exchange.first_day, Exchange.id)
    )


def _vouchers() -> Select[Any]:
    return (
        select(Voucher)
        .options(
            joinedload(Voucher.programme),
            joinedload(Voucher.holder).raiseload("*"),
            joinedload(Voucher.holder_organisation),
            joinedload(Voucher.exchange).joinedload(Exchange.theme),
        )
        .order_by(Voucher.due_on, Voucher.id)
    )


def _draft_themes(hosting: list[int]) -> list[Theme]:
    if not hosting:
        return []
    statement = select(Theme).where(Theme.host_id.in_(hosting), Theme.state == "draft").order_by(Theme.id).limit(MOST)
    return list(db.session.scalars(statement))


def _sort_in(tasks: Tasks, subject: Any, user: User) -> None:
    if subject.waiting_for is None:
        _unpromised(tasks, subject)
        return
    promise = subject.workflow.promise(subject.waiting_for)
    if not promise.listed or (promise.name == "redemption" and subject.exchange_id):
        return  # the visit stands among what is coming up
    if _not_checked_in(subject) and Actor.HOST_COORDINATOR in subject.workflow.actors_on(user, subject):
        url = url_for("vouchers.redeem", id=subject.voucher.id)
        tasks.mine.append(Task("Check your guest in", _title(subject), _between(subject), subject.last_day, url, "Enter the code"))
        return
    owing = promise.owing(subject)
    if subject.workflow.actors_on(user, subject).intersection(owing):
        tasks.mine.append(_task(subject, promise, user, mine=True))
    else:
        tasks.theirs.append(_task(subject, promise, user, mine=False))


def _unpromised(tasks: Tasks, subject: Any) -> None:
    """A draft waits for its guest; an agreed exchange for its first day."""
    if isinstance(subject, Application):
        url = url_for("applications.edit", id=subject.id)
        tasks.mine.append(
            Task("Finish your application", subject.theme.title, _host(subject).name, subject.theme.apply_by, url, "Go on writing")
        )
    elif subject.state == "agreed":
        days = format_days((subject.first_day, subject.last_day))
        tasks.coming.append(Task(f"Visit {days}", subject.theme.title, _between(subject), subject.first_day, _page(subject)))


def _not_checked_in(subject: Any) -> bool:
    """The first day has started the exchange, but nobody has entered the voucher's code yet."""
    return (
        isinstance(subject, Exchange)
        and subject.state == "in_progress"
        and subject.voucher is not None
        and subject.voucher.state == "issued"
    )


def _task(subject: Any, promise: Promise, user: User, *, mine: bool) -> Task:
    action = promise.action_for(subject)
    endpoint = action_endpoint(subject, action)
    open_page = not mine or not has_page(endpoint) or isinstance(subject, Application)
    url = _page(subject) if open_page else url_for(endpoint, id=subject.id)
    who = _between(subject) if mine else "Waits for " + " and ".join(dict.fromkeys(WHO[each](subject) for each in promise.owing(subject)))
    label = subject.workflow.transition(action).label if has_page(endpoint) and action != "show" else "Open"
    return Task(promise.asks, _title(subject), who, subject.due_on, url, "Answer" if promise.name == "host_answer" else label)


def _page(subject: Any) -> str:
    return url_for(f"{subject.workflow.name}s.show", id=subject.id)


def _title(subject: Any) -> str:
    if isinstance(subject, Voucher) and subject.exchange is None:
        return f"Voucher {subject.reference}"
    return (subject.exchange.theme if isinstance(subject, Voucher) else subject.theme).title


def _host(subject: Any) -> Any:
    return subject.theme.host if isinstance(subject, Application) else subject.host


def _between(subject: Any) -> str:
    """Who is on the two sides, in one line."""
    if isinstance(subject, Voucher):
        return f"{subject.holder.name}, {subject.holder_organisation.name}"
    return f"{subject.guest.name}, {subject.guest_organisation.name}, with {_host(subject).name}"
