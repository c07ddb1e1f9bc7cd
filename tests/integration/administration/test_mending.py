"""What stands wrong in an account is corrected without SQL: with a reason, told to the person, in the audit log."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts.models import MailedLink
from mobility.accounts.operations import send_link
from mobility.audit.models import AuditEntry
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.queries import user_by_email
from mobility.teams.models import RoleInvitation
from mobility.teams.operations import invite_into_organisation, invite_into_programme
from tests.support.client import Client
from tests.support.factories import make_organisation, make_programme, make_user, sign_in
from tests.support.forms import values_of


@pytest.fixture
def petra(client: Any, db_session: Any) -> User:
    """The administrator, signed in at `client`."""
    petra = make_user(name="Petra Novák", is_administrator=True, password_hash="x")
    sign_in(client, petra)
    return petra


def mend(client: Client, person: User, **changes: str) -> Any:
    """The page as it opens, with what is typed into it."""
    address = f"/admin/people/{person.id}/mend"
    return client.post(address, data=values_of(client.get(address)) | {"reason": "It was mistyped."} | changes)


CHOSEN = {"name": "John Smith", "password": "three unrelated words"}


def link_in(letter: OutboxMessage) -> str:
    return re.search(r"http://localhost(/\S+)", letter.text)[1]


def entries(db_session: Any) -> list[tuple[str, Any, Any]]:
    db_session.rollback()
    acts = ("account_changed", "address_changed")
    rows = db_session.scalars(select(AuditEntry).where(AuditEntry.act.in_(acts)).order_by(AuditEntry.id))
    return [(each.act, each.before, each.after) for each in rows]


def mails(db_session: Any, address: str) -> list[OutboxMessage]:
    db_session.rollback()
    return list(db_session.scalars(select(OutboxMessage).where(OutboxMessage.address == address).order_by(OutboxMessage.id)))


def test_a_name_and_a_level_with_the_reason(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(name="Jon Smth", password_hash="x", level="policy_maker")
    level = person.level
    assert mend(client, person, name="John Smith").status_code == 303
    db_session.refresh(person)
    assert (person.name, person.level) == ("John Smith", level)
    before = {"name": "Jon Smth", "email": person.email, "level": level}
    after = before | {"name": "John Smith", "reason": "It was mistyped."}
    assert entries(db_session) == [("account_changed", before, after)]
    (letter,) = mails(db_session, person.email)
    assert letter.subject_line == "Check what Petra Novák has corrected in your account"
    assert "Name: John Smith instead of Jon Smth" in letter.text
    assert "It was mistyped." in letter.text


def test_a_mistyped_address_gets_the_invitation_and_the_old_link_dies(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(email="jon@exmaple.org", password_hash=None)
    send_link(person, invited_by=petra)
    db_session.commit()
    assert mend(client, person, email="jon@example.org").status_code == 303
    assert [letter.kind for letter in mails(db_session, "jon@example.org")] == ["invitation"]
    used = [link.used_at is not None for link in db_session.scalars(select(MailedLink).order_by(MailedLink.id))]
    assert used == [True, False]
    ((act, before, after),) = entries(db_session)
    assert (act, before["email"], after["email"]) == ("address_changed", "jon@exmaple.org", "jon@example.org")


def invitations(db_session: Any) -> list[tuple[str, str | None]]:
    db_session.rollback()
    rows = db_session.scalars(select(RoleInvitation).order_by(RoleInvitation.id))
    return [(each.role, each.answer) for each in rows]


@pytest.mark.parametrize("days", [0, 20], ids=["open", "expired"])
def test_roles_that_were_offered_to_the_wrong_address_are_offered_anew(
    app: Flask, client: Client, petra: User, db_session: Any, clock: Any, days: int
) -> None:
    """Whoever holds the wrong address cannot accept, by no link that went there; the right one gets links of its own."""
    cluster, programme = make_organisation(name="Mur Cluster"), make_programme(name="Alpine Exchange")
    invite_into_organisation(cluster, by=petra, email="jon@exmaple.org", name="Jon", role="guest")
    invite_into_programme(programme, by=petra, email="jon@exmaple.org", name="Jon", role="assessor")
    db_session.commit()
    person = user_by_email("jon@exmaple.org")
    wrong = [link_in(letter) for letter in mails(db_session, "jon@exmaple.org")]
    assert len(set(wrong)) == 2
    clock.move(days=days)
    sign_in(client, petra)
    assert mend(client, person, email="jon@example.org").status_code == 303
    assert invitations(db_session) == [
        ("guest", "withdrawn"),
        ("assessor", "withdrawn"),
        ("guest", None),
        ("assessor", None),
    ]
    for link in wrong:
        assert app.test_client().post(link, data=CHOSEN).status_code == 410
    assert [each for _, each in invitations(db_session)][2:] == [None, None]
    letters = mails(db_session, "jon@example.org")
    assert [letter.kind for letter in letters] == ["invitation", "invitation"]
    assert app.test_client().post(link_in(letters[0]), data=CHOSEN).status_code == 303
    assert [each for _, each in invitations(db_session)] == ["withdrawn", "withdrawn", "accepted", None]
    db_session.refresh(person)
    assert person.roles_in(cluster.id) == {"guest"}
    assert person.roles_in_programme(programme.id) == set()


def test_nobody_becomes_somebody_else_by_changing_an_address(client: Client, petra: User, db_session: Any) -> None:
    """A link for a new password would go to it."""
    person = make_user(email="jon@example.org", password_hash="x")
    answer = mend(client, person, email="petra-too@example.org")
    assert answer.status_code == 422
    assert "has signed in with this address already" in answer.text
    assert "petra-too@example.org" in answer.text, "nothing typed is lost"
    db_session.refresh(person)
    assert person.email == "jon@example.org"
    assert entries(db_session) == []


def test_without_a_reason_or_a_difference_nothing_happens(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(password_hash="x")
    assert mend(client, person, name="Another Name", reason=" ").status_code == 422
    answer = mend(client, person)
    assert answer.status_code == 422
    assert "Nothing is different from what is stored." in answer.text
    assert entries(db_session) == []


def test_of_two_the_slower_is_told(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(name="Jon Smth", password_hash="x")
    opened = values_of(client.get(f"/admin/people/{person.id}/mend")) | {"reason": "It was mistyped.", "name": "Jan Smith"}
    assert mend(client, person, name="John Smith").status_code == 303
    answer = client.post(f"/admin/people/{person.id}/mend", data=opened)
    assert answer.status_code == 409
    assert "Name, as saved now: John Smith" in answer.text
    db_session.refresh(person)
    assert person.name == "John Smith"


def test_an_address_of_somebody_else_is_refused(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(password_hash=None)
    answer = mend(client, person, email=petra.email)
    assert answer.status_code == 422
    assert "There is already an account with this address." in answer.text


def test_for_others_there_is_no_such_page(client: Client, petra: User, db_session: Any) -> None:
    person = make_user(password_hash="x")
    sign_in(client, person)
    assert client.get(f"/admin/people/{petra.id}/mend").status_code == 404
