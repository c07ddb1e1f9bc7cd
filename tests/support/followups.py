"""An exchange that has taken place, in a programme with its questionnaires, and everybody who is asked about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mobility import jobs
from mobility.applications.models import Delegate
from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.followup.models import QuestionnaireRequest
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Level, Role
from mobility.programmes.models import Programme
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import furnish
from tests.support.factories import make_agreed_exchange, make_funded_programme, make_member
from tests.support.lines import lined

FOLLOW_UP = (  # the hourly jobs that follow a stay up, as the timetable has them
    "miss-questionnaires",
    "call-off-questionnaires",
    "return-questionnaires",
    "ask-questionnaires",
    "close-exchanges",
    "begin-stories",
    "escalate",
    "queue-reminders",
)


@dataclass
class Asked:
    """`exchange` is confirmed; `coordinator` is of the guest's organisation, `host` of the host and has confirmed it."""

    programme: Programme
    exchange: Exchange
    guest: User
    coordinator: User
    host: User
    owner: User

    def requests(self, key: str = "") -> list[QuestionnaireRequest]:
        query = select(QuestionnaireRequest).join(QuestionnaireRequest.questionnaire).order_by(QuestionnaireRequest.id)
        return list(db.session.scalars(query.where(Questionnaire.key == key) if key else query))

    def request(self, key: str = "end_guest") -> QuestionnaireRequest:
        [found] = self.requests(key)
        return found

    def sent(self) -> list[tuple[str, str]]:
        """(questionnaire, who) of the requests, in the order in which they were made."""
        return [(each.questionnaire.key, each.asked_name) for each in self.requests()]


def visited(
    last_day: date | None = None,
    *,
    objectives: str = "A price list\nA test plant",
    others: Sequence[tuple[str, str]] = (),
    stayed_away: Sequence[str] = (),
    self_funded: bool = True,
    **values: Any,
) -> Asked:
    """A stay of five days that ended on `last_day` (yesterday, if none is given); `others` travelled too: (name, address).

    Self-funded, as those who claim are not asked what the report of their claim tells.
    """
    programme = make_funded_programme(timezone="Europe/Brussels", **values)
    furnish(programme)
    last = last_day or clock.today() - timedelta(days=1)
    days = {"first_day": last - timedelta(days=4), "last_day": last}
    exchange = make_agreed_exchange(programme=programme, state="completed", self_funded=self_funded, **days)
    exchange.guest.name = "Ana Guest"
    exchange.application.delegates[0].name = "Ana Guest"
    for position, (name, email) in enumerate(others, 2):
        level = Level.CLUSTER_MANAGER
        exchange.application.delegates.append(Delegate(position=position, name=name, email=email, level=level))
    host = make_member(exchange.host, Role.COORDINATOR, name="Hugo Host")
    exchange.actual_first_day, exchange.actual_last_day, exchange.confirmed_by = exchange.first_day, last, host
    exchange.attended = [each.name for each in exchange.delegates if each.name not in stayed_away]
    agree(exchange, objectives)
    owner = make_member(programme, Role.OWNER, name="Olga Owner")
    coordinator = make_member(exchange.guest_organisation, Role.COORDINATOR, name="Cara Coordinator")
    db.session.commit()
    return Asked(programme, exchange, exchange.guest, coordinator, host, owner)


def agree(exchange: Exchange, objectives: str) -> None:
    """Both have signed now."""
    texts = lined(objectives=objectives, guest_benefit="Their forms", host_benefit="Our numbers")
    version = AgreementVersion(exchange=exchange, number=1, first_day=exchange.first_day, last_day=exchange.last_day, **texts)
    db.session.add(version)
    db.session.flush()
    for side in ("host", "guest"):
        version.signatures.append(Signature(side=side, signed_by_id=exchange.guest_id, name="Somebody"))
    exchange.newest_version = exchange.agreed_version = version
    db.session.flush()


def ask() -> list[tuple[str, str]]:
    """Run the job; what was asked by it now: (questionnaire, who)."""
    before = set(db.session.scalars(select(QuestionnaireRequest.id)))
    report = jobs.run("ask-questionnaires")
    assert not report.failed
    query = select(QuestionnaireRequest).where(QuestionnaireRequest.id.not_in(before)).order_by(QuestionnaireRequest.id)
    return [(each.questionnaire.key, each.asked_name) for each in db.session.scalars(query)]


def mails(kind: str = "questionnaire", to: str = "") -> list[OutboxMessage]:
    """Those about questionnaires, oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.subject_type == "followup")
    found = db.session.scalars(query.order_by(OutboxMessage.id))
    return [each for each in found if not to or each.address == to]


def link_in(mail: OutboxMessage) -> str:
    """The path of the link in a mail."""
    [address] = [word for word in mail.text.split() if "/answers/" in word]
    return address.removeprefix("http://localhost")
