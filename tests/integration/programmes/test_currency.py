"""A programme that pays in Polish zlotys: every page, mail and paper names them, in one notation, the reader's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.money import CURRENCIES
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes import operations
from mobility.programmes.models import Programme
from mobility.rates import operations as rates
from mobility.vouchers import operations as vouchers
from mobility.workflows.table import SYSTEM
from tests.support import factories
from tests.support.cards import card_of, part_of
from tests.support.cases import SHARE, Case, Knowledge, make_case, make_knowledge
from tests.support.client import Client, Visitor
from tests.support.forms import fill
from tests.support.html import text_of
from tests.support.queries import queries
from tests.support.tills import has_account, make_till

AMOUNT = r"[-\N{MINUS SIGN}]?(?:\d{1,3}(?:[.,]\d{3})*)[.,]\d\d(?!\d)"
RIGHT = {"en_GB": r"[-\N{MINUS SIGN}]?PLN \d{1,3}(,\d{3})*\.\d\d", "de_DE": r"[-\N{MINUS SIGN}]?\d{1,3}(\.\d{3})*,\d\d PLN"}
AN_AMOUNT = re.compile(rf"[-\N{{MINUS SIGN}}]?PLN {AMOUNT}|{AMOUNT} PLN")
# Left alone: what is no page, ends the session, or has amounts as examples (the account)
NOT_FOLLOWED = re.compile(
    r"/(sign-out|static|go|switch|evidence|health)|\.(csv|xlsx|xml|ics|pdf|svg)$|^/themes\?|/messages|^/account|^/exchanges/"
)


@dataclass
class World:
    """A programme in zlotys with vouchers in every state, and the people around them."""

    programme: Programme
    cases: list[Case]
    knowledge: Knowledge
    people: list[User]


@pytest.fixture
def world(db_session: Any) -> World:
    till = make_till(2, currency="PLN")
    programme = till.programme
    capped = factories.make_rate_card(programme, lump_by_country={"amounts": {"PT": "2780.00"}}, cap={"most": "1500.00"})
    assert part_of(capped.components, "cap")
    states = ["draft", "requested", "approved", "issued", "delivered", "claimed", "validated"]
    cases = [make_case("full", programme=programme, line=till.line) for _ in states]
    for case, state in zip(cases, states, strict=True):
        if state != "draft":
            case.take_to(state)
    has_account(cases[-1].voucher)
    batch = till.sent(0)
    till.record(batch, 0)
    till.approved(1)
    knowledge = make_knowledge()
    knowledge.programme.currency = "PLN"
    knowledge.programme.de_minimis_ceiling = programme.de_minimis_ceiling = Decimal(1_300_000)
    rates.save_rate_card(
        knowledge.programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(share_of_cost=SHARE, cap={"most": "2500.00"})
    )
    asked = knowledge.draft(price=Decimal("6000.00"))
    vouchers.request(
        asked, by=knowledge.holder, declarations=list(asked.traits.declarations), de_minimis_declared=Decimal("1234.50")
    )
    knowledge.draft(price=Decimal("7000.00"))
    people = [till.owner, till.spare, till.holder, knowledge.holder, knowledge.owner, *(each.holder for each in cases)]
    return World(programme, cases, knowledge, people)


def assert_in_zlotys(text: str, locale: str, where: str) -> int:
    """No euro, and every amount in the one notation; returns how many there are."""
    plain = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "€" not in plain, where
    assert not re.search(r"\bEUR\b", plain), where
    assert not re.search(r"\bin euro\b(?!:| only)", plain), where
    found = [each.group() for each in AN_AMOUNT.finditer(plain)]
    assert [each for each in found if not re.fullmatch(RIGHT[locale], each)] == [], where
    other = r"\d\.\d{3},\d\d" if locale == "en_GB" else r"\d,\d{3}\.\d\d"
    assert not re.search(other, plain), where
    return len(found)


def pages_of(client: Client, most: int = 120) -> Iterator[tuple[str, Any]]:
    """What one comes to by following links, from the first page on."""
    waiting, seen = ["/"], {"/"}
    while waiting and len(seen) < 10 * most and most:
        address = waiting.pop(0)
        page = client.get(address)
        if page.status_code != 200 or page.mimetype != "text/html":
            continue
        most -= 1
        yield address, page
        for link in re.findall(r'<a [^>]*href="(/[^"#]*)', page.text):
            there = unescape(link)
            if there not in seen and not NOT_FOLLOWED.search(there):
                seen.add(there)
                waiting.append(there)


@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_every_page_is_in_zlotys_and_in_one_notation(world: World, visitor: Visitor, locale: str) -> None:
    for person in world.people:
        person.locale = locale
    amounts, visited = 0, set()
    for person in world.people:
        client = visitor(person)
        for address, page in pages_of(client):
            visited.add(re.sub(r"\d+", "N", address.partition("?")[0]))
            amounts += assert_in_zlotys(text_of(page), locale, f"{person.name} at {address}")
    assert amounts > 200
    assert {"/vouchers/N", "/payments/N", "/programmes/N/payments", "/programmes/N/budget", "/programmes/N/rates"} <= visited
    assert {
        "/programmes/N/rules",
        "/vouchers/N/request",
        "/vouchers/N/claim",
        "/vouchers/N/edit",
        "/vouchers/N/approve",
    } <= visited


@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_mails_and_papers_too(db_session: Any, visitor: Visitor, locale: str) -> None:
    till = make_till(1, currency="PLN")
    card = {"lump_by_country": {"amounts": {"PT": "2780.00"}}, "cap": {"most": "1500.00"}}
    rates.save_rate_card(till.programme, by=SYSTEM, components=card_of(**card))
    case = make_case("full", programme=till.programme, line=till.line)
    for person in db.session.scalars(select(User)):
        person.locale = locale
    case.take_to("validated")
    till.record(till.sent(0), 0)
    told = [
        assert_in_zlotys(f"{each.subject_line} {each.text}", locale, each.kind)
        for each in db.session.scalars(select(OutboxMessage))
    ]
    assert sum(told) >= 10
    answer = visitor(case.holder).get(f"/vouchers/{case.voucher.id}/voucher.pdf")
    paper = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert assert_in_zlotys(paper, locale, "the voucher's paper") >= 5
    cap = {"en_GB": "At most PLN 1,500.00 per voucher", "de_DE": "At most 1.500,00 PLN per voucher"}[locale]
    assert cap in " ".join(paper.replace("\N{NO-BREAK SPACE}", " ").split())


# Choosing


def rules(client: Client, programme: Programme, **changed: Any) -> Any:
    return fill(client, f"/programmes/{programme.id}/rules", about="Exchanges of staff.", **changed)


def test_an_owner_chooses_the_currency(db_session: Any, visitor: Visitor) -> None:
    programme = factories.make_funded_programme(5000)
    client = visitor(factories.make_member(programme, Role.OWNER))
    answer = rules(client, programme, currency="HUF")
    assert answer.status_code == 303, text_of(answer)
    db_session.expire_all()
    assert programme.currency == "HUF"
    assert "HUF 5,000.00" in text_of(client.get(f"/programmes/{programme.id}/budget")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Currency Hungarian forint" in text_of(client.get(f"/programmes/{programme.id}"))
    for unknown in ("USD", "ISK", "eur", ""):
        assert rules(client, programme, currency=unknown).status_code == 422


def test_once_something_is_asked_for_or_granted_it_stays(visitor: Visitor, db_session: Any) -> None:
    case = make_case("full")
    client = visitor(case.owner)
    case.take_to("requested")
    page = rules(client, case.programme, currency="PLN")
    assert (page.status_code, "Vouchers are asked for in euro. Decide about them first" in text_of(page)) == (422, True)
    vouchers.recommend(case.voucher, by=case.assessor, scores=[24, 24, 16, 16], note="Well prepared.")
    vouchers.approve(case.voucher, by=case.owner)
    page = rules(client, case.programme, currency="PLN")
    words = "Vouchers were granted in euro, so the currency stays. For another one, start a new programme."
    assert (page.status_code, f"Error: {words}" in text_of(page)) == (422, True)
    vouchers.revoke(case.voucher, by=case.owner, reason="A mistake.")
    assert rules(client, case.programme, currency="PLN").status_code == 422  # it was granted all the same
    assert rules(client, case.programme, currency="EUR").status_code == 303


def test_what_is_asked_for_is_in_the_currency_of_this_moment(db_session: Any) -> None:
    """Another session has changed it since the request read the programme."""
    case = make_case("full")
    assert case.programme.currency == "EUR"
    changed = update(Programme).where(Programme.id == case.programme.id).values(currency="PLN")
    db_session.execute(changed, execution_options={"synchronize_session": False})
    with queries() as seen:
        case.take_to("requested")
    assert case.voucher.basis["currency"] == "PLN"
    if db_session.get_bind().dialect.name == "postgresql":
        assert any("FOR SHARE" in str(each) for each in seen.statements)


@pytest.mark.parametrize("code", ["BAM", "GEL", "TRY", "UAH"])
def test_no_currency_whose_accounts_no_payment_reaches(db_session: Any, code: str) -> None:
    with pytest.raises(Refusal, match="Choose one of the currencies"):
        operations.create_programme(name="Fund", currency=code, by=SYSTEM, level="national", scheme="full")


def test_a_programme_is_made_with_a_currency_we_know(db_session: Any) -> None:
    made = {"by": SYSTEM, "level": "national", "scheme": "full"}
    for number, code in enumerate(CURRENCIES):
        assert operations.create_programme(name=f"Fund {number}", currency=code, **made).currency == code
    with pytest.raises(Refusal, match="Choose one of the currencies"):
        operations.create_programme(name="Dollars", currency="USD", **made)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("1.234,50 PLN", "1234.50"), ("PLN 1.234,50", "1234.50"), ("1234,50 zł", "1234.50"), ("€ 1.234,50", None), ("12 EUR", None)],
)
def test_amounts_are_typed_in_the_programme_s_currency(db_session: Any, visitor: Visitor, typed: str, stored: str | None) -> None:
    programme = factories.make_funded_programme(5000, currency="PLN")
    line = programme.calls[0].budget_lines[0]
    client = visitor(factories.make_member(programme, Role.OWNER, locale="de_DE"))
    answer = fill(client, f"/programmes/{programme.id}/budget/{line.id}/appropriate", amount=typed)
    db_session.expire_all()
    if stored:
        assert (answer.status_code, line.available) == (302, 5000 + Decimal(stored))
    else:
        assert (answer.status_code, line.available) == (422, Decimal(5000))
        assert "Enter the amount in Polish zlotys; every amount here is." in text_of(answer)
