"""A postcard's page: its journey."""

from typing import Any

from flask import Blueprint, render_template_string
from flask_login import current_user

from mobility.core.access import signed_in
from mobility.core.database import db
from mobility.core.web import or_404
from tests.support.postcards.models import Postcard

PAGE = '{% from "macros/journey.html" import journey %}{{ journey(postcard) }}'

blueprint = Blueprint("postcards", __name__)


@blueprint.get("/postcards/<int:id>")
@signed_in
def show(id: int) -> Any:
    postcard = db.session.get(Postcard, id)
    visible = postcard is not None and postcard.workflow.may_see(current_user, postcard)
    return render_template_string(PAGE, postcard=or_404(postcard if visible else None))
