"""The forms of experts and mentorings, and the filters of the list read from the address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wtforms import HiddenField, SelectField
from wtforms.validators import ValidationError

from mobility.core import clock
from mobility.core.fields import Several, at_least_one, choices, day, long_text
from mobility.core.forms import Form
from mobility.core.wording import HOME_ZONE, language_name
from mobility.experts.models import Expert
from mobility.experts.queries import Filters
from mobility.experts.rules import MOST_TOPICS
from mobility.people.models import Organisation
from mobility.people.sectors import SECTORS
from mobility.people.topics import TOPICS
from mobility.themes.languages import LANGUAGES

ROLES = {
    "reviewer": "Reviewer: I read a success story of another region, and say what is missing",
    "mentor": "Mentor: somebody asks me, and we agree on three points to work on",
}
LANGUAGE_NAMES = dict(sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda pair: pair[1]))


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
    organisation_id = SelectField("Listed under", coerce=int, description="Your organisation, as others see it in the list.")
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
    return Filters(**{name: args.get(name, "") for name, among in offered.items() if args.get(name, "") in among})
