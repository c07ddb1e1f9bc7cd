"""What an import does by itself: read, checked, entered, released. Each step is a transaction of its own, by whoever handed the
file in, or by the job."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import insert

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.core.names import name_key
from mobility.core.wording import format_instant
from mobility.imports import checking, messages, queries
from mobility.imports.models import MOST_TRIES, Import, ImportedRow, Stage
from mobility.imports.operations import record_act
from mobility.imports.rules import Plan, guess_columns, guess_kind
from mobility.movingin import operations as movingin
from mobility.movingin.rules import note_of
from mobility.people.models import Organisation, User
from mobility.people.operations import create_organisation
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.spreadsheets import reading
from mobility.spreadsheets.columns import Row
from mobility.teams.operations import invite_known
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.uploads import files

AT_ONCE = 40  # invitations of one step: others write in between
SMALL = 150  # rows that are checked and entered while somebody waits
FEW_EXCHANGES = 15  # the same: each writes much more
GAVE_UP = "Something went wrong here. The file is kept; the administrator finds the reason in the log."
AWAY = "The place where files are kept does not answer just now. Yours is safe there; we go on by ourselves as soon as it does."


def is_quick(batch: Import) -> bool:
    """Whether the next step takes well below a second, so that nobody need wait for the job."""
    if batch.stage == Stage.RECEIVED:
        return batch.size <= reading.SMALL
    if batch.stage == Stage.ENTERING and batch.report["counts"].get("exchanges", 0) > FEW_EXCHANGES:
        return False
    return batch.stage != Stage.RELEASING and sum(len(each["rows"]) for each in batch.sheets) <= SMALL


def advance(id: int) -> int:
    """The next step of an import that is at work; how many were done."""
    with transaction():
        batch = queries.locked(id)
        if batch is None:
            return 0
        if batch.stage == Stage.RECEIVED:
            stage, key, name, codec = batch.stage, batch.key, batch.name, batch.codec
        else:
            STEPS[Stage(batch.stage)](batch)
            return 1
    return _read(id, stage, key, name, codec)


def note_failure(id: int) -> None:
    """What fails again and again is given up."""
    with transaction():
        batch = queries.locked(id)
        if batch is not None:
            batch.tries += 1
            if batch.tries >= MOST_TRIES:
                batch.problem = GAVE_UP
                batch.go(Stage.ENTERED if batch.stage == Stage.RELEASING else Stage.UNREADABLE)
                batch.tries = MOST_TRIES


def note_waiting(id: int) -> None:
    """The store does not answer: nothing is lost, so it is asked again until it does."""
    with transaction():
        batch = queries.locked(id)
        if batch is not None:
            batch.problem = AWAY


def _read(id: int, stage: str, key: str, name: str, codec: str) -> int:
    """Outside a transaction: it may take seconds. `codec`: somebody has chosen how its letters are read."""
    content, problem, book = files.store().read(key), "", None
    try:
        book = reading.read(name, content, codec)
    except Refusal as refusal:
        problem = refusal.message
    with transaction():
        batch = queries.locked(id)
        if batch is None or batch.stage != stage:
            return 0
        batch.problem = problem
        if book is None:
            batch.go(Stage.UNREADABLE)
            return 1
        known = queries.kinds_for(batch)
        before = batch.sheets or [{}] * len(book.sheets)
        sheets = [_described(each, known) | _matched(each, was, known) for each, was in zip(book.sheets, before, strict=True)]
        batch.read_as, batch.sheets = book.read_as, sheets
        batch.go(Stage.READ)
    return 1


def _described(sheet: reading.Sheet, known: Mapping[str, Any]) -> dict[str, Any]:
    """A sheet with a first guess of what is in it. Hidden ones are left out unless somebody asks for them."""
    kind = "" if sheet.hidden or not sheet.rows else guess_kind(sheet.name, sheet.header, known)
    columns = guess_columns(known[kind], sheet.header) if kind else {}
    about = {"name": sheet.name, "hidden": sheet.hidden, "header_row": sheet.header_row, "header": sheet.header}
    return {**about, "rows": [[number, cells] for number, cells in sheet.rows], "kind": kind, "columns": columns}


def _matched(sheet: reading.Sheet, was: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody had said of a sheet before its letters were read anew; a heading that can be read now may tell more."""
    if not was:
        return {}
    kind = was["kind"]
    return {"kind": kind, "columns": {**guess_columns(known[kind], sheet.header), **was["columns"]} if kind else {}}


def _check(batch: Import) -> None:
    batch.report = checking.check(batch).report()
    batch.go(Stage.CHECKED)


def _enter(batch: Import) -> None:
    """Checked anew: whatever somebody has done meanwhile makes it a report again, and nothing is entered."""
    by = _in_whose_name(batch)
    if by is None:
        return _stop(batch, Stage.CHECKED)
    if batch.programme_id and batch.report["counts"].get("exchanges"):
        programmes.lock(batch.programme_id)  # two files with one payment come one after the other
    plan = checking.check(batch)
    if plan.count_of_faults:
        batch.report = plan.report()
        batch.problem = "Something has changed since this file was checked. Nothing was entered."
        return batch.go(Stage.CHECKED)
    batch.entered_at, batch.problem = clock.utc_now(), ""
    organisations = _add_organisations(batch, plan)
    people = _add_people(batch, plan)
    _add_roles(batch, plan, organisations, people)
    _add_themes(batch, plan, organisations)
    _add_exchanges(batch, plan, by)
    batch.report = {**plan.report(), "faults": []}
    record_act("import_entered", batch, by, **batch.report["counts"])
    return batch.go(Stage.ENTERED)


def _add_organisations(batch: Import, plan: Plan) -> dict[str, int]:
    """Name key -> id, of all there are."""
    known = {key: each.id for key, each in queries.known_organisations().items()}
    rows = []
    for row in plan.organisations:
        made = create_organisation(**{"region": "", **row.facts})
        known[made.name_key] = made.id
        rows.append(_row(batch, "organisations", made.id, row))
    _add_rows(rows)
    return known


def _add_people(batch: Import, plan: Plan) -> dict[str, int]:
    """Address -> id. Accounts without a password: nobody can sign in before the invitation is out."""
    rows = []
    people = [
        (row, User(email=email, name=row.facts["name"], level=row.facts.get("level"))) for email, row in plan.people.items()
    ]
    db.session.add_all([user for _, user in people])
    db.session.flush()
    known = {user.email: user.id for _, user in people}
    rows = [_row(batch, "people", user.id, row) for row, user in people]
    _add_rows(rows)
    return known


def _add_roles(batch: Import, plan: Plan, organisations: Mapping[str, int], people: Mapping[str, int]) -> None:
    accounts = queries.known_accounts({email for _, email, *_ in plan.roles})
    rows = []
    for row, email, key, programme_id, role in plan.roles:
        place = {"organisation_id": organisations[key] if key else None, "programme_id": programme_id, "role": role}
        rows.append({**_row(batch, "roles", people.get(email) or accounts[email].id, row), **place})
    _add_rows(rows)


TEXTS = ("title", "summary", "learning_offered", "benefit_wanted", "practical", "levels", "sectors", "topics", "languages")


def _add_themes(batch: Import, plan: Plan, organisations: Mapping[str, int]) -> None:
    rows = []
    for row in plan.themes:
        host = db.session.get_one(Organisation, organisations[name_key(row.facts["host"])])
        window = {name: row.facts.get(name) for name in ("first_day", "last_day", "apply_by")}
        numbers = {name: row.facts[name] for name in ("minimum_days", "maximum_days", "places")}
        said = {name: row.facts[name] for name in TEXTS if name in row.facts}
        made = themes.enter(host=host, programme=batch.programme, **said, **numbers, windows=[window])
        db.session.flush()
        rows.append({**_row(batch, "themes", made.id, row), "seen_version": made.version})
    _add_rows(rows)


def _add_exchanges(batch: Import, plan: Plan, by: User) -> None:
    if not plan.exchanges:
        return
    said_by, when = batch.report.get("pressed_as", by.name), format_instant(batch.entered_at)
    notes = [note_of(each, batch.name, said_by, when) for each in plan.exchanges]
    made = movingin.move_in(batch.programme, plan.exchanges, by=by, file=batch.name, notes=notes)
    of = {"import_id": batch.id, "kind": "exchanges"}
    pairs = zip(plan.exchanges, made, strict=True)
    _add_rows([{**of, "made_id": one.id, "sheet": each.sheet, "row": each.row} for each, one in pairs])


def _row(batch: Import, kind: str, made_id: int, row: Row) -> dict[str, Any]:
    return {"import_id": batch.id, "kind": kind, "made_id": made_id, "sheet": row.sheet, "row": row.number}


def _add_rows(rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(ImportedRow), rows)


def _release(batch: Import) -> None:
    """Themes first, at once; then so many invitations, until none is left."""
    by = _in_whose_name(batch)
    if by is None:
        return _stop(batch, Stage.ENTERED)
    _hand_over_all(batch, by)
    _tell_of_exchanges(batch, by)
    waiting = queries.roles_to_offer(batch, AT_ONCE)
    people = queries.users([each.made_id for each in waiting])
    for each in waiting:
        place = {"organisation": db.session.get(Organisation, each.organisation_id) if each.organisation_id else None}
        programme = db.session.get(Programme, each.programme_id) if each.programme_id else None
        invite_known(people[each.made_id], by=by, **place, programme=programme, role=each.role)
        each.done = True
    if len(waiting) < AT_ONCE:
        batch.problem = ""
        batch.go(Stage.RELEASED)
    return None


def _tell_of_exchanges(batch: Import, by: User) -> None:
    waiting = [each for each in queries.made(batch, "exchanges") if not each.done]
    movingin.tell([each.made_id for each in waiting], by)
    for each in waiting:
        each.done = True


def _hand_over_all(batch: Import, by: User) -> None:
    """Each host hears of all its drafts in one mail."""
    by_host: dict[int, list[Theme]] = defaultdict(list)
    for each in queries.made(batch, "themes"):
        if not each.done and (theme := _hand_over(batch, each, by)):
            by_host[theme.host_id].append(theme)
    for handed_over in by_host.values():
        messages.themes_moved_in(handed_over, by)


def _hand_over(batch: Import, made: ImportedRow, by: User) -> Theme | None:
    theme = db.session.get(Theme, made.made_id)
    made.done = True
    if theme is not None:
        when = format_instant(batch.entered_at)
        themes.hand_over(theme, by=by, note=f"Imported by {by.name} on {when}, from “{batch.name}”, row {made.row}.")
    return theme


def _in_whose_name(batch: Import) -> User | None:
    """Nobody, if they may not import any more."""
    person = db.session.get_one(User, batch.report.get("pressed_by", batch.by_id))
    return person if person.active and (person.is_administrator or queries.may_go_on(person, batch)) else None


def _stop(batch: Import, stage: Stage) -> None:
    batch.problem = "Whoever said so may not import any more, so it stopped here. Somebody who may has to say it anew."
    batch.go(stage)


STEPS: dict[Stage, Callable[[Import], None]] = {Stage.CHECKING: _check, Stage.ENTERING: _enter, Stage.RELEASING: _release}
