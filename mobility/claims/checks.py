"""The check of evidence (money.md): each file is there, and is what was handed in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from mobility.claims.models import Claim, Evidence
from mobility.core import files
from mobility.core.database import db
from mobility.vouchers.models import Voucher

AT_ONCE = 1000  # rows of evidence
READERS = 8  # a store elsewhere answers late, but many at once


def check_files() -> Iterator[str]:
    """A sentence for each file that is missing or has changed since it was handed in. Reads all of them."""
    rows = select(Evidence.id, Evidence.name, Evidence.key, Evidence.sha256, Voucher.id.label("voucher"))
    rows = rows.join(Evidence.claim).join(Voucher, Claim.voucher_id == Voucher.id).order_by(Evidence.id)
    look = partial(_problem, files.store())
    with ThreadPoolExecutor(READERS) as pool:
        for some in db.session.execute(rows.execution_options(yield_per=AT_ONCE)).partitions():
            for row, problem in zip(some, pool.map(look, some), strict=True):
                if problem:
                    yield f"Voucher {row.voucher}: its evidence {row.id}, “{row.name}”, {problem}."


def _problem(store: files.Store, row: Any) -> str:
    try:
        content = store.read(row.key)
    except files.Unavailable:
        return f"is not in the store, or cannot be read there: {row.key}"
    if sha256(content).hexdigest() != row.sha256:
        return f"has changed since it was handed in: {row.key}"
    return ""
