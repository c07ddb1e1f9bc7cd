"""Whose POST does what, of everything that comes after a visit: part by act by somebody else's object, written out by hand.

Each form is sent as bare as a stranger would send it: whoever may not is refused before anything of it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.core import clock
from mobility.core.database import db
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.questionnaires import operations as questionnaires
from mobility.questionnaires.models import Questionnaire
from tests.support.cases import make_knowledge
from tests.support.client import Client, Visitor
from tests.support.experts import make_expert, make_mentoring
from tests.support.factories import end_roles, make_call, make_member, make_organisation, make_programme, make_user
from tests.support.followups import Asked, ask, visited
from tests.support.takeovers import measured, taken

MAY, SEES, GONE = "+", "-", "."  # does it, or is told what is wrong with the form; 403; 404


@dataclass
class World:
    """`names` stand in the addresses of the table; `people` are its columns."""

    names: dict[str, Any] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)


@pytest.fixture
def world(db_session: Any) -> World:
    return make_world()


def make_world() -> World:
    case = visited(clock.today() - timedelta(days=7))
    take_over = taken(case.exchange, by=case.coordinator)
    figure = measured(case.coordinator, case.exchange.guest_organisation)
    ask()
    mentor = make_mentoring()
    service = make_knowledge(f"Akademija of {case.programme.id}")
    voucher = service.take_to("delivered")
    home, call = case.exchange.guest_organisation, make_call(case.programme)
    left = make_member(home, Role.COORDINATOR)
    other_exchange = visited().exchange
    made = World(
        {
            "exchange": case.exchange.id,
            "home": home.id,
            "programme": case.programme.id,
            "call": call.id,
            "take_over": take_over.id,
            "figure": figure.id,
            "request": _request(case, "end_guest"),
            "host_request": _request(case, "end_host"),
            "mentoring": mentor.mentoring.id,
            "expert": make_expert().id,
            "voucher": voucher.id,
        },
        {
            "guest": case.guest,
            "coordinator": case.coordinator,
            "colleague": make_member(home, Role.HOST),
            "left": left,
            "host": case.host,
            "owner": case.owner,
            "assessor": make_member(case.programme, Role.ASSESSOR),
            "finance": make_member(case.programme, Role.FINANCE_OFFICER),
            "auditor": make_member(case.programme, Role.AUDITOR),
            "other owner": make_member(make_programme(), Role.OWNER),
            "other guest": other_exchange.guest,
            "other coordinator": make_member(make_organisation(), Role.COORDINATOR),
            "mentor": mentor.mentor,
            "mentee": mentor.mentee,
            "mentee's": mentor.coordinator,
            "holder": service.holder,
            "holder's": service.coordinator,
            "seller": service.seller,
            "administrator": make_user(is_administrator=True),
        },
    )
    end_roles(left, home)
    month_3 = db.session.query(Questionnaire).filter_by(programme_id=case.programme.id, key="month_3").one()
    without = [each for each in month_3.edited if each.key != "support"]
    questionnaires.edit_items(month_3, without, by=case.owner, seen=month_3.version)
    db.session.commit()
    return made


def _request(case: Asked, key: str) -> int:
    return next(each.id for each in case.requests(key) if each.exchange_id == case.exchange.id)


# Who plays which column, by hand. Whoever is not named gets 404.
OF_HOME = {"guest": MAY, "coordinator": MAY}
TAKE_OVER = OF_HOME | dict.fromkeys(("colleague", "owner", "auditor"), SEES)
FIGURE = {"coordinator": MAY, "guest": SEES, "colleague": SEES}
VALUES = dict.fromkeys(("coordinator", "guest", "colleague"), MAY)
# Guests, their coordinators and hosts see an exchange, and everybody of its programme
EXCHANGE = dict.fromkeys(("guest", "coordinator", "host", "owner", "assessor", "finance", "auditor"), SEES)
REQUEST = {"guest": SEES, "coordinator": SEES, "owner": SEES, "auditor": SEES}
HOST_REQUEST = {"host": SEES, "owner": SEES, "auditor": SEES}
MENTORING = {"mentor": SEES, "mentee": SEES, "mentee's": SEES}
BOTH = {"mentor": MAY, "mentee": MAY}
OWNER = {"owner": MAY}

TABLE: dict[str, dict[str, str]] = {
    **{
        f"/takeovers/{{take_over}}/{act}": TAKE_OVER
        for act in ("start", "put-to-use", "drop", "plan", "revise", "add-evidence", "take-out-evidence")
    },
    "/organisations/{home}/takeovers/new": OF_HOME,
    "/organisations/{home}/keyfigures/new": FIGURE,
    **{f"/keyfigures/{{figure}}/{act}": FIGURE for act in ("revise", "retire", "take-up")},
    **{f"/keyfigures/{{figure}}/{act}": VALUES for act in ("record", "correct")},
    "/exchanges/{exchange}/keyfigures": EXCHANGE | OF_HOME,
    "/followups/{request}/answer": REQUEST | {"guest": MAY},
    "/followups/{request}/hand-over": REQUEST | {"coordinator": MAY},
    "/followups/{request}/ask-again": REQUEST | OWNER,
    "/followups/{request}/call-off": REQUEST | OWNER,
    "/followups/{request}/report-undelivered": REQUEST | OWNER,
    "/followups/{host_request}/answer": HOST_REQUEST | {"host": MAY},
    "/followups/{host_request}/call-off": HOST_REQUEST | OWNER,
    "/programmes/{programme}/followups": OWNER,
    "/programmes/{programme}/calls/{call}/lessons": OWNER,
    "/programmes/{programme}/calls/{call}/lessons/reopen": OWNER,
    "/exchanges/{exchange}/publishing/guest": OF_HOME,
    "/exchanges/{exchange}/publishing/host": {"host": MAY},
    "/vouchers/{voucher}/publishing/guest": {"holder": MAY, "holder's": MAY},
    "/vouchers/{voucher}/publishing/host": {"seller": MAY},
    **{
        f"/programmes/{{programme}}/questionnaires/month_3/{act}": OWNER
        for act in ("new", "add-back", "discard", "move", "publish", "settings", "items/shared", "items/shared/take-out")
    },
    "/mentorings/{mentoring}/accept": MENTORING | {"mentor": MAY},
    "/mentorings/{mentoring}/decline": MENTORING | {"mentor": MAY},
    "/mentorings/{mentoring}/withdraw": MENTORING | {"mentee": MAY, "mentee's": MAY},
    **{
        f"/mentorings/{{mentoring}}/{act}": MENTORING | BOTH
        for act in ("record-talk", "agree-points", "change-points", "look-back", "end")
    },
    "/mentorings/{mentoring}/cancel": MENTORING | BOTH | {"mentee's": MAY},
}
FIELDS = {"add-back": {"item": "support"}, "move": {"item": "shared"}}  # without which there is nothing to find
NOT_HERE = {  # routes that these features have beside: whose they are stands elsewhere
    "experts.agree": "one's own: no number in its address",
    "experts.stop": "one's own",
    "experts.ask": "everybody with a role may ask: tests/integration/experts/test_mentoring.py says who is refused, and why",
    "followups.by_link": "whoever has the link: tests/integration/followup/test_answering.py",
    "followups.confirm": "whoever has the link: tests/integration/followup/test_manager.py",
    "keyfigures.of_voucher": "as of_exchange",
}
FEATURES = ("consents", "experts", "mentorings", "followups", "keyfigures", "lessons", "questionnaires", "takeovers")


def stored() -> dict[str, int]:
    """How many rows each table has, and for those that are moved how often they were."""
    tables = {name: table for name, table in db.metadata.tables.items() if name not in {"audit_entry", "signed_in_browser"}}
    db.session.expire_all()
    counts = {name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
    versions = {
        f"{name} moved": db.session.scalar(select(func.sum(table.c.version))) or 0
        for name, table in tables.items()
        if "version" in table.c and name not in {"history_entry"}
    }
    return counts | versions


def found(client: Client, address: str, world: World) -> str:
    status = client.post(address.format(**world.names), data=FIELDS.get(address.rpartition("/")[2], {})).status_code
    return {403: SEES, 404: GONE}.get(status, MAY if status in {200, 303, 409, 422} else str(status))


def test_only_whom_the_table_names_acts(world: World, visitor: Visitor) -> None:
    """First all that is refused, after which everything is as before; then those who may."""
    clients = {name: visitor(person) for name, person in world.people.items()}
    wanted = {(address, name): TABLE[address].get(name, GONE) for address in TABLE for name in clients}
    before = stored()
    codes = {(address, name): found(clients[name], address, world) for (address, name), code in wanted.items() if code != MAY}
    assert codes == {place: code for place, code in wanted.items() if code != MAY}
    assert stored() == before
    codes = {(address, name): found(clients[name], address, world) for (address, name), code in wanted.items() if code == MAY}
    assert codes == dict.fromkeys(codes, MAY)


def test_somebody_who_is_not_signed_in_is_led_to_it(world: World, client: Client) -> None:
    before = stored()
    for address in TABLE:
        answer = client.post(address.format(**world.names))
        assert (address, answer.status_code) == (address, 401)
    assert stored() == before


def test_every_post_of_these_features_is_in_the_table(app: Any, world: World) -> None:
    sent: set[str] = set()
    for address in TABLE:
        sent.add(app.url_map.bind("localhost").match(address.format(**world.names), method="POST")[0])
    every = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in FEATURES
    }
    assert every == sent | NOT_HERE.keys()


WRONG_PLACES: dict[str, Callable[[World, World], str]] = {  # one's own programme or organisation, with another's object in it
    "call": lambda one, other: f"/programmes/{one.names['programme']}/calls/{other.names['call']}/lessons",
    "reopen": lambda one, other: f"/programmes/{one.names['programme']}/calls/{other.names['call']}/lessons/reopen",
    "item": lambda one, _other: f"/programmes/{one.names['programme']}/questionnaires/month_3/items/quality",
}


@pytest.mark.parametrize("what", WRONG_PLACES)
def test_another_s_object_in_one_s_own_place_is_none(world: World, visitor: Visitor, what: str) -> None:
    path = WRONG_PLACES[what](world, make_world())
    owner = visitor(world.people["owner"])
    before = stored()
    assert owner.post(path).status_code == 404
    assert stored() == before


def test_reminding_of_another_programme_s_requests_reminds_nobody(world: World, visitor: Visitor) -> None:
    other = make_world()
    owner = visitor(world.people["owner"])
    before = stored()
    answer = owner.post(f"/programmes/{world.names['programme']}/followups", data={"chosen": [other.names["request"]]})
    assert answer.status_code in {303, 409, 422}
    assert stored() == before
