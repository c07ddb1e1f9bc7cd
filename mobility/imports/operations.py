"""What changes an import: handed in, columns matched, entered, released, undone. What takes long is a step of `advance`."""

from hashlib import sha256
from typing import Any

from sqlalchemy import delete

from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, table_of
from mobility.core.errors import EditConflict, GuardRefused, NotAllowed, Refusal
from mobility.core.wording import format_instant
from mobility.documents.filetypes import clean_name
from mobility.imports import queries
from mobility.imports.models import Import, ImportedRow, Stage
from mobility.imports.rules import guess_columns
from mobility.movingin import operations as movingin
from mobility.people.interest import somebody_else
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme, Scheme
from mobility.spreadsheets import reading
from mobility.themes.models import HostingWindow, Theme
from mobility.uploads.operations import stored
from mobility.workflows.parts import Actor


def hand_in(
    *, by: User, name: str, content: bytes, programme: Programme | None = None, organisation: Organisation | None = None
) -> Import:
    """Keep a file: of an owner for a `programme`, of a coordinator for an `organisation`, else of an administrator.

    Raises Refusal at the field "file" for what is no spreadsheet, or was handed in before.
    """
    place = {"programme_id": programme.id if programme else None, "organisation_id": organisation.id if organisation else None}
    batch = Import(by_id=by.id, as_owner=programme is not None, **place)
    if not queries.may_go_on(by, batch):
        raise NotAllowed("Only an administrator, an owner for the own programme, or a coordinator for the host imports files.")
    unpacked = reading.looked_at(name, content)
    digest = sha256(content).hexdigest()
    if before := queries.handed_in_before(by, digest):
        when = format_instant(before.created_at)
        raise Refusal(f"You handed in this very file on {when}: import {before.id}. Go on there, or discard it first.", "file")
    batch.name, batch.key, batch.sha256, batch.size = clean_name(name), stored(content, name, "file"), digest, unpacked
    db.session.add(batch)
    db.session.flush()
    record_act("import_handed_in", batch, by)
    return batch


def regard(batch: Import, *, by: User, seen: int, kinds: list[str]) -> None:
    """Sheets are of other kinds than was thought: their columns are guessed anew."""
    _expect(batch, seen, Stage.READ, Stage.CHECKED)
    known = queries.kinds_for(batch)
    batch.sheets = [
        sheet
        if sheet["kind"] == kind
        else {**sheet, "kind": kind, "columns": guess_columns(known[kind], sheet["header"]) if kind else {}}
        for sheet, kind in zip(batch.sheets, kinds, strict=True)
    ]
    batch.go(Stage.READ)


def read_anew(batch: Import, *, by: User, seen: int, codec: str, kinds: list[str], columns: list[dict[str, int]]) -> None:
    """The letters of a CSV file were written otherwise than was thought. What was matched stays so."""
    _expect(batch, seen, Stage.READ, Stage.CHECKED)
    said = zip(batch.sheets, kinds, columns, strict=True)
    batch.sheets = [{**sheet, "kind": kind, "columns": chosen if kind == sheet["kind"] else {}} for sheet, kind, chosen in said]
    batch.read_as = codec
    batch.go(Stage.RECEIVED)


def match(batch: Import, *, by: User, seen: int, columns: list[dict[str, int]], programme: Programme | None = None) -> None:
    """Which column of each sheet is which: [{"name": 0}]. What is not matched is left out."""
    _expect(batch, seen, Stage.READ, Stage.CHECKED)
    batch.sheets = [{**sheet, "columns": chosen} for sheet, chosen in zip(batch.sheets, columns, strict=True)]
    if programme is not None and not batch.as_owner:
        batch.programme_id = programme.id
    batch.go(Stage.CHECKING)


def enter(batch: Import, *, by: User, seen: int, although_alike: bool, although_different: bool = False) -> None:
    """All of it, or nothing. Raises GuardRefused while a cell is wrong."""
    _expect(batch, seen, Stage.CHECKED)
    if batch.report["count_of_faults"]:
        raise GuardRefused("Correct the cells first, and hand in the file again: all of it is entered, or nothing.")
    if not sum(batch.report["counts"].values()):
        raise GuardRefused("There is nothing new in this file.")
    if batch.report["alike"] and not although_alike:
        raise Refusal("Look at the organisations that resemble others, and say that they are others.", "although_alike")
    if batch.report.get("warnings") and not although_different:
        raise Refusal("Look at what is to be taken over although it differs, and say that it is right.", "although_different")
    if batch.report["counts"].get("exchanges"):
        _ensure_four_eyes(batch, by)
    _press(batch, by)
    batch.go(Stage.ENTERING)


def _ensure_four_eyes(batch: Import, by: User) -> None:
    """As with a grant: an owner says so; where one assesses and another approves, not the one who has handed it in."""
    programme = batch.programme
    if Role.OWNER not in by.roles_in_programme(programme.id):
        raise GuardRefused(f"Exchanges bring money that is granted: an owner of {programme.name} enters them.")
    if programme.scheme == Scheme.FULL and by.id == batch.by_id:
        others = somebody_else(programme, [Actor.OWNER], lambda each: each.id == batch.by_id, "enter it")
        raise GuardRefused(f"You handed this file in, and {programme.name} wants four eyes on what it grants. {others}")


def release(batch: Import, *, by: User, seen: int) -> None:
    """The invitations go out, and hosts find their themes; from then on it is not undone as one."""
    _expect(batch, seen, Stage.ENTERED)
    batch.released_at = clock.utc_now()
    _press(batch, by)
    record_act("import_released", batch, by)
    batch.go(Stage.RELEASING)


def discard(batch: Import, *, by: User, seen: int) -> None:
    """Nothing of it was entered, and nothing will be."""
    _expect(batch, seen, Stage.READ, Stage.CHECKED, Stage.UNREADABLE)
    _end(batch, Stage.DISCARDED)


def undo(batch: Import, *, by: User, seen: int) -> None:
    """What it made is gone again. Raises GuardRefused, saying what stands against it."""
    _expect(batch, seen, Stage.ENTERED)
    if reasons := queries.rests_on(batch):
        raise GuardRefused(f"This import cannot be undone any more. {'; '.join(reasons)}.")
    exchanges = [each.made_id for each in queries.made(batch, "exchanges")]
    movingin.move_out(exchanges, by=by, note=f"Undone by {by.acting_name}: it came with “{batch.name}” by mistake.")
    themes_made, people, organisations = (
        [each.made_id for each in queries.made(batch, kind)] for kind in ("themes", "people", "organisations")
    )
    record_act("import_undone", batch, by)
    _delete(ImportedRow.import_id, [batch.id])
    _delete(HostingWindow.theme_id, themes_made)
    _delete(Theme.id, themes_made)
    _delete(User.id, people)
    _delete(Organisation.id, organisations)
    _end(batch, Stage.UNDONE)


def try_again(batch: Import, *, by: User, seen: int) -> None:
    """What was given up goes on where it stopped."""
    _expect(batch, seen, Stage.UNREADABLE)
    if not batch.was_given_up:
        raise GuardRefused("This file cannot be read as it is. Correct it, and hand in the new one.")
    batch.problem = ""
    batch.go(Stage.CHECKING if batch.sheets and not batch.codec else Stage.RECEIVED)


def _delete(column: Any, ids: list[int]) -> None:
    for chunk in queries.chunks(ids):
        db.session.execute(delete(table_of(column.class_)).where(column.in_(chunk)))


def _press(batch: Import, by: User) -> None:
    """Whoever says so answers for it, also if somebody else has handed the file in."""
    batch.report = {**batch.report, "pressed_by": by.id, "pressed_as": by.acting_name}


def _end(batch: Import, stage: Stage) -> None:
    """What was read of it is forgotten; the file goes with the next sweep, as no row names it."""
    batch.sheets, batch.report, batch.key, batch.ended_at = [], {}, "", clock.utc_now()
    batch.go(stage)


def _expect(batch: Import, seen: int, *stages: Stage) -> None:
    if seen != batch.version or batch.stage not in stages:
        raise EditConflict(batch)


def record_act(act: str, batch: Import, by: User, **counts: int) -> None:
    about = f"“{batch.name}” (import {batch.id})"
    record(act, by=by, about=about, programme_id=batch.programme_id, after={"sha256": batch.sha256[:16], **counts})
