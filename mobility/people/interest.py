"""No interest in a case (issue 13): whoever acts on its money has no part in it, and had none since it was asked for. Pure.

A part is: to hold the voucher, to travel, to get the money, a role in the organisation of the holder, the host or the provider.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mobility.core.clock import day_of
from mobility.core.wording import either, format_day
from mobility.people.parts import OF_PROGRAMME
from mobility.people.roles import a_role
from mobility.workflows.parts import Actor
from mobility.workflows.table import By, Guard

MOST_NAMED = 3


@dataclass(frozen=True)
class Asked:
    """The days of `timezone` on which a case was applied for and requested, as far as there are such."""

    timezone: str
    application: date | None = None
    request: date | None = None

    @property
    def first(self) -> date | None:
        return min((day for day in (self.application, self.request) if day), default=None)

    def last_day(self, membership: Any) -> date:
        """Of a role that has ended; never before its first, as that is a day of UTC."""
        return max(membership.since, day_of(membership.until, self.timezone))

    def counts(self, membership: Any) -> bool:
        """A role that lasts, or lasted on the first of these days or later, is an interest in the case."""
        return membership.until is None or self._within(membership, self.first)

    def _within(self, membership: Any, day: date | None) -> bool:
        return day is not None and (membership.until is None or day_of(membership.until, self.timezone) >= day)

    def told(self, who: str, membership: Any) -> str:
        """With its dates, and whether it began after the case: "You became a guest of Mur Cluster on 3 March 2027, after ...".

        `who` is "You" or somebody's name, with what else is to be said of them.
        """
        role = f"{a_role(membership.role)} of {membership.place_name}"
        since, until = format_day(membership.since), membership.until and format_day(self.last_day(membership))
        after = self.begun_after(membership)
        if until:
            were = "were" if who == "You" else "was"
            return f"{who} {were} {role} from {since} to {until}, {f'after {after}' if after else self._ended_after(membership)}"
        if after:
            return f"{who} became {role} on {since}, after {after}"
        return f"{who} {'have' if who == 'You' else 'has'} been {role} since {since}"

    def begun_after(self, membership: Any) -> str:
        """The day of the case that a role is younger than, in words; empty if it is of before."""
        for word, day in (("request", self.request), ("application", self.application)):
            if day and membership.since > day:
                return f"the {word} of {format_day(day)}"
        return ""

    def _ended_after(self, membership: Any) -> str:
        if self._within(membership, self.request):
            return f"and the request is of {format_day(self.request)}"
        return f"and the application is of {format_day(self.application)}"


def interest_in(voucher: Any, by: By) -> str | None:
    """Which part somebody has in a voucher, in a sentence; nothing if none."""
    if by.id is None:
        return None
    if by.id == voucher.holder_id:
        return "You hold this voucher."
    if words := travelling(voucher.exchange, by):
        return words
    involved = {voucher.holder_organisation_id, voucher.host_id, voucher.provider_id} - {None}
    if held := by.ever_in(involved):
        asked = asked_on(voucher)
        return next((f"{asked.told('You', each)}." for each in held if asked.counts(each)), None)
    return None


def travelling(exchange: Any, by: By) -> str | None:
    """By the address of the account, or by the name: one may travel under a private address."""
    if exchange is None:
        return None
    email = getattr(by, "email", "")
    found = [each for each in exchange.delegates if each.name == by.name or (email and each.email == email)]
    if not found:
        return None
    namesake = all(each.name == by.name and each.email not in {"", email} for each in found)
    return f"{by.name} travels, and that is your name." if namesake else "You are one of those who travel."


def interest_in_payment(payment: Any, by: By) -> str | None:
    """As in its voucher; and by the account, which may be of somebody who has handed the voucher over since."""
    return interest_in(payment.voucher, by) or (_interest_in_account(payment.account, by) if payment.account else None)


def _interest_in_account(account: Any, by: By) -> str | None:
    if by.id is not None and account.user_id == by.id:
        return "The money goes to your account."
    if any(each.iban == account.iban and each.in_force for each in by.bank_accounts):
        return "The money goes to an account with the number of yours."
    return None


def interest_in_paid(voucher: Any, by: By) -> str | None:
    """In a voucher that is paid, or is to be: its payments count."""
    paid = (interest_in_payment(each, by) for each in voucher.payments if each.outcome in {None, "paid"})
    return next(filter(None, paid), None) or interest_in(voucher, by)


def asked_on(voucher: Any) -> Asked:
    """The days from which on an interest counts: of a voucher for a stay from the application on."""
    application = voucher.exchange.application.submitted_on if voucher.exchange else None
    return Asked(voucher.timezone, application, voucher.requested_on)


def no_interest(*actors: Actor, unless: Sequence[Guard] = (), of: Callable[[Any, By], str | None] = interest_in) -> Guard:
    """A guard: somebody without an interest does it. The refusal names them: who are one of `actors`, and against whom none of
    `unless` stands either."""

    def guard(voucher: Any, by: By) -> str | None:
        reason = of(voucher, by)
        if reason is None:
            return None

        def stands_back(person: Any) -> bool:
            return any(asks(voucher, person) for asks in (of, *unless))

        return f"{reason} {somebody_else(voucher.programme, actors, stands_back)}"

    return guard


def somebody_else(programme: Any, actors: Sequence[Actor], stands_back: Callable[[Any], Any], act: str = "decide") -> str:
    """Who in a programme can act instead; where nobody is left, how somebody can be found."""
    roles = {OF_PROGRAMME[actor][0] for actor in actors}
    people = {each.user for each in programme.team if each.current and each.role in roles and each.user.active}
    able = sorted(each.name for each in people if not stands_back(each))
    wanted = f"Somebody without an interest must {act}"
    if able:
        return f"{wanted}: {either(able[:MOST_NAMED])}."
    another = either([actor.value for actor in actors])
    return (
        f"{wanted}, and {programme.name} has nobody else who can. "
        f"An owner can invite another {another} on the page of the programme’s people."
    )
