"""Who may do what to a voucher in which state, written out by hand from workflows.md and compared with the declared workflow.

Every action is tried in every state by every actor; what is not written here must be refused.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.table import SYSTEM

TODAY = date(2027, 3, 1)  # the clock of the tests

STATES = (
    "draft requested returned recommended approved rejected issued redeemed delivered claimed validated paid "
    "expired lapsed withdrawn revoked recovered"
).split()
ACTIONS = (
    "request ask_information resubmit recommend recommend_against approve reject issue redeem confirm_delivery claim "
    "return_claim validate take_back_validation pay came_back extend extend_claim expire lapse withdraw take_over revoke recover"
).split()
PEOPLE = (
    "holder guest_coordinator host_coordinator host provider owner assessor finance_officer auditor stranger system"
).split()

# state: action=who,who ...

FULL = """
draft: request=holder withdraw=holder
requested: ask_information=assessor,owner recommend=assessor recommend_against=assessor reject=owner withdraw=holder
returned: resubmit=holder reject=owner withdraw=holder
recommended: ask_information=assessor,owner approve=owner reject=owner withdraw=holder
approved: issue=owner withdraw=holder revoke=owner
issued: redeem=host_coordinator extend=owner expire=system withdraw=holder revoke=owner
redeemed: confirm_delivery=host_coordinator extend=owner lapse=system revoke=owner
delivered: claim=holder extend_claim=owner lapse=system
claimed: return_claim=finance_officer validate=owner,finance_officer
validated: pay=finance_officer take_back_validation=owner,finance_officer
paid: recover=finance_officer came_back=finance_officer
rejected:
expired:
lapsed: extend_claim=owner
withdrawn:
revoked:
recovered:
"""

# one decision instead of two: nothing is recommended
LIGHT = """
draft: request=holder withdraw=holder
requested: ask_information=assessor,owner approve=owner reject=owner withdraw=holder
returned: resubmit=holder reject=owner withdraw=holder
approved: issue=owner withdraw=holder revoke=owner
issued: redeem=host_coordinator extend=owner expire=system withdraw=holder revoke=owner
redeemed: confirm_delivery=host_coordinator extend=owner lapse=system revoke=owner
delivered: claim=holder extend_claim=owner lapse=system
claimed: return_claim=finance_officer validate=owner,finance_officer
validated: pay=finance_officer take_back_validation=owner,finance_officer
paid: recover=finance_officer came_back=finance_officer
rejected:
expired:
lapsed: extend_claim=owner
withdrawn:
revoked:
recovered:
"""

# the provider redeems and claims (never the holder), the holder confirms the delivery (never the provider)
KNOWLEDGE = """
draft: request=holder withdraw=holder
requested: ask_information=assessor,owner recommend=assessor recommend_against=assessor reject=owner withdraw=holder
returned: resubmit=holder reject=owner withdraw=holder
recommended: ask_information=assessor,owner approve=owner reject=owner withdraw=holder
approved: issue=owner withdraw=holder revoke=owner
issued: redeem=provider extend=owner expire=system withdraw=holder revoke=owner
redeemed: confirm_delivery=holder extend=owner lapse=system revoke=owner
delivered: claim=provider extend_claim=owner lapse=system
claimed: return_claim=finance_officer validate=owner,finance_officer
validated: pay=finance_officer take_back_validation=owner,finance_officer
paid: recover=finance_officer came_back=finance_officer
rejected:
expired:
lapsed: extend_claim=owner
withdrawn:
revoked:
recovered:
"""

TARGETS = {
    "request": "requested",
    "ask_information": "returned",
    "resubmit": "requested",
    "recommend": "recommended",
    "recommend_against": "recommended",
    "approve": "approved",
    "reject": "rejected",
    "issue": "issued",
    "redeem": "redeemed",
    "confirm_delivery": "delivered",
    "claim": "claimed",
    "return_claim": "delivered",
    "validate": "validated",
    "take_back_validation": "claimed",
    "pay": "paid",
    "came_back": "validated",
    "extend": None,  # the state stays
    "extend_claim": "delivered",
    "expire": "expired",
    "lapse": "lapsed",
    "withdraw": "withdrawn",
    "take_over": None,
    "revoke": "revoked",
    "recover": "paid, or recovered",  # by what is left: see the later test
}


OPEN = "draft requested returned recommended approved issued redeemed delivered claimed validated".split()


def parse(table: str) -> set[tuple[str, str, str]]:
    """(state, action, who) of each cell, and of `take_over`, which is the same in every table."""
    states = {line.partition(":")[0] for line in table.strip().splitlines()}
    allowed = {(state, "take_over", "guest_coordinator") for state in states.intersection(OPEN)}
    for line in table.strip().splitlines():
        state, _, cells = line.partition(":")
        for cell in cells.split():
            action, _, people = cell.partition("=")
            allowed |= {(state, action, who) for who in people.split(",")}
    return allowed


HOST, HOME, PROVIDER, PROGRAMME = 1, 2, 3, 4


def person(who: str) -> Any:
    """Somebody who plays exactly one part."""
    if who == "system":
        return SYSTEM
    places = {
        "holder": (HOME, "guest"),
        "guest_coordinator": (HOME, "coordinator"),
        "host_coordinator": (HOST, "coordinator"),
        "host": (HOST, "host"),
        "provider": (PROVIDER, "provider"),
    }
    organisation, role = places.get(who, (None, None))
    in_programme = {who} if who in {"owner", "assessor", "finance_officer", "auditor"} else set()
    return SimpleNamespace(
        id=10 + PEOPLE.index(who),
        roles_in=lambda id: {role} if id is not None and id == organisation else set(),
        roles_in_programme=lambda id: in_programme if id == PROGRAMME else set(),
        ever_in=lambda ids: [held(role)] if organisation in ids else [],
        bank_accounts=(),
    )


def held(role: str) -> Any:
    return SimpleNamespace(role=role, place_name="Lisbon Cluster", since=TODAY - timedelta(days=90), until=None)


def voucher(state: str, action: str, scheme: str, kind: str) -> Any:
    """A voucher in a state in which nothing but the actor and the state can stand against the action."""
    past, future = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    return SimpleNamespace(
        state=state,
        kind=kind,
        timezone="UTC",
        holder_id=10 + PEOPLE.index("holder"),
        holder=SimpleNamespace(name="Ana", active=False, roles_in=lambda id: {"guest"}),
        holder_organisation=SimpleNamespace(name="Home"),
        holder_organisation_id=HOME,
        host_id=HOST if kind == "mobility" else None,
        provider_id=PROVIDER if kind == "knowledge" else None,
        programme_id=PROGRAMME,
        programme=SimpleNamespace(name="Fund", scheme=scheme, currency="EUR", team=[]),
        counterpart=SimpleNamespace(name="Akademija"),
        exchange=SimpleNamespace(
            state="agreed", delegates=[], first_day=future, application=SimpleNamespace(submitted_on=past), endorsement="off"
        )
        if kind == "mobility"
        else None,
        need="A course.",
        price=Decimal(1300),
        amount=Decimal(780),
        budget_line=SimpleNamespace(available=Decimal(780)),
        least_amount=Decimal(780),
        requested_on=TODAY,
        assessed_by_id=None,
        validated_by_id=None,
        payments=[],
        recovered_amount=None,
        paid_elsewhere="",
        extended=False,
        claim_due_on=TODAY,
        claim_extended=False,
        valid_from=TODAY - timedelta(days=30),
        valid_until=past if action == "expire" else future,
        due_on=past if action == "lapse" else future,
    )


def possible(scheme: str, kind: str, states: list[str]) -> set[tuple[str, str, str]]:
    """What the declared workflow lets people do."""
    found = set()
    for state, action, who in product(states, ACTIONS, PEOPLE):
        try:
            WORKFLOW.check(action, voucher(state, action, scheme, kind), person(who))
        except (NotAllowed, WrongState, GuardRefused):
            continue
        found.add((state, action, who))
    return found


@pytest.mark.parametrize(
    ("table", "scheme", "kind"),
    [(FULL, "full", "mobility"), (LIGHT, "light", "mobility"), (KNOWLEDGE, "full", "knowledge")],
    ids=["full", "light", "knowledge"],
)
def test_the_workflow_is_the_specification(table: str, scheme: str, kind: str) -> None:
    states = [line.partition(":")[0] for line in table.strip().splitlines()]
    assert possible(scheme, kind, states) == parse(table)


def test_nothing_is_declared_that_is_not_specified() -> None:
    assert {state.name for state in WORKFLOW.states} == set(STATES)
    targets = {transition.action: transition.to for transition in WORKFLOW.transitions}
    assert callable(targets["recover"])
    assert targets | {"recover": "paid, or recovered"} == TARGETS


@pytest.mark.parametrize(("left", "state"), [("779.99", "paid"), ("0.01", "paid"), ("0.00", "recovered")])
def test_it_is_recovered_only_when_nothing_is_left(left: str, state: str) -> None:
    target: Any = WORKFLOW.transition("recover").to
    assert target(SimpleNamespace(unrecovered=Decimal(left))) == state


def test_who_sees_a_voucher() -> None:
    def seen_by(state: str, kind: str = "mobility") -> set[str]:
        subject = voucher(state, "", "full", kind)
        return {who for who in PEOPLE if who != "system" and WORKFLOW.actors_on(person(who), subject)}

    assert seen_by("draft") == {"holder", "guest_coordinator", "host_coordinator", "host"}
    programme = {"owner", "assessor", "finance_officer", "auditor"}
    assert seen_by("requested") == {"holder", "guest_coordinator", "host_coordinator", "host"} | programme
    assert seen_by("draft", "knowledge") == {"holder", "guest_coordinator"}
    assert seen_by("issued", "knowledge") == {"holder", "guest_coordinator", "provider"} | programme


# Each guard with its own words


def unendorsed() -> Any:
    """An exchange of a programme that requires it: version 2 was endorsed, and version 3 is in force."""
    version = SimpleNamespace(number=3, endorsements=[])
    return SimpleNamespace(
        state="agreed",
        first_day=TODAY + timedelta(days=1),
        delegates=[],
        application=SimpleNamespace(submitted_on=TODAY),
        endorsement="required",
        agreed_version=version,
        guest_organisation=SimpleNamespace(name="Home"),
    )


@pytest.mark.parametrize(
    ("action", "state", "who", "changes", "words"),
    [
        ("request", "draft", "holder", {"exchange": unendorsed()}, "Home has not endorsed version 3 of the agreement yet"),
        ("approve", "recommended", "owner", {"exchange": unendorsed()}, "Home has not endorsed version 3 of the agreement yet"),
        ("issue", "approved", "owner", {"exchange": unendorsed()}, "Home has not endorsed version 3 of the agreement yet"),
        ("request", "draft", "holder", {"exchange": SimpleNamespace(state="planning")}, "Both sides must have signed"),
        ("approve", "recommended", "owner", {"budget_line": None}, "No open call of this programme has a budget line"),
        (
            "approve",
            "recommended",
            "owner",
            {"budget_line": SimpleNamespace(available=Decimal("779.99"))},
            "The budget line has €779.99 left; this voucher needs €780.00",
        ),
        ("approve", "recommended", "owner", {"assessed_by_id": 10 + PEOPLE.index("owner")}, "You assessed this voucher"),
        ("approve", "requested", "owner", {}, "An assessor must recommend this voucher first"),
        ("recommend", "requested", "assessor", {"programme": SimpleNamespace(scheme="light")}, "decides in one step"),
        ("redeem", "issued", "host_coordinator", {"valid_from": TODAY + timedelta(days=2)}, "valid from 3 March 2027"),
        ("redeem", "issued", "host_coordinator", {"valid_until": date(2027, 2, 28)}, "valid until 28 February 2027"),
        ("extend", "issued", "owner", {"extended": True}, "A voucher can be extended only once, and this one already has been"),
        ("extend", "issued", "owner", {"valid_until": date(2027, 2, 28)}, "valid until 28 February 2027"),
        ("extend_claim", "delivered", "owner", {"claim_extended": True}, "has been extended already"),
        ("extend_claim", "lapsed", "owner", {"claim_due_on": None}, "Nothing was confirmed as delivered"),
        ("extend_claim", "lapsed", "owner", {"claim_due_on": date(2027, 1, 29)}, "could be extended until 28 February 2027"),
        ("recommend_against", "requested", "assessor", {"programme": SimpleNamespace(scheme="light")}, "decides in one step"),
        (
            "take_over",
            "issued",
            "guest_coordinator",
            {"holder": SimpleNamespace(name="Ana", active=True, roles_in=lambda id: {"guest"})},
            "Ana still acts for Home",
        ),
        ("expire", "issued", "system", {"valid_until": TODAY}, "The voucher is still valid"),
        ("lapse", "delivered", "system", {"due_on": TODAY}, "There is still time for the claim"),
        ("claim", "delivered", "holder", {"due_on": date(2027, 2, 28)}, "The deadline for the claim has passed"),
        (
            "pay",
            "validated",
            "finance_officer",
            {"validated_by_id": 10 + PEOPLE.index("finance_officer")},
            "You validated this claim. Somebody else must pay it",
        ),
        ("take_back_validation", "validated", "owner", {"payments": [SimpleNamespace(outcome=None)]}, "is in a payment batch"),
        ("came_back", "paid", "finance_officer", {"recovered_amount": Decimal(1)}, "€1.00 was recovered after the payment"),
    ],
)
def test_each_guard_says_why(action: str, state: str, who: str, changes: dict[str, Any], words: str) -> None:
    subject = voucher(state, action, "full", "mobility")
    vars(subject).update(changes)
    with pytest.raises(GuardRefused, match=words):
        WORKFLOW.check(action, subject, person(who))


@pytest.mark.parametrize(
    ("action", "state", "who"),
    [
        ("recommend", "requested", "assessor"),
        ("recommend_against", "requested", "assessor"),
        ("approve", "recommended", "owner"),
        ("validate", "claimed", "owner"),
        ("validate", "claimed", "finance_officer"),
        ("take_back_validation", "validated", "owner"),
        ("reject", "requested", "owner"),
        ("issue", "approved", "owner"),
        ("extend", "issued", "owner"),
        ("extend_claim", "delivered", "owner"),
        ("revoke", "issued", "owner"),
        ("return_claim", "claimed", "finance_officer"),
        ("pay", "validated", "finance_officer"),
        ("came_back", "paid", "finance_officer"),
        ("recover", "paid", "finance_officer"),
    ],
)
@pytest.mark.parametrize("organisation", [HOST, HOME])
def test_whoever_belongs_to_a_side_does_not_decide(action: str, state: str, who: str, organisation: int) -> None:
    insider = person(who)
    insider.ever_in = lambda ids: [held("guest")] if organisation in ids else []
    with pytest.raises(GuardRefused, match="Somebody without an interest must decide"):
        WORKFLOW.check(action, voucher(state, action, "full", "mobility"), insider)


@pytest.mark.parametrize("missing", [{"need": ""}, {"provider_id": None}, {"price": None}])
def test_a_knowledge_voucher_is_described_before_it_is_requested(missing: dict[str, Any]) -> None:
    subject = voucher("draft", "request", "full", "knowledge")
    vars(subject).update(missing)
    with pytest.raises(GuardRefused, match="Describe your need, choose the provider and enter the agreed price first"):
        WORKFLOW.check("request", subject, person("holder"))


@pytest.mark.parametrize(
    ("action", "state", "words"),
    [
        ("confirm_delivery", "redeemed", "a provider never confirms its own delivery"),
        ("redeem", "issued", "A colleague at Akademija must do this"),
    ],
)
def test_whoever_holds_a_knowledge_voucher_is_not_its_provider(action: str, state: str, words: str) -> None:
    both = person("provider")
    both.id = 10 + PEOPLE.index("holder")
    both.roles_in = lambda id: {HOME: {"guest"}, PROVIDER: {"provider"}}.get(id, set())  # holders act with a role at home only
    with pytest.raises(GuardRefused, match=words):
        WORKFLOW.check(action, voucher(state, action, "full", "knowledge"), both)


def test_another_s_action_is_refused_before_anything_is_told_of_the_state() -> None:
    with pytest.raises(NotAllowed) as refusal:
        WORKFLOW.check("approve", voucher("draft", "approve", "full", "mobility"), person("host"))
    assert isinstance(refusal.value, Refusal)
    assert refusal.value.message == "Only the programme owner can do this: approve."
