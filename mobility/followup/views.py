"""The pages of answering: by a personal link without a password, or signed in from the tasks; and the owner's list."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import NotReady, Refusal, WrongState
from mobility.core.paging import page_number
from mobility.exchanges import queries as exchanges
from mobility.exchanges.workflow import WORKFLOW as EXCHANGE
from mobility.followup import operations, queries
from mobility.followup.forms import (
    CallOffForm,
    ChosenForm,
    HandOverForm,
    NameManagerForm,
    UndeliveredForm,
    answering,
    in_words,
)
from mobility.followup.models import QuestionnaireRequest
from mobility.followup.queries import Filters
from mobility.followup.rules import Correspondent
from mobility.followup.workflow import ANSWERED, ASKED, MISSED, WORKFLOW, in_time
from mobility.lists.pages import show_list
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.questionnaires import queries as questionnaires
from mobility.questionnaires.forms import AnswerForm, blocks
from mobility.questionnaires.standard import CONFIRMED_ITEM
from mobility.workflows import drafts
from mobility.workflows.actions import STANDS_AGAINST, ActionPage, add_action_page, add_action_pages
from mobility.workflows.drafts import DraftPage, GoTo
from mobility.workflows.parts import Actor
from mobility.workflows.table import By

blueprint = Blueprint("followups", __name__)
MOST_NAMES = 10  # in one notice
NOTHING_LEFT = "Your colleagues have dropped what was to be confirmed. There is nothing left to answer."
SAVED = "Draft saved. Nobody sees it until you send it."


# Answering


def _shown(here: str, asked: QuestionnaireRequest, form: AnswerForm) -> dict[str, Any]:
    items, lines = asked.asked_version.items, queries.lines_of(asked)
    form.show_now(lines)
    return {"asked": asked, "blocks": blocks(items, form), "address": here, "lines": lines}


def _check(by: By, asked: QuestionnaireRequest) -> None:
    """Of one that was missed it says since when."""
    try:
        WORKFLOW.check("answer", asked, by)
    except WrongState as refusal:
        if asked.state == MISSED and (since := in_time(asked, by)):
            raise WrongState(since, asked) from refusal
        raise


def _closed(refusal: Refusal, asked: QuestionnaireRequest, form: Any, changes: Any = ()) -> Any:
    """Why it cannot be answered (any more), and everything that was typed."""
    typed = form.typed() if form else []
    return render_template("followup/closed.html", asked=asked, message=refusal.message, typed=typed), refusal.status


def _pages(find: Any, by: Any, here: Any, thanks: Any) -> DraftPage:
    """The same page for both ways in: `find(id, user, for_update)`, `by(request)` acts, `here` and `thanks` are its addresses."""

    def send(asked: QuestionnaireRequest) -> GoTo:
        operations.send(asked, by=by(asked))
        return GoTo(thanks(asked))

    return DraftPage(
        template="followup/answer.html",
        find=find,
        check=lambda asked: _check(by(asked), asked),
        form=answering,
        stored=partial(answering, stored=True),
        save=lambda asked, form: operations.save_draft(asked, form.answers()),
        shown=lambda asked, form: _shown(here(asked), asked, form),
        after_saving=lambda id: here(find(id, current_user)),
        after_sending=lambda id: thanks(find(id, current_user)),
        saved=SAVED,
        finish={"send": send},
        version=lambda asked: asked.draft_version,
        refused=_closed,
    )


def _by_link(token: str, user: Any, for_update: bool = False) -> QuestionnaireRequest:
    return queries.find_by_link(token, for_update)


def _by_link_of(asked: QuestionnaireRequest) -> Any:
    """Who acts where the link is all that is known."""
    return asked.respondent or Correspondent(asked.name)


BY_LINK = _pages(
    _by_link,
    _by_link_of,
    lambda asked: url_for(".by_link", token=asked.token),
    lambda asked: url_for(".thanks", token=asked.token),
)
SIGNED_IN = _pages(
    queries.find,
    lambda asked: current_user,
    lambda asked: url_for(".answer", id=asked.id),
    lambda asked: url_for(".show", id=asked.id, sent=1),
)


@blueprint.route("/answers/<token>", methods=["GET", "POST"])
@public
def by_link(token: str) -> Any:
    """Whoever has the link answers in the name of its addressee. Looking changes nothing: mail scanners do it, too."""
    if request.method == "GET" and "all" not in request.args:
        asked = queries.find_by_link(token)
        left = queries.left_to_confirm(asked)
        if asked.options_of(CONFIRMED_ITEM) and (left or asked.state != ANSWERED):
            return _private(_confirming(asked, next(iter(left), ""), request.args.get("said", "")))
    return _private(drafts.answer(BY_LINK, token))  # type: ignore[arg-type]


@blueprint.post("/answers/<token>/confirm")
@public
def confirm(token: str) -> Any:
    """One of the manager's three buttons; then the next take-over, or what else is asked."""
    line, said = request.form.get("take_over", ""), request.form.get("said", "")
    try:
        with transaction():
            asked = queries.find_by_link(token, for_update=True)
            operations.confirm(asked, by=_by_link_of(asked), take_over=line, said=said)
            left = queries.left_to_confirm(asked)
    except STANDS_AGAINST as refusal:
        return _private(_closed(refusal, queries.find_by_link(token), None))
    except NotReady:  # the owner asks more than that, and wants it answered
        return redirect(url_for(".by_link", token=token, all=1), 303)
    except Refusal as refusal:
        asked = queries.find_by_link(token)
        next_one = next(iter(queries.left_to_confirm(asked)), "")
        return _private(_confirming(asked, line if line in queries.lines_of(asked).take_overs else next_one, "", refusal))
    return redirect(url_for(".by_link" if left else ".thanks", token=token), 303)


def _confirming(asked: QuestionnaireRequest, line: str, said: str, refused: Refusal | None = None) -> Any:
    """The page of one take-over. What was pressed in the mail is only suggested: mail scanners press everything."""
    try:
        _check(_by_link_of(asked), asked)
    except STANDS_AGAINST as refusal:
        return _closed(refusal, asked, None)
    lines = queries.lines_of(asked).take_overs
    keys = list(lines)
    if not keys:  # dropped since it was asked
        return _closed(WrongState(NOTHING_LEFT, asked), asked, None)
    at = keys.index(line) if line in lines else 0
    options = asked.options_of(CONFIRMED_ITEM)
    page = render_template(
        "followup/confirm.html",
        asked=asked,
        line=keys[at],
        what=lines[keys[at]],
        options=options,
        said=said if said in {each.key for each in options} else "",
        number=at + 1,
        total=len(keys),
        address=url_for(".confirm", token=asked.token),
        refused=refused.message if refused else "",
    )
    return page, refused.status if refused else 200


@blueprint.get("/answers/<token>/sent")
@public
def thanks(token: str) -> Any:
    """What happens next."""
    asked = queries.find_by_link(token)
    if asked.state != ANSWERED:
        return redirect(url_for(".by_link", token=token))
    return _private((render_template("followup/thanks.html", asked=asked, again=url_for(".by_link", token=token)), 200))


def _private(answer: Any) -> Any:
    """A page whose address is a secret goes into no cache and no index. Other sites never learn it, as the Referrer-Policy of
    all pages is same-origin; with no-referrer its own form could not be sent over HTTPS, where CSRF protection wants a Referer.
    """
    if isinstance(answer, tuple) and isinstance(answer[0], str):
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return *answer[:2], headers
    return answer


@signed_in
def answer(id: int) -> Any:
    return drafts.answer(SIGNED_IN, id)


add_action_page(blueprint, WORKFLOW, "answer", answer)


# One request


@blueprint.get("/followups/<int:id>")
@signed_in
def show(id: int) -> Any:
    asked = queries.find(id, current_user)
    parts = WORKFLOW.actors_on(current_user, asked)
    reads = bool(parts & {Actor.RESPONDENT, Actor.OWNER, Actor.AUDITOR})
    hides = asked.hides_opinions and Actor.RESPONDENT not in parts
    answers = in_words(asked, opinions=not hides) if reads else []
    return render_template("followup/show.html", asked=asked, parts=parts, answers=answers, reads=reads, hides=hides)


@blueprint.app_template_global("followups_about")
def followups_about(**subject: Any) -> Sequence[QuestionnaireRequest]:
    """What was asked about an `exchange` or a `voucher`, as far as the reader may see it; nothing before there can be any."""
    began = any(each.state not in {"draft", "planning", "requested"} for each in subject.values())
    return queries.about(current_user, **subject) if began else ()


add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage("ask_again", operations.ask_again, done=lambda asked: f"Sent to {asked.asked_name} again."),
        ActionPage("hand_over", operations.hand_over, HandOverForm, done=lambda asked: f"{asked.asked_name} has been asked."),
        ActionPage("report_undelivered", operations.report_undelivered, UndeliveredForm, done="The coordinators have been told."),
        ActionPage("call_off", operations.call_off, CallOffForm, done="Called off. Nobody is reminded any more."),
    ),
)


# The guest's manager: an act of the exchange, with what they were asked
add_action_pages(
    blueprint,
    EXCHANGE,
    exchanges.find,
    (
        ActionPage(
            "name_manager",
            operations.name_manager,
            NameManagerForm,
            done="Named. They are asked by mail half a year and a year after the visit, and need no account.",
            summary="exchanges/_visit_summary.html",
        ),
    ),
)


# Who has not answered


@blueprint.get("/programmes/<int:id>/followups")
@signed_in
def index(id: int) -> Any:
    """What was asked in a programme, and who has not answered; its owners remind those they tick."""
    return _index_page(id, ChosenForm())


@blueprint.post("/programmes/<int:id>/followups")
@signed_in
def remind(id: int) -> Any:
    """Send it again to each who was ticked, each in a transaction of its own."""
    programme = programmes.find_as(id, current_user, Role.OWNER)
    form = ChosenForm()
    if not form.validate():
        return _index_page(id, form, 422)
    try:
        results = [_remind_one(each) for each in queries.of_programme(programme, form.ids())]
    except Refusal as refusal:
        form.refuse(refusal)
        return _index_page(id, form, 422)
    filters = _filters()
    _say(results)
    return redirect(url_for(".index", id=id, state=filters.state, key=filters.key), 303)


def _say(results: Sequence[tuple[str, str]]) -> None:
    """Each reason once, with those whom it concerns; what was done last, as only the newest few notices are kept."""
    by_reason: dict[str, list[str]] = {}
    for name, refused in results:
        by_reason.setdefault(refused, []).append(name)
    done = len(by_reason.pop("", []))
    for reason, names in by_reason.items():
        rest = f" and {len(names) - MOST_NAMES} others" if len(names) > MOST_NAMES else ""
        flash(f"{', '.join(names[:MOST_NAMES])}{rest}: {reason}", "warning")
    if done:
        flash(f"Sent again to {done} {'person' if done == 1 else 'people'}.", "success")


def _remind_one(id: int) -> tuple[str, str]:
    """(whom, why not)"""
    name = "Questionnaire"
    try:
        with transaction():
            asked = queries.find(id, current_user, for_update=True)
            name = asked.asked_name
            operations.ask_again(asked, by=current_user)
    except Refusal as refusal:
        return name, refusal.message
    return name, ""


def _filters() -> Filters:
    return Filters(request.args.get("state", ASKED), request.args.get("key", ""))


def _index_page(id: int, form: ChosenForm, status: int = 200) -> Any:
    programme = programmes.find_as(id, current_user, Role.OWNER, Role.AUDITOR)
    filters = _filters()
    return (
        show_list(
            queries.LIST,
            queries.listed(programme, filters, page_number()),
            "followup/index.html",
            programme_id=id,
            programme=programme,
            form=form,
            filters=filters,
            counts=queries.count_by_state(programme),
            states=WORKFLOW.states,
            questionnaires=questionnaires.questionnaires(programme),
            ticked=set(form.chosen.data or ()),
            owns=Role.OWNER in current_user.roles_in_programme(id),
        ),
        status,
    )
