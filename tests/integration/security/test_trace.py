"""What is done at the door stands in the audit log."""

from typing import Any

from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.factors.models import AuthenticatorApp
from mobility.people.models import User
from tests.support.authenticator import SecurityKey, add_passkey
from tests.support.factories import make_user, sign_in
from tests.support.factors import PASSWORD, Telephone, enter, set_up_app


def acts(db_session: Any) -> list[tuple[str, str, str]]:
    """(act, by, about) since the last look."""
    db_session.commit()
    seen = db_session.info.setdefault("seen", 0)
    found = db_session.scalars(select(AuditEntry).where(AuditEntry.id > seen).order_by(AuditEntry.id)).all()
    db_session.info["seen"] = found[-1].id if found else seen
    return [(each.act, each.by_name, each.about) for each in found]


def test_every_step_of_signing_in(client: Any, ana: User, telephone: Telephone, db_session: Any) -> None:
    acts(db_session)
    name = "Ana Kovač"
    enter(client, ana, "wrong words here")
    assert acts(db_session) == [("sign_in_failed", "", name)]
    enter(client, ana)
    client.post("/sign-in/second", data={"code": "000000"})
    assert acts(db_session) == [("second_factor_failed", "", name)]
    client.post("/sign-in/second", data={"code": telephone.codes[0]})
    assert [each[:2] for each in acts(db_session)] == [("recovery_code_used", name), ("signed_in", name)]
    client.post("/account/security/recovery-codes")
    add_passkey(client, SecurityKey(), "Blue key")
    id = db_session.scalar(select(AuthenticatorApp.id))
    client.post(f"/account/security/app/{id}/remove")
    client.post("/account/security/browsers/end")
    client.post("/sign-out")
    assert acts(db_session) == [
        ("recovery_codes_made", name, ""),
        ("passkey_added", name, "Blue key"),
        ("second_factor_removed", name, "My telephone"),
        ("sessions_ended", name, ""),
        ("signed_out", name, ""),
    ]


def test_an_unknown_address_is_not_kept(client: Any, ana: User, db_session: Any) -> None:
    client.post("/sign-in", data={"email": "my-secret-password", "password": "x"})
    client.post("/password/forgotten", data={"email": "nobody@example.org"})
    found = acts(db_session)
    assert [each[0] for each in found] == ["sign_in_failed", "password_reset_asked"]
    assert all(about.startswith("an address without an account (") for _act, _by, about in found)
    assert not any(typed in str(found) for typed in ("my-secret", "nobody@"))


def test_passwords_and_a_reset(client: Any, app: Any, ana: User, db_session: Any) -> None:
    enter(client, ana)
    set_up_app(client)
    acts(db_session)
    client.post("/account/password", data={"current_password": PASSWORD, "password": "three unrelated words"})
    assert [each[:2] for each in acts(db_session)] == [("password_changed", "Ana Kovač"), ("signed_in", "Ana Kovač")]
    irma = app.test_client()
    sign_in(irma, make_user(name="Irma Boss", is_administrator=True))
    irma.post(f"/admin/people/{ana.id}/reset-factors", data={"reason": "I know her."})
    client.post("/account/security/keep")
    assert acts(db_session) == [
        ("factor_reset_asked", "Irma Boss", "Ana Kovač"),
        ("factor_reset_stopped", "Ana Kovač", ""),
    ]
