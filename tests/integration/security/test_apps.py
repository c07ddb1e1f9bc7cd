"""Authenticator apps and recovery codes: set up, asked for, used once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.accounts.rules import HALF_WAY
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.factors import operations as factors
from mobility.factors.models import AuthenticatorApp, RecoveryCode
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from tests.support.factories import make_user, sign_in
from tests.support.factors import Telephone, enter, is_signed_in, set_up_app
from tests.support.html import text_of


def second(client: Any, code: str, **more: Any) -> Any:
    return client.post("/sign-in/second", data={"code": code}, **more)


# Setting up


def test_an_app_is_set_up_and_codes_are_shown_once(client: Any, ana: User, db_session: Any) -> None:
    sign_in(client, ana)
    found = set_up_app(client)
    assert len(set(found.codes)) == 10
    security = client.get("/account/security")
    assert "My telephone" in security.text
    assert "You have 10 left" in text_of(security)
    assert not any(code in security.text for code in found.codes)
    kept = db_session.scalars(select(RecoveryCode.code_hash)).all()
    assert not any(code in kept or code.replace("-", "") in kept for code in found.codes)
    assert db_session.scalars(select(OutboxMessage.kind)).all() == ["factor_added"]


def test_a_secret_is_kept_sealed(client: Any, app: Any, ana: User, db_session: Any) -> None:
    """Whoever has the database and not SECRET_KEY cannot read it; with an earlier key it still opens."""
    sign_in(client, ana)
    found = set_up_app(client)
    sealed = db_session.scalar(select(AuthenticatorApp.sealed_secret))
    assert found.secret not in sealed
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "a newer key than before"
    with transaction():
        db_session.execute(AuthenticatorApp.__table__.update().values(last_step=0))
    with transaction():
        factors.use_code(db_session.get_one(User, ana.id), found.shows())
    app.config["SECRET_KEY_FALLBACKS"] = []
    with pytest.raises(Refusal), transaction():
        factors.use_code(db_session.get_one(User, ana.id), found.shows(1))


@pytest.mark.parametrize("code", ["000000", "", "12345", "abcdef", "x" * 300, "١٢٣٤٥٦"])
def test_a_wrong_code_sets_nothing_up_and_the_page_stays(client: Any, ana: User, db_session: Any, code: str) -> None:
    sign_in(client, ana)
    sealed = client.get("/account/security/apps/new").text.split('name="sealed" type="hidden" value="')[1].split('"')[0]
    answer = client.post("/account/security/apps/new", data={"sealed": sealed, "name": "Old telephone", "code": code})
    assert answer.status_code == 422
    assert f'value="{sealed}"' in answer.text, "the same QR code: it is scanned already"
    assert 'value="Old telephone"' in answer.text
    assert db_session.scalar(select(func.count(AuthenticatorApp.id))) == 0


def test_a_form_without_its_secret_gets_a_new_one(client: Any, ana: User) -> None:
    sign_in(client, ana)
    answer = client.post("/account/security/apps/new", data={"sealed": "forged", "name": "A", "code": "123456"})
    assert answer.status_code == 422
    assert "forged" not in answer.text


def test_several_apps_each_with_its_name(client: Any, ana: User, clock: Any) -> None:
    sign_in(client, ana)
    first, other = set_up_app(client), set_up_app(client, "Tablet")
    assert other.codes == [], "the codes shown first stay right"
    clock.move(minutes=1)
    client.post("/sign-out")
    enter(client, ana)
    assert second(client, other.shows()).status_code == 303
    client.post("/sign-out")
    enter(client, ana)
    assert second(client, first.shows()).status_code == 303
    said = text_of(client.get("/account/security"))
    assert said.count("Last used 1 March 2027, 10:01") == 2


# Signing in


def test_after_the_password_the_code_is_asked_for(client: Any, ana: User, telephone: Telephone) -> None:
    answer = enter(client, ana, next="/bank-accounts")
    assert answer.location == "/sign-in/second?next=/bank-accounts"
    assert not is_signed_in(client)
    assert client.get("/account").location.startswith("/sign-in/second?next=")
    page = client.get(answer.location)
    assert "One more step" in page.text
    answer = client.post(answer.location, data={"code": telephone.shows()})
    assert (answer.status_code, answer.location) == (303, "/bank-accounts")
    assert is_signed_in(client)


def test_a_wrong_password_does_not_tell_of_the_second_factor(client: Any, ana: User, telephone: Telephone) -> None:
    answer = enter(client, ana, "wrong words here")
    assert answer.status_code == 422
    assert client.get("/sign-in/second").location.startswith("/sign-in")


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_telephone_s_clock_may_be_half_a_minute_wrong(
    client: Any, ana: User, telephone: Telephone, clock: Any, steps: int, status: int
) -> None:
    enter(client, ana)
    clock.move(minutes=5)
    assert second(client, telephone.shows(steps)).status_code == status


def test_a_code_works_once(client: Any, app: Any, ana: User, telephone: Telephone, clock: Any) -> None:
    """Whoever looks over a shoulder is too late; an older one is worth nothing, either."""
    shown, before = telephone.shows(), telephone.shows(-1)
    enter(client, ana)
    assert second(client, shown).status_code == 303
    thief = app.test_client()
    enter(thief, ana)
    assert second(thief, shown).status_code == 422
    assert second(thief, before).status_code == 422
    clock.move(seconds=30)
    assert second(thief, telephone.shows()).status_code == 303


def test_a_code_sent_many_times_at_once_works_once(app: Any, client: Any, ana: User, telephone: Telephone) -> None:
    code, id, results = telephone.shows(), ana.id, []
    db.session.commit()
    start = threading.Barrier(6)

    def use() -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    factors.use_code(db.session.get_one(User, id), code)
                results.append("used")
            except Refusal:
                results.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["refused"] * 5 + ["used"]


def test_guessing_is_slowed_down(client: Any, ana: User, telephone: Telephone) -> None:
    enter(client, ana)
    assert [second(client, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    assert second(client, telephone.shows()).status_code == 429
    assert not is_signed_in(client)


def test_a_stranger_with_the_password_does_not_lock_out_the_person(
    client: Any, app: Any, ana: User, telephone: Telephone
) -> None:
    """Her browser is known; his is not."""
    stranger = app.test_client()
    enter(client, ana)
    assert second(client, telephone.shows()).status_code == 303
    client.post("/sign-out")
    enter(stranger, ana)
    assert [second(stranger, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    enter(client, ana)
    assert second(client, telephone.shows(1)).status_code == 303


def test_half_way_lasts_a_quarter_of_an_hour(client: Any, ana: User, telephone: Telephone, clock: Any) -> None:
    enter(client, ana)
    clock.move(minutes=HALF_WAY / timedelta(minutes=1))
    answer = second(client, telephone.shows(), follow_redirects=True)
    assert "Signing in took too long" in answer.text
    assert not is_signed_in(client)


def test_half_way_is_no_way_in(client: Any, ana: User, telephone: Telephone) -> None:
    """Also not to the pages on which a factor is set up."""
    enter(client, ana)
    for path in ("/account", "/account/security", "/account/security/apps/new", "/account/security/start", "/bank-accounts"):
        assert client.get(path).status_code == 302, path
    assert client.post("/account/security/recovery-codes").status_code == 401
    assert client.get("/account/security/passkeys/options").status_code == 302


def test_the_token_before_and_after_are_two(client: Any, app: Any, ana: User, telephone: Telephone) -> None:
    """Whoever planted or copied the cookie of the half-way sign-in has nothing."""
    enter(client, ana)
    copied = client.other_tab()
    assert second(client, telephone.shows()).status_code == 303
    assert not is_signed_in(copied)


def test_a_new_password_by_mail_asks_for_the_factor_too(client: Any, ana: User, telephone: Telephone, db_session: Any) -> None:
    client.post("/password/forgotten", data={"email": ana.email})
    text = db_session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id.desc())).first()
    link = text.split("http://localhost")[1].split()[0]
    answer = client.post(link, data={"password": "three unrelated words"})
    assert answer.location == "/sign-in/second?next=/"
    assert not is_signed_in(client)


# Recovery codes


def test_a_recovery_code_stands_in_for_the_telephone_once(client: Any, ana: User, telephone: Telephone, db_session: Any) -> None:
    enter(client, ana)
    assert second(client, telephone.codes[3].lower().replace("-", " ")).status_code == 303
    assert "You have 9 left" in text_of(client.get("/account/security"))
    mail = db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert (mail.kind, "You have 9 left" in mail.text) == ("recovery_code_used", True)
    client.post("/sign-out")
    enter(client, ana)
    assert second(client, telephone.codes[3]).status_code == 422
    assert second(client, telephone.codes[4]).status_code == 303


def test_new_codes_replace_those_before(client: Any, ana: User, telephone: Telephone) -> None:
    enter(client, ana)
    second(client, telephone.shows())
    page = client.post("/account/security/recovery-codes")
    assert page.status_code == 200
    assert not any(code in page.text for code in telephone.codes)
    assert "download" in page.text
    client.post("/sign-out")
    enter(client, ana)
    assert second(client, telephone.codes[0]).status_code == 422


def test_somebody_else_s_code_opens_nothing(client: Any, ana: User, telephone: Telephone, db_session: Any) -> None:
    with pytest.raises(Refusal), transaction():
        factors.use_code(_ben(), telephone.codes[0])
    enter(client, ana)
    assert second(client, telephone.codes[0]).status_code == 303


def _ben() -> User:
    return make_user(email="ben@example.org")


# Removing


def test_removing_is_mailed_and_the_last_takes_the_codes_along(
    client: Any, ana: User, telephone: Telephone, db_session: Any
) -> None:
    enter(client, ana)
    second(client, telephone.shows())
    id = db_session.scalar(select(AuthenticatorApp.id))
    assert client.post(f"/account/security/app/{id}/remove").status_code == 303
    assert "“My telephone” is removed." in client.get("/account/security").text
    assert db_session.scalar(select(func.count(RecoveryCode.id))) == 0
    mail = db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert (mail.kind, "your password alone" in mail.text) == ("factor_removed", True)
    client.post("/sign-out")
    assert enter(client, ana).location == "/"
    assert client.post(f"/account/security/app/{id}/remove", follow_redirects=True).status_code == 200


def test_somebody_else_s_factor_is_not_removed(client: Any, app: Any, ana: User, telephone: Telephone, db_session: Any) -> None:
    ben = app.test_client()
    sign_in(ben, _ben())
    id = db_session.scalar(select(AuthenticatorApp.id))
    page = ben.post(f"/account/security/app/{id}/remove", follow_redirects=True)
    assert "This had been removed already." in page.text
    assert db_session.scalar(select(func.count(AuthenticatorApp.id))) == 1
