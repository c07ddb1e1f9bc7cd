"""What the plan of the house (docs/design/architecture.md) asks of each file. The order of imports is told by `make check`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from mobility import subjects

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mobility"
MODULES = sorted(PACKAGE.rglob("*.py"))
OPERATIONS = [path for path in MODULES if path.stem == "operations"]
VIEWS = [path for path in MODULES if path.stem == "views"]
SUBJECTS = {each.__name__ for each in subjects.SUBJECTS}
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


SETTERS = {"setattr", "__setattr__", "set_attribute", "set_committed_value"}
FIRST_STATE = "DRAFT"  # in which the database begins an object, too
OUTBOX = "OutboxMessage"  # has states of its own


def states_set(tree: ast.Module) -> list[str]:
    """Every place that sets a state: as an attribute, by its name, in a dictionary of attributes, in a query, when it is made."""
    return [f"line {node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr) and sets_state(node)]


def sets_state(node: ast.stmt | ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()) | ast.Subscript(slice=ast.Constant(value="state"), ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords) if name in SETTERS:
            return any(is_state(part) for each in [*args, *(each.value for each in keywords)] for part in ast.walk(each))
        case ast.Call(func=ast.Attribute(attr="values" | "update") as query, args=args) if OUTBOX not in ast.unparse(query):
            return any(map(has_state, args)) or state_given(node)
        case ast.Call(func=ast.Name(id=name)) if name in SUBJECTS:
            return state_given(node)
        case ast.AugAssign(value=value):
            return has_state(value)
        case ast.Constant(value=str(text)):
            return bool(re.search(r"\bset\s+state\b", text, re.IGNORECASE))
    return False


def state_given(call: ast.Call) -> bool:
    """`f(state=...)`, unless it is the first one."""
    given = [each.value for each in call.keywords if each.arg == "state"]
    return any(not (isinstance(each, ast.Name) and each.id == FIRST_STATE) for each in given)


def has_state(node: ast.AST) -> bool:
    """`{"state": ...}`"""
    return isinstance(node, ast.Dict) and any(each is not None and is_state(each) for each in node.keys)


def is_state(node: ast.AST) -> bool:
    return (isinstance(node, ast.Constant) and node.value == "state") or (
        isinstance(node, ast.Attribute) and node.attr == "state"
    )


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
        "setattr(voucher, name := 'state', 'paid')",
        "object.__setattr__(voucher, 'state', 'paid')",
        "attributes.set_committed_value(voucher, 'state', 'paid')",
        "vars(voucher)['state'] = 'paid'",
        "voucher.__dict__.update(state='paid')",
        "voucher.__dict__ |= {'state': 'paid'}",
        "update(Voucher).values(state='paid')",
        "update(Voucher).values({Voucher.state: 'paid'})",
        "text('UPDATE voucher SET state = :new')",
        "Voucher(programme=programme, state='paid')",
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


# What somebody may do rests on the roles that last (decision 0013)

LONG_LIST = re.compile(r"(?<!\bUser)(?<!\bcls)\.memberships\b")
READS_ALL = {"mobility/people/models.py"}  # where the two are told apart
ASKS_FOR_A_COLUMN = "owner.memberships is defined"


def readers_of_all_roles(files: list[Path]) -> list[str]:
    found = {named(path): path.read_text("utf-8").replace(ASKS_FOR_A_COLUMN, "") for path in files}
    return [name for name, words in found.items() if name not in READS_ALL and LONG_LIST.search(words)]


def test_nobody_takes_a_role_that_has_ended_for_one_that_lasts() -> None:
    assert readers_of_all_roles([*MODULES, *(ROOT / "templates").rglob("*.*")]) == []


def test_such_a_mistake_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("roles = {each.role for each in person.memberships}")
    (tmp_path / "b.py").write_text("lazyload(User.memberships), person.current_memberships")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert readers_of_all_roles(sorted(tmp_path.iterdir())) == ["a.py"]
