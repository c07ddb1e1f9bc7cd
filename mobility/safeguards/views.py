"""What guards a programme, for its people: links between parties, and the providers' shares."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.paging import PER_PAGE, Page, page_number
from mobility.programmes import queries as programmes
from mobility.safeguards import queries
from mobility.safeguards.rules import DECLARED, FEWEST_TO_FLAG, Finding, ProviderShare
from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from mobility.vouchers.workflow import WORKFLOW

blueprint = Blueprint("safeguards", __name__)


@blueprint.get("/programmes/<int:id>/safeguards")
@signed_in
def show(id: int) -> Any:
    """Each provider's share of all redemptions, and the vouchers whose parties are linked."""
    programme = programmes.find_as(id, current_user)
    linked, more = queries.linked_vouchers(programme)
    number = page_number()
    first = (number - 1) * PER_PAGE
    shares = queries.provider_shares(programme)
    return render_template(
        "safeguards/show.html",
        programme=programme,
        shares=shares,
        redemptions=sum(share.count for share in shares),
        fewest=FEWEST_TO_FLAG,
        page=Page(linked[first : first + PER_PAGE], number, len(linked)),
        looked_at=queries.MOST_LOOKED_AT if more else None,
        workflow=WORKFLOW,
        kinds=KINDS,
    )


@dataclass(frozen=True)
class Related:
    """What the programme's people read of a voucher's parties: what these declare, what we find, the provider's share."""

    declared: list[queries.Declared]
    findings: list[Finding]
    share: ProviderShare | None


@blueprint.app_template_global("related_in")
def related_in(voucher: Voucher) -> Related | None:
    """Nothing for anybody but the programme's people."""
    if not current_user.roles_in_programme(voucher.programme_id):
        return None
    found = [each for each in queries.findings([voucher])[voucher.id] if each.kind != DECLARED]
    return Related(queries.declared(voucher), found, queries.share_of(voucher))
