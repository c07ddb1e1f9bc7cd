"""Nobody but vouchers/kinds.py knows a kind of voucher by its name (docs/design/architecture.md, "Its kinds").

A name may be passed on as a value (`Voucher(kind=KNOWLEDGE)`), but nothing may depend on it: no comparison, no `match`, no
table with names as keys.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from mobility.vouchers import kinds

ROOT = Path(__file__).parents[2]
HOME = ROOT / "mobility" / "vouchers" / "kinds.py"
MODULES = [path for folder in ("mobility", "bench", "tools") for path in sorted((ROOT / folder).rglob("*.py")) if path != HOME]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())

KEYS = set(kinds.KINDS)
CONSTANTS = {name for name, value in vars(kinds).items() if value in [*KEYS, *kinds.KINDS.values()]}
LOOKS_UP = {"KINDS", "kind_of"}
COLLECTS = {"frozenset", "set", "tuple", "list"}
COMPARES = {
    "in_", "not_in", "notin_", "is_", "is_not", "isnot", "like", "ilike", "startswith", "endswith", "filter_by", "get", "pop",
    "eq", "ne", "is_distinct_from", "is_not_distinct_from", "isdisjoint", "issubset", "issuperset", "index", "count",
}  # fmt: skip
QUOTED = re.compile(rf"(['\"])({'|'.join(KEYS)})\1")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


class Names:
    """What names a kind in one module: keys, the constants of kinds.py under whatever name, and what is set to one of them."""

    def __init__(self, tree: ast.Module) -> None:
        self.own = set(CONSTANTS - {"DEFAULT"})
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == kinds.__name__:
                self.own |= {each.asname or each.name for each in node.names if each.name in CONSTANTS}
        for node in self._assigned(tree):
            if node.value is not None and self.in_(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self.own |= {each.id for each in targets if isinstance(each, ast.Name)}

    def _assigned(self, tree: ast.Module) -> Iterator[ast.Assign | ast.AnnAssign]:
        """Assignments outside of classes, whose attributes are other names."""
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                yield node
            elif not isinstance(node, ast.ClassDef):
                yield from self._assigned(node)  # type: ignore[arg-type]

    def in_(self, node: ast.AST | None) -> bool:
        """Whether an expression names a kind, alone or among others."""
        match node:
            case ast.Constant(value=str(text)):
                return text in KEYS
            case ast.Name(id=name):
                return name in self.own
            case ast.Attribute(value=value, attr=name):
                return (isinstance(value, ast.Name) and value.id == "kinds" and name in CONSTANTS) or self.in_(value)
            case ast.Subscript(value=ast.Name(id=table), slice=key):
                return table in LOOKS_UP and self.in_(key)
            case ast.Call(func=ast.Name(id=function) | ast.Attribute(value=ast.Name(id=function), attr="get"), args=args):
                return function in LOOKS_UP | COLLECTS | {"str"} and self.any_in(args)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return self.any_in(parts)
            case ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.in_(value)
        return False

    def any_in(self, parts: Iterable[ast.AST | None]) -> bool:
        return any(self.in_(each) for each in parts)


def kinds_compared(source: str) -> list[int]:
    """The lines of a module on which something depends on the name of a kind."""
    tree = ast.parse(source)
    names = Names(tree)
    return sorted({node.lineno for node in ast.walk(tree) if _depends(node, names)})


def _depends(node: ast.AST, names: Names) -> bool:
    match node:
        case ast.Compare(left=left, comparators=others):
            return names.any_in([left, *others])
        case ast.Dict(keys=keys):
            return names.any_in(keys)
        case ast.Subscript(value=table, slice=key):
            return names.in_(key) and not _is_the_table(table)
        case ast.MatchValue(value=value):
            return names.in_(value)
        case ast.BinOp(left=left, right=right):
            return names.any_in([left, right])
        case ast.Call():
            return _call_depends(node, names)
        case ast.Constant(value=str(text)):
            return bool(QUOTED.search(text))
    return False


def _call_depends(node: ast.Call, names: Names) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            return any(each.arg in KEYS for each in keywords)
        case ast.Call(func=ast.Name(id="eq" | "ne" | "getattr" | "hasattr"), args=args):
            return names.any_in(args)
        case ast.Call(func=ast.Attribute(attr="__eq__" | "__ne__", value=value), args=args):
            return names.any_in([value, *args])
        case ast.Call(func=ast.Attribute(attr=method, value=table), args=args, keywords=keywords) if method in COMPARES:
            return names.any_in([*args, *(each.value for each in keywords)]) and not _is_the_table(table)
    return False


def _is_the_table(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "KINDS"


def kinds_in_template(source: str) -> list[int]:
    """The lines of a template on which a kind is named at all: it has no reason to, be it to compare or to look up."""
    tree = Environment(autoescape=True).parse(source)
    constants = [node.lineno for node in tree.find_all(nodes.Const) if node.value in KEYS]
    fields = [node.lineno for node in tree.find_all(nodes.Getattr) if node.attr in KEYS | CONSTANTS]
    constants += [node.lineno for node in tree.find_all(nodes.Name) if node.name in CONSTANTS]
    named_so = [node.lineno for node in tree.find_all(nodes.Keyword) if node.key in KEYS]
    return sorted({*constants, *fields, *named_so})


def test_no_module_depends_on_the_name_of_a_kind() -> None:
    found = {named(path): lines for path in MODULES if (lines := kinds_compared(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_names_a_kind(path: Path) -> None:
    assert kinds_in_template(path.read_text("utf-8")) == []


IMPORT = "from mobility.vouchers.kinds import DEFAULT, KINDS, KNOWLEDGE, MOBILITY, kind_of\n"


@pytest.mark.parametrize(
    "planted",
    [
        "if voucher.kind == 'knowledge': pass",
        "if 'mobility' != voucher.kind: pass",
        "if voucher.kind in ('mobility', 'other'): pass",
        "if voucher.kind not in frozenset({'knowledge'}): pass",
        "if voucher.kind == KNOWLEDGE: pass",
        "if voucher.kind == DEFAULT: pass",
        "if voucher.traits is MOBILITY: pass",
        "if voucher.traits is KINDS['mobility']: pass",
        "if voucher.traits is not kind_of(KNOWLEDGE): pass",
        "if voucher.traits.key == KNOWLEDGE.key: pass",
        "words = 'a' if voucher.kind == KNOWLEDGE else 'b'",
        "applies = lambda voucher: voucher.kind == MOBILITY",
        "query.where(Voucher.kind == KNOWLEDGE)",
        "query.where(Voucher.kind.in_([MOBILITY]))",
        "query.filter_by(kind=KNOWLEDGE)",
        "words = {'mobility': 1, 'knowledge': 2}[voucher.kind]",
        "words = {MOBILITY: 1}.get(voucher.kind)",
        "words = dict(mobility=1, knowledge=2)[voucher.kind]",
        "words = table['knowledge']",
        "words = table.get(KNOWLEDGE)",
        "match voucher.kind:\n    case 'knowledge': pass",
        "match voucher.kind:\n    case 'other' | 'mobility': pass",
        "match voucher:\n    case Voucher(kind='knowledge'): pass",
        "if eq(voucher.kind, 'knowledge'): pass",
        "if KNOWLEDGE.__eq__(voucher.kind): pass",
        "if {voucher.kind} & {'knowledge'}: pass",
        "if voucher.traits == KINDS.get('knowledge'): pass",
        "if voucher.kind == str(KNOWLEDGE): pass",
        "words = getattr(table, 'knowledge')",
        "OURS = KNOWLEDGE\nif voucher.kind == OURS: pass",
        "WITH_STAY = {'mobility'}\nif voucher.kind in WITH_STAY: pass",
        "def f():\n    ours = KNOWLEDGE\n    return voucher.kind == ours",
        "text(\"SELECT id FROM voucher WHERE kind = 'knowledge'\")",
        "text('SELECT id FROM voucher WHERE kind = \"knowledge\"')",
    ],
)
def test_a_name_that_decides_is_seen(planted: str) -> None:
    assert len(kinds_compared(IMPORT + planted)) == 1


@pytest.mark.parametrize(
    "planted",
    [
        "from mobility.vouchers.kinds import KNOWLEDGE as OURS\nif voucher.kind == OURS: pass",
        "from mobility.vouchers import kinds\nif voucher.kind == kinds.DEFAULT: pass",
        "from mobility.vouchers.guards import MOBILITY\nif voucher.kind == MOBILITY: pass",
    ],
)
def test_a_name_that_comes_by_another_way_is_seen(planted: str) -> None:
    assert kinds_compared(planted) == [2]


@pytest.mark.parametrize(
    "fine",
    [
        "Voucher(kind=KNOWLEDGE)",
        "newest_rate_card(programme.id, KNOWLEDGE) is None",
        "def newest(kind: str = DEFAULT): return RateCard.kind == kind",
        "KINDS[KNOWLEDGE].declarations",
        "voucher.kind == other.kind",
        "voucher.kind in KINDS",
        "voucher.traits.rests_on == 'stay'",
        "blueprint = Blueprint('knowledge', __name__)",
        "for kind, amount in ((MOBILITY, 1), (KNOWLEDGE, 2)): pass",
    ],
)
def test_a_name_that_is_passed_on_is_fine(fine: str) -> None:
    assert kinds_compared(IMPORT + fine) == []


@pytest.mark.parametrize(
    "planted",
    [
        "{% if voucher.kind == 'knowledge' %}x{% endif %}",
        "{{ 'x' if 'mobility' != row.kind else 'y' }}",
        "{% if voucher.kind in ('mobility', 'other') %}x{% endif %}",
        "{% if voucher.kind is eq('knowledge') %}x{% endif %}",
        "{% set ours = 'knowledge' %}",
        "{{ {'mobility': 'a', 'knowledge': 'b'}[voucher.kind] }}",
        "{{ dict(knowledge='b').get(voucher.kind) }}",
        "{{ vouchers|selectattr('kind', 'equalto', 'knowledge')|list }}",
        "{{ kinds['knowledge'].label }}",
        "{{ field(form.mobility) }}",
        "{% if voucher.kind == KNOWLEDGE %}x{% endif %}",
        "{% if voucher.traits is sameas kinds.MOBILITY %}x{% endif %}",
        "{% macro words(kind) %}{% if kind == 'knowledge' %}x{% endif %}{% endmacro %}",
    ],
)
def test_a_name_in_a_template_is_seen(planted: str) -> None:
    assert kinds_in_template(planted) == [1]


def test_a_template_may_ask_for_traits_and_link_to_pages() -> None:
    fine = "{% if voucher.traits.by_invoice %}<p>knowledge</p>{% endif %}{{ url_for('knowledge.new', like=voucher.id) }}"
    assert kinds_in_template(fine) == []
