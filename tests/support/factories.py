"""Small things tests need, made directly: each function adds one object to the session and flushes it.

What is not given is plausible and unique; what a test is about, it says.
"""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from mobility.accounts import session as sign_ins
from mobility.accounts.models import SignIn
from mobility.accounts.rules import SIGN_IN_LASTS
from mobility.applications import operations as applications
from mobility.applications.models import Application, Delegate
from mobility.claims.models import Claim
from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.paying.models import PayingAccount
from mobility.people.models import Membership, Organisation, User
from mobility.people.queries import people_in
from mobility.people.roles import Level, OrganisationKind, Role
from mobility.programmes import operations as programmes_operations
from mobility.programmes import queries as programmes_queries
from mobility.programmes.models import BudgetLine, Call, Programme, ProgrammeLevel, Scheme
from mobility.rates import queries as rate_queries
from mobility.rates.models import RateCard
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM
from tests.support.cards import card_of

_numbers = count(1)
_ids = count(10**6, 1000)  # given, so that people are inserted all at once; far apart, as SQLite goes on from the largest


def _added(thing: Any) -> Any:
    db.session.add(thing)
    db.session.flush()
    return thing


def make_organisation(**values: Any) -> Organisation:
    """A cluster organisation in Graz."""
    plausible = {
        "name": f"Organisation {next(_numbers)}",
        "kind": OrganisationKind.CLUSTER_ORGANISATION,
        "country": "AT",
        "city": "Graz",
        "latitude": 47.07,
        "longitude": 15.44,
        "sectors": ["manufacturing"],
    }
    return _added(Organisation(**plausible | values))


def _user(**values: Any) -> User:
    number = next(_numbers)
    plausible = {"email": f"person{number}@example.org", "name": f"Person {number}", "level": Level.CLUSTER_MANAGER}
    return User(id=next(_ids), **{"memberships": []} | plausible | values)


def make_user(**values: Any) -> User:
    """Somebody active, a cluster manager, without any role."""
    return _added(_user(**values))


def make_membership(user: User, within: Organisation | Programme, role: Role, **values: Any) -> Membership:
    """A role of a person in an organisation or a programme; `values` are `since` and `until`."""
    user.memberships.append(_membership(within, role, **values))
    db.session.flush()
    return user.memberships[-1]


def _membership(within: Organisation | Programme, role: Role, **values: Any) -> Membership:
    place = {"organisation" if isinstance(within, Organisation) else "programme": within}
    return Membership(id=next(_ids), role=role, **place, **values)


def end_roles(user: User, *within: Organisation | Programme) -> None:
    """The roles of a person end: those in these places, or all."""
    for each in user.current_memberships:
        if not within or (each.organisation or each.programme) in within:
            each.until = clock.utc_now()
    db.session.flush()


def make_member(within: Organisation | Programme, *roles: Role, **values: Any) -> User:
    """A new person with these roles."""
    return make_user(memberships=[_membership(within, role) for role in roles], **values)


def make_members(*places: tuple[Organisation | Programme, Role]) -> list[User]:
    """A new person for each role, all stored at once."""
    users = [_user(memberships=[_membership(within, role)]) for within, role in places]
    db.session.add_all(users)
    db.session.flush()
    return users


def make_programme(**values: Any) -> Programme:
    """A national programme with the scheme `full`, without a call."""
    plausible = {
        "name": f"Programme {next(_numbers)}",
        "level": ProgrammeLevel.NATIONAL,
        "scheme": Scheme.FULL,
        "country": "AT",
        "eligible_countries": ["AT", "DE", "IT", "PT"],
        "eligible_levels": [Level.CLUSTER_MANAGER, Level.POLICY_MAKER, Level.CLUSTER_MEMBER],
    }
    return _added(Programme(**plausible | values))


def make_call(programme: Programme, **values: Any) -> Call:
    """A rolling call, open for a month."""
    plausible = {"name": f"Call {next(_numbers)}", "opens_on": clock.today() - timedelta(days=30)}
    return _added(Call(programme=programme, **plausible | values))


def make_window(starts_in: int = 40, days: int = 14, apply_in: int = 20) -> tuple[date, date, date]:
    """First day, last day and application deadline of a hosting window, counted in days from today."""
    first = clock.today() + timedelta(days=starts_in)
    return first, first + timedelta(days=days - 1), clock.today() + timedelta(days=apply_in)


def make_theme(*, by: User | None = None, publish: bool = True, **values: Any) -> Theme:
    """A complete theme, published unless said otherwise; by a new coordinator of its host unless one is given."""
    host = values.pop("host", None) or make_organisation()
    by = by or make_member(host, Role.COORDINATOR)
    plausible: dict[str, Any] = {
        "title": f"Theme {next(_numbers)}",
        "summary": "How we fund services after the grant ends.",
        "learning_offered": "Our membership fees and how we came to them.",
        "benefit_wanted": "A look at our numbers from outside.",
        "levels": [Level.CLUSTER_MANAGER],
        "sectors": ["manufacturing"],
        "languages": ["en"],
        "windows": [make_window()],
    }
    programme = values.pop("programme", None) or make_programme()
    theme = themes.create(by=by, host=host, programme=programme, **plausible | values)
    if publish:
        themes.publish(theme, by=by)
    db.session.flush()
    return theme


def sign_in(client: Any, user: User) -> None:
    """Make a test client's browser signed in as somebody, without the sign-in page.

    For a week it is as if it had just been used and the person just asked again, however the test moves the clock.
    """
    token = f"token-{next(_numbers)}"
    end = clock.utc_now() + SIGN_IN_LASTS
    _added(SignIn(token_hash=sign_ins._hashed(token), user_id=user.id, expires_at=end, seen_at=end, proved_at=end))
    db.session.commit()
    with client.session_transaction() as cookie:
        cookie[sign_ins.TOKEN] = token


def make_guest(**values: Any) -> User:
    """Somebody who can travel for a new organisation in Portugal."""
    organisation = values.pop("organisation", None) or make_organisation(country="PT", city="Aveiro")
    return make_member(organisation, Role.GUEST, **values)


def make_draft(theme: Theme | None = None, guest: User | None = None, **values: Any) -> Application:
    """A complete draft: whoever tests a gap says which field is empty."""
    theme, guest = theme or make_theme(), guest or make_guest()
    organisation = db.session.get_one(Organisation, guest.organisation_ids()[0])
    application = applications.start(theme, by=guest, guest_organisation=organisation)
    window = theme.windows[0]
    plausible = {
        "guest_organisation": organisation,
        "delegates": [(guest.name, guest.email, guest.level or "")],
        "motivation": "Our members ask for services we do not have yet.",
        "objectives": "A price list for our services by autumn.",
        "brings": "Ten years of working with food companies.",
        "first_day": window.first_day,
        "last_day": window.first_day + timedelta(days=4),
    }
    applications.save(application, by=guest, **plausible | values)
    return application


def make_submitted(theme: Theme | None = None, guest: User | None = None, **values: Any) -> Application:
    """A submitted application; `values` are what the draft says."""
    application = make_draft(theme, guest, **values)
    applications.submit(application, by=application.guest)
    db.session.flush()
    return application


def coordinator_of(theme: Theme) -> User:
    """A coordinator of the theme's host."""
    return people_in(theme.host_id, Role.COORDINATOR)[0]


def make_accepted(theme: Theme | None = None, guest: User | None = None, **values: Any) -> Application:
    """An accepted application with the wished dates."""
    application = make_submitted(theme, guest, **values)
    assert application.first_day
    assert application.last_day
    applications.accept(
        application,
        by=coordinator_of(application.theme),
        first_day=application.first_day,
        last_day=application.last_day,
        know_each_other=True,
    )
    db.session.flush()
    return application


def make_exchange(theme: Theme | None = None, guest: User | None = None, *, signed: bool = False, **values: Any) -> Exchange:
    """An exchange in planning, or agreed when `signed`; `values` are what the application says."""
    application = make_accepted(theme, guest, **values)
    exchange = exchanges.confirm(application, by=application.guest)
    db.session.flush()
    if signed:
        exchanges.sign(exchange, by=coordinator_of(exchange.theme), number=1)
        exchanges.sign(exchange, by=exchange.guest, number=1)
        db.session.flush()
    return exchange


# Money, exchanges and vouchers


def make_rate_card(programme: Programme, **components: Any) -> RateCard:
    """The card of money.md's first worked examples, unless components are given."""
    lump = {
        "amounts": {"PT": "780.00", "AT": "640.00"},
        "minimum_working_days": 3,
        "reduction": {"factor": "0.5", "if_working_days_under": 5, "or_km_under": 200},
    }
    newest = rate_queries.newest_rate_card(programme.id)
    number = newest.number + 1 if newest else 1
    card = card_of(**components or {"lump_by_country": lump})
    return _added(RateCard(programme=programme, number=number, name="Rates", components=card))


def make_budget_line(call: Call, amount: Decimal | int = 10_000, **values: Any) -> BudgetLine:
    """A line for mobility vouchers with this amount available."""
    line = _added(BudgetLine(call_id=call.id, **{"voucher_kind": "mobility", "name": "Mobility"} | values))
    if amount:
        programmes_operations.appropriate(line, Decimal(amount), by=SYSTEM)
    return line


def make_funded_programme(amount: Decimal | int = 10_000, **values: Any) -> Programme:
    """A programme with rates and an open call that has money."""
    programme = make_programme(**values)
    make_rate_card(programme)
    make_budget_line(make_call(programme), amount)
    return programme


def make_agreed_exchange(*, state: str = "agreed", **values: Any) -> Exchange:
    """An exchange of five working days in Lisbon, 40 days from the beginning of the tests' clock; made directly."""
    programme = values.pop("programme", None) or make_funded_programme()
    host = values.pop("host", None) or make_organisation(
        country="PT", city="Lisbon", latitude=38.72, longitude=-9.14, name=f"Lisbon host {next(_numbers)}"
    )
    home = values.pop("guest_organisation", None) or make_organisation()
    guest = values.pop("guest", None) or make_member(home, Role.GUEST)
    theme = values.pop("theme", None) or _added(
        Theme(programme=programme, host=host, title=f"Theme {next(_numbers)}", state="published", places=3)
    )
    first = values.pop("first_day", clock.today() + timedelta(days=42))  # a Monday, when today is one
    last = values.pop("last_day", first + timedelta(days=4))
    application = _added(
        Application(
            theme=theme,
            guest=guest,
            guest_organisation=home,
            state="confirmed",
            first_day=first,
            last_day=last,
            submitted_on=clock.today(),
            delegates=[Delegate(position=1, name=guest.name, email=guest.email, level=Level.CLUSTER_MANAGER)],
        )
    )
    return _added(
        Exchange(
            application=application,
            theme=theme,
            programme=programme,
            host=host,
            guest=guest,
            guest_organisation=home,
            first_day=first,
            last_day=last,
            state=state,
            **values,
        )
    )


def make_voucher(exchange: Exchange | None = None) -> Voucher:
    """The draft for an agreed exchange; tests take it on with the operations."""
    voucher = vouchers.draft_for(exchange or make_agreed_exchange(), by=SYSTEM)
    db.session.flush()
    return voucher


def make_validated(programme: Programme, *, by: User, amount: Decimal = Decimal("780.00")) -> Voucher:
    """A voucher whose claim `by` has validated in full, made directly; its money is set aside in the programme's first line."""
    exchange = make_agreed_exchange(programme=programme, state="completed")
    line = programmes_queries.budget_lines(programme.id)[0]
    today = clock.today()
    voucher = _added(
        Voucher(
            kind="mobility",
            state="validated",
            programme=programme,
            exchange=exchange,
            holder=exchange.guest,
            holder_organisation=exchange.guest_organisation,
            host=exchange.host,
            budget_line=line,
            amount=amount,
            decided_on=today,
            final_amount=amount,
            claimed_on=today,
            validated_on=today,
            validated_by_id=by.id,
            waiting_for="payment",
            waiting_since=today,
            due_on=today + timedelta(days=programme.payment_days),
        )
    )
    _added(Claim(voucher=voucher, objectives_met="yes", report="We saw how it is done.", take_overs="The price list."))
    programmes_operations.commit_budget(line, amount, for_=voucher, by=SYSTEM)
    return voucher


def pays_from(programme: Programme, iban: str = "AT611904300234573201", holder_name: str = "Fund") -> PayingAccount:
    """From now on; made directly, as if two people had agreed long ago."""
    values = {"iban": iban, "holder_name": holder_name, "confirmed_at": clock.utc_now(), "usable_from": clock.utc_now()}
    return _added(PayingAccount(programme=programme, **values))
