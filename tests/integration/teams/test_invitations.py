"""A role begins when its person accepts: with an account by a button, without by choosing the first password."""

import re
import threading
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from mobility.audit.acts import ACCOUNTS, ROLES
from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation, User
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES, Role
from mobility.teams.models import RoleInvitation
from tests.support.cases import Case, make_case
from tests.support.factories import (
    end_roles,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_user,
)
from tests.support.forms import values_of
from tests.support.html import text_of

LOGGED = {*ROLES.acts, *ACCOUNTS.acts}
PASSWORD = "three unrelated words"
NOA = {"name": "Noa Lind", "email": "noa@example.org", "form_key": "a"}


@pytest.fixture
def cluster(db_session: Any) -> Organisation:
    return make_organisation(name="Mur Cluster")


@pytest.fixture
def marta(cluster: Organisation) -> User:
    return make_member(cluster, Role.COORDINATOR, name="Marta Silva", password_hash="x")


@pytest.fixture
def noa(db_session: Any) -> User:
    """With an account."""
    return make_user(name="Noa Lind", email="noa@example.org", password_hash="x")


def invite(visitor: Any, place: Any, by: User, role: str = "guest", **form: str) -> RoleInvitation:
    kind = "organisations" if isinstance(place, Organisation) else "programmes"
    form = NOA | {"role": role, "form_key": f"{by.id} {place.id} {role}"} | form
    assert visitor(by).post(f"/{kind}/{place.id}/team", data=form).status_code == 302
    return db.session.scalars(select(RoleInvitation).order_by(RoleInvitation.id.desc())).first()


def answer(visitor: Any, person: User, invitation: RoleInvitation, act: str) -> Any:
    page = visitor(person).post(f"/role-invitations/{invitation.id}/{act}")
    db.session.expire_all()
    return page


def letters(kind: str) -> list[tuple[str, str]]:
    """(address, subject) of the mails of a kind, in their order."""
    query = select(OutboxMessage.address, OutboxMessage.subject_line).where(OutboxMessage.kind == kind)
    db.session.commit()
    return [tuple(row) for row in db.session.execute(query.order_by(OutboxMessage.id))]


def link_in_mail(place: int = -1) -> str:
    db.session.commit()
    texts = db.session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id)).all()
    return re.search(r"http://localhost(/\S+)", texts[place])[1]


# With an account


def test_somebody_with_an_account_accepts_by_a_button(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    invitation = invite(visitor, cluster, marta)
    assert letters("role_offered") == [(noa.email, "Accept or decline within 14 days: become a guest of Mur Cluster")]
    browser = visitor(noa)
    home = text_of(browser.get("/"))
    assert "Become a guest? Mur Cluster Invited by Marta Silva by 15 March 2027 , in 14 days Accept or decline" in home
    page = browser.get(link_in_mail(), follow_redirects=True)
    assert page.request.path == f"/role-invitations/{invitation.id}"
    assert "Become a guest of Mur Cluster?" in text_of(page)
    db.session.expire_all()
    assert (noa.roles_in(cluster.id), invitation.answer) == (set(), None), "opening changes nothing"
    assert browser.post(f"/role-invitations/{invitation.id}/accept").location == "/roles"
    db.session.expire_all()
    assert noa.roles_in(cluster.id) == {"guest"}
    assert noa.memberships[0].since == date(2027, 3, 1)
    assert "You are a guest of Mur Cluster from today." in text_of(browser.get("/roles"))
    assert "Become a guest" not in text_of(browser.get("/"))
    assert letters("role_answered") == [(marta.email, "For your information: Noa Lind is now a guest of Mur Cluster")]


def test_somebody_declines(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    invitation = invite(visitor, cluster, marta)
    answer(visitor, noa, invitation, "decline")
    assert (noa.memberships, invitation.answer, invitation.answered_at is not None) == ([], "declined", True)
    assert letters("role_answered") == [
        (marta.email, "For your information: Noa Lind does not want to become a guest of Mur Cluster")
    ]
    late = answer(visitor, noa, invitation, "accept")
    assert late.status_code == 422
    assert "This invitation has been declined meanwhile." in text_of(late)
    assert noa.memberships == []


def test_two_roles_at_once_are_two_answers(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    host, guest = invite(visitor, cluster, marta, "host"), invite(visitor, cluster, marta, "guest")
    assert text_of(visitor(noa).get("/")).count("Accept or decline") == 2
    answer(visitor, noa, guest, "accept")
    answer(visitor, noa, host, "decline")
    assert noa.roles_in(cluster.id) == {"guest"}


def test_invited_by_two(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    """The second reads that it waits; once the role has begun, that it is there."""
    other = make_member(cluster, Role.COORDINATOR, password_hash="x")
    invitation = invite(visitor, cluster, marta)
    form, path = NOA | {"role": "guest", "form_key": "b"}, f"/organisations/{cluster.id}/team"
    page = visitor(other).post(path, data=form)
    assert page.status_code == 422
    assert "Noa Lind has been invited as guest already: the mail was sent on 1 March 2027, 10:00, Brussels time." in text_of(page)
    answer(visitor, noa, invitation, "accept")
    assert "Noa Lind is already guest here." in text_of(visitor(other).post(path, data=form))


def test_who_has_the_role_meanwhile_gets_no_second(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    invitation = invite(visitor, cluster, marta)
    make_membership(noa, cluster, Role.GUEST)
    answer(visitor, noa, invitation, "accept")
    assert [each.role for each in noa.memberships] == ["guest"]


def test_whoever_invites_themselves_has_accepted(visitor: Any, cluster: Organisation, marta: User) -> None:
    invitation = invite(visitor, cluster, marta, "host", email=marta.email)
    assert (invitation.answer, marta.roles_in(cluster.id)) == ("accepted", {"coordinator", "host"})
    assert letters("role_offered") == []


def test_an_administrator_who_makes_himself_something_is_seen_by_those_who_lead(visitor: Any, db_session: Any) -> None:
    programme, robin = make_programme(name="Danube Fund"), make_user(name="Robin", is_administrator=True, email="r@example.org")
    owners = [make_member(programme, Role.OWNER) for _ in range(2)]
    invite(visitor, programme, robin, "finance_officer", email=robin.email)
    told = "For your information: Robin became a finance officer of Danube Fund by their own act"
    assert letters("role_taken") == [(owner.email, told) for owner in owners]


def test_all_owners_are_told_who_joins_their_programme(visitor: Any, noa: User) -> None:
    programme = make_programme(name="Danube Fund")
    owners = [make_member(programme, Role.OWNER) for _ in range(2)]
    answer(visitor, noa, invite(visitor, programme, owners[0], "assessor"), "accept")
    assert noa.roles_in_programme(programme.id) == {"assessor"}
    assert [address for address, _ in letters("role_answered")] == [owner.email for owner in owners]


def test_an_invitation_stands_when_who_sent_it_has_left(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    """Those who stay see it and could withdraw it; they are told of the answer, and so is who invited."""
    other = make_member(cluster, Role.COORDINATOR, password_hash="x")
    invitation = invite(visitor, cluster, marta)
    end_roles(marta)
    assert "by Marta Silva" in text_of(visitor(other).get(f"/organisations/{cluster.id}/team"))
    answer(visitor, noa, invitation, "accept")
    assert noa.roles_in(cluster.id) == {"guest"}
    assert {address for address, _ in letters("role_answered")} == {other.email, marta.email}


# Without an account


def test_the_first_password_accepts_what_its_mail_was_about(
    client: Any, visitor: Any, cluster: Organisation, marta: User
) -> None:
    """And nothing else: another invitation waits among the tasks."""
    invite(visitor, cluster, marta)
    first = link_in_mail()
    other = make_organisation(name="Drau Cluster")
    invite(visitor, other, make_member(other, Role.COORDINATOR, name="Ivo"), "coordinator")
    page = text_of(client.get(first))
    assert "By choosing a password you become: a guest of Mur Cluster , invited by Marta Silva" in page
    assert "You are also invited to what follows." in page
    noa = db.session.scalars(select(User).where(User.email == "noa@example.org")).one()
    assert noa.memberships == []
    assert client.post(first, data={"name": "Noa Lind", "password": PASSWORD}).status_code == 303
    db.session.expire_all()
    assert (noa.roles_in(cluster.id), noa.roles_in(other.id)) == ({"guest"}, set())
    assert "Become a coordinator? Drau Cluster Invited by Ivo" in text_of(client.get("/"))
    assert [address for address, _ in letters("role_answered")] == [marta.email]


def test_a_link_that_came_without_an_invitation_accepts_nothing(
    client: Any, visitor: Any, cluster: Organisation, marta: User
) -> None:
    invite(visitor, cluster, marta)
    client.post("/password/forgotten", data={"email": "noa@example.org"})
    link = link_in_mail()
    assert "By choosing a password you accept" not in text_of(client.get(link))
    client.post(link, data={"name": "Noa Lind", "password": PASSWORD})
    noa = db.session.scalars(select(User).where(User.email == "noa@example.org")).one()
    assert noa.memberships == []
    assert "Become a guest? Mur Cluster" in text_of(client.get("/"))


def test_a_withdrawn_invitation_begins_no_role(client: Any, visitor: Any, cluster: Organisation, marta: User) -> None:
    invitation, link = invite(visitor, cluster, marta), link_in_mail()
    answer(visitor, marta, invitation, "withdraw")
    assert "A role can be offered to you later." in text_of(client.get(link))
    client.post(link, data={"name": "Noa Lind", "password": PASSWORD})
    db.session.expire_all()
    assert invitation.person.memberships == []


def test_the_names_of_the_place_are_no_password(client: Any, visitor: Any, marta: User, cluster: Organisation) -> None:
    cluster.name = "Kupferschmiede Oberwaltersdorf"
    invite(visitor, cluster, marta)
    page = client.post(link_in_mail(), data={"name": "Noa Lind", "password": "Kupferschmiede Oberwaltersdorf"})
    assert page.status_code == 422
    assert invited().answer is None


def invited() -> RoleInvitation:
    return db.session.scalars(select(RoleInvitation)).one()


# Waiting, expiring


def test_coordinators_see_what_waits_send_it_again_and_withdraw(
    visitor: Any, cluster: Organisation, marta: User, noa: User, clock: Any
) -> None:
    invitation, path = invite(visitor, cluster, marta), f"/organisations/{cluster.id}/team"
    told = "Noa Lind noa@example.org Guest 1 March 2027 by Marta Silva Waits for an answer It can be accepted until 15 March 2027"
    assert told in text_of(visitor(marta).get(path))
    assert "noa@example.org" not in text_of(visitor(make_member(cluster, Role.HOST)).get(path))
    clock.move(days=10)
    answer(visitor, marta, invitation, "send-again")
    assert len(letters("role_offered")) == 2
    assert "It can be accepted until 25 March 2027" in text_of(visitor(marta).get(path))
    answer(visitor, marta, invitation, "withdraw")
    assert "Invited (" not in text_of(visitor(marta).get(path))
    assert "This invitation has been withdrawn." in text_of(visitor(noa).get(f"/role-invitations/{invitation.id}"))
    assert answer(visitor, noa, invitation, "accept").status_code == 422
    assert noa.memberships == []


def test_an_expired_invitation_can_be_asked_for_again(
    visitor: Any, cluster: Organisation, marta: User, noa: User, clock: Any
) -> None:
    invitation, path = invite(visitor, cluster, marta), f"/organisations/{cluster.id}/team"
    clock.move(days=14)
    assert "Become a guest" not in text_of(visitor(noa).get("/"))
    late = answer(visitor, noa, invitation, "accept")
    assert (late.status_code, noa.memberships) == (422, [])
    assert "You can ask Marta Silva to send it again." in text_of(late)
    assert answer(visitor, noa, invitation, "ask-again").status_code == 303
    assert letters("role_invitation_wanted") == [(marta.email, "Send the invitation again? Noa Lind asks for it")]
    assert "You have asked today" in text_of(answer(visitor, noa, invitation, "ask-again"))
    assert "Expired Asked for another one on 15 March 2027." in text_of(visitor(marta).get(path))
    answer(visitor, marta, invitation, "send-again")
    answer(visitor, noa, invitation, "accept")
    assert noa.roles_in(cluster.id) == {"guest"}


def test_inviting_anew_after_it_has_expired_is_sending_it_again(
    visitor: Any, cluster: Organisation, marta: User, noa: User, clock: Any
) -> None:
    first = invite(visitor, cluster, marta)
    clock.move(days=15)
    again = invite(visitor, cluster, marta, form_key="b")
    assert (again.id, again.expired, len(letters("role_offered"))) == (first.id, False, 2)


def test_a_closed_account_is_not_invited_and_what_waited_is_withdrawn(
    visitor: Any, cluster: Organisation, marta: User, noa: User
) -> None:
    invitation = invite(visitor, cluster, marta)
    robin = make_user(is_administrator=True)
    assert visitor(robin).post(f"/admin/people/{noa.id}/close").status_code == 303
    db.session.expire_all()
    assert invitation.answer == "withdrawn"
    page = visitor(marta).post(f"/organisations/{cluster.id}/team", data=NOA | {"role": "guest", "form_key": "c"})
    assert "This account is closed." in text_of(page)


# Nobody gains by it


def test_an_owner_who_is_made_guest_without_being_asked_still_decides(db_session: Any, visitor: Any) -> None:
    """The known trick: the applicant's coordinator gave the owner a role, who could not decide any more, and could not leave."""
    case: Case = make_case("light")
    voucher = case.take_to("requested")
    case.owner.password_hash = "x"
    home = voucher.exchange.guest_organisation
    trick = invite(visitor, home, case.guest_coordinator, email=case.owner.email)
    assert case.owner.roles_in(home.id) == set()
    browser = visitor(case.owner)
    path = f"/vouchers/{voucher.id}/approve"
    assert browser.get(path).status_code == 200
    answer(visitor, case.owner, trick, "decline")
    assert approve(browser, path) == 303
    db.session.expire_all()
    assert voucher.state == "issued"


def test_an_owner_who_accepts_has_an_interest_and_can_leave(db_session: Any, visitor: Any) -> None:
    case: Case = make_case("light")
    voucher = case.take_to("requested")
    case.owner.password_hash = "x"
    home = voucher.exchange.guest_organisation
    answer(visitor, case.owner, invite(visitor, home, case.guest_coordinator, email=case.owner.email), "accept")
    browser = visitor(case.owner)
    assert browser.get(f"/vouchers/{voucher.id}/approve").status_code == 409
    role = next(each for each in case.owner.memberships if each.organisation_id == home.id)
    assert browser.post(f"/memberships/{role.id}/end").location == "/roles"
    db.session.expire_all()
    assert case.owner.roles_in(home.id) == set()


def test_an_only_owner_who_becomes_finance_officer_is_seen_by_all_who_decide(db_session: Any, visitor: Any) -> None:
    """They need nobody's yes for it: so everybody beside them is told, and reads it where the programme is."""
    programme = make_programme(name="Alpine Exchange")
    owner = make_member(programme, Role.OWNER, name="Rita Sequeira", password_hash="x")
    pays, assesses = make_member(programme, Role.FINANCE_OFFICER), make_member(programme, Role.ASSESSOR)
    robin, closed = make_user(is_administrator=True), make_user(is_administrator=True, active=False)
    invitation = invite(visitor, programme, owner, "finance_officer", email=owner.email)
    assert (invitation.answer, owner.roles_in_programme(programme.id)) == ("accepted", {"owner", "finance_officer"})
    subject = "For your information: Rita Sequeira became a finance officer of Alpine Exchange by their own act"
    assert sorted(letters("role_taken")) == sorted([(pays.email, subject), (robin.email, subject)])
    assert letters("role_answered") == []
    assert closed.email not in dict(letters("role_taken"))
    seen = "Rita Sequeira became a finance officer of Alpine Exchange on 1 March 2027, by their own act."
    page, team = f"/programmes/{programme.id}", f"/programmes/{programme.id}/team"
    for person in (owner, pays, assesses):
        assert seen in text_of(visitor(person).get(page))
    assert seen in text_of(visitor(robin).get(team))
    assert "by their own act" not in text_of(visitor(make_user()).get(page)), "it is nobody else's"
    end_roles(owner)
    make_membership(owner, programme, Role.OWNER)
    assert "by their own act" not in text_of(visitor(pays).get(page))
    db.session.commit()
    other = make_member(programme, Role.OWNER, password_hash="x")
    answer(visitor, owner, invite(visitor, programme, other, "finance_officer", email=owner.email, form_key="z"), "accept")
    assert "finance_officer" in owner.roles_in_programme(programme.id)
    assert "by their own act" not in text_of(visitor(pays).get(page)), "somebody else has asked them now"


def approve(browser: Any, path: str) -> int:
    return browser.post(path, data=values_of(browser.get(path))).status_code


@pytest.mark.parametrize("act", ["accept", "decline", "ask-again", "send-again", "withdraw", ""])
def test_who_may_do_what_with_an_invitation(visitor: Any, cluster: Organisation, marta: User, noa: User, act: str) -> None:
    """Everybody there is, in the place and elsewhere: what is not theirs is not there. Written by hand."""
    invitation = invite(visitor, cluster, marta)
    programme, elsewhere = make_programme(), make_organisation()
    people = {f"{role} there": make_member(cluster, role) for role in ORGANISATION_ROLES}
    people |= {f"{role} elsewhere": make_member(elsewhere, role) for role in ORGANISATION_ROLES}
    people |= {str(role): make_member(programme, role) for role in PROGRAMME_ROLES}
    people |= {"invited elsewhere": make_user(password_hash="x"), "administrator": make_user(is_administrator=True)}
    invite(visitor, elsewhere, people["coordinator elsewhere"], email=people["invited elsewhere"].email)
    leads = {"coordinator there", "administrator"} if act in {"send-again", "withdraw"} else set()
    for name, person in people.items():
        path = f"/role-invitations/{invitation.id}" + (f"/{act}" if act else "")
        got = visitor(person).post(path) if act else visitor(person).get(path)
        assert got.status_code == (404 if name not in leads else got.status_code), (name, got.status_code)
        assert name not in leads or got.status_code == 303, name
        if name in leads and act == "withdraw":
            break
    theirs = visitor(noa).post(path) if act else visitor(noa).get(path)
    expected = {"accept": 303, "decline": 303, "ask-again": 422, "send-again": 404, "withdraw": 404, "": 200}
    assert theirs.status_code == expected[act]


def test_accepting_and_withdrawing_at_once_is_one_of_both(
    app: Any, cluster: Organisation, marta: User, noa: User, visitor: Any
) -> None:
    invitation = invite(visitor, cluster, marta)
    acts, start = {"accept": noa, "withdraw": marta}, threading.Barrier(2)
    browsers = {act: visitor(person) for act, person in acts.items()}
    id, statuses = invitation.id, {}

    def send(act: str) -> None:
        start.wait()
        statuses[act] = browsers[act].post(f"/role-invitations/{id}/{act}").status_code

    threads = [threading.Thread(target=send, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.commit()
    assert invitation.answer in {"accepted", "withdrawn"}
    assert noa.roles_in(cluster.id) == ({"guest"} if invitation.answer == "accepted" else set())
    assert statuses["accept"] == (303 if invitation.answer == "accepted" else 422)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM role_invitation",
        "UPDATE role_invitation SET role = 'owner'",
        "UPDATE role_invitation SET person_id = invited_by_id",
        "UPDATE role_invitation SET organisation_id = NULL, programme_id = 1",
        "UPDATE role_invitation SET answer = NULL, answered_at = NULL",
        "UPDATE role_invitation SET answer = 'declined'",
    ],
)
def test_the_database_keeps_who_invited_whom(visitor: Any, cluster: Organisation, marta: User, noa: User, statement: str) -> None:
    answer(visitor, noa, invite(visitor, cluster, marta), "accept")
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        db.session.execute(text(statement))


def test_an_invitation_is_of_its_day(cluster: Organisation, marta: User, noa: User, visitor: Any, clock: Any) -> None:
    clock.set_to(datetime.fromisoformat("2027-03-05T23:30:00+00:00"))
    answer(visitor, noa, invite(visitor, cluster, marta), "accept")
    assert noa.memberships[0].since == date(2027, 3, 5)


def test_the_audit_log_has_who_gave_took_and_ended_a_role(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    answer(visitor, noa, invite(visitor, cluster, marta), "accept")
    answer(visitor, noa, invite(visitor, cluster, marta, "host"), "decline")
    answer(visitor, marta, invite(visitor, cluster, marta, "provider"), "withdraw")
    visitor(marta).post(f"/memberships/{noa.memberships[0].id}/end")
    answer(visitor, noa, invite(visitor, cluster, marta, form_key="again"), "accept")
    visitor(noa).post("/account/close")
    robin = make_user(name="Robin", is_administrator=True)
    visitor(robin).post(f"/admin/people/{noa.id}/open")
    query = select(AuditEntry).where(AuditEntry.person_id == noa.id).order_by(AuditEntry.id)
    guest, host, provider = (f"Noa Lind, {role} of Mur Cluster" for role in ("guest", "host", "provider"))
    assert [(each.act, each.by_name, each.about) for each in db.session.scalars(query) if each.act in LOGGED] == [
        ("role_invited", "Marta Silva", guest),
        ("role_accepted", "Noa Lind", guest),
        ("role_invited", "Marta Silva", host),
        ("role_declined", "Noa Lind", host),
        ("role_invited", "Marta Silva", provider),
        ("role_invitation_withdrawn", "Marta Silva", provider),
        ("role_ended", "Marta Silva", guest),
        ("role_invited", "Marta Silva", guest),
        ("role_accepted", "Noa Lind", guest),
        ("role_left", "Noa Lind", guest),
        ("account_closed", "Noa Lind", "Noa Lind, noa@example.org"),
        ("account_reopened", "Robin", "Noa Lind, noa@example.org"),
    ]
    assert noa.roles_in(cluster.id) == set(), "opening an account again gives no role back"


def test_a_person_invites_forty_times_a_day(visitor: Any, cluster: Organisation, marta: User, clock: Any) -> None:
    """Each is a mail to somebody who has not asked for it."""
    client = visitor(marta)

    def send(number: int) -> Any:
        form = {"name": "Noa Lind", "email": f"noa{number}@example.org", "role": "guest", "form_key": str(number)}
        return client.post(f"/organisations/{cluster.id}/team", data=form)

    assert {send(number).status_code for number in range(40)} == {302}
    refused = send(41)
    assert refused.status_code == 429
    assert "You have sent 40 invitations within a day. Go on tomorrow." in text_of(refused)
    assert "noa41@example.org" in refused.text, "what was typed stays"
    assert len(letters("invitation")) == 40
    clock.move(days=1, minutes=1)
    assert visitor(marta).post(f"/organisations/{cluster.id}/team", data=NOA | {"role": "guest"}).status_code == 302


def test_an_address_gets_ten_invitations_a_day(visitor: Any, cluster: Organisation, marta: User, noa: User) -> None:
    """Also by "Invite again", and whoever sends them."""
    found = invite(visitor, cluster, marta)
    for _ in range(9):
        assert answer(visitor, marta, found, "send-again").status_code == 303
    client = visitor(marta)
    assert client.post(f"/role-invitations/{found.id}/send-again").status_code == 303
    told = text_of(client.get(f"/organisations/{cluster.id}/team"))
    assert "This address has been sent 10 invitations within a day. Try again tomorrow." in told
    other = make_organisation()
    form = NOA | {"role": "guest", "email": "NOA@example.org "}
    assert visitor(make_member(other, Role.COORDINATOR)).post(f"/organisations/{other.id}/team", data=form).status_code == 429
    assert len(letters("role_offered")) == 10
