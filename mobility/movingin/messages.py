"""The mail about exchanges that were moved in: one to each person, whatever number of exchanges."""

from collections import defaultdict
from collections.abc import Sequence

from mobility.core.links import path_of
from mobility.exchanges.models import Exchange
from mobility.notifications.operations import post
from mobility.people.models import User
from mobility.people.queries import people_in
from mobility.people.roles import Role

MOST_NAMED = 20


def exchanges_moved_in(exchanges: Sequence[Exchange], by: User) -> None:
    """To the guests, and to the coordinators of both sides: their running exchanges are here from now on."""
    of_person: dict[User, list[Exchange]] = defaultdict(list)
    places = {id for each in exchanges for id in (each.host_id, each.guest_organisation_id)}
    coordinators = {id: people_in(id, Role.COORDINATOR) for id in sorted(places)}
    for each in exchanges:
        sides = [*coordinators[each.host_id], *coordinators[each.guest_organisation_id]]
        for person in dict.fromkeys([each.guest, *sides]):
            of_person[person].append(each)
    for person, theirs in of_person.items():
        if person.id != by.id and person.active:
            first, named = theirs[0], theirs[:MOST_NAMED]
            path = path_of("exchanges.index")
            post("exchanges_moved_in", [person], about=first, path=path, exchange=first, named=named, count=len(theirs), by=by)
