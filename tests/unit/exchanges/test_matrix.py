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
    "endorse",
    "object_to_stay",
    "pass_on_endorsement",
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
    ("endorse", "guest coordinator"): {"planning": "planning", "agreed": "agreed"},
    ("object_to_stay", "guest coordinator"): {"planning": "planning", "agreed": "agreed"},
    ("pass_on_endorsement", "system"): {"agreed": "agreed"},
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
# An owner stands in where nobody at home can (the later tests); as long as somebody can, the owner is told who
TOLD_WHO = {("endorse", "programme owner"), ("object_to_stay", "programme owner")}
ENDORSING = {"endorse", "object_to_stay", "pass_on_endorsement"}

# Before the start one plans and signs; from the first day on one visits.
BEFORE_THE_STAY = {"sign", "endorse", "object_to_stay", "pass_on_endorsement", "amend", "replace_guest", "go_unfunded", "cancel"}


class Person(SimpleNamespace):
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


BEN = Person(id=7, name="Ben", roles={GUEST_HOME: {"coordinator"}})


def exchange(state: str, starts_in: int = 10, **values: Any) -> Any:
    """One of five days in which no guard stands against planning (before it starts) or visiting (from its first day)."""
    first_day = clock.today() + timedelta(days=starts_in)
    last_day = first_day + timedelta(days=4)
    plausible = {
        "state": state,
        "delegates": [],
        "programme": SimpleNamespace(name="Fund", signature_days=14, endorsement_days=7, attendance_days=7, team=[]),
        "timezone": "Europe/Brussels",
        "host_id": HOST,
        "guest_id": GUEST_ID,
        "guest": SimpleNamespace(name="Ana", active=True, roles_in=lambda id: set()),
        "guest_organisation": SimpleNamespace(name="Home", coordinators=lambda: [BEN]),
        "application_id": 1,
        "endorsement": "off",
        "endorser": "home",
        "objected": False,
        "guest_organisation_id": GUEST_HOME,
        "programme_id": PROGRAMME,
        "first_day": first_day,
        "last_day": last_day,
        "self_funded": False,
        "to_go_unfunded": False,
        "voucher": SimpleNamespace(state="issued" if state == "agreed" and starts_in <= 0 else "withdrawn"),
        "newest_version": SimpleNamespace(number=1, signatures=[], endorsements=[], last_day=last_day, agreed_elsewhere_on=None),
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
    values: dict[str, Any] = {"endorsement": "required"} if action in ENDORSING else {}
    values |= {"waiting_for": "endorsement", "endorser": "programme"} if action == "pass_on_endorsement" else {}
    subject = exchange(state, starts_in=10 if action in BEFORE_THE_STAY else -2, **values)
    if (action, actor) in TOLD_WHO and state in {"planning", "agreed"}:
        with pytest.raises(GuardRefused, match="This is for Ben, Home"):
            WORKFLOW.apply(action, subject, by=person(actor))
        return
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


# The endorsement (decision 0035)


def given(kind: str, name: str = "Ben") -> Any:
    return SimpleNamespace(kind=kind, name=name)


def asked(state: str = "agreed", **values: Any) -> Any:
    """Both sides have signed, and the programme asks for the endorsement."""
    version = SimpleNamespace(number=2, endorsements=[], last_day=clock.today() + timedelta(days=14), agreed_elsewhere_on=None)
    version.signatures = [SimpleNamespace(side="host", signed_by_id=8), SimpleNamespace(side="guest", signed_by_id=GUEST_ID)]
    plausible = {"endorsement": "required", "newest_version": version, "agreed_version": version, "version": 1}
    return exchange(state, **plausible | values)


def test_the_last_signature_asks_for_the_endorsement_a_week_long() -> None:
    subject = exchange("planning", endorsement="required")
    for who, side in (("guest", "guest"), ("host coordinator", "host")):
        WORKFLOW.apply("sign", subject, by=person(who), change=signing(subject, side))
    assert (subject.state, subject.waiting_for, subject.due_on) == ("agreed", "endorsement", date(2027, 3, 8))


@pytest.mark.parametrize(
    ("starts_in", "due"), [(9, "2027-03-08"), (8, "2027-03-08"), (7, "2027-03-07"), (2, "2027-03-02"), (1, "2027-03-01")]
)
def test_it_is_due_the_day_before_the_stay_at_the_latest(starts_in: int, due: str) -> None:
    subject = asked(starts_in=starts_in)
    _, due_on = WORKFLOW.promise("endorsement").period(subject, clock.today())
    assert due_on == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("rule", "said", "reason"),
    [
        ("off", None, None),
        ("informed", None, None),
        ("informed", "objected", None),
        ("required", None, "Home has not endorsed version 2 of the agreement yet."),
        ("required", "objected", "Home has not endorsed version 2 of the agreement yet."),
        ("required", "endorsed", None),
    ],
)
def test_what_is_required_comes_before_the_start(rule: str, said: str | None, reason: str | None) -> None:
    subject = asked(starts_in=0, endorsement=rule)
    subject.newest_version.endorsements += [given(said)] if said else []
    assert WORKFLOW.transition("start").refusal(subject, person("host")) == reason


def test_an_endorsement_of_the_earlier_version_is_none_of_the_next() -> None:
    subject = asked(starts_in=0)
    old = subject.agreed_version
    old.endorsements.append(given("endorsed"))
    subject.newest_version = subject.agreed_version = SimpleNamespace(**vars(old) | {"number": 3, "endorsements": []})
    assert (
        WORKFLOW.transition("start").refusal(subject, person("host")) == "Home has not endorsed version 3 of the agreement yet."
    )


@pytest.mark.parametrize("kind", ["endorsed", "objected"])
def test_an_answer_ends_the_waiting(kind: str) -> None:
    subject = asked(waiting_for="endorsement", waiting_since=clock.today(), due_on=date(2027, 3, 8))
    act = {"endorsed": "endorse", "objected": "object_to_stay"}[kind]
    WORKFLOW.apply(
        act, subject, by=person("guest coordinator"), change=lambda: subject.newest_version.endorsements.append(given(kind))
    )
    assert (subject.state, subject.waiting_for, subject.due_on) == ("agreed", None, None)


@pytest.mark.parametrize(
    ("act", "values", "said", "reason"),
    [
        ("endorse", {"endorsement": "off"}, (), "Fund did not ask for an endorsement"),
        ("endorse", {"endorsement": "informed"}, (), "Fund did not ask for an endorsement"),
        ("object_to_stay", {"endorsement": "off"}, (), "Fund did not ask the guest organisation"),
        ("endorse", {}, ("endorsed",), "Ben has endorsed version 2."),
        ("object_to_stay", {}, ("endorsed",), "Ben has endorsed version 2."),
        ("object_to_stay", {}, ("objected",), "Ben has objected to version 2."),
    ],
)
def test_it_is_said_once(act: str, values: dict[str, Any], said: tuple[str, ...], reason: str) -> None:
    subject = asked(**values)
    subject.newest_version.endorsements += [given(each) for each in said]
    with pytest.raises(GuardRefused, match=reason):
        WORKFLOW.apply(act, subject, by=person("guest coordinator"))


def test_who_has_objected_may_still_endorse() -> None:
    subject = asked()
    subject.newest_version.endorsements.append(given("objected"))
    assert WORKFLOW.transition("endorse").refusal(subject, person("guest coordinator")) is None


def test_nobody_endorses_days_that_are_over() -> None:
    subject = asked()
    subject.newest_version.last_day = clock.today() - timedelta(days=1)
    with pytest.raises(GuardRefused, match="The days of version 2 are over"):
        WORKFLOW.apply("endorse", subject, by=person("guest coordinator"))


def who(id: int, name: str, place: int, role: str, **values: Any) -> Any:
    return Person(id=id, name=name, roles={place: {role}}, email=f"{name}@example.org".lower(), **values)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("guest", "You are the guest."),
        ("travels", "You are one of those who travel."),
        ("signed", "You have signed for one side."),
        ("host", "You belong to the host."),
    ],
)
def test_nobody_endorses_their_own_stay(why: str, reason: str) -> None:
    eva = who(9, "Eva", GUEST_HOME, "coordinator")
    subject = asked()
    if why == "guest":
        eva.id = GUEST_ID
    elif why == "travels":
        subject.delegates = [SimpleNamespace(name="Eva", email="eva@example.org")]
    elif why == "signed":
        eva.id = 8
    else:
        eva.roles[HOST] = {"host"}
    for act in ("endorse", "object_to_stay"):
        assert WORKFLOW.transition(act).refusal(subject, eva) == f"{reason} This is for Ben, Home."
    subject.guest_organisation.coordinators = lambda: [eva]
    expected = f"{reason} Nobody else at Home can: an owner of Fund does it."
    assert WORKFLOW.transition("endorse").refusal(subject, eva) == expected


def test_an_owner_endorses_where_nobody_at_home_can() -> None:
    ana, olga = who(GUEST_ID, "Ana", GUEST_HOME, "coordinator"), who(40, "Olga", PROGRAMME, "owner")
    subject = asked()
    subject.guest_organisation.coordinators = lambda: [ana]
    WORKFLOW.apply("endorse", subject, by=olga)
    assert WORKFLOW.transition("endorse").refusal(subject, olga) is None


def test_an_owner_of_the_host_leaves_it_to_another() -> None:
    olga = who(40, "Olga", PROGRAMME, "owner")
    olga.roles[HOST] = {"coordinator"}
    subject = asked()
    subject.guest_organisation.coordinators = list
    refusal = WORKFLOW.transition("endorse").refusal(subject, olga)
    assert refusal.startswith(
        "You belong to the host. Somebody without an interest must do it, and Fund has nobody else who can."
    )


@pytest.mark.parametrize(
    ("endorser", "at_home", "refused"),
    [("home", True, True), ("home", False, False), ("programme", True, False), ("programme", False, True)],
)
def test_it_is_passed_on_when_it_waits_for_the_wrong_people(endorser: str, at_home: bool, refused: bool) -> None:
    subject = asked(waiting_for="endorsement", endorser=endorser)
    subject.guest_organisation.coordinators = lambda: [BEN] * at_home
    assert (WORKFLOW.transition("pass_on_endorsement").refusal(subject, SYSTEM) is not None) is refused


@pytest.mark.parametrize(("endorser", "owing"), [("home", ["guest coordinator"]), ("programme", ["programme owner"])])
def test_it_waits_for_one_of_both(endorser: str, owing: list[str]) -> None:
    assert [each.value for each in WORKFLOW.promise("endorsement").owing(asked(endorser=endorser))] == owing
