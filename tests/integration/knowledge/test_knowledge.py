"""Knowledge vouchers: from the need to the delivery (P10), by operations and by clicks."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from mobility.budgets.checks import check_ledger
from mobility.core.errors import GuardRefused, NotAllowed, NotReady, Refusal, WrongState
from mobility.documents.codes import grouped, new_code
from mobility.knowledge import operations as knowledge
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.vouchers import operations, queries
from mobility.vouchers import operations as vouchers
from mobility.vouchers.kinds import KINDS, KNOWLEDGE
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import ALL, NEED, Knowledge, act
from tests.support.client import Client, Visitor
from tests.support.html import text_of


def mails(db_session: Any, kind: str) -> list[str]:
    db_session.flush()
    return sorted(db_session.scalars(select(OutboxMessage.address).where(OutboxMessage.kind == kind)))


def only_voucher(db_session: Any) -> Voucher:
    return db_session.scalars(select(Voucher)).one()


# The draft


def test_a_draft_waits_for_nobody_and_the_provider_does_not_see_it(db_session: Any, case: Knowledge) -> None:
    voucher = case.draft(need="", provider=None, price=None)
    assert (voucher.state, voucher.waiting_for, voucher.due_on) == ("draft", None, None)
    assert (voucher.holder, voucher.holder_organisation) == (case.holder, case.home)
    assert not voucher.workflow.may_see(case.seller, voucher)
    assert [entry.action for entry in voucher.history()] == ["create"]
    assert mails(db_session, "voucher_drafted") == []


def test_only_the_holder_writes_and_only_the_draft(db_session: Any, case: Knowledge) -> None:
    voucher = case.draft()
    with pytest.raises(NotAllowed):
        knowledge.describe(voucher, by=case.coordinator, **case.given())
    operations.request(voucher, by=case.holder, declarations=ALL)
    with pytest.raises(WrongState):
        knowledge.describe(voucher, by=case.holder, **case.given())


def test_one_asks_for_organisations_in_which_one_is_guest_or_coordinator(db_session: Any, case: Knowledge) -> None:
    with pytest.raises(Refusal) as refusal:
        case.draft(organisation=factories.make_organisation())
    assert refusal.value.field == "organisation"
    knowledge.start(by=case.coordinator, **case.given())


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"need": " "}, "need", "Say what you need"),
        ({"provider": None}, "provider", "Choose the provider"),
        ({"price": None}, "price", "Enter the agreed price"),
        ({"price": Decimal(400)}, "price", "€240.00 is under the minimum of €300.00"),
        ({"price": Decimal("499.99")}, "price", "€299.99 is under the minimum of €300.00"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    db_session: Any, case: Knowledge, change: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(NotReady) as found:
        vouchers.ensure_ready(case.draft(**change))
    assert [problem.field for problem in found.value.problems] == [field]
    assert words in found.value.message


@pytest.mark.parametrize(
    ("rule", "value", "field"),
    [("eligible_countries", ["DE"], "organisation"), ("eligible_levels", ["policy_maker"], "programme")],
)
def test_the_programme_must_be_open_to_the_holder(
    db_session: Any, case: Knowledge, rule: str, value: list[str], field: str
) -> None:
    voucher = case.draft()
    setattr(case.programme, rule, value)
    with pytest.raises(NotReady) as found:
        operations.request(voucher, by=case.holder, declarations=ALL)
    assert found.value.field == field


# Related parties


def test_whoever_acts_for_the_provider_cannot_hold_its_voucher(db_session: Any, case: Knowledge) -> None:
    factories.make_membership(case.holder, case.provider, Role.PROVIDER)
    with pytest.raises(Refusal, match="you could not confirm what it delivers") as refusal:
        operations.request(case.draft(), by=case.holder, declarations=ALL)
    assert refusal.value.field == "provider"


def test_one_s_own_organisation_is_the_provider_only_if_that_is_declared(db_session: Any, case: Knowledge) -> None:
    own = factories.make_organisation(kind="provider")
    factories.make_membership(case.holder, own, Role.GUEST)
    voucher = case.draft(organisation=own, provider=own)
    with pytest.raises(Refusal, match="declare this link") as refusal:
        operations.request(voucher, by=case.holder, declarations=ALL)
    assert refusal.value.field == "holder_link"
    operations.request(voucher, by=case.holder, declarations=ALL, holder_link="I teach there on Fridays.")
    assert (voucher.state, voucher.holder_link) == ("requested", "I teach there on Fridays.")


# From the request to the delivery


@pytest.mark.parametrize(
    ("price", "lines", "total"),
    [
        ("4000.00", ["2400.00"], "2400.00"),  # the worked examples of money.md
        ("6000.00", ["3600.00", "-600.00"], "3000.00"),
        ("500.00", ["300.00"], "300.00"),
        ("1000.01", ["600.01"], "600.01"),  # 600.006, half up
    ],
)
def test_the_amount_is_a_share_of_the_price(db_session: Any, case: Knowledge, price: str, lines: list[str], total: str) -> None:
    voucher = case.take_to("requested", price=Decimal(price))
    assert [line.amount for line in voucher.amount_lines] == [Decimal(amount) for amount in lines]
    assert (voucher.amount, voucher.price, voucher.budget_line) == (Decimal(total), Decimal(price), case.line)


def test_the_whole_way_to_the_delivery(db_session: Any, case: Knowledge, clock: Any) -> None:
    voucher = case.take_to("issued")
    assert (case.line.available, case.line.committed) == (Decimal(7600), Decimal(2400))
    assert mails(db_session, "voucher_issued") == sorted([case.holder.email, case.seller.email])
    clock.move(days=10)
    operations.redeem(voucher, by=case.seller, code=grouped(voucher.code or "").lower(), provider_link="")
    assert (voucher.state, voucher.redeemed_on, voucher.waiting_for) == ("redeemed", date(2027, 3, 11), "service")
    assert voucher.due_on == voucher.valid_until
    assert mails(db_session, "voucher_redeemed") == [case.holder.email]
    operations.confirm_delivery(voucher, by=case.holder, note="All three were there.")
    assert (voucher.state, voucher.delivered_on, voucher.claim_due_on) == ("delivered", date(2027, 3, 11), date(2027, 4, 10))
    assert mails(db_session, "voucher_delivered") == [case.seller.email]
    assert voucher.history()[0].note == "All three were there."
    assert check_ledger() == []


def test_the_code_is_checked_and_works_once(db_session: Any, case: Knowledge) -> None:
    voucher = case.take_to("issued")
    code = voucher.code or ""
    for wrong, words in ((("1" if code[0] != "1" else "2") + code[1:], "typing mistake"), (new_code(), "of another voucher")):
        with pytest.raises(Refusal, match=words) as refusal:
            operations.redeem(voucher, by=case.seller, code=wrong)
        assert refusal.value.field == "code"
    for person in (case.holder, case.coordinator, case.owner):
        with pytest.raises(NotAllowed):
            operations.redeem(voucher, by=person, code=code)
    operations.redeem(voucher, by=case.seller, code=code)
    with pytest.raises(WrongState):
        operations.redeem(voucher, by=case.seller, code=code)


def test_an_expired_code_is_refused(db_session: Any, case: Knowledge, clock: Any) -> None:
    voucher = case.take_to("issued")
    clock.move(days=367)
    with pytest.raises(GuardRefused, match="The voucher was valid until 1 March 2028"):
        operations.redeem(voucher, by=case.seller, code=voucher.code or "")


def test_the_provider_never_confirms_the_delivery(db_session: Any, case: Knowledge) -> None:
    voucher = case.take_to("redeemed")
    for person in (case.seller, case.coordinator, case.owner):
        with pytest.raises(NotAllowed):
            operations.confirm_delivery(voucher, by=person)
    factories.make_membership(case.holder, case.provider, Role.PROVIDER)
    with pytest.raises(GuardRefused, match="a provider never confirms its own delivery"):
        operations.confirm_delivery(voucher, by=case.holder)


def test_what_is_never_confirmed_lapses_and_the_money_goes_back(db_session: Any, case: Knowledge, clock: Any) -> None:
    voucher = case.take_to("redeemed")
    clock.move(days=(voucher.valid_until - date(2027, 3, 1)).days + 1)
    operations.lapse(voucher)
    assert (voucher.state, case.line.available) == ("lapsed", Decimal(10_000))
    assert case.seller.email in mails(db_session, "voucher_lapsed")


def test_extending_moves_the_confirmation_too(db_session: Any, case: Knowledge) -> None:
    voucher = case.take_to("redeemed")
    until = voucher.valid_until + timedelta(days=30)
    operations.extend(voucher, by=case.owner, until=until)
    assert (voucher.waiting_for, voucher.due_on) == ("service", until)


# Pages


def test_the_way_there_is_shown_to_whom_it_concerns(visitor: Visitor, case: Knowledge, clock: Any) -> None:
    words = "Ask for a knowledge voucher"
    assert words in text_of(visitor(case.holder).get("/vouchers"))
    for person in (case.seller, case.owner, factories.make_user()):
        assert words not in text_of(visitor(person).get("/vouchers"))
    case.programme.calls[0].closes_on = date(2027, 2, 28)
    holder = visitor(case.holder)
    assert words not in text_of(holder.get("/vouchers"))
    assert "No programme offers you knowledge vouchers" in text_of(holder.get("/vouchers/new"))
    lost = holder.post("/vouchers/new", data=case.typed())
    assert NEED in lost.get_data(as_text=True)
    assert "You need an organisation" in text_of(visitor(factories.make_user()).get("/vouchers/new"))


def test_looking_writes_nothing_and_saving_makes_one_draft(visitor: Visitor, case: Knowledge, db_session: Any) -> None:
    holder = visitor(case.holder)
    assert holder.get("/vouchers/new").status_code == 200
    assert db_session.scalar(select(Voucher.id)) is None
    for _ in range(3):
        assert holder.post("/vouchers/new", data=case.typed()).status_code == 303
    voucher = only_voucher(db_session)
    assert (voucher.need, voucher.price, voucher.provider) == (NEED, Decimal(4000), case.provider)
    page = holder.get(f"/vouchers/{voucher.id}/edit")
    assert NEED in page.get_data(as_text=True)
    assert "€2,400.00" in text_of(page)


def test_the_amount_is_shown_without_a_script_and_as_a_piece(visitor: Visitor, case: Knowledge, db_session: Any) -> None:
    holder = visitor(case.holder)
    shown = holder.post("/vouchers/new", data=case.typed(act="amount", price="6000"), follow_redirects=True)
    assert re.search(r"Cap of the share At most €3,000.00 for this part .*-€600.00 Total €3,000.00", text_of(shown))
    assert "you or your organisation pay €3,000.00 yourselves" in text_of(shown)
    piece = holder.post("/vouchers/new/amount", data=case.typed(price="4000")).get_data(as_text=True)
    assert "€2,400.00" in piece
    assert "<html" not in piece
    small = holder.post("/vouchers/new/amount", data=case.typed(price="400")).get_data(as_text=True)
    assert "€240.00 is under the minimum of €300.00" in small
    for nothing in ("", "a lot"):
        assert "follows from the agreed price" in holder.post("/vouchers/new/amount", data=case.typed(price=nothing)).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price": "a lot"}, "price"),
        ({"price": "-5"}, "price"),
        ({"price": "10.005"}, "price"),
        ({"price": "99,999,999,999"}, "price"),
        ({"provider": "999999"}, "provider"),
        ({"provider": "nonsense"}, "provider"),
        ({"programme": "0"}, "programme"),
        ({"organisation": ""}, "organisation"),
        ({"need": "x" * 5001}, "need"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(
    visitor: Visitor, case: Knowledge, db_session: Any, typed: dict[str, str], field: str
) -> None:
    holder = visitor(case.holder)
    page = holder.post("/vouchers/new", data=case.typed(**typed))
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.get_data(as_text=True)
    assert NEED in page.text or field == "need"
    assert db_session.scalar(select(Voucher.id)) is None
    voucher = case.draft()
    again = holder.post(f"/vouchers/{voucher.id}/edit", data=case.typed(**typed, version=voucher.version))
    assert (again.status_code, f'id="{field}-error"' in again.text) == (422, True)


def test_somebody_else_s_organisation_and_a_provider_s_own_people(visitor: Visitor, case: Knowledge) -> None:
    foreign = factories.make_organisation()
    page = visitor(case.holder).post("/vouchers/new", data=case.typed(organisation=foreign.id))
    assert (page.status_code, 'id="organisation-error"' in page.text) == (422, True)
    not_a_provider = visitor(case.holder).post("/vouchers/new", data=case.typed(provider=foreign.id))
    assert (not_a_provider.status_code, 'id="provider-error"' in not_a_provider.text) == (422, True)


def test_going_on_says_what_is_missing_and_keeps_the_draft(visitor: Visitor, case: Knowledge, db_session: Any) -> None:
    holder = visitor(case.holder)
    sent = holder.post("/vouchers/new", data=case.typed(act="go", need="", price="", provider=""))
    voucher = only_voucher(db_session)
    assert sent.status_code == 422
    for field in ("need", "provider", "price"):
        assert f'id="{field}-error"' in sent.text
    on = holder.post(f"/vouchers/{voucher.id}/edit", data=case.typed(act="go", version=voucher.version))
    assert on.location == f"/vouchers/{voucher.id}/request"
    request = text_of(holder.get(on.location))
    assert "€2,400.00" in request
    assert KINDS[KNOWLEDGE].declarations["report"] in request
    assert act(holder, voucher, "request", declarations=ALL).status_code == 303
    assert (voucher.state, voucher.price, voucher.waiting_for) == ("requested", Decimal(4000), "decision")


def test_an_older_page_never_overwrites_unseen(visitor: Visitor, case: Knowledge, db_session: Any) -> None:
    holder = visitor(case.holder)
    holder.post("/vouchers/new", data=case.typed())
    voucher = only_voucher(db_session)
    old = voucher.version
    path = f"/vouchers/{voucher.id}/edit"
    assert holder.post(path, data=case.typed(need="Another need.", version=old)).status_code == 303
    conflict = holder.post(path, data=case.typed(need="A third need.", version=old))
    assert (conflict.status_code, "A third need." in conflict.text) == (409, True)
    assert "Your draft has changed in another window" in text_of(conflict)
    back = holder.post("/vouchers/new", data=case.typed(need="From the first page."))  # the browser's back button
    assert (back.status_code, "From the first page." in back.text) == (409, True)
    assert voucher.need == "Another need."
    operations.request(voucher, by=case.holder, declarations=ALL)
    late = holder.post(path, data=case.typed(need="Too late.", version=old))
    assert (late.status_code, "Too late." in late.text) == (409, True)


def test_a_script_saves_while_one_types(visitor: Visitor, case: Knowledge, db_session: Any) -> None:
    holder = visitor(case.holder)
    json = {"Accept": "application/json"}
    first = holder.post("/vouchers/new", data=case.typed(need="A c"), headers=json)
    version = first.get_json()["version"]
    second = holder.post("/vouchers/new", data=case.typed(need="A course", version=version), headers=json)
    assert second.get_json()["version"] > version
    assert only_voucher(db_session).need == "A course"


def test_the_draft_is_its_holder_s(visitor: Visitor, case: Knowledge) -> None:
    voucher = case.draft()
    path = f"/vouchers/{voucher.id}"
    for person in (case.seller, case.owner, case.assessor, factories.make_user()):
        client = visitor(person)
        for page in ("", "/edit", "/request", "/confirm-delivery"):
            assert client.get(path + page).status_code == 404, page
        assert client.post(f"{path}/edit", data=case.typed()).status_code == 404
    coordinator = visitor(case.coordinator)
    assert coordinator.get(path).status_code == 200
    assert coordinator.get(f"{path}/edit").status_code == 403
    assert coordinator.post(f"{path}/edit", data=case.typed(need="Mine")).status_code == 403
    assert voucher.need == NEED


def test_redeeming_and_confirming_by_clicks(visitor: Visitor, case: Knowledge) -> None:
    voucher = case.take_to("issued")
    seller, holder = visitor(case.seller), visitor(case.holder)
    code = grouped(voucher.code or "")
    assert code.split("-")[0] not in seller.get(f"/vouchers/{voucher.id}").text
    assert code.split("-")[0] in holder.get(f"/vouchers/{voucher.id}").text
    page = text_of(seller.get(f"/vouchers/{voucher.id}/redeem"))
    assert NEED in page
    assert "guest" not in page
    wrong = act(seller, voucher, "redeem", code=grouped(new_code()))
    assert (wrong.status_code, 'id="code-error"' in wrong.text) == (422, True)
    assert act(seller, voucher, "redeem", code="").status_code == 422
    done = act(seller, voucher, "redeem", code=code)
    assert done.status_code == 303
    assert "Its holder confirms what you delivered" in text_of(seller.get(done.location))
    assert act(seller, voucher, "confirm-delivery", received="y").status_code == 403
    unticked = act(holder, voucher, "confirm-delivery", note="Nothing yet")
    assert (unticked.status_code, 'id="received-error"' in unticked.text, "Nothing yet" in unticked.text) == (422, True, True)
    assert act(holder, voucher, "confirm-delivery", received="y", note="Three days.").status_code == 303
    assert voucher.state == "delivered"


def test_a_mobility_voucher_has_no_page_for_the_delivery(visitor: Visitor, case: Knowledge) -> None:
    exchange = factories.make_agreed_exchange(state="in_progress")
    host = factories.make_member(exchange.host, Role.COORDINATOR)
    voucher = factories.make_voucher(exchange)
    client = visitor(host)
    assert "Confirm delivery" not in text_of(client.get(f"/vouchers/{voucher.id}"))
    assert client.get(f"/vouchers/{voucher.id}/confirm-delivery").status_code == 404
    assert act(client, voucher, "confirm-delivery", received="y").status_code == 404


def test_every_page_and_paper_does_without_an_exchange(visitor: Visitor, case: Knowledge, client: Client) -> None:
    voucher = case.take_to("redeemed")
    for person in (case.holder, case.coordinator, case.seller, case.owner, case.assessor):
        visiting = visitor(person)
        for path in ("/", "/vouchers", f"/vouchers/{voucher.id}"):
            assert visiting.get(path).status_code == 200, path
    desk = text_of(visitor(case.owner).get(f"/programmes/{case.programme.id}/desk?show=all&text=service+design"))
    assert "Akademija, Portugal , knowledge voucher" in desk.replace("Portugal,", "Portugal ,")
    assert "This code is genuine" in text_of(client.get(f"/check/{voucher.code}"))
    paper = visitor(case.holder).get(f"/vouchers/{voucher.id}/voucher.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    text = " ".join(PdfReader(BytesIO(paper.data)).pages[0].extract_text().split())
    assert "Of the agreed price of €4,000.00, the holder or their organisation pays €1,600.00." in text
    assert "4. You pay your own share of the price to the provider." in text


def test_what_waits_for_whom(visitor: Visitor, case: Knowledge) -> None:
    def mine(user: User) -> list[str]:
        page = visitor(user).get("/").text
        return re.findall(r'<li class="task task-mine">.*?<p class="task-title"><a[^>]*>([^<]+)', page, re.S)

    voucher = case.draft()
    assert (mine(case.holder), mine(case.seller)) == (["Finish your request"], [])
    operations.request(voucher, by=case.holder, declarations=ALL)
    assert mine(case.owner) == ["Decide on the voucher"]
    operations.approve(voucher, by=case.owner)
    assert mine(case.holder) == ["Use your voucher"]
    operations.redeem(voucher, by=case.seller, code=voucher.code or "")
    assert (mine(case.holder), mine(case.seller)) == (["Confirm what you received"], [])
    operations.confirm_delivery(voucher, by=case.holder)
    assert (mine(case.holder), mine(case.seller)) == ([], ["Send your invoice"])


@pytest.mark.parametrize("count", [1, 30])
def test_lists_and_form_take_the_same_queries_for_any_number(
    visitor: Visitor, queries: Any, db_session: Any, case: Knowledge, count: int
) -> None:
    for _ in range(count):
        case.take_to("requested", provider=factories.make_organisation(kind="provider"), price=Decimal(500))
    holder = visitor(case.holder)
    holder.get("/vouchers")
    with queries() as listing:
        holder.get("/vouchers")
    with queries() as form:
        holder.get("/vouchers/new")
    assert (listing.count, form.count) == (7, 4), (listing, form)


def test_a_finished_text_can_be_asked_with_again(visitor: Visitor, case: Knowledge) -> None:
    voucher = case.take_to("requested")
    operations.reject(voucher, by=case.owner, reason="Not this year.")
    holder = visitor(case.holder)
    assert "Ask again with the same text" in text_of(holder.get(f"/vouchers/{voucher.id}"))
    assert NEED in holder.get(f"/vouchers/new?like={voucher.id}").text
    assert visitor(factories.make_member(case.home, Role.GUEST)).get(f"/vouchers/new?like={voucher.id}").status_code == 404
    assert holder.get("/vouchers/new?like=nonsense").status_code == 200


def test_the_row_is_read_anew_when_it_is_locked(db_session: Any, case: Knowledge) -> None:
    voucher = case.take_to("issued")
    db_session.commit()
    assert queries.lock(voucher.id) is voucher
