"""Who met whom: levels, countries, first-time pairs; and what flowed from where to where. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mobility.outcomes.facts import EXCHANGE, Case, Exchange, Key, Organisation
from mobility.outcomes.figures import Definition, Finding, Form, share
from mobility.outcomes.scope import Scope
from mobility.outcomes.tables import Table
from mobility.people.roles import Level, OrganisationKind

HOST_LEVELS = {
    OrganisationKind.PUBLIC_AUTHORITY: Level.POLICY_MAKER,
    OrganisationKind.CLUSTER_ORGANISATION: Level.CLUSTER_MANAGER,
    OrganisationKind.SUPPORT_ORGANISATION: Level.CLUSTER_MANAGER,
    OrganisationKind.CLUSTER_MEMBER: Level.CLUSTER_MEMBER,
}
"""Providers sell and do not host: none."""
MIXED = {Level.CLUSTER_MANAGER, Level.POLICY_MAKER}


def _case(exchange: Exchange) -> Case:
    return Case(EXCHANGE, exchange.key)


def _cases(exchanges: Iterable[Exchange]) -> frozenset[Case]:
    return frozenset(map(_case, exchanges))


def _organisation(scope: Scope, key: Key) -> Organisation:
    return scope.facts.organisations[key]


# Levels


def _host_level(scope: Scope, exchange: Exchange) -> Level | None:
    return HOST_LEVELS.get(_organisation(scope, exchange.host).kind)


def _guest_levels(exchange: Exchange) -> set[Level]:
    return {each.level for each in exchange.delegates if each.attended}


def _is_mixed(scope: Scope, exchange: Exchange) -> bool:
    return _guest_levels(exchange) | {_host_level(scope, exchange)} >= MIXED


def mixed(scope: Scope) -> Finding:
    return share((_case(each), _is_mixed(scope, each)) for each in scope.completed)


def levels(scope: Scope) -> Table:
    """Levels of the delegates who attended to the host's: once for each level, so an exchange may be in several cells."""
    cells = defaultdict(set)
    for exchange in scope.completed:
        host = _host_level(scope, exchange)
        for guest in _guest_levels(exchange) if host else ():
            cells[str(guest), str(host)].add(_case(exchange))
    return Table.of("levels", cells, n=len(scope.completed), rows=map(str, Level), columns=map(str, Level))


# Countries


def countries(scope: Scope) -> Table:
    """The guest's country to the host's, of completed exchanges."""
    cells = defaultdict(set)
    for each in scope.completed:
        cells[_organisation(scope, each.guest).country, _organisation(scope, each.host).country].add(_case(each))
    return Table.of("countries", cells, n=len(scope.completed))


# First-time pairs


def _pair(exchange: Exchange) -> frozenset[Key]:
    return frozenset((exchange.guest, exchange.host))


def first_time_pairs(scope: Scope) -> Finding:
    earliest: dict[frozenset[Key], date] = {}
    for each in scope.facts.exchanges:  # in any call and without one
        if each.completed:
            earliest[_pair(each)] = min(each.first_day, earliest.get(_pair(each), each.first_day))
    return share((_case(each), each.first_day <= earliest[_pair(each)]) for each in scope.completed)


MEETINGS = (
    Definition(
        key="levels.mixed",
        name="Managers and policy makers met",
        says="Completed exchanges where both managers and policy makers were among the delegates who attended and the host (a "
        "public authority: policy maker; a cluster or support organisation: manager; a member: member).",
        form=Form.PERCENT,
        find=mixed,
    ),
    Definition(
        key="first_time_pairs",
        name="First-time pairs",
        says="Completed exchanges whose two organisations had no earlier completed exchange, in either direction, in any call "
        "or without one.",
        form=Form.PERCENT,
        find=first_time_pairs,
    ),
)


# Knowledge flow: host to guest, the way that knowledge goes


@dataclass(frozen=True)
class Flow:
    """What one place learned from another: how many completed exchanges, and their themes with how many each."""

    learner: str
    teacher: str
    cases: frozenset[Case]
    themes: tuple[tuple[str, int], ...]


def knowledge_flow(scope: Scope, *, by_region: bool = False) -> list[Flow]:
    """Who learned what from whom; the strongest flows first. For the owner alone: its cells may rest on one exchange."""
    exchanges: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for each in scope.completed:
        learner, teacher = _organisation(scope, each.guest), _organisation(scope, each.host)
        exchanges[_place(learner, by_region), _place(teacher, by_region)].append(each)
    flows = (Flow(*places, _cases(found), tuple(_themes(found))) for places, found in exchanges.items())
    return sorted(flows, key=lambda flow: (-len(flow.cases), flow.learner, flow.teacher))


def _place(organisation: Organisation, by_region: bool) -> str:
    return f"{organisation.country} {organisation.region}".strip() if by_region else organisation.country


def _themes(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, int]]:
    counts: dict[str, int] = defaultdict(int)
    for each in exchanges:
        counts[each.theme] += 1
    yield from sorted(counts.items(), key=lambda item: (-item[1], item[0]))
