"""Mail from the lists whose rows name an organisation, a promise or somebody in no programme: whom it reaches, and who may."""

from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.exchanges.operations import sign
from mobility.mailings.models import Mailing
from mobility.people.models import User
from mobility.people.roles import Role
from tests.integration.mailings.test_mailings import WAY, mails, send, way
from tests.support.cases import Case, make_case
from tests.support.client import Visitor
from tests.support.experts import make_expert
from tests.support.factories import (
    coordinator_of,
    make_exchange,
    make_guest,
    make_member,
    make_membership,
    make_programme,
    make_theme,
    make_user,
)
from tests.support.queries import queries


@pytest.fixture
def case(db_session: Any) -> Case:
    return make_case()


def strangers(case: Case) -> list[User]:
    """Nobody of these writes to a list of the programme, though some of them read it."""
    roles = (Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)
    readers = [make_member(case.programme, role) for role in roles]
    return [*readers, make_member(make_programme(), Role.OWNER), make_user(is_administrator=True), make_guest()]


def refused(visitor: Visitor, at: str, path: str, people: list[User]) -> None:
    db.session.commit()
    for person in people:
        browser = visitor(person)
        assert not WAY.search(browser.get(path).text), person.memberships
        assert browser.get(at).status_code == 404, person.memberships
        assert browser.post(at, data={"act": "all", "subject": "x", "text": "x"}).status_code == 404


def reached() -> set[int | None]:
    return {each.recipient_id for kind in ("mailing", "mailing_news") for each in mails(kind)}


def test_the_coordinators_of_organisations_with_aid(visitor: Visitor, case: Case) -> None:
    voucher = case.take_to("approved")
    home, case.programme.de_minimis_ceiling = voucher.holder_organisation, Decimal(300_000)
    speaking = [make_member(home, Role.COORDINATOR, name=name) for name in ("Ana Zupan", "Liis Tamm")]
    silent = [make_member(home, Role.HOST), make_member(home, Role.COORDINATOR, active=False)]
    db.session.commit()
    path, browser = f"/programmes/{case.programme.id}/de-minimis", visitor(case.owner)
    at = way(browser, path)
    assert "Write to these organisations&#39; coordinators" in browser.get(path).text
    shown = browser.get(at).text
    assert [name in shown for name in ("Ana Zupan", "Liis Tamm")] == [True, True]
    assert send(browser, at, subject="{organisation}", text="{name}: {left} is left to {organisation}.").status_code == 302
    assert {each.id for each in speaking} <= reached()
    assert reached().isdisjoint(each.id for each in silent)
    assert all(home.name in each.text for each in mails())
    refused(visitor, at, path, [*strangers(case), *speaking])


def test_those_who_owe_a_late_promise(visitor: Visitor, case: Case, clock: ModuleType) -> None:
    theme = make_theme(programme=case.programme, places=3)
    late, half = make_exchange(theme, make_guest(name="Ana Zupan")), make_exchange(theme, make_guest())
    host = coordinator_of(theme)
    sign(half, by=half.guest, number=1)  # has done their part: the host owes the other signature
    db.session.commit()
    path = f"/programmes/{case.programme.id}/late"
    clock.move(days=60)
    browser = visitor(case.owner)
    at = way(browser, path)
    assert "Write to these people who owe it" in browser.get(path).text
    assert send(browser, at, subject="{which}", text="{name}: {promise}, due {due}").status_code == 302
    assert reached() == {late.guest_id, host.id}  # not who has signed, nor who has not sent a draft, which no owner sees
    refused(visitor, at, path, [*strangers(case), late.guest])


def test_experts_get_news_from_any_owner_and_can_refuse_them(visitor: Visitor, case: Case) -> None:
    expert = make_expert(name="Ana Zupan")
    db.session.commit()
    browser = visitor(case.owner)
    at = way(browser, "/experts")
    assert 'name="what"' not in browser.get(at).text  # nobody's case: only news
    assert send(browser, at, subject="A review", text="Dear {name} of {organisation}", what="").status_code == 302
    assert [each.recipient_id for each in mails("mailing_news")] == [expert.person_id]
    assert mails("mailing_news")[0].unsubscribe
    assert db.session.scalars(select(Mailing.programme_id)).all() == [case.programme.id]
    others = [each for each in strangers(case) if not any(held.role == Role.OWNER for held in each.memberships)]
    refused(visitor, at, "/experts", [*others, expert.person])


def test_a_host_writes_to_the_holders_of_its_vouchers(visitor: Visitor, case: Case) -> None:
    voucher = case.take_to("issued")
    coordinator = make_member(voucher.host, Role.COORDINATOR)
    db.session.commit()
    browser = visitor(coordinator)
    at = way(browser, "/vouchers")
    assert send(browser, at, subject="{what_for}", text="{holder}, {valid_until}").status_code == 302
    assert reached() == {voucher.holder_id}
    assert db.session.scalars(select(Mailing.organisation_id)).all() == [voucher.host_id]
    refused(
        visitor, at, "/vouchers", [voucher.holder, make_member(voucher.holder_organisation, Role.COORDINATOR), *strangers(case)]
    )


def test_one_mail_for_whoever_speaks_for_two(visitor: Visitor, case: Case) -> None:
    homes = [make_case(programme=case.programme).take_to("approved").holder_organisation for _ in range(2)]
    case.programme.de_minimis_ceiling = Decimal(300_000)
    both = make_member(homes[0], Role.COORDINATOR)
    make_membership(both, homes[1], Role.COORDINATOR)
    db.session.commit()
    browser = visitor(case.owner)
    send(browser, way(browser, f"/programmes/{case.programme.id}/de-minimis"), subject="{name}", text="{organisation}")
    theirs = [each for each in mails() if each.recipient_id == both.id]
    assert len(theirs) == 1
    assert all(home.name in theirs[0].text for home in homes)


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_as_many_queries_for_one_row_as_for_thirty(visitor: Visitor, case: Case, clock: ModuleType, rows: int) -> None:
    theme = make_theme(programme=case.programme, places=50)
    for _ in range(rows):
        make_exchange(theme, make_guest())
    db.session.commit()
    clock.move(days=60)
    browser = visitor(case.owner)
    at = way(browser, f"/programmes/{case.programme.id}/late")
    with queries() as asked:
        assert browser.get(at).status_code == 200
    assert asked.count == 16, asked
