"""The numbered lines of an agreement, from texts: tests say what they say, not how it is stored."""

from typing import Any

from mobility.agreements.lines import PREFIXES, Line, split, stored

# Texts of agreements from before they had lines, and what these are
SPLIT = [
    ("A price list by autumn.", ["A price list by autumn."]),
    ("- One\n- Two\r\n\n- Three", ["One", "Two", "Three"]),
    ("- One\n- Two\n3. Three", ["- One", "- Two", "3. Three"]),
    ("1. One\n2) Two", ["One", "Two"]),
    ("1. One\n3. Two", ["1. One", "3. Two"]),
    ("1. Quartal", ["1. Quartal"]),
    ("• One", ["One"]),
    ("- 5 % of the costs\nA fee", ["- 5 % of the costs", "A fee"]),
    ("a - b\n-5 degrees", ["a - b", "-5 degrees"]),
    ("One\n- \n 2. \nTwo", ["One", "Two"]),
    ("1\n2\n3\n4\n5", ["1", "2", "3", "4", "5"]),
    ("1\n2\n3\n4\n5\n6\n\n7\n8\n9", ["1", "2", "3", "4", "5\n6\n7\n8\n9"]),
    ("1. a\n2. b\n3. c\n4. d\n5. e\n6. f", ["a", "b", "c", "d", "e\n6. f"]),
    ("One\u2028Two\u2029Three\x85Four\x0bFive", ["One", "Two", "Three", "Four", "Five"]),
    ("One\rTwo", ["One", "Two"]),
    ("x" * 10_000, ["x" * 10_000]),
    ("  \n\t\r\n\u3000", []),
    ("", []),
]


def typed(**values: Any) -> dict[str, Any]:
    """Values of an amendment: texts of lines as if typed into the first rows; all else as it is."""
    return {name: of(name, value) if name in PREFIXES and isinstance(value, str) else value for name, value in values.items()}


def of(name: str, text: str) -> tuple[Line, ...]:
    """Those of a text, with the first keys."""
    return split(text, PREFIXES[name])


def lined(**texts: str) -> dict[str, Any]:
    """As a version of the agreement stores them: the columns of `AgreementVersion`."""
    return {name: stored(of(name, text)) for name, text in texts.items()}


def texts(rows: Any) -> list[str]:
    """What stored lines say."""
    return [row["text"] for row in rows]
