"""Who could review a story (followup.md): from another region, no part in it, has the topic, not asked for three months."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import selectinload

from mobility.core.database import db
from mobility.experts import queries as experts
from mobility.experts.rules import Region, another_region
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.stories.models import SuccessStory

MOST = 20


def proposed(story: SuccessStory) -> list[User]:
    """Those who agree to be asked as reviewers and could review it, whoever has been asked least lately first. Whoever has
    read an earlier version goes on."""
    return [*_earlier(story), *_experts(story)]


def could_review(story: SuccessStory) -> list[User]:
    """The same, then others who could: for an owner, who asks them beforehand."""
    found = proposed(story)
    return [*found, *(each for each in _others(story) if each not in found)]


def _earlier(story: SuccessStory) -> list[User]:
    reviewed = [each.reviewer for each in reversed(story.reviews) if each.outcome in ("recommended", "returned", "taken_back")]
    fit = [each for each in reviewed if each.active and not each.ever_in(_sides(story))]
    return fit[:1]


def _experts(story: SuccessStory) -> list[User]:
    sides = (story.host, story.guest_organisation)
    found = experts.reviewers(_topics(story), not_organisations=sides, today=story.programme.today, limit=MOST)
    people = [each.person for each in found if each.person.id not in _asked(story)]
    return [each for each in people if not each.roles_in_programme(story.programme_id)]


def _others(story: SuccessStory) -> Sequence[User]:
    places = _elsewhere(story)
    if not places:
        return []
    fit = _people(places).where(User.id.not_in(_asked(story)), ~_has_part(story)).order_by(User.name, User.id)
    chosen = experts.who_may_be_asked(fit, story.programme.today, MOST)
    found = select(User).where(User.id.in_(chosen)).order_by(User.name, User.id)
    return db.session.scalars(found.options(selectinload(User.memberships))).all()


def _asked(story: SuccessStory) -> set[int]:
    return {each.reviewer_id for each in story.reviews}


def _people(places: Sequence[int]) -> Select[Any]:
    roles = (Role.COORDINATOR, Role.HOST, Role.GUEST)
    works = exists().where(
        Membership.user_id == User.id, Membership.current, Membership.role.in_(roles), Membership.organisation_id.in_(places)
    )
    return select(User.id).where(User.active, works)


def _has_part(story: SuccessStory) -> Any:
    """Has or had a role on one of the sides, or in the programme."""
    member = Membership
    sides = member.organisation_id.in_(_sides(story))
    return exists().where(member.user_id == User.id, or_(sides, member.programme_id == story.programme_id))


def _topics(story: SuccessStory) -> set[str]:
    return set((story.theme and story.theme.sectors) or story.host.sectors)


def _elsewhere(story: SuccessStory) -> list[int]:
    """The organisations of other regions that have one of the topics."""
    sides = [_region(each) for each in (story.host, story.guest_organisation)]
    rows = db.session.execute(select(Organisation.id, Organisation.country, Organisation.region, Organisation.sectors))
    topics = _topics(story)
    return [each.id for each in rows if topics & set(each.sectors) and all(another_region(_region(each), side) for side in sides)]


def _region(organisation: Any) -> Region:
    return Region(organisation.country, organisation.region)


def _sides(story: SuccessStory) -> tuple[int, int]:
    return story.host_id, story.guest_organisation_id
