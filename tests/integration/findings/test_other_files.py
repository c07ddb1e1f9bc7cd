"""Other calls of the form of the worked example: from the file and through the models they come to the same."""

from types import ModuleType
from typing import Any

import pytest

from mobility.findings.queries import computed, facts_of
from mobility.outcomes.facts import Case
from mobility.outcomes.review import Reviewed
from tests.integration.findings.test_example import at_the_end_of
from tests.support.invented import invented
from tests.support.loaded import Loaded
from tests.support.outcomes import Reader, Row, example

SEEDS = range(6)


def told(review: Reviewed, names: dict[Any, str]) -> Row:
    """All of a review, its cases by the keys of the file."""

    def keys(cases: frozenset[Case] | None) -> set[Any] | None:
        return None if cases is None else {names.get(case, case.key) for case in cases}

    figures = {
        key: (each.value, each.n, each.shown, each.few_answered, each.items, keys(each.cases), keys(each.finding.paid))
        for key, each in review.figures.items()
    }
    tables = {
        key: (each.rows, each.columns, dict(each.cells), each.n, {cell: keys(cases) for cell, cases in each.cases.items()})
        for key, each in review.tables.items()
    }
    return figures | tables


@pytest.mark.parametrize("data", [example(), *map(invented, SEEDS)], ids=["example", *map(str, SEEDS)])
def test_from_the_file_and_through_the_models_all_is_the_same(data: Row, db_session: Any, clock: ModuleType) -> None:
    loaded = Loaded(data)
    clock.set_to(at_the_end_of(data["as_of"], loaded.reader.zone))
    of_file, of_models = Reader(data).read(), facts_of(loaded.programme)
    for key in (None, *(each["key"] for each in data["call"])):
        right = told(computed(of_file, key), {})
        found = told(computed(of_models, loaded.ids[key] if key else None), loaded.names)
        assert {name: (found[name], each) for name, each in right.items() if found[name] != each} == {}
