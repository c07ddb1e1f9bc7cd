"""The home page: what waits for whom, in a number of queries that does not depend on how much it is."""

from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.people.roles import Role
from mobility.upkeep.models import JobState
from tests.support.factories import (
    make_agreed_exchange,
    make_exchange,
    make_member,
    make_organisation,
    make_programme,
    make_submitted,
    make_theme,
    make_user,
    make_voucher,
    sign_in,
)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_agreements_to_sign_are_asked_for_together(client: Any, db_session: Any, queries: Any, count: int) -> None:
    ana = make_member(make_organisation(), Role.COORDINATOR)
    theme = make_theme(host=ana.current_memberships[0].organisation, by=ana, places=count)
    for _ in range(count):
        make_exchange(theme)
    db_session.commit()
    sign_in(client, ana)
    client.get("/")
    with queries() as q:
        page = client.get("/")
    assert page.text.count("Sign the agreement") >= count
    assert q.count == (8 if count == 20 else 9), q  # of twenty, the theme is no more among what she did last


@pytest.mark.parametrize("count", [1, 3, 27])
def test_a_host_sees_the_applications_to_answer(client: Any, db_session: Any, queries: Any, count: int) -> None:
    host = make_organisation()
    ana = make_member(host, Role.COORDINATOR)
    theme = make_theme(host=host, by=ana)
    for _ in range(count):
        make_submitted(theme)
    sign_in(client, ana)
    client.get("/")
    with queries() as q:
        page = client.get("/")
    assert page.status_code == 200
    assert page.text.count("Answer the application") == min(count, 25)
    assert q.count == 7, q  # one for the themes among what she did, one for roles she is invited to, one for new messages


def test_the_guest_sees_the_voucher_to_request(client: Any, db_session: Any) -> None:
    exchange = make_agreed_exchange()
    make_voucher(exchange)
    sign_in(client, exchange.guest)
    page = client.get("/").text
    assert "Request your voucher" in page
    assert exchange.theme.title in page


def test_what_one_did_last_is_told_in_the_past(client: Any, db_session: Any) -> None:
    application = make_submitted()
    sign_in(client, application.guest)
    page = client.get("/").text
    title = application.theme.title
    assert f'Submitted: <a href="/applications/{application.id}">{title}</a>, application, ' in page
    assert "Brussels time" in page


def tick() -> None:
    """A scheduler runs, so administrators have nothing to see to."""
    ran = {"began_at": clock.utc_now(), "seconds": 0.1, "done": "", "failed": 0, "runs": 1, "failures": 0}
    db.session.add(JobState(job="deliver-outbox", **ran))
    db.session.commit()


@pytest.mark.parametrize(
    ("who", "says", "leads_to"),
    [
        ("newcomer", "Welcome: you have no tasks yet", "/themes"),
        ("provider", "Your vouchers show what was ordered from you.", "/vouchers"),
        ("officer", "The desk shows every voucher.", "/desk"),
        ("auditor", "As an auditor you can look at everything", "/desk"),
        ("administrator", "You look after people and organisations.", "/admin/organisations"),
    ],
)
def test_where_nothing_waits_each_reads_what_fits(client: Any, db_session: Any, who: str, says: str, leads_to: str) -> None:
    person = {
        "newcomer": lambda: make_member(make_organisation(), Role.GUEST),
        "provider": lambda: make_member(make_organisation(), Role.PROVIDER),
        "officer": lambda: make_member(make_programme(), Role.FINANCE_OFFICER),
        "auditor": lambda: make_member(make_programme(), Role.AUDITOR),
        "administrator": lambda: make_user(is_administrator=True),
    }[who]()
    tick()
    sign_in(client, person)
    page = client.get("/").text
    assert says in page
    assert "You have done your part everywhere" not in page
    assert leads_to in page.split(says)[1].split("</a>")[0]


def test_messages_are_found_also_when_none_is_new(client: Any, db_session: Any) -> None:
    sign_in(client, make_user())
    assert 'href="/conversations"' in client.get("/").text


def test_an_owner_finds_where_themes_are_moved_in(client: Any, db_session: Any) -> None:
    programme = make_programme()
    sign_in(client, make_member(programme, Role.OWNER))
    assert 'href="/imports"' in client.get(f"/programmes/{programme.id}").text
    assert client.get("/imports").status_code == 200
    sign_in(client, make_member(programme, Role.ASSESSOR))
    assert 'href="/imports"' not in client.get(f"/programmes/{programme.id}").text
