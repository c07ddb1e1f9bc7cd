"""The check of payment batches (money.md): each beside its history, its payments, and the file that the bank was given."""

import re
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import and_, func, or_, select

from mobility.core.database import db
from mobility.core.money import NOTHING, figures
from mobility.payments.models import TAKEN_OUT, BankFile, Payment, PaymentBatch
from mobility.payments.workflow import SETTLED, WORKFLOW
from mobility.workflows.history import HistoryEntry

AT_ONCE = 200  # files
_AMOUNT = re.compile(r"<InstdAmt [^>]*>([0-9]+\.[0-9]+)</InstdAmt>")


def check_batches() -> Iterator[str]:
    """A sentence for each batch or file that does not go with the rest."""
    yield from _wrong_states()
    yield from _unsettled()
    yield from _wrong_files()


def _wrong_states() -> Iterator[str]:
    """Its history, which nobody can change, ends in the state that it has."""
    of_it = and_(HistoryEntry.subject_type == WORKFLOW.name, HistoryEntry.subject_id == PaymentBatch.id)
    last = select(func.max(HistoryEntry.id)).where(of_it).correlate(PaymentBatch).scalar_subquery()
    wrong = select(PaymentBatch.id, PaymentBatch.state, HistoryEntry.to_state).outerjoin(HistoryEntry, HistoryEntry.id == last)
    differs = HistoryEntry.to_state.is_distinct_from(PaymentBatch.state)
    for id, shown, ended in db.session.execute(wrong.where(differs).order_by(PaymentBatch.id)):
        yield f"Batch {id}: is {shown}, but its history {f'ends with {ended}' if ended else 'is gone'}."


def _unsettled() -> Iterator[str]:
    open_ones = select(PaymentBatch.id, func.count(Payment.id)).join(Payment.batch)
    open_ones = open_ones.where(PaymentBatch.state == SETTLED, Payment.outcome.is_(None))
    for id, count in db.session.execute(open_ones.group_by(PaymentBatch.id).order_by(PaymentBatch.id)):
        yield f"Batch {id}: is settled, but of {count} of its payments nobody knows how they ended."


def _wrong_files() -> Iterator[str]:
    """What the bank was asked for is what the batch has, in the row and in the file's own sums."""
    count, total = func.count(Payment.id), func.coalesce(func.sum(Payment.amount), NOTHING)
    asked = and_(Payment.batch_id == BankFile.batch_id, or_(Payment.outcome.is_(None), Payment.outcome != TAKEN_OUT))
    rows = select(BankFile.id, BankFile.batch_id, BankFile.count, BankFile.total, BankFile.content, count, total)
    rows = rows.outerjoin(Payment, asked).where(BankFile.voided_at.is_(None)).group_by(BankFile.id).order_by(BankFile.id)
    for some in db.session.execute(rows.execution_options(yield_per=AT_ONCE)).partitions():
        for id, batch, said, sum_, content, there, due in some:
            if (said, sum_) != (there, due):
                yield (
                    f"Batch {batch}: its file {id} asks for {said} payments of {figures(sum_)}; it has {there} of {figures(due)}."
                )
            if _sums_in(content) != (said, sum_):
                yield f"Batch {batch}: its file {id} is not the one that was made: it asks for something else."


def _sums_in(content: str) -> tuple[int, Decimal]:
    """How many payments a file asks for, and how much: added up from the payments in it."""
    found = _AMOUNT.findall(content)
    return len(found), sum(map(Decimal, found), NOTHING)
