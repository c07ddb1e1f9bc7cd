"""Asking for a knowledge voucher: the draft that its holder writes, at any stage of completeness (P10). `by` is a `User`.

The request itself, and everything after it, is the same for both kinds: operations.py.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal, WrongState
from mobility.core.workflow import Actor
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.themes.rules import Problem
from mobility.vouchers import queries
from mobility.vouchers.guards import DRAFT, KNOWLEDGE
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules_knowledge import ASKING_ROLES, problems, undeclared
from mobility.vouchers.workflow import WORKFLOW


class NotReady(Refusal):
    """A draft that cannot be requested yet: `problems` are all the reasons, each with its field."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found[0].message, found[0].field or None)
        self.problems = found


def start(*, by: User, programme: Programme, organisation: Organisation, **given: Any) -> Voucher:
    """A new draft. `given` as for `describe`."""
    _refuse_others_organisation(organisation, by)
    voucher = Voucher(kind=KNOWLEDGE, programme=programme, holder=by, holder_organisation=organisation)
    db.session.add(voucher)
    db.session.flush()
    describe(voucher, by=by, programme=programme, organisation=organisation, **given)
    WORKFLOW.enter(voucher, by=by, acted_as=Actor.HOLDER)
    return voucher


def describe(
    voucher: Voucher,
    *,
    by: User,
    programme: Programme,
    organisation: Organisation,
    need: str = "",
    provider: Organisation | None = None,
    price: Decimal | None = None,
) -> None:
    """Write the draft: everything but programme and organisation may be missing until the voucher is requested."""
    if voucher.holder_id != by.id:
        raise NotAllowed("Only the holder writes the request.")
    if voucher.state != DRAFT or voucher.kind != KNOWLEDGE:
        raise WrongState("This voucher has been requested, and stays as it was sent.", voucher)
    _refuse_others_organisation(organisation, by)
    voucher.programme, voucher.holder_organisation, voucher.provider = programme, organisation, provider
    voucher.need, voucher.price = need.strip(), price
    db.session.flush()


def ensure_ready(voucher: Voucher) -> None:
    """Raises NotReady with everything that stands against requesting this voucher."""
    if found := problems(voucher, queries.preview(voucher)):
        raise NotReady(found)


def ensure_declared(voucher: Voucher, link: str) -> None:
    """Raises Refusal if the provider is the holder's own organisation and `link` does not say so."""
    if refusal := undeclared(voucher, link):
        raise Refusal(refusal, field="holder_link")


def _refuse_others_organisation(organisation: Organisation, by: User) -> None:
    if not set(ASKING_ROLES) & by.roles_in(organisation.id):
        raise Refusal("You can ask for organisations in which you are a guest or a coordinator.", field="organisation")
