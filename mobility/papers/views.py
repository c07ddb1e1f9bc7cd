"""The papers as PDF, for those who may see what they are about; and the public check of a code."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user

from mobility.accounts.rules import network_of
from mobility.accounts.throttle import Throttled, ensure_not_throttled, record_attempt
from mobility.core.access import public, signed_in
from mobility.core.web import error_page, reader_locale
from mobility.delegates import entering
from mobility.delegates import queries as delegates
from mobility.delegates.queries import Stay
from mobility.delegates.rules import came, name_on_certificate
from mobility.documents import pdf
from mobility.documents.codes import CodeTypo, grouped, normalise
from mobility.exchanges import queries as exchanges
from mobility.exchanges.states import AGREED
from mobility.papers import queries
from mobility.papers.forms import CheckForm
from mobility.stories import queries as stories
from mobility.vouchers import queries as vouchers
from mobility.vouchers.guards import may_see_code
from mobility.vouchers.models import Voucher
from mobility.workflows.actions import action_endpoint, actions_for

blueprint = Blueprint("papers", __name__)

CODE_TRIES, CODE_MINUTES = 20, 10


@blueprint.get("/check")
@public
def check() -> Any:
    """Type a code to learn whether it is genuine."""
    text = request.args.get("code", "").strip()
    return _checked(text) if text else render_template("papers/check.html", form=CheckForm(), result=None)


@blueprint.get("/check/<code>")
@public
def check_code(code: str) -> Any:
    """Where a QR code leads to."""
    return _checked(code)


def _checked(text: str) -> Any:
    """Whether a code is genuine and its state, and nothing else (issue 2). Wrong codes are counted per address."""
    form = CheckForm(data={"code": text[:200]})
    who = network_of(request.remote_addr or "")
    try:
        ensure_not_throttled("code", who, CODE_TRIES, CODE_MINUTES)
        code = normalise(text)
    except Throttled as throttled:
        return error_page(throttled.status, throttled.message)
    except CodeTypo as typo:
        form.code.errors = [str(typo)]
        return render_template("papers/check.html", form=form, result=None), 422
    found = queries.by_code(code)
    if found is None:
        record_attempt("code", who)
    page = render_template(
        "papers/check.html",
        form=form,
        result=found,
        known=found is not None,
        code=grouped(code),
        own=_own_page(found),
    )
    return page, 200 if found else 404


def _own_page(found: queries.Genuine | None) -> str | None:
    """For those who may see what the code belongs to: the way there, with the code for those who may redeem it."""
    if found is None or not current_user.is_authenticated:
        return None
    subject = found.subject
    if not subject.workflow.may_see(current_user, subject):
        return None
    if isinstance(subject, Voucher) and (address := _where_to_enter(subject)):
        return address
    exchange_id = subject.exchange_id if isinstance(subject, Voucher) else subject.id
    return url_for("exchanges.show", id=exchange_id) if exchange_id else url_for("vouchers.show", id=subject.id)


def _where_to_enter(voucher: Voucher) -> str | None:
    """Where the reader can enter the code now, with the code in it: checking in, or redeeming what has begun."""
    begins = voucher.exchange is not None and voucher.exchange.state == AGREED
    subject: Any = voucher.exchange if begins else voucher
    act = "start" if begins else "redeem"
    if any(each.name == act and not each.refusal for each in actions_for(subject)):
        return url_for(action_endpoint(subject, act), id=subject.id, code=grouped(voucher.code or ""))
    return None


@blueprint.get("/vouchers/<int:id>/voucher.pdf")
@signed_in
def voucher_pdf(id: int) -> Response:
    voucher = vouchers.find(id, current_user)
    if not voucher.code or not may_see_code(current_user, voucher):
        abort(404)
    return _pdf(pdf.voucher_pdf(queries.voucher_paper(voucher, reader_locale())), f"voucher-{voucher.reference}")


@blueprint.get("/exchanges/<int:id>/certificate.pdf")
@signed_in
def certificate_pdf(id: int) -> Response:
    exchange = exchanges.find(id, current_user)
    if not exchange.certificate_code:
        abort(404)
    return _pdf(pdf.certificate_pdf(queries.certificate_paper(exchange)), f"certificate-E-{id:06d}")


@blueprint.get("/exchanges/<int:id>/stay/certificate.pdf")
@signed_in
def own_certificate(id: int) -> Response:
    """For one of those who travelled: of their own stay alone."""
    return _certificate_of(delegates.own(id, current_user))


@blueprint.get("/stays/<token>/certificate.pdf")
@public
def certificate_by_link(token: str) -> Response:
    """The same by a personal link."""
    answer = _certificate_of(entering.stay_of(token))
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


def _certificate_of(stay: Stay) -> Response:
    exchange = stay.exchange
    if not (exchange.certificate_code and came(exchange, stay.delegate)):
        abort(404)
    paper = replace(queries.certificate_paper(exchange), guests=(name_on_certificate(exchange, stay.delegate),))
    return _pdf(pdf.certificate_pdf(paper), f"certificate-E-{exchange.id:06d}")


@blueprint.get("/exchanges/<int:id>/agreement-<int:number>.pdf")
@signed_in
def agreement_pdf(id: int, number: int) -> Response:
    exchange = exchanges.find(id, current_user)
    version, _ = exchanges.version(exchange, number)
    return _pdf(pdf.agreement_pdf(queries.agreement_paper(exchange, version)), f"agreement-E-{id:06d}-version-{number}")


@blueprint.get("/stories/<int:id>/story.pdf")
@public
def story_pdf(id: int) -> Response:
    """What everybody can read, as long as everybody can."""
    told = stories.public_story(id)
    response = _pdf(pdf.story_pdf(queries.story_paper(told)), f"success-story-{id}")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response
