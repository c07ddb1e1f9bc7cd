"""The ways back (workflows.md), each as people click it: the act's page, the mail that it sends, its line in the history."""

from sqlalchemy import select, update

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from tests.support import factories, world
from tests.support.browser import Window
from tests.support.cases import DECLARATIONS, Case
from tests.support.story import Arrange, in_days

STAY = 5


def known(*people: User) -> None:
    """They can be chosen on the sign-in page."""
    for each in people:
        each.demo_note = "Acts in a story of the ways back."


def act(window: Window, path: str, button: str, **typed: str) -> Window:
    """From the object's page, by the button, through the form; what is typed is named by its label."""
    window.open(path, look=False).follow(button)
    for label, value in typed.items():
        window.type(label.replace("_", " "), value)
    return window.press(button)


def wrote(arrange: Arrange, kind: str, person_id: int, *words: str) -> None:
    """The newest mail of a kind to somebody, in the outbox, says this."""
    with arrange():
        of_kind = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.recipient_id == person_id)
        letter = db.session.scalars(of_kind.order_by(OutboxMessage.id.desc())).first()
        assert letter, f"no mail {kind} to {person_id}"
        text = f"{letter.subject_line}\n{letter.text}"
        for each in words:
            assert each in text, text


def visited(title: str, guest: User) -> Exchange:
    """The stay is over since yesterday, and the host has confirmed it as it was planned; the voucher is delivered."""
    exchange = factories.make_exchange(world.offered(title, world.FULL_PROGRAMME), guest, signed=True)
    voucher = factories.make_voucher(exchange)
    decider, host = world.person(world.DECIDER), world.person(world.HOST)
    vouchers.request(voucher, by=guest, declarations=list(DECLARATIONS))
    vouchers.recommend(voucher, by=world.person(world.ASSESSOR), scores=[20, 20, 20, 20], note="Well prepared.")
    vouchers.approve(voucher, by=decider)
    vouchers.issue(voucher, by=decider)
    days = {"first_day": in_days(-STAY), "last_day": in_days(-1)}
    db.session.execute(update(Exchange).where(Exchange.id == exchange.id).values(**days))
    db.session.expire_all()
    visits.start(exchange)
    everybody = [each.position for each in exchange.delegates]
    visits.confirm_attendance(exchange, by=host, attended=everybody, code=voucher.code or "", **days)
    return exchange


def has_missed_the_deadline(case: Case) -> Voucher:
    """Nobody has claimed in time, so the voucher has lapsed."""
    voucher = case.take_to("delivered")
    voucher.due_on = voucher.claim_due_on = in_days(-1)
    db.session.flush()
    vouchers.lapse(voucher)
    return voucher
