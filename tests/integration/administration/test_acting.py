"""An administrator acts for somebody else: with a reason, told, marked, recorded with both names."""

import logging
import re
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from mobility.administration.models import StandingIn
from mobility.administration.rules import FOR_ANOTHER
from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.documents.codes import grouped
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import PROGRAMME_ROLES, Role
from mobility.running import logs
from mobility.subjects import workflows
from mobility.workflows.history import HistoryEntry
from tests.support.cases import make_case
from tests.support.client import Client
from tests.support.factories import (
    coordinator_of,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_submitted,
    make_user,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.routes import nowhere, rules
from tests.support.walking import pages_for

REASON = {"reason": "She rang and cannot find the button."}

# What the issue refuses, by hand: an address that asks for it, or does it. Those that only read have no "POST".
REFUSED = {
    "money": """
        vouchers.request vouchers.recommend vouchers.recommend_against vouchers.approve vouchers.issue vouchers.ask_information
        vouchers.resubmit vouchers.reject vouchers.redeem vouchers.confirm_delivery vouchers.claim vouchers.return_claim
        vouchers.validate vouchers.take_back_validation vouchers.extend vouchers.extend_claim vouchers.withdraw vouchers.take_over
        vouchers.revoke vouchers.came_back vouchers.recover vouchers.again vouchers.amount vouchers.approved_amount
        payments.collect payments.approve payments.change_day payments.send payments.record
        payments.take_out payments.discard paying.show paying.confirm paying.decline
        paying.withdraw desk.decide budgets.appropriate budgets.new_line budgets.take_out budgets.new_call
        mending.call mending.appropriation rates.edit programmes.rules claims.add_evidence claims.remove_evidence
        claims.result claims.amount knowledge.new knowledge.edit exchanges.cancel exchanges.start
        exchanges.confirm_attendance exchanges.correct_attendance exchanges.report_no_show
        exchanges.object_to_attendance
        exchanges.go_unfunded""",
    "signatures": """exchanges.sign exchanges.take_over exchanges.replace_guest applications.confirm applications.accept_offer""",
    "consents": """experts.agree experts.stop mentorings.accept mentorings.agree_points stories.agree stories.take_back
        stories.withdraw stories.submit stories.review reviews.publish consents.publishing""",
    "opinions": """followups.answer followups.hand_over followups.call_off followups.by_link followups.confirm
        questionnaires.publish""",
    "passwords and second factors": """accounts.change_password accounts.account accounts.forgotten accounts.new_password
        accounts.invitation accounts.second security.new_app security.new_passkey security.remove
        security.renew_codes security.unlink security.end_sign_in security.end_others""",
    "bank accounts": "banking.mine banking.organisation",
    "roles": """teams.organisation_team teams.programme_team teams.act_on_invitation teams.end_membership teams.close_account
        administration.act_on_person administration.new_person administration.close_account administration.act_for""",
}


@pytest.fixture
def robin(db_session: Any) -> User:
    return make_user(name="Robin Keller", is_administrator=True, password_hash="x")


@pytest.fixture
def ana(db_session: Any) -> User:
    return make_member(make_organisation(name="Mur Cluster"), Role.COORDINATOR, name="Ana Zupan", password_hash="x")


def begin(client: Client, administrator: User, person: User) -> None:
    sign_in(client, administrator)
    answer = client.post(f"/admin/people/{person.id}/act-for", data=REASON)
    assert (answer.status_code, answer.location) == (303, "/")


def stands() -> list[StandingIn]:
    db.session.commit()
    return list(db.session.scalars(select(StandingIn).order_by(StandingIn.id)))


def test_it_begins_with_a_reason_and_is_told_and_marked(client: Client, robin: User, ana: User) -> None:
    sign_in(client, robin)
    path = f"/admin/people/{ana.id}/act-for"
    assert f'href="{path}"' in client.get(f"/admin/people/{ana.id}").text
    assert client.post(path, data={"reason": " "}).status_code == 422
    assert stands() == []
    begin(client, robin, ana)
    assert [(each.administrator_id, each.person_id, each.reason) for each in stands()] == [(robin.id, ana.id, REASON["reason"])]
    (letter,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient_id == ana.id))
    subject = "For your information: Robin Keller acts for you at Mobility until 1 March 2027, 11:00, Brussels time"
    assert letter.subject_line == subject
    assert REASON["reason"] in letter.text
    pages = [seen for seen in pages_for(client) if seen.status == 200]
    assert len(pages) >= 10
    banner = "You, Robin Keller, act for Ana Zupan until 1 March 2027, 11:00, Brussels time"
    told = [seen.address for seen in pages if banner not in re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", seen.page))]
    assert told == []
    assert "Hello Ana Zupan" in client.get("/").text
    assert client.get("/admin/people").status_code == 404, "as Ana, who administers nothing"


def test_it_ends_by_its_button(client: Client, robin: User, ana: User) -> None:
    begin(client, robin, ana)
    assert client.post("/admin/act-for/end").location == f"/admin/people/{ana.id}"
    assert "act for <strong>" not in client.get("/").text
    page = text_of(client.get(f"/admin/people/{ana.id}"))
    assert (
        f"Robin Keller, from 1 March 2027, 10:00, Brussels time to 1 March 2027, 10:00, Brussels time: {REASON['reason']}" in page
    )
    acts = select(AuditEntry.act, AuditEntry.by_name).where(AuditEntry.act.startswith("acting")).order_by(AuditEntry.id)
    assert db.session.execute(acts).all() == [("acting_begun", "Robin Keller"), ("acting_ended", "Robin Keller")]
    assert client.post("/admin/act-for/end").status_code == 303, "twice is once"


def test_it_ends_with_signing_out(client: Client, robin: User, ana: User) -> None:
    begin(client, robin, ana)
    client.post("/sign-out")
    assert stands()[0].ended_at is not None
    assert client.get("/account").status_code == 302


def test_it_ends_after_an_hour_and_the_form_under_way_does_nothing(client: Client, robin: User, ana: User, clock: Any) -> None:
    """Neither as Ana, nor as Robin, who may change every organisation."""
    organisation = ana.memberships[0].organisation
    path = f"/organisations/{organisation.id}/edit"
    begin(client, robin, ana)
    form = values_of(client.get(path)) | {"about": "Typed late"}
    clock.move(minutes=59)
    assert "act for <strong>Ana Zupan" in client.get("/").text
    clock.move(minutes=1)
    late = client.post(path, data=form)
    assert late.status_code == 409
    assert "Acting for somebody else has ended. Nothing was done" in text_of(late)
    db.session.expire_all()
    assert organisation.about == ""
    assert client.get("/admin/people").status_code == 200, "as himself"
    (stand,) = stands()
    assert stand.ended_at == stand.ends_at


def test_it_ends_when_who_acts_administers_no_more(client: Client, robin: User, ana: User) -> None:
    begin(client, robin, ana)
    robin.is_administrator = False
    assert client.get("/").status_code == 409
    assert "Hello Robin Keller" in client.get("/").text


def test_it_is_of_this_browser_alone(client: Client, visitor: Any, robin: User, ana: User) -> None:
    other = visitor(robin)
    begin(client, robin, ana)
    assert "act for <strong>" not in other.get("/").text
    assert other.get("/admin/people").status_code == 200


def test_a_copied_cookie_is_worth_nothing_after_the_end(client: Client, robin: User, ana: User) -> None:
    begin(client, robin, ana)
    copy = client.other_tab()
    client.post("/admin/act-for/end")
    assert copy.get("/").status_code == 409
    assert "Hello Robin Keller" in copy.get("/").text


@pytest.mark.parametrize("who", ["himself", "administrator", "closed", "invited"])
def test_whom_nobody_acts_for(client: Client, robin: User, who: str) -> None:
    people = {
        "himself": robin,
        "administrator": make_user(is_administrator=True, password_hash="x"),
        "closed": make_user(active=False, password_hash="x"),
        "invited": make_user(),
    }
    sign_in(client, robin)
    assert client.post(f"/admin/people/{people[who].id}/act-for", data=REASON).status_code == 422
    assert stands() == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.GUEST, *PROGRAMME_ROLES, None])
def test_only_administrators_begin(client: Client, ana: User, role: Role | None) -> None:
    person = make_user(password_hash="x")
    if role:
        make_membership(person, make_programme() if role in PROGRAMME_ROLES else ana.memberships[0].organisation, role)
    sign_in(client, person)
    path = f"/admin/people/{ana.id}/act-for"
    assert [client.get(path).status_code, client.post(path, data=REASON).status_code] == [404, 404]
    assert stands() == []


def test_the_history_keeps_both(client: Client, robin: User, db_session: Any) -> None:
    application = make_submitted()
    host = coordinator_of(application.theme)
    host.name, host.password_hash = "Ana Zupan", "x"
    begin(client, robin, host)
    path = f"/applications/{application.id}/decline"
    assert client.post(path, data=values_of(client.get(path)) | {"reason": "No room."}).status_code == 303
    entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (entry.action, entry.actor_id, entry.stand_in_id, entry.actor_name) == (
        "decline", host.id, robin.id, "Robin Keller for Ana Zupan",
    )  # fmt: skip
    assert "by Robin Keller for Ana Zupan, as host coordinator" in text_of(client.get(f"/applications/{application.id}"))
    client.post("/admin/act-for/end")
    sign_in(client, host)
    assert "by Robin Keller for Ana Zupan" in text_of(client.get(f"/applications/{application.id}"))


def test_the_audit_log_keeps_both(client: Client, robin: User, ana: User) -> None:
    path = f"/organisations/{ana.memberships[0].organisation_id}/edit"
    begin(client, robin, ana)
    assert client.post(path, data=values_of(client.get(path)) | {"about": "Looms"}).status_code == 303
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "organisation_changed")).one()
    assert (entry.by_id, entry.by_name) == (robin.id, "Robin Keller for Ana Zupan")


def test_each_line_of_the_log_names_both(client: Client, robin: User, ana: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="mobility")
    begin(client, robin, ana)
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.TextLines())
    logging.getLogger("mobility").addHandler(handler)
    try:
        client.get("/themes")
        client.post("/admin/act-for/end")
        client.get("/themes")
    finally:
        logging.getLogger("mobility").removeHandler(handler)
    first, *_, last = written.getvalue().splitlines()
    assert f" person {ana.id} by {robin.id}: GET /themes (status 200" in first
    assert f" person {robin.id}: GET /themes (status 200" in last


# What is refused


def is_refused(answer: Any) -> bool:
    return answer.status_code == 403 and "This cannot be done for somebody else" in text_of(answer)


def test_everything_but_a_list_by_hand_is_refused(app: Flask, client: Client, robin: User, db_session: Any) -> None:
    """Every route and every transition: what is sent is refused, unless it is allowed here."""
    case = make_case("full")
    person = case.holder
    person.password_hash = "x"
    for role in PROGRAMME_ROLES:
        make_membership(person, case.voucher.programme, role)
    begin(client, robin, person)
    refused, let = set(), set()
    for rule in rules(app, "POST"):
        if rule.endpoint in {
            "accounts.sign_out",
            "accounts.switch",
            "accounts.sign_in",
            "administration.end_acting",
            "accounts.be_demo_person",
        }:
            continue
        (refused if is_refused(client.post(nowhere(app, rule))) else let).add(rule.endpoint)
    assert let == ALLOWED
    by_hand = {name for names in REFUSED.values() for name in names.split()}
    assert by_hand - refused == set()
    transitions = {f"{each.things}.{act.action}" for each in workflows().values() for act in each.transitions}
    pages = {rule.endpoint for rule in rules(app, "POST")} & transitions
    assert pages - refused == ALLOWED & transitions
    assert stands()[0].ended_at is None


ENDING = {"accounts.sign_out", "accounts.switch", "accounts.sign_in", "accounts.be_demo_person", "administration.end_acting"}
ALLOWED = set(
    """themes.new themes.edit themes.publish themes.revise themes.close themes.reopen themes.archive applications.apply
    applications.edit applications.amount applications.submit applications.wait_for_place applications.leave_queue
    applications.record_contact applications.accept applications.decline applications.withdraw applications.take_back
    exchanges.amend exchanges.name_manager keyfigures.new keyfigures.record keyfigures.correct keyfigures.revise
    keyfigures.retire keyfigures.of_exchange takeovers.new takeovers.start takeovers.plan takeovers.drop takeovers.revise
    takeovers.add_evidence takeovers.take_out_evidence stories.begin stories.edit stories.add_pictures stories.remove_picture
    teams.edit_organisation""".split()
)


def test_what_is_private_is_not_even_read(app: Flask, client: Client, robin: User, db_session: Any) -> None:
    case = make_case("full")
    case.holder.password_hash = "x"
    voucher = case.take_to("draft")
    begin(client, robin, case.holder)
    for path in ("/account", "/account/password", "/bank-accounts", f"/vouchers/{voucher.id}/request"):
        assert is_refused(client.get(path)), path
    private = [
        rule
        for rule in rules(app, "GET")
        if rule.endpoint.partition(".")[0] in {"banking", "claims", "followups", "paying", "payments", "security"}
    ]
    assert len(private) >= 9
    assert is_refused(client.get(f"/vouchers/{voucher.id}/claim/evidence/1")), "what was handed in with a claim, too"
    assert [rule.endpoint for rule in private if not is_refused(client.get(nowhere(app, rule)))] == []
    assert client.get(f"/vouchers/{voucher.id}").status_code == 200


def test_the_list_names_what_there_is(app: Flask) -> None:
    assert set(app.view_functions) >= FOR_ANOTHER


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM standing_in",
        "UPDATE standing_in SET reason = 'Another.'",
        "UPDATE standing_in SET ends_at = '2030-01-01 00:00:00+00:00'",
        "UPDATE standing_in SET administrator_id = person_id",
    ],
)
def test_the_database_keeps_who_acted_for_whom(client: Client, robin: User, ana: User, statement: str) -> None:
    begin(client, robin, ana)
    with pytest.raises(IntegrityError):
        db.session.execute(text(statement))


def test_the_code_of_a_voucher_is_not_shown(client: Client, visitor: Any, robin: User, db_session: Any) -> None:
    """Whoever knows it can have it redeemed."""
    case = make_case("light")
    code = grouped(case.take_to("issued").code or "")
    case.holder.password_hash = "x"
    assert code.partition("-")[0] in visitor(case.holder).get(f"/vouchers/{case.voucher.id}").text
    begin(client, robin, case.holder)
    page = client.get(f"/vouchers/{case.voucher.id}")
    assert page.status_code == 200
    assert code.partition("-")[0] not in page.text
    assert client.get(f"/vouchers/{case.voucher.id}/voucher.pdf").status_code == 404
