"""The forms of stories."""

from typing import Any

from wtforms import FieldList, HiddenField, MultipleFileField, RadioField, StringField
from wtforms.validators import DataRequired, Length

from mobility.consents.rules import WITH_NAMES, WITHOUT
from mobility.core.fields import MOST_ENTRIES, Several, choices, essay, long_text, text
from mobility.core.forms import CHOOSE, ActionForm, Form
from mobility.documents.pictures import LIMITS
from mobility.people.models import User
from mobility.stories import serving
from mobility.stories.models import SuccessStory
from mobility.stories.queries import names_of
from mobility.stories.reviewers import could_review
from mobility.stories.rules import CHAPTERS, COMMENTED, OF_PART, TITLE, TOLD, words_of
from mobility.stories.workflow import HOST_VIEW, STORY

ALT_LENGTH = 300
TITLE_LENGTH = 120
SERVES = "Those of your organisation. What you tick is named in the story, as it is called now."


def _relabel(form: Form, story: SuccessStory, words: str = "{label}", helped: bool = True) -> None:
    """The chapters are called after what the story is told of."""
    for each in words_of(names_of(story.subject)._asdict()).chapters:
        if each.key in form:
            form[each.key].label.text = words.format(label=each.label)
            form[each.key].description = each.help if helped else ""


class StoryForm(Form):
    """What both sides write. `version` is the draft's; every field may be empty until it is sent to review."""

    version = HiddenField()
    title = text(TITLE.label, required=False, most=TITLE_LENGTH, help=TITLE.help)
    alts = FieldList(
        StringField(
            "What it shows",
            filters=[lambda value: " ".join((value or "").split())],
            validators=[Length(max=ALT_LENGTH, message=f"Keep this to {ALT_LENGTH} characters.")],
            render_kw={"maxlength": ALT_LENGTH},
        ),
        "Picture",
        max_entries=MOST_ENTRIES,
    )
    files = MultipleFileField(
        "Add pictures", description=LIMITS, render_kw={"accept": ".jpg,.jpeg,.png,.webp,image/jpeg,image/png,image/webp"}
    )

    serves = Several("Key figures and take-overs that it serves", description=SERVES)

    def prepare(self, story: SuccessStory, at_home: bool) -> None:
        """As many descriptions as there are pictures. `at_home`: the reader works for the guest's organisation, whose own its
        key figures are."""
        _relabel(self, story)
        self.serves.choices = choices(serving.could_be(story) if at_home else {})
        if not self.serves.choices:
            del self.serves
        self.title.flags.required = True
        self.picture_ids = [each["id"] for each in story.part(STORY).texts["pictures"]]
        while len(self.alts) > len(self.picture_ids):
            self.alts.pop_entry()
        while len(self.alts) < len(self.picture_ids):
            self.alts.append_entry("")

    @classmethod
    def of(cls, story: SuccessStory, at_home: bool) -> "StoryForm":
        """The form as the draft stands."""
        part = story.part(STORY)
        known = {**part.texts, "alts": [each["alt"] for each in part.texts["pictures"]], "version": part.version}
        form = cls(formdata=None, data=known)
        form.prepare(story, at_home)
        return form

    def texts(self) -> dict[str, Any]:
        """The chapters, and each picture with what it shows."""
        given: dict[str, Any] = {each.key: self[each.key].data or "" for each in OF_PART[STORY]}
        alts = [entry.data or "" for entry in self.alts]
        if "serves" in self:
            given["serves"] = self.serves.data or []
        return {**given, "pictures": [{"id": id, "alt": alt} for id, alt in zip(self.picture_ids, alts, strict=True)]}


class HostViewForm(Form):
    """What the host alone writes."""

    version = HiddenField()

    def prepare(self, story: SuccessStory) -> None:
        _relabel(self, story)

    @classmethod
    def of(cls, story: SuccessStory) -> "HostViewForm":
        part = story.part(HOST_VIEW)
        form = cls(formdata=None, data={**part.texts, "version": part.version})
        form.prepare(story)
        return form

    def texts(self) -> dict[str, str]:
        return {each.key: self[each.key].data or "" for each in OF_PART[HOST_VIEW]}


for _chapter in CHAPTERS:
    _form = StoryForm if _chapter.part == STORY else HostViewForm
    setattr(_form, _chapter.key, essay(_chapter.label, _chapter.help, rows=_chapter.rows, wanted=_chapter.wanted))


class ReviewForm(Form):
    """A comment on each chapter, and one on the whole; all may stay empty."""

    version = HiddenField()
    whole = essay("Comment on the whole", "Is it clear, is it honest, can others learn from it?", rows=3, wanted=False)

    @classmethod
    def of(cls, story: SuccessStory) -> "ReviewForm":
        review = story.latest_review
        form = cls(formdata=None, data={**review.texts, "version": review.version} if review else {})
        form.prepare(story)
        return form

    def prepare(self, story: SuccessStory) -> None:
        _relabel(self, story, "Comment on “{label}”", helped=False)

    def texts(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in COMMENTED}


for _chapter in TOLD:
    setattr(ReviewForm, _chapter.key, essay(f"Comment on “{_chapter.label}”", "", rows=2, wanted=False))


def _note() -> Any:
    return long_text("A few words", required=False, rows=2, help="Kept in the history, which everybody involved can read.")


class NoteForm(ActionForm):
    """An act on a story: a few words for the others, if one likes."""

    note = _note()


class AgreeForm(ActionForm):
    """How those whom it is about may be named: both sides' word counts, the stricter one."""

    publish = RadioField(
        "How may it be told?",
        choices=choices(
            {
                WITH_NAMES: "With the names of both organisations",
                WITHOUT: "Without names: only what kind of organisation it is, and its country",
            }
        ),
        validators=[DataRequired("Choose how it may be told.")],
        description="The stricter answer of the two sides counts. Without names no text may name the organisations. "
        "People in texts and pictures stay as they are: look at them, too.",
    )
    note = _note()

    @classmethod
    def first_values(cls, subject: SuccessStory) -> dict[str, Any]:
        return {"publish": WITH_NAMES}


class AssignForm(ActionForm):
    """Somebody who could review it."""

    reviewer = RadioField("Who reviews it?", validators=[DataRequired(CHOOSE)])
    note = _note()

    def prepare(self, subject: SuccessStory) -> None:
        self._people: dict[str, User] = {str(each.id): each for each in could_review(subject) if each.id != subject.reviewer_id}
        self.reviewer.choices = choices({id: _where(each) for id, each in self._people.items()})
        if not self._people:
            self.reviewer.description = "Nobody elsewhere has this topic. Ask somebody to put themselves on the list of experts."

    def given(self) -> dict[str, Any]:
        return super().given() | {"reviewer": self._people[self.reviewer.data]}


def _where(person: User) -> str:
    places = sorted({each.organisation.name for each in person.current_memberships if each.organisation})
    return f"{person.name}, {', '.join(places)}"
