"""The pages of claims: one page for the claimant, its files, deciding; who sees what; nothing typed is lost."""

import re
import shutil
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from mobility.banking.operations import set_account
from mobility.claims import operations, queries
from mobility.claims.models import Claim
from mobility.followup.ends import report_of
from mobility.people.roles import Role
from mobility.questionnaires.operations import furnish
from tests.support import cases, evidence, factories
from tests.support.cases import Case, make_case
from tests.support.client import Client, Visitor
from tests.support.factories import sign_in
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.s3 import running_bucket

REPORT = {"q-benefit": "yes", "q-gave": "We saw it.", "pay_to": "holder"}
IBAN = "PT50000201231234567890154"


def delivered(case: Case, days_less: int = 0) -> str:
    """The host has confirmed the stay. Returns the address of the claim's page."""
    furnish(case.programme)
    case.take_to("delivered")
    case.exchange.actual_first_day = case.exchange.first_day
    case.exchange.actual_last_day = case.exchange.last_day - timedelta(days=days_less)
    return f"/vouchers/{case.voucher.id}/claim"


def told(case: Case) -> str:
    """The words of its report so far."""
    found = report_of(case.voucher)
    assert found is not None
    return found.known.get("gave", "")


def claim_of(case: Case) -> Claim:
    found = queries.claim_of(case.voucher)
    assert found is not None
    return found


def file(content: bytes, name: str) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def send(client: Client, address: str, files: Any, **typed: Any) -> Any:
    """Post files and fields as a browser does, without a temporary file of the test client's that nobody closes."""
    storages = [FileStorage(content, name) for content, name in files]
    boundary, body = encode_multipart({**typed, "files": storages})
    return client.post(address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


# The claimant's page


def test_what_one_gets_and_by_when_stands_at_the_top(visitor: Visitor, full: Case) -> None:
    page = text_of(visitor(full.holder).get(delivered(full, days_less=1)))
    assert "You get €390.00 by 11 March 2027" in page
    assert "5 working days were approved (12 to 16 April 2027); the stay had 4 (12 to 15 April 2027)." in page
    assert "50 %" in page
    assert page.index("You get €390.00") < page.index("Your report") < page.index("Evidence") < page.index("Paid to")
    assert page.count("Send report and claim") == 1


def test_looking_writes_nothing(visitor: Visitor, full: Case) -> None:
    visitor(full.holder).get(delivered(full))
    assert queries.claim_of(full.voucher) is None


def test_a_draft_is_saved_as_far_as_it_is(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    sent = holder.post(address, data={**values_of(holder.get(address)), "q-gave": "We", "act": "save"})
    assert (sent.status_code, sent.location) == (303, address)
    page = holder.get(address)
    assert values_of(page)["q-gave"] == "We"
    assert "Draft saved" in page.text
    assert full.voucher.state == "delivered"


def test_saving_while_one_types_answers_with_the_version(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    answers = [
        holder.post(address, data={"q-gave": words, "version": version}, headers={"Accept": "application/json"})
        for words, version in (("We", ""), ("We saw", "2"), ("We saw it.", "3"))
    ]
    assert [answer.get_json() for answer in answers] == [{"version": 2}, {"version": 3}, {"version": 4}]
    assert told(full) == "We saw it."


def test_an_older_page_of_the_draft_replaces_nothing_unseen(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    first = values_of(holder.get(address))
    holder.post(address, data=first | {"q-gave": "In one window.", "act": "save"})
    page = holder.post(address, data=first | {"q-gave": "In another.", "act": "save"})
    assert page.status_code == 409
    assert "Your draft has changed in another window" in text_of(page)
    assert values_of(page)["q-gave"] == "In another."
    assert told(full) == "In one window."
    again = holder.post(address, data=values_of(page) | {"act": "save"})
    assert (again.status_code, told(full)) == (303, "In another.")


def test_the_whole_claim_in_full(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    added = holder.post(f"{address}/evidence", data=REPORT | {"files": file(evidence.pdf(), "ticket.pdf")})
    assert (added.status_code, added.location) == (303, f"{address}#evidence")
    page = holder.get(address)
    assert "ticket.pdf" in text_of(page)
    assert values_of(page)["q-gave"] == "We saw it."  # saved with the file
    sent = holder.post(address, data=values_of(page) | {"act": "claim"})
    assert (sent.status_code, sent.location) == (303, f"/vouchers/{full.voucher.id}")
    assert full.voucher.state == "claimed"
    assert "You are paid by 11 March 2027." in holder.get(sent.location).text


def test_files_that_were_chosen_go_with_the_claim(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    files = [file(evidence.pdf(), "ticket.pdf"), file(evidence.picture("JPEG"), "hotel.jpg")]
    sent = holder.post(address, data={**REPORT, "version": "", "act": "claim", "files": files})
    assert (sent.status_code, full.voucher.state) == (303, "claimed")
    assert [each.name for each in claim_of(full).evidence] == ["ticket.pdf", "hotel.jpg"]


def test_in_light_two_fields_and_one_button(visitor: Visitor, light: Case) -> None:
    address, holder = delivered(light), visitor(light.holder)
    page = holder.get(address)
    assert 'type="file"' not in page.text
    sent = holder.post(address, data=values_of(page) | {"q-benefit": "yes", "q-gave": "We saw it.", "act": "claim"})
    assert (sent.status_code, light.voucher.state) == (303, "claimed")


def test_all_that_is_missing_is_said_and_what_was_typed_is_saved(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    page = holder.post(address, data=values_of(holder.get(address)) | {"q-gave": "We saw it.", "act": "claim"})
    assert page.status_code == 422
    words = text_of(page)
    assert words.count("Choose an answer.") == 2  # at the field and in the summary
    assert "Add at least one file, such as a boarding pass or an invoice." in words
    assert (told(full), full.voucher.state) == ("We saw it.", "delivered")


def test_a_stay_that_was_too_short_is_said_before_anything_is_typed(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full, days_less=3), visitor(full.holder)
    page = holder.get(address)
    assert "This stay cannot be paid The programme asks for at least 3 working days; this stay has 2." in text_of(page)
    assert "Send report and claim" not in page.text
    ready = {**REPORT, "act": "claim", "files": file(evidence.pdf(), "ticket.pdf")}
    refused = holder.post(address, data=ready)
    assert (refused.status_code, full.voucher.state) == (422, "delivered")
    assert told(full) == "We saw it."


def test_the_same_click_twice_leads_to_what_it_did(visitor: Visitor, light: Case) -> None:
    address, holder = delivered(light), visitor(light.holder)
    filled = values_of(holder.get(address)) | {"q-benefit": "yes", "q-gave": "We saw it.", "act": "claim"}
    answers = [holder.post(address, data=filled) for _ in range(3)]
    assert {(each.status_code, each.location) for each in answers} == {(303, f"/vouchers/{light.voucher.id}")}
    assert [entry.action for entry in light.voucher.history()].count("claim") == 1


def test_after_filing_an_older_page_gets_everything_typed_back(visitor: Visitor, light: Case) -> None:
    address, holder = delivered(light), visitor(light.holder)
    filled = values_of(holder.get(address)) | {"q-benefit": "yes", "q-gave": "We saw it.", "act": "claim"}
    holder.post(address, data=filled)
    late = holder.post(address, data=filled | {"q-gave": "A long text of an older page.", "act": "save"})
    assert late.status_code == 409
    assert "A long text of an older page." in late.text
    assert told(light) == "We saw it."
    assert holder.get(address).status_code == 409


def test_past_the_deadline_what_was_typed_comes_back(visitor: Visitor, full: Case, clock: Any) -> None:
    address, holder = delivered(full), visitor(full.holder)
    clock.move(days=31)
    sign_in(holder, full.holder)
    page = holder.post(address, data={"q-gave": "Too late.", "files": file(evidence.pdf(), "ticket.pdf"), "act": "claim"})
    assert page.status_code == 409
    assert "The deadline for the claim has passed." in text_of(page)
    assert "Too late." in page.text
    assert "ticket.pdf" in page.text


def test_a_returned_claim_says_why(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    operations.return_claim(full.voucher, by=full.finance_officer, reason="The ticket is of another day.")
    page = text_of(visitor(full.holder).get(f"/vouchers/{full.voucher.id}/claim"))
    assert f"{full.programme.name} has returned your claim The ticket is of another day." in page
    assert "boarding pass.pdf" in page


# Accounts


def test_the_account_is_shown_masked_or_asked_for(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    before = holder.get(address)
    assert "Add the account" in text_of(before)
    assert f"a coordinator of {full.voucher.holder_organisation.name} adds it" in text_of(before)
    set_account(full.holder, by=full.holder, holder_name="Ana", iban=IBAN)
    set_account(full.voucher.holder_organisation, by=full.guest_coordinator, holder_name="Cluster", iban="AT611904300234573201")
    after = holder.get(address)
    assert "PT50 •••• 0154" in after.text
    assert IBAN not in after.text
    assert "Its account is known." in after.text
    assert "Change the account" in text_of(after)
    assert not re.search("(• |457 ?)3201", after.text)  # the organisation's is its coordinators' to see


def test_on_the_way_to_the_account_what_was_typed_is_saved(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    away = holder.post(address, data=REPORT | {"act": "my_account"})
    assert (away.status_code, away.location) == (303, f"/bank-accounts/mine?next={address}")
    assert told(full) == "We saw it."
    factories.make_membership(full.holder, full.voucher.holder_organisation, Role.COORDINATOR)
    theirs = holder.post(address, data={**values_of(holder.get(address)), "act": "organisation_account"})
    assert theirs.location == f"/bank-accounts/organisations/{full.voucher.holder_organisation_id}?next={address}"


# Files


BAD_FILES = [
    (b"", "nothing.pdf", "is empty"),
    (evidence.pdf() + b"\n" * 11 * 2**20, "large.pdf", "a file can be up to 10 MB"),
    (evidence.picture(), "picture.pdf", "is a PNG picture by its content, but its name says .pdf"),
    (evidence.pdf(), "paper.png", "is a PDF by its content, but its name says .png"),
    (evidence.pdf(password="secret"), "locked.pdf", "is protected by a password"),
    (evidence.picture()[:-500], "cut off.png", "is broken or not complete"),
    (b"<html>", "page.html", "is neither a PDF nor a picture"),
]


@pytest.mark.parametrize(("content", "name", "words"), BAD_FILES, ids=[each[1] for each in BAD_FILES])
def test_a_bad_file_is_refused_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, full: Case, content: bytes, name: str, words: str
) -> None:
    address, holder = delivered(full), visitor(full.holder)
    files = [file(content, name), file(evidence.picture("JPEG"), "right.jpg")]
    page = send(holder, f"{address}/evidence", files, **REPORT)
    assert page.status_code == 422
    error = re.search(r'id="files-error">(.*?)</p>', page.text, re.DOTALL)
    assert error is not None
    assert words in error.group(1)
    assert name in error.group(1)
    assert values_of(page)["q-gave"] == "We saw it."
    assert [each.name for each in claim_of(full).evidence] == ["right.jpg"]  # the right one is kept


NAMES = {
    "n" * 300 + ".pdf": "n" * 116 + ".pdf",
    "../../../etc/passwd": "passwd.pdf",
    "\u202efdp.exe.pdf": "fdp.exe.pdf",
    "<b>&amp;'.pdf": "<b>&amp;'.pdf",
    "تذكرة السفر.pdf": "تذكرة السفر.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_kept_harmlessly(visitor: Visitor, full: Case, name: str) -> None:
    address, holder = delivered(full), visitor(full.holder)
    assert holder.post(f"{address}/evidence", data={"files": file(evidence.pdf(), name)}).status_code == 303
    (kept,) = claim_of(full).evidence
    assert kept.name == NAMES[name]
    assert holder.get(address).status_code == 200
    sent = holder.get(f"{address}/evidence/{kept.id}")
    assert (sent.status_code, sent.data) == (200, evidence.pdf())


def test_a_name_with_nul(visitor: Visitor, full: Case) -> None:
    """No browser sends one; put together by hand."""
    address, holder = delivered(full), visitor(full.holder)
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="be\x00fore.pdf"\r\n\r\n'
    body = head + evidence.pdf() + b"\r\n--x--\r\n"
    holder.post(f"{address}/evidence", data=body, content_type="multipart/form-data; boundary=x")
    assert [each.name for each in claim_of(full).evidence] in ([], ["before.pdf"])


def test_no_file_chosen(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    page = holder.post(f"{address}/evidence", data={**REPORT, "files": file(b"", "")})
    assert page.status_code == 422
    assert "Choose a file first." in text_of(page)
    assert told(full) == "We saw it."


def test_files_of_the_size_that_each_may_have_are_taken_together(visitor: Visitor, full: Case) -> None:
    """More than any other form of ours may carry."""
    address, holder = delivered(full), visitor(full.holder)
    large = [file(evidence.pdf().ljust(9 * 2**20, bytes([number])), f"{number}.pdf") for number in range(1, 4)]
    assert send(holder, f"{address}/evidence", large).status_code == 303
    assert [each.name for each in claim_of(full).evidence] == ["1.pdf", "2.pdf", "3.pdf"]


@pytest.mark.parametrize("where", ["", "/evidence", "/evidence/1/remove"])
def test_what_another_site_sends_is_not_taken(visitor: Visitor, full: Case, where: str) -> None:
    """These views look at the token themselves."""
    address, holder = delivered(full), visitor(full.holder)
    answer = holder.post(address + where, data={**REPORT, "files": file(evidence.pdf(), "a.pdf"), "csrf_token": ""})
    assert answer.status_code == 400
    assert "came from another site" in answer.text
    assert queries.claim_of(full.voucher) is None


def test_who_is_not_signed_in_cannot_send_more_than_elsewhere(client: Client, full: Case) -> None:
    answer = send(client, delivered(full), [file(b"%PDF-" + bytes(13 * 2**20), "a.pdf")])
    assert answer.status_code == 413


def test_more_than_a_request_may_carry(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    holder.post(address, data=REPORT | {"act": "save"})
    for there in (f"{address}/evidence", address):
        huge = [file(b"%PDF-" + bytes(11 * 2**20), f"{number}.pdf") for number in range(4)]
        page = send(holder, there, huge, **REPORT | {"q-gave": "Typed on."})
        assert page.status_code == 413
        assert "more than 40 MB in all" in text_of(page)
        assert values_of(page)["q-gave"] == "Typed on."  # shown again, not stored
        assert told(full) == "We saw it."
    other = send(visitor(full.guest_coordinator), address, [file(b"%PDF-" + bytes(42 * 2**20), "huge.pdf")])
    assert other.status_code == 403
    assert "We saw it." not in other.text  # the draft is its writer's alone


def test_a_file_is_taken_out_and_what_was_typed_is_saved(visitor: Visitor, full: Case) -> None:
    address, holder = delivered(full), visitor(full.holder)
    holder.post(f"{address}/evidence", data={"files": file(evidence.pdf(), "a.pdf")})
    (added,) = claim_of(full).evidence
    gone = holder.post(f"{address}/evidence/{added.id}/remove", data=values_of(holder.get(address)) | {"q-gave": "Typed."})
    assert (gone.status_code, gone.location) == (303, f"{address}#evidence")
    assert (claim_of(full).evidence, told(full)) == ([], "Typed.")


def test_a_file_is_handed_out_to_be_saved_not_shown(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    (added,) = claim_of(full).evidence
    answer = visitor(full.finance_officer).get(f"/vouchers/{full.voucher.id}/claim/evidence/{added.id}")
    assert answer.data == evidence.pdf()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="boarding pass.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_file_that_the_store_has_lost(visitor: Visitor, full: Case, app: Flask, tmp_path: Any) -> None:
    full.take_to("claimed")
    (added,) = claim_of(full).evidence
    app.config["FILES_URL"] = tmp_path.joinpath("another").as_uri()
    answer = visitor(full.finance_officer).get(f"/vouchers/{full.voucher.id}/claim/evidence/{added.id}")
    assert answer.status_code == 503
    assert "This file cannot be read at the moment." in answer.text


def test_a_store_that_does_not_answer_loses_nothing_typed(visitor: Visitor, full: Case, app: Flask, tmp_path: Any) -> None:
    folder = tmp_path / "files"
    app.config["FILES_URL"] = folder.as_uri()
    address, holder = delivered(full), visitor(full.holder)
    assert holder.post(f"{address}/evidence", data={"files": file(evidence.pdf(), "a.pdf")}).status_code == 303
    shutil.rmtree(folder)
    folder.write_text("no folder any more")
    page = holder.post(f"{address}/evidence", data=REPORT | {"version": "1", "files": file(evidence.pdf(2), "b.pdf")})
    assert page.status_code == 422
    assert "“b.pdf” could not be stored just now." in text_of(page)
    assert values_of(page)["q-gave"] == "We saw it."
    assert [each.name for each in claim_of(full).evidence] == ["a.pdf"]


def test_the_same_on_a_store_that_speaks_s3(visitor: Visitor, full: Case, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_bucket(monkeypatch) as (url, keys):
        app.config["FILES_URL"] = url
        address, holder = delivered(full), visitor(full.holder)
        assert holder.post(f"{address}/evidence", data={"files": file(evidence.pdf(), "a.pdf")}).status_code == 303
        (added,) = claim_of(full).evidence
        assert keys() == [f"of/tests/{added.key[:2]}/{added.key}"]
        assert holder.get(f"{address}/evidence/{added.id}").data == evidence.pdf()


# Who may what


ROLES = "holder guest_coordinator host_coordinator host owner assessor finance_officer auditor stranger other_programme".split()
#                 delivered: page, save, add, remove, file | claimed: page, file, return, validate, voucher
ALLOWED = {
    "holder": (200, 303, 303, 303, 200, 409, 200, 403, 403, 200),
    "guest_coordinator": (403, 403, 403, 403, 404, 403, 200, 403, 403, 200),
    "host_coordinator": (403, 403, 403, 403, 404, 403, 404, 403, 403, 200),
    "host": (403, 403, 403, 403, 404, 403, 404, 403, 403, 200),
    "owner": (403, 403, 403, 403, 404, 403, 200, 403, 200, 200),
    "assessor": (403, 403, 403, 403, 404, 403, 200, 403, 403, 200),
    "finance_officer": (403, 403, 403, 403, 404, 403, 200, 200, 200, 200),
    "auditor": (403, 403, 403, 403, 404, 403, 200, 403, 403, 200),
    "stranger": (404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    "other_programme": (404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
}


@pytest.mark.parametrize("who", ROLES)
def test_each_role_at_each_route(visitor: Visitor, full: Case, who: str) -> None:
    person = make_case("full").finance_officer if who == "other_programme" else getattr(full, who)
    address = delivered(full)
    operations.save(full.voucher, by=full.holder, answers=cases.REPORT)
    added = operations.add_evidence(full.voucher, by=full.holder, name="a.pdf", content=evidence.pdf())
    operations.add_evidence(full.voucher, by=full.holder, name="b.pdf", content=evidence.pdf(2))
    client = visitor(person)
    typed = REPORT | {"version": "2"}
    found = [
        client.get(address).status_code,
        client.post(address, data=typed | {"act": "save"}).status_code,
        client.post(f"{address}/evidence", data=typed | {"files": file(evidence.pdf(3), "c.pdf")}).status_code,
        client.post(f"{address}/evidence/{added.id + 1}/remove", data=typed).status_code,
        client.get(f"{address}/evidence/{added.id}").status_code,
    ]
    operations.claim(full.voucher, by=full.holder)
    voucher = f"/vouchers/{full.voucher.id}"
    found += [
        client.get(address).status_code,
        client.get(f"{address}/evidence/{added.id}").status_code,
        client.get(f"{voucher}/return-claim").status_code,
        client.get(f"{voucher}/validate").status_code,
        client.get(voucher).status_code,
    ]
    assert tuple(found) == ALLOWED[who]


def test_another_claim_s_file_is_not_found_through_one_s_own(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    other = make_case("full")
    other.take_to("claimed")
    (theirs,) = claim_of(other).evidence
    holder = visitor(full.holder)
    assert holder.get(f"/vouchers/{full.voucher.id}/claim/evidence/{theirs.id}").status_code == 404
    assert holder.get(f"/vouchers/{other.voucher.id}/claim/evidence/{theirs.id}").status_code == 404
    assert visitor(other.holder).get(f"/vouchers/{other.voucher.id}/claim/evidence/{theirs.id}").status_code == 200


def test_the_voucher_s_page_shows_the_claim_to_those_who_read_it(visitor: Visitor, full: Case) -> None:
    set_account(full.holder, by=full.holder, holder_name="Ana", iban=IBAN)
    furnish(full.programme)
    full.take_to("validated")
    page = f"/vouchers/{full.voucher.id}"
    for person in (full.holder, full.owner, full.finance_officer):
        assert "We saw it." in visitor(person).get(page).text
        assert "PT50 •••• 0154" in visitor(person).get(page).text
    for person in (full.guest_coordinator, full.auditor, full.assessor):
        assert "We saw it." in visitor(person).get(page).text
        assert "PT50" not in visitor(person).get(page).text
    for person in (full.host, full.host_coordinator):
        assert "We saw it." not in visitor(person).get(page).text


# Deciding


def test_the_page_to_validate_shows_what_one_needs(visitor: Visitor, full: Case) -> None:
    set_account(full.holder, by=full.holder, holder_name="Ana", iban=IBAN)
    delivered(full, days_less=1)
    full._claimed()
    page = text_of(visitor(full.finance_officer).get(f"/vouchers/{full.voucher.id}/validate"))
    for words in (
        "PT50 •••• 0154",
        "5 working days were approved (12 to 16 April 2027); the stay had 4",
        "Approved For Quantity Each Amount",
        "€780.00",
        "Claimed, based on the days of the stay",
        "€390.00",
        "boarding pass.pdf",
        "We saw it.",
        "by 11 March 2027",
    ):
        assert words in page


def test_validating_in_light_is_one_click(visitor: Visitor, light: Case) -> None:
    light.take_to("claimed")
    owner, address = visitor(light.owner), f"/vouchers/{light.voucher.id}/validate"
    page = owner.get(address)
    assert set(values_of(page)) <= {"version", "csrf_token"}
    sent = owner.post(address, data=values_of(page))
    assert (sent.status_code, light.voucher.state, light.voucher.final_amount) == (303, "validated", Decimal("780.00"))


def test_a_line_is_lowered_on_the_page(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    filled = values_of(officer.get(address))
    assert filled["lines-0-amount"] == "780.00"
    lowered = filled | {"lines-0-amount": "700.50", "lines-0-reason": "The host paid the hotel."}
    assert officer.post(address, data=lowered).status_code == 303
    assert full.voucher.final_amount == Decimal("700.50")


BAD_AMOUNTS = [
    ({"lines-0-amount": "780.01"}, "lines-0-amount-error", "At most €780.00 was claimed here"),
    ({"lines-0-amount": "700.00"}, "lines-0-reason-error", "Say why less is paid"),
    ({"lines-0-amount": "-1"}, "lines-0-amount-error", "Enter an amount"),
    ({"lines-0-amount": "12.345"}, "lines-0-amount-error", "at most two digits"),
    ({"lines-0-amount": "seven"}, "lines-0-amount-error", "Enter an amount"),
    ({"lines-0-amount": ""}, "lines-0-amount-error", "Enter an amount"),
    ({"lines-0-amount": "9" * 40}, "lines-0-amount-error", "too large"),
    ({"lines-0-amount": "0.00", "lines-0-reason": "All of it."}, "errors", "Return the claim instead"),
]


@pytest.mark.parametrize(("typed", "where", "words"), BAD_AMOUNTS)
def test_an_impossible_amount_is_refused_at_its_field(
    visitor: Visitor, full: Case, typed: dict[str, str], where: str, words: str
) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    page = officer.post(address, data=values_of(officer.get(address)) | typed | {"note": "Kept."})
    assert page.status_code == 422
    assert words in page.text[page.text.index(f'id="{where}"') :][:600]
    summary = page.text[page.text.index('id="errors"') :]
    assert summary[: summary.index("</ul>")].count("<li>") == 1
    assert values_of(page)["lines-0-amount"] == typed["lines-0-amount"]
    assert values_of(page)["note"] == "Kept."
    assert full.voucher.state == "claimed"


def test_lines_that_were_not_claimed_are_not_paid(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    more = {"lines-1-amount": "5000.00", "lines-7-amount": "1.00", "lines-7-reason": "Mine."}
    officer.post(address, data=values_of(officer.get(address)) | more)
    assert (full.voucher.state, full.voucher.final_amount) == ("validated", Decimal("780.00"))


def test_a_form_without_its_lines_is_filled_in_again(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    page = visitor(full.finance_officer).post(f"/vouchers/{full.voucher.id}/validate", data={"version": full.voucher.version})
    assert (page.status_code, values_of(page)["lines-0-amount"], full.voucher.state) == (422, "780.00", "claimed")


def test_a_stale_validation_is_told_what_happened(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    filled = values_of(officer.get(address))
    operations.return_claim(full.voucher, by=full.finance_officer, reason="Mend it.")
    operations.claim(full.voucher, by=full.holder)
    page = officer.post(address, data=filled | {"lines-0-amount": "700.00", "lines-0-reason": "The host paid."})
    assert page.status_code == 409
    assert "This has changed since you opened it" in page.text
    assert values_of(page)["lines-0-amount"] == "700.00"
    assert values_of(page)["lines-0-reason"] == "The host paid."
    assert full.voucher.state == "claimed"
    assert officer.post(address, data=values_of(page)).status_code == 303
    assert full.voucher.final_amount == Decimal("700.00")


def test_what_was_typed_for_a_claim_that_is_gone_comes_back(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    filled = values_of(officer.get(address))
    operations.validate(full.voucher, by=full.owner)
    page = officer.post(address, data=filled | {"lines-0-amount": "700.00", "lines-0-reason": "The host paid."})
    assert page.status_code == 409
    assert "The host paid." in page.text


def test_returning_on_its_page(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/return-claim"
    filled = values_of(officer.get(address))
    assert officer.post(address, data=filled).status_code == 422
    assert officer.post(address, data=filled | {"reason": "Mend it."}).status_code == 303
    assert full.voucher.state == "delivered"


# The provider's page


def test_the_provider_s_page_asks_for_the_invoice(visitor: Visitor, full: Case, db_session: Any) -> None:
    full.take_to("delivered")
    provider = factories.make_organisation(name="Training house")
    full.voucher.kind, full.voucher.provider, full.voucher.exchange_id = "knowledge", provider, None
    member = visitor(factories.make_member(provider, Role.PROVIDER))
    db_session.commit()
    db_session.expire_all()
    address = f"/vouchers/{full.voucher.id}/claim"
    page = member.get(address)
    assert "Send your invoice" in text_of(page)
    assert not {"q-gave", "q-benefit", "pay_to"} & set(values_of(page))
    typed = values_of(page) | {"invoice_number": "2027/17", "invoice_total": "780", "act": "claim"}
    refused = member.post(address, data=typed)
    assert "Add the invoice as a PDF, PNG or JPEG file." in text_of(refused)
    sent = member.post(address, data=values_of(refused) | {"act": "claim", "files": file(evidence.pdf(), "invoice.pdf")})
    assert (sent.status_code, full.voucher.state) == (303, "claimed")
    assert claim_of(full).invoice_number == "2027/17"


def test_what_is_paid_in_all_is_shown_before_the_click(visitor: Visitor, full: Case) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    opened = officer.get(address)
    assert "Is paid €780.00" in text_of(opened)
    typed = values_of(opened) | {"lines-0-amount": "700.50", "lines-0-reason": "The host paid the hotel.", "note": "Kept."}
    page = officer.post(f"{address}/result", data=typed)  # the button, without a script
    assert page.status_code == 200
    assert "Is paid €700.50 €79.50 of the €780.00 that were approved go back to the budget." in text_of(page)
    assert values_of(page) | {"csrf_token": ""} == typed | {"csrf_token": ""}  # a token changes with the second
    piece = officer.post(f"{address}/result?piece=1", data=typed | {"lines-0-reason": ""})
    assert "€700.50" in piece.text
    assert "<html" not in piece.text
    assert full.voucher.state == "claimed"


@pytest.mark.parametrize("typed", ["seven", "", "780.01", "-1", "0,500"])
def test_what_cannot_be_paid_has_no_total(visitor: Visitor, full: Case, typed: str) -> None:
    full.take_to("claimed")
    officer, address = visitor(full.finance_officer), f"/vouchers/{full.voucher.id}/validate"
    sent = values_of(officer.get(address)) | {"lines-0-amount": typed}
    page = officer.post(f"{address}/result", data=sent)
    assert (page.status_code, "Is paid" in page.text) == (422, False)
    assert "Is paid" not in officer.post(f"{address}/result?piece=1", data=sent).text


@pytest.mark.parametrize(("who", "status"), [("holder", 403), ("assessor", 403), ("stranger", 404), ("owner", 200)])
def test_who_may_look_at_what_would_be_paid(visitor: Visitor, full: Case, who: str, status: int) -> None:
    full.take_to("claimed")
    typed = {"lines-0-amount": "700.50", "lines-0-reason": "The host paid the hotel."}
    assert visitor(getattr(full, who)).post(f"/vouchers/{full.voucher.id}/validate/result", data=typed).status_code == status
