"""What happens by itself: one line per schedule.

Every job works out what is due from the database, so that it may run at any time, twice, late, or in several processes at
once: nothing is done twice, and a missed run is made up for by the next.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError

from mobility import reminders
from mobility.accounts.models import SignIn
from mobility.accounts.throttle import Attempt
from mobility.applications import operations as applications
from mobility.applications import queries as application_queries
from mobility.applications.models import Application
from mobility.applications.workflow import WAITING
from mobility.audit import heads
from mobility.claims import queries as claim_queries
from mobility.core import clock
from mobility.core.database import db, one_moment, transaction, write_back
from mobility.core.errors import GuardRefused, WrongState
from mobility.core.forms import FormReceipt
from mobility.exchanges import endorse
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import AGREED
from mobility.experts import operations as experts
from mobility.experts import queries as expert_queries
from mobility.experts.models import Mentoring
from mobility.experts.workflow import LOOKED_BACK
from mobility.findings import operations as findings
from mobility.findings import queries as findings_queries
from mobility.followup import ends
from mobility.followup import operations as followup
from mobility.followup import queries as followup_queries
from mobility.followup.models import QuestionnaireRequest
from mobility.imports import queries as import_queries
from mobility.imports import steps as imports
from mobility.joining import operations as joining
from mobility.joining import queries as joining_queries
from mobility.joining.models import JoinRequest
from mobility.notifications import digest
from mobility.notifications.delivery import deliver_pending
from mobility.privacy import operations as privacy
from mobility.privacy import queries as privacy_queries
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.retention.night import remove_old_data
from mobility.stories import operations as stories
from mobility.stories import queries as story_queries
from mobility.stories.models import SuccessStory
from mobility.stories.workflow import REVIEW
from mobility.takeovers import queries as takeover_queries
from mobility.talking import queries as talking_queries
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.themes.workflow import PUBLISHED
from mobility.upkeep import operations as upkeep
from mobility.upkeep import queries as upkeep_queries
from mobility.upkeep import runs
from mobility.upkeep.runs import Job, Report, Timetable
from mobility.uploads import files
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM

log = logging.getLogger(__name__)


# Acts of the system: `action` of a workflow on each object that is due


@dataclass(frozen=True)
class Act:
    """`due(latest)` finds the objects: `latest` is the latest day it now is in any programme. The workflow's guard, asked
    once the object is locked, has the last word, in the programme's own day. `lock_first(id)` locks what is always locked before
    the object. `ready(subject)`: what a later feature knows, asked with the guard."""

    model: type[Any]
    action: str
    operation: Callable[..., Any]
    due: Callable[[date], tuple[ColumnElement[bool], ...]]
    lock_first: Callable[[int], None] = lambda id: None
    ready: Callable[[Any], bool] = lambda subject: True

    def run(self) -> Report:
        done, failed = runs.one_by_one(self._ids(), self._act, f"{self.action} of {self.model.workflow.name}")
        return Report.of(done, f"{self.model.workflow.things}: {self.action}", failed)

    def _ids(self) -> Sequence[int]:
        due = self.due(programmes.todays()[1])
        with db.session.no_autoflush:
            return db.session.scalars(select(self.model.id).where(*due).order_by(self.model.id)).all()

    def _act(self, id: int) -> int:
        with transaction():
            self.lock_first(id)
            subject = db.session.scalar(
                select(self.model)
                .where(self.model.id == id)
                .with_for_update(of=self.model, skip_locked=True)
                .execution_options(populate_existing=True)
            )
            if subject is None:  # somebody is at it right now
                return 0
            try:
                subject.workflow.check(self.action, subject, SYSTEM)
            except (WrongState, GuardRefused):  # done by another process, or not yet due there
                return 0
            if not self.ready(subject):
                return 0
            self.operation(subject, by=SYSTEM)
            return 1


def after_the_deadline(model: type[Any], action: str, operation: Callable[..., Any], **more: Any) -> Act:
    """What the promises say happens when they are not kept: lapse, expire."""
    names = [promise.name for promise in model.workflow.promises if promise.then == action]
    return Act(model, action, operation, lambda latest: (model.waiting_for.in_(names), model.due_on < latest), **more)


LAPSE_APPLICATIONS = after_the_deadline(Application, "lapse", applications.lapse, lock_first=application_queries.lock_theme_of)
EXPIRE_VOUCHERS = after_the_deadline(Voucher, "expire", vouchers.expire)
LAPSE_VOUCHERS = after_the_deadline(Voucher, "lapse", vouchers.lapse)
START_EXCHANGES = Act(
    Exchange,
    "start",
    visits.start,
    lambda latest: (Exchange.state == AGREED, Exchange.first_day <= latest),
)
PASS_ON_ENDORSEMENTS = Act(
    Exchange,
    "pass_on_endorsement",
    endorse.pass_on,
    lambda latest: (Exchange.waiting_for == "endorsement",),
)
CLOSE_EXCHANGES = Act(Exchange, "close", followup.close, lambda latest: ends.to_close(), ready=ends.are_over)
CLOSE_THEMES = Act(
    Theme,
    "close",
    themes.close,
    lambda latest: (Theme.state == PUBLISHED, or_(Theme.apply_by < latest, Theme.places_taken >= Theme.places)),
    ready=lambda theme: not import_queries.fills_untold(theme),
)

END_QUEUES = Act(
    Application,
    "end_waiting",
    applications.end_waiting,
    lambda latest: (Application.state == WAITING, Application.theme_id.in_(select(Theme.id).where(Theme.apply_by < latest))),
    lock_first=application_queries.lock_theme_of,
)

MISS_QUESTIONNAIRES = Act(QuestionnaireRequest, "miss", followup.miss, lambda latest: (followup_queries.overdue(latest),))
CALL_OFF_QUESTIONNAIRES = Act(QuestionnaireRequest, "call_off", followup.call_off, lambda latest: followup_queries.pointless())
RETURN_QUESTIONNAIRES = Act(
    QuestionnaireRequest, "report_undelivered", followup.report_undelivered, lambda latest: followup_queries.unreachable()
)
LAPSE_MENTORINGS = after_the_deadline(Mentoring, "lapse", experts.lapse)
LEAVE_MENTORINGS = Act(Mentoring, "leave", experts.leave, lambda latest: expert_queries.somebody_left())
END_MENTORINGS = Act(Mentoring, "end", experts.end, lambda latest: (Mentoring.state == LOOKED_BACK,))

PASS_ON_REVIEWS = Act(
    SuccessStory,
    "pass_on",
    stories.pass_on,
    lambda latest: (SuccessStory.waiting_for == REVIEW, or_(SuccessStory.due_on < latest, story_queries.reviewer_is_gone())),
)

LAPSE_REQUESTS = after_the_deadline(JoinRequest, "lapse", joining.lapse)
PASS_ON_REQUESTS = Act(JoinRequest, "pass_on", joining.pass_on, lambda latest: joining_queries.others_turn())
CALL_OFF_REQUESTS = Act(JoinRequest, "call_off", joining.call_off, lambda latest: joining_queries.closed_accounts())

NAMES_FILES = (  # what keeps files names them
    claim_queries.known_keys,
    takeover_queries.known_keys,
    story_queries.known_keys,
    talking_queries.known_keys,
    import_queries.known_keys,
)


def ask_questionnaires() -> Report:
    """Ask all that is due, each round of each questionnaire in a transaction of its own."""
    done, failed = runs.one_by_one(list(followup_queries.due()), _ask, "ask:")
    return Report.of(done, "questionnaires asked", failed)


def _ask(one: Any) -> int:
    try:
        with transaction():
            return followup.ask(one)
    except IntegrityError:
        if not followup_queries.was_asked(one):
            raise
        log.info("ask: %s was asked by another process", one)
        return 0


# Figures of large programmes


def keep_figures() -> Report:
    """Of each day, once it is over everywhere or nearly so; and of those that were never kept."""
    return _keep_figures(findings_queries.due())


def compute_anew() -> Report:
    """What an owner has asked for."""
    return _keep_figures(findings_queries.wanted())


def _keep_figures(ids: Sequence[int]) -> Report:
    done, failed = runs.one_by_one(ids, _keep_figures_of, "The figures of programme")
    return Report(f"figures of {done} programmes" if done else "", failed)


def _keep_figures_of(id: int) -> bool:
    """Computing takes seconds, in which others can write: only what is before and after is a transaction."""
    with transaction():
        begun = findings.begin(db.session.get_one(Programme, id))
    if begun is None:
        return False
    with one_moment():
        computed = findings.compute(db.session.get_one(Programme, id))
    with transaction():
        return findings.keep(db.session.get_one(Programme, id), computed, begun)


def begin_stories() -> Report:
    """Whoever said in the 12-month answer that they would tell a story finds a draft among their tasks."""
    done, failed = runs.one_by_one(story_queries.wished_for(), _begin_story, "begin-stories: exchange")
    return Report.of(done, "stories begun", failed)


def _begin_story(exchange_id: int) -> int:
    with transaction():
        stories.begin(db.session.get_one(Exchange, exchange_id), by=SYSTEM)
    return 1


def advance_imports() -> Report:
    """One step of each file that is moved in; the invitations of one go out some at a time."""
    done = failed = 0
    for id in import_queries.waiting():
        if runs.STOPPING.is_set():
            break
        try:
            done += imports.advance(id)
        except files.Unavailable:  # its own log says so; it is asked again in five seconds
            imports.note_waiting(id)
        except Exception as error:  # one never stops the others
            failed += runs.note_failure(f"Import {id}", error)
            imports.note_failure(id)
    return Report.of(done, "steps of imports", failed)


# Mail and housekeeping


def deliver_outbox() -> Report:
    """Take back what is no longer true, then send."""
    dropped = reminders.drop_settled()
    delivered = deliver_pending(stop=runs.STOPPING.is_set)
    return Report(", ".join(filter(None, (str(delivered), f"{dropped} dropped" if dropped else ""))))


def make_digests() -> Report:
    """For each whose morning has come; what is no longer true is taken back before."""
    due = digest.due()
    if due:
        reminders.drop_settled()
    return Report.of(digest.make(due, stop=runs.STOPPING.is_set), "daily digests")


def queue_reminders() -> Report:
    return Report.of(reminders.queue_due(), "reminders queued")


def escalate() -> Report:
    return Report.of(reminders.escalate(), "escalations queued")


def tidy() -> Report:
    """Delete what only mattered for a short while; what else is kept for how long is said in retention/."""
    now = clock.utc_now()
    old: tuple[tuple[type[Any], ColumnElement[bool]], ...] = (
        (Attempt, Attempt.at < now - timedelta(days=7)),
        (SignIn, SignIn.expires_at < now),
        (FormReceipt, FormReceipt.made_at < now - timedelta(days=30)),
    )
    with transaction():
        count = sum(db.session.execute(delete(model).where(where)).rowcount for model, where in old)  # type: ignore
    return Report.of(count, "old rows deleted")


def erase_people() -> Report:
    """Whose day has come, each in a transaction of its own."""
    done, failed = runs.one_by_one(privacy_queries.due(), _erase, "erase-people:")
    if done:
        write_back()
    return Report.of(done, "people erased", failed)


def _erase(erasure_id: int) -> int:
    with transaction():
        return privacy.carry_out(erasure_id)


def sweep_files() -> Report:
    """Delete the files that nothing names any more (uploads/files.py)."""
    return Report.of(files.sweep(lambda keys: {key for known in NAMES_FILES for key in known(keys)}), "files deleted")


def write_audit_head() -> Report:
    """Once a day; the first run after midnight in UTC does it."""
    head = heads.write()
    return Report(f"the head of {head.day}, after {head.entries} entries" if head else "")


def tell_administrators() -> Report:
    """Of what is wrong with the installation, by mail; that no scheduler runs is told by the web (upkeep/watch.py)."""
    with transaction():
        told = upkeep.tell_administrators([each for each in upkeep_queries.current_troubles() if each.name != "no_tick"])
    return Report.of(told, "mails about what is wrong")


def _every(**interval: int) -> dict[str, Any]:
    return {"trigger": "interval", **interval}


def _hourly(minute: int) -> dict[str, Any]:
    return {"trigger": "cron", "minute": minute}


TIMETABLE = Timetable(
    (
        Job("deliver-outbox", deliver_outbox, _every(seconds=5), brings_the_day=False),
        Job("advance-imports", advance_imports, _every(seconds=5)),
        Job("make-digests", make_digests, _every(minutes=5), brings_the_day=False),
        Job("lapse-applications", LAPSE_APPLICATIONS.run, _hourly(minute=1)),
        Job("expire-vouchers", EXPIRE_VOUCHERS.run, _hourly(minute=2)),
        Job("lapse-vouchers", LAPSE_VOUCHERS.run, _hourly(minute=3)),
        Job("pass-on-endorsements", PASS_ON_ENDORSEMENTS.run, _hourly(minute=3)),
        Job("start-exchanges", START_EXCHANGES.run, _hourly(minute=4)),
        Job("miss-questionnaires", MISS_QUESTIONNAIRES.run, _hourly(minute=6)),
        Job("call-off-questionnaires", CALL_OFF_QUESTIONNAIRES.run, _hourly(minute=6)),
        Job("return-questionnaires", RETURN_QUESTIONNAIRES.run, _every(minutes=5)),
        Job("ask-questionnaires", ask_questionnaires, _hourly(minute=7)),
        Job("lapse-mentorings", LAPSE_MENTORINGS.run, _hourly(minute=6)),
        Job("leave-mentorings", LEAVE_MENTORINGS.run, _hourly(minute=6)),
        Job("end-mentorings", END_MENTORINGS.run, _hourly(minute=6)),
        Job("lapse-requests", LAPSE_REQUESTS.run, _hourly(minute=6)),
        Job("pass-on-requests", PASS_ON_REQUESTS.run, _hourly(minute=6)),
        Job("call-off-requests", CALL_OFF_REQUESTS.run, _hourly(minute=6)),
        Job("close-exchanges", CLOSE_EXCHANGES.run, _hourly(minute=8)),
        Job("begin-stories", begin_stories, _hourly(minute=7)),
        Job("pass-on-reviews", PASS_ON_REVIEWS.run, _hourly(minute=7)),
        Job("close-themes", CLOSE_THEMES.run, _hourly(minute=6)),
        Job("end-queues", END_QUEUES.run, _hourly(minute=7)),
        Job("escalate", escalate, _hourly(minute=8)),
        Job("queue-reminders", queue_reminders, _hourly(minute=10)),
        Job("keep-figures", keep_figures, _hourly(minute=20)),
        Job("tell-administrators", tell_administrators, _every(minutes=5), brings_the_day=False),
        Job("compute-anew", compute_anew, _every(minutes=1)),
        Job("write-audit-head", write_audit_head, _hourly(minute=30), brings_the_day=False),
        Job("tidy", tidy, _hourly(minute=50), brings_the_day=False),
        Job("erase-people", erase_people, _hourly(minute=40)),
        Job("remove-old-data", remove_old_data, _hourly(minute=45), brings_the_day=False),
        Job("sweep-files", sweep_files, _hourly(minute=55), brings_the_day=False),
    )
)
run, run_nightly = TIMETABLE.run, TIMETABLE.run_nightly
