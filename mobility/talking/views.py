"""The pages of conversations: one's own, a conversation, a question to a host, what was reported."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from mobility.accounts.throttle import Throttled, take_attempt
from mobility.applications import queries as applications
from mobility.audit.operations import record_alone
from mobility.core.access import administrator, signed_in
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.forms import created, csrf, retried
from mobility.core.names import sent
from mobility.core.paging import page_number
from mobility.core.web import say
from mobility.documents.filetypes import MOST_AT_ONCE
from mobility.exchanges import queries as exchanges
from mobility.talking import abuse, operations, queries
from mobility.talking.forms import AskForm, JudgeForm, MessageForm, ReportForm
from mobility.talking.models import Conversation, Reader
from mobility.talking.rules import MOST_AN_HOUR, MOST_QUESTIONS_A_DAY, linked
from mobility.talking.workflow import TALKS
from mobility.themes import queries as themes
from mobility.uploads import answers as uploads
from mobility.vouchers import queries as vouchers
from mobility.workflows import drafts
from mobility.workflows.drafts import DraftPage, GoTo

blueprint = Blueprint("talking", __name__)
blueprint.add_app_template_filter(linked)
FIND: dict[str, Callable[..., Any]] = {
    "applications": applications.find,
    "exchanges": exchanges.find,
    "vouchers": vouchers.find,
}


# One's own


@blueprint.get("/conversations")
@signed_in
def index() -> Any:
    """Those that one has had to do with, the newest first."""
    queries.refuse_stand_in(current_user)
    return render_template("talking/index.html", page=queries.listed(current_user, page_number()))


@blueprint.post("/conversations/read")
@signed_in
def read_all() -> Any:
    with transaction():
        operations.read_all(by=current_user)
        say("Everything is marked as read.", "success")
    return redirect(url_for(".index"), 303)


# One conversation


@blueprint.route("/conversations/<int:id>", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def show(id: int) -> Any:
    """What was written, and one's own next message, kept as a draft until it is sent."""
    if request.method == "POST":
        return _receive(id)
    conversation, own = queries.find(id, current_user), queries.own(id, current_user)
    if conversation.newest_id > (own.read_id if own else 0):
        retried(lambda: operations.read(queries.find(id, current_user), by=current_user))
        conversation, own = queries.find(id, current_user), queries.own(id, current_user)
    form = MessageForm.of(own) if queries.side_of(current_user, conversation) else None
    return render_template(PAGE.template, form=form, **_told(conversation, own))


def _receive(id: int) -> Any:
    """Sent twice, by a double click, it is one message: the second finds it and goes there. With other words, as from a page that
    somebody went back to, it is another."""
    key, words = _key()
    if known := queries.sent_with(key, current_user):
        if known.text == words:
            return redirect(_address(id), 303)
        key = uuid4().hex
    refusal = _too_many() if key and request.form.get("act") == "send" else None
    answer = drafts.receive(PAGE, id, partial(_send, key=key, refusal=refusal) if request.form.get("act") == "send" else None)
    if getattr(answer, "status_code", None) != 303 and queries.sent_with(key, current_user):
        return redirect(_address(id), 303)
    return answer


def _key() -> tuple[str, str]:
    """Of the form that was sent, and its words; "" of one that is too large, of which the engine says so."""
    request.max_content_length = MOST_AT_ONCE
    if (request.content_length or 0) > MOST_AT_ONCE:
        return "", ""
    csrf.protect()
    try:
        return sent(request.form.get("form_key", ""))[:64], sent(request.form.get("text", "")).strip()
    except RequestEntityTooLarge:
        return "", ""


def _too_many() -> Throttled | None:
    try:
        take_attempt("message", str(current_user.id), MOST_AN_HOUR, 60)
    except Throttled as refusal:
        return refusal
    return None


def _send(conversation: Conversation, *, key: str, refusal: Refusal | None) -> GoTo:
    if refusal:
        raise Refusal(refusal.message, "text")
    operations.send_draft(conversation, by=current_user, key=key)
    return GoTo(_address(conversation.id), "Sent. The others are told by mail, and answer here.")


@blueprint.post("/conversations/<int:id>/files/<int:file_id>/remove")
@csrf.exempt
@signed_in
def remove_file(id: int, file_id: int) -> Any:
    """Take a file out of what one is writing; what was typed is kept with it."""

    def remove(conversation: Conversation) -> GoTo:
        operations.remove_file(conversation, by=current_user, id=file_id)
        return GoTo(_address(conversation.id))

    return drafts.receive(PAGE, id, remove)


@blueprint.get("/conversations/files/<int:id>")
@signed_in
def file(id: int) -> Any:
    """A file, to be saved rather than shown: what strangers made is never run here."""
    found = queries.find_file(id, current_user)
    return uploads.saved(found.key, found.content_type, found.name)


def _address(id: int) -> str:
    return url_for("talking.show", id=id, _anchor="write")


def _version(conversation: Conversation) -> int | None:
    own = queries.own(conversation.id, current_user)
    return own.version if own else None


def _shown(conversation: Conversation, form: Any) -> dict[str, Any]:
    return _told(conversation, queries.own(conversation.id, current_user))


def _told(conversation: Conversation, own: Reader | None) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "page": queries.messages(conversation, page_number()),
        "files": own.files if own else [],
        "sides": sides_of(conversation),
        "about": _page_about(conversation),
    }


def sides_of(conversation: Conversation) -> list[tuple[str, str]]:
    """(who, in which part) of all who read it."""
    subject, told = conversation.subject, []
    if conversation.kind == "voucher":
        told += [(subject.holder.name, f"and the coordinators of {subject.holder_organisation.name}")]
        told += [(subject.provider.name, "")] if subject.provider else []
        return [*told, (subject.programme.name, "its owners, assessors and finance officers; its auditors read along")]
    host = subject.host if conversation.kind == "exchange" else subject.theme.host
    home = subject.guest_organisation.name
    colleagues = home if conversation.kind == "question" else f"and the coordinators of {home}"
    return [(subject.guest.name, colleagues), (host.name, "its coordinators and hosts")]


def _page_about(conversation: Conversation) -> tuple[str, str]:
    """The address and the words of the page it is about."""
    if conversation.kind == "question":
        return url_for("themes.show", id=conversation.theme_id), "The theme"
    return url_for(f"{conversation.kind}s.show", id=conversation.subject.id), f"The {conversation.kind}"


PAGE = DraftPage(
    template="talking/show.html",
    find=queries.find,
    check=lambda conversation: operations.ensure_may_write(conversation, current_user),
    form=lambda conversation: MessageForm(),
    stored=lambda conversation: MessageForm.of(queries.own(conversation.id, current_user)),
    save=lambda conversation, form: operations.save_draft(conversation, by=current_user, **form.given()),
    shown=_shown,
    after_saving=_address,
    after_sending=_address,
    saved="Your draft is kept. Nobody else sees it.",
    version=_version,
    files=uploads.taken_by(lambda conversation, **file: operations.add_file(conversation, by=current_user, **file)),
    refused=lambda refusal, conversation, form, changes=(): _refused(refusal, conversation, form),
)


def _refused(refusal: Refusal, conversation: Conversation, form: MessageForm | None) -> Any:
    """What was written before, why one cannot go on, and what was typed."""
    typed = form.typed() if form else []
    page = render_template(PAGE.template, form=None, refusal=refusal.message, typed=typed, **_shown(conversation, None))
    return page, refusal.status


# Beginning one


@blueprint.post("/applications/<int:id>/talk", defaults={"things": "applications"})
@blueprint.post("/exchanges/<int:id>/talk", defaults={"things": "exchanges"})
@blueprint.post("/vouchers/<int:id>/talk", defaults={"things": "vouchers"})
@signed_in
def start(things: str, id: int) -> Any:
    """Go to the conversation about it; the first who wants to write begins it."""
    found = retried(lambda: operations.start(FIND[things](id, current_user), by=current_user).id)
    return redirect(_address(found), 303)


@blueprint.route("/themes/<int:id>/ask", methods=["GET", "POST"])
@signed_in
def ask(id: int) -> Any:
    """A question to the host before applying."""
    queries.refuse_stand_in(current_user)
    theme = themes.public_theme(id, current_user)
    organisations = {each.id: each for each in queries.may_ask_for(current_user, theme)}
    if not organisations:
        abort(404)
    if request.method == "GET" and (known := _known(id)):
        return redirect(_address(known), 303)
    form = AskForm().offer(list(organisations.values()))

    def create() -> str:
        given = form.given()
        chosen = organisations[given.pop("guest_organisation", None) or next(iter(organisations))]
        made = operations.ask(theme, by=current_user, guest_organisation=chosen, key=form.form_key.data, **given)
        say(f"Sent to {theme.host.name}. You are told by mail when they answer.", "success")
        return _address(made.id)

    limit = partial(take_attempt, "ask-the-host", str(current_user.id), MOST_QUESTIONS_A_DAY, 24 * 60)
    return created(form, create, "talking/ask.html", before=limit, theme=theme)


def _known(theme_id: int) -> int | None:
    """The conversation in which what the person wants to ask is said already."""
    application = queries.sent_application(theme_id, current_user.id)
    found = queries.about(application) if application else queries.question(theme_id, current_user.id)
    return found.id if found else None


@blueprint.get("/themes/<int:id>/questions")
@signed_in
def questions(id: int) -> Any:
    """What was asked about a theme before applying, for its host."""
    queries.refuse_stand_in(current_user)
    theme = themes.find(id, current_user)
    if not current_user.roles_in(theme.host_id) & {"coordinator", "host"}:
        abort(404)
    return render_template("talking/questions.html", theme=theme, page=queries.questions_about(id, page_number()))


# Abuse


@blueprint.route("/messages/<int:id>/report", methods=["GET", "POST"])
@signed_in
def report(id: int) -> Any:
    """Say to the administrators what is wrong with a message."""
    message = queries.find_message(id, current_user)
    form, status = ReportForm(), 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            take_attempt("report", str(current_user.id), 20, 24 * 60)
            retried(lambda: _report(id, form.reason.data or ""))
            return redirect(_address(queries.find_message(id, current_user).conversation_id), 303)
        except Refusal as refusal:
            form.refuse(Refusal(refusal.message, "reason"))
            status, message = refusal.status, queries.find_message(id, current_user)
    return render_template("talking/report.html", form=form, message=message), status


def _report(id: int, reason: str) -> None:
    abuse.report(queries.find_message(id, current_user), by=current_user, reason=reason)
    say("Thank you. An administrator looks at it, and you are told by mail what came of it.", "success")


@blueprint.get("/admin/reported")
@administrator
def reported() -> Any:
    return render_template("talking/reported.html", page=abuse.listed(page_number()))


@blueprint.route("/admin/reported/<int:id>", methods=["GET", "POST"])
@administrator
def judge(id: int) -> Any:
    """The message that was reported, and only that; the audit log says who looked at it."""
    form, status = JudgeForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    _judge(id, form)
                return redirect(url_for(".reported"), 303)
            except Refusal as refusal:
                form.form_errors.append(refusal.message)
                status = refusal.status
    else:
        _note_reading(id)
    return render_template("talking/judge.html", form=form, report=abuse.find(id)), status


def _judge(id: int, form: JudgeForm) -> None:
    found = abuse.find(id, for_update=True)
    act = abuse.hide if request.form.get("act") == "hide" else abuse.leave
    act(found, by=current_user, answer=form.answer.data or "")
    say("Answered. Whoever reported it is told by mail.", "success")


def _note_reading(id: int) -> None:
    found = abuse.find(id)
    about = f"Message {found.message_id} of {found.message.author_name}, reported by {found.reporter.name}"
    record_alone("reported_message_read", by=current_user, about=about, person_id=found.message.author_id)


# What other pages show


@blueprint.app_template_global("talk_about")
def talk_about(subject: Any) -> dict[str, Any] | None:
    """The conversation about an application, an exchange or a voucher, for its page; None for those who take no part in it."""
    talk = TALKS[subject.workflow.name]
    if current_user.stand_in or talk.side_of(subject.workflow.actors_on(current_user, subject)) is None:
        return None
    if subject.state in operations.WRITABLE:
        return None
    found = queries.told_on(subject, current_user)
    return {"conversation": found[0] if found else None, "new": bool(found and found[1])}


@blueprint.app_template_global("question_on")
def question_on(theme: Any) -> dict[str, Any] | None:
    """What the reader may ask, or has asked, about a theme."""
    if not current_user.is_authenticated or current_user.stand_in or not current_user.organisation_ids():
        return None
    roles = current_user.roles_in(theme.host_id)
    if roles & {"coordinator", "host"}:
        return {"hosts": queries.has_questions(theme.id)} if theme.state != "draft" else None
    if roles or not current_user.organisation_ids(*applications.TRAVELLING_ROLES):
        return None
    found = queries.asked_by(theme.id, current_user)
    return {"conversation": found[0] if found else None, "new": bool(found and found[1])}
