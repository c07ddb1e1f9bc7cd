"""How the stories' vouchers are claimed and paid, and the knowledge vouchers of the demonstration."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from mobility.banking import operations as banking
from mobility.banking import queries as accounts
from mobility.claims import operations as claims
from mobility.claims.rules import (
    Correction,
)
from mobility.core.wording import format_day
from mobility.demo.answers import answers_to
from mobility.demo.cast import Cast
from mobility.followup.ends import report_of
from mobility.knowledge import operations as knowledge
from mobility.payments import operations as payments
from mobility.payments import queries as payment_queries
from mobility.payments.models import BOUNCED, PAID
from mobility.payments.rules import next_banking_day
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher

Story = Iterator[int]

PAYING_DAYS = (-90, -75, -60, -45, -30, -16)  # on which a programme's finance officers pay what is validated
LAST_BATCH = {"european": "draft", "national": "sent", "regional": "settled"}
LAST_STAY_PAID = PAYING_DAYS[-1] - 7  # a stay that ends by then is claimed, validated and paid in time
UNPAID_YET = {"claimed", "claim returned", "validated"}


def claim_and_pay(cast: Cast, part: Any, voucher: Voucher) -> Story:
    """The guest reports and claims, the owner validates; the treasurer pays."""
    yield _claim_day(part)
    guest, full = part.guest, voucher.programme.scheme == "full"
    _account(guest, guest.name, guest.id)
    report, answers = report_of(voucher), part.reports or partial(answers_to, number=part.number)
    claims.save(voucher, by=guest, answers=answers(report) if report else None)
    if full:
        words = (f"Boarding pass of {guest.name}", f"{voucher.host.city}, {format_day(voucher.exchange.actual_first_day)}")
        claims.add_evidence(voucher, by=guest, name="Boarding pass.png", content=picture(*words))
    claims.claim(voucher, by=guest)
    if part.until == "claimed":
        return
    yield _claim_day(part) + 2
    if part.until == "claim returned":
        finance = cast.officer(voucher.programme, "finance_officer")
        reason = "The boarding pass is of the way there. Please add the one of the way back."
        claims.return_claim(voucher, by=finance, reason=reason)
        return
    claims.validate(voucher, by=cast.officer(voucher.programme, "owner"), corrections=_corrections(part, voucher))
    if part.until == "recovered":
        yield PAYING_DAYS[-1] + 6
        finance = cast.officer(voucher.programme, "finance_officer", 1)
        if voucher.state == PAID:
            reason = "The airline has refunded the ticket, and the guest has sent the money back."
            payments.recover(voucher, by=finance, amount=voucher.final_amount, reason=reason)


def _claim_day(part: Any) -> int:
    """Soon after the visit; what still waits for the programme was claimed this week."""
    soon = part.last_day + 3 + part.number % 3
    return max(soon, -6 + part.number % 3) if part.until in UNPAID_YET else soon


def _corrections(part: Any, voucher: Voucher) -> list[Correction]:
    """Now and then a little less, with the reason."""
    if part.number % 5 or voucher.programme.scheme != "full":
        return []
    line = voucher.claim.amount_lines[0]
    return [Correction(0, line.amount - 40, "The hotel's invoice shows one night less.")]


def treasurer(cast: Cast, key: str) -> Story:
    """A programme's two finance officers: one collects, the other approves and records; the last batch is still under way."""
    programme = cast.programmes[key]
    yield from paying(cast, programme, PAYING_DAYS, bounced=3)
    yield -3
    yield from _batch(cast, programme, -3, LAST_BATCH[key])


def paying(cast: Cast, programme: Programme, days: Sequence[int], bounced: int | None = None) -> Story:
    """All that is validated is paid on these days; of the batch with the number `bounced` the first payment comes back."""
    for number, day in enumerate(days):
        yield day
        yield from _batch(cast, programme, day, "settled", bounced=number == bounced)


def _batch(cast: Cast, programme: Programme, day: int, until: str, bounced: bool = False) -> Story:
    collector, other = (cast.officer(programme, "finance_officer", number) for number in (1, 0))
    waiting = [row.voucher.id for row in payment_queries.waiting(programme.id, 1).items]
    if not waiting:
        return
    batch = payments.collect(programme, by=collector, chosen=waiting)
    if until == "draft":
        return
    payments.approve(batch, by=other, execution_on=next_banking_day(cast.day(day)))
    payments.take_file(batch, by=other)
    payments.send(batch, by=other)
    if until == "sent":
        return
    yield day + 1
    for place, payment in enumerate(list(batch.rows)):
        outcome = BOUNCED if bounced and place == 0 else PAID
        reason = "The bank says that the account is closed." if outcome == BOUNCED else ""
        payments.record(batch, payment.id, by=other, outcome=outcome, on=cast.day(day + 1), reason=reason)


# Knowledge vouchers


@dataclass(frozen=True)
class Need:
    """One knowledge voucher: who asks whom for what, from which day on (an offset), and how far it gets."""

    number: int
    programme: str
    guest: str
    provider: str
    price: str
    need: str
    asked: int
    until: str


def needs(cast: Cast) -> Iterator[tuple[int, int, Story]]:
    """(first day, number, story) of every knowledge voucher in needs.toml."""
    entries = tomllib.loads(Path(__file__).with_name("needs.toml").read_text("utf-8"))["need"]
    for number, entry in enumerate(entries, 900):
        need = Need(number, **entry)
        yield need.asked, number, buy(cast, need)


def buy(cast: Cast, need: Need) -> Story:
    """The whole way of one knowledge voucher."""
    yield need.asked
    guest = next(user for user in cast.guests if user.name == need.guest)
    provider, programme = cast.organisations[need.provider], cast.programmes[need.programme]
    given = {"need": need.need, "provider": provider, "price": Decimal(need.price)}
    voucher = knowledge.start(by=guest, programme=programme, organisation=cast.home[guest.id], **given)
    if need.until == "draft":
        return
    yield need.asked + 1
    vouchers.request(voucher, by=guest, declarations=list(voucher.traits.declarations), de_minimis_declared=aid(programme))
    if need.until == "requested":
        return
    yield need.asked + 4
    if programme.scheme == "full":
        vouchers.recommend(voucher, by=cast.officer(programme, "assessor"), scores=[25, 22, 15, 16], note="A clear need.")
        yield need.asked + 7
    vouchers.approve(voucher, by=cast.officer(programme, "owner"))
    if voucher.state == "approved":
        vouchers.issue(voucher, by=cast.officer(programme, "owner"))
    if need.until != "issued":
        yield from _use(cast, need, voucher, provider)


def _use(cast: Cast, need: Need, voucher: Voucher, provider: Organisation) -> Story:
    """The provider takes the code and works; the holder confirms; the provider claims."""
    yield need.asked + 12
    seller = cast.offices["provider", provider.name][0]
    visits.redeem(voucher, by=seller, code=voucher.code or "")
    if need.until == "redeemed":
        return
    yield need.asked + 30
    vouchers.confirm_delivery(voucher, by=voucher.holder)
    if need.until == "delivered":
        return
    yield need.asked + 33
    _account(provider, provider.name, 5000 + provider.id, by=seller)
    invoice = f"{cast.day(need.asked + 33).year}-{need.number}"
    claims.save(voucher, by=seller, invoice_number=invoice, invoice_total=Decimal(need.price))
    words = (f"Invoice {invoice}", f"{provider.name}: {need.price} euro")
    claims.add_evidence(voucher, by=seller, name="Invoice.png", content=picture(*words))
    claims.claim(voucher, by=seller)
    if need.until == "claimed":
        return
    yield need.asked + 35
    claims.validate(voucher, by=cast.officer(voucher.programme, "owner"))


# What the stories need at hand


def aid(programme: Programme) -> Decimal | None:
    """What a holder declares where de minimis aid is counted: none from elsewhere."""
    return None if programme.de_minimis_ceiling is None else Decimal(0)


def picture(title: str, words: str) -> bytes:
    """A piece of evidence: a small picture with two lines of text."""
    image = Image.new("RGB", (900, 320), "#f4f1ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 876, 296), outline="#0b5c6b", width=4)
    draw.text((64, 84), title, fill="#16323a", font=ImageFont.load_default(42))
    draw.text((64, 180), words, fill="#16323a", font=ImageFont.load_default(30))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def iban(number: int) -> str:
    """A made-up account with the right check digits, another for each number."""
    rest = f"12030000{number:010d}"
    check = 98 - int(f"{rest}131400") % 97  # D and E are 13 and 14
    return f"DE{check:02d}{rest}"


def share_account(cast: Cast, one: Organisation, other: Organisation) -> None:
    """The other organisation gives the account of the first as its own, unless it has one."""
    _account(one, one.name, 7000 + one.id, by=cast.coordinator(one))
    if accounts.current(organisation_id=other.id) is None:
        number = accounts.current(organisation_id=one.id).iban
        banking.set_account(other, by=cast.coordinator(other), holder_name=other.name, iban=number)


def _account(owner: User | Organisation, name: str, number: int, by: User | None = None) -> None:
    """The owner's bank account, entered once."""
    of = {"user_id": owner.id} if isinstance(owner, User) else {"organisation_id": owner.id}
    if accounts.current(**of) is None:
        banking.set_account(owner, by=by or owner, holder_name=name, iban=iban(number))
