"""The macros that pages are made of: what they say, and what they leave out."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core.paging import Page
from mobility.workflows.table import State, Transition
from mobility.workflows.workflow import Actor, Workflow

TODAY, DAY = date(2027, 3, 1), date(2027, 3, 3)
WORKFLOW = Workflow(
    name="parcel",
    label="parcel",
    states=(State("open", "Open"), State("sent", "Sent", "done"), State("lost", "Lost", "stopped")),
    transitions=(
        Transition("send", from_={"open"}, to="sent", by=Actor.HOST, button="Send it", past="Sent", past_by_system="Left"),
        Transition("report", from_={"sent"}, to="lost", by=Actor.HOST, button="Report it", past="Loss reported"),
    ),
    parts=(),
)


class Shown(SimpleNamespace):
    """An object with a workflow, as pages know it."""

    def state_label(self, state: str = "") -> str:
        return WORKFLOW.state(state or self.state).label


# macros/ui.html


@pytest.mark.parametrize(
    ("state", "mine", "looks", "word"),
    [
        ("open", False, "theirs", "Open"),
        ("open", True, "mine", "Open"),
        ("sent", True, "done", "Sent"),
        ("lost", False, "stopped", "Lost"),
    ],
)
def test_a_state_is_a_word_an_icon_and_a_colour(render: Any, state: str, mine: bool, looks: str, word: str) -> None:
    page = render("{{ state_badge(it) }}", it=Shown(state=state, workflow=WORKFLOW, mine=mine))
    assert page.texts("span") == [word]
    assert page.one("span").attributes["class"] == f"state state-{looks}"
    assert len(page.all("svg", aria_hidden="true")) == 1


def test_a_deadline_says_when_and_how_soon(render: Any) -> None:
    page = render("{{ deadline(day, today, '2 days to answer') }}", day=DAY, today=TODAY)
    assert page.texts("span", class_="deadline") == ["by 3 March 2027, in 2 days"]
    assert page.one("time").attributes["datetime"] == "2027-03-03"
    assert page.texts("span", class_="promise") == ["Promise: 2 days to answer"]
    late = render("{{ deadline(day, today) }}", day=date(2027, 2, 27), today=TODAY)
    assert late.texts("span", class_="deadline-late") == ["by 27 February 2027, 2 days late"]


def test_no_deadline_is_nothing(render: Any) -> None:
    assert render("{{ deadline(none, none) }}").elements == []


def test_an_amount_shows_its_lines(render: Any) -> None:
    line = SimpleNamespace(label="Days", hint=None, quantity=5, unit="days", unit_amount=Decimal(88), amount=Decimal(440))
    page = render("{{ amount_lines([line], total, 'EUR') }}", line=line, total=Decimal(440))
    assert page.texts("td") == ["5 days", "€88.00", "€440.00", "€440.00"]
    assert page.texts("th", scope="row") == ["Days", "Total"]


@pytest.mark.parametrize(("value", "shown"), [(None, []), ("", []), (0, ["0"]), ("<b>", ["<b>"])])
def test_a_definition_without_a_value_is_left_out(render: Any, value: Any, shown: list[str]) -> None:
    assert render("{{ definition('Term', value) }}", value=value).texts("dd") == shown


def test_history_tells_who_did_what_as_what(render: Any) -> None:
    def entry(name: str | None, acted_as: str, action: str, states: tuple[str, str], note: str = "") -> SimpleNamespace:
        return SimpleNamespace(
            actor_id=1 if name else None,
            actor_name=name or "Mobility",
            acted_as=acted_as,
            action=action,
            from_state=states[0],
            to_state=states[1],
            note=note,
            at=datetime(2027, 3, 1, 8, tzinfo=UTC),
        )

    act = entry("Ana", "host", "send", ("open", "sent"), "<i>Go")
    lost = entry("Ana", "host", "report", ("sent", "lost"))
    by_system = entry(None, "system", "send", ("open", "sent"))
    unknown = entry(None, "system", "tidied_up", ("sent", "sent"))
    subject = Shown(workflow=WORKFLOW, history=lambda: [act, lost, by_system, unknown])
    page = render("{{ history(it) }}", it=subject)
    # the new state only where it says more than the act
    assert page.texts("p", class_="timeline-what") == ["Sent", "Loss reported lost", "Left sent", "Tidied up"]
    assert page.texts("p", class_="timeline-who") == [
        "by Ana, as host, 1 March 2027, 09:00, Brussels time",
        "by Ana, as host, 1 March 2027, 09:00, Brussels time",
        "by Mobility, automatically, 1 March 2027, 09:00, Brussels time",
        "by Mobility, automatically, 1 March 2027, 09:00, Brussels time",
    ]
    assert page.texts("blockquote") == ["<i>Go"]
    assert page.all("i") == []
    assert [e.text for e in render("{{ history(acts, w) }}", acts=[act], w=WORKFLOW).all("strong")] == ["Sent"]
    line = render("<p>{{ act(w, one) }}</p>", w=WORKFLOW, one=by_system)
    assert line.texts("p") == ["Left by Mobility, automatically, 1 March 2027, 09:00, Brussels time"]


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


@pytest.mark.parametrize(("tone", "role"), [("success", "status"), ("warning", "status"), ("error", "alert")])
def test_only_a_notice_of_a_failure_interrupts(render: Any, tone: str, role: str) -> None:
    assert render("{{ notice(tone, 'x') }}", tone=tone).elements[0].attributes["role"] == role


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


# macros/journey.html


@dataclass
class Step:
    label: str
    status: str = "ahead"
    when: date | None = None
    who: str = ""
    until: date | None = None
    today: date | None = None
    url: str | None = None
    ended: str = "Stopped"


@dataclass
class Travelling:
    journey: list[Step] = field(default_factory=list)


def travelling(status: str) -> Travelling:
    return Travelling([
        Step("Theme", "done", date(2027, 1, 5), url="/themes/1"),
        Step("Application", status, date(2027, 2, 1), "the host", DAY, TODAY, "/applications/1"),
        Step("Match"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("mine", "Application Your turn, by 3 March 2027, in 2 days"),
        ("theirs", "Application Waiting for the host, by 3 March 2027, in 2 days"),
        ("stopped", "Application Stopped on 1 February 2027"),
    ],
)
def test_the_journey_says_whose_turn_it_is(render: Any, status: str, words: str) -> None:
    page = render("{{ journey(it) }}", it=travelling(status))
    assert page.texts("p", class_="journey-said") == [words]
    assert page.texts("summary")[0].startswith("Step 2 of 3: Application")
    assert [e.text.split()[0] for e in page.all("li", aria_current="step")] == ["Application", "Application"]
    assert page.texts("li", class_="step-done")[0] == "Theme , done 5 January 2027"
    assert "still to come" in page.texts("li", class_="step-ahead")[0]


@pytest.mark.parametrize(
    ("status", "url", "ways"),
    [
        ("mine", "/vouchers/7", ["Go to the report"]),
        ("theirs", "/vouchers/7", []),
        ("mine", "/exchanges/7", []),  # here it is done
        ("mine", "/exchanges", []),
        ("mine", "/exchanges/77", ["Go to the report"]),
        ("mine", None, []),
    ],
)
def test_the_journey_leads_to_where_it_is_my_turn(render: Any, status: str, url: str | None, ways: list[str]) -> None:
    page = render("{{ journey(it) }}", it=Travelling([Step("Theme", "done"), Step("Report", status, url=url)]))
    assert page.texts("p", class_="journey-go") == ways
    assert [each.attributes["href"] for each in page.all("a")] == [url] * len(ways)


def test_a_finished_journey_stands_at_its_last_step(render: Any) -> None:
    done = Travelling([Step("Theme", "done", DAY), Step("Visit", "done", DAY)])
    page = render("{{ journey(it) }}{{ journey_small(it) }}", it=done)
    assert page.all("p", class_="journey-said") == []
    assert page.texts("span", class_="dots-words") == ["Step 2 of 2: visit"]


def test_what_stopped_on_the_way_is_not_where_it_stands(render: Any) -> None:
    """Nobody reported, and yet a story was told: the story is where it stands, and the report says what became of it."""
    told = Travelling([Step("Visit", "done", DAY), Step("Report", "stopped", ended="Not sent in time"), Step("Story", "done")])
    page = render("{{ journey(it) }}{{ journey_small(it) }}", it=told)
    assert page.texts("span", class_="dots-words") == ["Step 3 of 3: story"]
    assert "Not sent in time" in page.texts("li", class_="step-stopped")[0]


def test_the_small_journey_has_words_beside_its_dots(render: Any) -> None:
    page = render("{{ journey_small(it) }}", it=travelling("mine"))
    assert page.texts("span", class_="dots-words") == ["Step 2 of 3: application (waiting for you)"]
    assert [e.attributes["class"] for e in page.all("span", class_="dot")] == ["dot dot-done", "dot dot-mine", "dot dot-ahead"]


def test_no_journey_is_nothing(render: Any) -> None:
    assert render("{{ journey(it) }}{{ journey_small(it) }}", it=Travelling()).elements == []


# macros/lists.html, agreement.html, charts.html


def task(until: date | None) -> SimpleNamespace:
    return SimpleNamespace(
        title="Sign",
        subject_title="Agreement",
        who="with Braga",
        until=until,
        today=TODAY,
        promise=None,
        url="/sign",
        label="Sign",
        journey=None,
    )


@pytest.mark.parametrize(
    ("until", "tone", "looks"),
    [
        (DAY, "mine", "task-mine"),
        (date(2027, 2, 1), "mine", "task-late"),
        (None, "theirs", "task-theirs"),
        (None, "mine", "task-mine"),
    ],
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
    page = render("{{ stacked_bar(parts, 'Budget', currency='EUR') }}", parts=parts)
    widths = [float(e.attributes["width"]) for e in page.all("rect", class_="bar-plain") if e.attributes["width"] != "14"]
    assert sum(widths) == pytest.approx(1000, abs=0.2)
    assert page.texts("td") == ["€1.00", "€2.00", "€3.00"]
    assert page.one("svg", role="img").attributes["aria-label"] == "Budget"


def test_a_stacked_bar_of_nothing_is_empty(render: Any) -> None:
    page = render("{{ stacked_bar(parts, 'Budget') }}", parts=[SimpleNamespace(label="Paid", value=0, tone="done")])
    assert len(page.all("rect", class_="bar-done")) == 1  # the key in the table
