"""What was signed, certified and noted stays as it was, whatever is called otherwise later; and whom a note is for."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from types import ModuleType
from typing import Any

import pytest
from pypdf import PdfReader

from mobility.agreements.lines import Line
from mobility.core.database import db
from mobility.exchanges import operations, rules
from mobility.exchanges.models import Exchange
from mobility.papers import queries as papers
from mobility.people.roles import Role
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from tests.support.cases import Case
from tests.support.factories import coordinator_of, make_exchange, make_member, sign_in

OTHERWISE = "Called otherwise"


def rename(exchange: Exchange) -> None:
    """Everybody and everything around an exchange gets another name, and the organisations move."""
    for each in (exchange.host, exchange.guest_organisation):
        each.name, each.city = f"{OTHERWISE} {each.id}", "Elsewhere"
    for each in (exchange.guest, coordinator_of(exchange.theme), exchange.programme):
        each.name = OTHERWISE
    exchange.theme.title = OTHERWISE
    db.session.flush()


def shown(client: Any, exchange: Exchange, number: int = 1) -> str:
    sign_in(client, exchange.guest)
    page = client.get(f"/exchanges/{exchange.id}/agreement/{number}").text
    return page[page.index("The whole text") :]


@pytest.fixture
def signed(db_session: Any) -> Exchange:
    return make_exchange(signed=True)


def test_a_signed_agreement_keeps_its_names(client: Any, signed: Exchange) -> None:
    before = papers.agreement_paper(signed, signed.newest_version)
    assert [each.name for each in before.signatures] == [coordinator_of(signed.theme).name, signed.guest.name]
    rename(signed)
    assert papers.agreement_paper(signed, signed.newest_version) == before
    page = shown(client, signed)
    for name in (before.theme, before.signatures[0].organisation, before.signatures[0].name, before.signatures[1].name):
        assert name in page
    assert OTHERWISE not in page.split("</main>")[0]


def test_the_first_signature_settles_the_names(db_session: Any) -> None:
    exchange = make_exchange()
    visits.sign(exchange, by=exchange.guest, number=1)
    title = exchange.theme.title
    rename(exchange)
    assert papers.agreement_paper(exchange, exchange.newest_version).theme == title


def test_what_nobody_has_signed_follows(client: Any, db_session: Any) -> None:
    exchange = make_exchange()
    rename(exchange)
    assert papers.agreement_paper(exchange, exchange.newest_version).theme == OTHERWISE
    assert OTHERWISE in shown(client, exchange)


def test_a_certificate_keeps_its_names(full: Case, clock: ModuleType) -> None:
    exchange = full.exchange
    exchange.state = "in_progress"
    exchange.first_day, exchange.last_day = date(2027, 2, 22), date(2027, 2, 26)
    stay = {"first_day": exchange.first_day, "last_day": exchange.last_day}
    operations.confirm_attendance(exchange, by=full.host_coordinator, attended=[1], **stay)
    before = papers.certificate_paper(exchange)
    assert before.confirmed_by == full.host_coordinator.name
    full.host_coordinator.name = OTHERWISE
    for each in (exchange.host, exchange.guest_organisation):
        each.name, each.city = f"{OTHERWISE} {each.id}", "Elsewhere"
    exchange.theme.title = exchange.programme.name = exchange.guest.name = OTHERWISE
    assert papers.certificate_paper(exchange) == before


def test_the_history_keeps_who_it_was(client: Any, signed: Exchange) -> None:
    name = signed.guest.name
    rename(signed)
    sign_in(client, signed.guest)
    history = client.get(f"/exchanges/{signed.id}").text.split('id="history"')[1].split("</section>")[0]
    assert f"by {name}, as guest" in history
    assert OTHERWISE not in history


# Whom a note is for


@pytest.mark.parametrize("who", ["owner", "assessor", "auditor", "holder", "guest_coordinator", "host_coordinator", "host"])
def test_the_assessor_s_note_is_the_programme_s(client: Any, full: Case, who: str) -> None:
    reads = who in {"owner", "assessor", "auditor"}
    full.take_to("issued")
    sign_in(client, getattr(full, who))
    page = client.get(f"/vouchers/{full.voucher.id}").text
    assert "Recommended" in page
    assert ("Well prepared." in page) is reads
    assert ("80 of 100 points" in page) is reads


# What an amendment says it changes

TERMS = {
    "objectives": (Line("o1", "First.\nSecond."),),
    "guest_benefit": (Line("g1", "x"),),
    "host_benefit": (Line("h1", "One.\r\n\r\nTwo."),),
    "first_day": date(2027, 3, 8),
    "last_day": date(2027, 3, 9),
    "agenda": ((date(2027, 3, 8), "Talks.\nTour."), (date(2027, 3, 9), "")),
}


def changes(**values: Any) -> list[str]:
    return rules.changed(rules.Terms(**TERMS), rules.Terms(**TERMS | values))


def test_another_end_of_line_is_no_change() -> None:
    same = {"objectives": (Line("o1", "First.\r\nSecond."),), "host_benefit": (Line("h1", "One.\n\nTwo.\n"),)}
    assert changes(**same) == []
    assert changes(**same, agenda=((date(2027, 3, 8), "Talks.\r\nTour."), (date(2027, 3, 9), "Home."))) == ["agenda"]


def test_an_empty_day_more_is_no_other_agenda() -> None:
    agenda = (*TERMS["agenda"], (date(2027, 3, 10), ""))
    assert changes(last_day=date(2027, 3, 10), agenda=agenda) == ["dates"]


def test_what_the_history_says_is_what_the_comparison_shows() -> None:
    agenda = ((date(2027, 3, 9), "Talks.\nTour."), (date(2027, 3, 10), ""))
    after = rules.Terms(**TERMS | {"first_day": date(2027, 3, 9), "last_day": date(2027, 3, 10), "agenda": agenda})
    shown = rules.differences(rules.Terms(**TERMS), after)
    assert [each.label for each in shown] == ["Dates", "Agenda, 8 March 2027", "Agenda, 9 March 2027"]
    assert rules.changed(rules.Terms(**TERMS), after) == ["dates", "agenda"]


def test_the_agreement_on_paper_keeps_its_paragraphs(client: Any, signed: Exchange) -> None:
    version = signed.newest_version
    both = "A method that nobody here can use.\n\nAn honest look at our figures."
    version.host_benefit, version.guest_benefit = [{"key": "h1", "text": both}], [{"key": "g1", "text": "One paragraph."}]
    db.session.flush()
    sign_in(client, signed.guest)
    answer = client.get(f"/exchanges/{signed.id}/agreement-1.pdf")
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert not any("can use.An" in line or "use. An" in line for line in lines)
    assert any(line.startswith("An honest look") for line in lines)


def test_the_paper_of_an_issued_voucher_keeps_its_names(full: Case) -> None:
    """Renamed since: programme, theme, both organisations, the holder. Whoever holds it later stands on it."""
    voucher = full.take_to("issued")
    before = papers.voucher_paper(voucher)
    assert (before.holder_name, before.theme) == (full.holder.name, full.exchange.theme.title)
    rename(full.exchange)
    full.holder.name = OTHERWISE
    db.session.flush()
    assert papers.voucher_paper(voucher) == before
    full.holder.active = False
    vouchers.take_over(voucher, by=full.guest_coordinator, reason="She has left.")
    assert papers.voucher_paper(voucher) == replace(before, holder_name=full.guest_coordinator.name)


def test_the_agreement_on_paper_says_who_travels_and_who_pays(signed: Exchange) -> None:
    first = papers.agreement_paper(signed, signed.newest_version)
    assert first.payment == f"With a mobility voucher of {signed.programme.name}"
    colleague = make_member(signed.guest_organisation, Role.GUEST, name="Petra Horvat")
    operations.go_unfunded(signed, by=signed.guest, reason="Our budget has it.")
    unfunded, gone = signed.newest_version, signed.guest.name
    operations.replace_guest(
        signed, by=signed.guest, delegate="1", name="Petra Horvat", email=colleague.email, level="cluster_manager", reason="Ill."
    )
    assert papers.agreement_paper(signed, unfunded).payment == f"By {signed.guest_organisation.name}"
    travel = [[each.name for each in papers.agreement_paper(signed, version).delegation] for version in signed.versions]
    assert travel == [[gone], [gone], ["Petra Horvat"]]
