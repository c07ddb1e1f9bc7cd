"""What links the parties of the vouchers on a page of the desk, in short words: one query for all its rows.

`related.findings` tells of a single voucher, in whole sentences and with names. Both say the same; a test compares them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from mobility.banking.models import BankAccount
from mobility.core.database import db
from mobility.exchanges.models import Exchange, Signature
from mobility.people.domains import NOBODYS, PUBLIC_BRANDS
from mobility.people.models import Membership, User
from mobility.programmes.models import Programme
from mobility.safeguards.interests import FIRST_ASKED_ON, could_decide, counts, has_decided, with_days
from mobility.safeguards.rules import (
    ACCOUNT,
    DECLARED,
    DOMAIN_AT_HOME,
    DOMAIN_AT_OTHER,
    HOME,
    INTEREST,
    OTHER,
    PEOPLE,
    Sign,
    flags,
)
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.history import HistoryEntry


def flags_on(rows: Iterable[Any]) -> Mapping[int, list[str]]:
    """Short words for what links the parties, by the voucher's id; nothing for those without. Rows have `id`, `kind`, `state`.

    What has ended is not looked at: there is nothing left to decide.
    """
    kinds = {row.id: row.kind for row in rows if WORKFLOW.state(row.state).kind == "open"}
    found = defaultdict(list)
    if kinds:
        for id, kind, detail in db.session.execute(_signs(), {"ids": list(kinds)}):
            found[id].append(Sign(kind, detail))
    return {id: words for id, signs in found.items() if (words := flags(signs, kinds[id]))}


@cache
def _signs() -> Any:
    """(voucher's id, kind, detail) of everything that may link its parties: built once, as it never changes."""
    asked = _asked()
    declared = (_declared(asked), *_declared_in_words(asked))
    return union_all(*declared, _accounts(asked), _for_both(asked), _domains(asked), *_interests(asked))


def _asked() -> CTE:
    return (
        with_days(
            select(
                Voucher.id,
                Voucher.exchange_id,
                Voucher.holder_id,
                Voucher.holder_organisation_id.label("home_id"),
                func.coalesce(Voucher.provider_id, Voucher.host_id).label("other_id"),
                Voucher.holder_link,
                Voucher.provider_link,
                Voucher.programme_id,
                FIRST_ASKED_ON.label("asked_on"),
                Programme.timezone,
            )
        )
        .where(Voucher.id.in_(bindparam("ids", expanding=True)))
        .cte("asked")
    )


def _sign(id: Any, kind: Any, detail: Any) -> Select[Any]:
    kind = literal(kind) if isinstance(kind, str) else kind
    return select(id, kind.label("kind"), detail.label("detail"))


def _declared(asked: CTE) -> Select[Any]:
    """With the signatures on the agreement in force."""
    return (
        _sign(asked.c.id, DECLARED, Signature.side)
        .join(Exchange, Exchange.id == asked.c.exchange_id)
        .join(Signature, Signature.agreement_version_id == Exchange.agreed_version_id)
        .where(Signature.link != "")
    )


def _declared_in_words(asked: CTE) -> list[Select[Any]]:
    """With the request and the redemption; empty where the parties sign an agreement."""
    sides = (("holder", asked.c.holder_link), ("provider", asked.c.provider_link))
    return [_sign(asked.c.id, DECLARED, literal(side)).where(link != "") for side, link in sides]


def _accounts(asked: CTE) -> Select[Any]:
    """The accounts in force, each looked up by its owner, so that no more are read."""
    holder, home, other = (aliased(BankAccount) for _ in range(3))
    of_other = or_(other.iban == holder.iban, other.iban == home.iban)
    return (
        _sign(asked.c.id, ACCOUNT, case((of_other, OTHER), else_=HOME))
        .outerjoin(holder, and_(holder.user_id == asked.c.holder_id, holder.ended_at.is_(None)))
        .outerjoin(home, and_(home.organisation_id == asked.c.home_id, home.ended_at.is_(None)))
        .outerjoin(other, and_(other.organisation_id == asked.c.other_id, other.ended_at.is_(None)))
        .where(or_(of_other, holder.iban == home.iban))
    )


def _for_both(asked: CTE) -> Select[Any]:
    """Somebody active works for both sides, or did. Read from the index of memberships, but for those who do."""
    mine, theirs = aliased(Membership), aliased(Membership)
    there = (
        select(theirs.id)
        .join(mine, mine.user_id == theirs.user_id)
        .join(User, User.id == theirs.user_id)
        .where(theirs.organisation_id == asked.c.other_id, mine.organisation_id == asked.c.home_id, User.active)
        .where(_counts(theirs, asked), _counts(mine, asked))
    )
    return _sign(asked.c.id, PEOPLE, literal("")).where(there.correlate(asked).exists())


def _domains(asked: CTE) -> Select[Any]:
    """The domains in the addresses of people who work for one side only; which belong together, the rules say.

    What says nothing in most cases is left out here already, before it is asked who works where.
    """
    home, other = asked.c.home_id, asked.c.other_id
    at_home = Membership.organisation_id == home
    return (
        _sign(asked.c.id, case((at_home, DOMAIN_AT_HOME), else_=DOMAIN_AT_OTHER), domain_of(User.email))
        .join(Membership, and_(Membership.organisation_id.in_((home, other)), _counts(Membership, asked)))
        .join(User, and_(Membership.user_id == User.id, User.active))
        .where(domain_of(User.email).not_in(_SAYS_NOTHING), ~_works_for(case((at_home, other), else_=home), asked))
        .distinct()
    )


def _works_for(organisation_id: ColumnElement[Any], asked: CTE) -> ColumnElement[bool]:
    at = aliased(Membership)
    return select(at.id).where(at.user_id == User.id, at.organisation_id == organisation_id, _counts(at, asked)).exists()


def _counts(membership: Any, asked: CTE) -> ColumnElement[bool]:
    return counts(membership, asked.c.asked_on, asked.c.timezone)


def _interests(asked: CTE) -> list[Select[Any]]:
    """Somebody who decides, or has decided, belongs to one of the organisations, or did: begins with these few, as an
    organisation has many members."""
    member, sign = aliased(Membership), _sign(asked.c.id, INTEREST, literal(""))
    belongs = and_(member.organisation_id.in_((asked.c.home_id, asked.c.other_id)), _counts(member, asked))
    could = sign.join(Membership, could_decide(asked.c.programme_id)).join(User, User.id == Membership.user_id)
    acted = sign.join(HistoryEntry, has_decided(asked.c.id)).join(member, and_(member.user_id == HistoryEntry.actor_id, belongs))
    return [could.join(member, and_(member.user_id == User.id, belongs)).where(User.active), acted]


# written into the statement, as so many parameters would take longer than what they save
_NOTHING_SAID = NOBODYS | {f"{brand}.com" for brand in PUBLIC_BRANDS}
_SAYS_NOTHING: list[ColumnElement[str]] = [literal_column(f"'{domain}'") for domain in sorted(_NOTHING_SAID)]


class domain_of(FunctionElement[str]):  # noqa: N801 (a function to SQLAlchemy)
    """What follows the "@" of an address."""

    type = String()
    inherit_cache = True


@compiles(domain_of)
def _in_postgresql(element: domain_of, compiler: Any, **options: Any) -> str:
    return f"split_part({compiler.process(element.clauses, **options)}, '@', 2)"


@compiles(domain_of, "sqlite")
def _in_sqlite(element: domain_of, compiler: Any, **options: Any) -> str:
    address = compiler.process(element.clauses, **options)
    return f"substr({address}, instr({address}, '@') + 1)"
