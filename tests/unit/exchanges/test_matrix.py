"""Who may do what to an exchange in which state: written out from workflows.md by hand, and compared with the code."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.errors import GuardRefused, NotAllowed, WrongState
from mobility.exchanges.workflow import WORKFLOW
from mobility.workflows.table import SYSTEM

HOST, GUEST_HOME, PROGRAMME, GUEST_ID = 10, 20, 30, 1

STATES = ["planning", "agreed", "in_progress", "completed", "closed", "cancelled"]
ACTIONS = [
    "sign",
    "amend",
    "replace_guest",
    "go_unfunded",
    "start",
    "confirm_attendance",
    "report_no_show",
    "correct_attendance",
    "name_manager",
    "take_over",
    "object_to_attendance",
    "close",
    "cancel",
]
ACTORS = [
    "guest",
    "guest coordinator",
    "host",
    "host coordinator",
    "programme owner",
    "assessor",
    "finance officer",
    "auditor",
    "stranger",
    "system",
]

# (action, who): {from: to}. What is not here is refused. Signing alone leaves the state; the last signature: see the later test.
ALLOWED = {
    ("sign", "guest"): {"planning": "planning", "agreed": "agreed"},
    ("sign", "host coordinator"): {"planning": "planning", "agreed": "agreed"},
    ("amend", "guest"): {"planning": "planning", "agreed": "agreed"},
    ("amend", "host coordinator"): {"planning": "planning", "agreed": "agreed"},
    ("replace_guest", "guest"): {"planning": "planning", "agreed": "agreed"},
    ("replace_guest", "guest coordinator"): {"planning": "planning", "agreed": "agreed"},
    ("go_unfunded", "guest"): {"planning": "planning", "agreed": "agreed"},
    ("start", "host"): {"agreed": "in_progress"},
    ("start", "host coordinator"): {"agreed": "in_progress"},  # is one of the host's people, too
    ("start", "system"): {"agreed": "in_progress"},
    ("confirm_attendance", "host coordinator"): {"in_progress": "completed"},
    ("report_no_show", "host coordinator"): {"in_progress": "cancelled"},
    ("correct_attendance", "host coordinator"): {"completed": "completed", "closed": "closed"},
    ("take_over", "guest coordinator"): {state: state for state in STATES if state != "cancelled"},
    ("object_to_attendance", "guest"): {"completed": "completed", "closed": "closed"},
    ("name_manager", "guest"): {state: state for state in ("agreed", "in_progress", "completed", "closed")},
    ("name_manager", "guest coordinator"): {state: state for state in ("agreed", "in_progress", "completed", "closed")},
    ("close", "system"): {"completed": "closed"},
    ("cancel", "guest"): {"planning": "cancelled", "agreed": "cancelled"},
    ("cancel", "host coordinator"): {"planning": "cancelled", "agreed": "cancelled"},
}

# Before the start one plans and signs; from the first day on one visits.
BEFORE_THE_STAY = {"sign", "amend", "replace_guest", "go_unfunded", "cancel"}


class Person(SimpleNamespace):
    travels = ()

    def roles_in(self, organisation_id: int) -> set[str]:
        return self.roles.get(organisation_id, set())

    roles_in_programme = roles_in


def person(actor: str) -> Any:
    roles = {
        "guest": {GUEST_HOME: {"guest"}},
        "guest coordinator": {GUEST_HOME: {"coordinator"}},
        "host": {HOST: {"host"}},
        "host coordinator": {HOST: {"coordinator"}},
        "programme owner": {PROGRAMME: {"owner"}},
        "assessor": {PROGRAMME: {"assessor"}},
        "finance officer": {PROGRAMME: {"finance_officer"}},
        "auditor": {PROGRAMME: {"auditor"}},
        "stranger": {99: {"coordinator", "host", "guest"}, 98: {"owner"}},
    }
    if actor == "system":
        return SYSTEM
    return Person(id=GUEST_ID if actor == "guest" else 7, roles=roles.get(actor, {}))


def exchange(state: str, starts_in: int = 10, **values: Any) -> Any:
    """One of five days in which no guard stands against planning (before it starts) or visiting (from its first day)."""
    first_day = clock.today() + timedelta(days=starts_in)
    last_day = first_day + timedelta(days=4)
    plausible = {
        "state": state,
        "programme": SimpleNamespace(signature_days=14, attendance_days=7),
        "timezone": "Europe/Brussels",
        "host_id": HOST,
        "guest_id": GUEST_ID,
        "guest": SimpleNamespace(name="Ana", active=True, roles_in=lambda id: set()),
        "guest_organisation": SimpleNamespace(name="Home"),
        "guest_organisation_id": GUEST_HOME,
        "programme_id": PROGRAMME,
        "first_day": first_day,
        "last_day": last_day,
        "self_funded": False,
        "to_go_unfunded": False,
        "voucher": SimpleNamespace(state="issued" if state == "agreed" and starts_in <= 0 else "withdrawn"),
        "newest_version": SimpleNamespace(number=1, signatures=[], last_day=last_day),
        "waiting_for": None,
        "waiting_since": None,
        "due_on": None,
        "record": lambda *args, **kwargs: None,
        "begin_promise": lambda *args: None,
        "end_promise": lambda *args: None,
    }
    return SimpleNamespace(**plausible | values)


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what(state: str, action: str, actor: str) -> None:
    subject = exchange(state, starts_in=10 if action in BEFORE_THE_STAY else -2)
    target = ALLOWED.get((action, actor), {}).get(state)
    if target is None:
        with pytest.raises((NotAllowed, WrongState)):
            WORKFLOW.apply(action, subject, by=person(actor))
        assert subject.state == state
    else:
        WORKFLOW.apply(action, subject, by=person(actor))
        assert subject.state == target


def test_the_table_has_exactly_these_states_and_actions() -> None:
    assert [state.name for state in WORKFLOW.states] == STATES
    assert [transition.action for transition in WORKFLOW.transitions] == ACTIONS


@pytest.mark.parametrize("actor", [each for each in ACTORS if each != "system"])
@pytest.mark.parametrize("state", STATES)
def test_everybody_but_strangers_sees_it(state: str, actor: str) -> None:
    assert WORKFLOW.may_see(person(actor), exchange(state)) is (actor != "stranger")


def signing(subject: Any, side: str) -> Any:
    return lambda: subject.newest_version.signatures.append(SimpleNamespace(side=side, signed_by_id=None))


def test_the_last_signature_makes_the_agreement() -> None:
    subject = exchange("planning")
    WORKFLOW.apply("sign", subject, by=person("guest"), change=signing(subject, "guest"))
    assert (subject.state, subject.waiting_for) == ("planning", "signatures")
    WORKFLOW.apply("sign", subject, by=person("host coordinator"), change=signing(subject, "host"))
    assert (subject.state, subject.waiting_for) == ("agreed", None)


def test_a_side_signs_once() -> None:
    subject = exchange("planning")
    WORKFLOW.apply("sign", subject, by=person("guest"), change=signing(subject, "guest"))
    with pytest.raises(GuardRefused, match="You have signed version 1"):
        WORKFLOW.apply("sign", subject, by=person("guest"), change=signing(subject, "guest"))


def test_nobody_signs_for_days_that_are_over() -> None:
    with pytest.raises(GuardRefused, match="amend the dates first"):
        WORKFLOW.apply("sign", exchange("planning", starts_in=-10), by=person("guest"))


def test_what_was_agreed_is_amended_before_the_start_only() -> None:
    with pytest.raises(GuardRefused, match="The first day has come"):
        WORKFLOW.apply("amend", exchange("agreed", starts_in=0), by=person("guest"))


@pytest.mark.parametrize("state", ["planning", "agreed"])
def test_a_guest_is_replaced_before_the_first_day(state: str) -> None:
    with pytest.raises(GuardRefused, match="The first day has come"):
        WORKFLOW.apply("replace_guest", exchange(state, starts_in=0), by=person("guest"))


@pytest.mark.parametrize("voucher", ["draft", "requested", "issued", "redeemed", "paid"])
def test_no_exchange_goes_without_a_voucher_that_is_open(voucher: str) -> None:
    with pytest.raises(GuardRefused, match="Withdraw the voucher first"):
        WORKFLOW.apply("go_unfunded", exchange("agreed", voucher=SimpleNamespace(state=voucher)), by=person("guest"))


def test_it_goes_without_a_voucher_once() -> None:
    with pytest.raises(GuardRefused, match="says already that the guest organisation pays"):
        WORKFLOW.apply("go_unfunded", exchange("agreed", to_go_unfunded=True), by=person("guest"))


def test_a_plan_that_was_never_agreed_can_still_be_moved() -> None:
    subject = exchange("planning", starts_in=-10)
    WORKFLOW.apply("amend", subject, by=person("guest"))
    assert subject.due_on == date(2027, 3, 15)


def test_amending_gives_both_sides_the_whole_time_again() -> None:
    subject = exchange("planning", waiting_for="signatures", due_on=date(2027, 3, 3))
    WORKFLOW.apply("amend", subject, by=person("host coordinator"))
    assert (subject.waiting_for, subject.due_on) == ("signatures", date(2027, 3, 15))


@pytest.mark.parametrize(
    ("voucher", "self_funded", "starts_in", "reason"),
    [
        (None, False, 0, "No voucher was issued before the first day."),
        ("approved", False, 0, "No voucher was issued before the first day."),
        ("withdrawn", False, 0, "No voucher was issued before the first day."),
        ("approved", False, 1, "The voucher has not been issued yet."),
        ("issued", False, 1, "The exchange can be started from its first day."),
        (None, True, 1, "The exchange can be started from its first day."),
        ("issued", False, 0, None),
        (None, True, 0, None),
    ],
)
def test_when_it_can_start(voucher: str | None, self_funded: bool, starts_in: int, reason: str | None) -> None:
    has = SimpleNamespace(state=voucher) if voucher else None
    subject = exchange("agreed", starts_in=starts_in, voucher=has, self_funded=self_funded)
    if reason is None:
        WORKFLOW.apply("start", subject, by=person("host"))
        assert subject.due_on == subject.last_day + timedelta(days=7)
    else:
        with pytest.raises(GuardRefused) as refusal:
            WORKFLOW.apply("start", subject, by=person("host"))
        assert refusal.value.message == reason


@pytest.mark.parametrize(("action", "who"), [("correct_attendance", "host coordinator"), ("object_to_attendance", "guest")])
@pytest.mark.parametrize("voucher", ["validated", "paid", "recovered"])
def test_the_attendance_stands_once_the_claim_is_validated(action: str, who: str, voucher: str) -> None:
    subject = exchange("completed", voucher=SimpleNamespace(state=voucher))
    with pytest.raises(GuardRefused, match="take the validation back first"):
        WORKFLOW.apply(action, subject, by=person(who))


@pytest.mark.parametrize(
    ("active", "roles", "refused"), [(True, {"guest"}, True), (True, set(), False), (False, {"guest"}, False)]
)
def test_an_exchange_is_taken_over_from_whoever_has_left(active: bool, roles: set[str], refused: bool) -> None:
    subject = exchange("agreed", guest=SimpleNamespace(name="Ana", active=active, roles_in=lambda id: roles))
    refusal = WORKFLOW.transition("take_over").refusal(subject, person("guest coordinator"))
    assert refusal == ("Ana still acts for Home." if refused else None)
