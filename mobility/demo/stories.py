"""One exchange as a story: a coroutine that acts, says on which day it goes on, and stops where its part ends.

Every step runs in a transaction with the clock set to its day, through the operations that people use.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.demo.cast import DOMAIN, Cast
from mobility.demo.money import aid, claim_and_pay, share_account
from mobility.demo.words import BRINGS, CONTACT_NOTES, DECLINE_REASONS, LINKS, MOTIVATIONS, OBJECTIVES, PLANS, QUESTIONS
from mobility.exchanges import endorse as home
from mobility.exchanges import operations as exchanges
from mobility.exchanges.endorsing import able
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms
from mobility.followup.models import QuestionnaireRequest
from mobility.people.models import User
from mobility.programmes.models import EndorsementRule
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher

Story = Iterator[int]
ENDORSING = frozenset({"to be endorsed", "endorsed", "objected"})


@dataclass(frozen=True)
class Part:
    """What happens in one story: who goes where, when, and how far it gets (`until`). Days are offsets from today.

    `linked` shows what the programme's people see of related parties: "declared" by the host, or one "account" of both sides.
    `objectives` are lines. `manager`: the agreement names who can confirm later what is in use. `slow` is how many days longer
    than usual the programme thinks, `attended_after` how many days after the stay the host confirms it. `reports` gives the
    answers to the report of the claim; without it they are as anybody's.
    """

    number: int
    theme: Theme
    guest: User
    submitted: int
    first_day: int
    last_day: int
    until: str
    self_funded: bool = False
    linked: str = ""
    objectives: str = ""
    manager: bool = False
    slow: int = 0
    attended_after: int = 1
    reports: Callable[[QuestionnaireRequest], dict[str, Any]] | None = None

    def pick(self, words: tuple[str, ...]) -> str:
        return words[self.number % len(words)]


def day_of_leaving(number: int, first_day: int, last_day: int) -> int:
    """Every sixth guest leaves a day earlier than agreed, if the stay has more than three days."""
    return last_day - (not number % 6 and last_day - first_day > 2)


def tell(cast: Cast, part: Part) -> Story:
    """The whole way of one exchange; yields the day (offset) of the next act."""
    yield part.submitted
    application = _apply(cast, part)
    if part.until == "draft":
        return
    applications.submit(application, by=part.guest)
    if part.until in {"submitted", "lapsed application"}:
        return
    yield part.submitted + 2
    if part.until == "withdrawn":
        applications.withdraw(application, by=part.guest, reason="My organisation cannot spare me in these weeks.")
        return
    yield from _answer(cast, part, application, cast.coordinator(part.theme.host))


def _answer(cast: Cast, part: Part, application: Application, host: User) -> Story:
    """Host and guest talk; the host says yes or no, and the guest yes."""
    if part.number % 4:
        _contact(cast, part, application)
    yield part.submitted + 3
    if part.until == "declined":
        applications.decline(application, by=host, reason=part.pick(DECLINE_REASONS))
        return
    if part.until == "in_dialogue":
        return
    applications.accept(
        application,
        by=host,
        first_day=cast.day(part.first_day),
        last_day=cast.day(part.last_day),
        know_each_other=not part.number % 4,
    )
    if part.until in {"accepted", "lapsed offer"}:
        return
    yield part.submitted + 5
    exchange = _confirm(part, application)
    yield from _plan(cast, part, exchange, host)


def _confirm(part: Part, application: Application) -> Exchange:
    """Of a few the programme asks the guest's organisation, too: the rule of this day stays theirs."""
    programme = application.theme.programme
    rule = programme.endorsement
    programme.endorsement = EndorsementRule.REQUIRED if part.until in ENDORSING else rule
    exchange = exchanges.confirm(application, by=part.guest)
    programme.endorsement = rule
    return exchange


def _apply(cast: Cast, part: Part) -> Application:
    home = cast.home[part.guest.id]
    application = applications.start(part.theme, by=part.guest, guest_organisation=home)
    delegates = [(part.guest.name, part.guest.email, part.guest.level or "")]
    if not part.number % 5:
        colleague = next((user for user in cast.guests if cast.home[user.id] is home and user is not part.guest), None)
        if colleague is not None and colleague.level in part.theme.levels:
            delegates.append((colleague.name, colleague.email, colleague.level or ""))
    if part.until in ENDORSING:  # somebody who travels along without an account
        delegates.append(("Jonas Reiter", f"jonas.reiter@{DOMAIN}", part.guest.level or ""))
    applications.save(
        application,
        by=part.guest,
        guest_organisation=home,
        delegates=delegates,
        motivation=part.pick(MOTIVATIONS),
        objectives=part.objectives or (part.pick(OBJECTIVES) if part.until != "draft" else ""),
        brings=part.pick(BRINGS),
        first_day=cast.day(part.first_day),
        last_day=cast.day(part.last_day),
        self_funded=part.self_funded,
    )
    return application


def _contact(cast: Cast, part: Part, application: Application) -> None:
    by = part.guest if part.number % 3 else cast.coordinator(part.theme.host)
    kind = ("call", "video", "meeting")[part.number % 3]
    held_on = cast.day(part.submitted + 1)
    applications.record_contact(application, by=by, held_on=held_on, kind=kind, note=part.pick(CONTACT_NOTES))


def _plan(cast: Cast, part: Part, exchange: Exchange, host: User) -> Story:
    yield part.submitted + 6
    _write_agenda(part, exchange, host)
    if part.manager:
        _name_manager(cast, part, exchange)
    if part.until == "planning":
        return
    yield part.submitted + 7
    link = part.pick(LINKS) if part.linked == "declared" else ""
    visits.sign(exchange, by=host, number=exchange.newest_version.number, link=link)
    if part.until == "signed by one":
        return
    yield part.submitted + 9
    visits.sign(exchange, by=part.guest, number=exchange.newest_version.number)
    if part.until in ENDORSING:
        yield part.submitted + 10
        _say_at_home(cast, part, exchange)
        return
    if part.until == "cancelled":
        yield part.submitted + 11
        visits.cancel(exchange, by=host, reason="Our test plant is rebuilt in these weeks. We would gladly receive you later.")
        return
    if exchange.self_funded:
        yield from _visit(cast, part, exchange, host, None)
        return
    if part.until == "voucher draft":
        return
    yield part.submitted + 10
    yield from _voucher(cast, part, exchange, host)


def _say_at_home(cast: Cast, part: Part, exchange: Exchange) -> None:
    """The guest's organisation has not answered yet, says yes, or objects; where nobody there can, an owner does."""
    by, number = next(iter(able(exchange)), cast.officer(exchange.programme, "owner")), exchange.newest_version.number
    if part.until == "endorsed":
        visits.endorse(exchange, by=by, number=number)
    elif part.until == "objected":
        home.object_to_stay(exchange, by=by, number=number, reason="Nobody can stand in for them then. A month later is fine.")


def _write_agenda(part: Part, exchange: Exchange, host: User) -> None:
    version = exchange.newest_version
    days = (version.last_day - version.first_day).days + 1
    agenda = [(version.first_day + timedelta(days=offset), PLANS[(part.number + offset) % len(PLANS)]) for offset in range(days)]
    exchanges.amend(exchange, by=host, **Terms.of(version).written() | {"agenda": agenda})


def _name_manager(cast: Cast, part: Part, exchange: Exchange) -> None:
    name, address = cast.directors[exchange.guest_organisation_id]
    named = {"manager_name": name, "manager_email": address}
    exchanges.amend(exchange, by=part.guest, **Terms.of(exchange.newest_version).written() | named)


def _voucher(cast: Cast, part: Part, exchange: Exchange, host: User) -> Story:
    voucher = exchange.voucher
    if part.linked == "account":
        share_account(cast, exchange.host, exchange.guest_organisation)
    declarations = list(voucher.traits.declarations)
    vouchers.request(voucher, by=part.guest, declarations=declarations, de_minimis_declared=aid(exchange.programme))
    owner = cast.officer(exchange.programme, "owner")
    if part.until == "requested":
        return
    yield part.submitted + 12 + part.slow
    if part.until == "returned":
        vouchers.ask_information(voucher, by=owner, question=part.pick(QUESTIONS))
        return
    if part.until == "withdrawn voucher":
        vouchers.withdraw(voucher, by=part.guest, reason="We pay for the trip from another project.")
        return
    if exchange.programme.scheme == "full":
        assessor = cast.officer(exchange.programme, "assessor")
        points = [20 + part.number % 11, 18 + part.number % 13, 12 + part.number % 9, 12 + part.number % 7]
        vouchers.recommend(voucher, by=assessor, scores=points, note="Clear objectives, and both sides gain.")
        if part.until == "recommended":
            return
        yield part.submitted + 14 + part.slow
    yield from _decide(cast, part, exchange, host, owner)


def _decide(cast: Cast, part: Part, exchange: Exchange, host: User, owner: User) -> Story:
    voucher = exchange.voucher
    if part.until == "rejected":
        vouchers.reject(voucher, by=owner, reason="Your organisation has had three vouchers from this call; others come first.")
        return
    vouchers.approve(voucher, by=owner)
    if part.until == "approved":
        return
    if voucher.state == "approved":
        vouchers.issue(voucher, by=owner)
    yield from _use(cast, part, exchange, host, voucher)


def _use(cast: Cast, part: Part, exchange: Exchange, host: User, voucher: Voucher) -> Story:
    if part.until == "revoked":
        yield part.submitted + 20
        owner = cast.officer(exchange.programme, "owner")
        vouchers.revoke(voucher, by=owner, reason="The stay is paid by another programme, as we have learnt.")
        return
    if part.until == "issued":
        return
    yield from _visit(cast, part, exchange, host, voucher)


def _visit(cast: Cast, part: Part, exchange: Exchange, host: User, voucher: Voucher | None) -> Story:
    if part.until == "agreed":
        return
    yield part.first_day
    if part.until == "no show":
        yield part.first_day + 1
        visits.report_no_show(exchange, by=host, reason="Nobody came, and nobody answered the phone.")
        return
    if voucher is not None:  # the first day has started the exchange by itself
        visits.redeem(voucher, by=host, code=voucher.code)
    if part.until == "in progress":
        return
    yield part.last_day + part.attended_after
    left_on = day_of_leaving(part.number, part.first_day, part.last_day)
    visits.confirm_attendance(
        exchange,
        by=host,
        first_day=cast.day(part.first_day),
        last_day=cast.day(left_on),
        attended=[delegate.position for delegate in exchange.delegates],
        note="Left a day earlier for a flight strike." if left_on < part.last_day else "",
    )
    if voucher is not None and part.until != "delivered":
        yield from claim_and_pay(cast, part, voucher)
