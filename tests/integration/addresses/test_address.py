"""Changing one's address: confirmed by the new mailbox, told to the one before, stopped from there."""

import re
import threading
from typing import Any

import pytest
from sqlalchemy import select

from mobility.accounts import operations as accounts
from mobility.accounts import passwords
from mobility.accounts.models import MailedLink
from mobility.addresses import operations
from mobility.addresses.models import AddressChange
from mobility.applications.models import Delegate
from mobility.audit.models import AuditEntry
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.merging.operations import merge_people
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.queries import user_by_email
from tests.support.factories import make_draft, make_guest, make_user, sign_in
from tests.support.html import fields_of, text_of

OLD, NEW = "ana@example.org", "ana.k@example.net"


@pytest.fixture
def ana(client: Any, db_session: Any) -> User:
    ana = make_guest(email=OLD, name="Ana Kovač", password_hash=passwords.hash_of("blue kettle on a hill"))
    sign_in(client, ana)
    return ana


def mails(db_session: Any) -> list[tuple[str, str]]:
    db_session.commit()
    return [(each.kind, each.address) for each in db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def link_in(db_session: Any, kind: str) -> str:
    db_session.commit()
    newest = select(OutboxMessage.text).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc())
    return re.search(r"http://localhost(/\S+)", db_session.scalars(newest).first())[1]


def ask(client: Any, email: str = NEW) -> Any:
    return client.post("/account/address", data=fields_of(client.get("/account/address")) | {"email": email})


def test_the_new_mailbox_confirms_and_the_one_before_is_told(client: Any, ana: User, db_session: Any) -> None:
    assert ask(client).status_code == 303
    assert mails(db_session) == [("address_confirm", NEW), ("address_asked", OLD)]
    assert ana.email == OLD
    page = link_in(db_session, "address_confirm")
    assert client.get(page).status_code == 200
    db_session.expire_all()
    assert ana.email == OLD  # reading changes nothing
    assert client.post(page).status_code == 303
    db_session.expire_all()
    assert ana.email == NEW
    assert mails(db_session)[2:] == [("address_moved", OLD)]
    assert client.post(page).status_code == 422  # once
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.act == "address_changed")).one()
    assert (entry.before, entry.after) == ({"email": OLD}, {"email": NEW})


def test_of_an_address_that_another_has_only_that_mailbox_is_told(client: Any, ana: User, db_session: Any) -> None:
    make_user(email="taken@example.org")
    free, taken = ask(client, NEW), ask(client, "taken@example.org")
    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    page = text_of(client.get("/account/address"))
    assert "A link is on its way to taken@example.org" in page
    assert mails(db_session)[2:] == [("address_taken", "taken@example.org"), ("address_asked", OLD)]


def test_only_who_asked_confirms(client: Any, app: Any, ana: User, db_session: Any) -> None:
    """A mistyped address is a stranger's: their having the link is not enough."""
    ask(client)
    page = link_in(db_session, "address_confirm")
    nobody, stranger = app.test_client(), app.test_client()
    sign_in(stranger, make_user())
    assert nobody.post(page).status_code == 401
    assert stranger.get(page).status_code == stranger.post(page).status_code == 404
    assert client.get("/account/address/confirm/nothing.of.ours").status_code == 404
    db_session.expire_all()
    assert ana.email == OLD


def test_what_waits_follows_and_links_to_the_old_address_end(client: Any, app: Any, ana: User, db_session: Any) -> None:
    other = app.test_client()
    sign_in(other, ana)
    accounts.send_link(ana)
    db_session.add(
        OutboxMessage(kind="reminder", recipient_id=ana.id, address=OLD, subject_line="Do it", text="x", message_id="m",
                      dedupe_key="k")
    )  # fmt: skip
    travels = make_draft(guest=ana).delegates[0].id
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    db_session.expire_all()
    states = {each.kind: (each.address, each.state) for each in db_session.scalars(select(OutboxMessage))}
    assert states["reminder"] == (NEW, "waiting")
    assert states["password_reset"] == (OLD, "dropped")
    assert all(each.used_at for each in db_session.scalars(select(MailedLink)))
    assert db_session.get(Delegate, travels).email == NEW
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_stopped_before_it_is_confirmed(client: Any, app: Any, ana: User, db_session: Any) -> None:
    ask(client)
    page, confirming = link_in(db_session, "address_asked"), link_in(db_session, "address_confirm")
    somebody = app.test_client()
    assert somebody.get(page).status_code == 200
    assert "Stopped" in somebody.post(page).text
    assert client.post(confirming).status_code == 422
    assert somebody.post(page).status_code == 422
    db_session.expire_all()
    assert ana.email == OLD


def test_put_back_within_a_week_and_whoever_took_it_is_out(client: Any, app: Any, ana: User, db_session: Any, clock: Any) -> None:
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    page = link_in(db_session, "address_moved")
    clock.move(days=6)
    assert "Your address is back" in app.test_client().post(page).text
    db_session.expire_all()
    assert (ana.email, ana.password_hash) == (OLD, operations.NO_PASSWORD)
    assert not passwords.is_right(ana, operations.NO_PASSWORD)
    assert mails(db_session)[-1] == ("password_reset", OLD)
    assert client.get("/account").status_code == 302


def test_who_goes_on_to_a_third_address_is_out_too(client: Any, app: Any, ana: User, db_session: Any) -> None:
    """Else two changes in a row would take an account for good; and the second one's link back is theirs."""
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    back = link_in(db_session, "address_moved")
    ask(client, "third@example.net")
    client.post(link_in(db_session, "address_confirm"))
    theirs = link_in(db_session, "address_moved")
    ask(client, "fourth@example.net")
    open_one = link_in(db_session, "address_confirm")
    assert "Your address is back" in app.test_client().post(back).text
    db_session.expire_all()
    assert (ana.email, ana.password_hash) == (OLD, operations.NO_PASSWORD)
    assert mails(db_session)[-1] == ("password_reset", OLD)
    assert app.test_client().post(theirs).status_code == 422
    sign_in(client, ana)
    assert client.post(open_one).status_code == 422
    db_session.expire_all()
    assert ana.email == OLD


def test_of_an_account_that_became_anothers_nothing_is_put_back(client: Any, app: Any, ana: User, db_session: Any) -> None:
    """Its address leads to the other account: whoever reads an earlier one does not come into that."""
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    back = link_in(db_session, "address_moved")
    stays = make_user()
    db_session.refresh(ana)
    merge_people(ana, stays, by=make_user(is_administrator=True), reason="She", keep_address=True)
    db_session.commit()
    assert app.test_client().post(back).status_code == 422
    db_session.expire_all()
    assert (ana.email, user_by_email(OLD)) == (NEW, None)


def test_after_the_week_it_stays(client: Any, app: Any, ana: User, db_session: Any, clock: Any) -> None:
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    page = link_in(db_session, "address_moved")
    clock.move(days=7, seconds=1)
    assert app.test_client().get(page).status_code == 410
    assert app.test_client().post(page).status_code == 422
    db_session.expire_all()
    assert ana.email == NEW


def test_a_later_wish_takes_the_place_of_an_earlier_one(client: Any, ana: User, db_session: Any) -> None:
    ask(client)
    first = link_in(db_session, "address_confirm")
    ask(client, "other@example.net")
    assert client.post(first).status_code == 422
    assert client.post(link_in(db_session, "address_confirm")).status_code == 303
    db_session.expire_all()
    assert ana.email == "other@example.net"


def test_of_two_tabs_the_slower_is_told(client: Any, ana: User, db_session: Any) -> None:
    opened = fields_of(client.get("/account/address"))
    ask(client)
    client.post(link_in(db_session, "address_confirm"))
    answer = client.post("/account/address", data=opened | {"email": "third@example.net"})
    assert answer.status_code == 409
    assert 'value="third@example.net"' in answer.text


def test_after_48_hours_the_link_is_over_and_the_page_says_so(client: Any, ana: User, db_session: Any, clock: Any) -> None:
    ask(client)
    page = link_in(db_session, "address_confirm")
    clock.move(hours=48)
    assert client.get(page).status_code == 410
    assert "has expired" in client.get("/account/address").text


@pytest.mark.parametrize("email", ["", "ana", "ana@", OLD, "x" * 300 + "@example.org", "ana@exämple.org\x00"])
def test_bad_addresses_are_told_at_the_field(client: Any, ana: User, email: str, db_session: Any) -> None:
    assert ask(client, email).status_code in (409, 422)
    assert db_session.scalar(select(AddressChange)) is None


def test_called_off_on_the_page(client: Any, ana: User, db_session: Any) -> None:
    ask(client)
    assert client.post("/account/address/call-off").status_code == 303
    assert client.post(link_in(db_session, "address_confirm")).status_code == 422
    assert client.post("/account/address/call-off").status_code == 303


def test_proof_is_asked_again(client: Any, ana: User, db_session: Any, clock: Any) -> None:
    client.post("/sign-out")
    client.post("/sign-in", data={"email": OLD, "password": "blue kettle on a hill"})
    clock.move(minutes=11)
    answer = client.post("/account/address", data={"email": NEW, "seen": OLD})
    assert answer.status_code == 403
    assert db_session.scalar(select(AddressChange)) is None


@pytest.mark.databases("postgresql")
def test_of_many_who_confirm_one_address_at_once_one_gets_it(app: Any, db_session: Any) -> None:
    people = [make_user() for _ in range(8)]
    changes = [operations.ask(each, email="wanted@example.net").id for each in people]
    db_session.commit()
    outcomes: list[str] = []

    def confirm(id: int) -> None:
        with app.app_context():
            try:
                with transaction():
                    change = db.session.get(AddressChange, id, with_for_update=True)
                    operations.confirm(change, sign_in_id=0)
                outcomes.append("done")
            except Refusal:
                outcomes.append("refused")
            except Exception as error:
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=confirm, args=(each,)) for each in changes]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    db_session.expire_all()
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "refused", "IntegrityError"}
    assert len(db_session.scalars(select(User).where(User.email == "wanted@example.net")).all()) == 1
