"""Figures of what people answered: whether they did, what came of an exchange, what is in use. Pure."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from mobility.outcomes.facts import EXCHANGE, Case, Key, Request, TakeOver
from mobility.outcomes.figures import Definition, Finding, Form, middle, share
from mobility.outcomes.process import money, paid_for
from mobility.outcomes.scope import ANSWERED, MISSED, NOT_DELIVERED, Scope

QUESTIONNAIRES = {
    "before": "before the exchange, guests",
    "end_guest": "end, guests",
    "end_delegate": "end, other delegates",
    "end_host": "end, hosts",
    "month_3": "3 months, guests",
    "month_6": "6 months, guests",
    "month_6_host": "6 months, hosts",
    "month_12": "12 months, guests",
    "month_12_host": "12 months, hosts",
    "manager": "guests' managers",
    "delivery": "delivery, holders",
    "applied": "6 months after delivery, holders",
}


# Response


def _response(questionnaire: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        known = (each for each in scope.requests.get(questionnaire, ()) if each.state in {ANSWERED, MISSED})
        return share((each.about, each.state == ANSWERED) for each in known)

    return find


def _not_delivered(questionnaire: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        requests = scope.requests.get(questionnaire, ())
        lost = [each for each in requests if each.state == NOT_DELIVERED]
        return Finding(len(lost), len(requests), frozenset(each.about for each in lost))

    return find


RESPONSE = tuple(
    Definition(
        key=f"response.{key}",
        name=f"Response rate: {name}",
        says="Requests answered, of those answered or missed, whatever became of the exchange. A request that is still open, "
        "was called off or was not delivered counts on neither side.",
        form=Form.PERCENT,
        find=_response(key),
    )
    for key, name in QUESTIONNAIRES.items()
)
NOT_DELIVERED_COUNTS = tuple(
    Definition(
        key=f"not_delivered.{key}",
        name=f"Not delivered: {name}",
        says="Requests whose mail came back; based on all requests.",
        form=Form.COUNT,
        find=_not_delivered(key),
    )
    for key, name in QUESTIONNAIRES.items()
)


# Objectives, benefits, practice


def _objectives(wanted: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        answered = scope.given("end_guest", "met")
        return share((case, line == wanted) for case, lines in answered.items() for line in lines.values())

    return find


def win_win(scope: Scope) -> Finding:
    guests, hosts = scope.given("end_guest", "benefit"), scope.given("end_host", "benefit")
    both = (case for each in scope.completed if (case := Case(EXCHANGE, each.key)) in guests and case in hosts)
    return share((each, guests[each] == hosts[each] == "yes") for each in both)


def _practice_changes(scope: Scope) -> list[tuple[Case, int]]:
    """(exchange, practice at 12 months less before) of each objective where both were answered."""
    before, after = scope.given("before", "practice"), scope.given("month_12", "practice")
    both = ((case, before[case], after[case]) for case in after if case in before)
    return [(case, new[key] - old[key]) for case, old, new in both for key in new if key in old]


def change_in_practice(scope: Scope) -> Finding:
    changes = _practice_changes(scope)
    total = sum(change for _, change in changes)
    return Finding(Fraction(total, len(changes)) if changes else None, len(changes), frozenset(case for case, _ in changes))


def _practice_went(direction: Callable[[int], bool]) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        return share((case, direction(change)) for case, change in _practice_changes(scope))

    return find


PRACTICE = (("before", "practice"), ("month_12", "practice"))
OUTCOMES = (
    *(
        Definition(
            key=f"objectives_met.{answer}",
            name=f"Objectives met: {answer}",
            says=f"Objectives of agreements that guests answered with “{answer}” at the end, of those answered.",
            form=Form.PERCENT,
            find=_objectives(answer),
            rests_on=(("end_guest", "met"),),
        )
        for answer in ("yes", "partly", "no")
    ),
    Definition(
        key="win_win",
        name="Win-win rate",
        says="Completed exchanges where guest and host both say that their benefit came true, of those where both answered.",
        form=Form.PERCENT,
        find=win_win,
        rests_on=(("end_guest", "benefit"), ("end_host", "benefit")),
    ),
    Definition(
        key="change_in_practice",
        name="Change in practice",
        says="Practice at 12 months less practice before (0: we do not do it, to 4: as a matter of course): the mean over all "
        "objectives where both were answered.",
        form=Form.MEAN,
        find=change_in_practice,
        rests_on=PRACTICE,
    ),
    *(
        Definition(
            key=f"change_in_practice.{key}",
            name=f"Change in practice: {key}",
            says=f"Objectives whose practice at 12 months is {words} before, of those where both were answered.",
            form=Form.PERCENT,
            find=_practice_went(direction),
            rests_on=PRACTICE,
        )
        for key, words, direction in (
            ("up", "higher than", lambda change: change > 0),
            ("same", "the same as", lambda change: change == 0),
            ("down", "lower than", lambda change: change < 0),
        )
    ),
)


# Take-overs


def _take_overs(state: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        of_state = scope.take_overs_by_state.get(state, [])
        n = sum(map(len, scope.take_overs_by_state.values()))
        return Finding(len(of_state), n, frozenset(Case(EXCHANGE, each.exchange) for each in of_state))

    return find


def _year_over(scope: Scope) -> dict[Key, date]:
    """Exchanges whose 12-month answer is in or over: the day it came in or, without one, was due."""
    days = {}
    for request in scope.requests.get("month_12", ()):
        sending = scope.sendings.get(request.key)
        if request.state == ANSWERED and sending is not None:
            days[request.about.key] = sending.sent_on
        elif _is_over(request, scope.as_of):
            days[request.about.key] = request.due_on
    return days


def _is_over(request: Request, as_of: date) -> bool:
    """Missed, not delivered, or past its due day; the due day itself is not over."""
    return request.state in {MISSED, NOT_DELIVERED} or (request.state == "asked" and request.due_on < as_of)


def _confirmed(scope: Scope) -> set[Any]:
    """The take-overs of which the manager says "in use" when asked with the 12-month questionnaire."""
    asked = ((sending, request) for request, sending in scope.answered("manager") if request.occasion == "month_12")
    return {key for sending, _ in asked for key, answer in sending.answers.items() if answer == "in_use"}


def _after_a_year(scope: Scope) -> tuple[list[TakeOver], list[TakeOver], dict[Key, date]]:
    """The take-overs in use and confirmed after a year, all of those exchanges, and the exchanges."""
    days, confirmed = _year_over(scope), _confirmed(scope)
    of_them = [each for each in scope.take_overs if each.exchange in days]
    used = [each for each in of_them if each.key in confirmed and each.state_on(days[each.exchange]) == "in_use"]
    return used, of_them, days


def in_use_after_a_year(scope: Scope) -> Finding:
    used, of_them, _ = _after_a_year(scope)
    keys = {each.key for each in used}
    return share((Case(EXCHANGE, each.exchange), each.key in keys) for each in of_them)


def cost_of_a_take_over(scope: Scope) -> Finding:
    used, _, exchanges = _after_a_year(scope)
    paid = paid_for(scope, exchanges)
    value = money(scope, paid) / len(used) if used else None
    return Finding(value, len(used), frozenset(Case(EXCHANGE, key) for key in exchanges), paid)


AFTER_A_YEAR = (("month_12", ""), ("manager", ""))
TAKE_OVERS = (
    *(
        Definition(
            key=f"take_overs.{state}",
            name=f"Take-overs {words}",
            says=f"Take-overs that are {words} today; based on all of them.",
            form=Form.COUNT,
            find=_take_overs(state),
            adds_up="take_overs",
            is_said=True,
        )
        for state, words in (("planned", "planned"), ("started", "started"), ("in_use", "in use"), ("dropped", "dropped"))
    ),
    Definition(
        key="take_overs.in_use_after_a_year",
        name="Take-overs in use after a year",
        says="Take-overs that were in use on the day of the 12-month answer (without one: on its due day) and that the guest's "
        "manager confirmed as in use when asked for the second time, of all take-overs of exchanges "
        "whose 12-month answer is in or over.",
        form=Form.PERCENT,
        find=in_use_after_a_year,
        rests_on=AFTER_A_YEAR,
    ),
    Definition(
        key="cost.of_a_take_over",
        name="Cost of a take-over",
        says="What was paid for the vouchers of exchanges whose 12-month answer is in or over, less what was recovered, for "
        "each of their take-overs in use after a year and confirmed.",
        form=Form.MONEY,
        find=cost_of_a_take_over,
        rests_on=AFTER_A_YEAR,
    ),
)


# Additionality


def _anyway(questionnaire: str, wanted: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        return share((case, answer == wanted) for case, answer in scope.given(questionnaire, "anyway").items())

    return find


ADDITIONALITY = tuple(
    Definition(
        key=f"additionality.{side}{key}",
        name=f"Without the grant {words}, say {side}",
        says=f"Answers of {side} that it would have happened {words} without the grant, of those answered.",
        form=Form.PERCENT,
        find=_anyway(questionnaire, answer),
        rests_on=((questionnaire, "anyway"),),
    )
    for side, questionnaire in (("guests", "month_12"), ("hosts", "month_12_host"), ("holders", "applied"))
    for key, answer, words in (("", "not_at_all", "not at all"), ("_later", "later", "later"), ("_smaller", "smaller", "smaller"))
)


# Sums


def _sum(item: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        answers = scope.given("month_12", item)
        return Finding(sum(answers.values()) if answers else None, len(answers), frozenset(answers))

    return find


def _middle_of(questionnaire: str, item: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        answers = scope.given(questionnaire, item)
        return Finding(middle(answers.values()), len(answers), frozenset(answers))

    return find


def _changes(kind: str) -> Callable[[Scope], Finding]:
    def find(scope: Scope) -> Finding:
        given = [scope.given(questionnaire, "changes") for questionnaire in ("month_6", "month_6_host", "applied")]
        lists = [rows for answers in given for rows in answers.values()]
        total = sum(rows.count(kind) for rows in lists)
        return Finding(total if lists else None, len(lists), frozenset(case for answers in given for case in answers))

    return find


def _joint(kind: str) -> Callable[[Scope], Finding]:
    """Of each exchange the larger of what both sides say."""

    def find(scope: Scope) -> Finding:
        most: dict[Case, int] = {}
        for questionnaire in ("month_6", "month_6_host"):
            for case, works in scope.given(questionnaire, "joint").items():
                if works.get(kind) is not None:
                    most[case] = max(most.get(case, 0), works[kind])
        return Finding(sum(most.values()) if most else None, len(most), frozenset(most))

    return find


CHANGES = (("service", "services"), ("tool", "tools"), ("procedure", "procedures"), ("policy_instrument", "policy instruments"))
SUMS = (
    Definition(
        key="sums.members_served",
        name="Members served",
        says="Members that guests say they have served with what they learned, in all; based on those who answered.",
        form=Form.SUM,
        find=_sum("members_served"),
        rests_on=(("month_12", "members_served"),),
    ),
    Definition(
        key="sums.leveraged",
        name="Money leveraged",
        says="Money that guests say they have won with what they learned, in all; based on those who answered, also with a zero.",
        form=Form.MONEY,
        find=_sum("leveraged"),
        rests_on=(("month_12", "leveraged"),),
    ),
    Definition(
        key="sums.leveraged_median",
        name="Money leveraged: median",
        says="The median of what guests say they have won: half of them won no more.",
        form=Form.MONEY,
        find=_middle_of("month_12", "leveraged"),
        rests_on=(("month_12", "leveraged"),),
    ),
    *(
        Definition(
            key=f"sums.changes.{kind}",
            name=f"New {words}",
            says=f"New or changed {words} that guests, hosts and holders name, added up; based on all who answered, also “none”.",
            form=Form.SUM,
            find=_changes(kind),
            rests_on=(("month_6", "changes"), ("month_6_host", "changes")),
            with_those_of=(("applied", "changes"),),
        )
        for kind, words in CHANGES
    ),
    *(
        Definition(
            key=f"sums.joint.{kind}",
            name=name,
            says="Of each exchange the larger of what guest and host say at 6 months, added up; based on exchanges.",
            form=Form.SUM,
            find=_joint(kind),
            rests_on=(("month_6", "joint"), ("month_6_host", "joint")),
        )
        for kind, name in (
            ("project", "Joint projects"),
            ("proposal", "Joint proposals"),
            ("introduction", "Members introduced to each other"),
        )
    ),
    *(
        Definition(
            key=f"hours.{side}",
            name=f"Hours of administration, {side}",
            says=f"The median of the hours that {side} say the administration of their exchange took them.",
            form=Form.MEDIAN,
            find=_middle_of(questionnaire, "hours"),
            rests_on=((questionnaire, "hours"),),
        )
        for side, questionnaire in (("guests", "end_guest"), ("hosts", "end_host"))
    ),
)
