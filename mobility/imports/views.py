"""The pages of moving in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.audit.operations import record_alone
from mobility.core.access import requires
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, GuardRefused, Refusal
from mobility.core.forms import create_once
from mobility.core.paging import page_number
from mobility.core.web import or_404, say
from mobility.documents.opendocument import ODS_TYPE
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE
from mobility.imports import blanks, operations, queries, steps
from mobility.imports.forms import EnterForm, HandInForm, MatchForm, StepForm, match_form
from mobility.imports.models import Import, Stage
from mobility.people.models import Organisation
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Programme
from mobility.spreadsheets.columns import Kind
from mobility.spreadsheets.letters import codec_in, readings
from mobility.themes import queries as themes
from mobility.uploads import answers as uploads
from mobility.uploads import files

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
importer = requires("administrator, owner of a programme, or coordinator", queries.may_import)
STEPS = (
    ("Handed in", (Stage.RECEIVED, Stage.UNREADABLE)),
    ("Columns matched", (Stage.READ,)),
    ("Checked", (Stage.CHECKING, Stage.CHECKED)),
    ("Imported", (Stage.ENTERING, Stage.ENTERED)),
    ("Invitations sent", (Stage.RELEASING, Stage.RELEASED)),
)


@blueprint.route("", methods=["GET", "POST"])
@importer
def index() -> Any:
    """What was handed in, the templates, and the form that takes a file."""
    form = HandInForm().offer(current_user, programmes.programmes_of(current_user, Role.OWNER), themes.hosts_of(current_user))
    if not form.validate_on_submit():
        return _index(form, 422 if form.is_submitted() else 200)
    content, name = form.file.data.read(), form.file.data.filename or "file"
    role = form.role
    programme = role if isinstance(role, Programme) else None
    organisation = role if isinstance(role, Organisation) else None

    def create() -> str:
        batch = operations.hand_in(by=current_user, name=name, content=content, programme=programme, organisation=organisation)
        return url_for(".show", id=batch.id)

    try:
        answer = create_once(form, create)
    except Refusal as refusal:
        form.refuse(refusal)
        return _index(form, refusal.status)
    _go_on(int(answer.location.rpartition("/")[2]))
    return answer


def _index(form: HandInForm, status: int) -> Any:
    page = queries.imports_of(current_user, page_number())
    return render_template("imports/index.html", page=page, form=form, kinds=_kinds(), labels=LABELS), status


def _kinds() -> list[Kind]:
    return queries.kinds_of(current_user)


def _go_on(id: int) -> None:
    """What takes well below a second is done at once; the rest by the job, and what the store did not give just now."""
    batch = queries.find(id, current_user)
    if batch is not None and batch.is_working and steps.is_quick(batch):
        try:
            steps.advance(id)
        except files.Unavailable:
            steps.note_waiting(id)
        except GuardRefused:  # another file, or an approval, was faster: the job looks at the cells again
            return


@blueprint.get("/template.<any('xlsx', 'ods'):suffix>")
@importer
def template(suffix: str) -> Any:
    make, type_ = {"xlsx": (blanks.template_xlsx, XLSX_TYPE), "ods": (blanks.template_ods, ODS_TYPE)}[suffix]
    return _blank(make(_kinds()), type_, f"import-template.{suffix}")


@blueprint.get("/<any('organisations', 'people', 'themes', 'exchanges'):kind>.csv")
@importer
def template_csv(kind: str) -> Any:
    found = or_404(next((each for each in _kinds() if each.key == kind), None))
    return _blank(blanks.template_csv(found), CSV_TYPE, f"{kind}.csv")


def _blank(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.get("/<int:id>")
@importer
def show(id: int) -> Any:
    return _page(_find(id))


@blueprint.get("/<int:id>/file")
@importer
def file(id: int) -> Any:
    """What was handed in, as it was."""
    batch = _find(id)
    key, name = batch.key, batch.name
    if not key:
        abort(404)
    record_alone("import_read", by=current_user, about=f"“{name}” (import {id})")
    return uploads.saved(key, "application/octet-stream", name)


@blueprint.route("/<int:id>/columns", methods=["GET", "POST"])
@importer
def columns(id: int) -> Any:
    """Which sheet holds what, and which of its columns is which."""
    batch = _find(id)
    if batch.stage not in (Stage.READ, Stage.CHECKED):
        return redirect(url_for(".show", id=id))
    offered = themes.programmes_with_open_call() if batch.organisation_id else programmes.all_programmes()
    form = match_form(batch, list(offered), _readings(batch))
    if not form.is_submitted():
        return _columns(batch, form, 200)
    if not form.validate():
        return _columns(batch, form, 422)
    if form.other_letters:
        return _done(id, lambda batch: _read_anew(batch, form), ".columns")
    if form.kinds() != [each["kind"] for each in batch.sheets]:
        kinds = form.kinds()
        return _done(id, lambda batch: operations.regard(batch, by=current_user, seen=form.seen_number, kinds=kinds), ".columns")
    if lacks := form.lacks():
        for problem in lacks:
            form.refuse(Refusal(problem.message, problem.field))
        return _columns(batch, form, 422)
    return _done(id, lambda batch: _match(batch, form))


def _readings(batch: Import) -> dict[str, str]:
    """The ways in which the letters of the file can be read, where it does not say so itself."""
    if not (now := codec_in(batch.read_as)):
        return {}
    try:
        return readings(files.store().read(batch.key), now)
    except files.Unavailable:
        return {}


def _read_anew(batch: Import, form: MatchForm) -> None:
    kinds, columns = form.kinds(), form.columns()
    operations.read_anew(batch, by=current_user, seen=form.seen_number, codec=form.other_letters, kinds=kinds, columns=columns)


def _match(batch: Import, form: MatchForm) -> None:
    chosen = form.programme_id.data if "programme_id" in form else None
    programme = programmes.find(chosen) if chosen else None
    operations.match(batch, by=current_user, seen=form.seen_number, columns=form.columns(), programme=programme)


def _columns(batch: Import, form: MatchForm, status: int) -> Any:
    return render_template("imports/columns.html", batch=batch, form=form, known=form.known), status


@blueprint.post("/<int:id>/enter")
@importer
@asked_again
def enter(id: int) -> Any:
    form = EnterForm()
    agreed = {name: bool(form[name].data) for name in ("although_alike", "although_different")}
    act = lambda batch: operations.enter(batch, by=current_user, seen=form.seen_number, **agreed)  # noqa: E731
    return _done(id, act)


@blueprint.post("/<int:id>/<any('release', 'undo', 'discard', 'retry'):act>")
@importer
@asked_again
def step(id: int, act: str) -> Any:
    form = StepForm()
    do = {
        "release": operations.release,
        "undo": operations.undo,
        "discard": operations.discard,
        "retry": operations.try_again,
    }[act]
    said = {"undo": "Undone. Nothing of this file is here any more.", "discard": "Discarded. Nothing was entered."}.get(act, "")
    return _done(id, lambda batch: do(batch, by=current_user, seen=form.seen_number), said=said)


def _done(id: int, act: Callable[[Import], None], to: str = ".show", said: str = "") -> Any:
    """One step, of the import as it was seen."""
    _find(id)
    try:
        with transaction():
            act(or_404(queries.find(id, current_user, for_update=True)))
            if said:
                say(said, "success")
    except EditConflict:
        return _page(
            _find(id), "This import has moved on since you opened the page, perhaps in another tab. Here is where it stands.", 409
        )
    except Refusal as refusal:
        return _page(_find(id), refusal.message, refusal.status)
    _go_on(id)
    return redirect(url_for(to, id=id), 303)


def _find(id: int) -> Import:
    return or_404(queries.find(id, current_user))


LABELS = {
    Stage.RECEIVED: "Being read",
    Stage.UNREADABLE: "Cannot be read",
    Stage.READ: "Columns to be matched",
    Stage.CHECKING: "Being checked",
    Stage.CHECKED: "Checked",
    Stage.ENTERING: "Being imported",
    Stage.ENTERED: "Imported, no mail sent yet",
    Stage.RELEASING: "Mails are going out",
    Stage.RELEASED: "Imported, and told",
    Stage.UNDONE: "Undone",
    Stage.DISCARDED: "Discarded",
}


def _page(batch: Import, problem: str = "", status: int = 200) -> Any:
    enter_form, step_form = EnterForm(formdata=None), StepForm(formdata=None)
    for each in (enter_form, step_form):
        each.open_with(batch.version)
    reasons = queries.rests_on(batch) if batch.stage == Stage.ENTERED else []
    here = next((at for at, (_, stages) in enumerate(STEPS) if batch.stage in stages), -1)
    page = render_template(
        "imports/show.html",
        batch=batch,
        report=batch.report,
        tally=queries.tally(batch),
        labels=LABELS,
        steps=[label for label, _ in STEPS],
        here=here,
        enter_form=enter_form,
        step_form=step_form,
        reasons=reasons,
        problem=problem,
        letters=codec_in(batch.read_as),
    )
    return page, status
