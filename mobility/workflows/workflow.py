"""A workflow is declared once: who may do what, from which state to which, only if; and what each state waits for.

Each feature's `workflow.py` holds one `Workflow`. Nothing but `Workflow.apply` sets a state. The task page, the buttons, the
reminders, the tests and docs/workflows.md read the same table. Pure: knows neither the database nor the web.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

from mobility.core import clock
from mobility.core.errors import GuardRefused, NotAllowed, WrongState
from mobility.workflows.parts import Actor, Part, actors_on


class By(Protocol):
    """Whoever acts: a person with an account, or the system."""

    @property
    def id(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    def roles_in(self, organisation_id: int | None) -> set[str]: ...

    def roles_in_programme(self, programme_id: int | None) -> set[str]: ...


class System:
    """The actor of scheduled jobs: has no account, and no role anywhere."""

    id = None
    name = "Mobility"

    def roles_in(self, organisation_id: int | None) -> set[str]:
        return set()

    def roles_in_programme(self, programme_id: int | None) -> set[str]:
        return set()

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM = System()
PROGRAMME_PEOPLE = frozenset({Actor.OWNER, Actor.ASSESSOR, Actor.FINANCE_OFFICER, Actor.AUDITOR})
CREATED = {"create": "Created"}  # how every history begins

Guard = Callable[[Any, By], str | None]  # (subject, by): the reason to refuse, or nothing


@dataclass(frozen=True)
class State:
    """A state and how it looks: `kind` is open (somebody must act), done or stopped."""

    name: str
    label: str
    kind: str = "open"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the table: whose act (`by`) leads `from_` these states `to` which. `to` None: the state stays; a callable
    decides after the operation's change.

    `button` stands on the button, `past` in the history: "Approve", "Approved". `past_by_system` is what happened where the
    system did it and that is another word.
    `only_if` are guards, asked in this order. `through` names acts of other workflows that carry this one with them (one act,
    one click). `restarts` lets the promise of the state start again. `carried(subject)`: an act of another object does it, so
    it has no page of its own. `choice` is what the first page calls it where one could also say no, or ask: its button leads to
    the object's page, where all that one can do stands together. `within_programme`: its note is for the programme's people.
    """

    action: str = field(kw_only=False)
    from_: AbstractSet[str]
    to: str | Callable[[Any], str] | None
    by: Actor | tuple[Actor, ...]
    button: str
    past: str
    only_if: Sequence[Guard] = ()
    through: AbstractSet[str] = frozenset()
    restarts: bool = False
    tone: str = "primary"
    hint: str = ""
    carried: Callable[[Any], bool] = lambda subject: False
    choice: str = ""
    past_by_system: str = ""
    within_programme: bool = False

    @property
    def actors(self) -> tuple[Actor, ...]:
        return (self.by,) if isinstance(self.by, Actor) else self.by

    def refusal(self, subject: Any, by: By, *, aside: Guard | None = None) -> str | None:
        """Why it cannot be: the first guard's reason counts. `aside` is a guard not to ask."""
        return next((reason for guard in self.only_if if guard is not aside and (reason := guard(subject, by))), None)

    def told(self, acted_as: str) -> str:
        """What happened, for the history."""
        return self.past_by_system if self.past_by_system and acted_as == Actor.SYSTEM else self.past


@dataclass(frozen=True)
class Reminder:
    """When to remind: `before` days ahead of the deadline, or `after` days from the start (`working`: working days)."""

    before: int | None = None
    after: int | None = None
    working: bool = False


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A deadline somebody owes somebody (workflows.md, service promises).

    `period(subject, today)` gives the day the clock starts and the last day on which the promise is kept.
    `owed_by` are asked and reminded, less those in `kept_by(subject)`, who have acted or whose turn it is not;
    `also_reminded` only get the mail.
    `then` is an action of the system after the deadline, with `afterwards` as its words, or "escalate" to `escalates_to`.

    The words: `asks` and `button` on the first page, `asks_others` there when it waits for another; `reminds` in a mail to those
    who owe it, `reminds_others` in the eyes of others, with {names} from the subject's `sides`. `listed(subject)`: the first
    page shows it.
    `not_for` are the action's guards that stand against one person for good: it is somebody else's turn then.
    `kept_on(subject, today)` is the day on which it was kept, or None: asked of what the subject has become today. It may be
    kept and still wait for a last step. `answers_for_it`, if not all who owe it: whose record it is.
    """

    name: str = field(kw_only=False)
    states: AbstractSet[str]
    owed_by: tuple[Actor, ...]
    action: str | Callable[[Any], str]
    asks: str | Callable[[Any], str]
    button: str | Callable[[Any], str] = ""
    asks_others: str = ""
    reminds: str = ""
    reminds_others: str = ""
    period: Callable[[Any, date], tuple[date, date]]
    reminders: tuple[Reminder, ...] = ()
    then: str
    afterwards: str = ""
    kept_on: Callable[[Any, date], date | None]
    answers_for_it: tuple[Actor, ...] = ()
    escalates_to: tuple[Actor, ...] = ()
    also_reminded: tuple[Actor, ...] = ()
    kept_by: Callable[[Any], frozenset[Actor]] = lambda subject: frozenset()
    applies: Callable[[Any], bool] = lambda subject: True
    listed: Callable[[Any], bool] = lambda subject: True
    not_for: Sequence[Guard] = ()

    def owing(self, subject: Any) -> tuple[Actor, ...]:
        """The actors who have yet to act."""
        kept = self.kept_by(subject)
        return tuple(actor for actor in self.owed_by if actor not in kept)

    def action_for(self, subject: Any) -> str:
        """The action that is asked for now."""
        return _for(subject, self.action)

    def title_for(self, subject: Any, *, mine: bool) -> str:
        """What the first page says is to be done."""
        return (not mine and self.asks_others) or _for(subject, self.asks)

    def button_for(self, subject: Any) -> str:
        return _for(subject, self.button)


@dataclass(frozen=True, kw_only=True)
class Unpromised:
    """What a state asks for though nobody promised it, if it `applies`: a draft to go on with, a visit to come.

    `page` is an endpoint other than the object's page. `of_whom(subject)` says who is concerned, `until(subject)` the day.
    `coming`: nobody has to act, it only comes nearer.
    """

    state: str
    asks: str | Callable[[Any], str]
    button: str = ""
    page: str = ""
    of_whom: Callable[[Any], str] = lambda subject: ""
    until: Callable[[Any], date | None] = lambda subject: None
    coming: bool = False
    applies: Callable[[Any], bool] = lambda subject: True

    def title_for(self, subject: Any) -> str:
        return _for(subject, self.asks)


class Owed(NamedTuple):
    """A promise that is not kept yet, with its days: what a promise record says of it."""

    promise: Promise
    since: date
    due_on: date


@dataclass(frozen=True)
class Available:
    """An action a person could take now: `refusal` is the guard's reason why it cannot be yet."""

    transition: Transition
    refusal: str | None

    @property
    def action(self) -> str:
        return self.transition.action


@dataclass(frozen=True)
class Done:
    """What `apply` did: handed on to acts that this one carries with it."""

    action: str
    acted_as: Actor
    by: By
    note: str


@dataclass(frozen=True)
class Workflow:
    """The table of one kind of object, and the parts that people play towards it.

    `also_told` are the acts beside the table that stand in the history, and what they are called there. In the journey an
    object `follows` another and `leads_to` one (the relationships' names, which are the workflows'); `step` is the label of a
    step that shows nothing but this object.
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
    _states: Mapping[str, State] = field(init=False, repr=False, compare=False)
    _actions: Mapping[str, Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_states", {state.name: state for state in self.states})
        object.__setattr__(self, "_actions", {transition.action: transition for transition in self.transitions})

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
        owes = self.actors_on(person, subject).intersection(promise.owing(subject))
        return bool(owes) and not any(guard(subject, person) for guard in promise.not_for)

    def parts_of(self, by: By, subject: Any) -> frozenset[Actor]:
        return frozenset({Actor.SYSTEM}) if by is SYSTEM else self.actors_on(by, subject)

    def plays(self, actor: Actor, by: By, subject: Any) -> bool:
        """Whether `by` has this part."""
        if by is SYSTEM:
            return actor == Actor.SYSTEM
        return any(part.played_by(by, subject) for part in self.parts if part.actor == actor)

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
            Available(transition, transition.refusal(subject, by))
            for transition in self.transitions
            if subject.state in transition.from_ and parts.intersection(transition.actors)
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
        if through is None and (reason := transition.refusal(subject, by)):
            raise GuardRefused(reason)
        return transition, part

    def _part(self, transition: Transition, subject: Any, by: By, through: Done | None) -> Actor:
        if through is not None:
            if through.action not in transition.through:
                raise ValueError(f"{transition.action} does not follow from {through.action}")
            return through.acted_as
        for actor in transition.actors:
            if self.plays(actor, by, subject):
                return actor
        raise NotAllowed(f"Only the {_either(transition.actors)} can do this: {transition.button.lower()}.")

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

    def enter(self, subject: Any, *, by: By, acted_as: Actor, note: str = "") -> None:
        """A new, stored object in its first state: starts the clock of what it waits for, and opens the history."""
        self._start_clock(subject, restarts=True)
        subject.record("create", by=by, acted_as=acted_as, from_state="", to_state=subject.state, note=note)
        self._settle(subject, None)

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


def once(*states: str) -> Callable[[Any, date], date | None]:
    """Kept on the day on which the subject comes into one of these states."""

    def kept_on(subject: Any, today: date) -> date | None:
        return today if subject.state in states else None

    return kept_on


def days(setting: str) -> Callable[[Any, date], tuple[date, date]]:
    """A period of so many calendar days from today, as the programme's `setting` says."""

    def period(subject: Any, today: date) -> tuple[date, date]:
        return today, today + timedelta(days=getattr(subject.programme, setting))

    return period


def _for(subject: Any, words: str | Callable[[Any], str]) -> str:
    return words(subject) if callable(words) else words


def _either(actors: Iterable[Actor]) -> str:
    return " or the ".join(actor.value for actor in actors)
