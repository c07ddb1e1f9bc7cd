"""The pages of vouchers: who sees what, what the forms answer, and how many queries a list takes."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.core import clock as core_clock
from mobility.documents.codes import grouped, new_code
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from tests.support.cases import DECLARATIONS, Case, act, make_case
from tests.support.client import Client, Visitor
from tests.support.factories import make_agreed_exchange, make_user, make_voucher
from tests.support.html import fields_of, text_of

# Who sees what


def test_a_voucher_one_may_not_see_is_as_absent_as_one_that_is_not_there(visitor: Visitor, full: Case) -> None:
    full.take_to("requested")
    stranger = visitor(full.stranger)
    other_owner = visitor(make_case("full").owner)
    for path in ("", "/approve", "/reject", "/withdraw", "/request", "/redeem"):
        for client in (stranger, other_owner):
            assert client.get(f"/vouchers/{full.voucher.id}{path}").status_code == 404
            assert client.post(f"/vouchers/{full.voucher.id}{path or '/approve'}").status_code == 404
    assert stranger.get("/vouchers/999999").status_code == 404


def test_a_draft_is_not_the_programme_s_business_yet(visitor: Visitor, full: Case) -> None:
    assert visitor(full.owner).get(f"/vouchers/{full.voucher.id}").status_code == 404
    assert visitor(full.holder).get(f"/vouchers/{full.voucher.id}").status_code == 200


def test_signing_in_is_asked_for(client: Client, full: Case) -> None:
    for path in (f"/vouchers/{full.voucher.id}", "/vouchers", f"/programmes/{full.programme.id}/desk"):
        assert client.get(path).status_code in {302, 303}


def test_the_code_is_shown_to_the_holder_s_side_only(visitor: Visitor, light: Case) -> None:
    code = light.take_to("issued").code or ""
    first_group = grouped(code).split("-")[0]
    path = f"/vouchers/{light.voucher.id}"
    for person in (light.holder, light.guest_coordinator):
        page = visitor(person).get(path).get_data(as_text=True)
        assert f'<span class="voucher-group">{first_group}</span>' in page
        assert "<svg" in page
    for person in (light.host_coordinator, light.host, light.owner, light.auditor, light.finance_officer):
        page = visitor(person).get(path)
        assert page.status_code == 200
        assert code not in page.get_data(as_text=True)
        assert "voucher-group" not in page.get_data(as_text=True)


def test_another_s_action_is_403_and_a_wrong_state_409(visitor: Visitor, full: Case) -> None:
    full.take_to("requested")
    assert visitor(full.holder).get(f"/vouchers/{full.voucher.id}/approve").status_code == 403
    early = visitor(full.owner).get(f"/vouchers/{full.voucher.id}/approve")
    assert (early.status_code, "An assessor must recommend this voucher first." in text_of(early)) == (409, True)
    late = visitor(full.holder).post(f"/vouchers/{full.voucher.id}/request", data={"version": full.voucher.version})
    assert late.status_code == 409
    assert "this voucher is requested" in text_of(late)


# The forms


def test_the_request_shows_how_the_amount_is_computed(visitor: Visitor, full: Case) -> None:
    holder = visitor(full.holder)
    page = text_of(holder.get(f"/vouchers/{full.voucher.id}/request"))
    assert "Lump sum for Portugal" in page
    assert "€780.00" in page
    assert "decides within 10 working days" in page
    sent = act(holder, full.voucher, "request", declarations=list(DECLARATIONS))
    assert (sent.status_code, sent.location) == (303, f"/vouchers/{full.voucher.id}")
    assert full.voucher.state == "requested"


def test_a_request_that_cannot_be_says_why_and_keeps_what_was_ticked(visitor: Visitor, db_session: Any) -> None:
    short = make_case(last_day=date(2027, 4, 13))
    page = act(visitor(short.holder), short.voucher, "request", declarations=list(DECLARATIONS))
    assert page.status_code == 422
    assert "The programme asks for at least 3 working days; this stay has 2." in text_of(page)
    assert page.get_data(as_text=True).count("checked") == len(DECLARATIONS)


def test_without_the_declarations_the_error_is_at_their_field(visitor: Visitor, full: Case) -> None:
    holder = visitor(full.holder)
    assert act(holder, full.voucher, "request").status_code == 422
    page = act(holder, full.voucher, "request", declarations=["paid_once"])
    assert page.status_code == 422
    assert DECLARATIONS["correct"] in text_of(page)
    assert full.voucher.state == "draft"


def test_the_decision_shows_the_effect_on_the_budget(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    page = text_of(visitor(light.owner).get(f"/vouchers/{light.voucher.id}/approve"))
    assert "Available now €10,000.00 After approval €9,220.00" in page


def test_approving_asks_for_each_thing_once(visitor: Visitor, light: Case, queries: Callable[..., Any]) -> None:
    """Person, voucher, who is told; two acts in the history, voucher, letters; line, entry, postings.

    And two records of promises: the decision is kept, the redemption begins.
    """
    voucher = light.take_to("requested")
    owner = visitor(light.owner)
    address, sent = f"/vouchers/{voucher.id}/approve", {"version": voucher.version}
    with queries() as asked:
        assert owner.post(address, data=sent).status_code == 303
    assert asked.count == 12, asked


@pytest.mark.parametrize(("action", "count"), [("", 14), ("/approve", 8), ("/reject", 8)])
def test_pages_of_a_voucher_ask_for_each_thing_once(
    visitor: Visitor, light: Case, queries: Callable[..., Any], action: str, count: int
) -> None:
    address = f"/vouchers/{light.take_to('requested').id}{action}"
    owner = visitor(light.owner)
    with queries() as asked:
        assert owner.get(address).status_code == 200
    assert asked.count == count, asked


POINTS = {f"scores-{number}": points for number, points in enumerate((24, 24, 16, 16))}


@pytest.mark.parametrize("points", ["", "many", "21", "-1", "1e3", "7.5", "７"])
def test_points_that_are_none_are_refused_at_their_field(visitor: Visitor, full: Case, points: str) -> None:
    full.take_to("requested")
    page = act(visitor(full.assessor), full.voucher, "recommend", **{**POINTS, "scores-2": points, "note": "Well prepared."})
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'id="scores-2-error"' in body
    assert 'id="scores-1-error"' not in body
    assert 'value="24"' in body
    assert "Well prepared." in body


def test_the_assessor_gives_points_for_each_criterion(visitor: Visitor, full: Case) -> None:
    full.take_to("requested")
    assessor = visitor(full.assessor)
    page = text_of(assessor.get(f"/vouchers/{full.voucher.id}/recommend"))
    for words in ("Learning that the organisation needs 0 to 30 points", "Use at home afterwards 0 to 20 points"):
        assert words in page
    assert act(assessor, full.voucher, "recommend", note="Fine.").status_code == 422  # none at all
    assert act(assessor, full.voucher, "recommend", **POINTS, note="Fine.").status_code == 303
    decision = text_of(visitor(full.owner).get(f"/vouchers/{full.voucher.id}/approve"))
    assert "80 of 100 points" in decision
    assert "Benefit for both sides 24 30" in decision
    assert "Benefit for both sides" not in text_of(visitor(full.holder).get(f"/vouchers/{full.voucher.id}"))


def test_whoever_was_slower_is_told_and_loses_nothing(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    slow, version = visitor(light.owner), light.voucher.version
    act(visitor(light.other_owner), light.voucher, "ask_information".replace("_", "-"), question="Who pays the hotel?")
    page = slow.post(f"/vouchers/{light.voucher.id}/reject", data={"version": version, "reason": "Too dear, I think."})
    assert page.status_code == 409
    assert "This has changed since you opened it" in text_of(page)
    assert f"Question asked by {light.other_owner.name}, " in text_of(page)
    assert "Too dear, I think." in page.get_data(as_text=True)


def test_the_whole_life_by_clicks(visitor: Visitor, full: Case, db_session: Any) -> None:
    voucher = full.voucher
    steps: list[tuple[User, str, dict[str, Any]]] = [
        (full.holder, "request", {"declarations": list(DECLARATIONS)}),
        (full.assessor, "ask-information", {"question": "Who pays the hotel?"}),
        (full.holder, "resubmit", {"answer": "The host does."}),
        (full.assessor, "recommend", {**POINTS, "note": "Well prepared."}),
        (full.owner, "approve", {}),
        (full.owner, "issue", {}),
        (full.owner, "extend", {"until": "2028-06-01"}),
    ]
    for person, action, typed in steps:
        client = visitor(person)
        assert client.get(f"/vouchers/{voucher.id}/{action}").status_code == 200, action
        assert act(client, voucher, action, **typed).status_code == 303, action
    assert (voucher.state, voucher.valid_until) == ("issued", date(2028, 6, 1))
    assert act(visitor(full.owner), voucher, "revoke", reason="The host has closed.").status_code == 303
    assert voucher.state == "revoked"
    page = visitor(full.holder).get(f"/vouchers/{voucher.id}")
    assert page.status_code == 200
    told = re.findall(r'<p class="timeline-what"><strong>(.*?)</strong>', page.get_data(as_text=True))
    assert told == [
        "Revoked",
        "Extended",
        "Issued",
        "Approved",
        "Recommended",
        "Answered and resubmitted",
        "Question asked",
        "Requested",
        "Created",
    ]


def test_asking_again_leads_to_the_new_draft(visitor: Visitor, full: Case, db_session: Any) -> None:
    operations.reject(full.take_to("requested"), by=full.owner, reason="Too early.")
    holder = visitor(full.holder)
    path = f"/vouchers/{full.voucher.id}"
    assert "Ask for another voucher" in text_of(holder.get(path))
    assert "Ask for another voucher" not in text_of(visitor(full.guest_coordinator).get(path))
    draft = holder.post(f"{path}/again")
    assert draft.status_code == 303
    assert "Draft" in text_of(holder.get(draft.location))
    assert holder.post(f"{path}/again").status_code == 409
    assert "Ask for another voucher" not in text_of(holder.get(path))


def test_the_same_click_eight_times_is_one_request_and_one_mail(visitor: Visitor, full: Case, db_session: Any) -> None:
    holder, version = visitor(full.holder), full.voucher.version
    answers = [
        holder.post(f"/vouchers/{full.voucher.id}/request", data={"version": version, "declarations": list(DECLARATIONS)})
        for _ in range(8)
    ]
    assert {answer.status_code for answer in answers} == {303}
    count = select(func.count()).where(OutboxMessage.kind == "voucher_requested")
    assert db_session.scalar(count) == 3  # one for each of the two owners and the assessor


def test_what_people_type_is_never_markup(visitor: Visitor, full: Case) -> None:
    full.take_to("requested")
    act(visitor(full.owner), full.voucher, "ask-information", question="<b>bold</b> & \u202e right to left")
    page = visitor(full.holder).get(f"/vouchers/{full.voucher.id}").get_data(as_text=True)
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in page


# The decision desk


def desk_of(case: Case) -> str:
    return f"/programmes/{case.programme.id}/desk"


def more(case: Case, count: int) -> list[Voucher]:
    """Further requested vouchers of the same programme."""
    exchanges = [make_agreed_exchange(programme=case.programme, host=case.exchange.host) for _ in range(count)]
    vouchers = [make_voucher(exchange) for exchange in exchanges]
    for voucher in vouchers:
        operations.request(voucher, by=voucher.holder, declarations=list(DECLARATIONS))
    return vouchers


def test_the_desk_is_the_programme_s_people_s(visitor: Visitor, full: Case) -> None:
    for person in (full.owner, full.assessor, full.finance_officer, full.auditor):
        assert visitor(person).get(desk_of(full)).status_code == 200
    for person in (full.holder, full.host_coordinator, full.stranger, make_case("full").owner):
        assert visitor(person).get(desk_of(full)).status_code == 404
    for person in (full.assessor, full.finance_officer, full.auditor, full.stranger):
        assert visitor(person).post(desk_of(full), data={"decision": "approve"}).status_code == 404


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_desk_takes_the_same_queries_for_any_number_of_rows(
    visitor: Visitor, queries: Callable[..., Any], db_session: Any, count: int
) -> None:
    case = make_case("light", amount=1_000_000)
    case.take_to("requested")
    _copies(db_session, case.voucher, count - 1)
    owner = visitor(case.owner)
    owner.get(desk_of(case))
    with queries() as q:
        page = owner.get(desk_of(case))
    assert f"of {count}" in text_of(page)
    assert q.count == 8, q


def _copies(db_session: Any, voucher: Voucher, count: int) -> None:
    """Rows like this one, made directly."""
    columns = [column.name for column in Voucher.__table__.columns if column.name not in {"id", "code"}]
    values = {name: getattr(voucher, name) for name in columns}
    if count:
        db_session.execute(Voucher.__table__.insert(), [values] * count)


def test_filters_and_order_stand_in_the_address(visitor: Visitor, light: Case, db_session: Any, clock: Any) -> None:
    light.take_to("requested")
    light.holder.name, light.exchange.theme.title = "Ana Zupan", "Smart specialisation"
    clock.move(days=20)
    late = text_of(visitor(light.owner).get(f"{desk_of(light)}?show=late"))
    assert ("Ana Zupan" in late, "6 days late" in late) == (True, True)
    for query, found in [
        ("text=zupan", True),
        ("text=SPECIALISATION", True),
        (f"text=V-{light.voucher.id:06d}", True),
        ("text=100%25", False),
        ("country=PT", True),
        ("country=AT", False),
        ("state=requested", True),
        ("state=issued", False),
        ("show=stopped", False),
        ("show=all&sort=-amount", True),
        ("sort=nonsense&page=0&show=nonsense", True),
    ]:
        page = text_of(visitor(light.owner).get(f"{desk_of(light)}?{query}"))
        assert ("Ana Zupan" in page) is found, query


def test_several_at_once_each_with_its_own_result(visitor: Visitor, db_session: Any) -> None:
    case = make_case("light", amount=780 * 2)
    case.take_to("requested")
    second, third, fourth = more(case, 3)
    foreign = make_case("light").take_to("requested")
    chosen = [f"{voucher.id}:{voucher.version}" for voucher in (case.voucher, second, third, fourth, foreign)]
    operations.ask_information(fourth, by=case.other_owner, question="When?")
    page = visitor(case.owner).post(desk_of(case), data={"decision": "approve", "chosen": [*chosen, "nonsense", "1:x"]})
    assert page.status_code == 200
    words = text_of(page)
    assert "2 of 5 done; the others say why not." in words
    assert f"Done V-{case.voucher.id:06d} Approved" in words
    assert f"Done V-{second.id:06d} Approved" in words
    assert f"Not done V-{third.id:06d} The budget line has €0.00 left; this voucher needs €780.00." in words
    assert f"Not done V-{fourth.id:06d} {case.other_owner.name} has changed it since. It is now: Question asked." in words
    assert f"Not done V-{foreign.id:06d} There is no such voucher." in words
    assert [each.state for each in (case.voucher, second, third, fourth, foreign)] == [
        "issued",
        "issued",
        "requested",
        "returned",
        "requested",
    ]


def test_rejecting_several_needs_one_reason(visitor: Visitor, light: Case) -> None:
    light.take_to("requested")
    row = f"{light.voucher.id}:{light.voucher.version}"
    owner = visitor(light.owner)
    without = owner.post(desk_of(light), data={"decision": "reject", "chosen": [row], "shown": [light.voucher.id]})
    assert without.status_code == 422
    assert "Give a reason; the holders will read it." in text_of(without)
    assert "checked" in without.get_data(as_text=True)
    done = owner.post(desk_of(light), data={"decision": "reject", "chosen": [row], "reason": "Not this year."})
    assert f"Done V-{light.voucher.id:06d} Rejected" in text_of(done)
    assert light.voucher.history()[0].note == "Not this year."


@pytest.mark.parametrize("data", [{"decision": "approve"}, {"decision": "pay", "chosen": "1:1"}, {}])
def test_nothing_chosen_or_nonsense_is_said(visitor: Visitor, light: Case, data: dict[str, str]) -> None:
    assert visitor(light.owner).post(desk_of(light), data=data).status_code == 422


def test_my_vouchers(visitor: Visitor, light: Case, queries: Callable[..., Any]) -> None:
    light.take_to("issued")
    make_case("light")
    for person in (light.holder, light.guest_coordinator, light.host_coordinator):
        page = text_of(visitor(person).get("/vouchers"))
        assert page.count("V-0") == 1
    assert "No vouchers yet" in text_of(visitor(make_user()).get("/vouchers"))


# The public check of a code


def test_the_check_tells_the_state_and_nothing_else(client: Client, light: Case) -> None:
    code = light.take_to("issued").code or ""
    page = client.get(f"/check/{code}")
    assert page.status_code == 200
    shown = text_of(page)
    assert "This code is genuine It belongs to a voucher . State: Issued ." in shown.replace("voucher.", "voucher .")
    body = page.get_data(as_text=True)
    for secret in (
        light.holder.name,
        light.exchange.guest_organisation.name,
        light.exchange.host.name,
        light.exchange.theme.title,
        light.programme.name,
        "780",
        light.voucher.reference,
        "2028",
    ):
        assert secret not in body
    operations.revoke(light.voucher, by=light.owner, reason="Closed.")
    assert "State: Revoked" in text_of(client.get(f"/check?code={grouped(code).lower()}"))


def test_an_overdue_voucher_is_called_expired_before_the_night(client: Client, light: Case, clock: Any) -> None:
    code = light.take_to("issued").code
    clock.move(days=367)
    assert "State: Expired" in text_of(client.get(f"/check/{code}"))


def test_a_certificate_s_code_is_known_too(client: Client, light: Case) -> None:
    light.exchange.certificate_code = new_code()
    page = text_of(client.get(f"/check/{light.exchange.certificate_code}"))
    assert "It belongs to a certificate of attendance" in page


def test_unknown_codes_and_typing_mistakes_are_told_apart(client: Client, light: Case) -> None:
    unknown = client.get(f"/check/{new_code()}")
    assert (unknown.status_code, "This code is not ours" in text_of(unknown)) == (404, True)
    code = light.take_to("issued").code or ""
    typo = client.get("/check", query_string={"code": ("1" if code[0] != "1" else "2") + code[1:]})
    assert (typo.status_code, "typing mistake" in text_of(typo)) == (422, True)
    assert client.get("/check", query_string={"code": "<script>"}).status_code == 422
    assert client.get("/check").status_code == 200


def test_guessing_is_slowed_down(client: Client, light: Case) -> None:
    code = light.take_to("issued").code
    for _ in range(20):
        client.get(f"/check/{new_code()}")
    page = client.get(f"/check/{code}")
    assert (page.status_code, "Too many attempts" in text_of(page)) == (429, True)


def test_a_scanned_code_comes_along_to_the_check_in(visitor: Visitor, client: Client, light: Case, clock: Any) -> None:
    code = grouped(light.take_to("issued").code or "")
    assert f'href="/sign-in?next=/check/{code}"' in client.get(f"/check/{code}").get_data(as_text=True)
    clock.set_to(core_clock.noon_of(light.exchange.first_day))
    host = visitor(light.host_coordinator)
    address = f"/exchanges/{light.exchange.id}/start?code={code}"
    assert f'href="{address}"' in host.get(f"/check/{code}").get_data(as_text=True)
    fields = fields_of(host.get(address))
    assert fields["code"] == code
    link = f"http://localhost/check/{code}"  # pasted as a whole
    assert host.post(address, data=fields | {"code": link}).status_code == 303
    assert (light.exchange.state, light.voucher.state) == ("in_progress", "redeemed")


def test_whoever_may_see_the_voucher_is_led_to_its_exchange(visitor: Visitor, light: Case) -> None:
    code = light.take_to("issued").code
    page = visitor(light.host_coordinator).get(f"/check/{code}").get_data(as_text=True)
    assert f'href="/exchanges/{light.exchange.id}"' in page
    assert f'href="/exchanges/{light.exchange.id}"' not in visitor(light.stranger).get(f"/check/{code}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("state", "whose", "words"),
    [
        ("requested", "assessor", "Assess the request"),
        ("recommended", "owner", "Decide on the voucher"),
        ("approved", "owner", "Issue the voucher"),
    ],
)
def test_the_first_page_says_which_decision_it_is(db_session: Any, visitor: Visitor, state: str, whose: str, words: str) -> None:
    """It said "decide" to an assessor, who does not, and of what was decided already and had to be issued."""
    case = make_case("full")
    case.take_to(state)
    home = text_of(visitor(getattr(case, whose)).get("/")).split("Waiting for others")[0]
    said = {"Assess the request", "Decide on the voucher", "Issue the voucher"}
    assert {each for each in said if each in home} == {words}
