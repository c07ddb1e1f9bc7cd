"""No interest in the case: asked of everybody who has had a role in one of its organisations since it was asked for.

The case is applied for on 1 March 2027, requested on the 4th, and decided on the 8th.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.core.errors import GuardRefused
from mobility.people.models import User
from mobility.people.roles import ORGANISATION_ROLES, Role
from mobility.safeguards import queries
from mobility.safeguards.flags import flags_on
from mobility.vouchers import operations
from tests.support.cases import Case, Knowledge, desk_of, make_case
from tests.support.client import Visitor
from tests.support.factories import end_roles, make_membership
from tests.support.html import text_of

APPLIED, REQUESTED, DECIDED = (datetime(2027, 3, day, 9, tzinfo=UTC) for day in (1, 4, 8))
LONG_AGO = date(2027, 1, 4)

# since, until: what the refusal says; None: it is allowed
WHEN: dict[str, tuple[date, datetime | None, str | None]] = {
    "from before, still": (LONG_AGO, None, "You have been {role} since 4 January 2027."),
    "left before the application": (LONG_AGO, datetime(2027, 2, 28, 22, 59, tzinfo=UTC), None),
    "left on the day of the application": (
        LONG_AGO,
        datetime(2027, 2, 28, 23, 0, tzinfo=UTC),  # midnight in Brussels
        "You were {role} from 4 January 2027 to 1 March 2027, and the application is of 1 March 2027.",
    ),
    "left before the request": (
        LONG_AGO,
        datetime(2027, 3, 3, 12, tzinfo=UTC),
        "You were {role} from 4 January 2027 to 3 March 2027, and the application is of 1 March 2027.",
    ),
    "left on the day of the request": (
        LONG_AGO,
        datetime(2027, 3, 4, 7, tzinfo=UTC),
        "You were {role} from 4 January 2027 to 4 March 2027, and the request is of 4 March 2027.",
    ),
    "left yesterday": (
        LONG_AGO,
        datetime(2027, 3, 7, 12, tzinfo=UTC),
        "You were {role} from 4 January 2027 to 7 March 2027, and the request is of 4 March 2027.",
    ),
    "joined on the day of the application": (date(2027, 3, 1), None, "You have been {role} since 1 March 2027."),
    "joined on the day of the request": (
        date(2027, 3, 4),
        None,
        "You became {role} on 4 March 2027, after the application of 1 March 2027.",
    ),
    "joined after the application": (
        date(2027, 3, 2),
        None,
        "You became {role} on 2 March 2027, after the application of 1 March 2027.",
    ),
    "joined after the request": (date(2027, 3, 5), None, "You became {role} on 5 March 2027, after the request of 4 March 2027."),
    "joined after the request and left": (
        date(2027, 3, 5),
        datetime(2027, 3, 6, 12, tzinfo=UTC),
        "You were {role} from 5 March 2027 to 6 March 2027, after the request of 4 March 2027.",
    ),
}

# who, from which state
ACTS: dict[str, tuple[str, str, Callable[[Case, User], Any]]] = {
    "recommend": (
        "assessor",
        "requested",
        lambda case, by: operations.recommend(case.voucher, by=by, scores=[20, 20, 10, 10], note="Good."),
    ),
    "recommend against": (
        "assessor",
        "requested",
        lambda case, by: operations.recommend_against(case.voucher, by=by, scores=[2, 2, 1, 1], note="Weak."),
    ),
    "approve": ("other_owner", "recommended", lambda case, by: operations.approve(case.voucher, by=by)),
    "validate as owner": ("other_owner", "claimed", lambda case, by: claims.validate(case.voucher, by=by)),
    "validate as finance officer": ("finance_officer", "claimed", lambda case, by: claims.validate(case.voucher, by=by)),
    "take back": (
        "other_owner",
        "validated",
        lambda case, by: claims.take_back_validation(case.voucher, by=by, reason="A mistake."),
    ),
}


@pytest.fixture
def full(db_session: Any, clock: ModuleType) -> Callable[[str], Case]:
    """The case in a state, as it is on the day of the decision."""

    def make(state: str) -> Case:
        clock.set_to(APPLIED)
        case = make_case("full")
        clock.set_to(REQUESTED)
        case.take_to("requested")
        clock.set_to(DECIDED)
        path = ["requested", "recommended", "approved", "issued", "redeemed", "delivered", "claimed", "validated"]
        for step in path[1 : path.index(state) + 1]:
            getattr(case, f"_{step}")()
        return case

    return make


def somebody_else(case: Case, who: str, act: str) -> str:
    """The rest of the refusal, with the names of who can act, by hand."""
    if who == "assessor":
        programme = case.programme.name
        return (
            f"Somebody without an interest must decide, and {programme} has nobody else who can. "
            "An owner can invite another assessor on the page of the programme’s people."
        )
    able = {"approve": [case.owner], "validate as finance officer": [case.owner, case.other_owner]}
    names = sorted(each.name for each in able.get(act, [case.owner, case.finance_officer]))
    return f"Somebody without an interest must decide: {' or '.join(names)}."


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("when", WHEN)
def test_who_may_act_by_when_they_had_a_role(full: Callable[[str], Case], act: str, when: str) -> None:
    who, state, do = ACTS[act]
    since, until, refusal = WHEN[when]
    case = full(state)
    person = getattr(case, who)
    home = case.exchange.guest_organisation
    make_membership(person, home, Role.COORDINATOR, since=since, until=until)
    if refusal is None:
        do(case, person)
        assert case.voucher.state != state
        return
    with pytest.raises(GuardRefused) as refused:
        do(case, person)
    told = refusal.format(role=f"a coordinator of {home.name}")
    assert refused.value.message == f"{told} {somebody_else(case, who, act)}"
    assert case.voucher.state == state


@pytest.mark.parametrize("side", ["guest_organisation", "host"])
@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_whatever_the_role_was_on_either_side(full: Callable[[str], Case], role: Role, side: str) -> None:
    case = full("recommended")
    make_membership(case.other_owner, getattr(case.exchange, side), role, since=LONG_AGO)
    end_roles(case.other_owner, getattr(case.exchange, side))
    name = getattr(case.exchange, side).name
    with pytest.raises(GuardRefused, match=f"You were a {role.value} of {name} from 4 January 2027 to 8 March 2027"):
        operations.approve(case.voucher, by=case.other_owner)
    operations.approve(case.voucher, by=case.owner)


@pytest.mark.parametrize("side", ["home", "provider"])
@pytest.mark.parametrize(
    ("until", "allowed"),
    [(datetime(2027, 2, 28, 12, tzinfo=UTC), True), (datetime(2027, 3, 1, 12, tzinfo=UTC), False), (None, False)],
)
def test_of_a_knowledge_voucher_the_request_counts(
    case: Knowledge, clock: ModuleType, side: str, until: datetime | None, allowed: bool
) -> None:
    voucher = case.take_to("requested")
    clock.set_to(DECIDED)
    make_membership(case.owner, getattr(case, side), Role.PROVIDER, since=LONG_AGO, until=until)
    if allowed:
        operations.approve(voucher, by=case.owner)
    else:
        with pytest.raises(GuardRefused, match="Somebody without an interest must decide"):
            operations.approve(voucher, by=case.owner)


def test_a_role_elsewhere_is_no_interest(full: Callable[[str], Case]) -> None:
    case, other = full("recommended"), make_case("light")
    make_membership(case.other_owner, other.exchange.host, Role.COORDINATOR, since=LONG_AGO)
    operations.approve(case.voucher, by=case.other_owner)


def test_who_holds_the_voucher_does_not_decide_on_it(full: Callable[[str], Case]) -> None:
    case = full("recommended")
    make_membership(case.holder, case.programme, Role.OWNER)
    with pytest.raises(GuardRefused, match="You hold this voucher"):
        operations.approve(case.voucher, by=case.holder)


# What the programme's people read


def interests(case: Case) -> list[str]:
    db.session.flush()
    found = [each.words for each in queries.findings([case.voucher])[case.voucher.id] if each.kind == "interest"]
    assert bool(found) == ("Somebody who decides belongs to a side" in flags_on([case.voucher]).get(case.voucher.id, []))
    return found


@pytest.mark.parametrize("when", WHEN)
def test_whoever_could_decide_is_flagged_with_the_dates(full: Callable[[str], Case], when: str) -> None:
    since, until, refusal = WHEN[when]
    case = full("recommended")
    home = case.exchange.guest_organisation
    case.other_owner.name = "Olga Ferrante"
    make_membership(case.other_owner, home, Role.GUEST, since=since, until=until)
    told = (refusal or "").format(role=f"a guest of {home.name}")
    told = told.replace("You have", "Olga Ferrante, programme owner, has").replace(
        "You were", "Olga Ferrante, programme owner, was"
    )
    assert interests(case) == ([told.replace("You became", "Olga Ferrante, programme owner, became")] if told else [])


def test_whoever_decided_and_joined_later_is_flagged(full: Callable[[str], Case], clock: ModuleType) -> None:
    case = full("recommended")
    case.owner.name = "Olga Ferrante"
    operations.approve(case.voucher, by=case.owner)
    assert interests(case) == []
    clock.move(days=2)
    make_membership(case.owner, case.exchange.host, Role.HOST)
    end_roles(case.owner, case.programme)
    assert interests(case) == [
        f"Olga Ferrante, who acted as programme owner, became a host of {case.exchange.host.name} on 10 March 2027, "
        "after the request of 4 March 2027."
    ]


def test_who_only_looks_on_is_not_flagged(full: Callable[[str], Case]) -> None:
    case = full("recommended")
    make_membership(case.auditor, case.exchange.host, Role.HOST, since=LONG_AGO)
    make_membership(case.stranger, case.exchange.host, Role.HOST, since=LONG_AGO)
    assert interests(case) == []


def test_the_pages_say_it(full: Callable[[str], Case], visitor: Visitor) -> None:
    """To whoever may not decide at the button; to the others with the links, and in the desk's row."""
    case = full("recommended")
    make_membership(case.other_owner, case.exchange.host, Role.HOST, since=date(2027, 3, 5))
    became = f"became a host of {case.exchange.host.name} on 5 March 2027, after the request of 4 March 2027"
    path = f"/vouchers/{case.voucher.id}"
    assert f"You {became}. Somebody without an interest must decide: {case.owner.name}." in text_of(
        visitor(case.other_owner).get(path)
    )
    for person in (case.owner, case.auditor):
        assert f"{case.other_owner.name}, programme owner, {became}." in text_of(visitor(person).get(path))
        assert "Somebody who decides belongs to a side" in text_of(visitor(person).get(desk_of(case)))
    assert became not in text_of(visitor(case.holder).get(path))


def test_who_worked_for_both_is_named_with_the_days(full: Callable[[str], Case], clock: ModuleType) -> None:
    case = full("requested")
    home, host = case.exchange.guest_organisation, case.exchange.host
    case.host.name = "Nuno Both"
    before = make_membership(case.stranger, host, Role.HOST, since=LONG_AGO, until=datetime(2027, 2, 20, tzinfo=UTC))
    assert before.until
    make_membership(case.stranger, home, Role.GUEST, since=LONG_AGO)
    assert [each.kind for each in queries.findings([case.voucher])[case.voucher.id]] == []
    make_membership(case.host, home, Role.GUEST, since=LONG_AGO)
    end_roles(case.host, home)
    assert [each.words for each in queries.findings([case.voucher])[case.voucher.id]] == [
        "Works or worked for both organisations: Nuno Both (the holder's organisation from 4 January 2027 to 8 March 2027; "
        "the host organisation since 1 March 2027)."
    ]
    assert flags_on([case.voucher])[case.voucher.id] == ["Somebody works for both sides"]
