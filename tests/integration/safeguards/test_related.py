"""Links between the parties of vouchers, declared and found, and who may read of them (product.md)."""

from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges import operations as exchanges
from mobility.exchanges.rules import Terms
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.safeguards import queries as safeguards
from mobility.safeguards.rules import Finding
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from tests.support.cases import ALL, IBAN, Case, Knowledge, act, bought, make_account, make_case, make_provider
from tests.support.client import Visitor
from tests.support.factories import (
    coordinator_of,
    make_exchange,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_theme,
)
from tests.support.html import text_of
from tests.support.lines import typed


def words_on(page: Any) -> str:
    """What one reads, with its quotation marks."""
    return " ".join(unescape(text_of(page)).split())


def words_of(voucher: Voucher) -> list[str]:
    return [finding.words for finding in safeguards.findings([voucher])[voucher.id]]


# Declaring


def test_both_sides_declare_a_link_with_their_signatures(visitor: Visitor, db_session: Any) -> None:
    theme = make_theme(host=make_organisation(country="PT"))
    exchange = make_exchange(theme)
    host, guest = coordinator_of(exchange.theme), exchange.guest
    page = words_on(visitor(host).get(f"/exchanges/{exchange.id}/sign"))
    assert "A link between your organisations, such as an owner, a board member or a relative (optional)" in page
    assert "Leave it empty if there is none: your signature then says so." in page
    for person, link in ((host, "  My sister chairs the guest's board. "), (guest, "")):
        sent = visitor(person).post(
            f"/exchanges/{exchange.id}/sign", data={"version": exchange.version, "number": 1, "link": link}
        )
        assert sent.status_code == 303
    (voucher,) = exchange.vouchers
    assert safeguards.declared(voucher) == [
        safeguards.Declared("host", host.name, "My sister chairs the guest's board."),
        safeguards.Declared("guest", guest.name, ""),
    ]
    assert safeguards.findings([voucher])[voucher.id] == [
        Finding("declared", "The host declares a link: My sister chairs the guest's board.")
    ]


def test_what_is_declared_stays_when_the_tick_is_missing(visitor: Visitor, db_session: Any) -> None:
    exchange = make_exchange()
    page = visitor(exchange.guest).post(
        f"/exchanges/{exchange.id}/sign", data={"version": exchange.version, "link": "Same owner."}
    )
    assert page.status_code == 422
    assert 'value="Same owner."' in page.get_data(as_text=True)


def test_a_declaration_of_501_characters_is_too_long(visitor: Visitor, db_session: Any) -> None:
    exchange = make_exchange()
    typed = {"version": exchange.version, "number": 1, "link": "x" * 501}
    page = visitor(exchange.guest).post(f"/exchanges/{exchange.id}/sign", data=typed)
    assert (page.status_code, "Keep this to 500 characters." in words_on(page)) == (422, True)


def test_the_agreement_in_force_counts_not_an_older_version(db_session: Any) -> None:
    exchange = make_exchange()
    host, guest = coordinator_of(exchange.theme), exchange.guest
    exchanges.sign(exchange, by=host, number=1, link="Of the first version.")
    version = exchange.newest_version
    assert version
    terms = Terms.of(version).written() | typed(host_benefit="Something else.")
    exchanges.amend(exchange, by=guest, **terms)
    exchanges.sign(exchange, by=host, number=2, link="Of the second.")
    exchanges.sign(exchange, by=guest, number=2)
    voucher = operations.draft_for(exchange, by=guest)
    assert [each.words for each in safeguards.declared(voucher)] == ["Of the second.", ""]


def test_of_a_knowledge_voucher_request_and_redemption_declare(db_session: Any) -> None:
    voucher = bought(make_programme(), holder_link="We own a tenth of it.")
    assert safeguards.declared(voucher) == [safeguards.Declared("holder", voucher.holder.name, "We own a tenth of it.")]
    voucher.redeemed_on = clock.today()
    assert voucher.provider is not None
    assert safeguards.declared(voucher)[1] == safeguards.Declared("provider", voucher.provider.name, "")
    voucher.provider_link = "They own a tenth of us."
    db.session.flush()
    assert words_of(voucher) == [
        "The holder declares a link: We own a tenth of it.",
        "The provider declares a link: They own a tenth of us.",
    ]


def test_of_a_knowledge_voucher_both_sides_declare_by_clicks(visitor: Visitor, case: Knowledge) -> None:
    """In the same words; of a mobility voucher neither form asks, as the signatures have said it."""
    voucher = case.draft()
    holder, seller = visitor(case.holder), visitor(case.seller)
    page = words_on(holder.get(f"/vouchers/{voucher.id}/request"))
    assert "A link between your organisations, such as an owner, a board member or a relative (optional)" in page
    assert "Leave it empty if there is none: your request then says so." in page
    assert act(holder, voucher, "request", declarations=ALL, holder_link=" We own a tenth. ").status_code == 303
    operations.approve(voucher, by=case.owner)
    page = words_on(seller.get(f"/vouchers/{voucher.id}/redeem"))
    assert "Leave it empty if there is none: your redemption then says so." in page
    mistyped = act(seller, voucher, "redeem", code="nonsense", provider_link="A tenth is theirs.")
    assert (mistyped.status_code, 'value="A tenth is theirs."' in mistyped.get_data(as_text=True)) == (422, True)
    assert act(seller, voucher, "redeem", code=voucher.code, provider_link="A tenth is theirs.").status_code == 303
    assert (voucher.holder_link, voucher.provider_link) == ("We own a tenth.", "A tenth is theirs.")
    for person in (case.holder, case.seller):
        assert "a tenth" not in words_on(visitor(person).get(f"/vouchers/{voucher.id}")).lower()
    page = words_on(visitor(case.owner).get(f"/vouchers/{voucher.id}"))
    assert "We own a tenth." in page
    assert "A tenth is theirs." in page


def test_of_a_mobility_voucher_neither_form_asks(visitor: Visitor, light: Case) -> None:
    request = visitor(light.holder).get(f"/vouchers/{light.voucher.id}/request")
    light.take_to("issued")
    redeem = visitor(light.host_coordinator).get(f"/vouchers/{light.voucher.id}/redeem")
    assert [(page.status_code, "_link" in page.get_data(as_text=True)) for page in (request, redeem)] == [(200, False)] * 2


# Finding


def test_parties_that_share_nothing(db_session: Any) -> None:
    case, voucher = make_case("light"), bought(make_programme())
    assert safeguards.findings([case.voucher, voucher]) == {case.voucher.id: [], voucher.id: []}
    assert safeguards.findings([]) == {}


def test_the_same_account_in_force(db_session: Any) -> None:
    voucher = bought(make_programme())
    assert voucher.provider is not None
    make_account(voucher.provider)
    make_account(voucher.holder, ended_at=clock.utc_now())
    make_account(make_provider())
    assert words_of(voucher) == []
    make_account(voucher.holder)
    assert words_of(voucher) == ["The holder and the provider organisation have the same bank account."]


def test_people_and_domains_of_both(db_session: Any) -> None:
    case = make_case("light")
    home, host = case.exchange.guest_organisation, case.exchange.host
    make_member(home, Role.GUEST, email="ana@cluster.pt")
    make_member(host, Role.HOST, email="rui@cluster.pt")
    make_member(home, Role.GUEST, email="zoe@gmail.com")
    make_member(host, Role.HOST, email="ivo@gmail.com")
    both = make_member(home, Role.GUEST, Role.COORDINATOR, name="Nuno Both")
    make_membership(both, host, Role.HOST)
    gone = make_member(home, Role.GUEST, active=False, email="old@left.pt")
    make_membership(gone, host, Role.HOST)
    make_member(host, Role.HOST, email="new@left.pt")
    assert words_of(case.voucher) == [
        "Works for both organisations: Nuno Both (the holder's organisation since 1 March 2027; "
        "the host organisation since 1 March 2027).",
        "People of both organisations have mail addresses at cluster.pt.",
    ]


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_same_five_queries_for_any_number(queries: Any, db_session: Any, count: int) -> None:
    first = make_case("light")
    vouchers = [first.voucher, *(bought(first.programme) for _ in range(count - 1))]
    db.session.commit()
    rows = db.session.execute(db.select(Voucher.id).where(Voucher.id.in_([each.id for each in vouchers]))).all()
    with queries() as q:
        assert set(safeguards.findings(rows)) == {row.id for row in rows}
    assert q.count == 5, q


# Who reads of it


def suspicious(case: Case) -> None:
    make_account(case.exchange.host)
    make_account(case.exchange.guest_organisation)


def test_the_decision_shows_it_and_never_the_account(visitor: Visitor, full: Case) -> None:
    suspicious(full)
    full.take_to("requested")
    page = visitor(full.assessor).get(f"/vouchers/{full.voucher.id}/recommend")
    assert "The holder's organisation and the host organisation have the same bank account." in words_on(page)
    assert IBAN not in page.get_data(as_text=True)


def test_the_voucher_s_page_shows_it_to_the_programme_s_people_only(visitor: Visitor, full: Case) -> None:
    suspicious(full)
    full.take_to("requested")
    path = f"/vouchers/{full.voucher.id}"
    for person in (full.owner, full.assessor, full.finance_officer, full.auditor):
        assert "have the same bank account" in words_on(visitor(person).get(path))
    for person in (full.holder, full.guest_coordinator, full.host_coordinator, full.host):
        page = visitor(person).get(path)
        assert (page.status_code, "same bank account" in words_on(page)) == (200, False)
        assert "Links between both sides" not in words_on(page)


def test_whoever_validates_the_claim_reads_it_too(visitor: Visitor, full: Case) -> None:
    suspicious(full)
    full.take_to("claimed")
    page = words_on(visitor(full.finance_officer).get(f"/vouchers/{full.voucher.id}/validate"))
    assert "The holder's organisation and the host organisation have the same bank account." in page


# The providers' shares


def redeemed(programme: Programme, provider: Organisation, count: int, **values: Any) -> None:
    for _ in range(count):
        bought(programme, provider, **{"state": "redeemed", "redeemed_on": clock.today()} | values)


def test_shares_of_all_redemptions_whatever_became_of_them(db_session: Any) -> None:
    programme, other = make_programme(), make_programme()
    large, small = make_provider(name="Large"), make_provider(name="Small")
    redeemed(programme, large, 2)
    redeemed(programme, large, 1, state="paid", final_amount=Decimal("600.00"))
    redeemed(programme, large, 1, state="revoked")
    redeemed(programme, small, 1, state="lapsed")
    bought(programme, small)  # requested, not redeemed
    redeemed(other, small, 9)
    found = [
        (each.provider.name, each.count, each.amount, each.percent, each.percent_of_amount, each.above)
        for each in safeguards.provider_shares(programme)
    ]
    assert found == [
        ("Large", 4, Decimal("4200.00"), Decimal("80.0"), Decimal("77.8"), True),
        ("Small", 1, Decimal("1200.00"), Decimal("20.0"), Decimal("22.2"), False),
    ]
    programme.provider_share_limit = 80
    assert [each.above for each in safeguards.provider_shares(programme)] == [False, False]


def test_a_decision_on_that_provider_says_so(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme(scheme="light")
    owner = make_member(programme, Role.OWNER)
    large = make_provider(name="Large")
    voucher = bought(programme, large)
    redeemed(programme, large, 4)
    path = f"/vouchers/{voucher.id}"
    assert "A large share" not in words_on(visitor(owner).get(path))
    redeemed(programme, large, 1)
    page = words_on(visitor(owner).get(path))
    assert "Large has 100 % of all redemptions of this programme and 100 % of their amount." in page
    assert "A large share" not in words_on(visitor(owner).get(f"/vouchers/{bought(programme).id}"))


# The page of safeguards


def test_only_the_programme_s_people_see_the_safeguards(visitor: Visitor, full: Case) -> None:
    path = f"/programmes/{full.programme.id}/safeguards"
    for person in (full.owner, full.assessor, full.finance_officer, full.auditor):
        page = visitor(person).get(path)
        assert (page.status_code, "No redemptions yet" in words_on(page), "No links" in words_on(page)) == (200, True, True)
    for person in (full.holder, full.host_coordinator, full.stranger, make_case("light").owner):
        assert visitor(person).get(path).status_code == 404


def test_the_page_lists_shares_and_vouchers_with_links(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme()
    auditor = make_member(programme, Role.AUDITOR)
    linked = bought(programme, holder_link="A company of my brother.")
    bought(programme, holder_link="Never asked for.", state="draft")
    bought(programme, holder_link="No money went there.", state="rejected")
    bought(programme)
    redeemed(programme, make_provider(name="Large"), 3)
    page = words_on(visitor(auditor).get(f"/programmes/{programme.id}/safeguards"))
    assert f"V-{linked.id:06d}" in page
    assert "The holder declares a link: A company of my brother." in page
    assert "Never asked for." not in page
    assert "No money went there." not in page
    assert "There have been 3 redemptions so far." in page
    redeemed(programme, make_provider(name="Other"), 9)
    page = words_on(visitor(auditor).get(f"/programmes/{programme.id}/safeguards"))
    assert "Other Above 30 % of the redemptions and of the amount 75 % , 9 of 12 redemptions 75 % , €10,800.00" in page
    assert "Large 25 % , 3 of 12 redemptions 25 % , €3,600.00" in page


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_takes_the_same_queries_for_any_number(visitor: Visitor, queries: Any, db_session: Any, count: int) -> None:
    programme = make_programme()
    for _ in range(count):
        redeemed(programme, make_provider(), 1, holder_link="A cousin.")
    client = visitor(make_member(programme, Role.OWNER))
    with queries() as q:
        page = client.get(f"/programmes/{programme.id}/safeguards")
    assert words_on(page).count("A cousin.") == min(count, 25)
    assert q.count == PAGE_QUERIES, q


PAGE_QUERIES = 10  # who it is (3), the programme, the shares, the vouchers, and what links their parties (4, no exchange)
