"""How an owner changes the items of a questionnaire. Pure: from items to items."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from mobility.core.names import searchable
from mobility.questionnaires.items import (
    ROWS,
    TEXT,
    WITH_OPTIONS,
    YES_NO,
    Item,
    OnlyIf,
    Option,
)
from mobility.questionnaires.standard import BY_KEY, standard_item

MOST_ITEMS = 40
MOST_OPTIONS = 20


def key_for(text: str, taken: Collection[str]) -> str:
    """A key of plain letters that nothing else has: "how_many", "how_many_2"."""
    words = re.findall(r"[a-z0-9]+", searchable(text))[:4]
    first = "_".join(words)[:40] or "item"
    first = f"item_{first}" if first[0].isdigit() else first
    keys = (first if number == 1 else f"{first}_{number}" for number in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)


def lines_in(text: str) -> list[str]:
    """What stands on the lines, each once."""
    return list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def options_from(labels: Sequence[str], before: Sequence[Option]) -> tuple[Option, ...]:
    """The options with these labels. One that was only reworded keeps its key, so that earlier answers still mean it."""
    by_label = {each.label: each.key for each in before}
    reworded = len(labels) == len(before)
    taken = {each.key for each in before}
    found: list[Option] = []
    for place, label in enumerate(labels):
        key = by_label.get(label) or (before[place].key if reworded and before[place].label not in labels else "")
        key = key or key_for(label, taken)
        taken.add(key)
        found.append(Option(key, label))
    return tuple(found)


def with_lines(item: Item, labels: Sequence[str]) -> Item:
    """What is typed line by line: the options of an item, or the columns of its rows."""
    if item.kind == ROWS:
        before = [Option(each.key, each.text) for each in item.columns]
        columns = [Item(key=key, kind=TEXT, text=label) for key, label in options_from(labels, before)]
        return replace(item, columns=tuple(columns))
    return replace(item, options=options_from(labels, item.options)) if item.kind in WITH_OPTIONS else item


def lines_of(item: Item) -> list[str]:
    """The same as it stands in the form."""
    return [each.text for each in item.columns] if item.kind == ROWS else [each.label for each in item.options]


def is_fixed(questionnaire: str, item: Item) -> bool:
    """Carries a standard key: its kind and its options stay, as figures rest on them."""
    return standard_item(questionnaire, item.key) is not None


def placed(items: Sequence[Item], item: Item) -> list[Item]:
    """With this item in the place of the one with its key, else at the end."""
    if item.key in {each.key for each in items}:
        return [item if each.key == item.key else each for each in items]
    return [*items, item]


def moved(items: Sequence[Item], key: str, step: int) -> list[Item]:
    """One place up (-1) or down (1); at the end it stays."""
    found = list(items)
    at = [each.key for each in found].index(key)
    to = at + step
    if 0 <= to < len(found):
        found[at], found[to] = found[to], found[at]
    return found


def without(items: Sequence[Item], key: str) -> list[Item]:
    """Without this item; what was asked only if it had an answer is asked always."""
    kept = [each for each in items if each.key != key]
    return [replace(each, only_if=None) if each.only_if and each.only_if.item == key else each for each in kept]


def taken_out(questionnaire: str, items: Sequence[Item]) -> list[Item]:
    """The items of the standard set that are not there: they can be added again."""
    keys = {each.key for each in items}
    standard = BY_KEY.get(questionnaire)
    return [each for each in standard.items if each.key not in keys] if standard else []


# "Only if", as one choice of a list


def condition_key(condition: OnlyIf | None) -> str:
    """The value of the choice: "" is always, "obstacles" any answer, "obstacles=other" that one."""
    if condition is None:
        return ""
    return f"{condition.item}={condition.answers[0]}" if condition.answers else condition.item


def condition_from(key: str) -> OnlyIf | None:
    item, _, answer = key.partition("=")
    return OnlyIf(item, (answer,) if answer else ()) if item else None


def conditions(items: Sequence[Item], key: str = "") -> dict[str, str]:
    """What an item may rest on: answers to those before it (to all, if it is new)."""
    found: dict[str, str] = {}
    for each in items:
        if each.key == key:
            break
        found[each.key] = f"“{each.text}” has an answer"
        if each.options or each.kind == YES_NO:
            found |= {f"{each.key}={option.key}": f"“{each.text}” is “{option.label}”" for option in each.answers}
    return found
