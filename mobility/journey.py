"""The journey line: the same nine steps for everything around one stay (look.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_login import current_user

from mobility.applications.models import Application
from mobility.applications.workflow import without_place
from mobility.core import clock
from mobility.core.clock import day_of
from mobility.exchanges.endorsing import REQUIRED
from mobility.exchanges.guards import left_behind
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import AGREED, CLOSED, TOOK_PLACE
from mobility.followup import ends
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.workflow import ANSWERED
from mobility.questionnaires.standard import AUDIENCES, END_GUEST
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.workflow import Actor

WHO = {  # where it is not simply the actor
    Actor.HOST_COORDINATOR: "the host",
    Actor.GUEST_COORDINATOR: "the guest's coordinator",
    Actor.OWNER: "the programme",
}
ISSUED_ONCE = {"issued", "redeemed", "delivered", "claimed", "validated", "paid", "recovered"}
CLAIMED_ONCE = {"claimed", "validated", "paid", "recovered"}
Chain = Mapping[str, Any]  # the subjects around one, by the names of their workflows


@dataclass(frozen=True)
class Step:
    """One step as a reader sees it: `status` is done, mine, theirs, ahead or stopped (what that is called here: `ended`);
    `until` is told from `today`."""

    label: str
    status: str = "ahead"
    when: date | None = None
    who: str = ""
    until: date | None = None
    today: date | None = None
    url: str | None = None
    ended: str = "Stopped"


def journey_of(subject: Any) -> list[Step]:
    """The steps around a subject, for the person who reads the page: nine, or, where no stay is paid for, fewer.

    A subject that declares a step of its own (workflows/workflow.py) stands there, or after the others.
    """
    chain = _chain(subject)
    voucher = chain.get("voucher")
    steps = _without_a_stay(voucher) if voucher and voucher.traits.rests_on_price else _with_a_stay(chain)
    own = {each.workflow.step: _own(each) for each in chain.values() if each.workflow.step}
    labels = {step.label for step in steps}
    return [own.get(step.label, step) for step in steps] + [step for label, step in own.items() if label not in labels]


def turn_of(subject: Any, label: str) -> Step | None:
    """Whose turn it is with a subject that has no step of its own; nothing when nobody must act."""
    return _waiting(label, subject, None)


def _chain(subject: Any) -> Chain:
    """The subject, those it follows, and those to which they lead."""
    chain = {subject.workflow.name: subject}
    for direction in ("follows", "leads_to"):
        for each in list(chain.values()):
            _walk(chain, each, direction)
    return chain


def _walk(chain: dict[str, Any], subject: Any, direction: str) -> None:
    """Adds all that one comes to in one direction, up to what is known."""
    path = getattr(subject.workflow, direction)
    if path and path not in chain and (found := getattr(subject, path)) is not None:
        chain[path] = found
        _walk(chain, found, direction)


def _with_a_stay(chain: Chain) -> list[Step]:
    theme, application, exchange, voucher = (chain.get(name) for name in ("theme", "application", "exchange", "voucher"))
    asked = ends.asked_about(exchange) if exchange and exchange.state in TOOK_PLACE else []
    return [
        _theme(theme),
        _application(application),
        _match(application),
        _agreement(exchange),
        _voucher(exchange, voucher),
        _visit(exchange, voucher),
        _report(voucher, asked),
        _payment(exchange, voucher),
        *_followed_up(exchange, [each for each in asked if each.questionnaire.key != END_GUEST]),
    ]


def _without_a_stay(voucher: Voucher) -> list[Step]:
    """From the need to the payment: what is asked for, decided, ordered with the code, confirmed, claimed and paid (P10)."""
    return [
        _request(voucher),
        _voucher(None, voucher) if voucher.requested_on else Step("Voucher"),
        _turn("Order", voucher, {"issued"}, voucher.redeemed_on),
        _turn("Delivery", voucher, {"redeemed"}, voucher.delivered_on),
        _turn("Claim", voucher, {"delivered"}, voucher.claimed_on),
        _payment(None, voucher),
        Step("Follow-up"),
    ]


def _own(subject: Any) -> Step:
    """The step of a subject that declares one: as its state and its promise say."""
    url = url_for(f"{subject.workflow.things}.show", id=subject.id) if _parts(subject) else None
    kind = subject.workflow.state(subject.state).kind
    if kind != "open":
        return Step(subject.workflow.step, kind, url=url)
    return _waiting(subject.workflow.step, subject, url) or Step(subject.workflow.step, url=url)


def _request(voucher: Voucher) -> Step:
    url = url_for("vouchers.show", id=voucher.id)
    if voucher.requested_on:
        return Step("Request", "done", voucher.requested_on, url=url)
    if voucher.state != "draft":
        return Step("Request", "stopped", url=url)
    return Step("Request", "mine" if Actor.HOLDER in _parts(voucher) else "theirs", who="the holder", url=url)


def _turn(label: str, voucher: Voucher, states: set[str], done_on: date | None) -> Step:
    """A step that is somebody's turn in `states`, and done from a day on."""
    url = url_for("vouchers.show", id=voucher.id) if _parts(voucher) else None
    if done_on is not None:
        return Step(label, "done", done_on, url=url)
    if voucher.state in states:
        return _waiting(label, voucher, url) or Step(label, url=url)
    over = voucher.issued_at is not None and voucher.workflow.state(voucher.state).kind == "stopped"
    return Step(label, "stopped" if over else "ahead")


def _theme(theme: Theme | None) -> Step:
    if theme is None:
        return Step("Theme", "done")
    status = {"draft": "theirs", "archived": "stopped"}.get(theme.state, "done")
    if status == "theirs" and Actor.HOST_COORDINATOR in _parts(theme):
        status = "mine"
    return Step("Theme", status, who="the host", url=url_for("themes.show", id=theme.id))


def _application(application: Application | None) -> Step:
    if application is None:
        return Step("Application")
    url = url_for("applications.show", id=application.id)
    if application.state == "waiting":
        until, today = application.theme.apply_by, clock.today(application.timezone)
        free = Step("Application", "theirs", who="a place to become free", until=until, today=today, url=url)
        return _waiting("Application", application, url) or free
    if application.submitted_on:
        return Step("Application", "done", application.submitted_on, url=url)
    if application.state == "draft":
        return Step("Application", "mine", until=application.theme.apply_by, today=clock.today(application.timezone), url=url)
    return Step("Application", "stopped", url=url)


def _match(application: Application | None) -> Step:
    if application is None or application.state in ("draft", "waiting"):
        return Step("Match")
    url = url_for("applications.show", id=application.id)
    if application.state == "confirmed":
        return Step(
            "Match", "done", application.exchange and day_of(application.exchange.created_at, application.timezone), url=url
        )
    if without_place(application):
        due_on, today = application.due_on, clock.today(application.timezone)
        return Step("Match", "theirs", who="a place to become free", until=due_on, today=today, url=url)
    return _waiting("Match", application, url) or Step("Match", "stopped", url=url)


def _agreement(exchange: Exchange | None) -> Step:
    if exchange is None:
        return Step("Agreement")
    url = url_for("exchanges.show", id=exchange.id)
    if exchange.waiting_for in {"signatures", "endorsement"}:
        return _waiting("Agreement", exchange, url) or Step("Agreement", "theirs", url=url)
    if exchange.objected and exchange.endorsement == REQUIRED and exchange.state == AGREED:
        return Step("Agreement", "theirs", who="guest and host to go on", url=url)
    if exchange.agreed_version:
        signed = [day_of(signature.signed_at, exchange.timezone) for signature in exchange.agreed_version.signatures]
        return Step("Agreement", "done", max(signed, default=exchange.agreed_version.agreed_elsewhere_on), url=url)
    return Step("Agreement", "stopped", url=url)


def _voucher(exchange: Exchange | None, voucher: Voucher | None) -> Step:
    if exchange is not None and exchange.self_funded:
        return Step("Self-funded", "done")
    if voucher is None:
        return Step("Voucher", "stopped" if exchange and exchange.state == "cancelled" else "ahead")
    url = url_for("vouchers.show", id=voucher.id) if _parts(voucher) else None
    if voucher.state in ISSUED_ONCE or (voucher.state == "lapsed" and voucher.issued_at):
        return Step("Voucher", "done", voucher.issued_at and day_of(voucher.issued_at, voucher.timezone), url=url)
    if exchange is not None and left_behind(exchange) and voucher.state in {"draft", "returned"}:
        return Step("Voucher", "stopped", url=url)  # too late for one
    return _waiting("Voucher", voucher, url) or Step("Voucher", "stopped", url=url)


def _visit(exchange: Exchange | None, voucher: Voucher | None) -> Step:
    if exchange is None or exchange.state == "planning":
        return Step("Visit")
    url = url_for("exchanges.show", id=exchange.id)
    if exchange.state in {"completed", "closed"}:
        return Step("Visit", "done", exchange.actual_last_day, url=url)
    if exchange.state == "cancelled":
        return Step("Visit", "stopped", url=url)
    if exchange.state == "in_progress":
        return _waiting("Visit", exchange, url) or Step("Visit", "theirs", url=url)
    if exchange.self_funded or (voucher is not None and voucher.state == "issued"):
        today = clock.today(exchange.timezone)
        return Step("Visit", "theirs", who="the guests to arrive", until=exchange.first_day, today=today, url=url)
    if left_behind(exchange):
        return Step("Visit", "stopped", url=url)
    return Step("Visit", when=exchange.first_day)


def _report(voucher: Voucher | None, asked: Sequence[QuestionnaireRequest]) -> Step:
    """The claim's; without a voucher the guest's end questionnaire alone."""
    if voucher is None:
        return next((_answered(each, "Report") for each in asked if each.questionnaire.key == END_GUEST), Step("Report"))
    if voucher.state in {"draft", "requested", "returned", "recommended", "approved", "issued"}:
        return Step("Report")
    url = url_for("vouchers.show", id=voucher.id) if _parts(voucher) else None
    if voucher.state in CLAIMED_ONCE:
        return Step("Report", "done", url=url)
    if voucher.state == "delivered":
        return _waiting("Report", voucher, url) or Step("Report", url=url)
    return Step("Report", "stopped" if voucher.state == "lapsed" else "ahead", url=url, ended="Not sent in time")


def _payment(exchange: Exchange | None, voucher: Voucher | None) -> Step:
    if voucher is None or voucher.state not in CLAIMED_ONCE:
        return Step("Payment")
    url = url_for("vouchers.show", id=voucher.id) if _parts(voucher) else None
    if voucher.state == "paid":
        return Step("Payment", "done", url=url)
    return _waiting("Payment", voucher, url) or Step("Payment", "stopped", url=url)


def _followed_up(exchange: Exchange | None, asked: Sequence[QuestionnaireRequest]) -> list[Step]:
    """What comes after the report: whose answers are waited for, or whether any came. No step where nobody is asked at all."""
    if waiting := [each for each in asked if each.waiting_for]:
        mine = [each for each in waiting if each.respondent_id == getattr(current_user, "id", None)]
        return [_answered(min(mine or waiting, key=lambda each: each.answer_by), "Follow-up")]
    if exchange is None or exchange.state != CLOSED or ends.more_to_come(exchange):
        return [Step("Follow-up")]
    states = {each.state for each in asked}
    return [Step("Follow-up", "done" if ANSWERED in states else "stopped")] if states else []


def _answered(asked: QuestionnaireRequest, label: str) -> Step:
    """The step of one questionnaire."""
    url = url_for("followups.show", id=asked.id) if _parts(asked) else None
    if asked.waiting_for is None:
        status = asked.workflow.state(asked.state).kind.replace("open", "ahead")
        return Step(label, status, url=url, ended=asked.state_label())
    mine = asked.respondent_id == getattr(current_user, "id", None)
    who, today = AUDIENCES[asked.questionnaire.asked_of], clock.today(asked.timezone)
    return Step(label, "mine" if mine else "theirs", who=who, until=asked.answer_by, today=today, url=url)


def _waiting(label: str, subject: Any, url: str | None) -> Step | None:
    """The step somebody must take now: mine or another's, by when; nothing when nobody must act."""
    if subject.waiting_for is None:
        return None
    owing = subject.workflow.promise(subject.waiting_for).owing(subject)
    mine = current_user.is_authenticated and subject.workflow.waits_for(current_user, subject)
    who = " and ".join(dict.fromkeys(_who(actor, subject) for actor in owing))
    return Step(label, "mine" if mine else "theirs", who=who, until=subject.due_on, today=clock.today(subject.timezone), url=url)


def _who(actor: Actor, subject: Any) -> str:
    if actor == Actor.HOLDER:  # of a voucher, or of the one that a story is told of
        voucher = subject if isinstance(subject, Voucher) else subject.voucher
        return f"the {voucher.traits.words.holder}"
    return WHO.get(actor, f"the {actor}")


def _parts(subject: Any) -> frozenset[Actor]:
    return subject.workflow.actors_on(current_user, subject) if current_user.is_authenticated else frozenset()
