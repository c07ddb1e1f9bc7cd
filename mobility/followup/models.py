"""Who is asked, and what they answer."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint, and_, select
from sqlalchemy.orm import Mapped, foreign, joinedload, load_only, mapped_column, relationship

from mobility.core import clock
from mobility.core.database import Model, db
from mobility.core.links import absolute, path_of, signer
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED
from mobility.followup.workflow import ASKED, UNPAID, WORKFLOW
from mobility.notifications.models import OutboxMessage
from mobility.notifications.operations import Addressee
from mobility.people.models import Organisation, User
from mobility.people.parts import has_left
from mobility.people.queries import people_in
from mobility.programmes.models import Programme
from mobility.questionnaires.items import Option
from mobility.questionnaires.models import Questionnaire, QuestionnaireVersion
from mobility.questionnaires.standard import HOST, MANAGER, PROVIDER
from mobility.takeovers.queries import is_anything_to_confirm
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.history import Subject
from mobility.workflows.table import Promise
from mobility.workflows.workflow import Workflow

LINK = "answer"  # what personal links are signed for: nothing of them is stored, so nobody who reads the database has one


class Asking(Model):
    """One round of a questionnaire about one exchange or voucher: that there is a row says that all of it has been asked."""

    __tablename__ = "asking"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "round", "exchange_id"),
        UniqueConstraint("questionnaire_id", "round", "voucher_id"),
        CheckConstraint("(exchange_id IS NULL) <> (voucher_id IS NULL)", name="about_one"),
    )

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    round: Mapped[int]
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), index=True, default=None)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), index=True, default=None)
    asked_on: Mapped[date] = mapped_column(Date)


class QuestionnaireRequest(Subject, Model):
    """One person is asked one questionnaire; `answer_by` is the last day. Whoever has no account is known by name and address.

    `link` counts the personal links: a request that is handed over gets a new one, and the earlier one opens nothing.
    `mailed_on` and `mailed_at` are of the newest mail that asks (not of reminders); `mailed_on` None: nobody was, who answers on
    the claim's page. `place` tells apart those who are asked the same about the same: the position of a delegate, else 0.
    `report_of` is the voucher whose claim reports by it: its holder answers, and `answer_by` is the claim's last day.
    """

    __tablename__ = "questionnaire_request"
    __table_args__ = (
        UniqueConstraint("asking_id", "place"),
        Index("ix_questionnaire_request_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_questionnaire_request_programme_id_state_due_on", "programme_id", "state", "due_on"),
        Index("ix_questionnaire_request_respondent_id_state", "respondent_id", "state"),
        Index("ix_questionnaire_request_organisation_id_state", "organisation_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = (
        "name",
        "questionnaire.title",
        "respondent.name",
        "organisation.name",
        "exchange.theme.title",
        "voucher.provider.name",
    )

    state: Mapped[str] = mapped_column(default=ASKED)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    asking_id: Mapped[int] = mapped_column(ForeignKey("asking.id"))
    place: Mapped[int] = mapped_column(default=0)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    asked_version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchange.id"), index=True, default=None)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), index=True, default=None)
    report_of_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"), index=True, default=None)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    respondent_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    name: Mapped[str]
    email: Mapped[str]
    link: Mapped[int] = mapped_column(default=1)
    answer_by: Mapped[date] = mapped_column(Date)
    mailed_on: Mapped[date | None] = mapped_column(Date, default=None)
    mailed_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    programme: Mapped[Programme] = relationship()
    asking: Mapped[Asking] = relationship()
    questionnaire: Mapped[Questionnaire] = relationship()
    asked_version: Mapped[QuestionnaireVersion] = relationship()
    exchange: Mapped[Exchange | None] = relationship()
    voucher: Mapped[Voucher | None] = relationship(foreign_keys=[voucher_id])
    report_of: Mapped[Voucher | None] = relationship(foreign_keys=[report_of_id])
    organisation: Mapped[Organisation] = relationship()
    respondent: Mapped[User | None] = relationship(foreign_keys=[respondent_id])
    answers: Mapped[list["Answer"]] = relationship(back_populates="request", order_by="Answer.id")
    draft: Mapped["AnswerDraft | None"] = relationship(back_populates="request", uselist=False)
    returned: Mapped[list[OutboxMessage]] = relationship(
        viewonly=True, primaryjoin=lambda: _came_back(), order_by=OutboxMessage.id
    )

    @property
    def title(self) -> str:
        return self.questionnaire.title

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def asked_name(self) -> str:
        """Who is asked, as they are called now."""
        return self.respondent.name if self.respondent else self.name

    @property
    def subject(self) -> Exchange | Voucher:
        """What it is asked about."""
        found = self.exchange or self.voucher
        assert found is not None  # noqa: S101 (for the type)
        return found

    @property
    def what_for(self) -> str:
        """The theme of the exchange, or what the voucher bought."""
        return self.subject.about

    @property
    def theme(self) -> Theme | None:
        return self.exchange.theme if self.exchange else None

    @property
    def about(self) -> str:
        return self.what_for

    @property
    def between(self) -> str:
        return f"{self.asked_name}, {self.organisation.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"title": self.title, "guest": self.asked_name, "host": self.organisation.name}

    @property
    def occasion(self) -> str:
        """Which of its rounds this is: "month_6", "month_12"; "" if it has but one."""
        return f"month_{self.asking.round}" if self.asking.round else ""

    @property
    def is_for_manager(self) -> bool:
        return self.questionnaire.asked_of == MANAGER

    @property
    def speaks_for_organisation(self) -> bool:
        """Not of one's own stay: the host's view, the provider's, and what a manager confirms."""
        return self.questionnaire.asked_of in {HOST, PROVIDER, MANAGER}

    def asks_for(self, item: str) -> bool:
        """Whether the item is one of those that were asked."""
        return any(each["key"] == item for each in self.asked_version.stored)

    def options_of(self, item: str) -> Sequence[Option]:
        """The options of one of the items; none if it was not asked."""
        return next((each.options for each in self.asked_version.items if each.key == item), ())

    @property
    def answer(self) -> "Answer | None":
        """The last sending: the one that counts."""
        return self.answers[-1] if self.answers else None

    @property
    def known(self) -> Mapping[str, Any]:
        """What its form shows: what was typed so far, else what was sent the last time."""
        return self.draft.answers if self.draft else self.answer.answers if self.answer else {}

    @property
    def draft_version(self) -> int | None:
        """To notice two tabs; None before the first saving."""
        return self.draft.version if self.draft else None

    @property
    def hides_opinions(self) -> bool:
        """Whoever validates a claim sees its report, not the guest's opinions, until it is paid (followup.md)."""
        return self.report_of is not None and self.report_of.state in UNPAID

    @property
    def addressee(self) -> User | Addressee:
        """To whom its mails go."""
        return self.respondent or Addressee(self.name, self.email)

    def without_account(self, promise: Promise) -> Sequence[Addressee]:
        return () if self.respondent_id else (Addressee(self.name, self.email),)

    def own_link(self, person: Any) -> str | None:
        """For whoever is asked: it opens the questionnaire without a password. Handed over, the earlier one opens nothing."""
        if person.email != self.addressee.email:
            return None
        return absolute(path_of("followups.by_link", token=self.token))

    @property
    def token(self) -> str:
        """What the personal link ends in."""
        return str(signer(LINK).dumps([self.id, self.link]))

    @property
    def has_left(self) -> bool:
        """Whoever is asked has closed the account, or (but for delegates, who need no role) left the organisation."""
        whom = self.respondent
        return whom is not None and (not whom.active or (self.place == 0 and has_left(whom, self.organisation_id)))

    @property
    def is_pointless(self) -> bool:
        """The exchange that it is about does not take place, or its manager would have nothing to confirm."""
        if self.exchange is None:
            return False
        return self.exchange.state == CANCELLED or (self.is_for_manager and self._all_was_dropped)

    @property
    def _all_was_dropped(self) -> bool:
        return not db.session.scalar(select(is_anything_to_confirm(self.exchange_id)))

    @property
    def returned_mail(self) -> str | None:
        """What the mail server said, if it has refused the newest mail for good."""
        return self.returned[-1].last_error if self.returned else None

    @property
    def colleagues(self) -> list[User]:
        """To whom it can be handed over, by name: whoever tells of the take-overs does not confirm them."""
        tells = self.exchange.guest_id if self.exchange and self.is_for_manager else None
        return [each for each in people_in(self.organisation_id) if each is not self.respondent and each.id != tells]

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        exchange, voucher = joinedload(cls.exchange), joinedload(cls.voucher)
        who = (cls.programme_id, cls.questionnaire_id, cls.exchange_id, cls.voucher_id, cls.organisation_id, cls.respondent_id)
        return (
            load_only(*cls.waiting_columns(), *who, cls.name, cls.email, cls.answer_by, cls.link, cls.report_of_id),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.questionnaire, innerjoin=True).load_only(Questionnaire.title),
            joinedload(cls.organisation, innerjoin=True).load_only(Organisation.name),
            joinedload(cls.respondent).options(*User.by_name()),
            exchange.load_only(Exchange.theme_id),
            exchange.joinedload(Exchange.theme).load_only(Theme.title),
            voucher.load_only(Voucher.kind, Voucher.provider_id, Voucher.exchange_id),
            voucher.joinedload(Voucher.provider).load_only(Organisation.name),
        )


def _came_back() -> Any:
    """Of the mails about a request, those since it was last asked that no server takes."""
    mail = OutboxMessage
    return and_(
        foreign(mail.subject_id) == QuestionnaireRequest.id,
        mail.subject_type == WORKFLOW.name,
        mail.state == "dead",
        mail.created_at >= QuestionnaireRequest.mailed_at,
    )


class Answer(Model):
    """What was sent once, with the version that it answers; earlier sendings are kept. `answers`: questionnaires/items.py.

    `lines` are what its lines were about when it was sent: {"objectives": {"o1": ...}, "take_overs": {...}}. `by_name` is who
    sent it, as they were called; `handed_over` notes that somebody else had been asked first.
    """

    __tablename__ = "answer"

    request_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_request.id"), index=True)
    asked_version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    sent_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    answers: Mapped[dict[str, Any]]
    lines: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    by_name: Mapped[str]
    handed_over: Mapped[bool] = mapped_column(default=False)

    request: Mapped[QuestionnaireRequest] = relationship(back_populates="answers")
    asked_version: Mapped[QuestionnaireVersion] = relationship()


class AnswerDraft(Model):
    """What was typed so far. `version` counts the savings, to notice two tabs."""

    __tablename__ = "answer_draft"

    request_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_request.id"), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}

    request: Mapped[QuestionnaireRequest] = relationship(back_populates="draft")
