"""A workflow is declared once: who may do what, from which state to which, only if; and what each state waits for.

Each feature's `workflow.py` holds one `Workflow`. Nothing but `Workflow.apply` sets a state. The task page, the buttons, the
reminders, the tests and docs/workflows.md read the same table. Pure: knows neither the database nor the web.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mobility.core import clock
from mobility.core.errors import GuardRefused, NotAllowed, WrongState
from mobility.workflows.parts import Actor, Part, acting_on, actors_on
from mobility.workflows.table import SYSTEM, Available, By, Done, Owed, Promise, State, Transition, Unpromised

PROGRAMME_PEOPLE = frozenset({Actor.OWNER, Actor.ASSESSOR, Actor.FINANCE_OFFICER, Actor.AUDITOR})
CREATED = {"create": "Created", "move_in": "Moved in", "move_out": "Moved out again"}  # how a history begins, or is undone


@dataclass(frozen=True)
class Workflow:
    """The table of one kind of object, and the parts that people play towards it.

    `also_told` are the acts beside the table that stand in the history, and what they are called there. In the journey an
    object `follows` another and `leads_to` one (the relationships' names, which are the workflows'); `step` is the label of a
    step that shows nothing but this object. `plural` is for names whose plural is not made with an s. What has begun elsewhere
    `arrives_in` one of these states (movingin/), and `leaves_to` another if that was a mistake.
    """

    name: str
    label: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    parts: tuple[Part, ...]
    promises: tuple[Promise, ...] = ()
    unpromised: tuple[Unpromised, ...] = ()
    also_told: Mapping[str, str] = field(default_factory=dict)
    follows: str = ""
    leads_to: str = ""
    step: str = ""
    plural: str = ""
    arrives_in: frozenset[str] = frozenset()
    leaves_to: str = ""
    _states: Mapping[str, State] = field(init=False, repr=False, compare=False)
    _actions: Mapping[str, Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_states", {state.name: state for state in self.states})
        object.__setattr__(self, "_actions", {transition.action: transition for transition in self.transitions})

    @property
    def things(self) -> str:
        """Several of them: what their addresses begin with, and the blueprint of their pages."""
        return self.plural or f"{self.name}s"

    def state(self, name: str) -> State:
        return self._states[name]

    def transition(self, action: str) -> Transition:
        return self._actions[action]

    def told(self, action: str, acted_as: str = "") -> str:
        """What happened, for the history: "Approved". An act from before, which no table has any more, keeps its name."""
        if transition := self._actions.get(action):
            return transition.told(acted_as)
        return {**CREATED, **self.also_told}.get(action) or action.replace("_", " ").capitalize()

    def promise(self, name: str) -> Promise:
        return next(promise for promise in self.promises if promise.name == name)

    def promise_for(self, subject: Any) -> Promise | None:
        """The promise under which the subject now waits for somebody."""
        for promise in self.promises:
            if subject.state in promise.states and promise.applies(subject):
                return promise
        return None

    def part(self, actor: Actor) -> Part:
        return next(part for part in self.parts if part.actor == actor)

    def actors_on(self, person: Any, subject: Any) -> frozenset[Actor]:
        """The parts that a person plays towards a subject."""
        return actors_on(self.parts, person, subject)

    def owed(self, subject: Any) -> Owed | None:
        """What is owed now. Of what was decided nothing is, though it may still wait to be issued."""
        promise = self.promise(subject.waiting_for) if subject.waiting_for else None
        if promise is None or promise.kept_on(subject, clock.today(subject.timezone)):
            return None
        return Owed(promise, subject.waiting_since, subject.due_on)

    def waits_for(self, person: Any, subject: Any) -> bool:
        """Whether a promise waits for this person: they owe it, and nothing stands against their doing it themselves."""
        promise = self.promise(subject.waiting_for)
        owes = self.acting_on(person, subject).intersection(promise.owing(subject))
        return bool(owes) and promise.is_for(subject, person)

    def parts_of(self, by: By, subject: Any) -> frozenset[Actor]:
        return frozenset({Actor.SYSTEM}) if by is SYSTEM else self.actors_on(by, subject)

    def acting_on(self, by: By, subject: Any) -> frozenset[Actor]:
        """The parts in which `by` may act now: whoever has left the organisation they acted for sees, and acts no longer."""
        return frozenset({Actor.SYSTEM}) if by is SYSTEM else acting_on(self.parts, by, subject)

    def plays(self, actor: Actor, by: By, subject: Any) -> bool:
        """Whether `by` has this part."""
        if by is SYSTEM:
            return actor == Actor.SYSTEM
        return any(part.played_by(by, subject) for part in self.parts if part.actor == actor)

    def acts(self, actor: Actor, by: By, subject: Any) -> bool:
        """Whether `by` has this part, and may act in it now."""
        return by is SYSTEM or any(part.acted_by(by, subject) for part in self.parts if part.actor == actor)

    def may_see(self, person: Any, subject: Any) -> bool:
        """Whoever has any part."""
        return any(part.played_by(person, subject) for part in self.parts)

    def may_read_note(self, person: Any, action: str, subject: Any) -> bool:
        """The note of an act is everybody's who sees the history, unless the table keeps it within the programme."""
        transition = self._actions.get(action)
        if transition is None or not transition.within_programme:
            return True
        return bool(self.actors_on(person, subject) & PROGRAMME_PEOPLE)

    def available(self, subject: Any, by: By) -> list[Available]:
        """What this person can do now, in the table's order; a guard's reason stands with what must wait."""
        parts = self.parts_of(by, subject)
        return [
            Available(transition, self._refusal(transition, subject, by))
            for transition in self.transitions
            if subject.state in transition.from_ and parts.intersection(transition.actors) and not transition.moot(subject, by)
        ]

    def check(self, action: str, subject: Any, by: By, through: Done | None = None) -> tuple[Transition, Actor]:
        """The transition and the part under which `by` may take it.

        Raises NotAllowed (another's action), WrongState, GuardRefused: in this order, so nobody learns more than they may.
        """
        transition = self.transition(action)
        part = self._part(transition, subject, by, through)
        if subject.state not in transition.from_:
            raise WrongState(
                f"“{transition.button}” is not possible: this {self.label} is {self.state(subject.state).label.lower()}.",
                subject,
            )
        if through is None and (reason := self._refusal(transition, subject, by)):
            raise GuardRefused(reason)
        return transition, part

    def _part(self, transition: Transition, subject: Any, by: By, through: Done | None) -> Actor:
        if through is not None:
            if through.action not in transition.through:
                raise ValueError(f"{transition.action} does not follow from {through.action}")
            return through.acted_as
        played = [actor for actor in transition.actors if self.plays(actor, by, subject)]
        acting = (actor for actor in played if not transition.kept and self.acts(actor, by, subject))
        for actor in (*acting, *played):
            return actor
        raise NotAllowed(f"Only the {_either(transition.actors)} can do this: {transition.button.lower()}.")

    def _refusal(self, transition: Transition, subject: Any, by: By) -> str | None:
        """Why somebody who has the part cannot do it: they have left, or a guard stands against it."""
        return (None if transition.kept else self.left(by, subject, transition.actors)) or transition.refusal(subject, by)

    def left(self, by: By, subject: Any, actors: Collection[Actor]) -> str | None:
        """Of somebody who is one of `actors` only as a person who has left: who goes on."""
        if any(self.acts(actor, by, subject) for actor in actors):
            return None
        played = (part for part in self.parts if part.actor in actors and part.played_by(by, subject))
        return next((part.acts_for.refusal(by, subject) for part in played if part.acts_for), None)

    def apply(
        self,
        action: str,
        subject: Any,
        *,
        by: By,
        note: str = "",
        through: Done | None = None,
        change: Callable[[], None] | None = None,
    ) -> Done:
        """Check, set the state, start the clock of what it waits for, and write history and promise records. Raises as `check`.

        `change` is done between the check and the new state, where these two look at what it changes (a signature).
        """
        transition, part = self.check(action, subject, by, through)
        owed = self.owed(subject)
        if change:
            change()
        before = subject.state
        target = transition.to
        subject.state = target(subject) if callable(target) else (target or before)
        self._start_clock(subject, restarts=transition.restarts)
        subject.record(action, by=by, acted_as=part, from_state=before, to_state=subject.state, note=note)
        self._settle(subject, owed)
        return Done(action, part, by, note)

    def enter(self, subject: Any, *, by: By, acted_as: Actor, note: str = "", state: str = "") -> None:
        """A new, stored object in its first state, or in `state` where it can begin in several: starts the clock of what it waits
        for, and opens the history."""
        if state:
            subject.state = self.state(state).name
        self._start_clock(subject, restarts=True)
        subject.record("create", by=by, acted_as=acted_as, from_state="", to_state=subject.state, note=note)
        self._settle(subject, None)

    def move_in(self, subject: Any, *, by: By, acted_as: Actor, state: str, note: str) -> None:
        """A new, stored object that has begun elsewhere, in one of the states that the table has for that. What it waits for is
        due from now on: a day that is over was owed to somebody else."""
        if state not in self.arrives_in:
            raise ValueError(f"Nothing of this kind arrives as {state}")
        subject.state = state
        self._start_clock(subject, restarts=True)
        today = clock.today(subject.timezone)
        if subject.due_on and subject.due_on < today:
            subject.due_on += today - subject.waiting_since
            subject.waiting_since = today
        subject.record("move_in", by=by, acted_as=acted_as, from_state="", to_state=state, note=note)
        self._settle(subject, None)

    def move_out(self, subject: Any, *, by: By, acted_as: Actor, note: str) -> None:
        """It was moved in by mistake, and nothing rests on it. Raises WrongState if it has gone on since."""
        if subject.state not in self.arrives_in:
            raise WrongState(f"This {self.label} has gone on since it was moved in.", subject)
        owed, before = self.owed(subject), subject.state
        subject.state = self.leaves_to
        self._start_clock(subject, restarts=False)
        subject.record("move_out", by=by, acted_as=acted_as, from_state=before, to_state=subject.state, note=note)
        self._settle(subject, owed)

    def move_deadline(self, subject: Any, due_on: date) -> None:
        """What it waits for is due on another day, as something else has moved: the record of the promise follows."""
        owed = self.owed(subject)
        subject.due_on = due_on
        self._settle(subject, owed)

    def _start_clock(self, subject: Any, *, restarts: bool) -> None:
        promise = self.promise_for(subject)
        name = promise.name if promise else None
        if name == subject.waiting_for and not restarts:
            return
        subject.waiting_for = name
        today = clock.today(subject.timezone)
        subject.waiting_since, subject.due_on = promise.period(subject, today) if promise else (None, None)

    def _settle(self, subject: Any, before: Owed | None) -> None:
        """Ends the record of what was owed before this act, and begins that of what is owed now, unless they are the same."""
        now = self.owed(subject)
        if now == before:
            return
        if before:
            subject.end_promise(before, before.promise.kept_on(subject, clock.today(subject.timezone)))
        if now:
            subject.begin_promise(now)


def _either(actors: Iterable[Actor]) -> str:
    return " or the ".join(actor.value for actor in actors)
