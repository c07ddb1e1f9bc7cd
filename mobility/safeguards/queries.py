"""Links between the parties of vouchers (product.md): what they declare, what we find, and each provider's share.

Only the programme's people see any of it. Every function takes the same number of queries for one voucher and a thousand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from mobility.applications.models import Application
from mobility.banking.models import BankAccount
from mobility.core.database import db
from mobility.core.money import NOTHING
from mobility.core.wording import format_day
from mobility.exchanges.models import AgreementVersion, Exchange, Signature
from mobility.lists.columns import Column, Kind, Listing, Reached
from mobility.people.interest import Asked
from mobility.people.models import Membership, Organisation, User
from mobility.programmes.models import Programme
from mobility.safeguards.interests import findings_of as interests_of
from mobility.safeguards.interests import with_days
from mobility.safeguards.rules import DECLARED, Finding, Member, Party, ProviderShare, found_between, shares
from mobility.vouchers.kinds import kind_of
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import DRAFT
from mobility.vouchers.workflow import WORKFLOW

MOST_LOOKED_AT = 1000


@dataclass(frozen=True)
class Declared:
    """What a side declared: `words` are empty if it declared that there is no link."""

    side: str
    name: str
    words: str


def declared(voucher: Voucher) -> list[Declared]:
    """What both sides have declared of a link between them: with their signatures, or with request and redemption."""
    if voucher.traits.rests_on_stay:
        return [Declared(row.side, row.name, row.link) for row in db.session.execute(_signed([voucher.exchange_id]))]
    sides = []
    if voucher.requested_on is not None:
        sides.append(Declared("holder", voucher.holder.name, voucher.holder_link))
    if voucher.redeemed_on is not None and voucher.provider is not None:
        sides.append(Declared("provider", voucher.provider.name, voucher.provider_link))
    return sides


def findings(vouchers: Iterable[Any]) -> dict[int, list[Finding]]:
    """What links the parties of each voucher, by its id; an empty list where nothing does. Any rows with an `id` will do."""
    ids = [voucher.id for voucher in vouchers]
    rows = db.session.execute(_parties().where(Voucher.id.in_(ids))).all() if ids else []
    if not rows:
        return {id: [] for id in ids}
    known = _Known.of(rows)
    interests = interests_of(rows)
    found = {row.id: [*known.declared_in(row), *known.linked_in(row), *interests.get(row.id, ())] for row in rows}
    return {id: [] for id in ids} | found


def _parties() -> Select[Any]:
    query = select(
        Voucher.id,
        Voucher.kind,
        Voucher.exchange_id,
        Voucher.holder_id,
        Voucher.holder_organisation_id,
        func.coalesce(Voucher.provider_id, Voucher.host_id).label("other_id"),
        Voucher.holder_link,
        Voucher.provider_link,
        Voucher.requested_on,
        Application.submitted_on,
        Programme.timezone,
    )
    return with_days(query)


@dataclass(frozen=True)
class _Known:
    """What the database knows of all parties of some vouchers, in three queries."""

    ibans: dict[tuple[str, int], str]
    roles: dict[int, list[Any]]
    links: dict[int, list[Declared]]
    same: dict[tuple[Any, ...], list[Finding]]
    parties: dict[tuple[Any, ...], Party]
    left: set[int]  # organisations that somebody has left
    newest: dict[int, date]  # when the last one came

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "_Known":
        organisations = {id for row in rows for id in (row.holder_organisation_id, row.other_id) if id}
        roles = _roles(organisations)
        return cls(
            _ibans({row.holder_id for row in rows}, organisations),
            roles,
            _links({row.exchange_id for row in rows if row.exchange_id}),
            {},
            {},
            {id for id, those in roles.items() if any(each.until for each in those)},
            {id: max(each.since for each in those) for id, those in roles.items()},
        )

    def declared_in(self, row: Any) -> list[Finding]:
        sides = self.links.get(row.exchange_id or 0, [])
        if kind_of(row.kind).rests_on_price:
            sides = [Declared("holder", "", row.holder_link), Declared("provider", "", row.provider_link)]
        return [Finding(DECLARED, f"The {each.side} declares a link: {each.words}") for each in sides if each.words]

    def linked_in(self, row: Any) -> list[Finding]:
        """The same parties are in many vouchers: they are compared once, but where somebody has left on the day that counts."""
        places = (row.holder_organisation_id, row.other_id)
        asked = Asked(row.timezone, row.submitted_on, row.requested_on)
        left = not self.left.isdisjoint(places)
        key = (row.kind, row.holder_id, *places, asked.timezone, asked.first if left else None)
        if key not in self.same:
            other = f"the {kind_of(row.kind).counterpart} organisation"
            self.same[key] = found_between(
                Party("the holder", self.ibans.get(("user", row.holder_id))),
                self._organisation("the holder's organisation", row.holder_organisation_id, asked),
                self._organisation(other, row.other_id, asked),
            )
        return self.same[key]

    def _organisation(self, words: str, id: int | None, asked: Asked) -> Party:
        """Made once where the days of the case say nothing of anybody there: it may have thousands of people."""
        is_told = id in self.left or bool(id and asked.first and self.newest.get(id, asked.first) > asked.first)
        key = (words, id, asked if is_told else None)
        if key not in self.parties:
            self.parties[key] = self._party(words, id, asked)
        return self.parties[key]

    def _party(self, words: str, id: int | None, asked: Asked) -> Party:
        people = defaultdict(list)
        for role in self.roles.get(id or 0, ()):
            if asked.counts(role):
                people[role.id].append(role)
        return Party(
            words, self.ibans.get(("organisation", id or 0)), frozenset(_member(each, asked) for each in people.values())
        )


def _member(roles: Sequence[Any], asked: Asked) -> Member:
    """One person, with all their roles in an organisation."""
    since = format_day(min(each.since for each in roles))
    left = all(each.until for each in roles)
    when = f"from {since} to {format_day(max(asked.last_day(each) for each in roles))}" if left else f"since {since}"
    if after := asked.begun_after(min(roles, key=lambda each: each.since)):
        when += f", after {after}"
    return Member(roles[0].id, roles[0].name, roles[0].email, when, left)


def _ibans(users: set[int], organisations: set[int]) -> dict[tuple[str, int], str]:
    """The accounts in force. They are compared and go no further."""
    owned = or_(BankAccount.user_id.in_(users), BankAccount.organisation_id.in_(organisations))
    rows = db.session.execute(
        select(BankAccount.user_id, BankAccount.organisation_id, BankAccount.iban).where(BankAccount.ended_at.is_(None), owned)
    )
    found = {}
    for user_id, organisation_id, iban in rows:
        found["user" if user_id else "organisation", user_id or organisation_id or 0] = iban
    return found


def _roles(organisations: set[int]) -> dict[int, list[Any]]:
    """The roles that active people hold or held in each organisation: rows with the person's id, name and email."""
    rows = db.session.execute(
        select(Membership.organisation_id, Membership.since, Membership.until, User.id, User.name, User.email)
        .join(User, Membership.user_id == User.id)
        .where(Membership.organisation_id.in_(organisations), User.active)
    )
    found = defaultdict(list)
    for row in rows:
        found[row.organisation_id].append(row)
    return found


def _links(exchanges: set[int]) -> dict[int, list[Declared]]:
    found = defaultdict(list)
    for row in db.session.execute(_signed(exchanges).where(Signature.link != "")):
        found[row.exchange_id].append(Declared(row.side, row.name, row.link))
    return found


def _signed(exchanges: Iterable[int | None]) -> Select[Any]:
    """The signatures on the agreements in force, the host's first."""
    return (
        select(Exchange.id.label("exchange_id"), Signature.side, Signature.link, User.name)
        .join(AgreementVersion, Exchange.agreed_version_id == AgreementVersion.id)
        .join(Signature, Signature.agreement_version_id == AgreementVersion.id)
        .join(User, Signature.signed_by_id == User.id)
        .where(Exchange.id.in_(exchanges))
        .order_by(Exchange.id, Signature.side.desc())
    )


def provider_shares(programme: Programme) -> list[ProviderShare]:
    """Of all redemptions at providers in a programme, each provider's share; the largest first.

    A redemption counts whatever became of the voucher; its amount is what validation left of it.
    """
    amount = func.sum(func.coalesce(Voucher.final_amount, Voucher.amount))
    redeemed = (
        select(Voucher.provider_id, func.count().label("count"), amount.label("amount"))
        .where(Voucher.programme_id == programme.id, Voucher.provider_id.is_not(None), Voucher.redeemed_on.is_not(None))
        .group_by(Voucher.provider_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Organisation, redeemed.c.count, redeemed.c.amount).join(redeemed, Organisation.id == redeemed.c.provider_id)
    ).all()
    found = [(provider, count, total or NOTHING) for provider, count, total in rows]
    return shares(found, programme.provider_share_limit)


def share_of(voucher: Voucher) -> ProviderShare | None:
    """The share of a voucher's provider in its programme; None without a provider, and before their first redemption."""
    if voucher.provider_id is None:
        return None
    return next((share for share in provider_shares(voucher.programme) if share.provider.id == voucher.provider_id), None)


@dataclass(frozen=True)
class Linked:
    """A voucher with what links its parties."""

    voucher: Any
    findings: list[Finding]


def linked_vouchers(programme: Programme) -> tuple[list[Linked], bool]:
    """The programme's vouchers with findings, newest first; and whether older ones than `MOST_LOOKED_AT` were left out.

    Those that ended without money are left out.
    """
    stopped = [state.name for state in WORKFLOW.states if state.kind == "stopped"]
    chosen = and_(Voucher.programme_id == programme.id, Voucher.state.not_in([DRAFT, *stopped]))
    rows = db.session.execute(_listed().where(chosen).order_by(Voucher.id.desc()).limit(MOST_LOOKED_AT + 1)).all()
    looked_at = rows[:MOST_LOOKED_AT]
    found = findings(looked_at)
    return [Linked(row, found[row.id]) for row in looked_at if found[row.id]], len(rows) > MOST_LOOKED_AT


def _listed() -> Select[Any]:
    return (
        select(
            Voucher.id,
            Voucher.kind,
            Voucher.state,
            Voucher.amount,
            Voucher.holder_id,
            User.name.label("holder"),
            Organisation.name.label("other"),
        )
        .join(User, Voucher.holder_id == User.id)
        .outerjoin(Organisation, Organisation.id == func.coalesce(Voucher.provider_id, Voucher.host_id))
    )


def state_in_row(row: Any) -> str:
    """What people read of the state of a plain row with a voucher's kind and state."""
    return kind_of(row.kind).words.states.get(row.state) or WORKFLOW.state(row.state).label


SHARES = Listing(
    "providers",
    "Providers' shares of redemptions",
    (
        Column("Provider", "provider.name"),
        Column("Redemptions", "count", Kind.NUMBER),
        Column("Percent of all redemptions", "percent", Kind.NUMBER),
        Column("Amount", "amount", Kind.MONEY, None),
        Column("Percent of all amounts", "percent_of_amount", Kind.NUMBER),
        Column("Above the limit of the", lambda each: " and of the ".join(each.above_of)),
    ),
)
LINKED = Listing(
    "vouchers-with-links",
    "Vouchers with links",
    (
        Column("Voucher", lambda each: f"V-{each.voucher.id:06d}"),
        Column("Holder", "voucher.holder"),
        Column("Host or provider", "voucher.other"),
        Column("Why", lambda each: " ".join(finding.words for finding in each.findings)),
        Column("Amount", "voucher.amount", Kind.MONEY, None),
        Column("State", lambda each: state_in_row(each.voucher)),
    ),
    reached=Reached("holders", "voucher.holder_id", key="voucher.id", page="vouchers.show"),
)
