"""Who needs a second factor, and what happens to those who have none; and a lost one that is taken away."""

from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.core.clock import utc_now as now
from mobility.factors.models import AuthenticatorApp, RecoveryCode
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from tests.support.authenticator import SecurityKey, add_passkey
from tests.support.factories import make_member, make_organisation, make_programme, make_user, sign_in
from tests.support.factors import Telephone, enter, is_signed_in, set_up_app
from tests.support.forms import fill
from tests.support.html import text_of


@pytest.fixture
def programme(db_session: Any) -> Programme:
    return make_programme(name="Alpine Exchange Fund")


@pytest.fixture
def rita(ana: User, programme: Programme) -> User:
    return make_member(programme, Role.OWNER, email="rita@example.org", password_hash=ana.password_hash)


@pytest.mark.parametrize(
    ("setting", "roles"),
    [("money", {Role.OWNER, Role.FINANCE_OFFICER}), ("team", {*Role} - {*list(Role)[:4]}), ("nobody", set())],
)
def test_whom_a_programme_asks(app: Any, ana: User, programme: Programme, setting: str, roles: set[Role]) -> None:
    programme.second_factor = setting
    asked = set()
    for role in (Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR):
        person = make_member(programme, role, password_hash=ana.password_hash)
        if enter(app.test_client(), person).location.startswith("/account/security/start"):
            asked.add(role)
    assert asked == roles


def test_a_host_is_not_asked_and_an_administrator_is(app: Any, ana: User) -> None:
    host = make_member(make_organisation(), Role.COORDINATOR, password_hash=ana.password_hash)
    assert enter(app.test_client(), host).location == "/"
    host.is_administrator = True
    assert enter(app.test_client(), host).location == "/account/security/start?next=/"


def test_a_role_that_has_ended_asks_for_nothing(client: Any, rita: User, clock: Any) -> None:
    rita.memberships[0].until = now()
    assert enter(client, rita).location == "/"


def test_for_two_weeks_it_can_be_put_off(client: Any, rita: User, clock: Any) -> None:
    answer = enter(client, rita, next="/bank-accounts")
    page = client.get(answer.location)
    assert "Please set one up by 15 March 2027, 10:00" in text_of(page)
    assert '<a href="/bank-accounts">Not now' in page.text
    assert is_signed_in(client)
    clock.move(days=13)
    client.post("/sign-out")
    assert "by 15 March 2027, 10:00" in text_of(client.get(enter(client, rita).location)), "the first day counts, not the last"
    assert is_signed_in(client)


def test_then_nothing_else_opens_and_nothing_is_lost(client: Any, rita: User, clock: Any, db_session: Any) -> None:
    enter(client, rita)
    client.post("/sign-out")
    clock.move(days=14)
    answer = enter(client, rita, next="/bank-accounts")
    page = client.get(answer.location)
    assert "Not now" not in page.text
    assert not is_signed_in(client)
    assert client.get("/account").location == "/account/security/start?next=/account"
    assert client.post("/account/security/browsers/end").status_code == 401
    found = set_up_app(client, query_string={"next": "/bank-accounts"})
    assert len(found.codes) == 10
    assert is_signed_in(client)
    client.post("/sign-out")
    clock.move(minutes=1)
    assert enter(client, rita).location == "/sign-in/second?next=/"


def test_a_passkey_will_do_as_well(client: Any, rita: User, clock: Any) -> None:
    enter(client, rita)
    client.post("/sign-out")
    clock.move(days=14)
    enter(client, rita)
    page = add_passkey(client, SecurityKey())
    assert "Keep your recovery codes" in page.text
    assert is_signed_in(client)


def test_what_was_waiting_to_be_set_up_has_another_token_afterwards(client: Any, rita: User, clock: Any) -> None:
    enter(client, rita)
    clock.move(days=14)
    enter(client, rita)
    copied = client.other_tab()
    set_up_app(client)
    assert is_signed_in(client)
    assert not is_signed_in(copied)


def test_the_last_one_stays_where_one_is_needed(client: Any, rita: User, db_session: Any) -> None:
    sign_in(client, rita)
    set_up_app(client)
    id = db_session.scalar(select(AuthenticatorApp.id))
    assert "Add another one first" in client.post(f"/account/security/app/{id}/remove", follow_redirects=True).text
    add_passkey(client, SecurityKey())
    assert "is removed" in client.post(f"/account/security/app/{id}/remove", follow_redirects=True).text


def test_an_owner_sets_who_needs_one(client: Any, rita: User, programme: Programme, db_session: Any) -> None:
    sign_in(client, rita)
    answer = fill(client, f"/programmes/{programme.id}/rules", second_factor="team", about="For all.", act="save")
    assert answer.status_code in {302, 303}, text_of(answer)
    db_session.expire_all()
    assert programme.second_factor == "team"
    assert fill(client, f"/programmes/{programme.id}/rules", second_factor="x", act="save").status_code == 422


def test_people_of_the_demonstration_need_none(app: Any, client: Any, programme: Programme) -> None:
    app.config["DEMO"] = True
    rita = make_member(programme, Role.OWNER, name="Rita Demo", demo_note="Owns it.", is_administrator=True)
    assert client.post("/sign-in/demo", data={"person": rita.id}).location == "/"
    assert is_signed_in(client)


# Lost, and taken away by an administrator


@pytest.fixture
def irma(ana: User, app: Any) -> Any:
    """The browser of an administrator."""
    client = app.test_client()
    sign_in(client, make_user(email="irma@example.org", name="Irma Boss", is_administrator=True))
    return client


def lost(irma: Any, ana: User, reason: str = "We spoke by telephone; I know her voice.") -> Any:
    return irma.post(f"/admin/people/{ana.id}/reset-factors", data={"reason": reason})


def test_a_day_after_it_was_asked_for_the_factors_are_gone(
    client: Any, irma: Any, ana: User, telephone: Telephone, clock: Any, db_session: Any
) -> None:
    assert lost(irma, ana).status_code == 303
    assert "Removed on 2 March 2027, 10:01" in text_of(irma.get(f"/admin/people/{ana.id}"))
    mail = db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert (mail.kind, mail.address) == ("factors_reset", "ana@example.org")
    assert "From 2 March 2027, 10:01" in mail.text
    assert "Irma Boss" in mail.text
    assert "I know her voice" in mail.text
    clock.move(hours=23, minutes=59)
    assert enter(client, ana).location.startswith("/sign-in/second")
    clock.move(minutes=1)
    assert enter(client, ana).location == "/"
    assert is_signed_in(client)
    assert db_session.scalar(select(func.count(AuthenticatorApp.id))) == 0
    assert db_session.scalar(select(func.count(RecoveryCode.id))) == 0


def test_who_needs_one_sets_it_up_at_once(client: Any, irma: Any, rita: User, clock: Any) -> None:
    sign_in(client, rita)
    set_up_app(client)
    client.post("/sign-out")
    lost(irma, rita)
    clock.move(hours=24)
    page = client.get(enter(client, rita).location)
    assert "Not now" not in page.text
    assert not is_signed_in(client)


def test_signing_in_with_the_factor_stops_it(client: Any, irma: Any, ana: User, telephone: Telephone, clock: Any) -> None:
    lost(irma, ana)
    clock.move(hours=1)
    enter(client, ana)
    assert client.post("/sign-in/second", data={"code": telephone.shows()}).status_code == 303
    client.post("/sign-out")
    clock.move(hours=24)
    assert enter(client, ana).location.startswith("/sign-in/second")


def test_a_browser_that_is_signed_in_can_stop_it(client: Any, irma: Any, ana: User, telephone: Telephone, clock: Any) -> None:
    sign_in(client, ana)
    lost(irma, ana)
    assert "Your second factors are removed on 2 March 2027, 10:01" in text_of(client.get("/account/security"))
    client.post("/account/security/keep")
    client.post("/sign-out")
    clock.move(hours=24)
    assert enter(client, ana).location.startswith("/sign-in/second")


def test_who_cannot_ask_for_it(client: Any, irma: Any, ana: User, rita: User, telephone: Telephone, db_session: Any) -> None:
    assert lost(irma, ana, "").status_code == 422
    assert "has no second factor" in lost(irma, rita).text
    assert lost(irma, ana).status_code == 303
    assert "asked for already" in lost(irma, ana).text
    own = db_session.scalars(select(User).where(User.email == "irma@example.org")).one()
    set_up_app(irma)
    assert "Somebody else who administers" in lost(irma, own).text
    sign_in(client, rita)
    assert lost(client, ana).status_code == 404
