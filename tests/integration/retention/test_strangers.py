"""What is kept of people without an account, of accounts that came to nothing, and of mails to lists: for how long."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import Identity
from mobility.audit import checks as audit_checks
from mobility.audit.operations import record
from mobility.core.database import db, transaction
from mobility.delegates.models import DelegateLink
from mobility.jobs import erase_people
from mobility.joining import operations as joining
from mobility.mailings.models import Mailing, MailingLetter
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.privacy import operations as privacy
from mobility.privacy.models import Erasure
from mobility.retention.night import remove_old_data
from mobility.retention.queries import GONE
from mobility.teams import operations as teams
from tests.integration.retention.test_nights import mail, run
from tests.support.delegates import BIA, begin, confirm, link_of, make_stay
from tests.support.factories import make_member, make_organisation, make_programme, make_submitted, make_user, sign_in
from tests.support.followups import ask as ask_all
from tests.support.followups import visited
from tests.support.html import text_of
from tests.support.joining import make_joining

YEAR = 365


@pytest.fixture(autouse=True)
def heads(app: Flask, tmp_path: Path) -> None:
    app.config["AUDIT_HEADS"] = (tmp_path / "heads").as_uri()
    app.config["FILES_URL"] = (tmp_path / "files").as_uri()


def names(*users: User) -> list[tuple[str, str]]:
    db.session.expire_all()
    return [(each.name, each.email) for each in users]


# Personal links of those who travel along


def test_a_traveller_s_link_forgets_the_address_and_says_that_it_is_over(client: Any, db_session: Any, clock: Any) -> None:
    """It opens for 366 days after the stay, for the certificate; 30 days later nobody needs to know whose it was."""
    exchange = make_stay()
    begin(exchange)
    confirm(exchange, 1, 2)
    path = link_of()
    assert run("traveller_links", days=366 + 30) == {}
    link = db_session.scalars(select(DelegateLink)).one()
    assert link.email == BIA
    assert run("traveller_links", days=1) == {"traveller_links": (1, 0)}
    assert link.email == ""
    answer = client.get(path)
    assert answer.status_code == 410
    assert "The stay has been over for some time" in text_of(answer)
    assert run("traveller_links", days=1) == {}


def test_of_a_stay_that_was_cancelled_it_goes_earlier(db_session: Any, clock: Any) -> None:
    exchange, other = make_stay(), make_stay()
    exchange.state, exchange.waiting_for, exchange.due_on = "cancelled", None, None
    clock.set_to(clock.noon_of(exchange.last_day))
    assert run("traveller_links", days=60 + 31) == {"traveller_links": (1, 0)}
    left = db_session.scalars(select(DelegateLink.email).where(DelegateLink.exchange_id == other.id)).all()
    assert left == [BIA]


# Mails to lists


def make_mailing() -> Mailing:
    person, programme = make_user(), make_programme()
    told = {"list_name": "exchanges", "list_title": "Exchanges", "list_path": "/exchanges?q=Zupan"}
    words = {"subject_line": "Come, Ana", "text": "Dear {name}", "digest": "x", "mailed": 1, "reply_to": "o@x.org"}
    told |= {"is_case": True, "filters": {"search": "Zupan"}}
    made = Mailing(by_id=person.id, by_name="Olga", programme_id=programme.id, **told, **words)
    db.session.add(made)
    db.session.flush()
    db.session.add(MailingLetter(mailing_id=made.id, person_id=person.id, name="Ana Zupan", about="E-1"))
    db.session.commit()
    return made


def test_a_mail_to_a_list_keeps_who_wrote_to_how_many(client: Any, db_session: Any, clock: Any) -> None:
    old = make_mailing()
    clock.move(days=2)
    young = make_mailing()
    clock.move(days=-2)
    assert run("mailings", days=2 * YEAR + 1) == {"mailings": (1, 0)}
    gone = (old.subject_line, old.text, old.reply_to, old.list_path, old.filters, old.digest)
    assert gone == ("", "", "", "", {}, "")
    assert (old.by_name, old.mailed, old.list_title) == ("Olga", 1, "Exchanges")
    assert (young.text, young.filters) == ("Dear {name}", {"search": "Zupan"})
    assert list(db_session.scalars(select(MailingLetter.mailing_id))) == [young.id]
    owner = make_member(db_session.merge(old.programme), Role.OWNER)
    db_session.commit()
    sign_in(client, owner)
    said = text_of(client.get(f"/mailings/{old.id}"))
    assert "was removed when its time was over" in said
    assert "A mail whose text is not kept any more" in text_of(client.get("/mailings"))
    assert client.get("/mailings?as=xlsx").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM mailing_letter",
        "UPDATE mailing SET text = ''",
        "UPDATE mailing SET text = '', subject_line = '', list_path = '', reply_to = '', digest = '', filters = '{}'",
        "DELETE FROM mailing",
    ],
)
def test_at_no_other_time_and_nothing_else(db_session: Any, statement: str) -> None:
    make_mailing()
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        db_session.execute(text(statement))


# Accounts that came to nothing


def test_whoever_was_invited_and_never_came_is_erased(db_session: Any, clock: Any) -> None:
    place = make_organisation(name="Mur Cluster")
    lead = make_member(place, Role.COORDINATOR, name="Lea Lead")
    db_session.commit()
    with transaction():
        invited = teams.invite_into_organisation(
            db.session.merge(place),
            by=db.session.merge(lead),
            email="never@came.example",
            name="Nevena Kamenova",
            role=Role.GUEST,
        )
    person = invited.person
    person.password_hash = ""
    assert run("accounts", days=YEAR) == {}, "the invitation ended later than it was written"
    assert run("accounts", days=31) == {"accounts": (1, 0)}
    assert run("accounts", days=1) == {}, "it is decided on already"
    assert "1" in str(erase_people())
    assert names(person) == [(f"Person {person.id}", f"person-{person.id}@erased.invalid")]
    for table in ("outbox_message", "audit_entry"):
        rows = db_session.execute(text(f"SELECT * FROM {table}")).all()
        assert "nevena" not in str(rows).lower(), table
        assert "never@came" not in str(rows).lower(), table
    assert audit_checks.check().wrong == []
    assert run("accounts", days=YEAR) == {}
    assert names(lead) == [("Lea Lead", lead.email)]


@pytest.mark.parametrize("sign", ["invited again", "accepted", "signed in"])
def test_whoever_comes_back_in_the_night_is_not_erased(db_session: Any, clock: Any, sign: str) -> None:
    """Between the night that asks for it and the job that does it."""
    place = make_organisation()
    lead, person = make_member(place, Role.COORDINATOR), make_user(name="Nevena Kamenova", email="never@came.example")
    assert run("accounts", days=2 * YEAR) == {"accounts": (1, 0)}
    clock.move(minutes=5)
    if sign == "signed in":
        with transaction():
            record("signed_in", by=db.session.merge(person))
    else:
        with transaction():
            told = {"email": person.email, "name": person.name, "role": Role.GUEST}
            place, lead = db.session.merge(place), db.session.merge(lead)
            invited = teams.invite_into_organisation(place, by=lead, **told)
            if sign == "accepted":
                teams.accept(invited, by=invited.person)
    clock.move(days=40 if sign == "signed in" else 0)
    assert str(erase_people()) == ""
    assert names(person) == [("Nevena Kamenova", "never@came.example")]
    assert db_session.scalars(select(Erasure.stopped_at)).one() is not None
    assert str(erase_people()) == ""


def test_whoever_registered_and_was_declined_is_told_before(client: Any, db_session: Any, clock: Any) -> None:
    case = make_joining()
    with transaction():
        joining.decline(db.session.merge(case.request), by=db.session.merge(case.coordinator), reason="No.")
    person = db_session.merge(case.person)
    person.password_hash = "something"
    db_session.commit()
    assert run("accounts", days=YEAR - 1) == {}
    assert run("accounts", days=2)["accounts"] == (1, 0)
    [letter] = db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "erasure_asked")).all()
    assert letter.recipient_id == person.id
    assert "your account never got a role" in letter.text
    assert str(erase_people()) == ""
    with transaction():
        assert privacy.stop(db.session.merge(person), by=db.session.merge(person))
    assert run("accounts", days=31) == {}, "it was stopped: a sign of life"
    assert run("accounts", days=YEAR)["accounts"] == (1, 0)


def test_whoever_signs_in_by_another_service_is_told_as_well(db_session: Any, clock: Any) -> None:
    person = make_user()
    person.password_hash = ""
    db_session.add(Identity(issuer="https://id.example", subject="1", user=person))
    assert run("accounts", days=2 * YEAR) == {"accounts": (1, 0)}
    erasure = db_session.scalars(select(Erasure)).one()
    assert (erasure.due_on - clock.today("Europe/Brussels")).days == 30
    assert db_session.scalars(select(OutboxMessage.recipient_id).where(OutboxMessage.kind == "erasure_asked")).one() == person.id


def test_who_has_or_had_any_part_stays(db_session: Any, clock: Any) -> None:
    """A role, also one that ended; a place in a delegation; an administrator; a guest; whoever acted lately."""
    place = make_organisation()
    ended = make_member(place, Role.GUEST)
    ended.memberships[0].until = clock.utc_now()
    application = make_submitted()
    along = make_user(email="along@example.org")
    application.delegates[0].email = along.email
    boss = make_user(is_administrator=True)
    people = [ended, along, boss, application.guest]
    before = names(*people)
    assert run("accounts", days=4 * YEAR) == {}
    assert names(*people) == before
    assert db_session.scalar(select(func.count(Erasure.id))) == 0


# Those who were asked by a link


def test_who_was_asked_without_an_account(db_session: Any, clock: Any) -> None:
    asked = visited()
    clock.move(days=200)
    ask_all()
    theirs, own = asked.requests()[:2]
    theirs.respondent_id, theirs.name, theirs.email = None, "Bia Ünal", "bia@elsewhere.example"
    assert run("asked", days=4 * YEAR) == {}, "nobody has called it off: it is still asked"
    for each in asked.requests():
        each.state, each.waiting_for, each.due_on, each.waiting_since = "missed", None, None, None
    assert run("asked", days=1)["asked"][0] >= 1
    assert (theirs.name, theirs.email) == (GONE, "")
    assert own.respondent_id
    assert own.name != GONE


# Mails to people without an account


def test_the_address_of_who_never_confirmed(db_session: Any, clock: Any) -> None:
    user = make_user()
    db_session.commit()
    with transaction():
        joining.ask_to_register("robot@example.org")
    own = mail(recipient_id=user.id, address=user.email, dedupe_key="own")
    [asked] = db_session.scalars(select(OutboxMessage).where(OutboxMessage.address == "robot@example.org")).all()
    waiting = mail(address="new@example.org", state="waiting", dedupe_key="waits")
    asked.state = "sent"
    assert run("strangers", days=180) == {}
    assert run("strangers", days=1) == {"strangers": (1, 0)}
    assert (asked.address, asked.text, asked.dedupe_key) == (GONE, GONE, f"gone:{asked.id}")
    assert (own.address, waiting.address) == (user.email, "new@example.org")
    rows = db_session.execute(text("SELECT * FROM outbox_message")).all()
    assert "robot" not in str(rows)


def test_a_stay_that_goes_on_knows_whom_it_has_written_to(db_session: Any, clock: Any) -> None:
    make_stay()
    letters = db_session.scalars(select(OutboxMessage).where(OutboxMessage.address == BIA)).all()
    for each in letters:
        each.state = "sent"
    assert letters
    assert run("strangers", days=200) == {}
    db_session.expire_all()
    assert {each.address for each in letters} == {BIA}


def test_all_of_it_reports_first(db_session: Any, clock: Any) -> None:
    make_mailing()
    mail(address="x@example.org")
    db_session.commit()
    clock.move(days=3 * YEAR)
    assert "rows emptied" not in str(remove_old_data())
    clock.move(days=timedelta(days=1).days)
    db_session.expire_all()
    assert db_session.scalars(select(Mailing.text)).one() == "Dear {name}"
