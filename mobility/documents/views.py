"""The papers as PDF, for those who may see what they are about."""

from flask import Blueprint, Response, abort
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.documents import pdf, queries
from mobility.exchanges import queries as exchanges
from mobility.vouchers import queries as vouchers
from mobility.vouchers.guards import may_see_code

blueprint = Blueprint("documents", __name__)


@blueprint.get("/vouchers/<int:id>/voucher.pdf")
@signed_in
def voucher_pdf(id: int) -> Response:
    voucher = vouchers.find(id, current_user)
    if not voucher.code or not may_see_code(current_user, voucher):
        abort(404)
    return _pdf(pdf.voucher_pdf(queries.voucher_paper(voucher)), f"voucher-{voucher.reference}")


@blueprint.get("/exchanges/<int:id>/certificate.pdf")
@signed_in
def certificate_pdf(id: int) -> Response:
    exchange = exchanges.find(id, current_user)
    if not exchange.certificate_code:
        abort(404)
    return _pdf(pdf.certificate_pdf(queries.certificate_paper(exchange)), f"certificate-E-{id:06d}")


@blueprint.get("/exchanges/<int:id>/agreement-<int:number>.pdf")
@signed_in
def agreement_pdf(id: int, number: int) -> Response:
    exchange = exchanges.find(id, current_user)
    version, _ = exchanges.version(exchange, number)
    return _pdf(pdf.agreement_pdf(queries.agreement_paper(exchange, version)), f"agreement-E-{id:06d}-version-{number}")


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response
