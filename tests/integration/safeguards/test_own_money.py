"""A decision is nobody's own (issue 13): each act on a case's money, asked of each part that somebody can have in it.

PARTS and ACTS are written by hand. Everybody with a part also is the programme's owner, assessor and finance officer: the part
alone stands against them, and whoever acts instead is named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from mobility import subjects
from mobility.applications.models import Delegate
from mobility.banking import operations as banking
from mobility.budgets import operations as budgets
from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.payments import operations as payments
from mobility.payments.models import PaymentBatch
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.table import Transition
from mobility.workflows.workflow import PROGRAMME_PEOPLE, Actor
from tests.support import factories
from tests.support.cases import Case, make_account, make_case
from tests.support.tills import PORTUGAL

ALL_ROLES = (Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER)
INSTEAD = "Somebody without an interest must "


@dataclass
class Scene:
    """A case of the scheme `full`, with a spare finance officer; the batch, once its claim is collected."""

    case: Case
    spare: User
    batch: PaymentBatch | None = None
    insiders: dict[str, User] = field(default_factory=dict)

    @property
    def voucher(self) -> Voucher:
        return self.case.voucher

    @property
    def paid(self) -> PaymentBatch:
        assert self.batch is not None
        return self.batch

    def collect(self) -> None:
        self.batch = payments.collect(self.case.programme, by=self.spare, chosen=[self.voucher.id])

    def approve(self) -> None:
        payments.approve(self.paid, by=self.case.finance_officer, execution_on=self.case.programme.today)

    def send(self) -> None:
        payments.send(self.paid, by=self.case.finance_officer)

    def record(self) -> None:
        on = self.case.programme.today
        payments.record(self.paid, self.paid.payments[0].id, by=self.case.finance_officer, outcome="paid", on=on)


def _delegate(position: int, whom: Callable[[User], tuple[str, str]]) -> Callable[[Scene, User], None]:
    def travel(scene: Scene, person: User) -> None:
        name, email = whom(person)
        application = scene.case.exchange.application
        application.delegates.append(Delegate(position=position, name=name, email=email, level="cluster_manager"))

    return travel


def _member(side: str, role: Role, left: int | None = None) -> Callable[[Scene, User], None]:
    """Of the guest's organisation or the host; `left` so many days before today."""

    def belong(scene: Scene, person: User) -> None:
        place = getattr(scene.case.exchange, side)
        today = scene.case.programme.today
        factories.make_membership(person, place, role, since=today - timedelta(days=60))
        if left is not None:
            factories.end_roles(person, place)

    return belong


PARTS: dict[str, Callable[[Scene, User], None]] = {
    "second guest, by address": _delegate(2, lambda person: ("Somebody Else", person.email)),
    "second guest, by an address in capitals": _delegate(3, lambda person: ("Somebody Else", person.email.upper())),
    "third guest, by name without an address": _delegate(4, lambda person: (person.name, "")),
    "third guest, under a private address": _delegate(5, lambda person: (person.name, "private@example.net")),
    "guest organisation, now": _member("guest_organisation", Role.GUEST),
    "guest organisation, until today": _member("guest_organisation", Role.COORDINATOR, left=0),
    "host, now": _member("host", Role.HOST),
    "host, until today": _member("host", Role.PROVIDER, left=0),
}
# where the money goes: asked of what is in a batch, or was paid
PAID_PARTS: dict[str, Callable[[Scene, User], None]] = {
    "owner of an account with the payee's number": lambda scene, person: void(make_account(person, PORTUGAL)),
}


def void(thing: Any) -> None:
    """Made for what it leaves behind."""


@dataclass(frozen=True)
class Act:
    """Possible from `state`, in a batch of `batch` state if it needs one; `done` by the person in the case called so."""

    state: str
    done_by: str
    do: Callable[[Scene, User], Any]
    batch: str = ""


ACTS: dict[str, Act] = {
    "recommend": Act(
        "requested", "assessor", lambda it, by: vouchers.recommend(it.voucher, by=by, scores=[9, 9, 9, 9], note="Good.")
    ),
    "recommend against": Act(
        "requested", "assessor", lambda it, by: vouchers.recommend_against(it.voucher, by=by, scores=[1, 1, 1, 1], note="Weak.")
    ),
    "approve": Act("recommended", "owner", lambda it, by: vouchers.approve(it.voucher, by=by)),
    "reject": Act("recommended", "owner", lambda it, by: vouchers.reject(it.voucher, by=by, reason="No.")),
    "issue": Act("approved", "owner", lambda it, by: vouchers.issue(it.voucher, by=by)),
    "revoke": Act("issued", "owner", lambda it, by: vouchers.revoke(it.voucher, by=by, reason="No.")),
    "extend": Act(
        "issued",
        "owner",
        lambda it, by: vouchers.extend(it.voucher, by=by, until=it.voucher.valid_until + timedelta(days=9)),  # type: ignore[operator]
    ),
    "extend the claim": Act(
        "delivered",
        "owner",
        lambda it, by: claims.extend_claim(
            it.voucher,
            by=by,
            until=it.voucher.claim_due_on + timedelta(days=9),  # type: ignore[operator]
            reason="Ill.",
        ),
    ),
    "return the claim": Act(
        "claimed", "finance_officer", lambda it, by: claims.return_claim(it.voucher, by=by, reason="Unclear.")
    ),
    "validate": Act("claimed", "owner", lambda it, by: claims.validate(it.voucher, by=by)),
    "take the validation back": Act(
        "validated", "owner", lambda it, by: claims.take_back_validation(it.voucher, by=by, reason="A mistake.")
    ),
    "collect": Act(
        "validated",
        "finance_officer",
        lambda it, by: payments.collect(it.case.programme, by=by, chosen=[it.voucher.id]),
    ),
    "approve the batch": Act(
        "validated",
        "finance_officer",
        lambda it, by: payments.approve(it.paid, by=by, execution_on=it.case.programme.today),
        "draft",
    ),
    "discard": Act("validated", "finance_officer", lambda it, by: payments.discard(it.paid, by=by, reason="No."), "draft"),
    "change the day": Act(
        "validated",
        "finance_officer",
        lambda it, by: payments.change_day(it.paid, by=by, execution_on=it.case.programme.today + timedelta(days=1)),
        "approved",
    ),
    "take the file": Act("validated", "finance_officer", lambda it, by: payments.take_file(it.paid, by=by), "approved"),
    "send": Act("validated", "finance_officer", lambda it, by: payments.send(it.paid, by=by), "approved"),
    "record as paid": Act("validated", "finance_officer", lambda it, by: _record(it, by, "paid"), "sent"),
    "record as bounced": Act("validated", "finance_officer", lambda it, by: _record(it, by, "bounced"), "sent"),
    "came back": Act(
        "validated",
        "finance_officer",
        lambda it, by: payments.came_back(it.voucher, by=by, on=it.case.programme.today, reason="Closed."),
        "paid",
    ),
    "recover": Act(
        "validated",
        "finance_officer",
        lambda it, by: payments.recover(it.voucher, by=by, amount=Decimal(100), reason="Too much."),
        "paid",
    ),
    "add money": Act("requested", "owner", lambda it, by: budgets.appropriate(it.case.line, Decimal(500), by=by)),
    "take money out": Act("requested", "owner", lambda it, by: budgets.take_out(it.case.line, Decimal(500), by=by)),
}


def _record(scene: Scene, by: User, outcome: str) -> None:
    today = scene.case.programme.today
    payments.record(scene.paid, scene.paid.payments[0].id, by=by, outcome=outcome, on=today, reason="Closed.")


@pytest.fixture
def scene(db_session: Any, clock: ModuleType) -> Callable[[Act], Scene]:
    def make(act: Act) -> Scene:
        case = make_case("full")
        factories.pays_from(case.programme)
        made = Scene(case, factories.make_member(case.programme, Role.FINANCE_OFFICER))
        case.take_to(act.state)
        banking.set_account(case.holder, by=case.holder, holder_name="Ana", iban=PORTUGAL)
        steps = {"draft": made.collect, "approved": made.approve, "sent": made.send, "paid": made.record}
        for step in list(steps)[: [*steps, ""].index(act.batch) + 1] if act.batch else ():
            steps[step]()
        for role in ALL_ROLES:
            factories.make_membership(case.holder, case.programme, role)
        made.insiders["holder"] = case.holder
        for part, become in (PARTS | (PAID_PARTS if act.batch or act.do is ACTS["collect"].do else {})).items():
            made.insiders[part] = factories.make_member(case.programme, *ALL_ROLES)
            become(made, made.insiders[part])
        db.session.commit()
        db.session.expire_all()
        return made

    return make


@pytest.mark.parametrize("name", ACTS)
def test_no_act_on_money_by_whoever_has_a_part_in_it(scene: Callable[[Act], Scene], name: str) -> None:
    act = ACTS[name]
    it = scene(act)
    honest = getattr(it.case, act.done_by)
    for part, insider in it.insiders.items():
        with pytest.raises(Refusal) as refused:
            act.do(it, insider)
        assert INSTEAD in refused.value.message, (part, refused.value.message)
        assert honest.name in refused.value.message, part
        assert not any(each.name in refused.value.message.split(INSTEAD)[1] for each in it.insiders.values()), part
    act.do(it, honest)  # whoever is named can


def test_only_who_has_a_part_is_refused(scene: Callable[[Act], Scene]) -> None:
    """A guest of another case, a former member, somebody of another name: they act."""
    it = scene(ACTS["approve"])
    other = make_case("full")
    person = factories.make_member(it.case.programme, Role.OWNER)
    other.exchange.application.delegates.append(Delegate(position=2, name=person.name, email=person.email, level="x"))
    applied = it.case.exchange.application.submitted_on or it.case.programme.today
    factories.make_membership(
        person, it.case.exchange.host, Role.HOST, since=applied - timedelta(days=60), until=_noon(applied - timedelta(days=1))
    )
    vouchers.approve(it.voucher, by=person)
    assert it.voucher.state == "approved"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def test_an_account_of_before_is_a_part_too(scene: Callable[[Act], Scene]) -> None:
    """Paid to the one who held it then: they recover nothing, though somebody else holds it by now."""
    it = scene(ACTS["recover"])
    it.voucher.holder = factories.make_member(it.case.exchange.guest_organisation, Role.GUEST)
    it.case.exchange.application.delegates.clear()
    it.voucher.holder_organisation = factories.make_organisation()
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(Refusal, match="The money goes to your account"):
        ACTS["recover"].do(it, it.case.holder)


def test_where_nobody_is_left_the_refusal_says_how_to_find_somebody(scene: Callable[[Act], Scene]) -> None:
    it = scene(ACTS["approve the batch"])
    for officer in (it.case.finance_officer, it.spare):
        factories.end_roles(officer)
    db.session.expire_all()
    insider = it.insiders["host, now"]
    with pytest.raises(Refusal) as refused:
        ACTS["approve the batch"].do(it, insider)
    assert refused.value.message.endswith(
        f"Somebody without an interest must do this, and {it.case.programme.name} has nobody else who can. "
        "An owner can invite another finance officer on the page of the programme’s people."
    )
    newcomer = factories.make_member(it.case.programme, Role.FINANCE_OFFICER)
    ACTS["approve the batch"].do(it, newcomer)
    assert it.paid.state == "approved"


# The tables themselves

# Acts of a programme's people that need not ask it, and why
NEED_NOT_ASK = {
    ("voucher", "ask_information"): "a question grants nothing, and the answer is decided on by others",
    ("payment", "record"): "asked of each payment: see ACTS",
    ("payment", "settle"): "follows from the last payment recorded",
}
WITH_MONEY = {"voucher", "payment"}
WITHOUT_MONEY = {"theme", "application", "exchange", "followup", "keyfigure", "takeover", "mentoring", "story", "joining"}


def asks(transition: Transition, subject: Any, insider: User) -> bool:
    """Whether one of its guards refuses whoever has a part."""
    return any(INSTEAD in (guard(subject, insider) or "") for guard in transition.only_if)


def of_the_programme() -> Iterator[tuple[str, Transition]]:
    for name, workflow in subjects.workflows().items():
        for transition in workflow.transitions:
            if name in WITH_MONEY and PROGRAMME_PEOPLE.intersection(transition.actors):
                yield name, transition


def test_every_act_of_the_tables_asks_it(scene: Callable[[Act], Scene]) -> None:
    assert set(subjects.workflows()) == WITH_MONEY | WITHOUT_MONEY  # a new subject is sorted in by whoever makes it
    it = scene(ACTS["approve the batch"])
    insider = it.insiders["guest organisation, until today"]
    about = {"voucher": it.voucher, "payment": it.paid}
    silent = {(name, each.action) for name, each in of_the_programme() if not asks(each, about[name], insider)}
    assert silent == set(NEED_NOT_ASK)
    assert len(list(of_the_programme())) == 22


def test_a_table_that_forgets_it_is_noticed(scene: Callable[[Act], Scene]) -> None:
    it = scene(ACTS["validate"])
    forgetful = Transition("gift", from_={"claimed"}, to=None, by=Actor.OWNER, button="Give", past="Given")
    assert not asks(forgetful, it.voucher, it.insiders["host, now"])


def test_every_operation_of_payments_is_among_the_acts() -> None:
    """By hand: what moves or orders money there. A new one is added to ACTS."""
    known = {
        "collect", "approve", "change_day", "take_file", "send", "take_out", "discard", "record", "pay", "bounce", "came_back",
        "recover", "why_not_collected",
    }  # fmt: skip
    found = {
        name
        for name, each in vars(payments).items()
        if callable(each) and getattr(each, "__module__", "") == payments.__name__ and not name.startswith("_")
    }
    assert found == known
