"""The forms of experts and mentorings, and the filters of the list read from the address."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from mobility.core import clock
from mobility.core.errors import Problem
from mobility.core.fields import NOT_IN_THE_LIST, Several, at_least_one, choices, day, long_text, text
from mobility.core.forms import ActionForm, CreateForm, Form
from mobility.core.wording import HOME_ZONE, language_name
from mobility.exchanges.models import Exchange
from mobility.experts.models import Expert
from mobility.experts.queries import Filters
from mobility.experts.rules import OUTCOMES, POINTS, look_back_problem
from mobility.people.models import Organisation
from mobility.people.sectors import SECTORS
from mobility.people.topics import MOST_TOPICS, TOPICS
from mobility.programmes.models import Programme
from mobility.themes.languages import LANGUAGES
from mobility.workflows.searching import searched_text

ROLES = {
    "reviewer": "Reviewer: I read a success story of another region, and say what is missing",
    "mentor": "Mentor: somebody asks me, and we agree on three points to work on",
}
LANGUAGE_NAMES = dict(sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda pair: pair[1]))


NUMBERS = range(1, POINTS + 1)
POINT_LENGTH = 300


def outcome() -> RadioField:
    return RadioField(choices=choices(OUTCOMES), validators=[InputRequired("Say whether it was done.")])


def words(number: int) -> TextAreaField:
    return long_text(f"What came of point {number}", required=False, most=1000, rows=2)


def at_most(most: int) -> Callable[[Any, Any], None]:
    def check(form: Any, field: Any) -> None:
        if len(field.data or ()) > most:
            raise ValidationError(f"Choose at most {most}; these are {len(field.data)}. Leave those you know best.")

    return check


class ExpertForm(Form):
    """What a person agrees to be asked for. `seen` tells whether it was changed meanwhile, in another tab."""

    seen = HiddenField()
    roles = Several(
        "You agree to be asked as",
        choices=choices(ROLES),
        validators=[at_least_one("Choose at least one. If you do not want to be asked any more, press the button for that.")],
    )
    organisation_id = SelectField(
        "Listed under",
        coerce=int,
        validators=[InputRequired(NOT_IN_THE_LIST)],
        description="Your organisation, as others see it in the list.",
    )
    topics = Several(
        "Topics",
        description=f"What you know from experience: up to {MOST_TOPICS}.",
        choices=choices(TOPICS),
        validators=[at_most(MOST_TOPICS)],
    )
    sectors = Several(
        "Sectors",
        description=f"In which industries: up to {MOST_TOPICS}.",
        choices=choices(SECTORS),
        validators=[at_most(MOST_TOPICS)],
    )
    languages = Several(
        "Languages you can work in",
        choices=choices(LANGUAGE_NAMES),
        validators=[at_least_one("Choose at least one language.")],
    )
    about = long_text(
        "In your own words",
        required=False,
        most=600,
        rows=3,
        help="One or two sentences that others read in the list: what you have done, and what you like to be asked about.",
    )
    not_before = day("Not before", required=False, help="If you need a pause: nobody is to ask you before this day.")

    def offer(self, organisations: Sequence[Organisation]) -> "ExpertForm":
        """The organisations to be listed under; of one there is nothing to choose."""
        self.organisations: dict[int, Organisation] = {each.id: each for each in organisations}
        self.organisation_id.choices = choices({each.id: each.name for each in organisations})
        if len(organisations) == 1:
            del self.organisation_id
        return self

    def validate_topics(self, field: Several) -> None:
        if not field.data and not self.sectors.data:
            raise ValidationError("Choose at least one topic or sector: by these you are found.")

    def validate_not_before(self, field: Any) -> None:
        if field.data and field.data <= clock.today(HOME_ZONE):
            raise ValidationError("Choose a day to come, or leave this empty if you can be asked now.")

    def given(self) -> dict[str, Any]:
        """What the operation is given."""
        said = {name: self[name].data for name in ("topics", "sectors", "languages", "about", "not_before")}
        roles = {f"as_{role}": role in self.roles.data for role in ROLES}
        return {**said, **roles, "seen": self.seen.data or "", "organisation": self._organisation()}

    def _organisation(self) -> Organisation:
        first = next(iter(self.organisations))
        chosen: int = self.organisation_id.data if "organisation_id" in self else first
        return self.organisations[chosen]


def values_of(expert: Expert | None) -> dict[str, Any]:
    """What its form opens with."""
    if expert is None:
        return {"seen": "", "roles": [], "topics": [], "sectors": [], "languages": ["en"]}
    names = ("organisation_id", "topics", "sectors", "languages", "about")
    roles = [role for role in ROLES if getattr(expert, f"as_{role}")]
    known = {name: getattr(expert, name) for name in names}
    return {**known, "roles": roles, "not_before": expert.pauses_until, "seen": expert.fingerprint}


# Mentorings


class AskForm(CreateForm):
    """What somebody asks a mentor. About an exchange, that one's programme counts."""

    what_for = long_text(
        "What you would like help with",
        most=1500,
        help="What you are about to do, where you are stuck, and what you hope to know in three months.",
    )
    organisation_id = SelectField(
        "For",
        coerce=int,
        validators=[InputRequired(NOT_IN_THE_LIST)],
        description="Your organisation: its coordinators can read this, too.",
    )
    exchange_id = SelectField("About an exchange", coerce=int, description="If the mentoring goes on with what it began.")
    programme_id = SelectField(
        "In the programme",
        coerce=int,
        validators=[InputRequired(NOT_IN_THE_LIST)],
        description="Its working days count, and it sees which promises were kept, not what you write. "
        "About an exchange, it is the exchange's.",
    )

    def offer(
        self, organisations: Sequence[Organisation], exchanges: Sequence[Exchange], programmes: Sequence[Programme]
    ) -> "AskForm":
        """What there is to choose from; a choice of one is none."""
        self._offered: dict[str, dict[int, Any]] = {}
        self._choose("organisation", organisations, lambda each: each.name)
        self._choose("programme", programmes, lambda each: each.name)
        self._offered["exchange"] = {0: None, **{each.id: each for each in exchanges}}
        self.exchange_id.choices = choices({0: "None", **{each.id: each.about for each in exchanges}})
        if not exchanges:
            del self.exchange_id
        return self

    def _choose(self, name: str, things: Sequence[Any], called: Callable[[Any], str]) -> None:
        self._offered[name] = {each.id: each for each in things}
        self[f"{name}_id"].choices = choices({each.id: called(each) for each in things})
        if len(things) == 1:
            delattr(self, f"{name}_id")

    def given(self) -> dict[str, Any]:
        chosen = {name: self[f"{name}_id"].data for name in self._offered if f"{name}_id" in self}
        found = {name: offered[chosen.get(name, next(iter(offered)))] for name, offered in self._offered.items()}
        return {"what_for": self.what_for.data, **found}


class WordForm(ActionForm):
    """An act that needs no words."""

    note = long_text("A word with it", required=False, rows=3, help="The other one reads it.")


class TalkForm(ActionForm):
    """On which day the first talk was held."""

    held_on = day("Held on")
    note = long_text("Note", required=False, rows=3, help="It is kept in the history, which both of you read.")


class PointsForm(ActionForm):
    """Exactly three points, numbered, and the day to look back at them."""

    point_1 = text("Point 1", most=POINT_LENGTH, help="What will be done, so that you both see whether it was.")
    point_2 = text("Point 2", most=POINT_LENGTH)
    point_3 = text("Point 3", most=POINT_LENGTH)
    look_back_on = day("Look back on", help="When you talk about it again. You are both reminded three days before.")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        known = {f"point_{number}": point["text"] for number, point in enumerate(subject.points, 1)}
        return {**known, "look_back_on": subject.look_back_on}

    def prepare(self, subject: Any) -> None:
        self.today = subject.programme.today

    def problems(self) -> Iterator[Problem]:
        if (day := self.right("look_back_on")) and (words := look_back_problem(day, self.today)):
            yield Problem("look_back_on", words)

    def given(self) -> dict[str, Any]:
        points = [self[f"point_{number}"].data for number in NUMBERS]
        return {"points": points, "look_back_on": self.look_back_on.data}


class LookBackForm(ActionForm):
    """Of each point: was it done, and what is to be said about it."""

    outcome_1 = outcome()
    words_1 = words(1)
    outcome_2 = outcome()
    words_2 = words(2)
    outcome_3 = outcome()
    words_3 = words(3)

    def prepare(self, subject: Any) -> None:
        for number, point in enumerate(subject.points, 1):
            self[f"outcome_{number}"].label.text = f"{number}. {point['text']}"

    def given(self) -> dict[str, Any]:
        looked = [{"outcome": self[f"outcome_{each}"].data, "words": self[f"words_{each}"].data or ""} for each in NUMBERS]
        return {"looked": looked}


# The list's filters


def read_filters(args: Mapping[str, str], places: Mapping[str, str]) -> Filters:
    """What the address asks for; a choice that does not exist counts as not made."""
    offered: Mapping[str, Any] = {
        "topic": TOPICS,
        "sector": SECTORS,
        "language": LANGUAGES,
        "place": places,
        "role": ROLES,
    }
    chosen = {name: args.get(name, "") for name, among in offered.items() if args.get(name, "") in among}
    return Filters(**chosen, text=searched_text())
