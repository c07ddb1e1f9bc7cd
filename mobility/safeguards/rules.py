"""Who is linked with whom in a voucher, and one provider's share of all redemptions (product.md); pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Any

from mobility.core.money import NOTHING
from mobility.people.domains import own_domain as own_domain
from mobility.vouchers.kinds import kind_of

MOST_NAMED = 5
DECLARED, ACCOUNT, DOMAIN, PEOPLE, INTEREST = "declared", "account", "domain", "people", "interest"
HOME, OTHER = "home", "other"  # with whom an account is shared: the holder's organisation, or the host or provider


@dataclass(frozen=True)
class Finding:
    """Something that links the parties of a voucher. `kind` is DECLARED, ACCOUNT, DOMAIN, PEOPLE or INTEREST."""

    kind: str
    words: str


@dataclass(frozen=True)
class Member:
    """Somebody who can act for an organisation, or could; `when` says since when or from when to when, `left` that it is over."""

    id: int
    name: str
    email: str
    when: str = ""
    left: bool = False


@dataclass(frozen=True)
class Party:
    """One of those a voucher is between: how it is called, and its IBAN, which is compared and never shown."""

    words: str
    iban: str | None = None
    members: frozenset[Member] = frozenset()

    @cached_property
    def by_id(self) -> dict[int, Member]:
        return {each.id: each for each in self.members}

    @cached_property
    def domains(self) -> set[str]:
        return _own(each.email for each in self.members)

    def domains_but(self, both: Set[int]) -> set[str]:
        """Of the addresses of its people, but of those who are in `both`."""
        return _own(member.email for id, member in self.by_id.items() if id not in both) if both else self.domains


def found_between(holder: Party, home: Party, other: Party) -> list[Finding]:
    """What the holder, their organisation, and the host or provider organisation have in common."""
    found = [
        Finding(ACCOUNT, f"{one.words[0].upper()}{one.words[1:]} and {two.words} have the same bank account.")
        for one, two in combinations((holder, home, other), 2)
        if one.iban and one.iban == two.iban
    ]
    here, there = home.by_id, other.by_id
    both = here.keys() & there.keys()
    if both:
        found.append(Finding(PEOPLE, _of_both(home.words, other.words, [(here[id], there[id]) for id in both])))
    shared = home.domains_but(both) & other.domains_but(both)
    if shared:
        found.append(Finding(DOMAIN, f"People of both organisations have mail addresses at {_listed(shared)}."))
    return found


def _of_both(home: str, other: str, people: Sequence[tuple[Member, Member]]) -> str:
    """Those who belong to both, each with the days."""
    over = any(mine.left or theirs.left for mine, theirs in people)
    named = [f"{mine.name} ({home} {mine.when}; {other} {theirs.when})" if mine.when else mine.name for mine, theirs in people]
    return f"{'Works or worked' if over else 'Works'} for both organisations: {_listed(named)}."


def _own(addresses: Iterable[str]) -> set[str]:
    return {domain for each in addresses if (domain := own_domain(each))}


def _listed(words: Iterable[str]) -> str:
    """The first few in alphabetical order, and how many more."""
    ordered = sorted(words, key=str.lower)
    shown = ", ".join(ordered[:MOST_NAMED])
    more = len(ordered) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


# The same in short words, for a row of the desk

DOMAIN_AT_HOME, DOMAIN_AT_OTHER = "domain at home", "domain at other"


@dataclass(frozen=True)
class Sign:
    """What may link the parties, from the database. `detail`: who declares, with whom (HOME, OTHER), a domain of one side."""

    kind: str
    detail: str


def flags(signs: Iterable[Sign], voucher_kind: str) -> list[str]:
    """Short words for what links the parties of a voucher, what they declare themselves first."""
    other = kind_of(voucher_kind).counterpart
    details = defaultdict(list)
    for sign in signs:
        details[sign.kind].append(sign.detail)
    found = []
    if sides := details[DECLARED]:
        found.append("Both sides declare a link" if len(sides) > 1 else f"The {sides[0]} declares a link")
    if details[ACCOUNT]:
        found.append(f"Shares a bank account with the {other}" if OTHER in details[ACCOUNT] else SAME_AS_HOME)
    if details[PEOPLE]:
        found.append("Somebody works for both sides")
    if _own(details[DOMAIN_AT_HOME]) & _own(details[DOMAIN_AT_OTHER]):
        found.append("Both sides share a mail domain")
    if details[INTEREST]:
        found.append("Somebody who decides belongs to a side")
    return found


SAME_AS_HOME = "Shares a bank account with their organisation"

# A provider's share of all redemptions

FEWEST_TO_FLAG = 5


@dataclass(frozen=True)
class ProviderShare:
    """Of all redemptions of knowledge vouchers: how many a provider has, their amount, and both in percent of all.

    `above_of`: which of both is more than the programme's limit, once there are enough redemptions to say so.
    """

    provider: Any
    count: int
    amount: Decimal
    percent: Decimal
    percent_of_amount: Decimal
    above_of: tuple[str, ...]

    @property
    def above(self) -> bool:
        return bool(self.above_of)


def shares(redeemed: Sequence[tuple[Any, int, Decimal]], limit: int) -> list[ProviderShare]:
    """The shares of (provider, count, amount), the largest first. Up to `limit` percent, inclusive, is not above it."""
    all_of_them = sum(count for _, count, _ in redeemed)
    all_money = sum((amount for _, _, amount in redeemed), NOTHING)
    found = [
        ProviderShare(
            provider,
            count,
            amount,
            _percent(Decimal(count), Decimal(all_of_them)),
            _percent(amount, all_money),
            _above(limit, (count, all_of_them), (amount, all_money)) if all_of_them >= FEWEST_TO_FLAG else (),
        )
        for provider, count, amount in redeemed
    ]
    return sorted(found, key=lambda share: (-share.count, -share.amount, share.provider.name))


def _above(limit: int, counts: tuple[int, int], amounts: tuple[Decimal, Decimal]) -> tuple[str, ...]:
    """What the provider has too large a share of: (its own, all) of each."""
    both = (("redemptions", *counts), ("amount", *amounts))
    return tuple(words for words, own, whole in both if own * 100 > limit * whole)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole else NOTHING
