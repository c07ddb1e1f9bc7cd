"""What the plan of the house (docs/design/architecture.md) asks of each file. The order of imports is told by `make check`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mobility"
MODULES = sorted(PACKAGE.rglob("*.py"))
OPERATIONS = [path for path in MODULES if path.stem == "operations"]
VIEWS = [path for path in MODULES if path.stem == "views"]
LONGEST_FUNCTION, MEDIAN_FUNCTION = 35, 6
LONGEST_FEATURE = 2500
TWO_WORDS: set[str] = set()


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file and its number of lines."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            yield f"{named(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def states_set(tree: ast.Module) -> list[str]:
    """Every place where something is put into an attribute `state`, be it one of several or by setattr."""
    stored = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
    ]
    by_name = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "setattr"
        and any(isinstance(each, ast.Constant) and each.value == "state" for each in node.args)
    ]
    return [f"line {node.lineno}" for node in (*stored, *by_name)]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nothing_is_imported_inside_functions(path: Path) -> None:
    tree = tree_of(path)
    top = {id(node) for node in tree.body} | {id(node) for each in tree.body if isinstance(each, ast.If) for node in each.body}
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top]
    assert [node.lineno for node in inside] == []


@pytest.mark.parametrize("path", OPERATIONS, ids=named)
def test_operations_never_read_the_request(path: Path) -> None:
    """Who acts arrives as `by=`, so jobs, the command line and tests call the same operations."""
    names = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"request", "session", "current_user"})


@pytest.mark.parametrize("path", OPERATIONS, ids=named)
def test_operations_never_commit(path: Path) -> None:
    attributes = {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}
    assert attributes.isdisjoint({"commit", "begin"})


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_workflow_sets_a_state(path: Path) -> None:
    """`subject.state = ...` stands in workflows/workflow.py alone; the outbox has states of its own."""
    if path.relative_to(PACKAGE).parts[0] != "notifications" and path != PACKAGE / "workflows" / "workflow.py":
        assert states_set(tree_of(path)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "voucher.state = 'paid'",
        "voucher.state, voucher.note = 'paid', ''",
        "[first, (voucher.state, last)] = found",
        "voucher.state: str = 'paid'",
        "voucher.state += 'x'",
        "for voucher.state in states: pass",
        "with at(now) as voucher.state: pass",
        "setattr(voucher, 'state', 'paid')",
    ],
)
def test_a_state_set_in_another_way_is_seen(planted: str) -> None:
    assert states_set(ast.parse(planted)) == ["line 1"]


def set_in(tree: ast.Module) -> set[str]:
    """The names that a module itself sets."""
    statements = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [target for node in statements for target in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def test_constants_are_imported_from_where_they_are_set() -> None:
    """A state has one room: it is not imported from guards here and from the workflow there."""
    trees = {".".join(path.relative_to(ROOT).with_suffix("").parts): tree_of(path) for path in MODULES}
    borrowed = [
        f"{module}: {each.name} of {node.module}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in trees
        for each in node.names
        if each.name.isupper() and each.name not in set_in(trees[node.module])
    ]
    assert borrowed == []


@pytest.mark.parametrize("path", VIEWS, ids=named)
def test_views_neither_query_nor_change(path: Path) -> None:
    """They call one operation or query, and answer."""
    tree = tree_of(path)
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "db"]
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [module for module in imported if module.startswith("sqlalchemy")] == []


def test_functions_are_short() -> None:
    lengths = dict(each for path in MODULES for each in functions(path))
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert median(lengths.values()) <= MEDIAN_FUNCTION


def test_features_are_of_a_size_that_one_can_know() -> None:
    sizes = {
        folder.name: sum(len(path.read_text("utf-8").splitlines()) for path in folder.glob("*.py"))
        for folder in PACKAGE.iterdir()
        if folder.is_dir()
    }
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FEATURE} == {}


def test_a_file_is_one_word() -> None:
    """A second word in a file's name says that a feature is missing."""
    words = [path.stem for path in MODULES if re.search(r"[a-z]_[a-z]", path.stem) and path.stem not in TWO_WORDS]
    assert words == []
