"""De minimis aid from the request to the register (money.md), in programmes with a ceiling."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from mobility.aid import queries as aid_queries
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import GuardRefused, Refusal
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from tests.support.cases import DECLARATIONS, Case, act, make_case
from tests.support.client import Visitor
from tests.support.factories import make_organisation, make_programme
from tests.support.html import text_of

CEILING = Decimal("300000.00")
VOUCHER = Decimal("780.00")  # what each case is worth by its rates


def case_with_ceiling(scheme: str = "light", **values: Any) -> Case:
    case = make_case(scheme, **values)
    case.programme.de_minimis_ceiling = CEILING
    return case


def ask(case: Case, declared: str = "0") -> Voucher:
    operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS), de_minimis_declared=Decimal(declared))
    db.session.flush()
    return case.voucher


def aid(to: Organisation, amount: str, granted_on: date | None = None, state: str = "issued", **values: Any) -> Voucher:
    """A voucher of some other holder that the organisation has from before; in a programme with a ceiling."""
    programme = values.pop("programme", None) or make_programme(de_minimis_ceiling=CEILING)
    holder = values.pop("holder", None) or db.session.scalars(db.select(User).limit(1)).one()
    day = granted_on or clock.today()
    voucher = Voucher(
        kind="knowledge",
        programme=programme,
        holder=holder,
        holder_organisation=to,
        state=state,
        amount=Decimal(amount),
        valid_from=None if state == "approved" else day,
        **values,
    )
    db.session.add(voucher)
    db.session.flush()
    return voucher


# The request


def test_a_programme_without_a_ceiling_asks_nothing(visitor: Visitor, light: Case) -> None:
    page = visitor(light.holder).get(f"/vouchers/{light.voucher.id}/request").get_data(as_text=True)
    assert "minimis" not in page
    light.take_to("issued")
    assert light.voucher.de_minimis_declared is None


def test_the_request_asks_and_says_what_is_known(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    aid(case.exchange.guest_organisation, "1560.00")
    holder = visitor(case.holder)
    page = text_of(holder.get(f"/vouchers/{case.voucher.id}/request"))
    assert "De minimis aid your organisation received from elsewhere in the last three years" in page
    assert "Leave out what came through Mobility: €1,560.00 is already known here." in page
    assert "at most €300,000.00" in page
    sent = act(holder, case.voucher, "request", declarations=list(DECLARATIONS), de_minimis_declared="12,000.50")
    assert sent.status_code == 303
    assert case.voucher.de_minimis_declared == Decimal("12000.50")


@pytest.mark.parametrize(
    ("locale", "typed", "words"),
    [
        ("en_GB", "", "Enter an amount in euro."),
        ("en_GB", "-1", "Enter an amount greater than zero, such as 1,000.50."),
        ("en_GB", "1.000,50", "Enter an amount in euro such as 1,000.50."),
        ("en_GB", "10.505", "Enter at most two digits after the “.”, such as 1,000.50."),
        ("en_GB", "$ 10", "Enter the amount in euro; every amount here is."),
        ("en_GB", "99999999999999", "This amount is too large."),
        ("en_GB", "nothing", "Enter an amount in euro such as 1,000.50."),
        ("de_AT", "1,000.50", "Enter an amount in euro such as 1.000,50."),
        ("de_AT", "10,505", "Enter at most two digits after the “,”, such as 1.000,50."),
    ],
)
def test_a_bad_amount_is_refused_at_its_field(visitor: Visitor, db_session: Any, locale: str, typed: str, words: str) -> None:
    case = case_with_ceiling()
    case.holder.locale = locale
    page = act(visitor(case.holder), case.voucher, "request", declarations=list(DECLARATIONS), de_minimis_declared=typed)
    assert page.status_code == 422
    assert words in text_of(page)
    html = page.get_data(as_text=True)
    assert 'id="de_minimis_declared-error"' in html
    assert f'value="{typed}"' in html or not typed
    assert html.count("checked") == len(DECLARATIONS)
    assert case.voucher.state == "draft"


def test_amounts_are_read_in_the_reader_s_notation(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    case.holder.locale = "pt_PT"
    act(visitor(case.holder), case.voucher, "request", declarations=list(DECLARATIONS), de_minimis_declared="1.000,50")
    assert case.voucher.de_minimis_declared == Decimal("1000.50")


def test_too_much_is_refused_at_the_field_with_the_figures(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    aid(case.exchange.guest_organisation, "2000.00")
    page = act(visitor(case.holder), case.voucher, "request", declarations=list(DECLARATIONS), de_minimis_declared="298000")
    assert page.status_code == 422
    words = (
        "€298,000.00 declared, €2,000.00 recorded here and €780.00 for this voucher make €300,780.00. In 3 years an organisation "
        "can have at most €300,000.00 of de minimis aid in this programme: this is €780.00 too much. "
        "At most €297,220.00 may come from elsewhere."
    )
    assert text_of(page).count(words) == 2  # in the summary and at the field
    assert 'id="de_minimis_declared-error"' in page.get_data(as_text=True)
    assert (case.voucher.state, case.voucher.de_minimis_declared) == ("draft", None)


def test_without_the_declaration_there_is_no_request(db_session: Any) -> None:
    case = case_with_ceiling()
    with pytest.raises(Refusal) as refused:
        operations.request(case.voucher, by=case.holder, declarations=list(DECLARATIONS))
    assert refused.value.field == "de_minimis_declared"


# What is recorded


@pytest.mark.parametrize(
    ("granted_on", "counts"),
    [
        (date(2024, 2, 29), False),  # three years and a day before: it counted up to 28 February 2027
        (date(2024, 3, 1), True),  # the same day three years before
        (date(2024, 3, 2), True),
        (date(2027, 3, 1), True),
    ],
)
def test_three_years_to_the_day(db_session: Any, granted_on: date, counts: bool) -> None:
    """Today is 1 March 2027."""
    case = case_with_ceiling()
    aid(case.exchange.guest_organisation, "100.00", granted_on)
    found = aid_queries.standing(case.exchange.guest_organisation, case.programme, case.programme.today)
    assert found.recorded == (Decimal("100.00") if counts else 0)


def test_the_sum_is_of_the_organisation_and_of_all_programmes_with_a_ceiling(db_session: Any) -> None:
    case = case_with_ceiling()
    home = case.exchange.guest_organisation
    aid(home, "100.00")
    aid(home, "20.00", state="approved")
    aid(home, "780.00", state="validated", final_amount=Decimal("650.00"))
    aid(home, "780.00", state="recovered", final_amount=Decimal("650.00"), recovered_amount=Decimal("150.00"))
    for state in ("rejected", "withdrawn", "expired", "lapsed", "revoked", "requested", "draft"):
        aid(home, "5000.00", state=state)
    aid(home, "5000.00", programme=make_programme())  # without a ceiling it is not de minimis aid
    aid(make_organisation(), "5000.00")
    found = aid_queries.standing(home, case.programme, case.programme.today)
    assert found.recorded == Decimal("1270.00")  # 100 + 20 + 650 + 500
    assert found.left == Decimal("298730.00")


def test_the_page_and_the_rule_count_the_same(db_session: Any) -> None:
    """One sums in SQL, the other in Python."""
    case = case_with_ceiling()
    home = case.exchange.guest_organisation
    here = {"programme": case.programme}
    aid(home, "780.00", state="paid", final_amount=Decimal("650.00"), **here)
    aid(home, "780.00", state="recovered", final_amount=Decimal("650.00"), recovered_amount=Decimal("0.01"), **here)
    aid(home, "31.00", date(2024, 2, 29), **here)
    aid(home, "7.00", state="approved", **here)
    (line,) = aid_queries.accounts(case.programme).items
    assert line.organisation.id == home.id
    assert (line.vouchers, line.recorded) == (3, Decimal("1306.99"))
    assert line.recorded == aid_queries.standing(home, case.programme, case.programme.today).recorded


# The decision


def test_approval_counts_what_came_in_between(db_session: Any) -> None:
    case = case_with_ceiling()
    ask(case, "299000.00")
    aid(case.exchange.guest_organisation, "220.00")
    operations.approve(case.voucher, by=case.owner)
    assert case.voucher.state == "issued"


def test_approval_is_refused_with_the_figures(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    ask(case, "299000.00")
    aid(case.exchange.guest_organisation, "220.01")
    page = act(visitor(case.owner), case.voucher, "approve", note="Good.")
    assert page.status_code == 409
    assert "this is €0.01 too much. At most €298,999.99 may come from elsewhere." in text_of(page)
    assert (case.voucher.state, case.line.committed) == ("requested", 0)


def test_in_the_scheme_full_it_is_looked_at_again_when_it_is_issued(db_session: Any) -> None:
    case = case_with_ceiling("full")
    ask(case, "299000.00")
    operations.recommend(case.voucher, by=case.assessor, scores=[24, 24, 16, 16], note="Good.")
    operations.approve(case.voucher, by=case.owner)
    case.programme.de_minimis_ceiling = Decimal("200000.00")
    with pytest.raises(GuardRefused, match=r"too much\."):
        operations.issue(case.voucher, by=case.owner)
    assert case.voucher.code is None


def test_what_is_approved_but_not_issued_is_promised_already(db_session: Any) -> None:
    first = case_with_ceiling("full")
    first.programme.de_minimis_ceiling = Decimal("1000.00")
    aid(first.exchange.guest_organisation, "500.00", state="approved", programme=first.programme)
    with pytest.raises(Refusal, match=r"There is room for a voucher of at most €500\.00\."):
        ask(first)


def test_a_voucher_does_not_count_beside_itself(db_session: Any) -> None:
    case = case_with_ceiling("full")
    case.programme.de_minimis_ceiling = VOUCHER
    ask(case)
    operations.recommend(case.voucher, by=case.assessor, scores=[24, 24, 16, 16], note="Good.")
    operations.approve(case.voucher, by=case.owner)
    operations.issue(case.voucher, by=case.owner)
    assert case.voucher.state == "issued"


def test_the_decision_shows_the_organisation_s_standing(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    aid(case.exchange.guest_organisation, "2000.00")
    ask(case, "100000.00")
    page = text_of(visitor(case.owner).get(f"/vouchers/{case.voucher.id}/approve"))
    assert "Declared from elsewhere €100,000.00" in page
    assert "Recorded here in the last 3 years €2,000.00" in page
    assert "This voucher €780.00" in page
    assert "Left €197,220.00" in page


def test_several_at_once_are_counted_one_after_the_other(queries: Any, db_session: Any) -> None:
    """What the desk's review shows before anything is decided."""
    first = case_with_ceiling()
    first.programme.de_minimis_ceiling = VOUCHER * 2
    home = first.exchange.guest_organisation
    same = {"programme": first.programme, "line": first.line}
    cases = [first, *(make_case("light", guest_organisation=home, **same) for _ in range(2)), make_case("light", **same)]
    vouchers = [ask(case) for case in cases]  # three of one organisation, and one of another
    db.session.commit()
    programme = first.programme
    known = [(each.holder_organisation_id, each.amount, programme.today) for each in vouchers]  # loads what was committed
    with queries() as q:
        assert aid_queries.passing(programme, vouchers) == {vouchers[2].id: "€780.00 above the de minimis ceiling."}
    assert (q.count, len(known)) == (1, 4), q
    assert aid_queries.passing(make_programme(), vouchers) == {}


def test_an_answer_puts_the_declaration_right(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    ask(case, "299000.00")
    aid(case.exchange.guest_organisation, "1000.00")
    operations.ask_information(case.voucher, by=case.owner, question="Is this all from elsewhere?")
    holder = visitor(case.holder)
    page = holder.get(f"/vouchers/{case.voucher.id}/resubmit").get_data(as_text=True)
    assert 'value="299000.00"' in page
    refused = act(holder, case.voucher, "resubmit", answer="No, 1,000 was yours.", de_minimis_declared="298,500")
    assert refused.status_code == 422
    assert "this is €280.00 too much. At most €298,220.00 may come from elsewhere." in text_of(refused)
    sent = act(holder, case.voucher, "resubmit", answer="No, 1,000 was yours.", de_minimis_declared="298,000")
    assert sent.status_code == 303
    assert (case.voucher.state, case.voucher.de_minimis_declared) == ("requested", Decimal("298000.00"))


def test_a_ceiling_that_came_after_the_request(visitor: Visitor, light: Case) -> None:
    """Nobody was asked yet: the decision says so, and the answer to a question makes good for it."""
    light.take_to("requested")
    light.programme.de_minimis_ceiling = CEILING
    page = text_of(visitor(light.owner).get(f"/vouchers/{light.voucher.id}/approve"))
    assert "The holder has not been asked about aid from elsewhere" in page
    operations.ask_information(light.voucher, by=light.owner, question="What came from elsewhere?")
    missing = act(visitor(light.holder), light.voucher, "resubmit", answer="See below.")
    assert (missing.status_code, "Enter an amount in euro." in text_of(missing)) == (422, True)
    act(visitor(light.holder), light.voucher, "resubmit", answer="See below.", de_minimis_declared="0")
    assert (light.voucher.state, light.voucher.de_minimis_declared) == ("requested", 0)


# The page and the register


@pytest.mark.parametrize("path", ["de-minimis", "de-minimis.csv"])
def test_only_the_programme_s_people_see_it(visitor: Visitor, db_session: Any, path: str) -> None:
    case = case_with_ceiling()
    address = f"/programmes/{case.programme.id}/{path}"
    for person in (case.owner, case.assessor, case.finance_officer, case.auditor):
        assert visitor(person).get(address).status_code == 200
    for person in (case.holder, case.host_coordinator, case.stranger, make_case("light").owner):
        assert visitor(person).get(address).status_code == 404
    case.programme.de_minimis_ceiling = None
    assert visitor(case.owner).get(address).status_code == 404


def test_the_page_says_how_much_is_left(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    ask(case, "100000.00")
    operations.approve(case.voucher, by=case.owner)
    page = text_of(visitor(case.auditor).get(f"/programmes/{case.programme.id}/de-minimis"))
    assert "€780.00 €100,000.00 1 March 2027 €100,780.00 €199,220.00" in page


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_page_takes_the_same_queries_for_any_number(visitor: Visitor, queries: Any, db_session: Any, count: int) -> None:
    case = case_with_ceiling()
    for _ in range(count):
        aid(make_organisation(), "100.00", programme=case.programme)
    client = visitor(case.owner)
    with queries() as q:
        assert client.get(f"/programmes/{case.programme.id}/de-minimis").status_code == 200
    assert q.count == PAGE_QUERIES, q


PAGE_QUERIES = 7  # who it is (3), the programme, the sums, their number, the organisations, what they declared


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"))))


def test_the_register_has_one_row_per_voucher(visitor: Visitor, db_session: Any) -> None:
    case = case_with_ceiling()
    case.programme.name = "+49 regions"
    home = make_organisation(name="=HYPERLINK(1)", country="PT")
    first = aid(home, "780.00", date(2020, 5, 4), programme=case.programme)
    second = aid(home, "780.00", state="paid", final_amount=Decimal("650.00"), programme=case.programme)
    for state in ("approved", "expired", "revoked", "requested"):
        aid(home, "1.00", state=state, programme=case.programme)
    aid(home, "1.00")
    answer = visitor(case.auditor).get(f"/programmes/{case.programme.id}/de-minimis.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (f'attachment; filename="de-minimis-{case.programme.id}-2027-03-01.csv"')
    assert rows_of(answer) == [
        ["Organisation", "Country", "Date granted", "Amount", "Programme", "Reference", "Gross grant equivalent"],
        ["'=HYPERLINK(1)", "PT", "2020-05-04", "780.00", "'+49 regions", first.reference, "780.00"],
        ["'=HYPERLINK(1)", "PT", "2027-03-01", "650.00", "'+49 regions", second.reference, "650.00"],
    ]


def test_the_day_granted_is_that_of_the_issue(db_session: Any) -> None:
    case = case_with_ceiling()
    ask(case)
    clock.move(days=3)
    operations.approve(case.voucher, by=case.owner)
    assert [row[2] for row in aid_queries.register(case.programme)] == [date(2027, 3, 4)]
    assert case.voucher.valid_from == clock.today() == date(2027, 3, 1) + timedelta(days=3)


def test_programmes_are_their_own(db_session: Any) -> None:
    """The page of one programme lists the organisations it gave something to, with all they have."""
    case, other = case_with_ceiling(), make_programme(de_minimis_ceiling=CEILING)
    home = case.exchange.guest_organisation
    aid(home, "100.00", programme=other)
    assert list(aid_queries.accounts(case.programme).items) == []
    aid(home, "10.00", programme=case.programme)
    assert [line.recorded for line in aid_queries.accounts(case.programme).items] == [Decimal("110.00")]
    assert isinstance(other, Programme)
