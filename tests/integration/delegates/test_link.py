"""The page of whoever travels along, by a personal link: what it shows, and when it opens nothing any more."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from mobility.claims import operations as claims
from mobility.core.database import db
from mobility.delegates.models import DelegateLink
from mobility.exchanges import endorse
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.visits import operations as visits
from tests.support.calendars import read
from tests.support.delegates import BIA, amend, begin, confirm, link_in, link_of, mails, make_stay, sign
from tests.support.factories import (
    coordinator_of,
    make_funded_programme,
    make_guest,
    make_member,
    make_programme,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("db_session")
ENDED = "This link has ended"


def replace(exchange: Exchange, email: str = "noa@new.example") -> None:
    given = {"name": "Noa Levi", "email": email, "level": "cluster_manager", "reason": "Ill."}
    visits.replace_guest(exchange, by=exchange.guest, delegate="2", **given)
    db.session.commit()


def certificate(answer: Any) -> str:
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


# What it shows


def test_it_opens_without_a_password_and_shows_the_stay(client: Any) -> None:
    exchange = make_stay()
    amend(exchange, host_contact="Meet Ines at the gate, +43 316 555", agenda=[(exchange.first_day, "A walk through the plant")])
    sign(exchange)
    page = client.get(link_of())
    shown = text_of(page)
    assert page.status_code == 200
    for words in (
        "Bia Ünal",
        exchange.theme.title,
        exchange.host.name,
        "Graz",
        "Austria",
        "10 to 14 April 2027",
        "Meet Ines at the gate, +43 316 555",
        "A walk through the plant",
        "Gil Prado",
        exchange.programme.name,
    ):
        assert words in shown, words


def test_nothing_of_money_of_others_or_of_conversations(client: Any) -> None:
    exchange = make_stay(
        ("Bia Ünal", BIA),
        ("Cem Other", "cem@other.example"),
        theme=make_theme(programme=make_funded_programme()),
        self_funded=False,
        motivation="Our secret motivation",
    )
    page = client.get(link_of()).text.partition("<main")[2].partition("</main>")[0]
    for words in ("Cem Other", "cem@other.example", "€", "EUR", "oucher", "Our secret motivation", "essages", "onversation"):
        assert words not in page, words
    assert f"/exchanges/{exchange.id}" not in page


def test_its_address_goes_into_no_cache_no_index_and_to_no_site(client: Any) -> None:
    make_stay()
    link = link_of()
    for path in (link, f"{link}/calendar.ics"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in headers
    form = client.get(f"{link}/another").headers  # the protection of forms over HTTPS wants to know the site, not the page
    assert (form["Cache-Control"], form["Referrer-Policy"], form["X-Robots-Tag"]) == ("no-store", "strict-origin", "noindex")


def test_the_log_has_nothing_of_it(client: Any, caplog: Any) -> None:
    make_stay()
    token = link_of().removeprefix("/stays/")
    caplog.set_level("INFO", "mobility")
    for path in ("", "/calendar.ics", "/another"):
        client.get(f"/stays/{token}{path}")
    assert "/stays/<token>/another" in caplog.text
    assert token not in caplog.text


def test_the_link_is_stored_as_its_hash_alone(client: Any) -> None:
    make_stay()
    token = link_of().removeprefix("/stays/")
    (link,) = db.session.scalars(db.select(DelegateLink)).all()
    assert len(token) >= 43
    assert token not in str(vars(link))
    link.token_hash = "0" * 64
    db.session.commit()
    assert client.get(f"/stays/{token}").status_code == 404, "a signature alone opens nothing"


def test_the_calendar_file_is_what_the_mail_has_put_there(client: Any) -> None:
    exchange = make_stay()
    (mail,) = mails("stay_agreed")
    answer = client.get(f"{link_of()}/calendar.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    (event,), (invited,) = read(answer.data).events, read(mail.calendar).events
    assert (event.uid, event.sequence, event.organiser) == (invited.uid, invited.sequence, invited.organiser)
    assert (event.first_day, event.end) == (date(2027, 4, 10), date(2027, 4, 15))
    assert b"/stays/" not in answer.data, "a calendar is shown to others"
    visits.cancel(exchange, by=exchange.guest, reason="A fire.")
    db.session.commit()
    (gone,) = read(client.get(f"{link_of()}/calendar.ics").data).events
    assert (gone.uid, gone.sequence, gone.status) == (event.uid, event.sequence + 1, "CANCELLED")


def test_there_is_no_calendar_file_and_no_certificate_before_there_can_be_one(client: Any) -> None:
    exchange = make_stay(agreed=False)
    replace(exchange)
    link = link_of("noa@new.example")
    page = client.get(link).text
    assert "Not agreed yet" in page
    assert "calendar.ics" not in page
    assert client.get(f"{link}/calendar.ics").status_code == 409
    assert client.get(f"{link}/certificate.pdf").status_code == 404


# What happens next


def test_other_days_that_are_proposed_and_that_are_agreed(client: Any) -> None:
    exchange = make_stay()
    assert "Agreed: 10 to 14 April 2027" in text_of(client.get(link_of()))
    amend(exchange, last_day=date(2027, 4, 15), agenda=[])
    page = text_of(client.get(link_of()))
    assert "Other days are proposed: 10 to 15 April 2027" in page
    assert "Days 10 to 14 April 2027" in page
    sign(exchange)
    page = text_of(client.get(link_of()))
    assert "Agreed: 10 to 15 April 2027" in page
    assert "Earlier it was 10 to 14 April 2027" in page


@pytest.mark.parametrize("at_home", [True, False])
def test_the_home_organisation_has_yet_to_say_yes_or_objects(client: Any, at_home: bool) -> None:
    programme = make_programme(endorsement="required")
    guest = make_guest(name="Gil Prado")
    home = db.session.get_one(Organisation, guest.organisation_ids()[0])
    by = make_member(home, Role.COORDINATOR) if at_home else make_member(programme, Role.OWNER)
    exchange = make_stay(guest=guest, theme=make_theme(programme=programme))
    who = home.name if at_home else programme.name
    assert f"{who} has yet to say yes" in text_of(client.get(link_of()))
    assert f"{who} has yet to say yes" in mails("stay_agreed")[0].text
    endorse.object_to_stay(exchange, by=by, number=1, reason="A secret at home.")
    page = text_of(client.get(link_of()))
    assert "It may not take place" in page
    assert "A secret at home" not in page


def test_cancelled(client: Any) -> None:
    exchange = make_stay()
    visits.cancel(exchange, by=exchange.guest, reason="A secret between us.")
    page = text_of(client.get(link_of()))
    assert "This stay does not take place" in page
    assert "A secret between us" not in page


def test_a_no_show(client: Any) -> None:
    exchange = make_stay()
    begin(exchange)
    visits.report_no_show(exchange, by=coordinator_of(exchange.theme), reason="Nobody came.")
    page = text_of(client.get(link_of()))
    assert "Reported as a no-show" in page
    assert "If you were there, tell Gil Prado at once" in page


def test_under_way_and_what_the_host_does_next(client: Any, clock: Any) -> None:
    exchange = make_stay()
    begin(exchange)
    assert "You are expected until 14 April 2027" in text_of(client.get(link_of()))
    clock.move(days=1)
    assert "confirms the attendance next" in text_of(client.get(link_of()))


def test_the_certificate_is_of_their_own_stay(client: Any) -> None:
    exchange = make_stay(("Bia Ünal", BIA), ("Cem Other", "cem@other.example"))
    begin(exchange)
    link = link_of()
    assert client.get(f"{link}/certificate.pdf").status_code == 404
    confirm(exchange, 1, 2, 3)
    assert "You were there: 10 to 14 April 2027" in text_of(client.get(link))
    told = certificate(client.get(f"{link}/certificate.pdf"))
    assert "Bia Ünal" in told
    assert "Cem Other" not in told
    assert "Gil Prado" not in told


def test_who_was_not_there_has_none(client: Any) -> None:
    exchange = make_stay()
    begin(exchange)
    confirm(exchange, 1)
    page = client.get(link_of())
    assert "You are not among those who came" in text_of(page)
    assert "certificate.pdf" not in page.text
    assert client.get(f"{link_of()}/certificate.pdf").status_code == 404


@pytest.mark.parametrize(("place", "came", "away"), [(2, BIA, "ana@other.example"), (3, "ana@other.example", BIA)])
def test_of_two_of_one_name_the_one_who_came_gets_the_certificate(client: Any, place: int, came: str, away: str) -> None:
    """The host ticks people, not names; corrected to the other, it is the other's."""
    exchange = make_stay(("Ana Lima", BIA), ("Ana Lima", "ana@other.example"))
    begin(exchange)
    confirm(exchange, 1, place)
    assert "Ana Lima" in certificate(client.get(f"{link_of(came)}/certificate.pdf"))
    assert client.get(f"{link_of(away)}/certificate.pdf").status_code == 404
    assert "You are not among those who came" in text_of(client.get(link_of(away)))
    days = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    host = coordinator_of(exchange.theme)
    claims.correct_attendance(exchange, by=host, attended=[1, 5 - place], reason="The other Ana.", **days)
    db.session.commit()
    assert client.get(f"{link_of(came)}/certificate.pdf").status_code == 404
    assert "Ana Lima" in certificate(client.get(f"{link_of(away)}/certificate.pdf"))
    assert f"(guest {5 - place}); before: 10 April 2027 to 14 April 2027, Gil Prado, Ana Lima (guest {place})" in (
        exchange.history()[0].note
    )


def test_of_two_of_one_name_confirmed_by_names_alone_the_host_says_which(client: Any) -> None:
    """As it was confirmed before the place was kept: neither has a certificate until it is corrected."""
    exchange = make_stay(("Ana Lima", BIA), ("Ana Lima", "ana@other.example"))
    begin(exchange)
    confirm(exchange, 1, 3)
    exchange.attended_places = []
    db.session.commit()
    for address in (BIA, "ana@other.example"):
        assert client.get(f"{link_of(address)}/certificate.pdf").status_code == 404
        assert f"Ask {exchange.host.name} to correct who it was" in text_of(client.get(link_of(address)))
    host = coordinator_of(exchange.theme)
    days = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    claims.correct_attendance(exchange, by=host, attended=[1, 3], reason="It was the second.", **days)
    db.session.commit()
    assert "Ana Lima" in certificate(client.get(f"{link_of('ana@other.example')}/certificate.pdf"))
    assert client.get(f"{link_of()}/certificate.pdf").status_code == 404


# When it ends


def test_looking_changes_nothing_and_twice_is_the_same(client: Any) -> None:
    make_stay()
    before = [(each.ended_at, each.token_hash) for each in db.session.scalars(db.select(DelegateLink))]
    link = link_of()
    for _ in range(3):
        for path in ("", "/calendar.ics", "/another"):
            assert client.get(f"{link}{path}").status_code == 200
            assert client.head(f"{link}{path}").status_code == 200
    db.session.expire_all()
    assert [(each.ended_at, each.token_hash) for each in db.session.scalars(db.select(DelegateLink))] == before
    assert mails("delegate_link") == []


def test_a_new_link_goes_to_the_address_and_ends_the_one_before(client: Any) -> None:
    make_stay()
    old = link_of()
    values = values_of(client.get(f"{old}/another"))
    answer = client.post(f"{old}/another", data=values)
    assert answer.status_code == 200
    assert BIA not in answer.text, "whoever has found the link learns no address"
    (mail,) = mails("delegate_link")
    new = link_in(mail)
    assert (mail.address, new == old) == (BIA, False)
    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)
    assert "There is a newer link" in client.get(old).text
    again = client.post(f"{old}/another", data=values)
    assert again.status_code == 410, "twice is once"
    assert len(mails("delegate_link")) == 1


def test_the_next_message_has_the_link_of_now(client: Any) -> None:
    exchange = make_stay()
    old = link_of()
    client.post(f"{old}/another", data=values_of(client.get(f"{old}/another")))
    new = link_of()
    amend(exchange, host_contact="Ask Ines")
    sign(exchange)
    assert link_of() == new
    assert link_in(mails("stay_agreed")[-1]) == new


def test_it_ends_when_somebody_else_travels(client: Any) -> None:
    exchange = make_stay()
    old = link_of()
    replace(exchange)
    page = client.get(old)
    assert (page.status_code, ENDED in page.text) == (410, True)
    assert exchange.theme.title not in page.text
    for path in ("/calendar.ics", "/certificate.pdf", "/another"):
        assert client.get(f"{old}{path}").status_code == 410
    assert client.get(link_of("noa@new.example")).status_code == 200


def test_it_ends_a_year_after_the_stay_and_two_months_after_one_that_was_cancelled(client: Any, clock: Any) -> None:
    took_place, cancelled = make_stay(), make_stay(("Dai", "dai@elsewhere.example"))
    visits.cancel(cancelled, by=cancelled.guest, reason="A fire.")
    begin(took_place)
    confirm(took_place, 1, 2)
    links = [link_of(), link_of("dai@elsewhere.example")]
    last = took_place.last_day
    for days, expected in ((60, [200, 200]), (61, [200, 410]), (366, [200, 410]), (367, [410, 410])):
        clock.set_to(clock.noon_of(last + timedelta(days=days), took_place.timezone))
        assert [client.get(each).status_code for each in links] == expected, days


def test_the_day_is_the_programmes_own(client: Any, clock: Any) -> None:
    exchange = make_stay()
    begin(exchange)
    confirm(exchange, 1, 2)
    end = clock.noon_of(exchange.last_day + timedelta(days=366), exchange.timezone)
    clock.set_to(end + timedelta(hours=11, minutes=59))  # 23:59 in Vienna
    assert client.get(link_of()).status_code == 200
    clock.move(minutes=31)  # 00:30 in Vienna, 22:30 UTC
    assert client.get(link_of()).status_code == 410


@pytest.mark.parametrize("change", ["cut", "longer", "other number", "no signature", "another's"])
def test_an_altered_link_opens_nothing(client: Any, change: str) -> None:
    make_stay()
    link = link_of()
    altered = {
        "cut": link[:-1],
        "longer": f"{link}A",
        "other number": link.replace(link.removeprefix("/stays/")[:4], "WzIs"),
        "no signature": link.rpartition(".")[0],
        "another's": "/stays/" + "A" * 43,
    }[change]
    page = client.get(altered)
    assert page.status_code == 404
    assert "was never made" in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["x", "..", "%00", "a" * 5000, "ü🎉", "%ED%A0%80"])
def test_what_is_no_link_is_not_there(client: Any, token: str) -> None:
    assert client.get(f"/stays/{token}").status_code in {400, 404}


def test_guessing_and_asking_all_the_time_are_stopped(client: Any) -> None:
    make_stay()
    link = link_of()
    assert [client.get(link).status_code for _ in range(61)] == [200] * 60 + [429]
    assert [client.get(f"/stays/x{n}").status_code for n in range(21)] == [404] * 20 + [429]


def test_new_links_are_not_sent_without_end(client: Any) -> None:
    make_stay()
    answers = []
    for _ in range(6):
        link = link_of()
        answers.append(client.post(f"{link}/another", data=values_of(client.get(f"{link}/another"))).status_code)
    assert answers == [200] * 5 + [429]
    assert len(mails("delegate_link")) == 5


def test_a_forwarded_link_is_read_by_whoever_is_signed_in_and_gives_them_nothing_else(client: Any) -> None:
    exchange = make_stay()
    link = link_of()
    sign_in(client, make_user())
    page = client.get(link)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "strict-origin"), "so that one can sign out from it"
    for path in (f"/exchanges/{exchange.id}", f"/exchanges/{exchange.id}/stay", f"/exchanges/{exchange.id}/travellers"):
        assert client.get(path).status_code == 404


def test_once_it_is_sent_its_text_is_forgotten(client: Any, app: Any, smtp_server: Any) -> None:
    from mobility.notifications.delivery import FORGOTTEN, deliver_pending

    make_stay()
    app.config["MAIL_URL"] = smtp_server.url
    try:
        deliver_pending()
    finally:
        app.config["MAIL_URL"] = None
    db.session.expire_all()
    rows = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == "stay_agreed")).all()
    assert [each.text for each in rows] == [FORGOTTEN]


def test_another_key_makes_another_link_with_the_next_message(client: Any, app: Any) -> None:
    exchange = make_stay()
    old, key = link_of(), app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another key, long enough to sign with 0123456789"
    try:
        assert client.get(old).status_code == 200, "until there is another one"
        amend(exchange, host_contact="Ask Ines")
        sign(exchange)
        assert link_of() != old
        assert [client.get(each).status_code for each in (old, link_of())] == [404, 200]
    finally:
        app.config["SECRET_KEY"] = key


@pytest.mark.parametrize("others", [1, 2])
def test_it_takes_the_same_queries_however_many_travel(client: Any, others: int) -> None:
    make_stay(*[(f"Other {n}", f"o{n}@elsewhere.example") for n in range(others)])
    link = link_of("o0@elsewhere.example")
    with queries() as seen:
        client.get(link)
    assert seen.count == {"sqlite": 10, "postgresql": 11}[db.engine.dialect.name], seen  # the throttle locks there


def test_roles_at_home_or_at_the_host_make_no_difference_to_the_link(client: Any) -> None:
    exchange = make_stay()
    sign_in(client, make_member(exchange.host, Role.HOST))
    assert client.get(link_of()).status_code == 200
