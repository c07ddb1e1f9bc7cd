"""Asking for a voucher that rests on a price: one page for the whole draft, saved on the server as one goes."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.fields import in_currency
from mobility.core.numbers import whole_number
from mobility.knowledge import operations, queries
from mobility.knowledge.forms import KnowledgeForm
from mobility.rates.queries import newest_rate_card
from mobility.rates.rules import Case, Estimate, estimate
from mobility.vouchers import operations as vouchers
from mobility.vouchers import queries as voucher_queries
from mobility.vouchers.kinds import KINDS, Kind, keys_of
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import DRAFT
from mobility.workflows import drafts
from mobility.workflows.drafts import DraftPage, GoTo

blueprint = Blueprint("knowledge", __name__)


@blueprint.app_template_global()
def kinds_to_ask_for() -> list[Kind]:
    """Those of which some programme gives vouchers to the reader now."""
    offered = queries.programmes_for(current_user, queries.homes_of(current_user))
    return [kind for key, kind in KINDS.items() if key in offered]


def _kind() -> Kind:
    """The one in the address; where none is, or none that rests on a price, the first."""
    asked = keys_of(lambda kind: kind.rests_on_price)
    wanted = request.args.get("kind")
    return KINDS[wanted if wanted in asked else asked[0]]


@blueprint.route("/vouchers/new", methods=["GET", "POST"])
@signed_in
def new() -> ResponseReturnValue:
    """The page to ask on, for one kind. Looking at it writes nothing; the first saving makes the draft."""
    kind = _kind()
    offered = queries.offered_to(current_user, kind.key)
    if not offered.programmes:
        typed = KnowledgeForm().typed()
        page = render_template("knowledge/none_offered.html", kind=kind, organisations=offered.organisations, typed=typed)
        return page, 200 if request.method != "POST" else 409
    _speak_of(offered)
    form = KnowledgeForm(data=_first_values(offered))
    form.prepare(offered)
    start = partial(operations.start, by=current_user, kind=kind.key)
    return drafts.begin(PAGE, form, lambda: start(**form.given()), partial(_shown, None))


@blueprint.route("/vouchers/<int:id>/edit", methods=["GET", "POST"])
@signed_in
def edit(id: int) -> ResponseReturnValue:
    """The draft, on the same page as it began."""
    if request.method != "POST" and _find(id, current_user).state != DRAFT:
        return redirect(url_for("vouchers.show", id=id))
    return drafts.answer(PAGE, id)


@blueprint.post("/vouchers/new/amount")
@signed_in
def worth() -> ResponseReturnValue:
    """What the typed price would bring, as a piece of the page. Saves nothing."""
    kind = _kind()
    offered = queries.offered_to(current_user, kind.key)
    _speak_of(offered)
    form = KnowledgeForm()
    form.prepare(offered)
    form.validate()
    return render_template("knowledge/_worth.html", **_worth(form, kind))


def _speak_of(offered: queries.Offered, voucher: Voucher | None = None) -> None:
    """The price is in the currency of the programme that is chosen, else of the one that is shown first."""
    known = [*([voucher.programme] if voucher else []), *offered.programmes]
    chosen = whole_number(request.form.get("programme"))
    if programme := next((each for each in known if each.id == chosen), next(iter(known), None)):
        in_currency(programme.currency)


def _first_values(offered: queries.Offered) -> dict[str, Any]:
    """Nothing known is asked again; `?like=` begins with the text of an earlier voucher of their own."""
    first: dict[str, Any] = {"programme": offered.programmes[0].id, "organisation": offered.organisations[0].id}
    like = whole_number(request.args.get("like"))
    if request.method != "POST" and like is not None:
        earlier = voucher_queries.find(like, current_user)
        if earlier.holder_id == current_user.id and earlier.traits.rests_on_price:
            first |= {"need": earlier.need, "provider": earlier.provider_id, "price": earlier.price}
            first |= {"programme": earlier.programme_id, "organisation": earlier.holder_organisation_id}
    return first


def _worth(form: KnowledgeForm, kind: Kind) -> dict[str, Any]:
    """What the price would bring by the programme's rates, in the words of vouchers/_worth.html."""
    given = form.given()
    programme, price, home = given["programme"], given["price"], given["organisation"]
    place = given["provider"] or home
    if programme is None or place is None or price is None or form.price.errors:
        return {"programme": programme, "price": None, "preview": Estimate()}
    card = newest_rate_card(programme.id, kind.key)
    whose = home.kind if home else ""
    case = Case(place.country, price=price, organisation_kind=whose, region=place.region, currency=programme.currency)
    found = estimate(card.components if card else None, case)
    return {"programme": programme, "price": price, "preview": found}


# The draft


def _find(id: int, user: Any, for_update: bool = False) -> Voucher:
    voucher = voucher_queries.find(id, user, for_update)
    if not voucher.traits.rests_on_price:
        abort(404)
    return voucher


def _form(voucher: Voucher) -> KnowledgeForm:
    offered = queries.offered_to(current_user, voucher.kind)
    _speak_of(offered, voucher)
    form = KnowledgeForm()
    form.prepare(offered, voucher)
    return form


def _shown(voucher: Voucher | None, form: KnowledgeForm) -> dict[str, Any]:
    kind = voucher.traits if voucher else _kind()
    address = url_for(".edit", id=voucher.id) if voucher else url_for(".new", kind=request.args.get("kind"))
    return {"voucher": voucher, "kind": kind, "address": address, **_worth(form, kind)}


def _to_the_declarations(voucher: Voucher) -> GoTo:
    vouchers.ensure_ready(voucher)
    return GoTo(url_for("vouchers.request", id=voucher.id))


PAGE = DraftPage(
    template="knowledge/edit.html",
    find=_find,
    check=lambda voucher: operations.check_draft(voucher, current_user),
    form=_form,
    stored=lambda voucher: KnowledgeForm.of(voucher, queries.offered_to(current_user, voucher.kind)),
    save=lambda voucher, form: operations.describe(voucher, by=current_user, **form.given()),
    shown=_shown,
    after_saving="knowledge.edit",
    after_sending="vouchers.show",
    saved="Draft saved. The programme does not see it until you request the voucher.",
    finish={
        "amount": lambda voucher: GoTo(url_for(".edit", id=voucher.id, _anchor="amount")),
        "go": _to_the_declarations,
    },
    sends=("request",),
)
