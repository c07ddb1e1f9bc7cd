"""The forms of imports."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional
from xlsxwriter.utility import xl_col_to_name

from mobility.core.errors import Problem
from mobility.core.fields import Wanted, choices
from mobility.core.forms import CreateForm, SeenForm
from mobility.imports.models import Import
from mobility.imports.queries import kinds_for
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.spreadsheets.cells import shown
from mobility.spreadsheets.columns import Column, Kind
from mobility.spreadsheets.letters import WRITTEN, codec_in
from mobility.spreadsheets.reading import MEGABYTE, MOST_BYTES, MOST_ROWS, WANTED

ALL_HERE, ALL_LABEL = "all", "This installation, as an administrator"
LEAVE_OUT = "Leave this sheet out"
NOT_IN_IT = "Not in this file"


class HandInForm(CreateForm):
    on_behalf_of = SelectField(
        "For", description="What the file may hold depends on it.", validators=[InputRequired("Choose for whom the file is.")]
    )
    file = FileField(
        "File",
        description=f"{WANTED} Up to {MOST_BYTES // MEGABYTE} MB and {MOST_ROWS:,} rows.",
        validators=[FileRequired("Choose a file.")],
        render_kw={"accept": ".xlsx,.ods,.csv,.txt"},
    )

    def offer(self, user: User, programmes: Iterable[Programme], organisations: Iterable[Organisation]) -> "HandInForm":
        """Administrators without a role of another kind need not say so."""
        self.roles: dict[str, Programme | Organisation | None] = {}
        self.roles |= {f"programme-{each.id}": each for each in programmes} | {f"host-{each.id}": each for each in organisations}
        if user.is_administrator:
            self.roles = {ALL_HERE: None, **self.roles}
        words = {Programme: "as its owner", Organisation: "as its coordinator"}
        labels = {key: f"{each.name}, {words[type(each)]}" if each else ALL_LABEL for key, each in self.roles.items()}
        self.on_behalf_of.choices = choices(labels, "" if len(labels) == 1 else "Choose one")
        if not self.is_submitted() and len(labels) == 1:
            self.on_behalf_of.data = next(iter(labels))
        if labels.keys() == {ALL_HERE}:
            del self.on_behalf_of
        return self

    @property
    def role(self) -> Programme | Organisation | None:
        return self.roles[self.on_behalf_of.data] if "on_behalf_of" in self else None


class MatchForm(SeenForm):
    """Of one import: `kind_0`, and for each column of that kind `field_0_name`: which column of the sheet."""

    programme_id = SelectField("Programme of the themes", coerce=lambda value: int(value or 0), validators=[Wanted()])

    letters = RadioField(
        "How its letters are read",
        description="The file does not say so. Choose where the names look right; the file itself stays as it is.",
        validators=[InputRequired("Choose one.")],
    )

    batch: Import
    known: dict[str, Kind]

    def kinds(self) -> list[str]:
        return [self[f"kind_{at}"].data or "" for at in range(len(self.batch.sheets))]

    def columns(self) -> list[dict[str, int]]:
        """Key -> index of the column, for each sheet."""
        return [
            {
                column.key: int(chosen)
                for column in (self.known[sheet["kind"]].columns if sheet["kind"] else ())
                if (chosen := self[f"field_{at}_{column.key}"].data)
            }
            for at, sheet in enumerate(self.batch.sheets)
        ]

    @property
    def other_letters(self) -> str:
        """The codec by which the file is to be read anew; empty: it stays as it is."""
        chosen = self.letters.data if "letters" in self else ""
        return "" if chosen == codec_in(self.batch.read_as) else chosen

    def lacks(self) -> list[Problem]:
        """What must be matched and is not."""
        found = [
            Problem(f"field_{at}_{column.key}", "This is needed. Choose the column that holds it, or add one to the file.")
            for at, sheet in enumerate(self.batch.sheets)
            for column in (self.known[sheet["kind"]].columns if sheet["kind"] else ())
            if column.needed and not self[f"field_{at}_{column.key}"].data
        ]
        if not any(sheet["kind"] for sheet in self.batch.sheets):
            found.append(Problem("kind_0", "Say what at least one sheet holds."))
        if "programme_id" in self and not self.programme_id.data:
            found.append(Problem("programme_id", "Choose the programme in which these themes are offered."))
        return found


def match_form(batch: Import, programmes: list[Programme], readings: Mapping[str, str]) -> MatchForm:
    """With a field for each sheet, and for each column that its kind can have. `readings`: ways to read its letters."""
    known = kinds_for(batch)
    fields: dict[str, Any] = {}
    for at, sheet in enumerate(batch.sheets):
        fields[f"kind_{at}"] = SelectField(
            "What this sheet holds",
            choices=choices({key: kind.label for key, kind in known.items()}, LEAVE_OUT),
            default=sheet["kind"],
        )
        for column in known[sheet["kind"]].columns if sheet["kind"] else ():
            fields[f"field_{at}_{column.key}"] = _column_field(column, sheet)
    form: MatchForm = type("MatchFormOfImport", (MatchForm,), fields)()
    form.batch, form.known = batch, known
    if len(readings) < 2:
        del form.letters
    else:
        form.letters.choices = choices({codec: f"{' ('.join(WRITTEN[codec])}): {sample}" for codec, sample in readings.items()})
        form.letters.data = form.letters.data or codec_in(batch.read_as)
    if batch.as_owner or not any(sheet["kind"] == "themes" for sheet in batch.sheets):
        del form.programme_id
    else:
        form.programme_id.choices = choices({each.id: each.name for each in programmes}, "Choose a programme")
        if not form.is_submitted():
            form.programme_id.data = batch.programme_id
    if not form.is_submitted():
        form.open_with(batch.version)
    return form


def _column_field(column: Column, sheet: dict[str, Any]) -> SelectField:
    """Says of each column of the sheet its letter, its heading, and what stands there first."""
    first = sheet["rows"][0][1] if sheet["rows"] else []
    offered = {}
    for at in range(max(len(sheet["header"]), len(first))):
        heading = sheet["header"][at] if at < len(sheet["header"]) else ""
        sample = shown(first[at])[:30] if at < len(first) else ""
        if heading or sample:
            offered[str(at)] = f"{xl_col_to_name(at)}: {heading[:40] or '(no heading)'}{f' – {sample}' if sample else ''}"
    at = sheet["columns"].get(column.key)
    return SelectField(
        column.label,
        description=column.help,
        choices=choices(offered, NOT_IN_IT),
        default="" if at is None else str(at),
        validators=[Wanted()] if column.needed else [Optional()],
    )


class StepForm(SeenForm):
    """A button for the import as it was seen."""


class EnterForm(SeenForm):
    although_alike = BooleanField("I have looked at these: they are other organisations")
    although_different = BooleanField("I have looked at these: they are right as the file has them")
