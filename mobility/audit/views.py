"""The audit log's page, for auditors and administrators, and what they take away of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.audit import queries
from mobility.audit.acts import GROUPS, LABELS
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record_alone
from mobility.audit.queries import AuditFilter
from mobility.audit.rules import changes_of
from mobility.core.access import requires
from mobility.core.errors import Refusal
from mobility.core.numbers import whole_number
from mobility.core.paging import page_number
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from mobility.workflows.searching import search_problems, searched_text

blueprint = Blueprint("audit", __name__)

HEADER = ("Number", "When (UTC)", "Who", "Act", "About", "Programme", "From network", "Changes", "Hash")
EARLIEST, LATEST = date(1900, 1, 1), date(9998, 12, 31)
reader = requires("administrator or auditor", queries.may_read)


@blueprint.get("/audit")
@reader
def index() -> ResponseReturnValue:
    return _page(_wanted())


@blueprint.get("/audit.<any(csv,xlsx):kind>")
@reader
def export(kind: str) -> ResponseReturnValue:
    """What the filters find; that it was taken is an entry, too."""
    wanted = _wanted()
    if wanted.problems:
        return _page(wanted, 422)
    try:
        rows = list(_rows(wanted))
    except Refusal as refusal:
        return _page(wanted, refusal.status, refusal.message)
    content = as_csv(HEADER, rows) if kind == "csv" else as_xlsx("Audit log", HEADER, rows)
    about = f"{len(rows)} entries as {kind.upper()}"
    record_alone("audit_exported", by=current_user, about=about, programme_id=_programme(wanted), after=_address(wanted))
    headers = {"Content-Disposition": f'attachment; filename="audit-log.{kind}"', "Cache-Control": "no-store"}
    return Response(content, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE, headers=headers)


def _programme(wanted: AuditFilter) -> int | None:
    """Whose other auditors are to see that a file was taken; an administrator's file of everything is no programme's."""
    return wanted.programme or next(iter([] if current_user.is_administrator else queries.programmes(current_user)), None)


def _rows(wanted: AuditFilter) -> Iterator[tuple[Any, ...]]:
    programmes = queries.programmes(current_user)
    for each in queries.to_export(current_user, wanted):
        changes = "; ".join(f"{one.name}: {one.before} → {one.after}" for one in changes_of(each.before, each.after))
        programme = programmes.get(each.programme_id or 0, "")
        when = each.at.strftime("%Y-%m-%d %H:%M:%S")
        yield each.id, when, each.by_name, LABELS[each.act], each.about, programme, each.network, changes, each.hash


def _page(wanted: AuditFilter, status: int = 200, problem: str = "") -> ResponseReturnValue:
    kept = _address(wanted)
    page = render_template(
        "audit/index.html",
        page=queries.entries(current_user, wanted, page_number()),
        wanted=wanted,
        kept=kept,
        files=[(kind, url_for(".export", kind=kind, **kept)) for kind in ("csv", "xlsx")],
        programmes=queries.programmes(current_user),
        groups=GROUPS,
        labels=LABELS,
        changes_of=_changes_of,
        problem=problem,
    )
    return page, 422 if wanted.problems else status


def _changes_of(entry: AuditEntry) -> Any:
    return changes_of(entry.before, entry.after)


def _wanted() -> AuditFilter:
    """The filters of the address; an act or a programme there is none of is no filter, a day that is none gets a sentence."""
    act = request.args.get("act", "")
    problems: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("first", "last"):
        try:
            days[name] = _day(typed) if (typed := request.args.get(name, "").strip()) else None
        except ValueError:
            problems[name] = "Write the day like 2027-03-01."
    first, last = days.get("first"), days.get("last")
    if first and last and last < first:
        problems["last"] = "The last day cannot be before the first."
    who, about = searched_text("who"), searched_text("about")
    return AuditFilter(
        who=who,
        act=act if queries.is_act(act) else "",
        about=about,
        programme=whole_number(request.args.get("programme")),
        first=first,
        last=last,
        problems=problems | search_problems(),
    )


def _day(typed: str) -> date:
    """Raises ValueError; also of one so far away that its beginning in another timezone, or the day after, is none."""
    if not EARLIEST <= (day := date.fromisoformat(typed)) <= LATEST:
        raise ValueError
    return day


def _address(wanted: AuditFilter) -> dict[str, Any]:
    return {name: value for name, value in vars(wanted).items() if value and name != "problems"}
