"""The demonstration before, during and after a visit: no page that somebody's first page leads to contradicts the state."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from mobility import jobs
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.subjects import SUBJECTS
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from tests.support.contradictions import Read, contradictions_in, lines_of
from tests.support.factories import sign_in
from tests.support.walking import links_on

VIENNA = ZoneInfo("Europe/Vienna")
ZONES = [VIENNA, ZoneInfo("Europe/Lisbon"), ZoneInfo("UTC")]
BY_NAME = {model.workflow.things: model for model in SUBJECTS}


def moments(visit: Exchange) -> list[datetime]:
    """A week before, half an hour into the first day, at noon of another day, the day after, and a month after."""
    wanted = [
        (visit.first_day - timedelta(7), time(9)),
        (visit.first_day, time(0, 30)),
        (visit.first_day + timedelta(1), time(12)),
        (visit.last_day + timedelta(1), time(9)),
        (visit.last_day + timedelta(31), time(9)),
    ]
    return [datetime.combine(day, at, VIENNA) for day, at in wanted]


def live_until(moment: datetime, clock: ModuleType) -> None:
    """The nights in between, each with all that it brings."""
    while clock.utc_now() + timedelta(days=1) < moment:
        clock.move(days=1)
        assert jobs.run_nightly() == 0
    clock.set_to(moment)
    assert jobs.run_nightly() == 0


def reads_of(app: Flask, person: User, days: frozenset[date]) -> list[Read]:
    """Their first page, the catalogue, and each page to which the first one leads."""
    client = app.test_client()
    sign_in(client, person)
    is_new = db.session.scalar(select(HistoryEntry.id).where(HistoryEntry.actor_id == person.id).limit(1)) is None
    roles = frozenset(str(each.role) for each in person.memberships)
    home = client.get("/").text
    found = []
    for address in dict.fromkeys(["/", "/themes", *links_on("<main" + home.partition("<main")[2])]):
        answer = client.get(address)
        if answer.mimetype == "text/html":
            subject = subject_at(address)
            parts = frozenset(map(str, subject.workflow.actors_on(person, subject))) if subject else frozenset()
            found.append(Read(lines_of(answer.text), address, answer.status_code, days, subject, parts, roles, is_new))
    return found


def subject_at(address: str) -> Any:
    kind, _, rest = address.strip("/").partition("/")
    id = rest.partition("/")[0]
    return db.session.get(BY_NAME[kind], int(id)) if kind in BY_NAME and id.isdigit() else None


@pytest.mark.databases("sqlite")
def test_no_text_contradicts_the_state(demo_url: str, app_on: Callable[..., Flask], clock: ModuleType) -> None:
    app = app_on(demo_url, DEMO=True)
    with app.app_context():
        shown = select(User.id).where(User.demo_note != "")
        visits = select(Exchange).join(Voucher, Voucher.exchange_id == Exchange.id)
        issued = visits.where(Exchange.state == "agreed", Voucher.state == "issued", Exchange.guest_id.in_(shown))
        visit = db.session.scalars(issued.order_by(Exchange.first_day)).first()
        assert visit is not None, "somebody of the sign-in page has a visit to come"
        faults, pages = [], 0
        for moment in moments(visit):
            live_until(moment, clock)
            days = frozenset(moment.astimezone(zone).date() for zone in ZONES)
            for person in db.session.scalars(select(User).where(User.demo_note != "").order_by(User.id)).all():
                for read in reads_of(app, person, days):
                    pages += 1
                    faults += [f"{moment:%-d %B, %H:%M}, {person.name}: {each}" for each in contradictions_in(read)]
    assert faults == []
    assert pages > 400


# Each rule can fail

DONE = "You have done your part everywhere."

TODAY = date(2027, 3, 10)


def thing(name: str, **facts: Any) -> Any:
    return SimpleNamespace(workflow=SimpleNamespace(name=name), **facts)


def stay(**facts: Any) -> Any:
    plausible = {"state": "agreed", "first_day": date(2027, 3, 8), "newest_version": None, "voucher": None}
    return thing("exchange", **plausible | facts)


STAY = stay()
PLAN = SimpleNamespace(last_day=date(2027, 3, 9), signatures=[SimpleNamespace(side="guest")])
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("the first page leads to 409", {"status": 409}),
    ("as if there were time", {"text": "Sign by 9 March 2027, soon\n"}),
    ("is not late", {"text": "by 11 March 2027, 1 day late\n"}),
    ("is not in 3 days", {"text": "by 12 March 2027, in 3 days\n"}),
    ("is not 2 days late", {"text": "by 9 March 2027, 2 days late\n"}),
    ("is not today", {"text": "by 11 March 2027, today\n"}),
    ("is over", {"text": "Spring: open until 9 March 2027\n"}),
    ("is over", {"text": "Visits 1 February to 9 March 2027\n"}),
    ("it has opened", {"text": "opens on 9 March 2027\n"}),
    ("the holder uses it", {"text": "Use the voucher", "subject": thing("voucher", state="issued", exchange=None)}),
    ("it was requested", {"text": "You can request it", "subject": thing("voucher", state="issued", exchange=None)}),
    (
        "the voucher was requested",
        {"text": "can request", "subject": stay(voucher=SimpleNamespace(state="issued", requested_on=TODAY))},
    ),
    ("too late to Approve", {"text": "x\nApprove\nReject\n", "subject": thing("voucher", state="requested", exchange=STAY)}),
    ("it is in_progress", {"text": "On the first day the host checks the guest in.", "subject": stay(state="in_progress")}),
    ("has passed without it", {"text": "x\nAgreed: 8 to 12 March\n", "subject": STAY}),
    ("days that are over", {"text": "x\nYou sign next\n", "subject": stay(state="planning", newest_version=PLAN)}),
    ("but coming up", {"text": "x\nComing up\nVisit 6 to 9 March 2027\n"}),
    ("the voucher is redeemed", {"text": "Check your guest in", "subject": thing("voucher", state="redeemed", exchange=None)}),
    ("had no part", {"text": DONE, "is_new": True, "roles": frozenset({"guest"})}),
    ("had no part", {"text": DONE, "roles": frozenset({"auditor"})}),
    ("nobody travels", {"text": f"{DONE} You could look for a theme.", "roles": frozenset({"provider"})}),
    ("and somebody else's", {"text": "Your turn\nSomebody else must approve it."}),
    ("waits for nobody", {"text": "Waiting for, by 12 March 2027, in 2 days\n"}),
    ("you have signed", {"text": "x\nYou sign next\n", "parts": frozenset({"guest"}), "subject": stay(newest_version=PLAN)}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "facts"), WRONG)
def test_a_contradiction_is_found(said: str, facts: dict[str, Any]) -> None:
    found = contradictions_in(Read(**{"text": "", "days": frozenset({TODAY})} | facts))
    assert any(said in each for each in found), found


def test_what_fits_is_left_alone() -> None:
    text = "by 9 March 2027, 1 day late\nby 10 March 2027, today\nby 11 March 2027, in 1 day\nSpring: open until 10 March 2027\n"
    assert contradictions_in(Read(text, days=frozenset({TODAY}))) == []
