"""Before money and roles one is asked again, and what was being sent goes on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.accounts.models import SignIn
from mobility.banking.models import BankAccount
from mobility.core import clock as core_clock
from mobility.payments.models import PaymentBatch
from mobility.people.models import Membership, User
from mobility.people.roles import Role
from tests.support.authenticator import SecurityKey, add_passkey
from tests.support.factories import make_funded_programme, make_member, make_organisation, make_programme, make_user, sign_in
from tests.support.factors import PASSWORD, Telephone, enter
from tests.support.forms import fill, values_of
from tests.support.html import text_of

IBAN = "PT50000201231234567890154"
ACCOUNT = {"holder_name": "Ana Kovač <b>", "iban": IBAN}


@pytest.fixture
def _later(client: Any, ana: User, clock: Any) -> None:
    """Ana signed in with her password, more than ten minutes ago."""
    enter(client, ana)
    clock.move(minutes=10, seconds=1)


def accounts(db_session: Any) -> int:
    db_session.expire_all()
    return int(db_session.scalar(select(func.count(BankAccount.id))))


@pytest.mark.parametrize(("minutes", "status"), [(10, 302), (11, 403)])
def test_ten_minutes_after_the_password_it_is_asked_again(
    client: Any, ana: User, clock: Any, db_session: Any, minutes: int, status: int
) -> None:
    enter(client, ana)
    clock.move(minutes=minutes)
    answer = fill(client, "/bank-accounts/mine", **ACCOUNT)
    assert answer.status_code == status
    assert accounts(db_session) == (status == 302)


@pytest.mark.usefixtures("_later")
def test_the_password_goes_on_with_what_was_typed(client: Any, db_session: Any) -> None:
    asked = fill(client, "/bank-accounts/mine", **ACCOUNT)
    assert "Is it still you?" in asked.text
    assert "Ana Kovač &lt;b&gt;" in asked.text
    sent = values_of(asked)
    assert sent["iban"] == IBAN
    assert client.post("/bank-accounts/mine", data=sent | {"proof_password": PASSWORD}).status_code == 302
    account = db_session.scalars(select(BankAccount)).one()
    assert account.holder_name == "Ana Kovač <b>"
    assert fill(client, "/bank-accounts/mine", holder_name="Ana", iban=IBAN).status_code != 403, "for ten minutes more"


@pytest.mark.usefixtures("_later")
def test_a_wrong_password_keeps_it_too_and_is_counted(client: Any, db_session: Any) -> None:
    sent = values_of(fill(client, "/bank-accounts/mine", **ACCOUNT))
    answers = [client.post("/bank-accounts/mine", data=sent | {"proof_password": "wrong words here"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "This is not your password." in answers[0].text
    assert "wrong words here" not in answers[0].text
    assert values_of(answers[0])["iban"] == IBAN
    assert client.post("/bank-accounts/mine", data=sent | {"proof_password": PASSWORD}).status_code == 429
    assert accounts(db_session) == 0


@pytest.mark.usefixtures("_later")
def test_a_form_that_is_wrong_is_shown_as_itself_afterwards(client: Any, db_session: Any) -> None:
    sent = values_of(fill(client, "/bank-accounts/mine", holder_name="Ana", iban="PT50 wrong"))
    answer = client.post("/bank-accounts/mine", data=sent | {"proof_password": PASSWORD})
    assert answer.status_code == 422
    assert 'value="PT50 wrong"' in answer.text
    assert PASSWORD not in answer.text


def test_a_code_or_a_passkey_will_do_as_well(client: Any, ana: User, telephone: Telephone, clock: Any, db_session: Any) -> None:
    enter(client, ana)
    client.post("/sign-in/second", data={"code": telephone.shows()})
    key = SecurityKey()
    add_passkey(client, key)
    clock.move(minutes=11)
    sent = values_of(fill(client, "/bank-accounts/mine", **ACCOUNT))
    assert client.post("/bank-accounts/mine", data=sent | {"proof_code": "000000"}).status_code == 422
    assert client.post("/bank-accounts/mine", data=sent | {"proof_code": telephone.shows()}).status_code == 302
    clock.move(minutes=11)
    sent = values_of(fill(client, "/bank-accounts/mine", holder_name="Ana K", iban=IBAN))
    answer = key.use(client.get("/sign-in/passkey").json)
    proof = {f"proof_{name}": value for name, value in answer.items()}
    assert client.post("/bank-accounts/mine", data=sent | proof).status_code == 302
    assert accounts(db_session) == 2


def test_reading_is_not_asked_for(client: Any, ana: User, clock: Any) -> None:
    enter(client, ana)
    clock.move(minutes=30)
    for path in ("/bank-accounts/mine", "/account/security", "/account/security/apps/new", "/account/security/passkeys/new"):
        assert client.get(path).status_code == 200


def stale(client: Any, user: User, db_session: Any) -> None:
    """Signed in, and asked an hour ago."""
    sign_in(client, user)
    db_session.execute(SignIn.__table__.update().values(proved_at=core_clock.utc_now() - timedelta(hours=1)))
    db_session.commit()


def test_everything_about_money_and_roles_is_asked_for(client: Any, app: Any, ana: User, db_session: Any) -> None:
    """Each act here was done without before."""
    organisation, programme = make_organisation(), make_programme()
    make_member(organisation, Role.COORDINATOR)
    ana.is_administrator = True
    for within, role in ((organisation, Role.COORDINATOR), (programme, Role.OWNER), (programme, Role.FINANCE_OFFICER)):
        db_session.add(Membership(user_id=ana.id, role=role, **{f"{within.__tablename__}_id": within.id}))
    other = make_member(organisation, Role.GUEST)
    db_session.commit()
    stale(client, ana, db_session)
    acts = [
        "/bank-accounts/mine",
        f"/bank-accounts/organisations/{organisation.id}",
        f"/programmes/{programme.id}/paying-account",
        f"/programmes/{programme.id}/payments",
        "/payments/1/approve",
        "/payments/1/change-day",
        f"/organisations/{organisation.id}/team",
        f"/programmes/{programme.id}/team",
        f"/memberships/{other.memberships[0].id}/end",
        "/admin/people/new",
        f"/admin/people/{other.id}/close",
        f"/admin/people/{other.id}/make-administrator",
        f"/admin/people/{other.id}/reset-factors",
        "/account/security/apps/new",
        "/account/security/passkeys/new",
        "/account/security/app/1/remove",
        "/account/security/recovery-codes",
        "/account/security/browsers/1/end",
        "/account/security/browsers/end",
        f"/admin/people/{other.id}/sign-out",
        f"/programmes/{programme.id}/corrections/1",
    ]
    assert {path: client.post(path).status_code for path in acts} == dict.fromkeys(acts, 403)
    assert all("Is it still you?" in client.post(path).text for path in acts[:3])
    stranger = app.test_client()
    assert {path: stranger.post(path).status_code for path in acts} == dict.fromkeys(acts, 401)


def test_a_role_is_given_after_the_answer(client: Any, ana: User, db_session: Any) -> None:
    organisation = make_organisation()
    db_session.add(Membership(user_id=ana.id, role=Role.COORDINATOR, organisation_id=organisation.id))
    ben = make_user(email="ben@example.org", name="Ben Auer", password_hash="x")
    stale(client, ana, db_session)
    path = f"/organisations/{organisation.id}/team"
    asked = fill(client, path, email="ben@example.org", name="Ben Auer", role="host")
    assert asked.status_code == 403
    assert client.post(path, data=values_of(asked) | {"proof_password": PASSWORD}).status_code == 302
    assert ben.name in text_of(client.get(path))


def test_people_of_the_demonstration_are_not_asked(client: Any, app: Any, db_session: Any) -> None:
    app.config["DEMO"] = True
    joao = make_user(name="João Demo", demo_note="Travels.")
    stale(client, joao, db_session)
    assert fill(client, "/bank-accounts/mine", **ACCOUNT).status_code == 302
    app.config["DEMO"] = False
    assert fill(client, "/bank-accounts/mine", **ACCOUNT).status_code == 403


def test_who_has_neither_password_nor_factor_is_told_what_to_do(client: Any, db_session: Any) -> None:
    stale(client, make_user(password_hash=""), db_session)
    assert "Sign in again in a new tab" in fill(client, "/bank-accounts/mine", **ACCOUNT).text


@pytest.mark.parametrize("name", ["proof_password", "proof_code", "proof_answer"])
@pytest.mark.parametrize("horror", ["x" * 100_000, "\ud800", "a\x00b", "💥" * 80, "<script>alert(1)</script>"])
@pytest.mark.usefixtures("_later")
def test_nothing_typed_breaks_it(client: Any, name: str, horror: str) -> None:
    data = {name: horror.encode("utf-8", "surrogatepass"), "iban": "x"}
    answer = client.post("/bank-accounts/mine", data=data)
    assert answer.status_code in {403, 422}
    assert "<script>alert(1)" not in answer.text


def test_a_batch_is_collected_after_the_answer(client: Any, db_session: Any, clock: Any, ana: User) -> None:
    programme = make_funded_programme(scheme="light", second_factor="nobody")
    db_session.add(Membership(user_id=ana.id, role=Role.FINANCE_OFFICER, programme_id=programme.id))
    stale(client, ana, db_session)
    path = f"/programmes/{programme.id}/payments"
    sent = {"chosen": ["1", "2"], "form_key": "k"}
    asked = client.post(path, data=sent)
    assert asked.status_code == 403
    assert asked.text.count('name="chosen"') == 2
    answer = client.post(path, data=sent | {"proof_password": PASSWORD})
    assert answer.status_code != 403
    assert db_session.scalar(select(func.count(PaymentBatch.id))) == 0, "these claims are none"
