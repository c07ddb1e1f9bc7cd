"""Who may see what: the check in Python and the condition in SQL answer alike, for everybody in a generated world."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.notifications.recipients import Directory, playing
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import ORGANISATION_ROLES, PROGRAMME_ROLES
from mobility.programmes.models import Programme
from mobility.stories.operations import begin
from mobility.subjects import SUBJECTS
from mobility.tasks import Tasks, tasks_of
from mobility.workflows.history import Subject
from mobility.workflows.parts import Only, Person, id_at
from mobility.workflows.visibility import acts, plays
from mobility.workflows.workflow import Actor
from tests.support.cases import bought, make_knowledge
from tests.support.experts import make_mentoring
from tests.support.factories import end_roles, make_organisation, make_programme
from tests.support.followups import ask, visited
from tests.support.joining import make_joining
from tests.support.stories import telling
from tests.support.takeovers import measured, taken
from tests.support.tills import make_till

Place = tuple[str, int, str]  # ("organisation" or "programme", its id, the role there)
NOBODY = -1  # the id of somebody who stands in no column


@pytest.fixture
def world(db_session: Any) -> None:
    """One of everything, vouchers of both kinds, and an organisation and a programme beside."""
    till = make_till(1)
    till.collect()
    bought(till.programme)
    case = visited(clock.today() - timedelta(days=7))
    taken(case.exchange, by=case.coordinator)
    measured(case.coordinator, case.exchange.guest_organisation)
    ask()
    make_mentoring()
    telling().recommended()
    service = make_knowledge().take_to("delivered")
    begin(service, by=service.holder)
    make_joining()
    make_joining(new=True, name="Another one", first="Sava Cluster")
    make_organisation()
    make_programme()
    db_session.commit()


def somebody(id: int, *places: Place, left: tuple[Place, ...] = (), administers: bool = False) -> User:
    """A person who is nowhere stored: only their id and their memberships matter; those in `left` have ended."""
    person = User(id=id, name="Somebody", email="somebody@example.org", is_administrator=administers)
    person.memberships = [_role(each) for each in places] + [_role(each, clock.utc_now()) for each in left]
    return person


def _role(place: Place, until: datetime | None = None) -> Membership:
    kind, id, role = place
    return Membership(**{f"{kind}_id": id, "role": role}, until=until)


def places() -> list[Place]:
    """Every role in every organisation and programme there is."""

    organisations = [
        ("organisation", id, role) for id in db.session.scalars(select(Organisation.id)) for role in ORGANISATION_ROLES
    ]
    programmes = [("programme", id, role) for id in db.session.scalars(select(Programme.id)) for role in PROGRAMME_ROLES]
    return organisations + programmes


def people() -> list[User]:
    """Everybody who stands in a column, somebody with each membership and with none, some with two, and who has left each
    place: as nobody, as one of the first, with a role elsewhere, and to come back."""
    named = sorted({id for model in SUBJECTS for id in _named(model)})
    chance = Random(1)
    pairs = chance.sample(list(combinations(places(), 2)), 40)
    return [
        somebody(NOBODY),
        somebody(NOBODY, administers=True),
        *(somebody(id) for id in named),
        *(somebody(NOBODY, place) for place in places()),
        *(somebody(NOBODY, *pair) for pair in pairs),
        *(somebody(NOBODY, left=(place,)) for place in places()),
        *(somebody(chance.choice(named), left=(place,)) for place in chance.sample(places(), 15)),
        *(somebody(NOBODY, one, left=(other,)) for one, other in pairs[:15]),
        *(somebody(NOBODY, one, left=(one, other)) for one, other in pairs[:15]),
        *(somebody(chance.choice(named), place) for place in places()),
        *(somebody(chance.choice(named), one, left=(other,)) for one, other in pairs),
    ]


def _named(model: type[Subject]) -> list[int]:
    paths = [part.who.path for part in model.workflow.parts if isinstance(part.who, Person)]
    found = [id_at(row, path) for row in db.session.scalars(select(model)) for path in paths]
    return [id for id in found if id is not None]


def disagreements(model: type[Subject], everybody: list[User]) -> Iterator[str]:
    """Where the SQL finds other parts, or other rows to see, than `actors_on` says."""
    rows = list(db.session.scalars(select(model).order_by(model.id)))
    for person in everybody:
        actors = dict.fromkeys(part.actor for part in model.workflow.parts)  # one may play two parts of one name
        parts = [plays(model, person, actor).label(actor.name) for actor in actors]
        whole = (plays(model, person).label("sees"), acts(model, person).label("may_act"))
        found = db.session.execute(select(model.id, *whole, *parts).order_by(model.id)).all()
        for row, subject in zip(found, rows, strict=True):
            in_sql = {Actor[name] for name, plays_it in row._mapping.items() if name.isupper() and plays_it}
            in_python = model.workflow.actors_on(person, subject)
            if bool(row.may_act) != bool(model.workflow.acting_on(person, subject)):
                yield f"{model.__name__} {subject.id} ({subject.state}): {memberships(person)} act? {row.may_act}"
            if in_sql != in_python or bool(row.sees) != bool(in_python):
                yield f"{model.__name__} {subject.id} ({subject.state}) to {memberships(person)}: {in_sql} != {set(in_python)}"


def memberships(person: User) -> list[str]:
    told = [
        (each.role, each.organisation_id or each.programme_id, "" if each.current else " once") for each in person.memberships
    ]
    return [f"{role} of {id}{once}" for role, id, once in told] or [f"id {person.id}"]


def set_all(model: type[Subject], state: str) -> None:
    db.session.execute(update(model).values(state=state).execution_options(synchronize_session=False))
    db.session.expire_all()


@pytest.mark.parametrize("model", SUBJECTS, ids=lambda model: model.__name__)
def test_the_check_and_the_condition_agree_for_everybody(world: None, model: type[Subject]) -> None:
    everybody = people()
    first, second, *rest = (state.name for state in model.workflow.states)
    for state in (first, second):
        set_all(model, state)
        assert list(disagreements(model, everybody)) == []
    for number, state in enumerate(rest):
        set_all(model, state)
        assert list(disagreements(model, everybody[number :: len(rest)])) == []


def test_everybody_plays_some_part_and_some_play_none(world: None) -> None:
    """So that the test before means something: each declared part is played by somebody, towards some row."""
    everybody = people()
    for model in SUBJECTS:
        set_all(model, model.workflow.states[-1].name)
        rows = list(db.session.scalars(select(model)))
        played = {actor for row in rows for person in everybody for actor in model.workflow.actors_on(person, row)}
        assert played == {part.actor for part in model.workflow.parts}
        assert any(not model.workflow.may_see(person, row) for row in rows for person in everybody)


@pytest.mark.parametrize("model", SUBJECTS, ids=lambda model: model.__name__)
def test_a_role_that_has_ended_is_no_part(world: None, model: type[Subject]) -> None:
    """Not in the check, not in SQL; whoever the subject names keeps reading it."""
    set_all(model, model.workflow.states[1].name)
    gone, nobody = somebody(NOBODY, left=tuple(places())), somebody(NOBODY)
    rows = list(db.session.scalars(select(model)))
    assert rows
    assert not any(model.workflow.actors_on(gone, row) for row in rows)
    assert db.session.scalars(select(model).where(plays(model, gone))).all() == []
    for id in _named(model):
        before, after = somebody(id), somebody(id, left=tuple(places()))
        assert [model.workflow.actors_on(after, row) for row in rows] == [model.workflow.actors_on(before, row) for row in rows]
    assert tasks_of(gone) == tasks_of(nobody) == Tasks()


@pytest.mark.parametrize("model", SUBJECTS, ids=lambda model: model.__name__)
def test_mail_reaches_those_who_play_a_part_and_nobody_else(world: None, model: type[Subject]) -> None:
    """Everybody stored, half of whose roles have ended: who is told is who the check says."""
    chance = Random(2)
    for kind, id, role in places():
        for _ in range(2):
            until = clock.utc_now() if chance.random() < 0.5 else None
            number = chance.randrange(10**9)
            person = User(email=f"p{number}@example.org", name=f"P {number}")
            person.memberships.append(Membership(**{f"{kind}_id": id, "role": role}, until=until))
            db.session.add(person)
    for id in _named(model):
        if chance.random() < 0.5:
            end_roles(db.session.get_one(User, id))
    db.session.flush()
    set_all(model, model.workflow.states[1].name)
    everybody = list(db.session.scalars(select(User).where(User.active)))
    rows = list(db.session.scalars(select(model)))
    actors = [part.actor for part in model.workflow.parts]
    directory = Directory(rows, actors)
    for row in rows:
        for actor in actors:
            plays_it = {each.id for each in everybody if model.workflow.plays(actor, each, row)}
            acts_in_it = {each.id for each in everybody if actor in model.workflow.acting_on(each, row)}
            # mail knows no states: of a part that is not played yet, it finds who will play it
            told, listed = {each.person.id for each in directory.of(row, [actor])}, {each.id for each in playing(row, actor)}
            if plays_it > acts_in_it:  # whom the row names has left: the coordinators there are told
                path = next(part.acts_for.path for part in model.workflow.parts if part.actor == actor and part.acts_for)
                there = {each.id for each in everybody if "coordinator" in each.roles_in(id_at(row, path))}
                assert (told, listed) == (set(), there or plays_it)
                assert {each.person.id for each in directory.instead(row, [actor])} == there
                continue
            assert told == listed
            assert told >= plays_it
            assert not plays_it or told == plays_it, (row.id, actor)


def test_a_difference_would_be_seen(world: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Python forgot that a draft is its guest's alone."""
    monkeypatch.setattr(Only, "holds", lambda self, subject: True)
    model = next(model for model in SUBJECTS if model.workflow.name == "application")
    set_all(model, "draft")
    assert any("coordinator" in each for each in disagreements(model, people()))
    assert list(disagreements(Exchange, people())) == []  # it has no such condition
