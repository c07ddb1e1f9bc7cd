"""What may limit a grant besides the budget. Later features know such limits (aid/); create_app names them here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol


class Limit(Protocol):
    """A limit on what an organisation may be granted. Each method does nothing for a voucher that it does not concern."""

    def ask(self, form: Any, voucher: Any) -> None:
        """Prepare the fields in which the holder declares what counts, or take them out of the form."""

    def declare(self, voucher: Any, declared: Decimal | None) -> None:
        """Keep what the holder declares. Raises Refusal at its field."""

    def ensure_within(self, voucher: Any) -> None:
        """At approval and at issue, after the voucher and before the budget line is locked. Raises GuardRefused."""


LIMITS: list[Limit] = []


def set_to(limits: Sequence[Limit]) -> None:
    LIMITS[:] = limits


def ask(form: Any, voucher: Any) -> None:
    for limit in LIMITS:
        limit.ask(form, voucher)


def declare(voucher: Any, declared: Decimal | None) -> None:
    for limit in LIMITS:
        limit.declare(voucher, declared)


def ensure_within(voucher: Any) -> None:
    for limit in LIMITS:
        limit.ensure_within(voucher)
