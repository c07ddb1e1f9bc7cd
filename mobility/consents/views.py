"""The page on which one side of an exchange, or of a knowledge voucher, changes its word on publishing, as often as it likes."""

from typing import Any, Protocol

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from mobility.consents import queries
from mobility.consents.forms import SERVICE, ConsentForm
from mobility.consents.operations import change_consent
from mobility.consents.queries import Consent, Side
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.exchanges import queries as exchanges
from mobility.exchanges.models import Exchange
from mobility.vouchers import queries as vouchers
from mobility.vouchers.models import Voucher

blueprint = Blueprint("consents", __name__)


class Find(Protocol):
    """How the subject is found, locked if need be: 404 for whoever has no part in it."""

    def __call__(self, id: int, user: Any, for_update: bool = False) -> Exchange | Voucher: ...


@blueprint.app_template_global("consent_about")
def consent_about(subject: Exchange | Voucher) -> Consent | None:
    return queries.about(subject, current_user)


@blueprint.route("/exchanges/<int:id>/publishing/<any(guest,host):side>", methods=["GET", "POST"])
@signed_in
def publishing(id: int, side: str) -> Any:
    """What it says today, and another word."""
    return _answer(exchanges.find, id, side)


@blueprint.route("/vouchers/<int:id>/publishing/<any(guest,host):side>", methods=["GET", "POST"])
@signed_in
def publishing_service(id: int, side: str) -> Any:
    """The same of what a knowledge voucher bought."""
    return _answer(vouchers.find, id, side)


def _answer(find: Find, id: int, side: str) -> Any:
    subject = find(id, current_user)
    said = queries.said_by(subject, side, current_user)
    form = ConsentForm(publish=said.key, seen=said.key or "")
    if not form.is_submitted():
        return _page(subject, form, said)
    if not form.validate():
        return _page(subject, form, said, 422)
    try:
        with transaction():
            subject = find(id, current_user, for_update=True)
            _not_changed(queries.said_by(subject, side, current_user), form)
            change_consent(subject, side=side, publish=form.publish.data, by=current_user)
    except Refusal as refusal:
        form.refuse(refusal)
        subject = find(id, current_user)
        said = queries.said_by(subject, side, current_user)
        form.open_at(said.key or "", "seen")
        return _page(subject, form, said, refusal.status)
    flash("Changed. It holds at once.", "success")
    return redirect(_there(subject), 303)


def _not_changed(said: Side, form: ConsentForm) -> None:
    if (said.key or "") != form.seen.data:
        raise EditConflict(said)


def _there(subject: Exchange | Voucher) -> str:
    return url_for(f"{subject.workflow.things}.show", id=subject.id)


def _page(subject: Exchange | Voucher, form: ConsentForm, said: Side, status: int = 200) -> Any:
    if isinstance(subject, Voucher):
        form.publish.label.text = SERVICE
    return render_template("consents/publishing.html", subject=subject, there=_there(subject), form=form, said=said), status
