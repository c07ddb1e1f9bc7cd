"""What people of the demonstration write to each other: a question, an application, an exchange with a file, a voucher."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select

from mobility.applications.models import Application
from mobility.applications.workflow import SUBMITTED
from mobility.core.database import db
from mobility.demo.cast import Cast
from mobility.demo.money import picture
from mobility.exchanges import queries as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import AGREED
from mobility.lists.reaching import reach_of
from mobility.mailings import operations as mailings
from mobility.mailings.queries import Draft
from mobility.people.models import Membership, User
from mobility.people.roles import Role
from mobility.talking import operations as talking
from mobility.talking.models import Conversation
from mobility.themes.models import Theme
from mobility.themes.workflow import PUBLISHED
from mobility.vouchers.models import Voucher

TALKING_DAY = -1
ASKS = "Ana Zupan"
WRITES = "Katharina Holzer"
MAILED = {"side": "programme", "state": AGREED}
MAIL_SUBJECT = "Book your travel to {host} before {first_day}"
MAIL_TEXT = """Dear {name},

your stay about “{theme}” at {host} begins on {first_day}. Trains are cheapest four weeks ahead, so please book soon.

- Keep tickets and boarding cards: the claim asks for them.
- If your dates change, say so on the page of the exchange first.

Good travels"""


def talks(cast: Cast) -> Iterator[int]:
    yield TALKING_DAY
    _question(cast)
    _application(cast)
    _exchange(cast)
    _voucher(cast)
    _mailing()


def _say(conversation: Conversation, *lines: tuple[User, str], **last: Any) -> None:
    """The last line with what else is given; who has been answered has read until then."""
    for number, (person, text) in enumerate(lines, 1):
        talking.send(conversation, by=person, text=text, **(last if number == len(lines) else {}))


def _question(cast: Cast) -> None:
    """Answered, and not read yet."""
    guest = db.session.scalars(select(User).where(User.name == ASKS)).one()
    applied = exists().where(Application.theme_id == Theme.id, Application.guest_id == guest.id)
    open_to_ask = (Theme.state == PUBLISHED, ~applied, Theme.host_id.not_in(guest.organisation_ids()))
    theme = db.session.scalars(select(Theme).where(*open_to_ask).order_by(Theme.id).limit(1)).first()
    if theme is None:
        return
    words = "Would two of us fit, and is the part in the test laboratory in English?"
    conversation = talking.ask(theme, by=guest, guest_organisation=cast.home[guest.id], text=words)
    _say(conversation, (cast.coordinator(theme.host), "Two is a good number, and all of it is in English. Do apply."))


def _application(cast: Cast) -> None:
    """Both have written, so it counts as their first contact."""
    found = db.session.scalars(select(Application).where(Application.state == SUBMITTED).order_by(Application.id.desc()))
    application = next((each for each in found if not each.first_contacts), None)
    if application is None:
        return
    conversation = talking.start(application, by=application.guest)
    host = "Our pilot line stands still in the first week. Could you come a week later? https://example.org/pilot-line"
    lines = ("Thank you for reading my application. Which of the dates suits you best?", host)
    _say(conversation, (application.guest, lines[0]), (cast.coordinator(application.theme.host), lines[1]))


def _exchange(cast: Cast) -> None:
    exchange = db.session.scalars(select(Exchange).where(Exchange.state == AGREED).order_by(Exchange.id).limit(1)).first()
    if exchange is None:
        return
    conversation = talking.start(exchange, by=exchange.guest)
    host = cast.coordinator(exchange.theme.host)
    plan = picture("How to find us", "From the station: tram 5, third stop")
    talking.add_file(conversation, by=host, name="How to find us.png", content=plan)
    talking.save_draft(conversation, by=host, text="Here is how to find us. We fetch you at the station at nine.")
    talking.send_draft(conversation, by=host, key="demonstration")
    _say(conversation, (exchange.guest, "Thank you, I take the train that arrives at 8:47."))


def _voucher(cast: Cast) -> None:
    requested = select(Voucher).where(Voucher.state == "requested").order_by(Voucher.id).limit(1)
    voucher = db.session.scalars(requested).first()
    if voucher is None:
        return
    conversation = talking.start(voucher, by=voucher.holder)
    owner = cast.officer(voucher.programme, "owner")
    lines = ("Do I need to keep the ticket of the bus from the airport?", "No, the lump sum covers it. Keep the boarding passes.")
    _say(conversation, (voucher.holder, lines[0]), (owner, lines[1]))


def _mailing() -> None:
    """An owner reminds the guests whose plan is agreed, once each."""
    mine = (Membership.role == Role.OWNER, Membership.current, User.name == WRITES)
    owner = db.session.scalars(select(User).join(User.memberships).where(*mine)).unique().one()
    filters = exchanges.Filters(side="programme", state=AGREED)
    reach = reach_of(exchanges.LIST, exchanges.listed(owner, filters, 1), owner, "/exchanges?side=programme&state=agreed", MAILED)
    place = next(iter(reach.places()), None)
    if place is None:
        return
    lines = [line for line in reach.lines if place in line.places]
    mailings.send(reach, lines, Draft(place, MAIL_SUBJECT, MAIL_TEXT, is_case=True), by=owner, reply=True)
