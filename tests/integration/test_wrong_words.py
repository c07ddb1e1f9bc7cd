"""Mails and pages that said the wrong thing: to the wrong person, at the wrong time, or of something else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mobility.claims import operations as claims
from mobility.core.errors import GuardRefused, NotReady
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.themes import operations as themes
from mobility.vouchers import operations
from tests.support.cases import DECLARATIONS, Case, act, make_knowledge
from tests.support.factories import (
    coordinator_of,
    make_exchange,
    make_funded_programme,
    make_member,
    make_membership,
    make_submitted,
    make_theme,
    make_voucher,
    sign_in,
)
from tests.support.forms import fill
from tests.support.html import text_of


@pytest.fixture
def mail(db_session: Any) -> Callable[..., OutboxMessage]:
    """The newest message of a kind to a person."""

    def newest(kind: str, person: Any) -> OutboxMessage:
        db_session.flush()
        query = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.recipient_id == person.id)
        return db_session.scalars(query.order_by(OutboxMessage.id.desc())).first()

    return newest


def test_while_an_assessor_is_next_the_owner_is_not_asked(mail: Any, full: Case) -> None:
    full.take_to("requested")
    hers, his = mail("voucher_requested", full.owner), mail("voucher_requested", full.assessor)
    assert hers.subject_line.startswith("Nothing to do yet: ")
    assert "An assessor looks at it first; you decide after that." in hers.text
    assert "lease decide" not in hers.text + his.text
    assert his.subject_line == f"Assess the voucher of {full.holder.name} by 15 March 2027"


def test_nor_after_an_answer(mail: Any, full: Case) -> None:
    full.take_to("requested")
    operations.ask_information(full.voucher, by=full.owner, question="Who?")
    operations.resubmit(full.voucher, by=full.holder, answer="Ana.")
    assert mail("voucher_answered", full.owner).subject_line.startswith("Nothing to do yet: ")
    assert mail("voucher_answered", full.assessor).subject_line.startswith("Assess the voucher of ")


def test_in_light_the_owner_is_asked(mail: Any, light: Case) -> None:
    light.take_to("requested")
    letter = mail("voucher_requested", light.owner)
    assert letter.subject_line == f"Decide on the voucher of {light.holder.name} by 15 March 2027"
    assert letter.text.startswith("Please decide by 15 March 2027")


def test_the_host_does_not_use_a_voucher_but_redeems_it(mail: Any, light: Case) -> None:
    light.take_to("issued")
    assert mail("voucher_issued", light.holder).subject_line.startswith("Use the voucher for")
    assert mail("voucher_issued", light.host_coordinator).subject_line.startswith(
        f"Redeem the voucher of {light.holder.name} on arrival by "
    )
    until = light.voucher.valid_until + timedelta(days=30)
    operations.extend(light.voucher, by=light.owner, until=until)
    assert "use the voucher for" in mail("voucher_extended", light.holder).subject_line
    assert f"redeem the voucher of {light.holder.name}" in mail("voucher_extended", light.host_coordinator).subject_line


def test_the_provider_redeems_a_voucher_too(mail: Any) -> None:
    case = make_knowledge()
    voucher = case.take_to("issued")
    assert mail("voucher_issued", case.holder).subject_line.startswith("Use the voucher for")
    assert mail("voucher_issued", case.seller).subject_line.startswith(f"Redeem the voucher of {voucher.holder.name} by ")


def last_signature(client: Any, exchange: Exchange) -> str:
    """What the host reads who signs, as the second, what the guest has changed and signed."""
    host = coordinator_of(exchange.theme)
    changes = {"objectives-0": "To see the new hall as well."}
    for person, page, typed in (
        (exchange.guest, "amend", changes),
        (exchange.guest, "sign", {"number": "2"}),
        (host, "sign", {"number": "2"}),
    ):
        sign_in(client, person)
        answer = fill(client, f"/exchanges/{exchange.id}/{page}", **typed)
        assert answer.status_code == 303, answer.text
    return text_of(client.get(f"/exchanges/{exchange.id}"))


def test_once_it_is_issued_nobody_can_request_the_voucher(client: Any, mail: Any) -> None:
    programme = make_funded_programme(scheme="light")
    exchange = make_exchange(make_theme(programme=programme), signed=True)
    voucher = make_voucher(exchange)
    operations.request(voucher, by=exchange.guest, declarations=list(DECLARATIONS))
    operations.approve(voucher, by=make_member(programme, Role.OWNER))
    page = last_signature(client, exchange)
    assert "You have signed: both sides have, and version 2 is in force." in page
    assert "can request" not in page
    assert "The voucher is issued already and covers the stay." in mail("agreement_agreed", exchange.guest).text


def test_before_it_is_requested_the_guest_can(client: Any, mail: Any) -> None:
    exchange = make_exchange(make_theme(programme=make_funded_programme(scheme="light")), signed=True)
    assert "both sides have, and the guest can request the voucher." in last_signature(client, exchange)
    assert "Next, request your mobility voucher" in mail("agreement_agreed", exchange.guest).text


def test_after_the_contact_nobody_is_told_to_talk_first(client: Any, db_session: Any) -> None:
    application = make_submitted()
    sign_in(client, coordinator_of(application.theme))
    address = f"/applications/{application.id}"
    assert f"Talk to {application.guest.name} first" in client.get(address).text
    application.state = "in_dialogue"
    db_session.flush()
    assert "first:" not in client.get(address).text


def test_approving_says_what_it_did(client: Any, light: Case) -> None:
    light.take_to("requested")
    sign_in(client, light.owner)
    act(client, light.voucher, "approve")
    page = client.get(f"/vouchers/{light.voucher.id}").text
    assert "Approved and issued. Both sides have been told." in page
    assert "the money is set aside" not in page


def test_in_two_steps_it_says_what_comes_next(client: Any, full: Case) -> None:
    full.take_to("recommended")
    sign_in(client, full.owner)
    act(client, full.voucher, "approve")
    assert "Approved: the money is set aside. Issue it next." in client.get(f"/vouchers/{full.voucher.id}").text


def test_what_somebody_else_must_do_is_not_my_turn(client: Any, full: Case) -> None:
    """The assessor who is an owner, too: another owner decides."""
    both = full.assessor
    make_membership(both, full.programme, Role.OWNER)
    full.take_to("recommended")
    sign_in(client, full.owner)
    assert "Waiting for others" not in client.get("/").text
    sign_in(client, both)
    assert "Decide on the voucher" in client.get("/").text.split("Waiting for others")[1]
    page = client.get(f"/vouchers/{full.voucher.id}").text
    assert "somebody else must approve it" in page
    assert "Your turn" not in page


def test_a_returned_claim_is_called_so_and_says_why(client: Any, full: Case) -> None:
    full.take_to("claimed")
    claims.return_claim(full.voucher, by=full.finance_officer, reason="The boarding pass is of another day.")
    sign_in(client, full.holder)
    page = client.get(f"/vouchers/{full.voucher.id}").text
    assert "Claim returned" in page
    assert "The boarding pass is of another day." in page.split("History")[0]
    assert "Claim returned" in client.get("/vouchers").text


def test_what_is_wrong_with_a_theme_is_said_at_once(db_session: Any) -> None:
    theme = make_theme(publish=False)
    by = coordinator_of(theme)
    with pytest.raises(NotReady) as refusal:
        themes.save(theme, by=by, title="", minimum_days=30, maximum_days=20, places=0)
    assert [each.field for each in refusal.value.problems] == ["title", "maximum_days", "places"]


def test_what_a_draft_lacks_is_said_at_once(db_session: Any) -> None:
    theme = make_theme(publish=False, benefit_wanted="", levels=[])
    theme.windows = []
    with pytest.raises(GuardRefused) as refusal:
        themes.publish(theme, by=coordinator_of(theme))
    assert refusal.value.message == (
        "Still missing: what you want in return, who it is for (levels). Add at least one hosting window in the future."
    )


def test_what_is_needed_to_publish_is_not_called_optional(client: Any, db_session: Any) -> None:
    theme = make_theme(publish=False)
    sign_in(client, coordinator_of(theme))
    page = client.get(f"/themes/{theme.id}/edit").text
    for label in ("What guests can learn", "What you want in return", "Levels"):
        assert "(optional)" not in page.split(f"{label}</l")[0][-1:] + page.split(label, 1)[1].split("<p")[0]
    assert "(optional)" in page.split("Good to know", 1)[1].split("<p")[0]
