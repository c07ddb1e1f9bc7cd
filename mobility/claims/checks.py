"""The check of evidence (money.md): each file is there, and is what was handed in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, select

from mobility.claims.models import Claim, Evidence
from mobility.core.database import db
from mobility.takeovers.models import TakeOverEvidence
from mobility.uploads import files

AT_ONCE = 1000  # rows of evidence
READERS = 8  # a store elsewhere answers late, but many at once


def check_files() -> Iterator[str]:
    """A sentence for each file that is missing or has changed since it was handed in. Reads all of them."""
    of_claims = select(Evidence.id, Evidence.name, Evidence.key, Evidence.sha256, Claim.voucher_id.label("of"))
    yield from _check("Voucher", of_claims.join(Evidence.claim).order_by(Evidence.id))
    shown = TakeOverEvidence
    of_take_overs = select(shown.id, shown.name, shown.key, shown.sha256, shown.take_over_id.label("of"))
    yield from _check("Take-over", of_take_overs.where(shown.key.is_not(None)).order_by(shown.id))


def _check(what: str, rows: Select[*tuple[Any, ...]]) -> Iterator[str]:
    look = partial(_problem, files.store())
    with ThreadPoolExecutor(READERS) as pool:
        for some in db.session.execute(rows.execution_options(yield_per=AT_ONCE)).partitions():
            for row, problem in zip(some, pool.map(look, some), strict=True):
                if problem:
                    yield f"{what} {row.of}: its evidence {row.id}, “{row.name}”, {problem}."


def _problem(store: files.Store, row: Any) -> str:
    try:
        content = store.read(row.key)
    except files.Unavailable:
        return f"is not in the store, or cannot be read there: {row.key}"
    if sha256(content).hexdigest() != row.sha256:
        return f"has changed since it was handed in: {row.key}"
    return ""
