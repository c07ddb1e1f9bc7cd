"""Success stories: the draft in two parts, the versions that are read and agreed to, reviews, comments, pictures."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, joinedload, load_only, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.stories.workflow import DRAFT, STORY, WORKFLOW, no_part
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow


class SuccessStory(Subject, Model):
    """What came of an exchange, or of a voucher's service, told by both sides; one for each.

    Of a voucher the holder stands where the guest does, the provider where the host does: so the two sides are called "guest" and
    "host" here, whatever pages call them (rules.py). `title` is that of the newest version, before there is one the theme's or
    the voucher's. `edition` is the number of the newest version: what the reviewer reads, both sides agree to, and is public once
    they have. `recommended_on`: that version was recommended.
    """

    __tablename__ = "success_story"
    __table_args__ = (
        Index("ix_success_story_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_success_story_state_id", "state", "id"),
        Index("ix_success_story_programme_id_state", "programme_id", "state"),
        CheckConstraint("(exchange_id IS NULL) <> (voucher_id IS NULL)", name="about_one"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = (
        "title",
        "exchange.theme.title",
        "exchange.host.name",
        "exchange.guest_organisation.name",
        "voucher.provider.name",
        "voucher.holder_organisation.name",
    )

    state: Mapped[str] = mapped_column(default=DRAFT)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), unique=True, default=None)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), unique=True, default=None)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, default=None)
    title: Mapped[str]
    edition: Mapped[int] = mapped_column(default=0)
    recommended_on: Mapped[date | None] = mapped_column(Date, default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)

    programme: Mapped[Programme] = relationship()
    exchange: Mapped[Exchange | None] = relationship()
    voucher: Mapped[Voucher | None] = relationship()
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    parts: Mapped[list["StoryPart"]] = relationship(back_populates="story", order_by="StoryPart.id")
    pictures: Mapped[list["StoryPicture"]] = relationship(back_populates="story", order_by="StoryPicture.id")
    versions: Mapped[list["StoryVersion"]] = relationship(back_populates="story", order_by="StoryVersion.number")
    reviews: Mapped[list["StoryReview"]] = relationship(back_populates="story", order_by="StoryReview.id")
    comments: Mapped[list["StoryComment"]] = relationship(back_populates="story", order_by="StoryComment.id")
    newest: Mapped["StoryVersion | None"] = relationship(viewonly=True, uselist=False, primaryjoin=lambda: _is_newest())

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def subject(self) -> Exchange | Voucher:
        """What it is told of."""
        found = self.exchange or self.voucher
        assert found is not None  # noqa: S101 (for the type)
        return found

    @property
    def theme(self) -> Theme | None:
        return self.exchange.theme if self.exchange else None

    @property
    def about(self) -> str:
        return self.title

    @property
    def between(self) -> str:
        between = "at" if self.exchange else "with"
        return f"{self.guest_organisation.name} {between} {self.host.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"title": self.title}

    @property
    def guest(self) -> User:
        return self.subject.guest if isinstance(self.subject, Exchange) else self.subject.holder

    @property
    def guest_organisation(self) -> Organisation:
        return self.subject.guest_organisation if isinstance(self.subject, Exchange) else self.subject.holder_organisation

    @property
    def guest_organisation_id(self) -> int:
        return self.subject.guest_organisation_id if isinstance(self.subject, Exchange) else self.subject.holder_organisation_id

    @property
    def host(self) -> Organisation:
        found = self.subject.host if isinstance(self.subject, Exchange) else self.subject.provider
        assert found is not None  # noqa: S101 (a delivered voucher has its provider)
        return found

    @property
    def host_id(self) -> int:
        return self.host.id

    @property
    def agreed_sides(self) -> frozenset[str]:
        """Those that have agreed to the newest version: an agreement to an earlier one holds no longer."""
        return frozenset(each.side for each in self.consents)

    @property
    def agreed_by(self) -> frozenset[int]:
        return frozenset(each.by_id for each in self.consents)

    @property
    def consents(self) -> list["StoryConsent"]:
        return self.newest.consents if self.newest else []

    @property
    def reviewer_is_gone(self) -> bool:
        """The account is closed, or whoever was asked has joined one of the organisations since."""
        return self.reviewer is not None and (not self.reviewer.active or no_part(self, self.reviewer) is not None)

    @property
    def review(self) -> "StoryReview | None":
        """The review that is going on."""
        return next((each for each in self.reviews if each.ended_on is None), None)

    @property
    def latest_review(self) -> "StoryReview | None":
        """The same, or the one before."""
        return self.reviews[-1] if self.reviews else None

    def part(self, name: str) -> "StoryPart":
        return next(each for each in self.parts if each.name == name)

    @property
    def texts(self) -> dict[str, Any]:
        """The draft in whole: both parts of it."""
        return {key: text for each in self.parts for key, text in each.texts.items()}

    @property
    def chosen_pictures(self) -> list["StoryPicture"]:
        """The pictures of the draft, in their order."""
        kept = {each.id: each for each in self.pictures}
        return [kept[each["id"]] for each in self.part(STORY).texts.get("pictures", [])]

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        return *cls.named(), joinedload(cls.newest).selectinload(StoryVersion.consents)

    @classmethod
    def named(cls) -> tuple[Any, ...]:
        exchange, voucher = joinedload(cls.exchange), joinedload(cls.voucher)
        who = (Exchange.theme_id, Exchange.host_id, Exchange.guest_id, Exchange.guest_organisation_id)
        holder = (Voucher.kind, Voucher.exchange_id, Voucher.provider_id, Voucher.holder_id, Voucher.holder_organisation_id)
        return (
            load_only(
                *cls.waiting_columns(),
                cls.programme_id,
                cls.exchange_id,
                cls.voucher_id,
                cls.reviewer_id,
                cls.title,
                cls.edition,
                cls.recommended_on,
            ),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.reviewer).options(*User.by_name()),
            exchange.load_only(*who),
            exchange.joinedload(Exchange.theme).load_only(Theme.title),
            exchange.joinedload(Exchange.host).load_only(Organisation.name),
            exchange.joinedload(Exchange.guest_organisation).load_only(Organisation.name),
            exchange.joinedload(Exchange.guest).options(*User.by_name()),
            voucher.load_only(*holder),
            voucher.joinedload(Voucher.provider).load_only(Organisation.name),
            voucher.joinedload(Voucher.holder_organisation).load_only(Organisation.name),
            voucher.joinedload(Voucher.holder).options(*User.by_name()),
        )


def _is_newest() -> Any:
    return and_(foreign(StoryVersion.story_id) == SuccessStory.id, StoryVersion.number == SuccessStory.edition)


class StoryPart(Model):
    """What is written so far of one part: "story" is both sides', "host_view" the host's own. `version` counts the savings.

    `texts` are the chapters by their keys (rules.py); those of the story have "pictures", too: a list of {"id", "alt"}.
    """

    __tablename__ = "story_part"
    __table_args__ = (UniqueConstraint("story_id", "name"),)

    story_id: Mapped[int] = mapped_column(ForeignKey("success_story.id"))
    name: Mapped[str]
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}

    story: Mapped[SuccessStory] = relationship(back_populates="parts")


class StoryVersion(Model):
    """What was sent to review: never changed. `names` are the `Names` and `figures` the figures of that day (rules.py)."""

    __tablename__ = "story_version"
    __table_args__ = (UniqueConstraint("story_id", "number"),)

    story_id: Mapped[int] = mapped_column(ForeignKey("success_story.id"))
    number: Mapped[int]
    texts: Mapped[dict[str, Any]]
    names: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    story: Mapped[SuccessStory] = relationship(back_populates="versions")
    consents: Mapped[list["StoryConsent"]] = relationship(back_populates="story_version", order_by="StoryConsent.id")

    @property
    def pictures(self) -> list[Mapping[str, Any]]:
        """{"id", "alt"} of each."""
        return list(self.texts.get("pictures", []))


class StoryConsent(Model):
    """One side agrees to the publication of one version, `publish`: with_names or without."""

    __tablename__ = "story_consent"
    __table_args__ = (UniqueConstraint("story_version_id", "side"),)

    story_version_id: Mapped[int] = mapped_column(ForeignKey("story_version.id"))
    side: Mapped[str]
    publish: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    story_version: Mapped[StoryVersion] = relationship(back_populates="consents")


class StoryReview(Model):
    """Somebody was asked to review a story, and what they have typed so far: {chapter: comment}. Who was asked lately is not
    asked again. `outcome`: recommended, returned, declined, passed_on, taken_back, withdrawn."""

    __tablename__ = "story_review"
    __table_args__ = (
        CheckConstraint("(ended_on IS NULL) = (outcome IS NULL)", name="ended_somehow"),
        Index("ix_story_review_reviewer_id_asked_on", "reviewer_id", "asked_on"),
    )

    story_id: Mapped[int] = mapped_column(ForeignKey("success_story.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date, default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}

    story: Mapped[SuccessStory] = relationship(back_populates="reviews")
    reviewer: Mapped[User] = relationship()


class StoryComment(Model):
    """What a reviewer says of one chapter of a version (or of the whole: ""); open until one of the writers has resolved it."""

    __tablename__ = "story_comment"

    story_id: Mapped[int] = mapped_column(ForeignKey("success_story.id"), index=True)
    number: Mapped[int]
    chapter: Mapped[str]
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by: Mapped[str] = mapped_column(default="")

    story: Mapped[SuccessStory] = relationship(back_populates="comments")


class StoryPicture(Model):
    """A picture as it is shown: a JPEG of at most 1600 pixels, and a small one, under their keys in the store (uploads/files.py).

    Never changed or deleted, as a version may show it; whether the draft does, its part "story" says.
    """

    __tablename__ = "story_picture"
    __table_args__ = (UniqueConstraint("story_id", "sha256"),)

    story_id: Mapped[int] = mapped_column(ForeignKey("success_story.id"))
    key: Mapped[str] = mapped_column(unique=True)
    small_key: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    story: Mapped[SuccessStory] = relationship(back_populates="pictures")
