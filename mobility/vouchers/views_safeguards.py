"""What guards a programme, for its people: links between parties, the providers' shares, and de minimis aid."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.pages import PER_PAGE, Page, or_404, page_number
from mobility.core.spreadsheets import CSV_TYPE, as_csv
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.vouchers import de_minimis, related
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules_de_minimis import YEARS, Standing, too_much
from mobility.vouchers.rules_related import DECLARED, FEWEST_TO_FLAG, Finding, ProviderShare
from mobility.vouchers.views import blueprint
from mobility.vouchers.workflow import KNOWLEDGE, WORKFLOW


@blueprint.get("/programmes/<int:id>/safeguards")
@signed_in
def safeguards(id: int) -> Any:
    """Each provider's share of all redemptions, and the vouchers whose parties are linked."""
    programme = programmes.find_as(id, current_user)
    linked, more = related.linked_vouchers(programme)
    number = page_number()
    first = (number - 1) * PER_PAGE
    shares = related.provider_shares(programme)
    return render_template(
        "vouchers/safeguards.html",
        programme=programme,
        shares=shares,
        redemptions=sum(share.count for share in shares),
        fewest=FEWEST_TO_FLAG,
        page=Page(linked[first : first + PER_PAGE], number, len(linked)),
        looked_at=related.MOST_LOOKED_AT if more else None,
        workflow=WORKFLOW,
    )


@blueprint.get("/programmes/<int:id>/de-minimis")
@signed_in
def de_minimis_aid(id: int) -> Any:
    """What each organisation has received, and how much is left."""
    programme = _with_ceiling(id)
    return render_template(
        "vouchers/de_minimis.html", programme=programme, page=de_minimis.accounts(programme, page_number()), years=YEARS
    )


@blueprint.get("/programmes/<int:id>/de-minimis.csv")
@signed_in
def de_minimis_register(id: int) -> Any:
    """The programme's vouchers for the public register of de minimis aid."""
    programme = _with_ceiling(id)
    answer = Response(as_csv(de_minimis.REGISTER, de_minimis.register(programme)), content_type=f"{CSV_TYPE}; charset=utf-8")
    name = f"de-minimis-{programme.id}-{programme.today.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _with_ceiling(id: int) -> Programme:
    """The programme if the reader works for it and it gives de minimis aid, or 404."""
    programme = programmes.find_as(id, current_user)
    return or_404(programme if programme.de_minimis_ceiling is not None else None)


@dataclass(frozen=True)
class Related:
    """What the programme's people read of a voucher's parties: what these declare, what we find, the provider's share."""

    declared: list[related.Declared]
    findings: list[Finding]
    share: ProviderShare | None


@blueprint.app_template_global("related_in")
def related_in(voucher: Voucher) -> Related | None:
    """Nothing for anybody but the programme's people."""
    if not current_user.roles_in_programme(voucher.programme_id):
        return None
    found = [each for each in related.findings([voucher])[voucher.id] if each.kind != DECLARED]
    share = related.share_of(voucher) if voucher.kind == KNOWLEDGE else None
    return Related(related.declared(voucher), found, share)


@dataclass(frozen=True)
class AidOf:
    """A voucher beside what its holder's organisation has received; `refusal` says why it passes the ceiling."""

    standing: Standing
    refusal: str | None


@blueprint.app_template_global("aid_beside")
def aid_beside(voucher: Voucher) -> AidOf | None:
    """Nothing in programmes without a ceiling, and for anybody but the programme's people."""
    if not current_user.roles_in_programme(voucher.programme_id):
        return None
    found = de_minimis.standing_of(voucher)
    return AidOf(found, too_much(found, voucher.amount)) if found else None
