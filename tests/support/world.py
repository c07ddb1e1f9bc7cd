"""A small world for stories in the browser: two clusters, a programme that pays, and the people who act."""

from typing import Any

from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.people.roles import Level, OrganisationKind, Role
from mobility.programmes.models import Programme, ProgrammeLevel, Scheme
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.operations import furnish
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import DECLARATIONS

HOST, GUEST, COLLEAGUE, OWNER, AUDITOR = "Inês Duarte", "Anton Gruber", "Berta Gruber", "Olga Ferrante", "Aldo Rieger"
PROGRAMME = "Alpine Exchange Fund"
FULL_PROGRAMME = "Danube Excellence Fund"
DECIDER, ASSESSOR, FINANCE, OTHER_FINANCE = "Paula Prado", "Egon Ertl", "Felix Auer", "Fritzi Berg"


def settle() -> None:
    """Everybody, ready for one click on the sign-in page. In an application context; commits nothing."""
    programme = factories.make_funded_programme(
        name=PROGRAMME, level=ProgrammeLevel.REGIONAL, scheme=Scheme.LIGHT, timezone="Europe/Vienna"
    )
    full = factories.make_programme(
        name=FULL_PROGRAMME, level=ProgrammeLevel.NATIONAL, scheme=Scheme.FULL, timezone="Europe/Vienna"
    )
    factories.make_rate_card(full, lump_by_country={"amounts": {"PT": "780.00"}})  # whichever days they are
    factories.make_budget_line(factories.make_call(full))
    ria = factories.make_organisation(name="Ria Food Cluster", country="PT", city="Aveiro", latitude=40.64, longitude=-8.65)
    mur = factories.make_organisation(name="Mur Valley Cluster", kind=OrganisationKind.CLUSTER_ORGANISATION)
    people = (
        (ria, HOST, Role.COORDINATOR),
        (mur, GUEST, Role.GUEST),
        (mur, COLLEAGUE, Role.GUEST),
        (programme, OWNER, Role.OWNER),
        (programme, AUDITOR, Role.AUDITOR),
        (full, DECIDER, Role.OWNER),
        (full, ASSESSOR, Role.ASSESSOR),
        (full, FINANCE, Role.FINANCE_OFFICER),
        (full, OTHER_FINANCE, Role.FINANCE_OFFICER),
    )
    for within, name, role in people:
        factories.make_member(within, role, name=name, level=Level.CLUSTER_MANAGER, demo_note=f"Is a {role.value} here.")


# What a test finds there already, made through the operations. In an application context, like the earlier one.


def person(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()


def offered(title: str, programme_name: str = PROGRAMME, **values: Any) -> Theme:
    """A theme of HOST, published."""
    by = person(HOST)
    host = db.session.get_one(Organisation, by.organisation_ids()[0])
    programme = db.session.scalars(select(Programme).where(Programme.name == programme_name)).one()
    return factories.make_theme(by=by, host=host, programme=programme, title=title, **values)


def ask_in(programme: Programme) -> None:
    """The programme has its questionnaires from now on, if it had none."""
    if not db.session.scalar(select(Questionnaire.id).where(Questionnaire.programme_id == programme.id).limit(1)):
        furnish(programme)


def to_claim(title: str) -> Voucher:
    """HOST has confirmed the stay, in a programme of the scheme `light`: GUEST can report and claim."""
    exchange = asked_for(title).exchange
    ask_in(exchange.programme)
    voucher = exchange.voucher
    vouchers.approve(voucher, by=person(OWNER))
    vouchers.redeem(voucher, by=person(HOST), code=voucher.code or "")
    vouchers.confirm_delivery(voucher, by=person(HOST))
    exchange.state, exchange.attended = "completed", [GUEST]
    exchange.actual_first_day, exchange.actual_last_day = exchange.first_day, exchange.last_day
    return voucher


def applied(title: str) -> Application:
    """GUEST has applied."""
    return factories.make_submitted(offered(title), person(GUEST))


def planned(title: str, programme_name: str = PROGRAMME) -> Exchange:
    """The match is made, nobody has signed."""
    return factories.make_exchange(offered(title, programme_name), person(GUEST))


def agreed(title: str, programme_name: str = PROGRAMME) -> Exchange:
    """Both have signed; the draft of the voucher waits for GUEST."""
    exchange = planned(title, programme_name)
    for name in (HOST, GUEST):
        visits.sign(exchange, by=person(name), number=1)
    db.session.flush()
    db.session.refresh(exchange)
    return exchange


def asked_for(title: str) -> Voucher:
    """GUEST has requested the voucher."""
    exchange = agreed(title)
    vouchers.request(exchange.voucher, by=exchange.guest, declarations=list(DECLARATIONS))
    return exchange.voucher
