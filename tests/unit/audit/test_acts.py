"""What the code records is declared in audit/acts.py: an act that is not would be refused only when somebody does it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from mobility.audit.acts import LABELS

PACKAGE = Path(__file__).parents[3] / "mobility"
RECORDING = {"record", "record_alone"}


def recorded_in(tree: ast.Module) -> Iterator[str]:
    """The acts that a module names to the audit log, under whatever name it has imported that."""
    names = {
        each.asname or each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "mobility.audit.operations"
        for each in node.names
        if each.name in RECORDING
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield from (
                part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def test_each_act_that_is_recorded_is_declared() -> None:
    found = {(path.name, act) for path in PACKAGE.rglob("*.py") for act in recorded_in(ast.parse(path.read_text("utf-8")))}
    unknown = {(name, act) for name, act in found if act not in LABELS}
    beginnings = {(name, act) for name, act in unknown if act.endswith("_") and any(each.startswith(act) for each in LABELS)}
    assert unknown - beginnings == set()
    assert len(found) >= 15, found


def test_such_a_mistake_would_be_seen() -> None:
    planted = (
        'from mobility.audit.operations import record as note\nnote("flew" if far else "signed_in", by=None)\nrecord("other")'
    )
    assert list(recorded_in(ast.parse(planted))) == ["flew", "signed_in"]
