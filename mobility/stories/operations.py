"""What people do with a story. `by` is whoever acts; every verb locks the story first (queries.find)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from mobility.consents.operations import change_consent
from mobility.consents.rules import WITHOUT
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotReady, Refusal, WrongState
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import places_attended
from mobility.experts import operations as experts
from mobility.keyfigures import queries as keyfigures
from mobility.keyfigures.operations import serve
from mobility.keyfigures.workflow import CURRENT
from mobility.people.models import User
from mobility.stories import messages, queries, rules, serving
from mobility.stories.models import (
    StoryComment,
    StoryConsent,
    StoryPart,
    StoryPicture,
    StoryReview,
    StoryVersion,
    SuccessStory,
)
from mobility.stories.queries import Subject
from mobility.stories.reviewers import proposed
from mobility.stories.rules import MOST_PICTURES
from mobility.stories.workflow import HOST_VIEW, PUBLISHED, STORY, WORKFLOW, WRITABLE, WRITERS, sides_of
from mobility.uploads import operations as uploads
from mobility.uploads.rules import Room
from mobility.vouchers.models import Voucher
from mobility.workflows.table import SYSTEM, By
from mobility.workflows.workflow import Actor

NOT_NOW = "This story is {state}: it can be changed while it is a draft, or after it was returned."

NAMED = "“{name}” is in the story. Change it again, so that it names nobody, or agree to it with names."
ROOM = Room("A story", "pictures", MOST_PICTURES)
TAKEN_BACK = (
    "{name} had agreed, but has said since that the {this} may not be told like that. Nothing was published. "
    "Talk to each other: each side can change its word on the {page}’s page."
)

# Writing


def begin(subject: Subject, *, by: By) -> SuccessStory:
    """A draft with what is known already; the one that there is, if somebody was quicker. The exchange or voucher is locked."""
    db.session.execute(select(type(subject).id).where(type(subject).id == subject.id).with_for_update())
    if known := queries.about(subject):
        return known
    if by is not SYSTEM and not queries.may_begin(by, subject):
        raise Refusal("A story can be told by both sides, once the exchange has taken place, or the service was delivered.")
    about = {"exchange" if isinstance(subject, Exchange) else "voucher": subject}
    story = SuccessStory(programme=subject.programme, title=queries.names_of(subject).theme, **about)
    story.parts = [StoryPart(name=STORY, texts=_known(subject)), StoryPart(name=HOST_VIEW, texts={})]
    db.session.add(story)
    db.session.flush()
    _serve(story)
    WORKFLOW.enter(story, by=by, acted_as=_beginner(by, subject))
    messages.begun(story, by=by)
    return story


def _beginner(by: By, subject: Subject) -> Actor:
    parts = subject.workflow.acting_on(by, subject)
    return next(actor for actor in (Actor.SYSTEM, *WRITERS) if actor in parts)


def _known(subject: Subject) -> dict[str, Any]:
    """What has been written before is not asked again: both sides go on from there."""
    told = _of_stay(subject) if isinstance(subject, Exchange) else _of_service(subject)
    current = [each for each in keyfigures.served_by(subject) if each.state == CURRENT]
    return {**told, "pictures": [], "serves": [f"{serving.FIGURE}{each.id}" for each in current]}


def _of_service(voucher: Voucher) -> dict[str, Any]:
    names, answers = queries.names_of(voucher), queries.answers_about(voucher)
    changes = answers.get("applied", {}).get("changes") or []
    return {
        "title": names.theme,
        "exchange": rules.service_in_words(names._asdict(), voucher.need),
        "taken_over": "\n".join(row["what"] for row in changes if row.get("what")),
    }


def _of_stay(exchange: Exchange) -> dict[str, Any]:
    answers = queries.answers_about(exchange)
    rows = answers.get("end_guest", {}).get("take_overs") or []
    taken_over = "\n".join(row["what"] for row in rows if row.get("what")) or queries.told_before(exchange)
    return {
        "title": exchange.theme.title,
        "context": exchange.application.motivation,
        "exchange": rules.stay_in_words(queries.names_of(exchange)._asdict(), len(places_attended(exchange))),
        "taken_over": taken_over,
    }


def check_writable(story: SuccessStory, by: Any, part: str = STORY) -> None:
    """Raises what stands against writing one part now: the host's view is the host's alone."""
    parts = WORKFLOW.acting_on(by, story)
    wanted = {Actor.HOST, Actor.HOST_COORDINATOR, Actor.PROVIDER} if part == HOST_VIEW else queries.WRITES
    if not parts & wanted:
        WORKFLOW.check("submit", story, by)  # raises what is right for those who have no part in the writing
        raise WrongState(f"The {'host' if story.exchange_id else 'provider'} writes this part.", story)
    if story.state not in WRITABLE:
        raise WrongState(NOT_NOW.format(state=story.state_label().lower()), story)


def save(story: SuccessStory, part: str, texts: Mapping[str, Any], *, by: User) -> None:
    """Keep what was typed of one part, at any stage."""
    check_writable(story, by, part)
    kept, before = story.part(part), story.part(part).texts
    if before != (new := {**before, **texts}):
        kept.texts = new
    if before.get("serves") != new.get("serves"):
        _serve(story)
    db.session.flush()


def _serve(story: SuccessStory) -> None:
    """The key figures know what serves them, too."""
    chosen, today = serving.figure_ids(story.texts.get("serves", ())), story.programme.today
    serve(story, chosen=chosen, organisation_id=story.guest_organisation_id, today=today)


def add_picture(story: SuccessStory, *, by: User, name: str, content: bytes) -> None:
    """Add a picture to the draft; the same file twice is one. Raises Refusal at "files"."""
    check_writable(story, by)
    part, shown = story.part(STORY), story.chosen_pictures
    picture = uploads.add_picture(StoryPicture, story.pictures, ROOM, shown, name=name, content=content, by=by)
    if picture in shown:
        return
    if picture not in story.pictures:
        story.pictures.append(picture)
        db.session.flush()
    part.texts = {**part.texts, "pictures": [*part.texts["pictures"], {"id": picture.id, "alt": ""}]}
    db.session.flush()


def remove_picture(story: SuccessStory, *, by: User, id: int) -> None:
    """Take a picture out of the draft; what is not there any more does not matter."""
    check_writable(story, by)
    part = story.part(STORY)
    part.texts = {**part.texts, "pictures": [each for each in part.texts["pictures"] if each["id"] != id]}
    db.session.flush()


def resolve(story: SuccessStory, *, by: User, id: int) -> StoryComment:
    """A comment is dealt with; or, once more, it is not."""
    check_writable(story, by)
    comment = queries.find_comment(story, id)
    done = comment.resolved_at is None
    comment.resolved_at, comment.resolved_by = (clock.utc_now(), by.name) if done else (None, "")
    db.session.flush()
    return comment


# Review


def submit(story: SuccessStory, *, by: User, note: str = "") -> None:
    """Send it to review as a new version. Raises NotReady with all that is missing."""
    WORKFLOW.check("submit", story, by)
    texts = story.texts
    subject, number = story.subject, story.edition + 1
    names = queries.names_of(subject)._asdict()
    if found := rules.problems(texts, texts["pictures"], rules.words_of(names).chapters):
        raise NotReady(found)
    texts["serves"] = serving.in_words(story, texts.get("serves", ()))
    version = StoryVersion(
        number=number,
        texts=texts,
        names=names,
        figures=rules.figures(queries.answers_about(subject)),
    )
    story.versions.append(version)

    def change() -> None:
        story.edition, story.title, story.recommended_on = number, texts["title"], None
        db.session.flush()
        db.session.expire(story, ["newest"])
        _ask_next(story)

    WORKFLOW.apply("submit", story, by=by, note=note, change=change)
    messages.to_review(story)


def review(story: SuccessStory, *, by: User, recommend: bool) -> None:
    """What the reviewer has typed becomes comments; then it is recommended, or goes back."""
    WORKFLOW.check("review", story, by)
    review = _going_on(story)
    said = {key: text for key in rules.COMMENTED if (text := review.texts.get(key))}
    if not recommend and not said:
        raise Refusal("Say what is to be changed: comment on at least one part.", rules.WHOLE)
    for chapter, text in said.items():
        story.comments.append(StoryComment(number=story.edition, chapter=chapter, text=text, by_id=by.id))

    def change() -> None:
        story.recommended_on = story.programme.today if recommend else None
        _end_review(story, "recommended" if recommend else "returned")

    words = "Recommended." if recommend else f"Returned with {len(said)} comment{'s' if len(said) > 1 else ''}."
    WORKFLOW.apply("review", story, by=by, note=words, change=change)
    (messages.recommended if recommend else messages.returned)(story)


def check_reviewable(story: SuccessStory, by: Any) -> None:
    """Raises what stands against reviewing it now; of what has been recommended, that it is done."""
    if story.recommended_on and WORKFLOW.plays(Actor.REVIEWER, by, story):
        raise WrongState("This version has been reviewed, and recommended.", story)
    WORKFLOW.check("review", story, by)


def _going_on(story: SuccessStory) -> StoryReview:
    if story.review is None:
        raise Refusal("Nobody has asked for this review.")
    return story.review


def save_review(story: SuccessStory, texts: Mapping[str, str], *, by: User) -> None:
    """Keep the comments that were typed; nobody else sees them yet."""
    check_reviewable(story, by)
    review = _going_on(story)
    if review.texts != texts:
        review.texts = dict(texts)
    db.session.flush()


def decline(story: SuccessStory, *, by: User, note: str = "") -> None:
    """The reviewer cannot do it: somebody else is asked at once."""
    _hand_on(story, "decline", "declined", by=by, note=note)


def pass_on(story: SuccessStory, *, by: By = SYSTEM) -> None:
    """The reviewer's time is over, or they have left."""
    _hand_on(story, "pass_on", "passed_on", by=by)


def assign(story: SuccessStory, *, by: User, reviewer: User, note: str = "") -> None:
    """The owner's choice."""
    _hand_on(story, "assign", "passed_on", by=by, note=note, reviewer=reviewer)


def _hand_on(story: SuccessStory, action: str, outcome: str, *, by: By, note: str = "", reviewer: User | None = None) -> None:
    before = story.reviewer

    def change() -> None:
        _end_review(story, outcome)
        if reviewer is None:
            _ask_next(story)
        else:
            _ask(story, reviewer)

    WORKFLOW.apply(action, story, by=by, note=note, change=change)
    messages.to_review(story)
    if before is not None and before is not story.reviewer and action == "assign":
        messages.released(story, before)


def _ask_next(story: SuccessStory) -> None:
    """The first who is proposed; if there is nobody, the owner finds somebody."""
    if candidates := proposed(story):
        _ask(story, candidates[0])


def _ask(story: SuccessStory, person: User) -> None:
    story.reviewer = person
    story.reviews.append(StoryReview(reviewer=person, asked_on=story.programme.today))
    experts.note_asked(person, about=story, on=story.programme.today)


def _end_review(story: SuccessStory, outcome: str) -> None:
    if story.review is not None:
        story.review.outcome, story.review.ended_on = outcome, story.programme.today
    if outcome not in ("recommended", "returned"):
        story.reviewer = None
    db.session.flush()


# Consent


def agree(story: SuccessStory, *, by: User, publish: str, note: str = "") -> None:
    """One side agrees to the newest version. With the second it is public."""
    WORKFLOW.check("agree", story, by)
    [side, *_] = sorted(sides_of(by, story) - story.agreed_sides)
    if story.newest and publish == WITHOUT and (name := queries.named_by(story.newest)):
        raise Refusal(NAMED.format(name=name), "publish")
    if story.agreed_sides and not queries.would_be_told(story, side, publish):
        others = story.host if side == "guest" else story.guest_organisation
        this = "exchange" if story.exchange_id else "service"
        raise Refusal(TAKEN_BACK.format(name=others.name, this=this, page=story.subject.workflow.label), "publish")

    def change() -> None:
        change_consent(story.subject, side=side, publish=publish, by=by)
        story.consents.append(StoryConsent(side=side, publish=publish, by_id=by.id, by_name=by.name, given_at=clock.utc_now()))
        db.session.flush()

    WORKFLOW.apply("agree", story, by=by, note=note, change=change)
    if story.state == PUBLISHED:
        story.published_at = clock.utc_now()
        messages.published(story)


def take_back(story: SuccessStory, *, by: User, note: str = "") -> None:
    """To be changed: whoever reviewed it, and both sides, look at the next version."""
    _stop(story, "take_back", "taken_back", by=by, note=note)


def withdraw(story: SuccessStory, *, by: User, note: str = "") -> None:
    """At once nobody else can read it any more."""
    was_public = story.state == PUBLISHED
    _stop(story, "withdraw", "withdrawn", by=by, note=note)
    messages.withdrawn(story, by=by, was_public=was_public)


def _stop(story: SuccessStory, action: str, outcome: str, *, by: User, note: str) -> None:
    before = story.reviewer if story.review else None

    def change() -> None:
        _end_review(story, outcome)
        story.recommended_on = None

    WORKFLOW.apply(action, story, by=by, note=note, change=change)
    if before is not None:
        messages.released(story, before)


def rework(story: SuccessStory, *, by: User, note: str = "") -> None:
    WORKFLOW.apply("rework", story, by=by, note=note)
