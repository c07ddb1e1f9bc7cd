"""Your tasks: read from the workflows' parts and promises, most urgent first (look.md). A constant number of queries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from flask import has_request_context, url_for
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, literal, or_, select, union_all

from mobility import subjects
from mobility.core import clock
from mobility.core.clock import day_of
from mobility.core.database import db
from mobility.core.wording import HOME_ZONE
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import IN_PROGRESS
from mobility.paying import queries as paying
from mobility.paying.models import PayingAccount
from mobility.paying.rules import MAY
from mobility.payments import queries as payments
from mobility.people.models import Membership, User
from mobility.people.queries import people_in_programme
from mobility.people.roles import Role, a_role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.talking import abuse
from mobility.talking import queries as talking
from mobility.talking.models import MessageReport
from mobility.teams import queries as teams
from mobility.teams.models import RoleInvitation
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import ISSUED, VALIDATED
from mobility.workflows.actions import action_endpoint, has_page
from mobility.workflows.history import Subject
from mobility.workflows.parts import Actor, ActsFor, Administrators, Members, Only, Person, Watch
from mobility.workflows.table import Promise, Unpromised
from mobility.workflows.visibility import at, holding, not_left

MOST = 25
THERE = "organisations"  # the parameter with those in which the person has a role: for whom they may act


@dataclass(frozen=True)
class Task:
    """One row of the home page: what, about what, who must act, until when, and one button. `today` is the programme's."""

    title: str
    subject_title: str
    who: str
    until: date | None
    today: date
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
    urgent = most_urgent(user)
    return sorted_in(user, list(subjects.briefly(urgent.subjects).values()), urgent.elsewhere)


def sorted_in(user: User, found: Sequence[Any], elsewhere: Collection[str]) -> Tasks:
    """The tasks of a person among what is most urgent to them."""
    tasks = Tasks()
    codes_to_enter = _codes_to_enter(found)
    in_batches = payments.standing([each.id for each in found if each.state == VALIDATED and isinstance(each, Voucher)])
    for subject in found:
        if not (isinstance(subject, Voucher) and subject.id in in_batches):
            _sort_in(tasks, subject, user, codes_to_enter)
    if INVITATIONS in elsewhere:
        tasks.mine.extend(_invitation(each) for each in teams.waiting_for(user))
    if ACCOUNTS in elsewhere:
        tasks.mine.extend(_account(each) for each in paying.to_confirm(user.programme_ids(*MAY), user))
    if PROGRAMMES in elsewhere:
        begun = programmes.to_set_up(user.programme_ids(Role.OWNER))
        tasks.mine.extend(step for each in begun for step in _setting_up(each))
    if user.is_administrator:
        tasks.mine.extend(_reported(each) for each in abuse.waiting())
    for rows in (tasks.mine, tasks.theirs, tasks.coming):
        rows.sort(key=lambda task: (task.until or date.max, task.title))
    return tasks


# Where to look: each source is what the declared parts say is watched (workflows/parts.py)


@dataclass(frozen=True)
class Source:
    """The rows of a model that `who` watches."""

    model: type[Any]
    who: Person | Members | Administrators
    only: tuple[Only, ...]
    watches: Watch
    acts_for: ActsFor | None = None

    @property
    def given(self) -> str:
        """The name of the statement's parameter with the ids."""
        return "_".join((self.who.place, *sorted(self.who.roles))) if isinstance(self.who, Members) else "person"


@cache
def _sources(models: tuple[type[Subject], ...]) -> tuple[Source, ...]:
    """Of several parts that watch the same by way of the same place (the people of a programme), one source is made."""
    found: dict[tuple[Any, ...], Person | Members | Administrators] = {}
    for model in models:
        for part in model.workflow.parts:
            if part.watches is not None:
                key = (model, part.who.path, part.only, part.watches, part.acts_for)
                found[key] = _together(found.get(key, part.who), part.who)
    return tuple(Source(model, who, *rest) for (model, _, *rest), who in found.items())


def _together(
    one: Person | Members | Administrators, other: Person | Members | Administrators
) -> Person | Members | Administrators:
    if isinstance(one, Members) and isinstance(other, Members):
        return replace(one, roles=one.roles | other.roles)
    return one


class Urgent(NamedTuple):
    """The subjects that are most urgent to somebody, and where else something waits: most often nowhere."""

    subjects: list[subjects.Named]
    elsewhere: frozenset[str]


def most_urgent(user: User) -> Urgent:
    """The first of each source: one query."""
    given = {source: source.who.ids(user) for source in _sources(subjects.SUBJECTS)}
    wanted = tuple(source for source, theirs in given.items() if theirs)
    values: dict[str, Any] = {source.given: given[source] for source in wanted} | {THERE: user.organisation_ids()}
    values |= {"reader": user.id, "now": clock.utc_now()}
    values |= {"payers": user.programme_ids(*MAY), "owned": user.programme_ids(Role.OWNER)}
    rows = list(dict.fromkeys((name, id) for name, id in db.session.execute(_statement(wanted), values)))
    elsewhere = frozenset(name for name, _ in rows) & ELSEWHERE.keys()
    return Urgent([each for each in rows if each[0] not in elsewhere], elsewhere)


@cache
def _statement(sources: tuple[Source, ...]) -> Any:
    """Built once for all people who look at the same sources, so that the database keeps its plan."""
    return union_all(*(_first(source) for source in sources), *(_found(name, ids) for name, ids in ELSEWHERE.items()))


def _found(name: str, ids: Select[Any]) -> Select[Any]:
    one = ids.limit(literal(1, literal_execute=True)).subquery()
    return select(literal(name, literal_execute=True), one.c.id)


def _first(source: Source) -> Select[Any]:
    model = source.model
    theirs = at(model, source.who.path, bindparam(source.given, expanding=True))
    chosen = select(literal(model.workflow.name, literal_execute=True).label("kind"), model.id).where(
        theirs,
        *holding(model, source.only),
        *not_left(model, source.acts_for, bindparam(THERE, expanding=True)),
        _watched(model, source.watches),
    )
    urgent = chosen.order_by(model.due_on.asc().nulls_last(), model.id).limit(literal(MOST, literal_execute=True)).subquery()
    return select(urgent.c.kind, urgent.c.id)


def _watched(model: type[Any], watch: Watch) -> ColumnElement[bool]:
    conditions = [model.state.in_(_always(watch.states))] if watch.states else []
    if watch.promises is None:
        conditions.append(model.waiting_for.is_not(None))
    elif watch.promises:
        conditions.append(model.waiting_for.in_(_always(watch.promises)))
    return or_(*conditions)


def _always(values: frozenset[str]) -> BindParameter[Any]:
    """Written into the statement: PostgreSQL keeps the plan of one that tells how few rows it wants."""
    return bindparam(None, sorted(values), expanding=True, unique=True, literal_execute=True)


# What is no subject of a workflow: looked for in the same statement, and read where there is some

INVITATIONS, ACCOUNTS, MESSAGES, PROGRAMMES = "role invitations", "paying accounts", "messages", "programmes"
_READER: BindParameter[Any] = bindparam("reader")
_NOW: BindParameter[Any] = bindparam("now")
_PAYERS: BindParameter[Any] = bindparam("payers", expanding=True)
_OWNED: BindParameter[Any] = bindparam("owned", expanding=True)
ELSEWHERE: Mapping[str, Select[Any]] = {
    INVITATIONS: teams.some_wait_for(_READER, _NOW),
    ACCOUNTS: paying.some_to_confirm(_PAYERS, _READER),
    MESSAGES: talking.some_unread(_READER),
    PROGRAMMES: programmes.some_to_set_up(_OWNED),
}


# What to say


def _sort_in(tasks: Tasks, subject: Any, user: User, codes_to_enter: Mapping[int, int]) -> None:
    if subject.waiting_for is None:
        _unpromised(tasks, subject, user)
        return
    promise = subject.workflow.promise(subject.waiting_for)
    if not promise.listed(subject):
        return
    voucher_id = codes_to_enter.get(subject.id) if isinstance(subject, Exchange) else None
    if voucher_id and subject.workflow.plays(Actor.HOST_COORDINATOR, user, subject):
        url = url_for("vouchers.redeem", id=voucher_id)
        what = ("Check your guest in", subject.about, subject.between, subject.last_day, clock.today(subject.timezone))
        tasks.mine.append(Task(*what, url, "Enter the code"))
        return
    mine = subject.workflow.waits_for(user, subject)
    (tasks.mine if mine else tasks.theirs).append(_task(subject, promise, mine=mine))


def _unpromised(tasks: Tasks, subject: Subject, user: User) -> None:
    """A draft waits for whoever writes it; an agreed exchange for its first day."""
    for each in subject.workflow.unpromised:
        if each.state == subject.state and each.applies(subject):
            mine = each.is_for(subject, user)
            (tasks.coming if each.coming else tasks.mine if mine else tasks.theirs).append(_asked(subject, each, mine))


def _asked(subject: Subject, asked: Unpromised, mine: bool) -> Task:
    url = url_for(asked.page, id=subject.id) if asked.page else _page(subject)
    who = asked.of_whom(subject) if mine else f"{asked.of_whom(subject)}. Waiting for {asked.others}"
    today = clock.today(subject.timezone)
    return Task(asked.title_for(subject), subject.about, who, asked.until(subject), today, url, asked.button)


def _codes_to_enter(found: Sequence[Any]) -> dict[int, int]:
    """Exchange -> voucher, where the first day has started the exchange but nobody has entered the voucher's code yet."""
    begun = [each.id for each in found if isinstance(each, Exchange) and each.state == IN_PROGRESS]
    if not begun:
        return {}
    issued = select(Voucher.exchange_id, Voucher.id).where(Voucher.exchange_id.in_(begun), Voucher.state == ISSUED)
    return dict(db.session.execute(issued).all())


def _task(subject: Any, promise: Promise, *, mine: bool) -> Task:
    who = subject.between if mine else f"Waiting for {_names(subject, promise)}"
    title = promise.title_for(subject, mine=mine)
    button, url = _button(subject, promise), _where(subject, promise) if mine else _page(subject)
    return Task(title, subject.about, who, subject.due_on, clock.today(subject.timezone), url, button)


def _names(subject: Any, promise: Promise) -> str:
    workflow = subject.workflow
    return " and ".join(dict.fromkeys(workflow.part(actor).name_on(subject) for actor in promise.owing(subject)))


def _button(subject: Any, promise: Promise) -> str:
    action = promise.action_for(subject)
    if own := promise.button_for(subject):
        return own
    if action == "show" or not has_page(action_endpoint(subject, action)):
        return "Open"
    transition = subject.workflow.transition(action)
    return transition.choice or transition.button


def _where(subject: Any, promise: Promise) -> str:
    """The page of the act that is asked for; where there is a choice, or no such page, the object's own."""
    action = promise.action_for(subject)
    endpoint = action_endpoint(subject, action)
    if action == "pay":  # nobody pays a single claim: they are collected
        return url_for("payments.index", id=subject.programme_id)
    if action == "show" or not has_page(endpoint) or subject.workflow.transition(action).choice:
        return _page(subject)
    return url_for(endpoint, id=subject.id)


def _invitation(invitation: RoleInvitation) -> Task:
    """A role that somebody is invited to. Its day is told as its mail tells it."""
    until, url = day_of(invitation.expires_at, HOME_ZONE), url_for("teams.role_invitation", id=invitation.id)
    who = f"Invited by {invitation.invited_by.name}" if invitation.invited_by else ""
    title = f"Become {a_role(invitation.role)}?"
    return Task(title, invitation.place.name, who, until, clock.today(HOME_ZONE), url, "Accept or decline")


def _account(account: PayingAccount) -> Task:
    """What somebody else has proposed to pay from."""
    programme = account.programme
    what = ("Confirm the account to pay from", programme.name, account.masked, None, programme.today)
    return Task(*what, url_for("paying.show", id=programme.id), "Look at it")


def _setting_up(programme: Programme) -> Iterator[Task]:
    """What a new programme needs before anybody can take part."""
    name, today = programme.name, programme.today
    if not programme.eligible_levels:
        url = url_for("programmes.rules", id=programme.id)
        yield Task("Set your rules", name, "Timezone, countries, and who may take part", None, today, url, "Set the rules")
    if not programme.rate_cards:
        url = url_for("rates.edit", id=programme.id)
        yield Task("Set your rates", name, "Everybody sees what a stay is paid with", None, today, url, "Set the rates")
    if not programme.calls:
        url = url_for("budgets.new_call", id=programme.id)
        yield Task("Open your first call", name, "With money in it, vouchers can be granted", None, today, url, "Open a call")


def _reported(report: MessageReport) -> Task:
    """A message that somebody has reported: an administrator answers."""
    who, url = f"Reported by {report.reporter.name}", url_for("talking.judge", id=report.id)
    about = report.message.conversation.title
    return Task("Look at a reported message", about, who, None, clock.today(HOME_ZONE), url, "Look at it")


def _page(subject: Any) -> str:
    return url_for(f"{subject.workflow.things}.show", id=subject.id)


# What is open of somebody whose role is to end


def open_cases(membership: Membership) -> list[Task]:
    """What names a person who acts for an organisation, and is not over: it stays theirs until a coordinator takes it over."""
    if membership.organisation_id is None:
        return []
    found = [subject for model in subjects.SUBJECTS for subject in _open_cases(model, membership)]
    return sorted((_open_case(each) for each in found), key=lambda task: (task.until or date.max, task.title))


def _open_cases(model: type[Any], membership: Membership) -> Sequence[Any]:
    """Those that a coordinator of the organisation sees."""
    people = [part.who.path for part in model.workflow.parts if isinstance(part.who, Person)]
    home = next((part for part in model.workflow.parts if part.actor == Actor.GUEST_COORDINATOR), None)
    if not people or home is None:
        return []
    states = [state.name for state in model.workflow.states if state.kind == "open"]
    theirs = or_(*(at(model, path, [membership.user_id]) for path in people))
    there = at(model, home.who.path, [membership.organisation_id])
    wanted = (theirs, there, *holding(model, home.only), model.state.in_(states))
    query: Select[Any] = select(model).options(*model.brief()).where(*wanted)
    return db.session.scalars(query.order_by(model.due_on.asc().nulls_last(), model.id).limit(MOST)).unique().all()


def _open_case(subject: Any) -> Task:
    title = f"{subject.workflow.label.capitalize()}: {subject.state_label().lower()}"
    url = _page(subject) if has_request_context() else ""  # a mail names it, and leads to the team
    return Task(title, subject.about, subject.between, subject.due_on, clock.today(subject.timezone), url)


class CasesOfRoles:
    """As teams know them, which are earlier (teams/affairs.py)."""

    def open_cases(self, membership: Membership) -> list[Task]:
        return open_cases(membership)

    def stands_against(self, membership: Membership) -> str | None:
        """Batches that are under way need a finance officer. The roles of the programme are locked."""
        if membership.role != Role.FINANCE_OFFICER or not membership.programme_id:
            return None
        batches = payments.under_way(membership.programme_id)
        officers = people_in_programme(membership.programme_id, Role.FINANCE_OFFICER) if batches else ()
        if not batches or any(each.id != membership.user_id for each in officers):
            return None
        named = ", ".join(batches)
        return f"Nobody else could pay what is under way ({named}). Finish it, or have another finance officer invited first."
