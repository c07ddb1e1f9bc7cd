"""The workflows' tables say each thing by its name, and of several guards the first that refuses counts."""

from typing import Any

import pytest

from mobility.workflows.table import Promise, Transition
from mobility.workflows.workflow import Actor


def refuses(reason: str) -> Any:
    return lambda subject, by: reason


def allows(subject: Any, by: Any) -> None:
    return None


def test_nothing_but_the_name_goes_by_its_place() -> None:
    with pytest.raises(TypeError, match="positional"):
        Transition("send", {"open"}, "sent", Actor.HOST, "Send", "Sent")  # type: ignore[misc]
    with pytest.raises(TypeError, match="positional"):
        Promise("answer", {"open"}, (Actor.HOST,), "answer", "Answer")  # type: ignore[misc]


def test_the_first_guard_that_refuses_gives_the_reason() -> None:
    first, second = refuses("first"), refuses("second")
    send = Transition(
        "send", from_={"open"}, to="sent", by=Actor.HOST, button="Send", past="Sent", only_if=[allows, first, second]
    )
    assert send.refusal(None, None) == "first"
    assert send.refusal(None, None, aside=first) == "second"
    assert Transition("send", from_={"open"}, to=None, by=Actor.HOST, button="Send", past="Sent").refusal(None, None) is None


def test_one_actor_needs_no_tuple() -> None:
    send = Transition("send", from_={"open"}, to="sent", by=Actor.HOST, button="Send", past="Sent")
    assert send.actors == (Actor.HOST,)
