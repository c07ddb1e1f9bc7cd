"""A kind of voucher that nobody has heard of: what its traits say is all that pages, rules and papers need."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import current_app
from pypdf import PdfReader
from sqlalchemy import select

from mobility.claims.forms import claim_form
from mobility.claims.models import paid_organisation_id, payee
from mobility.claims.queries import accounts_of
from mobility.claims.rules import (
    is_light,
)
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Programme
from mobility.rates import operations as rates
from mobility.rates.queries import newest_rate_card
from mobility.vouchers import operations
from mobility.vouchers.kinds import KINDS, KNOWLEDGE, MOBILITY, Kind
from mobility.vouchers.messages import claimants
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support.cards import card_of
from tests.support.cases import SHARE, Case, Knowledge, act
from tests.support.cases import case as case
from tests.support.cases import full as full
from tests.support.client import Client, Visitor
from tests.support.factories import make_budget_line, make_call, make_member, make_programme
from tests.support.html import fields_of, text_of

KEY = "equipment"
NAMES = {"key": KEY, "label": "Equipment voucher", "plural": "Equipment vouchers"}


def add(monkeypatch: pytest.MonkeyPatch, like: str, **traits: Any) -> Kind:
    kind = replace(KINDS[like], **NAMES | traits)
    monkeypatch.setitem(KINDS, KEY, kind)  # type: ignore[arg-type]
    return kind


@pytest.fixture
def equipment(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Bought like knowledge."""
    return add(monkeypatch, KNOWLEDGE)


@pytest.fixture
def programme(db_session: Any) -> Programme:
    return make_programme(name="Valley")


@pytest.fixture
def owner(programme: Programme, visitor: Visitor) -> Client:
    return visitor(make_member(programme, Role.OWNER))


# The programme's side


def test_it_has_a_rate_card_of_its_own(equipment: Kind, owner: Client, programme: Programme) -> None:
    path = f"/programmes/{programme.id}/rates/{KEY}"
    opened = owner.get(path)
    assert "Mobility vouchers Knowledge vouchers Equipment vouchers" in text_of(opened)
    assert "Equipment vouchers have no stay, so nothing is paid by days or distance" in text_of(opened)
    typed = {"act": "save", "share_of_cost-on": "y", "share_of_cost-share": "50"}
    assert owner.post(path, data=fields_of(opened) | typed).status_code == 303
    card = newest_rate_card(programme.id, KEY)
    assert card is not None
    assert (card.voucher_kind, card.number, card.components) == (KEY, 1, card_of(share_of_cost={"share": "0.5"}))
    assert [newest_rate_card(programme.id, kind) for kind in (MOBILITY, KNOWLEDGE)] == [None, None]
    for page in (f"{path}/versions", f"{path}/versions/1", f"/programmes/{programme.id}"):
        assert "equipment vouchers" in text_of(owner.get(page)).lower()
    assert owner.post(f"{path}/worked-cases", data=fields_of(opened) | typed).status_code == 200


def test_a_kind_that_rests_on_a_stay_is_paid_by_days(
    monkeypatch: pytest.MonkeyPatch, owner: Client, programme: Programme
) -> None:
    add(monkeypatch, MOBILITY)
    page = text_of(owner.get(f"/programmes/{programme.id}/rates/{KEY}"))
    assert "Lump sum" in page
    assert "no stay" not in page


def test_without_it_there_are_no_pages(owner: Client, programme: Programme) -> None:
    assert owner.get(f"/programmes/{programme.id}/rates/{KEY}").status_code == 404
    assert owner.get(f"/programmes/{programme.id}/rates/{KEY}/versions").status_code == 404


def test_a_call_may_have_money_for_it(equipment: Kind, owner: Client, programme: Programme, db_session: Any) -> None:
    path = f"/programmes/{programme.id}/calls/new"
    assert "Money for equipment vouchers" in text_of(owner.get(path))
    typed = {"name": "Spring", "opens_on": "2027-03-01", KEY: "3,000"}
    assert owner.post(path, data=fields_of(owner.get(path)) | typed).status_code == 302
    line = db_session.scalars(select(BudgetLine)).one()
    assert (line.voucher_kind, line.name, line.available) == (KEY, "Spring, equipment", Decimal(3000))
    budget = f"/programmes/{programme.id}/budget"
    assert "Equipment vouchers" in text_of(owner.get(budget))
    assert "Equipment vouchers of the call Spring" in text_of(owner.get(f"{budget}/{line.id}"))


def test_an_older_call_gets_money_for_it_later(equipment: Kind, owner: Client, programme: Programme) -> None:
    line = make_budget_line(make_call(programme), 10_000)
    budget = f"/programmes/{programme.id}/budget"
    assert "Money for equipment vouchers" in text_of(owner.get(budget))
    path = f"/programmes/{programme.id}/calls/{line.call_id}/{KEY}-money"
    assert owner.post(path, data=fields_of(owner.get(path)) | {"amount": "500"}).status_code == 302
    assert "Money for equipment vouchers" not in text_of(owner.get(budget))


# One voucher


def asked(case: Knowledge) -> Voucher:
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind=KEY, components=card_of(share_of_cost=SHARE))
    make_budget_line(case.line.call, 5_000, voucher_kind=KEY)
    voucher = case.draft(kind=KEY)
    operations.request(voucher, by=case.holder, declarations=list(voucher.traits.declarations))
    return voucher


def form_of(voucher: Voucher) -> Any:
    with current_app.test_request_context():
        return claim_form(voucher)


def test_its_page_desk_and_paper(equipment: Kind, case: Knowledge, visitor: Visitor) -> None:
    voucher = asked(case)
    page = f"/vouchers/{voucher.id}"
    assert (voucher.title, voucher.counterpart) == ("Equipment voucher: Akademija", case.provider)
    assert "equipment voucher" in text_of(visitor(case.owner).get(f"/programmes/{case.programme.id}/desk"))
    operations.approve(voucher, by=case.owner)
    assert voucher.budget_line is not None
    assert voucher.budget_line.voucher_kind == KEY
    holder = visitor(case.holder)
    shown = text_of(holder.get(page))
    assert "Give it to Akademija when you order." in shown
    assert "Agreed price" in shown
    paper = PdfReader(BytesIO(holder.get(f"{page}/voucher.pdf").data)).pages[0].extract_text()
    assert "Equipment voucher" in paper
    assert "Give this page to the provider when you order." in " ".join(paper.split())


def test_its_provider_redeems_it_and_hears_that_it_can_claim(equipment: Kind, case: Knowledge, visitor: Visitor) -> None:
    voucher = asked(case)
    operations.approve(voucher, by=case.owner)
    done = act(visitor(case.seller), voucher, "redeem", code=voucher.code or "", provider_link="")
    assert done.status_code in (302, 303)
    operations.confirm_delivery(voucher, by=case.holder)
    assert claimants(voucher) == [case.seller]
    page = text_of(visitor(case.seller).get(f"/vouchers/{voucher.id}/claim"))
    assert "Send your invoice" in page
    assert "Paid to Akademija" in page


def test_each_trait_is_asked_for_by_itself(monkeypatch: pytest.MonkeyPatch, case: Knowledge) -> None:
    """The holder pays the provider, and has a share of the invoice back."""
    add(monkeypatch, KNOWLEDGE, claims="holder", paid="holder")
    voucher = asked(case)
    form = form_of(voucher)
    assert ("invoice_number" in form, "report" in form, "pay_to" in form) == (True, False, True)
    assert claimants(voucher) == [case.holder]
    assert payee(voucher, "holder") == {"user_id": case.holder.id}
    assert paid_organisation_id(voucher) == case.home.id
    assert list(accounts_of(voucher)) == ["holder", "organisation"]
    assert not is_light(voucher)  # an invoice is read in any scheme


def test_a_stay_may_be_claimed_with_an_invoice(monkeypatch: pytest.MonkeyPatch, full: Case) -> None:
    add(monkeypatch, MOBILITY, claimed_with="invoice")
    full.voucher.kind = KEY
    form = form_of(full.voucher)
    assert ("invoice_number" in form, "report" in form, "pay_to" in form) == (True, False, True)
    assert (full.voucher.counterpart, full.voucher.title[:17]) == (full.exchange.host, "Equipment voucher")


# The holder's side


def test_it_is_asked_for_like_the_other(equipment: Kind, case: Knowledge, visitor: Visitor, db_session: Any) -> None:
    """Each kind that somebody gives has its button, its page, its programmes and its rates."""
    holder = visitor(case.holder)
    assert "Ask for an equipment voucher" not in text_of(holder.get("/vouchers"))
    assert "No programme offers you equipment vouchers" in text_of(holder.get(f"/vouchers/new?kind={KEY}"))
    rates.save_rate_card(case.programme, by=SYSTEM, voucher_kind=KEY, components=card_of(share_of_cost={"share": "0.5"}))
    make_budget_line(make_call(case.programme), 10_000, voucher_kind=KEY, name="Equipment")
    listed = text_of(holder.get("/vouchers"))
    assert "Ask for a knowledge voucher Ask for an equipment voucher" in listed
    page = holder.get(f"/vouchers/new?kind={KEY}")
    assert "Ask for an equipment voucher" in text_of(page)
    typed = {"need": "A microscope.", "provider": str(case.provider.id), "price": "1,000.00", "act": "amount"}
    answer = holder.post(f"/vouchers/new?kind={KEY}", data=fields_of(page) | typed, follow_redirects=True)
    assert "€500.00" in text_of(answer), "half, by its own rates, not 60 % by those of knowledge"
    voucher = db_session.scalars(select(Voucher).order_by(Voucher.id.desc())).first()
    assert (voucher.kind, voucher.need, voucher.price) == (KEY, "A microscope.", Decimal("1000.00"))
    assert "Ask for an equipment voucher" in text_of(holder.get(f"/vouchers/{voucher.id}/edit"))


def test_a_kind_that_rests_on_a_stay_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, case: Knowledge, visitor: Visitor) -> None:
    add(monkeypatch, MOBILITY)
    make_budget_line(make_call(case.programme), 10_000, voucher_kind=KEY, name="Equipment")
    assert "Ask for an equipment voucher" not in text_of(visitor(case.holder).get("/vouchers"))
    assert "Ask for a knowledge voucher" in text_of(visitor(case.holder).get(f"/vouchers/new?kind={KEY}"))
