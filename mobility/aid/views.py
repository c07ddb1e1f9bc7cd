"""De minimis aid, for the programme's people."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from flask_login import current_user

from mobility.aid import queries
from mobility.aid.rules import YEARS, Standing, too_much
from mobility.audit.operations import record_alone
from mobility.core.access import signed_in
from mobility.core.paging import page_number
from mobility.core.web import or_404
from mobility.documents.spreadsheets import CSV_TYPE, as_csv
from mobility.lists.pages import show_list
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.vouchers.models import Voucher

blueprint = Blueprint("aid", __name__)


@blueprint.get("/programmes/<int:id>/de-minimis")
@signed_in
def accounts(id: int) -> Any:
    """What each organisation has received, and how much is left."""
    programme = _with_ceiling(id)
    page = queries.accounts(programme, page_number())
    return show_list(queries.LIST.of(programme), page, "aid/accounts.html", programme_id=id, programme=programme, years=YEARS)


@blueprint.get("/programmes/<int:id>/de-minimis.csv")
@signed_in
def register(id: int) -> Any:
    """The programme's vouchers for the public register of de minimis aid."""
    programme = _with_ceiling(id)
    answer = Response(as_csv(queries.REGISTER, queries.register(programme)), content_type=f"{CSV_TYPE}; charset=utf-8")
    name = f"de-minimis-{programme.id}-{programme.today.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    record_alone("export_taken", by=current_user, about=f"the register of de minimis aid, {programme.name}", programme_id=id)
    return answer


def _with_ceiling(id: int) -> Programme:
    """The programme if the reader works for it and it gives de minimis aid, or 404."""
    programme = programmes.find_as(id, current_user)
    return or_404(programme if programme.de_minimis_ceiling is not None else None)


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
    found = queries.standing_of(voucher)
    return AidOf(found, too_much(found, voucher.amount)) if found else None
