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

STATES = ["draft", "waiting", "submitted", "in_dialogue", "accepted", "confirmed", "declined", "withdrawn", "lapsed"]
ACTIONS = [
    "submit",
    "wait_for_place",
    "offer_place",
    "accept_offer",
    "leave_queue",
    "end_waiting",
    "record_contact",
    "accept",
    "confirm",
    "decline",
    "withdraw",
    "take_back",
    "lapse",
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

# (action, who): {from: to}. What is not here is refused.
ALLOWED = {
    ("submit", "guest"): {"draft": "submitted"},
    ("wait_for_place", "guest"): {"draft": "waiting"},
    ("offer_place", "system"): {"waiting": "waiting"},
    ("accept_offer", "guest"): {"waiting": "submitted"},
    ("leave_queue", "guest"): {"waiting": "draft"},
    ("end_waiting", "system"): {"waiting": "lapsed"},
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
    ("lapse", "system"): {"waiting": "lapsed", "submitted": "lapsed", "in_dialogue": "lapsed", "accepted": "lapsed"},
}

# Who sees an application that has been sent; a draft is its guest's alone, also while it waits for a place.
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


def window(days: int) -> Any:
    """One can apply so many days from today, 1 March 2027."""
    return SimpleNamespace(apply_by=clock.today() + timedelta(days=days))


def application(state: str, action: str = "") -> Any:
    """One against which no guard stands: a place is free, they have talked, the deadline has passed; and where it is about
    waiting, all places are taken, or one is offered, or the last day to apply is over."""
    programme = SimpleNamespace(host_answer_days=10, guest_confirmation_days=7)
    theme = SimpleNamespace(
        host_id=HOST,
        programme_id=PROGRAMME,
        timezone="Europe/Brussels",
        state="published",
        closed_full=False,
        free_places=0 if action == "wait_for_place" else 1,
        windows=[window(-1 if action == "end_waiting" else 20)],
        apply_by=date(2027, 3, 21),
    )
    waiting_for = {
        "waiting": "place_offer" if action in ("accept_offer", "lapse") else None,
        "submitted": "host_answer",
        "in_dialogue": "host_answer",
        "accepted": "guest_confirmation",
    }.get(state)
    return SimpleNamespace(
        state=state,
        theme=theme,
        programme=programme,
        timezone="Europe/Brussels",
        guest_id=GUEST_ID,
        guest_organisation_id=GUEST_HOME,
        first_contacts=["a call"],
        know_each_other=False,
        place_offered_on=clock.today() if waiting_for == "place_offer" else None,
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
    subject = application(state, action)
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
    expected = actor == "guest" if state in ("draft", "waiting") else actor in SEE_WHAT_WAS_SENT
    assert WORKFLOW.may_see(person(actor), application(state)) is expected


@pytest.mark.parametrize(("action", "actor"), [("accept", "host coordinator"), ("confirm", "guest")])
def test_without_a_free_place_nobody_accepts_or_confirms(action: str, actor: str) -> None:
    subject = application("submitted" if action == "accept" else "accepted")
    subject.theme.free_places = 0
    with pytest.raises(GuardRefused, match="All places of this theme are taken"):
        WORKFLOW.apply(action, subject, by=person(actor))


@pytest.mark.parametrize(("apply_by", "due_on"), [(date(2027, 3, 21), date(2027, 3, 6)), (date(2027, 3, 4), date(2027, 3, 4))])
def test_a_place_is_kept_for_five_days_but_not_past_the_last_day_to_apply(apply_by: date, due_on: date) -> None:
    subject = application("waiting")
    subject.theme.apply_by = apply_by

    def hold() -> None:
        subject.place_offered_on = clock.today()

    WORKFLOW.apply("offer_place", subject, by=SYSTEM, change=hold)
    assert (subject.waiting_for, subject.due_on) == ("place_offer", due_on)
    with pytest.raises(GuardRefused, match="offered already"):
        WORKFLOW.apply("offer_place", subject, by=SYSTEM)


@pytest.mark.parametrize("action", ["accept", "confirm"])
def test_whoever_waited_has_the_place_that_is_kept(action: str) -> None:
    subject = application("submitted" if action == "accept" else "accepted")
    subject.theme.free_places, subject.place_offered_on = 0, clock.today()
    WORKFLOW.apply(action, subject, by=person("host coordinator" if action == "accept" else "guest"))


# (theme's state, closed by its last place, free places, last day to apply from today): why one does not wait; None: one does
FULL = [
    ("published", False, 0, 0, None),
    ("closed", True, 0, 20, None),
    ("closed", True, 1, 20, None),  # one became free, but the host has not reopened the theme
    ("published", False, 1, 20, "A place is free: submit"),
    ("published", False, 0, -1, "deadlines of all hosting windows have passed"),
    ("closed", True, 0, -1, "takes no more guests"),
    ("closed", False, 0, 20, "takes no more guests"),
    ("archived", False, 0, 20, "takes no more guests"),
]


@pytest.mark.parametrize(("state", "closed_full", "free", "days", "reason"), FULL)
def test_one_waits_where_the_theme_is_full(state: str, closed_full: bool, free: int, days: int, reason: str | None) -> None:
    subject = application("draft")
    theme = subject.theme
    theme.state, theme.closed_full, theme.free_places, theme.windows = state, closed_full, free, [window(days)]
    if reason is None:
        WORKFLOW.apply("wait_for_place", subject, by=person("guest"))
        assert subject.state == "waiting"
    else:
        with pytest.raises(GuardRefused, match=reason):
            WORKFLOW.apply("wait_for_place", subject, by=person("guest"))


def test_nobody_takes_a_place_before_it_is_offered() -> None:
    with pytest.raises(GuardRefused, match="No place is free yet"):
        WORKFLOW.apply("accept_offer", application("waiting"), by=person("guest"))


def test_nothing_lapses_on_the_day_it_is_due() -> None:
    subject = application("submitted")
    subject.due_on = clock.today()
    with pytest.raises(GuardRefused):
        WORKFLOW.apply("lapse", subject, by=SYSTEM)


@pytest.mark.parametrize(
    ("action", "state", "actor", "promise", "due_on"),
    [
        ("submit", "draft", "guest", "host_answer", date(2027, 3, 11)),
        ("wait_for_place", "draft", "guest", None, None),
        ("accept_offer", "waiting", "guest", "host_answer", date(2027, 3, 11)),
        ("leave_queue", "waiting", "guest", None, None),
        ("accept", "submitted", "host coordinator", "guest_confirmation", date(2027, 3, 8)),
        ("confirm", "accepted", "guest", None, None),
        ("decline", "in_dialogue", "host coordinator", None, None),
        ("withdraw", "accepted", "guest", None, None),
        ("take_back", "accepted", "host coordinator", "host_answer", date(2027, 3, 11)),
    ],
)
def test_what_it_waits_for_then(action: str, state: str, actor: str, promise: str | None, due_on: date | None) -> None:
    """Today is 1 March 2027: the host has 10 days, the guest 7."""
    subject = application(state, action)
    WORKFLOW.apply(action, subject, by=person(actor))
    assert (subject.waiting_for, subject.due_on) == (promise, due_on)


def test_talking_first_does_not_move_the_hosts_deadline() -> None:
    subject = application("submitted")
    subject.waiting_for, subject.due_on = "host_answer", date(2027, 3, 4)
    WORKFLOW.apply("record_contact", subject, by=person("guest"))
    assert (subject.waiting_for, subject.due_on) == ("host_answer", date(2027, 3, 4))
