"""The controlled topics: what an exchange, a training or an expert's experience is about (sectors say in which industry).

`topics.toml` is the list of docs/design/data, as it ships; keys are stable, labels may be improved.
"""

import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path

MOST_TOPICS = 5  # of one thing: a theme, an expert (matching.md)
_LIST = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

TOPICS: dict[str, str] = {key: topic["en"] for key, topic in _LIST["topics"].items()}
GROUPS: dict[str, dict[str, str]] = {
    group["en"]: {key: TOPICS[key] for key, topic in _LIST["topics"].items() if topic["group"] == name}
    for name, group in _LIST["groups"].items()
}


def too_many(topics: Collection[str]) -> str | None:
    """Why somebody cannot name so many: what is about everything is found by nobody (matching.md)."""
    if len(topics) <= MOST_TOPICS:
        return None
    return f"Choose at most {MOST_TOPICS} topics; these are {len(topics)}. Leave those it is most about."


def topics_of(*groups: str) -> dict[str, str]:
    """Key -> label of the topics of some groups, in the list's order; groups by their keys there ("industries", ...)."""
    return {key: TOPICS[key] for key, topic in _LIST["topics"].items() if topic["group"] in groups}


def topic_names(keys: Iterable[str]) -> list[str]:
    """What people read, in alphabetical order; keys that no longer exist are left out."""
    return sorted(TOPICS[key] for key in keys if key in TOPICS)
