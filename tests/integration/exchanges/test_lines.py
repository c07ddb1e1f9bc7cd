"""The numbered lines of an agreement and its manager: amended by both sides, in the form, and read by others."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from mobility.agreements.lines import LONGEST, Line
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.exchanges import operations
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.exchanges.rules import Terms, manager_of
from mobility.people.models import User
from mobility.people.roles import Role
from tests.support.factories import coordinator_of, make_exchange, make_guest, make_member, sign_in
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.lines import texts, typed

pytestmark = pytest.mark.usefixtures("db_session")

FIVE = "One\nTwo\nThree\nFour\nFive"
MANAGER = {"manager_name": "Mira Manager", "manager_email": "mira@home.example"}


def amend(exchange: Exchange, by: User | None = None, **changes: Any) -> AgreementVersion:
    written = Terms.of(exchange.newest_version).written() | typed(**changes)
    version = operations.amend(exchange, by=by or exchange.guest, **written)
    db.session.flush()
    return version


def keys(exchange: Exchange) -> list[str]:
    assert exchange.newest_version
    return [row["key"] for row in exchange.newest_version.objectives]


def lines_of(exchange: Exchange) -> tuple[Line, ...]:
    return Terms.of(exchange.newest_version).objectives


# Keys


def test_both_sides_amend_and_each_line_stays_itself() -> None:
    exchange = make_exchange(objectives="One\nTwo")
    host = coordinator_of(exchange.theme)
    amend(exchange, objectives=[Line("o1", "One, reworded"), Line("o2", "Two"), Line("", "Three")])
    assert keys(exchange) == ["o1", "o2", "o3"]
    amend(exchange, by=host, objectives=[lines_of(exchange)[2], lines_of(exchange)[0]])
    assert keys(exchange) == ["o3", "o1"]
    amend(exchange, objectives=[Line("", "Two"), *lines_of(exchange)])
    assert keys(exchange) == ["o4", "o3", "o1"], "what was given up is not taken again, though it says the same"
    amend(exchange, by=host, objectives=[Line("o2", "Guessed"), *lines_of(exchange)])
    assert keys(exchange) == ["o5", "o4", "o3", "o1"]
    operations.go_unfunded(exchange, by=exchange.guest, reason="Our budget has it.")
    assert keys(exchange) == ["o5", "o4", "o3", "o1"]


def test_the_first_version_takes_its_lines_from_theme_and_application() -> None:
    exchange = make_exchange(objectives="\r\n1) A\r\n2) B\r\n", brings="\n".join("abcdefg"))
    assert exchange.newest_version
    assert texts(exchange.newest_version.objectives) == ["A", "B"]
    benefit = texts(exchange.newest_version.host_benefit)
    assert (len(benefit), "\n".join(benefit).endswith("a\nb\nc\nd\ne\nf\ng")) == (5, True)


@pytest.mark.parametrize("lines", [[], [Line("", " ")], [Line("", str(number)) for number in range(6)]])
def test_there_are_one_to_five(lines: list[Line]) -> None:
    exchange = make_exchange()
    with pytest.raises(Refusal, match="Write one to 5 lines") as refusal:
        amend(exchange, objectives=lines)
    assert refusal.value.field == "objectives"


# The form


def test_what_is_wrong_is_said_at_its_row_and_nothing_is_lost(client: Any) -> None:
    exchange = make_exchange(objectives=FIVE)
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    long = "ž" * (LONGEST + 1)
    wrong = {"objectives-1": long, "guest_benefit-0": " \u200b", "host_benefit-2": "<b>\r\nTwo"}
    page = client.post(address, data=values_of(client.get(address)) | wrong)
    words = text_of(page)
    assert page.status_code == 422
    assert f"Objective 2: Keep this to {LONGEST} characters, or make two of it." in words
    assert "What the guest gains: Write at least one." in words
    kept = values_of(page)
    assert (kept["objectives-1"], kept["objectives-1-key"], kept["host_benefit-2"].split()) == (long, "o2", ["<b>", "Two"])
    mended = client.post(address, data=kept | {"objectives-1": "Two, shorter", "guest_benefit-0": "Much"})
    assert mended.status_code == 303
    assert exchange.newest_version
    assert texts(exchange.newest_version.host_benefit)[-1] == "<b>\nTwo"


def test_a_longer_line_of_an_older_agreement_may_stay(client: Any) -> None:
    exchange = make_exchange(objectives="x" * (LONGEST + 1))
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    assert client.post(address, data=values_of(client.get(address)) | {"objectives-1": "More"}).status_code == 303


def test_buttons_move_rows_and_save_nothing(client: Any) -> None:
    exchange = make_exchange(objectives=FIVE)
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    opened = values_of(client.get(address)) | {"objectives-4": "Five, typed", "last_day": "nonsense"}
    page = client.post(address, data=opened | {"rows": "objectives up 4"})
    moved = values_of(page)
    assert (page.status_code, "There is a problem" in page.text) == (200, False)
    assert [moved[f"objectives-{place}"] for place in range(5)] == ["One", "Two", "Three", "Five, typed", "Four"]
    assert (moved["objectives-3-key"], moved["version"]) == ("o5", opened["version"])
    for nonsense in (
        "",
        "x",
        "objectives",
        "objectives up",
        "objectives up x",
        "agenda up 1",
        "objectives fly 9",
        "objectives up ²",
    ):
        assert client.post(address, data=opened | {"rows": nonsense}).status_code == 200
    assert db.session.query(AgreementVersion).count() == 1
    sign_in(client, make_guest())
    assert client.post(address, data=opened | {"rows": "objectives up 4"}).status_code == 404


def test_the_same_click_twice_with_a_new_line_is_one_version(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    values = values_of(client.get(address)) | {"objectives-1": "A new one"}
    assert [client.post(address, data=values).status_code for _ in range(2)] == [303, 303]
    assert db.session.query(AgreementVersion).count() == 2
    assert keys(exchange) == ["o1", "o2"]


# The manager


def test_the_guest_names_who_confirms_and_the_host_reads_the_name(client: Any) -> None:
    exchange = make_exchange()
    sign_in(client, exchange.guest)
    address = f"/exchanges/{exchange.id}/amend"
    named = values_of(client.get(address)) | MANAGER | {"manager_email": " Mira@HOME.example "}
    assert client.post(address, data=named).status_code == 303
    stored = MANAGER["manager_email"]
    for person, reads in ((exchange.guest, True), (coordinator_of(exchange.theme), False)):
        sign_in(client, person)
        for path in ("", "/agreement/2", "/sign"):
            page = text_of(client.get(f"/exchanges/{exchange.id}{path}"))
            assert ("Mira Manager" in page, stored in page.lower()) == (True, reads), path
    paper = client.get(f"/exchanges/{exchange.id}/agreement-2.pdf")
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(paper.data)).pages)
    assert ("Mira Manager" in words, "home.example" in words) == (True, False)
    form = client.get(address)
    assert not [name for name in values_of(form) if name.startswith("manager")]
    assert client.post(address, data=values_of(form) | {"objectives-0": "Another"} | {"manager_name": "Me"}).status_code == 303
    assert exchange.newest_version
    assert (exchange.newest_version.number, exchange.newest_version.manager_name) == (3, "Mira Manager")


def test_that_only_the_address_has_changed_is_seen_by_the_host_too(client: Any) -> None:
    exchange = make_exchange()
    amend(exchange, **MANAGER)
    amend(exchange, manager_email="other@home.example")
    sign_in(client, coordinator_of(exchange.theme))
    page = text_of(client.get(f"/exchanges/{exchange.id}/agreement/3"))
    assert ("Their e-mail address" in page, "home.example" in page) == (True, False)


def test_who_cannot_confirm(client: Any) -> None:
    exchange = make_exchange()
    host, guest = coordinator_of(exchange.theme), exchange.guest
    sign_in(client, guest)
    address = f"/exchanges/{exchange.id}/amend"
    for given, words in (
        ({"manager_email": guest.email.upper()}, "This is your own address"),
        ({"manager_name": guest.name.upper()}, "This is your own name"),
        ({"manager_email": host.email}, f"{host.name} belongs to {exchange.host.name}, the host."),
        ({"manager_email": ""}, "Enter both the name and the e-mail address"),
        ({"manager_name": ""}, "Enter both the name and the e-mail address"),
        ({"manager_email": "nobody"}, "Their e-mail address:"),
    ):
        page = client.post(address, data=values_of(client.get(address)) | MANAGER | given)
        assert (page.status_code, words in text_of(page)) == (422, True), given
        assert "field-error" in page.text
    with pytest.raises(Refusal, match="says who of them can confirm it"):
        amend(exchange, by=host, **MANAGER)


def test_a_colleague_with_an_account_can_confirm_until_they_travel_themselves() -> None:
    exchange = make_exchange()
    colleague = make_member(exchange.guest_organisation, Role.COORDINATOR)
    amend(exchange, manager_name=colleague.name, manager_email=colleague.email)
    assert manager_of(exchange) is None, "nobody has agreed to it yet"
    operations.sign(exchange, by=coordinator_of(exchange.theme), number=2)
    operations.sign(exchange, by=exchange.guest, number=2)
    assert manager_of(exchange) == (colleague.name, colleague.email)
    exchange.guest = colleague
    assert manager_of(exchange) is None
    amend(exchange, by=coordinator_of(exchange.theme), objectives="Another")
    assert exchange.newest_version
    assert (exchange.newest_version.manager_name, exchange.newest_version.manager_email) == ("", "")
