"""Imports point down the plan of docs/architecture; rules and workflows know neither the database nor the web."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mobility"

# The plan, top to bottom: each may import only what stands above it.
FEATURES = [
    "core",
    "people",
    "notifications",
    "accounts",
    "banking",
    "programmes",
    "themes",
    "matching",
    "applications",
    "exchanges",
    "vouchers",
    "visits",
    "claims",
    "payments",
    "documents",
    "workflows",
    "journey",
    "tasks",
    "home",
    "reminder_rules",
    "reminders",
    "jobs",
    "demo",
    "cli",
    "__init__",
]
# Pure modules without any import of ours but their own kind: usable from anywhere.
PURE = {"mobility.documents.codes", "mobility.documents.qr", "mobility.documents.calendar", "mobility.documents.text"}
LAYERS = ["workflow", "models", "rules", "queries", "operations", "messages", "forms", "views"]
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in MODULES]


def feature_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """(module, at the top of the file) of every import of ours."""
    tree = ast.parse(path.read_text())
    top = set(map(id, tree.body))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name if module_exists(name) else node.module for name in names]
            found += [(module, id(node) in top) for module in modules]
        elif isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
    return found


def module_exists(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_features_import_only_what_stands_above_them(path: Path) -> None:
    own = feature_of(module_name(path))
    allowed = FEATURES[: FEATURES.index(own) + 1]
    wrong = [
        module
        for module, _ in imports_of(path)
        if module.startswith("mobility") and module not in PURE and feature_of(module) not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_nothing_is_imported_inside_functions(path: Path) -> None:
    assert [module for module, top in imports_of(path) if not top] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem in {"workflow", "rules"}], ids=str)
def test_workflows_and_rules_know_neither_database_nor_web(path: Path) -> None:
    wrong = [
        module
        for module, _ in imports_of(path)
        if module.split(".")[0] in {"sqlalchemy", "flask", "flask_sqlalchemy", "flask_login", "wtforms"}
        or module == "mobility.core.database"
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem in LAYERS], ids=str)
def test_inside_a_feature_imports_point_down_too(path: Path) -> None:
    """workflow <- models <- rules, queries <- operations, messages <- forms, views."""
    own = module_name(path)
    rank = {"workflow": 0, "models": 1, "rules": 2, "queries": 2, "operations": 3, "messages": 3, "forms": 4, "views": 5}
    wrong = [
        module
        for module, _ in imports_of(path)
        if module.rpartition(".")[0] == own.rpartition(".")[0]
        and module.rpartition(".")[2] in rank
        and rank[module.rpartition(".")[2]] > rank[path.stem]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem == "operations"], ids=str)
def test_operations_never_read_the_request(path: Path) -> None:
    """Who acts arrives as `by=`, so jobs, the command line and tests call the same operations."""
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"request", "session", "current_user"})


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem == "operations"], ids=str)
def test_operations_never_commit(path: Path) -> None:
    attributes = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert attributes.isdisjoint({"commit", "begin"})


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_only_the_workflow_sets_a_state(path: Path) -> None:
    """`subject.state = ...` stands in core/workflow.py alone; the outbox has states of its own."""
    if path.relative_to(PACKAGE).parts[0] == "notifications" or path.name in {"workflow.py", "reminders.py"}:
        return
    targets = [
        target
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ]
    assert targets == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem == "views"], ids=str)
def test_views_neither_query_nor_change(path: Path) -> None:
    """They call one operation or query, and answer."""
    tree = ast.parse(path.read_text())
    calls = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert {call for call in calls if call.startswith("db.")} == set()
    assert [module for module, _ in imports_of(path) if module.startswith("sqlalchemy")] == []
