"""The pages of stories: writing and reviewing them, agreeing, and what everybody can read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import public as for_everybody
from mobility.core.access import signed_in
from mobility.core.database import transaction
from mobility.core.forms import csrf
from mobility.core.paging import page_number, page_of
from mobility.core.web import format_money, or_404
from mobility.core.wording import by_name
from mobility.exchanges import queries as exchanges
from mobility.keyfigures.models import KeyFigure
from mobility.lists.pages import show_list
from mobility.people.sectors import SECTORS
from mobility.stories import feed as feeds
from mobility.stories import operations, own, queries, rules
from mobility.stories.forms import AgreeForm, AssignForm, HostViewForm, NoteForm, ReviewForm, StoryForm
from mobility.stories.models import SuccessStory
from mobility.stories.queries import Filters, Reading, Subject
from mobility.stories.rules import called, slug, summary, words_of
from mobility.stories.serving import address_of
from mobility.stories.workflow import HOST_VIEW, PUBLISHED, STORY, WORKFLOW
from mobility.uploads import answers as uploads
from mobility.vouchers import queries as vouchers
from mobility.workflows import drafts
from mobility.workflows.actions import ActionPage, add_action_page, add_action_pages
from mobility.workflows.drafts import DraftPage, GoTo

blueprint = Blueprint("stories", __name__)
FIND: dict[str, Callable[[int, Any], Subject]] = {"exchanges": exchanges.find, "vouchers": vouchers.find}
SAVED = "Draft saved. Nobody outside your two organisations sees it until you send it to review."

for _name, _words in (
    ("called", called),
    ("summary", summary),
    ("words", words_of),
    ("address", lambda told: slug(told.version.texts["title"], told.id)),
):
    blueprint.add_app_template_global(_words, f"story_{_name}")


@blueprint.app_template_global("story_figures")
def _figures(found: Mapping[str, Any], names: Mapping[str, Any]) -> list[rules.Figure]:
    """The figures of a story in words, with money in the reader's notation."""
    return rules.in_words(found, lambda amount: format_money(Decimal(amount), names["currency"]))


@blueprint.app_template_filter("iso_day")
def _day(text: str) -> date:
    """A day as it is kept in JSON."""
    return date.fromisoformat(text)


# For everybody


@blueprint.get("/stories")
@for_everybody
def index() -> Any:
    every = queries.public()
    sectors, countries = queries.choices(every)
    filters = Filters(request.args.get("sector", ""), request.args.get("country", ""))
    found = [each for each in every if filters.fit(each.version.names)]
    return _fresh(
        show_list(
            queries.LIST,
            page_of(found, page_number()),
            "stories/index.html",
            filters=filters,
            sectors={key: name for key, name in SECTORS.items() if key in sectors},
            countries=by_name(countries),
            own=own.of(current_user),
        )
    )


@blueprint.get("/stories.atom")
@for_everybody
def feed() -> Any:
    response = Response(feeds.atom(queries.public()), mimetype="application/atom+xml")
    response.add_etag()
    return _fresh(response).make_conditional(request)


@blueprint.get("/stories/<address>")
@for_everybody
def public(address: str) -> Any:
    """A story as everybody may read it now; an address with an earlier title leads to that with today's."""
    told = queries.public_story(or_404(rules.id_in(address)))
    if address != (wanted := slug(told.version.texts["title"], told.id)):
        return redirect(url_for(".public", address=wanted))
    chapters = words_of(told.version.names).chapters
    return _fresh(render_template("stories/public.html", told=told, reading=queries.as_told(told), chapters=chapters))


def _fresh(answer: Any) -> Response:
    """Nobody shows it again without asking whether it is public still."""
    response = answer if isinstance(answer, Response) else Response(answer)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/stories/pictures/<int:id>.jpg", defaults={"which": "key"})
@blueprint.get("/stories/pictures/<int:id>-small.jpg", defaults={"which": "small_key"})
@for_everybody
def picture(id: int, which: str) -> Any:
    """We made it anew from its pixels, so it can be shown in the page."""
    return _fresh(uploads.shown(getattr(or_404(queries.picture(id, current_user)), which)))


# For those who have a part in it


@blueprint.get("/stories/<int:id>")
@for_everybody
def show(id: int) -> Any:
    """Whoever has a part in it works with it here; others are led to what everybody can read."""
    story = queries.look(id, current_user) if current_user.is_authenticated else None
    if story is None:
        return redirect(url_for(".public", address=slug(queries.public_story(id).version.texts["title"], id)))
    return render_template("stories/show.html", **_seen(story))


def _seen(story: SuccessStory) -> dict[str, Any]:
    parts = WORKFLOW.actors_on(current_user, story)
    return {
        "story": story,
        "parts": parts,
        "writes": bool(WORKFLOW.acting_on(current_user, story) & queries.WRITES),
        "reading": queries.reading(story, drafts=bool(parts & queries.WRITES)),
        "told": queries.told(story.id),
        "chapters": _chapters(story),
    }


@blueprint.app_template_global("story_about")
def _about(subject: Subject) -> dict[str, Any]:
    """The story of an exchange or voucher for those who may see it, and whether the reader may begin one."""
    story = queries.about(subject)
    seen = story is not None and WORKFLOW.may_see(current_user, story)
    return {"story": story if seen else None, "may_begin": story is None and queries.may_begin(current_user, subject)}


@blueprint.app_template_global("story_decided")
def _decided(story: SuccessStory) -> tuple[Reading | None, Any]:
    """What is decided on, in its chapters: the version that is in review, or the draft that is sent there."""
    return queries.reading(story, drafts=True), _chapters(story)


def _chapters(story: SuccessStory) -> tuple[rules.Chapter, ...]:
    return words_of(queries.names_of(story.subject)._asdict()).chapters


@blueprint.post("/exchanges/<int:id>/story", defaults={"things": "exchanges"})
@blueprint.post("/vouchers/<int:id>/story", defaults={"things": "vouchers"})
@signed_in
def begin(things: str, id: int) -> Any:
    """The draft of a story of an exchange, or of what a voucher bought; once, however often, and by both sides at once."""
    with transaction():
        story = operations.begin(FIND[things](id, current_user), by=current_user)
        address = url_for(".edit" if story.edition == 0 else ".show", id=story.id)
    return redirect(address, 303)


# Writing


def _form(story: SuccessStory) -> StoryForm:
    form = StoryForm()
    form.prepare(story, _at_home(story))
    return form


def _prepared(form: HostViewForm | ReviewForm, story: SuccessStory) -> Any:
    form.prepare(story)
    return form


def _at_home(story: SuccessStory) -> bool:
    """Key figures are an organisation's own."""
    return current_user.is_authenticated and bool(current_user.roles_in(story.guest_organisation_id))


@blueprint.app_template_global("story_serves")
def _serves(reading: Reading) -> list[tuple[str, str | None]]:
    """(what, where it stands, for those who may look) of all that a story serves."""
    found = reading.texts.get("serves", ())
    linked = bool(found) and _at_home(reading.story)
    return [(each["words"], _where(each) if linked else None) for each in found]


def _where(served: Mapping[str, str]) -> str:
    endpoint, id = address_of(served)
    return url_for(endpoint, id=id)


@blueprint.app_template_global("stories_serving")
def _serving(figure: KeyFigure) -> Sequence[SuccessStory]:
    """The stories that serve a key figure, for its page."""
    return queries.serving_figure(figure)


def _shown(story: SuccessStory, form: Any) -> dict[str, Any]:
    return {**_seen(story), "open_comments": _comments(story)}


def _comments(story: SuccessStory) -> dict[str, list[Any]]:
    """By their chapter."""
    found: dict[str, list[Any]] = {}
    for each in story.comments:
        found.setdefault(each.chapter, []).append(each)
    return found


def _send(story: SuccessStory) -> GoTo:
    operations.submit(story, by=current_user)
    who = f"{story.reviewer.name} has been asked to review it." if story.reviewer else "The programme finds a reviewer."
    return GoTo(url_for(".show", id=story.id), f"Sent to review. {who}")


WRITE = DraftPage(
    template="stories/edit.html",
    find=queries.find,
    check=lambda story: operations.check_writable(story, current_user),
    form=_form,
    stored=lambda story: StoryForm.of(story, _at_home(story)),
    save=lambda story, form: operations.save(story, STORY, form.texts(), by=current_user),
    shown=_shown,
    after_saving="stories.edit",
    after_sending="stories.show",
    saved=SAVED,
    finish={"submit": _send},
    sends=("submit",),
    version=lambda story: story.part(STORY).version,
    files=uploads.taken_by(partial(operations.add_picture, by=current_user)),
)
HOST_WRITES = DraftPage(
    template="stories/host_view.html",
    find=queries.find,
    check=lambda story: operations.check_writable(story, current_user, HOST_VIEW),
    form=lambda story: _prepared(HostViewForm(), story),
    stored=HostViewForm.of,
    save=lambda story, form: operations.save(story, HOST_VIEW, form.texts(), by=current_user),
    shown=_shown,
    after_saving="stories.show",
    after_sending="stories.show",
    saved="Your view is saved.",
    finish={"submit": _send},
    sends=("submit",),
    version=lambda story: story.part(HOST_VIEW).version,
)
REVIEW = DraftPage(
    template="stories/review.html",
    find=queries.find,
    check=lambda story: operations.check_reviewable(story, current_user),
    form=lambda story: _prepared(ReviewForm(), story),
    stored=ReviewForm.of,
    save=lambda story, form: operations.save_review(story, form.texts(), by=current_user),
    shown=_shown,
    after_saving="stories.review",
    after_sending="stories.show",
    saved="Your comments are saved. Nobody sees them until you recommend the story or send it back.",
    finish={
        "recommend": lambda story: _reviewed(story, True),
        "return": lambda story: _reviewed(story, False),
    },
    sends=("review",),
    version=lambda story: story.latest_review.version if story.latest_review else None,
)


def _reviewed(story: SuccessStory, recommend: bool) -> GoTo:
    operations.review(story, by=current_user, recommend=recommend)
    what = "Recommended. Both sides now say whether it may be published." if recommend else "Sent back with your comments."
    return GoTo(url_for(".show", id=story.id), f"{what} Thank you.")


@blueprint.route("/stories/<int:id>/edit", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def edit(id: int) -> Any:
    return drafts.answer(WRITE, id)


@blueprint.route("/stories/<int:id>/host-view", methods=["GET", "POST"])
@signed_in
def host_view(id: int) -> Any:
    return drafts.answer(HOST_WRITES, id)


@signed_in
def review(id: int) -> Any:
    return drafts.answer(REVIEW, id)


@blueprint.post("/stories/<int:id>/pictures")
@csrf.exempt
@signed_in
def add_pictures(id: int) -> Any:
    """Add the pictures that were chosen; what was typed is saved with them."""
    return drafts.receive(WRITE, id, _expect_pictures)


def _expect_pictures(story: SuccessStory) -> GoTo:
    uploads.expect("picture")
    return GoTo(url_for(".edit", id=story.id, _anchor="pictures"))


@blueprint.post("/stories/<int:id>/pictures/<int:picture_id>/remove")
@csrf.exempt
@signed_in
def remove_picture(id: int, picture_id: int) -> Any:
    """Take a picture out of the draft; what was typed is saved with it."""

    def remove(story: SuccessStory) -> GoTo:
        operations.remove_picture(story, by=current_user, id=picture_id)
        return GoTo(url_for(".edit", id=story.id, _anchor="pictures"))

    return drafts.receive(WRITE, id, remove)


@blueprint.post("/stories/<int:id>/comments/<int:comment_id>/resolve")
@csrf.exempt
@signed_in
def resolve(id: int, comment_id: int) -> Any:
    """Tick a comment off, or open it again; what was typed is saved with it."""
    return drafts.receive(WRITE, id, partial(_resolve, comment_id))


def _resolve(comment_id: int, story: SuccessStory) -> GoTo:
    comment = operations.resolve(story, by=current_user, id=comment_id)
    return GoTo(url_for(".edit", id=story.id, _anchor=comment.chapter or "comments"))


# Acts


add_action_page(blueprint, WORKFLOW, "review", review)
add_action_pages(
    blueprint,
    WORKFLOW,
    queries.find,
    (
        ActionPage(
            "submit",
            operations.submit,
            NoteForm,
            done="Sent to review. You are told as soon as it has been read.",
            summary="stories/_summary.html",
        ),
        ActionPage(
            "decline",
            operations.decline,
            NoteForm,
            done="Thank you for saying so. Somebody else is asked.",
            goes_to=lambda story: url_for("home.index"),
        ),
        ActionPage("assign", operations.assign, AssignForm, done=lambda story: f"{story.reviewer.name} has been asked."),
        ActionPage("agree", operations.agree, AgreeForm, done=lambda story: _agreed(story), summary="stories/_summary.html"),
        ActionPage(
            "take_back",
            operations.take_back,
            NoteForm,
            done="It is a draft again.",
            goes_to=lambda story: url_for("stories.edit", id=story.id),
        ),
        ActionPage("withdraw", operations.withdraw, NoteForm, done="Withdrawn. Nobody else can read it any more."),
        ActionPage(
            "rework",
            operations.rework,
            NoteForm,
            done="It is a draft again.",
            goes_to=lambda story: url_for("stories.edit", id=story.id),
        ),
    ),
)


def _agreed(story: SuccessStory) -> str:
    return (
        "Both sides have agreed: it is public."
        if story.state == PUBLISHED
        else "You have agreed. It is public as soon as the other side has, too."
    )
