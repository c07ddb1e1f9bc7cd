"""Setting the account payments go to: who may, what is said of mistakes, who hears of it, and what is never shown again."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.banking import operations
from mobility.banking.models import BankAccount
from mobility.banking.queries import current, current_of_many
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_membership, make_organisation, make_user
from tests.support.forms import at_once, fill, values_of
from tests.support.html import text_of

PORTUGAL, AUSTRIA = "PT50000201231234567890154", "AT611904300234573201"


def set_for(owner: Any, by: User, iban: str = PORTUGAL, **values: Any) -> BankAccount:
    return operations.set_account(owner, by=by, holder_name="Ana Kovač", iban=iban, **values)


def recipients(kind: str) -> list[str]:
    query = select(OutboxMessage.address).where(OutboxMessage.kind == kind).order_by(OutboxMessage.address)
    return list(db.session.scalars(query))


# Operations


def test_the_first_account_can_be_paid_at_once(db_session: Any) -> None:
    ana = make_user()
    account = set_for(ana, ana, "pt50 0002 0123 1234 5678 9015 4", bic="cgdiptpl")
    assert (account.iban, account.bic, account.holder_name) == (PORTUGAL, "CGDIPTPL", "Ana Kovač")
    assert (account.usable_from, account.waits) == (clock.utc_now(), False)
    assert current(user_id=ana.id) is account
    assert recipients("account_added") == [ana.email]


def test_another_account_waits_a_day_and_the_one_before_is_kept(db_session: Any) -> None:
    ana = make_user()
    first = set_for(ana, ana)
    clock.move(days=5)
    second = set_for(ana, ana, AUSTRIA)
    assert (first.ended_at, first.in_force, second.in_force) == (clock.utc_now(), False, True)
    assert second.usable_from == clock.utc_now() + timedelta(hours=24)
    assert current(user_id=ana.id) is second
    clock.move(hours=23, minutes=59)
    assert second.waits
    clock.move(minutes=1)
    assert not second.waits


def test_a_corrected_name_neither_waits_nor_shortens_the_wait(db_session: Any) -> None:
    ana = make_user()
    set_for(ana, ana)
    clock.move(days=5)
    changed = set_for(ana, ana, AUSTRIA)
    clock.move(hours=1)
    corrected = operations.set_account(ana, by=ana, holder_name="Ana Kovač-Horvat", iban=AUSTRIA)
    assert corrected.usable_from == changed.usable_from


def test_changing_back_waits_too(db_session: Any) -> None:
    """Otherwise two changes within a minute would go round the wait."""
    ana = make_user()
    set_for(ana, ana)
    set_for(ana, ana, AUSTRIA)
    assert set_for(ana, ana).waits


def test_the_same_account_again_is_no_change(db_session: Any) -> None:
    ana = make_user()
    set_for(ana, ana)
    with pytest.raises(Refusal, match="already in use") as refusal:
        set_for(ana, ana, "PT50 0002 0123 1234 5678 9015 4")
    assert refusal.value.field == "iban"
    assert db_session.scalar(select(func.count()).select_from(BankAccount)) == 1


@pytest.mark.parametrize(
    ("iban", "bic", "field"),
    [("PT51000201231234567890154", "", "iban"), ("", "", "iban"), (PORTUGAL, "DEUTDEFF", "bic"), (PORTUGAL, "X", "bic")],
)
def test_a_mistake_is_refused_at_its_field(db_session: Any, iban: str, bic: str, field: str) -> None:
    ana = make_user()
    with pytest.raises(Refusal) as refusal:
        set_for(ana, ana, iban, bic=bic)
    assert refusal.value.field == field
    assert current(user_id=ana.id) is None


def test_of_two_coordinators_the_slower_is_told(db_session: Any) -> None:
    home = make_organisation()
    ana, ben = make_member(home, Role.COORDINATOR), make_member(home, Role.COORDINATOR)
    set_for(home, ana, seen=0)
    with pytest.raises(EditConflict):
        set_for(home, ben, AUSTRIA, seen=0)
    assert current(organisation_id=home.id).iban == PORTUGAL


def test_all_coordinators_and_whoever_set_the_one_before_hear_of_a_change(db_session: Any) -> None:
    home = make_organisation()
    _ana, ben = (make_member(home, Role.COORDINATOR, email=f"{name}@example.org") for name in ("ana", "ben"))
    gone = make_user(email="gone@example.org")
    make_member(home, Role.GUEST, email="guest@example.org")
    set_for(home, gone)
    assert recipients("account_added") == ["ana@example.org", "ben@example.org"]
    set_for(home, ben, AUSTRIA)
    assert recipients("account_changed") == ["ana@example.org", "ben@example.org", "gone@example.org"]
    letter = db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "account_changed")).first()
    assert "PT50 •••• 0154" in letter.text
    assert "AT61 •••• 3201" in letter.text
    assert "2 March 2027, 10:00" in letter.subject_line
    for part in (letter.subject_line, letter.text, html_of(letter)):
        assert PORTUGAL[4:-4] not in part.replace(" ", "")
        assert AUSTRIA[4:-4] not in part.replace(" ", "")


def test_a_person_and_an_organisation_do_not_share_an_account_by_number(db_session: Any) -> None:
    home = make_organisation()
    ana = make_member(home, Role.COORDINATOR)
    set_for(ana, ana)
    assert current(organisation_id=home.id) is None
    set_for(home, ana)
    mine, theirs = current_of_many([ana.id], [home.id])
    assert (mine[ana.id].organisation_id, theirs[home.id].user_id) == (None, None)


# Pages


def test_setting_it_leads_back_to_where_one_came_from(visitor: Visitor) -> None:
    ana = make_user()
    there = fill(visitor(ana), "/bank-accounts/mine?next=/vouchers/7/claim", iban=PORTUGAL, holder_name="Ana Kovač")
    assert (there.status_code, there.location) == (302, "/vouchers/7/claim")
    assert current(user_id=ana.id).iban == PORTUGAL


@pytest.mark.parametrize("next", ["https://elsewhere.example", "//elsewhere.example", "javascript:alert(1)", "\\elsewhere"])
def test_it_never_leads_to_another_site(visitor: Visitor, next: str) -> None:
    ana = make_user()
    client = visitor(ana)
    page = client.get("/bank-accounts/mine", query_string={"next": next})
    assert "elsewhere" not in text_of(page)
    assert "alert(1)" not in text_of(page)
    typed = values_of(page) | {"iban": PORTUGAL}
    there = client.post("/bank-accounts/mine", data=typed, query_string={"next": next})
    assert there.location == "/bank-accounts"


def test_nobody_sees_the_whole_number_again(visitor: Visitor) -> None:
    home = make_organisation()
    ana = make_member(home, Role.COORDINATOR)
    set_for(ana, ana)
    set_for(home, ana, AUSTRIA)
    client = visitor(ana)
    for path in ("/bank-accounts", "/bank-accounts/mine", f"/bank-accounts/organisations/{home.id}", "/account"):
        page = client.get(path)
        assert page.status_code == 200
        for number in (PORTUGAL, AUSTRIA):
            assert number[4:-4] not in page.get_data(as_text=True).replace(" ", "")
    assert "PT50 •••• 0154" in text_of(client.get("/bank-accounts"))
    assert "AT61 •••• 3201" in text_of(client.get("/bank-accounts"))


def test_only_its_coordinators_set_an_organisation_s(visitor: Visitor) -> None:
    home = make_organisation()
    path = f"/bank-accounts/organisations/{home.id}"
    others = [make_member(home, role) for role in (Role.GUEST, Role.HOST, Role.PROVIDER)]
    others += [make_member(make_organisation(), Role.COORDINATOR), make_user(), make_user(is_administrator=True)]
    for person in others:
        client = visitor(person)
        assert client.get(path).status_code == 404
        assert client.post(path, data={"iban": PORTUGAL, "holder_name": "Me"}).status_code == 404
    assert visitor(make_member(home, Role.COORDINATOR)).get(path).status_code == 200
    assert visitor(others[0]).get("/bank-accounts/organisations/999999").status_code == 404
    assert current(organisation_id=home.id) is None


def test_signing_in_is_asked_for(client: Client, app: Flask) -> None:
    for path in ("/bank-accounts", "/bank-accounts/mine", "/bank-accounts/organisations/1"):
        assert client.get(path).status_code in {302, 303}


def test_a_mistake_keeps_what_was_typed(visitor: Visitor) -> None:
    ana = make_user()
    page = fill(visitor(ana), "/bank-accounts/mine", iban="PT50 0002 0123 1234 5678 9051 4", bic="DEUTDEF", holder_name="Ana K.")
    html = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'id="iban-error"' in html
    assert 'id="bic-error"' in html
    assert "two digits may be swapped" in text_of(page)
    for typed in ("PT50 0002 0123 1234 5678 9051 4", "DEUTDEF", "Ana K."):
        assert f'value="{typed}"' in html


@pytest.mark.parametrize("typed", ["", "\x01", "😀" * 40, "<script>", "PT50" + "1" * 5000])
@pytest.mark.parametrize("field", ["iban", "bic", "holder_name", "seen", "form_key"])
def test_nonsense_is_never_an_error_of_ours(visitor: Visitor, field: str, typed: str) -> None:
    ana = make_user()
    fine = {"iban": PORTUGAL, "holder_name": "Ana"}
    page = fill(visitor(ana), "/bank-accounts/mine", **fine | {field: typed})
    assert page.status_code in {302, 409, 422}


def test_the_slower_of_two_tabs_is_told_and_keeps_what_was_typed(visitor: Visitor) -> None:
    ana = make_user()
    client = visitor(ana)
    old = values_of(client.get("/bank-accounts/mine"))
    fill(client, "/bank-accounts/mine", iban=PORTUGAL)
    page = client.post("/bank-accounts/mine", data=old | {"iban": AUSTRIA})
    assert page.status_code == 409
    assert "This has changed since you opened it" in text_of(page)
    assert AUSTRIA in page.get_data(as_text=True)
    assert "IBAN, as saved now: PT50 •••• 0154" in text_of(page)
    assert "Account holder, as saved now" not in text_of(page), "it is the same"
    assert client.post("/bank-accounts/mine", data=values_of(page)).status_code == 302
    assert current(user_id=ana.id).iban == AUSTRIA


def test_one_form_sent_eight_times_sets_one_account(visitor: Visitor, db_session: Any) -> None:
    ana = make_user()
    browser = visitor(ana)
    typed = values_of(browser.get("/bank-accounts/mine")) | {"iban": PORTUGAL}
    answers = at_once(browser, 8, lambda tab: tab.post("/bank-accounts/mine", data=typed))
    assert {each.location for each in answers} == {"/bank-accounts"}
    assert db_session.scalar(select(func.count()).select_from(BankAccount)) == 1
    assert len(recipients("account_added")) == 1


def test_the_list_takes_three_queries_for_any_number_of_organisations(visitor: Visitor, queries: Any) -> None:
    ana = make_user()
    client = visitor(ana)
    for number in (1, 3):
        for _ in range(number):
            home = make_organisation()
            make_membership(ana, home, Role.COORDINATOR)
            set_for(home, ana)
        with queries() as seen:
            assert client.get("/bank-accounts").status_code == 200
        assert seen.count == 3, seen
