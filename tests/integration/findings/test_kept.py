"""Reviews of large programmes are kept: they equal what is computed anew, say of when they are, and are never computed by two."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility import jobs
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused, NotAllowed
from mobility.findings import operations, queries
from mobility.findings.models import Computation, KeptFigure, KeptScope, KeptTable
from mobility.findings.queries import KeptReview, computed, facts_of, review_of
from mobility.outcomes.publication import publish
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.vouchers.models import Voucher
from tests.integration.findings.test_example import at_the_end_of
from tests.integration.findings.test_other_files import told
from tests.support.factories import make_call, make_member
from tests.support.loaded import Loaded
from tests.support.outcomes import example

DATA = example()


@pytest.fixture
def loaded(db_session: Any, clock: ModuleType) -> Loaded:
    loaded = Loaded(DATA)
    clock.set_to(at_the_end_of(DATA["as_of"], loaded.reader.zone))
    return loaded


@pytest.fixture
def large(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """A programme of 17 applications is large."""
    monkeypatch.setattr(queries, "SMALL", 16)
    return loaded


@pytest.fixture
def owner(loaded: Loaded) -> User:
    return make_member(loaded.programme, Role.OWNER)


def anew(loaded: Loaded, call: str | None = None) -> KeptReview:
    return computed(facts_of(loaded.programme), loaded.ids[call] if call else None)


def kept(loaded: Loaded, call: str | None = None) -> KeptReview:
    return review_of(loaded.programme, loaded.call(call) if call else None)


@pytest.mark.parametrize("call", [None, "c1", "c2"])
def test_what_is_kept_is_what_is_computed_anew(large: Loaded, call: str | None) -> None:
    """Each value, n, mark, response and case; each table; the knowledge flow; and what of it is public."""
    assert str(jobs.run("keep-figures")) == "figures of 1 programmes"
    found, right = kept(large, call), anew(large, call)
    assert (found.is_kept, right.is_kept) == (True, False)
    assert (found.call, found.as_of) == (right.call, right.as_of)
    assert told(found, {}) == told(right, {})
    assert list(found.figures) == list(right.figures)
    for by_region in (False, True):
        assert found.flows(by_region) == right.flows(by_region)
    public, others = publish(found), publish(right)
    assert (public.rows, public.trace.as_json()) == (others.rows, others.trace.as_json())


def test_it_is_of_when_it_was_computed_until_somebody_wants_it_anew(large: Loaded, owner: User, clock: ModuleType) -> None:
    began = clock.utc_now()
    jobs.run("keep-figures")
    clock.move(minutes=2)
    change(large)
    assert (kept(large).computed_at, kept(large).figures["cost.total"].shown) == (began, "9145.00")
    assert str(jobs.run("compute-anew")) == ""
    with transaction():
        operations.want_anew(large.programme, by=owner)
    assert str(jobs.run("compute-anew")) == "figures of 1 programmes"
    assert (kept(large).computed_at, kept(large).figures["cost.total"].shown) == (began + timedelta(minutes=2), "9144.00")
    assert str(jobs.run("compute-anew")) == ""


def change(loaded: Loaded) -> None:
    """One euro less was paid."""
    with transaction():
        voucher = db.session.get_one(Voucher, loaded.ids["v01"])
        voucher.final_amount -= 1


def test_it_is_computed_once_a_night(large: Loaded, clock: ModuleType) -> None:
    assert [str(jobs.run("keep-figures")) for _ in range(2)] == ["figures of 1 programmes", ""]
    clock.move(hours=1)  # half an hour past midnight
    assert [str(jobs.run("keep-figures")) for _ in range(2)] == ["figures of 1 programmes", ""]
    assert kept(large).as_of == DATA["as_of"] + timedelta(days=1)


def test_what_was_kept_before_is_gone(large: Loaded, clock: ModuleType) -> None:
    def count() -> list[int]:
        return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (KeptScope, KeptFigure, KeptTable)]

    jobs.run("keep-figures")
    first = count()
    clock.move(days=1)
    jobs.run("keep-figures")
    assert count() == first
    assert first[0] == 3  # the programme and two calls


def test_a_small_programme_is_computed_whenever_somebody_looks(loaded: Loaded, clock: ModuleType) -> None:
    assert str(jobs.run("keep-figures")) == ""
    clock.move(minutes=2)
    change(loaded)
    assert (kept(loaded).is_kept, kept(loaded).computed_at) == (False, clock.utc_now())
    assert kept(loaded).figures["cost.total"].shown == "9144.00"


def test_as_long_as_nothing_is_kept_it_is_computed_at_once(large: Loaded) -> None:
    assert kept(large).is_kept is False
    assert told(kept(large), {}) == told(anew(large), {})


def test_what_an_earlier_version_kept_is_not_shown(large: Loaded) -> None:
    """It has no value for a figure that is new."""
    jobs.run("keep-figures")
    with transaction():
        db.session.delete(
            db.session.scalars(
                select(KeptFigure)
                .join(KeptScope, KeptFigure.scope_id == KeptScope.id)
                .where(KeptScope.call_id.is_(None), KeptFigure.key == "win_win")
            ).one()
        )
    assert kept(large).is_kept is False
    assert kept(large).figures["win_win"].shown == "60 %"


def test_a_call_that_was_made_since_has_come_to_nothing(large: Loaded) -> None:
    jobs.run("keep-figures")
    with transaction():
        call = make_call(large.programme)
    review = review_of(large.programme, call)
    assert (review.is_kept, review.computed_at, review.as_of) == (True, kept(large).computed_at, DATA["as_of"])
    assert review.figures["pipeline.applications_submitted"].value == 0


# Never two at once


def begin(loaded: Loaded) -> Any:
    with transaction():
        return operations.begin(loaded.programme)


def test_whoever_comes_second_leaves_it_to_the_first(large: Loaded, owner: User) -> None:
    assert begin(large) is not None
    assert begin(large) is None
    assert str(jobs.run("keep-figures")) == ""
    with pytest.raises(GuardRefused, match="being computed"), transaction():
        operations.want_anew(large.programme, by=owner)


def test_one_that_has_died_is_followed_by_another_and_keeps_nothing_later(large: Loaded, clock: ModuleType) -> None:
    first, late = begin(large), operations.compute(large.programme)
    clock.move(minutes=11)
    second = begin(large)
    assert second is not None
    with transaction():
        assert operations.keep(large.programme, late, first) is False
    with transaction():
        assert operations.keep(large.programme, late, second) is True
    assert kept(large).is_kept


def test_what_is_wanted_while_it_is_computed_is_computed_again(large: Loaded, owner: User, clock: ModuleType) -> None:
    begun = begin(large)
    result = operations.compute(large.programme)
    clock.move(seconds=2)
    with transaction():
        row = queries.computation_of(large.programme)
        assert row is not None
        row.wanted_at = clock.utc_now()
    with transaction():
        operations.keep(large.programme, result, begun)
    assert queries.wanted() == [large.programme.id]


def test_a_failure_is_told_and_stops_no_other(large: Loaded, monkeypatch: pytest.MonkeyPatch, clock: ModuleType) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(operations, "facts_of", lambda programme: 1 / 0)
        assert str(jobs.run("keep-figures")) == "1 FAILED"
    assert str(jobs.run("keep-figures")) == ""  # it may still be at work
    clock.move(minutes=11)
    assert str(jobs.run("keep-figures")) == "figures of 1 programmes"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE_OFFICER, Role.ASSESSOR])
def test_only_an_owner_wants_it_anew(large: Loaded, role: Role) -> None:
    other = make_member(large.programme, role)
    with pytest.raises(NotAllowed), transaction():
        operations.want_anew(large.programme, by=other)
    assert db.session.scalar(select(func.count()).select_from(Computation)) == 0


# In how many statements


def test_what_is_kept_is_read_in_four_statements(large: Loaded, queries: Callable[..., Any]) -> None:
    """Is it large; which scope; its figures; its tables. What a figure rests on is a fifth, if somebody asks."""
    jobs.run("keep-figures")
    programme, call = large.programme, large.call("c1")
    assert programme.id
    assert call.id
    with queries() as q:
        review = review_of(programme, call)
        assert [each.shown for each in review.figures.values()]
        assert review.tables["countries"].numbers
    assert q.count == 4, q
    with queries() as q:
        assert len(review.figures["cost.total"].cases) == 7
        assert len(review.figures["cost.total"].finding.paid or ()) == 7
    assert q.count == 1, q
