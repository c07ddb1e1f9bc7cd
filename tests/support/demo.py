"""What the whole demonstration has, on whichever day it is loaded."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from mobility.applications.models import Application
from mobility.budgets.checks import check_ledger
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.safeguards.flags import flags_on
from mobility.tasks import tasks_of
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher

READERS = {"Irene Bauer", "Robin Keller"}  # the auditor only reads, the administrator runs the installation
LATER = {(Exchange, "closed"): "completed", (Voucher, "lapsed"): "delivered"}  # the day decides how many deadlines have passed
PROMISED: dict[type[Any], dict[str, int]] = {
    Theme: {"draft": 1, "published": 17, "closed": 12},
    Application: {
        "draft": 7, "submitted": 15, "in_dialogue": 8, "accepted": 8, "confirmed": 104, "declined": 7, "withdrawn": 6,
        "lapsed": 8,
    },
    Exchange: {"planning": 9, "agreed": 45, "in_progress": 4, "completed": 39, "cancelled": 7},
    Voucher: {
        "draft": 7, "requested": 10, "returned": 3, "recommended": 4, "approved": 2, "issued": 13, "redeemed": 5,
        "delivered": 10, "claimed": 4, "validated": 1, "paid": 30, "recovered": 1, "rejected": 4, "withdrawn": 5,
        "revoked": 4,
    },
}  # fmt: skip


def assert_whole() -> None:
    """In a request context."""
    for model, promised in PROMISED.items():
        states = list(db.session.scalars(select(model.state)))
        assert Counter(LATER.get((model, state), state) for state in states) == promised, model
        assert {state for each, state in LATER if each is model} <= set(states), model
    assert idle_people() == []
    assert links_on_desks() == {"The host declares a link", "Shares a bank account with the host"}
    assert check_ledger() == []
    assert set(db.session.scalars(select(OutboxMessage.state))) <= {"kept", "dropped"}, "nobody is written to"


def idle_people() -> list[str]:
    """Those at the sign-in page for whom nothing waits."""
    people = db.session.scalars(select(User).where(User.demo_note != "")).all()
    return [each.name for each in people if each.name not in READERS and not tasks_of(each).mine]


def links_on_desks() -> set[str]:
    """What owners see of links between both sides, at open requests."""
    waiting = select(Voucher).where(Voucher.state.in_(("requested", "recommended")))
    return set().union(*flags_on(db.session.scalars(waiting).all()).values())
