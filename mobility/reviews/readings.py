"""A figure as somebody reads it: rounded as shown, in its section, with its unit. Pure.

Owners read all of a review, the public what a snapshot shows; pictures, pages and exports are made of readings, so that none of
them can tell more than is written beside it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from mobility.outcomes.figures import NO_FIGURE, Figure, Form
from mobility.outcomes.publication import Row


@dataclass(frozen=True)
class Reading:
    """`shown`: as in outcomes/figures.py, none where it is hidden; then there is no `n` either. `answers`: of each item it rests
    on how many answered, of how many ("month_12", "anyway", 5, 6): for the programme's people only."""

    key: str
    name: str
    says: str
    form: str
    shown: str | None
    n: int | None
    few_answered: bool = False
    answers: tuple[tuple[str, str, int, int], ...] = ()

    @property
    def is_hidden(self) -> bool:
        return self.shown is None

    @property
    def is_known(self) -> bool:
        return self.number is not None

    @property
    def number(self) -> Decimal | None:
        """What is shown, as a number: of a percentage 62."""
        if self.shown is None or self.shown == NO_FIGURE:
            return None
        return Decimal(self.shown.removesuffix(" %"))

    @property
    def is_money(self) -> bool:
        return self.form == Form.MONEY.value

    @property
    def is_percent(self) -> bool:
        return self.form == Form.PERCENT.value

    @property
    def unit(self) -> str:
        return next((unit for prefix, unit in UNITS.items() if self.key.startswith(prefix)), "")

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a snapshot, where it has no answers."""
        return {name: value for name, value in asdict(self).items() if name != "answers"}


UNITS = {"days_to_": "days", "hours.": "hours"}
Readings = Mapping[str, Reading]


def of_figures(figures: Iterable[Figure], hidden: Collection[str] = ()) -> dict[str, Reading]:
    """All of a review, by key, in its order, but for the `hidden`."""
    return {each.key: _hidden(each) if each.key in hidden else _of_figure(each) for each in figures}


def _hidden(figure: Figure) -> Reading:
    about = figure.definition
    return Reading(about.key, about.name, about.says, about.form.value, None, None)


def _of_figure(figure: Figure) -> Reading:
    about = figure.definition
    answers = tuple((key, item, response.answered, response.asked) for key, item, response in figure.items)
    return Reading(about.key, figure.name, about.says, about.form.value, figure.shown, figure.n, figure.few_answered, answers)


def of_rows(rows: Iterable[Row], forms: Mapping[str, Form]) -> dict[str, Reading]:
    """What is public of a review, by key, in its order."""
    return {
        each.key: Reading(each.key, each.name, each.says, forms[each.key].value, each.shown, each.n, each.few_answered)
        for each in rows
    }


def from_json(stored: Iterable[Mapping[str, Any]]) -> dict[str, Reading]:
    return {each["key"]: Reading(**each) for each in stored}
