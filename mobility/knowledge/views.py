"""Asking for a knowledge voucher: one page for the whole draft, saved on the server as one goes."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import NotAllowed, Refusal
from mobility.core.forms import create_once
from mobility.knowledge import operations, queries
from mobility.knowledge.forms import KnowledgeForm
from mobility.rates.queries import newest_rate_card
from mobility.rates.rules import Case, Estimate, estimate
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.vouchers.guards import DRAFT
from mobility.vouchers.kinds import KNOWLEDGE
from mobility.vouchers.models import Voucher

blueprint = Blueprint("knowledge", __name__)


@blueprint.app_template_global()
def may_ask_for_knowledge() -> bool:
    """Whether some programme gives knowledge vouchers to the reader now."""
    return bool(queries.programmes_for(current_user, queries.homes_of(current_user)))


@blueprint.route("/vouchers/new", methods=["GET", "POST"])
@signed_in
def new() -> ResponseReturnValue:
    """The page to ask on. Looking at it writes nothing; the first saving makes the draft."""
    offered = queries.offered_to(current_user)
    if not offered.programmes:
        typed = KnowledgeForm().typed()
        page = render_template("knowledge/none_offered.html", organisations=offered.organisations, typed=typed)
        return page, 200 if request.method != "POST" else 409
    form = KnowledgeForm(data=_first_values(offered))
    form.prepare(offered)
    if request.method != "POST":
        return _page(form)
    if not form.validate():
        return _page(form, status=422)
    made: list[int] = []
    answer = create_once(form, lambda: _make(form, made))
    id = made[0] if made else _draft_at(answer.location)
    return _saved(id) if made else _save(id)  # the page may have been saved before: then its draft goes on


@blueprint.route("/vouchers/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> ResponseReturnValue:
    """The draft, on the same page as it began; `?look=1` says at once what is missing."""
    if request.method == "POST":
        return _save(id)
    voucher = _own(id)
    if voucher.state != DRAFT:
        return redirect(url_for("vouchers.show", id=id))
    form = KnowledgeForm.of(voucher, queries.offered_to(current_user))
    if request.args.get("look"):
        _point_out(form, voucher)
    return _page(form, voucher)


@blueprint.post("/vouchers/new/amount")
@signed_in
def worth() -> ResponseReturnValue:
    """What the typed price would bring, as a piece of the page. Saves nothing."""
    form = KnowledgeForm()
    form.prepare(queries.offered_to(current_user))
    form.validate()
    return render_template("knowledge/_worth.html", **_worth(form))


def _first_values(offered: queries.Offered) -> dict[str, Any]:
    """Nothing known is asked again; `?like=` begins with the text of an earlier voucher of one's own."""
    first = {"programme": offered.programmes[0].id, "organisation": offered.organisations[0].id}
    like = request.args.get("like", "")
    if request.method != "POST" and like.isascii() and like.isdigit() and len(like) < 10:
        earlier = voucher_queries.find(int(like), current_user)
        if earlier.holder_id == current_user.id and earlier.kind == KNOWLEDGE:
            first |= {"need": earlier.need, "provider": earlier.provider_id, "price": earlier.price}
            first |= {"programme": earlier.programme_id, "organisation": earlier.holder_organisation_id}
    return first


def _make(form: KnowledgeForm, made: list[int]) -> str:
    voucher = operations.start(by=current_user, **form.given())
    made.append(voucher.id)
    return url_for(".edit", id=voucher.id)


def _draft_at(address: str) -> int:
    """The draft that this form has made before: create_once has kept its address."""
    return int(address.rstrip("/").split("/")[-2])


def _save(id: int) -> ResponseReturnValue:
    """Keep what was typed. An older page that says something else is shown both, and loses nothing."""
    offered = queries.offered_to(current_user)
    with transaction():
        voucher = _own(id, for_update=True)
        form = KnowledgeForm()
        form.prepare(offered, voucher)
        if voucher.state != DRAFT:
            return _sent_already(voucher, form)
        if not form.validate():
            return _page(form, voucher, 422)
        if not form.says_what_is_stored(voucher):
            if form.version.data != str(voucher.version):
                return _page(form, voucher, 409, stored=True)
            try:
                operations.describe(voucher, by=current_user, **form.given())
            except Refusal as refusal:
                form.refuse(refusal)
                return _page(form, voucher, 422)
    return _saved(id)


def _saved(id: int) -> ResponseReturnValue:
    """Where to go on: to the declarations if that was asked and nothing is missing."""
    voucher = voucher_queries.find(id, current_user)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(version=voucher.version)
    act = request.form.get("act")
    if act == "go":
        try:
            vouchers.ensure_ready(voucher)
        except vouchers.NotReady:
            return redirect(url_for(".edit", id=id, look=1), 303)
        return redirect(url_for("vouchers.request", id=id), 303)
    if act != "amount":
        flash("Draft saved. The programme does not see it until you request the voucher.", "success")
    return redirect(url_for(".edit", id=id, _anchor="amount" if act == "amount" else None), 303)


def _own(id: int, for_update: bool = False) -> Voucher:
    voucher = voucher_queries.find(id, current_user, for_update)
    if voucher.kind != KNOWLEDGE:
        abort(404)
    if voucher.holder_id != current_user.id:
        raise NotAllowed("Only the holder writes the request.")
    return voucher


def _sent_already(voucher: Voucher, form: KnowledgeForm) -> ResponseReturnValue:
    """The same click, twice, leads to what it made; an older page of the draft gets everything typed back."""
    if form.says_what_is_stored(voucher):
        return redirect(url_for("vouchers.show", id=voucher.id), 303)
    message = "This voucher has been requested, and stays as it was sent."
    return render_template("core/conflict.html", message=message, subject=voucher, typed=form.typed(), changes=()), 409


def _point_out(form: KnowledgeForm, voucher: Voucher) -> None:
    try:
        vouchers.ensure_ready(voucher)
    except vouchers.NotReady as found:
        for problem in found.problems:
            form.refuse(Refusal(problem.message, problem.field))


def _page(form: KnowledgeForm, voucher: Voucher | None = None, status: int = 200, stored: bool = False) -> ResponseReturnValue:
    if stored and voucher:
        form.version.data, form.version.raw_data = str(voucher.version), None
    return (
        render_template(
            "knowledge/edit.html",
            form=form,
            voucher=voucher,
            address=url_for(".edit", id=voucher.id) if voucher else url_for(".new"),
            stored=stored,
            **_worth(form),
        ),
        status,
    )


def _worth(form: KnowledgeForm) -> dict[str, Any]:
    """What the price would bring by the programme's rates, in the words of vouchers/_worth.html."""
    given = form.given()
    programme, price, place = given["programme"], given["price"], given["provider"] or given["organisation"]
    if programme is None or place is None or price is None or form.price.errors:
        return {"programme": programme, "price": None, "preview": Estimate()}
    card = newest_rate_card(programme.id, KNOWLEDGE)
    found = estimate(card.components if card else None, Case(place.country, price=price))
    return {"programme": programme, "price": price, "preview": found}
