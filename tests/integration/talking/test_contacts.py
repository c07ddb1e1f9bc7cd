"""Whom to turn to about a theme or a programme: who chooses, who sees it, and what if they leave."""

from typing import Any

import pytest
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.themes.models import Theme
from tests.support.client import Visitor
from tests.support.factories import coordinator_of, end_roles, make_guest, make_member, make_theme
from tests.support.forms import values_of

ADDRESS = "office@example.org"


@pytest.fixture
def theme(db_session: Any) -> Theme:
    return make_theme()


def choose(client: Any, path: str, **given: Any) -> Any:
    return client.post(path, data=values_of(client.get(path)) | given)


def test_a_role_s_address_is_for_who_is_signed_in_unless_it_is_chosen_so(client: Any, visitor: Visitor, theme: Theme) -> None:
    page, path = f"/themes/{theme.id}", f"/themes/{theme.id}/contact"
    host, guest = visitor(coordinator_of(theme)), visitor(make_guest())
    assert choose(host, path, kind="address", role="Office", address=ADDRESS).status_code == 303
    assert ADDRESS in guest.get(page).text
    assert ADDRESS not in client.get(page).text
    assert "Office" not in client.get(page).text
    assert choose(host, path, kind="address", role="Office", address=ADDRESS, public="y").status_code == 303
    assert ADDRESS in client.get(page).text
    assert [each.act for each in db.session.scalars(select(AuditEntry))].count("contact_changed") == 2


def test_a_person_is_named_told_and_followed_by_the_coordinators(visitor: Visitor, theme: Theme) -> None:
    page, path = f"/themes/{theme.id}", f"/themes/{theme.id}/contact"
    coordinator, person = coordinator_of(theme), make_member(theme.host, Role.HOST, name="Berta Hofer")
    assert choose(visitor(coordinator), path, kind="person", person=person.id).status_code == 303
    seen = visitor(make_guest()).get(page).text
    assert "Berta Hofer" in seen
    assert person.email not in seen
    mail = select(OutboxMessage.recipient_id).where(OutboxMessage.kind == "contact_named")
    assert db.session.scalars(mail).all() == [person.id]
    end_roles(person)
    seen = visitor(make_guest()).get(page).text
    assert "Berta Hofer" not in seen
    assert coordinator.name in seen


def test_only_coordinators_of_the_host_and_owners_choose(visitor: Visitor, theme: Theme) -> None:
    of_theme, of_programme = f"/themes/{theme.id}/contact", f"/programmes/{theme.programme_id}/contact-person"
    owner = make_member(theme.programme, Role.OWNER)
    for person, expected in (
        (coordinator_of(theme), (200, 404)),
        (owner, (404, 200)),
        (make_member(theme.host, Role.HOST), (404, 404)),
        (make_member(theme.programme, Role.FINANCE_OFFICER), (404, 404)),
        (make_guest(), (404, 404)),
    ):
        client = visitor(person)
        assert (client.get(of_theme).status_code, client.get(of_programme).status_code) == expected
    assert choose(visitor(owner), of_programme, kind="address", role="Office", address=ADDRESS).status_code == 303
    assert ADDRESS in visitor(make_guest()).get(f"/programmes/{theme.programme_id}").text


def test_what_is_missing_or_changed_meanwhile_is_said(visitor: Visitor, theme: Theme) -> None:
    path, client = f"/themes/{theme.id}/contact", visitor(coordinator_of(theme))
    assert "Choose somebody" in choose(client, path, kind="person", person="").text
    assert "its address" in choose(client, path, kind="address", role="Office").text
    values = values_of(client.get(path))
    assert choose(client, path, kind="address", role="Office", address=ADDRESS).status_code == 303
    answer = client.post(path, data=values | {"kind": "team"})
    assert answer.status_code == 409
