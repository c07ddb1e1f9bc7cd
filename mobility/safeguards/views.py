"""What guards a programme, for its people: links between parties, and the providers' shares."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.paging import all_on_one, page_number, page_of
from mobility.lists.pages import show_lists
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
    shares = queries.provider_shares(programme)
    return show_lists(
        [
            ("page", queries.LINKED.of(programme), page_of(linked, page_number())),
            ("providers", queries.SHARES.of(programme), all_on_one(shares)),
        ],
        "safeguards/show.html",
        programme_id=id,
        programme=programme,
        shares=shares,
        redemptions=sum(share.count for share in shares),
        fewest=FEWEST_TO_FLAG,
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
