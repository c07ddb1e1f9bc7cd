"""Who has left an organisation keeps reading what names them, and binds it to nothing more (decision 0013)."""

from types import ModuleType

import pytest

from mobility.applications import operations as applications
from mobility.claims import operations as claims
from mobility.core.errors import GuardRefused, NotReady
from mobility.exchanges import operations as exchanges
from mobility.people.roles import Role
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from tests.support import factories
from tests.support.cases import DECLARATIONS, make_case
from tests.support.client import Visitor
from tests.support.html import text_of

pytestmark = pytest.mark.usefixtures("db_session")
GONE = "Your role in .* ended on 1 March 2027."


def test_a_draft_names_an_organisation_that_one_belongs_to() -> None:
    draft = factories.make_draft()
    factories.end_roles(draft.guest)
    with pytest.raises(NotReady) as refused:
        applications.submit(draft, by=draft.guest)
    assert [(each.field, each.message.partition(" any more. ")[2]) for each in refused.value.problems] == [
        ("organisation", "Choose an organisation you belong to.")
    ]
    new = factories.make_organisation(country="PT", city="Porto")
    factories.make_membership(draft.guest, new, Role.GUEST)
    draft.guest_organisation = new
    applications.submit(draft, by=draft.guest)
    assert draft.state == "submitted"


def test_nobody_confirms_for_an_organisation_they_have_left() -> None:
    application = factories.make_accepted()
    factories.end_roles(application.guest)
    with pytest.raises(GuardRefused, match=f"{GONE} You can withdraw it"):
        exchanges.confirm(application, by=application.guest)
    applications.withdraw(application, by=application.guest)


def test_a_free_place_goes_to_the_next_if_the_first_has_left(clock: ModuleType) -> None:
    theme = factories.make_theme(places=1)
    exchange = factories.make_exchange(theme)
    waiting = [factories.make_draft(theme) for _ in range(3)]
    for draft in waiting:
        clock.move(minutes=1)
        applications.wait_for_place(draft, by=draft.guest)
    first, second, third = waiting
    factories.end_roles(first.guest)
    visits.cancel(exchange, by=exchange.guest, reason="Our programme has changed.")
    assert [each.place_offered_on is not None for each in waiting] == [False, True, False]
    factories.end_roles(second.guest)
    with pytest.raises(NotReady, match="You have no role in"):
        applications.accept_offer(second, by=second.guest)
    applications.leave_queue(second, by=second.guest)
    assert third.place_offered_on is not None


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_a_holder_who_has_left_asks_for_no_money(visitor: Visitor, state: str) -> None:
    case = make_case("light")
    if state == "returned":
        case.take_to("requested")
        vouchers.ask_information(case.voucher, by=case.owner, question="Which train?")
    holder, before = visitor(case.holder), case.voucher.version
    factories.end_roles(case.holder)
    address = f"/vouchers/{case.voucher.id}/{'request' if state == 'draft' else 'resubmit'}"
    sent = holder.post(address, data={"version": before, "declarations": list(DECLARATIONS), "answer": "The first one."})
    assert (sent.status_code, case.voucher.state) == (409, state)
    there, name = case.exchange.guest_organisation.name, case.guest_coordinator.name
    words = f"Your role in {there} ended on 1 March 2027. A colleague there can go on: {name}."
    assert words in text_of(sent)
    assert holder.get(f"/vouchers/{case.voucher.id}").status_code == 200
    claims.take_over(case.exchange, by=case.guest_coordinator, reason="She has left.")
    assert case.voucher.holder == case.guest_coordinator


@pytest.mark.parametrize("action", ["sign", "amend", "replace_guest", "go_unfunded"])
def test_a_guest_who_has_left_binds_nobody(action: str) -> None:
    exchange = factories.make_exchange()
    exchange.workflow.check("amend", exchange, exchange.guest)
    factories.end_roles(exchange.guest)
    with pytest.raises(GuardRefused, match=GONE):
        exchange.workflow.check(action, exchange, exchange.guest)
