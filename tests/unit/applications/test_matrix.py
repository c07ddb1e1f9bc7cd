"""Who may do what to an application in which state: written out from workflows.md by hand, and compared with the code."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.applications.workflow import WORKFLOW
from mobility.core import clock
from mobility.core.errors import GuardRefused, NotAllowed, WrongState
from mobility.workflows.table import SYSTEM

HOST, GUEST_HOME, PROGRAMME, GUEST_ID = 10, 20, 30, 1

STATES = ["draft", "submitted", "in_dialogue", "accepted", "confirmed", "declined", "withdrawn", "lapsed"]
ACTIONS = ["submit", "record_contact", "accept", "confirm", "decline", "withdraw", "take_back", "lapse"]
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

# (action, who): {from: to}. What is not here is refused.
ALLOWED = {
    ("submit", "guest"): {"draft": "submitted"},
    ("record_contact", "guest"): {"submitted": "in_dialogue"},
    ("record_contact", "host"): {"submitted": "in_dialogue"},
    ("record_contact", "host coordinator"): {"submitted": "in_dialogue"},  # is one of the host's people, too
    ("accept", "host coordinator"): {"submitted": "accepted", "in_dialogue": "accepted"},
    ("confirm", "guest"): {"accepted": "confirmed"},
    ("decline", "host coordinator"): {"submitted": "declined", "in_dialogue": "declined"},
    ("withdraw", "guest"): {
        "draft": "withdrawn",
        "submitted": "withdrawn",
        "in_dialogue": "withdrawn",
        "accepted": "withdrawn",
    },
    ("take_back", "host coordinator"): {"accepted": "submitted"},
    ("lapse", "system"): {"submitted": "lapsed", "in_dialogue": "lapsed", "accepted": "lapsed"},
}

# Who sees an application that has been sent; a draft is its guest's alone.
SEE_WHAT_WAS_SENT = {
    "guest",
    "guest coordinator",
    "host",
    "host coordinator",
    "programme owner",
    "assessor",
    "finance officer",
    "auditor",
}


class Person(SimpleNamespace):
    """Somebody with the same roles in the same places as `ACTORS` name them."""

    def roles_in(self, organisation_id: int) -> set[str]:
        return self.roles.get(organisation_id, set())

    roles_in_programme = roles_in


def person(actor: str) -> Any:
    roles = {
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


def application(state: str) -> Any:
    """One against which no guard stands: a place is free, they have talked, the deadline has passed."""
    programme = SimpleNamespace(host_answer_days=10, guest_confirmation_days=7)
    theme = SimpleNamespace(host_id=HOST, programme_id=PROGRAMME, free_places=1)
    waiting_for = {"submitted": "host_answer", "in_dialogue": "host_answer", "accepted": "guest_confirmation"}.get(state)
    return SimpleNamespace(
        state=state,
        theme=theme,
        programme=programme,
        timezone="Europe/Brussels",
        guest_id=GUEST_ID,
        guest_organisation_id=GUEST_HOME,
        first_contacts=["a call"],
        know_each_other=False,
        waiting_for=waiting_for,
        due_on=clock.today() - timedelta(days=1) if waiting_for else None,
        waiting_since=None,
        record=lambda *args, **kwargs: None,
        begin_promise=lambda *args: None,
        end_promise=lambda *args: None,
    )


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what(state: str, action: str, actor: str) -> None:
    subject = application(state)
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
def test_who_sees_it(state: str, actor: str) -> None:
    expected = actor == "guest" if state == "draft" else actor in SEE_WHAT_WAS_SENT
    assert WORKFLOW.may_see(person(actor), application(state)) is expected


@pytest.mark.parametrize(("action", "actor"), [("accept", "host coordinator"), ("confirm", "guest")])
def test_without_a_free_place_nobody_accepts_or_confirms(action: str, actor: str) -> None:
    subject = application("submitted" if action == "accept" else "accepted")
    subject.theme.free_places = 0
    with pytest.raises(GuardRefused, match="All places of this theme are taken"):
        WORKFLOW.apply(action, subject, by=person(actor))


def test_nothing_lapses_on_the_day_it_is_due() -> None:
    subject = application("submitted")
    subject.due_on = clock.today()
    with pytest.raises(GuardRefused):
        WORKFLOW.apply("lapse", subject, by=SYSTEM)


@pytest.mark.parametrize(
    ("action", "state", "actor", "promise", "due_on"),
    [
        ("submit", "draft", "guest", "host_answer", date(2027, 3, 11)),
        ("accept", "submitted", "host coordinator", "guest_confirmation", date(2027, 3, 8)),
        ("confirm", "accepted", "guest", None, None),
        ("decline", "in_dialogue", "host coordinator", None, None),
        ("withdraw", "accepted", "guest", None, None),
        ("take_back", "accepted", "host coordinator", "host_answer", date(2027, 3, 11)),
    ],
)
def test_what_it_waits_for_then(action: str, state: str, actor: str, promise: str | None, due_on: date | None) -> None:
    """Today is 1 March 2027: the host has 10 days, the guest 7."""
    subject = application(state)
    WORKFLOW.apply(action, subject, by=person(actor))
    assert (subject.waiting_for, subject.due_on) == (promise, due_on)


def test_talking_first_does_not_move_the_hosts_deadline() -> None:
    subject = application("submitted")
    subject.waiting_for, subject.due_on = "host_answer", date(2027, 3, 4)
    WORKFLOW.apply("record_contact", subject, by=person("guest"))
    assert (subject.waiting_for, subject.due_on) == ("host_answer", date(2027, 3, 4))
