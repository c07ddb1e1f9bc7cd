"""The public page of an organisation."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from mobility.core.access import public
from mobility.core.web import or_404
from mobility.people import queries
from mobility.people.regions import region_name
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.people.sectors import sector_names
from mobility.people.topics import GROUPS, topic_names

blueprint = Blueprint("people", __name__)
blueprint.add_app_template_filter(topic_names)
blueprint.add_app_template_global(lambda: GROUPS, "topic_groups")


@blueprint.get("/organisations/<int:id>")
@public
def organisation(id: int) -> Any:
    found = or_404(queries.organisation(id))
    if found.merged_into_id:
        return redirect(url_for(".organisation", id=found.merged_into_id), 301)
    return render_template(
        "people/organisation.html",
        organisation=found,
        kind=KIND_LABELS[OrganisationKind(found.kind)],
        region=region_name(found.region),
        sectors=sector_names(found.sectors),
    )
