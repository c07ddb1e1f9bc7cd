"""The competence map: sectors by emerging industries and cross-cutting issues (followup.md). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mobility.people.sectors import SECTORS
from mobility.people.topics import topics_of

KINDS = {"Emerging industries": topics_of("industries"), "Cross-cutting issues": topics_of("crosscutting")}
TOPICS = {topic: label for topics in KINDS.values() for topic, label in topics.items()}
ROWS = {**SECTORS, "": "No sector named"}


class Mark(StrEnum):
    """How what is offered and what is asked for stand to each other."""

    MEETS = "Meets"
    MISSED = "Asked for, not enough places"
    UNASKED = "Offered, not asked for"
    NO_THEME = "Known, no theme yet"


MEANS = {
    Mark.MEETS: "Themes were applied for, and nobody was left without a place.",
    Mark.MISSED: "Somebody was declined, waits, or found the last place gone: more places or more themes are needed here.",
    Mark.UNASKED: "There are themes, and nobody has applied: tell guests of them.",
    Mark.NO_THEME: "Experts know it or providers sell it, and no host offers it: ask for a theme.",
}


@dataclass(frozen=True)
class Offer:
    """A theme. `asked`: applications sent for it and waits for a place; `missed`: those of them that got none."""

    id: int
    title: str
    host: str
    sectors: Sequence[str]
    topics: Sequence[str]
    asked: int = 0
    missed: int = 0


@dataclass(frozen=True)
class Knower:
    """An expert, under an organisation."""

    id: int
    name: str
    organisation: str
    sectors: Sequence[str]
    topics: Sequence[str]


@dataclass(frozen=True)
class Seller:
    """A provider whose services are about it."""

    id: int
    name: str
    sectors: Sequence[str]
    topics: Sequence[str]


@dataclass
class Square:
    """A sector and a topic, and what is there."""

    themes: list[Offer] = field(default_factory=list)
    experts: list[Knower] = field(default_factory=list)
    providers: list[Seller] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(each.asked for each in self.themes)

    @property
    def missed(self) -> int:
        return sum(each.missed for each in self.themes)

    @property
    def mark(self) -> Mark:
        if not self.themes:
            return Mark.NO_THEME
        if self.missed:
            return Mark.MISSED
        return Mark.MEETS if self.asked else Mark.UNASKED


@dataclass(frozen=True)
class CompetenceMap:
    """(sector, topic) -> square, only those that hold something."""

    squares: dict[tuple[str, str], Square]

    @property
    def rows(self) -> dict[str, str]:
        """Sector -> name, as they stand in the list; those that hold something."""
        held = {sector for sector, _ in self.squares}
        return {key: name for key, name in ROWS.items() if key in held}

    @property
    def kinds(self) -> dict[str, dict[str, str]]:
        """Kind -> topic -> name; those that hold something."""
        held = {topic for _, topic in self.squares}
        found = {kind: {key: name for key, name in topics.items() if key in held} for kind, topics in KINDS.items()}
        return {kind: topics for kind, topics in found.items() if topics}

    @property
    def marked(self) -> dict[Mark, int]:
        """How many squares have each mark."""
        marks = [each.mark for each in self.squares.values()]
        return {mark: marks.count(mark) for mark in Mark}


def drawn(themes: Iterable[Offer], experts: Iterable[Knower], providers: Iterable[Seller] = ()) -> CompetenceMap:
    """Each stands in every square of its sectors and topics."""
    squares: dict[tuple[str, str], Square] = {}
    for theme in themes:
        for place in _places(theme):
            squares.setdefault(place, Square()).themes.append(theme)
    for expert in experts:
        for place in _places(expert):
            squares.setdefault(place, Square()).experts.append(expert)
    for provider in providers:
        for place in _places(provider):
            squares.setdefault(place, Square()).providers.append(provider)
    return CompetenceMap(squares)


def _places(of: Offer | Knower | Seller) -> list[tuple[str, str]]:
    """Keys that are no longer in a list are left out; whoever names no sector has a row, too."""
    sectors = sorted({each for each in of.sectors if each in SECTORS}) or [""]
    return [(sector, topic) for sector in sectors for topic in sorted({*of.topics} & {*TOPICS})]
