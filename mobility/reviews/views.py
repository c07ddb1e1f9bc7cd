"""The pages of a review, for those who work with a programme's figures; and what everybody may read of it."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from mobility.core.access import public, signed_in
from mobility.core.database import transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.numbers import whole_number
from mobility.core.paging import page_number, paged
from mobility.core.web import or_404
from mobility.exchanges import queries as exchanges
from mobility.exchanges.models import Exchange
from mobility.findings.operations import want_anew
from mobility.followup.operations import change_consent
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.programmes.models import Call, Programme
from mobility.reviews import cases, consent, exports, grids, operations, overview, queries
from mobility.reviews.competences import MEANS
from mobility.reviews.forms import ConsentForm, LessonsForm, PublishForm, ReopenForm, SeenForm, WithdrawForm
from mobility.reviews.models import Lessons
from mobility.reviews.offering import competences_of
from mobility.reviews.queries import Found
from mobility.reviews.readings import of_rows
from mobility.reviews.sections import AT_A_GLANCE, SECTIONS
from mobility.reviews.words import told

blueprint = Blueprint("reviews", __name__)
NO_CALL = {"call_id": None}
blueprint.add_app_template_global(told, "told_figure")
blueprint.add_app_template_global(grids.place_name, "place_name")
blueprint.add_app_template_global(grids.label, "grid_label")
blueprint.add_app_template_global(grids.short, "grid_short")


@blueprint.app_template_global("lessons_for")
def lessons_for(programme: Programme) -> Any:
    """What closed reviews say, for the pages where rules and calls are set (P18); of one call, those of earlier calls."""
    return queries.lessons_for(programme, (request.view_args or {}).get("call_id"))


# The review


@blueprint.get("/programmes/<int:id>/review", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review")
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
        lessons=queries.newest_lessons(call_id) if call_id else None,
        owns=_owns(id),
    )


def _owns(id: int) -> bool:
    return Role.OWNER in current_user.roles_in_programme(id)


@blueprint.get("/programmes/<int:id>/review/cases/<key>", defaults=NO_CALL)
@blueprint.get("/programmes/<int:id>/calls/<int:call_id>/review/cases/<key>")
@signed_in
def behind(id: int, call_id: int | None, key: str) -> Any:
    """What a figure rests on."""
    found = queries.find(id, call_id, current_user)
    page = or_404(cases.behind(found, key, current_user, page_number()))
    reading = found.readings.get(key)
    title = reading.name if reading else grids.name_of(key)
    return render_template(
        "reviews/cases.html", found=found, programme=found.programme, behind=page, reading=reading, title=title
    )


@blueprint.get("/programmes/<int:id>/review/compare")
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


# Lessons


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/lessons", methods=["GET", "POST"])
@signed_in
def lessons(id: int, call_id: int) -> Any:
    """What to keep, change and stop; with it the owner closes the review. Others of the programme read it."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    call = programmes.find_call(call_id, id)
    newest = queries.newest_lessons(call_id)
    form = LessonsForm(obj=newest)
    if not form.is_submitted():
        form.open_with(newest.number if newest else 0)
        return _lessons_page(programme, call, form)
    programmes.find_as(id, current_user, Role.OWNER)
    if not form.validate():
        return _lessons_page(programme, call, form, status=422)
    try:
        with transaction():
            call = programmes.find_call(call_id, id)
            operations.close_review(call, by=current_user, seen=form.seen_number, **form.lessons())
    except Refusal as refusal:
        return _slower(programme, call_id, form, refusal)
    flash("The review is closed. Whoever sets the rules of the next call will see its lessons.", "success")
    return redirect(url_for(".lessons", id=id, call_id=call_id), 303)


def _slower(programme: Programme, call_id: int, form: SeenForm, refusal: Refusal) -> Any:
    """What was typed stays; what has been saved meanwhile stands in the history on the page."""
    form.refuse(refusal)
    newest = queries.newest_lessons(call_id)
    form.open_with(newest.number if newest else 0)
    return _lessons_page(programmes.find(programme.id), programmes.find_call(call_id, programme.id), form, status=409)


@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/lessons/reopen", methods=["GET", "POST"])
@signed_in
def reopen(id: int, call_id: int) -> Any:
    """A review that was closed too early, or about which more is known now."""
    programme = programmes.find_as(id, current_user, Role.OWNER)
    call = programmes.find_call(call_id, id)
    form = ReopenForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    seen, reason = form.seen_number, form.reason.data or ""
                    operations.reopen_review(programmes.find_call(call_id, id), by=current_user, seen=seen, reason=reason)
                return redirect(url_for(".lessons", id=id, call_id=call_id), 303)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    newest = queries.newest_lessons(call_id)
    form.open_with(newest.number if newest else 0)
    return render_template("reviews/reopen.html", programme=programme, call=call, form=form, newest=newest), status


def _lessons_page(programme: Programme, call: Call, form: LessonsForm, status: int = 200) -> Any:
    history = queries.history_of_lessons(call.id)
    newest: Lessons | None = history[0] if history else None
    page = render_template(
        "reviews/lessons.html",
        programme=programme,
        call=call,
        form=form,
        history=history,
        is_closed=newest is not None and newest.is_closed and status == 200,
        owns=_owns(programme.id),
    )
    return page, status


# Publishing


@blueprint.route("/programmes/<int:id>/review/publish", methods=["GET", "POST"], defaults=NO_CALL)
@blueprint.route("/programmes/<int:id>/calls/<int:call_id>/review/publish", methods=["GET", "POST"])
@signed_in
def publish(id: int, call_id: int | None) -> Any:
    """What would be public, and the button that makes it so."""
    found = queries.find(id, call_id, current_user, Role.OWNER)
    form = PublishForm()
    if not (form.is_submitted() and form.validate()):
        return _publish_page(found, form)
    try:
        with transaction():
            snapshot = operations.publish(programmes.find(id), found, by=current_user, seen=form.seen_number)
            address = url_for(".snapshot", id=snapshot.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _publish_page(queries.find(id, call_id, current_user, Role.OWNER), form, refusal.status)
    flash("Published. Everybody can read it now.", "success")
    return redirect(address, 303)


def _publish_page(found: Found, form: PublishForm, status: int = 200) -> Any:
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
    )
    return page, status


@blueprint.get("/programmes/<int:id>/published")
@signed_in
def published(id: int) -> Any:
    """All snapshots of a programme, also those that were withdrawn."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    return render_template("reviews/published.html", programme=programme, snapshots=queries.snapshots_listed(id), owns=_owns(id))


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
    return render_template("reviews/index.html", page=page, programme_id=programme_id)


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
        named=consent.named(found, queries.tables_of(found.programme_id)),
    )


# What both sides say about publishing


@blueprint.app_template_global("consent_about")
def consent_about(exchange: Exchange) -> consent.Consent | None:
    return consent.about(exchange, current_user)


@blueprint.route("/exchanges/<int:id>/publishing/<any(guest,host):side>", methods=["GET", "POST"])
@signed_in
def publishing(id: int, side: str) -> Any:
    """One side changes its mind, as often as it likes."""
    exchange = exchanges.find(id, current_user)
    said = _said(exchange, side)
    form = ConsentForm(publish=said.key, seen=said.key or "")
    if not form.is_submitted():
        return _publishing_page(exchange, form, said)
    if not form.validate():
        return _publishing_page(exchange, form, said, 422)
    try:
        with transaction():
            exchange = exchanges.find(id, current_user, for_update=True)
            _not_changed(_said(exchange, side), form)
            change_consent(exchange, side=side, publish=form.publish.data, by=current_user)
    except Refusal as refusal:
        form.refuse(refusal)
        exchange = exchanges.find(id, current_user)
        said = _said(exchange, side)
        form.open_at(said.key or "", "seen")
        return _publishing_page(exchange, form, said, refusal.status)
    flash("Changed. It holds at once.", "success")
    return redirect(url_for("exchanges.show", id=id), 303)


def _said(exchange: Exchange, side: str) -> consent.Side:
    """What the reader's side has said; 404 for whoever does not speak for it."""
    found = consent.about(exchange, current_user)
    return or_404(next((each for each in found.sides if each.name == side and each.mine), None) if found else None)


def _not_changed(said: consent.Side, form: ConsentForm) -> None:
    if (said.key or "") != form.seen.data:
        raise EditConflict(said)


def _publishing_page(exchange: Exchange, form: ConsentForm, said: consent.Side, status: int = 200) -> Any:
    return render_template("reviews/publishing.html", exchange=exchange, form=form, said=said), status


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
    found = queries.find(id, call_id, current_user)
    return _file(exports.of_review(found, file), file, f"review-{found.programme.id}-{call_id or 'all'}-{found.as_of}")


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
    return render_template(
        "reviews/overview.html", programme=programme, now=overview.of(programme), owns=_owns(id), calls=queries.calls(programme)
    )


@blueprint.get("/programmes/<int:id>/late")
@signed_in
def late(id: int) -> Any:
    """Every promise that is open and overdue, the oldest first."""
    programme = programmes.find_as(id, current_user, *queries.READERS)
    return render_template("reviews/late.html", programme=programme, page=overview.late(programme, page_number()))
