"""A case with all the people around it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from mobility.applications.models import Application
from mobility.banking.models import BankAccount
from mobility.claims import operations as claims
from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.knowledge import operations as knowledge
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Level, OrganisationKind, Role
from mobility.programmes.models import BudgetLine, Programme
from mobility.rates import operations as rates
from mobility.themes.models import Theme
from mobility.vouchers import operations
from mobility.vouchers.kinds import KNOWLEDGE, MOBILITY, kind_of
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support import evidence, factories
from tests.support.cards import card_of
from tests.support.client import Client

DECLARATIONS = kind_of(MOBILITY).declarations
REPORT = {  # where the programme has its questionnaires (questionnaires.operations.furnish)
    "benefit": "yes",
    "take_overs": [{"what": "The price list."}],
    "gave": "We saw it.",
    "recommend": 3,
}


@dataclass
class Case:
    """One exchange, its voucher, and everybody around them. `light` decides in one step."""

    programme: Programme
    line: BudgetLine
    exchange: Exchange
    voucher: Voucher
    holder: User
    guest_coordinator: User
    host_coordinator: User
    host: User
    owner: User
    other_owner: User
    assessor: User
    finance_officer: User
    auditor: User
    stranger: User

    def take_to(self, state: str) -> Voucher:
        """Take the voucher on through the operations."""
        full = self.programme.scheme == "full"
        decided = ["recommended", "approved"] if full else []
        path = ["draft", "requested", *decided, "issued", "redeemed", "delivered", "claimed", "validated"]
        for step in path[1 : path.index(state) + 1]:
            getattr(self, f"_{step}")()
        return self.voucher

    def _requested(self) -> None:
        operations.request(self.voucher, by=self.holder, declarations=list(DECLARATIONS))

    def _recommended(self) -> None:
        operations.recommend(self.voucher, by=self.assessor, scores=[24, 24, 16, 16], note="Well prepared.")

    def _approved(self) -> None:
        operations.approve(self.voucher, by=self.owner)

    def _issued(self) -> None:
        if self.programme.scheme == "full":
            operations.issue(self.voucher, by=self.owner)
        else:
            operations.approve(self.voucher, by=self.owner)

    def _redeemed(self) -> None:
        operations.redeem(self.voucher, by=self.host_coordinator, code=self.voucher.code or "")

    def _delivered(self) -> None:
        operations.confirm_delivery(self.voucher, by=self.host_coordinator)

    def _claimed(self) -> None:
        claims.save(self.voucher, by=self.holder, answers=REPORT)
        if self.programme.scheme == "full":
            claims.add_evidence(self.voucher, by=self.holder, name="boarding pass.pdf", content=evidence.pdf())
        claims.claim(self.voucher, by=self.holder)

    def _validated(self) -> None:
        claims.validate(self.voucher, by=self.owner)


def make_case(scheme: str = "full", amount: Decimal | int = 10_000, **values: Any) -> Case:
    programme = values.pop("programme", None) or factories.make_programme(scheme=scheme)
    if not programme.rate_cards:
        factories.make_rate_card(programme)
    line = values.pop("line", None) or factories.make_budget_line(factories.make_call(programme), amount)
    exchange = factories.make_agreed_exchange(programme=programme, **values)
    home, host = exchange.guest_organisation, exchange.host
    voucher = factories.make_voucher(exchange)
    people = factories.make_members(
        (home, Role.COORDINATOR),
        (host, Role.COORDINATOR),
        (host, Role.HOST),
        (programme, Role.OWNER),
        (programme, Role.OWNER),
        (programme, Role.ASSESSOR),
        (programme, Role.FINANCE_OFFICER),
        (programme, Role.AUDITOR),
    )
    return Case(programme, line, exchange, voucher, exchange.guest, *people, stranger=factories.make_user())


@pytest.fixture
def full(db_session: Any) -> Case:
    """In a programme with assessment and four eyes."""
    return make_case("full")


@pytest.fixture
def light(db_session: Any) -> Case:
    """In a programme that decides in one step."""
    return make_case("light")


# Knowledge vouchers

ALL = list(kind_of(KNOWLEDGE).declarations)
NEED = "A course in service design for three colleagues."
SHARE = {"share": "0.6", "minimum": "300.00", "cap": "3000.00"}  # money.md, the voucher card


@dataclass
class Knowledge:
    """A programme that gives knowledge vouchers, somebody who needs one, and a provider."""

    programme: Programme
    line: BudgetLine
    home: Organisation
    provider: Organisation
    holder: User
    coordinator: User
    seller: User
    owner: User
    assessor: User

    def given(self, **values: Any) -> dict[str, Any]:
        plausible = {
            "programme": self.programme,
            "organisation": self.home,
            "need": NEED,
            "provider": self.provider,
            "price": Decimal(4000),
        }
        return plausible | values

    def draft(self, **values: Any) -> Voucher:
        return knowledge.start(by=self.holder, **self.given(**values))

    def typed(self, **values: Any) -> dict[str, Any]:
        """As the form sends it."""
        given = self.given(price="4,000.00")
        ids = {name: given[name].id for name in ("programme", "organisation", "provider")}
        return given | ids | {"form_key": "one", "act": "save"} | values

    def take_to(self, state: str, **values: Any) -> Voucher:
        voucher = self.draft(**values)
        steps: dict[str, Callable[[], Any]] = {
            "requested": lambda: operations.request(voucher, by=self.holder, declarations=ALL),
            "issued": lambda: operations.approve(voucher, by=self.owner),
            "redeemed": lambda: operations.redeem(voucher, by=self.seller, code=voucher.code or ""),
            "delivered": lambda: operations.confirm_delivery(voucher, by=self.holder, note="All three were there."),
        }
        for name in list(steps)[: [*steps, ""].index(state) + 1]:
            steps[name]()
        return voucher


@pytest.fixture
def case(db_session: Any) -> Knowledge:
    return make_knowledge()


def make_knowledge(provider_name: str = "Akademija") -> Knowledge:
    programme = factories.make_programme(scheme="light")
    rates.save_rate_card(programme, by=SYSTEM, voucher_kind="knowledge", components=card_of(share_of_cost=SHARE))
    call = factories.make_call(programme)
    line = factories.make_budget_line(call, 10_000, voucher_kind="knowledge", name="Knowledge")
    home = factories.make_organisation()
    provider = factories.make_organisation(name=provider_name, kind="provider", country="PT", city="Porto")
    return Knowledge(
        programme,
        line,
        home,
        provider,
        factories.make_member(home, Role.GUEST),
        factories.make_member(home, Role.COORDINATOR),
        factories.make_member(provider, Role.PROVIDER),
        factories.make_member(programme, Role.OWNER),
        factories.make_member(programme, Role.ASSESSOR),
    )


IBAN = "PT50000201231234567890154"


def make_account(owner: User | Organisation, iban: str = IBAN, **values: Any) -> BankAccount:
    name = "user_id" if isinstance(owner, User) else "organisation_id"
    now = clock.utc_now()
    by = db.session.scalars(db.select(User).limit(1)).one()
    account = BankAccount(**{name: owner.id}, holder_name="X", iban=iban, added_by_id=by.id, usable_from=now, **values)
    db.session.add(account)
    db.session.flush()
    return account


def make_provider(**values: Any) -> Organisation:
    return factories.make_organisation(kind=OrganisationKind.PROVIDER, **values)


def bought(programme: Programme, provider: Organisation | None = None, state: str = "requested", **values: Any) -> Voucher:
    """A knowledge voucher of a new holder, made directly."""
    holder = values.pop("holder", None) or factories.make_guest()
    plausible = {
        "holder_organisation_id": values.get("holder_organisation_id") or holder.organisation_ids()[0],
        "provider": provider or make_provider(),
        "requested_on": clock.today(),
        "amount": Decimal("1200.00"),
    }
    voucher = Voucher(kind="knowledge", programme=programme, holder=holder, state=state, **plausible | values)
    db.session.add(voucher)
    db.session.flush()
    return voucher


# Pages


def act(client: Client, voucher: Voucher, action: str, **typed: Any) -> Any:
    """Send the form of an action, as it would be sent from the voucher as it is now."""
    return client.post(f"/vouchers/{voucher.id}/{action}", data={"version": voucher.version, **typed})


def desk_of(case: Case) -> str:
    return f"/programmes/{case.programme.id}/desk"


def waiting(case: Case, count: int, state: str = "requested") -> list[Voucher]:
    """So many vouchers of the case's programme, each of other people and organisations; made directly and stored at once."""
    vouchers = []
    for number in range(count):
        home, host = (Organisation(name=f"{side} {number}", **PLACE) for side in ("Home", "Host"))
        guest = User(email=f"guest{number}@example.org", name=f"Guest {number}", level=Level.CLUSTER_MANAGER)
        theme = Theme(programme=case.programme, host=host, title=f"Theme {number}", state="published", places=3)
        stay = {"first_day": case.exchange.first_day, "last_day": case.exchange.last_day}
        application = Application(theme=theme, guest=guest, guest_organisation=home, state="confirmed", **stay)
        parties = {"guest": guest, "guest_organisation": home, "host": host, "programme": case.programme}
        exchange = Exchange(application=application, theme=theme, state="agreed", **parties, **stay)
        voucher = Voucher(kind="mobility", programme=case.programme, holder=guest, holder_organisation=home, host=host)
        voucher.exchange, voucher.budget_line, voucher.state, voucher.amount = exchange, case.line, state, Decimal(780)
        voucher.requested_on = voucher.due_on = clock.today()
        vouchers.append(voucher)
        db.session.add_all([voucher, Membership(user=guest, organisation=home, role=Role.GUEST)])
    db.session.flush()
    return vouchers


PLACE = {"kind": "cluster_organisation", "country": "AT", "city": "Graz", "latitude": 47.07, "longitude": 15.44}
