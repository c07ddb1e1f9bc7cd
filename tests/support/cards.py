"""Rate cards in few words."""

from typing import Any

from mobility.rates.rules import keyed


def card_of(**components: Any) -> list[dict[str, Any]]:
    """A rate card with these components: for each its settings, or a list of them for several of a kind."""
    found = [(name, each) for name, some in components.items() for each in (some if isinstance(some, list) else [some])]
    return keyed([{"component": name, **settings} for name, settings in found])


def by_component(card: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The settings of each, where there is one of a kind."""
    return {part["component"]: {name: part[name] for name in part if name not in ("component", "key")} for part in card}


def part_of(card: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """The settings of a component."""
    (found,) = (part for part in card if part["key"] == key)
    return found
