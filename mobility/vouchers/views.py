"""The pages of vouchers: mine, one, and its actions."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms import HiddenField

from mobility.asking.queries import estimate_of
from mobility.asking.rules import asked_problem, case_for, days_asked_for, declared
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.errors import Problem, Refusal
from mobility.core.forms import ReasonForm
from mobility.core.links import absolute, path_of
from mobility.core.paging import page_number
from mobility.documents.codes import grouped
from mobility.documents.qr import qr_svg
from mobility.lists.pages import show_list
from mobility.programmes import queries as programmes
from mobility.rates import queries as rate_queries
from mobility.rates.rules import estimate, own_share
from mobility.vouchers import operations, queries
from mobility.vouchers.forms import (
    AnswerForm,
    ApproveForm,
    DeliveryForm,
    ExtendForm,
    OptionalReasonForm,
    QuestionForm,
    RecommendForm,
    RequestForm,
)
from mobility.vouchers.guards import claim_extendable, extendable_until, may_see_code
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import may_ask_again
from mobility.vouchers.states import ISSUED, LAPSED
from mobility.vouchers.workflow import WORKFLOW
from mobility.workflows.actions import ActionPage, action_form, add_action_pages, form_page
from mobility.workflows.searching import searched_text
from mobility.workflows.table import SYSTEM
from mobility.workflows.workflow import PROGRAMME_PEOPLE

blueprint = Blueprint("vouchers", __name__)
blueprint.add_app_template_global(declared)
blueprint.add_app_template_global(days_asked_for)

SUMMARY = "vouchers/_summary.html"
DECISION = "vouchers/_decision.html"
OTHER_RATES = (
    "The programme has changed its rates since you opened this page. "
    "Check what you entered and the amount, and send it again if it is right."
)


@blueprint.get("/vouchers")
@signed_in
def index() -> Any:
    """The vouchers I hold, coordinate, receive guests with or provide for."""
    page = queries.vouchers_of(current_user, page_number(), text := searched_text())
    desks = programmes.programmes_of(current_user)
    return show_list(queries.LIST, page, "vouchers/index.html", desks=desks, text=text)


@blueprint.get("/vouchers/<int:id>")
@signed_in
def show(id: int) -> Any:
    """One voucher: where it stands, its amount, its code for those who may hand it over, what can be done."""
    voucher = queries.find(id, current_user)
    code = voucher.code if may_see_code(current_user, voucher) else None
    return render_template(
        "vouchers/show.html",
        voucher=voucher,
        estimate=estimate_of(voucher) if voucher.state == "draft" and (voucher.exchange or voucher.price) else None,
        groups=grouped(code).split("-") if code else [],
        qr=qr_svg(absolute(path_of("papers.check_code", code=code)), "QR code of this voucher") if code else None,
        parts=(parts := WORKFLOW.actors_on(current_user, voucher)),
        of_programme=bool(parts & PROGRAMME_PEOPLE),
        may_ask_again=queries.is_newest(voucher) and may_ask_again(voucher, current_user),
        extendable_until=extendable_until(voucher) if voucher.state == LAPSED and not claim_extendable(voucher, SYSTEM) else None,
    )


@blueprint.post("/vouchers/<int:id>/again")
@signed_in
def again(id: int) -> Any:
    """Ask for another voucher after this one has ended unused."""
    with transaction():
        draft = operations.draft_again(queries.find(id, current_user, for_update=True), by=current_user)
        address = url_for(".show", id=draft.id)
    return redirect(address, 303)


class AmountForm(RequestForm):
    """The request shows the amount before it is sent; a rule that stands against it is said at once.

    `seen` is the number of the rate card whose fields and amount were on the page.
    """

    seen = HiddenField()

    def prepare(self, subject: Any) -> None:
        card = rate_queries.newest_rate_card(subject.programme_id, subject.kind)
        components, self.rates_now = (card.components, str(card.number)) if card else (None, "0")
        if not self.seen.data:
            self.open_at(self.rates_now, "seen")
        self.ask_for(components or [])
        self.ask_to_declare(subject)
        self.problem = asked_problem(self.asked, components or ())
        asked = self.asked if subject.traits.rests_on_stay else replace(self.asked, price=subject.price)
        self.estimate = estimate(components, case_for(subject, asked))
        self.own_share = own_share(self.estimate.lines, self.price.data if self.price else None)
        otherwise = replace(asked, green=not asked.green)
        self.otherwise = estimate(components, case_for(subject, otherwise)) if self.green_travel else None
        self.unconfirmed = estimate(components, case_for(subject, replace(asked, conditions=()))) if asked.conditions else None

    def problems(self) -> Iterator[Problem]:
        """What stands against the amount is said with what is not declared."""
        yield from super().problems()
        field = self.estimate.field or ""
        if self.estimate.refusal and not (field in self and self[field].errors):
            yield Problem(field, self.estimate.refusal)

    def validate(self, extra_validators: Any = None) -> bool:
        """By other rates the fields may be others, too: nobody asks for what they have not seen."""
        super().validate(extra_validators)
        if self.seen.data != self.rates_now:
            self.form_errors.append(OTHER_RATES)
            self.open_at(self.rates_now, "seen")
        return not self.errors


def _approved(voucher: Voucher) -> str:
    """In the scheme `light` approving has issued it, too."""
    if voucher.state == ISSUED:
        return "Approved and issued. Both sides have been told."
    return "Approved: the money is set aside. Issue it next."


REQUEST = ActionPage(
    "request",
    operations.request,
    AmountForm,
    done="Your request is on its way. The programme now decides; you get a mail.",
    summary=SUMMARY,
    template="vouchers/request.html",
)


@blueprint.post("/vouchers/<int:id>/amount")
@signed_in
def amount(id: int) -> Any:
    """The request with the amount by what was typed. Saves nothing; its script fetches only the piece with the amount."""
    voucher = queries.find(id, current_user)
    WORKFLOW.check("request", voucher, current_user)
    form = action_form(REQUEST, voucher)
    for field in (form.price, form.travel_days, form.conditions, form.costs):
        if field:
            field.validate(form)
    if form.problem and not form.errors:
        form.refuse(Refusal(form.problem.message, form.problem.field))
    if request.args.get("piece"):
        return render_template("vouchers/_amount.html", subject=voucher, form=form)
    form.open_at(form.rates_now, "seen")  # the whole page is by these
    return form_page(REQUEST, voucher, form, 422 if form.errors else 200)


APPROVE = ActionPage(
    "approve", operations.approve, ApproveForm, done=_approved, summary=DECISION, template="vouchers/approve.html"
)


@blueprint.post("/vouchers/<int:id>/approve/amount")
@signed_in
def approved_amount(id: int) -> Any:
    """The approval with the amount by what is ticked. Saves nothing; its script fetches only the piece with the amount."""
    voucher = queries.find(id, current_user)
    WORKFLOW.check("approve", voucher, current_user)
    form = action_form(APPROVE, voucher)
    if request.args.get("piece"):
        return render_template("vouchers/_approved_amount.html", subject=voucher, form=form)
    return form_page(APPROVE, voucher, form)


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find_to_act,
    (
        REQUEST,
        ActionPage(
            "resubmit",
            operations.resubmit,
            AnswerForm,
            done="Your answer is on its way. The programme now decides.",
            summary="vouchers/_question.html",
        ),
        ActionPage(
            "ask_information",
            operations.ask_information,
            QuestionForm,
            done="Your question is on its way to the holder.",
            summary=DECISION,
        ),
        ActionPage(
            "recommend",
            operations.recommend,
            RecommendForm,
            done="Recommended. An owner now decides.",
            summary=DECISION,
        ),
        APPROVE,
        ActionPage(
            "recommend_against",
            operations.recommend_against,
            RecommendForm,
            done="Recommended against. An owner now decides.",
            summary=DECISION,
        ),
        ActionPage("issue", operations.issue, done="Issued. Both sides have been told.", summary=SUMMARY),
        ActionPage(
            "confirm_delivery",
            operations.confirm_delivery,
            DeliveryForm,
            done="Confirmed. The provider can now claim the amount.",
            summary=SUMMARY,
        ),
        ActionPage("reject", operations.reject, ReasonForm, done="Rejected. The holder has been told why.", summary=DECISION),
        ActionPage("extend", operations.extend, ExtendForm, done="Extended. Both sides have been told.", summary=SUMMARY),
        ActionPage("withdraw", operations.withdraw, OptionalReasonForm, done="Withdrawn.", summary=SUMMARY),
        ActionPage("revoke", operations.revoke, ReasonForm, done="The voucher has been revoked.", summary=SUMMARY),
    ),
)
