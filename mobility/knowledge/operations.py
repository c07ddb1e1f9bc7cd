"""Asking for a voucher that rests on a price: the draft, at any stage of completeness (P10). `by` is a `User`.

The request itself, and everything after it, is the same for every kind: operations.py.
"""

from decimal import Decimal
from typing import Any

from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal, WrongState
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.vouchers.kinds import KNOWLEDGE
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import ASKING_ROLES
from mobility.vouchers.states import DRAFT
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.workflow import Actor


def start(*, by: User, programme: Programme, organisation: Organisation, kind: str = KNOWLEDGE, **given: Any) -> Voucher:
    """A new draft, of a kind that rests on a price. `given` as for `describe`."""
    _refuse_others_organisation(organisation, by)
    voucher = Voucher(kind=kind, programme=programme, holder=by, holder_organisation=organisation)
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
    check_draft(voucher, by)
    _refuse_others_organisation(organisation, by)
    voucher.programme, voucher.holder_organisation, voucher.provider = programme, organisation, provider
    voucher.need, voucher.price = need.strip(), price
    db.session.flush()


def check_draft(voucher: Voucher, by: User) -> None:
    """Raises NotAllowed or WrongState: only the holder writes it, and only until it is requested."""
    if voucher.holder_id != by.id:
        raise NotAllowed("Only the holder writes the request.")
    if voucher.state != DRAFT or not voucher.traits.rests_on_price:
        raise WrongState("This voucher has been requested, and stays as it was sent.", voucher)


def _refuse_others_organisation(organisation: Organisation, by: User) -> None:
    if not set(ASKING_ROLES) & by.roles_in(organisation.id):
        raise Refusal("You can ask for organisations in which you are a guest or a coordinator.", field="organisation")
