"""The pages of a review, for those who work with a programme's figures; and what everybody may read of it."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.audit.operations import record_alone
from mobility.core.access import public, signed_in
from mobility.core.database import in_one_moment, one_moment, transaction
from mobility.core.errors import Refusal
from mobility.core.numbers import whole_number
from mobility.core.paging import all_on_one, page_number, paged
from mobility.core.web import or_404
from mobility.documents.spreadsheets import as_csv
from mobility.findings.operations import want_anew
from mobility.lessons.queries import newest_lessons
from mobility.lists.pages import show_list
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call
from mobility.reviews import cases, exports, grids, operations, overview, queries
from mobility.reviews.competences import MEANS
from mobility.reviews.forms import PublishForm, WithdrawForm
from mobility.reviews.named import named
from mobility.reviews.offering import competences_of
from mobility.reviews.readings import of_rows
from mobility.reviews.sections import AT_A_GLANCE, SECTIONS, TABLES
from mobility.reviews.words import WHY, told

blueprint = Blueprint("reviews", __name__)
NO_CALL = {"call_id": None}
blueprint.add_app_template_global(told, "told_figure")
blueprint.add_app_template_global(grids.place_name, "place_name")
blueprint.add_app_template_global(grids.label, "grid_label")
blueprint.add_app_template_global(grids.short, "grid_short")


# The review


@blueprint.get("/programmes/<int:id>/review", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review")
@in_one_moment
@signed_in
def show(id: int, call_id: int | None) -> Any:
    """All figures of a call, or of the programme."""
    found = queries.find(id, call_id, current_user)
    return render_template(
        "reviews/show.html",
        found=found,
        programme=found.programme,
        readings=found.readings,
        sections=SECTIONS,
        glance=AT_A_GLANCE,
        grids=grids.of_review(found),
        calls=queries.calls(found.programme),
        lessons=newest_lessons(call_id) if call_id else None,
        owns=_owns(id),
    )


def _owns(id: int) -> bool:
    return Role.OWNER in current_user.roles_in_programme(id)


@blueprint.get("/programmes/<int:id>/review/cases/<key>", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review/cases/<key>")
@in_one_moment
@signed_in
def behind(id: int, call_id: int | None, key: str) -> Any:
    """What a figure rests on."""
    found = queries.find(id, call_id, current_user)
    behind = or_404(cases.behind(found, key, current_user))
    reading = found.readings.get(key)
    which = request.args.get("which", "")
    return render_template(
        "reviews/cases.html",
        found=found,
        programme=found.programme,
        key=key,
        behind=behind,
        which=which,
        page=behind.page(which, page_number()),
        reading=reading,
        title=reading.name if reading else grids.name_of(key),
    )


@blueprint.get("/programmes/<int:id>/review/cases/<key>/cases.csv", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review/cases/<key>/cases.csv")
@signed_in
def list_cases(id: int, call_id: int | None, key: str) -> Any:
    """The same as a file: of which exchange, voucher or application how much counts."""
    with one_moment():
        found = queries.find(id, call_id, current_user)
        behind = or_404(cases.behind(found, key, current_user))
        content, about, day = as_csv(cases.HEADER, behind.listed()), f"cases of “{behind.title}”, {found.name}", found.as_of
    record_alone("export_taken", by=current_user._get_current_object(), about=about, programme_id=id)
    return _file(content, "csv", f"cases-{key}-{call_id or 'all'}-{day}")


@blueprint.get("/programmes/<int:id>/review/compare")
@in_one_moment
@signed_in
def compare(id: int) -> Any:
    """Two calls side by side: those in the address, else the two newest."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    calls = queries.calls(programme)
    chosen = [_call(calls, "first", 1), _call(calls, "second", 0)]
    found = [queries.find(id, call.id, current_user) for call in chosen if call is not None]
    readings = [each.readings for each in found]
    return render_template(
        "reviews/compare.html", programme=programme, calls=calls, found=found, readings=readings, sections=SECTIONS
    )


def _call(calls: Any, name: str, place: int) -> Call | None:
    """The call that the address names, else that at this place, else the last."""
    wanted = whole_number(request.args.get(name))
    named = next((each for each in calls if each.id == wanted), None)
    return named or (calls[min(place, len(calls) - 1)] if calls else None)


@blueprint.get("/programmes/<int:id>/review/flow", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review/flow")
@in_one_moment
@signed_in
def flow(id: int, call_id: int | None) -> Any:
    """Who learns what from whom: the owner's alone, as cells of one exchange are shown."""
    found = queries.find(id, call_id, current_user, Role.OWNER)
    by_region = request.args.get("by") == "region"
    streams = found.review.flows(by_region)
    grid = grids.of_flows(streams)
    calls = queries.calls(found.programme)
    return render_template(
        "reviews/flow.html", found=found, programme=found.programme, flows=streams, grid=grid, by_region=by_region, calls=calls
    )


@blueprint.get("/programmes/<int:id>/review/competences")
@signed_in
def competences(id: int) -> Any:
    """Where themes, experts, providers and applications meet or miss; with a sector and a topic in the address, what is
    there, with a call what was asked for while it was open."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    calls = queries.calls(programme)
    call = next((each for each in calls if each.id == whole_number(request.args.get("call"))), None)
    found = competences_of(programme, call)
    place = request.args.get("sector", ""), request.args.get("topic", "")
    return render_template(
        "reviews/competences.html",
        programme=programme,
        calls=calls,
        call=call,
        found=found,
        means=MEANS,
        place=place,
        chosen=found.squares.get(place),
    )


# Publishing


@blueprint.route("/programmes/<int:id>/review/publish", methods=["GET", "POST"], defaults=NO_CALL)
@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/review/publish", methods=["GET", "POST"])
@signed_in
def publish(id: int, call_id: int | None) -> Any:
    """What would be public, and the button that makes it so."""
    programmes.find_as(id, current_user, Role.OWNER)
    form = PublishForm()
    if not (form.is_submitted() and form.validate()):
        return _publish_page(id, call_id, form)
    with one_moment():
        found = queries.find(id, call_id, current_user, Role.OWNER, whole=True)
    try:
        with transaction():
            snapshot = operations.publish(programmes.find(id), found, by=current_user, seen=form.seen_number)
            address = url_for(".snapshot", id=snapshot.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _publish_page(id, call_id, form, refusal.status)
    flash("Published. Everybody can read it now.", "success")
    return redirect(address, 303)


@in_one_moment
def _publish_page(id: int, call_id: int | None, form: PublishForm, status: int = 200) -> Any:
    found = queries.find(id, call_id, current_user, Role.OWNER, whole=True)
    earlier = queries.snapshots(found.programme.id)
    form.open_with(len(earlier))
    public = operations.preview(found, earlier)
    readings = of_rows(public.rows, found.forms)
    page = render_template(
        "reviews/publish.html",
        found=found,
        programme=found.programme,
        form=form,
        readings=readings,
        sections=SECTIONS,
        grids=grids.of_public(public.tables),
        earlier=earlier,
        why=[(words, [readings[key] for key, (_, each) in public.figures.items() if each is why]) for why, words in WHY.items()],
        left_out=[TABLES[key] for key, each in public.tables.items() if each.left_out],
    )
    return page, status


@blueprint.get("/programmes/<int:id>/published")
@signed_in
def published(id: int) -> Any:
    """All snapshots of a programme, also those that were withdrawn."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    page = all_on_one(queries.snapshots_listed(id))
    return show_list(
        queries.SNAPSHOTS.of(programme), page, "reviews/published.html", programme_id=id, programme=programme, owns=_owns(id)
    )


@blueprint.route("/programmes/<int:id>/published/<int:snapshot_id>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(id: int, snapshot_id: int) -> Any:
    programme = programmes.find_as(id, current_user, Role.OWNER)
    snapshot = queries.snapshot_of_owner(snapshot_id, id)
    form = WithdrawForm()
    if not (form.is_submitted() and form.validate()):
        form.open_with(snapshot.number)
        status = 422 if form.is_submitted() else 200
        return render_template("reviews/withdraw.html", programme=programme, snapshot=snapshot, form=form), status
    with transaction():
        operations.withdraw(queries.snapshot_of_owner(snapshot_id, id), by=current_user, reason=form.reason.data or "")
    flash("Withdrawn: nobody else can read it any more.", "success")
    return redirect(url_for(".published", id=id), 303)


# For everybody


@blueprint.get("/outcomes")
@public
def index() -> Any:
    """What programmes have published, the newest first."""
    programme_id = whole_number(request.args.get("programme"))
    page = paged(queries.public_snapshots(programme_id), page_number())
    return show_list(queries.PUBLISHED, page, "reviews/index.html", programme_id=programme_id)


@blueprint.get("/outcomes/<int:id>")
@public
def snapshot(id: int) -> Any:
    """One snapshot, as it was published. Of one that was withdrawn only that it was."""
    found = queries.find_snapshot(id)
    if found.is_withdrawn:
        return render_template("reviews/withdrawn.html", snapshot=found), 410
    return render_template(
        "reviews/snapshot.html",
        snapshot=found,
        readings=found.told,
        sections=SECTIONS,
        glance=AT_A_GLANCE,
        grids=grids.of_snapshot(found),
        named=named(found),
    )


# Anew


@blueprint.post("/programmes/<int:id>/review/anew")
@signed_in
def anew(id: int) -> Any:
    """A kept review is computed again now, instead of next night."""
    programmes.find_as(id, current_user, Role.OWNER)
    with transaction():
        want_anew(programmes.find(id), by=current_user)
    flash("The figures are being worked out anew. Look again in a minute.", "success")
    return redirect(url_for(".show", id=id, call_id=None), 303)


# Exports


@blueprint.get("/programmes/<int:id>/review.<any(xlsx,csv,pdf,zip):file>", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review.<any(xlsx,csv,pdf,zip):file>")
@signed_in
def export(id: int, call_id: int | None, file: str) -> Any:
    """All figures, with the rows that they can be worked out from again."""
    with one_moment():
        found = queries.find(id, call_id, current_user)
        content, day = exports.of_review(found, file), found.as_of
        about = f"the figures and their rows, {found.name}, as {file.upper()}"
    record_alone("export_taken", by=current_user._get_current_object(), about=about, programme_id=id)
    return _file(content, file, f"review-{id}-{call_id or 'all'}-{day}")


@blueprint.get("/outcomes/<int:id>.<any(xlsx,csv,pdf):file>")
@public
def public_export(id: int, file: str) -> Any:
    """From the snapshot only."""
    found = queries.find_snapshot(id)
    or_404(None if found.is_withdrawn else found)
    return _file(exports.of_snapshot(found, file), file, f"outcomes-{id}-{found.as_of}")


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=exports.TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


# The programme at a glance


@blueprint.get("/programmes/<int:id>/overview")
@signed_in
def glance(id: int) -> Any:
    """How many exchanges, with whom, for how much money, which promises were kept, what is late: as it is now."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    now = overview.of(programme, current_user)
    calls = queries.calls(programme)
    return render_template("reviews/overview.html", programme=programme, now=now, owns=_owns(id), calls=calls)


@blueprint.get("/programmes/<int:id>/late")
@signed_in
def late(id: int) -> Any:
    """Every promise that is open and overdue, the oldest first."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    page = overview.late(programme, current_user, page_number())
    return show_list(overview.LATE, page, "reviews/late.html", programme_id=id, programme=programme)
