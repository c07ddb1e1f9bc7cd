"""The guest's end questionnaire is the report of the claim: one form, one deadline, two ways in (followup.md, "Ask once")."""

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility import jobs, reminders
from mobility.claims import operations
from mobility.claims.queries import claim_of
from mobility.core.database import db, transaction
from mobility.core.links import path_of
from mobility.followup import operations as followup
from mobility.followup.ends import end_of, report_of
from mobility.followup.models import Answer, Asking, QuestionnaireRequest
from mobility.notifications.delivery import FORGOTTEN
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership
from mobility.questionnaires import operations as questionnaires
from mobility.questionnaires.edits import placed, without
from mobility.questionnaires.items import MONEY, TEXT, Item
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.queries import questionnaire
from mobility.workflows.history import PromiseRecord
from tests.support import evidence
from tests.support.cases import Case, make_case
from tests.support.client import Client, Visitor
from tests.support.factories import sign_in
from tests.support.followups import agree
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.smtp import SmtpServer

ANSWERS = {"met": {"o1": "yes", "o2": "partly"}, "benefit": "no", "gave": "Our price list.", "recommend": 3, "trust": 2}
TYPED = {
    "q-met-o1": "yes",
    "q-met-o2": "partly",
    "q-benefit": "no",
    "q-gave": "Our price list.",
    "q-recommend": "3",
    "q-trust": "2",
}
DUE = date(2027, 3, 31)  # 30 days after the delivery


def delivered(scheme: str = "light") -> Case:
    """A stay of five working days until 26 February 2027; both had agreed on two objectives."""
    case = make_case(scheme)
    questionnaires.furnish(case.programme)
    case.take_to("delivered")
    stay = case.exchange
    stay.actual_first_day, stay.actual_last_day, stay.state = date(2027, 2, 22), date(2027, 2, 26), "completed"
    stay.attended, stay.confirmed_by = [stay.guest.name], case.host_coordinator
    agree(stay, "A price list\nA test plant")
    db.session.commit()
    return case


@pytest.fixture
def light_stay(db_session: Any) -> Case:
    return delivered()


@pytest.fixture
def full_stay(db_session: Any) -> Case:
    return delivered("full")


def page_of(case: Case) -> str:
    return f"/vouchers/{case.voucher.id}/claim"


def asked(case: Case) -> QuestionnaireRequest:
    found = end_of(case.exchange)
    assert found is not None
    return found


def link_of(case: Case) -> str:
    return path_of("followups.by_link", token=asked(case).token)


def ask(clock: ModuleType, day: int = 5) -> None:
    clock.set_to(datetime(2027, 3, day, 9, tzinfo=UTC))
    assert not jobs.run("ask-questionnaires").failed


def mailed(case: Case) -> list[str]:
    mails = select(OutboxMessage).where(OutboxMessage.kind == "questionnaire", OutboxMessage.address == case.holder.email)
    return [each.text for each in db.session.scalars(mails.order_by(OutboxMessage.id))]


def sendings(case: Case) -> list[Answer]:
    return list(db.session.scalars(select(Answer).where(Answer.request_id == asked(case).id).order_by(Answer.id)))


def filed(case: Case) -> None:
    operations.save(case.voucher, by=case.holder, answers=ANSWERS)
    if case.programme.scheme == "full":
        operations.add_evidence(case.voucher, by=case.holder, name="ticket.pdf", content=evidence.pdf())
    operations.claim(case.voucher, by=case.holder)
    db.session.commit()


def type_and(client: Client, address: str, act: str, **typed: str) -> Any:
    return client.post(address, data=values_of(client.get(address)) | {"act": act} | typed)


# Two ways in


def test_what_is_typed_on_the_claim_s_page_stands_at_the_link(visitor: Visitor, light_stay: Case, client: Client) -> None:
    holder = visitor(light_stay.holder)
    assert end_of(light_stay.exchange) is None
    page = text_of(holder.get(page_of(light_stay)))
    for words in ("Your report", "A price list", "A test plant", "Did you gain what was agreed?", "Paid to"):
        assert words in page
    assert end_of(light_stay.exchange) is None, "looking asks nothing"
    assert type_and(holder, page_of(light_stay), "save", **{"q-gave": "Our price list."}).status_code == 303
    request = asked(light_stay)
    assert (request.state, request.answer_by, request.mailed_on, request.waiting_for) == ("asked", DUE, None, None)
    there = client.get(link_of(light_stay))
    assert values_of(there)["q-gave"] == "Our price list."
    assert "This is the report of your claim" in text_of(there)
    assert type_and(client, link_of(light_stay), "save", **{"q-gave": "Our price list, in four languages."}).status_code == 303
    assert values_of(holder.get(page_of(light_stay)))["q-gave"] == "Our price list, in four languages."


def test_whoever_is_at_it_already_is_not_mailed_about_it(visitor: Visitor, light_stay: Case, clock: ModuleType) -> None:
    type_and(visitor(light_stay.holder), page_of(light_stay), "save", **{"q-gave": "Our price list."})
    ask(clock)
    assert mailed(light_stay) == []
    ends = select(QuestionnaireRequest.id).join(QuestionnaireRequest.questionnaire).where(Questionnaire.key == "end_guest")
    assert len(db.session.scalars(ends).all()) == 1


def test_in_light_the_questionnaire_is_the_whole_claim(visitor: Visitor, light_stay: Case) -> None:
    sent = type_and(visitor(light_stay.holder), page_of(light_stay), "claim", **TYPED)
    assert (sent.status_code, light_stay.voucher.state) == (303, "claimed")
    [answer] = sendings(light_stay)
    assert answer.answers == ANSWERS | {"take_overs": []}  # none is an answer, too
    assert (answer.by_id, answer.lines["objectives"]) == (light_stay.holder.id, {"o1": "A price list", "o2": "A test plant"})
    assert answer.asked_version_id == asked(light_stay).questionnaire.newest.id
    assert asked(light_stay).state == "answered"
    assert [line.amount for line in claim_of(light_stay.voucher).amount_lines] == [780]  # type: ignore[union-attr]


def test_in_full_evidence_is_added(visitor: Visitor, full_stay: Case) -> None:
    holder = visitor(full_stay.holder)
    page = type_and(holder, page_of(full_stay), "claim", **TYPED)
    assert page.status_code == 422
    assert "Add at least one file" in text_of(page)
    assert "Choose an answer." not in text_of(page)
    assert asked(full_stay).state == "asked", "nothing is sent of a claim that is not filed"
    filed(full_stay)
    assert (full_stay.voucher.state, asked(full_stay).state) == ("claimed", "answered")


def test_whoever_answers_by_the_mail_s_link_finds_the_report_done(
    visitor: Visitor, light_stay: Case, client: Client, clock: ModuleType
) -> None:
    ask(clock)
    [mail] = mailed(light_stay)
    assert "report of your claim for voucher" in mail
    assert "31 March 2027" in mail
    assert type_and(client, link_of(light_stay), "send", **TYPED).status_code == 303
    thanks = text_of(client.get(link_of(light_stay) + "/sent"))
    assert "The claim itself is still to be sent by 31 March 2027" in thanks
    holder = visitor(light_stay.holder)
    page = text_of(holder.get(page_of(light_stay)))
    assert "Your report was sent on 5 March 2027" in page
    assert type_and(holder, page_of(light_stay), "claim").status_code == 303
    assert (light_stay.voucher.state, len(sendings(light_stay))) == ("claimed", 1), "nothing is sent twice"


def test_its_mail_leaves_although_what_is_promised_is_the_claim(
    light_stay: Case, clock: ModuleType, app: Flask, smtp_server: SmtpServer
) -> None:
    app.config["MAIL_URL"] = smtp_server.url
    ask(clock)
    jobs.run("deliver-outbox")
    [arrived] = [each for each in smtp_server.to(light_stay.holder.email) if "/answers/" in each.text()]
    assert "How was your exchange?" in arrived.subject


@pytest.mark.parametrize("how", ["answered", "passed on"])
def test_its_mail_is_taken_back_while_it_waits(light_stay: Case, clock: ModuleType, how: str) -> None:
    """Once it was sent, or once somebody else writes it: then its link opens nothing."""
    ask(clock)
    if how == "answered":
        filed(light_stay)
    else:
        leave(light_stay)
        operations.take_over(light_stay.exchange, by=light_stay.guest_coordinator, reason="Ana has left.")
        db.session.commit()
    reminders.drop_settled()
    mails = select(OutboxMessage.state, OutboxMessage.text).where(OutboxMessage.subject_id == asked(light_stay).id)
    found = db.session.execute(mails.where(OutboxMessage.subject_type == "followup", OutboxMessage.kind == "questionnaire"))
    assert [tuple(each) for each in found] == [("dropped", FORGOTTEN)]


def test_what_was_sent_by_the_link_can_be_changed_with_the_claim(
    visitor: Visitor, light_stay: Case, client: Client, clock: ModuleType
) -> None:
    ask(clock)
    type_and(client, link_of(light_stay), "send", **TYPED)
    type_and(visitor(light_stay.holder), page_of(light_stay), "claim", **{"q-benefit": "yes"})
    assert [each.answers["benefit"] for each in sendings(light_stay)] == ["no", "yes"]


def test_once_it_is_filed_the_link_changes_nothing(light_stay: Case, client: Client) -> None:
    filed(light_stay)
    page = client.get(link_of(light_stay))
    assert page.status_code == 409
    assert "Your report went to the programme with your claim" in text_of(page)
    late = client.post(link_of(light_stay), data={"q-gave": "A word too late.", "version": "1", "act": "send"})
    assert (late.status_code, "A word too late." in late.text, len(sendings(light_stay))) == (409, True, 1)


def test_two_tabs_the_claim_in_one_and_the_link_in_the_other(visitor: Visitor, light_stay: Case, client: Client) -> None:
    holder, address = visitor(light_stay.holder), page_of(light_stay)
    type_and(holder, address, "save", **{"q-gave": "First."})
    old = values_of(holder.get(address))
    type_and(client, link_of(light_stay), "save", **{"q-gave": "By the link."})
    page = holder.post(address, data=old | {"q-gave": "On the page.", "act": "claim"})
    assert page.status_code == 409
    assert "By the link." in text_of(page)
    assert values_of(page)["q-gave"] == "On the page."
    assert asked(light_stay).known == {"gave": "By the link."}
    assert holder.post(address, data=values_of(page) | {"act": "save"}).status_code == 303
    assert asked(light_stay).known == {"gave": "On the page."}


# One deadline


def test_it_moves_with_the_claim_and_nobody_is_reminded_twice(full_stay: Case, clock: ModuleType, client: Client) -> None:
    ask(clock)
    filed(full_stay)
    clock.set_to(datetime(2027, 3, 30, 9, tzinfo=UTC))
    operations.return_claim(full_stay.voucher, by=full_stay.finance_officer, reason="The ticket is of another day.")
    request = asked(full_stay)
    assert (request.state, request.answer_by) == ("answered", date(2027, 4, 14))
    assert full_stay.voucher.claim_due_on == date(2027, 4, 14)
    clock.set_to(datetime(2027, 4, 14, 9, tzinfo=UTC))
    assert type_and(client, link_of(full_stay), "send", **{"q-benefit": "yes"}).status_code == 303
    operations.claim(full_stay.voucher, by=full_stay.holder)
    assert [each.answers["benefit"] for each in sendings(full_stay)] == ["no", "yes"]
    records = select(PromiseRecord.promise).where(PromiseRecord.subject_type == "followup")
    kept = records.where(PromiseRecord.subject_id == asked(full_stay).id)
    assert db.session.scalars(kept).all() == [], "what is promised is the claim"


def test_it_is_missed_with_the_claim_and_asked_again_with_its_extension(
    light_stay: Case, clock: ModuleType, client: Client
) -> None:
    ask(clock)
    clock.set_to(datetime(2027, 4, 1, 9, tzinfo=UTC))
    assert client.get(link_of(light_stay)).status_code == 409
    for job in ("lapse-vouchers", "miss-questionnaires"):
        assert not jobs.run(job).failed
    assert (light_stay.voucher.state, asked(light_stay).state) == ("lapsed", "missed")
    until = date(2027, 4, 20)
    operations.extend_claim(light_stay.voucher, by=light_stay.owner, until=until, reason="She was ill.")
    request = asked(light_stay)
    assert (request.state, request.answer_by, request.waiting_for) == ("asked", until, None)
    filed(light_stay)
    assert (light_stay.voucher.state, asked(light_stay).state) == ("claimed", "answered")


def test_the_other_delegates_and_the_host_keep_their_own_days(light_stay: Case, clock: ModuleType) -> None:
    ask(clock)
    [host] = db.session.scalars(
        select(QuestionnaireRequest).where(QuestionnaireRequest.respondent == light_stay.host_coordinator)
    )
    assert (host.answer_by, host.report_of, host.waiting_for) == (date(2027, 3, 19), None, "questionnaire")


# Who writes it


def test_whoever_takes_the_voucher_over_writes_the_report(
    light_stay: Case, visitor: Visitor, client: Client, clock: ModuleType
) -> None:
    ask(clock)
    operations.save(light_stay.voucher, by=light_stay.holder, answers=ANSWERS)
    before = link_of(light_stay)
    leave(light_stay)
    jobs.run("return-questionnaires")
    assert asked(light_stay).state == "not_delivered"
    coordinator = visitor(light_stay.guest_coordinator)
    refused = coordinator.get(f"/followups/{asked(light_stay).id}/hand-over")
    assert "take the voucher over" in text_of(refused)
    operations.take_over(light_stay.exchange, by=light_stay.guest_coordinator, reason="Ana has left.")
    request = asked(light_stay)
    assert (request.state, request.respondent, request.answer_by) == ("asked", light_stay.guest_coordinator, DUE)
    assert client.get(before).status_code == 404
    assert values_of(coordinator.get(page_of(light_stay)))["q-gave"] == "", "what the other had typed is theirs"
    assert type_and(coordinator, page_of(light_stay), "claim", **TYPED).status_code == 303
    assert [each.handed_over for each in sendings(light_stay)] == [True]


def leave(case: Case) -> None:
    """The holder has left their organisation."""
    for role in db.session.scalars(select(Membership).where(Membership.user_id == case.holder.id)):
        role.until = datetime(2027, 3, 4, tzinfo=UTC)
    db.session.commit()


def test_a_report_that_was_missed_goes_to_the_holder_with_its_history(light_stay: Case, clock: ModuleType) -> None:
    """Nobody is mailed, but the history says who answered for it until when."""
    ask(clock)
    request = asked(light_stay)
    with transaction():
        request.state = "missed"  # as it is between the claim's lapse and its extension
    leave(light_stay)
    before = light_stay.holder.name
    operations.take_over(light_stay.exchange, by=light_stay.guest_coordinator, reason="Ana has left.")
    newest = asked(light_stay).history()[0]
    assert asked(light_stay).respondent is light_stay.guest_coordinator
    assert (newest.action, newest.actor_id) == ("go_to_holder", light_stay.guest_coordinator.id)
    assert newest.note == f"From {before} to {light_stay.guest_coordinator.name}."
    assert asked(light_stay).workflow.told(newest.action) == "Passed to whoever holds the voucher"


@pytest.mark.parametrize("who", ["guest_coordinator", "host_coordinator", "owner", "finance_officer", "auditor", "stranger"])
def test_nobody_else_sees_or_writes_the_report_of_a_claim_that_is_not_filed(light_stay: Case, visitor: Visitor, who: str) -> None:
    reader = visitor(getattr(light_stay, who))
    answers = [reader.get(page_of(light_stay)), reader.post(page_of(light_stay), data=TYPED | {"act": "claim", "version": ""})]
    assert {each.status_code for each in answers} <= {403, 404}
    assert end_of(light_stay.exchange) is None


# Opinions


def test_whoever_validates_sees_the_report_and_no_opinion_until_it_is_paid(full_stay: Case, visitor: Visitor) -> None:
    filed(full_stay)
    voucher, request = f"/vouchers/{full_stay.voucher.id}", f"/followups/{asked(full_stay).id}"
    report, opinion = "Our price list.", "Would you recommend it to a colleague?"
    for person, address in (
        (full_stay.finance_officer, f"{voucher}/validate"),
        (full_stay.finance_officer, voucher),
        (full_stay.owner, voucher),
        (full_stay.owner, request),
        (full_stay.auditor, request),
    ):
        page = visitor(person).get(address)
        assert (page.status_code, report in page.text, opinion in text_of(page)) == (200, True, False), (person, address)
    assert opinion in text_of(visitor(full_stay.holder).get(request)), "her own"
    full_stay.voucher.state = "paid"
    db.session.commit()
    assert opinion in text_of(visitor(full_stay.owner).get(request))
    assert opinion not in text_of(visitor(full_stay.owner).get(voucher)), "it is no part of the claim"


def test_an_owner_s_own_item_is_an_opinion_if_they_say_so(full_stay: Case, visitor: Visitor) -> None:
    owner, address = visitor(full_stay.owner), f"/programmes/{full_stay.programme.id}/questionnaires/end_guest"
    for text, ticked in (("What would you change?", {"opinion": "y"}), ("Which tools did you see?", {})):
        page = owner.get(f"{address}/new?kind=text")
        added = owner.post(f"{address}/new?kind=text", data=values_of(page) | {"text_": text} | ticked)
        assert added.status_code == 303
    shown = owner.get(address)
    assert shown.text.count("An opinion: read only once the claim is paid") == 8  # seven of the standard set, and one
    owner.post(f"{address}/publish", data=values_of(shown))
    assert "opinion" not in values_of(owner.get(f"{address}/items/benefit")), "of the standard set it is fixed"
    items = questionnaire(full_stay.programme, "end_guest").newest.items
    assert {each.text: each.opinion for each in items[-2:]} == {"What would you change?": True, "Which tools did you see?": False}


# What the owner changes meanwhile


def publish(case: Case, items: list[Item]) -> None:
    asked = questionnaire(case.programme, "end_guest", for_update=True)
    questionnaires.edit_items(asked, items, by=case.owner, seen=asked.version)
    questionnaires.publish(asked, by=case.owner, seen=asked.version)
    db.session.commit()


def test_a_version_published_before_anything_is_typed_is_the_one_that_is_asked(light_stay: Case, visitor: Visitor) -> None:
    items = questionnaire(light_stay.programme, "end_guest").newest.items
    publish(light_stay, placed(without(items, "met"), Item(key="tools", kind=TEXT, text="Which tools?", required=True)))
    holder = visitor(light_stay.holder)
    page = type_and(holder, page_of(light_stay), "claim", **{"q-benefit": "yes"})
    assert (page.status_code, text_of(page).count("Please answer this.")) == (422, 2)
    assert type_and(holder, page_of(light_stay), "claim", **{"q-benefit": "yes", "q-tools": "A form."}).status_code == 303


def test_whoever_has_begun_goes_on_with_the_version_they_began(light_stay: Case, visitor: Visitor) -> None:
    holder = visitor(light_stay.holder)
    type_and(holder, page_of(light_stay), "save", **TYPED)
    items = questionnaire(light_stay.programme, "end_guest").newest.items
    publish(light_stay, placed(items, Item(key="tools", kind=TEXT, text="Which tools?", required=True)))
    page = holder.get(page_of(light_stay))
    assert "Which tools?" not in page.text
    assert type_and(holder, page_of(light_stay), "claim").status_code == 303
    assert sendings(light_stay)[0].asked_version.number == 1


def test_where_it_is_not_asked_the_claim_needs_no_report(light_stay: Case, visitor: Visitor) -> None:
    asked = questionnaire(light_stay.programme, "end_guest", for_update=True)
    questionnaires.describe(asked, by=light_stay.owner, seen=asked.version, is_asked=False)
    holder = visitor(light_stay.holder)
    assert "Your report" not in text_of(holder.get(page_of(light_stay)))
    assert type_and(holder, page_of(light_stay), "claim").status_code == 303
    assert (light_stay.voucher.state, end_of(light_stay.exchange)) == ("claimed", None)


def test_switched_off_after_it_was_begun_it_still_goes_with_the_claim(light_stay: Case, visitor: Visitor) -> None:
    holder = visitor(light_stay.holder)
    type_and(holder, page_of(light_stay), "save", **TYPED)
    asked_ = questionnaire(light_stay.programme, "end_guest", for_update=True)
    questionnaires.describe(asked_, by=light_stay.owner, seen=asked_.version, is_asked=False)
    type_and(holder, page_of(light_stay), "claim")
    assert (light_stay.voucher.state, asked(light_stay).state) == ("claimed", "answered")


def test_called_off_by_the_owner_the_claim_goes_without(light_stay: Case, visitor: Visitor, clock: ModuleType) -> None:
    ask(clock)
    followup.call_off(asked(light_stay), by=light_stay.owner, reason="We have talked.")
    holder = visitor(light_stay.holder)
    sign_in(holder, light_stay.holder)
    assert type_and(holder, page_of(light_stay), "claim").status_code == 303
    assert (light_stay.voucher.state, sendings(light_stay)) == ("claimed", [])


def test_a_claim_from_before_keeps_its_words_and_is_asked_nothing(light_stay: Case, visitor: Visitor, clock: ModuleType) -> None:
    """As the migration leaves it: its round counts as asked, of nobody."""
    claim = operations.save(light_stay.voucher, by=light_stay.holder)
    claim.objectives_met, claim.report, claim.take_overs = "partly", "Three days with their team.", "A shorter price list."
    end = questionnaire(light_stay.programme, "end_guest")
    db.session.add(Asking(questionnaire_id=end.id, round=0, exchange_id=light_stay.exchange.id, asked_on=date(2027, 3, 1)))
    operations.claim(light_stay.voucher, by=light_stay.holder)
    db.session.commit()
    ask(clock)
    assert mailed(light_stay) == []
    page = text_of(visitor(light_stay.owner).get(f"/vouchers/{light_stay.voucher.id}/validate"))
    for words in ("In part", "Three days with their team.", "A shorter price list."):
        assert words in page


def test_the_words_of_a_draft_from_before_are_shown_and_kept(light_stay: Case, visitor: Visitor) -> None:
    claim = operations.save(light_stay.voucher, by=light_stay.holder)
    claim.report = "Three days with their team."
    holder = visitor(light_stay.holder)
    page = text_of(holder.get(page_of(light_stay)))
    assert "What you wrote before" in page
    assert "Three days with their team." in page
    type_and(holder, page_of(light_stay), "claim", **TYPED)
    shown = text_of(visitor(light_stay.owner).get(f"/vouchers/{light_stay.voucher.id}"))
    assert "Three days with their team." in shown
    assert "Our price list." in shown


# Bad input, by either way


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("q-recommend", "11", "Choose one from the list."),
        ("q-recommend", "-1", "Choose one from the list."),
        ("q-met-o1", "perhaps", "Choose one from the list."),
        ("q-hours", "-3", "Enter a number of at least zero"),
        ("q-hours", "1e9", "Enter a number, such as 10"),
        ("q-covered", "101", "Enter a percentage from 0 to 100."),
        ("q-covered", "80,5", "Enter a number"),
        ("q-take_overs-1-by_when", "31.12.2027", "Choose a day"),
        ("q-gave", "ü" * 10_000, "Keep this to 5000 characters; these are 10000."),
    ],
)
@pytest.mark.parametrize("way", ["page", "link"])
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    light_stay: Case, visitor: Visitor, client: Client, clock: ModuleType, field: str, typed: str, words: str, way: str
) -> None:
    ask(clock)
    writer, address = (visitor(light_stay.holder), page_of(light_stay)) if way == "page" else (client, link_of(light_stay))
    rest = {name: value for name, value in TYPED.items() if name != field}
    page = type_and(writer, address, "claim" if way == "page" else "send", **rest, **{field: typed})
    assert page.status_code == 422
    assert words in text_of(page)
    assert typed in page.text or field in {"q-recommend", "q-met-o1"}, "what is tapped cannot be shown if it is not there"
    assert (light_stay.voucher.state, asked(light_stay).state) == ("delivered", "asked")
    kept = asked(light_stay).known
    assert {"met", "benefit"} <= set(kept)
    assert field.split("-")[1] not in kept or field == "q-met-o1"


def test_money_is_read_in_the_reader_s_own_notation(light_stay: Case, visitor: Visitor, client: Client) -> None:
    items = questionnaire(light_stay.programme, "end_guest").newest.items
    publish(light_stay, placed(items, Item(key="fees", kind=MONEY, text="What did you pay in fees?")))
    light_stay.holder.locale = "de"
    holder = visitor(light_stay.holder)
    wrong = type_and(holder, page_of(light_stay), "save", **{"q-fees": "1,234.50"})
    assert (wrong.status_code, "1,234.50" in wrong.text) == (422, True)
    assert type_and(holder, page_of(light_stay), "save", **{"q-fees": "1.234,50"}).status_code == 303
    assert asked(light_stay).known == {"fees": "1234.50"}
    assert values_of(client.get(link_of(light_stay)))["q-fees"] == "1234,50"
    assert type_and(client, link_of(light_stay), "save", **{"q-fees": "99,90"}).status_code == 303
    assert asked(light_stay).known == {"fees": "99.90"}


def test_half_filled_it_is_kept_but_not_filed(light_stay: Case, visitor: Visitor) -> None:
    page = type_and(visitor(light_stay.holder), page_of(light_stay), "claim", **{"q-met-o1": "yes", "q-trust": "2"})
    assert page.status_code == 422
    assert 'href="#q-met-o2' in page.text
    assert 'href="#q-benefit' in page.text
    assert asked(light_stay).known == {"met": {"o1": "yes"}, "trust": 2}


def test_the_same_click_twice_sends_once(light_stay: Case, visitor: Visitor) -> None:
    holder, address = visitor(light_stay.holder), page_of(light_stay)
    typed = values_of(holder.get(address)) | TYPED | {"act": "claim"}
    assert {holder.post(address, data=typed).status_code for _ in range(3)} == {303}
    assert len(sendings(light_stay)) == 1
    assert [each.action for each in asked(light_stay).history()].count("answer") == 1


def test_an_altered_link_opens_nothing(light_stay: Case, visitor: Visitor, client: Client, clock: ModuleType) -> None:
    ask(clock)
    link = link_of(light_stay)
    assert client.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404
    assert report_of(light_stay.voucher) is asked(light_stay)
