"""What waits for me: read from the workflows' promises, most urgent first (look.md). A constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import joinedload, load_only, raiseload

from mobility.applications.models import Application
from mobility.core.actions import action_endpoint, has_page
from mobility.core.database import db
from mobility.core.web import format_money
from mobility.core.wording import format_days
from mobility.core.workflow import Actor, Promise
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.payments import queries as payments
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.vouchers.kinds import KNOWLEDGE
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import VALIDATED

MOST = 25
RUNNING = ("planning", "agreed", "in_progress")
PROGRAMME_PROMISES = ("decision", "payment", "answer")
PROVIDER_PROMISES = ("redemption", "service", "claim", "payment")
WHO = {
    Actor.HOST_COORDINATOR: lambda subject: _host(subject).name,
    Actor.GUEST: lambda subject: subject.guest.name,
    Actor.HOLDER: lambda subject: subject.holder.name,
    Actor.PROVIDER: lambda subject: subject.provider.name,
    Actor.OWNER: lambda subject: subject.programme.name,
    Actor.ASSESSOR: lambda subject: f"an assessor of {subject.programme.name}",
    Actor.FINANCE_OFFICER: lambda subject: f"finance at {subject.programme.name}",
    Actor.PROVIDER: lambda subject: subject.provider.name,
}
# One could also say no, or ask: the button leads to the object's page, where all that one can do stands together.
ONE_OF_SEVERAL = {"accept": "Answer", "confirm": "Confirm", "recommend": "Assess", "approve": "Decide"}
# Of the promise of payment each state asks for something else.
ASKS = {"validate": ("Check the claim", "Check"), "pay": ("Collect the claim for payment", "To the payments")}
# What a payment batch waits for: (title, button, whether it waits for another than its collector)
BATCHES = {
    "draft": ("Approve the payments", "Look at them", True),
    "approved": ("Send the payments to the bank", "To the bank file", False),
    "sent": ("Record what the bank did", "Record", False),
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
    subjects = list(_subjects(user, hosting))
    codes_to_enter = _codes_to_enter(subjects)
    in_batches = payments.standing([each.id for each in subjects if each.state == VALIDATED])
    for subject in subjects:
        if not (isinstance(subject, Voucher) and subject.id in in_batches):
            _sort_in(tasks, subject, user, codes_to_enter)
    _add_batches(tasks, user)
    for theme in _draft_themes(hosting):
        tasks.mine.append(Task("Publish your theme", theme.title, "", None, url_for("themes.show", id=theme.id), "Go on writing"))
    for rows in (tasks.mine, tasks.theirs, tasks.coming):
        rows.sort(key=lambda task: (task.until or date.max, task.title))
    return tasks


def _subjects(user: User, hosting: list[int]) -> Iterable[Any]:
    """The objects by their ids: so the database keeps its plan for joining them with what they are about."""
    ids = _most_urgent(user, hosting)
    for model, statement in ((Application, _applications()), (Exchange, _exchanges()), (Voucher, _vouchers())):
        if chosen := ids.get(model.__tablename__):
            yield from db.session.scalars(statement.where(model.id.in_(chosen))).unique()


def _most_urgent(user: User, hosting: list[int]) -> dict[str, set[int]]:
    """The ids of the first of each source, by table: one query."""
    programmes = user.programme_ids(Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)
    providing = user.organisation_ids(Role.PROVIDER, Role.COORDINATOR)
    given = {"person": user.id, "hosting": hosting, "providing": providing, "programmes": programmes}
    ids: dict[str, set[int]] = {}
    for table, id in db.session.execute(_sources(bool(hosting), bool(providing), bool(programmes)), given):
        ids.setdefault(table, set()).add(id)
    return ids


@cache
def _sources(hosts: bool, provides: bool, decides: bool) -> Any:
    """The statement for people who host or not, provide or not, and decide in a programme or not; built once each."""
    person = bindparam("person")
    sources = [
        _first(Application, Application.guest_id == person, _waiting_or_draft()),
        _first(Exchange, Exchange.guest_id == person, Exchange.state.in_(RUNNING)),
        _first(Voucher, Voucher.holder_id == person, Voucher.waiting_for.is_not(None) | (Voucher.state == "draft")),
    ]
    if hosts:
        hosting = bindparam("hosting", expanding=True)
        themes = select(Theme.id).where(Theme.host_id.in_(hosting))
        sources += [
            _first(Application, Application.theme_id.in_(themes), Application.waiting_for.is_not(None)),
            _first(Exchange, Exchange.host_id.in_(hosting), Exchange.state.in_(RUNNING)),
        ]
    if provides:
        asked_for = Voucher.waiting_for.is_not(None) & (Voucher.state != "draft")
        sources.append(_first(Voucher, Voucher.provider_id.in_(bindparam("providing", expanding=True)), asked_for))
    if provides:
        providing = bindparam("providing", expanding=True)
        due = Voucher.waiting_for.in_(PROVIDER_PROMISES)
        sources.append(_first(Voucher, Voucher.provider_id.in_(providing), due))
    if decides:
        programmes = bindparam("programmes", expanding=True)
        waiting = Voucher.waiting_for.in_(PROGRAMME_PROMISES)
        sources.append(_first(Voucher, Voucher.programme_id.in_(programmes), waiting))
    return union_all(*sources)


def _first(model: type[Any], *conditions: Any) -> Select[Any]:
    chosen = select(literal(model.__tablename__).label("kind"), model.id).where(*conditions)
    urgent = chosen.order_by(model.due_on.asc().nulls_last(), model.id).limit(MOST).subquery()
    return select(urgent.c.kind, urgent.c.id)


def _waiting_or_draft() -> Any:
    return Application.waiting_for.is_not(None) | (Application.state == "draft")


# Only the columns that rows show and workflows look at; each statement is built once


@cache
def _applications() -> Select[Any]:
    return select(Application).options(
        load_only(
            Application.state,
            Application.waiting_for,
            Application.due_on,
            Application.theme_id,
            Application.guest_id,
            Application.guest_organisation_id,
        ),
        _theme(joinedload(Application.theme, innerjoin=True)),
        _person(Application.guest),
        _organisation(Application.guest_organisation),
    )


@cache
def _exchanges() -> Select[Any]:
    version = joinedload(Exchange.newest_version).load_only(AgreementVersion.number)
    return select(Exchange).options(
        load_only(
            Exchange.state,
            Exchange.waiting_for,
            Exchange.due_on,
            Exchange.first_day,
            Exchange.last_day,
            Exchange.theme_id,
            Exchange.programme_id,
            Exchange.host_id,
            Exchange.guest_id,
            Exchange.guest_organisation_id,
        ),
        joinedload(Exchange.theme, innerjoin=True).load_only(Theme.title),
        _organisation(Exchange.host),
        _person(Exchange.guest),
        _organisation(Exchange.guest_organisation),
        version.selectinload(AgreementVersion.signatures).load_only(Signature.side),
    )


@cache
def _vouchers() -> Select[Any]:
    exchange = joinedload(Voucher.exchange).load_only(Exchange.theme_id)
    return select(Voucher).options(
        load_only(
            Voucher.state,
            Voucher.kind,
            Voucher.waiting_for,
            Voucher.due_on,
            Voucher.programme_id,
            Voucher.exchange_id,
            Voucher.holder_id,
            Voucher.holder_organisation_id,
            Voucher.host_id,
            Voucher.provider_id,
        ),
        joinedload(Voucher.programme, innerjoin=True).load_only(Programme.name, Programme.scheme),
        _person(Voucher.holder),
        _organisation(Voucher.holder_organisation),
        joinedload(Voucher.provider).load_only(Organisation.name),
        exchange.joinedload(Exchange.theme, innerjoin=True).load_only(Theme.title),
    )


def _theme(load: Any) -> Any:
    return load.options(
        load_only(Theme.title, Theme.apply_by, Theme.host_id, Theme.programme_id),
        joinedload(Theme.host, innerjoin=True).load_only(Organisation.name),
    )


def _person(attribute: Any) -> Any:
    return joinedload(attribute, innerjoin=True).options(load_only(User.name), raiseload("*"))


def _organisation(attribute: Any) -> Any:
    return joinedload(attribute, innerjoin=True).load_only(Organisation.name)


def _draft_themes(hosting: list[int]) -> Sequence[Row[Any]]:
    if not hosting:
        return []
    return db.session.execute(_drafts(), {"hosting": hosting}).all()


@cache
def _drafts() -> Select[Any]:
    hosting = bindparam("hosting", expanding=True)
    drafts = select(Theme.id, Theme.title).where(Theme.host_id.in_(hosting), Theme.state == "draft")
    return drafts.order_by(Theme.id).limit(MOST)


def _sort_in(tasks: Tasks, subject: Any, user: User, codes_to_enter: dict[int, int]) -> None:
    if subject.waiting_for is None:
        _unpromised(tasks, subject)
        return
    promise = subject.workflow.promise(subject.waiting_for)
    if not promise.listed or (promise.name == "redemption" and subject.exchange_id):
        return  # the visit stands among what is coming up
    voucher_id = codes_to_enter.get(subject.id) if isinstance(subject, Exchange) else None
    if voucher_id and Actor.HOST_COORDINATOR in subject.workflow.actors_on(user, subject):
        url = url_for("vouchers.redeem", id=voucher_id)
        tasks.mine.append(
            Task("Check your guest in", _title(subject), _between(subject), subject.last_day, url, "Enter the code")
        )
        return
    owing = promise.owing(subject)
    if subject.workflow.actors_on(user, subject).intersection(owing):
        tasks.mine.append(_task(subject, promise, user, mine=True))
    else:
        tasks.theirs.append(_task(subject, promise, user, mine=False))


def _unpromised(tasks: Tasks, subject: Any) -> None:
    """A draft waits for whoever writes it; an agreed exchange for its first day."""
    if isinstance(subject, Application):
        url = url_for("applications.edit", id=subject.id)
        tasks.mine.append(
            Task(
                "Finish your application", subject.theme.title, _host(subject).name, subject.theme.apply_by, url, "Go on writing"
            )
        )
    elif isinstance(subject, Voucher):
        url = url_for("knowledge.edit", id=subject.id)
        title = _title(subject)
        tasks.mine.append(Task("Finish your request", title, subject.programme.name, None, url, "Go on writing"))
    elif subject.state == "agreed":
        days = format_days((subject.first_day, subject.last_day))
        tasks.coming.append(Task(f"Visit {days}", subject.theme.title, _between(subject), subject.first_day, _page(subject)))


def _codes_to_enter(subjects: Sequence[Any]) -> dict[int, int]:
    """Exchange -> voucher, where the first day has started the exchange but nobody has entered the voucher's code yet."""
    begun = [each.id for each in subjects if isinstance(each, Exchange) and each.state == "in_progress"]
    if not begun:
        return {}
    issued = select(Voucher.exchange_id, Voucher.id).where(Voucher.exchange_id.in_(begun), Voucher.state == "issued")
    return dict(db.session.execute(issued).all())


def _task(subject: Any, promise: Promise, user: User, *, mine: bool) -> Task:
    action = promise.action_for(subject)
    if mine and action == "pay":
        return _to_collect(subject)
    endpoint = action_endpoint(subject, action)
    open_page = not mine or not has_page(endpoint) or action in ONE_OF_SEVERAL
    url = _page(subject) if open_page else url_for(endpoint, id=subject.id)
    who = (
        _between(subject)
        if mine
        else "Waits for " + " and ".join(dict.fromkeys(WHO[each](subject) for each in promise.owing(subject)))
    )
    label = subject.workflow.transition(action).button if has_page(endpoint) and action != "show" else "Open"
    if action == "claim" and subject.kind == KNOWLEDGE:
        return Task("Send your invoice", _title(subject), who, subject.due_on, url, "Send it")
    title, label = ASKS.get(action, (promise.asks, ONE_OF_SEVERAL.get(action, label)))
    if promise.name == "redemption" and not mine:
        title = "A voucher for you to redeem"
    return Task(title, _title(subject), who, subject.due_on, url, label)


def _to_collect(voucher: Voucher) -> Task:
    title, label = ASKS["pay"]
    url = url_for("payments.index", id=voucher.programme_id)
    return Task(title, _title(voucher), _between(voucher), voucher.due_on, url, label)


def _add_batches(tasks: Tasks, user: User) -> None:
    """The payment batches of those who pay; a batch is due when the first of its claims is."""
    for batch in payments.open_batches(user.programme_ids(Role.FINANCE_OFFICER)):
        title, label, others = BATCHES[batch.state]
        count = f"{batch.count} payment{'' if batch.count == 1 else 's'}, {format_money(batch.total, batch.currency)}"
        mine = not (others and batch.collected_by_id == user.id)
        task = Task(
            title,
            f"Payment batch {batch.reference}",
            count if mine else f"{count}. Waits for another finance officer",
            batch.due_on,
            url_for("payments.show", id=batch.id),
            label,
        )
        (tasks.mine if mine else tasks.theirs).append(task)


def _page(subject: Any) -> str:
    return url_for(f"{subject.workflow.name}s.show", id=subject.id)


def _title(subject: Any) -> str:
    if isinstance(subject, Voucher):
        return subject.what_for if subject.exchange else subject.title
    return subject.theme.title


def _host(subject: Any) -> Any:
    return subject.theme.host if isinstance(subject, Application) else subject.host


def _between(subject: Any) -> str:
    """Who is on the two sides, in one line."""
    if isinstance(subject, Voucher):
        return f"{subject.holder.name}, {subject.holder_organisation.name}"
    return f"{subject.guest.name}, {subject.guest_organisation.name}, with {_host(subject).name}"
