"""The public check of a code: whether a voucher or a certificate is genuine, and nothing else."""

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from mobility.core.access import public
from mobility.core.pages import error_page
from mobility.core.throttle import Throttled, ensure_not_throttled, record_attempt
from mobility.documents.codes import CodeTypo, grouped, normalise
from mobility.vouchers import queries
from mobility.vouchers.forms import CheckForm
from mobility.vouchers.models import Voucher
from mobility.vouchers.views import blueprint

CODE_TRIES, CODE_MINUTES = 20, 10


@blueprint.get("/check")
@public
def check() -> Any:
    """Type a code to learn whether it is genuine."""
    text = request.args.get("code", "").strip()
    return _checked(text) if text else render_template("vouchers/check.html", form=CheckForm(), result=None)


@blueprint.get("/check/<code>")
@public
def check_code(code: str) -> Any:
    """Where a QR code leads to."""
    return _checked(code)


def _checked(text: str) -> Any:
    """Whether a code is genuine and its state, and nothing else (issue 2). Wrong codes are counted per address."""
    form = CheckForm(data={"code": text[:200]})
    who = request.remote_addr or ""
    try:
        ensure_not_throttled("code", who, CODE_TRIES, CODE_MINUTES)
        code = normalise(text)
    except Throttled as throttled:
        return error_page(throttled.status, throttled.message)
    except CodeTypo as typo:
        form.code.errors = [str(typo)]
        return render_template("vouchers/check.html", form=form, result=None), 422
    found = queries.by_code(code)
    if found is None:
        record_attempt("code", who)
    page = render_template(
        "vouchers/check.html",
        form=form,
        result=found,
        known=found is not None,
        code=grouped(code),
        own=_own_page(found),
    )
    return page, 200 if found else 404


def _own_page(found: queries.Genuine | None) -> str | None:
    """For those who may see what the code belongs to: the way there."""
    if found is None or not current_user.is_authenticated:
        return None
    subject = found.subject
    if not subject.workflow.may_see(current_user, subject):
        return None
    exchange_id = subject.exchange_id if isinstance(subject, Voucher) else subject.id
    return url_for("exchanges.show", id=exchange_id) if exchange_id else url_for("vouchers.show", id=subject.id)
