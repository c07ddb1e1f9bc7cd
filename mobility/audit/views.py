"""The audit log's page, for auditors and administrators, and what they take away of it."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.audit import queries
from mobility.audit.acts import GROUPS, LABELS
from mobility.audit.filters import address_of, asked
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record_alone
from mobility.audit.queries import AuditFilter
from mobility.audit.rules import changes_of
from mobility.core.access import requires, whoever_is_signed_in
from mobility.core.errors import Refusal
from mobility.core.paging import page_number
from mobility.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx

blueprint = Blueprint("audit", __name__)

HEADER = ("Number", "When (UTC)", "Who", "Act", "About", "Programme", "From network", "Changes", "Hash")
reader = requires("administrator or auditor", queries.may_read)


@blueprint.get("/audit")
@reader
def index() -> ResponseReturnValue:
    return _page(asked(request.args))


@blueprint.get("/audit.<any(csv,xlsx):kind>")
@reader
def export(kind: str) -> ResponseReturnValue:
    """What the filters find; that it was taken is an entry, too."""
    wanted = asked(request.args)
    if wanted.problems:
        return _page(wanted, 422)
    try:
        rows = list(_rows(wanted))
    except Refusal as refusal:
        return _page(wanted, refusal.status, refusal.message)
    content = as_csv(HEADER, rows) if kind == "csv" else as_xlsx("Audit log", HEADER, rows)
    about = f"{len(rows)} entries as {kind.upper()}"
    me = whoever_is_signed_in()
    programme = queries.programme_of(me, wanted, queries.programmes(me))
    record_alone("audit_exported", by=me, about=about, programme_id=programme, after=address_of(wanted))
    headers = {"Content-Disposition": f'attachment; filename="audit-log.{kind}"', "Cache-Control": "no-store"}
    return Response(content, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE, headers=headers)


def _rows(wanted: AuditFilter) -> Iterator[tuple[Any, ...]]:
    programmes = queries.programmes(current_user)
    for each in queries.to_export(current_user, wanted):
        changes = "; ".join(f"{one.name}: {one.before} → {one.after}" for one in changes_of(each.before, each.after))
        programme = programmes.get(each.programme_id or 0, "")
        when = each.at.strftime("%Y-%m-%d %H:%M:%S")
        yield each.id, when, each.by_name, LABELS[each.act], each.about, programme, each.network, changes, each.hash


def _page(wanted: AuditFilter, status: int = 200, problem: str = "") -> ResponseReturnValue:
    kept = address_of(wanted)
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
