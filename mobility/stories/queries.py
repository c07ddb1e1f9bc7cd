"""Reading stories: for those who have a part in them, and for everybody as far as both sides allow it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from mobility.claims.models import Claim
from mobility.consents.queries import can_be_told, words_about, words_on_publishing, words_on_services
from mobility.consents.rules import WITH_NAMES, WITHOUT, leave
from mobility.core.database import db
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.followup.models import Answer, QuestionnaireRequest
from mobility.keyfigures.models import KeyFigure, Serving
from mobility.lists.columns import Column, Kind, Listing
from mobility.people.models import Membership, Organisation, User
from mobility.questionnaires.models import Questionnaire
from mobility.stories.models import StoryComment, StoryPicture, StoryVersion, SuccessStory
from mobility.stories.rules import EXCHANGE, SERVICE, Names, figures, named_in
from mobility.stories.serving import in_words
from mobility.stories.workflow import DRAFT, PUBLISHED, RETURNED, WITHDRAWN, WORKFLOW, WRITERS
from mobility.vouchers.models import Voucher

GONE = "This success story is no longer public: one of those whom it is about has taken back their consent."
WISHES = "month_12"  # where the guest says whether they would tell a story
WRITES = frozenset(WRITERS)
Subject = Exchange | Voucher


# For those who have a part in it


def find(id: int, user: Any, for_update: bool = False) -> SuccessStory:
    """A story with all that its pages need, or 404 if the person has no part in it."""
    if for_update:
        db.session.execute(select(SuccessStory.id).where(SuccessStory.id == id).with_for_update())
    return or_404(look(id, user))


def look(id: int, user: Any) -> SuccessStory | None:
    """The same, or nothing."""
    query = select(SuccessStory).where(SuccessStory.id == id).options(*_whole())
    story = db.session.scalar(query.execution_options(populate_existing=True))
    return story if story is not None and WORKFLOW.may_see(user, story) else None


def _whole() -> tuple[Any, ...]:
    story = SuccessStory
    exchange, voucher = joinedload(story.exchange), joinedload(story.voucher)
    return (
        joinedload(story.programme, innerjoin=True),
        joinedload(story.reviewer),
        selectinload(story.newest).selectinload(StoryVersion.consents),
        *(selectinload(each) for each in (story.parts, story.pictures, story.reviews, story.comments)),
        exchange.joinedload(Exchange.theme),
        exchange.joinedload(Exchange.host),
        exchange.joinedload(Exchange.guest),
        exchange.joinedload(Exchange.guest_organisation),
        voucher.joinedload(Voucher.provider),
        voucher.joinedload(Voucher.holder),
        voucher.joinedload(Voucher.holder_organisation),
    )


def about(subject: Subject) -> SuccessStory | None:
    """The story of an exchange, or of what a voucher bought."""
    column = SuccessStory.exchange_id if isinstance(subject, Exchange) else SuccessStory.voucher_id
    query = select(SuccessStory).where(column == subject.id)
    return db.session.scalar(query.options(joinedload(SuccessStory.newest)))


def may_begin(user: Any, subject: Subject) -> bool:
    """Both sides may tell of an exchange that has taken place, and of a service that was delivered."""
    return can_be_told(subject) and bool(subject.workflow.acting_on(user, subject) & WRITES)


def find_comment(story: SuccessStory, id: int) -> StoryComment:
    return next((each for each in story.comments if each.id == id), None) or abort(404)


def wished_for() -> Sequence[int]:
    """The exchanges whose guest would tell a story, by the last sending, and that have none yet."""
    none_yet = ~exists().where(SuccessStory.exchange_id == QuestionnaireRequest.exchange_id)
    query = (
        select(QuestionnaireRequest.exchange_id, Answer.answers["story"].as_string())
        .join(Answer.request)
        .join(QuestionnaireRequest.questionnaire)
        .where(Questionnaire.key == WISHES, QuestionnaireRequest.exchange_id.is_not(None), none_yet)
    )
    said = {row[0]: row[1] for row in db.session.execute(query.order_by(Answer.id))}
    return sorted(id for id, story in said.items() if story == "yes")


def answers_about(subject: Subject) -> dict[str, Mapping[str, Any]]:
    """What was answered last about an exchange or voucher, by the keys of the questionnaires; a delegate's count for nobody."""
    about = QuestionnaireRequest.exchange_id if isinstance(subject, Exchange) else QuestionnaireRequest.voucher_id
    query = select(Questionnaire.key, Answer.answers).join(Answer.request).join(QuestionnaireRequest.questionnaire)
    of_this = query.where(about == subject.id, QuestionnaireRequest.place == 0)
    return {row[0]: row[1] for row in db.session.execute(of_this.order_by(Answer.id))}


def told_before(exchange: Exchange) -> str:
    """What the guest has written of the take-overs in the claim."""
    query = select(Claim.take_overs).join(Voucher, Voucher.id == Claim.voucher_id).where(Voucher.exchange_id == exchange.id)
    return db.session.scalar(query.order_by(Claim.id.desc()).limit(1)) or ""


@dataclass(frozen=True)
class Reading:
    """A story as it is read: a version, or the draft. `pictures` are (picture, what it shows)."""

    story: SuccessStory
    texts: Mapping[str, Any]
    names: Mapping[str, Any]
    figures: Mapping[str, Any]
    pictures: Sequence[tuple[StoryPicture, str]]
    number: int = 0


def reading(story: SuccessStory, *, drafts: bool) -> Reading | None:
    """What those who have a part in it read: the newest version, but the draft while it is written, if they write it."""
    if drafts and story.state in (DRAFT, RETURNED, WITHDRAWN):
        texts = {**story.texts, "serves": in_words(story, story.texts.get("serves", ()))}
        shown = _pictures(story, texts["pictures"])
        return Reading(story, texts, names_of(story.subject)._asdict(), figures(answers_about(story.subject)), shown)
    return _version(story, story.newest) if story.newest else None


def as_told(told: "Told") -> Reading:
    """What everybody reads."""
    return _version(told.story, told.version)


def _version(story: SuccessStory, version: StoryVersion) -> Reading:
    return Reading(story, version.texts, version.names, version.figures, _pictures(story, version.pictures), version.number)


def _pictures(story: SuccessStory, chosen: Sequence[Mapping[str, Any]]) -> list[tuple[StoryPicture, str]]:
    kept = {each.id: each for each in story.pictures}
    return [(kept[each["id"]], each["alt"]) for each in chosen]


def names_of(subject: Subject) -> Names:
    """What both sides and the exchange or service are called today."""
    if isinstance(subject, Exchange):
        days = (subject.actual_first_day or subject.first_day, subject.actual_last_day or subject.last_day)
        theme = subject.theme
        return _names(subject, EXCHANGE, theme.title, days, theme.sectors, subject.host, subject.guest_organisation)
    provider, day = subject.provider, subject.delivered_on
    assert provider and day  # noqa: S101, PT018 (delivered)
    return _names(subject, SERVICE, subject.title, (day, day), provider.sectors, provider, subject.holder_organisation)


def _names(
    subject: Subject, about: str, theme: str, days: tuple[date, date], sectors: Any, host: Organisation, home: Organisation
) -> Names:
    return Names(
        about=about,
        theme=theme,
        programme=subject.programme.name,
        currency=subject.programme.currency,
        first_day=days[0].isoformat(),
        last_day=days[1].isoformat(),
        sectors=list(sectors),
        host=host.name,
        host_kind=host.kind,
        host_city=host.city,
        host_country=host.country,
        guest=home.name,
        guest_kind=home.kind,
        guest_city=home.city,
        guest_country=home.country,
    )


def serving_figure(figure: KeyFigure) -> Sequence[SuccessStory]:
    """The stories that serve a key figure."""
    of = (Serving.subject_type == WORKFLOW.name, Serving.key_figure_id == figure.id)
    query = select(SuccessStory).where(SuccessStory.id.in_(select(Serving.subject_id).where(*of)))
    return db.session.scalars(query.order_by(SuccessStory.id).options(*SuccessStory.brief())).unique().all()


# For everybody


@dataclass(frozen=True)
class Told:
    """A story as the public may read it now: `publish` is with_names or without."""

    story: SuccessStory
    version: StoryVersion
    publish: str

    @property
    def id(self) -> int:
        return self.story.id


@dataclass(frozen=True)
class Filters:
    """What a reader looks for; nothing set finds all."""

    sector: str = ""
    country: str = ""

    def fit(self, names: Mapping[str, Any]) -> bool:
        countries = {names["host_country"], names["guest_country"]}
        return (not self.sector or self.sector in names["sectors"]) and (not self.country or self.country in countries)


def public(*where: ColumnElement[bool]) -> list[Told]:
    """All stories (`where` these hold, also of the newest version) that may be told today, the newest first, in a constant number
    of queries.

    Stories are few, and each word of a side counts at once: so which of them are public is worked out anew each time.
    """
    query = (
        select(SuccessStory)
        .join(SuccessStory.newest)
        .where(SuccessStory.state == PUBLISHED, *where)
        .options(contains_eager(SuccessStory.newest), joinedload(SuccessStory.programme, innerjoin=True))
        .order_by(SuccessStory.published_at.desc(), SuccessStory.id.desc())
    )
    return _told(db.session.scalars(query).all())


def told(id: int) -> Told | None:
    """One story, if it may be told now."""
    story = db.session.scalar(
        select(SuccessStory)
        .where(SuccessStory.id == id, SuccessStory.state == PUBLISHED)
        .options(joinedload(SuccessStory.newest), joinedload(SuccessStory.programme, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    return next(iter(_told([story])), None) if story else None


def public_story(id: int) -> Told:
    """The same; 404 for what never was public, 410 for what is not any more."""
    return told(id) or (abort(410, GONE) if was_told(id) else abort(404))


def was_told(id: int) -> bool:
    """Whether it was public once: then its address says that it is gone."""
    found = select(SuccessStory.id).where(SuccessStory.id == id, SuccessStory.published_at.is_not(None))
    return db.session.scalar(found) is not None


def _told(stories: Sequence[SuccessStory]) -> list[Told]:
    words = leaves(stories)
    found = [(each, words[each.id]) for each in stories]
    return [Told(story, story.newest, publish) for story, publish in found if story.newest and may_be_told(story.newest, publish)]


def may_be_told(version: StoryVersion, publish: str) -> bool:
    """Without names only what names nobody: the word of a side holds for what was written before it, too."""
    return publish == WITH_NAMES or (publish == WITHOUT and not named_by(version))


def named_by(version: StoryVersion) -> str:
    return named_in(version.texts, version.pictures, version.names)


def would_be_told(story: SuccessStory, side: str, publish: str) -> bool:
    """Whether anybody could read it if one side agreed to the newest version like this, as the other side's last word is now."""
    said = words_about(story.subject) | {(story.subject.id, side): publish}
    return story.newest is not None and may_be_told(story.newest, leave(said, story.subject.id))


def leaves(stories: Collection[SuccessStory]) -> dict[int, str]:
    """with_names, without or no, of each of these stories by its id: as both sides allow it now."""
    exchanges = [each.exchange_id for each in stories if each.exchange_id]
    vouchers = [each.voucher_id for each in stories if each.voucher_id]
    stays = words_on_publishing(exchanges) if exchanges else {}
    services = words_on_services(vouchers) if vouchers else {}
    return {
        each.id: leave(stays, each.exchange_id) if each.exchange_id else leave(services, each.voucher_id or 0) for each in stories
    }


def choices(stories: Iterable[Told]) -> tuple[set[str], set[str]]:
    """The sectors and the countries that there are stories of."""
    names = [each.version.names for each in stories]
    countries = {each[f"{side}_country"] for each in names for side in ("host", "guest")}
    return {sector for each in names for sector in each["sectors"]}, countries


# Reviews


def reviewer_is_gone() -> ColumnElement[bool]:
    """The account is closed, or whoever reviews has or had a role on one of the sides."""
    closed = exists().where(User.id == SuccessStory.reviewer_id, ~User.active)
    of_stay = exists().where(
        Membership.user_id == SuccessStory.reviewer_id,
        Exchange.id == SuccessStory.exchange_id,
        Membership.organisation_id.in_((Exchange.host_id, Exchange.guest_organisation_id)),
    )
    of_service = exists().where(
        Membership.user_id == SuccessStory.reviewer_id,
        Voucher.id == SuccessStory.voucher_id,
        Membership.organisation_id.in_((Voucher.provider_id, Voucher.holder_organisation_id)),
    )
    return or_(closed, of_stay, of_service)


# Pictures


def picture(id: int, user: Any) -> StoryPicture | None:
    """A picture of a story that the reader may see: of one that is public, or in which they have a part."""
    found = db.session.get(StoryPicture, id)
    if found is None:
        return None
    one = told(found.story_id)
    if one and any(each["id"] == id for each in one.version.pictures):
        return found
    return found if user.is_authenticated and WORKFLOW.may_see(user, found.story) else None


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of the store's files that some picture names."""
    pictures = StoryPicture
    query = select(pictures.key, pictures.small_key).where(or_(pictures.key.in_(keys), pictures.small_key.in_(keys)))
    return {key for row in db.session.execute(query) for key in row}


LIST = Listing(
    "stories",
    "Success stories",
    (
        Column("Title", lambda each: each.version.texts["title"]),
        Column("Guest country", lambda each: each.version.names["guest_country"]),
        Column("Host country", lambda each: each.version.names["host_country"]),
        Column("Guest organisation", lambda each: each.version.names["guest"] if each.publish == "with_names" else None),
        Column("Host", lambda each: each.version.names["host"] if each.publish == "with_names" else None),
        Column("Told", "version.made_at", Kind.INSTANT),
    ),
)
