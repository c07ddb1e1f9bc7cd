"""Writing to the people of a list, what was written, and the link by which one wants no more of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from itsdangerous import BadData

from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import FASTER, EditConflict, Refusal
from mobility.core.forms import create_once, csrf
from mobility.core.links import signer
from mobility.core.paging import page_number
from mobility.core.web import error_page, or_404, say
from mobility.lists import reaching
from mobility.lists.columns import Line, Place
from mobility.lists.pages import show_list
from mobility.lists.reaching import Reach
from mobility.mailings import messages, operations, queries, rules
from mobility.mailings.forms import MailingForm, sample
from mobility.mailings.rules import REASONS, SHOWN

blueprint = Blueprint("mailings", __name__)


@dataclass(frozen=True)
class List:
    """The list that is written to, of which only the rows of one place count."""

    reach: Reach
    place: Place
    places: dict[Place, str]
    lines: Sequence[Line]
    names: dict[int, str]
    about: str

    def chosen(self, form: MailingForm) -> list[Line]:
        wanted = set(form.rows.data or ())
        return [line for line in self.lines if form.everyone.data or line.key in wanted]


def _list() -> List:
    """As it is now, for this reader. 404 where they may write to nobody of it."""
    operations.refuse_stand_in(current_user)
    reach = reaching.read(request.args.get("at", ""))
    places = dict(queries.names_of(reach.places()))
    wanted = request.args.get("as", "")
    place = or_404(next((each for each in places if not wanted or f"{each[0]}-{each[1]}" == wanted), None))
    lines = [line for line in reach.lines if place in line.places]
    names = queries.names_of_people({line.person_id for line in lines})
    return List(reach, place, places, lines, names, queries.about_of(reach))


# Writing


@blueprint.route("/mailings/new", methods=["GET", "POST"])
@signed_in
def new() -> Any:
    """The rows, the text, then a look at it, then sending: one form."""
    found = _list()
    form = MailingForm().offer(found.reach, found.lines, found.names, found.about)
    act = request.form.get("act", "")
    if not form.is_submitted() or act == "change":
        return _write_page(found, form)
    if act in ("all", "ticked"):
        form.everyone.data = "yes" if act == "all" else ""
    form.fields_offered, form.nobody_chosen = found.reach.fields, not found.chosen(form)
    if not form.validate():
        return _write_page(found, form, 422)
    return _send(found, form) if act == "send" else _preview(found, form)


def _send(found: List, form: MailingForm) -> Any:
    def create() -> str:
        now = _list()
        lines = now.chosen(form)
        if _seen(lines) != form.seen.data:
            raise EditConflict(now)
        mailing = operations.send(now.reach, lines, form.draft(now.place), by=current_user, reply=bool(form.reply.data))
        say(f"On its way to {mailing.mailed} {'person' if mailing.mailed == 1 else 'people'}.", "success")
        return url_for(".show", id=mailing.id)

    try:
        return create_once(form, create)
    except EditConflict:
        found = _list()
        form.form_errors.append(f"The list is not what it was when you looked. {FASTER}")
        return _preview(found, form, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _preview(_list(), form, refusal.status)


def _write_page(found: List, form: MailingForm, status: int = 200) -> Any:
    first = found.lines[0]
    fields = [rules.NAME, *(name for name in found.reach.fields if name != rules.NAME)]
    examples = {name: sample(first, name, found.names.get(first.person_id, "")) for name in fields}
    return render_template("mailings/new.html", form=form, found=found, examples=examples, at=request.args["at"]), status


def _preview(found: List, form: MailingForm, status: int = 200) -> Any:
    """Three real letters, who gets one, and who does not; `seen` is what it shows."""
    lines, draft = found.chosen(form), form.draft(found.place)
    if not lines:
        form.refuse(Refusal("Of the rows you had chosen none is in the list any more.", "rows"))
        return _write_page(found, form, status)
    form.open_at(_seen(lines), "seen")
    letters = queries.letters(found.reach, lines, draft, current_user)
    going = [each for each in letters if not each.left_out]
    mailing = operations.new(found.reach, draft, by=current_user, reply=bool(form.reply.data))
    page = found.reach.reached.page
    place = found.places[found.place]
    samples = [(each, messages.shown(mailing, place, each, page)) for each in going[:SHOWN]]
    left_out = {words: [each for each in letters if each.left_out == reason] for reason, words in REASONS.items()}
    return (
        render_template(
            "mailings/preview.html",
            form=form,
            found=found,
            going=going,
            samples=samples,
            left_out={words: those for words, those in left_out.items() if those and words != REASONS["empty"]},
            empty=[each for each in letters if each.empty and each.left_out in ("", "empty")],
            joined=[each for each in going if len(each.lines) > 1],
            at=request.args["at"],
        ),
        status,
    )


def _seen(lines: Sequence[Line]) -> str:
    """Of the rows and what they say: the same as long as nothing of it changes."""
    return sha256("\n".join(f"{line.key} {line.person_id} {sorted(line.says.items())!r}" for line in lines).encode()).hexdigest()


# What was sent


@blueprint.get("/mailings")
@signed_in
def index() -> Any:
    """In the names for which the reader writes or audits."""
    return show_list(queries.LIST, queries.listed(current_user, page_number()), "mailings/index.html")


@blueprint.get("/mailings/<int:id>")
@signed_in
def show(id: int) -> Any:
    mailing = queries.find(id, current_user)
    page = queries.outcomes(mailing, page_number())
    return show_list(queries.LETTERS, page, "mailings/show.html", programme_id=mailing.programme_id, mailing=mailing)


# Wanting no more


@blueprint.route("/mails/stop/<token>", methods=["GET", "POST"])
@public
@csrf.exempt
def stop(token: str) -> Any:
    """Opening it changes nothing: programs open every link of a mail. Sending does, also by a mail program's own button
    (RFC 8058), which knows no token of a form."""
    try:
        person_id, kind, id = signer("mails").loads(token)
    except (BadData, ValueError, TypeError):
        return error_page(404, "This link is not complete. Copy the whole address from the mail.")
    place = (kind, id)
    name = or_404(queries.names_of([place]).get(place))
    person = or_404(queries.still(person_id))
    if request.method == "POST":
        with transaction():
            operations.stop(person.id, place)
    return render_template("mailings/stop.html", name=name, person=person, done=request.method == "POST")


@blueprint.post("/account/mails/<any(programme,organisation):kind>/<int:id>/again")
@signed_in
def want_again(kind: str, id: int) -> Any:
    place = (kind, id)
    name = or_404(next((name for each, its, name in queries.refused(current_user) if (each, its) == place), None))
    with transaction():
        operations.want_again(current_user, place)
    flash(f"You get news from {name} again.", "success")
    return redirect(url_for("notifications.choose"), 303)


@blueprint.app_template_global("news_refused")
def news_refused() -> Any:
    """From whom the reader wants no news, for the page of their mails."""
    return queries.refused(current_user)
