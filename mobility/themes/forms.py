"""The forms of themes, and the catalogue's filters read from the address."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request
from wtforms import FieldList, FormField, HiddenField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional

from mobility.core import clock
from mobility.core.fields import Several, choices, day, long_text, name_field
from mobility.core.forms import ActionForm, CreateForm, Form
from mobility.core.wording import language_name
from mobility.people.models import Organisation
from mobility.people.roles import LEVEL_LABELS
from mobility.people.sectors import SECTORS
from mobility.people.topics import MOST_TOPICS, TOPICS
from mobility.programmes.models import Programme
from mobility.themes import rules
from mobility.themes.languages import LANGUAGES
from mobility.themes.models import Theme
from mobility.themes.operations import NUMBERS
from mobility.themes.queries import SORTS, Filters
from mobility.themes.rules import Window
from mobility.workflows.searching import searched_text

EMPTY_ROWS = 3
MOST_WINDOWS = 60
MOST_DIGITS = 100
LANGUAGE_NAMES = sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda pair: pair[1])
CONTENT = (
    "title summary learning_offered benefit_wanted practical levels sectors topics languages minimum_days maximum_days places"
).split()


class WindowForm(PlainForm):
    """One hosting window; a row left empty is none."""

    first_day = day("First day", required=False)
    last_day = day("Last day", required=False)
    apply_by = day("Apply by", required=False)

    @property
    def window(self) -> Window | None:
        """The days, once all three are there."""
        first, last, apply_by = self.first_day.data, self.last_day.data, self.apply_by.data
        return Window(first, last, apply_by) if first and last and apply_by else None

    def blame(self, field: str, message: str) -> bool:
        self[field].errors = [*self[field].errors, message]
        return False


class Count(IntegerField):
    """Of no more digits than a float has room for, which looks whether it is one in the range."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([each[:MOST_DIGITS] for each in valuelist])


class ThemeFields(Form):
    """What a host says about a theme. Only the title is needed to save a draft; publishing asks for the rest."""

    title = name_field("Title", help="In one line, for example: Funding cluster services after the grant ends.")
    summary = long_text(
        "In short", required=False, most=400, rows=2, help="Two sentences for the catalogue: who it helps, and with what."
    )
    learning_offered = long_text(
        "What guests can learn",
        required=False,
        help="Needed to publish. What will they see, who will they meet, what can they try themselves?",
    )
    benefit_wanted = long_text(
        "What you want in return",
        required=False,
        rows=3,
        help="Needed to publish. It has to be worth it for both sides: a question guests could answer, or a method they use.",
    )
    practical = long_text("Good to know", required=False, rows=3, help="Getting there, accessibility, where to stay.")
    levels = Several(
        "Levels",
        description="Needed to publish. Who do you want to meet?",
        choices=choices(LEVEL_LABELS),
    )
    sectors = Several("Sectors", choices=choices(SECTORS))
    topics = Several(
        "Topics",
        description=f"What it is about: up to {MOST_TOPICS}. Guests search by them.",
        choices=choices(TOPICS),
    )
    languages = Several("Languages you can host in", choices=choices(dict(LANGUAGE_NAMES)))
    minimum_days = Count("Shortest stay in days", validators=[Optional(), NumberRange(1, rules.LONGEST_STAY)])
    maximum_days = Count("Longest stay in days", validators=[Optional(), NumberRange(1, rules.LONGEST_STAY)])
    places = Count(
        "Places",
        description="A place is for one delegation of 1 to 3 guests.",
        validators=[Optional(), NumberRange(1, rules.MOST_PLACES)],
    )
    windows = FieldList(
        FormField(WindowForm, "Window"),
        "Hosting windows",
        max_entries=MOST_WINDOWS,
        description="One is needed to publish. Both days count. To remove a window, empty its row.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.learning_offered, self.benefit_wanted, self.levels):
            field.flags.required = True  # not to save a draft, but nothing is published without them

    known_windows: frozenset[Window] = frozenset()
    today: date | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        looked_at = [self._look_at(row.form) for row in self.windows]
        self.windows.errors = [row.errors for row in self.windows if row.errors]  # so that the summary knows of them
        return fine and all(looked_at)

    def _look_at(self, row: WindowForm) -> bool:
        if any(field.errors for field in row):
            return False
        missing = [field for field in row if not field.data]
        if row.window is None:
            empty = len(missing) == len(Window._fields)
            return empty or row.blame(missing[0].short_name, "Fill this in as well, or empty the whole row.")
        known = row.window in self.known_windows
        least = self.minimum_days.data or 1
        problem = rules.window_problem(row.window, least, self.today or clock.today(), known=known)
        return row.blame(*problem) if problem else True

    def add_rows(self, count: int = EMPTY_ROWS) -> None:
        """More empty rows for windows, up to the most there may be."""
        for _ in range(min(count, MOST_WINDOWS - len(self.windows))):
            self.windows.append_entry()

    def know(self, theme: Theme) -> None:
        """The windows that stand there already may have passed; "today" is the programme's."""
        self.known_windows = frozenset(Window(each.first_day, each.last_day, each.apply_by) for each in theme.windows)
        self.today = clock.today(theme.timezone)

    def content(self) -> dict[str, Any]:
        """What the operation is given."""
        return {name: self[name].data for name in (*CONTENT, "windows")}

    def says(self) -> dict[str, Any]:
        """Empty rows say nothing, and the order of the others does not matter."""
        return {**super().says(), "windows": {tuple(row.data.values()) for row in self.windows if any(row.data.values())}}

    def differing(self, stored: Form) -> list[str]:
        """A number left empty stays as it is."""
        kept = {name for name in NUMBERS if self[name].data is None}
        return [name for name in super().differing(stored) if name not in kept]

    def typed(self) -> list[tuple[str, str]]:
        filled = [row for row in self.windows if any(row.data.values())]
        rows = [", ".join(str(field.data or "") for field in row.form) for row in filled]
        return [*super().typed(), *(("Hosting window", row) for row in rows)]


class NewThemeForm(ThemeFields, CreateForm):
    """A new draft: for which of my organisations, in which programme. It has a version once its script has saved it."""

    version = HiddenField()
    host_id = SelectField("Host organisation", coerce=int)
    programme_id = SelectField("Programme", coerce=int, description="Its rules apply to the stays and the vouchers.")


class ThemeForm(ThemeFields, ActionForm):
    """A theme that exists. A draft may still move to another programme."""

    programme_id = SelectField("Programme", coerce=int, description="Its rules apply to the stays and the vouchers.")


def new_form(hosts: list[Organisation], programmes: list[Programme]) -> NewThemeForm:
    form = NewThemeForm(data=None if request.form else _defaults(programmes))
    form.host_id.choices = choices({each.id: each.name for each in hosts})
    form.programme_id.choices = choices({each.id: each.name for each in programmes})
    if not form.is_submitted():
        form.add_rows()
    return form


def form_of(theme: Theme, programmes: list[Programme], *, stored: bool) -> ThemeForm:
    """The form with what is `stored`, plus empty rows, or with what was sent. Programmes to choose from only while a draft."""
    form = ThemeForm(formdata=None, data=_values(theme)) if stored else ThemeForm()
    if theme.state == "draft":
        offered = {each.id: each.name for each in [theme.programme, *programmes]}
        form.programme_id.choices = choices(dict(sorted(offered.items(), key=lambda pair: pair[1])))
    else:
        del form.programme_id
    form.know(theme)
    if stored:
        form.add_rows()
    return form


def _defaults(programmes: list[Programme]) -> dict[str, Any]:
    if not programmes:
        return {}
    return {
        "places": 1,
        "languages": ["en"],
        "minimum_days": max(each.minimum_days for each in programmes[:1]),
        "maximum_days": min(each.maximum_days for each in programmes[:1]),
    }


def _values(theme: Theme) -> dict[str, Any]:
    windows = [{name: getattr(each, name) for name in Window._fields} for each in theme.windows]
    known = {name: getattr(theme, name) for name in CONTENT}
    return {**known, "windows": windows, "programme_id": theme.programme_id, "version": theme.version}


# The catalogue's filters


def read_filters(args: Mapping[str, str], countries: list[str], programmes: list[Any]) -> tuple[Filters, dict[str, str]]:
    """What the address asks for, and what is wrong with its dates. A choice that does not exist counts as not made."""
    problems: dict[str, str] = {}
    first_day, last_day = (_day(args, name, problems) for name in ("from", "to"))
    if first_day and last_day and last_day < first_day:
        problems["to"] = "The last day is before the first day."
        first_day = last_day = None
    filters = Filters(
        words=searched_text("q"),
        country=_one_of(args.get("country", ""), countries),
        level=_one_of(args.get("level", ""), LEVEL_LABELS),
        sector=_one_of(args.get("sector", ""), SECTORS),
        topic=_one_of(args.get("topic", ""), TOPICS),
        language=_one_of(args.get("language", ""), LANGUAGES),
        programme=next((each.id for each in programmes if str(each.id) == args.get("programme")), None),
        first_day=first_day,
        last_day=last_day,
        sort=_one_of(args.get("sort", ""), SORTS) or "deadline",
    )
    return filters, problems


def _one_of(value: str, choices: Any) -> str:
    return value if value in choices else ""


def _day(args: Mapping[str, str], name: str, problems: dict[str, str]) -> date | None:
    value = args.get(name, "").strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        problems[name] = "Enter a day as year-month-day, such as 2027-03-03."
        return None
