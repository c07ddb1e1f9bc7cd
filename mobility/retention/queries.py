"""What is over by now, class by class, and what the nights say. Never what is part of an open case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import joinedload, lazyload

from mobility.accounts.models import MailedLink
from mobility.applications.models import Application, Delegate
from mobility.applications.workflow import CONFIRMED
from mobility.applications.workflow import DRAFT as NOT_SENT
from mobility.claims.models import Claim, Evidence
from mobility.core.clock import zone_of
from mobility.core.database import db
from mobility.core.wording import HOME_ZONE
from mobility.delegates.models import DelegateLink
from mobility.delegates.rules import OPENS, OPENS_CANCELLED
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import CANCELLED, CLOSED
from mobility.followup.models import AnswerDraft, QuestionnaireRequest
from mobility.imports.models import Import, Stage
from mobility.joining.models import JoinRequest
from mobility.joining.workflow import JOINED
from mobility.mailings.models import Mailing
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.retention import accounts
from mobility.retention.models import RetentionNight, RetentionPeriod
from mobility.retention.rules import BY_KEY, CLASSES, NIGHTS, Class, cutoff
from mobility.talking.models import Conversation, Message, MessageFile, MessageReport, Reader
from mobility.themes.models import Theme
from mobility.themes.workflow import PUBLISHED
from mobility.upkeep.models import JobRun
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import OPEN as OPEN_VOUCHERS
from mobility.workflows.history import HistoryEntry

GONE = "•••"
SHOWN = 30  # nights on a class's page
LEFT = ("sent", "dropped", "digested", "kept", "dead")  # a mail that goes nowhere by itself any more
ABANDONED = (Stage.UNREADABLE, Stage.READ, Stage.CHECKED)
PLACEHOLDER = "text/plain"  # of a file that took another's place: nobody can hand in one


@dataclass(frozen=True)
class Due:
    """Rows of `model` that are over when `where(before, day)` holds; `since` is from when on they count."""

    model: type[Any]
    since: Any
    where: Callable[[datetime, date], ColumnElement[bool]]


# What is over


def _over(model: type[Any], *but: str) -> ColumnElement[bool]:
    """Nobody has to act on it any more."""
    states = [each.name for each in model.workflow.states if each.kind != "open" and each.name not in but]
    return and_(model.state.in_(states), model.waiting_for.is_(None))


def _last_act(model: type[Any]) -> Any:
    """When something was last done to it; nothing if nothing ever was."""
    of_it = (HistoryEntry.subject_type == model.workflow.name, HistoryEntry.subject_id == model.id)
    return select(func.max(HistoryEntry.at)).where(*of_it).correlate(model).scalar_subquery()


def _untouched(model: type[Any], before: datetime) -> ColumnElement[bool]:
    """Its last act was before; without any, that it was made."""
    return func.coalesce(_last_act(model), model.created_at) < before


def _voucher_is_over() -> ColumnElement[bool]:
    return and_(Voucher.state.not_in(OPEN_VOUCHERS), Voucher.waiting_for.is_(None))


def _exchange_is_over(before: datetime) -> ColumnElement[bool]:
    """With all that was to be paid for it."""
    running = exists().where(Voucher.exchange_id == Exchange.id, not_(_voucher_is_over()))
    ended = and_(Exchange.state.in_((CLOSED, CANCELLED)), Exchange.waiting_for.is_(None))
    return and_(ended, _untouched(Exchange, before), not_(running))


def _application_is_over(before: datetime) -> ColumnElement[bool]:
    became = exists().where(Exchange.application_id == Application.id, _exchange_is_over(before))
    return or_(and_(_over(Application, CONFIRMED), _untouched(Application, before)), and_(Application.state == CONFIRMED, became))


def _case_is_over(before: datetime) -> ColumnElement[bool]:
    """Of a conversation."""
    asked = exists().where(Theme.id == Conversation.theme_id, Theme.state != PUBLISHED, Theme.waiting_for.is_(None))
    return or_(
        exists().where(Application.id == Conversation.application_id, _application_is_over(before)),
        exists().where(Exchange.id == Conversation.exchange_id, _exchange_is_over(before)),
        exists().where(Voucher.id == Conversation.voucher_id, _voucher_is_over(), _untouched(Voucher, before)),
        and_(Conversation.theme_id.is_not(None), Conversation.application_id.is_(None), asked),
    )


def _still(before: datetime) -> ColumnElement[bool]:
    return func.coalesce(Conversation.newest_at, Conversation.began_at) < before


def _mails(before: datetime, day: date) -> ColumnElement[bool]:
    return and_(OutboxMessage.state.in_(LEFT), OutboxMessage.created_at < before, OutboxMessage.text != GONE)


def _join_requests(before: datetime, day: date) -> ColumnElement[bool]:
    return and_(_over(JoinRequest, JOINED), _untouched(JoinRequest, before))


def _says_something() -> ColumnElement[bool]:
    """Of an application: words, or names of a delegation."""
    told = or_(*(column.not_in(("", GONE)) for column in (Application.motivation, Application.objectives, Application.brings)))
    return or_(told, exists().where(Delegate.application_id == Application.id, Delegate.name != GONE))


def _applications(before: datetime, day: date) -> ColumnElement[bool]:
    no_exchange = ~exists().where(Exchange.application_id == Application.id)
    return and_(_over(Application, CONFIRMED), no_exchange, _untouched(Application, before), _says_something())


def _application_drafts(before: datetime, day: date) -> ColumnElement[bool]:
    over = exists().where(Theme.id == Application.theme_id, or_(Theme.state != PUBLISHED, Theme.apply_by < day))
    return and_(Application.state == NOT_SENT, _untouched(Application, before), over, _says_something())


def _answer_drafts(before: datetime, day: date) -> ColumnElement[bool]:
    report = exists().where(Voucher.id == QuestionnaireRequest.report_of_id, not_(_voucher_is_over()))
    over = and_(_over(QuestionnaireRequest), QuestionnaireRequest.answer_by < day, not_(report))
    return exists().where(QuestionnaireRequest.id == AnswerDraft.request_id, over)


def _message_drafts(before: datetime, day: date) -> ColumnElement[bool]:
    begun = or_(Reader.draft != "", exists().where(MessageFile.reader_id == Reader.id))
    return and_(begun, exists().where(Conversation.id == Reader.conversation_id, _still(before)))


def _messages(before: datetime, day: date) -> ColumnElement[bool]:
    of_it = Message.conversation_id == Conversation.id
    told = or_(exists().where(of_it, Message.text != ""), exists().where(of_it, MessageFile.message_id == Message.id))
    reported = exists().where(of_it, MessageReport.message_id == Message.id, MessageReport.decided_at.is_(None))
    return and_(_still(before), told, _case_is_over(before), not_(reported))


def _imports(before: datetime, day: date) -> ColumnElement[bool]:
    released = and_(Import.stage == Stage.RELEASED, Import.released_at < before)
    return and_(Import.key != "", or_(released, and_(Import.stage.in_(ABANDONED), Import.created_at < before)))


def _evidence(before: datetime, day: date) -> ColumnElement[bool]:
    """Paid, or ended, in a year that was over by then."""
    year = date(day.year, 1, 1)
    ended = or_(Voucher.paid_on < year, and_(Voucher.paid_on.is_(None), _untouched(Voucher, midnight(year))))
    of_it = (Claim.id == Evidence.claim_id, Claim.voucher_id == Voucher.id)
    return and_(Evidence.content_type != PLACEHOLDER, exists().where(*of_it, _voucher_is_over(), ended))


def _asked(before: datetime, day: date) -> ColumnElement[bool]:
    """Of those without an account."""
    nobody = and_(QuestionnaireRequest.respondent_id.is_(None), QuestionnaireRequest.name != GONE)
    return and_(nobody, _over(QuestionnaireRequest), QuestionnaireRequest.answer_by < day)


def _strangers(before: datetime, day: date) -> ColumnElement[bool]:
    """A stay that goes on knows by these whom it has written to, a question whose mail came back."""
    mail = OutboxMessage
    of_stay = and_(mail.subject_type == Exchange.workflow.name, mail.subject_id == Exchange.id)
    of_question = and_(mail.subject_type == QuestionnaireRequest.workflow.name, mail.subject_id == QuestionnaireRequest.id)
    goes_on = or_(
        exists().where(of_stay, not_(_exchange_is_over(before))), exists().where(of_question, not_(_over(QuestionnaireRequest)))
    )
    nobody = and_(mail.recipient_id.is_(None), mail.address != GONE)
    return and_(nobody, mail.state.in_(LEFT), mail.created_at < before, not_(goes_on))


def _traveller_links(before: datetime, day: date) -> ColumnElement[bool]:
    last = func.coalesce(Exchange.actual_last_day, Exchange.last_day, type_=Exchange.last_day.type)
    over = or_(last < day - OPENS, and_(Exchange.state == CANCELLED, last < day - OPENS_CANCELLED))
    return and_(DelegateLink.email != "", exists().where(Exchange.id == DelegateLink.exchange_id, over))


DUE: dict[str, Due] = {
    "mails": Due(OutboxMessage, OutboxMessage.created_at, _mails),
    "join_requests": Due(JoinRequest, JoinRequest.created_at, _join_requests),
    "applications": Due(Application, Application.created_at, _applications),
    "application_drafts": Due(Application, Application.created_at, _application_drafts),
    "answer_drafts": Due(
        AnswerDraft,
        select(QuestionnaireRequest.created_at).where(QuestionnaireRequest.id == AnswerDraft.request_id).scalar_subquery(),
        _answer_drafts,
    ),
    "message_drafts": Due(
        Reader,
        select(Conversation.began_at).where(Conversation.id == Reader.conversation_id).scalar_subquery(),
        _message_drafts,
    ),
    "messages": Due(Conversation, Conversation.began_at, _messages),
    "imports": Due(Import, Import.created_at, _imports),
    "evidence": Due(Evidence, Evidence.added_at, _evidence),
    "mailings": Due(Mailing, Mailing.sent_at, lambda before, day: and_(Mailing.sent_at < before, Mailing.text != "")),
    "accounts": Due(User, User.created_at, accounts.came_to_nothing),
    "asked": Due(QuestionnaireRequest, QuestionnaireRequest.created_at, _asked),
    "strangers": Due(OutboxMessage, OutboxMessage.created_at, _strangers),
    "traveller_links": Due(DelegateLink, DelegateLink.made_at, _traveller_links),
    "links": Due(MailedLink, MailedLink.created_at, lambda before, day: MailedLink.expires_at < before),
    "job_runs": Due(JobRun, JobRun.began_at, lambda before, day: JobRun.began_at < before),
}


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone_of(HOME_ZONE))


def _due(key: str, today: date, days: int) -> ColumnElement[bool]:
    day = cutoff(today, days)
    return DUE[key].where(midnight(day), day)


def found(key: str, today: date, days: int) -> tuple[int, date | None]:
    """How many are over, and from when the oldest is."""
    due = DUE[key]
    query = select(func.count(), func.min(due.since)).select_from(due.model).where(_due(key, today, days))
    count, oldest = db.session.execute(query).one()
    return count, oldest.date() if oldest else None


def some(key: str, today: date, days: int, *, after: int, most: int) -> list[int]:
    """The next few that are over, locked; those that somebody is at stay for another night."""
    model = DUE[key].model
    query = select(model.id).where(model.id > after, _due(key, today, days)).order_by(model.id).limit(most)
    return list(db.session.scalars(query.with_for_update(of=model, skip_locked=True)))


# Periods and nights


@dataclass(frozen=True)
class State:
    """A class, its period as it is, and its newest night."""

    kind: Class
    period: RetentionPeriod | None
    night: RetentionNight | None

    @property
    def days(self) -> int | None:
        return self.period.days if self.period else self.kind.days

    @property
    def reports(self) -> int:
        """How many more nights only report."""
        return max(0, NIGHTS - (self.period.nights if self.period else 0))


def states() -> list[State]:
    periods = {each.key: each for each in db.session.scalars(select(RetentionPeriod))}
    newest = select(func.max(RetentionNight.id)).group_by(RetentionNight.key)
    nights = {each.key: each for each in db.session.scalars(select(RetentionNight).where(RetentionNight.id.in_(newest)))}
    return [State(each, periods.get(each.key), nights.get(each.key)) for each in CLASSES]


def state_of(key: str) -> State | None:
    return next((each for each in states() if each.kind.key == key), None)


def period(key: str, *, for_update: bool = False) -> RetentionPeriod | None:
    query = select(RetentionPeriod).where(RetentionPeriod.key == key)
    if for_update:
        query = query.with_for_update(of=RetentionPeriod).execution_options(populate_existing=True)
    return db.session.scalar(query.options(joinedload(RetentionPeriod.set_by).options(lazyload(User.memberships))))


def night(key: str, day: date, *, for_update: bool = False) -> RetentionNight | None:
    """Nothing if another process is at it."""
    query = select(RetentionNight).where(RetentionNight.key == key, RetentionNight.on_day == day)
    if for_update:
        query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalar(query)


def nights(key: str) -> list[RetentionNight]:
    """The newest few."""
    query = select(RetentionNight).where(RetentionNight.key == key).order_by(RetentionNight.on_day.desc())
    return list(db.session.scalars(query.limit(SHOWN)))


def unfinished(key: str, before: date) -> list[date]:
    """Nights that were broken off, and whose day is over."""
    left = (RetentionNight.key == key, RetentionNight.ended_at.is_(None), RetentionNight.on_day < before)
    return list(db.session.scalars(select(RetentionNight.on_day).where(*left).order_by(RetentionNight.on_day)))


class Told(NamedTuple):
    """What a class has reported; after `left` more nights it removes."""

    kind: Class
    night: RetentionNight
    left: int


def to_tell(day: date) -> Iterator[Told]:
    """Classes whose first or last report this night is, with how many more there are; nothing before all have reported."""
    reported = {each.key: each for each in db.session.scalars(select(RetentionNight).where(RetentionNight.on_day == day))}
    periods = list(db.session.scalars(select(RetentionPeriod)))
    if len(periods) < len(CLASSES) or any(each.days is not None and each.key not in reported for each in periods):
        return
    for each in sorted(periods, key=lambda one: list(BY_KEY).index(one.key)):
        tonight = reported.get(each.key)
        if tonight is not None and not tonight.acts and each.nights in (1, NIGHTS):
            yield Told(BY_KEY[each.key], tonight, NIGHTS - each.nights)
