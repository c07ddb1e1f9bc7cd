"""Claims through their operations: dates, money, mails, evidence."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility import jobs
from mobility.banking.models import BankAccount
from mobility.banking.operations import set_account
from mobility.budgets.checks import check_ledger
from mobility.claims import operations, queries
from mobility.claims.models import Claim, Evidence
from mobility.claims.rules import (
    Correction,
    may_see,
    may_see_account,
)
from mobility.core.errors import GuardRefused, NotAllowed, NotReady, Refusal, WrongState
from mobility.followup.ends import report_of
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.questionnaires.operations import furnish
from mobility.uploads import files
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from tests.support import evidence, factories
from tests.support.cases import REPORT, Case, make_case
from tests.support.stored import newest

REPORTED = {"answers": REPORT}
IBAN = "PT50000201231234567890154"


def delivered(case: Case, days_less: int = 0) -> Any:
    """The host has confirmed the stay, shorter (or longer) at its end."""
    furnish(case.programme)
    voucher = case.take_to("delivered")
    case.exchange.actual_first_day = case.exchange.first_day
    case.exchange.actual_last_day = case.exchange.last_day - timedelta(days=days_less)
    return voucher


def claimed(case: Case, days_less: int = 0) -> Any:
    voucher = delivered(case, days_less)
    operations.save(voucher, by=case.holder, **REPORTED)
    if case.programme.scheme == "full":
        operations.add_evidence(voucher, by=case.holder, name="ticket.pdf", content=evidence.pdf())
    operations.claim(voucher, by=case.holder)
    return voucher


def claim_of(voucher: Any) -> Claim:
    found = queries.claim_of(voucher)
    assert found is not None
    return found


def told(voucher: Any) -> Any:
    """What the report says by now."""
    found = report_of(voucher)
    assert found is not None
    return found.known


def balances(case: Case) -> tuple[Decimal, Decimal]:
    return case.line.available, case.line.committed


def mails(db_session: Any, kind: str) -> list[OutboxMessage]:
    db_session.flush()
    return list(db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.address)))


def addresses(found: list[OutboxMessage]) -> list[str]:
    return [each.address for each in found]


# The deadline


def test_delivery_sets_the_day_by_which_one_claims(db_session: Any, full: Case) -> None:
    voucher = full.take_to("delivered")
    assert voucher.delivered_on == date(2027, 3, 1)
    assert voucher.claim_due_on == voucher.due_on == date(2027, 3, 31)  # 30 days
    assert voucher.waiting_for == "claim"


def test_on_the_last_day_one_can_claim_and_the_day_after_not(db_session: Any, light: Case, clock: ModuleType) -> None:
    voucher = delivered(light)
    clock.move(days=30)
    operations.save(voucher, by=light.holder, **REPORTED)
    clock.move(days=1)
    with pytest.raises(GuardRefused, match=r"The deadline for the claim has passed\."):
        operations.claim(voucher, by=light.holder)
    vouchers.lapse(voucher)
    assert (voucher.state, balances(light)) == ("lapsed", (Decimal(10_000), 0))


# The draft


def test_a_draft_is_kept_as_it_is_typed(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    first = operations.save(voucher, by=full.holder, answers={"gave": "We"})
    second = operations.save(voucher, by=full.holder, answers={"gave": "We saw it."}, pay_to="organisation")
    assert first is second
    assert (told(voucher), second.pay_to, second.submitted_at) == ({"gave": "We saw it."}, "organisation", None)
    assert voucher.state == "delivered"
    assert db_session.scalar(select(func.count()).select_from(Claim)) == 1


def test_saving_the_same_again_changes_nothing(db_session: Any, full: Case, clock: ModuleType) -> None:
    voucher = delivered(full)
    claim = operations.save(voucher, by=full.holder, **REPORTED)
    before = (claim.version, claim.saved_at, voucher.version)
    clock.move(minutes=5)
    operations.save(voucher, by=full.holder, **REPORTED)
    assert (claim.version, claim.saved_at, voucher.version) == before


@pytest.mark.parametrize("who", ["guest_coordinator", "host_coordinator", "owner", "finance_officer", "auditor", "stranger"])
def test_only_the_holder_writes_a_mobility_claim(db_session: Any, full: Case, who: str) -> None:
    voucher = delivered(full)
    for act in (
        lambda by: operations.save(voucher, by=by, pay_to="organisation"),
        lambda by: operations.add_evidence(voucher, by=by, name="a.pdf", content=evidence.pdf()),
        lambda by: operations.remove_evidence(voucher, by=by, id=1),
        lambda by: operations.claim(voucher, by=by),
    ):
        with pytest.raises(NotAllowed):
            act(getattr(full, who))
    assert queries.claim_of(voucher) is None


# Evidence


def test_evidence_is_kept_under_a_random_name(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    added = operations.add_evidence(voucher, by=full.holder, name="../boarding pass.pdf", content=evidence.pdf())
    assert (added.name, added.content_type, added.size) == ("boarding pass.pdf", "application/pdf", len(evidence.pdf()))
    assert "boarding" not in added.key
    assert files.store().read(added.key) == evidence.pdf()


def test_the_same_file_twice_is_one(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    first = operations.add_evidence(voucher, by=full.holder, name="a.pdf", content=evidence.pdf())
    assert operations.add_evidence(voucher, by=full.holder, name="b.pdf", content=evidence.pdf()) is first
    assert len(claim_of(voucher).evidence) == 1


def test_a_file_that_cannot_be_taken_leaves_nothing(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    with pytest.raises(Refusal) as refusal:
        operations.add_evidence(voucher, by=full.holder, name="a.pdf", content=evidence.picture())
    assert refusal.value.field == "files"
    assert db_session.scalar(select(func.count()).select_from(Evidence)) == 0


def test_a_claim_takes_twenty_files(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    for pages in range(1, 21):
        operations.add_evidence(voucher, by=full.holder, name="a.pdf", content=evidence.pdf(pages))
    with pytest.raises(Refusal, match="A claim takes up to 20 files"):
        operations.add_evidence(voucher, by=full.holder, name="a.pdf", content=evidence.pdf(21))
    operations.add_evidence(voucher, by=full.holder, name="again.pdf", content=evidence.pdf(7))


def test_what_is_taken_out_goes_with_the_sweep(db_session: Any, full: Case, clock: ModuleType) -> None:
    voucher = delivered(full)
    kept = operations.add_evidence(voucher, by=full.holder, name="a.pdf", content=evidence.pdf())
    gone = operations.add_evidence(voucher, by=full.holder, name="b.png", content=evidence.picture())
    key = gone.key
    operations.remove_evidence(voucher, by=full.holder, id=gone.id)
    operations.remove_evidence(voucher, by=full.holder, id=gone.id)
    db_session.commit()
    assert [each.id for each in claim_of(voucher).evidence] == [kept.id]
    clock.set_to(newest(files.store()) + timedelta(days=2))
    jobs.run("sweep-files")
    assert files.store().read(kept.key)
    with pytest.raises(files.Unavailable):
        files.store().read(key)


def test_nobody_takes_out_another_claim_s_file(db_session: Any, full: Case, light: Case) -> None:
    mine, other = delivered(full), delivered(make_case("full"))
    theirs = operations.add_evidence(other, by=other.holder, name="a.pdf", content=evidence.pdf())
    operations.remove_evidence(mine, by=full.holder, id=theirs.id)
    db_session.flush()
    assert db_session.get(Evidence, theirs.id) is not None


# Filing


def test_all_that_is_missing_is_said_at_once(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    with pytest.raises(NotReady) as refusal:
        operations.claim(voucher, by=full.holder)
    assert [each.field for each in refusal.value.problems] == ["q-benefit", "files"]
    assert voucher.state == "delivered"


def test_filing_starts_the_promise_of_payment(db_session: Any, full: Case) -> None:
    voucher = claimed(full)
    assert (voucher.state, voucher.claimed_on) == ("claimed", date(2027, 3, 1))
    assert (voucher.waiting_for, voucher.due_on) == ("payment", date(2027, 3, 11))  # ten days
    (mail,) = mails(db_session, "claim_submitted")
    assert mail.address == full.finance_officer.email
    assert mail.subject_line == f"Validate and pay the claim of {full.holder.name} by 11 March 2027"
    assert mail.text.startswith("Please validate and pay by 11 March 2027")
    assert "claims €780.00 of the €780.00 approved" in mail.text


def test_in_light_the_end_report_is_the_claim_and_owners_hear_of_it(db_session: Any, light: Case) -> None:
    voucher = claimed(light)
    assert (voucher.state, claim_of(voucher).evidence) == ("claimed", [])
    everybody = sorted([light.finance_officer.email, light.owner.email, light.other_owner.email])
    assert addresses(mails(db_session, "claim_submitted")) == everybody


def test_without_a_finance_officer_the_owners_hear_of_it(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    full.finance_officer.active = False
    operations.save(voucher, by=full.holder, **REPORTED)
    operations.add_evidence(voucher, by=full.holder, name="ticket.pdf", content=evidence.pdf())
    operations.claim(voucher, by=full.holder)
    assert addresses(mails(db_session, "claim_submitted")) == sorted([full.owner.email, full.other_owner.email])


def test_a_shortened_stay_is_computed_again(db_session: Any, full: Case) -> None:
    voucher = claimed(full, days_less=1)
    claim = claim_of(voucher)
    assert [each.amount for each in claim.amount_lines] == [Decimal("390.00")]
    assert claim.explanation == (
        "5 working days were approved (12 to 16 April 2027); the stay had 4 (12 to 15 April 2027). "
        "At the same rates this comes to €390.00 instead of €780.00."
    )
    assert voucher.amount == Decimal("780.00")
    assert voucher.history()[0].note == claim.explanation
    assert claim.explanation in mails(db_session, "claim_submitted")[0].text


def test_rates_that_changed_meanwhile_do_not_count(db_session: Any, full: Case) -> None:
    voucher = delivered(full, days_less=1)
    factories.make_rate_card(full.programme, lump_by_country={"amounts": {"PT": "1.00"}})
    operations.save(voucher, by=full.holder, **REPORTED)
    operations.add_evidence(voucher, by=full.holder, name="ticket.pdf", content=evidence.pdf())
    operations.claim(voucher, by=full.holder)
    assert [each.amount for each in claim_of(voucher).amount_lines] == [Decimal("390.00")]


def test_a_stay_that_was_too_short_cannot_be_claimed(db_session: Any, light: Case, clock: ModuleType) -> None:
    voucher = delivered(light, days_less=3)
    operations.save(voucher, by=light.holder, **REPORTED)
    with pytest.raises(Refusal, match=r"at least 3 working days; this stay has 2\."):
        operations.claim(voucher, by=light.holder)
    clock.move(days=31)
    vouchers.lapse(voucher)
    assert balances(light) == (Decimal(10_000), 0)
    assert check_ledger() == []


def test_a_claim_is_filed_once(db_session: Any, full: Case) -> None:
    voucher = claimed(full)
    with pytest.raises(WrongState):
        operations.claim(voucher, by=full.holder)
    with pytest.raises(WrongState):
        operations.save(voucher, by=full.holder, answers={"gave": "Another."})
    with pytest.raises(WrongState):
        operations.remove_evidence(voucher, by=full.holder, id=claim_of(voucher).evidence[0].id)


# Returning


def test_returning_moves_the_deadline_by_fourteen_days(db_session: Any, full: Case, clock: ModuleType) -> None:
    voucher = claimed(full)
    clock.move(days=3)
    operations.return_claim(voucher, by=full.finance_officer, reason="The ticket is of another day.")
    assert (voucher.state, voucher.waiting_for) == ("delivered", "claim")
    assert voucher.claim_due_on == voucher.due_on == date(2027, 4, 14)  # 31 March and 14 days
    assert voucher.claimed_on is None
    (mail,) = mails(db_session, "claim_returned")
    assert (mail.address, mail.subject_line) == (full.holder.email, "Correct your claim and send it again by 14 April 2027")
    assert "The ticket is of another day." in mail.text


def test_a_claim_returned_after_its_deadline_gets_fourteen_days_from_then(db_session: Any, full: Case, clock: ModuleType) -> None:
    voucher = claimed(full)
    clock.move(days=40)  # 10 April; the deadline was 31 March
    operations.return_claim(voucher, by=full.finance_officer, reason="The ticket is of another day.")
    assert voucher.due_on == date(2027, 4, 24)


def test_a_returned_claim_keeps_everything_and_is_filed_again(db_session: Any, full: Case, clock: ModuleType) -> None:
    voucher = claimed(full)
    operations.return_claim(voucher, by=full.finance_officer, reason="The ticket is of another day.")
    entry = queries.last_return(voucher)
    assert entry is not None
    assert entry.note == "The ticket is of another day."
    assert (told(voucher), len(claim_of(voucher).evidence)) == (REPORT, 1)
    clock.move(days=5)
    operations.claim(voucher, by=full.holder)
    assert (voucher.claimed_on, voucher.due_on) == (date(2027, 3, 6), date(2027, 3, 16))
    assert len(mails(db_session, "claim_submitted")) == 2


def test_returning_needs_a_reason_and_is_the_finance_officer_s(db_session: Any, full: Case) -> None:
    voucher = claimed(full)
    with pytest.raises(Refusal) as refusal:
        operations.return_claim(voucher, by=full.finance_officer, reason=" ")
    assert refusal.value.field == "reason"
    for person in (full.owner, full.holder, full.auditor, full.assessor):
        with pytest.raises(NotAllowed):
            operations.return_claim(voucher, by=person, reason="No.")


# Validating


def test_validating_as_claimed(db_session: Any, full: Case) -> None:
    voucher = claimed(full)
    operations.validate(voucher, by=full.finance_officer)
    assert (voucher.state, voucher.final_amount) == ("validated", Decimal("780.00"))
    assert (voucher.validated_by_id, voucher.validated_on) == (full.finance_officer.id, date(2027, 3, 1))
    assert (voucher.waiting_for, voucher.due_on) == ("payment", date(2027, 3, 11))  # the clock goes on from the claim
    assert balances(full) == (Decimal(9_220), Decimal(780))
    assert voucher.history()[0].note == "€780.00 of €780.00 approved."
    assert check_ledger() == []


def test_what_a_shorter_stay_leaves_goes_back_to_the_budget(db_session: Any, full: Case) -> None:
    voucher = claimed(full, days_less=1)
    operations.validate(voucher, by=full.owner)
    assert voucher.final_amount == Decimal("390.00")
    assert balances(full) == (Decimal("9610.00"), Decimal("390.00"))
    assert check_ledger() == []
    (mail,) = mails(db_session, "claim_validated")
    assert mail.address == full.holder.email
    assert mail.subject_line == "Nothing to do: you will be paid €390.00 by 11 March 2027"
    assert "€780.00 had been approved. 5 working days were approved" in mail.text
    assert "please add your bank account" in mail.text


def test_a_line_is_lowered_with_a_reason(db_session: Any, full: Case) -> None:
    set_account(full.holder, by=full.holder, holder_name="Holder", iban=IBAN)
    voucher = claimed(full)
    operations.validate(
        voucher,
        by=full.finance_officer,
        corrections=[Correction(0, Decimal("700.50"), "The host paid the hotel.")],
        note="As agreed by phone.",
    )
    assert voucher.final_amount == Decimal("700.50")
    assert balances(full) == (Decimal("9299.50"), Decimal("700.50"))
    assert claim_of(voucher).corrections == [{"line": 0, "amount": "700.50", "reason": "The host paid the hotel."}]
    assert voucher.history()[0].note == (
        "€700.50 of €780.00 approved. Lump sum for Portugal: €700.50 instead of €780.00. The host paid the hotel. "
        "As agreed by phone."
    )
    text = mails(db_session, "claim_validated")[0].text
    assert "Lump sum for Portugal                 €700.50\n  The host paid the hotel.\n" in text
    assert "bank account" not in text
    assert check_ledger() == []


@pytest.mark.parametrize(
    ("amount", "reason", "words"),
    [
        ("780.01", "More.", r"At most €780\.00 was claimed here"),
        ("779.99", "", "Say why less is paid"),
        ("0.00", "All of it.", "Return the claim instead"),
        ("-1.00", "Less than nothing.", r"Enter an amount of €0\.00 or more"),
    ],
)
def test_what_validation_cannot_do(db_session: Any, full: Case, amount: str, reason: str, words: str) -> None:
    voucher = claimed(full)
    with pytest.raises(Refusal, match=words):
        operations.validate(voucher, by=full.owner, corrections=[Correction(0, Decimal(amount), reason)])
    assert (voucher.state, voucher.final_amount, balances(full)) == ("claimed", None, (Decimal(9_220), Decimal(780)))


@pytest.mark.parametrize("who", ["holder", "guest_coordinator", "host_coordinator", "assessor", "auditor"])
def test_others_do_not_validate(db_session: Any, full: Case, who: str) -> None:
    voucher = claimed(full)
    with pytest.raises(NotAllowed):
        operations.validate(voucher, by=getattr(full, who))


@pytest.mark.parametrize("where", ["host", "guest_organisation"])
def test_whoever_belongs_to_a_side_does_not_validate(db_session: Any, full: Case, where: str) -> None:
    voucher = claimed(full)
    factories.make_membership(full.finance_officer, getattr(full.exchange, where), Role.HOST)
    with pytest.raises(GuardRefused, match="Somebody without an interest must decide"):
        operations.validate(voucher, by=full.finance_officer)


# Who sees it, and whose account


def test_a_draft_is_its_writer_s_alone_and_what_was_filed_is_read_by_those_who_must(db_session: Any, full: Case) -> None:
    def seen() -> set[str]:
        people = "holder guest_coordinator host_coordinator host owner assessor finance_officer auditor stranger".split()
        return {who for who in people if may_see(getattr(full, who), full.voucher)}

    delivered(full)
    operations.save(full.voucher, by=full.holder, **REPORTED)
    assert seen() == {"holder"}
    operations.add_evidence(full.voucher, by=full.holder, name="ticket.pdf", content=evidence.pdf())
    operations.claim(full.voucher, by=full.holder)
    assert seen() == {"holder", "guest_coordinator", "owner", "assessor", "finance_officer", "auditor"}
    operations.return_claim(full.voucher, by=full.finance_officer, reason="Mend it.")
    assert seen() == {"holder"}


@pytest.mark.parametrize(
    ("pay_to", "sees"),
    [("holder", {"holder", "owner", "finance_officer"}), ("organisation", {"guest_coordinator", "owner", "finance_officer"})],
)
def test_who_sees_the_account(db_session: Any, full: Case, pay_to: str, sees: set[str]) -> None:
    voucher = delivered(full)
    claim = operations.save(voucher, by=full.holder, pay_to=pay_to)
    people = "holder guest_coordinator host_coordinator host owner assessor finance_officer auditor stranger".split()
    assert {who for who in people if may_see_account(getattr(full, who), voucher, claim.payee)} == sees


def test_the_payee_s_account_is_the_one_in_force(db_session: Any, full: Case) -> None:
    voucher = delivered(full)
    claim = operations.save(voucher, by=full.holder, pay_to="organisation")
    assert claim.payee == {"organisation_id": voucher.holder_organisation_id}
    assert queries.account_of(claim) is None
    set_account(voucher.holder_organisation, by=full.guest_coordinator, holder_name="Cluster", iban=IBAN)
    account = queries.account_of(claim)
    assert isinstance(account, BankAccount)
    assert account.organisation_id == voucher.holder_organisation_id
    operations.save(voucher, by=full.holder, pay_to="holder")
    assert claim.payee == {"user_id": full.holder.id}
    assert queries.account_of(claim) is None


# Knowledge vouchers use the same


@pytest.fixture
def knowledge(db_session: Any) -> tuple[Case, Any]:
    """A knowledge voucher that its holder has confirmed, and somebody of the provider."""
    case = make_case("full")
    case.take_to("delivered")
    provider = factories.make_organisation(name="Training house")
    case.voucher.kind, case.voucher.provider, case.voucher.host = "knowledge", provider, None
    case.voucher.exchange_id = None
    db_session.flush()
    db_session.expire(case.voucher, ["exchange"])
    return case, factories.make_member(provider, Role.PROVIDER)


def test_the_provider_claims_with_the_invoice(db_session: Any, knowledge: tuple[Case, Any]) -> None:
    case, provider = knowledge
    with pytest.raises(NotReady) as refusal:
        operations.claim(case.voucher, by=provider)
    assert [each.field for each in refusal.value.problems] == ["invoice_number", "invoice_total", "files"]
    operations.save(case.voucher, by=provider, invoice_number="2027/17", invoice_total=Decimal(780))
    operations.add_evidence(case.voucher, by=provider, name="invoice.pdf", content=evidence.pdf())
    claim = operations.claim(case.voucher, by=provider)
    assert claim.payee == {"organisation_id": case.voucher.provider_id}
    assert [each.amount for each in claim.amount_lines] == [Decimal("780.00")]
    operations.validate(case.voucher, by=case.finance_officer)
    assert addresses(mails(db_session, "claim_validated")) == [provider.email]


def test_the_holder_never_claims_a_knowledge_voucher(db_session: Any, knowledge: tuple[Case, Any]) -> None:
    case, _ = knowledge
    with pytest.raises(GuardRefused, match=r"The provider claims\."):
        operations.save(case.voucher, by=case.holder, invoice_number="1")


# Two at once


def test_what_was_read_before_is_read_anew_under_the_lock(db_session: Any, full: Case) -> None:
    """The claim of a voucher that was locked is as the last one left it."""
    voucher = claimed(full)
    operations.validate(voucher, by=full.owner)
    db_session.commit()
    again = voucher_queries.find(voucher.id, full.finance_officer, for_update=True)
    act: Callable[..., None] = operations.validate
    with pytest.raises(WrongState):
        act(again, by=full.finance_officer)
