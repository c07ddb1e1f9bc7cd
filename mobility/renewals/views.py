"""The page on which a programme is copied."""

from typing import Any

from flask import Blueprint, url_for
from flask_login import current_user

from mobility.accounts.proof import asked_again
from mobility.core.access import signed_in
from mobility.core.forms import created
from mobility.core.web import or_404, say
from mobility.programmes import queries as programmes
from mobility.renewals import operations, queries
from mobility.renewals.forms import RenewForm
from mobility.teams.operations import may_lead_programme

blueprint = Blueprint("renewals", __name__)


@blueprint.route("/programmes/<int:id>/copy", methods=["GET", "POST"])
@signed_in
@asked_again
def copy(id: int) -> Any:
    """By an owner, or an administrator."""
    programme = programmes.find(id)
    or_404(programme if may_lead_programme(current_user, programme) else None)
    form = RenewForm(data={"name": programme.name, "with_team": True})

    def create() -> str:
        made = operations.renew(programmes.find(id), by=current_user, **form.given())
        say("Copied. Look through its rules and rates, then put money on its budget lines.", "success")
        return url_for("programmes.show", id=made.id)

    return created(
        form,
        create,
        "renewals/copy.html",
        programme=programme,
        cards=queries.cards_in_force(id),
        lines=queries.latest_lines(id),
        team=[each for each in queries.team(programme) if each.user_id != current_user.id],
    )
