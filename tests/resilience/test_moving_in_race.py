"""Files of running exchanges that are entered at the same moment: the same rows once, and no organisation beyond its ceiling."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from mobility import jobs
from mobility.aid import operations as limits
from mobility.budgets.checks import check_ledger
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused
from mobility.exchanges.models import Exchange
from mobility.imports import operations, queries, steps
from mobility.imports.models import Import
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher
from tests.integration.movingin.test_exchanges import PLAIN, rows, written
from tests.support.factories import make_funded_programme, make_member, make_organisation, make_theme

FILES = 4


@pytest.fixture
def racing_app(fresh_database: str, app_on: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    options = {"pool_size": FILES, "max_overflow": 8} if fresh_database.startswith("postgresql") else {}
    folder = tmp_path_factory.mktemp("files").as_uri()
    return app_on(fresh_database, SQLALCHEMY_ENGINE_OPTIONS=options, FILES_URL=folder)


def make_places() -> tuple[Organisation, User]:
    lisbon = make_organisation(name="Lisbon Hub", country="PT", city="Lisbon", latitude=38.72, longitude=-9.14)
    mur = make_organisation(name="Mur Cluster", country="AT", city="Graz", latitude=47.07, longitude=15.44)
    make_member(mur, Role.GUEST, name="Ana Zupan", email="ana@example.org", level="cluster_manager")
    return lisbon, make_member(lisbon, Role.COORDINATOR, name="Marta Nogueira", email="marta@example.org")


def make_batch(programme: Programme, lisbon: Organisation, marta: User, number: int, **changes: str) -> int:
    """Handed in by an owner of its own, looked at, and pressed: the next step enters it."""
    owner = make_member(programme, Role.OWNER, name=f"Owner {number}", email=f"owner{number}@example.org")
    content = rows(written(**{**PLAIN, **changes}))
    db.session.flush()
    batch = operations.hand_in(by=owner, name=f"file{number}.xlsx", content=content, programme=programme)
    db.session.commit()
    steps.advance(batch.id)
    with transaction():
        found = db.session.get_one(Import, batch.id)
        operations.match(found, by=found.by, seen=found.version, columns=[each["columns"] for each in found.sheets])
    steps.advance(batch.id)
    with transaction():
        found = db.session.get_one(Import, batch.id)
        assert found.report["faults"] == []
        operations.enter(found, by=found.by, seen=found.version, although_alike=True, although_different=True)
    return batch.id


def race(app: Flask, ids: list[int]) -> None:
    ready = Barrier(len(ids))

    def enter(id: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                steps.advance(id)
            except (GuardRefused, OperationalError) as refused:  # as the job takes it: it looks again
                refusals.append(type(refused).__name__)
            finally:
                db.session.remove()

    refusals: list[str] = []
    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(enter, ids))
    with app.app_context():
        for _ in range(3):
            jobs.run("advance-imports")


def amounts(app: Flask) -> list[Decimal]:
    with app.app_context():
        assert list(check_ledger()) == []
        return list(db.session.scalars(select(Voucher.amount).order_by(Voucher.id)))


def test_the_same_rows_in_four_files_are_entered_once(racing_app: Flask) -> None:
    clock.set_to(clock.noon_of(date(2027, 3, 1)))
    with racing_app.app_context():
        programme = make_funded_programme(scheme="light", name="Alpine exchanges")
        lisbon, marta = make_places()
        make_theme(host=lisbon, programme=programme, by=marta, title="Funding services", places=9)
        db.session.commit()
        ids = [make_batch(programme, lisbon, marta, number) for number in range(FILES)]
    race(racing_app, ids)
    assert amounts(racing_app) == [Decimal("780.00")]
    with racing_app.app_context():
        assert db.session.scalar(select(func.count(Exchange.id))) == 1
        stages = sorted(db.session.scalars(select(Import.stage)))
        assert set(stages) <= {"entered", "checked"}
        assert queries.waiting() == []


def beyond(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Decimal]:
    """Four programmes, each with a stay of its own for the same organisation: the ceiling has room for one of 780 euro."""
    clock.set_to(clock.noon_of(date(2027, 3, 1)))
    with app.app_context():
        lisbon, marta = make_places()
        ids = []
        for number in range(FILES):
            programme = make_funded_programme(scheme="light", name=f"Programme {number}")
            programme.de_minimis_ceiling = Decimal(1000)
            make_theme(host=lisbon, programme=programme, by=marta, title="Funding services", places=9)
            db.session.commit()
            days = {"First day": f"2027-0{number + 4}-12", "Last day": f"2027-0{number + 4}-16"}
            ids.append(make_batch(programme, lisbon, marta, number, **days))
    look, all_have_looked = steps.checking.check, Barrier(FILES)

    def and_wait(batch: Import) -> Any:
        plan = look(batch)
        with suppress(BrokenBarrierError):
            all_have_looked.wait(5 if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else 0.1)
        return plan

    monkeypatch.setattr(steps.checking, "check", and_wait)
    race(app, ids)
    return amounts(app)


def test_no_organisation_is_granted_too_much_by_files_at_once(racing_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have looked at their cells before the first writes."""
    assert beyond(racing_app, monkeypatch) == [Decimal("780.00")]
    with racing_app.app_context():
        left = db.session.scalars(select(Import).where(Import.stage == "checked")).all()
        assert len(left) == FILES - 1
        assert all("de minimis aid" in str(each.report["faults"]) for each in left)


def test_the_control(racing_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at the end, and the lock, more than one passes: so the test can fail."""
    monkeypatch.setattr(limits, "ensure_together_below_ceiling", lambda programme, ids: None)
    if not racing_app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("SQLite has one writer at a time")
    assert len(beyond(racing_app, monkeypatch)) > 1
