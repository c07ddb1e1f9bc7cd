"""Who talks with whom about what (docs/decisions/0034-talking.md). It has no states: only who may read and write."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mobility.applications.workflow import PARTS as OF_APPLICATION
from mobility.exchanges.guards import PARTS as OF_EXCHANGE
from mobility.people.parts import acts_for, host_side, person
from mobility.vouchers.guards import PARTS as OF_VOUCHER
from mobility.workflows.parts import Actor, Part

GUEST_SIDE, HOST_SIDE, PROVIDER_SIDE, PROGRAMME_SIDE = "guest", "host", "provider", "programme"
QUESTION = "question"


@dataclass(frozen=True)
class Talk:
    """`parts` are those of its subject, `sides` the actors on each side, whoever is told first of each standing first; `also` may
    read. What is not named here neither reads nor writes."""

    parts: tuple[Part, ...]
    sides: Mapping[str, tuple[Actor, ...]]
    also: tuple[Actor, ...] = ()

    @property
    def readers(self) -> tuple[Actor, ...]:
        return tuple(actor for actors in self.sides.values() for actor in actors) + self.also

    def side_of(self, actors: Collection[Actor]) -> str | None:
        """For which side somebody speaks who plays these parts."""
        return next((side for side, speaking in self.sides.items() if not set(speaking).isdisjoint(actors)), None)


TRAVELLING = {GUEST_SIDE: (Actor.GUEST, Actor.GUEST_COORDINATOR), HOST_SIDE: (Actor.HOST_COORDINATOR, Actor.HOST)}
ABOUT_MONEY = {
    GUEST_SIDE: (Actor.HOLDER, Actor.GUEST_COORDINATOR),
    PROVIDER_SIDE: (Actor.PROVIDER,),
    PROGRAMME_SIDE: (Actor.OWNER, Actor.ASSESSOR, Actor.FINANCE_OFFICER),
}
ASKING = (person(Actor.GUEST, "guest", acts_for=acts_for("guest_organisation")), *host_side("theme.host"))
TALKS = {
    QUESTION: Talk(ASKING, {GUEST_SIDE: (Actor.GUEST,), HOST_SIDE: (Actor.HOST_COORDINATOR, Actor.HOST)}),
    "application": Talk(OF_APPLICATION, TRAVELLING),
    "exchange": Talk(OF_EXCHANGE, TRAVELLING),
    "voucher": Talk(OF_VOUCHER, ABOUT_MONEY, also=(Actor.AUDITOR,)),
}
