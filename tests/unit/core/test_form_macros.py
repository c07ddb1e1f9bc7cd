"""The macros of forms: labels, help, faults at the field and in the summary; nothing typed is lost or becomes markup."""

from typing import Any

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
    form = EveryField(MultiDict({"version": "1"}))
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
