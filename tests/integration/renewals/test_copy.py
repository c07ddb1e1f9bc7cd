"""A programme copied for the next year: what is the same, what is not taken along, who may."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.audit.models import AuditEntry
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Programme
from mobility.programmes.operations import create_budget_line
from mobility.questionnaires.models import Questionnaire
from mobility.rates.models import RateCard
from mobility.rates.operations import save_rate_card
from mobility.teams.models import RoleInvitation
from mobility.vouchers.kinds import DEFAULT
from tests.support.client import Client
from tests.support.factories import make_budget_line, make_call, make_member, make_programme, make_rate_card, make_user, sign_in
from tests.support.html import text_of

NEXT = {"name": "Alpine 2028", "call": "Spring 2028", "opens_on": "2028-01-10", "closes_on": "2028-03-31", "with_team": "y"}


@pytest.fixture
def alpine(db_session: Any) -> Programme:
    made = make_programme(name="Alpine 2027", host_answer_days=12, de_minimis_ceiling=Decimal(300_000), about="For the Alps")
    card = make_rate_card(made)
    save_rate_card(made, by=make_user(), components=card.components, name="Rates of July")
    line = make_budget_line(make_call(made, name="Autumn"), 5000)
    line.name = "Stays"
    return made


def copied(client: Client, programme: Programme, **values: str) -> Any:
    return client.post(f"/programmes/{programme.id}/copy", data={"form_key": "one", **NEXT, **values})


def the_copy() -> Programme:
    db.session.rollback()
    return db.session.scalars(select(Programme).where(Programme.name == "Alpine 2028")).one()


def test_rules_rates_questionnaires_and_lines_are_the_same(client: Client, alpine: Programme) -> None:
    asked = db.session.scalars(select(Questionnaire).where(Questionnaire.programme_id == alpine.id)).first()
    if asked is not None:
        asked.title, asked.days = "In our words", 3
    rita = make_member(alpine, Role.OWNER, name="Rita")
    sign_in(client, rita)
    answer = copied(client, alpine)
    assert answer.status_code == 302, text_of(answer)
    made = the_copy()
    assert (made.host_answer_days, made.de_minimis_ceiling, made.about) == (12, Decimal(300_000), "For the Alps")
    cards = db.session.scalars(select(RateCard).where(RateCard.programme_id == made.id)).all()
    assert [(each.number, each.name) for each in cards] == [(1, "Rates of July")]
    assert cards[0].components == make_rate_card_components(alpine)
    (call,) = made.calls
    assert (call.name, str(call.opens_on), str(call.closes_on)) == ("Spring 2028", "2028-01-10", "2028-03-31")
    lines = db.session.scalars(select(BudgetLine).where(BudgetLine.call_id == call.id)).all()
    assert [(each.name, each.voucher_kind, each.available, each.committed) for each in lines] == [("Stays", DEFAULT, 0, 0)]
    if asked is not None:
        copy = db.session.scalars(select(Questionnaire).filter_by(programme_id=made.id, key=asked.key)).one()
        assert (copy.title, copy.days) == ("In our words", 3)
    assert db.session.scalar(select(func.count()).where(AuditEntry.act == "programme_copied")) == 1


def make_rate_card_components(programme: Programme) -> Any:
    cards = db.session.scalars(select(RateCard).filter_by(programme_id=programme.id).order_by(RateCard.number)).all()
    return cards[-1].components


def test_who_copies_owns_it_and_the_team_is_invited(client: Client, alpine: Programme) -> None:
    rita = make_member(alpine, Role.OWNER, name="Rita")
    nuno = make_member(alpine, Role.ASSESSOR, name="Nuno")
    make_member(alpine, Role.AUDITOR, name="Gone", active=False)
    sign_in(client, rita)
    copied(client, alpine)
    made = the_copy()
    assert db.session.get_one(User, rita.id).roles_in_programme(made.id) == {Role.OWNER}
    waiting = db.session.scalars(select(RoleInvitation).where(RoleInvitation.open)).all()
    assert [(each.person_id, each.role, each.programme_id) for each in waiting] == [(nuno.id, Role.ASSESSOR, made.id)]
    assert [each.recipient_id for each in db.session.scalars(select(OutboxMessage))] == [nuno.id]


def test_without_the_team_nobody_is_written_to(client: Client, alpine: Programme) -> None:
    rita = make_member(alpine, Role.OWNER)
    make_member(alpine, Role.ASSESSOR)
    sign_in(client, rita)
    client.post(f"/programmes/{alpine.id}/copy", data={"form_key": "one", **{k: v for k, v in NEXT.items() if k != "with_team"}})
    assert the_copy()
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": "alpine  2027"}, "Another programme has this name"),
        ({"closes_on": "2028-01-09"}, "cannot close before it opens"),
        ({"call": ""}, "Name of its first call"),
        ({"opens_on": "soon"}, "such as 2027-03-03"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(client: Client, alpine: Programme, values: dict[str, str], said: str) -> None:
    sign_in(client, make_member(alpine, Role.OWNER))
    answer = copied(client, alpine, **values)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert db.session.scalar(select(func.count()).select_from(Programme)) == 1


def test_twice_is_once(client: Client, alpine: Programme) -> None:
    create_budget_line(alpine.calls[0], by=make_user(), voucher_kind="knowledge", name="Training")
    sign_in(client, make_member(alpine, Role.OWNER))
    assert copied(client, alpine).location == copied(client, alpine).location
    made = the_copy().id
    assert db.session.scalar(select(func.count()).select_from(BudgetLine).where(BudgetLine.call.has(programme_id=made))) == 2


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR])
def test_nobody_else_copies_it(client: Client, alpine: Programme, role: Role) -> None:
    make_member(alpine, Role.OWNER)
    sign_in(client, make_member(alpine, role))
    assert client.get(f"/programmes/{alpine.id}/copy").status_code == 404
    assert copied(client, alpine).status_code == 404
    client.post("/sign-out")
    sign_in(client, make_member(make_programme(name="Another"), Role.OWNER))
    assert copied(client, alpine).status_code == 404


def test_an_administrator_copies_and_owns_nothing_without_having_said_so(client: Client, alpine: Programme) -> None:
    rita = make_member(alpine, Role.OWNER)
    robin = make_user(is_administrator=True)
    sign_in(client, robin)
    copied(client, alpine)
    made = the_copy()
    assert db.session.get_one(User, robin.id).roles_in_programme(made.id) == set()
    assert [each.person_id for each in db.session.scalars(select(RoleInvitation))] == [rita.id]


@pytest.mark.parametrize("address", ["", "office@example.org"])
def test_nobody_is_named_as_the_contact_of_a_copy_without_being_told(client: Client, alpine: Programme, address: str) -> None:
    rita = make_member(alpine, Role.OWNER, name="Rita")
    alpine.contact_public, alpine.contact_shown = True, not address
    alpine.contact_id = None if address else rita.id
    alpine.contact_role, alpine.contact_address = "Office" if address else "", address
    db.session.commit()
    sign_in(client, rita)
    copied(client, alpine)
    made = the_copy()
    assert (made.contact_id, made.contact_shown, made.contact_public) == (None, False, bool(address))
    assert (made.contact_role, made.contact_address) == ("Office" if address else "", address)
