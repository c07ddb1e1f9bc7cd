"""The items of a questionnaire (followup.md): what can be asked, and how answers are kept and checked. Pure.

Answers are a dictionary, item's key -> value: a whole number of a scale, the key of an option, a list of such keys; a number,
percent or amount as exact decimal text ("5.5", "15000.00"); a day as "2027-03-31"; text. What has a line for each objective or
take-over is a dictionary by the keys of the lines; rows are a list of dictionaries. What was not answered is not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from mobility.core.errors import Problem

SCALE_5, SCALE_10, CHOICE, SEVERAL, YES_NO = "scale_5", "scale_10", "choice", "several", "yes_no"
NUMBER, NUMBERS, MONEY, PERCENT, DATE = "number", "numbers", "money", "percent", "date"
TEXT, LONG_TEXT = "text", "long_text"
PER_OBJECTIVE, PER_TAKE_OVER, PER_KEY_FIGURE, ROWS = "per_objective", "per_take_over", "per_key_figure", "rows"
OBJECTIVE = "objective"  # a column of rows: which of the objectives

KINDS = {  # as the owner reads them
    SCALE_5: "Scale from 1 to 5",
    SCALE_10: "Scale from 0 to 10",
    YES_NO: "Yes or no",
    CHOICE: "One of several options",
    SEVERAL: "Any of several options",
    NUMBER: "Number",
    NUMBERS: "Several numbers",
    MONEY: "Amount of money",
    PERCENT: "Percent",
    DATE: "Day",
    TEXT: "Short text",
    LONG_TEXT: "Long text",
    PER_OBJECTIVE: "One choice for each objective",
    PER_TAKE_OVER: "One choice for each take-over",
    PER_KEY_FIGURE: "One number for each own key figure",
    ROWS: "Rows",
}
WITH_OPTIONS = frozenset({CHOICE, SEVERAL, NUMBERS, PER_OBJECTIVE, PER_TAKE_OVER})
TAPPED = frozenset({SCALE_5, SCALE_10, CHOICE, SEVERAL, YES_NO, OBJECTIVE})  # answered without the keyboard
BY_LINE = frozenset({PER_OBJECTIVE, PER_TAKE_OVER, PER_KEY_FIGURE})
FIGURE = "figure"  # a number of a key figure: of any size, below zero too
HIDDEN = "hidden"  # what a field remembers, and nobody types
MOST_ROWS = 3
WHY = "_why"  # after the key of a line: the words beside its choice
SEEN = "_seen"  # after the key of a line: the choice that was right when it was shown; of drafts alone
PREFIX = "q-"  # of the fields' names, so that no key is mistaken for something else of a form


class Option(NamedTuple):
    """One thing to choose; of several numbers the one that is asked for."""

    key: str
    label: str


YES, NO = Option("yes", "Yes"), Option("no", "No")


@dataclass(frozen=True)
class OnlyIf:
    """Asked only if another item has one of these answers, or any answer if none is named."""

    item: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is asked. `columns` and `most` are of rows; `unit` of a number; `whole`: without a fraction.

    With `why`, a line of PER_TAKE_OVER also has room for words. An `opinion` is for the programme's people only once the claim
    that the answers report for is paid.
    """

    key: str
    kind: str
    text: str
    help: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    whole: bool = True
    required: bool = False
    only_if: OnlyIf | None = None
    columns: tuple["Item", ...] = ()
    most: int = MOST_ROWS
    why: bool = False
    opinion: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Item":
        """From the JSON of a version."""
        given = dict(stored)
        given["options"] = tuple(Option(*each) for each in given.get("options", ()))
        given["columns"] = tuple(cls.of(each) for each in given.get("columns", ()))
        if given.get("only_if"):
            given["only_if"] = OnlyIf(given["only_if"]["item"], tuple(given["only_if"]["answers"]))
        return cls(**given)

    def stored(self) -> dict[str, Any]:
        """As JSON: what differs from an item of which nothing is said."""
        values = {name: value for name, value in vars(self).items() if name in _ALWAYS or value != _PLAIN[name]}
        if self.options:
            values["options"] = [list(each) for each in self.options]
        if self.columns:
            values["columns"] = [each.stored() for each in self.columns]
        if self.only_if:
            values["only_if"] = {"item": self.only_if.item, "answers": list(self.only_if.answers)}
        return values

    @property
    def choices(self) -> tuple[Option, ...]:
        """What can be tapped."""
        if self.kind == YES_NO:
            return YES, NO
        if self.kind in {SCALE_5, SCALE_10}:
            first, last = (1, 5) if self.kind == SCALE_5 else (0, 10)
            return tuple(Option(str(number), str(number)) for number in range(first, last + 1))
        return self.options

    @property
    def answers(self) -> tuple[Option, ...]:
        """What can be answered and chosen from a list; the options of several numbers are what is asked."""
        return () if self.kind == NUMBERS else self.choices


_PLAIN = vars(Item(key="", kind="", text=""))
_ALWAYS = {"key", "kind", "text"}


@dataclass(frozen=True)
class Lines:
    """What is known of the case, by the keys of the lines ("o1", "t1", "k12"): the objectives, the take-overs so far, and the own
    key figures that it is to serve. `states` are those in which the take-overs are now, where these are asked."""

    objectives: Mapping[str, str] = field(default_factory=dict)
    take_overs: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    key_figures: Mapping[str, str] = field(default_factory=dict)

    def of(self, item: Item) -> Mapping[str, str]:
        return {PER_OBJECTIVE: self.objectives, PER_TAKE_OVER: self.take_overs, PER_KEY_FIGURE: self.key_figures}[item.kind]

    def stored(self) -> dict[str, Any]:
        """As it is kept with an answer."""
        kept = {"objectives": dict(self.objectives), "take_overs": dict(self.take_overs)}
        return kept | ({"key_figures": dict(self.key_figures)} if self.key_figures else {})


class Leaf(NamedTuple):
    """One field of the page: where its value stands among the answers, and what it asks. `item` has the kind and the options."""

    path: tuple[str | int, ...]
    item: Item
    label: str

    @property
    def name(self) -> str:
        return PREFIX + "-".join(map(str, self.path))


def leaves(item: Item, lines: Lines) -> list[Leaf]:
    """The fields in which an item is answered; none where it has no lines to ask about."""
    if item.kind in BY_LINE:
        return [leaf for key, label in lines.of(item).items() for leaf in _line(item, key, label, lines.states)]
    if item.kind == NUMBERS:
        return [Leaf((item.key, option.key), replace(item, kind=NUMBER, options=()), option.label) for option in item.options]
    if item.kind == ROWS:
        columns = [_with_objectives(column, lines) for column in item.columns]
        return [Leaf((item.key, row, each.key), each, each.text) for row in range(1, item.most + 1) for each in columns if each]
    return [Leaf((item.key,), item, item.text)]


def _line(item: Item, key: str, label: str, states: Mapping[str, str]) -> Iterator[Leaf]:
    yield Leaf((item.key, key), replace(item, kind=FIGURE if item.kind == PER_KEY_FIGURE else CHOICE), label)
    if item.why:
        yield Leaf((item.key, f"{key}{WHY}"), Item(key="why", kind=TEXT, text="Why"), "Why, in a few words")
    if item.kind == PER_TAKE_OVER and key in states:
        yield Leaf((item.key, f"{key}{SEEN}"), Item(key="seen", kind=HIDDEN, text="As it was shown"), "As it was shown")


def _with_objectives(column: Item, lines: Lines) -> Item | None:
    if column.kind != OBJECTIVE:
        return column
    options = tuple(Option(key, text) for key, text in lines.objectives.items())
    return replace(column, options=options) if len(options) > 1 else None  # of one there is nothing to choose


# From fields to answers and back


def collect(fields: Mapping[Leaf, Any]) -> dict[str, Any]:
    """The answers that the fields make, in the order of the items; what is empty is left out."""
    answers: dict[str, Any] = {}
    for leaf, value in fields.items():
        if value is None:
            continue
        key, *rest = leaf.path
        if not rest:
            answers[str(key)] = value
        elif len(rest) == 1:
            answers.setdefault(str(key), {})[rest[0]] = value
        else:
            answers.setdefault(str(key), {}).setdefault(rest[0], {})[rest[1]] = value
    rows = {str(leaf.path[0]) for leaf in fields if len(leaf.path) == 3}
    return {key: list(value.values()) if key in rows else value for key, value in answers.items()}


def value_at(answers: Mapping[str, Any], leaf: Leaf) -> Any:
    """What stands in a field; None if nothing does."""
    key, *rest = leaf.path
    found = answers.get(str(key))
    if not rest or found is None:
        return found
    if len(rest) == 1:
        return found.get(rest[0])
    row = int(rest[0]) - 1
    return found[row].get(rest[1]) if row < len(found) else None


# Checking, before they are sent


def is_asked(item: Item, items: Sequence[Item], answers: Mapping[str, Any]) -> bool:
    """Whether its condition holds, and that of the item on which it rests."""
    if item.only_if is None:
        return True
    other = next((each for each in items if each.key == item.only_if.item), None)
    if other is None or other.key == item.key:
        return True  # what it rested on was taken out
    earlier = items[: list(items).index(item)]
    if other not in earlier or not is_asked(other, items, answers):
        return False
    return _answers(answers.get(other.key), item.only_if.answers)


def without_seen(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without what the page remembered."""
    return {key: _unseen(value) if isinstance(value, dict) else value for key, value in answers.items()}


def _unseen(lines: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in lines.items() if not key.endswith(SEEN)}


def _answers(given: Any, wanted: Sequence[str]) -> bool:
    """Of what is answered by line, one line is enough."""
    if given is None:
        return False
    return not wanted or not _said(given).isdisjoint(wanted)


def _said(given: Any) -> set[str]:
    if isinstance(given, dict):
        return {str(value) for key, value in given.items() if not key.endswith((WHY, SEEN))}
    return {str(each) for each in given} if isinstance(given, list) and not _are_rows(given) else {str(given)}


def _are_rows(given: list[Any]) -> bool:
    return any(isinstance(each, dict) for each in given)


def condition_in_words(item: Item, items: Sequence[Item]) -> str:
    """When it is asked, for a page on which all is shown; "" if always."""
    other = next((each for each in items if item.only_if and each.key == item.only_if.item), None)
    if item.only_if is None or other is None:
        return ""
    labels = [f"“{each.label}”" for each in other.choices if each.key in item.only_if.answers]
    with_these = f" with {' or '.join(labels)}" if labels else ""
    return f"Only if you answered “{other.text}”{with_these}."


def to_send(items: Sequence[Item], lines: Lines, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of a draft: the answers to what is asked, about the lines that there are by now.

    Rows that were left empty say that there is nothing to tell.
    """
    asked = {each.key: each for each in items if is_asked(each, items, answers)}
    said = {key: _about(asked[key], lines, value) for key, value in without_seen(answers).items() if key in asked}
    said = {key: value for key, value in said.items() if value not in ({}, None)}
    return said | {key: [] for key, each in asked.items() if each.kind == ROWS and key not in said}


def _about(item: Item, lines: Lines, value: Any) -> Any:
    if item.kind not in BY_LINE:
        return value
    known = {key for line in lines.of(item) for key in (line, f"{line}{WHY}")}
    return {key: each for key, each in value.items() if key in known}


def missing(items: Sequence[Item], lines: Lines, answers: Mapping[str, Any]) -> list[Problem]:
    """What must be answered and is not, each at its field; and rows that were begun, but do not say what."""
    problems: list[Problem] = []
    for item in items:
        if is_asked(item, items, answers):
            problems += _missing_in(item, leaves(item, lines), answers)
    return problems


def _missing_in(item: Item, fields: Sequence[Leaf], answers: Mapping[str, Any]) -> Iterator[Problem]:
    if item.kind == ROWS:
        yield from _missing_in_rows(item, fields, answers)
    elif item.required:
        words = "Choose an answer." if item.kind in TAPPED | WITH_OPTIONS else "Please answer this."
        for leaf in fields:
            if leaf.item.key not in {"why", "seen"} and value_at(answers, leaf) is None:
                yield Problem(leaf.name, words)


def _missing_in_rows(item: Item, fields: Sequence[Leaf], answers: Mapping[str, Any]) -> Iterator[Problem]:
    rows = answers.get(item.key) or []
    if item.required and not rows and fields:
        yield Problem(fields[0].name, "Please answer this.")
    for leaf in fields:
        row = int(leaf.path[1]) - 1
        if leaf.item.required and row < len(rows) and leaf.item.key not in rows[row]:
            yield Problem(leaf.name, f"{leaf.label}: fill this in, or leave the row empty.")


# Questionnaires themselves


def problems_of(items: Sequence[Item]) -> list[str]:
    """What stands against publishing these items, in sentences."""
    if not items:
        return ["Add at least one item: an empty questionnaire asks nothing."]
    found = []
    seen: dict[str, Item] = {}
    for item in items:
        if item.kind in WITH_OPTIONS and not item.options:
            found.append(f"“{item.text}” has no options.")
        found += _condition_problems(item, seen)
        seen[item.key] = item
    return found


def _condition_problems(item: Item, earlier: Mapping[str, Item]) -> Iterator[str]:
    if item.only_if is None:
        return
    other = earlier.get(item.only_if.item)
    if other is None:
        yield f"“{item.text}” is asked only if an item is answered that does not come before it."
    elif not {each.key for each in other.answers}.issuperset(item.only_if.answers):
        yield f"“{item.text}” is asked only if “{other.text}” has an answer that is not among its options. Choose another one."
