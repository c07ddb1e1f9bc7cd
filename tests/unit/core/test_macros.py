"""The macros that pages are made of: what they say, what they leave out, and that nothing typed becomes markup."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from mobility.core.pages import FILTERS, Page
from mobility.core.workflow import Actor, State, Transition, Workflow

ROOT = Path(__file__).parents[3]
DAY = date(2027, 3, 3)  # the clock of the tests stands on 1 March 2027
WORKFLOW = Workflow(
    name="parcel",
    label="parcel",
    states=(State("open", "Open"), State("sent", "Sent", "done"), State("lost", "Lost", "stopped")),
    transitions=(Transition("send", frozenset({"open"}), "sent", (Actor.HOST,), "Send it"),),
    actors_on=lambda person, subject: frozenset(),
)


# A page's text and elements


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class Reader(HTMLParser):
    """Collects the elements of a piece of HTML, each with all the text inside it."""

    EMPTY = frozenset({"input", "br", "use", "rect"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute twice: {tag} {attrs}"
        self.elements.append(element)
        if tag not in self.EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag
            and all(value in (element.attributes.get(name) or "").split() for name, value in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [" ".join(element.text.split()) for element in self.all(tag, **attributes)]


def url_for(endpoint: str, **values: Any) -> str:
    return f"/{endpoint}?" + "&".join(f"{name}={value}" for name, value in sorted(values.items()))


@pytest.fixture
def render() -> Any:
    """`render("{{ badge('x') }}", ...)` with every macro at hand; what is misspelt is an error."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        url_for=url_for,
        csrf_token=lambda: "token",
        actions_for=lambda subject: subject.actions,
        journey_of=lambda subject: subject.journey,
    )
    names = {
        path.name: re.findall(r"{% macro (\w+)\(", path.read_text()) for path in (ROOT / "templates/macros").glob("*.html")
    }
    imports = "".join(f'{{% from "macros/{file}" import {", ".join(macros)} %}}' for file, macros in names.items())

    def read(template: str, **context: Any) -> Reader:
        return Reader(environment.from_string(imports + template).render(context))

    return read


# macros/ui.html


@pytest.mark.parametrize(
    ("state", "mine", "looks", "word"),
    [("open", False, "theirs", "Open"), ("open", True, "mine", "Open"), ("sent", True, "done", "Sent"), ("lost", False, "stopped", "Lost")],
)
def test_a_state_is_a_word_an_icon_and_a_colour(render: Any, state: str, mine: bool, looks: str, word: str) -> None:
    page = render("{{ state_badge(it, mine) }}", it=SimpleNamespace(state=state, workflow=WORKFLOW), mine=mine)
    assert page.texts("span") == [word]
    assert page.one("span").attributes["class"] == f"state state-{looks}"
    assert len(page.all("svg", aria_hidden="true")) == 1


def test_a_deadline_says_when_and_how_soon(render: Any) -> None:
    page = render("{{ deadline(day, '2 days to answer') }}", day=DAY)
    assert page.texts("span", class_="deadline") == ["by 3 March 2027, in 2 days"]
    assert page.one("time").attributes["datetime"] == "2027-03-03"
    assert page.texts("span", class_="promise") == ["Promise: 2 days to answer"]
    late = render("{{ deadline(day) }}", day=date(2027, 2, 27))
    assert late.texts("span", class_="deadline-late") == ["by 27 February 2027, 2 days late"]


def test_no_deadline_is_nothing(render: Any) -> None:
    assert render("{{ deadline(none) }}").elements == []


def test_an_amount_shows_its_lines(render: Any) -> None:
    line = SimpleNamespace(label="Days", hint=None, quantity=5, unit="days", unit_amount=Decimal(88), amount=Decimal(440))
    page = render("{{ amount_lines([line], total) }}", line=line, total=Decimal(440))
    assert page.texts("td") == ["5 days", "€88.00", "€440.00", "€440.00"]
    assert page.texts("th", scope="row") == ["Days", "Total"]


@pytest.mark.parametrize(("value", "shown"), [(None, []), ("", []), (0, ["0"]), ("<b>", ["<b>"])])
def test_a_definition_without_a_value_is_left_out(render: Any, value: Any, shown: list[str]) -> None:
    assert render("{{ definition('Term', value) }}", value=value).texts("dd") == shown


def test_history_tells_who_did_what_as_what(render: Any) -> None:
    at = datetime(2027, 3, 1, 8, tzinfo=UTC)
    act = SimpleNamespace(
        actor=SimpleNamespace(name="Ana"), acted_as="host", action="send", from_state="open", to_state="sent", note="<i>Go", at=at
    )
    system = SimpleNamespace(actor=None, acted_as="system", action="tidied_up", from_state="sent", to_state="sent", note="", at=at)
    subject = SimpleNamespace(workflow=WORKFLOW, history=lambda: [act, system])
    page = render("{{ history(it) }}", it=subject)
    assert page.texts("p", class_="timeline-what") == ["Send it now sent", "Tidied up"]
    assert page.texts("p", class_="timeline-who") == ["Ana, as host, 1 March 2027, 09:00", "Mobility, by itself, 1 March 2027, 09:00"]
    assert page.texts("blockquote") == ["<i>Go"]
    assert page.all("i") == []
    assert [e.text for e in render("{{ history(entries, w) }}", entries=[act], w=WORKFLOW).all("strong")] == ["Send it"]


def test_actions_are_links_and_the_impossible_ones_say_why(render: Any) -> None:
    def action(label: str, tone: str = "primary", refusal: str | None = None) -> SimpleNamespace:
        return SimpleNamespace(name=label, label=label, hint="", tone=tone, url=f"/{label}", refusal=refusal)

    subject = SimpleNamespace(actions=[action("Do"), action("Burn", "danger"), action("Wait", refusal="Not before Monday.")])
    page = render("{{ actions(it) }}", it=subject)
    assert [(e.attributes["href"], e.attributes["class"]) for e in page.all("a")] == [
        ("/Do", "btn btn-primary"),
        ("/Burn", "btn btn-outline-danger"),
    ]
    assert page.texts("ul", class_="actions-later") == ["Wait: Not before Monday."]
    assert render("{{ actions(it) }}", it=SimpleNamespace(actions=[])).elements == []


def test_only_a_notice_of_a_failure_interrupts(render: Any) -> None:
    assert [render(f"{{{{ notice('{tone}', 'x') }}}}").elements[0].attributes["role"] for tone in ("success", "error")] == ["status", "alert"]


def page_of(number: int, total: int = 260) -> Page:
    return Page([], number, total)


def test_one_page_needs_no_pagination(render: Any) -> None:
    assert render("{{ pagination(page, 'x') }}", page=page_of(1, 25)).elements == []


@pytest.mark.parametrize(
    ("number", "links"),
    [
        (1, ["Page 1", "Page 2", "Page 3", "…", "Page 11", "Next"]),
        (5, ["Previous", "Page 1", "…", "Page 3", "Page 4", "Page 5", "Page 6", "Page 7", "…", "Page 11", "Next"]),
        (11, ["Previous", "Page 1", "…", "Page 9", "Page 10", "Page 11"]),
    ],
)
def test_pagination_names_every_way(render: Any, number: int, links: list[str]) -> None:
    page = render("{{ pagination(page, 'themes.index') }}", page=page_of(number))
    assert page.texts("li") == links
    assert page.texts("a", aria_current="page") == [f"Page {number}"]


def test_pagination_keeps_filters_but_no_names_that_url_for_takes_for_itself(render: Any) -> None:
    args = {"q": "a", "page": "7", "endpoint": "evil", "_external": "1", "_scheme": "javascript"}
    page = render("{{ pagination(page, 'themes.index', args, sort='new') }}", page=page_of(2), args=args)
    assert page.one("a", rel="next").attributes["href"] == "/themes.index?page=3&q=a&sort=new"


# macros/forms.html


class DayForm(Form):
    on = DateField("Date", [InputRequired("Choose a day.")])
    plan = TextAreaField("Plan", [InputRequired("Write a plan.")])


class EveryField(Form):
    version = HiddenField()
    title = StringField("Title", [InputRequired("Give it a title.")], description="One line.")
    note = TextAreaField("Note", [Optional()])
    first = DateField("First day", [InputRequired("Choose the first day.")])
    how = SelectField("How?", [InputRequired("Choose how.")], choices=[SelectChoice("a", "A")], validate_choice=False)
    levels = SelectMultipleField(
        "Levels",
        [InputRequired("Choose a level.")],
        choices=[SelectChoice("m", "Manager"), SelectChoice("p", "Policy maker")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        description="Several.",
    )
    scheme = RadioField("Scheme", [InputRequired("Choose a scheme.")], choices=[SelectChoice("l", "Light")])
    sure = BooleanField("I am sure", [InputRequired("Please confirm.")])
    maybe = BooleanField("Maybe")
    evidence = FileField("Evidence")
    days = FieldList(FormField(DayForm), "Day", min_entries=2)


def sent(**values: Any) -> EveryField:
    form = EveryField(MultiDict(values))
    form.validate()
    return form


def test_each_field_has_its_label_its_help_and_says_if_it_is_optional(render: Any) -> None:
    page = render("{{ fields(form) }}", form=EveryField())
    ids = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    assert {element.attributes["for"] for element in page.all("label")} <= ids
    controls = [e for tag in ("input", "select", "textarea") for e in page.all(tag)]
    assert {e.attributes["id"] for e in controls} == {e.attributes["for"] for e in page.all("label")}
    assert page.one("input", id="title").attributes["aria-describedby"] == "title-help"
    assert page.texts("legend") == ["Levels", "Scheme", "Day", "Day 1", "Day 2"]
    assert len(page.texts("span", class_="optional")) == 2  # the note and the evidence
    assert page.one("fieldset", id="levels").attributes["aria-describedby"] == "levels-help"


def test_a_form_without_faults_has_no_summary(render: Any) -> None:
    assert render("{{ error_summary(form) }}", form=EveryField()).elements == []


def test_the_summary_leads_to_every_fault(render: Any) -> None:
    form = sent(title="")
    form.form_errors.append("The budget is used up.")
    page = render("{{ error_summary(form) }}{{ fields(form) }}", form=form)
    assert page.texts("li") == [
        "The budget is used up.",
        "Title: Give it a title.",
        "First day: Choose the first day.",
        "How? Choose how.",
        "Levels: Choose a level.",
        "Scheme: Choose a scheme.",
        "I am sure: Please confirm.",
        "Day 1, Date: Choose a day.",
        "Day 1, Plan: Write a plan.",
        "Day 2, Date: Choose a day.",
        "Day 2, Plan: Write a plan.",
    ]
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert {element.attributes["href"][1:] for element in page.all("a")} <= set(ids)
    assert page.one("div", role="alert").attributes["tabindex"] == "-1"


def test_a_fault_stands_at_its_field(render: Any) -> None:
    page = render("{{ field(form.title) }}{{ field(form.levels) }}", form=sent(title=""))
    title = page.one("input", id="title")
    assert title.attributes["aria-describedby"] == "title-help title-error"
    assert title.attributes["aria-invalid"] == "true"
    assert page.texts("p", id="title-error") == ["Error: Give it a title."]
    assert page.one("fieldset").attributes["aria-describedby"] == "levels-help levels-error"


def test_what_was_typed_stays_and_is_never_markup(render: Any) -> None:
    typed = '"><script>alert(1)</script>'
    page = render("{{ field(form.title) }}{{ field(form.note) }}", form=sent(title=typed, note=typed))
    assert page.one("input").attributes["value"] == typed
    assert page.one("textarea").text.strip() == typed
    assert page.all("script") == []


def test_hidden_fields_show_their_faults_in_the_summary_without_a_link(render: Any) -> None:
    form = EveryField(MultiDict(version="1"))
    form.version.errors = ["The page was open for too long."]
    page = render("{{ error_summary(form) }}{{ field(form.version) }}", form=form)
    assert page.texts("li") == ["The page was open for too long."]
    assert page.all("a") == []


def test_a_button_that_posts_carries_its_token(render: Any) -> None:
    page = render("{{ post_button('/go', 'Go', hidden={'version': 3}) }}")
    assert page.one("form").attributes["method"] == "post"
    assert {e.attributes["name"]: e.attributes["value"] for e in page.all("input")} == {"csrf_token": "token", "version": "3"}


def test_what_was_typed_can_be_copied(render: Any) -> None:
    page = render("{{ typed_texts(typed) }}", typed=[("Reason", "<b>because")])
    assert page.one("textarea").text == "<b>because"
    assert "readonly" in page.one("textarea").attributes
    assert page.one("label").attributes["for"] == page.one("textarea").attributes["id"]


# macros/journey.html


@dataclass
class Step:
    label: str
    status: str = "ahead"
    when: date | None = None
    who: str = ""
    until: date | None = None
    url: str | None = None


@dataclass
class Travelling:
    journey: list[Step] = field(default_factory=list)


def travelling(status: str) -> Travelling:
    return Travelling([
        Step("Theme", "done", date(2027, 1, 5), url="/themes/1"),
        Step("Application", status, date(2027, 2, 1), "the host", DAY, "/applications/1"),
        Step("Match"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("mine", "Application Your turn, by 3 March 2027, in 2 days"),
        ("theirs", "Application Waits for the host, by 3 March 2027, in 2 days"),
        ("stopped", "Application Stopped on 1 February 2027"),
    ],
)
def test_the_journey_says_whose_turn_it_is(render: Any, status: str, words: str) -> None:
    page = render("{{ journey(it) }}", it=travelling(status))
    assert page.texts("p", class_="journey-said") == [words]
    assert page.texts("summary")[0].startswith("2 of 3 Application")
    assert [e.text.split()[0] for e in page.all("li", aria_current="step")] == ["Application", "Application"]
    assert page.texts("li", class_="step-done")[0] == "Theme , done 5 January 2027"
    assert "still to come" in page.texts("li", class_="step-ahead")[0]


def test_a_finished_journey_stands_at_its_last_step(render: Any) -> None:
    done = Travelling([Step("Theme", "done", DAY), Step("Visit", "done", DAY)])
    page = render("{{ journey(it) }}{{ journey_small(it) }}", it=done)
    assert page.all("p", class_="journey-said") == []
    assert page.texts("span", class_="dots-words") == ["2 of 2, visit"]


def test_the_small_journey_has_words_beside_its_dots(render: Any) -> None:
    page = render("{{ journey_small(it) }}", it=travelling("mine"))
    assert page.texts("span", class_="dots-words") == ["2 of 3, application (waits for you)"]
    assert [e.attributes["class"] for e in page.all("span", class_="dot")] == ["dot dot-done", "dot dot-mine", "dot dot-ahead"]


def test_no_journey_is_nothing(render: Any) -> None:
    assert render("{{ journey(it) }}{{ journey_small(it) }}", it=Travelling()).elements == []


# macros/lists.html, agreement.html, charts.html


def task(until: date | None) -> SimpleNamespace:
    return SimpleNamespace(
        title="Sign", subject_title="Agreement", who="with Braga", until=until, promise=None, url="/sign", label="Sign", journey=None
    )


@pytest.mark.parametrize(
    ("until", "tone", "looks"),
    [(DAY, "mine", "task-mine"), (date(2027, 2, 1), "mine", "task-late"), (None, "theirs", "task-theirs"), (None, "mine", "task-mine")],
)
def test_a_task_shows_how_urgent_it_is(render: Any, until: date | None, tone: str, looks: str) -> None:
    page = render("{{ task_row(task, tone) }}", task=task(until), tone=tone)
    assert page.one("li").attributes["class"] == f"task {looks}"
    assert page.texts("a", class_="btn") == (["Sign: Agreement"] if tone == "mine" else [])


def test_a_sorted_column_says_so(render: Any) -> None:
    page = render("<table><tr>{{ sort_header('Guest', '/?sort=guest', 'desc') }}{{ sort_header('State', '/') }}</tr></table>")
    assert [e.attributes.get("aria-sort") for e in page.all("th")] == ["descending", None]


def test_a_difference_can_be_heard(render: Any) -> None:
    page = render("{{ diff(parts) }}", parts=[("same", "We "), ("removed", "may"), ("added", "<will>")])
    assert page.texts("ins") == ["[added: <will>]"]
    assert page.texts("del") == ["[removed: may]"]


def test_a_stacked_bar_fills_its_width_and_has_its_table(render: Any) -> None:
    parts = [SimpleNamespace(label=label, value=Decimal(value), tone="plain") for label, value in (("Paid", "1"), ("Free", "2"))]
    page = render("{{ stacked_bar(parts, 'Budget', format='money') }}", parts=parts)
    widths = [float(e.attributes["width"]) for e in page.all("rect", class_="bar-plain") if e.attributes["width"] != "14"]
    assert sum(widths) == pytest.approx(1000, abs=0.2)
    assert page.texts("td") == ["€1.00", "€2.00", "€3.00"]
    assert page.one("svg", role="img").attributes["aria-label"] == "Budget"


def test_a_stacked_bar_of_nothing_is_empty(render: Any) -> None:
    page = render("{{ stacked_bar(parts, 'Budget') }}", parts=[SimpleNamespace(label="Paid", value=0, tone="done")])
    assert len(page.all("rect", class_="bar-done")) == 1  # the key in the table
