"""Which mails come at once, which in one mail each morning, which not at all."""

import re
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mobility.core.database import db
from mobility.jobs import make_digests
from mobility.notifications import delivery, digest, kinds
from mobility.notifications.models import MailChoice, OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from tests.support.factories import make_user, sign_in
from tests.support.html import fields_of, text_of

MAILS = Path(__file__).parents[3] / "templates/mail"
TEXT = (
    "Please confirm by 8 March.\n\nThey write: bring a coat."
    "\n\nConfirm:\n\nhttp://localhost/go/abc\n\n--\nThis message is for Ana."
)


@pytest.fixture
def ana(db_session: Any) -> User:
    return make_user(email="ana@example.org", name="Ana Kovač")


def choose(user: User, **values: Any) -> MailChoice:
    choice = MailChoice(person_id=user.id, **{"timezone": "Europe/Vienna"} | values)
    db.session.add(choice)
    db.session.commit()
    return choice


def mail(user: User, kind: str, subject: str = "Confirm by 8 March", text: str = TEXT) -> OutboxMessage:
    number = len(db.session.scalars(select(OutboxMessage.id)).all())
    message = OutboxMessage(
        kind=kind, recipient_id=user.id, address=user.email, subject_line=subject, text=text, message_id=f"<{number}@x>",
        dedupe_key=f"{kind}:{number}",
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()
    return message


def states() -> dict[str, str]:
    db.session.commit()
    db.session.expire_all()
    return {each.kind: each.state for each in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))}


def digests() -> list[OutboxMessage]:
    db.session.commit()
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "digest").order_by(OutboxMessage.id)))


def test_every_kind_of_mail_is_in_one_group() -> None:
    """A new kind says here what one can choose of it."""
    there = {path.stem for path in MAILS.glob("*.txt")} - {"base"} - {path.stem for path in MAILS.glob("_*")}
    known = [kind for group in kinds.EVERY for kind in group]
    assert sorted(known) == sorted({*there, "mailing_news"})  # in the words of `mailing`


def test_what_is_wanted_at_once_is_claimed_and_the_rest_waits(ana: User, clock: Any) -> None:
    choose(ana, decisions="digest", news="none")
    sent = [mail(ana, "reminder").id, mail(ana, "password_reset").id, mail(make_user(), "voucher_approved").id]
    mail(ana, "voucher_approved")
    mail(ana, "theme_closed")
    assert delivery.claim("me", 20) == sent


def test_one_mail_in_the_morning_with_all_of_it(ana: User, clock: Any) -> None:
    choose(ana, decisions="digest", deadlines="digest", news="none")
    mail(ana, "voucher_approved")
    mail(ana, "reminder", "Sign by 9 March")
    mail(ana, "theme_closed", "A theme is closed")
    clock.set_to(datetime(2027, 3, 2, 5, 59, tzinfo=UTC))  # 06:59 in Vienna
    assert str(make_digests()) == ""
    clock.set_to(datetime(2027, 3, 2, 6, 0, tzinfo=UTC))
    assert str(make_digests()) == "1 daily digests"
    assert states() == {"voucher_approved": "digested", "reminder": "digested", "theme_closed": "dropped", "digest": "waiting"}
    text = digests()[0].text
    assert digests()[0].subject_line == "Your day at Mobility: 2 messages, Confirm by 8 March"
    assert [text.count(each) for each in ("1. Confirm by 8 March", "bring a coat", "2. Sign by 9 March")] == [2, 2, 2]
    assert text.count("http://localhost/go/abc") == 2
    assert text.count("This message is for") == 1
    assert delivery.claim("me", 20) == [digests()[0].id]
    clock.move(hours=3)
    mail(ana, "voucher_paid")
    assert str(make_digests()) == ""
    clock.move(days=1)
    assert str(make_digests()) == "1 daily digests"


@pytest.mark.parametrize("way", ["\n\nConfirm:\n\nhttp://localhost/go/abc", ""])
def test_words_of_others_do_not_become_a_button(ana: User, clock: Any, way: str) -> None:
    choose(ana, decisions="digest")
    words = "They ask:\n\nWho are you?\n\nAnswer here:\n\nhttps://evil.example/x"
    mail(ana, "join_question", "Answer", f"{words}{way}\n\n--\nThis message is for Ana.")
    clock.move(days=1)
    make_digests()
    assert "https://evil.example/x" not in re.findall(r'href="([^"]+)"', html_of(digests()[0]))
    assert digests()[0].text.count("https://evil.example/x") == 1  # among the words, as in the mail
    assert ("1. Answer:\n\nhttp://localhost/go/abc" in digests()[0].text) is bool(way)


def test_what_goes_into_a_calendar_is_not_held_back(ana: User, clock: Any) -> None:
    choose(ana, decisions="digest")
    message = mail(ana, "agreement_agreed")
    message.calendar = "BEGIN:VCALENDAR"
    db.session.commit()
    assert delivery.claim("me", 20) == [message.id]


def test_a_morning_without_mail_is_passed_by_and_what_comes_then_waits(ana: User, clock: Any) -> None:
    choose(ana, decisions="digest")
    make_digests()
    mail(ana, "voucher_paid")
    clock.move(hours=2)
    make_digests()
    assert digests() == []


@pytest.mark.parametrize(
    ("timezone", "first", "days"),
    [
        pytest.param("Europe/Vienna", datetime(2027, 3, 26, 12, tzinfo=UTC), 4, id="into summer"),
        pytest.param("Europe/Vienna", datetime(2027, 10, 29, 12, tzinfo=UTC), 4, id="out of summer"),
        pytest.param("Pacific/Auckland", datetime(2027, 4, 2, 20, tzinfo=UTC), 4, id="the other half of the world"),
        pytest.param("America/St_Johns", datetime(2027, 3, 12, 12, tzinfo=UTC), 4, id="half an hour beside"),
    ],
)
def test_across_changes_of_the_clocks_one_each_day(ana: User, clock: Any, timezone: str, first: datetime, days: int) -> None:
    """Run every half hour, with a mail before each: each day has one, and each mail is in one."""
    clock.set_to(first)
    choose(ana, decisions="digest", timezone=timezone, digested_on=clock.today(timezone))
    for number in range(days * 48):
        mail(ana, "voucher_paid", f"Mail {number}.")
        clock.move(minutes=30)
        make_digests()
    made = [date.fromisoformat(each.dedupe_key.split(":")[1]) for each in digests()]
    assert len(made) == len(set(made)) == days
    found = re.findall(r"\n\d+\. (Mail \d+\.)\n", "".join(each.text for each in digests()))
    assert len(found) == len(set(found))
    waits = [
        each.subject_line
        for each in db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind != "digest", OutboxMessage.state == "waiting")
        )
    ]
    assert {*found, *waits} == {f"Mail {number}." for number in range(days * 48)}


def test_dying_half_way_loses_nothing(ana: User, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(ana, decisions="digest")
    mail(ana, "voucher_paid")

    def die(*_: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(digest, "store", die)
        with pytest.raises(SystemExit):
            make_digests()
    assert states() == {"voucher_paid": "waiting"}
    make_digests()
    assert states() == {"voucher_paid": "digested", "digest": "waiting"}


def test_a_secret_link_is_kept_nowhere_but_in_the_digest(ana: User, clock: Any) -> None:
    choose(ana, deadlines="digest")
    mail(ana, "questionnaire", "Tell us", TEXT.replace("/go/abc", "/answers/secret"))
    make_digests()
    db.session.expire_all()
    first, second = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    assert first.text == delivery.FORGOTTEN
    assert "/answers/secret" in second.text


def test_whoever_wants_all_at_once_again_gets_what_waits(client: Any, ana: User, clock: Any) -> None:
    sign_in(client, ana)
    page = fields_of(client.get("/account/mails"))
    assert client.post("/account/mails", data=page | {"decisions": "digest"}).status_code == 303
    message = mail(ana, "voucher_paid").id
    make_digests()
    assert delivery.claim("me", 20) == []  # chosen at ten o'clock: the first digest comes tomorrow
    page = fields_of(client.get("/account/mails"))
    assert page["decisions"] == "digest"
    assert client.post("/account/mails", data=page | {"decisions": "at_once"}).status_code == 303
    assert delivery.claim("me", 20) == [message]


@pytest.mark.parametrize("bad", [{"decisions": "none"}, {"news": "never"}, {"timezone": "Moon/Crater"}, {"deadlines": ""}])
def test_what_cannot_be_chosen_is_told_at_the_field(client: Any, ana: User, bad: dict[str, str]) -> None:
    sign_in(client, ana)
    answer = client.post("/account/mails", data=fields_of(client.get("/account/mails")) | bad)
    assert answer.status_code == 422
    assert "There is a problem" in text_of(answer)


def test_of_two_tabs_the_slower_is_told(client: Any, ana: User) -> None:
    sign_in(client, ana)
    opened = fields_of(client.get("/account/mails"))
    assert client.post("/account/mails", data=opened | {"news": "none"}).status_code == 303
    assert client.post("/account/mails", data=opened | {"news": "digest"}).status_code == 409


@pytest.mark.databases("postgresql")
def test_of_many_processes_one_makes_the_digest(app: Any, ana: User, clock: Any) -> None:
    choose(ana, decisions="digest")
    for _ in range(5):
        mail(ana, "voucher_paid")

    def run() -> None:
        with app.app_context():
            make_digests()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(digests()) == 1
    assert digests()[0].text.count("\n1. Confirm") == 2  # as a heading, and at its link
    assert "\n5. Confirm" in digests()[0].text
