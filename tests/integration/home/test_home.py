"""The home page: what waits for whom, in a number of queries that does not depend on how much it is."""

from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.joining import operations as joining
from mobility.paying.operations import propose
from mobility.people.roles import Role
from mobility.upkeep.models import JobState
from tests.support.factories import (
    make_agreed_exchange,
    make_call,
    make_exchange,
    make_funded_programme,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_rate_card,
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
    assert q.count == (6 if count == 20 else 7), q  # of twenty, the theme is no more among what she did last


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
    assert q.count == 5, q  # one for the themes among what she did


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
        ("administrator of nothing", "There is no programme yet", "/admin/programmes"),
    ],
)
def test_where_nothing_waits_each_reads_what_fits(client: Any, db_session: Any, who: str, says: str, leads_to: str) -> None:
    person = {
        "newcomer": lambda: make_member(make_organisation(), Role.GUEST),
        "provider": lambda: make_member(make_organisation(), Role.PROVIDER),
        "officer": lambda: make_member(make_programme(), Role.FINANCE_OFFICER),
        "auditor": lambda: make_member(make_programme(), Role.AUDITOR),
        "administrator": lambda: make_programme() and make_user(is_administrator=True),
        "administrator of nothing": lambda: make_user(is_administrator=True),
    }[who]()
    tick()
    sign_in(client, person)
    page = client.get("/").text
    assert says in page
    assert "You have done your part everywhere" not in page
    assert leads_to in page.split(says)[1].split("</a>")[0]


def test_whoever_has_asked_to_join_is_not_told_to_ask(client: Any, db_session: Any) -> None:
    """Until the answer they read what they wait for; with their first role they are new, as asking was no part of their work."""
    person, place = make_user(), make_organisation(name="Mur Cluster")
    lead = make_member(place, Role.COORDINATOR)
    asked = joining.ask(person, organisation=place, role=Role.GUEST, words="")
    sign_in(client, person)
    page = client.get("/").text
    assert "You have asked to join Mur Cluster: the answer comes by mail." in page
    assert "Join your organisation" not in page
    joining.accept(asked, by=lead, note="")
    db_session.commit()
    page = client.get("/").text
    assert "Welcome: you have no tasks yet" in page
    assert "You have done your part everywhere" not in page


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


@pytest.mark.parametrize("owned", [1, 3])
def test_an_owner_sets_up_a_new_programme_step_by_step(client: Any, db_session: Any, queries: Any, owned: int) -> None:
    """As it is after an administrator has created it: no rules, no rates, no call."""
    owner, programmes = make_user(), [make_programme(eligible_levels=[], eligible_countries=[]) for _ in range(owned)]
    for programme in programmes:
        make_membership(owner, programme, Role.OWNER)
    sign_in(client, owner)
    client.get("/")
    with queries() as q:
        page = client.get("/").text
    assert q.count == 6, q
    for programme in programmes:
        assert f'href="/programmes/{programme.id}/rules"' in page
        assert f'href="/programmes/{programme.id}/rates"' in page
        assert f'href="/programmes/{programme.id}/calls/new"' in page
    programmes[0].eligible_levels = ["manager"]
    make_rate_card(programmes[0])
    db_session.commit()
    page = client.get("/").text
    assert f'href="/programmes/{programmes[0].id}/rules"' not in page
    assert f'href="/programmes/{programmes[0].id}/rates"' not in page
    assert f'href="/programmes/{programmes[0].id}/calls/new"' in page
    make_call(programmes[0])
    db_session.commit()
    assert f"/programmes/{programmes[0].id}/calls/new" not in client.get("/").text


def test_what_is_no_subject_is_read_where_there_is_some(client: Any, db_session: Any, queries: Any) -> None:
    """A role somebody is invited to, an account to confirm, a message: each costs a query, and none where there is none."""
    programme = make_funded_programme()
    officer = make_member(programme, Role.FINANCE_OFFICER)
    sign_in(client, officer)
    client.get("/")
    with queries() as before:
        page = client.get("/").text
    assert "Confirm the account to pay from" not in page
    other = make_member(programme, Role.FINANCE_OFFICER)
    propose(programme, by=other, holder_name="Fund", iban="AT611904300234573201", seen=0)
    db_session.commit()
    with queries() as after:
        page = client.get("/").text
    assert "Confirm the account to pay from" in page
    assert after.count == before.count + 1, after
