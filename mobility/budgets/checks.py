"""The ledger's check (money.md): the books in themselves, and each voucher beside its postings, its payments and its history.

Everything is compared in the database, which answers with the offending rows alone.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Float, Select, String, and_, case, cast, func, not_, or_, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement

from mobility.core.database import Cents, db
from mobility.core.money import NOTHING, figures
from mobility.programmes.models import Account, BudgetLine, Call, LedgerEntry, LedgerEvent, Posting
from mobility.programmes.operations import FROM_TO
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import (
    COMMITTED_STATES,
    DRAFT,
    EXPIRED,
    LAPSED,
    PAID,
    RECOMMENDED,
    RECOVERED,
    REJECTED,
    REQUESTED,
    RETURNED,
    REVOKED,
    VALIDATED,
    WITHDRAWN,
)
from mobility.workflows.history import HistoryEntry

OF_A_LINE = [event.value for event, accounts in FROM_TO.items() if Account.FUNDING in accounts]  # the others are of a voucher
BALANCES = (Account.AVAILABLE, Account.COMMITTED, Account.SPENT)
UNDECIDED = (DRAFT, REQUESTED, RETURNED, RECOMMENDED, REJECTED)
GIVEN_BACK = (EXPIRED, LAPSED, REVOKED, WITHDRAWN)
WITH_FINAL, SPENT = (VALIDATED, PAID, RECOVERED), (PAID, RECOVERED)
LESS_THAN_A_CENT = 0.01  # SQLite adds up in floating point

state = Voucher.state


def check_ledger() -> list[str]:
    """What is wrong with the ledger, one sentence for each offending row; nothing when all is well."""
    return [*check_books(), *check_vouchers()]


def check_books() -> list[str]:
    """The ledger in itself, whatever the vouchers say."""
    looks = (_unbalanced_entries, _strange_entries, _strange_postings, _wrong_balances, _negative_balances, _doubled_events)
    return [sentence for look in looks for sentence in look()]


def check_vouchers() -> list[str]:
    """Each voucher beside what the ledger, the bank and the history know of it."""
    looks = (_wrong_movements, _wrong_amounts, _wrong_lines, _wrong_budget_lines, _wrong_payments, _unpaid, _wrong_states)
    return [sentence for look in looks for sentence in look()]


# The books


def _unbalanced_entries() -> Iterator[str]:
    """Postings are added up by themselves: with their entries only where that is wrong, or where there are none."""
    amount, count = func.sum(Posting.amount), func.count()
    wrong = select(Posting.entry_id).group_by(Posting.entry_id).having(or_(amount != NOTHING, count != 2))
    none = ~select(Posting.id).where(Posting.entry_id == LedgerEntry.id).exists()
    ids = [*db.session.scalars(wrong), *db.session.scalars(select(LedgerEntry.id).where(none))]
    for id in sorted(ids):
        entry = db.session.get_one(LedgerEntry, id)
        sum_ = sum((each.amount for each in entry.postings), NOTHING)
        yield f"Entry {id} ({entry.event}): its {len(entry.postings)} postings sum to {figures(sum_)} instead of zero."


def _strange_entries() -> Iterator[str]:
    """An event nobody knows, or of another thing than it can be; a key that is not its own."""
    event, key, voucher = LedgerEntry.event, LedgerEntry.key, LedgerEntry.voucher_id
    line = "line " + cast(LedgerEntry.budget_line_id, String)
    once = _key_of_first()
    right = case(
        (event.in_(OF_A_LINE), and_(voucher.is_(None), key.startswith(line + ":" + event + ":"))),
        (event.in_([each.value for each in FROM_TO]), or_(key == once, key.startswith(once + ":"))),
        else_=False,
    )
    wrong = select(LedgerEntry.id, event).where(not_(func.coalesce(right, False)))
    for id, name in db.session.execute(wrong.order_by(LedgerEntry.id)):
        yield f"Entry {id} ({name}): there is no such event, or it is not of what it is booked for."


def _key_of_first() -> Any:
    return cast(LedgerEntry.voucher_id, String) + ":" + LedgerEntry.event


def _strange_postings() -> Iterator[str]:
    """Money goes from one account to another, as the event says."""
    right = or_(*(_posted(event, *accounts) for event, accounts in FROM_TO.items()))
    wrong = select(Posting.id, Posting.account, LedgerEntry.id, LedgerEntry.event).join(LedgerEntry).where(not_(right))
    for id, account, entry, event in db.session.execute(wrong.order_by(Posting.id)):
        yield f"Posting {id} of entry {entry}: {event} does not move money like this on the account {account}."


def _posted(event: LedgerEvent, source: Account, target: Account) -> Any:
    out = and_(Posting.account == source.value, Posting.amount < NOTHING)
    into = and_(Posting.account == target.value, Posting.amount > NOTHING)
    return and_(LedgerEntry.event == event.value, or_(out, into))


def _wrong_balances() -> Iterator[str]:
    """All postings are added up once, for each line and account."""
    sums = (func.sum(Posting.amount).filter(Posting.account == account.value).label(account.value) for account in BALANCES)
    by_line = LedgerEntry.budget_line_id
    posted = select(by_line.label("line_id"), *sums).join(Posting).group_by(by_line).subquery()
    pairs = [(getattr(BudgetLine, each.value), func.coalesce(posted.c[each.value], NOTHING)) for each in BALANCES]
    columns = [type_coerce(column, Cents()) for pair in pairs for column in pair]
    lines = _lines(*columns).outerjoin(posted, posted.c.line_id == BudgetLine.id)
    for id, *found in db.session.execute(lines.where(or_(*(balance != sum_ for balance, sum_ in pairs)))):
        for account, shown, amount in zip(BALANCES, found[::2], found[1::2], strict=True):
            if shown != amount:
                yield f"Budget line {id}: {account.value} shows {figures(shown)}, its postings sum to {figures(amount)}."


def _negative_balances() -> Iterator[str]:
    for account in BALANCES:
        balance = getattr(BudgetLine, account.value)
        for id, amount in db.session.execute(_lines(balance).where(balance < NOTHING)):
            yield f"Budget line {id}: {account.value} is {figures(amount)}."


def _lines(*columns: Any) -> Select[Any]:
    return select(BudgetLine.id, *columns).order_by(BudgetLine.id)


ONCE_MORE_THAN = {  # an event can be again once another has undone it
    LedgerEvent.COMMIT: LedgerEvent.RELEASE,
    LedgerEvent.SPEND: LedgerEvent.COME_BACK,
}


def _doubled_events() -> Iterator[str]:
    """Whatever was done twice without being undone between; money is recovered in as many parts as one likes.

    Keys are unique, so of what was done twice one entry has another key than the voucher and the event alone.
    """
    once_at_most = LedgerEntry.voucher_id.is_not(None), LedgerEntry.event != LedgerEvent.RECOVER.value
    again = select(LedgerEntry.voucher_id).where(*once_at_most, LedgerEntry.key != _key_of_first())
    events = [event.value for event in LedgerEvent if event.value not in OF_A_LINE and event is not LedgerEvent.RECOVER]
    counts = [func.count().filter(LedgerEntry.event == event) for event in events]
    rows = select(LedgerEntry.voucher_id, *counts).where(LedgerEntry.voucher_id.in_(again)).group_by(LedgerEntry.voucher_id)
    doubled = rows.having(or_(*(count > 1 for count in counts))).order_by(LedgerEntry.voucher_id)
    for voucher, *numbers in db.session.execute(doubled):
        found = dict(zip(events, numbers, strict=True))
        for event, most in _most(found).items():
            if found[event] > most:
                yield f"Voucher {voucher}: {found[event]} entries for {event}."


def _most(events: Mapping[str, int]) -> dict[str, int]:
    """How often each event can have been, by how often the others were."""
    most: dict[str, int] = {}
    for event, undone_by in ONCE_MORE_THAN.items():
        most |= {event.value: events.get(undone_by, 0) + 1, undone_by.value: events.get(event, 0)}
    return most


# The vouchers


def _wrong_movements() -> Iterator[str]:
    """What was set aside, given back, spent and recovered for it is what its state and its amounts say."""
    events = [event.value for event in LedgerEvent if event.value not in OF_A_LINE]
    sums = (func.sum(Posting.amount).filter(LedgerEntry.event == event).label(event) for event in events)
    moved = (
        select(LedgerEntry.voucher_id, *sums)
        .join(Posting)
        .where(LedgerEntry.voucher_id.is_not(None), Posting.amount > NOTHING)
        .group_by(LedgerEntry.voucher_id)
        .subquery()
    )
    expected = _expected(moved.c)
    pairs = [column for _, found, right in expected for column in (found, right)]
    differ = or_(*(found.is_distinct_from(right) for _, found, right in expected))
    rows = select(Voucher.id, state, *pairs).outerjoin(moved, moved.c.voucher_id == Voucher.id).where(differ)
    for id, shown, *figures_ in db.session.execute(rows.order_by(Voucher.id)):
        for (words, *_), posted, due in zip(expected, figures_[::2], figures_[1::2], strict=True):
            if posted != due:
                should = "an amount that it does not have" if due is None else figures(due)
                yield f"Voucher {id}: is {shown}; by its entries {figures(posted)} is {words} instead of {should}."


def _expected(moved: Any) -> list[tuple[str, Any, Any]]:
    """(what, by its entries, by its state and amounts). What came back can be paid again, what was given back set aside again."""

    def sum_of(event: LedgerEvent) -> Any:
        return func.coalesce(moved[event.value], NOTHING)

    undecided = or_(state.in_(UNDECIDED), and_(state == WITHDRAWN, Voucher.decided_on.is_(None)))
    set_aside = case(
        (or_(undecided, state.in_(GIVEN_BACK)), NOTHING), (state.in_(WITH_FINAL), Voucher.final_amount), else_=Voucher.amount
    )
    spent = case((state.in_(SPENT), Voucher.final_amount), else_=NOTHING)
    recovered = case((state.in_(SPENT), func.coalesce(Voucher.recovered_amount, NOTHING)), else_=NOTHING)
    found = [
        ("set aside", sum_of(LedgerEvent.COMMIT) - sum_of(LedgerEvent.RELEASE), set_aside),
        ("spent", sum_of(LedgerEvent.SPEND) - sum_of(LedgerEvent.COME_BACK), spent),
        ("recovered", sum_of(LedgerEvent.RECOVER), recovered),
    ]
    return [(words, type_coerce(by_entries, Cents()), type_coerce(right, Cents())) for words, by_entries, right in found]


def _wrong_amounts() -> Iterator[str]:
    """Whether it has a final amount and a recovered one, and whether each is within the one before."""
    final, recovered = Voucher.final_amount, Voucher.recovered_amount
    wrong = or_(
        Voucher.amount < NOTHING,
        and_(Voucher.amount == NOTHING, state.in_(COMMITTED_STATES)),
        final.is_(None) == state.in_(WITH_FINAL),
        final <= NOTHING,
        final > Voucher.amount,
        and_(recovered.is_not(None), state.not_in(SPENT)),
        and_(recovered.is_(None), state == RECOVERED),
        recovered <= NOTHING,
        recovered > final,
        Voucher.paid_on.is_(None) == state.in_(SPENT),
    )
    for id, shown in db.session.execute(select(Voucher.id, state).where(wrong).order_by(Voucher.id)):
        yield f"Voucher {id}: is {shown}, which does not go with its approved, final or recovered amount, or its day of payment."


def _wrong_lines() -> Iterator[str]:
    """Its lines make up its amount. The database finds those that do not; a programme may have hundreds of thousands."""
    differ = func.abs(100 * added_up(Voucher.lines) - type_coerce(Voucher.amount, BigInteger)) > LESS_THAN_A_CENT
    rows = select(Voucher.id, Voucher.amount, Voucher.lines).where(Voucher.rate_card_id.is_not(None), differ)
    for id, amount, lines in db.session.execute(rows.order_by(Voucher.id)):
        sum_ = sum((Decimal(each["amount"]) for each in lines), NOTHING)
        yield f"Voucher {id}: its amount is {figures(amount)}, its lines sum to {figures(sum_)}."


class added_up(FunctionElement[float]):  # noqa: N801 (a function to SQLAlchemy)
    """The amounts of a voucher's lines, as they are kept in JSON."""

    type = Float()
    inherit_cache = True


@compiles(added_up, "postgresql")
def _in_postgresql(element: added_up, compiler: Any, **options: Any) -> str:
    lines = compiler.process(element.clauses, **options)
    return f"(SELECT coalesce(sum((line ->> 'amount')::numeric), 0) FROM jsonb_array_elements({lines}) AS line)"  # noqa: S608 (SQLAlchemy's)


@compiles(added_up, "sqlite")
def _in_sqlite(element: added_up, compiler: Any, **options: Any) -> str:
    lines = compiler.process(element.clauses, **options)
    return f"(SELECT coalesce(sum(json_extract(line.value, '$.amount')), 0) FROM json_each({lines}) AS line)"  # noqa: S608 (SQLAlchemy's)


def _wrong_budget_lines() -> Iterator[str]:
    """The money comes from a line of its programme and its kind, and the ledger says from the same."""
    booked = LedgerEntry.voucher_id == Voucher.id
    elsewhere = and_(booked, LedgerEntry.budget_line_id.is_distinct_from(Voucher.budget_line_id))
    of_another = or_(Call.programme_id != Voucher.programme_id, BudgetLine.voucher_kind != Voucher.kind)
    line = select(BudgetLine.id).join(BudgetLine.call).where(BudgetLine.id == Voucher.budget_line_id, of_another)
    wrong = or_(select(LedgerEntry.id).where(elsewhere).exists(), line.exists())
    for (id,) in db.session.execute(select(Voucher.id).where(wrong).order_by(Voucher.id)):
        yield f"Voucher {id}: its budget line is not the one that its entries are booked on, or not of its programme and kind."


def _wrong_payments() -> Iterator[str]:
    """What is paid, or under way, is due to the voucher, once, and goes to an account of those that can claim for it."""
    payment = aliased(Voucher.payments.property.mapper.class_)
    batch, account = (aliased(each.property.mapper.class_) for each in (payment.batch, payment.account))
    in_time = and_(payment.settled_on == Voucher.paid_on, batch.state.in_(("sent", "settled")))
    fits = case(
        (payment.outcome.is_(None), and_(state == VALIDATED, batch.state.in_(("draft", "approved", "sent")))),
        (payment.outcome == "paid", and_(state.in_(SPENT), in_time)),
        else_=payment.settled_on.is_not(None),
    )
    due = or_(payment.outcome.in_(("bounced", "returned", "taken_out")), payment.amount == Voucher.final_amount)
    of_it = and_(HistoryEntry.subject_type == Voucher.workflow.name, HistoryEntry.subject_id == Voucher.id)
    had_another = select(HistoryEntry.id).where(of_it, HistoryEntry.action.in_(("take_over", "holder_replaced"))).exists()
    theirs = or_(
        account.user_id == Voucher.holder_id,
        and_(account.user_id.is_not(None), had_another),
        account.organisation_id.in_((Voucher.holder_organisation_id, Voucher.provider_id)),
    )
    right = and_(fits, due, theirs, batch.programme_id == Voucher.programme_id)
    paying = select(payment.id, Voucher.id, state).join(Voucher, payment.voucher_id == Voucher.id)
    wrong = paying.join(batch, payment.batch_id == batch.id).join(account, payment.account_id == account.id)
    for id, voucher, shown in db.session.execute(wrong.where(not_(func.coalesce(right, False))).order_by(payment.id)):
        yield f"Payment {id}: its amount, day, account or outcome does not go with voucher {voucher}, which is {shown}."


def _unpaid() -> Iterator[str]:
    payment = aliased(Voucher.payments.property.mapper.class_)
    paid = select(payment.id).where(payment.voucher_id == Voucher.id, payment.outcome == "paid").exists()
    elsewhere = Voucher.paid_elsewhere != ""
    unpaid = select(Voucher.id, state).where(state.in_(SPENT), not_(paid), not_(elsewhere))
    for id, shown in db.session.execute(unpaid.order_by(Voucher.id)):
        yield f"Voucher {id}: is {shown}, but no payment says so."
    standing = or_(payment.outcome.is_(None), payment.outcome == "paid")
    twice = select(payment.id).where(payment.voucher_id == Voucher.id, standing).exists()
    for (id,) in db.session.execute(select(Voucher.id).where(elsewhere, or_(twice, state.not_in(SPENT))).order_by(Voucher.id)):
        yield f"Voucher {id}: was paid before it came here, but is not paid, or is in a payment here, too."


def _wrong_states() -> Iterator[str]:
    """Its history, which nobody can change, ends in the state that it has."""
    of_it = and_(HistoryEntry.subject_type == Voucher.workflow.name, HistoryEntry.subject_id == Voucher.id)
    last = select(func.max(HistoryEntry.id)).where(of_it).correlate(Voucher).scalar_subquery()
    wrong = select(Voucher.id, state, HistoryEntry.to_state).join(HistoryEntry, HistoryEntry.id == last)
    for id, shown, ended in db.session.execute(wrong.where(HistoryEntry.to_state != state).order_by(Voucher.id)):
        yield f"Voucher {id}: is {shown}, but its history ends with {ended}."
