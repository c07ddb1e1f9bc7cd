"""Who could review a story (followup.md): from another region, no part in it, has the topic, not asked for three months."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import selectinload

from mobility.core.database import db
from mobility.followup.rules import add_months
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.stories.models import StoryReview, SuccessStory

REST = 3  # months in which nobody is asked twice
MOST = 20


def proposed(story: SuccessStory) -> Sequence[User]:
    """Those who could review it, whoever has been asked least lately first. Whoever has reviewed an earlier version goes on."""
    return [*_earlier(story), *_others(story)][:MOST]


def _earlier(story: SuccessStory) -> list[User]:
    reviewed = [each.reviewer for each in reversed(story.reviews) if each.outcome in ("recommended", "returned", "taken_back")]
    fit = [each for each in reviewed if each.active and not each.ever_in(_sides(story))]
    return fit[:1]


def _others(story: SuccessStory) -> Sequence[User]:
    asked = {each.reviewer_id for each in story.reviews}
    lately = add_months(story.programme.today, -REST)
    places = _elsewhere(story)
    last = (
        select(StoryReview.reviewer_id, func.max(StoryReview.asked_on).label("day")).group_by(StoryReview.reviewer_id).subquery()
    )
    query = (
        _people(places)
        .outerjoin(last, last.c.reviewer_id == User.id)
        .where(User.id.not_in(asked), or_(last.c.day.is_(None), last.c.day <= lately), ~_has_part(story))
        .order_by(last.c.day.asc().nulls_first(), User.name, User.id)
    )
    return db.session.scalars(query.options(selectinload(User.memberships)).limit(MOST)).all() if places else []


def _people(places: Sequence[int]) -> Select[Any]:
    roles = (Role.COORDINATOR, Role.HOST, Role.GUEST)
    works = exists().where(
        Membership.user_id == User.id, Membership.current, Membership.role.in_(roles), Membership.organisation_id.in_(places)
    )
    return select(User).where(User.active, works)


def _has_part(story: SuccessStory) -> Any:
    """Has or had a role on one of the sides, or in the programme."""
    member = Membership
    sides = member.organisation_id.in_(_sides(story))
    return exists().where(member.user_id == User.id, or_(sides, member.programme_id == story.programme_id))


def _elsewhere(story: SuccessStory) -> list[int]:
    """The organisations of other regions that have one of the theme's sectors."""
    wanted = set(story.exchange.theme.sectors or story.exchange.host.sectors)
    regions = {_region(each) for each in (story.exchange.host, story.exchange.guest_organisation)}
    rows = db.session.execute(select(Organisation.id, Organisation.country, Organisation.region, Organisation.sectors))
    return [each.id for each in rows if wanted & set(each.sectors) and _region(each) not in regions]


def _region(organisation: Any) -> tuple[str, str]:
    """Where no region is known, the country stands for it."""
    return organisation.country, organisation.region


def _sides(story: SuccessStory) -> tuple[int, int]:
    return story.host_id, story.guest_organisation_id
