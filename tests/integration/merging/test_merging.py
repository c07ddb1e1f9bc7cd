"""Two organisations, or two accounts of one person, become one."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.audit.models import AuditEntry
from mobility.budgets import checks
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.merging import operations, queries
from mobility.merging.models import Merger
from mobility.merging.rules import OF_ORGANISATIONS, OF_PEOPLE
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import user_by_email
from mobility.people.roles import Role
from mobility.teams.models import RoleInvitation
from mobility.themes.models import Theme
from mobility.workflows.history import HistoryEntry
from tests.support.cases import Case
from tests.support.factories import (
    make_draft,
    make_exchange,
    make_member,
    make_membership,
    make_organisation,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.html import fields_of, text_of

REASON = {"reason": "Registered twice."}


@pytest.fixture
def admin(db_session: Any) -> User:
    return make_user(name="Robin Keller", is_administrator=True)


def merge(client: Any, kind: str, gone: Any, stays: Any, **more: str) -> Any:
    address = f"/admin/{kind}/{gone.id}/merge/{stays.id}"
    return client.post(address, data=fields_of(client.get(address)) | REASON | more)


def test_every_column_that_names_a_person_is_declared() -> None:
    """Whoever adds one says in merging/rules.py what becomes of it."""
    assert queries.undeclared() == []
    there = {f"{each.table.name}.{each.name}" for target in ("user", "organisation") for each in queries.naming(target)}
    assert {*OF_PEOPLE, *OF_ORGANISATIONS} <= there


def test_all_of_an_organisation_is_the_others(client: Any, admin: User, db_session: Any) -> None:
    gone, stays = make_organisation(name="Mur Cluster e.V."), make_organisation(name="Mur Cluster")
    both = make_member(gone, Role.COORDINATOR)
    make_membership(both, stays, Role.COORDINATOR)
    guest = make_member(gone, Role.GUEST)
    theme = make_theme(host=gone)
    exchange = make_exchange(guest=guest)
    invited = RoleInvitation(person=make_user(), organisation=gone, role=Role.GUEST, expires_at=theme.created_at)
    db_session.add(invited)
    db_session.commit()
    sign_in(client, admin)
    page = client.get(f"/admin/organisations/{gone.id}/merge/{stays.id}")
    assert "1 themes" in text_of(page)
    assert merge(client, "organisations", gone, stays).status_code == 303
    db_session.expire_all()
    assert (theme.host_id, exchange.guest_organisation_id) == (stays.id, stays.id)
    now = db_session.scalars(select(Membership).where(Membership.until.is_(None))).unique().all()
    assert gone.id not in {each.organisation_id for each in now}
    assert [each.role for each in now if each.user_id == both.id] == [Role.COORDINATOR]
    assert {each.organisation_id for each in now if each.user_id == guest.id} == {stays.id}
    assert db_session.scalar(select(func.count(Membership.id)).where(Membership.organisation_id == gone.id)) >= 2  # on record
    answers = dict(db_session.execute(select(RoleInvitation.organisation_id, RoleInvitation.answer)).all())
    assert answers == {gone.id: "withdrawn", stays.id: None}
    moved = client.get(f"/organisations/{gone.id}")
    assert (moved.status_code, moved.location) == (301, f"/organisations/{stays.id}")
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "organisations_merged")).one()
    assert entry.about == "Mur Cluster e.V. into Mur Cluster: Registered twice."
    assert client.get(f"/admin/organisations/{gone.id}/merge/{stays.id}").status_code == 200  # says that it is closed
    answer = client.post(f"/admin/organisations/{gone.id}/merge/{stays.id}", data={"seen": "x", **REASON})
    assert answer.status_code == 409
    assert db_session.scalar(select(func.count(Merger.id))) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_organisations_with_an_exchange_with_each_other_stay_two(client: Any, admin: User, db_session: Any, turned: bool) -> None:
    exchange = make_exchange()
    pair = (exchange.host, exchange.guest_organisation)
    gone, stays = pair[::-1] if turned else pair
    db_session.commit()
    sign_in(client, admin)
    answer = client.get(f"/admin/organisations/{gone.id}/merge/{stays.id}")
    assert "have exchanges with each other" in text_of(answer)
    with pytest.raises(Refusal, match="host and guest"), transaction():
        operations.merge_organisations(*queries.locked_pair(Organisation, gone.id, stays.id), by=admin, reason="x")
    db_session.expire_all()
    assert exchange.host_id != exchange.guest_organisation_id


def test_an_application_alone_stands_against_it_too(admin: User, db_session: Any) -> None:
    draft = make_draft()
    found = queries.against_organisations(draft.theme.host, draft.guest_organisation)
    assert len(found) == 1
    assert "applications with each other" in found[0]


def test_the_ledger_and_the_history_are_as_they_were(light: Case, admin: User, db_session: Any) -> None:
    light.take_to("validated")
    before = db_session.scalars(select(HistoryEntry.actor_name).order_by(HistoryEntry.id)).all()
    stays = make_organisation()
    db_session.commit()
    with transaction():
        gone, stays = queries.locked_pair(Organisation, light.exchange.guest_organisation_id, stays.id)
        operations.merge_organisations(gone, stays, by=db.session.merge(admin), reason="x")
    assert [*checks.check_ledger(), *checks.check_vouchers()] == []
    assert db_session.scalars(select(HistoryEntry.actor_name).order_by(HistoryEntry.id)).all() == before


def test_a_form_that_was_open_when_its_holder_became_another_is_looked_at_again(
    light: Case, visitor: Any, admin: User, db_session: Any
) -> None:
    voucher, stays, owner = light.take_to("requested"), make_user(), visitor(light.owner)
    approve = f"/vouchers/{voucher.id}/approve"
    opened = fields_of(owner.get(approve)) | {"note": "Well argued"}
    operations.merge_people(light.holder, stays, by=admin, reason="Twice.", keep_address=True)
    again = owner.post(approve, data=opened)
    assert (again.status_code, voucher.state) == (409, "requested")
    assert "This has changed since you opened it" in text_of(again)
    assert "Well argued" in again.text
    assert owner.post(approve, data=fields_of(again)).status_code == 303
    assert (voucher.state, voucher.holder) == ("issued", stays)


@pytest.mark.parametrize("whose", ["holder", "host"])
def test_whoever_had_to_wait_for_it_sees_the_same(
    app: Any, light: Case, visitor: Any, admin: User, db_session: Any, whose: str
) -> None:
    """The approval waits for the row, and reads it as it is afterwards."""
    voucher, owner = light.take_to("requested"), visitor(light.owner)
    approve = f"/vouchers/{voucher.id}/approve"
    opened = fields_of(owner.get(approve))
    gone, stays = (light.holder, make_user()) if whose == "holder" else (voucher.host, make_organisation())
    model, pair, by, sent = type(gone), (gone.id, stays.id), admin.id, threading.Event()
    db_session.commit()

    def merge_meanwhile() -> None:
        with app.app_context(), transaction():
            both, how = queries.locked_pair(model, *pair), {"by": db.session.get(User, by), "reason": "Twice."}
            if whose == "holder":
                operations.merge_people(*both, keep_address=True, **how)
            else:
                operations.merge_organisations(*both, **how)
            db.session.flush()
            sent.set()
            time.sleep(1)

    merging = threading.Thread(target=merge_meanwhile)
    merging.start()
    sent.wait(20)
    answer = owner.post(approve, data=opened)
    merging.join()
    assert answer.status_code == 409
    assert "This has changed since you opened it" in text_of(answer)


def test_two_accounts_of_one_person(client: Any, admin: User, db_session: Any) -> None:
    organisation = make_organisation()
    gone = make_member(organisation, Role.GUEST, email="old@example.org")
    stays = make_user(email="new@example.org")
    draft = make_draft(guest=gone)
    exchange = make_exchange(guest=gone)
    acts = select(func.count(HistoryEntry.id)).where(HistoryEntry.actor_id == gone.id)
    did = db_session.scalar(acts)
    db_session.commit()
    sign_in(client, admin)
    assert merge(client, "people", gone, stays, keep_address="y").status_code == 303
    db_session.expire_all()
    assert (draft.guest_id, exchange.guest_id) == (stays.id, stays.id)
    assert stays.roles_in(organisation.id) == {Role.GUEST}
    assert gone.active is False
    assert db_session.scalar(acts) == did
    assert user_by_email("OLD@example.org") == stays
    client.post(f"/admin/people/{gone.id}/open")
    db_session.expire_all()
    assert gone.active is False


def test_the_other_address_can_be_let_go(client: Any, admin: User, db_session: Any) -> None:
    gone, stays = make_user(email="old@example.org"), make_user()
    sign_in(client, admin)
    assert merge(client, "people", gone, stays).status_code == 303
    assert user_by_email("old@example.org") is None


def test_whoever_was_four_eyes_with_the_other_stays_two(full: Case, db_session: Any) -> None:
    full.take_to("validated")
    assert queries.against_people(full.assessor, full.owner)
    assert queries.against_people(full.holder, full.host_coordinator)
    assert queries.against_people(full.stranger, full.holder) == []


def test_what_was_shown_is_what_is_done(client: Any, admin: User, db_session: Any) -> None:
    gone, stays = make_organisation(), make_organisation()
    sign_in(client, admin)
    address = f"/admin/organisations/{gone.id}/merge/{stays.id}"
    opened = fields_of(client.get(address)) | REASON
    make_theme(host=gone)
    db_session.commit()
    assert client.post(address, data=opened).status_code == 409
    assert client.post(address, data=fields_of(client.get(address)) | {"reason": ""}).status_code == 422
    assert db_session.scalar(select(func.count(Merger.id))) == 0


def test_an_organisation_is_closed_once_nothing_waits(client: Any, admin: User, db_session: Any) -> None:
    organisation = make_organisation()
    member = make_member(organisation, Role.COORDINATOR)
    theme = make_theme(host=organisation, by=member)
    db_session.commit()
    sign_in(client, admin)
    address = f"/admin/organisations/{organisation.id}/close"
    assert "published themes" in text_of(client.get(address))
    assert client.post(address, data={"seen": "x", **REASON}).status_code == 409
    theme.state = "closed"
    db_session.commit()
    assert client.post(address, data=fields_of(client.get(address)) | REASON).status_code == 303
    db_session.expire_all()
    assert member.current_memberships == []
    assert "is closed since" in text_of(client.get(f"/organisations/{organisation.id}"))
    assert "closed already" in text_of(client.get(address))


@pytest.mark.parametrize("kind", ["organisations", "people"])
def test_only_administrators(client: Any, db_session: Any, kind: str) -> None:
    one, other = (make_organisation(), make_organisation()) if kind == "organisations" else (make_user(), make_user())
    sign_in(client, make_member(one if kind == "organisations" else make_organisation(), Role.COORDINATOR))
    for address in (
        f"/admin/{kind}/{one.id}/merge",
        f"/admin/{kind}/{one.id}/merge/{other.id}",
        f"/admin/organisations/{one.id}/close",
    ):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)


@pytest.mark.databases("postgresql")
def test_of_64_merges_at_once_one_happens(app: Any, admin: User, db_session: Any) -> None:
    gone, stays = make_organisation().id, make_organisation().id
    theme = make_theme(host=db_session.get(Organisation, gone)).id
    by = admin.id
    db_session.commit()
    outcomes: list[str] = []

    def run(number: int) -> None:
        pair = (gone, stays) if number % 2 else (stays, gone)
        with app.app_context():
            try:
                with transaction():
                    found = queries.locked_pair(Organisation, *pair)
                    operations.merge_organisations(*found, by=db.session.get(User, by), reason="x")
                outcomes.append("done")
            except Refusal:
                outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(64)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["done"] + ["refused"] * 63
    db_session.expire_all()
    merger = db_session.scalars(select(Merger)).one()
    assert db_session.get(Theme, theme).host_id == merger.stays_id
