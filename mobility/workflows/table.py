"""What a workflow's table is written in: states, transitions, promises, and what they ask of whom.

Each feature's `workflow.py` writes its table with these; `workflow.py` beside this file applies it. Pure.
"""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

from mobility.workflows.parts import Actor


class By(Protocol):
    """Whoever acts: a person with an account, or the system."""

    @property
    def id(self) -> int | None: ...

    @property
    def name(self) -> str: ...

    @property
    def bank_accounts(self) -> Collection[Any]: ...

    def roles_in(self, organisation_id: int | None) -> set[str]: ...

    def roles_in_programme(self, programme_id: int | None) -> set[str]: ...

    def ever_in(self, organisation_ids: Collection[int]) -> list[Any]: ...


class System:
    """The actor of scheduled jobs: has no account, and no role anywhere."""

    id = None
    name = "Mobility"
    bank_accounts = ()

    def roles_in(self, organisation_id: int | None) -> set[str]:
        return set()

    def roles_in_programme(self, programme_id: int | None) -> set[str]:
        return set()

    def ever_in(self, organisation_ids: Collection[int]) -> list[Any]:
        return []

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM = System()

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
    `kept`: it is one's own matter, so whoever has left the organisation still does it (parts.py, `ActsFor`). `moot(subject, by)`:
    for this person there is no question of it, so its page says neither how nor why not.
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
    kept: bool = False
    moot: Callable[[Any, By], bool] = lambda subject, by: False

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

    def is_for(self, subject: Any, person: Any) -> bool:
        """Whether nothing stands against one who owes it doing it themselves."""
        return not any(guard(subject, person) for guard in self.not_for)

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
    `coming`: nobody has to act, it only comes nearer. `not_for` are guards that stand against one person: for them it waits for
    `others`.
    """

    state: str
    asks: str | Callable[[Any], str]
    button: str = ""
    page: str = ""
    of_whom: Callable[[Any], str] = lambda subject: ""
    until: Callable[[Any], date | None] = lambda subject: None
    coming: bool = False
    applies: Callable[[Any], bool] = lambda subject: True
    not_for: Sequence[Guard] = ()
    others: str = ""

    def is_for(self, subject: Any, person: Any) -> bool:
        """Whether nothing stands against this person doing it."""
        return not any(guard(subject, person) for guard in self.not_for)

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
