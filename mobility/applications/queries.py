"""Reading applications: one, and the lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.applications.models import Application
from mobility.applications.rules import Circumstances
from mobility.applications.workflow import ACCEPTED, OPEN_STATES, WAITING, WRITABLE
from mobility.core.database import db
from mobility.core.paging import Page, paged
from mobility.lists.columns import Column, Kind, Listing, Reached, state_of
from mobility.lists.loading import only
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.themes.models import Theme
from mobility.workflows.parts import Actor
from mobility.workflows.searching import has_searched
from mobility.workflows.visibility import plays

TRAVELLING_ROLES = (Role.COORDINATOR, Role.GUEST, Role.HOST)
GUEST_SIDE, HOST_SIDE, PROGRAMME_SIDE = "guest", "host", "programme"
SIDES = {
    GUEST_SIDE: (Actor.GUEST, Actor.GUEST_COORDINATOR),
    HOST_SIDE: (Actor.HOST, Actor.HOST_COORDINATOR),
    PROGRAMME_SIDE: (Actor.OWNER, Actor.ASSESSOR, Actor.FINANCE_OFFICER, Actor.AUDITOR),
}


def find(id: int, user: Any, for_update: bool = False) -> Application:
    """The application with all that its page needs, or 404 if the person may not see it.

    `for_update` locks it first and then reads all again: of two people the second sees what the first did. Its theme is locked
    even before: whoever takes or frees a place holds the theme, and may then reach for other applications in its queue.
    """
    if for_update:
        lock_theme_of(id)
        db.session.execute(select(Application.id).where(Application.id == id).with_for_update())
    query = select(Application).where(Application.id == id).options(*_whole())
    application = db.session.scalar(query.execution_options(populate_existing=True))
    if application is None or not application.workflow.may_see(user, application):
        abort(404)
    return application


def lock_theme_of(id: int) -> None:
    """NO KEY: new drafts, which only refer to the theme, do not wait."""
    of_this = select(Application.theme_id).where(Application.id == id).scalar_subquery()
    db.session.execute(select(Theme.id).where(Theme.id == of_this).with_for_update(key_share=True))


def _whole() -> tuple[Any, ...]:
    theme = joinedload(Application.theme)
    return (
        theme.joinedload(Theme.programme),
        theme.joinedload(Theme.host),
        theme.selectinload(Theme.windows),
        joinedload(Application.guest),
        joinedload(Application.guest_organisation),
        selectinload(Application.delegates),
        selectinload(Application.first_contacts),
        _with_exchange(),
    )


def unfinished(theme: Theme, guest: Any) -> Application | None:
    """The guest's draft or open application to a theme: there is at most one."""
    return db.session.scalar(
        select(Application).where(
            Application.theme_id == theme.id,
            Application.guest_id == guest.id,
            Application.state.in_([*WRITABLE, *OPEN_STATES]),
        )
    )


def organisations_of(user: Any) -> list[Organisation]:
    """The organisations for which a person may travel, by name."""
    ids = user.organisation_ids(*TRAVELLING_ROLES)
    return list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))


def circumstances(application: Application) -> Circumstances:
    """What the rules of submitting look at besides the application itself."""
    theme = application.theme
    elsewhere = db.session.execute(
        select(Application.theme_id)
        .join(Application.theme)
        .where(
            Application.guest_id == application.guest_id,
            Application.id != application.id,
            Application.state.in_(OPEN_STATES),
            Theme.programme_id == theme.programme_id,
        )
    ).scalars()
    themes, guest = list(elsewhere), application.guest
    belongs = application.guest_organisation_id in guest.organisation_ids(*TRAVELLING_ROLES)
    return Circumstances(theme.programme.today, len(themes), theme.id in themes, bool(guest.roles_in(theme.host_id)), belongs)


def queue_of(theme_id: int) -> list[Application]:
    """Those who wait for a place of a theme, in the order in which they began to."""
    return list(db.session.scalars(_queue(theme_id)))


def next_in_queue(theme_id: int, count: int) -> list[Application]:
    """The first to be offered a place, locked. Whoever no longer has an account, or any organisation, cannot take one."""
    if count < 1:
        return []
    belongs = exists().where(Membership.user_id == User.id, Membership.current, Membership.role.in_(TRAVELLING_ROLES))
    waiting = _queue(theme_id).join(Application.guest).where(Application.place_offered_on.is_(None), User.active, belongs)
    return list(db.session.scalars(waiting.limit(count).with_for_update(of=Application)))


def _queue(theme_id: int) -> Select[Application]:
    waiting = select(Application).where(Application.theme_id == theme_id, Application.state == WAITING)
    return waiting.order_by(Application.queued_at, Application.id)


def number_in_queue(application: Application) -> int:
    """1 for whoever is offered the next place. Those who are offered one now no longer stand in the way."""
    ids = [each.id for each in queue_of(application.theme_id) if each.place_offered_on is None or each is application]
    return ids.index(application.id) + 1


def accepted(theme_id: int) -> list[Application]:
    """Those whom the host has accepted, and who have no place yet: until they answer, a free one is theirs before the queue's."""
    return list(db.session.scalars(_open_without_place(theme_id).where(Application.state == ACCEPTED)))


def open_without_place(theme_id: int) -> list[Application]:
    """Those who have applied, and for whom no place is kept."""
    return list(db.session.scalars(_open_without_place(theme_id)))


def told_that_it_went(theme_id: int) -> list[Application]:
    """Those of them who were told that the last place went to another."""
    return list(db.session.scalars(_open_without_place(theme_id).where(Application.place_gone_on.is_not(None))))


def _open_without_place(theme_id: int) -> Select[Application]:
    hoping = select(Application).where(Application.theme_id == theme_id, Application.state.in_(OPEN_STATES))
    return hoping.where(Application.place_offered_on.is_(None)).order_by(Application.id)


def lock_guest(guest_id: int) -> None:
    """Let what one guest does at once happen one after the other: the cap counts rows that other requests write.

    NO KEY: rows that only refer to the guest (history, mail) do not wait.
    """
    db.session.execute(select(User.id).where(User.id == guest_id).with_for_update(key_share=True))


@dataclass(frozen=True)
class Filters:
    """What a list shows, as it stands in the address."""

    side: str = ""
    state: str = ""
    theme_id: int | None = None
    text: str = ""


def listed(user: Any, filters: Filters, page: int) -> Page:
    """A person's applications, those that wait for somebody first, by their deadline."""
    query = _narrowed(_visible(user, filters), filters)
    order = (Application.due_on.is_(None), Application.due_on, Application.id.desc())
    return paged(query.order_by(*order), page, *_row(), whole=only(Application, LIST.ways))


def count_by_state(user: Any, filters: Filters) -> dict[str, int]:
    """How many there are in each state: for the filter's counts."""
    query = _narrowed(_visible(user, filters), Filters(theme_id=filters.theme_id))
    counted = query.with_only_columns(Application.state, func.count()).group_by(Application.state)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def hosted_themes(user: Any) -> Sequence[Any]:
    """(id, title) of the themes of the person's organisations that have applications: for the filter."""
    ids = user.organisation_ids("coordinator", "host")
    if not ids:
        return []
    sent = select(Application.theme_id).where(Application.state.not_in(WRITABLE))
    query = select(Theme.id, Theme.title).where(Theme.host_id.in_(ids), Theme.id.in_(sent)).order_by(Theme.title)
    return db.session.execute(query.limit(200)).all()


def sides_of(user: Any) -> list[str]:
    """On which sides a person can have applications at all."""
    sides = [GUEST_SIDE]
    if user.organisation_ids("coordinator", "host"):
        sides.append(HOST_SIDE)
    if user.programme_ids():
        sides.append(PROGRAMME_SIDE)
    return sides


def _visible(user: Any, filters: Filters) -> Select[Application]:
    seen = select(Application).where(plays(Application, user, *SIDES.get(filters.side, ())))
    return seen.where(has_searched(Application, filters.text, user)) if filters.text else seen


def _narrowed(query: Select[Application], filters: Filters) -> Select[Application]:
    if filters.state:
        query = query.where(Application.state == filters.state)
    if filters.theme_id is not None:
        query = query.where(Application.theme_id == filters.theme_id)
    return query


def _row() -> tuple[Any, ...]:
    theme = joinedload(Application.theme)
    return (
        theme.joinedload(Theme.programme),
        theme.joinedload(Theme.host),
        joinedload(Application.guest),
        joinedload(Application.guest_organisation),
        _with_exchange(),
    )


def _with_exchange() -> Any:
    """The exchange it became, with what the journey line shows of it. Its model comes later: not to be imported here."""
    exchange = Application.exchange.property.mapper.class_
    return selectinload(Application.exchange).options(selectinload(exchange.versions), selectinload(exchange.vouchers))


LIST = Listing(
    "applications",
    "Applications",
    (
        Column("Theme", "theme.title"),
        Column("Programme", "theme.programme.name"),
        Column("Guest", "guest.name"),
        Column("Guest organisation", "guest_organisation.name"),
        Column("Guest country", "guest_organisation.country"),
        Column("Host", "theme.host.name"),
        Column("Host country", "theme.host.country"),
        Column("First day", lambda each: each.offered_first_day or each.first_day, Kind.DAY),
        Column("Last day", lambda each: each.offered_last_day or each.last_day, Kind.DAY),
        Column("State", state_of),
        Column("Due", "due_on", Kind.DAY),
        Column("Submitted", "submitted_on", Kind.DAY),
        Column("Self-funded", "self_funded", Kind.YES_NO),
    ),
    reached=Reached("guests", "guest_id", "theme.programme_id", "theme.host_id", page="applications.show"),
    needs=("first_day", "last_day", "offered_first_day", "offered_last_day", "state"),
)
