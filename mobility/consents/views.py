"""The page on which one side of an exchange changes its word on publishing, as often as it likes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from mobility.consents import queries
from mobility.consents.forms import ConsentForm
from mobility.consents.operations import change_consent
from mobility.consents.queries import Consent, Side
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.exchanges import queries as exchanges
from mobility.exchanges.models import Exchange

blueprint = Blueprint("consents", __name__)


@blueprint.app_template_global("consent_about")
def consent_about(exchange: Exchange) -> Consent | None:
    return queries.about(exchange, current_user)


@blueprint.route("/exchanges/<int:id>/publishing/<any(guest,host):side>", methods=["GET", "POST"])
@signed_in
def publishing(id: int, side: str) -> Any:
    """What it says today, and another word."""
    exchange = exchanges.find(id, current_user)
    said = queries.said_by(exchange, side, current_user)
    form = ConsentForm(publish=said.key, seen=said.key or "")
    if not form.is_submitted():
        return _page(exchange, form, said)
    if not form.validate():
        return _page(exchange, form, said, 422)
    try:
        with transaction():
            exchange = exchanges.find(id, current_user, for_update=True)
            _not_changed(queries.said_by(exchange, side, current_user), form)
            change_consent(exchange, side=side, publish=form.publish.data, by=current_user)
    except Refusal as refusal:
        form.refuse(refusal)
        exchange = exchanges.find(id, current_user)
        said = queries.said_by(exchange, side, current_user)
        form.open_at(said.key or "", "seen")
        return _page(exchange, form, said, refusal.status)
    flash("Changed. It holds at once.", "success")
    return redirect(url_for("exchanges.show", id=id), 303)


def _not_changed(said: Side, form: ConsentForm) -> None:
    if (said.key or "") != form.seen.data:
        raise EditConflict(said)


def _page(exchange: Exchange, form: ConsentForm, said: Side, status: int = 200) -> Any:
    return render_template("consents/publishing.html", exchange=exchange, form=form, said=said), status
