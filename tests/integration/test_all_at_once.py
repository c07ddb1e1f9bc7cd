"""Whoever sends a form with several mistakes is told of all of them at once, each at its field: nobody is sent back twice."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from mobility.core.database import db
from mobility.people.roles import Role
from tests.support.cases import make_case
from tests.support.client import Visitor
from tests.support.factories import make_exchange, make_guest, make_member, make_programme, make_submitted, make_theme
from tests.support.forms import values_of
from tests.support.tills import Till


def told(page: Any) -> dict[str, str]:
    """Field -> what is said at it."""
    assert page.status_code == 422, page.text
    said = etree.HTML(page.text).xpath("//*[substring(@id, string-length(@id) - 5) = '-error']")
    return {each.get("id").removesuffix("-error"): " ".join("".join(each.itertext()).split()) for each in said}


def sent(browser: Any, path: str, **typed: Any) -> dict[str, str]:
    return told(browser.post(path, data=values_of(browser.get(path)) | typed))


def test_a_new_call(db_session: Any, visitor: Visitor) -> None:
    programme = make_programme()
    owner = make_member(programme, Role.OWNER)
    typed = {"name": "", "opens_on": "2027-05-10", "closes_on": "2027-05-01"}
    found = sent(visitor(owner), f"/programmes/{programme.id}/calls/new", **typed)
    assert found.keys() == {"name", "closes_on", "mobility"}
    assert "cannot close before it opens" in found["closes_on"]
    assert "needs money" in found["mobility"]


def test_a_copied_programme(db_session: Any, visitor: Visitor) -> None:
    programme = make_programme()
    owner = make_member(programme, Role.OWNER)
    typed = {"call": "", "opens_on": "2027-05-10", "closes_on": "2027-05-01"}
    assert sent(visitor(owner), f"/programmes/{programme.id}/copy", **typed).keys() == {"call", "closes_on"}


def test_the_rules_of_a_programme(db_session: Any, visitor: Visitor) -> None:
    programme, other = make_programme(), make_programme()
    owner = make_member(programme, Role.OWNER)
    typed = {"about": "", "minimum_days": "9", "maximum_days": "3", "name": other.name}
    found = sent(visitor(owner), f"/programmes/{programme.id}/rules", **typed)
    assert found.keys() >= {"about", "maximum_days", "name"}


def test_other_days_of_a_call(db_session: Any, visitor: Visitor) -> None:
    case = make_case("full")
    case.take_to("approved")
    call = case.line.call
    typed = {"name": "", "opens_on": "2030-05-10", "closes_on": "2026-05-01", "reason": ""}
    found = sent(visitor(case.owner), f"/programmes/{call.programme_id}/calls/{call.id}/edit", **typed)
    assert found.keys() == {"name", "opens_on", "closes_on", "reason"}


def test_money_that_was_added(db_session: Any, visitor: Visitor) -> None:
    case = make_case("full")
    case.take_to("approved")
    path = f"/programmes/{case.line.call.programme_id}/corrections"
    browser = visitor(case.owner)
    entry = re.search(rf"{path}/(\d+)", browser.get(path).text)
    assert entry
    found = sent(browser, f"{path}/{entry[1]}", amount="1.00", reason="")
    assert found.keys() == {"amount", "reason"}
    assert "Vouchers rest on the money" in found["amount"]


def test_what_is_paid_of_a_claim(db_session: Any, visitor: Visitor) -> None:
    case = make_case("full")
    case.take_to("claimed")
    typed = {"lines-0-amount": "0.00", "lines-0-reason": "", "note": "x" * 100_000}
    found = sent(visitor(case.owner), f"/vouchers/{case.voucher.id}/validate", **typed)
    assert found.keys() >= {"lines-0-reason", "note"}


def test_a_later_day_to_claim(db_session: Any, visitor: Visitor) -> None:
    case = make_case("full")
    case.take_to("delivered")
    found = sent(visitor(case.owner), f"/vouchers/{case.voucher.id}/extend-claim", until="2040-01-01", reason="")
    assert found.keys() == {"until", "reason"}


def test_money_that_comes_back(till: Till, visitor: Visitor) -> None:
    till.record(till.sent(0), 0)
    voucher = till.vouchers[0]
    browser = visitor(till.spare)
    found = sent(browser, f"/vouchers/{voucher.id}/recover", amount=str(voucher.final_amount + Decimal(1)), reason="")
    assert found.keys() == {"amount", "reason"}
    tomorrow = till.programme.today + timedelta(days=1)
    assert sent(browser, f"/vouchers/{voucher.id}/came-back", on=tomorrow.isoformat(), reason="").keys() == {"on", "reason"}


def test_payments_taken_out(till: Till, visitor: Visitor) -> None:
    batch = till.approved()
    typed = {"chosen": [str(each.id) for each in batch.rows], "reason": ""}
    found = sent(visitor(till.approver), f"/payments/{batch.id}/take-out", **typed)
    assert found.keys() == {"chosen", "reason"}


def test_another_version_of_an_agreement(db_session: Any, visitor: Visitor) -> None:
    exchange = make_exchange()
    db.session.commit()
    typed = {"host_contact": "", "objectives-0": "", "last_day": (exchange.first_day - timedelta(days=1)).isoformat()}
    found = sent(visitor(exchange.guest), f"/exchanges/{exchange.id}/amend", **typed)
    assert found.keys() >= {"host_contact", "last_day"}


def test_a_first_contact_that_is_yet_to_be(db_session: Any, visitor: Visitor) -> None:
    application = make_submitted()
    db.session.commit()
    found = sent(visitor(application.guest), f"/applications/{application.id}/record-contact", held_on="2040-01-01", kind="")
    assert found.keys() == {"held_on", "kind"}


def test_a_mail_to_a_list(db_session: Any, visitor: Visitor) -> None:
    theme = make_theme()
    owner = make_member(theme.programme, Role.OWNER)
    make_exchange(theme, make_guest())
    db.session.commit()
    browser = visitor(owner)
    way = re.search(r'href="([^"]*/mailings/new\?[^"]*)"', browser.get("/exchanges").text)
    assert way
    found = sent(browser, way[1].replace("&amp;", "&"), subject="", text="Dear {nam},", act="ticked", rows=[])
    assert found.keys() == {"subject", "text", "what", "rows"}
    assert "Do you mean {name}?" in found["text"]
