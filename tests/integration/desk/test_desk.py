"""The decision desk: the queue by promise, and the review of several vouchers before one decides."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import DECLARATIONS, Case, desk_of, make_case, waiting
from tests.support.client import Visitor
from tests.support.html import text_of


def review_of(case: Case, *vouchers: Voucher) -> str:
    return f"{desk_of(case)}/review?" + "&".join(f"chosen={voucher.id}" for voucher in vouchers)


def requested(case: Case, count: int) -> list[Voucher]:
    """So many requested vouchers of the same programme, the case's own first."""
    case.take_to("requested")
    exchanges = [factories.make_agreed_exchange(programme=case.programme, host=case.exchange.host) for _ in range(count - 1)]
    others = [factories.make_voucher(exchange) for exchange in exchanges]
    for voucher in others:
        operations.request(voucher, by=voucher.holder, declarations=list(DECLARATIONS))
    return [case.voucher, *others]


def ticked(page: Any) -> list[int]:
    return [int(id) for id in re.findall(r'name="chosen" value="(\d+):\d+"[^>]* checked', page.text)]


# The queue


def test_the_most_urgent_stand_first_under_their_promise(visitor: Visitor, light: Case, clock: Any) -> None:
    first, second = requested(light, 2)
    clock.move(days=11)
    third = make_case("light", programme=light.programme, line=light.line).take_to("requested")
    page = visitor(light.owner).get(desk_of(light)).text
    places = [page.index(words) for words in ("Promised within a week", f'value="{first.id}"', f'value="{second.id}"')]
    assert places == sorted(places)
    assert page.index("Promised for later") < page.index(f'value="{third.id}"')
    assert "desk-group-late" not in page
    clock.move(days=4)
    late = visitor(light.owner).get(desk_of(light)).text
    assert late.index("desk-group-late") < late.index(f'value="{first.id}"') < late.index("Promised for later")
    assert "desk-group" not in visitor(light.owner).get(f"{desk_of(light)}?sort=-amount").text


def test_only_owners_choose(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    assert "Review selected" in visitor(light.owner).get(desk_of(light)).text
    for person in (light.assessor, light.finance_officer, light.auditor):
        assert "Review selected" not in visitor(person).get(desk_of(light)).text


# The review


def test_the_review_shows_the_budget_before_and_after(visitor: Visitor, db_session: Any) -> None:
    case = make_case("light", amount=2000)
    chosen = requested(case, 3)
    owner = visitor(case.owner)
    two = owner.get(review_of(case, *chosen[:2]))
    assert "Mobility €2,000.00 €1,560.00 €440.00 All 2" in text_of(two)
    assert "does not suffice" not in text_of(two)
    three = text_of(owner.get(review_of(case, *chosen)))
    assert "Mobility €2,000.00 €2,340.00 €340.00 missing 2 of 3" in three
    short = three.index("From here on, Mobility is not enough for all")
    assert three.index(chosen[1].reference) < short < three.index(chosen[2].reference)
    assert [voucher.state for voucher in chosen] == ["requested"] * 3  # looking decides nothing


def test_one_approves_what_was_reviewed(visitor: Visitor, db_session: Any) -> None:
    case = make_case("light", amount=2000)
    chosen = requested(case, 3)
    owner = visitor(case.owner)
    page = owner.get(review_of(case, *chosen))
    assert ticked(page) == [voucher.id for voucher in chosen]
    rows = re.findall(r'name="chosen" value="(\d+:\d+)"', page.text)
    done = text_of(owner.post(desk_of(case), data={"decision": "approve", "chosen": rows}))
    assert "2 of 3 done; the others say why not." in done
    assert f"Not done {chosen[2].reference} The budget line has €440.00 left; this voucher needs €780.00." in done
    assert [voucher.state for voucher in chosen] == ["issued", "issued", "requested"]
    assert (case.line.available, case.line.committed) == (Decimal(440), Decimal(1560))


def test_what_cannot_be_approved_says_why_and_takes_no_money(visitor: Visitor, full: Case) -> None:
    assessed, waiting = requested(full, 2)
    operations.recommend(assessed, by=full.assessor, scores=[1, 1, 1, 1], note="x")
    page = visitor(full.owner).get(review_of(full, waiting, assessed))
    assert "An assessor must recommend this voucher first." in text_of(page)
    assert "Mobility €10,000.00 €780.00 €9,220.00 Enough" in text_of(page)
    assert "4 of 100 points" in text_of(page)
    assert ticked(page) == [assessed.id]
    factories.make_membership(full.other_owner, full.exchange.host, Role.HOST)
    interested = visitor(full.other_owner).get(review_of(full, waiting, assessed))
    assert f"Somebody without an interest must decide: {full.owner.name}." in text_of(interested)
    assert ticked(interested) == []


def test_what_is_decided_meanwhile_is_shown_and_cannot_be_chosen(visitor: Visitor, light: Case) -> None:
    issued, other = requested(light, 2)
    operations.approve(issued, by=light.owner)
    page = visitor(light.owner).get(review_of(light, issued, other))
    assert "This voucher is issued." in text_of(page)
    assert f'value="{issued.id}:' not in page.text
    assert ticked(page) == [other.id]


def test_the_ceiling_of_de_minimis_aid_is_part_of_the_review(visitor: Visitor, light: Case) -> None:
    first, second = requested(light, 2)
    second.holder_organisation = first.holder_organisation
    light.programme.de_minimis_ceiling = Decimal(1000)
    page = visitor(light.owner).get(review_of(light, first, second))
    assert "€560.00 above the de minimis ceiling." in text_of(page)
    assert ticked(page) == [first.id]


def test_links_between_the_parties_are_shown(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    factories.make_membership(light.host, light.exchange.guest_organisation, Role.GUEST)
    page = text_of(visitor(light.owner).get(review_of(light, light.voucher)))
    assert f"Works for both organisations: {light.host.name} (the holder&#39;s organisation since 1 March 2027" in page


def test_all_of_a_filter_at_once(visitor: Visitor, light: Case) -> None:
    chosen = waiting(light, 27)
    owner = visitor(light.owner)
    assert "Review all 27 in this list" in text_of(owner.get(desk_of(light)))
    page = owner.get(f"{desk_of(light)}/review?choice=all&show=mine")
    assert "Review 27 vouchers" in text_of(page)
    assert sorted(ticked(page)) == sorted(voucher.id for voucher in chosen)
    one = owner.get(f"{desk_of(light)}/review?choice=all&text={chosen[3].reference}")
    assert ticked(one) == [chosen[3].id]
    assert "Nothing chosen" in text_of(owner.get(f"{desk_of(light)}/review?choice=all&show=paid"))
    assert "Review the only one in this list" in text_of(owner.get(f"{desk_of(light)}?text={chosen[3].reference}"))


def test_the_review_can_be_shared_but_is_not_for_everybody(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    address = review_of(light, light.voucher)
    for person in (light.other_owner, light.assessor, light.finance_officer, light.auditor):
        page = visitor(person).get(address)
        assert (page.status_code, light.voucher.reference in page.text) == (200, True)
        assert ("Approve those ticked" in page.text) is (person is light.other_owner)
    for stranger in (light.holder, light.host_coordinator, light.stranger, make_case("light").owner):
        assert visitor(stranger).get(address).status_code == 404


def test_others_vouchers_and_nonsense_are_left_out(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    foreign = make_case("light").take_to("requested")
    draft = make_case("light", programme=light.programme, line=light.line).voucher
    owner = visitor(light.owner)
    page = owner.get(f"{review_of(light, light.voucher, foreign, draft)}&chosen=x&chosen=1:&chosen=99999999999&chosen=")
    assert "Review 1 voucher" in text_of(page)
    assert foreign.reference not in page.text
    assert "Nothing chosen" in text_of(owner.get(f"{desk_of(light)}/review"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"decision": "approve"}, "Tick at least one voucher."),
        ({"decision": "pay"}, "Choose what to do with them: approve, issue or reject."),
        ({}, "Choose what to do with them: approve, issue or reject."),
        ({"decision": "reject", "reason": "x" * 501}, "Keep this to 500 characters."),
    ],
)
def test_a_wrong_form_is_shown_again_with_its_vouchers(visitor: Visitor, light: Case, typed: dict[str, str], words: str) -> None:
    first, second = requested(light, 2)
    row = f"{second.id}:{second.version}"
    sent = typed | {"shown": [str(first.id), str(second.id)]} | ({"chosen": [row]} if "reason" in typed else {})
    page = visitor(light.owner).post(desk_of(light), data=sent)
    assert (page.status_code, words in text_of(page)) == (422, True)
    assert first.reference in page.text
    assert ticked(page) == ([second.id] if "reason" in typed else [])
    assert [first.state, second.state] == ["requested", "requested"]


def test_a_reason_is_needed_and_nothing_typed_is_lost(visitor: Visitor, light: Case) -> None:
    first, second = requested(light, 2)
    owner = visitor(light.owner)
    shown = {"shown": [str(first.id), str(second.id)], "chosen": [f"{second.id}:{second.version}"]}
    page = owner.post(desk_of(light), data={"decision": "reject", **shown})
    assert (page.status_code, 'id="reason-error"' in page.text, ticked(page)) == (422, True, [second.id])
    done = owner.post(desk_of(light), data={"decision": "reject", "reason": "Not this year.", **shown})
    assert "1 of 1 done" in text_of(done)
    assert [first.state, second.state] == ["requested", "rejected"]


# Issuing several, in the scheme `full`


def approved(case: Case, count: int) -> list[Voucher]:
    """So many approved vouchers, the case's own first."""
    vouchers = requested(case, count)
    for voucher in vouchers:
        operations.recommend(voucher, by=case.assessor, scores=[24, 24, 16, 16], note="Well prepared.")
        operations.approve(voucher, by=case.owner)
    return vouchers


def rows_of(page: Any) -> list[str]:
    """What the tick boxes of a review would send: id and version."""
    return re.findall(r'name="chosen" value="(\d+:\d+)"', page.text)


def test_what_is_approved_is_reviewed_and_issued_together(visitor: Visitor, db_session: Any, full: Case) -> None:
    chosen = approved(full, 3)
    owner = visitor(full.owner)
    desk = owner.get(desk_of(full))
    assert all(f'name="chosen" value="{voucher.id}"' in desk.text for voucher in chosen)
    assert "Review all 3 in this list" in text_of(desk)
    page = owner.get(review_of(full, *chosen))
    assert "Approved, to be issued" in text_of(page)
    assert "Issued today, each gets its code and can be used until 1 March 2028" in text_of(page)
    assert "Approve those ticked" not in page.text
    assert ticked(page) == [voucher.id for voucher in chosen]
    assert [voucher.state for voucher in chosen] == ["approved"] * 3  # looking issues nothing
    done = text_of(owner.post(desk_of(full), data={"decision": "issue", "chosen": rows_of(page)}))
    assert "3 of 3 done" in done
    assert f"Done {chosen[0].reference} Issued" in done
    assert [voucher.state for voucher in chosen] == ["issued"] * 3
    assert len({voucher.code for voucher in chosen}) == 3
    assert all(voucher.history()[0].actor == full.owner for voucher in chosen)
    assert full.line.committed == Decimal(780) * 3  # as from the approval on
    letters = select(func.count()).where(OutboxMessage.kind == "voucher_issued", OutboxMessage.address == full.holder.email)
    assert db_session.scalar(letters) == 1


def test_each_is_issued_by_itself_and_says_why_not(visitor: Visitor, full: Case) -> None:
    fine, moved, revoked = approved(full, 3)
    page = visitor(full.owner).get(review_of(full, fine, moved, revoked))
    operations.revoke(revoked, by=full.other_owner, reason="Paid by another programme.")
    operations.issue(moved, by=full.other_owner)
    code = moved.code
    waiting = make_case("full", programme=full.programme, line=full.line).take_to("requested")
    rows = [*rows_of(page), f"{waiting.id}:{waiting.version}", "999999:1"]
    done = text_of(visitor(full.owner).post(desk_of(full), data={"decision": "issue", "chosen": rows}))
    assert "1 of 5 done; the others say why not." in done
    assert f"Not done {moved.reference} {full.other_owner.name} has changed it since. It is now: Issued." in done
    assert f"Not done {revoked.reference} {full.other_owner.name} has changed it since. It is now: Revoked." in done
    assert f"Not done {waiting.reference} “Issue” is not possible: this voucher is requested." in done
    assert "Not done V-999999 There is no such voucher." in done
    assert [each.state for each in (fine, moved, revoked, waiting)] == ["issued", "issued", "revoked", "requested"]
    assert (moved.code, waiting.code) == (code, None)


def test_to_decide_and_to_issue_are_two_parts_of_one_review(visitor: Visitor, full: Case) -> None:
    (ready,) = approved(full, 1)
    asked = make_case("full", programme=full.programme, line=full.line).take_to("recommended")
    owner = visitor(full.owner)
    page = owner.get(review_of(full, ready, asked))
    assert "Review 2 vouchers" in text_of(page)
    first, second = page.text.split('id="approved"')
    assert (f'value="{asked.id}:' in first, f'value="{ready.id}:' in first) == (True, False)
    assert (f'value="{asked.id}:' in second, f'value="{ready.id}:' in second) == (False, True)
    assert "Mobility €9,220.00 €780.00 €8,440.00 Enough" in text_of(page)  # what is approved takes no money again
    nothing = owner.post(desk_of(full), data={"decision": "issue", "shown": [str(asked.id), str(ready.id)]})
    assert (nothing.status_code, "Tick at least one voucher." in text_of(nothing)) == (422, True)
    assert ticked(nothing) == [asked.id]  # the other form is as it was
    done = owner.post(desk_of(full), data={"decision": "approve", "chosen": rows_of(page)[:1]})
    assert "What you approved can be used once it is issued." in text_of(done)
    address = unescape(re.findall(r'href="([^"]+/desk/review[^"]*)"', done.text)[0])
    assert sorted(ticked(owner.get(address))) == sorted([asked.id, ready.id])


def test_only_owners_issue(visitor: Visitor, full: Case) -> None:
    (ready,) = approved(full, 1)
    row = f"{ready.id}:{ready.version}"
    for person in (full.assessor, full.finance_officer, full.auditor):
        page = visitor(person).get(review_of(full, ready))
        assert ("Issue those ticked" in page.text, rows_of(page)) == (False, [])
    for person in (full.assessor, full.finance_officer, full.auditor, full.holder, full.stranger, make_case("full").owner):
        assert visitor(person).post(desk_of(full), data={"decision": "issue", "chosen": [row]}).status_code == 404
    assert ready.state == "approved"


def test_the_ceiling_is_looked_at_again_before_issuing(visitor: Visitor, full: Case) -> None:
    first, second = approved(full, 2)
    second.holder_organisation = first.holder_organisation
    full.programme.de_minimis_ceiling = Decimal(1000)
    owner = visitor(full.owner)
    page = owner.get(review_of(full, first, second))
    assert text_of(page).count("€560.00 above the de minimis ceiling.") == 2
    assert ticked(page) == []
    done = text_of(owner.post(desk_of(full), data={"decision": "issue", "chosen": rows_of(page)}))
    assert "0 of 2 done" in done
    assert [first.state, second.state, first.code] == ["approved", "approved", None]


@pytest.mark.parametrize("count", [1, 30])
def test_reviewing_what_is_approved_takes_the_same_queries_for_any_number(
    visitor: Visitor, queries: Any, db_session: Any, count: int
) -> None:
    case = make_case("full")
    waiting(case, count, "approved")
    case.programme.de_minimis_ceiling = Decimal(300_000)
    owner = visitor(case.owner)
    owner.get(desk_of(case))
    with queries() as review:
        page = owner.get(f"{desk_of(case)}/review?choice=all")
    assert len(ticked(page)) == count
    assert review.count == 11, review


@pytest.mark.parametrize("count", [1, 30])
def test_desk_and_review_take_the_same_queries_for_any_number(
    visitor: Visitor, queries: Any, db_session: Any, count: int
) -> None:
    case = make_case("light", amount=1_000_000)
    waiting(case, count)
    case.programme.de_minimis_ceiling = Decimal(300_000)
    owner = visitor(case.owner)
    owner.get(desk_of(case))
    with queries() as desk:
        owner.get(desk_of(case))
    with queries() as review:
        page = owner.get(f"{desk_of(case)}/review?choice=all")
    assert len(ticked(page)) == count
    assert (desk.count, review.count) == (8, 11), (desk, review)
