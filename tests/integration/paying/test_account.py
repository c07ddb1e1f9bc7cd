"""The account a programme pays from (issue 13): proposed by one, confirmed by another, told to all, in use a day later, and never
put inside a batch that is approved."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused, Refusal
from mobility.notifications.models import OutboxMessage
from mobility.paying import operations, queries
from mobility.paying.models import PayingAccount
from mobility.payments import operations as payments
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support import factories
from tests.support.client import Visitor
from tests.support.forms import fill, values_of
from tests.support.html import text_of
from tests.support.tills import AUSTRIA, GREECE, Till, make_till

GERMANY = "DE89370400440532013000"
TO_GREECE = {"holder_name": "Alpine Exchange Fund", "iban": GREECE}


def propose(till: Till, by: User | None = None, **given: Any) -> PayingAccount:
    newest = next(iter(queries.all_of(till.programme.id)), None)
    values = TO_GREECE | {"seen": newest.id if newest else 0} | given
    return operations.propose(till.programme, by=by or till.collector, **values)


def confirmed(till: Till, iban: str = GREECE) -> PayingAccount:
    account = propose(till, iban=iban)
    return operations.confirm(till.programme, account.id, by=till.approver, iban=iban)


def masked_in_use(till: Till) -> str:
    account = queries.in_use(till.programme.id)
    return account.masked if account else ""


def told(kind: str) -> set[int | None]:
    db.session.flush()
    return set(db.session.scalars(select(OutboxMessage.recipient_id).where(OutboxMessage.kind == kind)))


def all_concerned(till: Till) -> set[int | None]:
    return {each.id for each in (till.owner, till.collector, till.approver, till.spare)}


def test_one_proposes_another_confirms_and_a_day_later_it_is_in_use(till: Till) -> None:
    account = propose(till)
    assert masked_in_use(till) == "AT61 •••• 3201"
    assert told("paying_account_proposed") == all_concerned(till)
    with pytest.raises(GuardRefused, match=r"You proposed this account. Another finance officer or owner must confirm it"):
        operations.confirm(till.programme, account.id, by=till.collector, iban=GREECE)
    operations.confirm(till.programme, account.id, by=till.owner, iban="gr16 0110 1250 0000 0001 2300 695")
    assert told("paying_account_confirmed") == all_concerned(till)
    clock.move(hours=23, minutes=59, seconds=59)
    assert masked_in_use(till) == "AT61 •••• 3201"
    clock.move(seconds=1)
    assert masked_in_use(till) == "GR16 •••• 0695"


def test_the_first_one_is_in_use_once_it_is_confirmed(db_session: Any) -> None:
    till = make_till(pays=False)
    account = propose(till)
    assert masked_in_use(till) == ""
    operations.confirm(till.programme, account.id, by=till.approver, iban=GREECE)
    assert masked_in_use(till) == "GR16 •••• 0695"


def test_a_corrected_name_waits_no_longer_than_its_number(till: Till) -> None:
    account = propose(till, iban=AUSTRIA, holder_name="Alpine Fund AöR")
    operations.confirm(till.programme, account.id, by=till.approver, iban=AUSTRIA)
    in_use = queries.in_use(till.programme.id)
    assert in_use is not None
    assert in_use.holder_name == "Alpine Fund AöR"


def test_going_back_to_an_earlier_number_waits_too(till: Till) -> None:
    confirmed(till)
    clock.move(hours=25)
    back = confirmed(till, AUSTRIA)
    assert (back.waits, masked_in_use(till)) == (True, "GR16 •••• 0695")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (AUSTRIA, "This is another account than the one that was proposed"),
        ("GR1601101250000000012300696", "The check digits do not fit"),
        ("", "Enter the IBAN"),
    ],
)
def test_who_confirms_types_the_number_from_another_paper(till: Till, typed: str, words: str) -> None:
    account = propose(till)
    with pytest.raises(Refusal, match=words) as refused:
        operations.confirm(till.programme, account.id, by=till.approver, iban=typed)
    assert refused.value.field == "iban"
    assert account.is_proposed


def test_an_approved_batch_keeps_the_account_of_its_approval(till: Till) -> None:
    """Confirmed before or after, in use by the time the file is taken: the batch asks the bank as it was approved."""
    waiting = confirmed(till)
    batch = till.approved()
    clock.move(hours=25)
    assert queries.in_use(till.programme.id) == waiting
    assert payments.take_file(batch, by=till.spare).payer_iban == AUSTRIA
    payments.send(batch, by=till.spare)
    assert batch.history()[0].note.startswith("From AT61 •••• 3201.")


def test_a_batch_that_is_approved_later_pays_from_the_new_one(till: Till) -> None:
    batch = till.collect()
    confirmed(till)
    clock.move(hours=25)
    payments.approve(batch, by=till.approver, execution_on=till.programme.today)
    assert payments.take_file(batch, by=till.spare).payer_iban == GREECE


def test_a_batch_is_not_approved_without_an_account(db_session: Any) -> None:
    till = make_till(pays=False)
    batch = till.collect()
    with pytest.raises(GuardRefused, match="This programme has no account to pay from yet"):
        payments.approve(batch, by=till.approver, execution_on=till.programme.today)
    propose(till)
    with pytest.raises(GuardRefused, match="This programme has no account to pay from yet"):
        payments.approve(batch, by=till.approver, execution_on=till.programme.today)
    assert batch.state == "draft"


# Ways back


def test_a_proposal_is_withdrawn_by_who_made_it_and_declined_by_the_others(till: Till) -> None:
    account = propose(till)
    with pytest.raises(GuardRefused, match=f"{till.collector.name} proposed it: decline it instead"):
        operations.withdraw(till.programme, account.id, by=till.owner, reason="No.")
    with pytest.raises(GuardRefused, match=r"You proposed this account: withdraw it instead"):
        operations.decline(till.programme, account.id, by=till.collector, reason="No.")
    operations.decline(till.programme, account.id, by=till.owner, reason="Not ours.")
    assert told("paying_account_closed") == all_concerned(till)
    for act in (operations.decline, operations.withdraw):
        with pytest.raises(GuardRefused, match=f"{till.owner.name} has declined this account already"):
            act(till.programme, account.id, by=till.spare, reason="No.")
    again = propose(till)
    operations.withdraw(till.programme, again.id, by=till.collector, reason="A slip.")
    with pytest.raises(GuardRefused, match=f"{till.collector.name} has withdrawn this account already"):
        operations.confirm(till.programme, again.id, by=till.approver, iban=GREECE)


def test_whoever_hears_of_it_stops_it_within_the_day(till: Till) -> None:
    """Also one who neither proposed nor confirmed; later only another account helps."""
    account = confirmed(till)
    clock.move(hours=23)
    operations.withdraw(till.programme, account.id, by=till.spare, reason="The bank knows nothing of it.")
    clock.move(hours=2)
    assert masked_in_use(till) == "AT61 •••• 3201"
    late = confirmed(till)
    clock.move(hours=24)
    with pytest.raises(GuardRefused, match=r"The programme pays from this account already. Propose another one instead"):
        operations.withdraw(till.programme, late.id, by=till.spare, reason="No.")


def test_one_proposal_at_a_time_and_nothing_twice(till: Till) -> None:
    with pytest.raises(Refusal, match="pays from this account already: there is nothing to change"):
        propose(till, iban=AUSTRIA)
    propose(till)
    with pytest.raises(GuardRefused, match="Another account is proposed already"):
        propose(till, by=till.owner, iban=GERMANY)
    with pytest.raises(EditConflict):
        propose(till, by=till.owner, iban=GERMANY, seen=0)


# What stays, whoever asks the database


@pytest.mark.parametrize(
    "change",
    [
        "iban = 'X'",
        "holder_name = 'X'",
        "usable_from = '2020-01-01'",
        "confirmed_by_id = proposed_by_id",
        "proposed_by_id = NULL",
    ],
)
def test_the_database_keeps_what_was_agreed(till: Till, change: str) -> None:
    account = confirmed(till)
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE paying_account SET {change} WHERE id = {account.id}"))
    db.session.rollback()
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"DELETE FROM paying_account WHERE id = {account.id}"))
    db.session.rollback()


def test_nobody_confirms_their_own_even_past_the_operations(till: Till) -> None:
    account = propose(till)
    account.confirmed_by, account.confirmed_at, account.usable_from = till.collector, clock.utc_now(), clock.utc_now()
    with pytest.raises(IntegrityError, match="confirmed_by_another"):
        db.session.flush()
    db.session.rollback()


# The pages


def test_by_the_pages_of_two_people(till: Till, visitor: Visitor, db_session: Any) -> None:
    path = f"/programmes/{till.programme.id}/paying-account"
    proposer, other = visitor(till.collector), visitor(till.owner)
    assert fill(proposer, path, iban=GREECE, holder_name="Fund").status_code == 302
    account = db_session.scalars(select(PayingAccount).where(PayingAccount.iban == GREECE)).one()
    own = text_of(proposer.get(path))
    assert "To be confirmed" in own
    assert "can confirm it." in own
    assert proposer.get(f"{path}/{account.id}/confirm").status_code == 409
    assert "Confirm the account to pay from" in text_of(other.get("/"))
    assert "Confirm the account to pay from" not in text_of(proposer.get("/"))
    page = other.get(path)
    assert f"{path}/{account.id}/confirm" in page.text
    wrong = fill(other, f"{path}/{account.id}/confirm", iban=AUSTRIA)
    assert wrong.status_code == 422
    assert 'id="iban-error"' in wrong.text
    assert fill(other, f"{path}/{account.id}/confirm", iban=GREECE).status_code == 303
    after = text_of(other.get(path))
    assert "Confirmed, not in use yet" in after
    assert "In use from 2 March 2027, 10:00, Brussels time" in after
    late = visitor(till.spare).get(f"{path}/{account.id}/confirm")
    assert (late.status_code, f"{till.owner.name} has confirmed this account already." in text_of(late)) == (409, True)
    assert fill(visitor(till.spare), f"{path}/{account.id}/withdraw", reason="Not ours.").status_code == 303
    assert "Not ours." in text_of(visitor(till.auditor).get(path))


@pytest.mark.parametrize("who", ["auditor", "assessor", "holder", "stranger"])
def test_nobody_else_acts(till: Till, visitor: Visitor, who: str) -> None:
    account = propose(till)
    db.session.commit()
    client = visitor(getattr(till, who))
    path = f"/programmes/{till.programme.id}/paying-account"
    assert client.get(path).status_code == (200 if who == "auditor" else 404)
    assert client.post(path, data=TO_GREECE).status_code == 404
    for act in ("confirm", "decline", "withdraw"):
        assert client.get(f"{path}/{account.id}/{act}").status_code == 404
        assert client.post(f"{path}/{account.id}/{act}", data={"iban": GREECE, "reason": "x"}).status_code == 404
    assert account.is_proposed


def test_an_account_is_found_under_its_own_programme_only(till: Till, visitor: Visitor) -> None:
    account, other = propose(till), make_till(1)
    db.session.commit()
    client = visitor(other.collector)
    assert client.get(f"/programmes/{other.programme.id}/paying-account/{account.id}/confirm").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"iban": "AT61 1904 3002 3457 3210"}, "iban"),
        ({"iban": ""}, "iban"),
        ({"bic": "DEUTDEFF"}, "bic"),
        ({"holder_name": " "}, "holder_name"),
        ({"holder_name": "x" * 71}, "holder_name"),
    ],
)
def test_what_is_typed_is_checked(till: Till, visitor: Visitor, typed: dict[str, str], field: str) -> None:
    page = fill(visitor(till.collector), f"/programmes/{till.programme.id}/paying-account", **TO_GREECE | {"bic": ""} | typed)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert queries.proposed(till.programme.id) is None


def test_of_two_who_propose_the_slower_is_told(till: Till, visitor: Visitor) -> None:
    path = f"/programmes/{till.programme.id}/paying-account"
    slow = visitor(till.spare)
    old = values_of(slow.get(path))
    assert fill(visitor(till.collector), path, **TO_GREECE).status_code == 302
    page = slow.post(path, data=old | {"iban": GERMANY})
    assert page.status_code == 409
    assert "This has changed since you opened it." in text_of(page)
    assert "IBAN, as saved now: GR16 •••• 0695" in text_of(page)


def test_where_nobody_else_is_left_the_page_says_how_to_find_somebody(db_session: Any, visitor: Visitor) -> None:
    programme = factories.make_programme()
    owner = factories.make_member(programme, Role.OWNER)
    path = f"/programmes/{programme.id}/paying-account"
    client = visitor(owner)
    fill(client, path, **TO_GREECE)
    page = text_of(client.get(path))
    assert "Nobody can confirm it" in page
    assert "invite another finance officer or owner" in page


def test_a_batch_of_before_is_approved_again(till: Till) -> None:
    """Approved when no account was needed for that: it gets one with its next approval only."""
    batch = till.approved()
    batch.paying_account = None
    with pytest.raises(GuardRefused, match="This batch was approved without an account to pay from"):
        payments.take_file(batch, by=till.spare)
    with pytest.raises(GuardRefused, match="Choose its day again"):
        payments.send(batch, by=till.spare)
    payments.change_day(batch, by=till.approver, execution_on=date(2027, 3, 1))
    assert payments.take_file(batch, by=till.spare).payer_iban == AUSTRIA
