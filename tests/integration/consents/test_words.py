"""What may be published of an exchange: each side says it anew, at any time, and the last word holds."""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility.consents.models import PublishConsent
from mobility.consents.operations import change_consent
from mobility.consents.queries import words_on_publishing
from mobility.consents.rules import leave
from mobility.core.database import db, transaction
from mobility.core.errors import NotAllowed, Refusal
from mobility.followup import operations
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import make_member
from tests.support.followups import Asked, ask, visited
from tests.support.loaded import Loaded
from tests.support.outcomes import example

SIDES = {"guest", "host"}


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    """Both are asked on 12 March 2027; on the 15th both say that it may be published with names."""
    case = visited(date(2027, 3, 5))
    clock.set_to(datetime(2027, 3, 12, 9, tzinfo=UTC))
    ask()
    clock.set_to(datetime(2027, 3, 15, 9, tzinfo=UTC))
    for key, by in (("end_guest", case.guest), ("end_host", case.host)):
        answer(case, key, by, publish="with_names")
    return case


def answer(case: Asked, key: str, by: User, **answers: Any) -> None:
    with transaction():
        request = case.request(key)
        operations.save_draft(request, {"benefit": "yes", "met": {"o1": "yes", "o2": "yes"}, **answers})
        operations.send(request, by=by)


def change(case: Asked, side: str, publish: str, by: User) -> None:
    with transaction():
        change_consent(case.exchange, side=side, publish=publish, by=by)


def said(case: Asked, side: str) -> str | None:
    return words_on_publishing([case.exchange.id]).get((case.exchange.id, side))


def told(case: Asked) -> str:
    return leave(words_on_publishing([case.exchange.id]), case.exchange.id)


def test_it_takes_effect_at_once_and_the_stricter_word_holds(case: Asked, clock: ModuleType) -> None:
    assert told(case) == "with_names"
    clock.move(minutes=1)
    change(case, "host", "without", case.host)
    assert told(case) == "without"
    clock.move(minutes=1)
    change(case, "guest", "no", case.guest)
    assert told(case) == "no"
    change(case, "guest", "with_names", case.guest)
    assert told(case) == "without"
    assert {side: said(case, side) for side in SIDES} == {
        "guest": "with_names",
        "host": "without",
    }


def test_it_stands_in_the_history_once(case: Asked, clock: ModuleType) -> None:
    clock.move(minutes=1)
    for _ in range(2):
        change(case, "guest", "without", case.guest)
    acts = [each for each in case.exchange.history() if each.action == "change_consent"]
    assert [(each.actor_id, each.acted_as, each.note) for each in acts] == [
        (case.guest.id, "guest", "The guest's side: yes, without names.")
    ]
    assert case.exchange.workflow.told("change_consent") == "Changed what may be published"


def test_what_was_said_already_is_not_said_again(case: Asked) -> None:
    change(case, "host", "with_names", case.host)
    assert db.session.query(PublishConsent).count() == 0


def test_an_answer_sent_later_on_the_same_day_is_the_last_word(case: Asked, clock: ModuleType) -> None:
    """Days alone would not tell."""
    clock.move(minutes=1)
    change(case, "guest", "no", case.guest)
    clock.move(minutes=1)
    answer(case, "end_guest", case.guest, publish="without")
    assert (told(case), said(case, "guest")) == ("without", "without")
    clock.move(minutes=1)
    change(case, "guest", "no", case.guest)
    assert (told(case), said(case, "guest")) == ("no", "no")


def test_whoever_was_not_heard_can_say_it_without_a_questionnaire(db_session: Any) -> None:
    case = visited(date(2027, 2, 5))
    assert (told(case), said(case, "host")) == ("no", None)
    for side, by in (("guest", case.guest), ("host", case.host)):
        change(case, side, "with_names", by)
    assert told(case) == "with_names"


@pytest.mark.parametrize(
    ("who", "may"),
    [("guest", {"guest"}), ("coordinator", {"guest"}), ("host", {"host"}), ("owner", set()), ("stranger", set())],
)
def test_each_side_speaks_for_itself(case: Asked, who: str, may: set[str]) -> None:
    person = make_member(case.exchange.theme.host, Role.PROVIDER) if who == "stranger" else getattr(case, who)
    for side in SIDES:
        if side in may:
            change(case, side, "no", person)
        else:
            with pytest.raises(NotAllowed):
                change(case, side, "no", person)
    assert {side for side in SIDES if said(case, side) == "no"} == may


@pytest.mark.parametrize("word", ["", "perhaps", "With_names", "\u0661"])
def test_another_word_is_refused_at_the_field(case: Asked, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        change(case, "guest", word, case.guest)
    assert refused.value.field == "publish"


def test_a_sending_that_leaves_it_out_takes_back_no_later_word(case: Asked, clock: ModuleType) -> None:
    clock.move(minutes=1)
    change(case, "guest", "without", case.guest)
    clock.move(minutes=1)
    answer(case, "end_guest", case.guest)
    assert (said(case, "guest"), told(case)) == ("without", "without")


def test_exchanges_may_be_told_as_both_sides_allow(db_session: Any, clock: ModuleType) -> None:
    """docs/design/data/review_example.toml, "publication"."""
    data = example()
    loaded = Loaded(data)
    clock.set_to(datetime(2028, 11, 15, 20, tzinfo=UTC))
    keys = {key: name for name, keys in data["publication"].items() for key in keys}
    said = words_on_publishing([loaded.ids[key] for key in keys])
    found = {key: leave(said, loaded.ids[key]) for key in keys}
    assert found == {key: name.replace("without_names", "without") for key, name in keys.items()}
